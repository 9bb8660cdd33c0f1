// Calls without an attached thread state, on every interpreter of this machine: which of them die, and how, is
// the same in a real process and in the simulator of its version.
import { describe, expect, test } from 'vitest';
import { compareScripts, disagreementText } from './compare-scripts.ts';
import { buildRealDrivers } from './real-driver.ts';
import { judge } from '../../simulator/judgment.ts';
import { reproduce } from '../../simulator/reproduce.ts';
import { PYTHONS, RELEASE } from '../../simulator/target.ts';
import { alloc, free, pathOf, threadState } from '../replay/path-builder.ts';

const SCRIPTS: readonly string[] = [
  ...['PyMem', 'PyObject', 'PyMem_Raw'].flatMap((domain) => {
    const prefix = domain === 'PyMem_Raw' ? domain : `${domain}_`;
    return [0, 1, 64, 512, 513, 4000].flatMap((size) => [
      `detach; a = ${prefix}Malloc ${size}`,
      `detach; a = ${prefix}Calloc ${size}`,
      `a = ${prefix}Malloc ${size}; detach; ${prefix}Free a`,
      `a = ${prefix}Malloc ${size}; detach; b = ${prefix}Realloc a 600`,
      `a = ${prefix}Malloc ${size}; detach; b = ${prefix}Realloc a 60`,
    ]);
  }),
  'detach; PyMem_Free NULL; PyObject_Free NULL',
  'detach; a = PyMem_Realloc NULL 64',
  'a = malloc 64; detach; PyMem_Free a',
  'a = PyMem_RawMalloc 64; detach; PyObject_Free a',
  'a = PyObject_New 32; detach; b = PyObject_New 32',
  'a = PyObject_New 32; detach; PyObject_Free a',
  'a = PyObject_GC_New 32; detach; b = PyObject_GC_New 32',
  'a = PyObject_GC_New 32; detach; PyObject_GC_Del a',
  'a = PyObject_GC_New 32; track a; detach; PyObject_GC_Del a',
  'a = PyMem_Malloc 64; detach; attach; PyMem_Free a; b = PyMem_Malloc 64',
];

describe.each(buildRealDrivers())('$name', (driver) => {
  test.each(['release', 'debug', 'malloc', 'malloc_debug'] as const)('%s', (mode) => {
    const setup = { python: driver.python, state: 'drained', mode } as const;
    const scripts = SCRIPTS.map((script) => script.split('; '));
    const { disagreement } = compareScripts(driver, setup, scripts);
    expect(disagreement === null ? '' : disagreementText(driver.name, disagreement)).toBe('');
  });
});

const RELEASED = pathOf(
  alloc('p', { api: 'PyMem_Malloc', family: 'py-mem' }, 4096),
  threadState(false),
  free('p', { api: 'PyMem_Free', family: 'py-mem' }),
);

test('the release build dies of it from 3.12 on, at the call, whatever else is in the heap', () => {
  const kinds = PYTHONS.map((python) => judge(RELEASED, { ...RELEASE, python }));
  expect(kinds.map(({ end }) => end.kind).join(', ')).toBe(
    'silent, silent, silent, silent, dies here, dies here, dies here',
  );
  expect(kinds.at(-1)).toMatchObject({ end: { signal: 'SIGSEGV' }, others: [], dependsOn: [] });
});

test('a reproduction foretells it', () => {
  const target = { ...RELEASE, python: '3.12' } as const;
  const written = reproduce(RELEASED, { title: 'p is freed', target });
  expect(written?.source).toMatch(
    /release build: it dies at the flagged step with SIGSEGV[^.]*; .*\n.*PYTHONMALLOC=debug: it dies/,
  );
});
