// Of everything that happened on the way to a report: what is about its block, or its thread state.
import { familyFacts } from '../../simulator/families.ts';
import { replayFamily } from '../knowledge/python-heap.ts';
import type { FlowEvent, Subject } from './events.ts';
import { eventsOf, type TraceEvent } from './trace.ts';
import type { Allocation, Id, Release } from './value.ts';

/** Branches shown between allocation and fault; the nearest to the fault are kept. */
const MAX_BRANCHES = 8;

/** The events that a rule can report. */
export type Reported = Exclude<FlowEvent, { readonly kind: 'slot-write' | 'vain-release' }>;

/** The others only say something together. */
export function isReported(event: FlowEvent): event is Reported {
  return event.kind !== 'slot-write' && event.kind !== 'vain-release';
}

/** The events about the block, from its allocation on, and the branches in between. */
export function relevantEvents(event: Reported): TraceEvent[] {
  const all = eventsOf(event.trace);
  const ids = new Set<Id>(event.subject === null ? [] : [event.subject.id]);
  const kept: TraceEvent[] = [];
  let branches = 0;
  // Of a call that is wrong for the thread state alone, the path begins where that was detached.
  let isDetachedInView = event.kind !== 'detached-call';
  for (let i = all.length - 1; i >= 0; i--) {
    const e = all[i]!;
    if (e.kind === 'branch') {
      if (branches++ < MAX_BRANCHES) kept.push(e);
    } else if (e.kind === 'enter' || e.kind === 'leave') {
      kept.push(e);
    } else if (e.kind === 'thread-state') {
      kept.push(e);
      isDetachedInView ||= !e.attached;
      if (event.kind === 'detached-call' && ids.size === 0) break;
    } else if (e.kind === 'realloc' && e.into !== null && ids.has(e.into)) {
      kept.push(e);
      ids.add(e.id);
    } else if ('id' in e && ids.has(e.id)) {
      kept.push(e);
      if (e.kind === 'alloc') {
        const enclosing = all[i - 1];
        if (enclosing?.kind === 'enter') kept.push(enclosing);
        if (isDetachedInView) break;
        ids.clear();
      }
    }
  }
  return balanced(kept.toReversed());
}

/** Without calls in which nothing of interest happened. */
function balanced(events: readonly TraceEvent[]): TraceEvent[] {
  const result: TraceEvent[] = [];
  for (const e of events) {
    const last = result.at(-1);
    if (
      e.kind === 'leave' &&
      last?.kind === 'enter' &&
      last.function === e.function &&
      e.function !== ''
    ) {
      result.pop();
    } else if ((e.kind !== 'leave' && e.kind !== 'enter') || e.function !== '') {
      result.push(e);
    }
  }
  return result;
}

/** The block that the event is about; null: none that was there before. */
export function subjectOf(event: Reported): Subject | null {
  if (event.kind !== 'detached-call') return event.subject;
  const { use, pointer } = event.call;
  if (use === 'allocates' || use === 'creates') return null;
  if (event.subject !== null) return event.subject;
  return { id: `'${pointer}'`, origin: null, interior: false, inside: false, freedBy: null };
}

/** The release that the event is about, or that came before it; null: none. */
export function releaseOf(event: Reported): Release | null {
  switch (event.kind) {
    case 'release':
    case 'type-release':
      return event.release;
    case 'use':
    case 'null-dereference':
    case 'tracked-destruction':
    case 'silent-failure':
    case 'allocation':
    case 'size-overflow':
      return event.subject.freedBy;
    case 'leak':
      return event.loss.release;
    case 'detached-call': {
      const { row, use, pointer, at, through } = event.call;
      return {
        api: row.name,
        row,
        family: replayFamily(row, use),
        pointer,
        at,
        calledAt: event.at,
        calleeSpan: null,
        through,
        isRealloc: use === 'resizes',
      };
    }
  }
}

type Use = Reported & { readonly kind: 'use' | 'null-dereference' | 'tracked-destruction' };

/** The event is about memory that is read or written, not released. */
export function isUse(event: Reported): event is Use {
  const { kind } = event;
  return kind === 'use' || kind === 'null-dereference' || kind === 'tracked-destruction';
}

/** What is wrong about the use of the pointer. */
export function useText(event: Use): string {
  switch (event.kind) {
    case 'use':
      return event.how === 'kept'
        ? 'is kept by what is returned, after its release'
        : 'is used after its release';
    case 'tracked-destruction':
      return 'is given up while the object is tracked';
    case 'null-dereference': {
      const { callee, how } = event;
      if (callee !== null) return `is NULL; ${callee}() uses the memory it should point to`;
      return `is ${how === 'write' ? 'written' : 'read'} through a null pointer`;
    }
  }
}

/** `xmalloc -> malloc` for an allocation that a macro or helper hides. */
export function madeBy(allocation: Allocation): string {
  const through = allocation.through.length > 0 ? ` through ${allocation.through.join(', ')}` : '';
  return `${allocation.api}${through} (${familyFacts(allocation.family).label})`;
}
