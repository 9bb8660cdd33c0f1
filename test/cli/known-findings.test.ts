// What `check` leaves out because it is known: suppressed by comments, in the baseline, or older than a commit.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changedLines } from '../../server/cli/changed-lines.ts';
import { realProgram } from './real-program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-known-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, ...lines: readonly string[]): void {
  writeFileSync(path.join(folder, name), `#include <Python.h>\n${lines.join('\n')}\n`);
}

const run = (...args: readonly string[]) => realProgram(folder, args);

const checkConcise = (...args: readonly string[]) =>
  run('check', '--output-format', 'concise', ...args);

function bad(name: string, comment = ''): string {
  return `void ${name}(void) { char *${name}_p = PyMem_Malloc(8); free(${name}_p); } ${comment}`;
}

describe('comments', () => {
  test('suppress a finding, and are told of when they suppress none', async () => {
    write(
      'a.c',
      bad('f', '// pymem-lint: ignore[mismatched-free] a test'),
      'int x; // NOLINT(pymem-lint-double-free)',
    );
    const { status, output } = await checkConcise();
    expect(output).toBe(
      'a.c:3:8: warning: unused suppression of pymem-lint-double-free: nothing is reported on line 3 [unused-suppression]\n',
    );
    expect(status).toBe(1);
    expect((await checkConcise('--ignore', 'unused-suppression')).status).toBe(0);
    expect((await checkConcise('--ignore-suppressions')).output).toContain('mismatched-free');
  });

  test('may be for what lies in a file that was not named', async () => {
    write('a.c', 'int x; // NOLINT(pymem-lint-double-free)');
    expect(await checkConcise('a.c')).toMatchObject({ status: 0, output: '' });
  });

  test('suppress what is less certain than what is shown, and are used then', async () => {
    write('a.c', bad('f', '// NOLINT(mismatched-free)'));
    expect(await checkConcise('--min-confidence', 'definite')).toMatchObject({
      status: 0,
      output: '',
    });
  });
});

describe('the baseline', () => {
  const heed = ['--baseline', 'pymem-lint-baseline.json'];

  test('knows what is found, wherever its lines move, and nothing else', async () => {
    write('a.c', bad('f'), bad('f'), 'int x;');
    expect((await run('baseline')).output).toContain('2 known findings, 2 added, 0 removed');
    expect(await checkConcise(...heed)).toMatchObject({ status: 0, output: '' });
    write('a.c', 'int moved;', '', bad('f'), bad('f'), 'int x;', bad('g'));
    const { status, output } = await checkConcise(...heed);
    expect(status).toBe(1);
    expect(output.match(/mismatched-free/g)).toHaveLength(1);
    expect(output).toContain('a.c:7:');
  });

  test('a third equal finding is new', async () => {
    write('a.c', bad('f'), bad('f'));
    await run('baseline');
    write('a.c', bad('f'), bad('f'), bad('f'));
    expect((await checkConcise(...heed)).output.match(/mismatched-free/g)).toHaveLength(1);
  });

  test('a repaired finding is stale: told, an error when asked, pruned', async () => {
    write('a.c', bad('f'), bad('g'));
    await run('baseline');
    write('a.c', bad('f'));
    const told = await checkConcise(...heed);
    expect(told.status).toBe(0);
    expect(told.errors).toContain('1 entry of the baseline is stale');
    expect((await checkConcise(...heed, '--fail-on-stale')).status).toBe(1);
    write('b.c', bad('h'));
    expect((await run('baseline', '--prune')).output).toContain(
      '1 known finding, 0 added, 1 removed',
    );
    expect((await checkConcise(...heed, '--fail-on-stale', 'a.c')).status).toBe(0);
  });

  test('files that were not checked are not stale', async () => {
    write('a.c', bad('f'));
    write('b.c', bad('g'));
    await run('baseline');
    expect(await checkConcise(...heed, '--fail-on-stale', 'b.c')).toMatchObject({
      status: 0,
      errors: '',
    });
  });

  test('goes along when a file is renamed', async () => {
    write('a.c', bad('f'));
    await run('baseline');
    renameSync(path.join(folder, 'a.c'), path.join(folder, 'z.c'));
    expect(await checkConcise(...heed)).toMatchObject({ status: 0, output: '', errors: '' });
  });

  test('is heeded without asking when the configuration names it', async () => {
    write('a.c', bad('f'));
    writeFileSync(path.join(folder, 'pymem-lint.toml'), 'baseline = "known.json"\n');
    expect((await checkConcise()).status).toBe(1);
    await run('baseline');
    expect(existsSync(path.join(folder, 'known.json'))).toBe(true);
    expect((await checkConcise()).status).toBe(0);
    expect((await run('check')).output).toBe(
      'No findings in 1 file. Left out: 1 known to the baseline.\n',
    );
    expect((await checkConcise('--no-baseline')).status).toBe(1);
  });

  test('that is none is an error', async () => {
    write('a.c', bad('f'));
    await expect(checkConcise('--baseline', 'none.json')).rejects.toThrow(
      'Make it with: pymem-lint baseline',
    );
    writeFileSync(path.join(folder, 'x.json'), '{"findings": 3}');
    await expect(checkConcise('--baseline', 'x.json')).rejects.toThrow('is no baseline');
  });

  test('is the same text for the same findings', async () => {
    write('a.c', bad('f'), bad('g'));
    await run('baseline');
    const file = path.join(folder, 'pymem-lint-baseline.json');
    const first = readFileSync(file, 'utf8');
    await run('baseline');
    expect(readFileSync(file, 'utf8')).toBe(first);
  });
});

