// Doubly linked bins: index arithmetic, unlinking, and putting chunks on the unsorted list. Follows
// glibc 2.36 malloc/malloc.c, bin_index, unlink_chunk and the inserts of _int_free and _int_malloc.
import { add, hex, low32, or, shiftRight, type Word } from '../word.ts';
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
} from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const MIN_LARGE_SIZE = 1024;

export function inSmallbinRange(size: Word): boolean {
  return size < MIN_LARGE_SIZE;
}

/** bin_index */
export function binIndex(size: Word): number {
  return inSmallbinRange(size) ? Number(shiftRight(size, 4)) : largebinIndex(size);
}

function largebinIndex(size: Word): number {
  const bytes = Number(size);
  if (bytes < 2 ** 6 * 49) return 48 + Math.floor(bytes / 2 ** 6);
  if (bytes < 2 ** 9 * 21) return 91 + Math.floor(bytes / 2 ** 9);
  if (bytes < 2 ** 12 * 11) return 110 + Math.floor(bytes / 2 ** 12);
  if (bytes < 2 ** 15 * 5) return 119 + Math.floor(bytes / 2 ** 15);
  if (bytes < 2 ** 18 * 3) return 124 + Math.floor(bytes / 2 ** 18);
  return 126;
}

/** fastbin_index, in unsigned 32-bit arithmetic. */
export function fastbinIndex(size: Word): number {
  return ((low32(size) >>> 4) - 2) >>> 0;
}

/** unlink_chunk: takes a free chunk off its list after checking the chunk and both neighbors. */
export function unlinkChunk(libc: Ptmalloc, p: Word): void {
  const { memory } = libc;
  const size = chunksize(memory, p);
  const next = add(p, size);
  if (size !== prevSize(memory, next)) {
    libc.abort(
      'corrupted size vs. prev_size',
      `the free chunk at ${hex(p)} says ${describeSizeWord(sizeWord(memory, p))}, the prev_size after it at ${hex(next)} says ${prevSize(memory, next)}`,
      p,
      'size',
    );
  }
  const fd = memory.u64(add(p, FD));
  const bk = memory.u64(add(p, BK));
  if (memory.u64(add(fd, BK)) !== p || memory.u64(add(bk, FD)) !== p) {
    libc.abort(
      'corrupted double-linked list',
      `the free chunk at ${hex(p)} has fd ${hex(fd)} and bk ${hex(bk)}, and one of them does not point back`,
      p,
      'fd',
      'bk',
    );
  }
  memory.setU64(add(fd, BK), bk);
  memory.setU64(add(bk, FD), fd);
  if (!inSmallbinRange(sizeWord(memory, p)) && memory.u64(add(p, FD_NEXTSIZE)) !== 0)
    unlinkNextsize(libc, p, fd);
}

function unlinkNextsize(libc: Ptmalloc, p: Word, fd: Word): void {
  const { memory } = libc;
  const next = memory.u64(add(p, FD_NEXTSIZE));
  const previous = memory.u64(add(p, BK_NEXTSIZE));
  if (memory.u64(add(next, BK_NEXTSIZE)) !== p || memory.u64(add(previous, FD_NEXTSIZE)) !== p) {
    libc.abort(
      'corrupted double-linked list (not small)',
      `the large free chunk at ${hex(p)} has fd_nextsize ${hex(next)} and bk_nextsize ${hex(previous)}, and one of them does not point back`,
      p,
      'fd_nextsize',
      'bk_nextsize',
    );
  }
  if (memory.u64(add(fd, FD_NEXTSIZE)) !== 0) {
    memory.setU64(add(next, BK_NEXTSIZE), memory.u64(add(p, BK_NEXTSIZE)));
    memory.setU64(add(previous, FD_NEXTSIZE), memory.u64(add(p, FD_NEXTSIZE)));
    return;
  }
  if (next === p) {
    memory.setU64(add(fd, BK_NEXTSIZE), fd);
    memory.setU64(add(fd, FD_NEXTSIZE), fd);
    return;
  }
  memory.setU64(add(fd, FD_NEXTSIZE), next);
  memory.setU64(add(fd, BK_NEXTSIZE), previous);
  memory.setU64(add(next, BK_NEXTSIZE), fd);
  memory.setU64(add(previous, FD_NEXTSIZE), fd);
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
  const fwd = memory.u64(add(bck, FD));
  if (memory.u64(add(fwd, BK)) !== bck) {
    libc.abort(
      message,
      `the first chunk of the list ${hex(fwd)} has bk ${hex(memory.u64(add(fwd, BK)))} instead of the list head ${hex(bck)}`,
      fwd,
      'bk',
    );
  }
  memory.setU64(add(p, FD), fwd);
  memory.setU64(add(p, BK), bck);
  if (!inSmallbinRange(size)) clearNextsize(libc, p);
  memory.setU64(add(bck, FD), p);
  memory.setU64(add(fwd, BK), p);
}

export function clearNextsize(libc: Ptmalloc, p: Word): void {
  libc.memory.setU64(add(p, FD_NEXTSIZE), 0);
  libc.memory.setU64(add(p, BK_NEXTSIZE), 0);
}

/** The header and the footer of a free chunk. */
export function setFreeChunk(libc: Ptmalloc, p: Word, size: Word): void {
  setHead(libc.memory, p, or(size, PREV_INUSE));
  setFoot(libc.memory, p, size);
}

export function firstOf(libc: Ptmalloc, av: Word, index: number): Word {
  return libc.memory.u64(add(binAt(av, index), FD));
}

export function lastOf(libc: Ptmalloc, av: Word, index: number): Word {
  return libc.memory.u64(add(binAt(av, index), BK));
}
