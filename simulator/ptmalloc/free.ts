// Freeing a heap chunk. Follows glibc 2.36 malloc/malloc.c, _int_free: every check in source order. Whether
// the pointer is a mapping, and which arena it belongs to, was decided by the caller.
import { EndlessLoop } from '../fault.ts';
import { add, bits, hex, or, sub, type Word } from '../word.ts';
import {
  binAt,
  endOfTop,
  fastbin,
  haveFastchunks,
  isContiguous,
  markBin,
  setHaveFastchunks,
  setTop,
  systemMem,
  top,
} from './arena.ts';
import {
  binIndex,
  fastbinIndex,
  inSmallbinRange,
  insertFirst,
  insertUnsorted,
  setFreeChunk,
  unlinkChunk,
} from './bins.ts';
import {
  CHUNK_HDR_SZ,
  chunksize,
  clearInuseBit,
  describeSize,
  describeSizeWord,
  FD,
  inuseBitAtOffset,
  IS_MMAPPED,
  isMisaligned,
  MINSIZE,
  PREV_INUSE,
  prevInuse,
  prevSize,
  setHead,
  sizeWord,
} from './chunk.ts';
import { mallocConsolidate } from './consolidate.ts';
import { munmapChunk, systrim } from './mapping.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';
import {
  binChunkSize,
  KEY,
  tcacheBin,
  tcacheCount,
  tcacheHasRoom,
  tcacheHead,
  tcacheNext,
  tcachePut,
} from './tcache.ts';

/** get_max_fast: the largest chunk that goes to a fastbin. */
export const MAX_FAST = 128;
const FASTBIN_CONSOLIDATION_THRESHOLD = 65536;

export function intFree(
  libc: Ptmalloc,
  av: Word,
  p: Word,
  options: { readonly haveLock: boolean },
): void {
  const { memory } = libc;
  const size = chunksize(memory, p);
  if (p > sub(0, size) || isMisaligned(p)) {
    const reason = isMisaligned(p)
      ? `${hex(add(p, CHUNK_HDR_SZ))} is not a multiple of 16, as every block of malloc() is`
      : `the size word is ${describeSizeWord(sizeWord(memory, p))}: no chunk of that size fits between ${hex(p)} and the end of memory`;
    libc.abort('free(): invalid pointer', reason, p, 'size');
  }
  if (size < MINSIZE || isMisaligned(size)) {
    libc.abort(
      'free(): invalid size',
      `the size word is ${describeSizeWord(sizeWord(memory, p))}: a chunk has at least 32 bytes and a multiple of 16`,
      p,
      'size',
    );
  }
  if (freeToTcache(libc, p, size)) return;
  if (size <= MAX_FAST) freeToFastbin(libc, av, { p, size }, options);
  else if (bits(sizeWord(memory, p), IS_MMAPPED) === 0) freeMergedChunk(libc, av, { p, size });
  else munmapChunk(libc, p);
}

export interface SizedChunk {
  readonly p: Word;
  readonly size: Word;
}

function freeToTcache(libc: Ptmalloc, p: Word, size: Word): boolean {
  const bin = tcacheBin(libc, size);
  if (bin === null) return false;
  const entry = add(p, CHUNK_HDR_SZ);
  if (libc.memory.u64(add(entry, KEY)) === libc.tcacheKey) searchTcache(libc, entry, bin);
  if (!tcacheHasRoom(libc, bin)) return false;
  tcachePut(libc, p, bin);
  libc.note(
    () =>
      `free() put ${hex(entry)} into tcache bin ${bin} (${binChunkSize(bin)}-byte chunks), now ${tcacheCount(libc, bin)} of ${libc.glibc.tcache_count}, without looking at its neighbors or at who owns the address.`,
  );
  return true;
}

/** The chunk carries the tcache's key, so it may already be on the list. */
function searchTcache(libc: Ptmalloc, entry: Word, bin: number): void {
  let count = 0;
  for (
    let other = libc.memory.u64(tcacheHead(libc, bin));
    other !== 0;
    other = tcacheNext(libc, other)
  ) {
    if (libc.glibc.safeLinking && count >= libc.glibc.tcache_count) {
      libc.abort(
        'free(): too many chunks detected in tcache',
        `tcache bin ${bin} has more than ${libc.glibc.tcache_count} entries`,
        other,
      );
    }
    if (libc.glibc.safeLinking && isMisaligned(other)) {
      libc.abort(
        'free(): unaligned chunk detected in tcache 2',
        `tcache bin ${bin} leads to ${hex(other)}, which is not a multiple of 16`,
        other,
        'next',
      );
    }
    if (other === entry) {
      libc.abort(
        'free(): double free detected in tcache 2',
        `${hex(entry)} carries the tcache key and is entry ${count} of tcache bin ${bin}: it was freed before`,
        entry,
        'key',
      );
    }
    if (count++ > LONGEST_LIST) throw new EndlessLoop('free()');
  }
}

