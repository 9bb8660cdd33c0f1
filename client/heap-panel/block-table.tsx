// The blocks of the replay: which letter stands for which allocation, and what the program thinks of it.
import { Fragment, type JSX } from 'preact';
import type { BlockId } from '../../simulator/flagged-path.ts';
import type { BlockView, HeapView } from '../../simulator/view.ts';

interface BlockTableProps {
  readonly view: HeapView;
  readonly chosen: BlockId | null;
  readonly onPick: (block: BlockId) => void;
}

const OWNERS: Readonly<Record<BlockView['owner'], string>> = {
  path: 'flagged path',
  neighbor: 'neighbor',
  aftermath: 'aftermath',
};

const STATES: Readonly<Record<BlockView['state'], string>> = {
  live: 'in use',
  lost: 'in use, no pointer left',
  freed: 'released',
};

export function BlockTable({ view, chosen, onPick }: BlockTableProps): JSX.Element {
  const letters = new Map(view.blocks.map((block) => [block.block, block.letter]));
  return (
    <section class="blocks" aria-labelledby="blocks-title">
      <h3 id="blocks-title">Blocks</h3>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="blocks-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Block</th>
              <th scope="col">Bytes</th>
              <th scope="col">From</th>
              <th scope="col">Served by</th>
              <th scope="col">State</th>
              <th scope="col">Address</th>
            </tr>
          </thead>
          <tbody>
            {view.blocks.map((block) => (
              <tr key={block.block} class={block.block === chosen ? 'chosen' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={block.block === chosen}
                    onClick={() => onPick(block.block)}
                  >
                    <span class={`chip owner-${block.owner}`}>{block.letter}</span>{' '}
                    <Breakable text={block.block} />
                  </button>
                </th>
                <td class="count">{block.size}</td>
                <td>
                  <code>
                    <Breakable text={block.api} />
                  </code>{' '}
                  <small>{OWNERS[block.owner]}</small>
                </td>
                <td>
                  {block.allocator} <small>{block.layers.join(' › ')}</small>
                </td>
                <td class={stateClass(block)}>{stateText(block, letters)}</td>
                <td class="address">{block.address}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A long name that may be broken at its joints. */
function Breakable({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text.split(/(?<=[_@.:])/).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts may repeat and never move
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </>
  );
}

function stateClass(block: BlockView): string {
  return block.overlaps.length > 0 ? 'bad' : block.state;
}

function stateText(block: BlockView, letters: ReadonlyMap<BlockId, string>): string {
  const state = STATES[block.state];
  if (block.overlaps.length === 0) return state;
  return `${state}, shares bytes with ${block.overlaps.map((id) => letters.get(id) ?? id).join(', ')}`;
}
