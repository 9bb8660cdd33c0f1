// A reproduction built and run with a real Python, in a folder of its own: which Python that is, the files, the
// processes. Knows no editor.
import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Reproduction } from '../simulator/reproduce.ts';
import { LIBCS, PYTHONS, RELEASE, type Target } from '../simulator/target.ts';
import { type Printed, type RealEnd, realEnd } from './real-end.ts';

export interface RealPython {
  /** As it is called. */
  readonly command: string;
  /** `CPython 3.11, glibc 2.36`. */
  readonly name: string;
  readonly target: Target;
  /** False: what is simulated is the nearest to it, not the same. */
  readonly isSimulated: boolean;
}

const PROBE =
  'import platform, sys; print("%s %d.%d" % ((platform.python_implementation(),) + sys.version_info[:2]), *platform.libc_ver(), sep="|")';

/** Seconds; building takes most of it. */
const PATIENCE = 60;
const PROBE_PATIENCE = 10;

/** null: it does not run. */
export async function realPython(command: string, cwd: string): Promise<RealPython | null> {
  const { output, how } = await run(command, ['-c', PROBE], { cwd, seconds: PROBE_PATIENCE });
  const found = /^(\w+) (\d+\.\d+)\|(\w*)\|([\d.]*)$/m.exec(output);
  if (how === 'timed out' || found === null) return null;
  const [, implementation = '', version = '', libcName = '', libcVersion = ''] = found;
  const python = PYTHONS.find((each) => each === version);
  const libc = LIBCS.find((each) => each === `${libcName}-${libcVersion}`);
  return {
    command,
    name: `${implementation} ${version}, ${`${libcName} ${libcVersion}`.trim() || 'another C library'}`,
    target: { ...RELEASE, python: python ?? nearest(version), libc: libc ?? RELEASE.libc },
    isSimulated: implementation === 'CPython' && python !== undefined && libc !== undefined,
  };
}

/** The folder that the files are in. */
export async function writeReproduction({ source, script }: Reproduction): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pymem-lint-'));
  await writeFile(path.join(folder, 'repro.c'), source);
  await writeFile(path.join(folder, 'run.sh'), script, { mode: 0o755 });
  return folder;
}

/** Builds and runs it in one of the script's ways. null: it was not built, or it was stopped. */
export async function runReproduction(
  folder: string,
  way: 'plain' | 'debug',
  options: {
    readonly python: RealPython;
    readonly signal: AbortSignal;
    readonly onOutput: (text: string) => void;
  },
): Promise<RealEnd | null> {
  const { python, signal, onOutput } = options;
  const env = { ...process.env, PYTHON: python.command };
  const wanted = { cwd: folder, seconds: PATIENCE, env, signal, onOutput };
  const { how, ...printed } = await run('sh', ['run.sh', way], wanted);
  return signal.aborted ? null : realEnd(printed, how);
}

interface RunOptions {
  readonly cwd: string;
  readonly seconds: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** Never rejects. `onOutput` gets both streams. The process ends with all its children. */
function run(
  command: string,
  args: readonly string[],
  { cwd, seconds, env = process.env, signal, onOutput }: RunOptions,
): Promise<Printed & { readonly how: 'ended' | 'timed out' }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { output: '', errors: '' };
    let how: 'ended' | 'timed out' = 'ended';
    const take = (stream: keyof Printed, text: string): void => {
      printed[stream] += text;
      onOutput?.(text);
    };
    const stop = (): void => {
      // The group: sh, the interpreter, the compiler.
      if (child.pid !== undefined)
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
    };
    const timer = setTimeout(() => {
      how = 'timed out';
      stop();
    }, seconds * 1000);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve({ ...printed, how });
    };
    signal?.addEventListener('abort', stop);
    child.stdout.setEncoding('utf8').on('data', (text: string) => take('output', text));
    child.stderr.setEncoding('latin1').on('data', (text: string) => take('errors', text));
    child.on('error', (error) => {
      take('errors', `${error.message}\n`);
      finish();
    });
    child.on('close', finish);
  });
}

function nearest(version: string): Target['python'] {
  const distance = (python: string): number => Math.abs(minor(python) - minor(version));
  const [first] = PYTHONS.toSorted((left, right) => distance(left) - distance(right));
  return first ?? RELEASE.python;
}

function minor(version: string): number {
  return Number(version.split('.')[1]);
}
