// Whether a path shows nothing wrong on the simulated heap, neither on a release build nor under the debug
// hooks: the test of a fix.
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE } from '../../simulator/target.ts';

/** A path that is replayed while somebody waits. */
const MAX_STEPS = 400;

/** False, too, where it cannot be told. */
export function replaysClean(path: FlaggedPath | null): boolean {
  if (path === null || path.steps.length > MAX_STEPS) return false;
  try {
    return [RELEASE, DEBUG].every((target) => replay(path, target).outcome.verdict === 'clean');
  } catch {
    return false;
  }
}
