// Chunk headers and the constants around them. Follows glibc 2.36 malloc/malloc.c, struct malloc_chunk and
// the macros after it. A chunk is named by the address of its header, p; the user's pointer is p + 16.
import { hex, type Memory, type Word } from '../memory.ts';

export const SIZE_SZ = 8n;
export const CHUNK_HDR_SZ = 16n;
export const MALLOC_ALIGNMENT = 16n;
export const MALLOC_ALIGN_MASK = 15n;
export const MINSIZE = 32n;
export const PTRDIFF_MAX = 2n ** 63n - 1n;

export const PREV_INUSE = 1n;
export const IS_MMAPPED = 2n;
export const NON_MAIN_ARENA = 4n;
const SIZE_BITS = 7n;

/** Offsets of the fields of a free chunk. */
export const FD = 16n;
export const BK = 24n;
export const FD_NEXTSIZE = 32n;
export const BK_NEXTSIZE = 40n;

export function wrap(value: bigint): Word {
  return BigInt.asUintN(64, value);
}

/** checked_request2size: the chunk for a request; null when the request is larger than PTRDIFF_MAX. */
export function request2size(request: Word): Word | null {
  if (request > PTRDIFF_MAX) return null;
  const padded = request + SIZE_SZ + MALLOC_ALIGN_MASK;
  return padded < MINSIZE ? MINSIZE : padded & ~MALLOC_ALIGN_MASK;
}

export function isMisaligned(address: Word): boolean {
  return (address & MALLOC_ALIGN_MASK) !== 0n;
}

export function sizeWord(memory: Memory, p: Word): Word {
  return memory.u64(p + 8n);
}

export function withoutFlags(size: Word): Word {
  return size & ~SIZE_BITS;
}

export function chunksize(memory: Memory, p: Word): Word {
  return withoutFlags(sizeWord(memory, p));
}

export function prevSize(memory: Memory, p: Word): Word {
  return memory.u64(p);
}

export function setHead(memory: Memory, p: Word, value: Word): void {
  memory.setU64(p + 8n, value);
}

/** set_head_size: keeps the flags. */
export function setHeadSize(memory: Memory, p: Word, size: Word): void {
  setHead(memory, p, (sizeWord(memory, p) & SIZE_BITS) | size);
}

export function setFoot(memory: Memory, p: Word, size: Word): void {
  memory.setU64(p + size, size);
}

export function prevInuse(memory: Memory, p: Word): boolean {
  return (sizeWord(memory, p) & PREV_INUSE) !== 0n;
}

export function inuseBitAtOffset(memory: Memory, p: Word, size: Word): boolean {
  return prevInuse(memory, p + size);
}

export function setInuseBitAtOffset(memory: Memory, p: Word, size: Word): void {
  setHead(memory, p + size, sizeWord(memory, p + size) | PREV_INUSE);
}

export function clearInuseBit(memory: Memory, p: Word): void {
  setHead(memory, p, sizeWord(memory, p) & ~PREV_INUSE);
}

/** PROTECT_PTR and REVEAL_PTR, which are the same operation: `position` is where the pointer is stored. */
export function mangle(position: Word, pointer: Word): Word {
  return (wrap(position) >> 12n) ^ pointer;
}

/** No real chunk is as large: text taken for a size is easier to recognize in hexadecimal. */
const PLAUSIBLE = 1n << 40n;

/** `112 bytes`, `0x7878787878787860 bytes` */
export function describeSize(size: Word): string {
  return `${size < PLAUSIBLE ? size : hex(size)} bytes`;
}

/** `0x71 (112 bytes, PREV_INUSE)` */
export function describeSizeWord(size: Word): string {
  const flags = [
    size & PREV_INUSE ? 'PREV_INUSE' : '',
    size & IS_MMAPPED ? 'IS_MMAPPED' : '',
    size & NON_MAIN_ARENA ? 'NON_MAIN_ARENA' : '',
  ].filter((flag) => flag !== '');
  return `${hex(size)} (${[describeSize(withoutFlags(size)), ...flags].join(', ')})`;
}
