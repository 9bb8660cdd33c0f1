// The values of literals.

/** An integer or character constant; null for what does not fit a safe integer or is no integer. */
export function parseNumber(text: string): number | null {
  const digits = text.replace(/[uUlLzZ]+$/, '').replaceAll("'", '');
  if (text.startsWith("'")) {
    const plain = /^'([^\\])'$/.exec(text);
    return plain === null ? (text === "'\\0'" ? 0 : null) : plain[1]!.codePointAt(0)!;
  }
  if (!/^-?(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)$/.test(digits)) return null;
  const value = /^-?0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return Number.isSafeInteger(value) ? value : null;
}

/** The characters of string literals put together, as far as a format string needs them. */
export function stringText(written: string): string {
  return [...written.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((m) => m[1]!).join('');
}
