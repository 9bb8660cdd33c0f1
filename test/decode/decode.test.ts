// What texts of real crashes mean. The reports in reports/ were printed by real processes: CPython 3.11, glibc
// 2.36, AddressSanitizer of GCC 12, Valgrind 3.19.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeCommand } from '../../server/cli/decode-command.ts';
import { RULES } from '../../server/rules/index.ts';
import { decode } from '../../simulator/decode.ts';
import { KNOWN_REPORTS } from '../../simulator/decode-reports.ts';
import { captured } from '../cli/captured-terminal.ts';

const REPORTS = new URL('reports/', import.meta.url);

const textOf = (name: string): string => readFileSync(new URL(`${name}.txt`, REPORTS), 'latin1');

const first = (text: string) => {
  const [found] = decode(text);
  if (found === undefined) throw new Error(`nothing known in ${text}`);
  return { ...found, pairs: found.causes.map(({ from, to }) => `${from} -> ${to}`) };
};

const bad = (from: string, by: string): string =>
  `Fatal Python error: _PyMem_DebugRawFree: bad ID: Allocated using API '${from}', verified using API '${by}'`;

const run = async (input: string, file = '-') => {
  const terminal = {
    ...captured(),
    readInput: () => Promise.resolve(Buffer.from(input, 'latin1')),
  };
  const status = await decodeCommand({ file, format: 'text' }, terminal);
  return { status, output: terminal.output(), errors: terminal.errors() };
};

describe.each([
  ['asan-bad-free', 'AddressSanitizer', 'mismatched-free', /did not hand out/],
  ['asan-double-free', 'AddressSanitizer', 'double-free', /released before/],
  ['asan-interior', 'AddressSanitizer', 'interior-free', /8 bytes into a block/],
  ['asan-overflow', 'AddressSanitizer', 'size-overflow', /beyond the end/],
  ['asan-use-after-free', 'AddressSanitizer', 'use-after-free', /has released/],
  ['valgrind-invalid-free-arena', 'Valgrind', 'mismatched-free', /did not hand out/],
  ['valgrind-double-free', 'Valgrind', 'double-free', /released before/],
  ['valgrind-overflow', 'Valgrind', 'size-overflow', /beyond the end/],
  ['hooks-malloc-block', 'debug hooks', 'mismatched-free', /malloc\(\)'s own/],
  ['hooks-double-free', 'debug hooks', 'double-free', /was released before/],
  ['hooks-no-thread-state', 'CPython', 'allocation-without-thread-state', /attached thread state/],
])('%s', (name, source, rule, meaning) => {
  test('is told by its source, with what it means and what to read', () => {
    const decoded = decode(textOf(name));
    const [found] = decoded;
    expect(found).toMatchObject({ source });
    expect(decoded.map((each) => each.meaning).join(' ')).toMatch(meaning);
    expect(decoded.flatMap(({ rules }) => rules)).toContain(rule);
  });
});

test('the places of the own code are named', () => {
  expect(first(textOf('asan-bad-free')).places).toEqual([
    'give (/home/user/repro/repro.c:130)',
    'follow_path (/home/user/repro/repro.c:265)',
    'PyInit_repro (/home/user/repro/repro.c:315)',
  ]);
  expect(first(textOf('valgrind-double-free')).places[0]).toBe('give (repro.c:129)');
});

test('the pair of functions follows from the two ids', () => {
  expect(first(bad('m', 'o')).pairs).toEqual(['PyMem_Malloc -> PyObject_Free']);
  expect(first(bad('o', 'm')).pairs).toEqual(['PyObject_Malloc or PyObject_New -> PyMem_Free']);
  expect(first(bad('r', 'o')).pairs).toEqual(['PyMem_RawMalloc -> PyObject_Free']);
  expect(first(bad('!', 'm')).pairs).toEqual(['malloc, calloc, strdup or a library -> PyMem_Free']);
  expect(first(bad('\0', 'o')).pairs[0]).toBe('PyObject_GC_New -> PyObject_Free');
  expect(first(bad('\u{dd}', 'o')).meaning).toContain('released before');
});

test.each([
  ['double free or corruption (out)', 'PyMem_Malloc, up to 512 bytes -> free', 'mismatched-free'],
  ['free(): invalid pointer', 'PyObject_GC_New -> free, or PyObject_Free for', 'interior-free'],
  [
    'munmap_chunk(): invalid pointer',
    'PyMem_RawMalloc or PyObject_Malloc under',
    'mismatched-free',
  ],
  ['realloc(): invalid old size', 'PyMem_Malloc or PyObject_Malloc', 'mismatched-realloc'],
  ['free(): double free detected in tcache 2', 'malloc -> free, twice', 'double-free'],
])('%s names its pairs', (text, pair, rule) => {
  const found = first(`${text}\nAborted (core dumped)\n`);
  expect(found.pairs.join('; ')).toContain(pair);
  expect(found.rules).toContain(rule);
});

test('every text that a recorded process printed is known', () => {
  const golden = new URL('../simulator/golden/', import.meta.url);
  let told = 0;
  for (const file of readdirSync(golden).filter((name) => name.endsWith('.gz'))) {
    const lines = gunzipSync(readFileSync(new URL(file, golden)))
      .toString('utf8')
      .split('\n');
    for (const line of lines) {
      const printed = /"stderr": ?"((?:[^"\\]|\\.)+)"/.exec(line)?.[1];
      if (printed === undefined) continue;
      const text: unknown = JSON.parse(`"${printed}"`);
      const [found] = decode(String(text));
      expect(found, String(text)).toBeDefined();
      told++;
    }
  }
  process.stdout.write(`decoded ${told} recorded reports\n`);
  expect(told).toBeGreaterThan(200);
});

