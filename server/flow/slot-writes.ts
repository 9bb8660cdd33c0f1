// Tells what goes into slots. What is stored in an array that has several slots, as a local one that is stored in a
// member, is told for each; so is what other functions have stored in an array that they return or are given.
import type { Span } from '../../simulator/flagged-path.ts';
import { type Content, contentKey } from './array-contents.ts';
import { arraySlot } from './array-slots.ts';
import type { CallSite } from './call-site.ts';
import { type Listener, preprocessorFacts } from './events.ts';
import { canMeet } from './fact.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { Outcome } from './summary.ts';
import { extend, placeKey, type Trace } from './trace.ts';
import {
  type Allocation,
  elementsSlot,
  type Id,
  isElementsSlot,
  type Origin,
  type Slot,
  type Value,
} from './value.ts';

export class SlotWrites {
  readonly #frame: Frame;
  readonly #listen: Listener;

  constructor(frame: Frame, listen: Listener) {
    this.#frame = frame;
    this.#listen = listen;
  }

  write(state: State, slot: Slot, id: Id | null, given: Origin | null, at: Span): void {
    const compiledIf = preprocessorFacts(state.facts);
    const isAssumed = given?.kind === 'allocation' && given.allocation.isAssumed;
    const origin: Origin | null = isAssumed ? { kind: 'opaque', slot: null } : given;
    this.#listen({ kind: 'slot-write', slot, id, origin, trace: state.trace, compiledIf, at });
    const allocation = id !== null && origin?.kind === 'allocation' ? origin.allocation : null;
    if (isElementsSlot(slot)) {
      const content: Content = { allocation, compiledIf };
      this.#frame.arrays.at(slot).told.add(contentKey(content));
      this.#note(state, slot, content, at);
    }
    if (id !== null && allocation !== null && isPlace(slot)) {
      this.#link(state, elementsSlot(id, this.#frame.cfg.name), `${slot}[]`, at);
    }
  }

  /** A call has stored something in the array. */
  fill(state: State, array: Value, contents: readonly Content[], at: Span): void {
    const slot = contents.length === 0 ? null : arraySlot(this.#frame, array);
    if (slot === null) return;
    for (const content of contents) {
      // What becomes of the elements of a member is told by the functions that name it.
      if (isElementsSlot(slot) || content.allocation !== null) this.#note(state, slot, content, at);
    }
  }

  /** A call may have stored anything in the arrays. */
  overwrite(state: State, arrays: readonly Value[], at: Span): void {
    const compiledIf = preprocessorFacts(state.facts);
    for (const array of arrays) this.fill(state, array, [{ allocation: null, compiledIf }], at);
  }

  /** The same by the arguments that a call overwrites, or that anybody may have after it. */
  overwriteArguments(state: State, call: CallSite, { clobbers, escapes, steps }: Outcome): void {
    const released = steps.map((s) => (s.kind === 'alloc' ? null : s.path.root));
    const changed = call.isAnalyzed ? [...clobbers, ...escapes] : clobbers;
    for (const { root, steps: below } of changed) {
      if (root.kind !== 'argument' || below.length > 0) continue;
      if (released.some((r) => r?.kind === 'argument' && r.index === root.index)) continue;
      // What is set to a number holds no blocks.
      if (!call.isAnalyzed && call.values[root.index + 1]?.kind === 'int') continue;
      const value = call.values[root.index];
      if (value !== undefined) this.overwrite(state, [value], call.at);
    }
  }

  /** The elements of the old array are in the new one. */
  resized(state: State, from: Id, to: Id, at: Span): void {
    const { name } = this.#frame.cfg;
    if (from === to) return;
    if (this.#frame.origins.get(from)?.kind !== 'allocation') {
      const origin = this.#frame.origins.get(from);
      const isNamed =
        (origin?.kind === 'initial' || origin?.kind === 'opaque') && origin.slot !== null;
      if (!isNamed) this.overwrite(state, [{ kind: 'address', cell: to }], at);
      return;
    }
    this.#link(state, elementsSlot(from, name), elementsSlot(to, name), at);
  }

  #link(state: State, from: Slot, to: Slot, at: Span): void {
    const { alsoIn, contents } = this.#frame.arrays.at(from);
    if (alsoIn.has(to)) return;
    alsoIn.add(to);
    for (const content of contents.values()) this.#note(state, to, content, at);
  }

  #note(state: State, slot: Slot, content: Content, at: Span): void {
    const { contents, alsoIn, told } = this.#frame.arrays.at(slot);
    const key = contentKey(content);
    if (contents.has(key)) return;
    contents.set(key, content);
    // Where there are no blocks nobody asks for the rest.
    if ([...contents.values()].some(({ allocation }) => allocation !== null)) {
      contents.forEach((each, eachKey) => {
        if (told.has(eachKey)) return;
        told.add(eachKey);
        this.#tell(state, slot, each, at);
      });
    }
    for (const other of alsoIn) this.#note(state, other, content, at);
  }

  #tell(state: State, slot: Slot, { allocation, compiledIf: stored }: Content, at: Span): void {
    const here = preprocessorFacts(state.facts);
    const compiledIf = canMeet(stored, here) ? new Map([...here, ...stored]) : stored;
    const { trace } = state;
    if (allocation === null) {
      this.#listen({ kind: 'slot-write', slot, id: null, origin: null, trace, compiledIf, at });
      return;
    }
    const origin = { kind: 'allocation', allocation } as const;
    const known = madeOn(trace, allocation);
    const id = known ?? `element ${placeKey(allocation.at)}`;
    const made =
      known === null ? extend(trace, { kind: 'alloc', id, allocation, at: allocation.at }) : trace;
    this.#listen({ kind: 'slot-write', slot, id, origin, trace: made, compiledIf, at });
  }
}

/** Other functions may find there what is stored. */
function isPlace(slot: Slot): boolean {
  return /^(struct|global|elements of) /.test(slot);
}

function madeOn(trace: Trace | null, allocation: Allocation): Id | null {
  for (let t = trace; t !== null; t = t.previous) {
    if (t.event.kind === 'alloc' && t.event.allocation === allocation) return t.event.id;
  }
  return null;
}
