// Where comments, literals and logical lines of a C text end: for scans that look at braces or words and
// need no tokens.

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const STAR = 42;
const SLASH = 47;
const BACKSLASH = 92;

/** Comments, literals and directives with their continued lines. */
export const NO_CODE =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)*'|^[ \t]*#(?:[^\n\\]|\\(?:\r\n|[\s\S]))*/gm;

/** Where the logical line ends: at a line break that is neither continued nor inside a comment. */
export function lineEnd(text: string, from: number): number {
  const isComment = text.charCodeAt(from) === SLASH;
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === NEWLINE) {
      const before = text.charCodeAt(i - 1) === RETURN ? i - 2 : i - 1;
      if (text.charCodeAt(before) !== BACKSLASH) return i;
    } else if (isComment) continue;
    else if (c === QUOTE) i = literalEnd(text, i);
    else if (c === SLASH) {
      const next = text.charCodeAt(i + 1);
      if (next === STAR) i = afterComment(text, i) - 1;
      else if (next === SLASH) return lineEnd(text, i);
    }
  }
  return text.length;
}

export function afterComment(text: string, from: number): number {
  const end = text.indexOf('*/', from + 2);
  return end < 0 ? text.length : end + 2;
}

/** The closing quote, or the last character of a line that has none. */
export function literalEnd(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) return i;
    if (c === BACKSLASH) i++;
    else if (c === NEWLINE) return i - 1;
  }
  return text.length - 1;
}
