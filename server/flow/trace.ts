// What happened on a path, newest first, shared between the states that have it in common.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Fact } from './fact.ts';
import type { Allocation, Id, Release } from './value.ts';

export type TraceEvent =
  | { readonly kind: 'alloc'; readonly id: Id; readonly allocation: Allocation; readonly at: Span }
  | { readonly kind: 'free'; readonly id: Id; readonly release: Release; readonly at: Span }
  /** One reference less to an object whose count is not known. */
  | { readonly kind: 'drop'; readonly id: Id; readonly release: Release; readonly at: Span }
  | {
      readonly kind: 'realloc';
      readonly id: Id;
      /** null: the call failed. */
      readonly into: Id | null;
      readonly release: Release;
      readonly allocation: Allocation;
      readonly at: Span;
    }
  /** The path takes the allocation to have given NULL. */
  | {
      readonly kind: 'null';
      readonly id: Id;
      /** The last call of something out of view by then; empty: none. */
      readonly lastUnknownCall: string;
    }
  | { readonly kind: 'assign'; readonly id: Id; readonly place: string; readonly at: Span }
  /** The place held the pointer, and does no longer. */
  | {
      readonly kind: 'overwrite';
      readonly id: Id;
      readonly place: string;
      /** Its scope ends, or begins anew. */
      readonly isScope: boolean;
      readonly at: Span;
    }
  | {
      readonly kind: 'branch';
      readonly condition: string;
      readonly taken: boolean;
      /** What is compiled there, where the preprocessor takes the branch; null: it is taken at run time. */
      readonly compiledIf: ReadonlyMap<string, Fact> | null;
      readonly at: Span;
    }
  | { readonly kind: 'enter' | 'leave'; readonly function: string; readonly at: Span }
  | {
      readonly kind: 'thread-state';
      readonly attached: boolean;
      readonly how: DetachedBy;
      /** The call or macro that changes it. */
      readonly api: string;
      readonly at: Span;
    };

/**
 * call: it detaches. thread: it starts one without. callback: its library is called while detached.
 * argument: it is called while detached, and calls the function. hook: Python calls what it holds so.
 */
export type DetachedBy = 'call' | 'thread' | 'callback' | 'argument' | 'hook';

export interface Trace {
  readonly event: TraceEvent;
  readonly previous: Trace | null;
  readonly length: number;
}

export function extend(trace: Trace | null, event: TraceEvent): Trace {
  return { event, previous: trace, length: (trace?.length ?? 0) + 1 };
}

/** The same text for the same place, whatever is there. */
export function placeKey({ file, line, column }: Span): string {
  return `${file}:${line}:${column}`;
}

/** In the order of execution. */
export function eventsOf(trace: Trace | null): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (let t = trace; t !== null; t = t.previous) events.push(t.event);
  return events.toReversed();
}

/** How the value was released last; null: not on this path. */
export function lastRelease(trace: Trace | null, id: string): Release | null {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    const isRelease = event.kind === 'free' || (event.kind === 'realloc' && event.into !== null);
    if (isRelease && event.id === id) return event.release;
  }
  return null;
}
