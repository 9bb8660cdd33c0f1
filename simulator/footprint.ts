// What the program's memory costs at one moment, and who knows of it: the operating system, the C library's
// heap, Python's memory manager, tracemalloc, the collector.
import type { Heap } from './families.ts';
import { structuresOf } from './structures.ts';
import { GC_HEADER, isLive, isPlaced, type TrackedBlock } from './tracked-block.ts';
import type { Target } from './target.ts';
import { CPYTHONS } from './versions.ts';
import type { Footprint } from './view.ts';
import type { World } from './world.ts';

/** New objects after which the collector looks at the youngest: gc.get_threshold()[0]. */
const GC_THRESHOLDS: Readonly<Record<Target['python'], number>> = {
  '3.8': 700,
  '3.9': 700,
  '3.10': 700,
  '3.11': 700,
  '3.12': 700,
  '3.13': 2000,
  '3.14': 2000,
};

export function footprintOf(world: World): Footprint {
  const { process, blocks } = world;
  const { chunks } = structuresOf(world);
  const placed = blocks.filter((block) => isPlaced(block));
  const live = placed.filter((block) => isLive(block));
  const first = chunks[0];
  const last = chunks.at(-1);
  const heap =
    first === undefined || last === undefined ? 0 : last.address + last.size - first.address;
  const mapped = process.mappings().reduce((sum, { size }) => sum + size, 0);
  const arenaSize = 2 ** CPYTHONS[process.target.python].ARENA_BITS;
  const arenas = process.arenaBases().filter((base) => process.memory.isMapped(base)).length;
  const known = live.filter(({ heap: of }) => isPythons(of));
  const traced = placed.filter((block) => isTraced(block));
  return {
    fromSystem: heap + mapped + arenas * arenaSize,
    inCHeap: heap + mapped,
    known: sizeOf(known),
    escaped: sizeOf(live.filter(({ heap: of }) => of === 'libc')),
    waste: live.reduce((sum, block) => sum + wasteOf(world, block), 0),
    traced: { bytes: sizeOf(traced), blocks: traced.length },
    collector: {
      young: live.filter(({ heap: of }) => of === 'gc').length,
      threshold: GC_THRESHOLDS[process.target.python],
    },
  };
}

function isPythons(heap: Heap | null): boolean {
  return heap !== null && heap !== 'libc';
}

/** A trace ends when the block goes through Python's functions; a release past them leaves it. */
function isTraced({ heap, lifecycle }: TrackedBlock): boolean {
  if (!isPythons(heap)) return false;
  return lifecycle.kind !== 'freed' || lifecycle.through === 'libc';
}

function sizeOf(blocks: readonly TrackedBlock[]): number {
  return blocks.reduce((sum, { size, heap }) => sum + size + (heap === 'gc' ? GC_HEADER : 0), 0);
}

/** Bytes of the block's allocator that nobody asked for: headers, rounding, what the debug hooks add. */
function wasteOf(world: World, block: TrackedBlock): number {
  const { allocator, usable } = structuresOf(world).serves(block.address);
  const header = block.heap === 'gc' ? GC_HEADER : 0;
  const of = Math.max(0, usable - block.size - header);
  // A chunk's size word, and the header of a mapping.
  return of + (allocator === 'ptmalloc' ? 8 : allocator === 'mmap' ? 16 : 0);
}
