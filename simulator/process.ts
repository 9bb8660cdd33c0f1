// One simulated process for one target: memory and allocators, wired per domain. Everything that happens
// to it goes through here; a check that fires throws ProcessDeath. Knows no flagged path and no view.
import { debugDomain, type ApiId } from './debug-hooks.ts';
import { type Domain, libcDomain, rawDomain } from './domain.ts';
import type { Heap } from './families.ts';
import { PageFault, ProcessDeath } from './fault.ts';
import { Journal } from './journal.ts';
import { Kernel } from './kernel.ts';
import { Memory } from './memory.ts';
import { hex, word, type Word } from './word.ts';
import { Objects } from './objects.ts';
import {
  type Chunk,
  chunks,
  type FreeList,
  freeLists,
  type Mapping,
  mappings,
} from './ptmalloc/layout.ts';
import { usableSize } from './ptmalloc/libc.ts';
import { alignedAlloc, type AlignmentRule, mallocTrim } from './ptmalloc/memalign.ts';
import { Ptmalloc } from './ptmalloc/ptmalloc.ts';
import { type Arena, arenas as arenasOf, type Pool, pools } from './pymalloc/layout.ts';
import { pymallocDomain } from './pymalloc/obmalloc.ts';
import { type ArenaAllocator, Pymalloc } from './pymalloc/pymalloc.ts';
import { type Server, whoServes } from './server-of-address.ts';
import { prepareStart } from './start-heap.ts';
import {
  ARENA_STRIDE,
  type Layout,
  PORTABLE_LAYOUTS,
  runtimeState,
  type StartState,
} from './start-state.ts';
import type { Target } from './target.ts';
import { interpreterDomain, type ThreadState } from './thread-state.ts';
import { type CPython, CPYTHONS, GLIBCS, type Wiring, WIRINGS } from './versions.ts';

export type { Server } from './server-of-address.ts';
export type { StartState } from './start-state.ts';

export interface ProcessInit {
  readonly state?: StartState;
  /** Where things lie; an invented layout by default. */
  readonly layout?: Layout;
  /** Which allocator serves which domain; the target's build by default. */
  readonly wiring?: Wiring;
  /** Whether the allocators say what they do, for takeNotes(); by default they do. */
  readonly explains?: boolean;
}

/** Inside the invented layout's stack and program; no allocator ever gets there. */
const PROGRAM_MEMORY = { stack: 0x7fff_ffff_d000, static: 0x5555_5557_4000 } as const;
const PROGRAM_PAGES = 4 * 4096;

export class Process {
  readonly memory: Memory;
  readonly ptmalloc: Ptmalloc;
  /** null: the build does not use pymalloc. */
  readonly pymalloc: Pymalloc | null;
  readonly #init: Required<ProcessInit>;
  readonly #kernel: Kernel;
  readonly #journal: Journal;
  readonly #objects: Objects;
  readonly #domains: Readonly<Record<Exclude<Heap, 'gc'>, Domain>>;
  readonly #arenaBases: number[];
  readonly #thread: ThreadState;

