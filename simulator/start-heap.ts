// Builds the memory of a process at its start: static data, and for the drained state a heap whose every
// block is handed out. Follows what a real interpreter leaves behind, not how it got there.
import {
  MALLOC_STATE_SIZE,
  initState,
  setMaxSystemMem,
  setSystemMem,
  setTop,
} from './ptmalloc/arena.ts';
import { PREV_INUSE, setHead } from './ptmalloc/chunk.ts';
import type { Ptmalloc } from './ptmalloc/ptmalloc.ts';
import { type Memory, PAGE_SIZE } from './memory.ts';
import { type Objects, TYPES_SIZE } from './objects.ts';
import { seedArenaMap } from './pymalloc/address-in-range.ts';
import { linkUnusedArenas } from './pymalloc/arena.ts';
import {
  type Pymalloc,
  SIZEOF_ARENA_OBJECT,
  NFP2LASTA_SIZE,
  USEDPOOLS_SIZE,
} from './pymalloc/pymalloc.ts';
import { ARENA_STRIDE, type Layout, type StartState } from './start-state.ts';

interface StartedProcess {
  readonly memory: Memory;
  readonly ptmalloc: Ptmalloc;
  readonly pymalloc: Pymalloc | null;
}

/** The zeroed chunk that borders top, so that the bytes before the first new chunk are known. */
const FILLER_SIZE = 8192;
const TCACHE_CHUNK_SIZE = 0x290;
const POINTER_SIZE = 8;
/** How much larger than now the heap once was. */
const HIGH_WATER = 4 * 1024 * 1024;

/** The parts of the interpreter's own memory that pymalloc reads: arena objects and the radix tree. */
const ARENA_VECTOR = 0x6000_0000_0000;
const ARENA_MAP_NODES = 0x5f00_0000_0000;
/** More than a replay needs: the vector, which does not lie in the simulated heap, never has to grow. */
const ARENA_OBJECTS = 64;

export function prepareStart(
  { state, layout }: { readonly state: StartState; readonly layout: Layout },
  process: StartedProcess,
  objects: Objects,
): void {
  const { pymalloc } = process;
  const place = placer(process.memory, layout);
  place(Number(layout.mainArena), MALLOC_STATE_SIZE);
  place(Number(layout.types), TYPES_SIZE);
  place(Number(objects.places.generation0), 16);
  objects.initGeneration();
  if (pymalloc !== null) {
    place(Number(pymalloc.statics.usedpools), USEDPOOLS_SIZE);
    const nfp2lasta = Number(pymalloc.statics.nfp2lasta);
    place(nfp2lasta, NFP2LASTA_SIZE);
    // A forged nfreepools leads behind the table, where the interpreter has other data.
    if (layout.isRecorded)
      process.memory.markUnknown({
        start: nfp2lasta + NFP2LASTA_SIZE,
        end: nfp2lasta + 2 ** 32 * POINTER_SIZE,
      });
    pymalloc.initStaticData();
  }
  if (state === 'pristine') return;
  drainPtmalloc(process.ptmalloc, layout, place);
  if (pymalloc !== null) drainPymalloc(pymalloc, layout, place);
}

/** Maps the pages around a structure. What else lies on them is unknown in a recorded process. */
type Place = (address: number, length: number) => void;

function placer(memory: Memory, layout: Layout): Place {
  return (address, length) => {
    const start = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
    const end = Math.ceil((address + length) / PAGE_SIZE) * PAGE_SIZE;
    memory.map(start, end - start);
    if (!layout.isRecorded) return;
    memory.markUnknown({ start, end: address });
    memory.markUnknown({ start: address + length, end });
  };
}

/** Every bin is empty, every chunk in use; only top is left. */
function drainPtmalloc(libc: Ptmalloc, layout: Layout, place: Place): void {
  const { memory, mainArena, mp } = libc;
  const { heapStart: start, top } = layout;
  const filler = top - FILLER_SIZE;
  if (layout.isRecorded) {
    place(layout.heapStart, TCACHE_CHUNK_SIZE);
    place(filler, layout.brk - filler);
  } else {
    memory.map(layout.heapStart, layout.brk - layout.heapStart);
  }
  initState(libc);
  libc.tcache = start + 16;
  setHead(memory, start, TCACHE_CHUNK_SIZE | PREV_INUSE);
  if (!layout.isRecorded) {
    const rest = start + TCACHE_CHUNK_SIZE;
    setHead(memory, rest, (filler - rest) | PREV_INUSE);
  }
  setHead(memory, filler, FILLER_SIZE | PREV_INUSE);
  setHead(memory, top, (layout.brk - top) | PREV_INUSE);
  setTop(memory, mainArena, top);
  setSystemMem(memory, mainArena, layout.brk - start);
  setMaxSystemMem(memory, mainArena, layout.brk - start + HIGH_WATER);
  mp.sbrk_base = start;
}

/** Every pool of every arena is full: the next small request opens a new arena. */
function drainPymalloc(pymalloc: Pymalloc, layout: Layout, place: Place): void {
  let count = layout.isRecorded ? pymalloc.cpython.INITIAL_ARENA_OBJECTS : ARENA_OBJECTS;
  while (count <= layout.arenaIndex) count *= 2;
  const objectSize = SIZEOF_ARENA_OBJECT;
  const first = ARENA_VECTOR + layout.arenaIndex * objectSize;
  const end = ARENA_VECTOR + count * objectSize;
  place(ARENA_VECTOR, end - ARENA_VECTOR);
  for (let index = 0; index < layout.arenaIndex; index++) {
    const base = layout.arenaBase - (layout.arenaIndex - index) * ARENA_STRIDE;
    pymalloc.memory.setU64(ARENA_VECTOR + index * objectSize, base);
  }
  // A forged arenaindex reads from behind the vector, which lies somewhere in the interpreter's heap.
  if (layout.isRecorded)
    pymalloc.memory.markUnknown({ start: end, end: ARENA_VECTOR + 2 ** 32 * objectSize });
  pymalloc.arenas = ARENA_VECTOR;
  pymalloc.maxarenas = count;
  pymalloc.firstArena = layout.arenaIndex;
  linkUnusedArenas(pymalloc, layout.arenaIndex, count);
  pymalloc.unused_arena_objects = first;
  seedArenaMap(pymalloc, layout.arenaBase, ARENA_MAP_NODES);
}
