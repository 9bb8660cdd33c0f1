// One world as a HeapView: what the program believes (blocks), what the allocators hold (rows, free lists)
// and the bytes both of them rest on (hex). Reads only; never changes the process.
import { footprintOf } from './footprint.ts';
import { rowsOf } from './heap-map.ts';
import { hexViewsOf } from './hex-fields.ts';
import { layersOf } from './layers.ts';
import { hex } from './word.ts';
import { structuresOf } from './structures.ts';
import { isPlaced, overlapsOf, type TrackedBlock } from './tracked-block.ts';
import type { BlockView, FreeListView, HeapView } from './view.ts';
import { isHooked, type World } from './world.ts';

export interface Moment {
  /** Index of the frame, 0-based. */
  readonly frame: number;
  readonly world: World;
  /** The world of the frame before, against which bytes count as changed. */
  readonly before: World;
}

/** Longer lists are cut: nobody reads on. */
const LIST_LIMIT = 12;

/** What the reader came for first. */
const OWNERS = ['path', 'aftermath', 'neighbor'] as const;

export function viewOf({ frame, world, before }: Moment): HeapView {
  return {
    frame,
    blocks: blocksOf(world),
    rows: rowsOf(world),
    hex: hexViewsOf(world, before),
    freeLists: freeListsOf(world),
    footprint: footprintOf(world),
  };
}

function blocksOf(world: World): readonly BlockView[] {
  const overlaps = overlapsOf(world.blocks, isHooked(world));
  const ordered = OWNERS.flatMap((owner) => world.blocks.filter((block) => block.owner === owner));
  return ordered.map((block) => ({
    block: block.id,
    letter: block.letter,
    address: hex(block.address),
    size: block.size,
    api: block.api,
    family: block.family,
    allocator: allocatorOf(world, block),
    layers: layersOf(world, block),
    state: block.lifecycle.kind,
    owner: block.owner,
    site: block.site,
    overlaps: overlaps.flatMap(([left, right]) => {
      if (left === block) return [right.id];
      return right === block ? [left.id] : [];
    }),
  }));
}

function allocatorOf(world: World, block: TrackedBlock): string {
  if (block.heap === null) return block.address === 0 ? 'not modelled' : 'none';
  if (!isPlaced(block)) return 'none';
  const { allocator } = structuresOf(world).serves(block.address);
  return allocator === 'none' ? 'unmapped' : allocator;
}

function freeListsOf(world: World): readonly FreeListView[] {
  const structures = structuresOf(world);
  const lists = structures.freeLists.map((list) => ({
    name: withDamage(list.name, list.corrupt),
    entries: cut(list.entries),
  }));
  const pools = structures.pools
    .filter((pool) => pool.freeList.length > 0 || pool.corrupt !== null)
    .filter((pool) => world.blocks.some((block) => isPlaced(block) && inPool(pool.blocks, block)))
    .map((pool) => ({
      name: withDamage(
        `pool ${hex(pool.address)}, ${pool.blockSize}-byte blocks, ${pool.count} in use`,
        pool.corrupt,
      ),
      entries: cut(pool.freeList),
    }));
  return [...lists, ...pools];
}

function withDamage(name: string, corrupt: string | null): string {
  return corrupt === null ? name : `${name} (corrupt: ${corrupt})`;
}

function cut(entries: readonly number[]): readonly string[] {
  const shown = entries.slice(0, LIST_LIMIT).map((entry) => hex(entry));
  return entries.length > LIST_LIMIT ? [...shown, `… ${entries.length - LIST_LIMIT} more`] : shown;
}

function inPool(blocks: readonly { readonly address: number }[], block: TrackedBlock): boolean {
  const first = blocks[0];
  const last = blocks[blocks.length - 1];
  if (first === undefined || last === undefined) return false;
  return first.address <= block.address && block.address < last.address + 512;
}
