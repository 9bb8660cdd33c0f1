// Random scripts on every other interpreter that this machine has, each against the simulator of its
// version; `npm run differential` plays more. PYMEM_SCRIPTS: scripts per combination; PYMEM_SEED: another set.
import { expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { disagreementText } from './compare-scripts.ts';
import { combinationsOf, compareRandom } from './random-comparison.ts';
import { buildRealDrivers } from './real-driver.ts';

const COUNT = Number(process.env['PYMEM_SCRIPTS'] ?? 8);
const SEED = Number(process.env['PYMEM_SEED'] ?? 20240611);

const drivers = buildRealDrivers();
const names = drivers.map((driver) => driver.name).join(', ');

needs('other interpreters', drivers.length > 0).test(`are here: ${names}`, () => {
  expect(drivers).not.toEqual([]);
});

const combinations = drivers.flatMap((driver) =>
  combinationsOf(driver).map((combination) => ({ name: driver.name, driver, ...combination })),
);

test.each(combinations)('$name $state $mode $profile', ({ driver, ...combination }) => {
  const { disagreement } = compareRandom(driver, combination, { seed: SEED, count: COUNT });
  expect(disagreement === null ? '' : disagreementText(driver.name, disagreement)).toBe('');
});
