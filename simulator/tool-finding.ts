// What a memory checker meets on a flagged path, before it is put into the tool's words: which step, which block of
// malloc(), how far into it.
import type { Step } from './flagged-path.ts';
import type { ToolPlace } from './tool-heap.ts';

export type Tool = 'asan' | 'valgrind';

export type Chunk = Extract<ToolPlace, { kind: 'chunk' }>;

export interface Call {
  readonly step: Step;
  /** The function of the C library in which the tool sees it; null: none is called. */
  readonly watched: string | null;
}

/** What made a block, and what gave it back; null: not yet. */
export interface History {
  readonly made: Call;
  readonly released: Call | null;
}

export type ToolFinding =
  /** free() or realloc() gets a pointer that is not the start of a live block. */
  | {
      readonly kind: 'bad release';
      readonly at: Step;
      /** The function of the C library. */
      readonly call: string;
      readonly target: ReleaseTarget;
      readonly history: History;
    }
  | {
      readonly kind: 'bad access';
      readonly at: Step;
      readonly access: 'read' | 'write';
      /** Bytes; null: the source does not fix it. */
      readonly size: number | null;
      readonly chunk: Chunk;
      /** From the start of the chunk, in bytes; null: the source does not fix it. */
      readonly offset: number | null;
      readonly isFreed: boolean;
      readonly history: History;
    }
  /** Of Valgrind alone: the debug hooks look at the bytes before a block that is not, or no longer, theirs. */
  | {
      readonly kind: 'hooks look';
      readonly at: Step;
      readonly chunk: Chunk;
      /** Of the first byte that they read, from the start of the chunk. */
      readonly offset: number;
      readonly isFreed: boolean;
      readonly history: History;
    }
  | { readonly kind: 'leak'; readonly chunk: Chunk; readonly history: History }
  /** Another check ends the process first. `signal`: what it dies of; null: it depends on what lies in memory. */
  | {
      readonly kind: 'stopped';
      readonly at: Step;
      readonly why: string;
      readonly signal: 'SIGABRT' | 'SIGSEGV' | null;
    }
  | { readonly kind: 'nothing'; readonly why: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string };

export type ReleaseTarget =
  | { readonly kind: 'freed chunk'; readonly chunk: Chunk }
  | {
      readonly kind: 'inside chunk';
      readonly chunk: Chunk;
      /** From the start of the chunk, in bytes; never 0. null: the source does not fix it. */
      readonly offset: number | null;
    }
  | { readonly kind: 'pool' | 'stack' }
  | {
      readonly kind: 'static';
      /** Of the variable; null: the path does not tell a variable from a string literal. */
      readonly name: string | null;
      /** From the start of the block, in bytes; null: the source does not fix it. */
      readonly offset: 0 | null;
    };
