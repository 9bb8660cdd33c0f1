// The heap after one step of a replay as a picture that stands alone: the finding, what is simulated, the step
// and what it prints, the heap map, and what its letters, colors and patterns mean.
import { withoutComments } from './c-comments.ts';
import {
  cellFace,
  CELL_HEIGHT,
  type CellLook,
  type CellOwner,
  cellSvg,
  patternsOf,
} from './cell-svg.ts';
import { familyFacts, isFamily } from './families.ts';
import { blockStateText, CELL_MEANINGS, OWNER_WORDS } from './heap-words.ts';
import { verdictWord } from './outcome.ts';
import { placeText } from './place-text.ts';
import {
  type Drawn,
  markup,
  moved,
  PALETTE,
  paragraph,
  rect,
  stacked,
  text,
  widthOf,
} from './svg-shapes.ts';
import { printableBytes } from './styled-text.ts';
import { modelLabel } from './target.ts';
import type { Fault, Timeline } from './timeline.ts';
import type { BlockView, CellView, HeapView, RowView } from './view.ts';

/** In pixels. */
const WIDTH = 960;
const MARGIN = 24;
const INNER = WIDTH - 2 * MARGIN;
const GAP = 4;
/** Of what the process prints, first and last: the reason stands at the end, a traceback may follow it. */
const FIRST_LINES = 4;
const LAST_LINES = 12;
/** In the legend: those of the path come first. */
const MOST_BLOCKS = 40;

/** `title` is the message of the finding; `frame` an index into the frames, 0-based. Throws as `view` does. */
export function heapSvg(title: string, timeline: Timeline, frame: number): string {
  const view = timeline.view(frame);
  const content = stacked([
    { gap: 0, ...head(title, timeline) },
    { gap: 14, ...stepText(timeline, frame) },
    ...view.rows.map((row) => ({ gap: 16, ...rowSvg(row, view) })),
    { gap: 20, ...legend(view) },
  ]);
  const height = content.height + 2 * MARGIN;
  const paper = { x: 0.5, y: 0.5, width: WIDTH - 1, height: height - 1 };
  const name = `${title}: the simulated heap after step ${frame}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${markup(name)}</title>
<desc>${markup(description(timeline, view))}</desc>
<defs>
${patternsOf(looksIn(view))}
</defs>
${rect(paper, `rx="6" fill="${PALETTE.paper}" stroke="${PALETTE.line}"`)}
${moved(MARGIN, MARGIN, content.markup)}
</svg>
`;
}

/** The picture in words. */
function description({ model, outcome }: Timeline, { rows }: HeapView): string {
  const words = rows.map(
    ({ label, address, cells }) =>
      `${label} at ${address}: ${cells.map((cell) => cell.title).join('; ')}.`,
  );
  return [`${modelLabel(model)}.`, outcome.summary, ...words].join(' ');
}

function head(title: string, { path, model, outcome }: Timeline): Drawn {
  const flagged = path.steps[path.fault];
  const place = flagged === undefined ? '' : `  ${placeText(flagged.at)}`;
  const dim = { size: 12, fill: PALETTE.dim } as const;
  return stacked([
    { gap: 0, ...paragraph(title, INNER, { size: 18, bold: true }) },
    { gap: 4, ...paragraph(`${path.rule}${place}`, INNER, { ...dim, font: 'mono' }) },
    { gap: 2, ...paragraph(modelLabel(model), INNER, { size: 12, bold: true }) },
    { gap: 4, ...paragraph(`${verdictWord(outcome)}: ${outcome.summary}`, INNER) },
  ]);
}

function stepText({ frames, path }: Timeline, index: number): Drawn {
  const frame = frames[index];
  const step = path.steps[frame?.step ?? -1];
  const { fault = null, notes = [] } = frame ?? {};
  const code = { font: 'mono', size: 12, fill: PALETTE.dim } as const;
  const source = step === undefined ? [] : [`${placeText(step.at)}  ${oneLine(step.text)}`];
  return stacked([
    {
      gap: 0,
      ...paragraph(
        `Heap after step ${index} of ${frames.length - 1}: ${frame?.title ?? ''}`,
        INNER,
        {
          size: 14,
          bold: true,
        },
      ),
    },
    ...source.map((line) => ({ gap: 2, ...paragraph(line, INNER, code) })),
    ...notes.map((note) => ({ gap: 2, ...paragraph(note, INNER, { size: 12 }) })),
    ...(fault === null ? [] : [{ gap: 8, ...faultSvg(fault) }]),
  ]);
}

function oneLine(source: string): string {
  return withoutComments(source).trim().replaceAll(/\s+/g, ' ');
}

function faultSvg({ signal, text: printed }: Fault): Drawn {
  const shown =
    printed === ''
      ? ['(nothing is printed)']
      : shortened(printed.trimEnd().split('\n').map(printableBytes));
  const { height, markup: words } = stacked([
    {
      gap: 8,
      ...paragraph(`SIMULATED ${signal}: no process was run`, INNER - 24, {
        size: 12,
        bold: true,
        fill: PALETTE.bad,
      }),
    },
    ...shown.map((line) => ({
      gap: 0,
      ...paragraph(line, INNER - 24, { font: 'mono', size: 12 }),
    })),
  ]);
  const box = { x: 0, y: 0, width: INNER, height: height + 8 };
  const bar = { ...box, width: 4 };
  const back = rect(box, `fill="${PALETTE.raised}"`) + rect(bar, `fill="${PALETTE.bad}"`);
  return { markup: back + moved(16, 0, words), height: box.height };
}

