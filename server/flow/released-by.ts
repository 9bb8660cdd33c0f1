// Which release a report, or the way to it, is about, and where in its block the pointer lies.
import type { Subject } from './events.ts';
import type { TraceEvent } from './trace.ts';
import type { Release } from './value.ts';

export function firstRelease(events: readonly TraceEvent[]): Release | null {
  const found = events.find((e) => e.kind === 'free' || e.kind === 'realloc');
  return found === undefined ? null : found.release;
}

/** Bytes from the start of the block to the pointer; chosen where only its direction is known. */
export function offsetOf({ origin, inside }: Subject): number {
  // A lent pointer lies in its object after the header: 48 and 32 bytes for str and bytes.
  if (origin?.kind === 'borrowed') return 48;
  return inside ? 8 : 0;
}
