// The fields that pymalloc keeps in and before a block: the link of a free one, the header of its pool.
import { tcacheFields } from './chunk-fields.ts';
import { bytesAt, type Field, word } from './field.ts';
import { structuresOf } from './structures.ts';
import type { World } from './world.ts';

export const POOL_OVERHEAD = 48;

export function pymallocFields(world: World, start: number): readonly Field[] {
  const pool = structuresOf(world).pools.find((each) =>
    each.blocks.some((block) => block.address === start),
  );
  const first = pool?.address === start - POOL_OVERHEAD;
  const links = inTcache(world, start)
    ? tcacheFields(world, start)
    : pool?.freeList.includes(start) === true
      ? [word(world, start, 'next free block', 'link of the free list of the pool; 0 ends it')]
      : [];
  if (first) return [...poolHeaderFields(world, start - POOL_OVERHEAD, pool.corrupt), ...links];
  return links;
}

function poolHeaderFields(world: World, pool: number, corrupt: string | null): readonly Field[] {
  const half = (offset: number, name: string, note: string): Field => {
    const bytes = bytesAt(world, pool + offset, 4);
    const value = bytes.reduceRight<number>((sum, byte) => sum * 256 + (byte ?? 0), 0);
    return {
      address: pool + offset,
      length: 4,
      name,
      value: String(value),
      note,
      corrupt: corrupt !== null && corrupt.includes(name),
    };
  };
  return [
    half(0, 'ref.count', 'blocks in use'),
    word(world, pool + 8, 'freeblock', 'head of the free list of the pool'),
    word(world, pool + 16, 'nextpool', 'next pool of the size class'),
    word(world, pool + 24, 'prevpool', 'previous pool of the size class'),
    half(32, 'arenaindex', 'index of the arena'),
    half(36, 'szidx', 'size class'),
    half(40, 'nextoffset', 'offset of the next block never handed out'),
    half(44, 'maxnextoffset', 'largest valid nextoffset'),
  ];
}

function inTcache(world: World, start: number): boolean {
  return structuresOf(world).freeLists.some(
    (list) => list.kind === 'tcache' && list.entries.includes(start),
  );
}
