// struct malloc_state, in simulated memory: fastbins, bins, bin map, top. Follows glibc 2.36
// malloc/malloc.c. `av` is the address of the state: main_arena, or whatever a corrupt chunk leads to.
import { UNMODELLED, type Memory } from '../memory.ts';
import { add, bits, hex, without, type Word } from '../word.ts';
import { UnmodelledAccess } from '../fault.ts';
import { BK, chunksize, FD, NON_MAIN_ARENA, sizeWord } from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const FLAGS = 4;
const HAVE_FASTCHUNKS = 8;
const FASTBINS = 16;
const TOP = 96;
const LAST_REMAINDER = 104;
const BINS = 112;
const BINMAP = 2144;
const SYSTEM_MEM = 2184;
const MAX_SYSTEM_MEM = 2192;
export const MALLOC_STATE_SIZE = 2200;

export const NFASTBINS = 10;
export const NBINS = 128;
export const BINMAPSIZE = 4;
const NONCONTIGUOUS_BIT = 2;
const HEAP_MAX_SIZE = 64 * 1024 * 1024;

export function fastbin(av: Word, index: number): Word {
  return add(av, FASTBINS + 8 * index);
}

/** The header of a bin, shaped so that its fd and bk are where a chunk has them. */
export function binAt(av: Word, index: number): Word {
  return add(av, BINS + 16 * (index - 1) - FD);
}

export function unsortedChunks(av: Word): Word {
  return binAt(av, 1);
}

export function top(memory: Memory, av: Word): Word {
  return memory.u64(add(av, TOP));
}

export function setTop(memory: Memory, av: Word, p: Word): void {
  memory.setU64(add(av, TOP), p);
}

export function lastRemainder(memory: Memory, av: Word): Word {
  return memory.u64(add(av, LAST_REMAINDER));
}

export function setLastRemainder(memory: Memory, av: Word, p: Word): void {
  memory.setU64(add(av, LAST_REMAINDER), p);
}

export function haveFastchunks(memory: Memory, av: Word): boolean {
  return memory.u32(add(av, HAVE_FASTCHUNKS)) !== 0;
}

export function setHaveFastchunks(memory: Memory, av: Word, value: boolean): void {
  memory.setU32(add(av, HAVE_FASTCHUNKS), value ? 1 : 0);
}

export function isContiguous(memory: Memory, av: Word): boolean {
  return (memory.u32(add(av, FLAGS)) & NONCONTIGUOUS_BIT) === 0;
}

export function setNoncontiguous(memory: Memory, av: Word): void {
  memory.setU32(add(av, FLAGS), memory.u32(add(av, FLAGS)) | NONCONTIGUOUS_BIT);
}

export function systemMem(memory: Memory, av: Word): Word {
  return memory.u64(add(av, SYSTEM_MEM));
}

/** Also raises max_system_mem. */
export function setSystemMem(memory: Memory, av: Word, bytes: Word): void {
  memory.setU64(add(av, SYSTEM_MEM), bytes);
  if (bytes > maxSystemMem(memory, av)) setMaxSystemMem(memory, av, bytes);
}

export function maxSystemMem(memory: Memory, av: Word): Word {
  return memory.u64(add(av, MAX_SYSTEM_MEM));
}

export function setMaxSystemMem(memory: Memory, av: Word, bytes: Word): void {
  memory.setU64(add(av, MAX_SYSTEM_MEM), bytes);
}

export function binmap(memory: Memory, av: Word, block: number): number {
  return memory.u32(add(av, BINMAP + 4 * block));
}

export function setBinmap(memory: Memory, av: Word, block: number, map: number): void {
  memory.setU32(add(av, BINMAP + 4 * block), map);
}

export function markBin(memory: Memory, av: Word, index: number): void {
  const block = index >> 5;
  setBinmap(memory, av, block, binmap(memory, av, block) | (1 << (index & 31)));
}

/** malloc_init_state: every bin points to itself, top is the unsorted bin's header. */
export function initState(libc: Ptmalloc): void {
  const { memory, mainArena: av } = libc;
  libc.isInitialized = true;
  for (let index = 1; index < NBINS; index++) {
    const bin = binAt(av, index);
    memory.setU64(add(bin, FD), bin);
    memory.setU64(add(bin, BK), bin);
  }
  setTop(memory, av, unsortedChunks(av));
}

/** heap_for_ptr: secondary arenas lie at multiples of 64 MiB. */
export function heapForPtr(p: Word): Word {
  return without(p, HEAP_MAX_SIZE - 1);
}

/**
 * arena_for_chunk. With NON_MAIN_ARENA set this loads from the start of the 64 MiB that hold the chunk:
 * a wild address unless a second arena really exists.
 */
export function arenaForChunk(libc: Ptmalloc, p: Word): Word {
  if (bits(sizeWord(libc.memory, p), NON_MAIN_ARENA) === 0) return libc.mainArena;
  const heapInfo = heapForPtr(p);
  libc.note(
    () =>
      `The size word has NON_MAIN_ARENA set, so the arena is read from ${hex(heapInfo)}, the start of the 64 MiB around the chunk.`,
  );
  try {
    return libc.memory.u64(heapInfo);
  } catch (error) {
    // The value matters only if it is used, which happens after more checks.
    if (error instanceof UnmodelledAccess) return UNMODELLED;
    throw error;
  }
}

/** First address after top. */
export function endOfTop(memory: Memory, av: Word): Word {
  return add(top(memory, av), chunksize(memory, top(memory, av)));
}
