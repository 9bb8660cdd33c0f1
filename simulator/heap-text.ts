// One frame's heap for a terminal: the map with a letter per block, its legend, the free lists, and a hex
// dump with named fields. Not more than WIDTH columns.
import { blockStateText, CELL_MEANINGS } from './heap-words.ts';
import { plain, printable, styled, type TextLine, type TextStyle, wrap } from './styled-text.ts';
import { bytesText } from './step-text.ts';
import type { BlockView, CellView, FieldView, HeapView, HexView, RowView } from './view.ts';

export const WIDTH = 80;

/** Lines in a frame, with a text in its upper and its lower edge. None is wider than WIDTH - 4 columns. */
export function framed(top: string, lines: readonly string[], bottom: string): readonly TextLine[] {
  const rows = lines.map(
    (line): TextLine => [
      styled('| ', 'label'),
      styled(line.padEnd(WIDTH - 4), 'fault'),
      styled(' |', 'label'),
    ],
  );
  return [edge(top), ...rows, edge(bottom)];
}

function edge(text: string): TextLine {
  return [styled(`${`+-- ${text} `.padEnd(WIDTH - 1, '-').slice(0, WIDTH - 1)}+`, 'label')];
}

const INDENT = '  ';

/** What fills a cell, by state. */
const FILL: Readonly<Record<CellView['state'], string>> = {
  header: ':',
  live: '=',
  freed: '-',
  free: '.',
  top: '~',
  corrupt: '!',
  overlap: '#',
  elided: ' ',
};

const CELL_WIDTH = 5;

export function heapMapText(view: HeapView): readonly TextLine[] {
  return [
    ...view.rows.flatMap((row) => rowText(row, view.blocks)),
    ...legend(view),
    ...view.blocks.filter((block) => shownInMap(view, block)).flatMap((block) => blockText(block)),
  ];
}

function shownInMap(view: HeapView, block: BlockView): boolean {
  return view.rows.some((row) => row.cells.some((cell) => cell.letter.includes(block.letter)));
}

function rowText(row: RowView, blocks: readonly BlockView[]): readonly TextLine[] {
  const lines: TextLine[] = [
    [plain(INDENT), styled(row.label, 'plain'), styled(` at ${row.address}`, 'dim')],
  ];
  const perLine = Math.floor((WIDTH - INDENT.length - 1) / (CELL_WIDTH + 1));
  for (let from = 0; from < row.cells.length; from += perLine) {
    const cells = row.cells
      .slice(from, from + perLine)
      .flatMap((cell) => [styled(cellText(cell), cellStyle(cell, blocks)), plain('|')]);
    lines.push([plain(`${INDENT}|`), ...cells]);
  }
  return lines;
}

function cellText(cell: CellView): string {
  if (cell.state === 'elided') return ` +${cell.count}`.padEnd(CELL_WIDTH);
  return printable(cell.letter)
    .slice(0, CELL_WIDTH - 1)
    .padEnd(CELL_WIDTH, FILL[cell.state]);
}

function cellStyle(cell: CellView, blocks: readonly BlockView[]): TextStyle {
  switch (cell.state) {
    case 'live': {
      const block = blocks.find((each) => each.block === cell.block);
      if (block === undefined) return 'dim';
      return block.owner === 'neighbor' ? 'neighbor' : 'live';
    }
    case 'freed':
    case 'free':
    case 'corrupt':
    case 'overlap':
      return cell.state;
    case 'header':
    case 'top':
    case 'elided':
      return 'dim';
  }
}

function legend(view: HeapView): readonly TextLine[] {
  const states = new Set(view.rows.flatMap((row) => row.cells.map((cell) => cell.state)));
  states.delete('elided');
  const entries = [...states].map((state) => `${FILL[state]} ${CELL_MEANINGS[state]}`);
  const text = `${INDENT}${entries.join('   ')}`;
  return wrap(text, WIDTH, INDENT).map((line): TextLine => [styled(line, 'dim')]);
}

