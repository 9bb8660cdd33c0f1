// What `check` asks the analyzer for, where it writes, and the exit codes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCommand, type CheckOptions } from '../../server/cli/check-command.ts';
import { NO_PROJECT_OPTIONS } from '../../server/cli/load-project.ts';
import type { Finding } from '../../server/finding.ts';
import { captured } from './captured-terminal.ts';
import { fakeProduct } from './fake-product.ts';
import { FINDING } from './sample-report.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-check-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(path.join(folder, 'src/fill.c'), 'int x;\n');
  writeFileSync(path.join(folder, 'src/binary.c'), Buffer.alloc(600, 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEFAULTS: CheckOptions = {
  ...NO_PROJECT_OPTIONS,
  forceExclude: false,
  paths: ['src'],
  stdinFilename: 'stdin.c',
  outputs: [{ format: 'concise', file: null }],
  ignoreSuppressions: false,
  baseline: null,
  diffBase: null,
  concurrency: null,
  cacheDir: null,
  exitZero: false,
  failOn: 'info',
  maxWarnings: null,
  failOnStale: false,
  fix: 'no',
  unsafe: false,
  parser: 'auto',
  isQuiet: false,
  withVerdict: false,
  withStats: false,
};

async function run(options: Partial<CheckOptions>, findings: readonly Finding[] = [FINDING]) {
  const terminal = captured(folder);
  const product = fakeProduct(...findings);
  const status = await checkCommand({ ...DEFAULTS, ...options }, product, terminal);
  return { status, output: terminal.output(), errors: terminal.errors(), asked: product.asked };
}

/** What the analyzer is told to report, and to leave out. */
async function chosen(options: Partial<CheckOptions>) {
  const settings = (await run(options)).asked[0]?.settings;
  return { select: settings?.select, ignore: settings?.ignore };
}

test('a parser that does not load is named with its file', async () => {
  const product = fakeProduct();
  const loadParser = (): Promise<never> =>
    readFile(path.join(folder, 'tree-sitter-c.wasm')).then(() => expect.unreachable());
  const failing = { ...product, engine: { ...product.engine, loadParser } };
  await expect(checkCommand(DEFAULTS, failing, captured(folder))).rejects.toThrow(
    'tree-sitter-c.wasm',
  );
});

describe('exit code', () => {
  test('1 with findings, 0 without', async () => {
    expect((await run({})).status).toBe(1);
    expect((await run({}, [])).status).toBe(0);
  });
});

describe('notes', () => {
  test('name what was left out, unless quiet', async () => {
    const note = 'pymem-lint: note: src/binary.c: skipped, not text.\n';
    expect((await run({})).errors).toBe(note);
    expect((await run({ isQuiet: true })).errors).toBe('');
  });

  test('are part of the JSON', async () => {
    const { findings, stats } = JSON.parse(
      (await run({ outputs: [{ format: 'json', file: null }] })).output,
    );
    expect(findings).toHaveLength(1);
    expect(findings[0].fixes[0].edits[0]).toEqual({
      file: 'src/fill.c',
      line: 11,
      column: 2,
      endLine: 11,
      endColumn: 6,
      newText: 'PyMem_Free',
    });
    expect(Object.keys(findings[0])).toEqual([
      'rule',
      'severity',
      'confidence',
      'file',
      'line',
      'column',
      'endLine',
      'endColumn',
      'message',
      'path',
      'flaggedPath',
      'fixes',
    ]);
    expect(stats.skipped).toEqual([{ file: 'src/binary.c', function: null, reason: 'not text' }]);
  });
});

describe('rules', () => {
  test('select leaves out the others, ignore the named', async () => {
    expect(await chosen({})).toEqual({ select: ['default'], ignore: [] });
    expect(await chosen({ select: ['default', 'double-free'] })).toEqual({
      select: ['default', 'double-free'],
      ignore: [],
    });
    expect(await chosen({ ignore: ['double-free'] })).toEqual({
      select: ['default'],
      ignore: ['double-free'],
    });
  });

  test('a wrong name is an error before anything is checked', async () => {
    await expect(run({ select: ['doubel-free'] })).rejects.toThrow("Did you mean 'double-free'?");
    await expect(run({ ignore: ['nothing-like-it'] })).rejects.toThrow('there is no rule');
  });
});

describe('output', () => {
  test('goes to a file instead of standard output', async () => {
    const { output, status } = await run({ outputs: [{ format: 'concise', file: 'out.txt' }] });
    expect({ output, status }).toEqual({ output: '', status: 1 });
    expect(readFileSync(path.join(folder, 'out.txt'), 'utf8')).toContain('src/fill.c:11:2: error');
  });

  test('that cannot be written is an error', async () => {
    await expect(run({ outputs: [{ format: 'concise', file: 'none/out.txt' }] })).rejects.toThrow(
      "cannot write 'none/out.txt'",
    );
  });

  test('has counts, time and memory on standard error when asked', async () => {
    const { errors } = await run({ withStats: true, isQuiet: true });
    expect(errors).toMatch(/^1 file, 15 lines, 2 functions, 20 steps; \d+\.\d\d s, .* \d+ MB$/m);
  });
});

test('nothing to check needs no parser', async () => {
  mkdirSync(path.join(folder, 'empty'));
  const { status, asked, errors } = await run({
    paths: ['empty'],
    outputs: [{ format: 'full', file: null }],
  });
  expect({ status, asked }).toEqual({ status: 0, asked: [] });
  expect(errors).toContain('empty: no C or C++ files');
});

describe('the hint to replay', () => {
  const hint = 'To see one on the simulated heap: pymem-lint replay src/fill.c:11';
  const own: Finding = {
    ...FINDING,
    path: FINDING.path.filter(({ at }) => at.file === FINDING.at.file),
  };
  const elsewhere: Finding = {
    ...FINDING,
    path: FINDING.path.map((step) => ({ ...step, at: { ...step.at, file: 'other/x.c' } })),
  };

  test('names a finding that replay finds again', async () => {
    expect(
      (await run({ outputs: [{ format: 'full', file: null }] }, [elsewhere, own])).output,
    ).toContain(hint);
  });

  test('is not given for standard input, for a path from other folders, for another configuration, without a path', async () => {
    const remark = { ...own, path: [], flaggedPath: { ...own.flaggedPath, steps: [] } };
    expect(
      (await run({ outputs: [{ format: 'full', file: null }] }, [remark])).output,
    ).not.toContain('replay');
    expect(
      (await run({ outputs: [{ format: 'full', file: null }] }, [elsewhere])).output,
    ).not.toContain('replay');
    expect(
      (await run({ outputs: [{ format: 'full', file: null }], isolated: true }, [own])).output,
    ).not.toContain('replay');
    const input = {
      outputs: [{ format: 'full', file: null }],
      paths: ['-'],
      stdinFilename: 'src/fill.c',
    } as const;
    expect((await run(input, [own])).output).not.toContain('replay');
  });
});
