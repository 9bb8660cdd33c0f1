// Pointers that an allocation returned and that may be NULL: what the path does with them before it compares
// them with NULL. Whatever may be a check counts as one.
import { apiRow, type ApiRow } from '../knowledge/row.ts';
import type { CallBlocks } from './call-blocks.ts';
import type { CallSite } from './call-site.ts';
import { isZero } from './condition.ts';
import { type FlowEvent, type Listener, preprocessorFacts } from './events.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { ref, type Value } from './value.ts';

type NullDereference = FlowEvent & { readonly kind: 'null-dereference' };

export class UncheckedPointers {
  readonly #frame: Frame;
  readonly #listen: Listener;
  readonly #blocks: CallBlocks;

  constructor(frame: Frame, listen: Listener, blocks: CallBlocks) {
    this.#frame = frame;
    this.#listen = listen;
    this.#blocks = blocks;
  }

  /** An unchecked pointer is read or written through; whether it is NULL on this path, which ends there. */
  dereferenced(
    state: State,
    value: Value & { kind: 'ref' },
    use: Pick<NullDereference, 'how' | 'pointer' | 'callee' | 'at'>,
  ): boolean {
    const origin = this.#frame.origins.get(value.id);
    if (origin?.kind === 'allocation' || origin?.kind === 'failure') {
      this.#listen({
        kind: 'null-dereference',
        subject: this.#blocks.subjectOf(state, value),
        allocation: origin.allocation,
        trace: state.trace,
        compiledIf: preprocessorFacts(state.facts),
        ...use,
      });
    }
    // One report is enough: whoever gets further has a block.
    if (origin?.kind === 'allocation') state.assume(value.id, '!=', 0);
    state.checked(value);
    return origin?.kind === 'failure';
  }

  /**
   * `dereferences`: the arguments that the call reads or writes through, whatever happens. Whether the path ends
   * there.
   */
  passedTo(state: State, call: CallSite, dereferences: readonly number[]): boolean {
    if (state.unchecked.size === 0) return false;
    let isFatal = false;
    // Where some size is 0, nothing is read or written.
    const isEmpty = call.values.some((v) => isZero(state, v) && !isUnchecked(state, v));
    const mayBeChecked: Value[] = [];
    call.values.forEach((value, i) => {
      if (value.kind !== 'ref') return;
      if (state.unchecked.has(value.id) && dereferences.includes(i) && !isEmpty) {
        const pointer = call.arguments[i]?.text ?? '';
        const callee = call.name;
        const use = { how: 'argument', pointer, callee, at: call.at } as const;
        isFatal = this.dereferenced(state, value, use) || isFatal;
      } else mayBeChecked.push(value);
    });
    const row = call.isAnalyzed ? undefined : apiRow(call.name);
    if (row !== undefined && mayBeGivenNull(row)) return isFatal;
    for (let value = mayBeChecked.pop(); value !== undefined; value = mayBeChecked.pop()) {
      const origin = this.#frame.originOf(value);
      if (origin?.kind === 'negation') mayBeChecked.push(origin.operand);
      else if (origin?.kind === 'comparison') mayBeChecked.push(origin.left, origin.right);
      else state.checked(value);
    }
    // Code out of view, or a function of the program, may look at what it can reach.
    if (row === undefined) for (const id of state.escaped.keys()) state.checked(ref(id));
    return isFatal;
  }
}

function isUnchecked(state: State, value: Value): boolean {
  return value.kind === 'ref' && state.unchecked.has(value.id);
}

/** NULL has a meaning of its own to a release or a resize; passing it on is no check. */
function mayBeGivenNull(row: ApiRow): boolean {
  return row.role === 'free' || row.role === 'realloc' || row.nullOk;
}
