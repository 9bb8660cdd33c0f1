// The basic blocks that are still to be executed, and in which order: a loop comes to rest before what follows it, and
// all that leads back to its head is gone through before the head is executed again. Follows the weak topological order
// of Bourdoncle, Efficient chaotic iteration strategies with widenings (1993), on blocks in reverse postorder.
import { successors } from '../cfg/builder.ts';
import type { BasicBlock, BlockIndex } from '../cfg/instruction.ts';

/** `T`: what a block is executed with, by a key. */
export class Worklist<T> {
  readonly #pending: readonly Map<string, T>[];
  /** By head of a loop: the last block that leads back to it; -1: it is no head. */
  readonly #lastOf: readonly number[];
  #current: BlockIndex = 0;
  #lowest: BlockIndex;

  /** `blocks`: in reverse postorder. */
  constructor(blocks: readonly BasicBlock[]) {
    this.#pending = blocks.map(() => new Map());
    this.#lowest = blocks.length;
    const lastOf = blocks.map(() => -1);
    for (const [from, { terminator }] of blocks.entries()) {
      for (const to of successors(terminator)) if (to <= from) lastOf[to] = from;
    }
    this.#lastOf = lastOf;
  }

  /** In the place of what waits under the same key. */
  add(block: BlockIndex, key: string, item: T): void {
    this.#pending[block]!.set(key, item);
    this.#lowest = Math.min(this.#lowest, block);
  }

  /** null: nothing waits. */
  take(): { readonly block: BlockIndex; readonly item: T } | null {
    const block = this.#next();
    if (block === null) return null;
    const queue = this.#pending[block]!;
    const [key, item] = queue.entries().next().value!;
    queue.delete(key);
    this.#current = block;
    return { block, item };
  }

  /** Everything that waits, block by block. */
  *rest(): Generator<{ readonly block: BlockIndex; readonly item: T }> {
    for (const [block, queue] of this.#pending.entries()) {
      for (const item of queue.values()) yield { block, item };
    }
  }

  #next(): BlockIndex | null {
    const lowest = this.#first(this.#lowest, this.#pending.length - 1);
    if (lowest === null) return null;
    this.#lowest = lowest;
    if (lowest >= this.#current) return lowest;
    const head = this.#innermostHead();
    if (head === null) return lowest;
    return this.#first(this.#current, this.#lastOf[head]!) ?? head;
  }

  /** Of the loops around the current block of which the head waits. */
  #innermostHead(): BlockIndex | null {
    for (let head = this.#current; head >= this.#lowest; head--) {
      if (this.#lastOf[head]! >= this.#current && this.#pending[head]!.size > 0) return head;
    }
    return null;
  }

  #first(from: BlockIndex, to: BlockIndex): BlockIndex | null {
    for (let block = from; block <= to; block++) if (this.#pending[block]!.size > 0) return block;
    return null;
  }
}
