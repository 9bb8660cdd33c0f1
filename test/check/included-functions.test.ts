// Functions that a header defines are those of the files that include it, static ones too.
import { expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

const HEADER = `static inline void *mem_new(size_t n) { return PyMem_RawMalloc(n); }
static inline void mem_del(void *p) { PyMem_RawFree(p); }
`;

function source(release: string): string {
  return `#include "mem.h"\nvoid work(void) {\n  char *p = mem_new(32);\n  ${release}(p);\n}\n`;
}

test.each([
  ['PyMem_Free', ['4 mismatched-free']],
  ['mem_del', []],
])('a block of a static function in a header, released by %s', async (release, expected) => {
  const files = [
    { file: 'pkg/mem.h', text: HEADER },
    { file: 'pkg/work.c', text: source(release) },
  ];
  const { findings } = check(files, await loadParser({ backend: 'native' }), DEFAULT_SETTINGS);
  expect(findings.map(({ at, rule }) => `${at.line} ${rule}`)).toEqual(expected);
});
