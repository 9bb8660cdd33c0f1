// What a function means by returning NULL: that it could not allocate, or something else.
import type { Exit } from './explore.ts';
import type { Frame } from './frame.ts';
import { changed, type Outcome, type SummaryValue } from './summary.ts';
import { eventsOf } from './trace.ts';

/** Returning 0 is a failure to allocate only where the other ways to go return a block. */
export function failuresOfAllocators(outcomes: readonly Outcome[]): readonly Outcome[] {
  if (outcomes.some((o) => o.returns.kind === 'fresh')) return outcomes;
  return outcomes.map((o) =>
    o.returns.kind === 'failure' ? changed(o, { returns: { kind: 'int', value: 0 } }) : o,
  );
}

/** A null pointer that is returned because an allocation gave none. */
export function failureOf(frame: Frame, { state, value, isLiteral }: Exit): SummaryValue | null {
  if (value === null) return null;
  const origin = frame.originOf(value);
  if (origin?.kind === 'failure') {
    const { allocation } = origin;
    return { kind: 'failure', allocation, row: allocation.row };
  }
  if (value.kind !== 'int' || value.value !== 0) return null;
  const events = eventsOf(state.trace);
  const failed = events.findLast((e) => e.kind === 'null');
  // A call out of view in between may be one that never returns.
  if (failed?.kind !== 'null') return null;
  if (!isLiteral && failed.lastUnknownCall !== state.lastUnknownCall()) return null;
  const tried = events.findLast((e) => e.kind === 'alloc' && e.id === failed.id);
  if (tried?.kind !== 'alloc') return null;
  return { kind: 'failure', allocation: tried.allocation, row: tried.allocation.row };
}
