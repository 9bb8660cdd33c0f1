// Who holds the blocks that a path allocated: notes the places that let go of one, and tells which
// blocks nobody holds any more. What may be held out of view is never lost.
import type { Span } from '../../simulator/flagged-path.ts';
import { familyFacts, type Family } from '../../simulator/families.ts';
import { isObjectFamily } from '../knowledge/release.ts';
import type { ApiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import type { Frame } from './frame.ts';
import { lend } from './lending.ts';
import type { Loss } from './loss.ts';
import type { State } from './state.ts';
import { MAX_WHEN_STEPS, type Outcome } from './summary.ts';
import { extend, type Trace, type TraceEvent } from './trace.ts';
import {
  type AccessPath,
  type CellKey,
  type Id,
  type Release,
  UNKNOWN,
  type Value,
} from './value.ts';

/** How a place gets another value. */
interface Taking {
  /** The place as written. */
  readonly place: () => string;
  readonly at: Span;
  /** By a function of the program that was called, not by this one. */
  readonly byCallee?: boolean;
  /** How far below what the callee was given: beyond some steps its summary does not say what it found there. */
  readonly depth?: number;
}

/** A place is about to get another value, or its scope ends. */
export function letGo(
  frame: Frame,
  state: State,
  cell: CellKey,
  next: Value | null,
  { place, at, byCallee = false, depth = 0 }: Taking,
): void {
  const held = state.cells.get(cell);
  if (held?.kind !== 'ref' || (next?.kind === 'ref' && next.id === held.id)) return;
  // What a callee loses is told where it loses it, once for all its callers.
  const mayLose = next !== null && !byCallee;
  if (mayLose && loseByResize(frame, state, cell, held.id, next, { place, at })) return;
  if (!state.isPrivate(held.id)) return;
  // Of the ways that the callee may have gone one may have released it, to put this in its place.
  if (byCallee && next !== null && (depth > MAX_WHEN_STEPS || isUndetermined(frame, next))) {
    state.escape(held);
    return;
  }
  const isScope = next === null;
  state.trace = extend(state.trace, {
    kind: 'overwrite',
    id: held.id,
    place: place(),
    isScope,
    at,
  });
}

function isUndetermined(frame: Frame, value: Value): boolean {
  return value.kind === 'unknown' || frame.originOf(value)?.kind === 'opaque';
}

/** `p = realloc(p, n)` that fails: the old block stays, and its last pointer is gone. */
function loseByResize(
  frame: Frame,
  state: State,
  cell: CellKey,
  id: Id,
  next: Value,
  { place, at }: Taking,
): boolean {
  const failed = failedResize(state.trace);
  if (failed === null || asksSize(state.trace, failed) || failed.id !== id || !isNull(state, next))
    return false;
  for (const [other, held] of state.cells) {
    const isCopy = held.kind === 'ref' && held.id === id;
    if (isCopy && other !== cell && !other.startsWith('%')) return false;
  }
  const origin = frame.origins.get(id);
  // The caller still has what it passed.
  if (origin?.kind === 'initial' && origin.path.steps.length === 0) return false;
  const isOwnPlace = !frame.factsOf(cell).isLocal && !state.escaped.has(id);
  if (!state.isPrivate(id) && (state.heap.has(id) || !isOwnPlace)) return false;
  lose(state, {
    id,
    how: 'resize',
    place: place(),
    release: failed.release,
    trace: state.trace,
    at,
  });
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

/** `if (p == NULL && size != 0)`: where nothing was asked for, NULL is no failure. */
function asksSize(trace: Trace | null, { allocation }: TraceEvent & { kind: 'realloc' }): boolean {
  const size = inTokens(allocation.size.source ?? '');
  if (size === '') return false;
  for (let t = trace; t !== null && t.event.kind !== 'realloc'; t = t.previous) {
    if (t.event.kind !== 'branch') continue;
    const condition = inTokens(t.event.condition);
    if (condition.includes(size) || isZeroFactor(condition, size, t.event.taken)) return true;
  }
  return false;
}

/** `n != 0` was false, of the size `n * 8` or `bytesFor(n)`. */
function isZeroFactor(condition: string, size: string, taken: boolean): boolean {
  const [, name, operator] = /^ (\w+) (?:(! =|= =|>) 0 )?$/.exec(condition) ?? [];
  if (name === undefined || size.includes(' + ') || !size.includes(` ${name} `)) return false;
  return taken === (operator === '= =');
}

/** `size*count` and `size  * count` are both ` size * count `; ` size ` is not in ` sizes `. */
function inTokens(text: string): string {
  const tokens = text.match(/\w+|[^\s\w]/g) ?? [];
  return tokens.length === 0 ? '' : ` ${tokens.join(' ')} `;
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

export function isTold(frame: Frame, id: Id): boolean {
  const origin = frame.origins.get(id);
  return origin?.kind === 'allocation' && !UNTOLD.has(origin.allocation.family);
}

/** Nothing in the state holds the block: it is lost, if nobody else does. */
export function noteLoss(frame: Frame, state: State, id: Id): void {
  if (!state.isPrivate(id) || !isTold(frame, id)) return;
  const loss = lossOf(frame, state, id);
  if (loss !== null) lose(state, loss);
}

export function lossOf(frame: Frame, state: State, id: Id): Loss | null {
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
    const isPlainMemory = family !== null && familyFacts(family).heap !== null;
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
export function isHeldOutside(state: State, id: Id, prefix: string): boolean {
  for (const [cell, held] of state.cells) {
    if (held.kind !== 'ref' || !held.id.includes(id)) continue;
    if (!cell.startsWith('%') && !cell.startsWith(prefix)) return true;
  }
  return false;
}

function lose(state: State, loss: Loss): void {
  state.losses = [...state.losses, loss];
}

/** What one call made together is released together: where one of them escapes, so do the others. */
export function exposeSiblings(state: State): void {
  const calls = new Set<string>();
  for (const id of state.escaped.keys()) if (id.startsWith('block')) calls.add(callOf(id));
  for (const id of state.heap.keys()) {
    if (calls.has(callOf(id)) && state.isPrivate(id)) state.escaped.set(id, true);
  }
}

/** It is stored nowhere but in what the caller passed: who else can reach that, the caller knows. */
export function isGivenOnly(frame: Frame, state: State, id: Id): boolean {
  if (state.escaped.get(id) !== 'stored') return false;
  let isGiven = false;
  for (const [cell, held] of state.cells) {
    if (held.kind !== 'ref' || held.id !== id) continue;
    const { isLocal, path } = frame.factsOf(cell);
    if (isLocal) continue;
    if (path?.root.kind !== 'argument') return false;
    isGiven = true;
  }
  return isGiven;
}

/** `block3.2/1~` -> `block3.2` */
export function callOf(id: Id): string {
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
    steps.map((s) =>
      s.kind !== 'alloc' && s.path.root.kind === 'argument' ? s.path.root.index : -1,
    ),
  );
  for (const [i, value] of call.values.entries()) {
    if (released.has(i)) continue;
    if (value.kind === 'address') frame.exposeContents(state, value.cell);
    else if (value.kind === 'ref' && state.isPrivate(value.id)) {
      frame.exposeContents(state, `*${value.id}`);
    }
  }
}

/**
 * What code out of view may reach after a call. Members are told before the call releases anything: what a struct
 * holds is not lost with it where somebody else has it.
 */
export function exposeReached(
  frame: Frame,
  state: State,
  call: CallSite,
  { escapes }: Outcome,
  { values, which }: { readonly values: readonly Value[]; readonly which: 'members' | 'arguments' },
): void {
  escapes.forEach(({ root, steps }, i) => {
    if (steps.length > 0 !== (which === 'members')) return;
    const isArgument = call.isAnalyzed && root.kind === 'argument' && steps.length === 0;
    if (isArgument && lend(state, values[i]!, call, root.index)) return;
    frame.expose(state, values[i]!);
  });
}

/**
 * In a loop a callee releases something in a struct that has lost its name, `queue->first`: what else the struct
 * leads to may be linked from there.
 */
export function exposeLinked(
  frame: Frame,
  state: State,
  given: readonly Value[],
  { root, steps }: AccessPath,
  released: Value,
): void {
  if (!frame.isRepeated || root.kind !== 'argument' || steps.length === 0) return;
  const isNamed =
    released.kind === 'int' || (released.kind === 'ref' && state.heap.has(released.id));
  const argument = given[root.index];
  if (isNamed || argument === undefined) return;
  const cell = frame.memoryCell(argument);
  if (cell !== null) frame.exposeContents(state, cell);
}

/** `list = sorted(list, rest)`: where what comes back is not known, it may be any of what was given. */
export function exposeResult(state: State, call: CallSite, { returns }: Outcome): void {
  if (!call.isAnalyzed || (returns.kind !== 'unknown' && returns.kind !== 'number')) return;
  if (!call.arguments.some(({ text }) => text !== '' && text === call.boundTo)) return;
  for (const value of call.values) {
    if (value.kind === 'ref' && state.isPrivate(value.id)) state.escape(value);
  }
}

/** `p = strtok(p, "/")`: it gives the start of the block as a rule, and is seldom asked whether it gave NULL. */
export function exposeMoved(
  state: State,
  call: CallSite,
  { returns }: Outcome,
  row: ApiRow | undefined,
): void {
  if (row === undefined || !row.returnsStart || returns.kind !== 'int') return;
  const moved = call.values[row.returnsInterior ?? 0];
  const isSame = call.arguments[row.returnsInterior ?? 0]?.text === call.boundTo;
  if (isSame && moved?.kind === 'ref' && state.isPrivate(moved.id)) state.escape(moved);
}

/**
 * `n->prev->next = n->next; free(n);`: a member that held the node may be the one that holds its neighbor now.
 * `targets`: what the steps of the outcome are about.
 */
export function forgetUnlinked(
  state: State,
  { steps, assigns }: Outcome,
  targets: readonly Value[],
): void {
  if (!assigns.some(({ path }) => path.steps.length > MAX_WHEN_STEPS)) return;
  const freed = new Set(
    targets.flatMap((v, i) => (steps[i]!.kind === 'free' && v.kind === 'ref' ? [v.id] : [])),
  );
  if (freed.size === 0) return;
  for (const [cell, held] of state.cells) {
    if (held.kind !== 'ref' || !freed.has(held.id)) continue;
    if (/^[^%].*\.|^\*/.test(cell)) state.cells.set(cell, UNKNOWN);
  }
}
