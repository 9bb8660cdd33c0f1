// The state of CPython's small-object allocator: where its structures lie and its C globals. Pool headers,
// arena objects, usedpools and the radix tree's nodes lie in simulated memory, where a program can corrupt
// them. Follows CPython 3.11 Objects/obmalloc.c.
import type { Domain } from '../domain.ts';
import type { Journal } from '../journal.ts';
import type { Memory } from '../memory.ts';
import { add, without, type Word } from '../word.ts';
import type { CPython } from '../versions.ts';

export const ALIGNMENT_SHIFT = 4;
/** Bytes; requests up to here are pymalloc's, larger ones malloc's. */
export const SMALL_REQUEST_THRESHOLD = 512;

/** Offsets in struct pool_header. */
export const REF_COUNT = 0;
export const FREEBLOCK = 8;
export const NEXTPOOL = 16;
export const PREVPOOL = 24;
export const ARENAINDEX = 32;
export const SZIDX = 36;
export const NEXTOFFSET = 40;
export const MAXNEXTOFFSET = 44;
export const POOL_OVERHEAD = 48;
export const DUMMY_SIZE_IDX = 0xffff;

/** Offsets in struct arena_object. */
export const ADDRESS = 0;
export const POOL_ADDRESS = 8;
export const NFREEPOOLS = 16;
export const NTOTALPOOLS = 20;
export const FREEPOOLS = 24;
export const NEXTARENA = 32;
export const PREVARENA = 40;
export const SIZEOF_ARENA_OBJECT = 48;

/** Bytes of usedpools and of nfp2lasta. */
export const USEDPOOLS_SIZE = 512;
export const NFP2LASTA_SIZE = 65 * 8;

/** Where arenas come from: _PyObject_Arena. */
export interface ArenaAllocator {
  /** null: no memory. */
  alloc(size: number): number | null;
  free(address: Word, size: number): void;
}

export class Pymalloc {
  arenas: Word = 0;
  maxarenas = 0;
  /** For views: the arena objects before this one are the interpreter's own and not modelled. */
  firstArena = 0;
  unused_arena_objects: Word = 0;
  usable_arenas: Word = 0;
  /** Blocks that pymalloc handed on to the raw domain. */
  raw_allocated_blocks = 0;
  /** arena_map_root: the top node of the radix tree; index to the address of a middle node. */
  readonly arenaMapRoot = new Map<number, Word>();
  readonly ARENA_SIZE: number;
  readonly POOL_SIZE: number;

  constructor(
    readonly cpython: CPython,
    readonly memory: Memory,
    readonly journal: Journal,
    readonly raw: Domain,
    readonly arenaAllocator: ArenaAllocator,
    /** Addresses of the table of partially used pools and of the search fingers of usable_arenas. */
    readonly statics: { readonly usedpools: Word; readonly nfp2lasta: Word },
  ) {
    this.ARENA_SIZE = 2 ** cpython.ARENA_BITS;
    this.POOL_SIZE = 2 ** cpython.POOL_BITS;
  }

  /** The list head of a size class, shaped as a pool: PTA(index). */
  usedpoolsHead(index: number): Word {
    return add(this.statics.usedpools, 16 * index - 16);
  }

  /** Address of nfp2lasta[count]. */
  nfp2lasta(count: number): Word {
    return add(this.statics.nfp2lasta, 8 * count);
  }

  /** The table as the executable holds it: every list empty. */
  initStaticData(): void {
    const classes = SMALL_REQUEST_THRESHOLD / 16;
    for (let index = 0; index < classes; index++) {
      const head = this.usedpoolsHead(index);
      this.memory.setU64(add(head, NEXTPOOL), head);
      this.memory.setU64(add(head, PREVPOOL), head);
    }
  }

  poolAddress(pointer: Word): Word {
    return without(pointer, this.POOL_SIZE - 1);
  }

  /** The arena_object that a pool header claims. */
  arenaOf(pool: Word): Word {
    return add(this.arenas, SIZEOF_ARENA_OBJECT * this.memory.u32(add(pool, ARENAINDEX)));
  }

  clone(memory: Memory, journal: Journal, raw: Domain, arenaAllocator: ArenaAllocator): Pymalloc {
    const copy = new Pymalloc(this.cpython, memory, journal, raw, arenaAllocator, this.statics);
    copy.arenas = this.arenas;
    copy.maxarenas = this.maxarenas;
    copy.firstArena = this.firstArena;
    copy.unused_arena_objects = this.unused_arena_objects;
    copy.usable_arenas = this.usable_arenas;
    copy.raw_allocated_blocks = this.raw_allocated_blocks;
    for (const [index, node] of this.arenaMapRoot) copy.arenaMapRoot.set(index, node);
    return copy;
  }
}
