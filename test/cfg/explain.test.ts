// `npm run explain` as a developer runs it: each stage of a small file, and clear errors.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const C = `static char *fresh(void) { return malloc(8); }
int use(void) {
  char *p = fresh();
  PyMem_Free(p);
  return 0;
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-explain-'));
  writeFileSync(path.join(folder, 'a.c'), C);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function explain(...command: readonly string[]): {
  status: number | null;
  out: string;
  err: string;
} {
  const result = spawnSync(
    process.execPath,
    ['scripts/run.mjs', 'server/explain/main.ts', ...command],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return { status: result.status, out: result.stdout, err: result.stderr };
}

test('every stage of every function', () => {
  const file = path.join(folder, 'a.c');
  const stages = ['--tree', '--cfg', '--dot', '--states', '--summaries', '--events', '--path'];
  const { status, out, err } = explain(file, ...stages);
  expect(err).toBe('');
  expect(status).toBe(0);
  const parts = out.split(/^== (\w+)\n/m).slice(1);
  const part = (name: string): string => parts[parts.indexOf(name) + 1] ?? '';
  expect(part('tree')).toContain('function: identifier "malloc"');
  expect(part('cfg')).toMatch(/^static fresh\(\)\n0:\n/);
  expect(part('cfg')).toContain('= call PyMem_Free(');
  expect(part('cfg')).toContain('  // 4: PyMem_Free(p);\n');
  expect(part('dot')).toContain('digraph "use" {');
  expect(part('states')).toContain('line 3, block 0: char *p = fresh();');
  expect(part('summaries')).toContain('returns fresh 0');
  expect(part('events')).toContain(`${file}:4:3: release by PyMem_Free(p): block of malloc`);
  expect(part('path')).toContain('[mismatched-free, definite]');
  expect(part('path')).toMatch(/^ {2}> \d+ free /m);
});

test('one function', () => {
  const { out } = explain(path.join(folder, 'a.c'), '--function', 'use', '--cfg');
  expect(out).toMatch(/^use\(\)\n/);
  expect(out).not.toContain('fresh()\n0:');
});

test('the states of each path, in the words of the source', () => {
  const file = path.join(folder, 'states.c');
  writeFileSync(
    file,
    `typedef struct { char *text; } Box;
int fill(Box *box, int big) {
  char small[16], *p = small;
  if (big)
    p = PyMem_Malloc(big);
  if (p == NULL)
    return -1;
  box->text = p;
  keep(box);
  char *again = box->text;
  if (big)
    PyMem_Free(p);
  return again[0];
}
`,
  );
  const { out, err } = explain(file, '--states');
  expect(err).toBe('');
  const [, ...blocks] = out.split(/^(?=line \d+, block \d+: )/m);
  const block = (line: number): string =>
    blocks.find((text) => text.startsWith(`line ${line},`)) ?? '';
  expect(block(8)).toContain('state 1 of 2\n');
  expect(block(8)).toContain(
    '    p = a block from PyMem_Malloc() (line 5), of the PyMem domain; not null\n',
  );
  expect(block(8)).toContain('    p = the address of small; not null\n');
  expect(block(12)).toContain('reachable from elsewhere: stored in box->text, line 8');
  expect(block(12)).not.toContain('address of small');
  expect(block(12)).toContain(
    'again = box->text, which the call of keep() (whose definition is not among the files) may have changed',
  );
  expect(block(13)).toContain('released by PyMem_Free() at line 12');
});

test('what it cannot do, in one line', () => {
  const file = path.join(folder, 'a.c');
  expect(explain(file, '--function', 'gone', '--cfg')).toMatchObject({
    status: 2,
    err: `explain: ${file} does not define gone\n`,
  });
  expect(explain(path.join(folder, 'gone.c'), '--cfg').err).toMatch(/^explain: .*gone\.c: .+\n$/);
  expect(explain(file).err).toMatch(/^usage: /);
});
