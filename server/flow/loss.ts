// The loss of a block: nobody holds the pointer any more, and nobody has released it.
import type { Span } from '../../simulator/flagged-path.ts';
import type { Trace } from './trace.ts';
import type { Id, Release } from './value.ts';

/**
 * return: its holders end with the function. overwritten: the last holder gets another value. scope: it
 * ends with its scope. unused: the result of the call is not kept. owner: the block that holds it is
 * released. resize: a resize failed, and its NULL replaces the last pointer to the old block.
 */
export type LossKind =
  | 'return'
  | 'overwritten'
  | 'scope'
  | 'unused'
  | 'owner'
  | 'resize'
  /** An object ends, and its tp_dealloc, the place, does not release it. */
  | 'dealloc'
  /** Its only release, at the place, is made where the pointer is NULL. */
  | 'vain';

export interface Loss {
  readonly id: Id;
  readonly how: LossKind;
  /** What held it last, as written; empty: nothing. */
  readonly place: string;
  /** The release that ends its owner, or the resize that fails. */
  readonly release: Release | null;
  readonly trace: Trace | null;
  readonly at: Span;
}

/** For the note at the end of a path. */
export function lossText({ how, place, release }: Loss): string {
  const name = place === '' ? 'the place' : `'${place}'`;
  switch (how) {
    case 'return':
      return 'the function ends, and nothing holds the block any more';
    case 'overwritten':
      return `${name}, the last pointer to the block, is overwritten`;
    case 'scope':
      return `${name}, the last pointer to the block, goes out of scope`;
    case 'unused':
      return 'nothing keeps the pointer to the block';
    case 'owner':
      return `the only pointer to the block was in memory that ${release?.api ?? 'the call'} releases`;
    case 'dealloc':
      return `the object ends, and ${place}() does not release its memory`;
    case 'vain':
      return `${name} is released only if it is NULL: the block is not`;
    case 'resize':
      return `${name}, the last pointer to the block, is overwritten with NULL`;
  }
}
