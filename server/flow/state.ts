// The abstract state of a path: what cells hold, what is known of values, which blocks are live.
import { CowMap } from './cow-map.ts';
import { ANYTHING, assumeFact, type Fact, isNoFact, joinFacts, sameFact } from './fact.ts';
import type { Relation } from '../relation.ts';
import { type Escape, joinEscapes } from './lending.ts';
import type { Loss } from './loss.ts';
import { extend, type Trace } from './trace.ts';
import { type HeapCall, isSameCall } from './heap-call.ts';
import { AT_ENTRY, type ThreadState, UNKNOWN_THREAD } from './thread-state.ts';
import {
  type CellKey,
  type Id,
  isElementCell,
  sameValue,
  UNKNOWN,
  UNKNOWN_TRUE,
  type Value,
} from './value.ts';

/**
 * live: allocated in view. failed: the call gave NULL instead of a block. freed: released in view by this
 * function, whoever allocated it. dropped: an object of the caller's that has lost a reference.
 */
export type Lifecycle = 'live' | 'failed' | 'dropped' | `freed by ${string}`;

export class State {
  readonly cells: CowMap<CellKey, Value>;
  readonly facts: CowMap<Id, Fact>;
  readonly heap: CowMap<Id, Lifecycle>;
  /** Blocks that code out of view may reach. */
  readonly escaped: CowMap<Id, Escape>;
  /** Results of allocations that may be NULL, or are, and that nobody has compared with NULL. */
  readonly unchecked: CowMap<Id, true>;
  /** Cells below these ids (or `g:`) were changed out of view; the suffix of the last change. */
  readonly versions: CowMap<string, string>;
  /** Blocks allocated since the last call that may have set an exception. */
  readonly recent: CowMap<Id, true>;
  /** An allocation gave NULL, and nothing since can have set an exception. */
  hasSilentFailure: boolean;
  /** Blocks that were lost on the way here. */
  losses: readonly Loss[];
  /** The last call gave a block: it set no exception. */
  errorIsClear: boolean;
  /** The last call that may have set an exception gave this block, or NULL and an exception. */
  failsWith: Id | null;
  trace: Trace | null;
  thread: ThreadState;
  /** Uses of the Python memory manager, on every path to here, while `thread` is as found. */
  heapCalls: readonly HeapCall[];

  constructor(like: State | null = null) {
    this.cells = like?.cells.share() ?? new CowMap();
    this.facts = like?.facts.share() ?? new CowMap();
    this.heap = like?.heap.share() ?? new CowMap();
    this.escaped = like?.escaped.share() ?? new CowMap();
    this.unchecked = like?.unchecked.share() ?? new CowMap();
    this.versions = like?.versions.share() ?? new CowMap();
    this.recent = like?.recent.share() ?? new CowMap();
    this.hasSilentFailure = like?.hasSilentFailure ?? false;
    this.losses = like?.losses ?? [];
    this.errorIsClear = like?.errorIsClear ?? false;
    this.failsWith = like?.failsWith ?? null;
    this.trace = like?.trace ?? null;
    this.thread = like?.thread ?? AT_ENTRY;
    this.heapCalls = like?.heapCalls ?? [];
  }

  clone(): State {
    return new State(this);
  }

  isFreed(id: Id): boolean {
    return this.heap.get(id)?.startsWith('freed') === true;
  }

  factOf(id: Id): Fact {
    return this.facts.get(id) ?? ANYTHING;
  }

  /** False: the path is not feasible. */
  assume(id: Id, relation: Relation, constant: number): boolean {
    const fact = assumeFact(this.factOf(id), relation, constant);
    if (fact === null) return false;
    this.facts.set(id, fact);
    const lifecycle = this.heap.get(id);
    // A block whose allocation gave null, or -1, does not exist; whoever holds it holds that.
    const isNone = fact.low === fact.high && fact.low <= 0;
    if (fact.low === 0 && fact.high === 0) this.#settleKept(id, null);
    if (isNone && (lifecycle === 'live' || lifecycle === 'failed')) {
      if (fact.low === 0 && this.recent.has(id)) this.hasSilentFailure = true;
      const lastUnknownCall = this.lastUnknownCall();
      this.trace = extend(this.trace, { kind: 'null', id, lastUnknownCall });
      this.replace(id, { kind: 'int', value: fact.low });
    }
    if (fact.not.includes(0)) this.unchecked.delete(id);
    return true;
  }

