// Which texts the extension takes for code that has to do with Python, and which of them leave the server asleep.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { namesPythonApi } from '../../client/python-text.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures');

describe('a text has to do with Python', () => {
  test.for([
    '#include <Python.h>',
    '#  include "Python.h"',
    '#include <python3.11/Python.h>',
    'static PyObject *answer(void);',
    'x=PyMem_Malloc(8);',
    'Py_DECREF(o)',
    '_Py_Dealloc(o);',
    '__Pyx_DECREF(o);',
    'typedef struct _PyArg_Parser parser;',
    'PY_SSIZE_T n;\nPyTypeObject *type;',
    'npy_intp n = 0;',
    '#include "numpy/arrayobject.h"',
    'HPyContext *ctx',
    'PYBIND11_MODULE(words, m) {}',
    'namespace py = pybind11;',
    '#include <nanobind/nanobind.h>',
    '#include <boost/python.hpp>',
  ])('%s', (text) => {
    expect(namesPythonApi(text)).toBe(true);
  });
});

describe('a text has nothing to do with Python', () => {
  test.for([
    '',
    '#include <stdlib.h>\nint main(void) { free(malloc(8)); }',
    '/* see the Python manual, or python.org */',
    'Pyramid *p = newPyramid(); happy_Pyre = 1; struct Pyro q;',
    'int py = 3, Py = 4; copyPyramid(JPyTree);',
    '#include "xPython.hpp"',
  ])('%s', (text) => {
    expect(namesPythonApi(text)).toBe(false);
  });
});

test('every extension module among the fixtures has to do with Python', () => {
  const modules = fs
    .readdirSync(FIXTURES)
    .filter((name) => /\.c(pp)?$/.test(name))
    .map((name) => fs.readFileSync(path.join(FIXTURES, name), 'utf8'))
    .filter((text) => text.includes('Python.h'));
  expect(modules.length).toBeGreaterThan(10);
  expect(modules.filter((text) => !namesPythonApi(text))).toEqual([]);
});
