// Names that are made of other names, each made once: a text that is made anew has to be hashed and compared anew
// wherever it is looked up.
import type { BlockIndex } from '../cfg/instruction.ts';
import type { CellKey, Id } from './value.ts';

/** The names of one function under analysis. */
export class CellNames {
  readonly #below = new Map<Id, CellKey>();
  readonly #members = new Map<CellKey, Map<string, CellKey>>();
  readonly #sites: string[][] = [];

  /** `*id` */
  below(id: Id): CellKey {
    let cell = this.#below.get(id);
    if (cell === undefined) {
      cell = `*${id}`;
      this.#below.set(id, cell);
    }
    return cell;
  }

  /** `base.name` */
  member(base: CellKey, name: string): CellKey {
    let members = this.#members.get(base);
    if (members === undefined) {
      members = new Map();
      this.#members.set(base, members);
    }
    let cell = members.get(name);
    if (cell === undefined) {
      cell = `${base}.${name}`;
      members.set(name, cell);
    }
    return cell;
  }

  /** `block.instruction` */
  site(block: BlockIndex, instruction: number): string {
    const sites = (this.#sites[block] ??= []);
    return (sites[instruction] ??= `${block}.${instruction}`);
  }
}
