// The exits of an explored function -> its summary for callers.
import { isNoFact, sameFact } from './fact.ts';
import type { Exit } from './explore.ts';
import { failureOf, failuresOfAllocators } from './failed-allocation.ts';
import { preprocessorFacts } from './events.ts';
import type { Frame } from './frame.ts';
import { joinCoarsely, joinOutcomes, perhapsNone, toldApart, withCertainty } from './outcomes.ts';
import { inquiriesOf } from './known-result.ts';
import { testsOf, whenOf } from './needed-conditions.ts';
import type { State } from './state.ts';
import {
  argumentPath,
  NOT_NULL,
  type Outcome,
  type Summary,
  type SummaryStep,
  type SummaryValue,
  valueText,
} from './summary.ts';
import { effectOf } from './thread-state.ts';
import { eventsOf } from './trace.ts';
import {
  type AccessPath,
  type Allocation,
  elementsSlot,
  type Id,
  pathKey,
  type Value,
} from './value.ts';

/** More ways to go than this are not worth telling apart. */
const MAX_OUTCOMES = 16;
/** Beyond, only what is done to blocks keeps them apart. */
const FINE_OUTCOMES = 6;
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
type StaticFacts = Pick<Summary, 'dereferences' | 'mayRaise' | 'untracking' | 'escapesFrom'>;

function summaryOf(
  frame: Frame,
  exits: readonly Exit[],
  { facts, tellsHeapCalls }: { readonly facts: StaticFacts; readonly tellsHeapCalls: boolean },
): Summary | null {
  const all = failuresOfAllocators(exits.map((exit) => outcomeOf(frame, exit)));
  const fine = joinAlike(all, (o) => fineKey(o, tellsHeapCalls), joinOutcomes);
  const few =
    fine.length > FINE_OUTCOMES || fine.every(isAside)
      ? joinAlike(fine, (o) => coarseKey(o, tellsHeapCalls), joinCoarsely)
      : fine;
  if (few.length > MAX_OUTCOMES) return null;
  const outcomes = toldApart(exits.every(({ value }) => value === null) ? few : perhapsNone(few));
  return {
    name: frame.cfg.name,
    outcomes: outcomes.map((o) => withCertainty(o, outcomes)),
    structs: frame.cfg.parameters.flatMap(({ pointsTo }, i) => (pointsTo === null ? [] : [i])),
    dereferences: facts.dereferences,
    mayRaise: facts.mayRaise,
    untracking: facts.untracking,
    escapesFrom: facts.escapesFrom,
    fills: frame.arrays.fills(),
    elementReleases: frame.arrays.releases(),
  };
}

function joinAlike(
  outcomes: readonly Outcome[],
  keyOf: (outcome: Outcome) => string,
  join: (a: Outcome, b: Outcome) => Outcome,
): readonly Outcome[] {
  const distinct = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const key = keyOf(outcome);
    const known = distinct.get(key);
    distinct.set(key, known === undefined ? outcome : join(known, outcome));
  }
  return [...distinct.values()];
}

function stepTexts({ steps }: Outcome): readonly unknown[] {
  return steps.map((s) => [
    s.kind,
    s.kind === 'alloc' ? s.row.name : pathKey(s.path),
    s.kind === 'alloc' ? '' : s.row.name,
  ]);
}

/** Equal for outcomes that are one for every caller. */
function fineKey(outcome: Outcome, tellsHeapCalls: boolean): string {
  return JSON.stringify([
    stepTexts(outcome),
    outcome.assigns.map((a) => [pathKey(a.path), valueText(a.value)]),
    outcome.clobbers.map(pathKey),
    outcome.clobbersGlobals,
    valueText(outcome.returns),
    outcome.thread,
    tellsHeapCalls ? outcome.heapCalls.length > 0 : false,
  ]);
}

/** Equal for outcomes that do the same to blocks, and that a caller cannot tell apart by a constant. */
function coarseKey(outcome: Outcome, tellsHeapCalls: boolean): string {
  const { returns, assigns } = outcome;
  return JSON.stringify([
    stepTexts(outcome),
    assigns.flatMap((a) => (ofBlock(a.value) ? [pathKey(a.path), valueText(a.value)] : [])),
    ofBlock(returns) || returns.kind === 'int' ? valueText(returns) : '',
    outcome.thread,
    tellsHeapCalls ? outcome.heapCalls.length > 0 : false,
  ]);
}

/** What a logger does: nothing to blocks, nothing that the caller gets; at most globals are not what they were. */
function isAside({
  steps,
  assigns,
  clobbers,
  escapes,
  returns,
  thread,
  heapCalls,
}: Outcome): boolean {
  return (
    steps.length === 0 &&
    clobbers.length === 0 &&
    escapes.length === 0 &&
    assigns.every(({ path, value }) => path.root.kind === 'global' && value.kind === 'unknown') &&
    returns.kind === 'unknown' &&
    thread === 'leave' &&
    heapCalls.length === 0
  );
}

/** Of a block, or of what the caller gave. */
function ofBlock({ kind }: SummaryValue): boolean {
  return kind === 'fresh' || kind === 'failure' || kind === 'path';
}

