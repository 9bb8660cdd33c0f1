// Which fixes are made without asking.
import type { Finding } from '../../finding.ts';

/** A fix is safe where the finding is beyond doubt: both ends of the block are on one path. */
export function isSafe({ confidence }: Finding): boolean {
  return confidence === 'definite';
}
