// Applies what a call does to a state: one new state for each way the call can go.
import { FAMILIES } from '../../simulator/families.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { mayRelease } from '../knowledge/release.ts';
import type { Argument, Place } from '../cfg/instruction.ts';
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import { assumeTruth } from './condition.ts';
import { type Listener, preprocessorFacts, type Subject } from './events.ts';
import { conjunction, type Fact } from './fact.ts';
import type { Frame } from './frame.ts';
import { sizeOfCall } from './size.ts';
import type { State } from './state.ts';
import { NOT_NULL, type Outcome, type Summary, type SummaryValue } from './summary.ts';
import { extend, type Trace } from './trace.ts';
import {
  type AccessPath,
  type Allocation,
  type CellKey,
  type Id,
  NULL,
  type Origin,
  ref,
  type Release,
  type Slot,
  UNKNOWN,
  type Value,
} from './value.ts';

/** A call as the caller sees it. */
export interface CallSite {
  /** Names the program point within the function. */
  readonly site: string;
  readonly at: Span;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly values: readonly Value[];
  readonly through: readonly string[];
  readonly calleeSpan: Span | null;
  readonly boundTo: string;
  /** The callee is a function of the program, not a row of the table. */
  readonly isAnalyzed: boolean;
}

export interface Applied {
  readonly state: State;
  readonly result: Value;
}

export class CallApplier {
  readonly #frame: Frame;
  readonly #listen: Listener;
  readonly #placeCell: (state: State, place: Place) => CellKey | null;

  constructor(
    frame: Frame,
    listen: Listener,
    placeCell: (state: State, place: Place) => CellKey | null,
  ) {
    this.#frame = frame;
    this.#listen = listen;
    this.#placeCell = placeCell;
  }

  apply(before: State, call: CallSite, summary: Summary): Applied[] {
    const applied: Applied[] = [];
    const last = summary.outcomes.length - 1;
    summary.outcomes.forEach((outcome, i) => {
      const state = i === last ? before : before.clone();
      // What one way of going makes is not what another makes.
      const way = { ...call, site: i === 0 ? call.site : `${call.site}o${i}` };
      const result = this.#applyOutcome(state, way, outcome);
      if (result !== null) applied.push({ state, result });
    });
    return applied;
  }

  /** A call of something out of view: everything it can reach may change. */
  applyUnknown(state: State, call: CallSite): Applied {
    const version = `@${call.site};`;
    const macroLike = /^[A-Z][A-Z0-9_]+$/.test(call.name);
    call.arguments.forEach((argument, i) => {
      const value = call.values[i]!;
      this.#reportUse(state, call, value, i, null);
      this.#frame.clobber(state, value, version);
      if (macroLike && argument.place !== null) {
        this.#frame.store(state, this.#placeCell(state, argument.place), UNKNOWN, call.site);
      }
    });
    this.#frame.clobberShared(state, version);
    const result = this.#frame.fresh(state, `call${call.site}`, { kind: 'opaque', slot: null });
    return { state, result };
  }

