// A part of another file uses the operators by the names that are included there.
import { expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';

const PART = `#include <Python.h>
#include <stdlib.h>
char *copied(size_t n)
{
    char *copy = malloc(n);
    if (not copy)
        return NULL;
    if (n > 3 and not copy[0]) {
        free(copy);
        return NULL;
    }
    if (n > 2)
        return NULL;
    return copy;
}
`;

test('`not`, `and` and `or` are operators where they cannot be names', async () => {
  const parser = await loadParser({ backend: 'auto' });
  const { findings } = check([{ file: 'part.c', text: PART }], parser, DEFAULT_SETTINGS);
  expect(findings.map(({ rule, at }) => `${at.line} ${rule}`)).toEqual(['13 memory-leak']);
});
