// A real process as a HeapDriver: libpython3.11 and glibc 2.36, built from driver/ on the spot. Each script
// runs in a forked child of a process in the start state.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalAddress } from '../../simulator/run-ops.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import type { Observed, Recorded, Setup } from './heap-driver.ts';
import { type Constants, recordedLayout } from './recorded-layout.ts';

const SOURCES = fileURLToPath(new URL('driver/', import.meta.url));
const CONFIG = 'python3.11-config';
const MODELLED = { glibc: '2.36', python: /^3\.11\./ };

export interface RealDriver {
  readonly name: string;
  run(setup: Setup, scripts: readonly (readonly string[])[]): readonly Recorded[];
}

/** The driver, or why there can be none here. */
export function buildRealDriver(): RealDriver | string {
  const config = ['/usr/bin', ''].map((folder) => join(folder, CONFIG)).find(works);
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64';
  if (spawnSync('gcc', ['--version']).status !== 0) return 'needs gcc';
  if (config === undefined) return `needs ${CONFIG} (Debian: libpython3.11-dev)`;
  const binary = join(mkdtempSync(join(tmpdir(), 'pymem-driver-')), 'driver');
  const flags = (...options: string[]): string[] =>
    execFileSync(config, options, { encoding: 'utf8' }).trim().split(/\s+/);
  const sources = readdirSync(SOURCES)
    .filter((file) => file.endsWith('.c'))
    .map((file) => join(SOURCES, file));
  // Without -fno-builtin the compiler may drop a malloc whose block is not used.
  const options = ['-O1', '-g', '-fno-builtin', '-Wall', '-Wextra', '-Wno-deprecated-declarations'];
  const libraries = flags('--embed', '--ldflags');
  execFileSync('gcc', [...options, '-o', binary, ...sources, ...flags('--includes'), ...libraries]);
  const { glibc, python } = start(binary, { state: 'pristine', mode: 'release' }, []).header;
  if (glibc !== MODELLED.glibc || !MODELLED.python.test(python))
    return `needs CPython 3.11 on glibc 2.36, found ${python} on ${glibc}`;
  return { name: 'real process', run: (setup, scripts) => record(binary, setup, scripts) };
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
      if (kind === 'address') return [[op, canonicalAddress(BigInt(value), places)]];
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
