// Functions that give a new block at times and lend one at times.
import { conjunction } from './fact.ts';
import type { State } from './state.ts';
import type { Outcome, Summary } from './summary.ts';
import { pathKey } from './value.ts';

/** It gives a new block at times and lends one at times, and no argument tells which. */
export function ownsErratically({ outcomes }: Summary): boolean {
  const lent = outcomes.filter((o) => o.returns.kind === 'lent');
  if (lent.length === 0) return false;
  const fresh = outcomes.filter((o) => o.returns.kind === 'fresh');
  return fresh.some((f) => lent.some((l) => !excludeEachOther(f, l)));
}

function excludeEachOther(a: Outcome, b: Outcome): boolean {
  return a.when.some((mine) =>
    b.when.some(
      (theirs) =>
        pathKey(mine.path) === pathKey(theirs.path) && conjunction(mine.fact, theirs.fact) === null,
    ),
  );
}

/**
 * What such a function goes by, a setting or a version, is the same each time on a path; false: it
 * went the other way before. Incomplete: it may go by what the argument points to.
 */
export function assumeOwnership(state: State, name: string, { returns }: Outcome): boolean {
  if (returns.kind !== 'lent' && returns.kind !== 'fresh') return true;
  return state.assume(`ownership of ${name}()`, '==', returns.kind === 'fresh' ? 1 : 2);
}
