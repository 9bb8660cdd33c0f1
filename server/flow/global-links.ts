// A list that begins and ends in a global, as the kernel's lists do: what is written through a pointer to a
// member may be written to that member of the global.
import type { State } from './state.ts';
import { type CellKey, UNKNOWN } from './value.ts';

/** `node->prev->next = node->next` may change `head.next`; `known`: the cells that the function names. */
export function forgetGlobalLinks(state: State, cell: CellKey, known: Iterable<CellKey>): void {
  const member = cell.startsWith('*') ? cell.slice(cell.lastIndexOf('.')) : '';
  if (!/^\.\w+$/.test(member)) return;
  for (const other of known) {
    if (other.startsWith('g:') && other.endsWith(member)) state.cells.set(other, UNKNOWN);
  }
}
