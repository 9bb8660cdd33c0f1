// Code that allocates and releases by turns: `if (i % 2 == 0) p = malloc(n); else free(p);` in a loop. A path on
// which it allocates twice in a row may not exist: what the loop changes decides.
import { successors } from '../cfg/builder.ts';
import type { BlockIndex, Cfg } from '../cfg/instruction.ts';
import type { Loss } from './loss.ts';
import { eventsOf } from './trace.ts';

/** The allocation comes again and overwrites its own block, where the other answer to a test gives the block away. */
export function skipsTurn(cfg: Cfg, { id, how, at, trace }: Loss): boolean {
  if (how !== 'overwritten') return false;
  let pointer: string | null = null;
  for (const event of eventsOf(trace)) {
    if (event.kind === 'alloc' && event.id === id) {
      if (event.allocation.calledAt.line !== at.line) return false;
      ({ pointer } = event.allocation);
    }
    if (event.kind !== 'branch' || pointer === null) continue;
    const { condition, taken } = event;
    if (isGivenOnlyBehind(cfg, pointer, { condition, holds: !taken })) return true;
  }
  return false;
}

interface Answer {
  readonly condition: string;
  readonly holds: boolean;
}

/** In the loop some call gets the pointer where the condition has that answer, and with the other answer none. */
function isGivenOnlyBehind(cfg: Cfg, pointer: string, { condition, holds }: Answer): boolean {
  return cfg.blocks.some(({ terminator }, test) => {
    if (terminator.kind !== 'branch' || terminator.text !== condition) return false;
    const { whenTrue, whenFalse } = terminator;
    const [one, other] = holds ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
    const elsewhere = reachedFrom(cfg, other, test);
    return [...reachedFrom(cfg, one, test)].some(
      (block) =>
        !elsewhere.has(block) &&
        isPassed(cfg, block, pointer) &&
        reachedFrom(cfg, block, test).has(test),
    );
  });
}

function isPassed(cfg: Cfg, block: BlockIndex, pointer: string): boolean {
  return cfg.blocks[block]!.instructions.some(
    (i) => i.op === 'call' && i.arguments.some(({ text }) => text.replace(/^&\s*/, '') === pointer),
  );
}

/** Without passing `test`. */
function reachedFrom(cfg: Cfg, start: BlockIndex, test: BlockIndex): ReadonlySet<BlockIndex> {
  const reached = new Set<BlockIndex>([start]);
  for (const block of reached) {
    if (block === test) continue;
    for (const to of successors(cfg.blocks[block]!.terminator)) reached.add(to);
  }
  return reached;
}
