// malloc, calloc, realloc, free as a program calls them. Follows glibc 2.36 malloc/malloc.c,
// __libc_malloc and its siblings, for a process with one thread.
import { PAGE_SIZE } from '../memory.ts';
import { add, bits, hex, product, shiftRight, sub, type Word } from '../word.ts';
import { arenaForChunk, initState, maxSystemMem, top } from './arena.ts';
import {
  CHUNK_HDR_SZ,
  chunksize,
  describeSizeWord,
  inuseBitAtOffset,
  IS_MMAPPED,
  isMisaligned,
  PTRDIFF_MAX,
  request2size,
  SIZE_SZ,
  sizeWord,
} from './chunk.ts';
import { intFree } from './free.ts';
import { intMalloc } from './malloc.ts';
import { mremapChunk, munmapChunk } from './mapping.ts';
import { type Assertion, DEFAULT_MMAP_THRESHOLD_MAX, type Ptmalloc } from './ptmalloc.ts';
import { intRealloc } from './realloc.ts';
import { TCACHE_STRUCT_SIZE, tcacheBin, tcacheCount, tcacheGet } from './tcache.ts';

export function malloc(libc: Ptmalloc, bytes: Word): Word {
  if (!libc.isInitialized) initState(libc);
  const nb = request2size(bytes);
  if (nb === null) return 0;
  maybeInitTcache(libc);
  const bin = tcacheBin(libc, nb);
  if (bin !== null && tcacheCount(libc, bin) > 0) return tcacheGet(libc, bin);
  const victim = intMalloc(libc, libc.mainArena, bytes);
  assertArena(libc, victim, {
    arena: libc.mainArena,
    function: '__libc_malloc',
    site: 'malloc',
    text: '!victim || chunk_is_mmapped (mem2chunk (victim)) || &main_arena == arena_for_chunk (mem2chunk (victim))',
  });
  return victim;
}

export function calloc(libc: Ptmalloc, count: Word, size: Word): Word {
  const { memory, mainArena, mp } = libc;
  const bytes = product(count, size);
  if (bytes > PTRDIFF_MAX) return 0;
  if (!libc.isInitialized) initState(libc);
  maybeInitTcache(libc);
  if (libc.glibc.callocUsesTcache) {
    const nb = request2size(bytes);
    const bin = nb === null ? null : tcacheBin(libc, nb);
    if (bin !== null && tcacheCount(libc, bin) > 0) return clear(libc, tcacheGet(libc, bin));
  }
  const oldTop = top(memory, mainArena);
  // Bytes of top that were in use before: memory above the highest break ever seen is still zero.
  const everUsed = sub(add(mp.sbrk_base, maxSystemMem(memory, mainArena)), oldTop);
  const topSize = chunksize(memory, oldTop);
  const oldTopSize = topSize < everUsed ? everUsed : topSize;
  const mem = intMalloc(libc, mainArena, bytes);
  assertArena(libc, mem, {
    arena: mainArena,
    function: '__libc_calloc',
    site: 'calloc',
    text: '!mem || chunk_is_mmapped (mem2chunk (mem)) || av == arena_for_chunk (mem2chunk (mem))',
  });
  if (mem === 0) return 0;
  const p = sub(mem, CHUNK_HDR_SZ);
  if (bits(sizeWord(memory, p), IS_MMAPPED) !== 0) return mem;
  const chunk = chunksize(memory, p);
  const used = p === oldTop && chunk > oldTopSize ? oldTopSize : chunk;
  return clear(libc, mem, used);
}

/** Fills a block of the heap with zeros, as far as its size word says. */
function clear(libc: Ptmalloc, mem: Word, size?: Word): Word {
  const { memory } = libc;
  const used = size ?? chunksize(memory, sub(mem, CHUNK_HDR_SZ));
  const words = shiftRight(sub(used, SIZE_SZ), 3);
  const isChecked = libc.glibc.lines.nclears !== 0;
  libc.assert(words >= 3 || !isChecked, {
    function: '__libc_calloc',
    text: 'nclears >= 3',
    site: 'nclears',
  });
  memory.fill(mem, 8 * Number(words < 3 ? 3 : words), 0);
  return mem;
}

export function free(libc: Ptmalloc, mem: Word): void {
  const { memory, mp } = libc;
  if (mem === 0) return;
  const p = sub(mem, CHUNK_HDR_SZ);
  const size = sizeWord(memory, p);
  noteSizeWord(libc, 'free', p, size);
  if (bits(size, IS_MMAPPED) === 0) {
    maybeInitTcache(libc);
    intFree(libc, arenaForChunk(libc, p), p, { haveLock: false });
    return;
  }
  if (!mp.no_dyn_threshold && size > mp.mmap_threshold && size <= DEFAULT_MMAP_THRESHOLD_MAX) {
    mp.mmap_threshold = chunksize(memory, p);
    mp.trim_threshold = add(mp.mmap_threshold, mp.mmap_threshold);
  }
  munmapChunk(libc, p);
}

