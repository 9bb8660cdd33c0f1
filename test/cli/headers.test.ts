// A file that is checked alone is checked with the headers it includes, and only it is told of.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli, cli } from './built-cli.ts';

const HEADER = `#define x_alloc(n) malloc(n)
#define x_free(p) PyMem_Free(p)
static inline void in_header_bad(void) { char *p = PyMem_Malloc(8); if (p) free(p); }
`;

const SOURCE = `#include <Python.h>
#include "memory.h"
void f(void)
{
    char *p = x_alloc(8);
    if (p != NULL)
        x_free(p);
}
`;

let folder = '';

beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-headers-'));
  mkdirSync(path.join(folder, 'src'));
  mkdirSync(path.join(folder, 'include'));
  writeFileSync(path.join(folder, 'src', 'f.c'), SOURCE);
  writeFileSync(path.join(folder, 'include', 'memory.h'), HEADER);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function places(...args: readonly string[]): { files: number; found: string[] } {
  const { stdout } = cli(['check', ...args, '--format', 'json'], { cwd: folder });
  const { findings, stats } = JSON.parse(stdout);
  return {
    files: stats.files,
    found: findings.map(({ file, line }: { file: string; line: number }) => `${file}:${line}`),
  };
}

test('macros of a header that was not named', () => {
  expect(places('src/f.c')).toEqual({ files: 1, found: ['src/f.c:7'] });
});

test('a header that is named is told of', () => {
  expect(places('.')).toEqual({ files: 2, found: ['include/memory.h:3', 'src/f.c:7'] });
});
