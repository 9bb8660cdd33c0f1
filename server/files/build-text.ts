// What build descriptions written in Python, Meson and CMake have in common, read as text and never run:
// comments, string literals, calls with their arguments, values that are given a name.

export interface BuildText {
  /** Comments are blank. */
  readonly code: string;
  /** The same, and the characters of strings are `_`; places are those of `code`. */
  readonly bare: string;
  /** In the order in which they end. */
  readonly calls: readonly Call[];
}

export interface Call {
  readonly name: string;
  /** Places in the text: of the name, of the arguments' first character, of the closing parenthesis. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const SCRIPT = /#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const CMAKE = /#[^\n]*|"(?:\\[\s\S]|[^"\\])*"/g;

export function buildText(text: string, language: 'script' | 'cmake'): BuildText {
  const token = language === 'cmake' ? CMAKE : SCRIPT;
  const code = text.replace(token, (found) => (found.startsWith('#') ? blank(found) : found));
  const bare = text.replace(token, (found) =>
    found.startsWith('#') ? blank(found) : `"${'_'.repeat(found.length - 2)}"`,
  );
  return { code, bare, calls: callsIn(bare) };
}

function blank(comment: string): string {
  return ' '.repeat(comment.length);
}

/** Lists of search paths in one file; no build file that people write has as many. */
export const MAX_LISTS = 100;

const MAX_CALLS = 4000;

function callsIn(bare: string): Call[] {
  const open: { readonly name: string; readonly at: number; readonly from: number }[] = [];
  const calls: Call[] = [];
  // The name before a parenthesis, or a parenthesis of another kind.
  for (const match of bare.matchAll(/(?:(?<![\w.])([A-Za-z_][\w.]*)[ \t]*)?\(|\)/g)) {
    if (match[0] !== ')') {
      open.push({ name: match[1] ?? '', at: match.index, from: match.index + match[0].length });
      continue;
    }
    const call = open.pop();
    if (calls.length === MAX_CALLS) break;
    if (call !== undefined && call.name !== '') calls.push({ ...call, to: match.index });
  }
  return calls;
}

/** The innermost call around a place. */
export function callAround({ calls }: BuildText, place: number): Call | null {
  return calls.find(({ from, to }) => from <= place && place < to) ?? null;
}

/** The text of the expression that begins at `from`: up to a comma, a line's end or what closes around it. */
export function valueAt({ code, bare }: BuildText, from: number): string {
  let depth = 0;
  const end = Math.min(bare.length, from + MAX_VALUE);
  for (let at = from; at < end; at++) {
    const character = bare[at];
    if (character === '[' || character === '(' || character === '{') depth += 1;
    else if (character === ']' || character === ')' || character === '}') depth -= 1;
    if (depth < 0 || (depth === 0 && (character === ',' || character === '\n'))) {
      return code.slice(from, at);
    }
  }
  return code.slice(from, end);
}

/** In UTF-16 units. */
const MAX_VALUE = 8 * 1024;

/** What stands to the right of `NAME =`; of several the last. */
export function namedValues(text: BuildText): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const match of text.bare.matchAll(/^[ \t]*(\w+)[ \t]*=(?!=)[ \t]*/gm)) {
    if (values.size === MAX_NAMES) break;
    values.set(match[1] ?? '', valueAt(text, match.index + match[0].length));
  }
  return values;
}

const MAX_NAMES = 200;

/** An expression, and the values of the names in it: enough to see the literals that it is made of. */
export function withNamedValues(value: string, names: ReadonlyMap<string, string>): string {
  const { bare } = buildText(value, 'script');
  const used = [...new Set(Array.from(bare.matchAll(/(?<![\w.])[A-Za-z_]\w*/g), ([name]) => name))];
  return [value, ...used.flatMap((name) => names.get(name) ?? [])].join('\n');
}

/** The string literals of Python or Meson, without those that are put together at run time. */
export function stringsIn(expression: string): string[] {
  return Array.from(expression.matchAll(SCRIPT), ([found]) => found)
    .filter((found) => !found.startsWith('#'))
    .map((found) => found.replace(/^('''|"""|'|")([\s\S]*)\1$/, '$2').replaceAll('\\\\', '/'))
    .filter((found) => !/[{}$@\n]/.test(found));
}

const C_SOURCE = /\.(?:c|cc|cpp|cxx|c\+\+|cu|m|mm)$/i;

export function isCSource(name: string): boolean {
  return C_SOURCE.test(name);
}
