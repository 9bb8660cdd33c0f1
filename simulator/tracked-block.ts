// The blocks of a replay as the program believes them to be: who asked for which bytes and whether it has
// given them back. The allocators know nothing of this; where the two disagree, memory is corrupt.
import type { Family, Heap } from './families.ts';
import type { BlockId, Span } from './flagged-path.ts';
import type { BlockView } from './view.ts';

export type Owner = BlockView['owner'];

export type Lifecycle =
  | { readonly kind: 'live' }
  /** Live, and no pointer to it is left. */
  | { readonly kind: 'lost' }
  /** `by`: the function that released it; `through`: the heap that function belongs to. */
  | { readonly kind: 'freed'; readonly by: string; readonly through: Heap | null };

export interface TrackedBlock {
  readonly id: BlockId;
  readonly letter: string;
  /** The pointer the program holds; 0: NULL, or a block that is not modelled. */
  readonly address: number;
  /** Bytes requested. */
  readonly size: number;
  readonly api: string;
  readonly family: Family;
  /** null: the family is not modelled and the block lies nowhere. */
  readonly heap: Heap | null;
  readonly owner: Owner;
  readonly site: Span | null;
  readonly lifecycle: Lifecycle;
  /** What holds the pointer, as written. */
  readonly holders: readonly string[];
}

/** Bytes before and after the requested ones that belong to the block alone. */
export interface Decoration {
  readonly before: number;
  readonly after: number;
}

export const GC_HEADER = 16;
/** Size and api id in front, FORBIDDENBYTEs behind. */
const HOOKS: Decoration = { before: 16, after: 8 };

/** What the domain itself puts around a block; inner decorations of a fallback domain are not counted. */
export function decoration(heap: Heap, hooked: boolean): Decoration {
  const hooks = hooked && heap !== 'libc' ? HOOKS : { before: 0, after: 0 };
  return { before: hooks.before + (heap === 'gc' ? GC_HEADER : 0), after: hooks.after };
}

export interface Extent {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The bytes that nobody else may touch while the block is live. */
export function extentOf(block: TrackedBlock, hooked: boolean): Extent {
  if (block.heap === null || block.address === 0) return { start: 0, end: 0 };
  const around = decoration(block.heap, hooked);
  return {
    start: block.address - around.before,
    end: block.address + block.size + around.after,
  };
}

export function meet(left: Extent, right: Extent): boolean {
  return left.start < right.end && right.start < left.end;
}

export function isLive(block: TrackedBlock): boolean {
  return block.lifecycle.kind !== 'freed';
}

/** Whether the block lies anywhere in the simulated address space. */
export function isPlaced(block: TrackedBlock): boolean {
  return block.heap !== null && block.address !== 0;
}

/** Pairs of live blocks that share bytes, in address order. */
export function overlapsOf(
  blocks: readonly TrackedBlock[],
  hooked: boolean,
): readonly (readonly [TrackedBlock, TrackedBlock])[] {
  const placed = blocks.filter((block) => isLive(block) && isPlaced(block));
  if (placed.length < 2) return [];
  const live = placed
    .map((block) => ({ block, extent: extentOf(block, hooked) }))
    .toSorted((left, right) => left.extent.start - right.extent.start);
  return live.flatMap((left, index) => {
    const pairs: (readonly [TrackedBlock, TrackedBlock])[] = [];
    for (let next = index + 1; next < live.length; next++) {
      const right = live[next];
      if (right === undefined || right.extent.start >= left.extent.end) break;
      if (meet(left.extent, right.extent)) pairs.push([left.block, right.block]);
    }
    return pairs;
  });
}

/** The last block of this name: a loop may bind it more than once. */
export function findBlock(blocks: readonly TrackedBlock[], id: BlockId): TrackedBlock | undefined {
  return blocks.findLast((block) => block.id === id);
}

export function withFreed(
  blocks: readonly TrackedBlock[],
  block: TrackedBlock,
  { by, through }: { readonly by: string; readonly through: Heap | null },
): readonly TrackedBlock[] {
  const index = blocks.lastIndexOf(block);
  return index < 0
    ? blocks
    : blocks.with(index, { ...block, lifecycle: { kind: 'freed', by, through } });
}

/** The place holds the pointer from here on. */
export function withHolder(
  blocks: readonly TrackedBlock[],
  block: TrackedBlock,
  place: string,
): readonly TrackedBlock[] {
  return blocks.map((each) =>
    each === block ? { ...each, holders: [...each.holders, place] } : each,
  );
}

/** The place holds it no more; a live block that nobody holds is lost. */
export function withoutHolder(
  blocks: readonly TrackedBlock[],
  block: TrackedBlock,
  place: string,
): readonly TrackedBlock[] {
  const holders = block.holders.filter((holder) => holder !== place);
  const isLost = holders.length === 0 && block.lifecycle.kind === 'live';
  const lifecycle = isLost ? ({ kind: 'lost' } as const) : block.lifecycle;
  return blocks.map((each) => (each === block ? { ...each, holders, lifecycle } : each));
}

const LETTERS: Readonly<Record<Owner, string>> = {
  path: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  aftermath: '123456789',
  neighbor: 'xyzuvwrstnmpq',
};

/** Letters repeat when a path holds more blocks than the alphabet. */
export function nextLetter(blocks: readonly { readonly owner: Owner }[], owner: Owner): string {
  const letters = LETTERS[owner];
  let used = 0;
  for (const block of blocks) if (block.owner === owner) used++;
  return letters[used % letters.length] ?? '?';
}
