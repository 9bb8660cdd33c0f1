// Abstract values and the names of what they refer to.
import type { Family } from '../../simulator/families.ts';
import type { Size, Span } from '../../simulator/flagged-path.ts';
import type { ApiRow } from '../knowledge/row.ts';
import type { KnownType } from './type-table.ts';

/**
 * Names one unknown value, or one block, on a path. The same program point gives the same name, so
 * states can be compared; a name that is given again is first taken from whoever still holds it.
 */
export type Id = string;

/** Names one memory cell: a local, `*p`, `p->f`. */
export type CellKey = string;

export type Value =
  | { readonly kind: 'int'; readonly value: number }
  /**
   * A pointer or number that has a name. interior: perhaps not to the start of the block; inside: surely
   * not.
   */
  | {
      readonly kind: 'ref';
      readonly id: Id;
      readonly interior: boolean;
      readonly inside: boolean;
    }
  | { readonly kind: 'address'; readonly cell: CellKey }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  /** isTrue: neither NULL nor 0. */
  | { readonly kind: 'unknown'; readonly isTrue?: true };

const tempKeys: CellKey[] = [];

/** The cell of a temp; the same text each time, so that it is hashed once. */
export function tempKey(temp: number): CellKey {
  return (tempKeys[temp] ??= `%${temp}`);
}

export const UNKNOWN: Value = { kind: 'unknown' };
export const UNKNOWN_TRUE: Value = { kind: 'unknown', isTrue: true };
export const NULL: Value = { kind: 'int', value: 0 };

export function ref(id: Id): Value {
  return { kind: 'ref', id, interior: false, inside: false };
}

/** A pointer into the block, where `inside` is true surely not to its start. */
export function interiorRef(id: Id, { inside }: { readonly inside: boolean }): Value {
  return { kind: 'ref', id, interior: true, inside };
}

/** A short text, equal for equal values. */
export function valueKey(value: Value): string {
  switch (value.kind) {
    case 'int':
      return String(value.value);
    case 'ref':
      if (!value.interior) return value.id;
      return value.inside ? `${value.id}++` : `${value.id}+`;
    case 'address':
      return `&${value.cell}`;
    case 'function':
      return `f:${value.name}`;
    case 'text':
      return `"${value.text}`;
    case 'unknown':
      return value.isTrue === true ? '_!' : '_';
  }
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === 'int') return b.kind === 'int' && a.value === b.value;
  return a.kind === b.kind && valueKey(a) === valueKey(b);
}

/** Of an element at an index that is no constant, or of a part of one. */
export function isElementCell(cell: CellKey): boolean {
  return !cell.startsWith('%') && cell.includes('.[@');
}

/** `*` dereferences; a member is selected by name. */
export type PathStep =
  | { readonly kind: 'dereference' }
  | { readonly kind: 'member'; readonly name: string; readonly struct: string | null };

/** An access path that means the same to a function and its caller. */
export interface AccessPath {
  readonly root:
    | { readonly kind: 'argument'; readonly index: number }
    | { readonly kind: 'global'; readonly name: string };
  readonly steps: readonly PathStep[];
}

export function pathKey(path: AccessPath): string {
  const root = path.root.kind === 'argument' ? `p${path.root.index}` : `g:${path.root.name}`;
  return root + path.steps.map((s) => (s.kind === 'member' ? `.${s.name}` : '*')).join('');
}

export function extendPath(path: AccessPath, step: PathStep): AccessPath {
  return { root: path.root, steps: [...path.steps, step] };
}

/**
 * A place that many functions store to and release from: `struct Buffer.data`, `type Node_Type`,
 * `global cache`. Evidence about it is gathered over all functions.
 */
export type Slot = string;

/** What the elements of an array without a slot of its own hold, in one function. */
export function elementsSlot(array: string, inFunction: string): Slot {
  return `elements of ${array} in ${inFunction}`;
}

export function isElementsSlot(slot: Slot): boolean {
  return slot.startsWith('elements of ');
}