  #applyOutcome(state: State, call: CallSite, outcome: Outcome): Value | null {
    if (!this.#isPossible(state, call, outcome)) return null;
    // Everything is looked up before anything changes.
    const targets = outcome.steps.map((step) =>
      step.kind === 'alloc' ? UNKNOWN : this.#valueAt(state, call, step.path),
    );
    const cells = outcome.assigns.map(({ path }) => this.#cellAt(state, call, path));
    const looked = (value: SummaryValue): Value | null =>
      value.kind === 'path' ? this.#lookUp(state, call, value) : null;
    const assigned = outcome.assigns.map(({ value }) => looked(value));
    const returned = looked(outcome.returns);
    const clobbered = outcome.clobbers.map((path) => this.#valueAt(state, call, path));
    if (!call.isAnalyzed) {
      this.#reportUses(state, call, outcome);
      this.#registerDestructor(state, call);
    }

    if (call.isAnalyzed && outcome.steps.length > 0) this.#mark(state, call, 'enter');
    const made = new Map<number, Value>();
    outcome.steps.forEach((step, i) => {
      switch (step.kind) {
        case 'alloc': {
          const allocation =
            step.allocation ?? this.#allocation(call, step.row, outcome, step.index);
          made.set(step.index, this.#allocate(state, call, step.index, allocation, step.fact));
          break;
        }
        case 'free':
          this.#release(
            state,
            call,
            targets[i]!,
            this.#releaseAt(call, step.release, step.row),
            step.certain,
          );
          break;
        case 'realloc': {
          const release = this.#releaseAt(call, step.release, step.row);
          const allocation =
            step.allocation ?? this.#allocation(call, step.row, outcome, step.index);
          const value = this.#reallocate(state, call, targets[i]!, step.index, release, allocation);
          if (step.index !== null) made.set(step.index, value);
          break;
        }
        case 'escape':
          if (targets[i]!.kind === 'ref') state.escaped.set(targets[i]!.id, true);
      }
    });
    if (call.isAnalyzed && outcome.steps.length > 0) this.#mark(state, call, 'leave');

    const renewed = new Set([...made.values()].map((v) => (v.kind === 'ref' ? v.id : '')));
    const settle = (value: SummaryValue, found: Value | null, name: string): Value => {
      if (found !== null) return found.kind === 'ref' && renewed.has(found.id) ? UNKNOWN : found;
      return this.#produce(state, call, value, made, name);
    };
    clobbered.forEach((value) => this.#frame.clobber(state, value, `@${call.site};`));
    if (outcome.clobbersGlobals) this.#frame.clobberShared(state, `@${call.site};`);
    outcome.assigns.forEach(({ value }, i) => {
      const stored = settle(value, assigned[i]!, `out${i}-${call.site}`);
      this.storeAt(state, cells[i]!, stored, call.at, `${call.site}a${i}`);
    });
    return settle(outcome.returns, returned, `call${call.site}`);
  }

  /** A pointer that the API keeps, and the function that will release it. */
  #registerDestructor(state: State, call: CallSite): void {
    const row = apiRow(call.name);
    if (row === undefined || row.destructorArg === null || row.pointerArg === null) return;
    const destructor = call.values[row.destructorArg];
    const kept = call.values[row.pointerArg];
    if (destructor?.kind !== 'function' || kept === undefined || kept.kind === 'int') return;
    const id = kept.kind === 'ref' && !kept.interior ? kept.id : null;
    const origin = this.#frame.originOf(kept) ?? null;
    this.#slotWrite(state, `kept for ${destructor.name}`, id, origin, call.at);
  }

  /** Stores and tells whoever gathers evidence about slots. */
  storeAt(state: State, cell: CellKey | null, value: Value, at: Span, site: string): void {
    const slot = cell === null ? null : this.#frame.factsOf(cell).slot;
    const isNothing = value.kind === 'int' || value.kind === 'function';
    if (slot !== null && !isNothing) {
      const origin = this.#frame.originOf(value) ?? null;
      const isOwn =
        (origin?.kind === 'initial' || origin?.kind === 'opaque') && origin.slot === slot;
      if (!isOwn) {
        const id = value.kind === 'ref' && !value.interior ? value.id : null;
        this.#slotWrite(state, slot, id, origin, at);
      }
    }
    this.#frame.store(state, cell, value, site);
  }

  #slotWrite(state: State, slot: Slot, id: Id | null, origin: Origin | null, at: Span): void {
    const compiledIf = preprocessorFacts(state.facts);
    this.#listen({ kind: 'slot-write', slot, id, origin, trace: state.trace, compiledIf, at });
  }

  #isPossible(state: State, call: CallSite, outcome: Outcome): boolean {
    for (const { path, fact } of outcome.when) {
      if (!this.#assumeFact(state, this.#valueAt(state, call, path), fact)) return false;
    }
    for (const [id, fact] of outcome.compiledIf) {
      const both = conjunction(state.factOf(id), fact);
      if (both === null) return false;
      state.facts.set(id, both);
    }
    return true;
  }

  #assumeFact(state: State, value: Value, fact: Fact): boolean {
    if (value.kind === 'int') {
      return value.value >= fact.low && value.value <= fact.high && !fact.not.includes(value.value);
    }
    if (value.kind === 'unknown') return true;
    const isNull = fact.low === 0 && fact.high === 0;
    if (isNull || fact.not.includes(0)) {
      if (!assumeTruth(this.#frame, state, value, !isNull)) return false;
    }
    if (value.kind !== 'ref' || value.interior || isNull) return true;
    const both = conjunction(state.factOf(value.id), fact);
    if (both === null) return false;
    state.facts.set(value.id, both);
    return true;
  }

  /** The cell that a path leads to; null: a parameter itself, or unknown. */
  #cellAt(state: State, call: CallSite, path: AccessPath): CellKey | null {
    const frame = this.#frame;
    let cell: CellKey | null = null;
    let value: Value | null = null;
    if (path.root.kind === 'global') cell = frame.globalCell(path.root.name);
    else if (path.steps.length > 0) value = call.values[path.root.index] ?? UNKNOWN;
    else {
      const place = call.arguments[path.root.index]?.place ?? null;
      return place === null ? null : this.#placeCell(state, place);
    }
    for (const step of path.steps) {
      if (step.kind === 'dereference') {
        const pointer: Value = value ?? frame.load(state, cell, `${call.site}p`);
        cell = frame.memoryCell(pointer);
        value = null;
        if (cell === null) return null;
      } else if (cell === null) {
        return null;
      } else {
        cell = frame.memberCell(cell, step.name, step.struct);
      }
    }
    return cell;
  }

  #valueAt(state: State, call: CallSite, path: AccessPath): Value {
    if (path.root.kind === 'argument' && path.steps.length === 0) {
      return call.values[path.root.index] ?? UNKNOWN;
    }
    const cell = this.#cellAt(state, call, path);
    return cell === null ? UNKNOWN : this.#frame.load(state, cell, `${call.site}v`);
  }

