// Allocating a heap chunk. Follows glibc 2.36 malloc/malloc.c, _int_malloc: fastbin, small bin, unsorted
// list, large bins, top, kernel, with every check in source order.
import { EndlessLoop } from '../fault.ts';
import { add, hex, or, sub, type Word } from '../word.ts';
import {
  binAt,
  binmap,
  BINMAPSIZE,
  fastbin,
  haveFastchunks,
  setBinmap,
  setLastRemainder,
  setTop,
  systemMem,
  top,
} from './arena.ts';
import {
  binIndex,
  fastbinIndex,
  firstOf,
  inSmallbinRange,
  insertUnsorted,
  lastOf,
  setFreeChunk,
  unlinkChunk,
} from './bins.ts';
import {
  BK,
  BK_NEXTSIZE,
  CHUNK_HDR_SZ,
  chunksize,
  describeSize,
  FD,
  isMisaligned,
  MINSIZE,
  PREV_INUSE,
  request2size,
  setHead,
  setInuseBitAtOffset,
  sizeWord,
} from './chunk.ts';
import { mallocConsolidate } from './consolidate.ts';
import { MAX_FAST } from './free.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';
import { sysmalloc } from './sysmalloc.ts';
import { tcacheBin, tcacheGet, tcacheHasRoom, tcachePut } from './tcache.ts';
import { arenaFlag, scanUnsorted } from './unsorted.ts';

/** The user pointer, 0 when the request is too large or the kernel gives no memory. */
export function intMalloc(libc: Ptmalloc, av: Word, request: Word): Word {
  const { memory } = libc;
  const nb = request2size(request);
  if (nb === null) return 0;
  const quick = takeFromFastbin(libc, av, nb) ?? takeFromSmallbin(libc, av, nb);
  if (quick !== null) return add(quick, CHUNK_HDR_SZ);
  if (!inSmallbinRange(nb) && haveFastchunks(memory, av)) mallocConsolidate(libc, av);

  const bin = tcacheBin(libc, nb);
  for (;;) {
    const scan = scanUnsorted(libc, av, nb, bin);
    if (scan.chunk !== null) return add(scan.chunk, CHUNK_HDR_SZ);
    if (scan.isCached && bin !== null) return tcacheGet(libc, bin);
    const chunk =
      takeFromLargebin(libc, av, nb) ??
      takeFromLargerBins(libc, av, nb) ??
      takeFromTop(libc, av, nb);
    if (chunk !== null) return add(chunk, CHUNK_HDR_SZ);
    if (!haveFastchunks(memory, av)) break;
    mallocConsolidate(libc, av);
  }
  const chunk = sysmalloc(libc, av, nb);
  return chunk === null ? 0 : add(chunk, CHUNK_HDR_SZ);
}

function takeFromFastbin(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory } = libc;
  if (nb > MAX_FAST) return null;
  const index = fastbinIndex(nb);
  const victim = takeFirst(libc, av, index, 'malloc(): unaligned fastbin chunk detected 2');
  if (victim === null) return null;
  if (fastbinIndex(chunksize(memory, victim)) !== index) {
    libc.abort(
      'malloc(): memory corruption (fast)',
      `the chunk at ${hex(victim)} on fastbin ${index} says ${describeSize(chunksize(memory, victim))}, not ${nb}`,
      victim,
      'size',
    );
  }
  libc.note(() => `malloc() took the chunk at ${hex(victim)} from fastbin ${index}.`);
  const bin = tcacheBin(libc, nb);
  if (bin === null) return victim;
  while (tcacheHasRoom(libc, bin)) {
    const other = takeFirst(libc, av, index, 'malloc(): unaligned fastbin chunk detected 3');
    if (other === null) break;
    tcachePut(libc, other, bin);
  }
  return victim;
}

function takeFirst(libc: Ptmalloc, av: Word, index: number, message: string): Word | null {
  const { memory } = libc;
  const p = memory.u64(fastbin(av, index));
  if (p === 0) return null;
  if (libc.glibc.safeLinking && isMisaligned(p)) {
    libc.abort(message, `fastbin ${index} leads to ${hex(p)}, which is not a multiple of 16`, p);
  }
  memory.setU64(fastbin(av, index), libc.mangle(add(p, FD), memory.u64(add(p, FD))));
  return p;
}

function takeFromSmallbin(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory } = libc;
  if (!inSmallbinRange(nb)) return null;
  const index = binIndex(nb);
  const head = binAt(av, index);
  const victim = lastOf(libc, av, index);
  if (victim === head) return null;
  const bck = memory.u64(add(victim, BK));
  if (memory.u64(add(bck, FD)) !== victim) {
    libc.abort(
      'malloc(): smallbin double linked list corrupted',
      `the chunk at ${hex(victim)} on small bin ${index} has bk ${hex(bck)}, whose fd is ${hex(memory.u64(add(bck, FD)))}`,
      victim,
      'bk',
    );
  }
  takeLast(libc, head, victim, nb);
  libc.note(() => `malloc() took the chunk at ${hex(victim)} from small bin ${index}.`);
  const bin = tcacheBin(libc, nb);
  if (bin === null) return victim;
  while (tcacheHasRoom(libc, bin)) {
    const other = lastOf(libc, av, index);
    if (other === head) break;
    // The loop in malloc.c spins on a null link.
    if (other === 0) throw new EndlessLoop('malloc()');
    takeLast(libc, head, other, nb);
    tcachePut(libc, other, bin);
  }
  return victim;
}

