// A real process as a HeapDriver: a libpython and glibc 2.36, built from driver/ and kept in out/. Each script
// runs in a forked child of a process in the start state.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalAddress } from '../../simulator/run-ops.ts';
import { PYTHONS, type Target } from '../../simulator/target.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import { word } from '../../simulator/word.ts';
import type { Observed, Recorded, Setup } from './heap-driver.ts';
import { pyenvFolders } from './pyenv.ts';
import { type Constants, recordedLayout } from './recorded-layout.ts';

/** From the root of the repository, where every script and test runs. */
const SOURCES = resolve('test/simulator/driver');
const BINARIES = resolve('out/heap-drivers');
const GLIBC = '2.36';

export interface RealDriver {
  /** `CPython 3.11.2`. */
  readonly name: string;
  readonly python: Target['python'];
  run(setup: Setup, scripts: readonly (readonly string[])[]): readonly Recorded[];
}

/** The driver on the system's python3.11, or why there can be none here. */
export function buildRealDriver(): RealDriver | string {
  const obstacle = missingTool();
  if (obstacle !== null) return obstacle;
  const config = configsOf('3.11')[0];
  return config === undefined
    ? 'needs python3.11-config (Debian: libpython3.11-dev)'
    : build('3.11', config);
}

/**
 * A driver for each interpreter here whose version is modelled, the oldest first. `version`: of one alone,
 * `3.12` or `3.12.1`.
 */
export function buildRealDrivers(version = ''): readonly RealDriver[] {
  if (missingTool() !== null) return [];
  const isWanted = (python: string): boolean =>
    version === '' || `${version}.`.startsWith(`${python}.`);
  const drivers = PYTHONS.filter(isWanted).flatMap((python) =>
    configsOf(python).flatMap((config) => {
      const driver = build(python, config);
      return typeof driver === 'string' ? [] : [driver];
    }),
  );
  return [...new Map(drivers.map((driver) => [driver.name, driver])).values()];
}

function missingTool(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64';
  return spawnSync('gcc', ['--version']).status === 0 ? null : 'needs gcc';
}

/** Every working python3.N-config, one per installation: the system's, the one on the path, pyenv's. */
function configsOf(python: Target['python']): readonly string[] {
  const name = `python${python}-config`;
  const configs = ['/usr/bin', '', ...pyenvFolders(python)]
    .map((folder) => join(folder, name))
    .filter(works);
  const prefixes = configs.map((config) =>
    execFileSync(config, ['--prefix'], { encoding: 'utf8' }).trim(),
  );
  return configs.filter((_, index) => prefixes.indexOf(prefixes[index] ?? '') === index);
}

function build(python: Target['python'], config: string): RealDriver | string {
  const flags = (...options: string[]): string[] =>
    execFileSync(config, options, { encoding: 'utf8' }).trim().split(/\s+/);
  const sources = readdirSync(SOURCES)
    .filter((file) => file.endsWith('.c'))
    .map((file) => join(SOURCES, file));
  // Without -fno-builtin the compiler may drop a malloc whose block is not used.
  const options = ['-O1', '-g', '-fno-builtin', '-Wall', '-Wextra', '-Wno-deprecated-declarations'];
  const [prefix = ''] = flags('--prefix');
  const libraries = [...flags('--embed', '--ldflags'), `-Wl,-rpath,${join(prefix, 'lib')}`];
  const includes = flags('--includes');
  const inputs = [...options, ...sources, ...includes, ...libraries];
  const version = join((includes[0] ?? '').replace('-I', ''), 'patchlevel.h');
  const binary = join(BINARIES, digestOf(inputs, [...sources, version]));
  if (!existsSync(binary)) {
    mkdirSync(BINARIES, { recursive: true });
    // Other tests may build it at the same time.
    const unfinished = `${binary}.${process.pid}`;
    const compiled = spawnSync('gcc', [...inputs, '-o', unfinished], { encoding: 'utf8' });
    // An interpreter without its shared library.
    if (compiled.status !== 0) return compiled.stderr;
    renameSync(unfinished, binary);
  }
  const { header } = start(binary, { state: 'drained', mode: 'release' }, []);
  if (header.glibc !== GLIBC || !header.python.startsWith(`${python}.`))
    return `needs CPython ${python} on glibc ${GLIBC}, found ${header.python} on ${header.glibc}`;
  return {
    name: `CPython ${header.python}`,
    python,
    run: (setup, scripts) => record(binary, setup, scripts),
  };
}

/** Of everything that a binary is made of. */
function digestOf(inputs: readonly string[], files: readonly string[]): string {
  const hash = createHash('sha256').update(inputs.join('\0'));
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function works(config: string): boolean {
  return spawnSync(config, ['--includes']).status === 0;
}

interface Header extends Constants {
  readonly glibc: string;
  readonly python: string;
}

interface Trace {
  readonly lastOp: number;
  readonly values: readonly (readonly [number, string, string])[];
  readonly exit: number;
  readonly signal: number;
  readonly stderr: string;
}

function start(
  binary: string,
  { state, mode }: Setup,
  scripts: readonly (readonly string[])[],
): { readonly header: Header; readonly traces: readonly Trace[] } {
  const { hooks, pymalloc } = WIRINGS[mode];
  const options = [state, ...(hooks ? ['hooks'] : []), ...(pymalloc ? [] : ['malloc'])];
  const { stdout, stderr, status } = spawnSync(binary, options, {
    input: scripts.map((script) => `@trace\n${script.join('\n')}\n`).join(''),
    env: {
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      PYTHONHASHSEED: '0',
      ...(mode === 'release' ? {} : { PYTHONMALLOC: mode }),
    },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`the driver ended with ${status}: ${stderr}`);
  const [first = '', ...rest] = stdout.trimEnd().split('\n');
  return { header: JSON.parse(first), traces: rest.map((line): Trace => JSON.parse(line)) };
}

function record(
  binary: string,
  setup: Setup,
  scripts: readonly (readonly string[])[],
): readonly Recorded[] {
  const { header, traces } = start(binary, setup, scripts);
  if (traces.length !== scripts.length)
    throw new Error(`${scripts.length} scripts, ${traces.length} traces`);
  return traces.map((trace) => {
    const arenas = trace.values.filter(([, kind]) => kind === 'arena').map(([, , value]) => value);
    const layout = recordedLayout(header, arenas);
    const places = { heapStart: layout.heapStart, arenas: arenas.map(Number) };
    const values = trace.values.flatMap(([op, kind, value]): (readonly [number, string])[] => {
      if (kind === 'arena') return [];
      if (kind === 'address') return [[op, canonicalAddress(word(BigInt(value)), places)]];
      return [[op, `${kind} ${BigInt(value)}`]];
    });
    return { values, end: endOf(trace), stderr: trace.stderr, lastOp: trace.lastOp, layout };
  });
}

function endOf({ exit, signal }: Trace): Observed['end'] {
  if (exit === 0) return 'exit';
  switch (signal) {
    case 6:
      return 'abort';
    case 7:
    case 11:
      return 'segv';
    case 14:
      return 'hang';
    default:
      throw new Error(`the driver could not play a trace: exit ${exit}, signal ${signal}`);
  }
}
