// Elements at an index that is no constant: `rows[i] = malloc(n); rows[i]->name = …`. Such an element is known
// by its array and the value of the index, from when it was last read or written until something may have
// written to the array again; everybody else may reach what is stored in it.
import type { Place, Temp } from '../cfg/instruction.ts';
import type { ApiRow } from '../knowledge/row.ts';
import type { CallSite } from './call-site.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { type CellKey, isElementCell, type Slot, tempKey, UNKNOWN, type Value } from './value.ts';

/** What an element holds; it has the same name when it is read again. */
export function loadElement(
  frame: Frame,
  state: State,
  place: Place,
  { site, slot }: { readonly site: string; readonly slot: Slot | null },
): Value {
  exposeElements(frame, state, place);
  const cell = elementOf(frame, state, place);
  const held = cell === null ? undefined : state.cells.get(cell);
  if (held !== undefined && held.kind !== 'unknown') return held;
  const value = frame.load(state, null, site, slot);
  if (cell !== null) state.cells.set(cell, value);
  return value;
}

/** The element of the place, if it is one, holds the value from here on. */
export function keepElement(frame: Frame, state: State, place: Place, value: Value): void {
  const cell = elementOf(frame, state, place);
  if (cell !== null) state.cells.set(cell, value);
}

/** What is written through the place, or to a part of it, may be any element of its arrays. */
export function forgetElements(frame: Frame, state: State, place: Place): void {
  for (let current = place; ; current = current.base) {
    const cell = cellOf(frame, state, current);
    if (cell !== null) forgetBelow(state, cell);
    if (current.kind === 'memory') {
      const member = place.kind === 'field' ? place.name : null;
      forgetWritten(frame, state, valueOf(state, current.pointer), member);
    }
    if (current.kind !== 'field' && current.kind !== 'element') return;
  }
}

/** A call may write to the arrays that it is given; one that is not of the API, to any. */
export function forgetElementsAtCall(
  frame: Frame,
  state: State,
  call: CallSite,
  row: ApiRow | undefined,
): void {
  if (row === undefined) {
    for (const cell of state.cells.keys()) if (isElementCell(cell)) state.cells.delete(cell);
    return;
  }
  call.values.forEach((value, i) => {
    const isFilled = row.ptrArgs.some(({ arg, behavior }) => arg === i && behavior === 'filled');
    (isFilled ? forgetWritten : forgetReached)(frame, state, value);
  });
  const assigned = row.assignsArg === null ? undefined : call.arguments[row.assignsArg]?.place;
  if (assigned != null) forgetElements(frame, state, assigned);
}

/** An element at an unknown index may be any of them. */
export function exposeElements(frame: Frame, state: State, place: Place): void {
  let current = place;
  while (current.kind === 'field' || current.kind === 'element') {
    if (current.kind === 'element' && current.index === null) {
      const cell = cellOf(frame, state, current.base);
      if (cell !== null) frame.exposeContents(state, cell);
    }
    current = current.base;
  }
}

export function cellOf(frame: Frame, state: State, place: Place): CellKey | null {
  return frame.cellOf(place, ({ pointer }) => valueOf(state, pointer));
}

/** The cell of a place that depends on the value of an index; null: it does not, or that has no name. */
function elementOf(frame: Frame, state: State, place: Place): CellKey | null {
  switch (place.kind) {
    case 'local':
    case 'global':
    case 'memory':
      return null;
    case 'field': {
      const base = elementOf(frame, state, place.base);
      return base === null ? null : frame.memberCell(base, place.name, place.struct);
    }
    case 'element': {
      const base = elementOf(frame, state, place.base) ?? cellOf(frame, state, place.base);
      if (base === null) return null;
      if (place.index === null) {
        return place.subscript === null
          ? null
          : frame.elementCell(base, valueOf(state, place.subscript));
      }
      return isElementCell(base) ? frame.memberCell(base, `[${place.index}]`, null) : null;
    }
  }
}

export function valueOf(state: State, temp: Temp): Value {
  return state.cells.get(tempKey(temp)) ?? UNKNOWN;
}

/**
 * A pointer that was read or computed may be one to an element, `*slot = NULL`; what a function was given, or has
 * allocated, is of one array. A member that is written is that of another element.
 */
function forgetWritten(
  frame: Frame,
  state: State,
  pointer: Value,
  member: string | null = null,
): void {
  const origin = frame.originOf(pointer);
  const isArray =
    origin?.kind === 'allocation' || (origin?.kind === 'initial' && origin.path.steps.length === 0);
  if (isArray || pointer.kind === 'address') {
    forgetReached(frame, state, pointer);
    return;
  }
  const end = member === null ? '' : `.${member}`;
  for (const cell of state.cells.keys()) {
    if (isElementCell(cell) && cell.endsWith(end)) state.cells.delete(cell);
  }
}

/** The elements that a pointer may be moved to; where it points is not known of one into a local array. */
function forgetReached(frame: Frame, state: State, pointer: Value): void {
  if (pointer.kind === 'address') forgetBelow(state, pointer.cell);
  if (pointer.kind !== 'ref' && pointer.kind !== 'unknown') return;
  for (const cell of state.cells.keys()) {
    if (!isElementCell(cell)) continue;
    const { root, isLocal } = frame.factsOf(cell);
    // The name of `rows + i` has that of `rows` in it.
    if (pointer.kind === 'ref' ? pointer.id.includes(root) : isLocal) state.cells.delete(cell);
  }
}

function forgetBelow(state: State, cell: CellKey): void {
  for (const key of state.cells.keys()) {
    if (isElementCell(key) && key.startsWith(`${cell}.`)) state.cells.delete(key);
  }
}
