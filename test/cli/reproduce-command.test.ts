// The reproduction of a finding: printed, or written with the script that builds and runs it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reproduceCommand, type ReproduceOptions } from '../../server/cli/reproduce-command.ts';
import { captured } from './captured-terminal.ts';
import { fakeProduct } from './fake-product.ts';
import { FINDING } from './sample-report.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-reproduce-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(path.join(folder, 'src/fill.c'), 'int x;\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(options: Partial<ReproduceOptions>, findings = [FINDING]) {
  const terminal = captured(folder);
  const defaults: ReproduceOptions = {
    place: 'src/fill.c:11',
    rule: null,
    outputDir: null,
    python: '3.11',
    libc: 'glibc-2.36',
    parser: 'auto',
    config: null,
    isolated: true,
    minConfidence: null,
    select: [],
    ignore: [],
    exclude: [],
    generated: null,
  };
  const status = await reproduceCommand(
    { ...defaults, ...options },
    fakeProduct(...findings),
    terminal,
  );
  return { status, output: terminal.output() };
}

test('the program goes to standard output, with what is predicted', async () => {
  const { status, output } = await run({});
  expect(status).toBe(0);
  expect(output).toMatch(/^\/\*\n \* mismatched-free \(src\/fill\.c:11\): 'buf' from PyMem_Malloc/);
  expect(output).toContain('release build: it dies at the flagged step with SIGABRT: double free');
  expect(output).toContain('PyMODINIT_FUNC PyInit_repro(void)');
});

test('a folder gets the program and a script that can be run', async () => {
  const { output } = await run({ outputDir: 'crash' });
  expect(output).toContain('Wrote crash/repro.c and crash/run.sh. Run: sh crash/run.sh\n');
  expect(output).toContain('  simulated, PYTHONMALLOC=debug: dies at the flagged step');
  expect(readFileSync(path.join(folder, 'crash/repro.c'), 'utf8')).toContain('#include <Python.h>');
  expect(statSync(path.join(folder, 'crash/run.sh')).mode & 0o111).not.toBe(0);
});

test('a rule shows its own example', async () => {
  const example = { ...FINDING, at: { ...FINDING.at, file: 'example.c' } };
  const { output } = await run({ place: null, rule: 'mismatched-free' }, [example]);
  expect(output).toContain(' * mismatched-free (');
  await expect(run({ place: null, rule: 'mismatched-fre' })).rejects.toThrow(
    "there is no rule 'mismatched-fre'. Did you mean",
  );
});

test('what is asked for must be one thing, and something that can be written', async () => {
  await expect(run({ place: null })).rejects.toThrow('name either a finding');
  await expect(run({ rule: 'mismatched-free' })).rejects.toThrow('name either a finding');
  await expect(run({ outputDir: 'src/fill.c' })).rejects.toThrow("cannot write to 'src/fill.c'");
});
