// Rewrites a C text, without moving any character, into one that the C grammar parses: macros that
// stand for a statement without a semicolon, macros that take a type. Only the parser sees the result;
// messages and spans use the text as written.
import { allRows } from '../knowledge/row.ts';
import { blankAttributes } from './attributes.ts';
import { blank } from './blank.ts';
import { blankDefineComments } from './define-comments.ts';
import { blankCxxMarks } from './cxx-marks.ts';
import { blankStatementArguments } from './statement-arguments.ts';

/** Macro name -> index of the argument that is a type. */
const TYPE_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ...allRows().flatMap((row) => {
    const type = row.sizeArgs.find((s) => s.meaning === 'type' || s.meaning === 'c-struct-type');
    return type === undefined || row.kind !== 'macro' ? [] : [[row.name, type.arg] as const];
  }),
  ['va_arg', 1] as const,
]);

const TYPE_CALL = new RegExp(`\\b(${[...TYPE_ARGUMENTS.keys()].join('|')})\\s*\\(`, 'g');

/** An identifier, or a call on one line, that ends a line without a semicolon. */
const BARE_LINE =
  /^[ \t]*([A-Za-z_]\w*)[ \t]*(\([^;{}\n]*\))?[ \t]*(?:\/\*[^\n]*\*\/[ \t]*|\/\/[^\n]*)?$/;

