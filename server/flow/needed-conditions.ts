// What held at the exits of a function and its caller can decide, too.
import type { Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { isTold, type Outcome } from './summary.ts';
import type { AccessPath, Id, Value } from './value.ts';

/** What the function needs to have been true of what it was given. */
export function whenOf(frame: Frame, state: State): Outcome['when'] {
  const when: { path: AccessPath; fact: Fact }[] = [];
  for (const [id, fact] of state.facts) {
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'initial' || origin.path.root.kind !== 'argument') continue;
    if (isTold(origin.path)) when.push({ path: origin.path, fact });
  }
  return when;
}

/** Comparisons that the caller can decide, too: with named constants, and of two paths. */
export function testsOf(frame: Frame, state: State): Pick<Outcome, 'tests' | 'relations'> {
  const tests: { path: AccessPath; constant: Id; equal: boolean }[] = [];
  const relations: { left: AccessPath; right: AccessPath; equal: boolean }[] = [];
  const pathOf = (value: Value): AccessPath | null => {
    const origin =
      value.kind === 'ref' && !value.interior ? frame.origins.get(value.id) : undefined;
    const isGiven = origin?.kind === 'initial' && origin.path.root.kind === 'argument';
    return isGiven ? origin.path : null;
  };
  for (const [id, fact] of state.facts) {
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'comparison' || origin.operator !== '==') continue;
    const isFalse = fact.low === 0 && fact.high === 0;
    if (!isFalse && !fact.not.includes(0)) continue;
    const right = pathOf(origin.right);
    if (right === null || origin.left.kind !== 'ref') continue;
    const left = pathOf(origin.left);
    if (origin.left.id.startsWith("'")) {
      tests.push({ path: right, constant: origin.left.id, equal: !isFalse });
    } else if (left !== null) relations.push({ left, right, equal: !isFalse });
  }
  return { tests, relations };
}
