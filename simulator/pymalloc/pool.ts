// Pools: 16 KiB of blocks of one size. Handing out a block, extending the free list, starting a new pool.
// Follows CPython 3.11 Objects/obmalloc.c, pymalloc_pool_extend, allocate_from_new_pool,
// insert_to_usedpool.
import { hex, type Word } from '../memory.ts';
import { newArena, unlinkPool } from './arena.ts';
import {
  ARENAINDEX,
  DUMMY_SIZE_IDX,
  FREEBLOCK,
  FREEPOOLS,
  MAXNEXTOFFSET,
  NEXTARENA,
  NEXTOFFSET,
  NEXTPOOL,
  NFREEPOOLS,
  POOL_ADDRESS,
  POOL_OVERHEAD,
  PREVARENA,
  PREVPOOL,
  type Pymalloc,
  REF_COUNT,
  SIZEOF_ARENA_OBJECT,
  SZIDX,
} from './pymalloc.ts';

/** INDEX2SIZE, in unsigned 32-bit arithmetic. */
export function index2size(index: number): number {
  return ((index + 1) << 4) >>> 0;
}

/** A block of a pool that is in use; the pool's free list is not empty. */
export function allocateFromPool(pymalloc: Pymalloc, pool: Word, index: number): Word {
  const { memory } = pymalloc;
  memory.setU32(pool + REF_COUNT, memory.u32(pool + REF_COUNT) + 1);
  const block = memory.u64(pool + FREEBLOCK);
  const next = memory.u64(block);
  memory.setU64(pool + FREEBLOCK, next);
  if (next === 0n) extendPool(pymalloc, pool, index);
  return block;
}

/** The free list is used up: carve one more block, or take the full pool off usedpools. */
function extendPool(pymalloc: Pymalloc, pool: Word, index: number): void {
  const { memory } = pymalloc;
  const nextoffset = memory.u32(pool + NEXTOFFSET);
  if (nextoffset > memory.u32(pool + MAXNEXTOFFSET)) {
    unlinkPool(pymalloc, pool);
    return;
  }
  const block = pool + BigInt(nextoffset);
  memory.setU64(pool + FREEBLOCK, block);
  memory.setU32(pool + NEXTOFFSET, nextoffset + index2size(index));
  memory.setU64(block, 0n);
}

/** The first block of a pool that was not in use; 0 when there is no memory. */
export function allocateFromNewPool(pymalloc: Pymalloc, index: number): Word {
  const { memory } = pymalloc;
  if (pymalloc.usable_arenas === 0n) {
    const arena = newArena(pymalloc);
    pymalloc.usable_arenas = arena;
    if (arena === 0n) return 0n;
    memory.setU64(arena + NEXTARENA, 0n);
    memory.setU64(arena + PREVARENA, 0n);
    memory.setU64(pymalloc.nfp2lasta(memory.u32(arena + NFREEPOOLS)), arena);
  }
  const pool = takePool(pymalloc, pymalloc.usable_arenas);
  const next = memory.u64(pymalloc.usedpoolsHead(index) + NEXTPOOL);
  memory.setU64(pool + NEXTPOOL, next);
  memory.setU64(pool + PREVPOOL, next);
  memory.setU64(next + NEXTPOOL, pool);
  memory.setU64(next + PREVPOOL, pool);
  memory.setU32(pool + REF_COUNT, 1);
  if (memory.u32(pool + SZIDX) === index) {
    const block = memory.u64(pool + FREEBLOCK);
    memory.setU64(pool + FREEBLOCK, memory.u64(block));
    return block;
  }
  const size = index2size(index);
  const block = pool + POOL_OVERHEAD;
  memory.setU32(pool + SZIDX, index);
  memory.setU32(pool + NEXTOFFSET, Number(POOL_OVERHEAD) + 2 * size);
  memory.setU32(pool + MAXNEXTOFFSET, pymalloc.POOL_SIZE - size);
  memory.setU64(pool + FREEBLOCK, block + BigInt(size));
  memory.setU64(block + BigInt(size), 0n);
  pymalloc.journal.note(`pymalloc set up the pool at ${hex(pool)} for blocks of ${size} bytes.`);
  return block;
}

/** A free pool of the arena, a used one before a virgin one. */
function takePool(pymalloc: Pymalloc, arena: Word): Word {
  const { memory } = pymalloc;
  const count = memory.u32(arena + NFREEPOOLS);
  if (memory.u64(pymalloc.nfp2lasta(count)) === arena) memory.setU64(pymalloc.nfp2lasta(count), 0n);
  if (count > 1) memory.setU64(pymalloc.nfp2lasta(count - 1), arena);
  let pool = memory.u64(arena + FREEPOOLS);
  if (pool !== 0n) {
    memory.setU64(arena + FREEPOOLS, memory.u64(pool + NEXTPOOL));
  } else {
    pool = memory.u64(arena + POOL_ADDRESS);
    memory.setU32(pool + ARENAINDEX, Number((arena - pymalloc.arenas) / SIZEOF_ARENA_OBJECT));
    memory.setU32(pool + SZIDX, DUMMY_SIZE_IDX);
    memory.setU64(arena + POOL_ADDRESS, pool + BigInt(pymalloc.POOL_SIZE));
  }
  memory.setU32(arena + NFREEPOOLS, count - 1);
  if ((count - 1) >>> 0 === 0) {
    pymalloc.usable_arenas = memory.u64(arena + NEXTARENA);
    if (pymalloc.usable_arenas !== 0n) memory.setU64(pymalloc.usable_arenas + PREVARENA, 0n);
  }
  return pool;
}

/** A block of a full pool was freed: the pool is usable again and goes to the front. */
export function insertToUsedpool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  const head = pymalloc.usedpoolsHead(memory.u32(pool + SZIDX));
  const next = memory.u64(head + NEXTPOOL);
  const previous = memory.u64(next + PREVPOOL);
  memory.setU64(pool + NEXTPOOL, next);
  memory.setU64(pool + PREVPOOL, previous);
  memory.setU64(next + PREVPOOL, pool);
  memory.setU64(previous + NEXTPOOL, pool);
}
