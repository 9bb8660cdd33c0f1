// Arenas: taking them from the kernel, and keeping usable_arenas sorted when a pool becomes free. Follows
// CPython 3.11 Objects/obmalloc.c, new_arena and insert_to_freepool.
import { hex, type Word } from '../memory.ts';
import { markArena } from './address-in-range.ts';
import {
  ADDRESS,
  FREEPOOLS,
  NEXTARENA,
  NEXTPOOL,
  NFREEPOOLS,
  NTOTALPOOLS,
  POOL_ADDRESS,
  PREVARENA,
  PREVPOOL,
  type Pymalloc,
  SIZEOF_ARENA_OBJECT,
} from './pymalloc.ts';

/** The arena_object of a fresh arena; 0 when there is no memory. */
export function newArena(pymalloc: Pymalloc): Word {
  const { memory, arenaAllocator, ARENA_SIZE, POOL_SIZE } = pymalloc;
  if (pymalloc.unused_arena_objects === 0n && !growArenas(pymalloc)) return 0n;
  const arena = pymalloc.unused_arena_objects;
  pymalloc.unused_arena_objects = memory.u64(arena + NEXTARENA);
  const base = arenaAllocator.alloc(ARENA_SIZE);
  const isMarked = base !== null && markArena(pymalloc, BigInt(base), { isUsed: true });
  if (base === null || !isMarked) {
    if (base !== null) arenaAllocator.free(BigInt(base), ARENA_SIZE);
    memory.setU64(arena + NEXTARENA, pymalloc.unused_arena_objects);
    pymalloc.unused_arena_objects = arena;
    return 0n;
  }
  const excess = base % POOL_SIZE;
  const pools = ARENA_SIZE / POOL_SIZE - (excess === 0 ? 0 : 1);
  memory.setU64(arena + ADDRESS, BigInt(base));
  memory.setU64(arena + FREEPOOLS, 0n);
  memory.setU64(arena + POOL_ADDRESS, BigInt(base + (excess === 0 ? 0 : POOL_SIZE - excess)));
  memory.setU32(arena + NFREEPOOLS, pools);
  memory.setU32(arena + NTOTALPOOLS, pools);
  pymalloc.journal.note(`pymalloc took a new arena of ${ARENA_SIZE} bytes at ${hex(base)}.`);
  return arena;
}

function growArenas(pymalloc: Pymalloc): boolean {
  const { maxarenas } = pymalloc;
  const count = maxarenas === 0 ? pymalloc.cpython.INITIAL_ARENA_OBJECTS : maxarenas * 2;
  const vector = pymalloc.raw.realloc(pymalloc.arenas, BigInt(count) * SIZEOF_ARENA_OBJECT);
  if (vector === 0n) return false;
  pymalloc.arenas = vector;
  linkUnusedArenas(pymalloc, maxarenas, count);
  pymalloc.unused_arena_objects = vector + SIZEOF_ARENA_OBJECT * BigInt(maxarenas);
  pymalloc.maxarenas = count;
  return true;
}

/** Marks the arena objects from `first` up to `end` as unassociated and links them. */
export function linkUnusedArenas(pymalloc: Pymalloc, first: number, end: number): void {
  const { memory } = pymalloc;
  for (let index = first; index < end; index++) {
    const arena = pymalloc.arenas + SIZEOF_ARENA_OBJECT * BigInt(index);
    memory.setU64(arena + ADDRESS, 0n);
    memory.setU64(arena + NEXTARENA, index < end - 1 ? arena + SIZEOF_ARENA_OBJECT : 0n);
  }
}

/** The last block of a pool was freed: the pool goes back to its arena, and perhaps the arena to the kernel. */
export function insertToFreepool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  unlinkPool(pymalloc, pool);
  const arena = pymalloc.arenaOf(pool);
  memory.setU64(pool + NEXTPOOL, memory.u64(arena + FREEPOOLS));
  memory.setU64(arena + FREEPOOLS, pool);

  const oldCount = memory.u32(arena + NFREEPOOLS);
  const lastWithOldCount = memory.u64(pymalloc.nfp2lasta(oldCount));
  if (lastWithOldCount === arena) {
    const previous = memory.u64(arena + PREVARENA);
    const isSame = previous !== 0n && memory.u32(previous + NFREEPOOLS) === oldCount;
    memory.setU64(pymalloc.nfp2lasta(oldCount), isSame ? previous : 0n);
  }
  const count = (oldCount + 1) >>> 0;
  memory.setU32(arena + NFREEPOOLS, count);

  const next = memory.u64(arena + NEXTARENA);
  const mayRelease = next !== 0n || !pymalloc.cpython.keepsLastArena;
  if (count === memory.u32(arena + NTOTALPOOLS) && mayRelease) return releaseArena(pymalloc, arena);
  if (count === 1) return addUsableArena(pymalloc, arena);
  if (memory.u64(pymalloc.nfp2lasta(count)) === 0n) memory.setU64(pymalloc.nfp2lasta(count), arena);
  if (arena !== lastWithOldCount) moveArenaBehind(pymalloc, arena, lastWithOldCount);
}

export function unlinkPool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  const next = memory.u64(pool + NEXTPOOL);
  const previous = memory.u64(pool + PREVPOOL);
  memory.setU64(next + PREVPOOL, previous);
  memory.setU64(previous + NEXTPOOL, next);
}

function releaseArena(pymalloc: Pymalloc, arena: Word): void {
  const { memory, ARENA_SIZE } = pymalloc;
  const next = memory.u64(arena + NEXTARENA);
  const previous = memory.u64(arena + PREVARENA);
  if (previous === 0n) pymalloc.usable_arenas = next;
  else memory.setU64(previous + NEXTARENA, next);
  if (next !== 0n) memory.setU64(next + PREVARENA, previous);
  memory.setU64(arena + NEXTARENA, pymalloc.unused_arena_objects);
  pymalloc.unused_arena_objects = arena;
  const base = memory.u64(arena + ADDRESS);
  markArena(pymalloc, base, { isUsed: false });
  pymalloc.arenaAllocator.free(base, ARENA_SIZE);
  memory.setU64(arena + ADDRESS, 0n);
  pymalloc.journal.note(`pymalloc returned the free arena at ${hex(base)} to the kernel.`);
}

function addUsableArena(pymalloc: Pymalloc, arena: Word): void {
  const { memory } = pymalloc;
  const first = pymalloc.usable_arenas;
  memory.setU64(arena + NEXTARENA, first);
  memory.setU64(arena + PREVARENA, 0n);
  if (first !== 0n) memory.setU64(first + PREVARENA, arena);
  pymalloc.usable_arenas = arena;
  if (memory.u64(pymalloc.nfp2lasta(1)) === 0n) memory.setU64(pymalloc.nfp2lasta(1), arena);
}

/** usable_arenas is sorted by the number of free pools; the arena has one more than before. */
function moveArenaBehind(pymalloc: Pymalloc, arena: Word, last: Word): void {
  const { memory } = pymalloc;
  const next = memory.u64(arena + NEXTARENA);
  const previous = memory.u64(arena + PREVARENA);
  if (previous === 0n) pymalloc.usable_arenas = next;
  else memory.setU64(previous + NEXTARENA, next);
  memory.setU64(next + PREVARENA, previous);
  const after = memory.u64(last + NEXTARENA);
  memory.setU64(arena + PREVARENA, last);
  memory.setU64(arena + NEXTARENA, after);
  if (after !== 0n) memory.setU64(after + PREVARENA, arena);
  memory.setU64(last + NEXTARENA, arena);
}
