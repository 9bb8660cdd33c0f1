// The object-specific allocators: lists of dead objects that CPython keeps per type, in front of its general
// allocator. Follows Objects/floatobject.c, listobject.c, dictobject.c, tupleobject.c, frameobject.c up to 3.10
// and, from 3.13 on, Include/internal/pycore_freelist.h. Objects of extension types go past them.
import type { Process } from './process.ts';
import type { Target } from './target.ts';

export type ListedType = 'float' | 'list' | 'dict' | 'tuple' | 'frame';

interface FreeListFacts {
  /** Objects that one list keeps. */
  readonly most: number;
  /** sizeof the object without the collector's header, and of each item. */
  readonly size: number;
  readonly itemSize: number;
  readonly gc: boolean;
}

const FREE_LISTS: Readonly<Record<ListedType, FreeListFacts>> = {
  float: { most: 100, size: 24, itemSize: 0, gc: false },
  list: { most: 80, size: 40, itemSize: 0, gc: true },
  dict: { most: 80, size: 48, itemSize: 0, gc: true },
  // A list for each length.
  tuple: { most: 2000, size: 24, itemSize: 8, gc: true },
  // One list for all lengths; a frame that is too short for its next function is resized.
  // Incomplete: the one frame that a code object keeps for itself before that list.
  frame: { most: 200, size: 368, itemSize: 8, gc: true },
};

/** Frames have no list since 3.11: they lie on a stack of their own, and few become objects. */
const FRAME_SIZES: Partial<Readonly<Record<Target['python'], number>>> = {
  '3.8': 368,
  '3.9': 368,
  '3.10': 360,
};

/** Longer tuples have no list: PyTuple_MAXSAVESIZE; 3.10 and before keep one length less. */
const LONGEST_TUPLE: Readonly<Record<Target['python'], number>> = {
  '3.8': 19,
  '3.9': 19,
  '3.10': 19,
  '3.11': 20,
  '3.12': 20,
  '3.13': 20,
  '3.14': 20,
};

/** Integers that exist once, in static memory: no allocator hands them out and none gets them back. */
export function isSmallInt(value: number): boolean {
  return Number.isInteger(value) && value >= -5 && value <= 256;
}

/** Bytes of an object, without the collector's header. From 3.14 on a tuple keeps its hash. */
export function objectSize(type: ListedType, items: number, python: Target['python']): number {
  const { itemSize } = FREE_LISTS[type];
  const size = (type === 'frame' ? FRAME_SIZES[python] : undefined) ?? FREE_LISTS[type].size;
  const hash = type === 'tuple' && python === '3.14' ? 8 : 0;
  return size + hash + items * itemSize;
}

/** How many dead objects of a type are kept; 0 for a tuple of this length that has no list. */
export function freeListLimit(type: ListedType, items: number, python: Target['python']): number {
  if (type === 'tuple' && (items < 1 || items > LONGEST_TUPLE[python])) return 0;
  if (type === 'frame' && FRAME_SIZES[python] === undefined) return 0;
  return FREE_LISTS[type].most;
}

/** From which layer an object comes, or to which it goes. */
export type Layer = 'free list' | 'allocator';

interface KeptObject {
  readonly address: number;
  readonly items: number;
}

/** The lists of one process. Their objects stay allocated for every layer below. */
export class FreeLists {
  readonly #lists = new Map<string, KeptObject[]>();

  constructor(readonly process: Process) {}

  make(type: ListedType, items = 0): { readonly address: number; readonly from: Layer } {
    const kept = this.#listOf(type, items).pop();
    const heap = FREE_LISTS[type].gc ? 'gc' : 'obj';
    const bytes = objectSize(type, items, this.process.target.python);
    if (kept !== undefined) {
      const isLongEnough = kept.items >= items;
      const address = isLongEnough ? kept.address : this.process.realloc(heap, kept.address, bytes);
      return { address, from: 'free list' };
    }
    const address = this.process.alloc(heap, bytes, { zeroed: false });
    return { address, from: 'allocator' };
  }

  drop(type: ListedType, address: number, items = 0): Layer {
    const list = this.#listOf(type, items);
    const { python } = this.process.target;
    if (list.length < freeListLimit(type, items, python)) {
      list.push({ address, items });
      return 'free list';
    }
    this.process.free(FREE_LISTS[type].gc ? 'gc' : 'obj', address);
    return 'allocator';
  }

  /** Objects that wait on a list. */
  kept(type: ListedType, items = 0): number {
    return this.#listOf(type, items).length;
  }

  #listOf(type: ListedType, items: number): KeptObject[] {
    const key = type === 'tuple' ? `tuple ${items}` : type;
    const list = this.#lists.get(key) ?? [];
    this.#lists.set(key, list);
    return list;
  }
}
