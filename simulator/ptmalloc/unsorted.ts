// The loop of malloc() over the unsorted list: take an exact fit, sort the others into their bins. Follows
// glibc 2.36 malloc/malloc.c, _int_malloc.
import { EndlessLoop } from '../fault.ts';
import type { AssertionSite } from '../versions.ts';
import { add, bits, hex, or, sub, type Word } from '../word.ts';
import {
  binAt,
  lastRemainder,
  markBin,
  setLastRemainder,
  systemMem,
  unsortedChunks,
} from './arena.ts';
import { binIndex, clearNextsize, inSmallbinRange, lastOf, setFreeChunk } from './bins.ts';
import {
  BK,
  BK_NEXTSIZE,
  CHUNK_HDR_SZ,
  chunksize,
  describeSize,
  describeSizeWord,
  FD,
  FD_NEXTSIZE,
  MINSIZE,
  NON_MAIN_ARENA,
  PREV_INUSE,
  prevInuse,
  prevSize,
  setHead,
  setInuseBitAtOffset,
  sizeWord,
  withoutFlags,
} from './chunk.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';
import { tcacheHasRoom, tcachePut } from './tcache.ts';

const MAX_ITERS = 10000;

interface Scan {
  /** The chunk that serves the request; null when none was taken. */
  readonly chunk: Word | null;
  /** A fitting chunk went to the tcache bin and must be taken from there. */
  readonly isCached: boolean;
}

/** `bin`: the tcache bin of the request, null when the tcache does not take this size. */
export function scanUnsorted(libc: Ptmalloc, av: Word, nb: Word, bin: number | null): Scan {
  const { memory } = libc;
  const unsorted = unsortedChunks(av);
  let isCached = false;
  for (let iterations = 0; iterations < MAX_ITERS; ) {
    const victim = lastOf(libc, av, 1);
    if (victim === unsorted) break;
    const size = checkUnsorted(libc, av, victim);
    const bck = memory.u64(add(victim, BK));
    const isOnlyRemainder = bck === unsorted && victim === lastRemainder(memory, av);
    if (inSmallbinRange(nb) && isOnlyRemainder && size > add(nb, MINSIZE)) {
      splitLastRemainder(libc, av, victim, nb);
      return { chunk: victim, isCached: false };
    }
    memory.setU64(add(unsorted, BK), bck);
    memory.setU64(add(bck, FD), unsorted);
    if (size === nb) {
      setInuseBitAtOffset(memory, victim, size);
      if (bin === null || !tcacheHasRoom(libc, bin)) {
        libc.note(() => `malloc() found an exact fit at ${hex(victim)} on the unsorted list.`);
        return { chunk: victim, isCached: false };
      }
      tcachePut(libc, victim, bin);
      isCached = true;
      continue;
    }
    placeInBin(libc, av, victim, size);
    iterations++;
  }
  return { chunk: null, isCached };
}

/** The five checks on a chunk before it is used; its size. */
function checkUnsorted(libc: Ptmalloc, av: Word, victim: Word): Word {
  const { memory } = libc;
  const bck = memory.u64(add(victim, BK));
  const size = chunksize(memory, victim);
  const next = add(victim, size);
  const limit = systemMem(memory, av);
  if (size <= CHUNK_HDR_SZ || size > limit) {
    libc.abort(
      'malloc(): invalid size (unsorted)',
      `the free chunk at ${hex(victim)} says ${describeSizeWord(sizeWord(memory, victim))}; the heap has ${limit} bytes`,
      victim,
      'size',
    );
  }
  const nextWord = sizeWord(memory, next);
  if (nextWord < CHUNK_HDR_SZ || nextWord > limit) {
    libc.abort(
      'malloc(): invalid next size (unsorted)',
      `the free chunk at ${hex(victim)} is followed at ${hex(next)} by the size word ${describeSizeWord(nextWord)}; the heap has ${limit} bytes`,
      next,
      'size',
    );
  }
  if (withoutFlags(prevSize(memory, next)) !== size) {
    libc.abort(
      'malloc(): mismatching next->prev_size (unsorted)',
      `the free chunk at ${hex(victim)} says ${describeSize(size)}, the prev_size after it says ${describeSize(prevSize(memory, next))}`,
      next,
      'prev_size',
    );
  }
  if (memory.u64(add(bck, FD)) !== victim || memory.u64(add(victim, FD)) !== unsortedChunks(av)) {
    libc.abort(
      'malloc(): unsorted double linked list corrupted',
      `the free chunk at ${hex(victim)} has fd ${hex(memory.u64(add(victim, FD)))} and bk ${hex(bck)}, which do not lead back to it and to the list head`,
      victim,
      'fd',
      'bk',
    );
  }
  if (prevInuse(memory, next)) {
    libc.abort(
      'malloc(): invalid next->prev_inuse (unsorted)',
      `the chunk at ${hex(victim)} is on a free list, but the size word after it, ${describeSizeWord(nextWord)}, says that it is in use`,
      next,
      'size',
    );
  }
  return size;
}