function takeLast(libc: Ptmalloc, head: Word, victim: Word, nb: Word): void {
  const { memory } = libc;
  const bck = memory.u64(add(victim, BK));
  setInuseBitAtOffset(memory, victim, nb);
  memory.setU64(add(head, BK), bck);
  memory.setU64(add(bck, FD), head);
}

/** The smallest fitting chunk of the request's own large bin. */
function takeFromLargebin(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory } = libc;
  if (inSmallbinRange(nb)) return null;
  const index = binIndex(nb);
  const largest = firstOf(libc, av, index);
  if (largest === binAt(av, index) || sizeWord(memory, largest) < nb) return null;
  let victim = memory.u64(add(largest, BK_NEXTSIZE));
  for (let steps = 0; chunksize(memory, victim) < nb; steps++) {
    if (steps > LONGEST_LIST) throw new EndlessLoop('malloc()');
    victim = memory.u64(add(victim, BK_NEXTSIZE));
  }
  const size = chunksize(memory, victim);
  const fd = memory.u64(add(victim, FD));
  const isLast = victim === lastOf(libc, av, index);
  if (!isLast && sizeWord(memory, victim) === sizeWord(memory, fd)) victim = fd;
  unlinkChunk(libc, victim);
  split(libc, av, { victim, size, nb }, 'malloc(): corrupted unsorted chunks');
  libc.note(() => `malloc() took the chunk at ${hex(victim)} from large bin ${index}.`);
  return victim;
}

/** The first chunk of the next larger bin that has one, found through the bin map. */
function takeFromLargerBins(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory } = libc;
  let index = binIndex(nb) + 1;
  let block = index >> 5;
  let map = binmap(memory, av, block);
  let bit = (1 << (index & 31)) >>> 0;
  for (;;) {
    if (bit > map || bit === 0) {
      do {
        block++;
        if (block >= BINMAPSIZE) return null;
        map = binmap(memory, av, block);
      } while (map === 0);
      index = block << 5;
      bit = 1;
    }
    while ((bit & map) === 0) {
      index++;
      bit = (bit << 1) >>> 0;
      libc.assert(bit !== 0, {
        function: '_int_malloc',
        text: 'bit != 0',
        site: 'bit',
      });
    }
    const victim = lastOf(libc, av, index);
    if (victim !== binAt(av, index)) return takeFromBin(libc, av, { index, victim, nb });
    map = (map & ~bit) >>> 0;
    setBinmap(memory, av, block, map);
    index++;
    bit = (bit << 1) >>> 0;
  }
}

function takeFromBin(
  libc: Ptmalloc,
  av: Word,
  { index, victim, nb }: { readonly index: number; readonly victim: Word; readonly nb: Word },
): Word {
  const { memory } = libc;
  const size = chunksize(memory, victim);
  libc.assert(size >= nb, {
    function: '_int_malloc',
    text: '(unsigned long) (size) >= (unsigned long) (nb)',
    site: 'size',
  });
  unlinkChunk(libc, victim);
  const isSplit = split(libc, av, { victim, size, nb }, 'malloc(): corrupted unsorted chunks 2');
  if (isSplit && inSmallbinRange(nb)) setLastRemainder(memory, av, add(victim, nb));
  libc.note(() => `malloc() took the chunk at ${hex(victim)} from bin ${index}.`);
  return victim;
}

interface Split {
  readonly victim: Word;
  readonly size: Word;
  readonly nb: Word;
}

/** Gives the part that is not needed back to the unsorted list; false when it is too small for that. */
function split(libc: Ptmalloc, av: Word, { victim, size, nb }: Split, message: string): boolean {
  const { memory } = libc;
  const rest = sub(size, nb);
  if (rest < MINSIZE) {
    setInuseBitAtOffset(memory, victim, size);
    return false;
  }
  const remainder = add(victim, nb);
  insertUnsorted(libc, av, { p: remainder, size: rest }, message);
  setHead(memory, victim, or(nb, PREV_INUSE | arenaFlag(libc, av)));
  setFreeChunk(libc, remainder, rest);
  return true;
}

function takeFromTop(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory } = libc;
  const victim = top(memory, av);
  const size = chunksize(memory, victim);
  if (size > systemMem(memory, av)) {
    libc.abort(
      'malloc(): corrupted top size',
      `top at ${hex(victim)} says ${describeSize(size)}; the whole heap has ${systemMem(memory, av)}`,
      victim,
      'size',
    );
  }
  if (size < add(nb, MINSIZE)) return null;
  setTop(memory, av, add(victim, nb));
  setHead(memory, victim, or(nb, PREV_INUSE | arenaFlag(libc, av)));
  setHead(memory, add(victim, nb), or(sub(size, nb), PREV_INUSE));
  libc.note(() => `malloc() cut ${nb} bytes at ${hex(victim)} from top.`);
  return victim;
}
