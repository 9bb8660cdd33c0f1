// Who holds the blocks that a path allocated: notes the places that let go of one, and tells which
// blocks nobody holds any more. What may be held out of view is never lost.
import type { Span } from '../../simulator/flagged-path.ts';
import { FAMILIES, type Family } from '../../simulator/families.ts';
import { isObjectFamily } from '../knowledge/release.ts';
import { apiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import { type Listener, preprocessorFacts } from './events.ts';
import type { Exit } from './explore.ts';
import type { Frame } from './frame.ts';
import type { Loss } from './loss.ts';
import { RepeatedTests } from './repeated-tests.ts';
import type { State } from './state.ts';
import { argumentPath, type Outcome } from './summary.ts';
import { extend, type Trace, type TraceEvent } from './trace.ts';
import { type CellKey, type Id, type Origin, pathKey, type Release, type Value } from './value.ts';

/** How a place gets another value. */
interface Taking {
  /** The place as written. */
  readonly place: string;
  readonly at: Span;
  /** By a function of the program that was called, not by this one. */
  readonly byCallee?: boolean;
}

/** A place is about to get another value, or its scope ends. */
export function letGo(
  frame: Frame,
  state: State,
  cell: CellKey,
  next: Value | null,
  { place, at, byCallee = false }: Taking,
): void {
  const held = state.cells.get(cell);
  if (held?.kind !== 'ref' || (next?.kind === 'ref' && next.id === held.id)) return;
  // What a callee loses is told where it loses it, once for all its callers.
  const mayLose = next !== null && !byCallee;
  if (mayLose && loseByResize(frame, state, cell, held.id, next, { place, at })) return;
  if (!state.isPrivate(held.id)) return;
  const isScope = next === null;
  state.trace = extend(state.trace, { kind: 'overwrite', id: held.id, place, isScope, at });
}

/** `p = realloc(p, n)` that fails: the old block stays, and its last pointer is gone. */
function loseByResize(
  frame: Frame,
  state: State,
  cell: CellKey,
  id: Id,
  next: Value,
  { place, at }: { readonly place: string; readonly at: Span },
): boolean {
  const failed = failedResize(state.trace);
  if (failed === null || failed.id !== id || !isNull(state, next)) return false;
  for (const [other, held] of state.cells) {
    const isCopy = held.kind === 'ref' && held.id === id;
    if (isCopy && other !== cell && !other.startsWith('%')) return false;
  }
  const origin = frame.origins.get(id);
  // The caller still has what it passed.
  if (origin?.kind === 'initial' && origin.path.steps.length === 0) return false;
  const isOwnPlace = !frame.factsOf(cell).isLocal && !state.escaped.has(id);
  if (!state.isPrivate(id) && (state.heap.has(id) || !isOwnPlace)) return false;
  lose(state, { id, how: 'resize', place, release: failed.release, trace: state.trace, at });
  state.heap.delete(id);
  return true;
}

/** The last thing that happened, if it is a resize that failed. */
function failedResize(trace: Trace | null): (TraceEvent & { kind: 'realloc' }) | null {
  let last = trace;
  // Between the resize and the assignment of its result nothing else happens to blocks.
  while (last !== null && isBetween(last.event)) last = last.previous;
  return last?.event.kind === 'realloc' && last.event.into === null ? last.event : null;
}

function isBetween(event: TraceEvent): boolean {
  switch (event.kind) {
    case 'leave':
    case 'branch':
    case 'null':
      return true;
    case 'alloc':
    case 'assign':
      return event.id.startsWith('failure-');
    default:
      return false;
  }
}

function isNull(state: State, value: Value): boolean {
  if (value.kind === 'int') return value.value === 0;
  if (value.kind !== 'ref') return false;
  const { low, high } = state.factOf(value.id);
  return low === 0 && high === 0;
}

/** What programs keep until they end, or what tells a failure by another value than NULL. */
const UNTOLD: ReadonlySet<Family> = new Set([
  'libc-dl',
  'libc-mmap',
  'win-virtual',
  'win-map',
] as const);

function isTold(frame: Frame, id: Id): boolean {
  const origin = frame.origins.get(id);
  return origin?.kind === 'allocation' && !UNTOLD.has(origin.allocation.family);
}

/** Nothing in the state holds the block: it is lost, if nobody else does. */
export function noteLoss(frame: Frame, state: State, id: Id): void {
  if (!state.isPrivate(id) || !isTold(frame, id)) return;
  const loss = lossOf(frame, state, id);
  if (loss !== null) lose(state, loss);
}

function lossOf(frame: Frame, state: State, id: Id): Loss | null {
  const origin = frame.origins.get(id);
  if (origin?.kind !== 'allocation') return null;
  const last = lastHolder(state.trace, id);
  const loss = { id, release: null, trace: state.trace } as const;
  return last === null
    ? { ...loss, how: 'unused', place: '', at: origin.allocation.calledAt }
    : { ...loss, how: last.isScope ? 'scope' : 'overwritten', place: last.place, at: last.at };
}

function lastHolder(
  trace: Trace | null,
  id: Id,
): { readonly place: string; readonly at: Span; readonly isScope: boolean } | null {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'overwrite' && event.id === id) {
      return { place: event.place, at: event.at, isScope: event.isScope };
    }
  }
  return null;
}

