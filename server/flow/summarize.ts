// The exits of an explored function -> its summary for callers.
import { ANYTHING, conjunction, type Fact, isNoFact, joinFacts, sameFact } from './fact.ts';
import type { Exit } from './explore.ts';
import { failureOf, failuresOfAllocators } from './failed-allocation.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import {
  NOT_NULL,
  type Outcome,
  type Summary,
  type SummaryStep,
  type SummaryValue,
} from './summary.ts';
import { isSameCall } from './heap-call.ts';
import { effectOf } from './thread-state.ts';
import { eventsOf } from './trace.ts';
import { type AccessPath, type Id, pathKey, type Value } from './value.ts';

/** More ways to go than this are not worth telling apart. */
const MAX_OUTCOMES = 16;
const MAX_PATH_STEPS = 6;

/** null: the function's effect is not known. */
export function summarize(
  frame: Frame,
  exits: readonly Exit[],
  facts: StaticFacts,
): Summary | null {
  return (
    summaryOf(frame, exits, { facts, tellsHeapCalls: true }) ??
    summaryOf(frame, exits, { facts, tellsHeapCalls: false })
  );
}

/** What is read off the instructions alone. */
type StaticFacts = Pick<Summary, 'dereferences' | 'mayRaise'>;

function summaryOf(
  frame: Frame,
  exits: readonly Exit[],
  { facts, tellsHeapCalls }: { readonly facts: StaticFacts; readonly tellsHeapCalls: boolean },
): Summary | null {
  const distinct = new Map<string, Outcome>();
  for (const outcome of failuresOfAllocators(exits.map((exit) => outcomeOf(frame, exit)))) {
    const key = JSON.stringify([
      outcome.steps.map((s) => [
        s.kind,
        s.kind === 'alloc' ? s.row.name : pathKey(s.path),
        s.kind === 'alloc' ? '' : s.row.name,
      ]),
      outcome.assigns.map((a) => [pathKey(a.path), valueText(a.value)]),
      outcome.clobbers.map(pathKey),
      outcome.clobbersGlobals,
      valueText(outcome.returns),
      outcome.thread,
      tellsHeapCalls ? outcome.heapCalls.length > 0 : false,
    ]);
    const known = distinct.get(key);
    distinct.set(key, known === undefined ? outcome : joinOutcomes(known, outcome));
    if (distinct.size > MAX_OUTCOMES) return null;
  }
  const outcomes = [...distinct.values()];
  return {
    name: frame.cfg.name,
    outcomes: outcomes.map((o) => withCertainty(o, outcomes)),
    ...facts,
  };
}

/** A release is certain when every way to go that the caller cannot tell apart releases as well. */
function withCertainty(outcome: Outcome, all: readonly Outcome[]): Outcome {
  const steps = outcome.steps.map((step) => {
    if (step.kind !== 'free' && step.kind !== 'drop') return step;
    const key = pathKey(step.path);
    const alike = all.filter((other) => canLookAlike(outcome, other));
    const others = alike.map((other) =>
      other.steps.find((t) => t.kind !== 'alloc' && pathKey(t.path) === key),
    );
    if (step.kind === 'drop') {
      return others.includes(undefined) ? { ...step, certainty: 'sometimes' as const } : step;
    }
    if (others.some((t) => t?.kind === 'free' && t.row.family !== step.row.family)) {
      return { ...step, certainty: 'ambiguous' as const };
    }
    return others.includes(undefined) ? { ...step, certainty: 'sometimes' as const } : step;
  });
  return { ...outcome, steps };
}

function canLookAlike(a: Outcome, b: Outcome): boolean {
  const apart = a.when.some(({ path, fact }) => {
    const other = b.when.find((w) => pathKey(w.path) === pathKey(path));
    return other !== undefined && conjunction(fact, other.fact) === null;
  });
  if (apart) return false;
  const differs = a.tests.some((test) =>
    b.tests.some(
      (other) =>
        pathKey(test.path) === pathKey(other.path) &&
        (test.constant === other.constant) !== (test.equal === other.equal) &&
        (test.equal || other.equal),
    ),
  );
  if (differs) return false;
  for (const [id, fact] of a.compiledIf) {
    const other = b.compiledIf.get(id);
    if (other !== undefined && conjunction(fact, other) === null) return false;
  }
  return conjunction(factOfReturn(a.returns), factOfReturn(b.returns)) !== null;
}

function factOfReturn(value: SummaryValue): Fact {
  switch (value.kind) {
    case 'int':
      return { low: value.value, high: value.value, not: [] };
    case 'failure':
      return { low: 0, high: 0, not: [] };
    case 'number':
      return value.fact;
    case 'fresh':
    case 'function':
      return NOT_NULL;
    case 'path':
    case 'lent':
    case 'input':
    case 'unknown':
      return ANYTHING;
    case 'stack':
      return NOT_NULL;
  }
}

