// malloc, calloc, realloc, free as a program calls them. Follows glibc 2.36 malloc/malloc.c,
// __libc_malloc and its siblings, for a process with one thread.
import { hex, PAGE_SIZE, type Word } from '../memory.ts';
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
  wrap,
} from './chunk.ts';
import { intFree } from './free.ts';
import { intMalloc } from './malloc.ts';
import { mremapChunk, munmapChunk } from './mapping.ts';
import { type Assertion, DEFAULT_MMAP_THRESHOLD_MAX, type Ptmalloc } from './ptmalloc.ts';
import { intRealloc } from './realloc.ts';
import { TCACHE_STRUCT_SIZE, tcacheBin, tcacheCount, tcacheGet } from './tcache.ts';

const PAGE = BigInt(PAGE_SIZE);

export function malloc(libc: Ptmalloc, bytes: Word): Word {
  if (!libc.isInitialized) initState(libc);
  const nb = request2size(bytes);
  if (nb === null) return 0n;
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
  const bytes = count * size;
  if (bytes > PTRDIFF_MAX) return 0n;
  if (!libc.isInitialized) initState(libc);
  maybeInitTcache(libc);
  if (libc.glibc.callocUsesTcache) {
    const nb = request2size(bytes);
    const bin = nb === null ? null : tcacheBin(libc, nb);
    if (bin !== null && tcacheCount(libc, bin) > 0) return clear(libc, tcacheGet(libc, bin));
  }
  const oldTop = top(memory, mainArena);
  // Bytes of top that were in use before: memory above the highest break ever seen is still zero.
  const everUsed = wrap(mp.sbrk_base + maxSystemMem(memory, mainArena) - oldTop);
  const topSize = chunksize(memory, oldTop);
  const oldTopSize = topSize < everUsed ? everUsed : topSize;
  const mem = intMalloc(libc, mainArena, bytes);
  assertArena(libc, mem, {
    arena: mainArena,
    function: '__libc_calloc',
    site: 'calloc',
    text: '!mem || chunk_is_mmapped (mem2chunk (mem)) || av == arena_for_chunk (mem2chunk (mem))',
  });
  if (mem === 0n) return 0n;
  const p = wrap(mem - CHUNK_HDR_SZ);
  if ((sizeWord(memory, p) & IS_MMAPPED) !== 0n) return mem;
  const chunk = chunksize(memory, p);
  const used = p === oldTop && chunk > oldTopSize ? oldTopSize : chunk;
  return clear(libc, mem, used);
}

/** Fills a block of the heap with zeros, as far as its size word says. */
function clear(libc: Ptmalloc, mem: Word, size?: Word): Word {
  const { memory } = libc;
  const used = size ?? chunksize(memory, wrap(mem - CHUNK_HDR_SZ));
  const words = wrap(used - SIZE_SZ) / SIZE_SZ;
  const isChecked = libc.glibc.lines.nclears !== 0;
  libc.assert(words >= 3n || !isChecked, {
    function: '__libc_calloc',
    text: 'nclears >= 3',
    site: 'nclears',
  });
  memory.fill(mem, 8 * Number(words < 3n ? 3n : words), 0);
  return mem;
}

export function free(libc: Ptmalloc, mem: Word): void {
  const { memory, mp } = libc;
  if (mem === 0n) return;
  const p = wrap(mem - CHUNK_HDR_SZ);
  const size = sizeWord(memory, p);
  noteSizeWord(libc, 'free', p, size);
  if ((size & IS_MMAPPED) === 0n) {
    maybeInitTcache(libc);
    intFree(libc, arenaForChunk(libc, p), p, { haveLock: false });
    return;
  }
  if (!mp.no_dyn_threshold && size > mp.mmap_threshold && size <= DEFAULT_MMAP_THRESHOLD_MAX) {
    mp.mmap_threshold = chunksize(memory, p);
    mp.trim_threshold = 2n * mp.mmap_threshold;
  }
  munmapChunk(libc, p);
}

