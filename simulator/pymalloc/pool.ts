// Pools: 16 KiB of blocks of one size. Handing out a block, extending the free list, starting a new pool.
// Follows CPython 3.11 Objects/obmalloc.c, pymalloc_pool_extend, allocate_from_new_pool,
// insert_to_usedpool.
import { add, hex, sub, type Word } from '../word.ts';
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
  memory.setU32(add(pool, REF_COUNT), memory.u32(add(pool, REF_COUNT)) + 1);
  const block = memory.u64(add(pool, FREEBLOCK));
  const next = memory.u64(block);
  memory.setU64(add(pool, FREEBLOCK), next);
  if (next === 0) extendPool(pymalloc, pool, index);
  return block;
}

/** The free list is used up: carve one more block, or take the full pool off usedpools. */
function extendPool(pymalloc: Pymalloc, pool: Word, index: number): void {
  const { memory } = pymalloc;
  const nextoffset = memory.u32(add(pool, NEXTOFFSET));
  if (nextoffset > memory.u32(add(pool, MAXNEXTOFFSET))) {
    unlinkPool(pymalloc, pool);
    return;
  }
  const block = add(pool, nextoffset);
  memory.setU64(add(pool, FREEBLOCK), block);
  memory.setU32(add(pool, NEXTOFFSET), nextoffset + index2size(index));
  memory.setU64(block, 0);
}

/** The first block of a pool that was not in use; 0 when there is no memory. */
export function allocateFromNewPool(pymalloc: Pymalloc, index: number): Word {
  const { memory } = pymalloc;
  if (pymalloc.usable_arenas === 0) {
    const arena = newArena(pymalloc);
    pymalloc.usable_arenas = arena;
    if (arena === 0) return 0;
    memory.setU64(add(arena, NEXTARENA), 0);
    memory.setU64(add(arena, PREVARENA), 0);
    memory.setU64(pymalloc.nfp2lasta(memory.u32(add(arena, NFREEPOOLS))), arena);
  }
  const pool = takePool(pymalloc, pymalloc.usable_arenas);
  const next = memory.u64(add(pymalloc.usedpoolsHead(index), NEXTPOOL));
  memory.setU64(add(pool, NEXTPOOL), next);
  memory.setU64(add(pool, PREVPOOL), next);
  memory.setU64(add(next, NEXTPOOL), pool);
  memory.setU64(add(next, PREVPOOL), pool);
  memory.setU32(add(pool, REF_COUNT), 1);
  if (memory.u32(add(pool, SZIDX)) === index) {
    const block = memory.u64(add(pool, FREEBLOCK));
    memory.setU64(add(pool, FREEBLOCK), memory.u64(block));
    return block;
  }
  const size = index2size(index);
  const block = add(pool, POOL_OVERHEAD);
  memory.setU32(add(pool, SZIDX), index);
  memory.setU32(add(pool, NEXTOFFSET), POOL_OVERHEAD + 2 * size);
  memory.setU32(add(pool, MAXNEXTOFFSET), pymalloc.POOL_SIZE - size);
  memory.setU64(add(pool, FREEBLOCK), add(block, size));
  memory.setU64(add(block, size), 0);
  pymalloc.journal.note(
    () => `pymalloc set up the pool at ${hex(pool)} for blocks of ${size} bytes.`,
  );
  return block;
}

/** A free pool of the arena, a used one before a virgin one. */
function takePool(pymalloc: Pymalloc, arena: Word): Word {
  const { memory } = pymalloc;
  const count = memory.u32(add(arena, NFREEPOOLS));
  if (memory.u64(pymalloc.nfp2lasta(count)) === arena) memory.setU64(pymalloc.nfp2lasta(count), 0);
  if (count > 1) memory.setU64(pymalloc.nfp2lasta(count - 1), arena);
  let pool = memory.u64(add(arena, FREEPOOLS));
  if (pool !== 0) {
    memory.setU64(add(arena, FREEPOOLS), memory.u64(add(pool, NEXTPOOL)));
  } else {
    pool = memory.u64(add(arena, POOL_ADDRESS));
    memory.setU32(add(pool, ARENAINDEX), Number(sub(arena, pymalloc.arenas)) / SIZEOF_ARENA_OBJECT);
    memory.setU32(add(pool, SZIDX), DUMMY_SIZE_IDX);
    memory.setU64(add(arena, POOL_ADDRESS), add(pool, pymalloc.POOL_SIZE));
  }
  memory.setU32(add(arena, NFREEPOOLS), count - 1);
  if ((count - 1) >>> 0 === 0) {
    pymalloc.usable_arenas = memory.u64(add(arena, NEXTARENA));
    if (pymalloc.usable_arenas !== 0) memory.setU64(add(pymalloc.usable_arenas, PREVARENA), 0);
  }
  return pool;
}

/** A block of a full pool was freed: the pool is usable again and goes to the front. */
export function insertToUsedpool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  const head = pymalloc.usedpoolsHead(memory.u32(add(pool, SZIDX)));
  const next = memory.u64(add(head, NEXTPOOL));
  const previous = memory.u64(add(next, PREVPOOL));
  memory.setU64(add(pool, NEXTPOOL), next);
  memory.setU64(add(pool, PREVPOOL), previous);
  memory.setU64(add(next, PREVPOOL), pool);
  memory.setU64(add(previous, NEXTPOOL), pool);
}
