// Every pair of allocation and release, small and large, release build and debug hooks: how the real
// CPython 3.11 on glibc 2.36 ends, as measured on a drained interpreter.
import { describe, expect, test } from 'vitest';
import { replay } from '../../simulator/replay.ts';
import { DEBUG, RELEASE, type Target } from '../../simulator/target.ts';
import type { Outcome, Verdict } from '../../simulator/timeline.ts';
import { alloc, type Call, free, pathOf, realloc } from './path-builder.ts';

const ALLOCATORS = {
  libc: { api: 'malloc', family: 'libc' },
  raw: { api: 'PyMem_RawMalloc', family: 'py-raw' },
  mem: { api: 'PyMem_Malloc', family: 'py-mem' },
  obj: { api: 'PyObject_Malloc', family: 'py-object' },
  instance: { api: 'PyObject_New', family: 'py-object-instance' },
  gc: { api: 'PyObject_GC_New', family: 'py-gc-object' },
} as const satisfies Record<string, Call>;

const RELEASES = {
  libc: { api: 'free', family: 'libc' },
  raw: { api: 'PyMem_RawFree', family: 'py-raw' },
  mem: { api: 'PyMem_Free', family: 'py-mem' },
  obj: { api: 'PyObject_Free', family: 'py-object' },
  gc: { api: 'PyObject_GC_Del', family: 'py-gc-object' },
} as const satisfies Record<string, Call>;

const REALLOCS = {
  libc: { api: 'realloc', family: 'libc' },
  raw: { api: 'PyMem_RawRealloc', family: 'py-raw' },
  mem: { api: 'PyMem_Realloc', family: 'py-mem' },
  obj: { api: 'PyObject_Realloc', family: 'py-object' },
} as const satisfies Record<string, Call>;

interface Expected {
  readonly verdict: Verdict;
  /** Part of what is printed; the signal where nothing is. */
  readonly says?: RegExp;
}

type Table<To extends string> = Readonly<
  Record<keyof typeof ALLOCATORS, Readonly<Record<To, Expected>>>
>;

const clean: Expected = { verdict: 'clean' };
const silent: Expected = { verdict: 'silent' };
const shared: Expected = { verdict: 'crash-later' };
const dies = (says: RegExp): Expected => ({ verdict: 'crash', says });
const segfault = dies(/^SIGSEGV$/);
const badId = (from: string, to: string): Expected =>
  dies(new RegExp(`bad ID: Allocated using API '${from}', verified using API '${to}'`));

const outOfHeap = dies(/double free or corruption \(out\)|free\(\): invalid pointer/);
const invalidFree = dies(/free\(\): invalid pointer/);
const invalidRealloc = dies(/realloc\(\): invalid (old size|pointer)/);

/**
 * The collector takes the 16 bytes before a foreign block for its links: here text of the block before.
 * glibc reads a pymalloc block's size from the bytes before it; pymalloc passes on what is not
 * its own.
 */
const RELEASE_SMALL: Table<keyof typeof RELEASES> = {
  libc: { libc: clean, raw: silent, mem: silent, obj: silent, gc: segfault },
  raw: { libc: silent, raw: clean, mem: silent, obj: silent, gc: segfault },
  mem: { libc: outOfHeap, raw: outOfHeap, mem: clean, obj: silent, gc: segfault },
  obj: { libc: outOfHeap, raw: outOfHeap, mem: silent, obj: clean, gc: segfault },
  instance: { libc: outOfHeap, raw: outOfHeap, mem: silent, obj: clean, gc: segfault },
  gc: { libc: invalidFree, raw: invalidFree, mem: shared, obj: shared, gc: clean },
};

const RELEASE_LARGE: Table<keyof typeof RELEASES> = {
  libc: { libc: clean, raw: silent, mem: silent, obj: silent, gc: segfault },
  raw: { libc: silent, raw: clean, mem: silent, obj: silent, gc: segfault },
  mem: { libc: silent, raw: silent, mem: clean, obj: silent, gc: segfault },
  obj: { libc: silent, raw: silent, mem: silent, obj: clean, gc: segfault },
  instance: { libc: silent, raw: silent, mem: silent, obj: clean, gc: segfault },
  gc: { libc: invalidFree, raw: invalidFree, mem: invalidFree, obj: invalidFree, gc: clean },
};

const munmap = dies(/munmap_chunk\(\): invalid pointer/);
const anyId = '[^\\n]+';

