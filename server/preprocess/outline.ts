// Cuts a C text into its function definitions and the outline that is left: declarations, macros, types.
// Finds definitions by braces alone, far faster than a parser and undisturbed by macros that no grammar
// knows; what it is not sure of stays in the outline. Offsets never move.
import { blank } from './blank.ts';
import type { PreprocessorCondition } from './macros.ts';
import { ConditionStack } from './condition-stack.ts';
import { afterComment, lineEnd, literalEnd } from './lexical.ts';

export interface Outline {
  /** The text with blanks in the place of the definitions; a `#define` inside one stays. */
  readonly text: string;
  /** The same without what stands in the braces of initializers, which may be megabytes of numbers. */
  readonly declarations: string;
  readonly functions: readonly OutlinedFunction[];
}

export interface OutlinedFunction {
  readonly name: string;
  readonly isStatic: boolean;
  readonly start: number;
  readonly end: number;
  readonly conditions: readonly PreprocessorCondition[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const NEWLINE = 10;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;
const STAR = 42;
const SLASH = 47;
const SEMICOLON = 59;
const EQUALS = 61;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** `extern "C" {`: what is inside is still outside of functions. */
const TRANSPARENT = /\bextern\s*"[^"]*"\s*$/;
const NAME = /\b([A-Za-z_]\w*)\s*$/;
const NO_NAME = /^(?:if|for|while|switch|return|sizeof|else|do|noexcept|__attribute__|__declspec)$/;

export function outlineOf(text: string): Outline {
  const functions: OutlinedFunction[] = [];
  const initializers: Range[] = [];
  const keptOfFunctions: Range[] = [];
  const keptOfInitializers: Range[] = [];
  const outer = new ConditionStack();
  let inner = new BraceBalance();
  /** The function whose braces are open; null: braces of something else. */
  let open: { readonly head: Head; readonly conditions: readonly PreprocessorCondition[] } | null =
    null;
  /** Where the initializer began whose braces are open; null: they are of something else. */
  let initializer: number | null = null;
  let defines: Range[] = [];
  let depth = 0;
  /** Where the declaration began that the scan is in. */
  let headStart = 0;
  let last = 0;
  let isLineStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32) {
      if (c === NEWLINE) isLineStart = true;
      continue;
    }
    const wasLineStart: boolean = isLineStart;
    isLineStart = false;
    switch (c) {
      case SLASH: {
        const next = text.charCodeAt(i + 1);
        if (next === STAR) {
          i = afterComment(text, i) - 1;
          isLineStart = wasLineStart;
          continue;
        }
        if (next === SLASH) {
          i = lineEnd(text, i) - 1;
          continue;
        }
        break;
      }
      case QUOTE:
      case APOSTROPHE:
        i = literalEnd(text, i);
        break;
      case HASH: {
        if (!wasLineStart) break;
        const end = lineEnd(text, i);
        const directive = text.slice(i + 1, end);
        if (depth === 0) {
          outer.read(directive);
          if (!isInsideHead(withoutComments(text.slice(headStart, i)))) headStart = end;
        } else if (/^\s*define\b/.test(directive)) {
          defines.push({ start: i, end: Math.min(end + 1, text.length) });
        } else depth = inner.read(directive, depth);
        i = end - 1;
        continue;
      }
      case SEMICOLON:
        if (depth === 0) headStart = i + 1;
        break;
      case OPEN_BRACE: {
        if (depth > 0) {
          depth++;
          break;
        }
        const before = text.slice(headStart, i);
        if (TRANSPARENT.test(before)) {
          headStart = i + 1;
          break;
        }
        depth = 1;
        const head = last === CLOSE_PARENTHESIS ? headOf(before, headStart) : null;
        open = head === null ? null : { head, conditions: outer.conditions() };
        initializer = last === EQUALS ? i + 1 : null;
        inner = new BraceBalance();
        defines = [];
        break;
      }
      case CLOSE_BRACE: {
        if (depth > 0) depth--;
        // A brace in the first column ends a function, whatever was counted.
        const isEnd: boolean = depth === 0 || (open !== null && text.charCodeAt(i - 1) === NEWLINE);
        if (!isEnd) break;
        if (open !== null && depth === 0 && inner.isEven) {
          const { name, isStatic, start } = open.head;
          functions.push({ name, isStatic, start, end: i + 1, conditions: open.conditions });
          keptOfFunctions.push(...defines);
        }
        if (initializer !== null && inner.isEven) {
          initializers.push({ start: initializer, end: i });
          keptOfInitializers.push(...defines);
        }
        depth = 0;
        open = null;
        initializer = null;
        headStart = i + 1;
        break;
      }
      default:
    }
    last = c;
  }
  const outline = blanked(text, functions, keptOfFunctions);
  const declarations = blanked(outline, initializers, keptOfInitializers);
  return { text: outline, declarations, functions };
}

