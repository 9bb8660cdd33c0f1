// Applies what a call does to a state: one new state for each way the call can go.
import type { Span } from '../../simulator/flagged-path.ts';
import { apiRow } from '../knowledge/row.ts';
import { ArgumentReads, readsArgument } from './argument-reads.ts';
import { CallBlocks } from './call-blocks.ts';
import { pathText } from './caller-text.ts';
import { atSite, CallPaths, type CallSite, type PlaceCell } from './call-site.ts';
import { isZero } from './condition.ts';
import { releasedElements } from './element-releases.ts';
import { assumeOwnership, ownsErratically } from './erratic-ownership.ts';
import type { Listener, Subject } from './events.ts';
import { isNoFact } from './fact.ts';
import type { Frame } from './frame.ts';
import { keptResult, pureResult } from './known-result.ts';
import { releaseAt } from './release-at.ts';
import { shareArguments } from './references.ts';
import { instancesOf } from './struct-instances.ts';
import { registerDestructor, takeOver } from './handed-over.ts';
import {
  changeThread,
  forgetAttachment,
  type HeapCallContext,
  noteHeapCalls,
} from './heap-call.ts';
import { keepWith, lend } from './lending.ts';
import type { State } from './state.ts';
import type { Outcome, Summary, SummaryValue } from './summary.ts';
import {
  exposeArguments,
  exposeLinked,
  exposeMoved,
  exposeReached,
  exposeResult,
  forgetUnlinked,
  letGo,
} from './ownership.ts';
import { UncheckedPointers } from './unchecked-pointers.ts';
import { type CellKey, NULL, type Origin, ref, type Slot, UNKNOWN, type Value } from './value.ts';
import { isPossible, refuses, takesForNull } from './way-to-go.ts';

export interface Applied {
  readonly state: State;
  readonly result: Value;
}

/** The value is the block that the step of this index makes. */
function isBlock(value: SummaryValue, index: number): boolean {
  return value.kind === 'fresh' && value.index === index;
}

export class CallApplier {
  readonly unchecked: UncheckedPointers;
  readonly #frame: Frame;
  readonly #paths: CallPaths;
  readonly #blocks: CallBlocks;
  readonly #placeCell: PlaceCell;
  readonly #heapCalls: HeapCallContext;
  readonly #argumentReads: ArgumentReads;

  constructor(frame: Frame, listen: Listener, placeCell: PlaceCell) {
    this.#frame = frame;
    this.#placeCell = placeCell;
    this.#paths = new CallPaths(frame, placeCell);
    this.#blocks = new CallBlocks(frame, listen);
    this.unchecked = new UncheckedPointers(frame, listen, this.#blocks);
    this.#argumentReads = new ArgumentReads(listen, this.#paths, this.#blocks);
    this.#heapCalls = {
      listen,
      mayStartDetached: frame.mayStartDetached,
      subjectOf: (state, value) => this.#blocks.subjectOf(state, value),
    };
  }

  subjectOf(state: State, value: Value & { kind: 'ref' }): Subject {
    return this.#blocks.subjectOf(state, value);
  }

  apply(before: State, call: CallSite, summary: Summary): Applied[] {
    if (call.isAnalyzed) {
      this.#argumentReads.report(before, call, summary.outcomes, (i) =>
        summary.dereferences.includes(i),
      );
    }
    if (this.unchecked.passedTo(before, call, summary.dereferences)) return [];
    const applied: (Applied & { readonly outcome: Outcome })[] = [];
    const last = summary.outcomes.length - 1;
    const isErratic = ownsErratically(summary);
    for (const { path, release } of releasedElements(
      this.#paths,
      before,
      call,
      summary.elementReleases,
    )) {
      this.#blocks.releaseElements(before, call, this.#paths.valueAt(before, call, path), release);
    }
    for (const { path, contents } of summary.fills) {
      this.#blocks.writes.fill(before, this.#paths.valueAt(before, call, path), contents, call.at);
    }
    summary.outcomes.forEach((outcome, i) => {
      const state = i === last ? before : before.clone();
      if (isErratic && !assumeOwnership(state, summary.name, outcome)) return;
      // What one way of going makes is not what another makes.
      const way = i === 0 ? call : atSite(call, `${call.site}o${i}`);
      const isRefused = call.isAnalyzed && refuses(this.#paths, before, call, { summary, outcome });
      const result = this.#applyOutcome(state, way, outcome);
      // No path on which the caller has to take back what it gave.
      if (isRefused) call.values.forEach((value) => state.escape(value));
      if (result !== null) applied.push({ state, result, outcome });
    });
    forgetAttachment(applied);
    return applied;
  }

