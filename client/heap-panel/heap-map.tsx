// The heap map: one row per pool, run of chunks or mapping, one cell per block. State shows as color,
// pattern, letter and word; a table says the same.
import type { JSX } from 'preact';
import type { BlockId } from '../../simulator/flagged-path.ts';
import { cellWord } from '../../simulator/heap-words.ts';
import type { BlockView, CellView, HeapView, RowView } from '../../simulator/view.ts';

interface HeapMapProps {
  readonly view: HeapView;
  readonly chosen: BlockId | null;
  readonly onPick: (block: BlockId) => void;
}

export function HeapMap({ view, chosen, onPick }: HeapMapProps): JSX.Element {
  return (
    <section class="map" aria-labelledby="map-title">
      <h3 id="map-title">Heap map</h3>
      {view.rows.map((row) => (
        <div class="row" key={row.address}>
          <p class="row-label">
            {row.label} <span class="address">{row.address}</span>
          </p>
          <ol class="cells" aria-label={row.label}>
            {row.cells.map((cell) => (
              <Cell
                key={cell.address}
                cell={cell}
                owner={ownerOf(view, cell)}
                chosen={cell.block !== null && cell.block === chosen}
                onPick={onPick}
              />
            ))}
          </ol>
        </div>
      ))}
      <details class="map-table">
        <summary>The map as a table</summary>
        {view.rows.map((row) => (
          <RowTable key={row.address} row={row} />
        ))}
      </details>
    </section>
  );
}

function ownerOf(view: HeapView, cell: CellView): BlockView['owner'] | 'other' {
  return view.blocks.find((block) => block.block === cell.block)?.owner ?? 'other';
}

interface CellProps {
  readonly cell: CellView;
  readonly owner: BlockView['owner'] | 'other';
  readonly chosen: boolean;
  readonly onPick: (block: BlockId) => void;
}

function Cell({ cell, owner, chosen, onPick }: CellProps): JSX.Element {
  const { block } = cell;
  const inside = (
    <>
      <span class="letter" aria-hidden="true">
        {cell.letter === '' ? '\u00a0' : cell.letter}
      </span>
      <span class="word" aria-hidden="true">
        {cellWord(cell)}
      </span>
      <span class="visually-hidden">{cell.title}</span>
    </>
  );
  const look = `cell state-${cell.state} owner-${owner} ${widthOf(cell)}`;
  return (
    <li class={look} title={cell.title}>
      {block === null ? (
        <span class="face">{inside}</span>
      ) : (
        <button type="button" class="face" aria-pressed={chosen} onClick={() => onPick(block)}>
          {inside}
        </button>
      )}
    </li>
  );
}

/** Five widths by magnitude: a map to scale would hide the 16 bytes that matter. */
function widthOf(cell: CellView): string {
  if (cell.state === 'elided') return 'width-1';
  if (cell.size <= 16) return 'width-1';
  if (cell.size <= 64) return 'width-2';
  if (cell.size <= 256) return 'width-3';
  return cell.size <= 4096 ? 'width-4' : 'width-5';
}

function RowTable({ row }: { readonly row: RowView }): JSX.Element {
  return (
    <table>
      <caption>
        {row.label} at {row.address}
      </caption>
      <thead>
        <tr>
          <th scope="col">Address</th>
          <th scope="col">Bytes</th>
          <th scope="col">State</th>
          <th scope="col">Block</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {row.cells.map((cell) => (
          <tr key={cell.address}>
            <td class="address">{cell.address}</td>
            <td class="count">{cell.size}</td>
            <td>{cell.state}</td>
            <td>{cell.letter}</td>
            <td>{cell.title}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
