// Macros that hide a `return`, used over and over while a block is held.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

function messages(body: string): string[] {
  const text = `#include <Python.h>
#define EXPECT(test) do { if (!(test)) return -1; } while (0)
#define REQUIRE(test) do { if (!(test)) return -2; } while (0)
int check_all(int n)
{
    char *copy = malloc(10);
    if (copy == NULL)
        return -1;
${body}
    free(copy);
    return 0;
}
`;
  const { findings } = check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS);
  return findings.map(({ at, message }) => `${at.line}: ${message}`);
}

const LEAK =
  "'copy' from malloc at line 6 leaks: it is not released by free before the function ends here";

test('the first use tells of the others', () => {
  expect(messages('    EXPECT(n > 1);\n    EXPECT(n > 2);\n    EXPECT(n > 3);')).toEqual([
    `9: ${LEAK}, nor at 2 further uses of EXPECT`,
  ]);
  expect(messages('    EXPECT(n > 1);\n    EXPECT(n > 2);')).toEqual([
    `9: ${LEAK}, nor at another use of EXPECT`,
  ]);
});

test('another macro, or a return that is written out, is another place', () => {
  expect(messages('    EXPECT(n > 1);\n    REQUIRE(n > 2);\n    if (n > 3) return 1;')).toEqual([
    `9: ${LEAK}`,
    `10: ${LEAK}`,
    `11: ${LEAK}`,
  ]);
});
