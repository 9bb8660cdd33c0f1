// Random scripts on both heaps: the simulator must see every address, every outcome and every byte of
// standard error that a real process sees. PYMEM_TRACES: scripts per combination; PYMEM_SEED: another set.
import { sample } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Layout, PORTABLE_LAYOUTS, type StartState } from '../../simulator/start-state.ts';
import { compareScripts } from './compare-scripts.ts';
import type { Mode, Observed } from './heap-driver.ts';
import { PROFILES, scripts } from './random-script.ts';
import { buildRealDriver } from './real-driver.ts';
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
    const { unknown } = compareScripts(real, setup, samples);
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
