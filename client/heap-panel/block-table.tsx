// The blocks of the replay: which letter stands for which allocation, and what the program thinks of it.
import { Fragment, type JSX } from 'preact';
import type { BlockId } from '../../simulator/flagged-path.ts';
import { blockStateText, OWNER_WORDS } from '../../simulator/heap-words.ts';
import type { BlockView, HeapView } from '../../simulator/view.ts';

interface BlockTableProps {
  readonly view: HeapView;
  readonly chosen: BlockId | null;
  readonly onPick: (block: BlockId) => void;
}

export function BlockTable({ view, chosen, onPick }: BlockTableProps): JSX.Element {
  const letters = new Map(view.blocks.map((block) => [block.block, block.letter]));
  const letterOf = (id: BlockId): string => letters.get(id) ?? id;
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
                  <small>{OWNER_WORDS[block.owner]}</small>
                </td>
                <td>
                  {block.allocator} <small>{block.layers.join(' › ')}</small>
                </td>
                <td class={stateClass(block)}>{blockStateText(block, letterOf)}</td>
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
