// What a call does to blocks: allocate, release, resize; each change is recorded and told.
import { familyFacts } from '../../simulator/families.ts';
import type { Size, Span } from '../../simulator/flagged-path.ts';
import { isHandle, isObjectFamily, isOfBlocks, mayRelease } from '../knowledge/release.ts';
import type { ApiRow } from '../knowledge/row.ts';
import { allocationEvent, typeArgument } from './allocation-event.ts';
import { arraySlot } from './array-slots.ts';
import type { CallSite } from './call-site.ts';
import { noteElementRelease } from './element-releases.ts';
import { type Listener, preprocessorFacts, type Subject, subjectAtStart } from './events.ts';
import { excludes } from './fact.ts';
import { keptArgument } from './handed-over.ts';
import type { Frame } from './frame.ts';
import { guardsOf, isChosenByType } from './guards.ts';
import { seenFrom } from './caller-text.ts';
import { loseContents } from './ownership.ts';
import { isSoleReference } from './references.ts';
import { sizeOfCall } from './size.ts';
import { allocatedStruct, instancesOf, pointedStruct } from './struct-instances.ts';
import { wrapOf } from './size-overflow.ts';
import { SlotWrites } from './slot-writes.ts';
import type { State } from './state.ts';
import { subjectOfPlace } from './storage.ts';
import { NOT_NULL, type Outcome, PLAIN_OUTCOME, type SummaryStep } from './summary.ts';
import { extend, lastRelease, type Trace } from './trace.ts';
import { typeSlot } from './type-table.ts';
import { type Allocation, NULL, type Origin, type Release, type Value } from './value.ts';
import { vainRelease } from './vain-release.ts';

export class CallBlocks {
  readonly #frame: Frame;
  readonly #listen: Listener;
  readonly writes: SlotWrites;

  constructor(frame: Frame, listen: Listener) {
    this.#frame = frame;
    this.#listen = listen;
    this.writes = new SlotWrites(frame, listen);
  }

  allocation(call: CallSite, row: ApiRow, outcome: Outcome, index: number | null): Allocation {
    const out = outcome.assigns.find(
      ({ value }) => value.kind === 'fresh' && value.index === index,
    );
    const outText =
      out?.path.root.kind === 'argument'
        ? (call.arguments[out.path.root.index]?.text.replace(/^&\s*/, '') ?? '')
        : (call.arguments[row.assignsArg ?? -1]?.text ?? '');
    const { types, isDerivable } = this.#frame.typesOf(call.values[typeArgument(row) ?? -1]);
    return {
      api: row.kind === 'format-unit' ? call.name : row.name,
      row,
      family: row.family!,
      types,
      isDerivable,
      pointer: outText === '' ? call.boundTo : outText,
      size: sizeOfCall(
        row,
        call.arguments.map((a) => a.text),
      ),
      zeroed: row.zeroed,
      at: call.at,
      calledAt: call.at,
      through: call.through,
      isAssumed: false,
    };
  }

