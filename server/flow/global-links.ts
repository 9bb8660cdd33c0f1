// A list that begins and ends in a global, as the kernel's lists do: what is written through a pointer to a
// member may be written to that member of the global.
import type { State } from './state.ts';
import { type CellKey, UNKNOWN } from './value.ts';

/** The members of globals that a function names. */
export class GlobalLinks {
  readonly #byName = new Map<string, CellKey[]>();

  /** `member`: the name of the member that the cell is. */
  note(cell: CellKey, member: string): void {
    if (!cell.startsWith('g:') || !/^\w+$/.test(member)) return;
    const known = this.#byName.get(member);
    if (known === undefined) this.#byName.set(member, [cell]);
    else known.push(cell);
  }

  /** `node->prev->next = node->next` may change `head.next`. */
  forget(state: State, written: CellKey): void {
    if (this.#byName.size === 0 || !written.startsWith('*')) return;
    const member = written.slice(written.lastIndexOf('.') + 1);
    for (const cell of this.#byName.get(member) ?? []) state.cells.set(cell, UNKNOWN);
  }
}