function shortened(lines: readonly string[]): readonly string[] {
  const left = lines.length - FIRST_LINES - LAST_LINES;
  if (left <= 1) return lines;
  const note = `(${left} lines are left out)`;
  return [...lines.slice(0, FIRST_LINES), note, ...lines.slice(-LAST_LINES)];
}

function rowSvg(row: RowView, view: HeapView): Drawn {
  const lines = linesOf(row.cells).map((line) => lineSvg(line, view));
  return stacked([
    { gap: 0, ...paragraph(`${row.label}  ${row.address}`, INNER, { size: 12 }) },
    ...lines.map((line) => ({ gap: GAP, ...line })),
  ]);
}

interface Placed {
  readonly cell: CellView;
  /** At least, in pixels. */
  readonly width: number;
  /** Of the room that is left, against the others in the line. */
  readonly share: number;
}

/** Five widths by magnitude: a map to scale would hide the 16 bytes that matter. */
function placed(cell: CellView): Placed {
  if (cell.state === 'elided') return { cell, width: 46, share: 0 };
  if (cell.size <= 16) return { cell, width: 64, share: 1 };
  if (cell.size <= 64) return { cell, width: 68, share: 2 };
  if (cell.size <= 256) return { cell, width: 82, share: 3 };
  return cell.size <= 4096 ? { cell, width: 90, share: 4 } : { cell, width: 98, share: 5 };
}

function linesOf(cells: readonly CellView[]): readonly (readonly Placed[])[] {
  const lines: Placed[][] = [[]];
  let room = INNER;
  for (const each of cells.map(placed)) {
    if (room < each.width) {
      lines.push([]);
      room = INNER;
    }
    lines.at(-1)?.push(each);
    room -= each.width + GAP;
  }
  return lines;
}

function lineSvg(line: readonly Placed[], view: HeapView): Drawn {
  const taken = line.reduce((sum, { width }) => sum + width + GAP, -GAP);
  const shares = line.reduce((sum, { share }) => sum + share, 0);
  const perShare = shares === 0 ? 0 : Math.min(60, (INNER - taken) / shares);
  let x = 0;
  const cells = line.map(({ cell, width, share }) => {
    const full = width + share * perShare;
    const drawn = moved(x, 0, cellSvg(cell, ownerOf(view, cell), full));
    x += full + GAP;
    return drawn;
  });
  return { markup: cells.join('\n'), height: CELL_HEIGHT };
}

function ownerOf({ blocks }: HeapView, cell: CellView): CellOwner {
  return blocks.find(({ block }) => block === cell.block)?.owner ?? 'nobody';
}

function looksIn(view: HeapView): readonly CellLook[] {
  return view.rows.flatMap(({ cells }) =>
    cells.map((cell) => ({ state: cell.state, owner: ownerOf(view, cell) })),
  );
}

function legend(view: HeapView): Drawn {
  const looks = looksIn(view).filter(({ state }) => state !== 'elided');
  const states = new Map(looks.map((look) => [look.state, look]));
  const shown = view.blocks.filter(({ letter }) =>
    view.rows.some(({ cells }) => cells.some((cell) => cell.letter.includes(letter))),
  );
  const left = shown.length - MOST_BLOCKS;
  const more = { size: 12, fill: PALETTE.dim } as const;
  return stacked([
    { gap: 0, ...stateLegend([...states.values()]) },
    ...shown
      .slice(0, MOST_BLOCKS)
      .map((block, index) => ({ gap: index === 0 ? 10 : 6, ...blockSvg(block, view) })),
    ...(left > 0 ? [{ gap: 6, ...paragraph(`and ${left} more blocks`, INNER, more) }] : []),
  ]);
}

function stateLegend(looks: readonly CellLook[]): Drawn {
  const look = { size: 12 } as const;
  let x = 0;
  let y = 0;
  const entries = looks.map((each) => {
    const meaning = CELL_MEANINGS[each.state];
    const width = 30 + widthOf(meaning, look) + 14;
    if (x + width > INNER) {
      x = 0;
      y += 22;
    }
    const face = cellFace(each, { x: x + 0.5, y: y + 0.5, width: 22, height: 15 });
    const entry = face + text(x + 30, y + 12, meaning, look);
    x += width;
    return entry;
  });
  return { markup: entries.join('\n'), height: looks.length === 0 ? 0 : y + 18 };
}

/** `A  buf@fill.c:7: 24 bytes from PyMem_Malloc (the PyMem domain) at 0x…, in use` */
function blockSvg(block: BlockView, { blocks }: HeapView): Drawn {
  const letterOf = (id: string): string => blocks.find((each) => each.block === id)?.letter ?? id;
  const { owner, letter, size, api, family, address, layers } = block;
  const of = isFamily(family) ? ` (${familyFacts(family).label})` : '';
  const state = blockStateText(block, letterOf);
  const line = `${block.block}: ${size} bytes from ${api}${of} at ${address}, ${state}; ${OWNER_WORDS[owner]}`;
  const chip = rect({ x: 0, y: 0, width: 20, height: 18 }, `rx="2" fill="${PALETTE[owner]}"`);
  const sign = text(10, 14, letter, {
    font: 'mono',
    size: 13,
    bold: true,
    fill: PALETTE.paper,
    anchor: 'middle',
  });
  const words = stacked([
    { gap: 0, ...paragraph(line, INNER - 30, { size: 12 }) },
    ...(layers.length === 0
      ? []
      : [
          { gap: 0, ...paragraph(layers.join(' › '), INNER - 30, { size: 11, fill: PALETTE.dim }) },
        ]),
  ]);
  return { markup: chip + sign + moved(30, 0, words.markup), height: Math.max(18, words.height) };
}
