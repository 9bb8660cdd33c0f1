// One frame of a timeline as plain JSON for any view: heap panel, terminal, HTML file, debugger.
import type { BlockId, Span } from './flagged-path.ts';

/** An address as text, `0x` and lower-case hex. */
export type Address = string;

export interface HeapView {
  /** Index of the frame in its timeline, 0-based. */
  readonly frame: number;
  readonly blocks: readonly BlockView[];
  /** The heap map, in address order: one row per pymalloc pool, run of ptmalloc chunks, or mapping. */
  readonly rows: readonly RowView[];
  /** Bytes around each block of the path, with named fields. */
  readonly hex: readonly HexView[];
  /** Free lists that matter here: tcache bins, fastbins, unsorted, the pool's free list. */
  readonly freeLists: readonly FreeListView[];
  readonly footprint: Footprint;
}

/** What the program's memory costs, in bytes, and who knows of it. */
export interface Footprint {
  /** Given by the operating system: the C heap, mappings, pymalloc's arenas. */
  readonly fromSystem: number;
  /** Of these, the C library's heap and mappings. */
  readonly inCHeap: number;
  /** Live bytes that were asked of Python's memory manager. */
  readonly known: number;
  /** Live bytes that were asked of malloc() past it. */
  readonly escaped: number;
  /** Bytes of live blocks that nobody asked for: headers, rounding. */
  readonly waste: number;
  /** What tracemalloc would count; it also counts what was released past Python's functions. */
  readonly traced: { readonly bytes: number; readonly blocks: number };
  /** Live objects of the collector, and how many new ones make it look at the youngest. */
  readonly collector: { readonly young: number; readonly threshold: number };
}

export interface BlockView {
  readonly block: BlockId;
  /** One letter or digit that stands for the block in the heap map. */
  readonly letter: string;
  readonly address: Address;
  /** Bytes requested. */
  readonly size: number;
  readonly api: string;
  readonly family: string;
  /** `ptmalloc`, `pymalloc` or `mmap`: who really serves the bytes. */
  readonly allocator: string;
  /** What the request went through, from the program down to the operating system. */
  readonly layers: readonly string[];
  /** lost: live, and no pointer to it is left. */
  readonly state: 'live' | 'lost' | 'freed';
  /** `path`: the flagged code; `neighbor`: in place before it; `aftermath`: a later, innocent allocation. */
  readonly owner: 'path' | 'neighbor' | 'aftermath';
  readonly site: Span | null;
  /** Live blocks that share bytes with this one. */
  readonly overlaps: readonly BlockId[];
}

export interface RowView {
  readonly kind: 'pool' | 'chunks' | 'mapping';
  /** For example `pool, 32-byte blocks` or `heap (brk)`. */
  readonly label: string;
  readonly address: Address;
  readonly cells: readonly CellView[];
}

export interface CellView {
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
  readonly state: 'header' | 'live' | 'freed' | 'free' | 'top' | 'corrupt' | 'overlap' | 'elided';
  /** Cells of the allocator that this one stands for: 1 unless elided. */
  readonly count: number;
  /** The letter of the block that lies here; empty when none. */
  readonly letter: string;
  readonly block: BlockId | null;
  /** One sentence for a tooltip and for the text alternative. */
  readonly title: string;
}

export interface HexView {
  readonly block: BlockId;
  readonly title: string;
  /** Address of bytes[0]; a multiple of 16. */
  readonly address: Address;
  /** null: not mapped. */
  readonly bytes: readonly (number | null)[];
  readonly fields: readonly FieldView[];
}

export interface FieldView {
  /** Bytes from HexView.address. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** The field's name in C: `prev_size`, `size`, `fd`, `nextoffset`, `FORBIDDENBYTE`, … */
  readonly name: string;
  /** The value as a reader wants it: `0x21 (32 bytes, PREV_INUSE)`. */
  readonly value: string;
  readonly state: 'ok' | 'changed' | 'corrupt';
  readonly note: string;
}

export interface FreeListView {
  readonly name: string;
  readonly entries: readonly Address[];
}
