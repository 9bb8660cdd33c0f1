// What a step does wrong by the rules of the C API, whether or not an allocator notices: the difference
// between a silent mix-up and a clean run. Looks at the step and at the program's blocks, never at bytes.
import { familyFacts, type Family } from './families.ts';
import type { Step } from './flagged-path.ts';
import { heapOf, releases } from './modelled-heap.ts';
import { bytesText } from './step-text.ts';
import { findBlock, isLive, type TrackedBlock } from './tracked-block.ts';
import type { World } from './world.ts';

/** What a step does wrong. */
export interface Misuse {
  readonly kind: /** a function of another family gets the block */
    | 'family'
    /** a block that was released is released or used again */
    | 'released'
    /** the pointer is not the block's start, or the access leaves the block */
    | 'bounds'
    | 'null pointer'
    | 'no thread state';
  /** One sentence. */
  readonly text: string;
}

/** Empty when the step is in order. */
export function misusesOf(world: World, step: Step): readonly Misuse[] {
  switch (step.kind) {
    case 'alloc':
      return detached(world, step);
    case 'realloc':
    case 'free': {
      const block = findBlock(world.blocks, step.block);
      const offset = step.kind === 'free' ? step.offset : 0;
      if (block === undefined || block.address + offset === 0) return detached(world, step);
      return [...released(block, step, offset), ...detached(world, step)];
    }
    case 'read':
    case 'write': {
      const block = findBlock(world.blocks, step.block);
      return block === undefined ? [] : touched(block, step);
    }
    case 'place':
    case 'enter':
    case 'leave':
    case 'branch':
    case 'assign':
    case 'escape':
    case 'return':
    case 'drop':
    case 'thread-state':
      return [];
  }
}

function released(
  block: TrackedBlock,
  step: Extract<Step, { kind: 'free' | 'realloc' }>,
  offset: number,
): readonly Misuse[] {
  if (block.lifecycle.kind === 'freed')
    return [
      misuse(
        'released',
        `${block.letter} (${block.id}) was released by ${block.lifecycle.by} and is ${step.kind === 'realloc' ? 'resized' : 'released again'} by ${step.api}.`,
      ),
    ];
  const found: Misuse[] = [];
  if (offset !== 0)
    found.push(
      misuse(
        'bounds',
        `${step.api} is given a pointer ${bytesText(offset)} into ${block.letter} (${block.id}): no block starts there.`,
      ),
    );
  if (!releases(step.family, block.family))
    found.push(
      misuse(
        'family',
        `${block.letter} (${block.id}) is memory of ${familyFacts(block.family).label}, from ${block.api}; ${step.api} ${step.kind === 'realloc' ? 'resizes' : 'releases'} memory of ${familyFacts(step.family).label}.`,
      ),
    );
  return found;
}

function touched(
  block: TrackedBlock,
  step: Extract<Step, { kind: 'read' | 'write' }>,
): readonly Misuse[] {
  const verb = step.kind === 'read' ? 'reads' : 'writes';
  if (!isLive(block))
    return [
      misuse(
        'released',
        `The code still ${verb} ${block.letter} (${block.id}), which it has released.`,
      ),
    ];
  if (block.address === 0)
    return [misuse('null pointer', `The code ${verb} through a null pointer.`)];
  const end = step.offset.bytes + step.size.bytes;
  if (step.offset.bytes < 0 || end > block.size)
    return [
      misuse(
        'bounds',
        `The code ${verb} bytes ${step.offset.bytes} to ${end} of ${block.letter} (${block.id}), which has ${bytesText(block.size)}.`,
      ),
    ];
  return [];
}

function detached(
  world: World,
  step: { readonly api: string; readonly family: Family },
): readonly Misuse[] {
  if (world.process.isAttached || !needsThreadState(step.family)) return [];
  return [misuse('no thread state', `${step.api} is called while no thread state is attached.`)];
}

function misuse(kind: Misuse['kind'], text: string): Misuse {
  return { kind, text };
}

function needsThreadState(family: Family): boolean {
  const heap = heapOf(family);
  return heap === 'mem' || heap === 'obj' || heap === 'gc';
}
