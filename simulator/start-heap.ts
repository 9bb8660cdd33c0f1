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
import { type Pymalloc, SIZEOF_ARENA_OBJECT, STATIC_DATA_SIZE } from './pymalloc/pymalloc.ts';
import type { Layout, StartState } from './start-state.ts';

interface StartedProcess {
  readonly memory: Memory;
  readonly ptmalloc: Ptmalloc;
  readonly pymalloc: Pymalloc | null;
}

/** The zeroed chunk that borders top, so that the bytes before the first new chunk are known. */
const FILLER_SIZE = 8192;
const TCACHE_CHUNK_SIZE = 0x290;
/** How much larger than now the heap once was. */
const HIGH_WATER = 4n * 1024n * 1024n;

/** The part of the interpreter's own memory that pymalloc reads: arena objects and the radix tree. */
const INTERPRETER_DATA = 0x6000_0000_0000;
const ARENA_OBJECTS = 64;
const ARENA_OBJECTS_IN_USE = 32;

export function prepareStart(
  { state, layout }: { readonly state: StartState; readonly layout: Layout },
  process: StartedProcess,
  objects: Objects,
): void {
  const { memory, pymalloc } = process;
  mapPages(memory, Number(layout.mainArena), MALLOC_STATE_SIZE);
  mapPages(memory, Number(layout.types), TYPES_SIZE);
  mapPages(memory, Number(objects.places.generation0), 16);
  objects.initGeneration();
  if (pymalloc !== null) {
    mapPages(memory, Number(layout.usedpools) - 16, STATIC_DATA_SIZE + 16);
    pymalloc.initStaticData();
  }
  if (state === 'pristine') return;
  drainPtmalloc(process.ptmalloc, layout);
  if (pymalloc !== null) drainPymalloc(pymalloc, layout);
}

/** Every bin is empty, every chunk in use; only top is left. */
function drainPtmalloc(libc: Ptmalloc, layout: Layout): void {
  const { memory, mainArena, mp } = libc;
  const start = BigInt(layout.heapStart);
  const top = BigInt(layout.top);
  const filler = top - BigInt(FILLER_SIZE);
  if (layout.isRecorded) {
    mapPages(memory, layout.heapStart, TCACHE_CHUNK_SIZE);
    mapPages(memory, Number(filler), layout.brk - Number(filler));
  } else {
    memory.map(layout.heapStart, layout.brk - layout.heapStart);
  }
  initState(libc);
  libc.tcache = start + 16n;
  setHead(memory, start, BigInt(TCACHE_CHUNK_SIZE) | PREV_INUSE);
  const rest = start + BigInt(TCACHE_CHUNK_SIZE);
  setHead(memory, rest, (filler - rest) | PREV_INUSE);
  setHead(memory, filler, BigInt(FILLER_SIZE) | PREV_INUSE);
  setHead(memory, top, (BigInt(layout.brk) - top) | PREV_INUSE);
  setTop(memory, mainArena, top);
  setSystemMem(memory, mainArena, BigInt(layout.brk) - start);
  setMaxSystemMem(memory, mainArena, BigInt(layout.brk) - start + HIGH_WATER);
  mp.sbrk_base = start;
}

/** Every pool of every arena is full: the next small request opens a new arena. */
function drainPymalloc(pymalloc: Pymalloc, layout: Layout): void {
  const { memory } = pymalloc;
  const vector = INTERPRETER_DATA;
  const vectorSize = ARENA_OBJECTS * Number(SIZEOF_ARENA_OBJECT);
  mapPages(memory, vector, vectorSize);
  pymalloc.arenas = BigInt(vector);
  pymalloc.maxarenas = ARENA_OBJECTS;
  linkUnusedArenas(pymalloc, ARENA_OBJECTS_IN_USE, ARENA_OBJECTS);
  pymalloc.unused_arena_objects =
    BigInt(vector) + BigInt(ARENA_OBJECTS_IN_USE) * SIZEOF_ARENA_OBJECT;
  seedArenaMap(pymalloc, BigInt(layout.arenaBase), BigInt(vector + 2 * PAGE_SIZE));
}

function mapPages(memory: Memory, address: number, length: number): void {
  const first = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
  memory.map(first, address + length - first);
}
