// A call as the caller sees it, and what the access paths of a summary mean there.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Argument, Place } from '../cfg/instruction.ts';
import { arraySlot } from './array-slots.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { SummaryValue } from './summary.ts';
import {
  type AccessPath,
  type CellKey,
  interiorRef,
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
  /** The call gives up the last reference to an object. */
  readonly endsObject: boolean;
}

/** The call under the name of another program point. */
export function atSite(call: CallSite, site: string): CallSite {
  return {
    site,
    at: call.at,
    name: call.name,
    arguments: call.arguments,
    values: call.values,
    through: call.through,
    calleeSpan: call.calleeSpan,
    boundTo: call.boundTo,
    isAnalyzed: call.isAnalyzed,
    endsObject: call.endsObject,
  };
}

export type PlaceCell = (state: State, place: Place) => CellKey | null;

export class CallPaths {
  readonly #frame: Frame;
  readonly #placeCell: PlaceCell;

  constructor(frame: Frame, placeCell: PlaceCell) {
    this.#frame = frame;
    this.#placeCell = placeCell;
  }

  /** The cell that a path leads to; null: a parameter itself, or unknown. */
  cellAt(state: State, call: CallSite, path: AccessPath): CellKey | null {
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

  /** Of a path that ends in an element of an array, `*(rows + i)`; null: it does not. */
  elementSlotAt(state: State, call: CallSite, path: AccessPath): Slot | null {
    if (path.steps.at(-1)?.kind !== 'dereference') return null;
    const pointer = this.valueAt(state, call, { ...path, steps: path.steps.slice(0, -1) });
    return pointer.kind === 'ref' && pointer.interior ? arraySlot(this.#frame, pointer) : null;
  }

  valueAt(state: State, call: CallSite, path: AccessPath): Value {
    if (path.root.kind === 'argument' && path.steps.length === 0) {
      return call.values[path.root.index] ?? UNKNOWN;
    }
    const cell = this.cellAt(state, call, path);
    return cell === null ? UNKNOWN : this.#frame.load(state, cell, `${call.site}v`);
  }

  lookUp(state: State, call: CallSite, value: SummaryValue & { kind: 'path' }): Value {
    const found = this.valueAt(state, call, value.path);
    if (!value.interior || found.kind !== 'ref') return found;
    // Whoever holds a pointer into a block can go back to its start.
    const inside = value.inside && (!found.interior || found.inside);
    return interiorRef(found.id, { inside });
  }
}
