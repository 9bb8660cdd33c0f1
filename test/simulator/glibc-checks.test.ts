// Every integrity check of malloc that one thread can reach by overwriting memory: one script, one exact
// text. The same table holds for the simulator and, where it can be built, for a real process.
import { expect, test } from 'vitest';
import type { HeapDriver } from './heap-driver.ts';
import { buildRealDriver } from './real-driver.ts';
import { simulatedDriver } from './simulated-driver.ts';

const repeat = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('; ');

/** Fills the tcache bin of a size, so that further chunks go to a fastbin or to the unsorted list. */
const fill = (size: number): string =>
  `${repeat(7, (index) => `t${index} = malloc ${size}`)}; @; ${repeat(7, (index) => `free t${index}`)}`;

/** `before` runs while the tcache's chunks are still in use, so that other chunks lie behind them. */
const withFullTcache = (size: number, before: string, after: string): string =>
  `${fill(size).replace('@', before)}; ${after}`;

const assertion = (name: string, expression: string): string =>
  `Fatal glibc error: malloc assertion failure in ${name}: ${expression}`;

/** On a fresh heap the tcache struct lies 0x290 bytes before the first block: counts, then list heads. */
const COUNT_OF_BIN_0 = -0x290;
const HEAD_OF_BIN_0 = -0x290 + 128;

