// The same files in any order give the same findings: each with its path, its replay and its fixes.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { check, type SourceFile } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';
import { randomFrom } from '../fuzz/random.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

function filesIn(folder: string): readonly SourceFile[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:c|h|cpp)$/.test(name))
    .toSorted()
    .map((name) => {
      const file = path.posix.join(folder, name);
      return { file, text: readFileSync(path.join(ROOT, file), 'utf8') };
    });
}

/** One defect seen from several files: wrappers, a shared field, a macro, two programs of one name. */
const PROGRAM: readonly SourceFile[] = [
  {
    file: 'a/box.h',
    text: 'typedef struct { char *data; char *name; } Box;\nchar *fresh(int n);\n',
  },
  { file: 'a/drop.h', text: '#define DROP(p) PyMem_Free(p)\n#include "box.h"\n' },
  { file: 'a/fresh.c', text: '#include "box.h"\nchar *fresh(int n) { return malloc(n); }\n' },
  {
    file: 'a/fill.c',
    text: '#include "box.h"\nvoid fill(Box *b) { b->data = fresh(3); b->name = PyMem_Malloc(4); }\n',
  },
  { file: 'a/refill.c', text: '#include "box.h"\nvoid refill(Box *b) { b->name = malloc(9); }\n' },
  {
    file: 'a/end.c',
    text: '#include "drop.h"\nvoid end(Box *b) { DROP(b->data); free(b->name); }\n',
  },
  { file: 'b/fresh.c', text: 'char *fresh(int n) { return PyMem_Malloc(n); }\n' },
  {
    file: 'b/use.c',
    text: 'void use(void) { char *p = fresh(1); free(p); }\nvoid both(Box *b) { free(b->data); }\n',
  },
  {
    file: 'c/twice.c',
    text: '#include "drop.h"\nvoid g(char *p) { DROP(p); }\nvoid h(void) { char *p = fresh(1); g(p); }\n',
  },
];

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = randomFrom(seed);
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)).flat();
}

/** Everything a finding says, in an order of its own. */
function said(files: readonly SourceFile[]): string[] {
  const settings = { ...DEFAULT_SETTINGS, minConfidence: 'possible' as const };
  const { findings, skipped } = check(files, parser, settings);
  return [...findings, ...skipped].map((each) => JSON.stringify(each)).toSorted();
}

describe.each([
  ['a program of several files', PROGRAM],
  ['the examples', filesIn('examples')],
  ['the fixtures together', filesIn('test/fixtures')],
])('%s', (_name, files) => {
  test('has findings', () => {
    expect(said(files).length).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4])('says the same in order %i', (seed) => {
    expect(said(shuffled(files, seed))).toEqual(said(files));
  });
});
