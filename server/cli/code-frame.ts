// A code frame: source lines with labeled, underlined spans, the lines between them left out. One
// frame can show many spans of one file. Knows nothing of findings or rules.
import type { Span } from '../../simulator/flagged-path.ts';
import { wrap } from '../../simulator/styled-text.ts';
import { displayLine, printable, type DisplayLine } from './display-text.ts';
import type { Colors } from './terminal.ts';

export interface Label {
  readonly at: Span;
  readonly text: string;
  /** The primary label is underlined with carets, the others with dashes. */
  readonly isPrimary: boolean;
}

export interface FrameStyle {
  /** Cells of the line numbers. */
  readonly gutter: number;
  readonly colors: Colors;
  /** Cells of the terminal; null: there is none. */
  readonly columns: number | null;
}

/** Cells of source shown of one line; a generated line may have a hundred thousand. */
const WIDEST = 110;
/** Of a very narrow terminal as well. */
const NARROWEST = 40;
/** Cells kept before the first span of a line that is too wide. */
const LEAD = 24;

/** Lines of the frame without a heading. `source` holds the lines of the file. */
export function codeFrame(
  source: readonly string[],
  labels: readonly Label[],
  { gutter, colors, columns }: FrameStyle,
): string[] {
  const room = columns === null ? null : Math.max(NARROWEST, columns - gutter - 3);
  const widest = Math.min(WIDEST, room ?? WIDEST);
  const byLine = new Map<number, Label[]>();
  for (const label of labels) {
    const sameLine = byLine.get(label.at.line);
    if (sameLine === undefined) byLine.set(label.at.line, [label]);
    else sameLine.push(label);
  }
  const bar = colors.blue('|');
  const empty = `${' '.repeat(gutter)} ${bar}`;
  const frame = [empty];
  let previous: number | null = null;
  for (const line of [...byLine.keys()].toSorted((left, right) => left - right)) {
    if (previous !== null && line === previous + 2) {
      const between = sourceLine(source, previous + 1);
      frame.push(numbered(previous + 1, cut(between, 0, widest).text, gutter, colors));
    } else if (previous !== null && line > previous + 1) {
      frame.push(colors.blue('...'));
    }
    const shown = sourceLine(source, line);
    const own = byLine.get(line) ?? [];
    const window = cut(shown, Math.min(...own.map((label) => startCell(shown, label.at))), widest);
    frame.push(numbered(line, window.text, gutter, colors));
    for (const label of own) {
      for (const part of underline(shown, window.from, label, { colors, room, widest })) {
        frame.push(`${empty} ${part}`);
      }
    }
    previous = line;
  }
  frame.push(empty);
  return frame;
}

/** How many digits the line numbers of the spans need. */
export function gutterWidth(spans: readonly Span[]): number {
  return Math.max(...spans.map((span) => String(span.line).length));
}

function sourceLine(source: readonly string[], line: number): DisplayLine {
  return displayLine(source[line - 1] ?? '');
}

function numbered(line: number, text: string, gutter: number, colors: Colors): string {
  const number = colors.blue(String(line).padStart(gutter));
  return `${number} ${colors.blue('|')} ${text}`.trimEnd();
}

interface Window {
  readonly text: string;
  /** The first cell shown. */
  readonly from: number;
}

function cut(line: DisplayLine, firstCell: number, widest: number): Window {
  const width = line.cells.at(-1) ?? 0;
  if (width <= widest) return { text: line.text, from: 0 };
  const from = Math.max(0, Math.min(firstCell - LEAD, width - widest));
  const characters = Array.from(line.text);
  const start = from === 0 ? '' : '…';
  const end = from + widest < width ? '…' : '';
  return {
    text: start + characters.slice(from + start.length, from + widest).join('') + end,
    from,
  };
}

function startCell(line: DisplayLine, span: Span): number {
  return line.cells[span.column - 1] ?? line.cells.at(-1) ?? 0;
}

function endCell(line: DisplayLine, span: Span): number {
  const end = line.cells.at(-1) ?? 0;
  return span.endLine > span.line ? end : (line.cells[span.endColumn - 1] ?? end);
}

interface UnderlineStyle {
  readonly colors: Colors;
  /** Cells beside the gutter; null: as many as it takes. */
  readonly room: number | null;
  readonly widest: number;
}

/** The mark and what it means: on one line, or below the mark where that would not fit. */
function underline(
  line: DisplayLine,
  from: number,
  label: Label,
  { colors, room, widest }: UnderlineStyle,
): string[] {
  const start = Math.min(Math.max(0, startCell(line, label.at) - from), widest - 1);
  const end = Math.min(Math.max(start + 1, endCell(line, label.at) - from), widest);
  const paint = label.isPrimary ? (text: string) => colors.bold(colors.red(text)) : colors.blue;
  const mark = (label.isPrimary ? '^' : '-').repeat(Math.max(1, end - start));
  const text = printable(label.text);
  if (room === null || start + mark.length + 1 + text.length <= room) {
    return [`${' '.repeat(start)}${paint(`${mark} ${text}`)}`];
  }
  const indent = Math.min(start, Math.max(0, room - text.length));
  return [
    `${' '.repeat(start)}${paint(mark)}`,
    ...wrap(text, room - indent).map((part) => `${' '.repeat(indent)}${paint(part.trim())}`),
  ];
}
