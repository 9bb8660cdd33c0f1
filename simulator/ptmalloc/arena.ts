// struct malloc_state, in simulated memory: fastbins, bins, bin map, top. Follows glibc 2.36
// malloc/malloc.c. `av` is the address of the state: main_arena, or whatever a corrupt chunk leads to.
import { UNMODELLED, type Memory, type Word } from '../memory.ts';
import { UnmodelledAccess } from '../fault.ts';
import { BK, chunksize, FD, NON_MAIN_ARENA, sizeWord } from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const FLAGS = 4n;
const HAVE_FASTCHUNKS = 8n;
const FASTBINS = 16n;
const TOP = 96n;
const LAST_REMAINDER = 104n;
const BINS = 112n;
const BINMAP = 2144n;
const SYSTEM_MEM = 2184n;
const MAX_SYSTEM_MEM = 2192n;
export const MALLOC_STATE_SIZE = 2200;

export const NFASTBINS = 10;
export const NBINS = 128;
export const BINMAPSIZE = 4;
const NONCONTIGUOUS_BIT = 2;
const HEAP_MAX_SIZE = 64n * 1024n * 1024n;

export function fastbin(av: Word, index: number): Word {
  return av + FASTBINS + 8n * BigInt(index);
}

/** The header of a bin, shaped so that its fd and bk are where a chunk has them. */
export function binAt(av: Word, index: number): Word {
  return av + BINS + 16n * BigInt(index - 1) - FD;
}

export function unsortedChunks(av: Word): Word {
  return binAt(av, 1);
}

export function top(memory: Memory, av: Word): Word {
  return memory.u64(av + TOP);
}

export function setTop(memory: Memory, av: Word, p: Word): void {
  memory.setU64(av + TOP, p);
}

export function lastRemainder(memory: Memory, av: Word): Word {
  return memory.u64(av + LAST_REMAINDER);
}

export function setLastRemainder(memory: Memory, av: Word, p: Word): void {
  memory.setU64(av + LAST_REMAINDER, p);
}

export function haveFastchunks(memory: Memory, av: Word): boolean {
  return memory.u32(av + HAVE_FASTCHUNKS) !== 0;
}

export function setHaveFastchunks(memory: Memory, av: Word, value: boolean): void {
  memory.setU32(av + HAVE_FASTCHUNKS, value ? 1 : 0);
}

export function isContiguous(memory: Memory, av: Word): boolean {
  return (memory.u32(av + FLAGS) & NONCONTIGUOUS_BIT) === 0;
}

export function setNoncontiguous(memory: Memory, av: Word): void {
  memory.setU32(av + FLAGS, memory.u32(av + FLAGS) | NONCONTIGUOUS_BIT);
}

export function systemMem(memory: Memory, av: Word): Word {
  return memory.u64(av + SYSTEM_MEM);
}

/** Also raises max_system_mem. */
export function setSystemMem(memory: Memory, av: Word, bytes: Word): void {
  memory.setU64(av + SYSTEM_MEM, bytes);
  if (bytes > maxSystemMem(memory, av)) setMaxSystemMem(memory, av, bytes);
}

export function maxSystemMem(memory: Memory, av: Word): Word {
  return memory.u64(av + MAX_SYSTEM_MEM);
}

export function setMaxSystemMem(memory: Memory, av: Word, bytes: Word): void {
  memory.setU64(av + MAX_SYSTEM_MEM, bytes);
}

export function binmap(memory: Memory, av: Word, block: number): number {
  return memory.u32(av + BINMAP + 4n * BigInt(block));
}

export function setBinmap(memory: Memory, av: Word, block: number, map: number): void {
  memory.setU32(av + BINMAP + 4n * BigInt(block), map);
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
    memory.setU64(bin + FD, bin);
    memory.setU64(bin + BK, bin);
  }
  setTop(memory, av, unsortedChunks(av));
}

/**
 * arena_for_chunk. With NON_MAIN_ARENA set this loads from the start of the 64 MiB that hold the chunk:
 * a wild address unless a second arena really exists.
 */
export function arenaForChunk(libc: Ptmalloc, p: Word): Word {
  if ((sizeWord(libc.memory, p) & NON_MAIN_ARENA) === 0n) return libc.mainArena;
  const heapInfo = p & ~(HEAP_MAX_SIZE - 1n);
  libc.note(
    `The size word has NON_MAIN_ARENA set, so the arena is read from 0x${heapInfo.toString(16)}, the start of the 64 MiB around the chunk.`,
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
  return top(memory, av) + chunksize(memory, top(memory, av));
}
