// The state of glibc's allocator: where its structures lie and the parameters it keeps (struct malloc_par).
// Everything that a program can corrupt (tcache, bins, top) lies in simulated memory, not here.
import type { ChunkField } from '../fault.ts';
import type { Journal } from '../journal.ts';
import type { Kernel } from '../kernel.ts';
import type { Memory } from '../memory.ts';
import type { Word } from '../word.ts';
import type { AssertionSite, Glibc } from '../versions.ts';
import { mangle } from './chunk.ts';

const DEFAULT_MMAP_THRESHOLD = 128 * 1024;
export const DEFAULT_MMAP_THRESHOLD_MAX = 32 * 1024 * 1024;

/** Of malloc_chunk from the chunk's address, of tcache_entry from the entry's. */
const FIELD_OFFSETS: Readonly<Record<ChunkField, number>> = {
  prev_size: 0,
  size: 8,
  fd: 16,
  bk: 24,
  fd_nextsize: 32,
  bk_nextsize: 40,
  next: 0,
  key: 8,
};

/** More chunks than a list of any simulated heap has: it leads back into itself. */
export const LONGEST_LIST = 2 ** 22;

export interface MallocPar {
  mmap_threshold: Word;
  trim_threshold: Word;
  readonly top_pad: number;
  n_mmaps: number;
  readonly n_mmaps_max: number;
  /** True once the program has set a threshold itself. */
  readonly no_dyn_threshold: boolean;
  /** First address of the heap; 0 before the first allocation. */
  sbrk_base: Word;
}

export interface PtmallocInit {
  /** Address of main_arena. */
  readonly mainArena: Word;
  /** The random value that marks chunks in the tcache. */
  readonly tcacheKey: Word;
  readonly no_dyn_threshold: boolean;
}

export interface Assertion {
  readonly function: string;
  readonly text: string;
  readonly site: AssertionSite;
}

export class Ptmalloc {
  isInitialized = false;
  /** Address of the thread's tcache_perthread_struct; 0 before there is one. */
  tcache: Word = 0;
  readonly mp: MallocPar;
  /** For views: mappings that serve one request each, by the address of the chunk. No check reads it. */
  readonly mapped = new Map<Word, Word>();

  constructor(
    readonly glibc: Glibc,
    readonly memory: Memory,
    readonly kernel: Kernel,
    readonly journal: Journal,
    readonly init: PtmallocInit,
  ) {
    this.mp = {
      mmap_threshold: DEFAULT_MMAP_THRESHOLD,
      trim_threshold: DEFAULT_MMAP_THRESHOLD,
      top_pad: DEFAULT_MMAP_THRESHOLD,
      n_mmaps: 0,
      n_mmaps_max: 65536,
      no_dyn_threshold: init.no_dyn_threshold,
      sbrk_base: 0,
    };
  }

  get mainArena(): Word {
    return this.init.mainArena;
  }

  clone(memory: Memory, kernel: Kernel, journal: Journal): Ptmalloc {
    const copy = new Ptmalloc(this.glibc, memory, kernel, journal, this.init);
    copy.isInitialized = this.isInitialized;
    copy.tcache = this.tcache;
    Object.assign(copy.mp, this.mp);
    for (const [chunk, size] of this.mapped) copy.mapped.set(chunk, size);
    return copy;
  }

  /** malloc_printerr. `address`: a chunk or a tcache entry; `fields`: those of it that were read and judged. */
  abort(message: string, reason: string, address: Word, ...fields: readonly ChunkField[]): never {
    const operands = fields.map((name) => ({
      name,
      address: Number(address) + FIELD_OFFSETS[name],
      length: 8,
    }));
    this.journal.abort(`${message}\n`, reason, address, operands);
  }

  /** What marks a chunk in the tcache. */
  get tcacheKey(): Word {
    return this.glibc.tcacheKey === 'random' ? this.init.tcacheKey : this.tcache;
  }

  /** The link of a singly linked list as it is stored at `position`, and back. */
  mangle(position: Word, pointer: Word): Word {
    return this.glibc.safeLinking ? mangle(position, pointer) : pointer;
  }

  /** assert() inside malloc.c */
  assert(holds: boolean, where: Assertion): void {
    if (holds) return;
    this.journal.abort(
      this.glibc.assertion(where.function, where.text, this.glibc.lines[where.site]),
      `an assertion of ${where.function} does not hold: ${where.text}`,
      0,
    );
  }

  note(sentence: () => string): void {
    this.journal.note(sentence);
  }
}
