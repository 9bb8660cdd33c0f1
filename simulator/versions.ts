// Layouts and constants of each supported glibc and CPython, as objects. A new version spreads its
// neighbor and states what differs. Knows no algorithm.
import type { Target } from './target.ts';

export interface Glibc {
  readonly name: string;
  /** Singly linked free lists store their links mangled (safe-linking) and check alignment. */
  readonly safeLinking: boolean;
  readonly TCACHE_MAX_BINS: number;
  /** Chunks that one tcache bin holds. */
  readonly tcache_count: number;
  /** What a failed assert() in malloc.c prints. */
  readonly assertion: (functionName: string, expression: string) => string;
}

const GLIBC_2_36: Glibc = {
  name: 'glibc 2.36',
  safeLinking: true,
  TCACHE_MAX_BINS: 64,
  tcache_count: 7,
  assertion: (functionName, expression) =>
    `Fatal glibc error: malloc assertion failure in ${functionName}: ${expression}\n`,
};

export const GLIBCS: Record<Target['libc'], Glibc> = { 'glibc-2.36': GLIBC_2_36 };

export interface CPython {
  readonly name: string;
  /** log2 of the bytes of an arena and of a pool. */
  readonly ARENA_BITS: number;
  readonly POOL_BITS: number;
  readonly SMALL_REQUEST_THRESHOLD: number;
  /** Arenas that the first arena_object vector has room for. */
  readonly INITIAL_ARENA_OBJECTS: number;
  /** tp_flags bits that each put 16 bytes before an object. */
  readonly preHeaderFlags: readonly bigint[];
}

const CPYTHON_3_11: CPython = {
  name: 'CPython 3.11',
  ARENA_BITS: 20,
  POOL_BITS: 14,
  SMALL_REQUEST_THRESHOLD: 512,
  INITIAL_ARENA_OBJECTS: 16,
  // Py_TPFLAGS_HAVE_GC, Py_TPFLAGS_MANAGED_DICT
  preHeaderFlags: [1n << 14n, 1n << 4n],
};

export const CPYTHONS: Record<Target['python'], CPython> = { '3.11': CPYTHON_3_11 };

/** Which allocator serves which domain. */
export interface Wiring {
  /** mem and obj go to pymalloc; else to libc. */
  readonly pymalloc: boolean;
  /** The debug hooks decorate every domain. */
  readonly hooks: boolean;
}

/** By the value of PYTHONMALLOC; `release`: unset. */
export const WIRINGS = {
  release: { pymalloc: true, hooks: false },
  debug: { pymalloc: true, hooks: true },
  malloc: { pymalloc: false, hooks: false },
  malloc_debug: { pymalloc: false, hooks: true },
} as const satisfies Record<string, Wiring>;
