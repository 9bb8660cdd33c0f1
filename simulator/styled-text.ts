// Lines of text whose parts carry a meaning instead of a color: the one who prints decides what a meaning
// looks like. No character can move the cursor, hide text or reverse its direction.

export type TextStyle =
  | 'plain'
  | 'heading'
  | 'dim'
  | 'good'
  | 'bad'
  | 'fault'
  | 'label'
  | 'live'
  | 'freed'
  | 'free'
  | 'neighbor'
  | 'overlap'
  | 'corrupt'
  | 'changed';

export interface Segment {
  readonly text: string;
  readonly style: TextStyle;
}

export type TextLine = readonly Segment[];

export function plain(text: string): Segment {
  return { text: printable(text), style: 'plain' };
}

export function styled(text: string, style: TextStyle): Segment {
  return { text: printable(text), style };
}

/** Control, format and separator characters as escapes; typographic ones as their ASCII relatives. */
export function printable(text: string): string {
  return text
    .replaceAll('\u2026', '...')
    .replaceAll('\u00d7', 'x')
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, escaped);
}

/** For the bytes of a crash text, one UTF-16 unit each: everything outside ASCII as an escape. */
export function printableBytes(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Breaks at spaces where there are any; continued lines start with `indent`. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > indent.length && rest.slice(0, space).trim() !== '' ? space : width;
    lines.push(rest.slice(0, end));
    rest = indent + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

export function lineText(line: TextLine): string {
  return line.map((segment) => segment.text).join('');
}
