// The families of the table against a real interpreter: a block is asked which domain it came from.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { familyFacts } from '../../simulator/families.ts';
import { allRows } from '../../server/knowledge/row.ts';
import { needsPythonHeaders, pythonConfig } from '../check/compiler.ts';

const python = '/usr/bin/python3';
const source = fileURLToPath(new URL('api_id.c', import.meta.url));
const rowOf = new Map(allRows().map((row) => [row.name, row]));

/** What PYTHONMALLOC=debug writes before a block of each heap. */
const API_ID = { libc: '-', raw: 'r', mem: 'm', obj: 'o', gc: 'o' } as const;

needsPythonHeaders().describe('blocks of a real interpreter', () => {
  const directory = mkdtempSync(join(tmpdir(), 'api-id-'));
  let measured = new Map<string, string>();

  beforeAll(() => {
    const suffix = pythonConfig('--extension-suffix')[0] ?? '.so';
    const warnings = ['-Wall', '-Werror'];
    const target = join(directory, `api_id${suffix}`);
    const options = [
      '-shared',
      '-fPIC',
      ...warnings,
      ...pythonConfig('--includes'),
      source,
      '-o',
      target,
    ];
    execFileSync('cc', options);
    const output = execFileSync(python, ['-c', 'import api_id; api_id.report()'], {
      encoding: 'utf8',
      cwd: directory,
      env: { ...process.env, PYTHONMALLOC: 'debug', PYTHONPATH: directory },
    });
    measured = new Map(
      output
        .trim()
        .split('\n')
        .map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
    );
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  test('come from the domain of the family that their row names', () => {
    expect(measured.size).toBeGreaterThan(40);
    const expected = [...measured.keys()].map((name): [string, string | undefined] => {
      const [api, variant] = name.endsWith(':gc') ? [name.slice(0, -3), 'gc'] : [name, null];
      const row = rowOf.get(api);
      const family = variant === 'gc' ? row?.familyIf['Py_TPFLAGS_HAVE_GC'] : row?.family;
      const heap = family === undefined || family === null ? null : familyFacts(family).heap;
      return [name, heap === null ? undefined : API_ID[heap]];
    });
    expect(Object.fromEntries(measured)).toEqual(Object.fromEntries(expected));
  });
});
