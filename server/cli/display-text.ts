// Source text as a terminal can show it: tabs expanded, control characters made visible (a file must
// not be able to send escape sequences), wide characters counted as two cells.

const TAB_WIDTH = 4;

export interface DisplayLine {
  readonly text: string;
  /** Cell, 0-based, at which each UTF-16 unit of the line starts; one more entry for its end. */
  readonly cells: readonly number[];
}

export function displayLine(line: string): DisplayLine {
  let text = '';
  let cell = 0;
  const cells: number[] = [];
  for (const character of line) {
    for (let unit = 0; unit < character.length; unit++) cells.push(cell);
    if (character === '\t') {
      const width = TAB_WIDTH - (cell % TAB_WIDTH);
      text += ' '.repeat(width);
      cell += width;
    } else {
      text += visible(character);
      cell += cellWidth(character.codePointAt(0) ?? 0);
    }
  }
  cells.push(cell);
  return { text, cells };
}

/** One line of prose or code from outside, safe to print. */
export function printable(text: string): string {
  return Array.from(text, visible).join('');
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  // C1 controls, line and paragraph separators, direction overrides, unpaired surrogates.
  const unsafe =
    (code >= 0x80 && code <= 0x9f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff);
  return unsafe ? '\ufffd' : character;
}

function cellWidth(code: number): number {
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(String.fromCodePoint(code)) && code > 0xff) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
