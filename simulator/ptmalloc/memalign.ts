// memalign, aligned_alloc and posix_memalign, and malloc_trim. Follows glibc 2.36 malloc/malloc.c,
// _mid_memalign, _int_memalign and mtrim; from 2.38 on memalign looks into the tcache first, and gives the
// spare room at the end back without the tests of free().
import { PAGE_SIZE } from '../memory.ts';
import { add, bits, hex, isNegative, or, sub, without, type Word } from '../word.ts';
import { binAt, initState, NBINS, top } from './arena.ts';
import { binIndex, lastOf } from './bins.ts';
import {
  BK,
  CHUNK_HDR_SZ,
  chunksize,
  inuseBitAtOffset,
  IS_MMAPPED,
  MALLOC_ALIGNMENT,
  MINSIZE,
  PREV_INUSE,
  prevSize,
  request2size,
  setHead,
  setHeadSize,
  setInuseBitAtOffset,
  SIZE_SZ,
  sizeWord,
} from './chunk.ts';
import { mallocConsolidate } from './consolidate.ts';
import { createFreeChunk, freeMergedChunk, intFree, maybeConsolidate } from './free.ts';
import { malloc } from './libc.ts';
import { intMalloc } from './malloc.ts';
import { systrim } from './mapping.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';
import { tcacheBin, tcacheTakeAligned } from './tcache.ts';
import { arenaFlag } from './unsorted.ts';
import { EndlessLoop } from '../fault.ts';

/** Larger alignments cannot be asked for: no mapping has room. */
const LARGEST_ALIGNMENT = 2 ** 40;

/** What memalign, aligned_alloc and posix_memalign demand of an alignment. */
export type AlignmentRule = 'any' | 'power of 2' | 'of a pointer';

/** The user pointer; 0 when there is no memory, or when the alignment is against the rule. */
export function alignedAlloc(
  libc: Ptmalloc,
  rule: AlignmentRule,
  alignment: number,
  bytes: Word,
): Word {
  if (!libc.isInitialized) initState(libc);
  if (rule !== 'any' && !isPowerOf2(alignment)) return 0;
  if (rule === 'of a pointer' && alignment % SIZE_SZ !== 0) return 0;
  return midMemalign(libc, alignment, bytes);
}

function midMemalign(libc: Ptmalloc, alignment: number, bytes: Word): Word {
  if (alignment <= MALLOC_ALIGNMENT) return malloc(libc, bytes);
  if (alignment > LARGEST_ALIGNMENT) return 0;
  let power = MINSIZE;
  while (power < alignment) power *= 2;
  const nb = request2size(bytes);
  if (nb === null) return 0;
  if (libc.glibc.memalignUsesTcache) {
    const bin = tcacheBin(libc, nb);
    const entry = bin === null ? 0 : tcacheTakeAligned(libc, bin, power);
    if (entry !== 0) return entry;
  }
  return intMemalign(libc, power, nb);
}

function isPowerOf2(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}

function intMemalign(libc: Ptmalloc, alignment: number, nb: Word): Word {
  const { memory, mainArena: av } = libc;
  const m = intMalloc(libc, av, add(nb, alignment + MINSIZE));
  if (m === 0) return 0;
  let p = sub(m, CHUNK_HDR_SZ);
  const excess = Number(m) % alignment;
  if (excess !== 0) {
    let newp = sub(add(m, alignment - excess), CHUNK_HDR_SZ);
    if (sub(newp, p) < MINSIZE) newp = add(newp, alignment);
    const leadsize = sub(newp, p);
    const newsize = sub(chunksize(memory, p), leadsize);
    if (bits(sizeWord(memory, p), IS_MMAPPED) !== 0) {
      memory.setU64(newp, add(prevSize(memory, p), leadsize));
      setHead(memory, newp, or(newsize, IS_MMAPPED));
      libc.mapped.delete(p);
      libc.mapped.set(newp, newsize);
      return add(newp, CHUNK_HDR_SZ);
    }
    setHead(memory, newp, or(newsize, PREV_INUSE | arenaFlag(libc, av)));
    setInuseBitAtOffset(memory, newp, newsize);
    setHeadSize(memory, p, or(leadsize, arenaFlag(libc, av)));
    giveBack(libc, p, leadsize);
    p = newp;
  }
  if (bits(sizeWord(memory, p), IS_MMAPPED) === 0) trimEnd(libc, p, nb);
  libc.note(() => `memalign() cut ${nb} bytes at ${hex(p)}, a multiple of ${alignment} less 16.`);
  return add(p, CHUNK_HDR_SZ);
}

/** The part before the aligned chunk is free again. */
function giveBack(libc: Ptmalloc, p: Word, size: Word): void {
  const { mainArena: av } = libc;
  if (libc.glibc.memalignUsesTcache) freeMergedChunk(libc, av, { p, size });
  else intFree(libc, av, p, { haveLock: true });
}

/** Gives back what the request does not need. */
function trimEnd(libc: Ptmalloc, p: Word, nb: Word): void {
  const { memory, mainArena: av } = libc;
  const size = chunksize(memory, p);
  const rest = sub(size, nb);
  const remainder = add(p, nb);
  if (!libc.glibc.memalignUsesTcache) {
    if (!(size > add(nb, MINSIZE))) return;
    setHead(memory, remainder, or(rest, PREV_INUSE | arenaFlag(libc, av)));
    setHeadSize(memory, p, nb);
    intFree(libc, av, remainder, { haveLock: true });
    return;
  }
  if (!(size > nb)) return;
  const next = add(p, size);
  const nextSize = chunksize(memory, next);
  const isBordering = next === top(memory, av) || !inuseBitAtOffset(memory, next, nextSize);
  if (rest < MINSIZE && !isBordering) return;
  setHeadSize(memory, p, nb);
  maybeConsolidate(
    libc,
    av,
    createFreeChunk(libc, av, { p: remainder, size: rest }, { next, nextSize }),
  );
}

/** Gives whole pages inside free chunks and the end of top back to the kernel; all but `pad` bytes of top. */
export function mallocTrim(libc: Ptmalloc, pad: Word): void {
  const { memory, mainArena: av } = libc;
  if (!libc.isInitialized) initState(libc);
  mallocConsolidate(libc, av);
  const firstLarge = binIndex(PAGE_SIZE);
  for (let index = 1; index < NBINS; index++) {
    if (index !== 1 && index < firstLarge) continue;
    const bin = binAt(av, index);
    let steps = 0;
    for (let p = lastOf(libc, av, index); p !== bin; p = memory.u64(add(p, BK))) {
      if (steps++ > LONGEST_LIST) throw new EndlessLoop('malloc_trim()');
      forgetPages(libc, p);
    }
  }
  systrim(libc, av, pad);
}

/** sizeof (struct malloc_chunk): what of a free chunk must stay. */
const SIZEOF_CHUNK = 48;

function forgetPages(libc: Ptmalloc, p: Word): void {
  const size = chunksize(libc.memory, p);
  if (size <= PAGE_SIZE - 1 + SIZEOF_CHUNK) return;
  const first = without(add(p, SIZEOF_CHUNK + PAGE_SIZE - 1), PAGE_SIZE - 1);
  const rest = sub(size, sub(first, p));
  if (isNegative(rest) || rest < PAGE_SIZE) return;
  // MADV_DONTNEED: the pages stay mapped and read as zeros.
  libc.memory.fill(first, Number(without(rest, PAGE_SIZE - 1)), 0);
}
