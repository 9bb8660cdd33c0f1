// examples/wordbag on a real interpreter: the repaired module survives everything, each defect that is
// planted in the other one does what examples/README.md says.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needsPythonHeaders, pythonConfig } from '../check/compiler.ts';
import { realProgram } from '../cli/real-program.ts';
import { DEFECTS, type Outcome, SOUND_CALLS, readmeRow } from './outcomes.ts';

const python = '/usr/bin/python3';
const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const source = (version: Example): string => join(examples, 'wordbag', version, 'wordbag.c');

type Example = 'defective' | 'repaired';
/** fixed: what the fixes of the command line make of the defective one. */
type Version = Example | 'fixed';
type Build = 'release' | 'debug' | 'malloc';

const lines = (version: Example): readonly string[] =>
  readFileSync(source(version), 'utf8').split('\n');

/** Uses the heap after the call, so that what the call broke has a chance to show. */
const STIR = `
for _ in range(20):
    blocks = [bytes(size) for size in range(0, 3000, 7)]
    words = [str(i) * 5 for i in range(2000)]
`;

const CHECK = ['check', '--isolated', '--no-cache', '--output-format', 'concise'];
const FIX = [...CHECK, '--fix', '--unsafe-fixes'];

/** A value without addresses. */
const RESULT = `
def told(value):
    plain = isinstance(value, (str, int, list, tuple, dict, type(None)))
    print(repr(value) if plain else type(value).__name__)`;
const isExpression = (call: string): boolean => !call.includes('\n');
const printed = (call: string): string => `told(${call})`;

describe('the sources', () => {
  test('differ in the marked lines only', () => {
    const repaired = lines('repaired');
    const defective = lines('defective');
    expect(defective).toHaveLength(repaired.length);
    const firstCode = repaired.findIndex((line) => line.startsWith('#'));
    for (let i = firstCode; i < repaired.length; i++)
      expect(defective[i]?.includes('/* DEFECT'), `line ${i + 1}`).toBe(
        defective[i] !== repaired[i],
      );
  });

  test('every mark is a defect of the table', () => {
    const marked = lines('defective').filter((line) => line.includes('/* DEFECT'));
    const marks = DEFECTS.flatMap((defect) => defect.marks);
    expect(marked).toHaveLength(marks.length);
    for (const mark of marks)
      expect(
        marked.filter((line) => line.includes(mark)),
        mark,
      ).toHaveLength(1);
  });

  test('the guide shows the measured outcomes', () => {
    const readme = readFileSync(join(examples, 'README.md'), 'utf8');
    for (const defect of DEFECTS) expect(readme).toContain(readmeRow(defect));
  });
});

needsPythonHeaders().describe('on a real interpreter', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wordbag-'));
  let minor = 0;

  beforeAll(async () => {
    for (const version of ['defective', 'repaired', 'fixed'] as const) {
      const folder = join(directory, version);
      mkdirSync(folder);
      cpSync(source(version === 'fixed' ? 'defective' : version), join(folder, 'wordbag.c'));
    }
    await realProgram(join(directory, 'fixed'), [...FIX, 'wordbag.c']);
    for (const version of ['defective', 'repaired', 'fixed'] as const) {
      const file = join(directory, version, 'wordbag');
      const warnings = ['-Wall', '-Wextra', '-Werror'];
      const options = [
        '-shared',
        '-fPIC',
        '-O2',
        ...warnings,
        ...pythonConfig('--includes'),
        `${file}.c`,
      ];
      execFileSync('cc', [...options, '-o', `${file}.so`]);
    }
    const script = 'import sys; print(sys.version_info.minor)';
    minor = Number(execFileSync(python, ['-c', script], { encoding: 'utf8' }));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  function run(version: Version, build: Build, call: string): Outcome {
    const script = [
      'import os, wordbag',
      'exit_now = False',
      call,
      STIR,
      'print("alive", flush=True)',
      'if exit_now: os._exit(0)',
    ].join('\n');
    const child = started(version, build, script);
    if (child.status === 0 && child.stdout.includes('alive')) return 'survives';
    // A Python exception is neither: the script itself is wrong.
    if (child.signal === 'SIGABRT' || child.signal === 'SIGSEGV') return 'dies';
    throw new Error(`status ${child.status}, signal ${child.signal}: ${child.stderr}`);
  }

  function started(version: Version, build: Build, script: string) {
    const { PYTHONMALLOC: _, ...inherited } = process.env;
    return spawnSync(python, ['-X', 'faulthandler=0', '-c', script], {
      encoding: 'utf8',
      cwd: directory,
      env: {
        ...inherited,
        PYTHONPATH: join(directory, version),
        PYTHONHASHSEED: '0',
        ...(build === 'release' ? {} : { PYTHONMALLOC: build }),
      },
    });
  }

  const calls = [
    ...DEFECTS.flatMap(({ call, largeCall }) => (largeCall === null ? [call] : [call, largeCall])),
    ...SOUND_CALLS,
  ];

  test.each(['release', 'debug'] as const)('the repaired module survives, %s', (build) => {
    for (const call of calls) expect(run('repaired', build, call), call).toBe('survives');
  });

  describe('once its fixes are made', () => {
    test('nothing is left to find', async () => {
      const { status, output } = await realProgram(join(directory, 'fixed'), [
        ...CHECK,
        'wordbag.c',
      ]);
      expect({ status, output }).toEqual({ status: 0, output: '' });
    });

    test.each(['release', 'debug'] as const)('the module survives, %s', (build) => {
      for (const call of calls) expect(run('fixed', build, call), call).toBe('survives');
    });

    test.each(['release', 'debug'] as const)('each call gives what it should, %s', (build) => {
      const script = ['import wordbag', RESULT, ...calls.filter(isExpression).map(printed)];
      const results = (version: Version): string => {
        const { status, stdout, stderr } = started(version, build, script.join('\n'));
        expect(stderr).toBe('');
        expect(status).toBe(0);
        return stdout;
      };
      expect(results('fixed')).toBe(results('repaired'));
      expect(results('fixed')).toContain('some words');
    });
  });

  test.each(['release', 'debug'] as const)('the sound functions survive, %s', (build) => {
    for (const call of SOUND_CALLS) expect(run('defective', build, call), call).toBe('survives');
  });

  describe.each(DEFECTS)('$where: $mix', (defect) => {
    const since = defect.diesSince?.split('.')[1];
    const dies = (): boolean => since !== undefined && minor >= Number(since);

    test('debug', () => {
      expect(run('defective', 'debug', defect.call)).toBe(defect.debug);
      if (defect.largeCall !== null)
        expect(run('defective', 'debug', defect.largeCall)).toBe(defect.debug);
    });

    test('release', () => {
      expect(run('defective', 'release', defect.call)).toBe(dies() ? 'dies' : defect.release);
      if (defect.largeCall !== null)
        expect(run('defective', 'release', defect.largeCall)).toBe(
          dies() ? 'dies' : defect.releaseLarge,
        );
    });

    test('hidden by PYTHONMALLOC=malloc', () => {
      expect(run('defective', 'malloc', defect.call)).toBe(dies() ? 'dies' : 'survives');
    });
  });
});
