// Memory from the kernel: a mapping of its own for large requests, else more heap. Follows glibc 2.36
// malloc/malloc.c, sysmalloc, for the main arena.
import { PAGE_SIZE } from '../memory.ts';
import { add, bits, hex, isNegative, or, sub, without, type Word } from '../word.ts';
import {
  isContiguous,
  setNoncontiguous,
  setSystemMem,
  setTop,
  systemMem,
  top,
  unsortedChunks,
} from './arena.ts';
import {
  CHUNK_HDR_SZ,
  chunksize,
  IS_MMAPPED,
  isMisaligned,
  MALLOC_ALIGN_MASK,
  MALLOC_ALIGNMENT,
  MINSIZE,
  PREV_INUSE,
  prevInuse,
  setHead,
  SIZE_SZ,
} from './chunk.ts';
import { intFree } from './free.ts';
import { pageUp } from './mapping.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const MMAP_AS_MORECORE_SIZE = 1024 * 1024;

/** The chunk, or null when the kernel gives nothing. */
export function sysmalloc(libc: Ptmalloc, av: Word, nb: Word): Word | null {
  const { memory, mp } = libc;
  if (nb >= mp.mmap_threshold && mp.n_mmaps < mp.n_mmaps_max) {
    const mapped = sysmallocMmap(libc, nb);
    if (mapped !== null) return mapped;
  }
  const oldTop = top(memory, av);
  const oldSize = chunksize(memory, oldTop);
  const oldEnd = add(oldTop, oldSize);
  libc.assert(
    (oldTop === unsortedChunks(av) && oldSize === 0) ||
      (oldSize >= MINSIZE && prevInuse(memory, oldTop) && bits(oldEnd, PAGE_SIZE - 1) === 0),
    {
      function: 'sysmalloc',
      text: '(old_top == initial_top (av) && old_size == 0) || ((unsigned long) (old_size) >= MINSIZE && prev_inuse (old_top) && ((unsigned long) old_end & (pagesize - 1)) == 0)',
      site: 'top',
    },
  );
  libc.assert(oldSize < add(nb, MINSIZE), {
    function: 'sysmalloc',
    text: '(unsigned long) (old_size) < (unsigned long) (nb + MINSIZE)',
    site: 'topSize',
  });
  growHeap(libc, av, { nb, oldTop, oldSize, oldEnd });
  const p = top(memory, av);
  const size = chunksize(memory, p);
  if (size < add(nb, MINSIZE)) return null;
  setTop(memory, av, add(p, nb));
  setHead(memory, p, or(nb, PREV_INUSE));
  setHead(memory, add(p, nb), or(sub(size, nb), PREV_INUSE));
  libc.note(
    () => `malloc() asked the kernel for more heap and cut ${nb} bytes at ${hex(p)} from top.`,
  );
  return p;
}

function sysmallocMmap(libc: Ptmalloc, nb: Word): Word | null {
  const size = pageUp(add(nb, SIZE_SZ));
  if (size <= nb) return null;
  const address = libc.kernel.mmap(Number(size));
  if (address === null) return null;
  const p = address;
  libc.memory.setU64(p, 0);
  setHead(libc.memory, p, or(size, IS_MMAPPED));
  libc.mp.n_mmaps += 1;
  libc.mapped.set(p, size);
  libc.note(
    () =>
      `malloc() mapped ${size} bytes at ${hex(p)} for this request: ${nb} bytes reach the threshold of ${libc.mp.mmap_threshold}.`,
  );
  return p;
}

interface Growth {
  readonly nb: Word;
  readonly oldTop: Word;
  readonly oldSize: Word;
  readonly oldEnd: Word;
}

function growHeap(libc: Ptmalloc, av: Word, growth: Growth): void {
  const { memory, kernel, mp } = libc;
  const { nb, oldTop, oldSize, oldEnd } = growth;
  const wanted = sub(add(nb, mp.top_pad + MINSIZE), isContiguous(memory, av) ? oldSize : 0);
  let size = pageUp(wanted);
  let brk = size !== 0 && !isNegative(size) ? kernel.sbrk(Number(size)) : null;
  let isMapped = false;
  if (brk === null) {
    size = isContiguous(memory, av) ? pageUp(add(size, oldSize)) : size;
    if (size < MMAP_AS_MORECORE_SIZE) size = MMAP_AS_MORECORE_SIZE;
    if (size <= nb) return;
    brk = kernel.mmap(Number(size));
    if (brk === null) return;
    setNoncontiguous(memory, av);
    isMapped = true;
  }
  if (mp.sbrk_base === 0) mp.sbrk_base = brk;
  setSystemMem(memory, av, add(systemMem(memory, av), size));
  if (brk === oldEnd && !isMapped) {
    setHead(memory, oldTop, or(add(size, oldSize), PREV_INUSE));
    return;
  }
  if (isContiguous(memory, av) && oldSize !== 0 && brk < oldEnd) {
    libc.abort(
      'break adjusted to free malloc space',
      `top claims to end at ${hex(oldEnd)}, behind the program break at ${hex(brk)}`,
      oldTop,
      'size',
    );
  }
  startNewTop(libc, av, growth, { brk, size, isMapped });
}

/** The new memory does not touch the old top: first time, a gap, or a mapping instead of brk. */
function startNewTop(
  libc: Ptmalloc,
  av: Word,
  { oldTop, oldSize, oldEnd }: Growth,
  { brk, size, isMapped }: { readonly brk: Word; readonly size: Word; readonly isMapped: boolean },
): void {
  const { memory, kernel } = libc;
  let aligned: Word = brk;
  let correction: Word = 0;
  let end = isMapped ? add(brk, size) : kernel.brk;
  if (isContiguous(memory, av)) {
    if (oldSize !== 0) setSystemMem(memory, av, sub(add(systemMem(memory, av), brk), oldEnd));
    if (isMisaligned(brk)) correction = MALLOC_ALIGNMENT - bits(brk, MALLOC_ALIGN_MASK);
    aligned = add(aligned, correction);
    correction = add(correction, oldSize);
    correction = sub(pageUp(add(add(brk, size), correction)), add(brk, size));
    const grown = kernel.sbrk(Number(correction));
    if (grown === null) correction = 0;
    end = grown ?? kernel.brk;
  }
  setTop(memory, av, aligned);
  setHead(memory, aligned, or(add(sub(end, aligned), correction), PREV_INUSE));
  setSystemMem(memory, av, add(systemMem(memory, av), correction));
  if (oldSize === 0) return;
  // Fenceposts: two chunks in use that keep the old top from merging with memory that is not ours.
  const kept = without(sub(oldSize, 2 * CHUNK_HDR_SZ), MALLOC_ALIGN_MASK);
  setHead(memory, oldTop, or(kept, PREV_INUSE));
  setHead(memory, add(oldTop, kept), CHUNK_HDR_SZ | PREV_INUSE);
  setHead(memory, add(add(oldTop, kept), CHUNK_HDR_SZ), CHUNK_HDR_SZ | PREV_INUSE);
  if (kept >= MINSIZE) intFree(libc, av, oldTop, { haveLock: true });
}
