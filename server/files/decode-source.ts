// From the bytes of a file to text for the analyzer, whatever the bytes are: UTF-8 with or without a
// byte order mark, UTF-16 with one, stray NULs, other encodings, not C at all. Never throws.

export type Source =
  | { readonly kind: 'text'; readonly text: string; readonly note: string | null }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Bytes at the start that decide whether a file is text, as in git. */
const SNIFFED = 8000;
/** Control bytes a text may have by accident: a few, or this share of what is looked at. */
const FEW_CONTROLS = 8;
const CONTROL_SHARE = 0.03;

export function decode(bytes: Uint8Array): Source {
  const mark = [bytes[0], bytes[1], bytes[2], bytes[3]];
  if (mark[0] === 0xff && mark[1] === 0xfe && mark[2] === 0 && mark[3] === 0) {
    return skipped('UTF-32 is not supported');
  }
  if (mark[0] === 0xff && mark[1] === 0xfe) return utf16(bytes, 'utf-16le');
  if (mark[0] === 0xfe && mark[1] === 0xff) return utf16(bytes, 'utf-16be');
  if (looksLikeUtf16(bytes)) return skipped('looks like UTF-16 without a byte order mark');
  if (looksBinary(bytes)) return skipped('not text');
  // An invalid byte becomes one U+FFFD, so columns stay those of a one-byte encoding.
  return withoutNuls(new TextDecoder('utf-8').decode(bytes));
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Source {
  return withoutNuls(new TextDecoder(encoding).decode(bytes));
}

/** A parser may take a NUL for the end of the text; a space keeps every column. */
function withoutNuls(text: string): Source {
  if (!text.includes('\0')) return { kind: 'text', text, note: null };
  return { kind: 'text', text: text.replaceAll('\0', ' '), note: 'NUL bytes are read as spaces' };
}

function looksLikeUtf16(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, SNIFFED) & ~1;
  if (length < 8) return false;
  const nuls = [0, 0];
  for (let index = 0; index < length; index++) {
    if (bytes[index] === 0) nuls[index & 1] = (nuls[index & 1] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = nuls;
  const half = length / 2;
  return (odd > half * 0.7 && even < half * 0.1) || (even > half * 0.7 && odd < half * 0.1);
}

function looksBinary(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, SNIFFED);
  let controls = 0;
  for (let index = 0; index < length; index++) {
    const byte = bytes[index] ?? 0;
    const isSpace = byte >= 0x08 && byte <= 0x0d;
    if (byte < 0x20 && !isSpace && byte !== 0x1b) controls++;
  }
  return controls > Math.max(FEW_CONTROLS, length * CONTROL_SHARE);
}

export function skipped(reason: string): Source {
  return { kind: 'skipped', reason };
}
