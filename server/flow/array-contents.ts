// What one function, and those that it calls, store in the arrays that it has in hand. It is gathered over all paths:
// an array is told of as a whole.
import type { Fact } from './fact.ts';
import { placeKey } from './trace.ts';
import {
  type ElementRelease,
  type ElementReleases,
  ofOneFamily,
  withRelease,
} from './element-releases.ts';
import type { AccessPath, Allocation, Release, Slot } from './value.ts';

/** What some elements hold. */
export interface Content {
  /** null: something else than a block, or not known. */
  readonly allocation: Allocation | null;
  readonly compiledIf: ReadonlyMap<string, Fact>;
}

/** What is told of an array by the slot of its elements. */
interface ArrayFacts {
  readonly contents: Map<string, Content>;
  /** The slots that the same elements have where the array is stored, or after a resize. */
  readonly alsoIn: Set<Slot>;
  /** Keys of contents that need no telling any more. */
  readonly told: Set<string>;
}

/** Elements of an argument of a function that the function fills. */
export interface Fill {
  readonly path: AccessPath;
  readonly contents: readonly Content[];
}

export class ArrayContents {
  readonly #releases = new Map<Slot, ElementReleases>();
  readonly #arrays = new Map<Slot, ArrayFacts>();
  /** Of arrays that the caller has passed. */
  readonly #paths = new Map<Slot, AccessPath>();

  at(slot: Slot): ArrayFacts {
    let facts = this.#arrays.get(slot);
    if (facts === undefined) {
      facts = { contents: new Map(), alsoIn: new Set(), told: new Set() };
      this.#arrays.set(slot, facts);
    }
    return facts;
  }

  notePath(slot: Slot, path: AccessPath): void {
    this.#paths.set(slot, path);
  }

  /** null: the caller did not pass the array. */
  pathOf(slot: Slot): AccessPath | null {
    return this.#paths.get(slot) ?? null;
  }

  contentsOf(slot: Slot): readonly Content[] {
    return [...(this.#arrays.get(slot)?.contents.values() ?? [])];
  }

  noteRelease(slot: Slot, release: Release, needs: ElementRelease['needs'] | null): void {
    const path = this.pathOf(slot);
    if (path === null) return;
    const known = this.#releases.get(slot);
    if (needs === null || known === null) this.#releases.set(slot, null);
    else this.#releases.set(slot, withRelease(known ?? new Map(), { path, release, needs }));
  }

  releases(): ElementRelease[] {
    return [...this.#releases.values()].flatMap(ofOneFamily);
  }

  fills(): Fill[] {
    return [...this.#paths].flatMap(([slot, path]) => {
      const contents = this.contentsOf(slot);
      return contents.length === 0 ? [] : [{ path, contents }];
    });
  }
}

/** Equal for contents that say the same. */
export function contentKey({ allocation, compiledIf }: Content): string {
  let key =
    allocation === null
      ? ''
      : `${allocation.api} ${placeKey(allocation.at)} ${allocation.through.join()}`;
  compiledIf.forEach((fact, id) => (key += ` ${id} ${fact.low} ${fact.high} ${fact.not.join()}`));
  return key;
}
