// Random scripts on both heaps: the simulator must see every address, every outcome and every byte of
// standard error that a real process sees, and the same outcome where it must invent the addresses.
// PYMEM_SCRIPTS: scripts per combination; PYMEM_SEED: another set.
import { expect, test } from 'vitest';
import { needs } from '../needs.ts';
import { disagreementText } from './compare-scripts.ts';
import { combinationsOf, compareRandom } from './random-comparison.ts';
import { buildRealDriver } from './real-driver.ts';

const COUNT = Number(process.env['PYMEM_SCRIPTS'] ?? 125);
const SEED = Number(process.env['PYMEM_SEED'] ?? 20240611);
const LARGEST_UNKNOWN_SHARE = 0.08;

const real = buildRealDriver();
const why = typeof real === 'string' ? real : '';
const combinations = typeof real === 'string' ? [] : combinationsOf(real);

needs('a real process', why === '', why).describe(
  `${COUNT * combinations.length} scripts, seed ${SEED}: simulator and real process agree`,
  () => {
    test.each(combinations)('$state $mode $profile', (combination) => {
      if (typeof real === 'string') return;
      const { unknown, disagreement } = compareRandom(real, combination, {
        seed: SEED,
        count: COUNT,
      });
      expect(disagreement === null ? '' : disagreementText(real.name, disagreement)).toBe('');
      expect(unknown / COUNT).toBeLessThan(LARGEST_UNKNOWN_SHARE);
    });
  },
);