  #lookUp(state: State, call: CallSite, value: SummaryValue & { kind: 'path' }): Value {
    const found = this.#valueAt(state, call, value.path);
    return value.interior && found.kind === 'ref' ? ref(found.id, true) : found;
  }

  #produce(
    state: State,
    call: CallSite,
    value: SummaryValue,
    made: ReadonlyMap<number, Value>,
    name: string,
  ): Value {
    const frame = this.#frame;
    switch (value.kind) {
      case 'int':
        return { kind: 'int', value: value.value };
      case 'function':
        return { kind: 'function', name: value.name };
      case 'fresh':
        return made.get(value.index) ?? UNKNOWN;
      case 'lent': {
        const origin: Origin = {
          kind: value.as,
          row: value.row,
          at: call.at,
          pointer: call.boundTo,
        };
        return frame.fresh(state, name, origin);
      }
      case 'number': {
        const result = frame.fresh(state, name, { kind: 'opaque', slot: null });
        if (result.kind === 'ref') state.facts.set(result.id, value.fact);
        return result;
      }
      case 'unknown':
      case 'path': {
        const returnsKept = name.startsWith('call') && apiRow(call.name)?.returnsKept === true;
        const slot = returnsKept && !call.isAnalyzed ? `kept for ${frame.cfg.name}` : null;
        return frame.fresh(state, name, { kind: 'opaque', slot });
      }
    }
  }

  #allocation(call: CallSite, row: ApiRow, outcome: Outcome, index: number | null): Allocation {
    const out = outcome.assigns.find(
      ({ value }) => value.kind === 'fresh' && value.index === index,
    );
    const outText =
      out?.path.root.kind === 'argument'
        ? (call.arguments[out.path.root.index]?.text.replace(/^&\s*/, '') ?? '')
        : '';
    return {
      api: row.kind === 'format-unit' ? call.name : row.name,
      row,
      family: row.family!,
      pointer: outText === '' ? call.boundTo : outText,
      size: sizeOfCall(
        row,
        call.arguments.map((a) => a.text),
      ),
      zeroed: row.zeroed,
      at: call.at,
      through: call.through,
    };
  }

  #allocate(
    state: State,
    call: CallSite,
    index: number,
    allocation: Allocation,
    fact: Fact,
  ): Value {
    const made = call.isAnalyzed
      ? {
          ...allocation,
          pointer: call.boundTo === '' ? allocation.pointer : call.boundTo,
          through: [call.name, ...allocation.through],
        }
      : allocation;
    const value = this.#frame.fresh(state, `block${call.site}/${index}`, {
      kind: 'allocation',
      allocation: made,
    });
    if (value.kind !== 'ref') return value;
    state.heap.set(value.id, 'live');
    if (fact.low > -Infinity || fact.high < Infinity || fact.not.length > 0) {
      state.facts.set(value.id, fact);
    }
    this.#record(state, { kind: 'alloc', id: value.id, allocation: made, at: made.at });
    const type = call.isAnalyzed ? null : typeArgument(made.row, call);
    if (type !== null) {
      this.#slotWrite(
        state,
        `type ${type}`,
        value.id,
        { kind: 'allocation', allocation: made },
        call.at,
      );
    }
    return value;
  }

  #releaseAt(call: CallSite, inner: Release | null, row: ApiRow): Release {
    if (inner !== null) {
      const pointer = call.arguments[0]?.text ?? inner.pointer;
      return { ...inner, pointer, calleeSpan: null, through: [call.name, ...inner.through] };
    }
    return {
      api: row.name,
      row,
      family: row.family,
      pointer: call.arguments[row.pointerArg ?? 0]?.text ?? '',
      at: call.at,
      calleeSpan: call.calleeSpan,
      through: call.through,
      isRealloc: row.role === 'realloc',
    };
  }

  #release(state: State, call: CallSite, value: Value, release: Release, certain: boolean): void {
    const subject = this.#releasable(state, value, release);
    if (subject === null) return;
    const { id } = subject;
    this.#listen({
      kind: 'release',
      subject,
      release,
      trace: state.trace,
      compiledIf: preprocessorFacts(state.facts),
      at: call.at,
    });
    if (!certain) {
      this.#frame.clobber(state, value, `@${call.site};`);
      state.heap.delete(id);
      return;
    }
    state.heap.set(id, 'freed');
    this.#record(state, { kind: 'free', id, release, at: release.at });
  }

  #reallocate(
    state: State,
    call: CallSite,
    value: Value,
    index: number | null,
    release: Release,
    allocation: Allocation,
  ): Value {
    const subject = this.#releasable(state, value, release);
    if (subject !== null) {
      this.#listen({
        kind: 'release',
        subject,
        release,
        trace: state.trace,
        compiledIf: preprocessorFacts(state.facts),
        at: call.at,
      });
    }
    if (index === null) return NULL;
    const resized = afterMismatch(subject, allocation, release);
    const result = this.#frame.fresh(state, `block${call.site}/${index}`, {
      kind: 'allocation',
      allocation: resized,
    });
    if (result.kind !== 'ref') return result;
    if (subject !== null && subject.id !== result.id) state.heap.set(subject.id, 'freed');
    state.heap.set(result.id, 'live');
    state.facts.set(result.id, NOT_NULL);
    this.#record(
      state,
      subject === null
        ? { kind: 'alloc', id: result.id, allocation: resized, at: allocation.at }
        : {
            kind: 'realloc',
            id: subject.id,
            into: result.id,
            release,
            allocation: resized,
            at: release.at,
          },
    );
    return result;
  }

  /** null: nothing is released, or nothing that is followed. */
  #releasable(state: State, value: Value, release: Release): Subject | null {
    if (value.kind !== 'ref') return null;
    const fact = state.factOf(value.id);
    if (fact.low === 0 && fact.high === 0) return null;
    const subject = this.subjectOf(state, value);
    // Closing a handle says something about blocks of that family alone.
    if (release.family !== null && FAMILIES[release.family].heap === null) {
      const made = subject.origin?.kind === 'allocation' ? subject.origin.allocation.family : null;
      if (made !== release.family) return null;
    }
    return subject;
  }

  subjectOf(state: State, value: Value & { kind: 'ref' }): Subject {
    return {
      id: value.id,
      origin: this.#frame.origins.get(value.id) ?? null,
      interior: value.interior,
      freedBy: state.heap.get(value.id) === 'freed' ? lastRelease(state.trace, value.id) : null,
    };
  }

  #reportUses(state: State, call: CallSite, outcome: Outcome): void {
    const consumed = new Set(
      outcome.steps.map((s) =>
        s.kind !== 'alloc' && s.path.root.kind === 'argument' ? s.path.root.index : -1,
      ),
    );
    call.values.forEach((value, i) => {
      if (!consumed.has(i)) this.#reportUse(state, call, value, i, outcome);
    });
  }

  #reportUse(
    state: State,
    call: CallSite,
    value: Value,
    index: number,
    outcome: Outcome | null,
  ): void {
    // What code out of view does with a pointer is not known: it may only compare it.
    if (outcome === null || value.kind !== 'ref' || state.heap.get(value.id) !== 'freed') return;
    if (!readsArgument(apiRow(call.name), index)) return;
    this.#listen({
      kind: 'use',
      subject: this.subjectOf(state, value),
      how: 'argument',
      pointer: call.arguments[index]?.text ?? '',
      trace: state.trace,
      compiledIf: preprocessorFacts(state.facts),
      at: call.at,
    });
  }

  #mark(state: State, call: CallSite, kind: 'enter' | 'leave'): void {
    this.#record(state, { kind, function: call.name, at: call.at });
  }

  #record(state: State, event: Trace['event']): void {
    state.trace = extend(state.trace, event);
  }
}

