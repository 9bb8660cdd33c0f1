// The text of one function for fixes that edit it: comments and literals blanked, calls and uses of a name
// found by words and parentheses. Offsets count from the start of the function.
import { blank } from '../preprocess/blank.ts';
import type { Span } from '../../simulator/flagged-path.ts';
import { outlineOf, type OutlinedFunction } from '../preprocess/outline.ts';
import { afterComment, lineEnd, literalEnd } from '../preprocess/lexical.ts';
import type { SourceText } from '../syntax/source-text.ts';

export interface CallText {
  readonly name: string;
  /** Of the name. */
  readonly start: number;
  /** Behind the closing parenthesis. */
  readonly end: number;
  readonly args: readonly { readonly start: number; readonly end: number }[];
}

export class FunctionText {
  readonly source: SourceText;
  readonly end: number;
  /** Where the body's brace opens. */
  readonly body: number;
  /** Blank in comments and in literals. */
  readonly code: string;
  /** Where the function starts in the file. */
  readonly #base: number;
  /** By offset: behind the `;`, `{` or `}` before. */
  #starts: Uint32Array | null = null;

  constructor(source: SourceText, { start, end }: Pick<OutlinedFunction, 'start' | 'end'>) {
    this.source = source;
    this.#base = start;
    this.end = end - start;
    this.code = blanked(source.text.slice(start, end));
    this.body = Math.max(0, this.code.indexOf('{'));
  }

  /** What is between the declarations before and the brace: the type, the name, the parameters. */
  get head(): string {
    return this.code.slice(0, this.body);
  }

  offsetOf(at: Pick<Span, 'line' | 'column'>): number {
    return this.source.offset(at.line, at.column) - this.#base;
  }

