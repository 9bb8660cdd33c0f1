// Text that is left out, so that what follows it stays where it is.

/** As many spaces, on the same lines. */
export function blank(text: string): string {
  let result = '';
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    const isCarriage = end > start && text[end - 1] === '\r';
    result += isCarriage ? `${spaces(end - 1 - start)}\r\n` : `${spaces(end - start)}\n`;
    start = end + 1;
  }
  return result + spaces(text.length - start);
}

const LINE = ' '.repeat(256);

function spaces(count: number): string {
  return count <= LINE.length ? LINE.slice(0, count) : ' '.repeat(count);
}
