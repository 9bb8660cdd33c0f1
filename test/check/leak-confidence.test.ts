// How sure a leak is: nobody else has seen the block, or code out of view was given the pointer.
import { beforeAll, expect, test } from 'vitest';
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { Parser } from '../../server/syntax/parser.ts';

let parser: Parser;
beforeAll(async () => {
  parser = await loadParser({ backend: 'native' });
});

/** Of the leaks in a function that gets two copies from Python and does `use` with the second. */
function confidencesOf(use: string): readonly string[] {
  const text = `#include <Python.h>
void lib_log(const char *text);
static PyObject *show(PyObject *self, PyObject *args) {
    char *title = NULL, *text = NULL;
    if (!PyArg_ParseTuple(args, "eses", "utf-8", &title, "utf-8", &text))
        return NULL;
    ${use}
    PyMem_Free(title);
    Py_RETURN_NONE;
}
`;
  const { findings } = check([{ file: 'a.c', text }], parser, {
    ...DEFAULT_SETTINGS,
    minConfidence: 'possible',
  });
  return findings.map(({ rule, confidence }) => `${rule} ${confidence}`);
}

test('a copy that nobody else has seen is surely lost', () => {
  expect(confidencesOf('text[0] = 0;')).toEqual(['memory-leak definite']);
});

test('a copy that code out of view was given is likely lost', () => {
  expect(confidencesOf('lib_log(text);')).toEqual(['memory-leak likely']);
});

test('a copy that is released is not lost', () => {
  expect(confidencesOf('lib_log(text); PyMem_Free(text);')).toEqual([]);
});
