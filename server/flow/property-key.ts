// Which states of a function are merged: those with the same blocks in the same states held by the same cells.
import type { State } from './state.ts';
import { AT_ENTRY } from './thread-state.ts';
import { type Id, isElementCell, valueKey } from './value.ts';

type NumbersByName = Map<string, Map<string, number>>;

/** Makes the keys of one function's states, of numbers: the names in a state are long, and written again and again. */
export class PropertyKeys {
  readonly #cells: NumbersByName = new Map();
  readonly #heap: NumbersByName = new Map();
  readonly #others: NumbersByName = new Map();
  #count = 0;

  /** Equal for states that are merged. `coarse`: only blocks keep them apart. */
  of(state: State, coarse: boolean, correlated: ReadonlySet<Id>): string {
    const parts: number[] = [];
    const { heap, facts } = state;
    state.cells.forEach((value, cell) => {
      const matters =
        value.kind === 'ref'
          ? heap.has(value.id) || (!coarse && value.id.startsWith("'"))
          : !coarse && value.kind !== 'unknown' && value.kind !== 'text';
      if (matters && !isElementCell(cell))
        parts.push(this.#number(this.#cells, cell, valueKey(value)));
    });
    heap.forEach((lifecycle, id) => {
      const known = state.unchecked.has(id) ? `${lifecycle}?` : lifecycle;
      parts.push(this.#number(this.#heap, id, known));
    });
    for (const { id, how } of state.losses)
      parts.push(this.#number(this.#others, `lost ${id}`, how));
    if (!coarse) {
      if (state.thread !== AT_ENTRY) parts.push(this.#number(this.#others, 'thread', state.thread));
      for (const id of correlated) {
        const fact = facts.get(id);
        if (fact === undefined) continue;
        const known = `${fact.low},${fact.high},${fact.not.join()}`;
        parts.push(this.#number(this.#others, `fact ${id}`, known));
      }
    }
    // In the order of the numbers: the cells of equal states may have been written in another one.
    // oxlint-disable-next-line unicorn/no-array-sort -- a copy would be garbage
    return parts.sort((a, b) => a - b).join();
  }

  #number(numbers: NumbersByName, name: string, what: string): number {
    let known = numbers.get(name);
    if (known === undefined) {
      known = new Map();
      numbers.set(name, known);
    }
    let number = known.get(what);
    if (number === undefined) {
      number = this.#count++;
      known.set(what, number);
    }
    return number;
  }
}