function outcomeOf(frame: Frame, exit: Exit): Outcome {
  const { state, value } = exit;
  const blocks = new Map<Id, number>();
  const steps: SummaryStep[] = [];
  // `free(p - 1)`: of a block that the caller has another pointer to.
  const movedReleases: Id[] = [];
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
          addBlock(frame, state, blocks, steps, event.id, event.allocation);
        }
        break;
      case 'free': {
        const path = pathOf(event.id);
        if (path === null) movedReleases.push(event.id);
        else {
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
        if (path !== null && event.into === null) {
          steps.push({ kind: 'realloc', path, index: null, allocation, release, row: release.row });
        } else if (path !== null) {
          if (event.into !== null && state.heap.get(event.into) === 'live') {
            const index = blocks.size;
            blocks.set(event.into, index);
            steps.push({ kind: 'realloc', path, index, allocation, release, row: release.row });
          } else {
            steps.push({ kind: 'free', path, certainty: 'always', release, row: release.row });
          }
        } else if (event.into !== null && state.heap.has(event.into)) {
          addBlock(frame, state, blocks, steps, event.into, allocation);
        }
        break;
      }
      case 'null':
      case 'assign':
      case 'overwrite':
      case 'branch':
      case 'enter':
      case 'leave':
      case 'thread-state':
        break;
    }
  }
  const summaryValue = (v: Value): SummaryValue => toSummaryValue(frame, state, v, blocks);
  // Of globals that may all have changed, those are told that hold something known.
  const clobbersGlobals = state.versions.has('g:');
  const assigns = assignsOf(frame, state, summaryValue).filter(
    (a) => !clobbersGlobals || a.path.root.kind === 'argument' || a.value.kind !== 'unknown',
  );
  const returns: SummaryValue =
    value === null ? { kind: 'unknown' } : (failureOf(frame, exit) ?? summaryValue(value));
  const reached = new Set(
    [returns, ...assigns.map((a) => a.value)].map((v) => (v.kind === 'fresh' ? v.index : -1)),
  );
  const clobbers = [...state.versions.keys()].flatMap((id) => pathOf(id) ?? []);
  const { tests, relations } = testsOf(frame, state);
  return {
    when: whenOf(frame, state),
    anyOf: [],
    tests,
    relations,
    inquiries: inquiriesOf(frame, state),
    compiledIf: preprocessorFacts(state.facts),
    // A block that the caller cannot reach is none of its business.
    steps: steps.filter((step) => step.kind !== 'alloc' || reached.has(step.index)),
    assigns,
    escapes: notBelow(
      escapesOf(frame, state, { returned: value, movedReleases }, pathOf),
      clobbers,
    ),
    clobbers: notBelow(clobbers, clobbers),
    clobbersGlobals,
    returns,
    thread: effectOf(state.thread),
    heapCalls: state.heapCalls,
  };
}

/** Without what lies in memory that is clobbered as a whole, with all that it leads to. */
function notBelow(
  paths: readonly AccessPath[],
  clobbered: readonly AccessPath[],
): readonly AccessPath[] {
  if (paths.length === 0 || clobbered.length === 0) return paths;
  const keys = new Set(clobbered.map(pathKey));
  return paths.filter(({ root, steps }) =>
    steps.every((_, length) => !keys.has(pathKey({ root, steps: steps.slice(0, length) }))),
  );
}

/** What the caller gave that others know now, or that is held by blocks the caller does not see. */
function escapesOf(
  frame: Frame,
  state: State,
  { returned, movedReleases }: { returned: Value | null; movedReleases: readonly Id[] },
  pathOf: (id: Id) => AccessPath | null,
): Outcome['escapes'] {
  const escapes = new Map<string, AccessPath>();
  const add = (id: Id): void => {
    const path = pathOf(id);
    if (path !== null) escapes.set(pathKey(path), path);
    // A pointer into a block: `(p0~+8)`.
    const origin = frame.origins.get(id);
    if (origin?.kind !== 'arithmetic') return;
    for (const part of [origin.left, origin.right]) {
      if (part.kind !== 'ref') continue;
      add(part.id);
      // Flags tell what a struct holds, and are not followed.
      const { root } = pathOf(part.id) ?? {};
      if (root?.kind === 'argument' && BITWISE.has(origin.operator)) {
        escapes.set(`p${root.index}`, argumentPath(root.index));
      }
    }
  };
  for (const id of [...state.escaped.keys(), ...movedReleases]) add(id);
  for (const [cell, value] of state.cells) {
    if (value.kind !== 'ref') continue;
    const { path, isLocal, root } = frame.factsOf(cell);
    const isHidden = path === null ? !state.isFreed(root) : value.id.startsWith('(');
    if (!isLocal && isHidden) add(value.id);
  }
  // The caller cannot tell the pointer from a number that is made of it.
  if (returned?.kind === 'ref' && returned.id.startsWith('(')) add(returned.id);
  return [...escapes.values()];
}

const BITWISE: ReadonlySet<string> = new Set(['&', '|', '^', '<<', '>>']);

function addBlock(
  frame: Frame,
  state: State,
  blocks: Map<Id, number>,
  steps: SummaryStep[],
  id: Id,
  allocation: Allocation,
): void {
  if (state.heap.get(id) !== 'live' || allocation.isAssumed) return;
  const again = blocks.get(id);
  if (again !== undefined) return;
  const index = blocks.size;
  blocks.set(id, index);
  const isShared = state.escaped.has(id) && state.escaped.get(id) !== 'stored';
  const fact = state.factOf(id);
  const contents = frame.arrays.contentsOf(elementsSlot(id, frame.cfg.name));
  const { row } = allocation;
  steps.push({ kind: 'alloc', index, fact, allocation, row, isShared, contents });
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
  if (/^'[A-Za-z_]\w*'$/.test(value.id)) return { kind: 'named', id: value.id };
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
    if (isNoFact(fact) || (origin.kind === 'borrowed' && sameFact(fact, NOT_NULL))) {
      return { kind: 'lent', as: origin.kind, row: origin.row, fact };
    }
  }
  const fact = state.factOf(value.id);
  // A pointer into a block is not null.
  if (value.interior) return { kind: 'number', fact: NOT_NULL };
  return isNoFact(fact) ? { kind: 'unknown' } : { kind: 'number', fact };
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
