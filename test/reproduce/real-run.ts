// Reproductions on the system's Python: many paths in one module, one process for each path and build, and
// how each of them ended in the words of a verdict.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPythonHeaders, pythonConfig } from '../check/compiler.ts';
import { needs } from '../needs.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';
import type { End } from '../../simulator/judgment.ts';
import { lastWords } from '../../simulator/outcome.ts';
import { moduleText, reproductionBody } from '../../simulator/reproduce.ts';
import { PRELUDE } from '../../simulator/reproduce-prelude.ts';
import { LIBCS, PYTHONS, type Target } from '../../simulator/target.ts';

const PYTHON = '/usr/bin/python3';
const WARNINGS = ['-Wall', '-Wextra', '-Werror'] as const;

/** The Python and the C library of this machine; null where one of them is not simulated, or cannot be used. */
export function realTarget(): Omit<Target, 'build'> | null {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !hasPythonHeaders()) return null;
  const version = execFileSync(PYTHON, ['--version'], { encoding: 'utf8' });
  const python = PYTHONS.find((each) => version.startsWith(`Python ${each}.`));
  const said = execFileSync('ldd', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  const libc = LIBCS.find((each) => said.endsWith(` ${each.replace('glibc-', '')}`));
  return python === undefined || libc === undefined ? null : { python, libc, bits: 64 };
}

export function needsRealTarget(): ReturnType<typeof needs> {
  const what = 'Linux on x86-64, gcc, the headers of Python, and a simulated Python and glibc';
  return needs(what, realTarget() !== null);
}

/** The folder that it is in afterwards; the caller removes it. */
export function compile(source: string, folder = mkdtempSync(join(tmpdir(), 'repro-'))): string {
  const file = join(folder, 'repro.c');
  writeFileSync(file, source);
  const flags = ['-O0', ...WARNINGS, '-fPIC', '-shared', ...pythonConfig('--includes')];
  execFileSync('gcc', [...flags, file, '-o', join(folder, 'repro.so')], { stdio: 'pipe' });
  return folder;
}

/** One module for all of them, as compile() does it. */
export function compileAll(paths: readonly FlaggedPath[]): string {
  const names = paths.map((_, index) => `path_${index}`);
  const bodies = paths.map((path, index) => reproductionBody(names[index] ?? '', path));
  return compile([PRELUDE, ...bodies, moduleText(names)].join('\n'));
}

export interface RealEnd extends Pick<End, 'kind' | 'signal' | 'lastWords'> {
  /** Two live blocks shared bytes at some time. */
  readonly isShared: boolean;
}

export function runReal(folder: string, index: number, build: Target['build']): RealEnd {
  const { PYTHONMALLOC: _, PYTHONDEVMODE: __, ...env } = process.env;
  const mode = build === 'release' ? {} : { PYTHONMALLOC: build };
  const { stdout, stderr, signal, status } = spawnSync(
    PYTHON,
    ['-c', 'import gc; gc.disable(); import repro'],
    { cwd: folder, env: { ...env, ...mode, REPRO_PATH: String(index) }, encoding: 'latin1' },
  );
  const isShared = stdout.includes('overlap:');
  if (stdout.includes('setup:')) throw new Error(`${folder} path ${index}: ${stdout}`);
  if (signal === null) {
    if (status !== 0 || !stdout.endsWith('done\n'))
      throw new Error(`${folder} path ${index}, ${build}: exit ${status}: ${stdout}${stderr}`);
    return { kind: 'clean', signal: null, lastWords: '', isShared };
  }
  if (signal !== 'SIGABRT' && signal !== 'SIGSEGV') throw new Error(`died of ${signal}`);
  const words = lastWords({ signal, text: stderr, reason: '', evidence: null });
  return {
    kind: stdout.includes('passed')
      ? 'dies later'
      : stdout.includes('flagged')
        ? 'dies here'
        : 'dies earlier',
    signal,
    lastWords: words.startsWith(': ') ? words.slice(2).replaceAll(/0x[0-9a-f]{6,}/g, '0x...') : '',
    isShared,
  };
}
