// Does an address belong to pymalloc? A radix tree over all arenas answers exactly, without touching the
// block's own page. Follows CPython 3.11 Objects/obmalloc.c, arena_map_get, arena_map_mark_used,
// arena_map_is_used (IGNORE_BITS 0: 15 + 15 + 14 + 20 address bits).
import { word, type Word } from '../memory.ts';
import type { Pymalloc } from './pymalloc.ts';

const MAP_BOT_SHIFT = 20n;
const MAP_MID_SHIFT = 34n;
const MAP_TOP_SHIFT = 49n;
const MAP_BOT_MASK = (1n << 14n) - 1n;
const MAP_MID_MASK = (1n << 15n) - 1n;
const SIZEOF_MAP_MID = 262144n;
const SIZEOF_MAP_BOT = 131072n;
const SIZEOF_COVERAGE = 8n;
const TAIL_LO = 4n;

export function addressInRange(pymalloc: Pymalloc, pointer: Word): boolean {
  const p = word(pointer);
  const coverage = coverageOf(pymalloc, p, { create: false });
  if (coverage === null) return false;
  const hi = pymalloc.memory.u32(coverage) | 0;
  const lo = pymalloc.memory.u32(coverage + TAIL_LO) | 0;
  const tail = tailOf(pymalloc, p);
  return tail < lo || (tail >= hi && hi !== 0);
}

/** False when there is no memory for a node of the tree. */
export function markArena(
  pymalloc: Pymalloc,
  base: Word,
  { isUsed }: { readonly isUsed: boolean },
): boolean {
  const { memory } = pymalloc;
  const high = coverageOf(pymalloc, base, { create: isUsed });
  if (high === null) return false;
  const tail = tailOf(pymalloc, base);
  if (tail === 0) {
    memory.setU32(high, isUsed ? -1 : 0);
    return true;
  }
  memory.setU32(high, isUsed ? tail : 0);
  const low = coverageOf(pymalloc, base + BigInt(pymalloc.ARENA_SIZE), { create: isUsed });
  if (low === null) {
    memory.setU32(high, 0);
    return false;
  }
  memory.setU32(low + TAIL_LO, isUsed ? tail : 0);
  return true;
}

function tailOf(pymalloc: Pymalloc, p: Word): number {
  return Number(p & BigInt(pymalloc.ARENA_SIZE - 1));
}

/** Address of the arena_coverage_t of an ideal arena; null when the tree has no node for it. */
function coverageOf(
  pymalloc: Pymalloc,
  p: Word,
  { create }: { readonly create: boolean },
): Word | null {
  const { memory, raw, arenaMapRoot } = pymalloc;
  const topIndex = Number(p >> MAP_TOP_SHIFT);
  let middle = arenaMapRoot.get(topIndex) ?? 0n;
  if (middle === 0n) {
    if (!create) return null;
    middle = raw.calloc(1n, SIZEOF_MAP_MID);
    if (middle === 0n) return null;
    arenaMapRoot.set(topIndex, middle);
  }
  const slot = middle + 8n * ((p >> MAP_MID_SHIFT) & MAP_MID_MASK);
  let bottom = memory.u64(slot);
  if (bottom === 0n) {
    if (!create) return null;
    bottom = raw.calloc(1n, SIZEOF_MAP_BOT);
    if (bottom === 0n) return null;
    memory.setU64(slot, bottom);
  }
  return bottom + SIZEOF_COVERAGE * ((p >> MAP_BOT_SHIFT) & MAP_BOT_MASK);
}

/** Gives the tree the two nodes that lead to `base`, at `nodes`, as if an earlier arena had made them. */
export function seedArenaMap(pymalloc: Pymalloc, base: Word, nodes: Word): void {
  const bottom = nodes + SIZEOF_MAP_MID;
  pymalloc.memory.map(Number(nodes), Number(SIZEOF_MAP_MID + SIZEOF_MAP_BOT));
  pymalloc.arenaMapRoot.set(Number(base >> MAP_TOP_SHIFT), nodes);
  pymalloc.memory.setU64(nodes + 8n * ((base >> MAP_MID_SHIFT) & MAP_MID_MASK), bottom);
}