  /** `source`: a process of the same target to continue from; for clone() alone. */
  constructor(
    readonly target: Target,
    init: ProcessInit = {},
    source?: Process,
  ) {
    const state = init.state ?? 'drained';
    const layout = init.layout ?? PORTABLE_LAYOUTS[state];
    const wiring = init.wiring ?? WIRINGS[target.build];
    this.#init = { state, layout, wiring, explains: init.explains ?? true };
    const start = source === undefined ? this.#begin(layout) : source.#copy();
    this.memory = start.memory;
    this.#kernel = start.kernel;
    this.#journal = start.journal;
    this.ptmalloc = start.ptmalloc;
    this.#arenaBases = start.arenaBases;
    this.#thread = start.thread;

    const rawInner = rawDomain(this.ptmalloc);
    const raw = this.#hook(rawInner, 'r');
    this.pymalloc = wiring.pymalloc ? this.#wirePymalloc(raw, source) : null;
    const cpython = CPYTHONS[target.python];
    const inner = this.pymalloc === null ? rawInner : this.#ownPymalloc(this.pymalloc, cpython);
    const obj = this.#hook(inner, 'o');
    this.#domains = { libc: libcDomain(this.ptmalloc), raw, mem: this.#hook(inner, 'm'), obj };
    const places = { types: layout.types, generation0: GENERATION0 };
    this.#objects =
      source === undefined
        ? new Objects(cpython, this.memory, this.#journal, obj, this.#thread, places)
        : source.#objects.clone(this.memory, this.#journal, obj, this.#thread);
    if (source === undefined) prepareStart(this.#init, this, this.#objects);
  }

  /** A process with the same state that goes its own way. */
  clone(): Process {
    return new Process(this.target, this.#init, this);
  }

  /** The user's address; 0 is NULL. `gc`: size is tp_basicsize, the result is the object pointer. */
  alloc(heap: Heap, size: number, options: { readonly zeroed: boolean }): number {
    return this.#guard(() => {
      const bytes = word(size);
      if (heap === 'gc') return Number(this.#objects.gcNew(size, { isZeroed: options.zeroed }));
      const domain = this.#domains[heap];
      return Number(options.zeroed ? domain.calloc(1, bytes) : domain.malloc(bytes));
    });
  }

  /** memalign and its siblings, of the C library; 0 when there is no memory, or for no such alignment. */
  allocAligned(
    size: number,
    { alignment, rule }: { readonly alignment: number; readonly rule: AlignmentRule },
  ): number {
    return this.#guard(() => Number(alignedAlloc(this.ptmalloc, rule, alignment, word(size))));
  }

  /** malloc_trim: free memory goes back to the kernel, all but `pad` bytes of top. */
  trim(pad: number): void {
    this.#guard(() => mallocTrim(this.ptmalloc, word(pad)));
  }

  /** The block's new address; 0 when there is no memory, or when libc was asked for 0 bytes. */
  realloc(heap: Heap, address: number, size: number): number {
    return this.#guard(() => {
      if (heap === 'gc') return Number(this.#objects.gcResize(word(address), size));
      return Number(this.#domains[heap].realloc(word(address), word(size)));
    });
  }

  free(heap: Heap, address: number): void {
    this.#guard(() => {
      if (heap === 'gc') this.#objects.gcDel(word(address));
      else this.#domains[heap].free(word(address));
    });
  }

  /** Writes ob_refcnt 1 and an ob_type of this basicsize, as the object allocation functions do. */
  initObject(address: number, size: number, options: { readonly gc: boolean }): void {
    this.#guard(() => this.#objects.initObject(word(address), size, options));
  }

  /** Whether the thread has an attached thread state (holds the GIL); at the start it has. */
  get isAttached(): boolean {
    return this.#thread.isAttached;
  }

  setThreadState({ attached }: { readonly attached: boolean }): void {
    this.#thread.isAttached = attached;
  }

  /** PyObject_GC_Track, PyObject_GC_UnTrack. */
  track(address: number): void {
    this.#guard(() => this.#objects.track(word(address)));
  }

  untrack(address: number): void {
    this.#guard(() => this.#objects.untrack(word(address)));
  }

  /** The program's own loads and stores; ProcessDeath when a page is not mapped. */
  read(address: number, length: number): Uint8Array {
    return this.#guard(() => this.memory.read(address, length));
  }

  write(address: number, bytes: Uint8Array): void {
    this.#guard(() => this.memory.write(address, bytes));
  }

  fill(address: number, length: number, byte: number): void {
    this.#guard(() => this.memory.fill(address, length, byte));
  }

  /** The program's own memory, from the start of a page: zero bytes that no allocator handed out. */
  programMemory(region: 'stack' | 'static'): number {
    const address = PROGRAM_MEMORY[region];
    if (!this.memory.isMapped(address)) this.memory.map(address, PROGRAM_PAGES);
    return address;
  }

  /** What the allocators checked and did since the last call, a sentence each. */
  takeNotes(): readonly string[] {
    return this.#journal.takeNotes();
  }

  /** The chunks of the brk heap in address order, from its start to its end. */
  chunks(): readonly Chunk[] {
    return chunks(this.ptmalloc, this.freeLists());
  }

  /** tcache bins, fastbins and bins that are not empty. */
  freeLists(): readonly FreeList[] {
    return freeLists(this.ptmalloc);
  }

  /** The pools that were ever carved, in address order; empty when the build has no pymalloc. */
  pools(): readonly Pool[] {
    return this.pymalloc === null ? [] : pools(this.pymalloc);
  }

  /** The arenas that pymalloc has, in address order; empty when the build has none. */
  arenas(): readonly Arena[] {
    return this.pymalloc === null ? [] : arenasOf(this.pymalloc);
  }

  /** Blocks that ptmalloc took straight from mmap, in address order. */
  mappings(): readonly Mapping[] {
    return mappings(this.ptmalloc);
  }