/** A block is released: what only its own memory holds is lost with it. */
export function loseContents(frame: Frame, state: State, id: Id, release: Release, at: Span): void {
  const prefix = `*${id}`;
  const origin = frame.origins.get(id);
  const family = origin?.kind === 'allocation' ? origin.allocation.family : null;
  for (const [cell, held] of state.cells) {
    if (cell !== prefix && !cell.startsWith(`${prefix}.`)) continue;
    if (held.kind !== 'ref' || held.id === id || !state.isPrivate(held.id)) continue;
    const isPlainMemory = family !== null && FAMILIES[family].heap !== null;
    if (
      !isPlainMemory ||
      release.isRealloc ||
      (isObjectFamily(family) && !isMemoryRelease(release))
    ) {
      // Its own release function, or the block that takes its place, has it now.
      state.escape(held);
    } else if (!isHeldOutside(state, held.id, prefix)) {
      const place = held.id;
      lose(state, { id: place, how: 'owner', place: '', release, trace: state.trace, at });
      state.heap.delete(held.id);
    }
  }
}

function isMemoryRelease(release: Release): boolean {
  return release.row.role === 'free' || release.row.role === 'object-free';
}

/** Whether anything but the results of expressions holds it, and but cells of this prefix. */
function isHeldOutside(state: State, id: Id, prefix: string): boolean {
  for (const [cell, held] of state.cells) {
    if (held.kind !== 'ref' || !held.id.includes(id)) continue;
    if (!cell.startsWith('%') && !cell.startsWith(prefix)) return true;
  }
  return false;
}

function lose(state: State, loss: Loss): void {
  state.losses = [...state.losses, loss];
}

/** Tells what is lost on the ways out of the function. */
export function reportLosses(frame: Frame, exits: readonly Exit[], listen: Listener): void {
  const tests = new RepeatedTests(frame.cfg);
  const { lending } = frame;
  const givesPointer = exits.some(({ value }) => value?.kind === 'ref' && isPointer(frame, value));
  const givesValue = exits.some(({ value }) => value !== null);
  for (const { state, value } of exits) {
    if (isFailure(state, value, givesPointer)) continue;
    for (const id of state.escaped.keys()) lending.noteKept(state, id);
  }
  const escaping = new Set(
    exits.flatMap(({ state }) =>
      [...state.escaped.keys()].filter((id) => !lending.isOwn(state, id)).map(siteOf),
    ),
  );
  for (const exit of exits) {
    const { state, value, at } = exit;
    // The end of a function that gives a value elsewhere is not meant to be reached.
    if (value === null && givesValue) continue;
    // After a call out of view an exception tells of a failure that may have ended the block.
    const isOwn = (id: Id): boolean =>
      isFailure(state, value, givesPointer) &&
      lending.isOwn(state, id) &&
      !findsException(state.trace);
    const atEnd = heldByLocals(frame, state, value, isOwn).map((id): Loss => {
      const end = { id, how: 'return', place: '', release: null, trace: state.trace, at } as const;
      return isHeldOutside(state, id, '%') ? end : (lossOf(frame, state, id) ?? end);
    });
    for (const loss of [...state.losses, ...atEnd]) {
      if (tests.contradicts(loss.trace)) continue;
      const { id } = loss;
      // Elsewhere the block gets an owner: only a failure is sure to have none.
      const isOwned = escaping.has(siteOf(id)) && loss.how !== 'resize';
      const fails = loss.how === 'return' && isFailure(state, value, givesPointer);
      const origin = frame.origins.get(id) ?? null;
      listen({
        kind: 'leak',
        subject: { id, origin, interior: false, inside: false, freedBy: null },
        loss,
        isCertain: (!isOwned || fails) && !dependsOn(loss, origin),
        trace: loss.trace,
        compiledIf: preprocessorFacts(state.facts),
        at: loss.at,
      });
    }
  }
}

