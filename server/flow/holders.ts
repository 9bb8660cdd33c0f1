// What holds the blocks of a flagged path, place by place, while the path is written down.
import type { BlockId } from '../../simulator/flagged-path.ts';

export class Holders {
  readonly #places = new Map<BlockId, Set<string>>();

  hold(block: BlockId, place: string): void {
    const places = this.#places.get(block);
    if (places === undefined) this.#places.set(block, new Set([place]));
    else places.add(place);
  }

  /** False: it is the last one, or none that is known. */
  letGo(block: BlockId, place: string): boolean {
    const places = this.#places.get(block);
    return places !== undefined && places.size > 1 && places.delete(place);
  }

  /** A result that nothing keeps is held by nothing with a name. */
  of(block: BlockId): Iterable<string> {
    return this.#places.get(block) ?? [''];
  }
}
