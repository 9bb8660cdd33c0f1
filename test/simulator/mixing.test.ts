// What mixing families does, one case per cell of the outcome table, on the canonical heap. The same
// scripts and expectations hold for the simulator and, where it can be built, for a real process.
import { describe, expect, test } from 'vitest';
import type { HeapDriver, Mode, Observed } from './heap-driver.ts';
import { buildRealDriver } from './real-driver.ts';
import { simulatedDriver } from './simulated-driver.ts';

interface Case {
  readonly script: string;
  readonly end: Observed['end'];
  /** Part of standard error. */
  readonly text?: string;
  /** What a real process prints instead, where the kernel happens to have mapped what is read. */
  readonly ifMapped?: string;
  /** Slots of the script that must end up at the same address. */
  readonly same?: readonly [string, string];
}

const silent = (script: string, same?: readonly [string, string]): Case =>
  same === undefined ? { script, end: 'exit' } : { script, end: 'exit', same };
const aborts = (script: string, text: string): Case => ({ script, end: 'abort', text });
const faults = (script: string): Case => ({ script, end: 'segv' });
/** The arena of the chunk is read from the start of the 64 MiB around it: now and then the heap lies there. */
const faultsUnless = (script: string, ifMapped: string): Case => ({
  script,
  end: 'segv',
  ifMapped,
});

/** A block that is not the first of its pool; what precedes it is the end of another block. */
const SECOND = (alloc: string, before: string): string =>
  `p = PyMem_Malloc 32; poke p 24 ${before}; a = ${alloc} 32`;

const RELEASE: readonly Case[] = [
  silent('a = malloc 24; PyMem_Free a; b = malloc 24', ['a', 'b']),
  silent('a = malloc 24; PyObject_Free a'),
  silent('a = calloc 2000; PyMem_Free a'),
  silent('a = strdup 24; b = PyMem_Realloc a 100; PyMem_Free b'),
  silent('a = PyMem_RawMalloc 24; free a'),
  silent('a = PyMem_RawMalloc 24; PyObject_Free a'),
  faults('a = malloc 24; PyObject_GC_Del a'),

  silent('a = PyMem_Malloc 24; PyObject_Free a; b = PyObject_Malloc 24', ['a', 'b']),
  silent('a = PyObject_Malloc 24; PyMem_Free a'),
  silent('a = PyObject_New 32; PyMem_Free a'),
  aborts('a = PyMem_Malloc 24; free a', 'double free or corruption (out)\n'),
  aborts('a = PyObject_New 32; PyMem_RawFree a', 'double free or corruption (out)\n'),
  aborts(`${SECOND('PyMem_Malloc', '0')}; free a`, 'free(): invalid pointer\n'),
  aborts(`${SECOND('PyObject_Malloc', '0x18')}; free a`, 'free(): invalid size\n'),
  silent(`${SECOND('PyMem_Malloc', '0x21')}; free a; b = malloc 24`, ['a', 'b']),
  aborts('a = PyMem_Malloc 24; b = realloc a 100', 'realloc(): invalid old size\n'),
  aborts(`${SECOND('PyMem_Malloc', '0')}; b = realloc a 100`, 'realloc(): invalid pointer\n'),
  aborts(
    `${SECOND('PyMem_Calloc', '0x21')}; b = PyMem_RawRealloc a 100`,
    'realloc(): invalid next size\n',
  ),
  silent('a = PyMem_Malloc 600; free a'),
  silent('a = PyObject_Malloc 600; b = realloc a 900; free b'),
  silent('a = PyMem_Malloc 200000; free a'),

  silent('detach; a = PyMem_Malloc 24; PyObject_Free a'),
  silent('a = PyObject_GC_New 32; PyObject_GC_Del a'),
  silent('a = PyObject_GC_New 32; track a; untrack a; PyObject_GC_Del a'),
  silent('a = PyObject_GC_New 32; b = PyObject_GC_New 32; track a; track b; PyObject_GC_Del a'),
  aborts(
    'a = PyObject_GC_New 32; track a; poke a -8 0x10010; free a',
    'double free or corruption (out)\n',
  ),
  aborts('a = PyObject_GC_New 32; free a', 'free(): invalid pointer\n'),
  aborts('a = PyObject_GC_New 32; PyMem_RawFree a', 'free(): invalid pointer\n'),
  aborts('a = PyObject_GC_New 32; b = realloc a 100', 'realloc(): invalid pointer\n'),
  aborts('a = PyObject_GC_New 600; PyObject_Free a', 'free(): invalid pointer\n'),
  aborts('a = PyObject_GC_New 600; b = PyObject_Realloc a 900', 'realloc(): invalid pointer\n'),
  silent('a = PyObject_GC_New 32; PyObject_Free a; b = PyMem_Malloc 48', ['a', 'b']),
  faults(
    'k = PyObject_GC_New 32; a = PyObject_GC_New 32; n = PyObject_GC_New 32; PyObject_Free a; ' +
      'b = PyObject_GC_New 32; write b 16 16 0x41; c = PyObject_GC_New 32; PyObject_GC_Del n',
  ),
];

