// Blocks of the heaps of Windows, which no replay models and no compiler here has headers for.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

const told = (body: string, before = ''): readonly string[] => {
  const text = `#include <Python.h>\n#include <windows.h>${before}\nstatic int f(HANDLE token, DWORD size) {\n${body}\n}\n`;
  return check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS).findings.map(
    ({ rule, at, message }) => `${at.line - 3} ${rule}: ${message}`,
  );
};

const message = (flags: string, target: string): string =>
  `FormatMessage(${flags} | FORMAT_MESSAGE_FROM_SYSTEM, NULL, size, 0, ${target}, 0, NULL)`;

const releasedBy = (release: string): string => `BYTE *buffer = (BYTE *)malloc(size);
if (buffer == NULL) return -1;
if (!GetTokenInformation(token, TokenPrivileges, buffer, size, &size)) {
  ${release}(buffer);
  return -1;
}
free(buffer);
return 0;`;

const testing = (term: string): string =>
  `char *text = malloc(size);\nif (text == NULL || ${term}) return -1;\nfree(text);\nreturn 0;`;

test('FormatMessage allocates where it is asked to, whatever its result is cast to', () => {
  for (const target of ['(LPTSTR) &text', '(LPTSTR)&text', '(char *)&text', '(caption) &text']) {
    const call = message('FORMAT_MESSAGE_ALLOCATE_BUFFER', target);
    expect(told(`LPVOID text;\n${call};\nfree(text);\nreturn 0;`)).toEqual([
      "3 api-result-mismatch: 'text' from FormatMessage is released by free; use LocalFree",
    ]);
    expect(told(`LPVOID text;\nif (!${call}) return -1;\nLocalFree(text);\nreturn 0;`)).toEqual([]);
  }
  const filled = message('FORMAT_MESSAGE_IGNORE_INSERTS', '(LPTSTR)&text');
  expect(told(`char text[80];\n${filled};\nputs(text);\nreturn 0;`)).toEqual([]);
});

/** The message goes to a text that is cast to a type of that name. */
const describing = (name: string): string =>
  `LPVOID text;\n${message('FORMAT_MESSAGE_ALLOCATE_BUFFER', `(${name})&text`)};\nfree(text);\nreturn 0;`;

test('a name that is declared is a type or none, whatever it looks like', () => {
  expect(told(describing('caption'))).toEqual([]);
  expect(told(describing('caption'), '\ntypedef char *caption;')).toHaveLength(1);
  expect(told(describing('CAPTION'), '\n#define CAPTION char *')).toHaveLength(1);
  expect(told(`int LPMASK = 1;\n${describing('LPMASK')}`)).toEqual([]);
  expect(told(describing('LPMASK'), '\nenum { LPMASK = 1 };')).toEqual([]);
});

test('LocalFree is no release of malloc', () => {
  expect(told(releasedBy('LocalFree'))).toEqual([
    "4 mismatched-free: 'buffer' from malloc is released by LocalFree; use free",
  ]);
  expect(told(releasedBy('free'))).toEqual([]);
});

test('an "and" in parentheses stays one', () => {
  for (const term of ['((size) & mask)', '((size)&mask)', '((size)&0x7f)']) {
    expect(told(testing(term))).toHaveLength(1);
  }
});
