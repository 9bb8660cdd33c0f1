// malloc_consolidate: merges every fastbin chunk with its free neighbors and puts the result on the
// unsorted list or into top. Follows glibc 2.36 malloc/malloc.c.
import { EndlessLoop } from '../fault.ts';
import { add, hex, or, sub, type Word } from '../word.ts';
import { fastbin, NFASTBINS, setHaveFastchunks, setTop, top, unsortedChunks } from './arena.ts';
import { clearNextsize, fastbinIndex, inSmallbinRange, setFreeChunk, unlinkChunk } from './bins.ts';
import {
  BK,
  chunksize,
  describeSize,
  clearInuseBit,
  FD,
  inuseBitAtOffset,
  isMisaligned,
  PREV_INUSE,
  prevInuse,
  prevSize,
  setHead,
} from './chunk.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';

export function mallocConsolidate(libc: Ptmalloc, av: Word): void {
  const { memory } = libc;
  libc.note(() => 'malloc_consolidate() merges the chunks of all fastbins.');
  setHaveFastchunks(memory, av, false);
  for (let index = 0; index < NFASTBINS; index++) {
    const head = fastbin(av, index);
    let p = memory.u64(head);
    memory.setU64(head, 0);
    for (let steps = 0; p !== 0; steps++) {
      if (steps > LONGEST_LIST) throw new EndlessLoop('malloc_consolidate()');
      checkFastChunk(libc, p, index);
      const next = libc.mangle(add(p, FD), memory.u64(add(p, FD)));
      consolidateChunk(libc, av, p);
      p = next;
    }
  }
}

function checkFastChunk(libc: Ptmalloc, p: Word, index: number): void {
  if (libc.glibc.safeLinking && isMisaligned(p)) {
    libc.abort(
      'malloc_consolidate(): unaligned fastbin chunk detected',
      `fastbin ${index} leads to ${hex(p)}, which is not a multiple of 16`,
      p,
    );
  }
  const size = chunksize(libc.memory, p);
  if (fastbinIndex(size) !== index) {
    libc.abort(
      'malloc_consolidate(): invalid chunk size',
      `the chunk at ${hex(p)} on fastbin ${index} says ${describeSize(size)}`,
      p,
      'size',
    );
  }
}

function consolidateChunk(libc: Ptmalloc, av: Word, first: Word): void {
  const { memory } = libc;
  let p = first;
  let size = chunksize(memory, p);
  const nextChunk = add(p, size);
  const nextSize = chunksize(memory, nextChunk);
  if (!prevInuse(memory, p)) {
    const previous = prevSize(memory, p);
    size = add(size, previous);
    p = sub(p, previous);
    if (chunksize(memory, p) !== previous) {
      libc.abort(
        'corrupted size vs. prev_size in fastbins',
        `the chunk at ${hex(first)} says that a free chunk of ${describeSize(previous)} lies before it; that one says ${describeSize(chunksize(memory, p))}`,
        p,
        'size',
      );
    }
    unlinkChunk(libc, p);
  }
  if (nextChunk === top(memory, av)) {
    setHead(memory, p, or(add(size, nextSize), PREV_INUSE));
    setTop(memory, av, p);
    return;
  }
  if (inuseBitAtOffset(memory, nextChunk, nextSize)) {
    clearInuseBit(memory, nextChunk);
  } else {
    size = add(size, nextSize);
    unlinkChunk(libc, nextChunk);
  }
  const unsorted = unsortedChunks(av);
  const firstUnsorted = memory.u64(add(unsorted, FD));
  memory.setU64(add(unsorted, FD), p);
  memory.setU64(add(firstUnsorted, BK), p);
  if (!inSmallbinRange(size)) clearNextsize(libc, p);
  memory.setU64(add(p, BK), unsorted);
  memory.setU64(add(p, FD), firstUnsorted);
  setFreeChunk(libc, p, size);
}
