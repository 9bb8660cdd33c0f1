// Giving memory back to the kernel and resizing mappings. Follows glibc 2.36 malloc/malloc.c, systrim,
// munmap_chunk, mremap_chunk.
import { PAGE_SIZE } from '../memory.ts';
import { add, bits, hex, or, sub, without, type Word } from '../word.ts';
import { setSystemMem, systemMem, top } from './arena.ts';
import {
  CHUNK_HDR_SZ,
  chunksize,
  describeSize,
  describeSizeWord,
  IS_MMAPPED,
  MINSIZE,
  PREV_INUSE,
  prevSize,
  setHead,
  SIZE_SZ,
  sizeWord,
} from './chunk.ts';
import type { Ptmalloc } from './ptmalloc.ts';

const PAGE_MASK = PAGE_SIZE - 1;

/** ALIGN_UP to whole pages. */
export function pageUp(bytes: Word): Word {
  return without(add(bytes, PAGE_MASK), PAGE_MASK);
}

/** Returns the end of top to the kernel, all but `pad` bytes. */
export function systrim(libc: Ptmalloc, av: Word, pad: Word): void {
  const { memory, kernel } = libc;
  const topSize = chunksize(memory, top(memory, av));
  const topArea = sub(sub(topSize, MINSIZE), 1);
  if (topArea <= pad) return;
  const extra = without(sub(topArea, pad), PAGE_MASK);
  if (extra === 0) return;
  if (kernel.brk !== add(top(memory, av), topSize)) return;
  if (kernel.sbrk(-Number(extra)) === null) return;
  setSystemMem(memory, av, sub(systemMem(memory, av), extra));
  setHead(memory, top(memory, av), or(sub(topSize, extra), PREV_INUSE));
  libc.note(() => `free() gave ${extra} bytes at the end of the heap back to the kernel.`);
}

interface MappedBlock {
  /** Start of the mapping, if the header is right. */
  readonly block: Word;
  readonly total: Word;
}

export function munmapChunk(libc: Ptmalloc, p: Word): void {
  const { block, total } = checkMapping(libc, p, 'munmap_chunk(): invalid pointer');
  libc.mp.n_mmaps -= 1;
  libc.mapped.delete(p);
  libc.kernel.munmap(block, total);
  libc.note(
    () => `free() returned the mapping at ${hex(block)} (${describeSize(total)}) to the kernel.`,
  );
}

/** The chunk after the mapping got a new size, perhaps elsewhere; null when the kernel refuses. */
export function mremapChunk(libc: Ptmalloc, p: Word, size: Word): Word | null {
  const { memory, kernel } = libc;
  const offset = prevSize(memory, p);
  const { block, total } = checkMapping(libc, p, 'mremap_chunk(): invalid pointer');
  const newTotal = pageUp(add(add(size, offset), SIZE_SZ));
  if (total === newTotal) return p;
  const moved = kernel.mremap(Number(block), Number(total), Number(newTotal));
  if (moved === null) return null;
  const chunk = add(moved, offset);
  libc.mapped.delete(p);
  libc.mapped.set(chunk, sub(newTotal, offset));
  setHead(memory, chunk, or(sub(newTotal, offset), IS_MMAPPED));
  libc.note(() => `realloc() resized the mapping to ${newTotal} bytes, at ${hex(moved)}.`);
  return chunk;
}

function checkMapping(libc: Ptmalloc, p: Word, message: string): MappedBlock {
  const { memory } = libc;
  const size = chunksize(memory, p);
  const offset = prevSize(memory, p);
  const block = sub(p, offset);
  const total = add(offset, size);
  const inPage = bits(add(p, CHUNK_HDR_SZ), PAGE_MASK);
  const isPowerOf2 = (inPage & (inPage - 1)) === 0;
  libc.note(
    () =>
      `The size word before the block is ${describeSizeWord(sizeWord(memory, p))}: IS_MMAPPED, so the block is taken for a mapping of its own.`,
  );
  if ((bits(block, PAGE_MASK) | bits(total, PAGE_MASK)) !== 0 || !isPowerOf2) {
    libc.abort(
      message,
      `the size word is ${describeSizeWord(sizeWord(memory, p))}, which claims a mapping at ${hex(block)} of ${describeSize(total)}; those are not whole pages, or ${hex(add(p, CHUNK_HDR_SZ))} is not where a mapped block starts`,
      p,
      'prev_size',
      'size',
    );
  }
  return { block, total };
}
