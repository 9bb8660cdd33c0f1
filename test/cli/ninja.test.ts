// The build file of `pymem-lint ninja`, run by Ninja itself: the findings of one run, and after an edit no more than
// what it changed is checked again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { needs } from '../needs.ts';
import { ACROSS } from '../parts/across.ts';
import { buildCli, cli } from './built-cli.ts';

const hasNinja = spawnSync('ninja', ['--version']).status === 0;

let folder = '';
beforeAll(() => {
  buildCli();
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint ninja-'));
  for (const { file, text } of ACROSS) {
    const name = path.join(folder, file);
    mkdirSync(path.dirname(name), { recursive: true });
    writeFileSync(name, text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The steps that were run: `check across/init.c`. */
function ninja(): readonly string[] {
  const { status, stdout, stderr } = spawnSync('ninja', ['-f', 'pymem-lint.ninja'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Array.from(
    stdout.matchAll(/^\[\d+\/\d+\] (\w+)(?: (?:\.pymem-lint\/)?(\S+?)(?:\.plan)?)?$/gm),
    ([, step, file]) => (file === undefined ? step! : `${step} ${file}`),
  ).toSorted();
}

function edit(file: string, from: string, to: string): void {
  const name = path.join(folder, file);
  writeFileSync(name, readFileSync(name, 'utf8').replace(from, to));
}

/** The step, for every file. */
function each(step: string): string[] {
  return ACROSS.map(({ file }) => `${step} ${file}`);
}

/** Of one run, in JSON. */
function whole(): string {
  const { stdout } = cli(['check', 'across', '--no-cache', '--format', 'json'], { cwd: folder });
  return stdout;
}

function found(): string {
  return readFileSync(path.join(folder, 'findings.json'), 'utf8');
}

needs('ninja', hasNinja).test('Ninja runs the steps of a check', () => {
  const { status, stderr } = cli(['ninja', 'across', '--output', 'json=findings.json'], {
    cwd: folder,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(ninja()).toEqual([...each('check'), ...each('index'), 'link', 'merge'].toSorted());
  expect(found()).toBe(whole());
  expect(JSON.parse(found())).toMatchObject({ findings: { length: 4 } });
  expect(ninja()).toEqual([]);

  // Nobody calls what is in this file.
  edit('across/a-dealloc.c', 'free(p);', 'give(p);');
  const own = ['check across/a-dealloc.c', 'index across/a-dealloc.c', 'link', 'merge'];
  expect(ninja()).toEqual(own);
  expect(found()).toBe(whole());

  edit('across/z-take.c', 'PyMem_Malloc(n)', 'malloc(n)');
  expect(ninja()).toEqual([
    'check across/a-dealloc.c',
    'check across/init.c',
    'check across/z-take.c',
    'index across/z-take.c',
    'link',
    'merge',
  ]);
  expect(found()).toBe(whole());
});
