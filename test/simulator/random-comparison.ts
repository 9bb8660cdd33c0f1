// Random scripts on one interpreter and on the simulator of its version, for every start state, wiring of
// the domains and kind of script. The same seed gives the same scripts.
import { sample } from 'fast-check';
import type { StartState } from '../../simulator/start-state.ts';
import { WIRINGS } from '../../simulator/versions.ts';
import { type Comparison, compareScripts } from './compare-scripts.ts';
import type { Mode } from './heap-driver.ts';
import { type Profile, PROFILES, scripts } from './random-script.ts';
import type { RealDriver } from './real-driver.ts';

export interface Combination {
  readonly state: StartState;
  readonly mode: Mode;
  readonly profile: Profile;
}

/** Since 3.12 pymalloc belongs to an interpreter and needs an initialized one. */
const LAST_WITH_STATIC_STATE = 11;
const MODES = Object.keys(WIRINGS).filter((mode): mode is Mode => Object.hasOwn(WIRINGS, mode));
/** Scripts that one real process plays: what the driver reads at once is bounded. */
const BATCH = 500;

/** What can be compared on this interpreter. */
export function combinationsOf({ python }: RealDriver): readonly Combination[] {
  const minor = Number(python.split('.')[1]);
  const states: readonly StartState[] =
    minor <= LAST_WITH_STATIC_STATE ? ['pristine', 'drained'] : ['drained'];
  return states.flatMap((state) =>
    MODES.flatMap((mode) => PROFILES.map((profile) => ({ state, mode, profile }))),
  );
}

/** Up to the first disagreement. */
export function compareRandom(
  real: RealDriver,
  { state, mode, profile }: Combination,
  { seed, count }: { readonly seed: number; readonly count: number },
): Comparison {
  const setup = { python: real.python, state, mode };
  // Collectable objects need an interpreter. PyObject_GC_Del on other memory reads a type out of stale
  // bytes, which is decided by addresses: not a matter for the comparison without them.
  const gc = state === 'drained' && profile !== 'bins';
  const isWellFormed = profile === 'clean' || profile === 'mixed';
  let total: Comparison = { unknown: 0, portable: 0, disagreement: null };
  for (let done = 0; done < count && total.disagreement === null; done += BATCH) {
    const numRuns = Math.min(BATCH, count - done);
    const all = sample(scripts(profile, { gc }), { seed: seed + done, numRuns });
    const isPortable = (script: readonly string[]): boolean =>
      isWellFormed && (profile === 'clean' || !script.some((line) => line.includes('_GC_')));
    for (const portable of [true, false]) {
      const some = all.filter((script) => isPortable(script) === portable);
      if (some.length === 0 || total.disagreement !== null) continue;
      const found = compareScripts(real, setup, some, { portable });
      total = {
        unknown: total.unknown + found.unknown,
        portable: total.portable + found.portable,
        disagreement: found.disagreement,
      };
    }
  }
  return total;
}
