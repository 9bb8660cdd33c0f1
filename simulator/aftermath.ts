// What a process goes on to do after a faulty release: a short, fixed list of innocent actions, so that a
// corruption which nobody noticed shows itself. The list follows from the released block alone.
import { ProcessDeath } from './fault.ts';
import type { Family, Heap } from './families.ts';
import { hex } from './word.ts';
import { RELEASE_OF_HEAP } from './neighbors.ts';
import type { StepResult } from './run-step.ts';
import { bytesText } from './step-text.ts';
import { decoration, findBlock, isLive, isPlaced, type TrackedBlock } from './tracked-block.ts';
import {
  allocate,
  fillWithText,
  isHooked,
  isObject,
  keptIn,
  release,
  type World,
} from './world.ts';

/** What is done, as data. */
export type Deed =
  | ({ readonly kind: 'allocate'; readonly id: string } & Wanted)
  | { readonly kind: 'give up'; readonly neighbor: TrackedBlock }
  | { readonly kind: 'release'; readonly id: string };

export interface Wanted {
  readonly api: string;
  readonly family: Family;
  readonly heap: Heap;
  readonly size: number;
}

export interface Action {
  readonly title: string;
  readonly run: (world: World) => StepResult;
}

/** How the interpreter and the C library allocate; the names are for the reader. */
const ALLOCATORS = {
  libc: { api: 'malloc', family: 'libc' },
  raw: { api: 'PyMem_RawMalloc', family: 'py-raw' },
  mem: { api: 'PyMem_Malloc', family: 'py-mem' },
  obj: { api: 'PyObject_Malloc', family: 'py-object' },
  gc: { api: 'PyObject_GC_New', family: 'py-gc-object' },
} as const satisfies Record<Heap, { api: string; family: Family }>;

/** The chunk size that makes ptmalloc consolidate its free lists. */
const LARGE_REQUEST = 4096;

/** For the assumptions of a timeline. */
export function aftermathText(block: TrackedBlock): string {
  const heap = block.heap ?? 'libc';
  return (
    `After the path the process goes on: it allocates six blocks of the size class of ${block.letter} ` +
    `(${block.api}, PyObject_Malloc, malloc, PyMem_Malloc, malloc, ${ALLOCATORS[heap].api}) and fills them, ` +
    `releases the neighbors and then the six blocks, and calls malloc(${LARGE_REQUEST}).`
  );
}

/** `block`: the one that the faulty step was about. */
export function aftermathOf(block: TrackedBlock, world: World): readonly Action[] {
  const neighbors = world.blocks.filter((each) => each.owner === 'neighbor');
  return deedsOf(block, neighbors, isHooked(world)).map(actionOf);
}

export function deedsOf(
  block: Omit<Wanted, 'heap'> & { readonly heap: Heap | null },
  neighbors: readonly TrackedBlock[],
  hooked: boolean,
): readonly Deed[] {
  const own = block.heap ?? 'libc';
  const total = block.size + around(own, hooked);
  const likeBlock = { api: block.api, family: block.family, heap: own, size: block.size };
  const of = (heap: Heap) => ({
    ...ALLOCATORS[heap],
    heap,
    size: Math.max(1, total - around(heap, hooked)),
  });
  const wanted = [likeBlock, of('obj'), of('libc'), of('mem'), of('libc'), likeBlock];
  const large = { ...ALLOCATORS.libc, heap: 'libc', size: LARGE_REQUEST } as const;
  return [
    ...wanted.map((each, index): Deed => ({ kind: 'allocate', id: `later ${index + 1}`, ...each })),
    ...neighbors.map((neighbor): Deed => ({ kind: 'give up', neighbor })),
    ...wanted.map((_, index): Deed => ({ kind: 'release', id: `later ${index + 1}` })),
    { kind: 'allocate', id: 'later large', ...large },
  ];
}

