// Stores to a slot that only one configuration compiles, and a release that all of them compile.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import type { Finding } from '../../server/finding.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'auto' });
});

const CODE = `#include <Python.h>
typedef struct { PyObject_HEAD char *data; } Code;
int code_init(Code *self)
{
#ifdef CODE_SHARES
    self->data = malloc(10);
#else
    self->data = PyMem_Malloc(10);
#endif
    return self->data == NULL ? -1 : 0;
}
void code_dealloc(Code *self)
{
#ifdef CODE_SHARES
    code_unshare(self);
#endif
    PyMem_Free(self->data);
}
`;

function only(text: string): Finding {
  const { findings } = check([{ file: 'a.c', text }], parser, DEFAULT_SETTINGS);
  expect(findings).toHaveLength(1);
  return findings[0]!;
}

test('the path does not take the branch that the store is not compiled with', () => {
  const { rule, at, flaggedPath } = only(CODE);
  expect(`${at.line} ${rule}`).toBe('17 mismatched-free');
  const branches = flaggedPath.steps.flatMap((step) =>
    step.kind === 'branch' ? [step.condition] : [],
  );
  expect(branches.filter((condition) => condition.startsWith('#if'))).toEqual([]);
});

test('no fix breaks what another store agrees with', () => {
  expect(only(CODE).fixes).toEqual([]);
  const alone = CODE.replace('#else\n    self->data = PyMem_Malloc(10);\n', '');
  expect(only(alone).fixes).not.toEqual([]);
});
