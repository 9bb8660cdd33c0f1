// One moment of a replay: a simulated process and the blocks its program believes in. The operations are
// those a C program can do; each hands back the new list of blocks and says in sentences what it met.
// Knows no flagged path and no frame.
import type { Family, Heap } from './families.ts';
import type { BlockId, Span } from './flagged-path.ts';
import { hex } from './word.ts';
import type { Process } from './process.ts';
import {
  extentOf,
  isLive,
  meet,
  nextLetter,
  type Owner,
  type TrackedBlock,
  withFreed,
} from './tracked-block.ts';
import { WIRINGS } from './versions.ts';

export interface World {
  readonly process: Process;
  readonly blocks: readonly TrackedBlock[];
  /** The pointer that the last step gives to a release function; null when it gives none. */
  readonly handedOver: { readonly address: number; readonly isResized: boolean } | null;
}

export interface NewBlock {
  readonly id: BlockId;
  readonly size: number;
  readonly api: string;
  readonly family: Family;
  readonly heap: Heap;
  readonly owner: Owner;
  readonly site: Span | null;
  readonly zeroed: boolean;
  /** What holds the pointer, as written. */
  readonly holder: string;
}

/** sizeof(PyObject): no type is smaller. */
const OBJECT_HEADER = 16;

/** Families whose blocks start with an object header. */
const OBJECTS: readonly Family[] = ['py-object-instance', 'py-gc-object'];

/** More than this is not filled: what lies further inside a block changes no outcome. */
const FILL_LIMIT = 64 * 1024;

export function isHooked(world: World): boolean {
  return WIRINGS[world.process.target.build].hooks;
}

export function isObject(block: { readonly family: Family }): boolean {
  return isObjectFamily(block.family);
}

export function isObjectFamily(family: Family): boolean {
  return OBJECTS.includes(family);
}

/** The new block, or null when the allocator returned NULL. */
export function allocate(
  world: World,
  wanted: NewBlock,
): { readonly world: World; readonly block: TrackedBlock | null } {
  const { id, api, family, heap, owner, site, zeroed, holder } = wanted;
  const size = isObject(wanted) ? Math.max(wanted.size, OBJECT_HEADER) : wanted.size;
  const address = world.process.alloc(heap, size, { zeroed });
  if (address === 0) return { world, block: null };
  if (isObject(wanted)) world.process.initObject(address, size, { gc: heap === 'gc' });
  const block: TrackedBlock = {
    id,
    api,
    family,
    heap,
    owner,
    site,
    size,
    address,
    letter: nextLetter(world.blocks, wanted.owner),
    lifecycle: { kind: 'live' },
    holders: [holder],
  };
  return { world: { ...world, blocks: [...world.blocks, block] }, block };
}

/** Bytes between two variables, and before the first. */
const VARIABLE_STRIDE = 0x400;

/** Memory that no allocator handed out. */
export function placeVariable(
  world: World,
  variable: Pick<NewBlock, 'id' | 'size' | 'api' | 'holder' | 'site'> & {
    readonly region: 'stack' | 'static';
  },
): { readonly world: World; readonly block: TrackedBlock } {
  const { id, api, holder, site, region } = variable;
  const nth = world.blocks.filter((block) => block.family === region).length;
  const start = world.process.programMemory(region) + 0x40;
  const block: TrackedBlock = {
    id,
    api,
    site,
    size: Math.min(variable.size, VARIABLE_STRIDE / 2),
    family: region,
    heap: null,
    owner: 'path',
    address: start + (nth % 8) * VARIABLE_STRIDE,
    letter: nextLetter(world.blocks, 'path'),
    lifecycle: { kind: 'live' },
    holders: [holder],
  };
  return { world: { ...world, blocks: [...world.blocks, block] }, block };
}

/** `heap`: the one the release function belongs to, which need not be the block's. */
export function release(
  world: World,
  block: TrackedBlock,
  call: { readonly api: string; readonly heap: Heap; readonly offset: number },
): World {
  world.process.free(call.heap, block.address + call.offset);
  return { ...world, blocks: withFreed(world.blocks, block, { by: call.api, through: call.heap }) };
}

/**
 * Fills `length` bytes at `offset` with text that shows the block's letter: `aAAAAAAA`. The first byte of
 * each word is always `a`, so that no letter passes for the flag bits of a size word.
 */
export function fillWithText(
  world: World,
  block: TrackedBlock,
  range: { readonly offset: number; readonly length: number },
): readonly string[] {
  const length = Math.min(range.length, FILL_LIMIT);
  if (length <= 0) return [];
  const start = block.address + range.offset;
  const from = ((start % 8) + 8) % 8;
  const bytes = textOf(block.letter).subarray(from, from + length);
  return store(world, block, { offset: range.offset, bytes });
}

/** By letter, as from the start of a word; never written. */
const texts = new Map<string, Uint8Array>();

function textOf(letter: string): Uint8Array {
  const known = texts.get(letter);
  if (known !== undefined) return known;
  const text = new Uint8Array(FILL_LIMIT + 8).fill(letter.charCodeAt(0));
  for (let index = 0; index < text.length; index += 8) text[index] = 0x61;
  texts.set(letter, text);
  return text;
}

/** Writes, and names every live block of somebody else that is hit, where the process explains what it does. */
export function store(
  world: World,
  block: TrackedBlock,
  data: { readonly offset: number; readonly bytes: Uint8Array },
): readonly string[] {
  const start = block.address + data.offset;
  const target = { start, end: start + data.bytes.length };
  world.process.write(start, data.bytes);
  if (!world.process.explains) return [];
  const hooked = isHooked(world);
  return world.blocks.flatMap((other) => {
    if (other === block || !isLive(other)) return [];
    const hit = extentOf(other, hooked);
    if (!meet(hit, target)) return [];
    const from = Math.max(hit.start, target.start);
    const bytes = Math.min(hit.end, target.end) - from;
    return `The write through ${block.letter} overwrites ${bytes} bytes of ${other.letter}, which is live, at ${hex(from)}.`;
  });
}

/** Where a released pointer is kept for reuse, as the end of a sentence; null when no list holds it. */
export function keptIn(process: Process, address: number): string | null {
  const starts = [0, 16, 32, 48].map((before) => address - before);
  for (const list of process.freeLists())
    if (list.entries.some((entry) => starts.includes(entry))) return `goes into the ${list.name}`;
  const pool = process
    .pools()
    .find((each) => each.freeList.some((entry) => starts.includes(entry)));
  if (pool !== undefined)
    return `goes onto the free list of the pool at ${hex(pool.address)} (${pool.blockSize}-byte blocks)`;
  if (!process.memory.isMapped(address)) return 'is unmapped';
  const chunk = process
    .chunks()
    .find((each) => each.address <= address && address < each.address + each.size);
  return chunk?.kind === 'top' ? 'merges into the top of the heap' : null;
}
