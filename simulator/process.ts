// One simulated process for one target: memory and allocators, wired per domain. Everything that happens
// to it goes through here; a check that fires throws ProcessDeath. Knows no flagged path and no view.
import type { Heap } from './families.ts';
import { PageFault, ProcessDeath } from './fault.ts';
import { hex, Memory } from './memory.ts';
import type { Chunk, FreeList, Mapping } from './ptmalloc/layout.ts';
import type { Pool } from './pymalloc/layout.ts';
import type { Target } from './target.ts';

/** The heap at the start. */
export type StartState =
  /** nothing was ever allocated: the interpreter was not initialised; no GC objects */
  | 'pristine'
  /** after Py_Initialize, with every free block handed out first: the canonical state of a replay */
  | 'drained';

export interface ProcessInit {
  readonly state?: StartState;
}

/** Who serves an address, read from the allocators' structures. */
export interface Server {
  readonly allocator: 'ptmalloc' | 'pymalloc' | 'mmap' | 'none';
  /** First byte a caller may use of the block that holds the address; the address itself for `none`. */
  readonly block: number;
  /** Bytes from `block` that belong to it. */
  readonly usable: number;
}

export class Process {
  readonly memory: Memory;
  #notes: string[] = [];
  #next = 0x5555_5580_0010;

  constructor(
    readonly target: Target,
    readonly init: ProcessInit = {},
    memory?: Memory,
  ) {
    this.memory = memory ?? new Memory();
    if (memory === undefined) this.memory.map(0x5555_5580_0000, 0x10_0000);
  }

  /** The user's address; 0 is NULL. `gc`: size is tp_basicsize, the result is the object pointer. */
  alloc(_heap: Heap, size: number, _options: { readonly zeroed: boolean }): number {
    const address = this.#next;
    this.#next += Math.ceil((size + 16) / 16) * 16;
    this.#notes.push(`${size} bytes at ${hex(address)}`);
    return address;
  }

  realloc(heap: Heap, _address: number, size: number): number {
    return this.alloc(heap, size, { zeroed: false });
  }

  free(_heap: Heap, address: number): void {
    this.#notes.push(`${hex(address)} is released`);
  }

  /** Writes ob_refcnt 1 and an ob_type of this basicsize, as the object allocation functions do. */
  initObject(address: number, size: number, options: { readonly gc: boolean }): void {
    this.memory.setU64(address, 1n);
    this.memory.setU64(address + 8, BigInt(size + (options.gc ? 1 : 0)));
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

  /** What the allocators checked and did since the last call, a sentence each. */
  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  /** A process with the same state that goes its own way. */
  clone(): Process {
    const copy = new Process(this.target, this.init, this.memory.clone());
    copy.#next = this.#next;
    return copy;
  }

  /** The chunks of the brk heap in address order, from its start to its end. */
  chunks(): readonly Chunk[] {
    return [];
  }

  /** tcache bins, fastbins and bins that are not empty. */
  freeLists(): readonly FreeList[] {
    return [];
  }

  /** The pools that were ever carved, in address order; empty when the build has no pymalloc. */
  pools(): readonly Pool[] {
    return [];
  }

  /** Blocks that ptmalloc took straight from mmap, in address order. */
  mappings(): readonly Mapping[] {
    return [];
  }

  serves(address: number): Server {
    return { allocator: 'none', block: address, usable: 0 };
  }

  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof PageFault)) throw error;
      const reason = `a ${error.access} at ${hex(error.address)} hits no mapped page`;
      throw new ProcessDeath('SIGSEGV', '', reason, Number(error.address));
    }
  }
}