  span(start: number, end: number): Span {
    return this.source.span(this.#base + start, this.#base + end);
  }

  /** As written. */
  text(start: number, end: number): string {
    return this.source.text.slice(this.#base + start, this.#base + end);
  }

  /** The call whose name starts at `start`; null: none does. */
  callAt(start: number): CallText | null {
    const name = /^[A-Za-z_]\w*/.exec(this.code.slice(start, start + 200))?.[0];
    if (name === undefined) return null;
    const open = this.skipBlanks(start + name.length);
    if (this.code[open] !== '(') return null;
    const args: { start: number; end: number }[] = [];
    let depth = 0;
    let from = open + 1;
    for (let i = open; i < this.code.length; i++) {
      const c = this.code[i]!;
      if ('([{'.includes(c)) depth++;
      if (')]}'.includes(c)) depth--;
      if (depth === 0 || (depth === 1 && c === ',')) {
        args.push({ start: from, end: i });
        from = i + 1;
      }
      if (depth === 0) return { name, start, end: i + 1, args };
    }
    return null;
  }

  /** The innermost call with `offset` among its arguments, and which one; null: none. */
  callAround(offset: number): { readonly call: CallText; readonly index: number } | null {
    let depth = 0;
    for (let i = offset - 1; i >= this.body; i--) {
      const c = this.code[i]!;
      if (';{}'.includes(c)) return null;
      if (')]'.includes(c)) depth++;
      if ('(['.includes(c)) depth--;
      if (depth >= 0) continue;
      depth = 0;
      const from = Math.max(this.body, i - 200);
      const name = c === '(' ? /\b[A-Za-z_]\w*\s*$/.exec(this.code.slice(from, i)) : null;
      if (name === null) continue;
      const call = this.callAt(from + name.index);
      const index = call?.args.findIndex(({ start, end }) => start <= offset && offset < end) ?? -1;
      return call === null || index < 0 ? null : { call, index };
    }
    return null;
  }

  /** Where the name is used, not as a member. */
  usesOf(name: string): readonly number[] {
    const uses = [...this.code.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].map(
      ({ index }) => index,
    );
    return uses.filter((at) => !/(?:\.|->)\s*$/.test(this.code.slice(Math.max(0, at - 8), at)));
  }

  skipBlanks(from: number): number {
    let at = from;
    while (at < this.end && /\s/.test(this.code[at]!)) at++;
    return at;
  }

  /** Behind the `;`, `{` or `}` before, and behind labels. */
  statementStart(offset: number): number {
    const start = this.#punctuationBefore(offset);
    return start + (LABELS.exec(this.code.slice(start, offset))?.[0].length ?? 0);
  }

  /** A label, or a case, stands before the statement of `offset`: without it that would have nothing to name. */
  isLabeled(offset: number): boolean {
    return this.statementStart(offset) > this.#punctuationBefore(offset);
  }

  #punctuationBefore(offset: number): number {
    this.#starts ??= startsIn(this.code, this.body);
    return this.#starts[offset] ?? offset;
  }

  /** Where the line of `offset` begins. */
  lineStart(offset: number): number {
    return this.code.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Where the next line begins. */
  lineEnd(offset: number): number {
    const newline = this.code.indexOf('\n', offset);
    return newline < 0 ? this.end : newline + 1;
  }

  /** The call is a statement by itself: nobody gets its result. */
  isStatement({ start, end }: CallText): boolean {
    const before = this.code.slice(this.statementStart(start), start);
    return /^\s*(?:\(\s*void\s*\)\s*)?$/.test(before) && this.code[this.skipBlanks(end)] === ';';
  }

  /** The blanks that the line of `offset` begins with. */
  indentAt(offset: number): string {
    const at = this.#base + offset;
    const line = this.source.text.lastIndexOf('\n', at - 1) + 1;
    return /^[ \t]*/.exec(this.source.text.slice(line, at))?.[0] ?? '';
  }

  /** One level, as the function itself indents. */
  get unit(): string {
    const first = /\n([ \t]+)\S/.exec(this.code.slice(this.body, this.end))?.[1] ?? '    ';
    return first.startsWith('\t') ? '\t' : first;
  }
}

const LABELS = /^(?:\s*(?:case\b[^:?]*|[A-Za-z_]\w*)\s*:(?!:))+/;

/** Characters times words: what looks at a statement may look at it once for each of its words. */
const LARGEST_STATEMENT = 200_000_000;
/** Characters; what looks for a word may look from each of them. */
const LONG_WORD = /\w{1000}/;

/** Finds the functions of a file once. */
export class FunctionTexts {
  readonly #outlines = new Map<SourceText, readonly OutlinedFunction[]>();
  readonly #texts = new Map<OutlinedFunction, FunctionText | null>();

  /** Null: braces alone do not show the function, or it is nothing that anybody wrote. */
  at(source: SourceText, at: Pick<Span, 'line' | 'column'>): FunctionText | null {
    const outlines = this.#outlines.get(source) ?? outlineOf(source.text).functions;
    this.#outlines.set(source, outlines);
    const offset = source.offset(at.line, at.column);
    const holder = outlines.find(({ start, end }) => start <= offset && offset < end);
    if (holder === undefined) return null;
    const known = this.#texts.get(holder);
    if (known !== undefined) return known;
    const fn = new FunctionText(source, holder);
    const text = fn.code.split(/[;{}]/).some(isTooLarge) ? null : fn;
    this.#texts.set(holder, text);
    return text;
  }
}

function isTooLarge(statement: string): boolean {
  const words = statement.match(/[A-Za-z_]\w*/g)?.length ?? 0;
  return statement.length * words > LARGEST_STATEMENT || LONG_WORD.test(statement);
}

/** For a regular expression that finds the text as it stands. */
export function verbatim(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function startsIn(code: string, body: number): Uint32Array {
  const starts = new Uint32Array(code.length + 1);
  for (let at = 0, start = 0; at <= code.length; at++) {
    if (at <= body || ';{}'.includes(code[at - 1]!)) start = at;
    starts[at] = start;
  }
  return starts;
}

function blanked(text: string): string {
  let code = '';
  let done = 0;
  const leaveOut = (from: number, to: number): void => {
    code += text.slice(done, from) + blank(text.slice(from, to));
    done = to;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' || c === "'") {
      const end = literalEnd(text, i);
      leaveOut(i + 1, Math.max(i + 1, end));
      i = end;
    } else if (c === '/' && (text[i + 1] === '*' || text[i + 1] === '/')) {
      const end = text[i + 1] === '*' ? afterComment(text, i) : lineEnd(text, i);
      leaveOut(i, end);
      i = end - 1;
    }
  }
  return code + text.slice(done);
}
