// Layouts and constants of each supported glibc and CPython, as objects. A new version spreads its
// neighbor and states what differs. Knows no algorithm.
import type { Target } from './target.ts';

/** The assert()s of malloc.c that a damaged heap can reach. */
export type AssertionSite =
  | 'top'
  | 'topSize'
  | 'malloc'
  | 'realloc'
  | 'calloc'
  | 'nclears'
  | 'smallest'
  | 'largest'
  | 'next'
  | 'bit'
  | 'size';

export interface Glibc {
  readonly name: string;
  /** Singly linked free lists store their links mangled (safe-linking) and check alignment. */
  readonly safeLinking: boolean;
  /** What marks a chunk in the tcache: a number drawn at the start, or the address of the tcache. */
  readonly tcacheKey: 'random' | 'address';
  readonly TCACHE_MAX_BINS: number;
  /** Chunks that one tcache bin holds. */
  readonly tcache_count: number;
  readonly callocUsesTcache: boolean;
  /** free() puts a small chunk into its bin, not on the unsorted list. */
  readonly freesToSmallbin: boolean;
  /** memalign() looks into the tcache first and gives spare room back without the tests of free(). */
  readonly memalignUsesTcache: boolean;
  /** realloc() returns a block that is just large enough before it checks anything. */
  readonly reallocKeepsFitting: boolean;
  /** What a failed assert() in malloc.c prints. */
  readonly assertion: (functionName: string, expression: string, line: number) => string;
  /**
   * Line numbers of the assert()s in malloc.c, as released; distributions' patches may shift them. 0: the
   * version has no such assertion.
   */
  readonly lines: Readonly<Record<AssertionSite, number>>;
}

/** program_invocation_short_name */
const PROGRAM = 'python3';

const GLIBC_2_31: Glibc = {
  name: 'glibc 2.31',
  safeLinking: false,
  tcacheKey: 'address',
  TCACHE_MAX_BINS: 64,
  tcache_count: 7,
  callocUsesTcache: false,
  freesToSmallbin: false,
  memalignUsesTcache: false,
  reallocKeepsFitting: false,
  assertion: (functionName, expression, line) =>
    `${PROGRAM}: malloc.c:${line}: ${functionName}: Assertion \`${expression}' failed.\n`,
  lines: {
    top: 2379,
    topSize: 2385,
    malloc: 3059,
    realloc: 3227,
    calloc: 3430,
    nclears: 3477,
    smallest: 3839,
    largest: 3852,
    next: 3856,
    bit: 4017,
    size: 4036,
  },
};

const GLIBC_2_35: Glibc = {
  ...GLIBC_2_31,
  name: 'glibc 2.35',
  safeLinking: true,
  tcacheKey: 'random',
  lines: {
    top: 2617,
    topSize: 2623,
    malloc: 3322,
    realloc: 3486,
    calloc: 3681,
    nclears: 3734,
    smallest: 4105,
    largest: 4118,
    next: 4122,
    bit: 4283,
    size: 4302,
  },
};

const GLIBC_2_36: Glibc = {
  ...GLIBC_2_35,
  name: 'glibc 2.36',
  assertion: (functionName, expression) =>
    `Fatal glibc error: malloc assertion failure in ${functionName}: ${expression}\n`,
  lines: {
    top: 2611,
    topSize: 2617,
    malloc: 3316,
    realloc: 3481,
    calloc: 3676,
    nclears: 3729,
    smallest: 4101,
    largest: 4114,
    next: 4118,
    bit: 4279,
    size: 4298,
  },
};

const GLIBC_2_39: Glibc = {
  ...GLIBC_2_36,
  name: 'glibc 2.39',
  memalignUsesTcache: true,
  assertion: (functionName, expression, line) =>
    `Fatal glibc error: malloc.c:${line} (${functionName}): assertion failed: ${expression}\n`,
  lines: {
    top: 2599,
    topSize: 2605,
    malloc: 3329,
    realloc: 3509,
    calloc: 3756,
    nclears: 3809,
    smallest: 4179,
    largest: 4192,
    next: 4196,
    bit: 4357,
    size: 4376,
  },
};

const GLIBC_2_41: Glibc = {
  ...GLIBC_2_39,
  name: 'glibc 2.41',
  callocUsesTcache: true,
  freesToSmallbin: true,
  reallocKeepsFitting: true,
  lines: {
    top: 2601,
    topSize: 2607,
    malloc: 3407,
    realloc: 3587,
    calloc: 3846,
    nclears: 0,
    smallest: 4237,
    largest: 4250,
    next: 4254,
    bit: 4415,
    size: 4434,
  },
};

