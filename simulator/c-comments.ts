// A line of C without its comments, which are for the reader of the file and not of a list.

const STRING_OR_COMMENT = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*/g;

/** The line as it is where nothing but a comment is on it. */
export function withoutComments(line: string): string {
  const code = line.replace(STRING_OR_COMMENT, (found) => (found.startsWith('/') ? ' ' : found));
  const shown = code.replace(/\s+$/, '').replace(/ +(?=;)/g, '');
  return shown.trim() === '' ? line : shown;
}