/** Whether alternatives begin or go on in the middle of a head: they are a part of the definition. */
function isInsideHead(before: string): boolean {
  const text = before.trim();
  return text !== '' && (!text.endsWith(')') || /^[ \t]*#/m.test(text));
}

interface Head {
  readonly name: string;
  readonly isStatic: boolean;
  readonly start: number;
}

/** What stands before the brace of a definition; null: it may be none. */
function headOf(text: string, offset: number): Head | null {
  const bare = withoutDirectives(withoutComments(text));
  const end = bare.lastIndexOf(')');
  const list = openingOf(bare, end);
  const name = list < 0 ? undefined : NAME.exec(bare.slice(0, list))?.[1];
  if (name === undefined || NO_NAME.test(name)) return null;
  const before = bare.slice(0, list);
  if (/[=}{]/.test(before)) return null;
  // `TARGET(NAME) {` is code that some other text is put around.
  if (before.trim() === name) return null;
  const start = typeStart(before.slice(0, before.trimEnd().length - name.length));
  return { name, isStatic: /\bstatic\b/.test(before), start: offset + start };
}

/** Calls of macros that stand alone on the lines before are not a part of the definition. */
function typeStart(before: string): number {
  let start = 0;
  for (const { index, 0: call } of before.matchAll(/\)[ \t]*\r?\n/g)) {
    const next = index + call.length;
    // The last one may stand for the type: `Py_LOCAL_INLINE(char *)`.
    if (before.slice(next).trim() !== '') start = next;
  }
  return start + Math.max(0, before.slice(start).search(/\S/));
}

/** Blanks in the place of comments. */
function withoutComments(text: string): string {
  if (!text.includes('/')) return text;
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, blank);
}

function withoutDirectives(text: string): string {
  if (!text.includes('#')) return text;
  return text.replace(/^[ \t]*#(?:[^\\\n]|\\\r?\n|\\.)*/gm, blank);
}

function openingOf(text: string, close: number): number {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (c === CLOSE_PARENTHESIS) depth++;
    else if (c === OPEN_PARENTHESIS && --depth === 0) return i;
  }
  return -1;
}

/** Blanks in the place of the ranges, but for what is kept of them. */
function blanked(text: string, ranges: readonly Range[], kept: readonly Range[]): string {
  let result = '';
  let at = 0;
  let define = 0;
  for (const { start, end } of ranges) {
    result += text.slice(at, start);
    at = start;
    for (
      let range = kept[define];
      range !== undefined && range.start < end;
      range = kept[++define]
    ) {
      result += ' '.repeat(range.start - at) + text.slice(range.start, range.end);
      at = range.end;
    }
    result += ' '.repeat(end - at);
    at = end;
  }
  return result + text.slice(at);
}

/** Whether the braces of a body are even under every alternative of its conditionals. */
class BraceBalance {
  #isEven = true;
  readonly #open: { readonly before: number; after: number | null; hasElse: boolean }[] = [];

  get isEven(): boolean {
    return this.#isEven && this.#open.length === 0;
  }

  /** The brace depth after a directive. */
  read(directive: string, depth: number): number {
    const name = /^\s*(if|el|endif)/.exec(directive)?.[1];
    if (name === 'if') this.#open.push({ before: depth, after: null, hasElse: false });
    const current = this.#open.at(-1);
    if (name === undefined || name === 'if') return depth;
    if (current === undefined) {
      this.#isEven = false;
      return depth;
    }
    if (current.after !== null && current.after !== depth) this.#isEven = false;
    current.after ??= depth;
    if (name === 'el') {
      current.hasElse ||= /^\s*else/.test(directive);
      return current.before;
    }
    this.#open.pop();
    if (!current.hasElse && current.before !== current.after) this.#isEven = false;
    return current.after;
  }
}