export const GLIBCS: Record<Target['libc'], Glibc> = {
  'glibc-2.31': GLIBC_2_31,
  'glibc-2.35': GLIBC_2_35,
  'glibc-2.36': GLIBC_2_36,
  'glibc-2.39': GLIBC_2_39,
  'glibc-2.41': GLIBC_2_41,
};

export interface CPython {
  readonly name: string;
  /** log2 of the bytes of an arena and of a pool. */
  readonly ARENA_BITS: number;
  readonly POOL_BITS: number;
  /** Arenas that the first arena_object vector has room for. */
  readonly INITIAL_ARENA_OBJECTS: number;
  /**
   * How pymalloc tells its addresses from others: exactly, by a radix tree over the arenas whose nodes
   * have so many index bits; null: by the arenaindex that it reads at the start of the page.
   */
  readonly arenaMap: { readonly TOP: number; readonly MID: number; readonly BOT: number } | null;
  /** An arena whose pools are all free stays when it is the last one with free pools. */
  readonly keepsLastArena: boolean;
  /**
   * Sets of tp_flags bits; each of which a type has one puts 16 bytes before an object. null:
   * PyObject_GC_Del() takes 16 without looking at the type.
   */
  readonly preHeaders: readonly number[] | null;
  /** pymalloc finds its pools through the thread state: without one, it follows a null pointer. */
  readonly poolsOfInterpreter: boolean;
  /**
   * PyObject_GC_New() and PyObject_GC_Del() find the collector through the thread state: never, the former
   * before it allocates, or only afterwards.
   */
  readonly collectorOfInterpreter: 'never' | 'before allocating' | 'after allocating';
  /** A fatal error names the C function that found it. */
  readonly fatalNamesFunction: boolean;
  /** What a fatal error puts behind the id of a thread: nothing, or its name in brackets. */
  readonly threadName: string;
  /** The line of a fatal error for a thread that runs no Python code. */
  readonly noFrame: string;
}

const TPFLAGS_HAVE_GC = 1 << 14;
const TPFLAGS_MANAGED_DICT = 1 << 4;
const TPFLAGS_MANAGED_WEAKREF = 1 << 3;

const CPYTHON_3_11: CPython = {
  name: 'CPython 3.11',
  ARENA_BITS: 20,
  POOL_BITS: 14,
  INITIAL_ARENA_OBJECTS: 16,
  arenaMap: { TOP: 15, MID: 15, BOT: 14 },
  keepsLastArena: true,
  preHeaders: [TPFLAGS_HAVE_GC, TPFLAGS_MANAGED_DICT],
  poolsOfInterpreter: false,
  collectorOfInterpreter: 'after allocating',
  fatalNamesFunction: true,
  threadName: '',
  noFrame: '  <no Python frame>',
};

const CPYTHON_3_10: CPython = {
  ...CPYTHON_3_11,
  name: 'CPython 3.10',
  // Of 48 address bits.
  arenaMap: { TOP: 10, MID: 10, BOT: 8 },
  preHeaders: null,
  collectorOfInterpreter: 'before allocating',
};

const CPYTHON_3_9: CPython = {
  ...CPYTHON_3_10,
  name: 'CPython 3.9',
  ARENA_BITS: 18,
  POOL_BITS: 12,
  arenaMap: null,
  noFrame: '<no Python frame>',
};

const CPYTHON_3_12: CPython = {
  ...CPYTHON_3_11,
  name: 'CPython 3.12',
  preHeaders: [TPFLAGS_HAVE_GC, TPFLAGS_MANAGED_DICT | TPFLAGS_MANAGED_WEAKREF],
  poolsOfInterpreter: true,
};

export const CPYTHONS: Record<Target['python'], CPython> = {
  '3.8': {
    ...CPYTHON_3_9,
    name: 'CPython 3.8',
    keepsLastArena: false,
    collectorOfInterpreter: 'never',
    fatalNamesFunction: false,
  },
  '3.9': CPYTHON_3_9,
  '3.10': CPYTHON_3_10,
  '3.11': CPYTHON_3_11,
  '3.12': CPYTHON_3_12,
  '3.13': { ...CPYTHON_3_12, name: 'CPython 3.13' },
  // After its sources: no interpreter of this version was compared.
  '3.14': { ...CPYTHON_3_12, name: 'CPython 3.14', threadName: ` [${PROGRAM}]` },
};

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
} as const satisfies Record<Target['build'], Wiring>;