  /** What code out of view gives, and the function itself releases by what the row says. */
  assume(state: State, call: CallSite, row: ApiRow): Value {
    const allocation: Allocation = {
      ...this.allocation(call, row, PLAIN_OUTCOME, null),
      isAssumed: true,
    };
    const value = this.#frame.fresh(state, this.#nameFor(state, `block${call.site}/0`), {
      kind: 'allocation',
      allocation,
    });
    if (value.kind !== 'ref') return value;
    state.heap.set(value.id, 'live');
    this.#record(state, { kind: 'alloc', id: value.id, allocation, at: allocation.at });
    return value;
  }

  allocate(
    state: State,
    call: CallSite,
    outcome: Outcome,
    { index, fact, isShared, contents }: SummaryStep & { kind: 'alloc' },
    allocation: Allocation,
  ): Value {
    const made = this.seen(call, outcome, index, allocation);
    const name = this.#nameFor(state, `block${call.site}/${index}`);
    const value = this.#frame.fresh(state, name, { kind: 'allocation', allocation: made });
    if (value.kind !== 'ref') return value;
    state.heap.set(value.id, 'live');
    if (isShared) state.escape(value);
    if (fact.low > -Infinity || fact.high < Infinity || fact.not.length > 0) {
      state.facts.set(value.id, fact);
    }
    if (!excludes(fact, 0)) {
      state.unchecked.set(value.id, true);
      state.recent.set(value.id, true);
    }
    this.#record(state, { kind: 'alloc', id: value.id, allocation: made, at: made.at });
    const origin: Origin = { kind: 'allocation', allocation: made };
    this.writes.fill(state, value, contents, call.at);
    const struct = allocatedStruct(this.#frame, made.row, call);
    if (struct !== null) this.writes.write(state, instancesOf(struct), value.id, origin, call.at);
    if (!call.isAnalyzed) {
      this.#listen(allocationEvent(this.#frame, state, value, made));
      // A type that is called makes its instances elsewhere: in tp_new.
      for (const type of made.row.callableArg === null ? made.types : []) {
        this.writes.write(state, typeSlot(type), value.id, origin, call.at);
      }
    }
    return value;
  }

  /** A block that is no object's yet becomes an instance of a type. */
  becomesObject(state: State, call: CallSite, row: ApiRow): void {
    const block = call.values[row.pointerArg ?? -1];
    const origin = this.#frame.originOf(block ?? NULL) ?? null;
    if (block?.kind !== 'ref' || block.interior || origin?.kind !== 'allocation') return;
    if (isObjectFamily(origin.allocation.family)) return;
    for (const type of this.#frame.typesOf(call.values[typeArgument(row) ?? -1]).types) {
      this.writes.write(state, typeSlot(type), block.id, origin, call.at);
    }
  }

  /** Tells of a size that can wrap around. */
  lookAtSize(state: State, call: CallSite, allocation: Allocation): void {
    for (const { arg, meaning } of allocation.row.sizeArgs) {
      const value = call.values[arg];
      if (meaning !== 'bytes' || value === undefined) continue;
      const wrap = wrapOf(this.#frame, state, value);
      if (wrap === null) continue;
      this.#listen({
        kind: 'size-overflow',
        subject: subjectAtStart('', null, null),
        allocation,
        size: call.arguments[arg]?.text ?? '',
        wrap,
        trace: state.trace,
        compiledIf: preprocessorFacts(state.facts),
        at: call.at,
      });
    }
  }

  /** The NULL that comes instead of a block. */
  fail(
    state: State,
    call: CallSite,
    outcome: Outcome,
    name: string,
    allocation: Allocation,
  ): Value {
    const made = this.seen(call, outcome, null, allocation);
    const origin: Origin = { kind: 'failure', allocation: made };
    const value = this.#frame.fresh(state, `failure-${name}`, origin);
    if (value.kind !== 'ref') return value;
    this.#record(state, { kind: 'alloc', id: value.id, allocation: made, at: made.at });
    state.heap.set(value.id, 'failed');
    state.facts.set(value.id, { low: 0, high: 0, not: [] });
    state.unchecked.set(value.id, true);
    state.recent.set(value.id, true);
    return value;
  }

  /** An allocation of the callee, by the name that the caller has for it. */
  seen(call: CallSite, outcome: Outcome, index: number | null, allocation: Allocation): Allocation {
    return call.isAnalyzed ? seenFrom(call, outcome, index, allocation) : allocation;
  }

  /** What the API will do to the block, which stays as it is until then. */
  tellRelease(state: State, value: Value, release: Release): void {
    const subject = this.#releasable(state, value, release);
    if (subject === null || subject.freedBy !== null) return;
    this.#tell(state, subject, release, null, release.calledAt);
  }

  release(
    state: State,
    call: CallSite,
    value: Value,
    release: Release,
    certainty: (SummaryStep & { kind: 'free' })['certainty'],
  ): void {
    const subject = this.#releasable(state, value, release);
    if (subject === null) {
      const vain = vainRelease(this.#frame, state, value, release);
      if (vain !== null) this.#listen(vain);
      // Another name of its release function, or a function that knows what is inside.
      this.#frame.expose(state, value);
      // A helper that releases at times may have asked whether it is memory of the heap.
      if (certainty === 'always' && !call.endsObject)
        this.#releasePlace(state, call, value, release);
      return;
    }
    const { id } = subject;
    if (certainty === 'ambiguous' || isChosenByType(state, release)) {
      this.#frame.clobber(state, value, `@${call.site};`);
      state.heap.delete(id);
      return;
    }
    // What tp_dealloc releases wrongly is told there.
    const isTold = call.endsObject && release.through.length > 0 && subject.freedBy === null;
    if (!isTold) this.#tell(state, subject, release, null, call.at);
    if (certainty === 'always') noteElementRelease(this.#frame, state, subject, release);
    // No pointer into a block of somebody else releases it: the call is wrong, or the path is not taken.
    if (subject.interior && subject.origin?.kind !== 'allocation') return;
    if (certainty !== 'always') {
      this.#frame.clobber(state, value, `@${call.site};`);
      state.heap.delete(id);
      return;
    }
    this.#frame.lending.noteRelease(state, id);
    const { origin } = subject;
    if (origin?.kind === 'allocation' && origin.allocation.isAssumed) {
      this.#frame.assumed.noteRelease(id, origin.allocation, state.trace, release.at);
    }
    state.heap.set(id, `freed by ${release.api}`);
    state.unchecked.delete(id);
    this.#record(state, { kind: 'free', id, release, at: release.at });
    loseContents(this.#frame, state, id, release, call.at);
  }

  /** A callee releases elements of the array. */
  releaseElements(state: State, call: CallSite, array: Value, inner: Release): void {
    const slot = arraySlot(this.#frame, array);
    if (slot === null || (array.kind === 'ref' && array.interior)) return;
    const origin: Origin = { kind: 'opaque', slot };
    const subject = subjectAtStart(`element${call.site}`, origin, null);
    const release: Release = {
      ...inner,
      calledAt: call.at,
      calleeSpan: null,
      through: [call.name, ...inner.through],
    };
    this.#tell(state, subject, release, null, call.at);
    noteElementRelease(this.#frame, state, subject, release);
  }

  /** One reference less, by a call of the program. */
  drop(
    state: State,
    call: CallSite,
    value: Value,
    release: Release,
    certainty: (SummaryStep & { kind: 'drop' })['certainty'],
  ): void {
    if (value.kind !== 'ref') return;
    const { id } = value;
    if (state.isFreed(id) || isSoleReference(this.#frame, state, value)) {
      this.release(state, call, value, release, certainty);
      if (certainty === 'always') this.#frame.clobber(state, value, `@${call.site};`);
      return;
    }
    const origin = this.#frame.origins.get(id);
    const isParameter = origin?.kind === 'initial' && origin.path.steps.length === 0;
    // Whether others have a reference to what a member holds, the caller knows.
    if (!isParameter) state.escape(value);
    if (!isParameter || certainty !== 'always') return;
    state.heap.set(id, 'dropped');
    this.#record(state, { kind: 'drop', id, release, at: release.at });
  }

  #tell(state: State, subject: Subject, release: Release, size: Size | null, at: Span): void {
    const { origin } = subject;
    const isInitial = origin?.kind === 'initial';
    const struct = isInitial ? pointedStruct(this.#frame, origin.path, release.pointer) : null;
    const kept = isInitial && struct === null ? keptArgument(this.#frame, origin) : null;
    this.#listen({
      kind: 'release',
      subject: kept === null ? subject : { ...subject, origin: kept },
      release,
      size,
      inDestructor: this.#frame.isDestructor,
      struct,
      guards: guardsOf(this.#frame, state, subject),
      trace: state.trace,
      compiledIf: preprocessorFacts(state.facts),
      at,
    });
  }

  /** A block that the same call made before, and that is still there, keeps its name. */
  #nameFor(state: State, name: string): string {
    return state.isPrivate(`${name}~`) ? `${name}b` : name;
  }

  reallocate(
    state: State,
    call: CallSite,
    value: Value,
    index: number | null,
    release: Release,
    allocation: Allocation,
  ): Value {
    const subject = this.#releasable(state, value, release);
    if (subject !== null) this.#tell(state, subject, release, allocation.size, call.at);
    // A helper that resizes may have asked whether it is memory of the heap.
    else if (index !== null && !call.isAnalyzed) {
      this.#releasePlace(state, call, value, release);
    }
    if (index === null) {
      if (value.kind === 'ref' && subject !== null) {
        const { id } = value;
        const at = release.at;
        this.#record(state, { kind: 'realloc', id, into: null, release, allocation, at });
      }
      return NULL;
    }
    const made = subject?.origin?.kind === 'allocation' ? subject.origin.allocation : null;
    // After a resize by the wrong family has been reported, no family can be told.
    const isMixed =
      subject?.origin?.kind === 'mixed' || (made !== null && !mayRelease(made, release.row));
    const result = this.#frame.fresh(
      state,
      this.#nameFor(state, `block${call.site}/${index}`),
      isMixed ? { kind: 'mixed' } : { kind: 'allocation', allocation },
    );
    if (result.kind !== 'ref') return result;
    if (subject !== null) this.writes.resized(state, subject.id, result.id, call.at);
    if (subject !== null && subject.id !== result.id) {
      loseContents(this.#frame, state, subject.id, release, call.at);
      state.heap.set(subject.id, `freed by ${release.api}`);
      state.unchecked.delete(subject.id);
    }
    state.heap.set(result.id, 'live');
    state.facts.set(result.id, NOT_NULL);
    this.#record(
      state,
      subject === null
        ? { kind: 'alloc', id: result.id, allocation, at: allocation.at }
        : {
            kind: 'realloc',
            id: subject.id,
            into: result.id,
            release,
            allocation,
            at: release.at,
          },
    );
    return result;
  }

  /** A release of what is no block, or no start of one. */
  #releasePlace(state: State, call: CallSite, value: Value, release: Release): void {
    if (release.family === null || familyFacts(release.family).heap === null) return;
    const subject = subjectOfPlace(this.#frame, state, value);
    if (subject === null) return;
    this.#tell(state, subject, release, null, call.at);
    this.#frame.expose(state, value);
  }

  /** null: nothing is released, or nothing that is followed. */
  #releasable(state: State, value: Value, release: Release): Subject | null {
    if (value.kind !== 'ref') return null;
    const fact = state.factOf(value.id);
    if (fact.low === 0 && fact.high === 0) return null;
    const subject = this.subjectOf(state, value);
    // Closing a handle says something about blocks of that family alone.
    if (release.family !== null && !isOfBlocks(release.family)) {
      const made = subject.origin?.kind === 'allocation' ? subject.origin.allocation.family : null;
      // Two kinds of handles are as different as two heaps.
      if (made !== null && isHandle(made) && isHandle(release.family)) return subject;
      // What a member of a struct holds is of that family, whoever filled the struct.
      if (made !== release.family && (made !== null || release.row.member === null)) return null;
    }
    return subject;
  }

  subjectOf(state: State, value: Value & { kind: 'ref' }): Subject {
    return {
      id: value.id,
      origin: this.#frame.origins.get(value.id) ?? null,
      interior: value.interior,
      inside: value.inside,
      freedBy: state.isFreed(value.id) ? lastRelease(state.trace, value.id) : null,
    };
  }

  mark(state: State, call: CallSite, kind: 'enter' | 'leave'): void {
    this.#record(state, { kind, function: call.name, at: call.at });
  }

  #record(state: State, event: Trace['event']): void {
    state.trace = extend(state.trace, event);
  }
}