test('what is recommended exists, and every report says something of use', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  for (const { rules, meaning, lookFor } of KNOWN_REPORTS) {
    expect(rules.filter((rule) => !ids.has(rule))).toEqual([]);
    expect(meaning).toMatch(/^(?:[A-Z]|free\(\)|malloc\(\)|realloc\(\)).*\.$/);
    expect(lookFor.length).toBeGreaterThan(0);
  }
});

test('hostile text is survived', () => {
  expect(decode('')).toEqual([]);
  expect(decode('x'.repeat(100_000))).toEqual([]);
  expect(decode('free(): invalid pointer\n'.repeat(10_000)).length).toBe(1);
  expect(decode(`Debug memory block at address p=0x1: API '${"'".repeat(5000)}`).length).toBe(1);
});

test('the command reads standard input or a file, and says when it knows nothing', async () => {
  const { status, output } = await run('munmap_chunk(): invalid pointer\n');
  expect(status).toBe(0);
  expect(output).toMatchInlineSnapshot(`
    "line 1, glibc
      munmap_chunk(): invalid pointer
      Means     The byte 8 before the block has the bit that glibc uses for blocks
                  with a mapping of their own. Under PYTHONMALLOC=debug it is the
                  letter r or o of the debug hooks.
      Caused by PyMem_RawMalloc or PyObject_Malloc under PYTHONMALLOC=debug -> free
                  or realloc
                PyMem_Malloc, up to 512 bytes -> free
                PyObject_Malloc or PyObject_New, up to 512 bytes -> free or
                  PyMem_RawFree
      Look for  where the pointer comes from
      Read      pymem-lint rule NAME: mismatched-free, api-result-mismatch,
                  object-freed-as-memory, mismatched-realloc
    "
  `);
  const nothing = await run('all tests passed\n');
  expect(nothing.status).toBe(1);
  expect(nothing.errors).toContain('PYTHONMALLOC=debug');
  await expect(run('', 'no-such.log')).rejects.toThrow('cannot read');
});