/** Of the elements of some array. */
export function isArraySlot(slot: Slot): boolean {
  return slot.endsWith('[]') || /:elements of /.test(slot);
}

/** Of the element of an array at a constant index, by the name of its cell: the slot of all elements; null: none. */
export function slotOfElement(name: string, array: Slot | null): Slot | null {
  return name.startsWith('[') && array !== null && isElementsSlot(array) ? array : null;
}

/** What the API was given to keep until it calls a function of the program. */
export function keptSlot(destructor: string): Slot {
  return `kept for ${destructor}`;
}

export function isKeptSlot(slot: Slot): boolean {
  return slot.startsWith('kept for ');
}

/** A block that some call allocated. */
export interface Allocation {
  readonly api: string;
  /** The table's row of the allocating function. */
  readonly row: ApiRow;
  readonly family: Family;
  /** The type objects that an object may be made of, as far as they are known. */
  readonly types: readonly KnownType[];
  /** The type is a parameter of tp_new: it may be one that is derived from `types`. */
  readonly isDerivable: boolean;
  /** What the pointer is bound to, as written. */
  readonly pointer: string;
  readonly size: Size;
  readonly zeroed: boolean;
  readonly at: Span;
  /** The call in the function under analysis; differs from `at` when a helper allocates. */
  readonly calledAt: Span;
  /** Macros and helper functions between the code and the allocator, outermost first. */
  readonly through: readonly string[];
  /** Whether the call allocates at all is only told by how its result is released. */
  readonly isAssumed: boolean;
}

/** A call that releases or resizes a block. */
export interface Release {
  readonly api: string;
  readonly row: ApiRow;
  readonly family: Family | null;
  readonly pointer: string;
  readonly at: Span;
  /** The call in the function under analysis; differs from `at` when a helper releases. */
  readonly calledAt: Span;
  /** Where the name of the function stands, when it can be replaced there. */
  readonly calleeSpan: Span | null;
  readonly through: readonly string[];
  readonly isRealloc: boolean;
  /** What has to allocate the block, where the API itself releases it. */
  readonly allocator?: string | undefined;
}

export type Storage = 'stack' | 'static' | 'literal';

/** Where a named value comes from. */
export type Origin =
  /** What a path held when the function was entered. */
  | { readonly kind: 'initial'; readonly path: AccessPath; readonly slot: Slot | null }
  | { readonly kind: 'allocation'; readonly allocation: Allocation }
  /** The NULL that came instead of a block. */
  | { readonly kind: 'failure'; readonly allocation: Allocation }
  /** A pointer that the API lends. */
  | { readonly kind: 'borrowed'; readonly row: ApiRow; readonly at: Span; readonly pointer: string }
  /** A reference to a Python object that was not allocated in view. */
  | {
      readonly kind: 'reference';
      readonly row: ApiRow;
      readonly at: Span;
      readonly pointer: string;
    }
  | {
      readonly kind: 'comparison';
      readonly operator: '==' | '<';
      readonly left: Value;
      readonly right: Value;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: string;
      readonly left: Value;
      readonly right: Value;
    }
  /** A number that Python code chooses. */
  | { readonly kind: 'input'; readonly row: ApiRow; readonly at: Span }
  | { readonly kind: 'negation'; readonly operand: Value }
  /** Memory that no allocator handed out. */
  | {
      readonly kind: 'storage';
      readonly storage: Storage;
      /** The variable, as written; empty when there is none. */
      readonly name: string;
      /** Where it is declared; null: not in view. */
      readonly at: Span | null;
    }
  /** A block that functions of two families have handled, as has been reported. */
  | { readonly kind: 'mixed' }
  | { readonly kind: 'opaque'; readonly slot: Slot | null };

/** Longer names come from following links round and round; they lose their identity. */
export const MAX_NAME = 160;
const MAX_DEREFERENCES = 3;

export function isTooLong(id: Id): boolean {
  if (id.length > MAX_NAME) return true;
  let count = 0;
  for (let at = id.indexOf('*'); at >= 0; at = id.indexOf('*', at + 1)) count++;
  return count > MAX_DEREFERENCES;
}
