// `check --why FILE:LINE` as a user runs it: what is known of the pointers on a line, why a rule speaks or
// is silent, and clear errors.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Why } from '../../server/explain/why.ts';
import { buildCli, cli, type CliResult } from './built-cli.ts';

let folder = '';

/** The lines of interest end in a letter: `// @a`. */
const MAIN = `#include "box.h"
#define DROP(p) PyMem_Free(p)
char *get_buffer(int);
int use(Box *self, int heap) {
  char small[10], *p = small;
  if (heap) p = PyMem_Malloc(heap);
  if (!p) return -1;
  char *q = get_buffer(heap);
  self->data = malloc(3); // @store
  keep(q); // @keep
  free(q); // @unknown
  if (p != small) PyMem_Free(p); // @right
  char *again = malloc(9);
  free(again);
  free(again); // @double
  return 0; // @return
}
#if 0
int never(void) { return 1; } // @dead
#endif
void drop(Box *self) {
  free(self->data); // @slot
  char *mixed = malloc(1);
  DROP(mixed); // @mixed
}
int sum(int a, int b) { // @plain
  return a + b; // @numbers
}
int look(int n) {
  char *own = malloc(1);
  char *r = get_buffer(n);
  if (own) own[0] = r[0]; // @lookup
  free(own);
  return 0;
}
int after(Box *self) {
  int none = 0;
  if (none)
    free(self->data); // @never
  return 1;
  free(self->data); // @unreachable
}
int broken(int a) { a = (b[ ; ] } // @broken
`;
const OTHER = `#include "box.h"
void init(Box *self) {
  self->data = PyMem_Malloc(8);
}
`;

beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-why-'));
  writeFileSync(path.join(folder, 'box.h'), 'typedef struct { char *data; } Box;\n');
  writeFileSync(path.join(folder, 'main.c'), MAIN);
  writeFileSync(path.join(folder, 'other.c'), OTHER);
  mkdirSync(path.join(folder, 'alone'));
  writeFileSync(path.join(folder, 'alone', 'small.c'), 'int x;\n\n#include <a.h>\n');
  writeFileSync(path.join(folder, 'alone', 'binary.c'), Buffer.alloc(600, 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lineOf(mark: string): number {
  return MAIN.split('\n').findIndex((line) => line.includes(`@${mark}`)) + 1;
}

function why(place: string, ...args: readonly string[]): CliResult {
  return cli(['check', '--why', place, ...args], { cwd: folder });
}

/** What is said of a marked line. */
function about(mark: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = why(`main.c:${lineOf(mark)}`, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('a pointer', () => {
  test('from a function that is not there', () => {
    const text = about('lookup');
    expect(text).toMatch(
      /^main\.c:\d+: if \(own\) own\[0\] = r\[0\]; \/\/ @lookup\nin look\(\), lines \d+ to \d+\n/,
    );
    expect(text).toContain(
      'the result of get_buffer() (whose definition is not among the files) (main.c:31:13)\n',
    );
    expect(text).toContain('No rule says anything about this line.\n');
  });

  test('from a function that is not there, told by its release', () => {
    const text = about('unknown');
    expect(text).toMatch(/^main\.c:\d+: free\(q\); \/\/ @unknown\nin use\(\), lines 4 to 17\n/);
    expect(text).toContain(
      '\nq (given to free())\n  a block from get_buffer() (main.c:8:13), of the C library heap',
    );
    expect(text).toContain('No rule says anything about this line.\n');
  });

  test('on two paths', () => {
    const text = about('right');
    expect(text).toContain('  the address of small; not null\n');
    expect(text).toContain('PyMem_Free(p) fits the block from PyMem_Malloc() (main.c:6:17).\n');
  });

  test('that has escaped', () => {
    expect(about('return')).toContain('No pointer that is followed is on this line.');
    const file = path.join(folder, 'alone', 'escape.c');
    writeFileSync(file, 'void f(T *t) {\n  char *p = malloc(1);\n  t->p = p;\n  g(p);\n}\n');
    const { stdout } = why('alone/escape.c:4');
    expect(stdout).toContain(
      'of the C library heap; reachable from elsewhere: stored in t->p, line 3',
    );
  });

  test('released before', () => {
    const text = about('double');
    expect(text).toContain('released by free() at main.c:14:3');
    expect(text).toMatch(/^reported: .* \[double-free, definite\]$/m);
  });

  test('from a field that two families are stored to', () => {
    const text = about('slot');
    expect(text).toContain('kept in struct Box.data');
    expect(text).toContain('  stored to at main.c:9:3: malloc(), the C library heap\n');
    expect(text).toContain('  stored to at other.c:3:3: PyMem_Malloc(), the PyMem domain\n');
    expect(text).toMatch(/blocks of 2 families \(.+\); which one it holds here is not known/);
  });
});

describe('a finding', () => {
  test('that the settings hide', () => {
    expect(about('mixed')).toMatch(/^reported: .* \[mismatched-free, definite\]$/m);
    expect(about('mixed', '--ignore', 'mismatched-free')).toContain(
      'not reported, the settings leave its rule out: ',
    );
    expect(about('mixed', '--select', 'double-free')).toContain('the settings leave its rule out');
  });

  test('of a confidence that is not shown', () => {
    const text = about('slot');
    expect(text).toContain('not reported, its confidence, possible, is below likely: ');
    expect(about('slot', '--min-confidence', 'possible')).toContain('\nreported: ');
  });
});

describe('a line without pointers', () => {
  test.each([
    ['dead', 'The line is left out: the condition before it never holds.'],
    ['plain', 'not explored: it calls nothing that handles memory'],
    ['never', 'No path that was followed gets to this line.'],
    ['unreachable', 'No statement that can be reached begins on this line.'],
  ])('%s', (mark, reason) => {
    expect(about(mark)).toContain(reason);
  });

  test.each([
    [1, 'The line is in no function, as far as the parser can tell.'],
    [2, 'The line is empty.'],
    [3, 'The line is a preprocessor directive.'],
  ])('%i of a file without functions', (line, reason) => {
    expect(why(`alone/small.c:${line}`).stdout).toContain(reason);
  });

  test('that defines a macro', () => {
    expect(why('main.c:2').stdout).toContain('The line defines the macro DROP');
  });
});

test('as JSON', () => {
  const read: Why = JSON.parse(about('slot', '--format', 'json'));
  expect(read).toMatchObject({
    file: 'main.c',
    line: lineOf('slot'),
    functions: [{ name: 'drop', gap: null }],
    slots: [{ slot: 'struct Box.data' }],
    findings: [{ rule: 'mismatched-free', confidence: 'possible' }],
  });
  const [pointer] = read.pointers.filter(({ expression }) => expression === 'self->data');
  expect(pointer).toMatchObject({
    how: 'given to free()',
    values: [{ slot: 'struct Box.data', family: null, isTracked: false }],
  });
});

describe('a mistake', () => {
  test.each([
    ['main.c', '--why needs a line: main.c:12, for example.'],
    ['gone.c:3', "'gone.c' does not exist."],
    ['main.c:0', 'lines count from 1.'],
    ['main.c:9999', /main\.c has \d+ lines, there is no line 9999\./],
    ['main.c:abc', "'abc' is not a line number."],
    ['alone/binary.c:1', "'alone/binary.c' is not checked: not text."],
  ])('%s', (place, message) => {
    const { status, stdout, stderr } = why(place);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('internal');
  });

  test('a format of findings', () => {
    const { status, stderr } = why('main.c:4', '--format', 'sarif');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'pymem-lint: error: --why writes full or json, not sarif.\n',
    });
  });
});
