// The line that tells how far a long check has come, and what `--stats` tells afterwards.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../../server/check.ts';
import { checkInTurns } from '../../server/cli/check-in-turns.ts';
import { progressLine } from '../../server/cli/progress.ts';
import { PLAIN } from '../../server/cli/terminal.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import { buildCli, cli } from './built-cli.ts';

let folder = '';
beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-stats-'));
  writeFileSync(path.join(folder, 'plain.c'), 'int x;\n');
  writeFileSync(
    path.join(folder, 'work.c'),
    `void small(void) { free(malloc(1)); }
int adds(int a) { return a + 1; }
void large(int n) {
${'  if (n > 3) use(n);\n'.repeat(20)}  char *p = malloc(n);
  while (n-- > 0) { if (odd(n)) use(p); }
  free(p);
}
int broken(int a) { char *p = malloc(a); if work(p)) free(p); return 1; }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the line', () => {
  const progress: Progress = { phase: 'explore', done: 3, of: 40 };

  function written(isTty: boolean, times: readonly number[]): string {
    let text = '';
    const clock = [0, ...times];
    const output = {
      isTty,
      columns: null,
      colors: PLAIN,
      write: (part: string) => void (text += part),
    };
    const line = progressLine(output, () => clock.shift() ?? 0);
    for (const _ of times) line.tell(progress);
    line.clear();
    return text;
  }

  test('comes after a second, at most ten times a second, and goes away', () => {
    const shown = '\r\u001B[KFollowing the paths of at most 40 functions: 3';
    expect(written(true, [500, 1000, 1050, 1100])).toBe(`${shown}${shown}\r\u001B[K`);
  });

  test('is for a person alone', () => {
    expect(written(true, [10, 900])).toBe('');
    expect(written(false, [500, 5000])).toBe('');
  });
});

test('a check tells how far it has come, in order', async () => {
  const told: Progress[] = [];
  const files = ['a.c', 'b.c'].map((file) => ({
    file,
    text: 'void f(void) { free(malloc(1)); }\n',
  }));
  const parser = await loadParser({ backend: 'native' });
  await checkInTurns(files, parser, DEFAULT_SETTINGS, (p) => told.push(p));
  expect(told).toEqual([
    { phase: 'parse', done: 0, of: 2 },
    { phase: 'parse', done: 1, of: 2 },
    { phase: 'explore', done: 0, of: 2 },
    { phase: 'explore', done: 1, of: 2 },
  ]);
});

test('--stats tells what was looked at, what was left out and where the steps went', () => {
  const { stderr, stdout } = cli(['check', '.', '--stats', '--format', 'json'], { cwd: folder });
  expect(stderr).toMatch(
    /^2 files, 29 lines, 4 functions, \d+ steps; \d+\.\d\d s, peak memory \d+ MB$/m,
  );
  expect(stderr).toContain('1 file not parsed, for want of memory functions; 0 files not read\n');
  expect(stderr).toMatch(/^2 functions explored, 1 function left out:\n {2}1 x syntax error$/m);
  expect(stderr).toContain('0 functions not followed on every path, for want of budget\n');
  expect(stderr).toMatch(
    /^most steps:\n {2}\d+ steps {2}work\.c: large\n {2}\d steps? {2}work\.c: small$/m,
  );
  const { stats } = JSON.parse(stdout);
  expect(stats).toMatchObject({ files: 2, unparsed: 1, explored: 2, partial: [] });
  expect(stats.slowest[0]).toMatchObject({ file: 'work.c', function: 'large' });
});

test('--stats names functions whose budget ran out', () => {
  const conditions = Array.from({ length: 40 }, (_, i) => `  if (a${i}) p${i} = malloc(a${i});\n`);
  const frees = Array.from({ length: 40 }, (_, i) => `  if (a${i} > 1) free(p${i});\n`);
  const locals = Array.from({ length: 40 }, (_, i) => `  int a${i} = get(); char *p${i} = 0;\n`);
  const text = `void many(void) {\n${[...locals, ...conditions, ...frees].join('')}}\n`;
  writeFileSync(path.join(folder, 'many.c'), text);
  const { stderr } = cli(['check', 'many.c', '--stats'], { cwd: folder });
  expect(stderr).toMatch(
    /^1 function not followed on every path, for want of budget:\n {2}[\d,]+ steps {2}many\.c: many$/m,
  );
});
