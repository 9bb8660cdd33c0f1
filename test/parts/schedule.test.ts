// Who explores what: everything is given once, and nobody repeats the work of others only to have something to do.
import { expect, test } from 'vitest';
import type { SourceFile } from '../../server/check.ts';
import type { CallGraph } from '../../server/flow/call-graph.ts';
import { explorerOf } from '../../server/parts/part.ts';
import { Schedule } from '../../server/parts/schedule.ts';
import { runSteps } from '../../server/run-steps.ts';
import { prepareInSteps } from '../../server/prepare.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

/** One file with long functions, which call each other, and small files that call the first of them. */
const FILES: readonly SourceFile[] = [
  {
    file: 'long.c',
    text: Array.from(
      { length: 20 },
      (_, i) =>
        `char *long${i}(int n) { char *p = malloc(n); ${'n++; '.repeat(200)} ${i < 19 ? `free(long${i + 1}(n));` : ''} return p; }\n`,
    )
      .toReversed()
      .join(''),
  },
  ...Array.from({ length: 6 }, (_, i) => ({
    file: `small${i}.c`,
    text: `char *long0(int n);\nvoid small${i}(void) { free(long0(${i})); }\n`,
  })),
];

async function program(): Promise<{ graph: CallGraph; components: readonly number[] }> {
  const parser = await loadParser({ backend: 'auto' });
  const { graph } = runSteps(prepareInSteps(FILES, parser, DEFAULT_SETTINGS, null));
  const { components } = explorerOf(graph, DEFAULT_SETTINGS);
  return { graph, components: [...components.keys()] };
}

test.each([[0], [1]])(
  'work is not repeated at the end, whoever is the first: %i',
  async (first) => {
    const { graph, components } = await program();
    const all = explorerOf(graph, DEFAULT_SETTINGS).components;
    const schedule = new Schedule(all, graph, 2, components);
    const given: [number[], number[]] = [[], []];
    // In turns, as workers do that take as long for each share.
    for (let turn = first, left = 2; left > 0; turn = 1 - turn) {
      const share = schedule.next(turn);
      given[turn]!.push(...share);
      left = share.length > 0 ? 2 : left - 1;
    }
    expect([...given[0], ...given[1]].toSorted((a, b) => a - b)).toEqual(components);
    const named = (worker: number): string[] =>
      given[worker]!.map((index) => all[index]![0]!.definition.name);
    // The small functions need all the long ones.
    const [long] = [0, 1].filter((worker) => named(worker).includes('long0'));
    expect(named(1 - long!)).toEqual([]);
  },
);