export function realloc(libc: Ptmalloc, oldmem: Word, bytes: Word): Word {
  const { memory } = libc;
  if (!libc.isInitialized) initState(libc);
  if (bytes === 0 && oldmem !== 0) {
    free(libc, oldmem);
    return 0;
  }
  if (oldmem === 0) return malloc(libc, bytes);
  const oldp = sub(oldmem, CHUNK_HDR_SZ);
  if (libc.glibc.reallocKeepsFitting && fits(libc, oldmem, bytes)) return oldmem;
  const word = sizeWord(memory, oldp);
  const oldsize = chunksize(memory, oldp);
  noteSizeWord(libc, 'realloc', oldp, word);
  const isMapped = bits(word, IS_MMAPPED) !== 0;
  if (!isMapped) maybeInitTcache(libc);
  const arena = isMapped ? null : arenaForChunk(libc, oldp);
  if (oldp > sub(0, oldsize) || isMisaligned(oldp)) {
    const reason = isMisaligned(oldp)
      ? `${hex(oldmem)} is not a multiple of 16, as every block of malloc() is`
      : `the size word is ${describeSizeWord(word)}: no chunk of that size fits between ${hex(oldp)} and the end of memory`;
    libc.abort('realloc(): invalid pointer', reason, oldp, 'size');
  }
  const nb = request2size(bytes);
  if (nb === null) return 0;
  if (arena === null) return reallocMapped(libc, { oldp, oldsize, nb, bytes });
  const newmem = intRealloc(libc, arena, { oldp, oldsize, nb });
  assertArena(libc, newmem, {
    arena,
    function: '__libc_realloc',
    site: 'realloc',
    text: '!newp || chunk_is_mmapped (mem2chunk (newp)) || ar_ptr == arena_for_chunk (mem2chunk (newp))',
  });
  return newmem;
}

/** The block is large enough, and hardly larger than that. */
function fits(libc: Ptmalloc, mem: Word, bytes: Word): boolean {
  const usable = usableSize(libc, mem);
  if (bytes > usable) return false;
  const isMapped = bits(sizeWord(libc.memory, sub(mem, CHUNK_HDR_SZ)), IS_MMAPPED) !== 0;
  const isFitting =
    sub(usable, bytes) < CHUNK_HDR_SZ || (isMapped && sub(usable, bytes) <= PAGE_SIZE);
  if (isFitting) libc.note(() => `realloc() kept the block: it has ${usable} usable bytes.`);
  return isFitting;
}

interface MappedRequest {
  readonly oldp: Word;
  readonly oldsize: Word;
  readonly nb: Word;
  readonly bytes: Word;
}

function reallocMapped(libc: Ptmalloc, { oldp, oldsize, nb, bytes }: MappedRequest): Word {
  const { memory } = libc;
  const oldmem = add(oldp, CHUNK_HDR_SZ);
  const newp = mremapChunk(libc, oldp, nb);
  if (newp !== null) return add(newp, CHUNK_HDR_SZ);
  if (sub(oldsize, SIZE_SZ) >= nb) return oldmem;
  const newmem = malloc(libc, bytes);
  if (newmem === 0) return 0;
  memory.copy(newmem, oldmem, Number(sub(oldsize, CHUNK_HDR_SZ)));
  munmapChunk(libc, oldp);
  return newmem;
}

/** malloc_usable_size */
export function usableSize(libc: Ptmalloc, mem: Word): Word {
  const { memory } = libc;
  const p = sub(mem, CHUNK_HDR_SZ);
  const size = chunksize(memory, p);
  if (bits(sizeWord(memory, p), IS_MMAPPED) !== 0) return sub(size, CHUNK_HDR_SZ);
  return inuseBitAtOffset(memory, p, size) ? sub(size, SIZE_SZ) : 0;
}

/** MAYBE_INIT_TCACHE: the first chunk of a heap is the tcache itself. */
function maybeInitTcache(libc: Ptmalloc): void {
  if (libc.tcache !== 0) return;
  if (!libc.isInitialized) initState(libc);
  const victim = intMalloc(libc, libc.mainArena, TCACHE_STRUCT_SIZE);
  if (victim === 0) return;
  libc.memory.fill(victim, TCACHE_STRUCT_SIZE, 0);
  libc.tcache = victim;
}

function assertArena(
  libc: Ptmalloc,
  mem: Word,
  expected: { readonly arena: Word } & Assertion,
): void {
  if (mem === 0) return;
  const p = sub(mem, CHUNK_HDR_SZ);
  if (bits(sizeWord(libc.memory, p), IS_MMAPPED) !== 0) return;
  libc.assert(expected.arena === arenaForChunk(libc, p), expected);
}

function noteSizeWord(libc: Ptmalloc, name: string, p: Word, size: Word): void {
  libc.note(
    () =>
      `${name}() read the 8 bytes before the block, at ${hex(add(p, SIZE_SZ))}, as a size word: ${describeSizeWord(size)}.`,
  );
}
