// The words that every view of a heap uses for the states of its cells and blocks.
import type { BlockId } from './flagged-path.ts';
import type { BlockView, CellView } from './view.ts';

/** The word in a cell. */
const CELL_WORDS: Readonly<Record<CellView['state'], string>> = {
  header: 'header',
  live: 'in use',
  freed: 'released',
  free: 'free',
  top: 'top',
  corrupt: 'corrupt',
  overlap: 'shared',
  elided: 'more',
};

/** What the word in a cell means, for a legend. */
export const CELL_MEANINGS: Readonly<Record<CellView['state'], string>> = {
  header: 'header',
  live: 'in use',
  freed: 'released by the program',
  free: 'free',
  top: 'top of the heap',
  corrupt: 'corrupt',
  overlap: 'shared by live blocks',
  elided: 'more of the same',
};

export const OWNER_WORDS: Readonly<Record<BlockView['owner'], string>> = {
  path: 'flagged path',
  neighbor: 'neighbor',
  aftermath: 'aftermath',
};

const BLOCK_STATES: Readonly<Record<BlockView['state'], string>> = {
  live: 'in use',
  lost: 'in use, no pointer left',
  freed: 'released',
};

/** `in use`; `+12` where the cell stands for that many. */
export function cellWord({ state, count }: CellView): string {
  return state === 'elided' ? `+${count}` : CELL_WORDS[state];
}

/** `name` gives what a view calls the other blocks. */
export function blockStateText(
  { state, overlaps }: BlockView,
  name: (block: BlockId) => string,
): string {
  const shared = overlaps.length > 0 ? `, shares bytes with ${overlaps.map(name).join(', ')}` : '';
  return BLOCK_STATES[state] + shared;
}
