// Whether a call can go one of its ways, as far as the caller knows what the callee decides by.
import type { CallPaths, CallSite } from './call-site.ts';
import { assumeTruth, compare } from './condition.ts';
import { conjunction, excludes, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import { assumeInquiry } from './known-result.ts';
import type { State } from './state.ts';
import type { Outcome } from './summary.ts';
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

/** The callee goes this way for a null pointer, and nothing says that the caller passes one. */
export function takesForNull(
  paths: CallPaths,
  state: State,
  call: CallSite,
  outcome: Outcome,
): boolean {
  return outcome.when.some(({ path, fact }) => {
    if (fact.low !== 0 || fact.high !== 0) return false;
    const value = paths.valueAt(state, call, path);
    return value.kind === 'unknown' || (value.kind === 'ref' && state.factOf(value.id).high !== 0);
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
