// Ten thousand random command lines, each in a folder with a random configuration: the exit code is 0, 1 or 2,
// and nobody is shown a stack trace.
import * as fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageParts } from '../../server/cli/page-bundles.ts';
import { FORMATS } from '../../server/cli/formats/index.ts';
import { runProgram } from '../../server/cli/run-program.ts';
import { captured } from './captured-terminal.ts';
import { fakeProduct } from './fake-product.ts';
import { FINDING } from './sample-report.ts';

const RUNS = 10_000;
const CONFIGS = 25;

let root = '';
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'pymem-lint-random-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const junk = fc.oneof(
  fc.constantFrom(
    '',
    '-',
    '--',
    '=',
    'a=b',
    '*',
    '[',
    '%00',
    '/dev/null',
    'x'.repeat(300),
    'a\nb',
    '\u0000',
  ),
  fc.string({ maxLength: 12 }),
  fc.integer().map(String),
);
const rule = fc.constantFrom(
  'mismatched-free',
  'double-free',
  'all',
  'default',
  'no-such-rule',
  '',
);
const file = fc.constantFrom(
  'src',
  'src/fill.c',
  'src/fill.c:11',
  'src/fill.c:0',
  'src/fill.c:x',
  '.',
  '-',
  'none.c',
  '*.c',
  'src/**',
  'out.txt',
  'pymem-lint.toml',
);
const diffBase = fc.tuple(fc.constant('--diff-base'), fc.oneof(fc.constant('HEAD'), junk));
const valued = fc.oneof(
  fc.tuple(
    fc.constantFrom('--output-format', '--format'),
    fc.oneof(fc.constantFrom(...Object.keys(FORMATS)), junk),
  ),
  fc.tuple(
    fc.constantFrom(
      '--output-file',
      '--baseline',
      '--config',
      '--html',
      '--svg',
      '--file',
      '--stdin-filename',
      '--why',
    ),
    fc.oneof(file, junk),
  ),
  fc.tuple(
    fc.constant('--output'),
    fc.oneof(fc.constantFrom('json=o.json', 'sarif=none/o', 'x=y', 'json='), junk),
  ),
  fc.tuple(fc.constantFrom('--select', '--ignore', '--exclude'), fc.oneof(rule, junk)),
  fc.tuple(
    fc.constantFrom('--min-confidence', '--fail-on', '--parser', '--target', '--python', '--libc'),
    fc.oneof(fc.constantFrom('likely', 'error', 'wasm', 'debug', '3.9', 'glibc-2.31'), junk),
  ),
  fc.tuple(fc.constantFrom('--max-warnings', '--step'), junk),
);
const flag = fc
  .constantFrom(
    '--isolated',
    '--force-exclude',
    '--no-generated',
    '--show-settings',
    '--show-files',
    '--stats',
    '-q',
    '--fix',
    '--unsafe-fixes',
    '--diff',
    '--exit-zero',
    '--fail-on-stale',
    '--no-baseline',
    '--ignore-suppressions',
    '--verdict',
    '--prune',
    '--schema',
    '--all',
    '--help',
    '-V',
    '--no-such-option',
  )
  .map((name) => [name]);
const word = fc.oneof(
  { weight: 80, arbitrary: flag },
  { weight: 80, arbitrary: valued.map((pair) => [...pair]) },
  { weight: 60, arbitrary: file.map((name) => [name]) },
  { weight: 20, arbitrary: junk.map((name) => [name]) },
  // Starts git, which takes its time.
  { weight: 1, arbitrary: diffBase.map((pair) => [...pair]) },
);
const command = fc.oneof(
  { weight: 8, arbitrary: fc.constant('check') },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'baseline',
      'replay',
      'rule',
      'config',
      'version',
      'completion',
      'reproduce',
      'decode',
      'help',
      'chekc',
    ),
  },
);
const commandLine = fc
  .tuple(command, fc.array(word, { maxLength: 5 }))
  .map(([name, words]) => [name, ...words.flat()]);

const tomlValue = fc.oneof(
  fc.constantFrom(
    'true',
    '3',
    '"x"',
    '[]',
    '{}',
    '["all"]',
    '["mismatched-free"]',
    '"likely"',
    '{ "*" = ["double-free"] }',
    '[',
    '1979-05-27',
    'inf',
  ),
  fc.string({ maxLength: 8 }),
);
const tomlLine = fc
  .tuple(
    fc.constantFrom(
      'select',
      'ignore',
      'severity',
      'min-confidence',
      'generated',
      'exclude',
      'per-file-ignores',
      'overrides',
      'functions',
      'families',
      'target-versions',
      'nolint',
      'require-reason',
      'baseline',
      'selct',
      '[x]',
      '[[functions]]\nname',
    ),
    tomlValue,
  )
  .map(([key, value]) => `${key} = ${value}`);
const config = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 4, arbitrary: tomlLine },
  { weight: 2, arbitrary: fc.array(tomlLine, { maxLength: 3 }).map((lines) => lines.join('\n')) },
);

/** A project of its own, for what the commands write. */
function folderWith(text: string, number: number): string {
  const folder = path.join(root, String(number));
  mkdirSync(path.join(folder, 'src'), { recursive: true });
  writeFileSync(
    path.join(folder, 'src/fill.c'),
    '#include <Python.h>\nint x; // NOLINT(double-free)\n',
  );
  writeFileSync(
    path.join(folder, number % 2 === 0 ? 'pymem-lint.toml' : 'pyproject.toml'),
    number % 2 === 0 ? text : `[tool.pymem-lint]\n${text}`,
  );
  return folder;
}

test(`${RUNS} command lines`, async () => {
  const codes = new Set<number>();
  const wrong: {
    readonly args: readonly string[];
    readonly text: string;
    readonly code: number;
    readonly errors: string;
  }[] = [];
  const configs = fc.sample(config, { numRuns: RUNS / CONFIGS, seed: 20 });
  const lines = fc.sample(commandLine, { numRuns: RUNS, seed: 6 });
  for (const [index, args] of lines.entries()) {
    const number = Math.floor(index / CONFIGS);
    const text = configs[number] ?? '';
    const folder =
      index % CONFIGS === 0 ? folderWith(text, number) : path.join(root, String(number));
    const terminal = captured(folder, 'int y;\n');
    const product = {
      ...fakeProduct(...(index % 3 === 0 ? [] : [FINDING])),
      page: () => ({ panel: pageParts('', ''), list: pageParts('', '') }),
    };
    const parts = { product, terminal, dist: '/nowhere', runServer: () => undefined };
    // oxlint-disable-next-line no-await-in-loop -- a process runs one command line
    const code = await runProgram(parts, args);
    codes.add(code);
    const isTrace = /internal error:|^\s+at .*:\d+:\d+/m.test(terminal.errors());
    if (![0, 1, 2].includes(code) || isTrace)
      wrong.push({ args, text, code, errors: terminal.errors() });
  }
  expect([...new Set(wrong.map(({ errors }) => errors.slice(0, 400)))]).toEqual([]);
  expect(codes).toEqual(new Set([0, 1, 2]));
});
