// Which parameters a function reads or writes through whatever happens: on every way through it, before
// it compares them with anything. A caller must not pass NULL for these. A backward must-analysis over
// the basic blocks; knows nothing of states.
import { successors } from '../cfg/builder.ts';
import type { BasicBlock, Cfg, Instruction, Place, Temp } from '../cfg/instruction.ts';
import { isRelation } from '../relation.ts';

/** `calleeDereferences`: the parameters of a called function that it dereferences in the same way. */
export function dereferencedParameters(
  cfg: Cfg,
  calleeDereferences: (name: string) => readonly number[],
): readonly number[] {
  const copies = copiesOfParameters(cfg);
  if (copies.size === 0) return [];
  const outcomes = cfg.blocks.map((block) => outcomesIn(block, copies, calleeDereferences));
  return cfg.parameters.map((_, i) => i).filter((i) => isCertain(cfg, outcomes, i));
}

/** What is first done to each parameter in a basic block. */
type Outcomes = ReadonlyMap<number, 'dereferenced' | 'tested'>;

/** The temps that hold a parameter as it was passed, through locals that are assigned once. */
function copiesOfParameters(cfg: Cfg): ReadonlyMap<Temp, number> {
  const instructions = cfg.blocks.flatMap((block) => block.instructions);
  const stores = new Map<string, number>();
  const exposed = new Set<string>();
  for (const instruction of instructions) {
    if (instruction.op === 'store' && instruction.to.kind === 'local') {
      stores.set(instruction.to.name, (stores.get(instruction.to.name) ?? 0) + 1);
    } else if (instruction.op === 'address') {
      const { of } = instruction;
      if (of.kind === 'local') exposed.add(of.name);
    }
  }
  const holders = new Map<string, number>();
  cfg.parameters.forEach(({ local }, i) => {
    if (local !== '' && !stores.has(local) && !exposed.has(local)) holders.set(local, i);
  });
  const copies = new Map<Temp, number>();
  for (const instruction of instructions) {
    if (instruction.op === 'load' && instruction.from.kind === 'local') {
      const parameter = holders.get(instruction.from.name);
      if (parameter !== undefined) copies.set(instruction.to, parameter);
    } else if (instruction.op === 'store' && instruction.to.kind === 'local') {
      const { name } = instruction.to;
      const parameter = copies.get(instruction.value);
      if (parameter !== undefined && stores.get(name) === 1 && !exposed.has(name)) {
        holders.set(name, parameter);
      }
    }
  }
  return copies;
}

function outcomesIn(
  block: BasicBlock,
  copies: ReadonlyMap<Temp, number>,
  calleeDereferences: (name: string) => readonly number[],
): Outcomes {
  const outcomes = new Map<number, 'dereferenced' | 'tested'>();
  const note = (temp: Temp | null, what: 'dereferenced' | 'tested'): void => {
    const parameter = temp === null ? undefined : copies.get(temp);
    if (parameter !== undefined && !outcomes.has(parameter)) outcomes.set(parameter, what);
  };
  const visit = (instruction: Instruction): void => {
    switch (instruction.op) {
      case 'load':
        note(pointerOf(instruction.from), 'dereferenced');
        return;
      case 'store':
        note(pointerOf(instruction.to), 'dereferenced');
        return;
      case 'binary':
        if (!isRelation(instruction.operator)) return;
        note(instruction.left, 'tested');
        note(instruction.right, 'tested');
        return;
      case 'unary':
        note(instruction.operand, 'tested');
        return;
      case 'call': {
        const { callee } = instruction;
        const known = callee.kind === 'function' ? calleeDereferences(callee.name) : [];
        instruction.arguments.forEach(({ value }, i) => {
          note(value, known.includes(i) ? 'dereferenced' : 'tested');
        });
        return;
      }
      case 'constant':
      case 'opaque':
      case 'literal':
      case 'function':
      case 'address':
      case 'declare':
      case 'end-scope':
    }
  };
  block.instructions.forEach(visit);
  if (block.terminator.kind === 'branch') note(block.terminator.condition, 'tested');
  return outcomes;
}

/** The pointer that an access goes through. */
function pointerOf(place: Place): Temp | null {
  let current = place;
  while (current.kind === 'field' || current.kind === 'element') current = current.base;
  return current.kind === 'memory' ? current.pointer : null;
}

/** Greatest fixpoint: a path that never ends, or ends the process, does not count. */
function isCertain(cfg: Cfg, outcomes: readonly Outcomes[], parameter: number): boolean {
  const certain = cfg.blocks.map(() => true);
  for (let again = true; again; ) {
    again = false;
    for (let i = cfg.blocks.length - 1; i >= 0; i--) {
      if (!certain[i]) continue;
      const here = outcomes[i]!.get(parameter);
      const { terminator } = cfg.blocks[i]!;
      const holds =
        here === undefined
          ? terminator.kind !== 'return' && successors(terminator).every((to) => certain[to])
          : here === 'dereferenced';
      if (holds) continue;
      certain[i] = false;
      again = true;
    }
  }
  return certain[0] === true && outcomes.some((o) => o.get(parameter) === 'dereferenced');
}