function freeToFastbin(
  libc: Ptmalloc,
  av: Word,
  { p, size }: SizedChunk,
  options: { readonly haveLock: boolean },
): void {
  const { memory } = libc;
  const next = add(p, size);
  const nextWord = sizeWord(memory, next);
  if (nextWord <= CHUNK_HDR_SZ || chunksize(memory, next) >= systemMem(memory, av)) {
    libc.abort(
      'free(): invalid next size (fast)',
      `the chunk of ${describeSize(size)} is followed at ${hex(next)} by the size word ${describeSizeWord(nextWord)}; the heap has ${systemMem(memory, av)} bytes`,
      next,
      'size',
    );
  }
  setHaveFastchunks(memory, av, true);
  const index = fastbinIndex(size);
  const old = memory.u64(fastbin(av, index));
  if (old === p) {
    libc.abort(
      'double free or corruption (fasttop)',
      `the chunk at ${hex(p)} is already the first entry of fastbin ${index}: it was freed just before`,
      p,
    );
  }
  memory.setU64(add(p, FD), libc.mangle(add(p, FD), old));
  memory.setU64(fastbin(av, index), p);
  if (options.haveLock && old !== 0 && fastbinIndex(chunksize(memory, old)) !== index) {
    libc.abort(
      'invalid fastbin entry (free)',
      `the chunk at ${hex(old)} on fastbin ${index} says ${describeSize(chunksize(memory, old))}`,
      old,
      'size',
    );
  }
  libc.note(() => `free() put the chunk at ${hex(p)} (${describeSize(size)}) on fastbin ${index}.`);
}

/** Merges a chunk with its free neighbors after the tests on the one that follows. */
export function freeMergedChunk(libc: Ptmalloc, av: Word, chunk: SizedChunk): void {
  const { memory } = libc;
  const nextChunk = add(chunk.p, chunk.size);
  checkNextChunk(libc, av, chunk, nextChunk);
  const following = { next: nextChunk, nextSize: chunksize(memory, nextChunk) };
  let { p, size } = chunk;
  if (!prevInuse(memory, p)) {
    const previous = prevSize(memory, p);
    size = add(size, previous);
    p = sub(p, previous);
    if (chunksize(memory, p) !== previous) {
      libc.abort(
        'corrupted size vs. prev_size while consolidating',
        `the chunk at ${hex(chunk.p)} says that a free chunk of ${describeSize(previous)} lies before it; that one says ${describeSize(chunksize(memory, p))}`,
        p,
        'size',
      );
    }
    unlinkChunk(libc, p);
  }
  maybeConsolidate(libc, av, createFreeChunk(libc, av, { p, size }, following));
}

/** Merges with what follows, and puts the result into a bin or into top; its size. */
export function createFreeChunk(
  libc: Ptmalloc,
  av: Word,
  { p, size }: SizedChunk,
  { next, nextSize }: { readonly next: Word; readonly nextSize: Word },
): Word {
  const { memory } = libc;
  if (next === top(memory, av)) {
    const joined = add(size, nextSize);
    setHead(memory, p, or(joined, PREV_INUSE));
    setTop(memory, av, p);
    libc.note(() => `free() merged the chunk at ${hex(p)} into top.`);
    return joined;
  }
  let joined = size;
  if (inuseBitAtOffset(memory, next, nextSize)) {
    clearInuseBit(memory, next);
  } else {
    unlinkChunk(libc, next);
    joined = add(size, nextSize);
  }
  const list = insertFreed(libc, av, { p, size: joined });
  setFreeChunk(libc, p, joined);
  libc.note(
    () => `free() put a free chunk of ${describeSize(joined)} at ${hex(p)} on the ${list}.`,
  );
  return joined;
}

/** After a large chunk was freed the fastbins are merged, and the end of top goes back to the kernel. */
export function maybeConsolidate(libc: Ptmalloc, av: Word, size: Word): void {
  const { memory, mp } = libc;
  if (size < FASTBIN_CONSOLIDATION_THRESHOLD) return;
  if (haveFastchunks(memory, av)) mallocConsolidate(libc, av);
  if (chunksize(memory, top(memory, av)) >= mp.trim_threshold) systrim(libc, av, mp.top_pad);
}

/** The list it went to. */
function insertFreed(libc: Ptmalloc, av: Word, chunk: SizedChunk): string {
  if (!libc.glibc.freesToSmallbin || !inSmallbinRange(chunk.size)) {
    insertUnsorted(libc, av, chunk, 'free(): corrupted unsorted chunks');
    return 'unsorted list';
  }
  const index = binIndex(chunk.size);
  insertFirst(libc, binAt(av, index), chunk, 'free(): chunks in smallbin corrupted');
  markBin(libc.memory, av, index);
  return `list of small bin ${index}`;
}

/** The four tests on the chunk that follows. */
function checkNextChunk(libc: Ptmalloc, av: Word, { p, size }: SizedChunk, nextChunk: Word): void {
  const { memory } = libc;
  if (p === top(memory, av)) {
    libc.abort(
      'double free or corruption (top)',
      `the chunk at ${hex(p)} is top, the unused rest of the heap`,
      p,
    );
  }
  if (isContiguous(memory, av) && nextChunk >= endOfTop(memory, av)) {
    libc.abort(
      'double free or corruption (out)',
      `a chunk of ${describeSize(size)} at ${hex(p)} would end at ${hex(nextChunk)}, behind the end of the heap at ${hex(endOfTop(memory, av))}`,
      p,
      'size',
    );
  }
  const nextWord = sizeWord(memory, nextChunk);
  if (!prevInuse(memory, nextChunk)) {
    libc.abort(
      'double free or corruption (!prev)',
      `the size word after the chunk, at ${hex(add(nextChunk, 8))}, is ${describeSizeWord(nextWord)}: without PREV_INUSE the chunk counts as free already`,
      nextChunk,
      'size',
    );
  }
  if (nextWord <= CHUNK_HDR_SZ || chunksize(memory, nextChunk) >= systemMem(memory, av)) {
    libc.abort(
      'free(): invalid next size (normal)',
      `the chunk is followed at ${hex(nextChunk)} by the size word ${describeSizeWord(nextWord)}; the heap has ${systemMem(memory, av)} bytes`,
      nextChunk,
      'size',
    );
  }
}
