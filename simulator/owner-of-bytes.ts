// Whose bytes these really are: a block of the program, what an allocator or the collector keeps around one,
// or nobody's. Reads the structures of a recorded moment, never throws.
import type { Operand } from './fault.ts';
import { CHUNK_HDR_SZ } from './ptmalloc/chunk.ts';
import { POOL_OVERHEAD } from './pymalloc/pymalloc.ts';
import { structuresOf } from './structures.ts';
import { decoration, GC_HEADER, isLive, isPlaced, type TrackedBlock } from './tracked-block.ts';
import { isHooked, type World } from './world.ts';

/** To follow "belong to". */
export function ownerOf(world: World, { address }: Pick<Operand, 'address'>): string {
  return (
    inBlock(world, address) ??
    aroundBlock(world, address) ??
    inPool(world, address) ??
    inHeap(world, address) ??
    'no block'
  );
}

/** The last block of several that were handed out there. */
function inBlock(world: World, address: number): string | null {
  const block = world.blocks.findLast(
    (each) => isPlaced(each) && each.address <= address && address < each.address + each.size,
  );
  if (block === undefined) return null;
  const place = address + 8 >= block.address + block.size ? 'the end of ' : '';
  return `${place}${named(block)}${isLive(block) ? '' : ', which was released,'}`;
}

function named({ letter, id, owner }: TrackedBlock): string {
  return owner === 'neighbor' ? `the block before it (${letter})` : `${letter} (${id})`;
}

function aroundBlock(world: World, address: number): string | null {
  for (const block of world.blocks.filter(isPlaced)) {
    if (block.heap === null) continue;
    const { before, after } = decoration(block.heap, isHooked(world));
    const end = block.address + block.size;
    if (block.heap === 'gc' && block.address - GC_HEADER <= address && address < block.address)
      return `the collector's header of ${block.letter}`;
    if (block.address - before <= address && address < block.address)
      return `the debug hooks' header of ${block.letter}`;
    if (end <= address && address < end + after)
      return `the debug hooks' trailer of ${block.letter}`;
  }
  return null;
}

function inPool(world: World, address: number): string | null {
  const pool = structuresOf(world).pools.find(
    (each) =>
      each.address <= address && address < (each.blocks.at(-1)?.address ?? 0) + each.blockSize,
  );
  if (pool === undefined) return null;
  if (address < pool.address + POOL_OVERHEAD) return "the header of pymalloc's pool";
  const block = pool.blocks.findLast((each) => each.address <= address);
  return block?.state === 'used'
    ? `the unused end of a ${pool.blockSize}-byte block of pymalloc`
    : `a free ${pool.blockSize}-byte block of pymalloc`;
}

function inHeap(world: World, address: number): string | null {
  const chunk = structuresOf(world).chunks.find(
    (each) => each.address <= address && address < each.address + each.size,
  );
  if (chunk === undefined) return null;
  if (chunk.kind === 'top') return 'the unused top of the heap';
  if (address < chunk.address + CHUNK_HDR_SZ) return 'the header of a chunk of malloc()';
  return chunk.kind === 'used' ? 'a chunk of malloc() that is in use' : 'a free chunk of malloc()';
}
