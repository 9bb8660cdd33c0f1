// FlaggedPath: the one value that goes from the linter to the simulator. Plain JSON, complete: it can
// be replayed, drawn and reproduced without the source it came from.
import type { Family } from './families.ts';

/** A place in a source file. Lines and columns count from 1; columns are UTF-16 units; the end is exclusive. */
export interface Span {
  /** The name under which the text was handed to the linter: a path or a URI. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Names one block on a path; unique within the path. Shown to the reader: `buf@fill.c:31`. */
export type BlockId = string;

/** A number of bytes. */
export interface Size {
  readonly bytes: number;
  /** The size expression as written; null when the source has none. */
  readonly source: string | null;
  /** True: a witness chosen for the replay, not fixed by the source. */
  readonly chosen: boolean;
}

interface StepBase {
  readonly at: Span;
  /** The source line of `at`, trimmed. */
  readonly text: string;
}

export type Step = StepBase & StepKind;

export type StepKind =
  | { readonly kind: 'enter' | 'leave'; readonly function: string }
  | { readonly kind: 'branch'; readonly condition: string; readonly taken: boolean }
  | {
      readonly kind: 'alloc';
      readonly block: BlockId;
      /** The pointer the block is bound to, as written: `self->data`. */
      readonly pointer: string;
      readonly api: string;
      readonly family: Family;
      readonly size: Size;
      readonly zeroed: boolean;
      readonly outcome: 'ok' | 'null';
    }
  /** Memory that no allocator handed out: a variable, an array, a literal. */
  | {
      readonly kind: 'place';
      readonly block: BlockId;
      readonly pointer: string;
      readonly region: 'stack' | 'static';
      readonly size: Size;
    }
  | {
      readonly kind: 'realloc';
      readonly block: BlockId;
      /** The block that the call returns; equal to `block` when it returns null. */
      readonly into: BlockId;
      readonly pointer: string;
      readonly api: string;
      readonly family: Family;
      readonly size: Size;
      readonly outcome: 'ok' | 'null';
    }
  | {
      readonly kind: 'free';
      readonly block: BlockId;
      readonly pointer: string;
      readonly api: string;
      /** The family the release function belongs to, not the block's. */
      readonly family: Family;
      /** Bytes from the start of the block to the pointer that is released. */
      readonly offset: number;
    }
  | {
      readonly kind: 'read' | 'write';
      readonly block: BlockId;
      readonly pointer: string;
      readonly offset: Size;
      readonly size: Size;
    }
  | {
      readonly kind: 'assign' | 'escape' | 'return';
      readonly block: BlockId;
      /** What receives the pointer, as written. */
      readonly place: string;
    }
  | {
      readonly kind: 'drop';
      readonly block: BlockId;
      /** What held the pointer and does no longer: it is overwritten, or it ends with its scope. */
      readonly place: string;
    }
  | { readonly kind: 'thread-state'; readonly attached: boolean };

/** Where and how the linter says memory goes wrong. */
export interface FlaggedPath {
  readonly version: 1;
  readonly rule: string;
  /** In the order of execution. */
  readonly steps: readonly Step[];
  /** Index into `steps`, 0-based, at which the linter says it goes wrong. */
  readonly fault: number;
}
