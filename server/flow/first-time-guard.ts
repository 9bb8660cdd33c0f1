// Code that runs the first time only: `if (row == NULL) { … row = first_row(); }` in a loop. A path on which
// it runs twice has found the pointer NULL again after the function has set it.
import { successors } from '../cfg/builder.ts';
import type { BlockIndex, Cfg } from '../cfg/instruction.ts';
import { sourceName } from '../cfg/scope.ts';
import type { Loss } from './loss.ts';
import { eventsOf } from './trace.ts';

/** The allocation comes again and overwrites its own block, on a path that went through such a guard. */
export function passesTwice(cfg: Cfg, { id, how, at, trace }: Loss): boolean {
  if (how !== 'overwritten') return false;
  let isAllocated = false;
  for (const event of eventsOf(trace)) {
    if (event.kind === 'alloc' && event.id === id) {
      if (event.allocation.calledAt.line !== at.line) return false;
      isAllocated = true;
    }
    if (event.kind !== 'branch' || !isAllocated) continue;
    const pointer = foundNull(event.condition, event.taken);
    if (pointer !== null && isSetBehind(cfg, pointer, event.condition, event.taken)) return true;
  }
  return false;
}

/** The name that the condition has found to be NULL. */
function foundNull(condition: string, taken: boolean): string | null {
  if (condition.includes('&&') || condition.includes('||')) return null;
  const test = taken
    ? /(?<![\w.>])(\w+)\s*==\s*(?:NULL|nullptr|0)\b|!\s*(\w+)\s*(?:\)|$)/
    : /(?<![\w.>])(\w+)\s*!=\s*(?:NULL|nullptr|0)\b/;
  const match = test.exec(condition);
  return match?.[1] ?? match?.[2] ?? null;
}

/** It starts with NULL; elsewhere only arithmetic, which gives no NULL, changes it. */
function isSetBehind(cfg: Cfg, pointer: string, condition: string, taken: boolean): boolean {
  const before = reachedWithout(cfg, condition, taken);
  let nulls = 0;
  let isSet = false;
  for (const [block, { instructions }] of cfg.blocks.entries()) {
    const zeros = new Set<number>();
    const sums = new Set<number>();
    for (const instruction of instructions) {
      if (instruction.op === 'constant' && instruction.value === 0) zeros.add(instruction.to);
      if (instruction.op === 'binary') sums.add(instruction.to);
      if (instruction.op !== 'store' || instruction.to.kind !== 'local') continue;
      if (sourceName(instruction.to.name) !== pointer) continue;
      if (zeros.has(instruction.value)) nulls++;
      else if (!before.has(block)) isSet = true;
      else if (!sums.has(instruction.value)) return false;
    }
  }
  return isSet && nulls <= 1;
}

/** The basic blocks that are reached where the guard never lets anybody in. */
function reachedWithout(cfg: Cfg, condition: string, taken: boolean): ReadonlySet<BlockIndex> {
  const reached = new Set<BlockIndex>([0]);
  for (const block of reached) {
    const { terminator } = cfg.blocks[block]!;
    const isGuard = terminator.kind === 'branch' && terminator.text === condition;
    const next = !isGuard
      ? successors(terminator)
      : [taken ? terminator.whenFalse : terminator.whenTrue];
    for (const to of next) reached.add(to);
  }
  return reached;
}
