// Members of a new block that are read before anything was written there: `v->items = block->items`. They are arrays in
// a struct out of view, so what is read points into the block.
import { familyFacts } from '../../simulator/families.ts';
import type { Frame } from './frame.ts';
import type { State } from './state.ts';
import type { CellKey } from './value.ts';

/** Whoever gets the value of the cell may reach the block. */
export function exposeArrayMember(frame: Frame, state: State, cell: CellKey): void {
  if (!cell.startsWith('*') || state.cells.has(cell)) return;
  const { root } = frame.factsOf(cell);
  // `block->items`, not `*block` or `block[1]`.
  if (!/^\.\w/.test(cell.slice(root.length + 1))) return;
  // Something has been written there, to the whole or by code out of view.
  if (!state.isPrivate(root) || state.versions.has(root) || state.cells.has(`*${root}`)) return;
  const origin = frame.origins.get(root);
  if (origin?.kind !== 'allocation') return;
  const { row, zeroed, family, through } = origin.allocation;
  if (row.role !== 'alloc' || zeroed || through.length > 0) return;
  if (familyFacts(family).heap !== null) state.escaped.set(root, true);
}
