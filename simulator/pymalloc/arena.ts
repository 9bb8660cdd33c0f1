// Arenas: taking them from the kernel, and keeping usable_arenas sorted when a pool becomes free. Follows
// CPython 3.11 Objects/obmalloc.c, new_arena and insert_to_freepool.
import { add, hex, type Word } from '../word.ts';
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
  if (pymalloc.unused_arena_objects === 0 && !growArenas(pymalloc)) return 0;
  const arena = pymalloc.unused_arena_objects;
  pymalloc.unused_arena_objects = memory.u64(add(arena, NEXTARENA));
  const base = arenaAllocator.alloc(ARENA_SIZE);
  const isMarked = base !== null && markArena(pymalloc, base, { isUsed: true });
  if (base === null || !isMarked) {
    if (base !== null) arenaAllocator.free(base, ARENA_SIZE);
    memory.setU64(add(arena, NEXTARENA), pymalloc.unused_arena_objects);
    pymalloc.unused_arena_objects = arena;
    return 0;
  }
  const excess = base % POOL_SIZE;
  const pools = ARENA_SIZE / POOL_SIZE - (excess === 0 ? 0 : 1);
  memory.setU64(add(arena, ADDRESS), base);
  memory.setU64(add(arena, FREEPOOLS), 0);
  memory.setU64(add(arena, POOL_ADDRESS), base + (excess === 0 ? 0 : POOL_SIZE - excess));
  memory.setU32(add(arena, NFREEPOOLS), pools);
  memory.setU32(add(arena, NTOTALPOOLS), pools);
  pymalloc.journal.note(() => `pymalloc took a new arena of ${ARENA_SIZE} bytes at ${hex(base)}.`);
  return arena;
}

function growArenas(pymalloc: Pymalloc): boolean {
  const { maxarenas } = pymalloc;
  const count = maxarenas === 0 ? pymalloc.cpython.INITIAL_ARENA_OBJECTS : maxarenas * 2;
  const vector = pymalloc.raw.realloc(pymalloc.arenas, count * SIZEOF_ARENA_OBJECT);
  if (vector === 0) return false;
  pymalloc.arenas = vector;
  linkUnusedArenas(pymalloc, maxarenas, count);
  pymalloc.unused_arena_objects = add(vector, SIZEOF_ARENA_OBJECT * maxarenas);
  pymalloc.maxarenas = count;
  return true;
}

/** Marks the arena objects from `first` up to `end` as unassociated and links them. */
export function linkUnusedArenas(pymalloc: Pymalloc, first: number, end: number): void {
  const { memory } = pymalloc;
  for (let index = first; index < end; index++) {
    const arena = add(pymalloc.arenas, SIZEOF_ARENA_OBJECT * index);
    memory.setU64(add(arena, ADDRESS), 0);
    memory.setU64(add(arena, NEXTARENA), index < end - 1 ? add(arena, SIZEOF_ARENA_OBJECT) : 0);
  }
}

/** The last block of a pool was freed: the pool goes back to its arena, and perhaps the arena to the kernel. */
export function insertToFreepool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  unlinkPool(pymalloc, pool);
  const arena = pymalloc.arenaOf(pool);
  memory.setU64(add(pool, NEXTPOOL), memory.u64(add(arena, FREEPOOLS)));
  memory.setU64(add(arena, FREEPOOLS), pool);

  const oldCount = memory.u32(add(arena, NFREEPOOLS));
  const lastWithOldCount = memory.u64(pymalloc.nfp2lasta(oldCount));
  if (lastWithOldCount === arena) {
    const previous = memory.u64(add(arena, PREVARENA));
    const isSame = previous !== 0 && memory.u32(add(previous, NFREEPOOLS)) === oldCount;
    memory.setU64(pymalloc.nfp2lasta(oldCount), isSame ? previous : 0);
  }
  const count = (oldCount + 1) >>> 0;
  memory.setU32(add(arena, NFREEPOOLS), count);

  const next = memory.u64(add(arena, NEXTARENA));
  const mayRelease = next !== 0 || !pymalloc.cpython.keepsLastArena;
  if (count === memory.u32(add(arena, NTOTALPOOLS)) && mayRelease)
    return releaseArena(pymalloc, arena);
  if (count === 1) return addUsableArena(pymalloc, arena);
  if (memory.u64(pymalloc.nfp2lasta(count)) === 0) memory.setU64(pymalloc.nfp2lasta(count), arena);
  if (arena !== lastWithOldCount) moveArenaBehind(pymalloc, arena, lastWithOldCount);
}

export function unlinkPool(pymalloc: Pymalloc, pool: Word): void {
  const { memory } = pymalloc;
  const next = memory.u64(add(pool, NEXTPOOL));
  const previous = memory.u64(add(pool, PREVPOOL));
  memory.setU64(add(next, PREVPOOL), previous);
  memory.setU64(add(previous, NEXTPOOL), next);
}

function releaseArena(pymalloc: Pymalloc, arena: Word): void {
  const { memory, ARENA_SIZE } = pymalloc;
  const next = memory.u64(add(arena, NEXTARENA));
  const previous = memory.u64(add(arena, PREVARENA));
  if (previous === 0) pymalloc.usable_arenas = next;
  else memory.setU64(add(previous, NEXTARENA), next);
  if (next !== 0) memory.setU64(add(next, PREVARENA), previous);
  memory.setU64(add(arena, NEXTARENA), pymalloc.unused_arena_objects);
  pymalloc.unused_arena_objects = arena;
  const base = memory.u64(add(arena, ADDRESS));
  markArena(pymalloc, base, { isUsed: false });
  pymalloc.arenaAllocator.free(base, ARENA_SIZE);
  memory.setU64(add(arena, ADDRESS), 0);
  pymalloc.journal.note(() => `pymalloc returned the free arena at ${hex(base)} to the kernel.`);
}

function addUsableArena(pymalloc: Pymalloc, arena: Word): void {
  const { memory } = pymalloc;
  const first = pymalloc.usable_arenas;
  memory.setU64(add(arena, NEXTARENA), first);
  memory.setU64(add(arena, PREVARENA), 0);
  if (first !== 0) memory.setU64(add(first, PREVARENA), arena);
  pymalloc.usable_arenas = arena;
  if (memory.u64(pymalloc.nfp2lasta(1)) === 0) memory.setU64(pymalloc.nfp2lasta(1), arena);
}

/** usable_arenas is sorted by the number of free pools; the arena has one more than before. */
function moveArenaBehind(pymalloc: Pymalloc, arena: Word, last: Word): void {
  const { memory } = pymalloc;
  const next = memory.u64(add(arena, NEXTARENA));
  const previous = memory.u64(add(arena, PREVARENA));
  if (previous === 0) pymalloc.usable_arenas = next;
  else memory.setU64(add(previous, NEXTARENA), next);
  memory.setU64(add(next, PREVARENA), previous);
  const after = memory.u64(add(last, NEXTARENA));
  memory.setU64(add(arena, PREVARENA), last);
  memory.setU64(add(arena, NEXTARENA), after);
  if (after !== 0) memory.setU64(add(after, PREVARENA), arena);
  memory.setU64(add(last, NEXTARENA), arena);
}