function splitLastRemainder(libc: Ptmalloc, av: Word, victim: Word, nb: Word): void {
  const { memory } = libc;
  const unsorted = unsortedChunks(av);
  const size = sub(chunksize(memory, victim), nb);
  const remainder = add(victim, nb);
  memory.setU64(add(unsorted, FD), remainder);
  memory.setU64(add(unsorted, BK), remainder);
  setLastRemainder(memory, av, remainder);
  memory.setU64(add(remainder, FD), unsorted);
  memory.setU64(add(remainder, BK), unsorted);
  if (!inSmallbinRange(size)) clearNextsize(libc, remainder);
  setHead(memory, victim, or(nb, PREV_INUSE | arenaFlag(libc, av)));
  setFreeChunk(libc, remainder, size);
  libc.note(() => `malloc() cut ${nb} bytes off the last remainder at ${hex(victim)}.`);
}

/** The flag that chunks of any arena but the main one carry. */
export function arenaFlag(libc: Ptmalloc, av: Word): number {
  return av === libc.mainArena ? 0 : NON_MAIN_ARENA;
}

function placeInBin(libc: Ptmalloc, av: Word, victim: Word, size: Word): void {
  const { memory } = libc;
  const index = binIndex(size);
  const { bck, fwd } = inSmallbinRange(size)
    ? { bck: binAt(av, index), fwd: memory.u64(add(binAt(av, index), FD)) }
    : largebinPlace(libc, binAt(av, index), victim, size);
  markBin(memory, av, index);
  memory.setU64(add(victim, BK), bck);
  memory.setU64(add(victim, FD), fwd);
  memory.setU64(add(fwd, BK), victim);
  memory.setU64(add(bck, FD), victim);
}

/** Where a chunk goes in a large bin, which is kept sorted; links it into the skip list of sizes. */
function largebinPlace(
  libc: Ptmalloc,
  bin: Word,
  victim: Word,
  size: Word,
): { readonly bck: Word; readonly fwd: Word } {
  const { memory } = libc;
  const first = memory.u64(add(bin, FD));
  if (first === bin) {
    memory.setU64(add(victim, BK_NEXTSIZE), victim);
    memory.setU64(add(victim, FD_NEXTSIZE), victim);
    return { bck: bin, fwd: bin };
  }
  const sizeInUse = or(size, PREV_INUSE);
  const smallest = memory.u64(add(bin, BK));
  assertMainArena(libc, smallest, 'bck->bk', 'smallest');
  if (sizeInUse < sizeWord(memory, smallest)) {
    const largest = memory.u64(add(bin, FD));
    memory.setU64(add(victim, FD_NEXTSIZE), largest);
    memory.setU64(add(victim, BK_NEXTSIZE), memory.u64(add(largest, BK_NEXTSIZE)));
    memory.setU64(add(memory.u64(add(victim, BK_NEXTSIZE)), FD_NEXTSIZE), victim);
    memory.setU64(add(largest, BK_NEXTSIZE), victim);
    return { bck: smallest, fwd: bin };
  }
  let fwd = first;
  assertMainArena(libc, fwd, 'fwd', 'largest');
  for (let steps = 0; sizeInUse < sizeWord(memory, fwd); steps++) {
    if (steps > LONGEST_LIST) throw new EndlessLoop('malloc()');
    fwd = memory.u64(add(fwd, FD_NEXTSIZE));
    assertMainArena(libc, fwd, 'fwd', 'next');
  }
  if (sizeInUse === sizeWord(memory, fwd)) fwd = memory.u64(add(fwd, FD));
  else insertInSkipList(libc, victim, fwd);
  const bck = memory.u64(add(fwd, BK));
  if (memory.u64(add(bck, FD)) !== fwd) {
    libc.abort(
      'malloc(): largebin double linked list corrupted (bk)',
      `the large free chunk at ${hex(fwd)} has bk ${hex(bck)}, whose fd is ${hex(memory.u64(add(bck, FD)))}`,
      fwd,
      'bk',
    );
  }
  return { bck, fwd };
}

function insertInSkipList(libc: Ptmalloc, victim: Word, fwd: Word): void {
  const { memory } = libc;
  const before = memory.u64(add(fwd, BK_NEXTSIZE));
  memory.setU64(add(victim, FD_NEXTSIZE), fwd);
  memory.setU64(add(victim, BK_NEXTSIZE), before);
  if (memory.u64(add(before, FD_NEXTSIZE)) !== fwd) {
    libc.abort(
      'malloc(): largebin double linked list corrupted (nextsize)',
      `the large free chunk at ${hex(fwd)} has bk_nextsize ${hex(before)}, whose fd_nextsize is ${hex(memory.u64(add(before, FD_NEXTSIZE)))}`,
      fwd,
      'bk_nextsize',
    );
  }
  memory.setU64(add(fwd, BK_NEXTSIZE), victim);
  memory.setU64(add(memory.u64(add(victim, BK_NEXTSIZE)), FD_NEXTSIZE), victim);
}

function assertMainArena(
  libc: Ptmalloc,
  chunk: Word,
  expression: string,
  site: AssertionSite,
): void {
  libc.assert(bits(sizeWord(libc.memory, chunk), NON_MAIN_ARENA) === 0, {
    function: '_int_malloc',
    text: `chunk_main_arena (${expression})`,
    site,
  });
}
