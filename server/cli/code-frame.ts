// A code frame: source lines with labeled, underlined spans, the lines between them left out. One
// frame can show many spans of one file. Knows nothing of findings or rules.
import type { Span } from '../../simulator/flagged-path.ts';
import { displayLine, printable, type DisplayLine } from './display-text.ts';
import type { Colors } from './terminal.ts';

export interface Label {
  readonly at: Span;
  readonly text: string;
  /** The primary label is underlined with carets, the others with dashes. */
  readonly isPrimary: boolean;
}

/** Cells of source shown of one line; a generated line may have a hundred thousand. */
const WIDEST = 110;
/** Cells kept before the first span of a line that is too wide. */
const LEAD = 24;

/**
 * Lines of the frame without a heading. `gutter` is the width of the line numbers; `source` holds
 * the lines of the file.
 */
export function codeFrame(
  source: readonly string[],
  labels: readonly Label[],
  gutter: number,
  colors: Colors,
): string[] {
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
      frame.push(numbered(previous + 1, cut(between, 0).text, gutter, colors));
    } else if (previous !== null && line > previous + 1) {
      frame.push(colors.blue('...'));
    }
    const shown = sourceLine(source, line);
    const own = byLine.get(line) ?? [];
    const window = cut(shown, Math.min(...own.map((label) => startCell(shown, label.at))));
    frame.push(numbered(line, window.text, gutter, colors));
    for (const label of own) {
      frame.push(`${empty} ${underline(shown, window.from, label, colors)}`);
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

function cut(line: DisplayLine, firstCell: number): Window {
  const width = line.cells.at(-1) ?? 0;
  if (width <= WIDEST) return { text: line.text, from: 0 };
  const from = Math.max(0, Math.min(firstCell - LEAD, width - WIDEST));
  const characters = Array.from(line.text);
  const start = from === 0 ? '' : '…';
  const end = from + WIDEST < width ? '…' : '';
  return {
    text: start + characters.slice(from + start.length, from + WIDEST).join('') + end,
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

function underline(line: DisplayLine, from: number, label: Label, colors: Colors): string {
  const start = Math.min(Math.max(0, startCell(line, label.at) - from), WIDEST);
  const end = Math.min(Math.max(start + 1, endCell(line, label.at) - from), WIDEST + 1);
  const paint = label.isPrimary ? (text: string) => colors.bold(colors.red(text)) : colors.blue;
  const mark = (label.isPrimary ? '^' : '-').repeat(Math.max(1, end - start));
  return `${' '.repeat(start)}${paint(`${mark} ${printable(label.text)}`)}`;
}