function valueText(value: SummaryValue): string {
  switch (value.kind) {
    case 'int':
      return `i${value.value}`;
    case 'function':
      return `f${value.name}`;
    case 'path':
      return `p${pathKey(value.path)}${value.interior ? '+' : ''}${value.inside ? '+' : ''}`;
    case 'fresh':
      return `b${value.index}`;
    case 'failure':
      return `f0 ${value.row.name}`;
    case 'lent':
      return `l${value.row.name}`;
    case 'input':
      return `in ${value.row.name}`;
    case 'number':
      return `n${value.fact.low},${value.fact.high},${value.fact.not.join(',')}`;
    case 'stack':
      return 's';
    case 'unknown':
      return '?';
  }
}

function joinOutcomes(a: Outcome, b: Outcome): Outcome {
  const when = a.when.flatMap(({ path, fact }) => {
    const other = b.when.find((w) => pathKey(w.path) === pathKey(path));
    if (other === undefined) return [];
    const joined = joinFacts(fact, other.fact);
    return isNoFact(joined) ? [] : [{ path, fact: joined }];
  });
  const compiledIf = new Map<string, Fact>();
  for (const [id, fact] of a.compiledIf) {
    const other = b.compiledIf.get(id);
    if (other !== undefined && sameFact(fact, other)) compiledIf.set(id, fact);
  }
  const tests = a.tests.filter((test) =>
    b.tests.some(
      (other) =>
        pathKey(test.path) === pathKey(other.path) &&
        test.constant === other.constant &&
        test.equal === other.equal,
    ),
  );
  const seen = new Set(a.escapes.map(pathKey));
  const escapes = [...a.escapes, ...b.escapes.filter((path) => !seen.has(pathKey(path)))];
  const steps = a.steps.map((step, i) => {
    const other = b.steps[i];
    const isShared = step.kind === 'alloc' && other?.kind === 'alloc' && other.isShared;
    return isShared ? { ...step, isShared } : step;
  });
  const heapCalls = a.heapCalls.filter((call) => b.heapCalls.some((c) => isSameCall(call, c)));
  return { ...a, when, tests, compiledIf, steps, escapes, heapCalls };
}

function outcomeOf(frame: Frame, exit: Exit): Outcome {
  const { state, value } = exit;
  const blocks = new Map<Id, number>();
  const steps: SummaryStep[] = [];
  const pathOf = (id: Id): AccessPath | null => {
    const origin = frame.origins.get(id);
    return origin?.kind === 'initial' && origin.path.steps.length <= MAX_PATH_STEPS
      ? origin.path
      : null;
  };
  for (const event of eventsOf(state.trace)) {
    switch (event.kind) {
      case 'alloc':
        if (state.heap.has(event.id)) {
          addBlock(state, blocks, steps, event.id, event.allocation);
        }
        break;
      case 'free': {
        const path = pathOf(event.id);
        if (path !== null) {
          const { release } = event;
          steps.push({ kind: 'free', path, certainty: 'always', release, row: release.row });
        }
        break;
      }
      case 'drop': {
        const path = pathOf(event.id);
        const { release } = event;
        if (path !== null && state.heap.get(event.id) === 'dropped') {
          steps.push({ kind: 'drop', path, certainty: 'always', release, row: release.row });
        }
        break;
      }
      case 'realloc': {
        const path = pathOf(event.id);
        const { release, allocation } = event;
        if (path !== null) {
          if (event.into !== null && state.heap.has(event.into)) {
            const index = blocks.size;
            blocks.set(event.into, index);
            steps.push({ kind: 'realloc', path, index, allocation, release, row: release.row });
          } else {
            steps.push({ kind: 'free', path, certainty: 'always', release, row: release.row });
          }
        } else if (event.into !== null && state.heap.has(event.into)) {
          addBlock(state, blocks, steps, event.into, allocation);
        }
        break;
      }
      case 'null':
      case 'assign':
      case 'branch':
      case 'enter':
      case 'leave':
      case 'thread-state':
        break;
    }
  }
  const summaryValue = (v: Value): SummaryValue => toSummaryValue(frame, state, v, blocks);
  const assigns = assignsOf(frame, state, summaryValue);
  const returns: SummaryValue =
    value === null ? { kind: 'unknown' } : (failureOf(frame, exit) ?? summaryValue(value));
  const reached = new Set(
    [returns, ...assigns.map((a) => a.value)].map((v) => (v.kind === 'fresh' ? v.index : -1)),
  );
  return {
    when: whenOf(frame, state),
    tests: testsOf(frame, state),
    compiledIf: new Map([...state.facts].filter(([id]) => id.startsWith("'#if "))),
    // A block that the caller cannot reach is none of its business.
    steps: steps.filter((step) => step.kind !== 'alloc' || reached.has(step.index)),
    assigns,
    escapes: [...state.escaped.keys()].flatMap((id) => {
      const path = pathOf(id);
      return path !== null && path.steps.length <= 2 ? [path] : [];
    }),
    clobbers: [...state.versions.keys()].flatMap((id) => pathOf(id) ?? []),
    clobbersGlobals: state.versions.has('g:'),
    returns,
    thread: effectOf(state.thread),
    heapCalls: state.heapCalls,
  };
}

