// The order in which basic blocks are executed: what a loop's head sees is gathered before it is executed again, and
// what follows a loop waits until the loop comes to rest.
import { expect, test } from 'vitest';
import type { BasicBlock, BlockIndex } from '../../server/cfg/instruction.ts';
import { Worklist } from '../../server/flow/worklist.ts';

/** Blocks by where each leads to; in reverse postorder. */
function blocks(...leads: readonly (readonly BlockIndex[])[]): readonly BasicBlock[] {
  const at = { file: 'a.c', line: 1, column: 1, endLine: 1, endColumn: 1 };
  return leads.map(([first, ...others]) => ({
    instructions: [],
    terminator:
      first === undefined
        ? { kind: 'stop' }
        : {
            kind: 'switch',
            value: 0,
            text: 'kind',
            cases: others.map((to) => ({ label: 0, text: '1', to })),
            otherwise: first,
            at,
          },
  }));
}

/** Executes blocks until each has told its followers `rounds` times; gives them in order. */
function order(leads: readonly (readonly BlockIndex[])[], rounds: number): readonly BlockIndex[] {
  const worklist = new Worklist<number>(blocks(...leads));
  const executed: BlockIndex[] = [];
  const told = leads.map(() => 0);
  worklist.add(0, '', 0);
  for (let next = worklist.take(); next !== null; next = worklist.take()) {
    const { block } = next;
    executed.push(block);
    if (++told[block]! > rounds) continue;
    for (const to of leads[block]!) worklist.add(to, '', 0);
  }
  return executed;
}

test('all cases of a switch lead back to the loop before the loop goes on', () => {
  // for (;;) switch (kind) { case 1: continue; case 2: continue; case 3: continue; default: return; }
  expect(order([[1], [2, 3, 4, 5], [1], [1], [1], []], 1)).toEqual([0, 1, 2, 3, 4, 1, 5]);
});

test('a loop comes to rest before what follows it, an inner one before the outer one', () => {
  // while (a) { while (b) c(); d(); } e();
  expect(order([[1], [2, 5], [3, 4], [2], [1], []], 1)).toEqual([0, 1, 2, 3, 2, 4, 1, 5]);
});

test('what waits under a key is replaced', () => {
  const worklist = new Worklist<string>(blocks([1], []));
  worklist.add(1, 'same', 'old');
  worklist.add(1, 'other', 'beside');
  worklist.add(1, 'same', 'new');
  expect([worklist.take()?.item, worklist.take()?.item, worklist.take()]).toEqual([
    'new',
    'beside',
    null,
  ]);
});