const CHECKS: readonly (readonly [text: string, script: string])[] = [
  ['free(): invalid pointer', 'a = malloc 24; b = at a 8; free b'],
  ['free(): invalid pointer', 'a = malloc 24; poke a -8 1; free a'],
  ['free(): invalid size', 'a = malloc 24; poke a -8 0x11; free a'],
  ['munmap_chunk(): invalid pointer', 'a = malloc 24; poke a -8 0x22; free a'],
  ['free(): double free detected in tcache 2', 'a = malloc 24; free a; free a'],
  [
    'free(): unaligned chunk detected in tcache 2',
    `a = malloc 24; b = malloc 24; free a; free b; write a ${HEAD_OF_BIN_0} 1 0xc8; free a`,
  ],
  [
    'free(): too many chunks detected in tcache',
    withFullTcache(24, 'a = malloc 24', `write t0 ${COUNT_OF_BIN_0} 2 0; free a; free t0`),
  ],
  [
    'malloc(): unaligned tcache chunk detected',
    `a = malloc 24; free a; write a ${HEAD_OF_BIN_0} 1 0xa8; b = malloc 24`,
  ],
  [
    'free(): invalid next size (fast)',
    withFullTcache(24, 'a = malloc 24; b = malloc 24', 'poke b -8 0; free a'),
  ],
  [
    'double free or corruption (fasttop)',
    withFullTcache(24, 'a = malloc 24; b = malloc 24', 'free a; free a'),
  ],
  [
    'malloc(): memory corruption (fast)',
    `${withFullTcache(24, 'a = malloc 24; b = malloc 24', 'free a; poke a -8 0x41')}; ${repeat(8, (index) => `m${index} = malloc 24`)}`,
  ],
  [
    'invalid fastbin entry (free)',
    withFullTcache(
      24,
      'r = malloc 72; a = malloc 24; b = malloc 24',
      'free a; poke a -8 0x41; s = realloc r 40',
    ),
  ],
  [
    'malloc_consolidate(): invalid chunk size',
    withFullTcache(24, 'a = malloc 24; b = malloc 24', 'free a; poke a -8 0x41; c = malloc 5000'),
  ],
  [
    'corrupted size vs. prev_size in fastbins',
    withFullTcache(
      24,
      'k = malloc 40; a = malloc 24; b = malloc 24',
      'free a; poke a -8 0x20; poke a -16 0x40; c = malloc 5000',
    ),
  ],
  ['double free or corruption (top)', 'a = malloc 2000; free a; free a'],
  ['double free or corruption (out)', 'a = malloc 24; poke a -8 0x100001; free a'],
  ['double free or corruption (!prev)', 'a = malloc 2000; b = malloc 24; free a; free a'],
  ['free(): invalid next size (normal)', 'a = malloc 2000; b = malloc 24; poke b -8 1; free a'],
  [
    'corrupted size vs. prev_size while consolidating',
    'a = malloc 2000; b = malloc 2000; c = malloc 24; free a; poke a -8 0x71; free b',
  ],
  [
    'free(): corrupted unsorted chunks',
    'a = malloc 2000; g = malloc 24; b = malloc 2000; h = malloc 24; free a; poke a 8 16; free b',
  ],
  [
    'corrupted size vs. prev_size',
    'a = malloc 2000; b = malloc 2000; g = malloc 24; free b; poke g -16 16; free a',
  ],
  [
    'corrupted double-linked list',
    'a = malloc 2000; b = malloc 2000; g = malloc 24; free b; write b 0 1 0xd0; free a',
  ],
  [
    'corrupted double-linked list (not small)',
    'a = malloc 2000; b = malloc 2000; g = malloc 24; free b; c = malloc 5000; write b 16 1 0; free a',
  ],
  [
    'malloc(): invalid size (unsorted)',
    'a = malloc 2000; g = malloc 24; free a; poke a -8 9; b = malloc 3000',
  ],
  [
    'malloc(): invalid next size (unsorted)',
    'a = malloc 2000; g = malloc 24; free a; poke g -8 0; b = malloc 3000',
  ],
  [
    'malloc(): mismatching next->prev_size (unsorted)',
    'a = malloc 2000; g = malloc 24; free a; poke g -16 16; b = malloc 3000',
  ],
  [
    'malloc(): unsorted double linked list corrupted',
    'a = malloc 2000; g = malloc 24; free a; write a 0 1 0xd0; b = malloc 3000',
  ],
  [
    'malloc(): invalid next->prev_inuse (unsorted)',
    'a = malloc 2000; g = malloc 24; free a; poke g -8 0x21; b = malloc 3000',
  ],
  [
    'malloc(): smallbin double linked list corrupted',
    `${withFullTcache(200, 'a = malloc 200; g = malloc 24', 'free a; b = malloc 5000; write a 8 1 0')}; ${repeat(8, (index) => `m${index} = malloc 200`)}`,
  ],
  [
    'malloc(): largebin double linked list corrupted (nextsize)',
    'l = malloc 5088; g = malloc 24; s = malloc 4608; h = malloc 24; m = malloc 4800; i = malloc 24; ' +
      'free l; free s; t = malloc 9000; write s 24 1 0; free m; u = malloc 9000',
  ],
  [
    'malloc(): largebin double linked list corrupted (bk)',
    'l = malloc 5088; g = malloc 24; s = malloc 4608; h = malloc 24; m = malloc 4800; i = malloc 24; ' +
      'free l; free s; t = malloc 9000; write s 8 1 0; free m; u = malloc 9000',
  ],
  ['malloc(): corrupted top size', 'a = malloc 24; write a 24 8 0xff; b = malloc 5000'],
  ['realloc(): invalid pointer', 'a = calloc 24; b = at a 8; c = realloc b 100'],
  ['realloc(): invalid old size', 'a = malloc 24; poke a -8 0x7ffffff1; b = realloc a 100'],
  ['realloc(): invalid next size', 'a = malloc 24; b = malloc 24; poke b -8 0; c = realloc a 100'],
  ['mremap_chunk(): invalid pointer', 'a = malloc 24; poke a -8 0x22; b = realloc a 100'],
  [
    assertion(
      'sysmalloc',
      '(old_top == initial_top (av) && old_size == 0) || ((unsigned long) (old_size) >= MINSIZE && prev_inuse (old_top) && ((unsigned long) old_end & (pagesize - 1)) == 0)',
    ),
    'a = malloc 24; poke a 24 0x101; b = malloc 5000',
  ],
  [
    assertion('_int_malloc', '(unsigned long) (size) >= (unsigned long) (nb)'),
    'a = malloc 2000; g = malloc 24; free a; b = malloc 5000; poke a -8 0x21; c = malloc 1100',
  ],
  [
    assertion('_int_malloc', 'chunk_main_arena (bck->bk)'),
    'a = malloc 2000; g = malloc 24; b = malloc 2000; h = malloc 24; free a; c = malloc 5000; ' +
      'poke a -8 0x7e5; free b; d = malloc 5000',
  ],
];

const real = buildRealDriver();
const drivers: readonly HeapDriver[] = [
  simulatedDriver,
  ...(typeof real === 'string' ? [] : [real]),
];

test.each(drivers)('$name: each check prints its text', (driver) => {
  const scripts = CHECKS.map(([, script]) => script.split('; '));
  const observed = driver.run({ state: 'pristine', mode: 'release' }, scripts);
  const outcomes = observed.map(({ end, stderr }, index) => ({
    script: CHECKS[index]?.[1],
    end,
    stderr,
  }));
  expect(outcomes).toEqual(
    CHECKS.map(([text, script]) => ({ script, end: 'abort', stderr: `${text}\n` })),
  );
});
