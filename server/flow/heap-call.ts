// Calls that use the Python memory manager, met on a path with what is known of the thread state: told to
// the rules where it is detached, kept for the summary where that depends on the caller.
import type { Size, Span } from '../../simulator/flagged-path.ts';
import { type HeapUse, heapUseOf } from '../knowledge/python-heap.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import { type Listener, preprocessorFacts, type Subject } from './events.ts';
import { sizeOfCall } from './size.ts';
import type { State } from './state.ts';
import type { Outcome } from './summary.ts';
import { afterEffect, isAsFound, isDetached } from './thread-state.ts';
import { type DetachedBy, extend, placeKey, type Trace } from './trace.ts';
import type { Value } from './value.ts';
import { isZero } from './condition.ts';

/** More calls of one path than this are not kept apart for callers. */
const MAX_KEPT = 4;

export interface HeapCall {
  readonly row: ApiRow;
  readonly use: HeapUse;
  /** What is allocated or released, as written; empty when it has no name. */
  readonly pointer: string;
  /** The parameter of the function that makes the call which holds that pointer; null: none. */
  readonly argument: number | null;
  readonly size: Size;
  readonly at: Span;
  /** Macros and helper functions between the code and this call, outermost first. */
  readonly through: readonly string[];
}

export interface HeapCallContext {
  readonly listen: Listener;
  /** Whether some caller may run the function with a detached thread state. */
  readonly mayStartDetached: boolean;
  subjectOf(state: State, value: Value & { readonly kind: 'ref' }): Subject;
}

/** Tells, or keeps for the caller, which uses of the heap one way of a call makes. */
export function noteHeapCalls(
  state: State,
  call: CallSite,
  outcome: Outcome,
  context: HeapCallContext,
): void {
  const asFound = context.mayStartDetached && isAsFound(state.thread);
  if (!asFound && !isDetached(state.thread)) return;
  const calls = call.isAnalyzed
    ? outcome.heapCalls.map((inner) => throughCall(state, inner, call, context))
    : ownCall(state, call, outcome, context);
  if (asFound) {
    const added = calls.filter((c) => !state.heapCalls.some((known) => isSameCall(known, c)));
    if (added.length > 0) {
      state.heapCalls = [...state.heapCalls, ...added].slice(0, MAX_KEPT);
    }
    return;
  }
  // One of those that a helper makes is enough.
  const [first] = calls;
  const detached = lastDetachment(state.trace);
  if (first === undefined || detached === null) return;
  const isObject = first.use === 'creates' || first.use === 'drops';
  if (isObject && detachesAtTimes(state.trace, detached)) return;
  const released = call.isAnalyzed
    ? call.values[outcome.heapCalls[0]?.argument ?? -1]
    : call.values[first.row.pointerArg ?? -1];
  context.listen({
    kind: 'detached-call',
    call: first,
    subject:
      released?.kind === 'ref' && !released.interior ? context.subjectOf(state, released) : null,
    detached,
    trace: state.trace,
    compiledIf: preprocessorFacts(state.facts),
    at: call.at,
  });
}

/** Of one place in the text. */
export function isSameCall(a: HeapCall, b: HeapCall): boolean {
  return a.row === b.row && a.at === b.at;
}

/** A call that a helper makes, as its caller sees it. */
function throughCall(
  state: State,
  inner: HeapCall,
  call: CallSite,
  context: HeapCallContext,
): HeapCall {
  const { row, use, size, at } = inner;
  const through = [call.name, ...inner.through];
  const given = inner.argument === null ? undefined : call.arguments[inner.argument];
  if (given === undefined) {
    return { row, use, pointer: inner.pointer, argument: null, size, at, through };
  }
  const argument = argumentOf(state, call.values[inner.argument!], context);
  return { row, use, pointer: withoutCasts(given.text), argument, size, at, through };
}

