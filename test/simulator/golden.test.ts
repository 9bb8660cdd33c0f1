// Recorded traces of CPython 3.11.2 on glibc 2.36: every address, every outcome and every byte of standard
// error must be equal. Serves platforms on which the real process cannot be built.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { comparable, type Mode, type Observed } from './heap-driver.ts';
import { type Constants, recordedLayout } from './recorded-layout.ts';
import { simulate } from './simulated-driver.ts';
import type { StartState } from '../../simulator/start-state.ts';

interface GoldenProcess {
  readonly env: Omit<Constants, 'heap' | 'tcacheKey' | 'mainArena' | 'maps' | 'arenaIndex'> & {
    readonly mode: Mode;
    readonly profile: string;
    readonly heap0: string;
    readonly key: string;
    readonly main_arena: string;
    readonly maps: readonly (readonly [string, string, number])[];
  };
}

interface GoldenTrace {
  readonly script: readonly string[];
  readonly addr: readonly (readonly [number, string])[];
  readonly end: Observed['end'];
  readonly stderr: string;
  readonly lastop: number;
  readonly arenas: readonly string[];
}

const TRACES = 720;

test.each<StartState>(['pristine', 'drained'])('%s: every recorded trace agrees', (state) => {
  const url = new URL(`golden/golden-${state}-deb311.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(url)).toString('utf8').trim().split('\n');
  let env: GoldenProcess['env'] | null = null;
  let agreeing = 0;
  for (const line of lines) {
    const record: GoldenProcess | GoldenTrace = JSON.parse(line);
    if ('env' in record) {
      env = record.env;
      continue;
    }
    if (env === null) throw new Error('a trace before its process');
    const constants: Constants = {
      ...env,
      heap: env.heap0,
      tcacheKey: env.key,
      mainArena: env.main_arena,
      arenaIndex: state === 'drained' ? 2 : 0,
      maps: env.maps.filter(([, , readable]) => readable !== 0).map(([start, end]) => [start, end]),
    };
    const layout = recordedLayout(constants, record.arenas);
    const simulated = simulate({ state, mode: env.mode }, record.script, layout);
    const real: Observed = {
      values: record.addr,
      end: record.end,
      stderr: record.stderr,
      lastOp: record.end === 'exit' ? record.script.length : record.lastop,
    };
    const name = `${env.mode}, ${env.profile}\n${record.script.join('\n')}`;
    expect(comparable(simulated), name).toEqual(comparable(real));
    agreeing++;
  }
  expect(agreeing).toBe(TRACES);
});