function addBlock(
  state: State,
  blocks: Map<Id, number>,
  steps: SummaryStep[],
  id: Id,
  allocation: Parameters<typeof newBlock>[1],
): void {
  if (state.heap.get(id) !== 'live') return;
  const again = blocks.get(id);
  if (again !== undefined) return;
  const index = blocks.size;
  blocks.set(id, index);
  // Who else holds a block of memory does not change what it is; a reference does.
  const isShared = allocation.row.role === 'object-alloc' && state.escaped.has(id);
  steps.push(newBlock(index, allocation, state.factOf(id), isShared));
}

function newBlock(
  index: number,
  allocation: NonNullable<(SummaryStep & { kind: 'alloc' })['allocation']>,
  fact: Fact,
  isShared: boolean,
): SummaryStep {
  return { kind: 'alloc', index, fact, allocation, row: allocation.row, isShared };
}

function toSummaryValue(
  frame: Frame,
  state: State,
  value: Value,
  blocks: ReadonlyMap<Id, number>,
): SummaryValue {
  if (value.kind === 'int') return { kind: 'int', value: value.value };
  if (value.kind === 'function') return { kind: 'function', name: value.name };
  if (value.kind === 'text' || value.kind === 'address') return { kind: 'number', fact: NOT_NULL };
  if (value.kind === 'unknown') return { kind: 'unknown' };
  const index = blocks.get(value.id);
  if (index !== undefined && !value.interior) return { kind: 'fresh', index };
  const origin = frame.origins.get(value.id);
  if (origin?.kind === 'failure') return { kind: 'int', value: 0 };
  if (origin?.kind === 'initial' && origin.path.steps.length <= MAX_PATH_STEPS) {
    const { interior, inside } = value;
    return { kind: 'path', path: origin.path, interior, inside };
  }
  if (origin?.kind === 'input' && !frame.bounded.has(value.id)) {
    if (isNoFact(state.factOf(value.id))) return { kind: 'input', row: origin.row };
  }
  if (origin?.kind === 'borrowed' || origin?.kind === 'reference') {
    const fact = state.factOf(value.id);
    if (isNoFact(fact)) return { kind: 'lent', as: origin.kind, row: origin.row };
  }
  const fact = state.factOf(value.id);
  return isNoFact(fact) || value.interior ? { kind: 'unknown' } : { kind: 'number', fact };
}

/** What the function needs to have been true of what it was given. */
function whenOf(frame: Frame, state: State): Outcome['when'] {
  const when: { path: AccessPath; fact: Fact }[] = [];
  for (const [id, fact] of state.facts) {
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'initial' || origin.path.root.kind !== 'argument') continue;
    if (origin.path.steps.length <= 2) when.push({ path: origin.path, fact });
  }
  return when;
}

/** Comparisons with named constants that the caller can decide, too. */
function testsOf(frame: Frame, state: State): Outcome['tests'] {
  const tests: { path: AccessPath; constant: Id; equal: boolean }[] = [];
  for (const [id, fact] of state.facts) {
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'comparison' || origin.operator !== '==') continue;
    const { left, right } = origin;
    if (left.kind !== 'ref' || right.kind !== 'ref' || !left.id.startsWith("'")) continue;
    const value = frame.origins.get(right.id);
    if (value?.kind !== 'initial' || value.path.root.kind !== 'argument') continue;
    const isFalse = fact.low === 0 && fact.high === 0;
    if (!isFalse && !fact.not.includes(0)) continue;
    tests.push({ path: value.path, constant: left.id, equal: !isFalse });
  }
  return tests;
}

/** The cells of the caller that hold something else than at entry. */
function assignsOf(
  frame: Frame,
  state: State,
  summaryValue: (value: Value) => SummaryValue,
): Outcome['assigns'] {
  const assigns: { path: AccessPath; value: SummaryValue }[] = [];
  for (const [cell, value] of state.cells) {
    const { path } = frame.factsOf(cell);
    if (path === null || path.steps.length > MAX_PATH_STEPS) continue;
    const origin = frame.originOf(value);
    const isUnchanged =
      origin?.kind === 'initial' &&
      value.kind === 'ref' &&
      !value.interior &&
      pathKey(origin.path) === pathKey(path);
    if (!isUnchanged) assigns.push({ path, value: summaryValue(value) });
  }
  return assigns;
}
