// The per-thread cache: 64 lists of up to 7 chunks that malloc and free use before anything else. Follows
// glibc 2.36 malloc/malloc.c, tcache_put, tcache_get, tcache_init. Safe-linking: PROTECT_PTR.
import { add, hex, shiftRight, sub, type Word } from '../word.ts';
import { EndlessLoop } from '../fault.ts';
import { CHUNK_HDR_SZ, isMisaligned, MINSIZE } from './chunk.ts';
import { LONGEST_LIST, type Ptmalloc } from './ptmalloc.ts';

const ENTRIES = 128;
/** Offset in a tcache_entry. */
export const KEY = 8;
export const TCACHE_STRUCT_SIZE = 640;

/** csize2tidx, in unsigned arithmetic: a size below MINSIZE gives a huge index. */
function csize2tidx(size: Word): Word {
  return shiftRight(add(sub(size, MINSIZE), 15), 4);
}

/** The bin for chunks of this size; null when the tcache does not take them. */
export function tcacheBin(libc: Ptmalloc, size: Word): number | null {
  const index = csize2tidx(size);
  return libc.tcache !== 0 && index < libc.glibc.TCACHE_MAX_BINS ? Number(index) : null;
}

export function tcacheCount(libc: Ptmalloc, bin: number): number {
  return libc.memory.u16(add(libc.tcache, 2 * bin));
}

export function tcacheHasRoom(libc: Ptmalloc, bin: number): boolean {
  return tcacheCount(libc, bin) < libc.glibc.tcache_count;
}

/** Address of the list head of a bin. */
export function tcacheHead(libc: Ptmalloc, bin: number): Word {
  return add(libc.tcache, ENTRIES + 8 * bin);
}

/** Follows the link of an entry. */
export function tcacheNext(libc: Ptmalloc, entry: Word): Word {
  return libc.mangle(entry, libc.memory.u64(entry));
}

export function tcachePut(libc: Ptmalloc, chunk: Word, bin: number): void {
  const { memory } = libc;
  const entry = add(chunk, CHUNK_HDR_SZ);
  memory.setU64(add(entry, KEY), libc.tcacheKey);
  memory.setU64(entry, libc.mangle(entry, memory.u64(tcacheHead(libc, bin))));
  memory.setU64(tcacheHead(libc, bin), entry);
  setTcacheCount(libc, bin, tcacheCount(libc, bin) + 1);
}

/** The user pointer of the entry that was taken off the list. */
export function tcacheGet(libc: Ptmalloc, bin: number): Word {
  const { memory } = libc;
  const entry = memory.u64(tcacheHead(libc, bin));
  if (libc.glibc.safeLinking && isMisaligned(entry)) {
    libc.abort(
      'malloc(): unaligned tcache chunk detected',
      `the head of tcache bin ${bin} is ${hex(entry)}, which is not a multiple of 16`,
      entry,
    );
  }
  memory.setU64(tcacheHead(libc, bin), tcacheNext(libc, entry));
  setTcacheCount(libc, bin, tcacheCount(libc, bin) - 1);
  memory.setU64(add(entry, KEY), 0);
  libc.note(
    () =>
      `malloc() took ${hex(entry)} from tcache bin ${bin} (${binChunkSize(bin)}-byte chunks) without looking at its header.`,
  );
  return entry;
}

/** The first entry that is aligned so, taken out of the list; 0 when there is none. tcache_get_n, 2.38. */
export function tcacheTakeAligned(libc: Ptmalloc, bin: number, alignment: number): Word {
  const { memory } = libc;
  if (tcacheCount(libc, bin) === 0) return 0;
  let place = tcacheHead(libc, bin);
  let entry = memory.u64(place);
  for (let steps = 0; entry !== 0 && Number(entry) % alignment !== 0; steps++) {
    if (steps > LONGEST_LIST) throw new EndlessLoop('memalign()');
    place = entry;
    entry = tcacheNext(libc, entry);
  }
  if (entry === 0) return 0;
  const next = tcacheNext(libc, entry);
  const isHead = place === tcacheHead(libc, bin);
  memory.setU64(place, isHead ? next : libc.mangle(place, next));
  setTcacheCount(libc, bin, tcacheCount(libc, bin) - 1);
  memory.setU64(add(entry, KEY), 0);
  return entry;
}

export function binChunkSize(bin: number): number {
  return 32 + 16 * bin;
}

function setTcacheCount(libc: Ptmalloc, bin: number, count: number): void {
  libc.memory.setU16(add(libc.tcache, 2 * bin), count & 0xffff);
}