export function realloc(libc: Ptmalloc, oldmem: Word, bytes: Word): Word {
  const { memory } = libc;
  if (!libc.isInitialized) initState(libc);
  if (bytes === 0n && oldmem !== 0n) {
    free(libc, oldmem);
    return 0n;
  }
  if (oldmem === 0n) return malloc(libc, bytes);
  const oldp = wrap(oldmem - CHUNK_HDR_SZ);
  if (libc.glibc.reallocKeepsFitting && fits(libc, oldmem, bytes)) return oldmem;
  const word = sizeWord(memory, oldp);
  const oldsize = chunksize(memory, oldp);
  noteSizeWord(libc, 'realloc', oldp, word);
  const isMapped = (word & IS_MMAPPED) !== 0n;
  if (!isMapped) maybeInitTcache(libc);
  const arena = isMapped ? null : arenaForChunk(libc, oldp);
  if (oldp > wrap(-oldsize) || isMisaligned(oldp)) {
    const reason = isMisaligned(oldp)
      ? `${hex(oldmem)} is not a multiple of 16, as every block of malloc() is`
      : `the size word is ${describeSizeWord(word)}: no chunk of that size fits between ${hex(oldp)} and the end of memory`;
    libc.abort('realloc(): invalid pointer', reason, oldp, 'size');
  }
  const nb = request2size(bytes);
  if (nb === null) return 0n;
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
  const isMapped = (sizeWord(libc.memory, mem - CHUNK_HDR_SZ) & IS_MMAPPED) !== 0n;
  const isFitting = usable - bytes < CHUNK_HDR_SZ || (isMapped && usable - bytes <= PAGE);
  if (isFitting) libc.note(`realloc() kept the block: it has ${usable} usable bytes.`);
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
  const oldmem = oldp + CHUNK_HDR_SZ;
  const newp = mremapChunk(libc, oldp, nb);
  if (newp !== null) return newp + CHUNK_HDR_SZ;
  if (oldsize - SIZE_SZ >= nb) return oldmem;
  const newmem = malloc(libc, bytes);
  if (newmem === 0n) return 0n;
  memory.copy(newmem, oldmem, Number(oldsize - CHUNK_HDR_SZ));
  munmapChunk(libc, oldp);
  return newmem;
}

/** malloc_usable_size */
export function usableSize(libc: Ptmalloc, mem: Word): Word {
  const { memory } = libc;
  const p = wrap(mem - CHUNK_HDR_SZ);
  const size = chunksize(memory, p);
  if ((sizeWord(memory, p) & IS_MMAPPED) !== 0n) return wrap(size - CHUNK_HDR_SZ);
  return inuseBitAtOffset(memory, p, size) ? wrap(size - SIZE_SZ) : 0n;
}

/** MAYBE_INIT_TCACHE: the first chunk of a heap is the tcache itself. */
function maybeInitTcache(libc: Ptmalloc): void {
  if (libc.tcache !== 0n) return;
  if (!libc.isInitialized) initState(libc);
  const victim = intMalloc(libc, libc.mainArena, BigInt(TCACHE_STRUCT_SIZE));
  if (victim === 0n) return;
  libc.memory.fill(victim, TCACHE_STRUCT_SIZE, 0);
  libc.tcache = victim;
}

function assertArena(
  libc: Ptmalloc,
  mem: Word,
  expected: { readonly arena: Word } & Assertion,
): void {
  if (mem === 0n) return;
  const p = wrap(mem - CHUNK_HDR_SZ);
  if ((sizeWord(libc.memory, p) & IS_MMAPPED) !== 0n) return;
  libc.assert(expected.arena === arenaForChunk(libc, p), expected);
}

function noteSizeWord(libc: Ptmalloc, name: string, p: Word, size: Word): void {
  libc.note(
    `${name}() read the 8 bytes before the block, at ${hex(p + SIZE_SZ)}, as a size word: ${describeSizeWord(size)}.`,
  );
}