const badId = (found: string, domain: string): string =>
  `Fatal Python error: _PyMem_DebugRawFree: bad ID: Allocated using API '${found}', verified using API '${domain}'\n`;

const DEBUG: readonly Case[] = [
  silent('a = malloc 24; b = realloc a 100; free b'),
  aborts('a = malloc 24; PyMem_Free a', badId('!', 'm')),
  aborts('a = malloc 100; PyObject_Free a', badId('q', 'o')),
  aborts('a = malloc 200000; PyMem_RawFree a', badId('\x02', 'r')),
  aborts('a = PyMem_RawMalloc 24; free a', 'munmap_chunk(): invalid pointer\n'),
  aborts('a = PyMem_RawMalloc 24; b = realloc a 100', 'mremap_chunk(): invalid pointer\n'),
  aborts('a = PyMem_RawMalloc 24; PyMem_Free a', badId('r', 'm')),
  aborts('a = PyMem_RawMalloc 24; PyObject_Free a', badId('r', 'o')),
  faultsUnless('a = PyMem_Malloc 24; free a', 'free(): invalid size\n'),
  faultsUnless('a = PyMem_Malloc 24; b = realloc a 100', 'realloc(): invalid old size\n'),
  faultsUnless('a = PyMem_Malloc 600; free a', 'free(): invalid size\n'),
  aborts('a = PyMem_Malloc 24; PyObject_Free a', badId('m', 'o')),
  aborts('a = PyMem_Malloc 600; PyMem_RawFree a', badId('m', 'r')),
  aborts('a = PyObject_Malloc 24; free a', 'munmap_chunk(): invalid pointer\n'),
  aborts('a = PyObject_New 32; PyMem_Free a', badId('o', 'm')),
  aborts('a = PyObject_Malloc 600; b = realloc a 100', 'mremap_chunk(): invalid pointer\n'),
  aborts(
    'a = PyObject_Malloc 24; b = PyMem_Realloc a 100',
    "Fatal Python error: _PyMem_DebugRawRealloc: bad ID: Allocated using API 'o', verified using API 'm'\n",
  ),
  aborts('a = PyObject_GC_New 32; free a', 'free(): invalid pointer\n'),
  aborts('a = PyObject_GC_New 32; PyObject_Free a', badId('\0', 'o')),
  faults('a = PyObject_Malloc 64; PyObject_GC_Del a'),
  aborts(
    'a = PyMem_Malloc 24; write a 24 1 0; PyMem_Free a',
    'Fatal Python error: _PyMem_DebugRawFree: bad trailing pad byte\n',
  ),
  aborts(
    'a = PyMem_Malloc 24; write a -1 1 0; PyMem_Free a',
    'Fatal Python error: _PyMem_DebugRawFree: bad leading pad byte\n',
  ),
  aborts(
    'detach; a = PyMem_Malloc 24',
    'Fatal Python error: _PyMem_DebugMalloc: Python memory allocator called without holding the GIL\n',
  ),
  aborts(
    'a = PyObject_Calloc 24; detach; PyObject_Free a',
    'Fatal Python error: _PyMem_DebugFree: Python memory allocator called without holding the GIL\n' +
      'Python runtime state: initialized\n\nCurrent thread 0x',
  ),
  aborts(
    'a = PyMem_Malloc 24; detach; b = PyMem_Realloc a 100',
    'Fatal Python error: _PyMem_DebugRealloc: Python memory allocator called without holding the GIL\n',
  ),
  silent('detach; a = PyMem_RawMalloc 24; PyMem_RawFree a; attach; b = PyMem_Malloc 24'),
  // The report faults: the freed block's size field holds a link.
  faults('a = PyMem_Malloc 24; PyMem_Free a; PyMem_Free a'),
];

const TABLES: readonly (readonly [Mode, readonly Case[]])[] = [
  ['release', RELEASE],
  ['debug', DEBUG],
];

const real = buildRealDriver();
const drivers: readonly HeapDriver[] = [
  simulatedDriver,
  ...(typeof real === 'string' ? [] : [real]),
];

describe.each(drivers)('$name', (driver) => {
  test.each(TABLES)('%s', (mode, cases) => {
    const scripts = cases.map(({ script }) => script.split('; '));
    const observed = driver.run({ state: 'drained', mode }, scripts);
    for (const [index, { script, end, text, same, ifMapped }] of cases.entries()) {
      const outcome = observed[index];
      if (driver !== simulatedDriver && outcome?.end === 'abort' && outcome.stderr === ifMapped)
        continue;
      expect({ script, end: outcome?.end }).toEqual({ script, end });
      if (text !== undefined) expect(outcome?.stderr, script).toContain(text);
      if (same !== undefined) {
        const [first, second] = same.map((slot) => lastValue(outcome, script, slot));
        expect(first, script).toBe(second);
      }
    }
  });
});

function lastValue(outcome: Observed | undefined, script: string, slot: string): string {
  const op = script.split('; ').findLastIndex((line) => line.startsWith(`${slot} = `));
  return outcome?.values.find(([index]) => index === op)?.[1] ?? `no value for ${slot}`;
}