/** The same for both names that a call gives its blocks. */
function siteOf(id: Id): string {
  return id.replace(/b~$/, '~');
}

function isPointer(frame: Frame, value: Value): boolean {
  const kind = frame.originOf(value)?.kind;
  return kind === 'allocation' || kind === 'reference' || kind === 'borrowed';
}

/** The function reports a failure: a negative number, or NULL where others get a pointer. */
function isFailure(state: State, value: Value | null, givesPointer: boolean): boolean {
  if (value?.kind === 'int') return value.value < 0 || (value.value === 0 && givesPointer);
  if (value?.kind !== 'ref') return false;
  const { low, high } = state.factOf(value.id);
  return high < 0 || (givesPointer && low === 0 && high === 0);
}

/**
 * After the allocation the path depends on how the file is compiled, or on a count of zero: nothing was
 * asked for, and nothing is to be released.
 */
function dependsOn({ id, trace }: Loss, origin: Origin | null): boolean {
  const pointer = origin?.kind === 'allocation' ? origin.allocation.pointer : '';
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'alloc' && event.id === id) return false;
    if (event.kind !== 'branch') continue;
    const { condition, taken } = event;
    if (condition.startsWith('#if ')) return true;
    const isCount = /^\w{3,}$/.test(pointer) && condition.startsWith(`${pointer}_`);
    if (isCount && !taken) return true;
  }
  return false;
}

/** The path goes on because an exception is set, whoever has set it. */
function findsException(trace: Trace | null): boolean {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind !== 'branch' || !event.taken) continue;
    const names = event.condition.match(/[A-Za-z_]\w*(?=\s*\()/g) ?? [];
    if (names.some((name) => apiRow(name)?.asksException === true)) return true;
  }
  return false;
}

/** Live blocks that only locals lead to. */
function heldByLocals(
  frame: Frame,
  state: State,
  returned: Value | null,
  isOwn: (id: Id) => boolean,
): Id[] {
  const live = [...state.heap].flatMap(([id, lifecycle]) => {
    const isPrivate = lifecycle === 'live' && (!state.escaped.has(id) || isOwn(id));
    return isPrivate && isTold(frame, id) ? [id] : [];
  });
  if (live.length === 0) return [];
  const reached = new Set<Id>([...state.escaped.keys()].filter((id) => !live.includes(id)));
  if (returned?.kind === 'address') reached.add(frame.factsOf(returned.cell).root);
  for (const id of live) {
    if (returned?.kind === 'ref' && returned.id.includes(id)) reached.add(id);
  }
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const [cell, held] of state.cells) {
      if (!reached.has(frame.factsOf(cell).root)) continue;
      if (held.kind === 'ref') reached.add(held.id);
      else if (held.kind === 'address') reached.add(frame.factsOf(held.cell).root);
    }
  }
  const lost = live.filter((id) => !reached.has(id));
  // What only a lost block holds is lost with it: one report is enough.
  const inside = new Set<Id>();
  for (const [cell, held] of state.cells) {
    const { root } = frame.factsOf(cell);
    if (held.kind === 'ref' && held.id !== root && lost.includes(root)) inside.add(held.id);
  }
  return lost.filter((id) => !inside.has(id));
}

/** What one call made together is released together: where one of them escapes, so do the others. */
export function exposeSiblings(state: State): void {
  const calls = new Set<string>();
  for (const id of state.escaped.keys()) if (id.startsWith('block')) calls.add(callOf(id));
  for (const id of state.heap.keys()) {
    if (calls.has(callOf(id)) && state.isPrivate(id)) state.escaped.set(id, true);
  }
}

/** `block3.2/1~` -> `block3.2` */
function callOf(id: Id): string {
  return id.slice(0, id.indexOf('/'));
}

/** What is below an argument may be copied by the call: `memcpy(&copy, &original, size)`. */
export function exposeArguments(
  frame: Frame,
  state: State,
  call: CallSite,
  { steps }: Outcome,
): void {
  const released = new Set(
    steps.map((s) => (s.kind !== 'alloc' && s.path.steps.length === 0 ? pathKey(s.path) : '')),
  );
  for (const [i, value] of call.values.entries()) {
    if (released.has(pathKey(argumentPath(i)))) continue;
    if (value.kind === 'address') frame.exposeContents(state, value.cell);
    else if (value.kind === 'ref' && state.isPrivate(value.id)) {
      frame.exposeContents(state, `*${value.id}`);
    }
  }
}
