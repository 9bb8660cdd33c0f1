// The basic blocks that a path may come back to: those of loops, and where loops begin.
import { successors } from '../cfg/builder.ts';
import type { BlockIndex, Cfg } from '../cfg/instruction.ts';

/**
 * By the index of the block. A little too many: every block between the two ends of an edge that goes back
 * in the order of the blocks; whatever the order, a cycle lies within these.
 */
export function repeatedBlocks(cfg: Cfg): readonly boolean[] {
  const repeated = cfg.blocks.map(() => false);
  for (const [from, { terminator }] of cfg.blocks.entries()) {
    for (const to of successors(terminator)) if (to <= from) repeated.fill(true, to, from + 1);
  }
  return repeated;
}

/** The blocks that an edge goes back to in the order of the blocks: every cycle has one. */
export function loopHeads(cfg: Cfg): ReadonlySet<BlockIndex> {
  const heads = new Set<BlockIndex>();
  for (const [from, { terminator }] of cfg.blocks.entries()) {
    for (const to of successors(terminator)) if (to <= from) heads.add(to);
  }
  return heads;
}
