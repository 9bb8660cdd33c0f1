// The pools of pymalloc as a reader sees them, walked without ever throwing. Reads memory only.
import { add, hex, type Word } from '../word.ts';
import { index2size } from './pool.ts';
import {
  ADDRESS,
  FREEBLOCK,
  MAXNEXTOFFSET,
  NEXTOFFSET,
  NFREEPOOLS,
  NTOTALPOOLS,
  POOL_ADDRESS,
  POOL_OVERHEAD,
  type Pymalloc,
  REF_COUNT,
  SIZEOF_ARENA_OBJECT,
  SMALL_REQUEST_THRESHOLD,
  SZIDX,
} from './pymalloc.ts';

export interface PoolBlock {
  readonly address: number;
  /** `uncarved`: never handed out since the pool took this size class. */
  readonly state: 'used' | 'free' | 'uncarved';
}

export interface Pool {
  readonly address: number;
  /** Base of the arena that holds the pool. */
  readonly arena: number;
  /** Size class index; 0xffff before the pool has one. */
  readonly szidx: number;
  /** Bytes per block; 0 when szidx is implausible. */
  readonly blockSize: number;
  /** ref.count: blocks handed out, as the header says. */
  readonly count: number;
  readonly nextoffset: number;
  readonly maxnextoffset: number;
  readonly blocks: readonly PoolBlock[];
  /** The free list, next to be handed out first. */
  readonly freeList: readonly number[];
  /** Why the header or the free list cannot be right; null when plausible. */
  readonly corrupt: string | null;
}

export interface Arena {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly nfreepools: number;
  readonly ntotalpools: number;
  /** pool_address: first byte that was never part of a pool. */
  readonly carvedEnd: number;
}

/** The arenas in use, in the order of their arena objects. */
export function arenas(pymalloc: Pymalloc): readonly Arena[] {
  const { memory, ARENA_SIZE } = pymalloc;
  const found: Arena[] = [];
  for (let index = pymalloc.firstArena; index < pymalloc.maxarenas; index++) {
    const arena = add(pymalloc.arenas, SIZEOF_ARENA_OBJECT * index);
    if (!memory.isMapped(arena) || !memory.isMapped(add(arena, PREV_END))) break;
    const address = Number(memory.u64(add(arena, ADDRESS)));
    if (address === 0 || !memory.isMapped(address)) continue;
    const nfreepools = memory.u32(add(arena, NFREEPOOLS));
    const ntotalpools = memory.u32(add(arena, NTOTALPOOLS));
    const carvedEnd = Number(memory.u64(add(arena, POOL_ADDRESS)));
    found.push({ address, size: ARENA_SIZE, nfreepools, ntotalpools, carvedEnd });
  }
  return found;
}

/** Every pool that was carved off an arena in use. */
export function pools(pymalloc: Pymalloc): readonly Pool[] {
  const { POOL_SIZE } = pymalloc;
  const found: Pool[] = [];
  for (const { address, size, carvedEnd } of arenas(pymalloc)) {
    const end = Math.min(carvedEnd, address + size);
    const first = Math.ceil(address / POOL_SIZE) * POOL_SIZE;
    for (let pool = first; pool + POOL_SIZE <= end; pool += POOL_SIZE)
      found.push(readPool(pymalloc, pool, address));
  }
  return found.toSorted((a, b) => a.address - b.address);
}

const PREV_END = SIZEOF_ARENA_OBJECT - 1;

/** Bytes of each block of the pool at an address; 0 when its szidx is implausible. */
export function blockSizeOf({ memory }: Pymalloc, pool: Word): number {
  const szidx = memory.u32(add(pool, SZIDX));
  return szidx < SMALL_REQUEST_THRESHOLD / 16 ? index2size(szidx) : 0;
}

function readPool(pymalloc: Pymalloc, address: number, arena: number): Pool {
  const { memory, POOL_SIZE } = pymalloc;
  const pool = address;
  const szidx = memory.u32(add(pool, SZIDX));
  const blockSize = blockSizeOf(pymalloc, pool);
  const nextoffset = memory.u32(add(pool, NEXTOFFSET));
  const { freeList, corrupt } = walkFreeList(pymalloc, address);
  return {
    address,
    arena,
    szidx,
    blockSize,
    count: memory.u32(add(pool, REF_COUNT)),
    nextoffset,
    maxnextoffset: memory.u32(add(pool, MAXNEXTOFFSET)),
    // Made when asked for: few readers want them, and a pool has up to a thousand.
    get blocks() {
      return blockSize === 0
        ? []
        : blocksOf({ address, blockSize, nextoffset, POOL_SIZE }, freeList);
    },
    freeList,
    corrupt: blockSize > 0 ? corrupt : `szidx is ${szidx}, which is no size class`,
  };
}

function blocksOf(
  pool: {
    readonly address: number;
    readonly blockSize: number;
    readonly nextoffset: number;
    readonly POOL_SIZE: number;
  },
  freeList: readonly number[],
): readonly PoolBlock[] {
  const free = new Set(freeList);
  const blocks: PoolBlock[] = [];
  const { address, blockSize } = pool;
  for (let offset = POOL_OVERHEAD; offset + blockSize <= pool.POOL_SIZE; offset += blockSize) {
    const at = address + offset;
    const carved = free.has(at) ? 'free' : 'used';
    blocks.push({ address: at, state: offset >= pool.nextoffset ? 'uncarved' : carved });
  }
  return blocks;
}

function walkFreeList(
  pymalloc: Pymalloc,
  pool: number,
): { readonly freeList: readonly number[]; readonly corrupt: string | null } {
  const { memory, POOL_SIZE } = pymalloc;
  const freeList: number[] = [];
  const seen = new Set<Word>();
  let block = memory.u64(add(pool, FREEBLOCK));
  while (block !== 0) {
    if (seen.has(block)) return { freeList, corrupt: `${hex(block)} is on the free list twice` };
    if (!memory.isMapped(block) || !memory.isMapped(add(block, 7)))
      return { freeList, corrupt: `the free list leads to ${hex(block)}, which is not mapped` };
    seen.add(block);
    freeList.push(Number(block));
    if (Number(block) < pool || Number(block) >= pool + POOL_SIZE)
      return { freeList, corrupt: `the free list leads out of the pool, to ${hex(block)}` };
    block = memory.u64(block);
  }
  return { freeList, corrupt: null };
}
