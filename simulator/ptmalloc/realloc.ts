// Resizing a heap chunk. Follows glibc 2.36 malloc/malloc.c, _int_realloc: in place, into top, into a free
// neighbor, or by copying.
import { add, hex, or, sub, type Word } from '../word.ts';
import { setTop, systemMem, top } from './arena.ts';
import { unlinkChunk } from './bins.ts';
import {
  CHUNK_HDR_SZ,
  chunksize,
  describeSizeWord,
  inuseBitAtOffset,
  MALLOC_ALIGN_MASK,
  MINSIZE,
  PREV_INUSE,
  setHead,
  setHeadSize,
  setInuseBitAtOffset,
  SIZE_SZ,
  sizeWord,
} from './chunk.ts';
import { intFree } from './free.ts';
import { intMalloc } from './malloc.ts';
import type { Ptmalloc } from './ptmalloc.ts';
import { arenaFlag } from './unsorted.ts';

/** The user pointer, 0 when there is no memory (the old block stays). */
export function intRealloc(
  libc: Ptmalloc,
  av: Word,
  { oldp, oldsize, nb }: { readonly oldp: Word; readonly oldsize: Word; readonly nb: Word },
): Word {
  const { memory } = libc;
  const next = add(oldp, oldsize);
  checkSizes(libc, av, oldp, next);
  if (oldsize >= nb) return trim(libc, av, { p: oldp, size: oldsize, nb });

  const nextsize = chunksize(memory, next);
  const joined = add(oldsize, nextsize);
  const isTop = next === top(memory, av);
  if (isTop && joined >= add(nb, MINSIZE)) {
    setHeadSize(memory, oldp, or(nb, arenaFlag(libc, av)));
    setTop(memory, av, add(oldp, nb));
    setHead(memory, add(oldp, nb), or(sub(joined, nb), PREV_INUSE));
    libc.note(() => `realloc() grew the block in place, into top.`);
    return add(oldp, CHUNK_HDR_SZ);
  }
  if (!isTop && !inuseBitAtOffset(memory, next, nextsize) && joined >= nb) {
    unlinkChunk(libc, next);
    libc.note(() => `realloc() grew the block in place, into the free chunk behind it.`);
    return trim(libc, av, { p: oldp, size: joined, nb });
  }
  const newmem = intMalloc(libc, av, sub(nb, MALLOC_ALIGN_MASK));
  if (newmem === 0) return 0;
  const newp = sub(newmem, CHUNK_HDR_SZ);
  if (newp === next)
    return trim(libc, av, { p: oldp, size: add(chunksize(memory, newp), oldsize), nb });
  memory.copy(newmem, add(oldp, CHUNK_HDR_SZ), Number(sub(oldsize, SIZE_SZ)));
  libc.note(() => `realloc() copied ${sub(oldsize, SIZE_SZ)} bytes to ${hex(newmem)}.`);
  intFree(libc, av, oldp, { haveLock: true });
  return newmem;
}

function checkSizes(libc: Ptmalloc, av: Word, oldp: Word, next: Word): void {
  const { memory } = libc;
  const oldWord = sizeWord(memory, oldp);
  if (oldWord <= CHUNK_HDR_SZ || chunksize(memory, oldp) >= systemMem(memory, av)) {
    libc.abort(
      'realloc(): invalid old size',
      `the size word before the block is ${describeSizeWord(oldWord)}; the heap has ${systemMem(memory, av)} bytes`,
      oldp,
      'size',
    );
  }
  const nextWord = sizeWord(memory, next);
  if (nextWord <= CHUNK_HDR_SZ || chunksize(memory, next) >= systemMem(memory, av)) {
    libc.abort(
      'realloc(): invalid next size',
      `the chunk is followed at ${hex(next)} by the size word ${describeSizeWord(nextWord)}; the heap has ${systemMem(memory, av)} bytes`,
      next,
      'size',
    );
  }
}

/** Frees what the block does not need. */
function trim(
  libc: Ptmalloc,
  av: Word,
  { p, size, nb }: { readonly p: Word; readonly size: Word; readonly nb: Word },
): Word {
  const { memory } = libc;
  const rest = sub(size, nb);
  if (rest < MINSIZE) {
    setHeadSize(memory, p, or(size, arenaFlag(libc, av)));
    setInuseBitAtOffset(memory, p, size);
    return add(p, CHUNK_HDR_SZ);
  }
  const remainder = add(p, nb);
  setHeadSize(memory, p, or(nb, arenaFlag(libc, av)));
  setHead(memory, remainder, or(rest, PREV_INUSE | arenaFlag(libc, av)));
  setInuseBitAtOffset(memory, remainder, rest);
  intFree(libc, av, remainder, { haveLock: true });
  return add(p, CHUNK_HDR_SZ);
}
