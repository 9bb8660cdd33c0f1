// The blocks that lie around those of a path when it starts: earlier allocations of the same kind. They
// give a corrupting release a victim. Each group is three equal blocks of which the middle one is given
// back, so that the path's own allocation lands between two live ones.
import type { FlaggedPath, Step } from './flagged-path.ts';
import { heapOf } from './modelled-heap.ts';
import { decoration } from './tracked-block.ts';
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

/** Bytes; pymalloc declines larger requests. */
const SMALL_REQUEST_THRESHOLD = 512;

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

export function withNeighbors(start: World, path: FlaggedPath): World {
  return kindsOf(path).reduce((world, kind) => surround(world, kind), start);
}

/** The first allocations of the path that differ in heap or size. */
function kindsOf(path: FlaggedPath): readonly NewBlock[] {
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

function surround(world: World, kind: NewBlock): World {
  const full = { ...kind, size: fullSize(world, kind) };
  const before = place(world, { ...full, id: `${kind.api} neighbor before` });
  const middle = allocate(before, { ...kind, id: GAP, owner: 'aftermath' });
  const after = place(middle.world, { ...full, id: `${kind.api} neighbor after` });
  if (middle.block === null) return after;
  const released = release(after, middle.block, {
    api: RELEASE_OF_HEAP[kind.heap],
    heap: kind.heap,
    offset: 0,
  });
  return { ...released, blocks: released.blocks.filter((block) => block.id !== GAP) };
}

/** A plain block that leaves no slack in pymalloc's size class: what lies before the next block is its text. */
function fullSize(world: World, kind: NewBlock): number {
  if ((kind.heap !== 'mem' && kind.heap !== 'obj') || isObject(kind)) return kind.size;
  const { before, after } = decoration(kind.heap, isHooked(world));
  const total = kind.size + before + after;
  return total > SMALL_REQUEST_THRESHOLD ? kind.size : Math.ceil(total / 16) * 16 - before - after;
}

function place(world: World, kind: NewBlock): World {
  const { world: after, block } = allocate(world, kind);
  if (block === null) return world;
  if (isObject(kind)) {
    fillWithText(after, block, { offset: 16, length: kind.size - 16 });
    return after;
  }
  fillWithText(after, block, { offset: 0, length: kind.size });
  // A C buffer ends in zeros more often than not; the bytes before a chunk decide what a check reads there.
  const tail = Math.min(kind.size, 8);
  if (kind.heap === 'libc' || kind.heap === 'raw')
    store(after, block, { offset: kind.size - tail, bytes: new Uint8Array(tail) });
  return after;
}
