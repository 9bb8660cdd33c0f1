// What CPython calls an allocator domain: four functions over addresses. ptmalloc, pymalloc and the debug
// hooks all have this shape, so that they can be stacked. Follows CPython 3.11 Objects/obmalloc.c,
// PyMemAllocatorEx and _PyMem_Raw*.
import type { Word } from './word.ts';
import * as libc from './ptmalloc/libc.ts';
import type { Ptmalloc } from './ptmalloc/ptmalloc.ts';

export interface Domain {
  /** 0 when there is no memory. */
  malloc(bytes: Word): Word;
  calloc(count: Word, size: Word): Word;
  realloc(pointer: Word, bytes: Word): Word;
  free(pointer: Word): void;
}

/** The C library's functions as a program calls them. */
export function libcDomain(state: Ptmalloc): Domain {
  return {
    malloc: (bytes) => libc.malloc(state, bytes),
    calloc: (count, size) => libc.calloc(state, count, size),
    realloc: (pointer, bytes) => libc.realloc(state, pointer, bytes),
    free: (pointer) => libc.free(state, pointer),
  };
}

/** _PyMem_RawMalloc and its siblings: the C library, asked for at least one byte. */
export function rawDomain(state: Ptmalloc): Domain {
  return {
    malloc: (bytes) => libc.malloc(state, bytes || 1),
    calloc: (count, size) =>
      count === 0 || size === 0 ? libc.calloc(state, 1, 1) : libc.calloc(state, count, size),
    realloc: (pointer, bytes) => libc.realloc(state, pointer, bytes || 1),
    free: (pointer) => libc.free(state, pointer),
  };
}
