// Whether a call can go one of its ways, as far as the caller knows what the callee decides by.
import type { CallPaths, CallSite } from './call-site.ts';
import { assumeTruth, compare } from './condition.ts';
import { conjunction, excludes, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import { assumeInquiry } from './known-result.ts';
import type { State } from './state.ts';
import { NOT_NULL, type Outcome, type Summary, type When } from './summary.ts';
import { ref, type Value } from './value.ts';

/** Takes the path to go the way of the outcome; false: it cannot. */
export function isPossible(
  frame: Frame,
  paths: CallPaths,
  state: State,
  call: CallSite,
  outcome: Outcome,
): boolean {
  for (const { path, fact } of outcome.when) {
    if (!assumeFact(frame, state, paths.valueAt(state, call, path), fact)) return false;
  }
  if (!assumeOneOf(frame, paths, state, call, outcome)) return false;
  for (const { path, constant, equal } of outcome.tests) {
    const value = paths.valueAt(state, call, path);
    const other: Value = constant.startsWith('f:')
      ? { kind: 'function', name: constant.slice(2) }
      : ref(constant);
    const test = compare(frame, state, '==', other, value);
    if (!assumeTruth(frame, state, test, equal)) return false;
  }
  for (const { left, right, equal } of outcome.relations) {
    const [a, b] = [left, right].map((path) => paths.valueAt(state, call, path));
    const test = compare(frame, state, '==', a!, b!);
    if (!assumeTruth(frame, state, test, equal)) return false;
  }
  if (!outcome.inquiries.every((i) => assumeInquiry(frame, state, call, i))) return false;
  for (const [id, fact] of outcome.compiledIf) {
    const both = conjunction(state.factOf(id), fact);
    if (both === null) return false;
    state.facts.set(id, both);
  }
  return true;
}

/** One of the alternatives has to hold; where only one can, it does. */
function assumeOneOf(
  frame: Frame,
  paths: CallPaths,
  state: State,
  call: CallSite,
  { anyOf }: Outcome,
): boolean {
  if (anyOf.length === 0) return true;
  const possible = anyOf.filter((when) => canBe(paths, state, call, when));
  const [only] = possible;
  if (only === undefined || possible.length > 1) return only !== undefined;
  return only.every(({ path, fact }) =>
    assumeFact(frame, state, paths.valueAt(state, call, path), fact),
  );
}

function canBe(paths: CallPaths, state: State, call: CallSite, when: When): boolean {
  return when.every(({ path, fact }) => canHold(state, paths.valueAt(state, call, path), fact));
}

function canHold(state: State, value: Value, fact: Fact): boolean {
  if (value.kind === 'int') return !excludes(fact, value.value);
  if (value.kind !== 'ref') return true;
  const known = value.interior ? NOT_NULL : state.factOf(value.id);
  return conjunction(known, fact) !== null;
}

/** The callee goes this way for a null pointer, and nothing says that the caller passes one. */
export function takesForNull(
  paths: CallPaths,
  state: State,
  call: CallSite,
  { when, anyOf }: Pick<Outcome, 'when' | 'anyOf'>,
): boolean {
  const isGuess = ({ path, fact }: When[number]): boolean => {
    if (fact.low !== 0 || fact.high !== 0) return false;
    const value = paths.valueAt(state, call, path);
    return value.kind === 'unknown' || (value.kind === 'ref' && state.factOf(value.id).high !== 0);
  };
  if (when.some(isGuess)) return true;
  return anyOf.length > 0 && anyOf.every((way) => way.some(isGuess));
}

/** The same of a struct that it works on: `if (list == NULL) return -1;` is there for what nobody passes. */
export function refuses(
  paths: CallPaths,
  state: State,
  call: CallSite,
  { summary, outcome }: { readonly summary: Summary; readonly outcome: Outcome },
): boolean {
  if (summary.structs.length === 0) return false;
  const ofStructs = (when: When): When =>
    when.filter(
      ({ path: { root, steps } }) =>
        root.kind === 'argument' && steps.length === 0 && summary.structs.includes(root.index),
    );
  const possible = outcome.anyOf.filter((when) => canBe(paths, state, call, when));
  return takesForNull(paths, state, call, {
    when: ofStructs(outcome.when),
    anyOf: possible.map(ofStructs),
  });
}

function assumeFact(frame: Frame, state: State, value: Value, fact: Fact): boolean {
  if (value.kind === 'int') {
    return !excludes(fact, value.value);
  }
  if (value.kind === 'unknown') return true;
  const isNull = fact.low === 0 && fact.high === 0;
  if (isNull || fact.not.includes(0)) {
    if (!assumeTruth(frame, state, value, !isNull)) return false;
  }
  if (value.kind !== 'ref' || value.interior || isNull) return true;
  const both = conjunction(state.factOf(value.id), fact);
  if (both === null) return false;
  state.facts.set(value.id, both);
  return true;
}
