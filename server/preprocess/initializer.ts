// Initializers as text: the items between braces. Type objects are full of macros without commas and of
// conditionals that no grammar accepts in place; their text is simple enough to be split. Offsets never move.
import { blank } from './blank.ts';

export interface InitializerItem {
  /** The member that a designated initializer sets; null: positional. */
  readonly member: string | null;
  /** Without designator and surrounding white space. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const COMMENT_OR_LITERAL =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\r?\n|[^\n])*/gm;

/** The text with comments and directives blanked, macro definitions with their continuations too. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_LITERAL, (part) =>
    part.startsWith('"') || part.startsWith("'") ? part : blank(part),
  );
}

/** The items of the initializer whose `{` stands at `open`, and the offset after its `}`; null: no end. */
export function splitInitializer(
  text: string,
  open: number,
): { readonly items: readonly InitializerItem[]; readonly end: number } | null {
  const items: InitializerItem[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"' || c === "'") {
      i = endOfLiteral(text, i);
    } else if (c === '{' || c === '(' || c === '[') {
      depth++;
    } else if (c === '}' || c === ')' || c === ']') {
      depth--;
    }
    if (depth === 0 || (depth === 1 && c === ',')) {
      const item = itemOf(text, start, i);
      if (item !== null) items.push(item);
      start = i + 1;
    }
    if (depth === 0) return { items, end: i + 1 };
  }
  return null;
}

/** Whitespace and casts at the edges do not count; null: nothing is there. */
function itemOf(text: string, from: number, to: number): InitializerItem | null {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start]!)) start++;
  while (end > start && /\s/.test(text[end - 1]!)) end--;
  if (start === end) return null;
  const designator = /^\.\s*(\w+)\s*=\s*/.exec(text.slice(start, end));
  if (designator !== null) start += designator[0].length;
  return { member: designator?.[1] ?? null, text: text.slice(start, end), start, end };
}

function endOfLiteral(text: string, quote: number): number {
  for (let i = quote + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[quote] || text[i] === '\n') return i;
  }
  return text.length;
}
