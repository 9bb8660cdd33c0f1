// One step of a flagged path, done to a world. Steps that only steer the reader change nothing. A check
// that fires leaves as ProcessDeath; the caller makes a frame of it.
import { familyFacts } from './families.ts';
import type { BlockId, Step } from './flagged-path.ts';
import { hex } from './word.ts';
import { heapOf, isStandIn, releaseHeap } from './modelled-heap.ts';
import { bytesText, regionText } from './step-text.ts';
import {
  findBlock,
  isLive,
  nextLetter,
  type TrackedBlock,
  withFreed,
  withHolder,
  withoutHolder,
} from './tracked-block.ts';
import {
  allocate,
  fillWithText,
  isObject,
  keptIn,
  type NewBlock,
  placeVariable,
  release,
  type World,
} from './world.ts';

export interface StepResult {
  readonly world: World;
  /**
   * What came of it, to follow the step's own text after a colon; empty when nothing did. A function: to be
   * asked at once, or never.
   */
  readonly effect: string | (() => string);
  readonly notes: readonly string[];
}

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
type Access = Extract<Step, { kind: 'read' | 'write' }>;

/** Reads longer than this are cut: no step shows more. */
const READ_LIMIT = 64 * 1024;

/** `written`: blocks that some step of the path writes; others are filled when they are allocated. */
export function runStep(
  world: World,
  step: Step,
  { written }: { readonly written: ReadonlySet<BlockId> },
): StepResult {
  switch (step.kind) {
    case 'alloc':
      return runAlloc(world, step, !written.has(step.block));
    case 'place':
      return runPlace(world, step);
    case 'realloc':
      return runRealloc(world, step);
    case 'free':
      return runFree(world, step);
    case 'read':
      return runRead(world, step);
    case 'write':
      return runWrite(world, step);
    case 'thread-state':
      world.process.setThreadState(step);
      return { world, effect: '', notes: [] };
    case 'assign':
    case 'escape':
    case 'return':
    case 'drop':
      return runHolder(world, step);
    case 'enter':
    case 'leave':
    case 'branch':
      return { world, effect: '', notes: [] };
  }
}

/** Whether the step changes neither the process nor who holds which block. */
export function isInert(step: Step): boolean {
  return step.kind === 'enter' || step.kind === 'leave' || step.kind === 'branch';
}

function runAlloc(world: World, step: StepOf<'alloc'>, fill: boolean): StepResult {
  const heap = heapOf(step.family);
  if (heap === null || step.outcome === 'null') {
    const { zeroed: _, holder, ...facts } = wantedBy(step, heap);
    const block: TrackedBlock = {
      ...facts,
      address: 0,
      letter: nextLetter(world.blocks, 'path'),
      lifecycle: { kind: 'live' },
      holders: step.outcome === 'null' ? [] : [holder],
    };
    const after = { ...world, blocks: [...world.blocks, block] };
    if (step.outcome === 'null')
      return { world: after, effect: 'NULL', notes: ['On this path the allocation fails.'] };
    return {
      world: after,
      effect: 'not modelled',
      notes: [`The simulator does not model ${familyFacts(step.family).label}.`],
    };
  }
  return placed(world, wantedBy(step, heap), { fill, api: step.api });
}

/** What the step asks for. `heap`: the one that serves it; null: none that is modelled. */
function wantedBy<H extends NewBlock['heap'] | null>(
  step: StepOf<'alloc' | 'realloc'>,
  heap: H,
): Omit<NewBlock, 'heap'> & { readonly heap: H } {
  return {
    id: step.kind === 'alloc' ? step.block : step.into,
    size: step.size.bytes,
    api: step.api,
    family: step.family,
    heap,
    owner: 'path',
    site: step.at,
    zeroed: step.kind === 'alloc' && step.zeroed,
    holder: step.pointer,
  };
}

function runPlace(world: World, step: StepOf<'place'>): StepResult {
  const { block: id, pointer: holder, region, at: site } = step;
  const api = regionText(region);
  const size = step.size.bytes;
  const { world: after, block } = placeVariable(world, { id, size, api, holder, site, region });
  const filled = fillWithText(after, block, { offset: 0, length: block.size });
  const notes = [...filled, 'The word before it holds 0.'];
  return { world: after, effect: () => hex(block.address), notes };
}

function placed(
  world: World,
  wanted: NewBlock,
  { fill, api }: { readonly fill: boolean; readonly api: string },
): StepResult {
  const { world: after, block } = allocate(world, wanted);
  const notes = [...world.process.takeNotes()];
  if (block === null)
    return {
      world,
      effect: 'NULL',
      notes: [...notes, `${api} cannot provide ${bytesText(wanted.size)} and returns NULL.`],
    };
  if (isStandIn(wanted.family))
    notes.push(
      `Its library takes ${familyFacts(wanted.family).label} from malloc; so does the replay.`,
    );
  if (isObject(wanted)) {
    notes.push('The object header is written: ob_refcnt 1 and the type.');
    if (wanted.size > 16)
      world.process.fill(block.address + 16, Math.min(wanted.size - 16, READ_LIMIT), 0);
  } else if (fill && !wanted.zeroed && wanted.size > 0) {
    notes.push(...fillWithText(after, block, { offset: 0, length: wanted.size }));
    notes.push('The code is taken to fill the block with text.');
  }
  return { world: after, effect: () => hex(block.address), notes };
}

