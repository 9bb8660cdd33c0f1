// Macros that take statements: `CHECK(p, return -1)`, `GUARDED(x = 1; y = 2;)`. For the parser such an
// argument becomes `0` and blanks; the expansion of the macro reads the text as written.
import { blank } from './blank.ts';
import { NO_CODE } from './lexical.ts';

const JUMP_ARGUMENT = /[(,]\s*(?=(?:return|goto|break|continue)\b)/g;
const MACRO_CALL = /\b(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})[ \t]*\(/g;
/** Of the calls before the semicolon only the parentheses are looked at. */
const MAY_HAVE =
  /[(,]\s*(?:return|goto|break|continue)\b|\b[A-Z][A-Z0-9_]{3,}[ \t]*\((?:[^();]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*;/;
/** Longer arguments are left alone. */
const MAX_LENGTH = 4_000;

interface Range {
  readonly start: number;
  readonly end: number;
}

export function blankStatementArguments(text: string): string {
  if (!MAY_HAVE.test(text)) return text;
  const code = text.replace(NO_CODE, (part) => part.replace(/[^\r\n]/g, '_'));
  const blanked: Range[] = [];
  for (const match of code.matchAll(JUMP_ARGUMENT)) {
    const start = match.index + match[0].length;
    const end = isLoopHead(code, match.index) ? null : argumentEnd(code, start);
    if (end !== null) blanked.push({ start, end });
  }
  for (const match of code.matchAll(MACRO_CALL)) {
    blanked.push(...statementArguments(code, match.index + match[0].length));
  }
  let result = '';
  let copied = 0;
  for (const { start, end } of blanked.toSorted((a, b) => a.start - b.start)) {
    if (start < copied) continue;
    result += `${text.slice(copied, start)}0${blank(text.slice(start + 1, end))}`;
    copied = end;
  }
  return result + text.slice(copied);
}

/** The arguments of a call that holds a semicolon, from behind its opening parenthesis; else none. */
function statementArguments(code: string, from: number): Range[] {
  const ranges: Range[] = [];
  let hasStatement = false;
  for (let start = from; ; ) {
    const end = argumentEnd(code, start);
    if (end === null || end - from > MAX_LENGTH) return [];
    const argument = code.slice(start, end);
    hasStatement ||= argument.includes(';');
    const first = start + argument.length - argument.trimStart().length;
    if (first < end) ranges.push({ start: first, end });
    if (code[end] === ')') return hasStatement ? ranges : [];
    start = end + 1;
  }
}

/** Of the comma or parenthesis that ends the argument; null: it does not end. */
function argumentEnd(code: string, start: number): number | null {
  let depth = 0;
  const limit = Math.min(code.length, start + MAX_LENGTH);
  for (let i = start; i < limit; i++) {
    const c = code[i]!;
    if (c === '(' || c === '[' || c === '{') depth++;
    else if (depth > 0 && (c === ')' || c === ']' || c === '}')) depth--;
    else if (depth === 0 && (c === ',' || c === ')')) return i;
    else if (c === '}' || c === ']') return null;
  }
  return null;
}

/** `for (` before the parenthesis: what follows is C. */
function isLoopHead(code: string, parenthesis: number): boolean {
  return /\b(?:for|while|if|switch)\s*$/.test(
    code.slice(Math.max(0, parenthesis - 10), parenthesis),
  );
}