/**
 * After a resize by the wrong family has been reported, the block counts as one of the family it came
 * from: what follows is judged as if the resize were repaired.
 */
function afterMismatch(
  subject: Subject | null,
  allocation: Allocation,
  release: Release,
): Allocation {
  if (subject?.origin?.kind !== 'allocation') return allocation;
  const made = subject.origin.allocation;
  if (mayRelease(made, release.row)) return allocation;
  const { api, row, family } = made;
  return { ...allocation, api, row, family };
}

/** Whether the call looks at the memory that the argument points to. */
function readsArgument(row: ApiRow | undefined, index: number): boolean {
  if (row === undefined) return false;
  const entry = row.ptrArgs.find((p) => p.arg === index);
  if (entry !== undefined) return true;
  return (
    row.role === 'copies-input' || row.role === 'call-duration' || row.role === 'caller-buffer'
  );
}

/** `&Token_Type` -> `Token_Type`: the type object that an object is made of. */
function typeArgument(row: ApiRow, call: CallSite): string | null {
  const index = row.sizeArgs.find((s) => s.meaning === 'type-object')?.arg;
  const text = index === undefined ? undefined : call.arguments[index]?.text;
  return /^&\s*(\w+)$/.exec(text ?? '')?.[1] ?? null;
}

function lastRelease(trace: Trace | null, id: string): Release | null {
  for (let t = trace; t !== null; t = t.previous) {
    const { event } = t;
    if ((event.kind === 'free' || event.kind === 'realloc') && event.id === id)
      return event.release;
  }
  return null;
}