  /** A call of something out of view: everything it can reach may change. */
  applyUnknown(state: State, call: CallSite): Applied {
    this.unchecked.passedTo(state, call, []);
    const version = `@${call.site};`;
    state.errorIsClear = false;
    // Incomplete: a name in capitals is taken for a macro that may assign to its arguments.
    const macroLike = /^[A-Z][A-Z0-9_]+$/.test(call.name);
    this.#blocks.writes.overwrite(state, call.values, call.at);
    call.arguments.forEach((argument, i) => {
      const value = call.values[i]!;
      // Whether code out of view reads through the pointer is not known: it may only compare it.
      if (lend(state, value, call, i)) this.#frame.overwrite(state, value, version);
      else this.#frame.clobber(state, value, version);
      if (macroLike && argument.place !== null) {
        this.#frame.store(state, this.#placeCell(state, argument.place), UNKNOWN, call.site);
      }
    });
    this.#frame.clobberShared(state, version);
    // A macro out of view may leave the function.
    if (macroLike) {
      for (const id of state.heap.keys()) if (state.isFreed(id)) state.heap.delete(id);
    }
    const assumed = this.#frame.assumed.rowOf(call.name, call.boundTo);
    const result =
      assumed === null
        ? this.#frame.fresh(state, `call${call.site}`, { kind: 'opaque', slot: null })
        : this.#blocks.assume(state, call, assumed);
    const struct = this.#frame.structNamed(this.#frame.cfg.structs.get(call.boundTo) ?? '');
    if (struct !== null) this.#blocks.writes.write(state, instancesOf(struct), null, null, call.at);
    return { state, result };
  }

