// Random scripts on every interpreter that this machine has, each against the simulator of its version.
// PYMEM_TRACES: scripts per combination; PYMEM_SEED: another set.
import { sample } from 'fast-check';
import { expect, test } from 'vitest';
import type { StartState } from '../../simulator/start-state.ts';
import { compareScripts } from './compare-scripts.ts';
import type { Mode } from './heap-driver.ts';
import { PROFILES, scripts } from './random-script.ts';
import { buildRealDrivers, type RealDriver } from './real-driver.ts';

const TRACES = Number(process.env['PYMEM_TRACES'] ?? 12);
const SEED = Number(process.env['PYMEM_SEED'] ?? 20240611);
const LARGEST_UNKNOWN_SHARE = 0.1;
const MODES: readonly Mode[] = ['release', 'debug'];
/** Since 3.12 pymalloc belongs to an interpreter and needs an initialized one. */
const LAST_WITH_STATIC_STATE = 11;

const drivers = buildRealDrivers();

test(`there are interpreters to compare with: ${names(drivers)}`, () => {
  if (process.env['CI'] !== undefined) expect(drivers).not.toEqual([]);
});

const combinations = drivers.flatMap((driver) =>
  statesOf(driver).flatMap((state) =>
    MODES.flatMap((mode) =>
      PROFILES.map((profile) => ({ name: driver.name, driver, state, mode, profile })),
    ),
  ),
);

test.each(combinations)('$name $state $mode $profile', ({ driver, state, mode, profile }) => {
  const arbitrary = scripts(profile, { gc: state === 'drained' && profile !== 'bins' });
  const samples = sample(arbitrary, { seed: SEED, numRuns: TRACES });
  const setup = { python: driver.python, state, mode };
  const { unknown } = compareScripts(driver, setup, samples);
  expect(unknown / TRACES).toBeLessThan(LARGEST_UNKNOWN_SHARE);
});

function statesOf(driver: RealDriver): readonly StartState[] {
  const minor = Number(driver.python.split('.')[1]);
  return minor <= LAST_WITH_STATIC_STATE ? ['pristine', 'drained'] : ['drained'];
}

function names(all: readonly RealDriver[]): string {
  return all.map((driver) => driver.name).join(', ') || 'none';
}