function argumentOf(
  state: State,
  value: Value | undefined,
  context: HeapCallContext,
): number | null {
  if (value?.kind !== 'ref') return null;
  const { origin } = context.subjectOf(state, value);
  if (origin?.kind !== 'initial' || origin.path.steps.length > 0) return null;
  return origin.path.root.kind === 'argument' ? origin.path.root.index : null;
}

function ownCall(
  state: State,
  call: CallSite,
  outcome: Outcome,
  context: HeapCallContext,
): readonly HeapCall[] {
  const row = apiRow(call.name);
  const use = row === undefined ? null : heapUseOf(row);
  if (row === undefined || use === null) return [];
  // A release of NULL touches no block.
  const released = row.pointerArg === null ? undefined : call.values[row.pointerArg];
  if ((use === 'releases' || use === 'drops') && released !== undefined && isZero(state, released))
    return [];
  return [
    {
      row,
      use,
      pointer: pointerText(row, call, outcome),
      argument: argumentOf(state, released, context),
      size: sizeOfCall(
        row,
        call.arguments.map((a) => a.text),
      ),
      at: call.at,
      through: call.through,
    },
  ];
}

function pointerText(row: ApiRow, call: CallSite, outcome: Outcome): string {
  const released = row.pointerArg === null ? undefined : call.arguments[row.pointerArg]?.text;
  if (released !== undefined) return withoutCasts(released);
  const out = outcome.assigns.find(({ value }) => value.kind === 'fresh');
  const index = out?.path.root.kind === 'argument' ? out.path.root.index : -1;
  return call.arguments[index]?.text.replace(/^&\s*/, '') ?? call.boundTo;
}

/** `(void *)p` -> `p`, `(p)` -> `p`. */
export function withoutCasts(text: string): string {
  return text
    .replace(/^(\(\s*[A-Za-z_][\w\s]*\*+\s*\)\s*)+(?=\S)/, '')
    .replace(/^\(([^()]*)\)$/, '$1');
}

/** What one way of a call does to the thread state. */
export function changeThread(state: State, call: CallSite, { thread }: Outcome): void {
  if (thread === 'leave') return;
  const wasDetached = isDetached(state.thread);
  state.thread = afterEffect(state.thread, thread);
  const isNow = isDetached(state.thread);
  if (isNow === wasDetached) return;
  state.trace = extend(state.trace, {
    kind: 'thread-state',
    attached: !isNow,
    how: 'call',
    api: call.through[0] ?? call.name,
    at: call.at,
  });
}

/**
 * A callee that may have attached the thread state, and gives no result that tells, knows when it is detached:
 * `if (released) PyEval_RestoreThread(saved);`. `ways`: those that the call can go, and the states after them.
 */
export function forgetAttachment(
  ways: readonly { readonly state: State; readonly outcome: Outcome }[],
): void {
  if (!ways.some(({ outcome }) => outcome.thread === 'attach')) return;
  for (const { state, outcome } of ways) {
    const isSilent = outcome.thread === 'leave' && outcome.returns.kind === 'unknown';
    if (isSilent && isDetached(state.thread)) state.thread = afterEffect(state.thread, 'forget');
  }
}

export interface Detachment {
  readonly how: DetachedBy;
  /** The call, macro or variable. */
  readonly api: string;
  readonly at: Span;
}

/**
 * A macro that detaches under a condition of its own, of which code with objects in it makes use:
 * `if (!needs_api) BEGIN_THREADS_IF(size > 500);`. What keeps the two apart is told by neither.
 */
function detachesAtTimes(trace: Trace | null, detached: Detachment): boolean {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if (event.kind === 'branch' && placeKey(event.at) === placeKey(detached.at)) return true;
  }
  return false;
}

function lastDetachment(trace: Trace | null): Detachment | null {
  for (let t = trace; t !== null; t = t.previous) {
    if (t.event.kind === 'thread-state' && !t.event.attached) return t.event;
  }
  return null;
}
