// Where a path that follows no block has nothing more to find: from there on no call handles memory, and
// one state is as good as several.
import { successors } from '../cfg/builder.ts';
import type { BlockIndex, Cfg, Instruction } from '../cfg/instruction.ts';
import { apiRow } from '../knowledge/row.ts';
import { handlesMemory } from './functions.ts';
import type { State } from './state.ts';
import { AT_ENTRY } from './thread-state.ts';
import type { TransferContext } from './transfer.ts';

/** What a shorter function returns in which case is worth knowing to its callers. */
const MIN_BLOCKS = 40;

type Calls = Pick<TransferContext, 'summaryOf' | 'isDefined' | 'functionIn'>;

/** The blocks from which no call that handles memory is reached. */
export function quietBlocks(cfg: Cfg, calls: Calls): ReadonlySet<BlockIndex> {
  if (cfg.blocks.length < MIN_BLOCKS) return new Set();
  const loud = new Set<BlockIndex>();
  cfg.blocks.forEach(({ instructions }, i) => {
    if (instructions.some((instruction) => mayHandleMemory(instruction, calls))) loud.add(i);
  });
  for (let before = -1; before !== loud.size; ) {
    before = loud.size;
    for (let i = cfg.blocks.length - 1; i >= 0; i--) {
      if (successors(cfg.blocks[i]!.terminator).some((to) => loud.has(to))) loud.add(i);
    }
  }
  return new Set([...cfg.blocks.keys()].filter((i) => !loud.has(i)));
}

/** Nothing is followed: no block, no loss, no failure, no detached thread state. */
export function followsNothing(state: State): boolean {
  return (
    state.heap.size === 0 &&
    state.losses.length === 0 &&
    !state.hasSilentFailure &&
    state.thread === AT_ENTRY
  );
}

function mayHandleMemory(instruction: Instruction, calls: Calls): boolean {
  if (instruction.op !== 'call') return false;
  const { callee } = instruction;
  if (callee.kind !== 'function') return true;
  const { name } = callee;
  const summary = calls.summaryOf(name);
  if (summary !== null) {
    return summary.outcomes.some(({ steps, thread }) => steps.length > 0 || thread !== 'leave');
  }
  if (calls.isDefined(name)) return true;
  const row = apiRow(name);
  if (row === undefined) return calls.functionIn(name) !== null;
  return (
    handlesMemory(name) ||
    row.role === 'refcount-dec' ||
    row.family !== null ||
    row.destructorArg !== null ||
    row.threadState !== null ||
    row.threadEntryArg !== null ||
    row.noReturn
  );
}
