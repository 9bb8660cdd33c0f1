// A text with its line starts: offsets to spans and back to source lines.
import type { Span } from '../../simulator/flagged-path.ts';

export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#lineStarts = [0];
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
      this.#lineStarts.push(i + 1);
    }
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** Offsets in UTF-16 units, 0-based, end exclusive. */
  span(start: number, end: number): Span {
    const from = this.#position(start);
    const to = this.#position(Math.max(start, end));
    return {
      file: this.file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
  }

  /** Of a line and column from 1; 0-based, within the text. */
  offset(line: number, column: number): number {
    const start = this.#lineStarts[line - 1] ?? this.text.length;
    return Math.min(this.text.length, start + column - 1);
  }

  /** The trimmed text of a line, counted from 1, cut to 160 characters. */
  line(line: number): string {
    const start = this.#lineStarts[line - 1] ?? this.text.length;
    const end = this.#lineStarts[line] ?? this.text.length;
    const trimmed = this.text.slice(start, Math.min(end, start + 400)).trim();
    return trimmed.length > 160 ? `${trimmed.slice(0, 159)}…` : trimmed;
  }

  #position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }
}
