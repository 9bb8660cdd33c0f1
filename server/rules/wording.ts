// What the messages of several rules have in common.
import { mayRelease, preferredRelease } from '../knowledge/release.ts';
import type { FlowEvent } from '../flow/events.ts';
import type { Reported } from '../flow/relevant-events.ts';
import type { Allocation, Release } from '../flow/value.ts';
import { quoted } from '../flow/witness.ts';

export type ReleaseEvent = FlowEvent & { readonly kind: 'release' };

export interface Mismatch {
  readonly allocation: Allocation;
  readonly release: Release;
}

/** A block that this call may not release; null: it may, or it is not known. */
export function mismatchOf(event: FlowEvent): Mismatch | null {
  if (event.kind !== 'release' || event.subject.freedBy !== null) return null;
  const { origin } = event.subject;
  if (origin?.kind !== 'allocation') return null;
  const { allocation } = origin;
  const names = allocation.row.releasesWith;
  // The program's own definition of a release that the allocation names; the C library calls its own.
  const isOwn = event.release.through.some((name) => names.includes(name));
  if (isOwn && allocation.row.lib !== 'libc') return null;
  return mayRelease(allocation, event.release.row) ? null : { allocation, release: event.release };
}

/** The release is of another family than the block: that is the mistake to repair. */
export function isMixed(
  { subject: { origin } }: Reported & { kind: 'leak' },
  by: Release,
): boolean {
  return origin?.kind === 'allocation' && !mayRelease(origin.allocation, by.row);
}

/** `'buf'`, by the name that the releasing code uses. */
export function nameOf({ allocation, release }: Mismatch): string {
  return quoted(release.pointer === '' ? allocation.pointer : release.pointer);
}

/** `malloc`, `XALLOC (malloc)`: the call as the reader finds it. */
export function callName(call: { api: string; through: readonly string[] }): string {
  const outer = call.through[0];
  return outer === undefined || outer === call.api ? call.api : `${outer} (${call.api})`;
}

/** What to do instead: another release, or another allocation where the API itself releases. */
export function adviceFor(mismatch: Mismatch, otherwise: string): string {
  const { allocator } = mismatch.release;
  if (allocator !== undefined) return `allocate it with ${allocator}`;
  return `use ${replacementFor(mismatch) ?? otherwise}`;
}

export function replacementFor(mismatch: Mismatch): string | null {
  const { allocation, release } = mismatch;
  if (release.allocator !== undefined) return null;
  return release.isRealloc ? (allocation.row.reallocWith[0] ?? null) : preferredRelease(allocation);
}
