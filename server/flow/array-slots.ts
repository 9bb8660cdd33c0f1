// The slots of places without a cell of their own: an element at an unknown index, a member of one. All elements
// of an array are one slot.
import type { Place } from '../cfg/instruction.ts';
import { cellOf, valueOf } from './elements.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import { elementsSlot, type Slot, type Value } from './value.ts';

export function slotOf(frame: Frame, state: State, place: Place): Slot | null {
  if (place.kind === 'field')
    return place.struct === null ? null : `struct ${place.struct}.${place.name}`;
  if (place.kind === 'memory') {
    const pointer = valueOf(state, place.pointer);
    return pointer.kind === 'ref' && pointer.interior ? arraySlot(frame, pointer) : null;
  }
  if (place.kind !== 'element') return null;
  if (place.base.kind === 'memory') return arraySlot(frame, valueOf(state, place.base.pointer));
  const cell = cellOf(frame, state, place.base);
  if (cell === null) return null;
  const { slot } = frame.factsOf(cell);
  const own = elementsSlot(cell, frame.cfg.name);
  return slot === null || slot === own ? own : `${slot}[]`;
}

/** The slot of the elements of the array that the value points to, or into; null: it has no name. */
export function arraySlot(frame: Frame, pointer: Value): Slot | null {
  if (pointer.kind === 'address') return elementsSlot(pointer.cell, frame.cfg.name);
  if (pointer.kind !== 'ref') return null;
  const origin = frame.origins.get(pointer.id);
  const slot = origin?.kind === 'initial' || origin?.kind === 'opaque' ? origin.slot : null;
  if (slot !== null) return `${slot}[]`;
  const own = elementsSlot(pointer.id, frame.cfg.name);
  if (origin?.kind === 'initial' && origin.path.root.kind === 'argument') {
    frame.arrays.notePath(own, origin.path);
  }
  return own;
}