  /** Arenas that pymalloc took, in the order of their creation; some may be gone. */
  arenaBases(): readonly number[] {
    return this.#arenaBases;
  }

  /** Whether anyone wants to read what happens to it. */
  get explains(): boolean {
    return this.#init.explains;
  }

  get layout(): Layout {
    return this.#init.layout;
  }

  /** sys.getallocatedblocks() as far as this process made them. */
  allocatedBlocks(): number {
    const inPools = this.pools().reduce((sum, pool) => sum + pool.count, 0);
    return inPools + (this.pymalloc?.raw_allocated_blocks ?? 0);
  }

  /** malloc_usable_size: what the size word before the block leaves to the caller. */
  usableSize(address: number): number {
    return this.#guard(() => Number(usableSize(this.ptmalloc, word(address))));
  }

  serves(address: number): Server {
    return whoServes(this, address);
  }

  #begin(layout: Layout): ProcessParts {
    const memory = new Memory(layout.isRecorded ? layout.mappings : []);
    const kernel = new Kernel(memory, kernelSpace(layout));
    const journal = new Journal(this.#init.explains);
    const ptmalloc = new Ptmalloc(GLIBCS[this.target.libc], memory, kernel, journal, {
      mainArena: layout.mainArena,
      tcacheKey: layout.tcacheKey,
      no_dyn_threshold: this.#init.state === 'drained',
    });
    return { memory, kernel, journal, ptmalloc, arenaBases: [], thread: { isAttached: true } };
  }

  #copy(): ProcessParts {
    const memory = this.memory.clone();
    const kernel = this.#kernel.clone(memory);
    const journal = this.#journal.clone();
    const ptmalloc = this.ptmalloc.clone(memory, kernel, journal);
    const arenaBases = [...this.#arenaBases];
    return { memory, kernel, journal, ptmalloc, arenaBases, thread: { ...this.#thread } };
  }

  #hook(inner: Domain, api: ApiId): Domain {
    const { wiring, state, layout } = this.#init;
    if (!wiring.hooks) return inner;
    const cpython = CPYTHONS[this.target.python];
    return debugDomain({
      memory: this.memory,
      journal: this.#journal,
      inner,
      api,
      cpython,
      runtimeState: runtimeState(state, layout, cpython),
      thread: this.#thread,
    });
  }

  #wirePymalloc(raw: Domain, source: Process | undefined): Pymalloc {
    const arenas = this.#arenaAllocator();
    if (source !== undefined && source.pymalloc !== null)
      return source.pymalloc.clone(this.memory, this.#journal, raw, arenas);
    const cpython = CPYTHONS[this.target.python];
    const statics = { usedpools: this.#init.layout.usedpools, nfp2lasta: NFP2LASTA };
    return new Pymalloc(cpython, this.memory, this.#journal, raw, arenas, statics);
  }

  #ownPymalloc(pymalloc: Pymalloc, { poolsOfInterpreter }: CPython): Domain {
    const domain = pymallocDomain(pymalloc);
    return poolsOfInterpreter ? interpreterDomain(domain, this.#thread, this.#journal) : domain;
  }

  #arenaAllocator(): ArenaAllocator {
    return {
      alloc: (size) => {
        const base = this.#init.layout.arenaBase + this.#arenaBases.length * ARENA_STRIDE;
        this.#kernel.mapAt(base, size);
        this.#arenaBases.push(base);
        return base;
      },
      free: (address, size) => {
        this.#kernel.munmap(address, size);
      },
    };
  }

  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof PageFault)) throw error;
      throw new ProcessDeath(
        'SIGSEGV',
        this.#journal.stderr,
        `a ${error.access} at ${hex(error.address)} hits no mapped page`,
        Number(error.address),
      );
    }
  }
}

interface ProcessParts {
  readonly memory: Memory;
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly ptmalloc: Ptmalloc;
  readonly arenaBases: number[];
  readonly thread: ThreadState;
}

/** Static data whose real place no check depends on: the list head of the youngest generation, nfp2lasta. */
const GENERATION0: Word = 0x5f01_0000_0000;
const NFP2LASTA: Word = 0x5f02_0000_0000;

function kernelSpace(layout: Layout): ConstructorParameters<typeof Kernel>[1] {
  const { heapStart, brk, mappings: mapped, stack } = layout;
  return { heapStart, brk, mappings: mapped, stack };
}
