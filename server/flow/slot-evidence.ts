// Evidence about slots over all functions: what is stored there and how it is released. The commonest
// real defect is a field that init allocates and dealloc releases with another family.
import { familyFacts } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { groupBy } from '../group-by.ts';
import { isObjectFamily, mayRelease } from '../knowledge/release.ts';
import { type FlowEvent, subjectAtStart } from './events.ts';
import { canMeet, conjunction } from './fact.ts';
import { instancesOf } from './struct-instances.ts';
import { eventsOf, extend, placeKey, type Trace } from './trace.ts';
import { isTypeSlot } from './type-table.ts';
import { type Id, isArraySlot, isKeptSlot, type Origin, type Slot } from './value.ts';

export type SlotWrite = FlowEvent & { kind: 'slot-write' };
export type SlotRelease = FlowEvent & { kind: 'release' };
type VainRelease = FlowEvent & { kind: 'vain-release' };
type Leak = FlowEvent & { kind: 'leak' };

/** A release of a slot that a store to it does not agree with, as if both were on one path. */
export interface SlotMismatch {
  readonly slot: Slot;
  readonly event: SlotRelease;
  /** No store to the slot agrees, or the release cannot tell one store from another. */
  readonly isCertain: boolean;
}

/** Stores, and releases, of one slot that are kept: the first. */
export const MAX_EVIDENCE = 64;

/** By place, kind of value, and what is compiled. */
function writeKey(slot: Slot, write: SlotWrite): string {
  const { at, compiledIf } = write;
  let key = `${slot} ${placeKey(at)} ${valueKind(write)}`;
  compiledIf.forEach((fact, id) => (key += ` ${id} ${fact.low} ${fact.high} ${fact.not.join()}`));
  return key;
}

function valueKind({ id, origin }: SlotWrite): string {
  if (origin?.kind !== 'allocation') return `${origin?.kind}`;
  // A pointer into a block is not the block.
  return `${id === null ? 'in block' : 'block'} of ${origin.allocation.api}`;
}

/**
 * A filter for the events of one function, in their order: a store is met in many states, and what says
 * nothing new is nobody's evidence.
 */
export function withoutRepeatedWrites(): (event: FlowEvent) => boolean {
  const told = new Set<string>();
  // Most are repeated: for them no key is written.
  const met = new Map<Span, Map<Slot, Set<string>>>();
  return (event) => {
    if (event.kind !== 'slot-write' || isTypeSlot(event.slot)) return true;
    if (event.compiledIf.size === 0) {
      const bySlot = met.get(event.at) ?? new Map<Slot, Set<string>>();
      met.set(event.at, bySlot);
      const kinds = bySlot.get(event.slot) ?? new Set();
      bySlot.set(event.slot, kinds);
      if (!isNews(kinds, valueKind(event))) return false;
    }
    return isNews(told, writeKey(event.slot, event));
  };
}

function isNews(told: Set<string>, key: string): boolean {
  if (told.has(key)) return false;
  told.add(key);
  return true;
}

export class SlotEvidence {
  readonly #writes = new Map<Slot, SlotWrite[]>();
  readonly #releases = new Map<Slot, SlotRelease[]>();
  readonly #vain = new Map<Slot, VainRelease[]>();
  /** Releases in helpers that are handed a block in view. */
  readonly #met = new Set<string>();
  /** Writes by their keys. */
  readonly #seen = new Set<string>();
  readonly #scopeOf: (slot: Slot, file: string) => string;

  /** `scopeOf` tells apart slots of the same name in files that do not share the declaration. */
  constructor(scopeOf: (slot: Slot, file: string) => string) {
    this.#scopeOf = scopeOf;
  }

