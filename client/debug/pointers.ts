// Which of the names on a path points to which block, by how many steps have run. Names are those of the
// path, as written: `buf`, `self->data`.
import type { BlockId, FlaggedPath, Step } from '../../simulator/flagged-path.ts';

export interface Pointer {
  readonly name: string;
  readonly block: BlockId;
}

interface Binding extends Pointer {
  /** The name points there once more steps than this have run. */
  readonly step: number;
  /** False: from here on it no longer does. */
  readonly holds: boolean;
}

/** The names of a path at one time, in the order in which they come up on it. */
export interface PointerNames {
  readonly held: readonly Pointer[];
  /** They pointed to a block, and hold something else now. */
  readonly dropped: readonly Pointer[];
  /** They point nowhere yet. */
  readonly later: readonly string[];
}

/** `executed`: how many steps have run. */
export function pointersAt(path: FlaggedPath, executed: number): PointerNames {
  const bindings = bindingsOf(path);
  const held = new Map<string, BlockId>();
  const dropped = new Map<string, BlockId>();
  for (const { name, block, step, holds } of bindings) {
    if (step >= executed) continue;
    if (holds) {
      held.set(name, block);
      dropped.delete(name);
    } else if (held.get(name) === block) {
      held.delete(name);
      dropped.set(name, block);
    }
  }
  const names = new Set(bindings.map(({ name }) => name));
  return {
    held: pointersOf(held),
    dropped: pointersOf(dropped),
    later: [...names].filter((name) => !held.has(name) && !dropped.has(name)),
  };
}

function pointersOf(names: ReadonlyMap<string, BlockId>): readonly Pointer[] {
  return Array.from(names, ([name, block]) => ({ name, block }));
}

/** By step. */
function bindingsOf(path: FlaggedPath): readonly Binding[] {
  const { steps } = path;
  const defined = steps.flatMap((step, index) => definition(steps, step, index));
  const names = new Set(defined.map(({ name }) => name));
  const used = steps.flatMap((step): readonly Binding[] => {
    const pointer = usedPointer(step);
    if (pointer === null || names.has(pointer.name)) return [];
    const born = steps.findIndex((each) => bornIn(each) === pointer.block);
    return born < 0 ? [] : [{ ...pointer, step: born, holds: true }];
  });
  return [...defined, ...used]
    .filter(({ name }) => name !== '')
    .toSorted((left, right) => left.step - right.step);
}

function definition(steps: readonly Step[], step: Step, index: number): readonly Binding[] {
  switch (step.kind) {
    case 'alloc':
    case 'place':
      return [{ name: step.pointer, block: step.block, step: index, holds: true }];
    case 'realloc': {
      if (step.outcome === 'null' || isTakenElsewhere(steps, index)) return [];
      return [{ name: step.pointer, block: step.into, step: index, holds: true }];
    }
    case 'assign':
      return [{ name: step.place, block: step.block, step: index, holds: true }];
    case 'drop':
      return [{ name: step.place, block: step.block, step: index, holds: false }];
    default:
      return [];
  }
}

/** `grown = realloc(buf, n)`: the old name keeps the old pointer. */
function isTakenElsewhere(steps: readonly Step[], index: number): boolean {
  const step = steps[index];
  const next = steps[index + 1];
  return (
    step?.kind === 'realloc' &&
    next?.kind === 'assign' &&
    next.block === step.into &&
    next.at.line === step.at.line
  );
}

/** A name through which a block is used, and which points to its start. */
function usedPointer(step: Step): Pointer | null {
  switch (step.kind) {
    case 'free':
      return step.offset === 0 ? { name: step.pointer, block: step.block } : null;
    case 'read':
    case 'write':
      return { name: step.pointer, block: step.block };
    default:
      return null;
  }
}

function bornIn(step: Step): BlockId | null {
  switch (step.kind) {
    case 'alloc':
    case 'place':
      return step.block;
    case 'realloc':
      return step.into;
    default:
      return null;
  }
}
