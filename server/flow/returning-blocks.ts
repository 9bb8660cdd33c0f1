// The basic blocks of a function from which control can come back to the caller.
import { successors } from '../cfg/builder.ts';
import type { BasicBlock, BlockIndex, Cfg } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';

export function blocksBeforeReturn(cfg: Cfg): ReadonlySet<BlockIndex> {
  const before = cfg.blocks.map((): BlockIndex[] => []);
  const pending: BlockIndex[] = [];
  for (const [i, block] of cfg.blocks.entries()) {
    if (endsProgram(block)) continue;
    for (const next of successors(block.terminator)) before[next]!.push(i);
    if (block.terminator.kind === 'return') pending.push(i);
  }
  const found = new Set(pending);
  for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
    const others = before[i]!.filter((previous) => !found.has(previous));
    for (const previous of others) found.add(previous);
    pending.push(...others);
  }
  return found;
}

function endsProgram({ instructions }: BasicBlock): boolean {
  return instructions.some(
    (i) =>
      i.op === 'call' && i.callee.kind === 'function' && apiRow(i.callee.name)?.noReturn === true,
  );
}