  #applyOutcome(state: State, call: CallSite, outcome: Outcome): Value | null {
    const isGuess = takesForNull(this.#paths, state, call, outcome);
    if (!isPossible(this.#frame, this.#paths, state, call, outcome)) return null;
    if (state.errorIsClear && !call.isAnalyzed && apiRow(call.name)?.asksException === true) {
      return NULL;
    }
    // Everything is looked up before anything changes.
    const targets = outcome.steps.map((step) =>
      step.kind === 'alloc' ? UNKNOWN : this.#paths.valueAt(state, call, step.path),
    );
    const cells = outcome.assigns.map(({ path }) => this.#paths.cellAt(state, call, path));
    const looked = (value: SummaryValue): Value | null =>
      value.kind === 'path' ? this.#paths.lookUp(state, call, value) : null;
    const slots = outcome.assigns.map(({ path }, i) =>
      cells[i] === null ? this.#paths.elementSlotAt(state, call, path) : null,
    );
    const assigned = outcome.assigns.map(({ value }) => looked(value));
    const returned = looked(outcome.returns);
    const clobbered = outcome.clobbers.map((path) => this.#paths.valueAt(state, call, path));
    const escaping = outcome.escapes.map((path) => this.#paths.valueAt(state, call, path));
    const row = call.isAnalyzed ? undefined : apiRow(call.name);
    // An object that keeps a pointer, and is not made, has kept nothing.
    const isKeeper = row?.role === 'keeps-pointer' && row.ref === 'new' && row.nullOnFailure;
    const kept = (isKeeper ? escaping : []).flatMap((value) =>
      value.kind === 'ref' && state.isPrivate(value.id) ? [value.id] : [],
    );
    if (!call.isAnalyzed) {
      exposeArguments(this.#frame, state, call, outcome);
      exposeMoved(state, call, outcome, row);
      this.#argumentReads.report(state, call, [outcome], (i) => readsArgument(call, i));
      registerDestructor(this.#frame, this.#blocks, state, call, row);
      shareArguments(this.#frame, state, call.values, row);
      if (row?.role === 'object-init') this.#blocks.becomesObject(state, call, row);
    }
    exposeReached(this.#frame, state, call, outcome, { values: escaping, which: 'members' });
    noteHeapCalls(state, call, outcome, this.#heapCalls);
    if (call.isAnalyzed && outcome.steps.length > 0) this.#blocks.mark(state, call, 'enter');
    const made = new Map<number, Value>();
    const isRenewed = (value: Value): boolean => {
      if (value.kind !== 'ref') return false;
      for (const one of made.values()) if (one.kind === 'ref' && one.id === value.id) return true;
      return false;
    };
    outcome.steps.forEach((step, i) => {
      // The block of an earlier turn of a loop has given its name to the new one.
      if (step.kind !== 'alloc' && isRenewed(targets[i]!)) return;
      switch (step.kind) {
        case 'alloc': {
          const allocation =
            step.allocation ?? this.#blocks.allocation(call, step.row, outcome, step.index);
          if (!call.isAnalyzed) this.#blocks.lookAtSize(state, call, allocation);
          const value = this.#blocks.allocate(state, call, outcome, step, allocation);
          // Of a block in an argument, the result of the call may tell whether there is one.
          const { returns } = outcome;
          if (returns.kind !== 'fresh' || returns.index !== step.index) state.checked(value);
          made.set(step.index, value);
          break;
        }
        case 'free':
          exposeLinked(this.#frame, state, call.values, step.path, targets[i]!);
          this.#blocks.release(
            state,
            call,
            targets[i]!,
            releaseAt(this.#frame, call, step.release, step.row, step.path),
            step.certainty,
          );
          break;
        case 'realloc': {
          const release = releaseAt(this.#frame, call, step.release, step.row, step.path);
          const allocation =
            step.allocation ?? this.#blocks.allocation(call, step.row, outcome, step.index);
          if (!call.isAnalyzed) this.#blocks.lookAtSize(state, call, allocation);
          const value = this.#blocks.reallocate(
            state,
            call,
            targets[i]!,
            step.index,
            release,
            this.#blocks.seen(call, outcome, step.index, allocation),
          );
          if (step.index !== null) made.set(step.index, value);
          break;
        }
        case 'drop':
          this.#blocks.drop(
            state,
            call,
            targets[i]!,
            releaseAt(this.#frame, call, step.release, step.row, step.path),
            step.certainty,
          );
      }
    });
    if (call.isAnalyzed && outcome.steps.length > 0) this.#blocks.mark(state, call, 'leave');
    changeThread(state, call, outcome);
    exposeReached(this.#frame, state, call, outcome, { values: escaping, which: 'arguments' });

    const settle = (value: SummaryValue, found: Value | null, name: string): Value => {
      if (found !== null) return isRenewed(found) ? UNKNOWN : found;
      return this.#produce(state, call, outcome, { value, made, name });
    };
    this.#blocks.writes.overwriteArguments(state, call, outcome);
    clobbered.forEach((value) => this.#frame.overwrite(state, value, `@${call.site};`));
    if (outcome.clobbersGlobals) this.#frame.clobberShared(state, `@${call.site};`);
    outcome.assigns.forEach(({ path, value }, i) => {
      // It gets a name when something reads it.
      const stored =
        value.kind === 'unknown' ? UNKNOWN : settle(value, assigned[i]!, `out${i}-${call.site}`);
      const cell = cells[i]!;
      if (cell !== null) {
        letGo(this.#frame, state, cell, stored, {
          place: () => pathText(path, call) ?? '',
          at: call.at,
          byCallee: call.isAnalyzed,
          depth: path.steps.length,
        });
      }
      this.storeAt(state, cell, stored, call.at, `${call.site}a${i}`, slots[i]);
    });
    forgetUnlinked(state, outcome, targets);
    // What the callee keeps for itself, or has made because of what is only guessed.
    state.errorIsClear = call.isAnalyzed && made.size > 0;
    for (const [index, value] of made) {
      const isGiven =
        isBlock(outcome.returns, index) || outcome.assigns.some((a) => isBlock(a.value, index));
      if (isGuess || !isGiven) state.escape(value);
    }
    const result =
      pureResult(this.#frame, call) ??
      keptResult(this.#frame, state, call) ??
      settle(outcome.returns, returned, `call${call.site}`);
    keepWith(state, kept, result);
    takeOver(this.#frame, this.#blocks, state, call, result);
    exposeResult(state, call, outcome);
    return result;
  }

  /** Stores and tells whoever gathers evidence about slots. */
  storeAt(
    state: State,
    cell: CellKey | null,
    value: Value,
    at: Span,
    site: string,
    slotOfPlace: Slot | null = null,
  ): void {
    const slot = cell === null ? slotOfPlace : this.#frame.factsOf(cell).slot;
    const isNothing = value.kind === 'int' || value.kind === 'function' || isZero(state, value);
    if (slot !== null && !isNothing) {
      const origin = this.#frame.originOf(value) ?? null;
      const isOwn =
        (origin?.kind === 'initial' || origin?.kind === 'opaque') && origin.slot === slot;
      if (!isOwn) {
        const id = value.kind === 'ref' && !value.interior ? value.id : null;
        this.#blocks.writes.write(state, slot, id, origin, at);
      }
    }
    this.#frame.store(state, cell, value, site);
  }

  #produce(
    state: State,
    call: CallSite,
    outcome: Outcome,
    produced: { value: SummaryValue; made: ReadonlyMap<number, Value>; name: string },
  ): Value {
    const { value, made, name } = produced;
    const frame = this.#frame;
    switch (value.kind) {
      case 'int':
        return { kind: 'int', value: value.value };
      case 'function':
        return { kind: 'function', name: value.name };
      case 'named':
        if (!frame.origins.has(value.id)) {
          frame.origins.set(value.id, { kind: 'opaque', slot: null });
        }
        return ref(value.id);
      case 'fresh':
        return made.get(value.index) ?? UNKNOWN;
      case 'failure': {
        const tried = value.allocation ?? this.#blocks.allocation(call, value.row, outcome, null);
        return this.#blocks.fail(state, call, outcome, name, tried);
      }
      case 'lent': {
        const { as, row, fact } = value;
        const origin: Origin = { kind: as, row, at: call.at, pointer: call.boundTo };
        const lent = frame.fresh(state, name, origin);
        if (lent.kind === 'ref' && !isNoFact(fact)) state.facts.set(lent.id, fact);
        return lent;
      }
      case 'input':
        return frame.fresh(state, name, { kind: 'input', row: value.row, at: call.at });
      case 'number': {
        const result = frame.fresh(state, name, { kind: 'opaque', slot: null });
        if (result.kind === 'ref') state.facts.set(result.id, value.fact);
        return result;
      }
      case 'stack':
        return { kind: 'address', cell: `stack ${name}` };
      case 'unknown':
      case 'path':
        return frame.fresh(state, name, { kind: 'opaque', slot: null });
    }
  }
}
