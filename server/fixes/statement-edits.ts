// A statement before another one, behind it, in its place, or none there, as edits: with braces where a condition
// governs it, on lines of its own, in the indentation of the function.
import type { Edit } from '../finding.ts';
import type { Range } from './control-flow.ts';
import type { FunctionText } from './function-text.ts';

/**
 * `statement` runs right before what stands at `at`. Null where it cannot be told what governs that. Edits for two
 * statements before the same one go together.
 */
export function insertBefore(fn: FunctionText, at: Range, statement: string): Edit[] | null {
  // A label does not stand before a declaration.
  if (fn.isLabeled(at.start) && statement.includes(' = ')) return null;
  return around(fn, at, (between) => ({
    at: fn.span(at.start, at.start),
    newText: statement + between,
  }));
}

/** `statements`, the first one a declaration, run in the place of what stands at `at`. */
export function replaceWith(
  fn: FunctionText,
  at: Range,
  statements: readonly string[],
): Edit[] | null {
  if (fn.isLabeled(at.start)) return null;
  return around(fn, at, (between) => ({
    at: fn.span(at.start, at.end),
    newText: statements.join(between),
  }));
}

/** `edit` is told what stands between two statements. */
function around(fn: FunctionText, at: Range, edit: (between: string) => Edit): Edit[] | null {
  const from = fn.statementStart(at.start);
  const prefix = fn.code.slice(from, at.start);
  const isFirstOnLine = fn.code.slice(fn.lineStart(at.start), at.start).trim() === '';
  if (prefix.trim() === '') return [edit(isFirstOnLine ? `\n${fn.indentAt(at.start)}` : ' ')];
  if (!isGoverning(prefix)) return null;
  const indent = fn.indentAt(fn.skipBlanks(from));
  const inner = indent + fn.unit;
  const head = from + prefix.trimEnd().length;
  if (head === at.start) return null;
  const gap = isFirstOnLine ? '' : (/\s*$/.exec(fn.text(head, at.start))?.[0] ?? '');
  const line = isFirstOnLine ? '' : `\n${inner}`;
  const blanks = at.start - gap.length;
  const edits: Edit[] =
    blanks === head || isFirstOnLine
      ? [{ at: fn.span(head, head + gap.length), newText: ` {${line}` }]
      : [
          { at: fn.span(head, head), newText: ' {' },
          { at: fn.span(blanks, at.start), newText: line },
        ];
  edits.push(edit(`\n${isFirstOnLine ? fn.indentAt(at.start) : inner}`));
  const close = lineTail(fn, at.end) ?? at.end;
  edits.push({ at: fn.span(close, close), newText: `\n${indent}}` });
  return edits;
}

/** The statement that begins at `from` and ends at `to` goes; the whole line where nothing else stands on it. */
export function leaveOut(fn: FunctionText, from: number, to: number): Edit {
  // What a label names must stay a statement.
  if (fn.isLabeled(from) && fn.code[fn.skipBlanks(to)] === '}')
    return { at: fn.span(from, to), newText: ';' };
  const start = fn.lineStart(from);
  const end = fn.lineEnd(to);
  const isFirst = fn.code.slice(start, from).trim() === '';
  if (isFirst && lineTail(fn, to) !== null) return { at: fn.span(start, end), newText: '' };
  const blanks = isFirst ? (/^[ \t]*/.exec(fn.text(to, end))?.[0].length ?? 0) : 0;
  return { at: fn.span(from, to + blanks), newText: '' };
}

/** `statement` runs behind the one that ends at `end`, in the same block; on the same line where that is shared. */
export function insertBehind(fn: FunctionText, end: number, statement: string): Edit[] {
  const start = fn.skipBlanks(fn.statementStart(end - 1));
  const tail = lineTail(fn, end);
  const isLine = tail !== null && fn.code.slice(fn.lineStart(start), start).trim() === '';
  const place = isLine ? tail : end;
  const between = isLine ? `\n${fn.indentAt(start)}` : ' ';
  return [{ at: fn.span(place, place), newText: between + statement }];
}

/** Where the rest of the line is a comment at most: behind it. Null: something else stands there. */
function lineTail(fn: FunctionText, end: number): number | null {
  const newline = fn.code.indexOf('\n', end);
  const rest = fn.code.slice(end, newline < 0 ? fn.end : newline);
  if (rest.trim() !== '') return null;
  const text = fn.text(end, end + rest.length);
  const isOpen = text.lastIndexOf('/*') > text.lastIndexOf('*/');
  return isOpen ? null : end + text.trimEnd().length;
}

/** `if (…)`, `else`, `while (…)`: what has one statement, and nothing else. */
function isGoverning(prefix: string): boolean {
  let left = prefix.trim();
  while (left !== '') {
    if (/^else\b/.test(left)) left = left.slice(4).trim();
    else if (/^(?:if|while)\s*\(/.test(left)) {
      const end = closing(left, left.indexOf('('));
      if (end < 0) return false;
      left = left.slice(end + 1).trim();
    } else return false;
  }
  return true;
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '(') depth++;
    if (code[at] === ')' && --depth === 0) return at;
  }
  return -1;
}