  add(event: FlowEvent): void {
    if (event.kind === 'slot-write') {
      const writes = this.#key(event.slot, event.at.file);
      // A helper stores on many paths of many callers: each place and kind of value counts once.
      if (isNews(this.#seen, writeKey(writes, event))) push(this.#writes, writes, event);
    } else if (event.kind === 'vain-release') {
      push(this.#vain, this.#key(event.slot, event.at.file), event);
    } else if (event.kind === 'release') {
      const { origin } = event.subject;
      const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
      if (event.subject.freedBy !== null) return;
      if (slot !== null) push(this.#releases, this.#key(slot, event.at.file), event);
      if (origin?.kind === 'allocation' && event.release.through.length > 0) {
        this.#met.add(placeKey(event.release.at));
      }
      const { struct } = event;
      // What runs for every instance of a type is a question of the type.
      if (struct !== null && slot === null && isOfHeap(event)) {
        push(this.#releases, this.#key(instancesOf(struct), event.at.file), event);
      }
    }
  }

  mismatches(): SlotMismatch[] {
    const mismatches: SlotMismatch[] = [];
    for (const [slot, releases] of this.#releases) {
      const own = this.#writes.get(slot) ?? [];
      const distinct = distinctReleases(releases);
      let reaching: SlotWrite[] | null = null;
      for (const release of distinct) {
        const isOfStruct = release.struct !== null && slot.endsWith(instancesOf(release.struct));
        // A caller that is known to hand over a block says more.
        if (isOfStruct && this.#met.has(placeKey(release.release.at))) continue;
        // Where some stores agree, a test that is not seen may go before what is moved.
        const isAgreed = own.some((write) => agrees(release, write));
        const writes = isAgreed ? own : (reaching ??= this.#reaching(slot));
        const isPointer = (guard: Slot): boolean =>
          this.#releases.has(this.#key(guard, release.at.file));
        const mismatch = isArraySlot(slot)
          ? judgeElements(writes, release, distinct, isPointer)
          : judge(writes, release, distinct, isPointer);
        if (mismatch !== null && (mismatch.isCertain || !isOfStruct)) {
          mismatches.push({ slot, ...mismatch });
        }
      }
    }
    return mismatches;
  }

  /** Blocks in slots that are released nowhere but where the slot holds NULL. */
  vainReleases(): Leak[] {
    return [...this.#vain].flatMap(([slot, vain]) => {
      const releases = this.#releases.get(slot) ?? [];
      if (releases.some(({ release }) => !release.isRealloc)) return [];
      const [first] = vain.toSorted((a, b) => length(a.trace) - length(b.trace));
      return first === undefined ? [] : leakOf(this.#writes.get(slot) ?? [], first);
    });
  }

  /** The members, `.data`, and variables that mismatches are about. */
  disputed(): ReadonlySet<string> {
    const slots = [...this.mismatches().map(({ slot }) => slot), ...this.#unfilled()];
    return new Set(
      slots.flatMap((slot) => {
        const [, member, variable] =
          /:(?:struct \w+(\.\w+)|global (\w+))(?:\[\])*$/.exec(slot) ?? [];
        return member ?? variable ?? [];
      }),
    );
  }

  /** What destructors release as memory, and no function in view fills. */
  #unfilled(): string[] {
    return [...this.#releases].flatMap(([slot, releases]) => {
      const isMember = /:struct \w+\.\w+$/.test(slot) && !this.#writes.has(slot);
      const isFreed = releases.some(
        ({ inDestructor, guards, release: { family, isRealloc } }) =>
          inDestructor &&
          guards.length === 0 &&
          !isRealloc &&
          family !== null &&
          !isObjectFamily(family),
      );
      return isMember && isFreed ? [slot] : [];
    });
  }

  /** The stores to the slot; for what is moved there from another slot, those to that one. */
  #reaching(slot: Slot): SlotWrite[] {
    const reaching: SlotWrite[] = [];
    const slots = new Set([slot]);
    for (const each of slots) {
      for (const write of this.#writes.get(each) ?? []) {
        const from = movedFrom(write);
        const source = from === null ? null : this.#key(from, write.at.file);
        if (source === null || !this.#writes.has(source)) reaching.push(write);
        else slots.add(source);
      }
    }
    return reaching;
  }

  #key(slot: Slot, file: string): string {
    return `${this.#scopeOf(slot, file)}:${slot}`;
  }
}

/** Of a block that a store in view puts there, and that the release would have been right for. */
function leakOf(writes: readonly SlotWrite[], vain: VainRelease): Leak[] {
  const { release, at, compiledIf } = vain;
  const write = writes.find(
    ({ id, origin, compiledIf: stored }) =>
      id !== null &&
      origin?.kind === 'allocation' &&
      mayRelease(origin.allocation, release.row) &&
      canMeet(stored, compiledIf),
  );
  if (write === undefined || write.id === null) return [];
  // The tests on the way to the release ask for NULL, which the block is not.
  const trace = together(write, { trace: null, at }, vain.id);
  const loss = { id: write.id, how: 'vain', place: release.pointer, release, trace, at } as const;
  const subject = subjectAtStart(write.id, write.origin, null);
  return [{ kind: 'leak', subject, loss, certainty: 'certain', trace, compiledIf, at }];
}

function isOfHeap({ release, inDestructor }: SlotRelease): boolean {
  const { family, isRealloc } = release;
  return !inDestructor && !isRealloc && family !== null && familyFacts(family).heap !== null;
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else if (list.length < MAX_EVIDENCE) list.push(item);
}

/** `list->head = node->next`: another slot, whatever it holds; null: none. */
function movedFrom({ id, origin }: SlotWrite): Slot | null {
  const isMoved = id !== null && (origin?.kind === 'initial' || origin?.kind === 'opaque');
  return isMoved ? origin.slot : null;
}

/** The same release is met on many paths: the shortest speaks, guarded by what all of them tested. */
export function distinctReleases(releases: readonly SlotRelease[]): SlotRelease[] {
  const places = groupBy(releases, (release) => {
    const conditions = [...release.compiledIf].map(([id, f]) => `${id}${f.low}${f.not.length}`);
    return `${placeKey(release.at)}:${conditions.join()}`;
  });
  return [...places.values()].map((met) => {
    const shortest = met.toSorted((a, b) => length(a.trace) - length(b.trace))[0]!;
    const guards = shortest.guards.filter(({ key }) =>
      met.every((release) => release.guards.some((guard) => guard.key === key)),
    );
    return { ...shortest, guards };
  });
}

function judge(
  writes: readonly SlotWrite[],
  release: SlotRelease,
  others: readonly SlotRelease[],
  isPointer: (slot: Slot) => boolean,
): Omit<SlotMismatch, 'slot'> | null {
  const relevant = writes.filter(
    (w) => canMeet(w.compiledIf, release.compiledIf) && !isResultOf(release, w),
  );
  const allocations = relevant.filter((w) => w.origin?.kind === 'allocation' && w.id !== null);
  const disagreeing = allocations.filter((write) => disagrees(release, write));
  const lent = relevant.filter(({ origin }) => isLentPointer(origin));
  // No release is right for memory that somebody else owns, unless it asks who does.
  const isLentAlone =
    lent.length > 0 &&
    lent.length === relevant.length &&
    release.inDestructor &&
    release.guards.length === 0;
  const [first] = (isLentAlone ? lent : disagreeing).toSorted(
    (a, b) => length(a.trace) - length(b.trace),
  );
  if (first === undefined || first.id === null) return null;
  const isUndisputed = disagreeing.length === allocations.length;
  // What is compiled for another switch is no alternative.
  const alternatives = relevant.filter((w) => canMeet(w.compiledIf, first.compiledIf));
  return {
    event: {
      ...release,
      // What another store agrees with stays as it is.
      release: { ...release.release, calleeSpan: isUndisputed ? release.release.calleeSpan : null },
      subject: { ...release.subject, id: first.id, origin: first.origin },
      trace: together(first, release, release.subject.id),
    },
    isCertain:
      alternatives.every((w) => disagreeing.includes(w) || lent.includes(w)) ||
      // A destructor that is registered for a pointer meets that pointer, whatever others it meets.
      (isKept(release) && release.guards.length === 0) ||
      // A destructor that tests nothing but pointers meets whatever was stored.
      (release.inDestructor &&
        release.guards.every(({ slot }) => slot !== null && isPointer(slot))) ||
      (release.inDestructor &&
        disagreeing.length === allocations.length &&
        others.some((other) => isSameQuestion(other, release) && agrees(other, first))),
  };
}

/** One element may be what another is not: all that is stored must disagree, and nothing choose between releases. */
function judgeElements(
  writes: readonly SlotWrite[],
  release: SlotRelease,
  others: readonly SlotRelease[],
  isPointer: (slot: Slot) => boolean,
): Omit<SlotMismatch, 'slot'> | null {
  const isChosen = others.some(
    (other) => isOtherChoice(other, release) && writes.some((write) => agrees(other, write)),
  );
  const mismatch = isChosen ? null : judge(writes, release, others, isPointer);
  if (mismatch === null) return null;
  const isMixed = writes.some(
    (w) => canMeet(w.compiledIf, release.compiledIf) && !isWrong(release, w),
  );
  return { ...mismatch, isCertain: mismatch.isCertain && !isMixed };
}

function isWrong(release: SlotRelease, { id, origin }: SlotWrite): boolean {
  const isBlock = origin?.kind === 'allocation' && id !== null;
  return isLentPointer(origin) || (isBlock && !mayRelease(origin.allocation, release.release.row));
}

/** What one release has found true of a value is not what the other has. */
function isOtherChoice(a: SlotRelease, b: SlotRelease): boolean {
  return a.guards.some((mine) =>
    b.guards.some(
      (theirs) => theirs.value === mine.value && conjunction(mine.fact, theirs.fact) === null,
    ),
  );
}

function disagrees({ release: { row } }: SlotRelease, { slot, origin }: SlotWrite): boolean {
  if (origin?.kind !== 'allocation' || mayRelease(origin.allocation, row)) return false;
  // What tp_free is for memory that became an object is told by its type.
  const isToldByType = isTypeSlot(slot) && row.kind === 'type-slot';
  return !isToldByType || isObjectFamily(origin.allocation.family);
}

/** Libraries whose lenders keep what they lend. */
const PYTHON: ReadonlySet<string> = new Set(['cpython', 'format-units']);

/** `PyUnicode_AsUTF8(name)` stored: a pointer into memory of an object. */
function isLentPointer(origin: Origin | null): boolean {
  return origin?.kind === 'borrowed' && PYTHON.has(origin.row.lib) && origin.row.lifetime !== null;
}

/** What the API hands back to the function that was registered for it. */
function isKept({ subject: { origin } }: SlotRelease): boolean {
  return origin?.kind === 'opaque' && origin.slot !== null && isKeptSlot(origin.slot);
}

/** The store puts back what the release, a resize, made of the block. */
function isResultOf(release: SlotRelease, { origin }: SlotWrite): boolean {
  if (origin?.kind !== 'allocation' || !release.release.isRealloc) return false;
  const { at } = origin.allocation;
  const resized = release.release.at;
  return at.file === resized.file && at.line === resized.line && at.column === resized.column;
}

/** Two releases under the same tests: what they test does not tell one kind of block from another. */
function isSameQuestion(a: SlotRelease, b: SlotRelease): boolean {
  return (
    a.guards.length === b.guards.length &&
    a.guards.every(({ key }) => b.guards.some((guard) => guard.key === key))
  );
}

function agrees({ release }: SlotRelease, { origin }: SlotWrite): boolean {
  return origin?.kind === 'allocation' && mayRelease(origin.allocation, release.row);
}

/**
 * The events of the store, then those of the release, about one block. Ways to the release were joined: what is
 * not compiled together with the store is no step of it.
 */
export function together(
  write: Pick<SlotWrite, 'id' | 'trace' | 'compiledIf' | 'at'>,
  release: Pick<SlotRelease, 'trace' | 'at'>,
  releasedId: Id,
): Trace | null {
  let trace = write.trace;
  trace = extend(trace, { kind: 'leave', function: '', at: write.at });
  trace = extend(trace, { kind: 'enter', function: '', at: release.at });
  for (const event of eventsOf(release.trace)) {
    if (event.kind === 'branch') {
      const { compiledIf } = event;
      if (compiledIf === null || canMeet(compiledIf, write.compiledIf))
        trace = extend(trace, event);
    } else if ('id' in event && event.id === releasedId)
      trace = extend(trace, { ...event, id: write.id! });
  }
  return trace;
}

function length(trace: Trace | null): number {
  return trace?.length ?? 0;
}
