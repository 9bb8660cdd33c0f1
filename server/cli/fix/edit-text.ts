// Fixes as changes of a text, and of the bytes it was read from: encoding, byte order mark and line ends stay.
import type { Edit, Finding, Fix } from '../../finding.ts';
import { decode } from '../../files/decode-source.ts';
import { distinct } from '../../fixes/edits-together.ts';
import { SourceText } from '../../syntax/source-text.ts';

export interface Chosen {
  readonly finding: Finding;
  readonly fix: Fix;
}

/** Each once, the last in the text first. */
export function editsOf(chosen: readonly Chosen[]): Edit[] {
  return distinct(chosen.flatMap(({ fix }) => fix.edits)).toSorted(
    (a, b) => b.at.line - a.at.line || b.at.column - a.at.column,
  );
}

/** `edits` as `editsOf` gives them. */
export function editText(text: string, edits: readonly Edit[]): string {
  const source = new SourceText('', text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return edits.reduce((edited, { at, newText }) => {
    const from = source.offset(at.line, at.column);
    const to = source.offset(at.endLine, at.endColumn);
    return edited.slice(0, from) + newText.replaceAll(/\r?\n/g, eol) + edited.slice(to);
  }, text);
}

/**
 * The bytes that read as `after`, where `bytes` read as `before`; what did not change is copied. null: they
 * cannot be found, as for a change within bytes that are no text.
 */
export function editBytes(bytes: Uint8Array, before: string, after: string): Uint8Array | null {
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const edited =
    utf16Mark(bytes) === null ? utf8(bytes, before, after, start, end) : utf16(bytes, after);
  if (edited === null) return null;
  const read = decode(edited);
  return read.kind === 'text' && read.text === after ? edited : null;
}

function utf8(
  bytes: Uint8Array,
  before: string,
  after: string,
  start: number,
  end: number,
): Uint8Array | null {
  const from = byteOffset(bytes, before.slice(0, start));
  const to = byteOffset(bytes, before.slice(0, before.length - end));
  if (from === null || to === null) return null;
  const middle = Buffer.from(after.slice(start, after.length - end));
  return Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
}

/** Where the text that `prefix` was read from ends. A byte that is no text was read as one U+FFFD. */
function byteOffset(bytes: Uint8Array, prefix: string): number | null {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (!prefix.includes('\uFFFD')) return mark + Buffer.byteLength(prefix);
  // Line by line: only the last one has to be read exactly.
  const lines = prefix.split('\n');
  const last = lines.at(-1) ?? '';
  if (last.includes('\uFFFD')) return null;
  let offset = mark;
  for (let line = 1; line < lines.length; line++) {
    const stop = bytes.indexOf(0x0a, offset);
    if (stop < 0) return null;
    offset = stop + 1;
  }
  return offset + Buffer.byteLength(last);
}

function utf16(bytes: Uint8Array, after: string): Uint8Array | null {
  const mark = utf16Mark(bytes);
  const little = Buffer.from(after, 'utf16le');
  const content = mark === 'be' ? little.swap16() : little;
  return Buffer.concat([bytes.subarray(0, 2), content]);
}

function utf16Mark(bytes: Uint8Array): 'le' | 'be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : null;
}

function commonStart(left: string, right: string): number {
  let i = 0;
  while (i < left.length && i < right.length && left[i] === right[i]) i++;
  // Not between the halves of a surrogate pair.
  return i > 0 && /[\uD800-\uDBFF]/.test(left[i - 1]!) ? i - 1 : i;
}

function commonEnd(left: string, right: string, start: number): number {
  const most = Math.min(left.length, right.length) - start;
  let i = 0;
  while (i < most && left.at(-1 - i) === right.at(-1 - i)) i++;
  return i > 0 && /[\uDC00-\uDFFF]/.test(left.at(-i)!) ? i - 1 : i;
}