  /** Of what the API keeps if it gave the object of this name. */
  #settleKept(id: Id, escape: true | null): void {
    if (!id.startsWith('call')) return;
    for (const [block, how] of this.escaped) {
      if (how !== `kept with ${id}`) continue;
      if (escape === null) this.escaped.delete(block);
      else this.escaped.set(block, escape);
    }
  }

  /** A call may have set an exception. */
  raised(): void {
    this.hasSilentFailure = false;
    this.failsWith = null;
    if (this.recent.size === 0) return;
    for (const id of this.recent.keys()) this.recent.delete(id);
  }

  /** Neither NULL nor 0. */
  isTrue(value: Value): boolean {
    if (value.kind === 'int') return value.value !== 0;
    if (value.kind === 'unknown') return value.isTrue === true;
    if (value.kind !== 'ref' || value.interior) return true;
    const { low, high, not } = this.factOf(value.id);
    return low > 0 || high < 0 || not.includes(0);
  }

  /** What changed the globals last; empty: nothing. */
  lastUnknownCall(): string {
    return this.versions.get('g:') ?? '';
  }

  /** Somebody may have compared the value with NULL. */
  checked(value: Value): void {
    if (value.kind !== 'ref' || !this.unchecked.has(value.id)) return;
    if (this.heap.get(value.id) === 'failed') this.assume(value.id, '==', 0);
    else this.unchecked.delete(value.id);
  }

  /** Whoever holds the value gets another one; what was known of it is forgotten. */
  replace(id: Id, value: Value): void {
    this.#settleKept(id, true);
    this.cells.forEach((before, cell) => {
      const held = this.#inPlaceOf(before, id, value);
      if (held !== before) this.cells.set(cell, held);
      if (!(cell.startsWith('*') || isElementCell(cell)) || !cell.includes(id)) return;
      this.cells.delete(cell);
      this.escape(held);
    });
    for (const fact of this.facts.keys()) if (fact.includes(id)) this.facts.delete(fact);
    if (this.failsWith?.includes(id) === true) this.failsWith = null;
    for (const known of [this.heap, this.escaped, this.unchecked, this.recent, this.versions]) {
      for (const key of known.keys()) if (key.includes(id)) known.delete(key);
    }
  }

  #inPlaceOf(held: Value, id: Id, value: Value): Value {
    if (held.kind === 'address') return held.cell.includes(id) ? UNKNOWN_TRUE : held;
    if (held.kind !== 'ref' || !held.id.includes(id)) return held;
    if (value.kind === 'unknown') return this.isTrue(held) ? UNKNOWN_TRUE : UNKNOWN;
    return held.id === id && !held.interior ? value : UNKNOWN;
  }

  /** Code out of view may reach the block, or its owner is not known any more. */
  escape(value: Value): void {
    if (value.kind === 'ref') this.escaped.set(value.id, true);
  }

  /** Allocated in view, and reached from nowhere else. */
  isPrivate(id: Id): boolean {
    return this.heap.get(id) === 'live' && !this.escaped.has(id);
  }

  /** Frees the name, or the names with this part, for new values of the same program point. */
  renew(id: Id): void {
    this.replace(id, UNKNOWN);
  }

  /** What a cell's members held; whether there were any. */
  forgetMembers(cell: CellKey): boolean {
    const prefix = `${cell}.`;
    let found = false;
    this.cells.forEach((held, key) => {
      if (!key.startsWith(prefix)) return;
      this.cells.delete(key);
      this.escape(held);
      found = true;
    });
    return found;
  }

  /** Which place the pointer points to is not known any more: what is there may be read and kept through it. */
  #losePlace(pointer: Value): void {
    if (pointer.kind !== 'address') return;
    const held = this.cells.get(pointer.cell);
    if (held !== undefined) this.escape(held);
  }

  /** The merge of two states with the same property; null: this one already covers the other. */
  join(other: State): State | null {
    let made: State | null = null;
    // Most joins change nothing.
    const merged = (): State => (made ??= this.clone());
    if (!this.cells.isSame(other.cells)) {
      this.cells.forEach((value, cell) => {
        const theirs = other.cells.get(cell);
        if (theirs === undefined ? isInitial(cell, value) : sameValue(value, theirs)) return;
        const isTrue = theirs !== undefined && this.isTrue(value) && other.isTrue(theirs);
        const both = isTrue ? UNKNOWN_TRUE : UNKNOWN;
        if (sameValue(value, both)) return;
        merged().cells.set(cell, both);
        for (const lost of [value, theirs]) if (lost !== undefined) merged().#losePlace(lost);
      });
      other.cells.forEach((value, cell) => {
        if (this.cells.has(cell) || isInitial(cell, value)) return;
        merged().cells.set(cell, UNKNOWN);
      });
    }
    if (!this.facts.isSame(other.facts)) {
      this.facts.forEach((fact, id) => {
        const theirs = other.factOf(id);
        if (sameFact(theirs, fact)) return;
        const joined = joinFacts(fact, theirs);
        if (sameFact(joined, fact)) return;
        if (isNoFact(joined)) merged().facts.delete(id);
        else merged().facts.set(id, joined);
      });
    }
    other.versions.forEach((version, id) => {
      if (!this.versions.has(id)) merged().versions.set(id, version);
    });
    if (this.errorIsClear && !other.errorIsClear) merged().errorIsClear = false;
    if (this.failsWith !== null && this.failsWith !== other.failsWith) merged().failsWith = null;
    other.escaped.forEach((how, id) => {
      const known = this.escaped.get(id);
      const both = joinEscapes(known, how);
      if (known !== both) merged().escaped.set(id, both);
    });
    if (this.thread !== other.thread && this.thread !== UNKNOWN_THREAD) {
      merged().thread = UNKNOWN_THREAD;
    }
    const both = this.heapCalls.filter((call) =>
      other.heapCalls.some((theirs) => isSameCall(call, theirs)),
    );
    if (both.length < this.heapCalls.length) merged().heapCalls = both;
    for (const id of this.recent.keys()) {
      if (!other.recent.has(id)) merged().recent.delete(id);
    }
    if (this.hasSilentFailure && !other.hasSilentFailure) merged().hasSilentFailure = false;
    return made;
  }
}

/** The name of what a cell held at entry. */
export function initialId(cell: CellKey, version: string): Id {
  return `?(${cell})${version}`;
}

/** Whether `initialId(cell, '')` gives this id. */
function isInitialId(id: Id, cell: CellKey): boolean {
  return id.length === cell.length + '?()'.length && id.startsWith('?(') && id.startsWith(cell, 2);
}

function isInitial(cell: CellKey, value: Value): boolean {
  return value.kind === 'ref' && !value.interior && isInitialId(value.id, cell);
}