function runRealloc(world: World, step: StepOf<'realloc'>): StepResult {
  const old = findBlock(world.blocks, step.block);
  const heap = heapOf(step.family);
  if (step.outcome === 'null')
    return {
      world,
      effect: 'NULL',
      notes: ['On this path the call fails: the old block stays as it was.'],
    };
  if (heap === null)
    return {
      world,
      effect: 'not modelled',
      notes: [`The simulator does not model ${familyFacts(step.family).label}.`],
    };
  const wanted = wantedBy(step, heap);
  if (old === undefined) return placed(world, wanted, { fill: true, api: step.api });
  if (old.heap === null && old.address === 0) return unplaced(world, old, step.api);
  const address = world.process.realloc(heap, old.address, step.size.bytes);
  const notes = [...world.process.takeNotes()];
  if (address === 0) {
    // libc frees the block when 0 bytes are asked for; otherwise a NULL leaves it alone.
    const freed = step.size.bytes === 0 && heap === 'libc';
    const blocks = freed
      ? withFreed(world.blocks, old, { by: step.api, through: heap })
      : world.blocks;
    return { world: { ...world, blocks }, effect: 'NULL', notes };
  }
  const { zeroed: _, holder, ...facts } = wanted;
  const block: TrackedBlock = {
    ...facts,
    address,
    letter: nextLetter(world.blocks, 'path'),
    lifecycle: { kind: 'live' },
    holders: [holder],
  };
  const blocks = [...withFreed(world.blocks, old, { by: step.api, through: heap }), block];
  const effect = (): string =>
    address === old.address ? `${hex(address)}, in place` : `moves to ${hex(address)}`;
  return { world: { ...world, blocks }, effect, notes };
}

function runFree(world: World, step: StepOf<'free'>): StepResult {
  const block = findBlock(world.blocks, step.block);
  if (block === undefined)
    return {
      world,
      effect: 'not modelled',
      notes: [`${step.block} was not allocated on this path.`],
    };
  const heap = releaseHeap(step.family, block.family);
  if (heap === null)
    return {
      world,
      effect: 'not modelled',
      notes: [`The simulator does not model the release of ${familyFacts(step.family).label}.`],
    };
  if (block.heap === null && block.address === 0) return unplaced(world, block, step.api);
  if (block.address === 0 && step.offset === 0)
    return { world, effect: 'nothing to do', notes: ['The pointer is NULL.'] };
  const after = release(world, block, { api: step.api, heap, offset: step.offset });
  const notes = world.process.takeNotes();
  const address = block.address + step.offset;
  return {
    world: after,
    effect: () => `${hex(address)} ${keptIn(after.process, address) ?? 'is released'}`,
    notes,
  };
}

function runRead(world: World, step: Access): StepResult {
  const block = findBlock(world.blocks, step.block);
  if (block === undefined || block.heap === null) return nowhere(world, step.block);
  const address = block.address + step.offset.bytes;
  const bytes = world.process.read(address, Math.min(step.size.bytes, READ_LIMIT));
  const notes = [...world.process.takeNotes()];
  if (!isLive(block) && bytes.length > 0)
    notes.push(`It reads ${bytesList(bytes)}: what the allocator left there, not what was stored.`);
  return { world, effect: () => hex(address), notes };
}

function runWrite(world: World, step: Access): StepResult {
  const block = findBlock(world.blocks, step.block);
  if (block === undefined || block.heap === null) return nowhere(world, step.block);
  const range = { offset: step.offset.bytes, length: step.size.bytes };
  const notes = fillWithText(world, block, range);
  const effect = (): string => hex(block.address + step.offset.bytes);
  return { world, effect, notes: [...world.process.takeNotes(), ...notes] };
}

/** Who holds the pointer changes; the process does not. */
function runHolder(
  world: World,
  step: StepOf<'assign' | 'escape' | 'return' | 'drop'>,
): StepResult {
  const block = findBlock(world.blocks, step.block);
  if (block === undefined || block.holders.length === 0) return { world, effect: '', notes: [] };
  if (step.kind !== 'drop') {
    const blocks = withHolder(world.blocks, block, step.place);
    return { world: { ...world, blocks }, effect: '', notes: [] };
  }
  const blocks = withoutHolder(world.blocks, block, step.place);
  const after = { ...world, blocks };
  if (findBlock(blocks, step.block)?.lifecycle.kind !== 'lost')
    return { world: after, effect: '', notes: [] };
  return {
    world: after,
    effect: `${block.letter} is lost`,
    notes: [`${block.letter} (${block.id}) is still in use, and no pointer to it is left.`],
  };
}

function nowhere(world: World, block: BlockId): StepResult {
  const notes = [`${block} lies nowhere in the simulated process.`];
  return { world, effect: 'not modelled', notes };
}

function unplaced(world: World, block: TrackedBlock, by: string): StepResult {
  return {
    world: { ...world, blocks: withFreed(world.blocks, block, { by, through: null }) },
    effect: 'not modelled',
    notes: [`The simulator does not model ${familyFacts(block.family).label}: ${by} is not run.`],
  };
}

function bytesList(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return shown.join(' ') + (bytes.length > 8 ? ' …' : '');
}
