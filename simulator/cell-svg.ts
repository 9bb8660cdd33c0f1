// One cell of the heap map as SVG: for each state a pattern, a border and a word, for each owner a color and
// the letters of its blocks. The patterns are those of the heap panel.
import { cellWord } from './heap-words.ts';
import {
  type Box,
  fitted,
  markup,
  PALETTE,
  rect,
  text,
  type TextLook,
  widthOf,
} from './svg-shapes.ts';
import type { BlockView, CellView } from './view.ts';

export type CellOwner = BlockView['owner'] | 'nobody';

/** How a cell looks without its words. */
export interface CellLook {
  readonly state: CellView['state'];
  readonly owner: CellOwner;
}

export const CELL_HEIGHT = 54;

const LETTER: TextLook = { font: 'mono', size: 13, bold: true, anchor: 'middle' };
const WORD: TextLook = { font: 'mono', size: 11, anchor: 'middle' };
const BYTES: TextLook = { font: 'mono', size: 10, anchor: 'middle' };

export function cellSvg(cell: CellView, owner: CellOwner, width: number): string {
  const box = { x: 0, y: 0, width, height: CELL_HEIGHT };
  const bytes = `${cell.size.toLocaleString('en-US')} B`;
  const lines: readonly (readonly [string, number, TextLook])[] = [
    [owner === 'nobody' ? '' : cell.letter, 17, LETTER],
    [cellWord(cell), 31, WORD],
    [cell.state === 'elided' ? '' : bytes, 45, BYTES],
  ];
  const words = lines
    .filter(([content]) => content !== '')
    .map(([content, y, look]) => onPaper(fitted(content, width - 6, look), width / 2, y, look));
  return `<g><title>${markup(cell.title)}</title>${cellFace({ state: cell.state, owner }, box)}${words.join('')}</g>`;
}

/** Text that a pattern does not run through. */
function onPaper(content: string, x: number, y: number, look: TextLook): string {
  const size = look.size ?? 0;
  const width = widthOf(content, look) + 4;
  const paper = { x: x - width / 2, y: y - size + 1, width, height: size + 3 };
  return rect(paper, `rx="2" fill="${PALETTE.paper}"`) + text(x, y, content, look);
}

/** The cell without its words, also for a legend. */
export function cellFace(look: CellLook, box: Box): string {
  const color = colorOf(look);
  const under = rect(box, `rx="2" fill="${PALETTE.paper}"`);
  switch (look.state) {
    case 'live':
      return look.owner === 'nobody'
        ? rect(box, `rx="2" fill="${PALETTE.raised}" stroke="${color}"`)
        : under + rect(box, `rx="2" fill="${color}" fill-opacity="0.3" stroke="${color}"`);
    case 'freed':
      return under + filled(look, box, 'stroke-dasharray="4 3"');
    case 'free':
      return under + filled(look, box, 'stroke-dasharray="1 2"');
    case 'header':
    case 'top':
      return under + filled(look, box, '');
    case 'overlap':
      return under + filled(look, box, 'stroke-width="2"');
    case 'corrupt':
      return under + filled(look, box, '') + rect(inset(box, 3), `fill="none" stroke="${color}"`);
    case 'elided':
      return '';
  }
}

function filled(look: CellLook, box: Box, border: string): string {
  return rect(
    box,
    `rx="2" fill="url(#${patternId(look)})" stroke="${colorOf(look)}" ${border}`.trimEnd(),
  );
}

/** The definitions that the cells refer to, each once. */
export function patternsOf(looks: readonly CellLook[]): string {
  const byId = new Map(looks.map((look) => [patternId(look), pattern(look)]));
  return [...byId.values()].filter((each) => each !== '').join('\n');
}

function pattern(look: CellLook): string {
  const color = colorOf(look);
  const tile = (size: number, turn: number, content: string): string =>
    `<pattern id="${patternId(look)}" width="${size}" height="${size}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})">${content}</pattern>`;
  const line = (width: number): string =>
    `<path d="M0 0H8" stroke="${color}" stroke-width="${2 * width}"/>`;
  switch (look.state) {
    case 'freed':
      return tile(6, -45, line(1));
    case 'free':
      return tile(7, 0, `<circle cx="3.5" cy="3.5" r="1" fill="${color}"/>`);
    case 'header':
      return tile(6, 0, line(0.5));
    case 'top':
      return tile(8, 90, line(0.5));
    case 'overlap':
      return tile(6, 45, `<path d="M0 0H8M0 0V8" stroke="${color}" stroke-width="2.4"/>`);
    case 'corrupt':
      return tile(7, 45, line(2));
    case 'live':
    case 'elided':
      return '';
  }
}

/** Prefixed: a picture may be pasted into a page. */
function patternId({ state, owner }: CellLook): string {
  return `pymem-lint-${state}-${owner}`;
}

function colorOf({ state, owner }: CellLook): string {
  if (state === 'overlap' || state === 'corrupt') return PALETTE.bad;
  return owner === 'nobody' ? PALETTE.dim : PALETTE[owner];
}

function inset({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}
