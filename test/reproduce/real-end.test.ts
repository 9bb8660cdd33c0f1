// Prove It for Real, without the editor: the program is written, built and run with the real Python, and what it
// did is held against what was simulated.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { comparison, realEnd } from '../../client/real-end.ts';
import { realPython, runReproduction, writeReproduction } from '../../client/real-run.ts';
import { reproduce, type Reproduction } from '../../simulator/reproduce.ts';
import { RELEASE } from '../../simulator/target.ts';
import { alloc, free, pathOf } from '../replay/path-builder.ts';
import { needsRealTarget, realTarget } from './real-run.ts';

const PYTHON = '/usr/bin/python3';
const MIXED = pathOf(
  alloc('p', { api: 'PyMem_Malloc', family: 'py-mem' }, 32),
  free('p', { api: 'free', family: 'libc' }),
);

function reproduction(): Reproduction {
  const written = reproduce(MIXED, { title: 'p is freed', target: RELEASE });
  if (written === null) throw new Error('it can be reproduced');
  return written;
}

needsRealTarget().test(
  'a crash is proved: real beside simulated, on both builds',
  async () => {
    const python = await realPython(PYTHON, tmpdir());
    expect(python).toMatchObject({
      isSimulated: true,
      target: { ...realTarget(), build: 'release' },
    });
    if (python === null) return;
    const written = reproduce(MIXED, { title: 'p is freed', target: python.target });
    const folder = await writeReproduction(written ?? reproduction());
    const printed: string[] = [];
    const rows: string[] = [];
    for (const way of ['plain', 'debug'] as const) {
      const options = {
        python,
        signal: new AbortController().signal,
        onOutput: (text: string) => printed.push(text),
      };
      const real = await runReproduction(folder, way, options);
      const build = way === 'plain' ? 'release' : 'debug';
      const judgment = written?.predictions.find(({ target }) => target.build === build);
      if (judgment !== undefined) rows.push(...comparison(judgment, real));
    }
    expect(printed.join('')).toContain('double free or corruption (out)');
    const shown = rows.filter((row) => !row.startsWith('    '));
    expect(shown).toEqual([
      'release build: as foretold',
      '  real:      it dies at the flagged step with SIGABRT: double free or corruption (out)',
      '  simulated: it dies at the flagged step with SIGABRT: double free or corruption (out)',
      'PYTHONMALLOC=debug: as foretold',
      expect.stringMatching(/^ {2}real: {6}it dies at the flagged step with SIG/),
      expect.stringMatching(/^ {2}simulated: it dies at the flagged step with SIG/),
    ]);
    expect(rows.join(' ')).toContain('depends on the bytes before the block');
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(96);
    rmSync(folder, { recursive: true });
  },
  60_000,
);

test('the files are what the simulator wrote, in a folder of their own', async () => {
  const folder = await writeReproduction(reproduction());
  expect(readFileSync(path.join(folder, 'repro.c'), 'utf8')).toBe(reproduction().source);
  expect(existsSync(path.join(folder, 'run.sh'))).toBe(true);
  rmSync(folder, { recursive: true });
});

test.each(['/nowhere/python3', '/bin/cat', '/bin/false'])('%s is no Python', async (command) => {
  expect(await realPython(command, tmpdir())).toBeNull();
});

test('what was not built is not called foretold, nor what ended otherwise', () => {
  const debug = reproduction().predictions.find(({ target }) => target.build === 'debug');
  if (debug === undefined) throw new Error('there is a prediction');
  const errors = 'repro.c:1:10: fatal error: Python.h: No such file or directory';
  expect(realEnd({ output: '', errors }, 'ended')).toBeNull();
  expect(comparison(debug, null)[0]).toBe('PYTHONMALLOC=debug: not run');
  const output = 'flagged\npassed\ndone\nPYTHONMALLOC=debug: exit code 0\n';
  const alive = realEnd({ output, errors: '' }, 'ended');
  expect(alive).toMatchObject({ kind: 'clean' });
  expect(comparison(debug, alive)[0]).toBe('PYTHONMALLOC=debug: NOT as foretold');
  const spins = realEnd({ output: 'flagged\n', errors: '' }, 'timed out');
  expect(comparison(debug, spins)[0]).toBe('PYTHONMALLOC=debug: NOT as foretold');
});
