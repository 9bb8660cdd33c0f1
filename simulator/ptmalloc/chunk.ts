// Chunk headers and the constants around them. Follows glibc 2.36 malloc/malloc.c, struct malloc_chunk and
// the macros after it. A chunk is named by the address of its header, p; the user's pointer is p + 16.
import { type Memory } from '../memory.ts';
import { add, bits, hex, or, shiftRight, without, xor, type Word } from '../word.ts';

export const SIZE_SZ = 8;
export const CHUNK_HDR_SZ = 16;
export const MALLOC_ALIGNMENT = 16;
export const MALLOC_ALIGN_MASK = 15;
export const MINSIZE = 32;
export const PTRDIFF_MAX = 2n ** 63n - 1n;

export const PREV_INUSE = 1;
export const IS_MMAPPED = 2;
export const NON_MAIN_ARENA = 4;
const SIZE_BITS = 7;

/** Offsets of the fields of a free chunk. */
export const FD = 16;
export const BK = 24;
export const FD_NEXTSIZE = 32;
export const BK_NEXTSIZE = 40;

/** checked_request2size: the chunk for a request; null when the request is larger than PTRDIFF_MAX. */
export function request2size(request: Word): Word | null {
  if (request > PTRDIFF_MAX) return null;
  const padded = add(request, SIZE_SZ + MALLOC_ALIGN_MASK);
  return padded < MINSIZE ? MINSIZE : without(padded, MALLOC_ALIGN_MASK);
}

export function isMisaligned(address: Word): boolean {
  return bits(address, MALLOC_ALIGN_MASK) !== 0;
}

export function sizeWord(memory: Memory, p: Word): Word {
  return memory.u64(add(p, 8));
}

export function withoutFlags(size: Word): Word {
  return without(size, SIZE_BITS);
}

export function chunksize(memory: Memory, p: Word): Word {
  return withoutFlags(sizeWord(memory, p));
}

export function prevSize(memory: Memory, p: Word): Word {
  return memory.u64(p);
}

export function setHead(memory: Memory, p: Word, value: Word): void {
  memory.setU64(add(p, 8), value);
}

/** set_head_size: keeps the flags. */
export function setHeadSize(memory: Memory, p: Word, size: Word): void {
  setHead(memory, p, or(size, bits(sizeWord(memory, p), SIZE_BITS)));
}

export function setFoot(memory: Memory, p: Word, size: Word): void {
  memory.setU64(add(p, size), size);
}

export function prevInuse(memory: Memory, p: Word): boolean {
  return bits(sizeWord(memory, p), PREV_INUSE) !== 0;
}

export function inuseBitAtOffset(memory: Memory, p: Word, size: Word): boolean {
  return prevInuse(memory, add(p, size));
}

export function setInuseBitAtOffset(memory: Memory, p: Word, size: Word): void {
  const next = add(p, size);
  setHead(memory, next, or(sizeWord(memory, next), PREV_INUSE));
}

export function clearInuseBit(memory: Memory, p: Word): void {
  setHead(memory, p, without(sizeWord(memory, p), PREV_INUSE));
}

/** PROTECT_PTR and REVEAL_PTR, which are the same operation: `position` is where the pointer is stored. */
export function mangle(position: Word, pointer: Word): Word {
  return xor(shiftRight(position, 12), pointer);
}

/** No real chunk is as large: text taken for a size is easier to recognize in hexadecimal. */
const PLAUSIBLE = 2 ** 40;

/** `112 bytes`, `0x7878787878787860 bytes` */
export function describeSize(size: Word): string {
  return `${size < PLAUSIBLE ? size : hex(size)} bytes`;
}

/** `0x71 (112 bytes, PREV_INUSE)` */
export function describeSizeWord(size: Word): string {
  const flags = [
    bits(size, PREV_INUSE) !== 0 ? 'PREV_INUSE' : '',
    bits(size, IS_MMAPPED) !== 0 ? 'IS_MMAPPED' : '',
    bits(size, NON_MAIN_ARENA) !== 0 ? 'NON_MAIN_ARENA' : '',
  ].filter((flag) => flag !== '');
  return `${hex(size)} (${[describeSize(withoutFlags(size)), ...flags].join(', ')})`;
}
