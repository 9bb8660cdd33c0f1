// Doubly linked bins: index arithmetic, unlinking, and putting chunks on the unsorted list. Follows
// glibc 2.36 malloc/malloc.c, bin_index, unlink_chunk and the inserts of _int_free and _int_malloc.
import { hex, type Word } from '../memory.ts';
import { binAt, unsortedChunks } from './arena.ts';
import {
  BK,
  BK_NEXTSIZE,
  chunksize,
  describeSizeWord,
  FD,
  FD_NEXTSIZE,
  prevSize,
  setFoot,
  setHead,
  PREV_INUSE,
  sizeWord,
  wrap,
} from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const MIN_LARGE_SIZE = 1024n;

export function inSmallbinRange(size: Word): boolean {
  return size < MIN_LARGE_SIZE;
}

/** bin_index */
export function binIndex(size: Word): number {
  return inSmallbinRange(size) ? Number(size >> 4n) : largebinIndex(size);
}

function largebinIndex(size: Word): number {
  if (size >> 6n <= 48n) return 48 + Number(size >> 6n);
  if (size >> 9n <= 20n) return 91 + Number(size >> 9n);
  if (size >> 12n <= 10n) return 110 + Number(size >> 12n);
  if (size >> 15n <= 4n) return 119 + Number(size >> 15n);
  if (size >> 18n <= 2n) return 124 + Number(size >> 18n);
  return 126;
}

/** fastbin_index, in unsigned 32-bit arithmetic. */
export function fastbinIndex(size: Word): number {
  return ((Number(BigInt.asUintN(32, size)) >>> 4) - 2) >>> 0;
}

/** unlink_chunk: takes a free chunk off its list after checking the chunk and both neighbors. */
export function unlinkChunk(libc: Ptmalloc, p: Word): void {
  const { memory } = libc;
  const size = chunksize(memory, p);
  const next = wrap(p + size);
  if (size !== prevSize(memory, next)) {
    libc.abort(
      'corrupted size vs. prev_size',
      `the free chunk at ${hex(p)} says ${describeSizeWord(sizeWord(memory, p))}, the prev_size after it at ${hex(next)} says ${prevSize(memory, next)}`,
      p,
      'size',
    );
  }
  const fd = memory.u64(p + FD);
  const bk = memory.u64(p + BK);
  if (memory.u64(fd + BK) !== p || memory.u64(bk + FD) !== p) {
    libc.abort(
      'corrupted double-linked list',
      `the free chunk at ${hex(p)} has fd ${hex(fd)} and bk ${hex(bk)}, and one of them does not point back`,
      p,
      'fd',
      'bk',
    );
  }
  memory.setU64(fd + BK, bk);
  memory.setU64(bk + FD, fd);
  if (!inSmallbinRange(sizeWord(memory, p)) && memory.u64(p + FD_NEXTSIZE) !== 0n)
    unlinkNextsize(libc, p, fd);
}

function unlinkNextsize(libc: Ptmalloc, p: Word, fd: Word): void {
  const { memory } = libc;
  const next = memory.u64(p + FD_NEXTSIZE);
  const previous = memory.u64(p + BK_NEXTSIZE);
  if (memory.u64(next + BK_NEXTSIZE) !== p || memory.u64(previous + FD_NEXTSIZE) !== p) {
    libc.abort(
      'corrupted double-linked list (not small)',
      `the large free chunk at ${hex(p)} has fd_nextsize ${hex(next)} and bk_nextsize ${hex(previous)}, and one of them does not point back`,
      p,
      'fd_nextsize',
      'bk_nextsize',
    );
  }
  if (memory.u64(fd + FD_NEXTSIZE) !== 0n) {
    memory.setU64(next + BK_NEXTSIZE, memory.u64(p + BK_NEXTSIZE));
    memory.setU64(previous + FD_NEXTSIZE, memory.u64(p + FD_NEXTSIZE));
    return;
  }
  if (next === p) {
    memory.setU64(fd + BK_NEXTSIZE, fd);
    memory.setU64(fd + FD_NEXTSIZE, fd);
    return;
  }
  memory.setU64(fd + FD_NEXTSIZE, next);
  memory.setU64(fd + BK_NEXTSIZE, previous);
  memory.setU64(next + BK_NEXTSIZE, fd);
  memory.setU64(previous + FD_NEXTSIZE, fd);
}

/** Puts a chunk at the front of the unsorted list; aborts with `message` when the list is broken. */
export function insertUnsorted(
  libc: Ptmalloc,
  av: Word,
  chunk: { readonly p: Word; readonly size: Word },
  message: string,
): void {
  insertFirst(libc, unsortedChunks(av), chunk, message);
}

/** The same for any bin, by its header. */
export function insertFirst(
  libc: Ptmalloc,
  bck: Word,
  { p, size }: { readonly p: Word; readonly size: Word },
  message: string,
): void {
  const { memory } = libc;
  const fwd = memory.u64(bck + FD);
  if (memory.u64(fwd + BK) !== bck) {
    libc.abort(
      message,
      `the first chunk of the list ${hex(fwd)} has bk ${hex(memory.u64(fwd + BK))} instead of the list head ${hex(bck)}`,
      fwd,
      'bk',
    );
  }
  memory.setU64(p + FD, fwd);
  memory.setU64(p + BK, bck);
  if (!inSmallbinRange(size)) clearNextsize(libc, p);
  memory.setU64(bck + FD, p);
  memory.setU64(fwd + BK, p);
}

export function clearNextsize(libc: Ptmalloc, p: Word): void {
  libc.memory.setU64(p + FD_NEXTSIZE, 0n);
  libc.memory.setU64(p + BK_NEXTSIZE, 0n);
}

/** The header and the footer of a free chunk. */
export function setFreeChunk(libc: Ptmalloc, p: Word, size: Word): void {
  setHead(libc.memory, p, size | PREV_INUSE);
  setFoot(libc.memory, p, size);
}

export function firstOf(libc: Ptmalloc, av: Word, index: number): Word {
  return libc.memory.u64(binAt(av, index) + FD);
}

export function lastOf(libc: Ptmalloc, av: Word, index: number): Word {
  return libc.memory.u64(binAt(av, index) + BK);
}
