// Does an address belong to pymalloc? Since 3.10 a radix tree over all arenas answers exactly, without
// touching the block's own page: CPython 3.11 Objects/obmalloc.c, arena_map_get, arena_map_mark_used,
// arena_map_is_used. Before, the start of the page was
// taken for a pool header that names the arena: CPython 3.8 Objects/obmalloc.c, address_in_range.
import { add, bits, hex, shiftRight, sub, word, type Word } from '../word.ts';
import type { CPython } from '../versions.ts';
import { ADDRESS, ARENAINDEX, type Pymalloc, SIZEOF_ARENA_OBJECT } from './pymalloc.ts';

const SIZEOF_COVERAGE = 8;
const TAIL_LO = 4;

type ArenaMap = NonNullable<CPython['arenaMap']>;

export function addressInRange(pymalloc: Pymalloc, pointer: Word): boolean {
  return pymalloc.cpython.arenaMap === null
    ? isInNamedArena(pymalloc, word(pointer))
    : isInArenaMap(pymalloc, word(pointer));
}

/** The arena index is read from the page, whoever owns the page; then the arena must hold the address. */
function isInNamedArena(pymalloc: Pymalloc, p: Word): boolean {
  const { memory, maxarenas, arenas } = pymalloc;
  const index = memory.u32(add(pymalloc.poolAddress(p), ARENAINDEX));
  pymalloc.journal.note(
    () =>
      `pymalloc read ${index} as the arena index at ${hex(add(pymalloc.poolAddress(p), ARENAINDEX))}; there are ${maxarenas} arena objects.`,
  );
  if (index >= maxarenas) return false;
  const base = memory.u64(add(arenas, SIZEOF_ARENA_OBJECT * index + ADDRESS));
  return base !== 0 && sub(p, base) < pymalloc.ARENA_SIZE;
}

function isInArenaMap(pymalloc: Pymalloc, p: Word): boolean {
  const coverage = coverageOf(pymalloc, p, { create: false });
  if (coverage === null) return false;
  const hi = pymalloc.memory.u32(coverage) | 0;
  const lo = pymalloc.memory.u32(add(coverage, TAIL_LO)) | 0;
  const tail = tailOf(pymalloc, p);
  return tail < lo || (tail >= hi && hi !== 0);
}

/** Enters an arena in the tree, where there is one; false when there is no memory for a node of it. */
export function markArena(
  pymalloc: Pymalloc,
  base: Word,
  { isUsed }: { readonly isUsed: boolean },
): boolean {
  const { memory } = pymalloc;
  if (pymalloc.cpython.arenaMap === null) return true;
  const high = coverageOf(pymalloc, base, { create: isUsed });
  if (high === null) return false;
  const tail = tailOf(pymalloc, base);
  if (tail === 0) {
    memory.setU32(high, isUsed ? -1 : 0);
    return true;
  }
  memory.setU32(high, isUsed ? tail : 0);
  const low = coverageOf(pymalloc, add(base, pymalloc.ARENA_SIZE), { create: isUsed });
  if (low === null) {
    memory.setU32(high, 0);
    return false;
  }
  memory.setU32(add(low, TAIL_LO), isUsed ? tail : 0);
  return true;
}

function tailOf(pymalloc: Pymalloc, p: Word): number {
  return bits(p, pymalloc.ARENA_SIZE - 1);
}

/** Bytes of the two lower nodes. */
function nodeSizes({ MID, BOT }: ArenaMap): { readonly mid: number; readonly bot: number } {
  return { mid: 8 * 2 ** MID, bot: SIZEOF_COVERAGE * 2 ** BOT };
}

/** The `width` bits of an address above its low `shift` ones: the index into a node. */
function indexAt(p: Word, shift: number, width: number): number {
  return bits(shiftRight(p, shift), (1 << width) - 1);
}

/** Address of the arena_coverage_t of an ideal arena; null when the tree has no node for it. */
function coverageOf(
  pymalloc: Pymalloc,
  p: Word,
  { create }: { readonly create: boolean },
): Word | null {
  const { memory, raw, arenaMapRoot } = pymalloc;
  const { arenaMap, ARENA_BITS } = pymalloc.cpython;
  if (arenaMap === null) return null;
  const { TOP, MID, BOT } = arenaMap;
  const top = indexAt(p, ARENA_BITS + BOT + MID, TOP);
  let middle = arenaMapRoot.get(top) ?? 0;
  if (middle === 0) {
    if (!create) return null;
    middle = raw.calloc(1, nodeSizes(arenaMap).mid);
    if (middle === 0) return null;
    arenaMapRoot.set(top, middle);
  }
  const slot = add(middle, 8 * indexAt(p, ARENA_BITS + BOT, MID));
  let bottom = memory.u64(slot);
  if (bottom === 0) {
    if (!create) return null;
    bottom = raw.calloc(1, nodeSizes(arenaMap).bot);
    if (bottom === 0) return null;
    memory.setU64(slot, bottom);
  }
  return add(bottom, SIZEOF_COVERAGE * indexAt(p, ARENA_BITS, BOT));
}

/** Gives the tree the two nodes that lead to `base`, at `nodes`, as if an earlier arena had made them. */
export function seedArenaMap(pymalloc: Pymalloc, base: Word, nodes: number): void {
  const { arenaMap, ARENA_BITS } = pymalloc.cpython;
  if (arenaMap === null) return;
  const { TOP, MID, BOT } = arenaMap;
  const { mid, bot } = nodeSizes(arenaMap);
  pymalloc.memory.map(nodes, mid + bot);
  pymalloc.arenaMapRoot.set(indexAt(base, ARENA_BITS + BOT + MID, TOP), nodes);
  pymalloc.memory.setU64(nodes + 8 * indexAt(base, ARENA_BITS + BOT, MID), nodes + mid);
}
