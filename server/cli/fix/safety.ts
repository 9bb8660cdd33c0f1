// Which fixes are made without asking.
import type { Finding, Fix } from '../../finding.ts';

/** Of a finding that is beyond doubt, the fix that changes nothing else; null: there is none. */
export function safeFix({ confidence, fixes }: Finding): Fix | null {
  return confidence === 'definite' ? (fixes.find(({ isSafe: safe }) => safe) ?? null) : null;
}

export function isSafe(finding: Finding): boolean {
  return safeFix(finding) !== null;
}
