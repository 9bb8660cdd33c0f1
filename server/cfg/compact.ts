// The same control flow in fewer basic blocks: an empty one gives way to its successor, one that only its
// predecessor leads to is joined to it. What is explored per path is explored that much less often.
import { renumber, successors } from './builder.ts';
import type { BasicBlock, BlockIndex, Cfg, Instruction, Terminator } from './instruction.ts';

export function compact(cfg: Cfg): Cfg {
  const { blocks } = cfg;
  const target = blocks.map((_, i) => pastEmpty(blocks, i));
  const predecessors = blocks.map(() => 0);
  predecessors[target[0]!] = 1;
  for (const [i, block] of blocks.entries()) {
    if (target[i] !== i) continue;
    for (const to of successors(block.terminator)) predecessors[target[to]!]! += 1;
  }
  /** Blocks that are joined to the one before, so that they are no block by themselves. */
  const joined = new Set<BlockIndex>();
  const chainOf = (first: BlockIndex): BasicBlock => {
    const instructions: Instruction[] = [...blocks[first]!.instructions];
    let { terminator } = blocks[first]!;
    while (terminator.kind === 'goto') {
      const to = target[terminator.to]!;
      // A block that comes earlier is the head of a loop, and kept as one.
      if (predecessors[to] !== 1 || to <= first || joined.has(to)) break;
      joined.add(to);
      instructions.push(...blocks[to]!.instructions);
      terminator = blocks[to]!.terminator;
    }
    return { instructions, terminator };
  };
  const kept: { readonly index: BlockIndex; readonly block: BasicBlock }[] = [];
  for (let i = 0; i < blocks.length; i++) {
    const isEntry = i === target[0];
    if (target[i] !== i || joined.has(i) || (predecessors[i] === 0 && !isEntry)) continue;
    kept.push({ index: i, block: chainOf(i) });
  }
  const position = new Map(kept.map(({ index }, i) => [index, i]));
  const to = (old: BlockIndex): BlockIndex => position.get(target[old]!)!;
  return {
    ...cfg,
    blocks: kept.map(({ block: { instructions, terminator } }): BasicBlock => {
      const renumbered: Terminator = renumber(terminator, to);
      return { instructions, terminator: renumbered };
    }),
  };
}

/** Where control gets to from a block without passing an instruction. */
function pastEmpty(blocks: readonly BasicBlock[], from: BlockIndex): BlockIndex {
  const seen = new Set<BlockIndex>();
  let at = from;
  for (;;) {
    const { instructions, terminator } = blocks[at]!;
    if (instructions.length > 0 || terminator.kind !== 'goto') return at;
    // A loop around nothing stays.
    if (seen.has(at)) return at;
    seen.add(at);
    at = terminator.to;
  }
}
