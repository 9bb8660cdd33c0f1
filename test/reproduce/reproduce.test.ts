// What the simulator foretells is what a real Python does: every bad example whose defect is one of the heap,
// and every flagged path of examples/, as a C program that compiles without a warning, on each build.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RULES } from '../../server/rules/index.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import { type End, type Judgment, keyOf } from '../../simulator/judgment.ts';
import { isReproducible, predictionsOf, reproduce } from '../../simulator/reproduce.ts';
import { BUILDS } from '../../simulator/target.ts';
import { checkText } from '../check/fixture.ts';
import { alloc, free, pathOf } from '../replay/path-builder.ts';
import {
  compile,
  compileAll,
  needsRealTarget,
  type RealEnd,
  realTarget,
  runReal,
} from './real-run.ts';

interface Subject {
  readonly name: string;
  readonly path: FlaggedPath;
}

const WORDBAG = new URL('../../examples/wordbag/defective/wordbag.c', import.meta.url);
const found = realTarget();

needsRealTarget().describe('reproductions on the real python3', () => {
  const target = { ...found, build: 'release', bits: 64 } as const;
  let subjects: readonly Subject[] = [];
  let folder = '';

  beforeAll(async () => {
    const parser = await loadParser({ backend: 'native' });
    const findings = (text: string) => checkText(text, parser).findings;
    const examples = RULES.filter(({ observed }) => observed !== 'nothing').flatMap((rule) =>
      rule.bad.flatMap((text, index) =>
        findings(text).map(({ flaggedPath: path }) => ({ name: `${rule.id} ${index + 1}`, path })),
      ),
    );
    const planted = findings(readFileSync(WORDBAG, 'utf8')).map(({ at, flaggedPath: path }) => ({
      name: `wordbag.c:${at.line}`,
      path,
    }));
    subjects = [...examples, ...planted];
    folder = compileAll(subjects.map(({ path }) => path));
  });

  afterAll(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  test('every path of a defect of the heap can be reproduced', () => {
    expect(subjects.length).toBeGreaterThan(30);
    expect(subjects.filter(({ path }) => !isReproducible(path)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test('each ends as foretold, on every build', () => {
    if (found === null) return;
    const wrong: string[] = [];
    let certain = 0;
    for (const [index, { name, path }] of subjects.entries())
      for (const judgment of predictionsOf(path, { ...found, build: 'release' })) {
        const { build } = judgment.target;
        const real = runReal(folder, index, build);
        if (judgment.dependsOn.length === 0) certain++;
        if (!isForetold(judgment, real))
          wrong.push(`${name}, ${build}: ${JSON.stringify(judgment)}, but ${JSON.stringify(real)}`);
      }
    const runs = subjects.length * BUILDS.length;
    process.stdout.write(
      `reproduced ${runs - wrong.length} of ${runs} (${subjects.length} paths, ${BUILDS.length} builds; ${certain} foretold as certain)\n`,
    );
    expect(wrong).toEqual([]);
  });

  test('the program that a user gets builds by its script and dies as its comment says', () => {
    if (found === null) return;
    const path = pathOf(
      alloc('p', { api: 'PyMem_Malloc', family: 'py-mem' }, 32),
      free('p', { api: 'free', family: 'libc' }),
    );
    const written = reproduce(path, {
      title: 'p */ is freed',
      target: { ...found, build: 'release' },
    });
    if (written === null) throw new Error('it can be reproduced');
    const home = compile(written.source);
    writeFileSync(join(home, 'run.sh'), written.script);
    const env = { ...process.env, PYTHON: '/usr/bin/python3' };
    const { stdout, stderr } = spawnSync('sh', [join(home, 'run.sh'), 'plain'], {
      encoding: 'utf8',
      env,
    });
    rmSync(home, { recursive: true });
    expect(stderr).toContain('double free or corruption (out)');
    expect(stdout).toBe('flagged\nplain: died of signal 6 (6 is SIGABRT, 11 is SIGSEGV)\n');
    expect(written.source).toContain('release build: it dies at the flagged step with SIGABRT');
    expect(target.python).toBe(found.python);
  });
});

/** What goes on after the path meets another heap in each process: there the words of a death may differ. */
function isForetold({ end, others }: Judgment, real: RealEnd): boolean {
  return [end, ...others].some((each) => fits(each, real));
}

function fits(end: End, real: RealEnd): boolean {
  if (end.kind === 'dies later') return real.kind === 'dies later';
  if (end.signal === null)
    return real.kind === 'clean' && (end.kind === 'overlap') === real.isShared;
  return keyOf({ ...end, who: null }) === keyOf({ ...real, who: null, after: 0 });
}

test('a path over memory that no heap serves has no reproduction', () => {
  const view = alloc('v', { api: 'PyObject_GetBuffer', family: 'py-buffer' }, 80);
  const options = {
    title: '',
    target: { python: '3.11', build: 'release', libc: 'glibc-2.36', bits: 64 },
  } as const;
  expect(reproduce(pathOf(view), options)).toBeNull();
});

test('no text of a path ends its comment', () => {
  const step = alloc('p', { api: 'malloc', family: 'libc' }, 8);
  const hostile = { ...step, pointer: 'p */ int main(void) { /* \n #include "x"' };
  const written = reproduce(pathOf(hostile, free('p', { api: 'PyMem_Free', family: 'py-mem' })), {
    title: '*/ x',
    target: { python: '3.11', build: 'release', libc: 'glibc-2.36', bits: 64 },
  });
  expect(written?.source).not.toMatch(/\*\/ (?:int|x)|^ ?#include "x"/m);
});