function git(...args: readonly string[]): void {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'ignore' });
}

describe('--diff-base', () => {
  test('reports what was added since a commit, and in files that git does not know', async () => {
    write('a.c', bad('f'), 'int x;');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    expect(await checkConcise('--diff-base', 'HEAD')).toMatchObject({ status: 0, output: '' });
    write('a.c', 'int y;', bad('f'), 'int x;', bad('g'));
    write('new.c', bad('h'));
    const { output } = await checkConcise('--diff-base', 'HEAD');
    expect(
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(':').slice(0, 2).join(':')),
    ).toEqual(['a.c:5', 'new.c:2']);
  });

  test('follows a file that is renamed, and a link to the folder', async () => {
    mkdirSync(path.join(folder, 'old'));
    write('old/a.c', bad('f'), 'int x;', 'int y;', 'int z;');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    git('mv', 'old', 'new');
    write('new/a.c', 'int w;', bad('f'), 'int x;', 'int y;', 'int z;', bad('g'));
    symlinkSync('new', path.join(folder, 'linked'));
    for (const where of ['new', 'linked/a.c']) {
      const { output } = await checkConcise('--diff-base', 'HEAD', where);
      expect(output.match(/a\.c:\d+/g)).toEqual(['a.c:7']);
    }
  });

  test('is not of what the path goes through outside of the repository', async () => {
    write('outside.h', 'static inline void drop(char *p) { free(p); }');
    const use = 'void f(void) { char *p = malloc(10); if (!p) return; drop(p); p[0] = 1; }';
    mkdirSync(path.join(folder, 'in'));
    write('in/a.c', '#include "../outside.h"', use);
    const inside = path.join(folder, 'in');
    execFileSync('git', ['init', '-q'], { cwd: inside });
    git('-C', 'in', 'add', '.');
    git('-C', 'in', 'commit', '-qm', 'one');
    const check = (...paths: readonly string[]) =>
      realProgram(inside, ['check', '--output-format', 'concise', '--diff-base', 'HEAD', ...paths]);
    expect((await realProgram(inside, ['check', '--output-format', 'concise'])).output).toContain(
      'use-after-free',
    );
    expect(await check('a.c')).toMatchObject({ status: 0, output: '' });
    write('beside.c', bad('g'));
    expect((await check('../beside.c')).output).toContain('mismatched-free');
  });

  test('counts what is left out only where it is new', async () => {
    write('a.c', bad('f', '// NOLINT(mismatched-free)'));
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    expect((await run('check', '--diff-base', 'HEAD')).output).not.toContain('Left out');
    write('b.c', bad('g', '// NOLINT(mismatched-free)'));
    expect((await run('check', '--diff-base', 'HEAD')).output).toContain('Left out: 1 suppressed');
  });

  test('is an error without git, and without the commit', async () => {
    write('a.c', bad('f'));
    await expect(checkConcise('--diff-base', 'HEAD')).rejects.toThrow('--diff-base needs git');
    git('init', '-q');
    await expect(checkConcise('--diff-base', '--output=x')).rejects.toThrow(
      "no commit '--output=x'",
    );
  });

  test('reads hunks', () => {
    const diff = [
      'diff --git a/x b/x\n--- a/x\n+++ b/x',
      '@@ -1,0 +2,3 @@ f\n+a\n+a\n+a\n@@ -9,2 +12,0 @@\n-b\n-b\n@@ -20 +22 @@\n-c\n+c',
      'diff --git "a/\\"y" "b/\\"y"\n--- "a/\\"y"\n+++ "b/\\"y"',
      // A line of C that looks like a heading.
      '@@ -0,0 +1 @@\n+++ b\n@@ -8 +9 @@\n-c\n+d\n',
    ].join('\n');
    expect([...changedLines(diff)]).toEqual([
      [
        'x',
        [
          { from: 2, to: 4 },
          { from: 12, to: 13 },
          { from: 22, to: 22 },
        ],
      ],
      [
        '"y',
        [
          { from: 1, to: 1 },
          { from: 9, to: 9 },
        ],
      ],
    ]);
  });
});

describe('exit codes', () => {
  test.each([
    [['--exit-zero'], 0],
    [['--fail-on', 'error'], 1],
    [['--fail-on', 'error', '--ignore', 'mismatched-free'], 0],
    [['--max-warnings', '0', '--ignore', 'mismatched-free'], 1],
    [['--max-warnings', '1', '--ignore', 'mismatched-free'], 0],
    [['--max-warnings', '9'], 1],
  ])('%j is %i', async (args, status) => {
    write('a.c', bad('f'), 'int x; // pymem-lint: ignore[double-free] nothing');
    expect((await checkConcise(...args)).status).toBe(status);
  });
});