/** `FOREACH(x, list) free(x);`, `UNLESS(x) return;`: without a semicolon it would be read as a declaration. */
const LEADING_CALL =
  /^[ \t]*([A-Za-z_]\w*)[ \t]*\((?:[^()\n;{}]|\((?:[^()\n;{}]|\([^()\n;{}]*\))*\))*\)[ \t](?=[ \t]*(?:(?:if|for|while|switch|do|return|goto|break|continue)\b|[A-Za-z_]\w*[ \t]*\())/;

/** In one line with its block only what is named like a macro: `member {0},` is C++. */
const BLOCK_HEAD =
  /^[ \t]*(?:([A-Za-z_]\w*)[ \t](?=[ \t]*\{[ \t\r]*(?:\/[/*]|$))|[A-Z][A-Z0-9_]+[ \t](?=[ \t]*\{))/;
const NOT_A_HEAD = new Set([
  'else',
  'do',
  'default',
  'struct',
  'union',
  'enum',
  'class',
  'namespace',
  'extern',
  'requires',
  'try',
  '__try',
  '__finally',
  'asm',
  '__asm',
  '__asm__',
  '__extension__',
]);

/** What a declaration ends with, or a marker without arguments. */
const AFTER_DECLARATION = /[;}]$|^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/;

const NOT_A_MACRO = new Set([
  'else',
  'do',
  'return',
  'break',
  'continue',
  'default',
  'if',
  'for',
  'while',
  'switch',
  'sizeof',
  'typeof',
  '__typeof__',
  'decltype',
  'alignas',
  '_Alignas',
  'catch',
]);

export function normalize(text: string): string {
  const whole = blankDefineComments(text);
  const plain = blankTextMacros(
    separateHead(separateHeadInit(shortenOffsets(blankCxxMarks(whole)))),
  );
  const separate = separateThreadMacros(plain);
  const expressions = blankStatementArguments(blankTypeArguments(separate));
  return closeBareMacros(closeLeadingMarkers(blankAttributes(expressions)));
}

/** `LOGNO(0181) "Unable to"`: a macro that gives a part of a text. */
const TEXT_MACRO = /([(,]\s*)([A-Z][A-Z0-9_]+\([^()"'\n]*\))(?=\s+")/g;

function blankTextMacros(text: string): string {
  return text.replace(TEXT_MACRO, (_, before: string, macro: string) => before + blank(macro));
}

const OFFSET_OF = /(\boffsetof\s*\([^(),;]*,\s*\w+)((?:\s*(?:\.\s*\w+|\[\w*\]))+)(?=\s*\))/g;

/** `offsetof(PyLongObject, long_value.ob_digit)`: the grammar knows plain members alone. */
function shortenOffsets(text: string): string {
  if (!text.includes('offsetof')) return text;
  return text.replace(OFFSET_OF, (_, plain: string, rest: string) => plain + blank(rest));
}

/** Named like those of Python and NumPy: a statement that detaches or attaches the thread state. */
const THREAD_MACRO = /(?:ALLOW|BLOCK|BEGIN|END)_THREADS[ \t](?=[ \t]*[^\s;(,)=])/g;
const DEFINED_NAME = /^[ \t]*#[ \t]*define[ \t]+\w*$/;

/** `Py_BEGIN_ALLOW_THREADS n = read(fd, b, 1); Py_END_ALLOW_THREADS`: statements on one line. */
function separateThreadMacros(text: string): string {
  if (!text.includes('_THREADS')) return text;
  return text.replace(THREAD_MACRO, (macro, offset: number) => {
    const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
    return DEFINED_NAME.test(before) ? macro : `${macro.slice(0, -1)};`;
  });
}

/** `BEGIN_REGION if (x) {`: the marker becomes a statement. */
function closeLeadingMarkers(text: string): string {
  return text.replace(
    /^([ \t]*[A-Z][A-Z0-9]*_[A-Z0-9_]+)[ \t](?=[ \t]*(?:if|for|while|switch|return|goto)\b)/gm,
    '$1;',
  );
}

/** `PyVarObject_HEAD_INIT(NULL, 0)` brings its own comma; the grammar needs to see one. */
function separateHeadInit(text: string): string {
  return text.replace(
    /(\b_?Py(?:Var)?Object_HEAD_INIT\s*\([^()]*(?:\([^()]*\)[^()]*)*\))\s(?!\s*,)/g,
    '$1,',
  );
}

const HEAD = /(\{\s*)?\bPyObject_(?:VAR_)?HEAD\s(?=\s*[A-Za-z_])/g;

/** `{ PyObject_HEAD Foo foo; }`: a member of its own; alone on its line it is one anyway. */
function separateHead(text: string): string {
  if (!text.includes('_HEAD')) return text;
  return text.replace(HEAD, (head, brace: string | undefined, offset: number) => {
    const isLine = brace === undefined && head.endsWith('\n');
    const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
    return isLine || /^[ \t]*#/.test(before) ? head : `${head.slice(0, -1)};`;
  });
}

function blankTypeArguments(text: string): string {
  let result = '';
  let copied = 0;
  for (const match of text.matchAll(TYPE_CALL)) {
    const from = match.index + match[0].length;
    const bounds = argumentBounds(text, from, TYPE_ARGUMENTS.get(match[1]!)!);
    if (bounds === null || bounds.start < copied) continue;
    const argument = text.slice(bounds.start, bounds.end);
    result += text.slice(copied, bounds.start) + typeAsIdentifier(argument);
    copied = bounds.end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** The offsets of argument `index` (0-based) of a call whose arguments start at `from`. */
function argumentBounds(
  text: string,
  from: number,
  index: number,
): { start: number; end: number } | null {
  let depth = 0;
  let argument = 0;
  let start = from;
  const limit = Math.min(text.length, from + 500);
  for (let i = from; i < limit; i++) {
    const c = text[i];
    if (c === '(' || c === '[') depth++;
    else if ((c === ')' || c === ']') && depth > 0) depth--;
    else if (depth === 0 && (c === ',' || c === ')')) {
      if (argument === index) return { start, end: i };
      if (c === ')') return null;
      argument++;
      start = i + 1;
    }
  }
  return null;
}

/** `struct point *` -> `       point  `: the last word stays, the rest becomes blanks. */
function typeAsIdentifier(type: string): string {
  if (!/^[\w\s*]*$/.test(type)) return type;
  const last = [...type.matchAll(/[A-Za-z_]\w*/g)].at(-1);
  if (last === undefined) return type;
  const end = last.index + last[0].length;
  return blank(type.slice(0, last.index)) + last[0] + blank(type.slice(end));
}

function closeBareMacros(text: string): string {
  const lines = text.split('\n');
  let depth = 0;
  let inComment = false;
  let before = ';';
  let changed = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const code = stripComments(line, inComment);
    inComment = code.inComment;
    const trimmed = code.text.trim();
    if (trimmed === '' || trimmed.startsWith('#')) {
      while (lines[i]?.trimEnd().endsWith('\\') && trimmed.startsWith('#')) i++;
      continue;
    }
    const isInside = depth > 0;
    const mayStart = (isInside ? /[;{}:]$/ : AFTER_DECLARATION).test(before);
    const bare = mayStart ? BARE_LINE.exec(line.replace(/\r$/, '')) : null;
    if (mayStart && isInside) {
      lines[i] = closeBlockHead(closeLeadingCalls(line));
      changed ||= lines[i] !== line;
    }
    if (
      bare !== null &&
      !NOT_A_MACRO.has(bare[1]!) &&
      (isInside
        ? startsStatement(lines, i + 1, bare[2] !== undefined)
        : bare[2] !== undefined && startsDeclaration(lines, i + 1))
    ) {
      lines[i] = closed(line, lines[i + 1]);
      changed = true;
      before = ';';
      continue;
    }
    for (const c of trimmed) {
      if (c === '{') depth++;
      else if (c === '}') depth = Math.max(0, depth - 1);
    }
    before = trimmed;
  }
  return changed ? joinLines(lines, text) : text;
}

function closeLeadingCalls(line: string): string {
  const [leading, name] = LEADING_CALL.exec(line) ?? [];
  if (leading === undefined || NOT_A_MACRO.has(name!)) return line;
  return `${leading.slice(0, -1)};${closeLeadingCalls(line.slice(leading.length))}`;
}

/** `EACH_ROW {`: a name and a block, so that the grammar does not take them for the start of a declaration. */
function closeBlockHead(line: string): string {
  const [head, name] = BLOCK_HEAD.exec(line) ?? [];
  if (head === undefined || (name !== undefined && NOT_A_HEAD.has(name))) return line;
  return `${head.slice(0, -1)};${line.slice(head.length)}`;
}

/**
 * The line break becomes the semicolon, so nothing moves; before a directive, which needs its line
 * break, the line moves into its indentation.
 */
function closed(line: string, next: string | undefined): string {
  // A semicolon at the end would belong to the comment.
  const comment = /\s\/\/|\s\/\*/.exec(line);
  if (comment !== null) return `${line.slice(0, comment.index)};${line.slice(comment.index + 1)}`;
  if (line.includes('//')) return line;
  if (next?.trimStart().startsWith('#') !== true) return `${line};`;
  return /^[ \t]/.test(line)
    ? `${line.slice(1).replace(/\r$/, '')};${line.endsWith('\r') ? '\r' : ''}`
    : line;
}

/** Joins lines with `\n`, except after a line that already holds its line break as a semicolon. */
function joinLines(lines: readonly string[], original: string): string {
  let result = '';
  let offset = 0;
  for (const line of lines) {
    result += line;
    offset = result.length;
    if (offset < original.length && !(line.endsWith(';') && original[offset - 1] === '\n')) {
      result += '\n';
    }
  }
  return result;
}

function startsStatement(lines: readonly string[], from: number, isCall: boolean): boolean {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === '' || line.startsWith('//') || /^\/\*.*\*\/$/.test(line)) continue;
    if (line.startsWith('#')) return true;
    if (line.startsWith('/*')) return !isCall;
    // After `{ NAME }` the name is an enumerator or an initializer, not a statement.
    return isCall
      ? /^[A-Za-z_}*]/.test(line)
      : /^[A-Za-z_*({]|^\+\+|^--/.test(line) || line.startsWith('}');
  }
  return false;
}

/** Whether what follows `NAME(…)` outside functions is not the body or the parameters of NAME. */
function startsDeclaration(lines: readonly string[], from: number): boolean {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === '' || line.startsWith('//') || /^\/\*.*\*\/$/.test(line)) continue;
    return /^(?:static|extern|typedef|PyMODINIT_FUNC|PyAPI_FUNC)\b|^[A-Z]\w*\([^;{}]*\)$/.test(
      line,
    );
  }
  return false;
}

/** The line without comments and the contents of literals. */
function stripComments(line: string, inComment: boolean): { text: string; inComment: boolean } {
  if (!inComment && !line.includes('/') && !line.includes('"') && !line.includes("'")) {
    return { text: line, inComment: false };
  }
  let text = '';
  let rest = line;
  let open = inComment;
  while (rest !== '') {
    if (open) {
      const end = rest.indexOf('*/');
      if (end < 0) return { text, inComment: true };
      rest = rest.slice(end + 2);
      open = false;
      continue;
    }
    const token = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\/\/|\/\*/.exec(rest);
    if (token === null) return { text: text + rest, inComment: false };
    text += rest.slice(0, token.index);
    if (token[0] === '//') return { text, inComment: false };
    rest = rest.slice(token.index + token[0].length);
    if (token[0] === '/*') open = true;
    else text += '0';
  }
  return { text, inComment: open };
}