export function actionOf(deed: Deed): Action {
  switch (deed.kind) {
    case 'allocate':
      return allocation(deed.id, deed);
    case 'give up':
      return useNeighbor(deed.neighbor);
    case 'release':
      return releaseLater(deed.id);
  }
}

function around(heap: Heap, hooked: boolean): number {
  const { before, after } = decoration(heap, hooked);
  return before + after;
}

function allocation(id: string, { api, family, heap, size }: Wanted): Action {
  const wanted = { api, family, heap, size };
  const title = `${wanted.api}(${wanted.size})`;
  return {
    title,
    run: (world) => {
      const facts = {
        ...wanted,
        id,
        owner: 'aftermath',
        site: null,
        zeroed: false,
        holder: 'the program',
      } as const;
      const { world: after, block } = allocate(world, facts);
      const notes = [...world.process.takeNotes()];
      if (block === null) return { world, effect: 'NULL', notes };
      const handed = handedOutTwice(world, block);
      if (handed !== null) notes.push(handed);
      const offset = isObject(wanted) ? 16 : 0;
      notes.push(...fillWithText(after, block, { offset, length: wanted.size - offset }));
      return { world: after, effect: `${block.letter} at ${hex(block.address)}`, notes };
    },
  };
}

function handedOutTwice(world: World, block: TrackedBlock): string | null {
  const twin = world.blocks.find(
    (other) => isLive(other) && isPlaced(other) && other.address === block.address,
  );
  return twin === undefined
    ? null
    : `${block.letter} gets the very bytes that ${twin.letter} still uses: one block, handed out twice.`;
}

function useNeighbor(neighbor: TrackedBlock): Action {
  const api = neighbor.heap === null ? 'free' : RELEASE_OF_HEAP[neighbor.heap];
  const verb = isObject(neighbor) ? 'drops the last reference to' : 'releases';
  return {
    title: `the program ${verb} neighbor ${neighbor.letter}`,
    run: (world) => {
      if (neighbor.heap === null) return { world, effect: '', notes: [] };
      const survivor = isObject(neighbor) ? dropReference(world, neighbor) : null;
      if (survivor !== null) return { world, effect: 'it is never released', notes: [survivor] };
      return released(world, neighbor, api);
    },
  };
}

/** Why the object is not released although its last reference is dropped; null when it is. */
function dropReference(world: World, object: TrackedBlock): string | null {
  const count = wordAt(world, object.address);
  const type = wordAt(world, object.address + 8);
  if (count !== 1n)
    return `ob_refcnt of ${object.letter} was 1 and reads ${hex(count)}: it never drops to zero.`;
  try {
    // tp_dealloc of the object's type, which Py_DECREF calls.
    world.process.read(Number(type) + 48, 8);
  } catch (error) {
    if (!(error instanceof ProcessDeath)) throw error;
    const reason = `Py_DECREF loads tp_dealloc through ob_type of ${object.letter}, which reads ${hex(type)}: ${error.reason}`;
    throw new ProcessDeath(error.signal, error.text, reason, error.address);
  }
  return null;
}

function wordAt(world: World, address: number): bigint {
  const bytes = world.process.read(address, 8);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

function releaseLater(id: string): Action {
  const letter = id.replace('later ', '');
  return {
    title: `the program releases ${letter}`,
    run: (world) => {
      const block = findBlock(world.blocks, id);
      if (block === undefined || block.heap === null)
        return { world, effect: 'there is no such block', notes: [] };
      return released(world, block, RELEASE_OF_HEAP[block.heap]);
    },
  };
}

function released(world: World, block: TrackedBlock, api: string): StepResult {
  if (block.heap === null) return { world, effect: '', notes: [] };
  const after = release(world, block, { api, heap: block.heap, offset: 0 });
  const notes = world.process.takeNotes();
  return {
    world: after,
    effect: () => {
      const place = keptIn(after.process, block.address) ?? 'is released';
      return `${bytesText(block.size)} at ${hex(block.address)} ${place}`;
    },
    notes,
  };
}
