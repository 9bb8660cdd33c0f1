// How a simulated process ends. The allocators and the memory throw these; the replay turns a death into
// a frame. Knows no allocator and renders no view.
import { hex, type Word } from './word.ts';

/** Bytes that a check read and found wrong. */
export interface Operand {
  readonly name: OperandName;
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

export type OperandName =
  /** fields of a malloc_chunk */
  | ChunkField
  /** what the debug hooks keep around a block */
  | 'api id'
  | 'leading pad'
  | 'trailing pad'
  | 'requested size'
  /** a word that was followed as a pointer */
  | 'pointer';

/** Fields of a malloc_chunk; `next` and `key` are those of a tcache_entry. */
export type ChunkField =
  | 'prev_size'
  | 'size'
  | 'fd'
  | 'bk'
  | 'fd_nextsize'
  | 'bk_nextsize'
  | 'next'
  | 'key';

/** The process died. Everything a real one would have left behind is here. */
export class ProcessDeath extends Error {
  constructor(
    readonly signal: 'SIGABRT' | 'SIGSEGV',
    /** Everything written to standard error before the end; one UTF-16 unit per byte. */
    readonly text: string,
    /** The broken invariant as one sentence with its operands. */
    readonly reason: string,
    /** The address that was being checked or accessed. */
    readonly address: number,
    /** What the check that fired read; empty when it judged no bytes, or when no check fired. */
    readonly operands: readonly Operand[] = [],
  ) {
    super(`${signal}: ${reason}`);
    this.name = 'ProcessDeath';
  }
}

/** A load or store on a page that is not mapped; becomes SIGSEGV at the border of the process. */
export class PageFault extends Error {
  constructor(
    readonly address: Word,
    readonly access: 'read' | 'write',
  ) {
    super(`${access} at ${hex(address)}: not mapped`);
    this.name = 'PageFault';
  }
}

/** A load or store on a page that is mapped in the recorded process but whose bytes are not modelled. */
export class UnmodelledAccess extends Error {
  constructor(readonly address: Word) {
    super(`${hex(address)} is mapped, but its contents are not modelled`);
    this.name = 'UnmodelledAccess';
  }
}

/** The real code would never return: a corrupt list leads back into itself. */
export class EndlessLoop extends Error {
  constructor(readonly where: string) {
    super(`${where} follows a list that leads back into itself and never returns`);
    this.name = 'EndlessLoop';
  }
}
