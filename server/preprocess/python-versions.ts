// What every Python 3 in use says to a test of its version. Follows Include/patchlevel.h.
import type { Comparison } from './condition.ts';

/** The lowest and the highest value of a macro. */
const RANGES: ReadonlyMap<string, readonly [low: number, high: number]> = new Map([
  ['PY_MAJOR_VERSION', [3, 3]],
  // Releases before 3.4 have no sources left that anybody builds.
  ['PY_MINOR_VERSION', [4, 0xff]],
  ['PY_VERSION_HEX', [0x03040000, 0x03ffffff]],
]);

/** Whether the comparison holds for all of them; null: they differ, or it asks for something else. */
export function holdsForPython3({ operator, left, right }: Comparison): boolean | null {
  const range = RANGES.get(left);
  if (range === undefined) return null;
  const [low, high] = range;
  switch (operator) {
    case '<':
      return high < right ? true : low >= right ? false : null;
    case '<=':
      return high <= right ? true : low > right ? false : null;
    case '>':
      return low > right ? true : high <= right ? false : null;
    case '>=':
      return low >= right ? true : high < right ? false : null;
    case '==':
      return right < low || right > high ? false : low === high ? true : null;
    case '!=':
      return right < low || right > high ? true : low === high ? false : null;
  }
}
