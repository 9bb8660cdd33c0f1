// Bytes of every kind become text or a reason, never an exception.
import { describe, expect, test } from 'vitest';
import { decode } from '../../server/files/decode-source.ts';
import { readSource } from '../../server/files/read-source.ts';

const C = 'void f(void) { free(p); }\n';

function text(bytes: Uint8Array): string {
  const source = decode(bytes);
  if (source.kind === 'skipped') throw new Error(source.reason);
  return source.text;
}

function reason(bytes: Uint8Array): string {
  const source = decode(bytes);
  return source.kind === 'skipped' ? source.reason : 'read';
}

const utf16be = (content: string): Buffer => Buffer.from(content, 'utf16le').swap16();

describe('text', () => {
  test('UTF-8 with and without a byte order mark', () => {
    expect(text(Buffer.from('é名😀'))).toBe('é名😀');
    expect(text(Buffer.from(`\uFEFF${C}`))).toBe(C);
    expect(text(Buffer.from(''))).toBe('');
  });

  test('UTF-16 with a byte order mark', () => {
    expect(text(Buffer.from(`\uFEFF${C}`, 'utf16le'))).toBe(C);
    expect(text(utf16be(`\uFEFF${C}`))).toBe(C);
  });

  test('a byte that is not UTF-8 keeps the columns after it', () => {
    const latin1 = Buffer.from('/* caf\u00E9 */ free(p);', 'latin1');
    expect(text(latin1).indexOf('free')).toBe(11);
  });

  test('NUL bytes become spaces and are mentioned', () => {
    const source = decode(Buffer.from('int x;\0int y;'));
    expect(source).toEqual({
      kind: 'text',
      text: 'int x; int y;',
      note: 'NUL bytes are read as spaces',
    });
  });
});

describe('not text', () => {
  test('UTF-16 and UTF-32 that cannot be told apart for sure', () => {
    expect(reason(Buffer.from(C, 'utf16le'))).toContain('UTF-16 without');
    expect(reason(utf16be(C))).toContain('UTF-16 without');
    expect(reason(Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]))).toContain('UTF-32');
  });

  test('a binary', () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256));
    expect(reason(bytes)).toBe('not text');
  });

  test('a file that is not there', () => {
    expect(readSource('/nonexistent/file.c')).toEqual({
      kind: 'skipped',
      reason: 'cannot be read (ENOENT)',
    });
  });
});