function blockText(block: BlockView): readonly TextLine[] {
  const state = blockStateText(block, (other) => other);
  const text = `${block.block}: ${block.size} bytes from ${block.api} at ${block.address}, ${state}`;
  const layers = block.owner === 'path' && block.layers.length > 0;
  const through = layers ? `; ${block.layers.join(' > ')}` : '';
  const [first = '', ...rest] = wrap(printable(text + through), WIDTH - 4, '  ');
  return [
    [plain(INDENT), styled(block.letter, blockStyle(block)), plain(` ${first}`)],
    ...rest.map((line): TextLine => [plain(`${INDENT}${INDENT}${line}`)]),
  ];
}

function blockStyle(block: BlockView): TextStyle {
  if (block.overlaps.length > 0) return 'overlap';
  if (block.state === 'freed') return 'freed';
  return block.owner === 'neighbor' ? 'neighbor' : 'live';
}

export function freeListText(view: HeapView): readonly TextLine[] {
  return view.freeLists.flatMap((list) => {
    const entries = list.entries.length === 0 ? 'empty' : list.entries.join(' -> ');
    return wrap(printable(`${INDENT}${list.name}: ${entries}`), WIDTH, INDENT.repeat(2)).map(
      (line): TextLine => [plain(line)],
    );
  });
}

/** Who knows of which bytes. */
export function footprintText({ footprint }: HeapView): readonly TextLine[] {
  const { fromSystem, inCHeap, known, escaped, waste, traced, collector } = footprint;
  const sentences = [
    `from the system ${bytesText(fromSystem)}, of these in the C heap ${bytesText(inCHeap)}`,
    `asked of Python ${bytesText(known)}, of malloc() past it ${bytesText(escaped)}, not asked for ${bytesText(waste)}`,
    `tracemalloc counts ${bytesText(traced.bytes)} in ${traced.blocks} ${traced.blocks === 1 ? 'block' : 'blocks'}; the collector ${collector.young} of ${collector.threshold} new objects`,
  ];
  return sentences.flatMap((text) =>
    wrap(`${INDENT}${text}`, WIDTH, INDENT.repeat(2)).map((line): TextLine => [plain(line)]),
  );
}

export function hexText(hex: HexView): readonly TextLine[] {
  const title = wrap(printable(`${INDENT}${hex.title}`), WIDTH, INDENT.repeat(2));
  const lines: TextLine[] = title.map((line) => [styled(line, 'plain')]);
  for (let from = 0; from < hex.bytes.length; from += 16) lines.push(hexLine(hex, from));
  return [...lines, ...hex.fields.map((field) => fieldText(field))];
}

function hexLine(hex: HexView, from: number): TextLine {
  const bytes = hex.bytes.slice(from, from + 16);
  const address = `0x${(Number(hex.address) + from).toString(16)}`;
  const cells = bytes.map((byte, index) => {
    const text = byte === null ? '??' : byte.toString(16).padStart(2, '0');
    return styled(`${index === 8 ? '  ' : ' '}${text}`, byteStyle(hex, from + index));
  });
  const letters = bytes.map((byte) =>
    byte !== null && byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  );
  return [
    styled(`${INDENT}${INDENT}${address} `, 'dim'),
    ...cells,
    styled(`  ${letters.join('')}`, 'dim'),
  ];
}

function byteStyle(hex: HexView, offset: number): TextStyle {
  const at = hex.fields.filter(
    (each) => each.offset <= offset && offset < each.offset + each.length,
  );
  if (at.some((field) => field.state === 'corrupt')) return 'corrupt';
  if (at.some((field) => field.state === 'changed')) return 'changed';
  return at.length > 0 ? 'plain' : 'dim';
}

function fieldText(field: FieldView): TextLine {
  const marks = { ok: ' ', changed: '*', corrupt: '!' } as const;
  const styles = { ok: 'plain', changed: 'changed', corrupt: 'corrupt' } as const;
  const offset = `+${field.offset}`.padStart(6);
  const text = `${INDENT}${marks[field.state]}${offset}  ${field.name.padEnd(22)} ${field.value}`;
  const note = printable(`  ${field.note}`);
  const room = WIDTH - text.length;
  return [
    styled(text.slice(0, WIDTH), styles[field.state]),
    ...(room >= note.length ? [styled(note, 'dim')] : []),
  ];
}
