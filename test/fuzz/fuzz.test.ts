// Mutated C through the whole check: no exception, no hang, the same with either parser. The same mutants
// each time; `npm run fuzz` makes as many others as one likes.
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mutant } from './mutate.ts';
import { fuzzSources } from './sources.ts';
import { type Parsers, trial } from './trial.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

const SEED = 20_240;
const MUTANTS = 500;

const sources = fuzzSources(path.resolve(import.meta.dirname, '..', '..'));
let parsers: Parsers;

beforeAll(async () => {
  parsers = {
    native: await loadParser({ backend: 'native' }),
    wasm: await loadParser({ backend: 'wasm' }),
  };
});

test('mutants are the same each time, and differ', () => {
  const texts = Array.from({ length: 50 }, (_, i) => mutant(sources, SEED, i).text);
  expect(texts).toEqual(Array.from({ length: 50 }, (_, i) => mutant(sources, SEED, i).text));
  expect(new Set(texts).size).toBeGreaterThan(45);
});

test.each(['c', 'cpp'])('structs in structs, thousands deep, in a .%s file', (extension) => {
  const text = `${'struct s {'.repeat(3000)}int x;${'} s;'.repeat(3000)}\nvoid f(void) { free(malloc(1)); }\n`;
  const result = trial({ file: `deep.${extension}`, text, mutations: [] }, parsers);
  expect(result.kind).toBe('passed');
});

describe(`${MUTANTS} mutants`, () => {
  let findings = 0;
  // A machine with much else to do takes its time: what hangs never ends.
  const numbers = Array.from({ length: MUTANTS / 50 }, (_, i) => i * 50);
  test.each(numbers)('from number %i on', { timeout: 600_000 }, (from) => {
    const failures: string[] = [];
    for (let index = from; index < from + 50; index++) {
      const each = mutant(sources, SEED, index);
      const result = trial(each, parsers);
      if (result.kind === 'passed') findings += result.findings;
      else
        failures.push(`${index} (${each.mutations.join(', ')}): ${result.kind}: ${result.reason}`);
    }
    expect(failures).toEqual([]);
  });

  test('there is still something to find in them', () => {
    expect(findings).toBeGreaterThan(100);
  });
});
