// Compares the simulator with the interpreters of this machine on random scripts.
//   npm run differential [-- --scripts N --seed S --python X --protocol pristine|drained]
// --scripts: per interpreter, spread evenly over start states, wirings and kinds of script. --python: `3.12`
// or `3.12.1`; default: every one found. Prints counts; the first disagreement is shrunk and printed.
import { parseArgs } from 'node:util';
import { disagreementText } from './compare-scripts.ts';
import { combinationsOf, compareRandom } from './random-comparison.ts';
import { buildRealDrivers, type RealDriver } from './real-driver.ts';

const { values } = parseArgs({
  options: {
    scripts: { type: 'string', default: '2400' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    python: { type: 'string', default: '' },
    protocol: { type: 'string', default: '' },
  },
});

process.exitCode = main();

function main(): number {
  const [count, seed] = [Number(values.scripts), Number(values.seed)];
  if (!(Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(seed)))
    return usage('--scripts and --seed take whole numbers');
  if (!['', 'pristine', 'drained'].includes(values.protocol))
    return usage('--protocol is pristine or drained');
  const drivers = buildRealDrivers(values.python).filter(
    ({ name, python }) =>
      values.python === '' || values.python === python || name.endsWith(` ${values.python}`),
  );
  if (drivers.length === 0)
    return usage('no such interpreter here: needs gcc and a pythonX.Y-config with its libpython');
  console.log(`seed ${seed}`);
  return drivers.every((driver) => compares(driver, { count, seed })) ? 0 : 1;
}

function usage(problem: string): number {
  console.error(
    `${problem}\nusage: npm run differential -- [--scripts N] [--seed S] [--python X] [--protocol pristine|drained]`,
  );
  return 2;
}

/** False when something differs. */
function compares(
  driver: RealDriver,
  { count, seed }: { readonly count: number; readonly seed: number },
): boolean {
  const started = Date.now();
  const combinations = combinationsOf(driver).filter(
    ({ state }) => values.protocol === '' || values.protocol === state,
  );
  const each = Math.ceil(count / combinations.length);
  let [portable, unknown] = [0, 0];
  for (const combination of combinations) {
    const found = compareRandom(driver, combination, { seed, count: each });
    const name = `${driver.name}, ${combination.state}, ${combination.mode}, ${combination.profile}`;
    if (found.disagreement !== null) {
      console.log(disagreementText(name, found.disagreement));
      return false;
    }
    portable += found.portable;
    unknown += found.unknown;
  }
  const all = each * combinations.length;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${driver.name}: ${all} of ${all} scripts agree, ${portable} of them also without the constants of the process; ${unknown} outcomes rest on bytes that are not modelled (${seconds} s)`,
  );
  return true;
}
