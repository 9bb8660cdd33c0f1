// Random scripts on both heaps: the simulator must see every address, every outcome and every byte of
// standard error that a real process sees. PYMEM_TRACES: scripts per combination; PYMEM_SEED: another set.
import { sample } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Layout, PORTABLE_LAYOUTS, type StartState } from '../../simulator/start-state.ts';
import { comparable, type Mode, type Observed, type Recorded } from './heap-driver.ts';
import { PROFILES, scripts } from './random-script.ts';
import { buildRealDriver, type RealDriver } from './real-driver.ts';
import { simulate } from './simulated-driver.ts';

const TRACES = Number(process.env['PYMEM_TRACES'] ?? 100);
const SEED = Number(process.env['PYMEM_SEED'] ?? 20240611);
const LARGEST_UNKNOWN_SHARE = 0.08;
const STATES: readonly StartState[] = ['pristine', 'drained'];
const MODES: readonly Mode[] = ['release', 'debug'];

const real = buildRealDriver();
const absent = typeof real === 'string' ? ` (no real process: ${real})` : '';
const combinations = STATES.flatMap((state) =>
  MODES.flatMap((mode) => PROFILES.map((profile) => ({ state, mode, profile }))),
);

describe.skipIf(typeof real === 'string')(`simulator and real process agree${absent}`, () => {
  test.each(combinations)('$state $mode $profile', ({ state, mode, profile }) => {
    if (typeof real === 'string') return;
    const arbitrary = scripts(profile, { gc: state === 'drained' && profile !== 'bins' });
    const samples = sample(arbitrary, { seed: SEED, numRuns: TRACES });
    const setup = { state, mode };
    const observed = real.run(setup, samples);
    let agreeing = 0;
    let unknown = 0;
    for (const [index, script] of samples.entries()) {
      const trace = observed[index];
      if (trace === undefined) throw new Error('a trace is missing');
      const simulation = simulate(setup, script, trace.layout);
      if (simulation.end === 'unknown') unknown++;
      if (differs(trace, simulation)) {
        const smallest = shrink(script, (candidate) => isDifferent(real, setup, candidate));
        const [again] = real.run(setup, [smallest]);
        if (again === undefined) throw new Error('a trace is missing');
        const simulated = simulate(setup, smallest, again.layout);
        const title = `script ${index}, shrunk:\n${smallest.join('\n')}`;
        expect(comparable(simulated), title).toEqual(comparable(again));
        throw new Error(`differs only in its first run: ${script.join('\n')}`);
      }
      agreeing++;
    }
    expect(agreeing).toBe(TRACES);
    expect(unknown / TRACES).toBeLessThan(LARGEST_UNKNOWN_SHARE);
  });
});

/** What the linter flags: code that writes where it may, and at worst mixes families. */
const WELL_FORMED = combinations.filter(
  ({ profile }) => profile === 'clean' || profile === 'mixed',
);

describe.skipIf(typeof real === 'string')(
  `the invented layout gives the real outcome${absent}`,
  () => {
    test.each(WELL_FORMED)('$state $mode $profile', ({ state, mode, profile }) => {
      if (typeof real === 'string') return;
      // PyObject_GC_Del on a stale chunk reads flags out of libc's data: addresses decide.
      const gc = state === 'drained' && profile === 'clean';
      const samples = sample(scripts(profile, { gc }), { seed: SEED + 1, numRuns: TRACES });
      const setup = { state, mode };
      for (const [index, recorded] of real.run(setup, samples).entries()) {
        const script = samples[index] ?? [];
        const layout = withGeometry(PORTABLE_LAYOUTS[state], recorded.layout);
        const simulated = outcome(simulate(setup, script, layout));
        if (simulated.end === 'segv' && recorded.stderr === WILD_ARENA_IS_MAPPED) continue;
        expect(simulated, script.join('\n')).toEqual(outcome(recorded));
      }
    });
  },
);

/** The arena of a block that claims NON_MAIN_ARENA is read from a wild address, which may be mapped. */
const WILD_ARENA_IS_MAPPED = 'free(): invalid size\n';

/** The invented addresses, with as much heap in use and as much left as the real process had. */
function withGeometry(portable: Layout, recorded: Layout): Layout {
  const { heapStart } = portable;
  const top = recorded.top === 0 ? 0 : heapStart + recorded.top - recorded.heapStart;
  return { ...portable, top, brk: heapStart + recorded.brk - recorded.heapStart };
}

/** No contents, and of standard error the message alone: both may show bytes of pointers. */
function outcome({ values, end, stderr, lastOp }: Observed): Observed {
  const message = /Fatal Python error: .*/.exec(stderr)?.[0] ?? (end === 'abort' ? stderr : '');
  const addresses = values.filter(([, text]) => !text.startsWith('sum '));
  return { values: addresses, end, lastOp, stderr: message };
}

/**
 * The simulator says `unknown` when the outcome rests on bytes that it does not model: libc's data behind
 * main_arena, the interpreter's part of the heap. That is an answer, not an error.
 */
function differs(recorded: Observed, simulated: Observed): boolean {
  if (simulated.end === 'unknown') return !isPrefix(simulated.values, recorded.values);
  if (diedAfterReport(recorded, simulated)) return false;
  return JSON.stringify(comparable(simulated)) !== JSON.stringify(comparable(recorded));
}

function isPrefix(start: Observed['values'], whole: Observed['values']): boolean {
  return JSON.stringify(start) === JSON.stringify(whole.slice(0, start.length));
}

/** After a complete fatal report the interpreter flushes its streams, on the heap that is corrupt. */
function diedAfterReport(recorded: Observed, simulated: Observed): boolean {
  const isReport = simulated.end === 'abort' && simulated.stderr.includes('Fatal Python error: ');
  return isReport && recorded.end === 'segv' && !differs({ ...recorded, end: 'abort' }, simulated);
}

interface DriverSetup {
  readonly state: StartState;
  readonly mode: Mode;
}

function isDifferent(driver: RealDriver, setup: DriverSetup, script: readonly string[]): boolean {
  const trace: Recorded | undefined = driver.run(setup, [script])[0];
  return trace !== undefined && differs(trace, simulate(setup, script, trace.layout));
}

/** Leaves out ever smaller runs of lines as long as the difference stays. */
function shrink(
  script: readonly string[],
  isStillDifferent: (candidate: readonly string[]) => boolean,
): readonly string[] {
  let smallest = script;
  for (let run = Math.ceil(script.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let from = 0; from < smallest.length; ) {
      const candidate = smallest.toSpliced(from, run);
      if (candidate.length > 0 && isStillDifferent(candidate)) smallest = candidate;
      else from += run;
    }
  }
  return smallest;
}