const DEBUG_ALL: Table<keyof typeof RELEASES> = {
  libc: {
    libc: clean,
    raw: badId(anyId, 'r'),
    mem: badId(anyId, 'm'),
    obj: badId(anyId, 'o'),
    gc: segfault,
  },
  raw: { libc: munmap, raw: clean, mem: badId('r', 'm'), obj: badId('r', 'o'), gc: segfault },
  mem: { libc: segfault, raw: badId('m', 'r'), mem: clean, obj: badId('m', 'o'), gc: segfault },
  obj: { libc: munmap, raw: badId('o', 'r'), mem: badId('o', 'm'), obj: clean, gc: segfault },
  instance: { libc: munmap, raw: badId('o', 'r'), mem: badId('o', 'm'), obj: clean, gc: segfault },
  gc: {
    libc: invalidFree,
    raw: badId('\\0', 'r'),
    mem: badId('\\0', 'm'),
    obj: badId('\\0', 'o'),
    gc: clean,
  },
};

const REALLOC_SMALL: Table<keyof typeof REALLOCS> = {
  libc: { libc: clean, raw: silent, mem: silent, obj: silent },
  raw: { libc: silent, raw: clean, mem: silent, obj: silent },
  mem: { libc: invalidRealloc, raw: invalidRealloc, mem: clean, obj: silent },
  obj: { libc: invalidRealloc, raw: invalidRealloc, mem: silent, obj: clean },
  instance: { libc: invalidRealloc, raw: invalidRealloc, mem: silent, obj: clean },
  gc: { libc: invalidRealloc, raw: invalidRealloc, mem: shared, obj: shared },
};

const mremap = dies(/mremap_chunk\(\): invalid pointer/);

const REALLOC_DEBUG: Table<keyof typeof REALLOCS> = {
  libc: { libc: clean, raw: badId(anyId, 'r'), mem: badId(anyId, 'm'), obj: badId(anyId, 'o') },
  raw: { libc: mremap, raw: clean, mem: badId('r', 'm'), obj: badId('r', 'o') },
  mem: { libc: segfault, raw: badId('m', 'r'), mem: clean, obj: badId('m', 'o') },
  obj: { libc: mremap, raw: badId('o', 'r'), mem: badId('o', 'm'), obj: clean },
  instance: { libc: mremap, raw: badId('o', 'r'), mem: badId('o', 'm'), obj: clean },
  gc: {
    libc: invalidRealloc,
    raw: badId('\\0', 'r'),
    mem: badId('\\0', 'm'),
    obj: badId('\\0', 'o'),
  },
};

interface Cell {
  readonly allocator: Call;
  readonly release: Call;
  readonly expected: Expected;
}

type Rows = Readonly<Record<string, Readonly<Record<string, Expected>>>>;

function cells(table: Rows, calls: Readonly<Record<string, Call>>): readonly Cell[] {
  return Object.entries(ALLOCATORS).flatMap(([from, allocator]) =>
    Object.entries(calls).map(([to, release]) => {
      const expected = table[from]?.[to];
      if (expected === undefined) throw new Error(`the table lacks ${from} -> ${to}`);
      return { allocator, release, expected };
    }),
  );
}

function check(outcome: Outcome, expected: Expected): void {
  expect(outcome.verdict, outcome.summary).toBe(expected.verdict);
  if (expected.says === undefined) return;
  const said = outcome.fault?.text === '' ? outcome.fault.signal : (outcome.fault?.text ?? '');
  expect(said).toMatch(expected.says);
}

const TABLES = [
  { name: 'release build, 24 bytes', target: RELEASE, size: 24, table: RELEASE_SMALL },
  { name: 'release build, 480 bytes', target: RELEASE, size: 480, table: RELEASE_SMALL },
  { name: 'release build, 600 bytes', target: RELEASE, size: 600, table: RELEASE_LARGE },
  { name: 'debug hooks, 24 bytes', target: DEBUG, size: 24, table: DEBUG_ALL },
  { name: 'debug hooks, 600 bytes', target: DEBUG, size: 600, table: DEBUG_ALL },
] as const satisfies readonly { name: string; target: Target; size: number; table: Rows }[];

describe.each(TABLES)('release functions, $name', ({ target, size, table }) => {
  test.each(cells(table, RELEASES))(
    '$allocator.api -> $release.api',
    ({ allocator, release, expected }) => {
      const path = pathOf(alloc('p', allocator, size), free('p', release));
      check(replay(path, target).outcome, expected);
    },
  );
});

describe.each([
  { name: 'release build', target: RELEASE, table: REALLOC_SMALL },
  { name: 'debug hooks', target: DEBUG, table: REALLOC_DEBUG },
])('realloc functions, 32 to 96 bytes, $name', ({ target, table }) => {
  test.each(cells(table, REALLOCS))(
    '$allocator.api -> $release.api',
    ({ allocator, release, expected }) => {
      const path = pathOf(alloc('p', allocator, 32), realloc('p', release, 96));
      check(replay(path, target).outcome, expected);
    },
  );
});
