// The blocks that lie around those of a path when it starts: earlier allocations of the same kind. They
// give a corrupting release a victim. Each group is three equal blocks of which the middle one is given
// back, so that the path's own allocation lands between two live ones.
import type { FlaggedPath, Step } from './flagged-path.ts';
import { heapOf } from './modelled-heap.ts';
import { SMALL_REQUEST_THRESHOLD } from './pymalloc/pymalloc.ts';
import { decoration, type TrackedBlock } from './tracked-block.ts';
import {
  allocate,
  fillWithText,
  isHooked,
  isObject,
  type NewBlock,
  release,
  store,
  type World,
} from './world.ts';

type AllocStep = Extract<Step, { kind: 'alloc' }>;

/** More kinds of blocks than this start without neighbors. */
const GROUP_LIMIT = 3;

/** Larger blocks are mapped on their own and have none. */
const SIZE_LIMIT = 64 * 1024;

/** The middle block while it exists. */
const GAP = 'gap';

/** The names under which a plain release of each heap is shown. */
export const RELEASE_OF_HEAP = {
  libc: 'free',
  raw: 'PyMem_RawFree',
  mem: 'PyMem_Free',
  obj: 'PyObject_Free',
  gc: 'PyObject_GC_Del',
} as const;

/** What the earlier blocks hold, and with them the bytes that a check may read before a block of the path. */
export const HEAPS_BEFORE = [
  'usual',
  'text',
  'text b',
  'text m',
  'zeros',
  'size word',
  'first',
] as const;

export type HeapBefore =
  /** text; what malloc() handed out ends in zeros, as C strings and structs mostly do */
  | 'usual'
  /** text to their last byte, and older text in what the allocator adds to a request */
  | 'text'
  /** the same with another letter at the start of the last word: free() takes its low bits for flags */
  | 'text b'
  | 'text m'
  | 'zeros'
  /** text that ends in a number which passes for the size of a chunk */
  | 'size word'
  /** there are none: the path's blocks are the first of their pool, or the first cut from the top */
  | 'first';

export function withNeighbors(start: World, path: FlaggedPath, before: HeapBefore): World {
  if (before === 'first') return start;
  return kindsOf(path).reduce((world, kind) => surround(world, kind, before), start);
}

/** The first allocations of the path that differ in heap or size. */
export function kindsOf(path: FlaggedPath): readonly NewBlock[] {
  const kinds = new Map<string, NewBlock>();
  for (const step of path.steps) {
    if (kinds.size === GROUP_LIMIT) break;
    if (step.kind !== 'alloc' || step.outcome === 'null') continue;
    const kind = kindOf(step);
    if (kind === null || step.size.bytes > SIZE_LIMIT || step.size.bytes === 0) continue;
    const key = `${kind.heap} ${kind.size}`;
    if (!kinds.has(key)) kinds.set(key, kind);
  }
  return [...kinds.values()];
}

function kindOf(step: AllocStep): NewBlock | null {
  const heap = heapOf(step.family);
  if (heap === null) return null;
  return {
    id: '',
    size: step.size.bytes,
    api: step.api,
    family: step.family,
    heap,
    owner: 'neighbor',
    site: null,
    zeroed: false,
    holder: 'the program',
  };
}

function surround(world: World, kind: NewBlock, holds: HeldBytes): World {
  const full = { ...kind, size: fullSize(kind, isHooked(world)) };
  const before = place(world, { ...full, id: `${kind.api} neighbor before` }, holds);
  const middle = allocate(before, { ...kind, id: GAP, owner: 'aftermath' });
  const after = place(middle.world, { ...full, id: `${kind.api} neighbor after` }, holds);
  if (middle.block === null) return after;
  const released = release(after, middle.block, {
    api: RELEASE_OF_HEAP[kind.heap],
    heap: kind.heap,
    offset: 0,
  });
  return { ...released, blocks: released.blocks.filter((block) => block.id !== GAP) };
}

/** A plain block that leaves no slack in pymalloc's size class: what lies before the next block is its text. */
export function fullSize(kind: NewBlock, hooked: boolean): number {
  if ((kind.heap !== 'mem' && kind.heap !== 'obj') || isObject(kind)) return kind.size;
  const { before, after } = decoration(kind.heap, hooked);
  const total = kind.size + before + after;
  return total > SMALL_REQUEST_THRESHOLD ? kind.size : Math.ceil(total / 16) * 16 - before - after;
}

type HeldBytes = Exclude<HeapBefore, 'first'>;

function place(world: World, kind: NewBlock, holds: HeldBytes): World {
  const { world: after, block } = allocate(world, kind);
  if (block === null) return world;
  const header = isObject(kind) ? 16 : 0;
  fillWithText(after, block, { offset: header, length: kind.size - header });
  const end = lastBytes(kind, holds);
  const size = Math.max(kind.size, usableSize(after, block, holds));
  const from = Math.max(header, size - end.length);
  const bytes = end.subarray(0, size - from);
  if (bytes.length > 0) store(after, block, { offset: from, bytes });
  return after;
}

/** Bytes up to the next block where older contents are in sight; those asked for under the debug hooks. */
function usableSize(world: World, block: TrackedBlock, holds: HeldBytes): number {
  const isText = holds === 'text' || holds === 'text b' || holds === 'text m';
  if (!isText || decoration(block.heap ?? 'libc', isHooked(world)).after > 0) return 0;
  const server = world.process.serves(block.address);
  return server.allocator === 'none' ? 0 : server.block + server.usable - block.address;
}

/** What the block ends in instead of text. */
function lastBytes(kind: NewBlock, holds: HeldBytes): Uint8Array {
  switch (holds) {
    case 'usual':
      // A C buffer ends in zeros more often than not; the bytes before a chunk decide what a check reads there.
      return new Uint8Array(isMalloced(kind) ? 8 : 0);
    case 'text':
      return Uint8Array.of(0x61, ...REST);
    case 'text b':
      return Uint8Array.of(0x62, ...REST);
    case 'text m':
      return Uint8Array.of(0x6d, ...REST);
    case 'zeros':
      return new Uint8Array(Math.min(kind.size, ZEROS_LIMIT));
    case 'size word':
      return Uint8Array.of(SIZE_WORD, 0, 0, 0, 0, 0, 0, 0);
  }
}

/** Of a word of text. */
const REST = [0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78] as const;

/** A 64-byte chunk, PREV_INUSE. */
const SIZE_WORD = 0x41;

/** More zeros at the end of a block change no outcome. */
const ZEROS_LIMIT = 4096;

function isMalloced({ heap }: NewBlock): boolean {
  return heap === 'libc' || heap === 'raw';
}
