// api-result-mismatch: the result of an API call released by another function than its documentation names.
import { isObjectFamily } from '../knowledge/release.ts';
import type { Rule } from './rule.ts';
import { adviceFor, callName, mismatchOf, nameOf, replacementFor } from './wording.ts';

export const apiResultMismatch: Rule = {
  id: 'api-result-mismatch',
  severity: 'error',
  summary: 'the result of an API call released by another function than the one the API names',
  why: `Functions that return memory to their caller say how it is released, and neighbors differ:
\`PyUnicode_AsWideCharString\` and the \`"es"\` and \`"et"\` units of \`PyArg_ParseTuple\` give \`PyMem_Free\` memory,
\`Py_DecodeLocale\` gives \`PyMem_RawFree\` memory although \`Py_EncodeLocale\` gives \`PyMem_Free\` memory,
\`getline\` and \`strdup\` give \`free\` memory.`,
  fix: 'Call the release function that the documentation of the API names.',
  references: [
    'https://docs.python.org/3/c-api/unicode.html#c.PyUnicode_AsWideCharString',
    'https://docs.python.org/3/c-api/arg.html#strings-and-buffers',
    'https://docs.python.org/3/c-api/sys.html#c.Py_DecodeLocale',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static PyObject *width(PyObject *module, PyObject *text) {
    Py_ssize_t n;
    wchar_t *wide = PyUnicode_AsWideCharString(text, &n);
    if (wide == NULL)
        return NULL;
    long columns = wcswidth(wide, n);
    free(wide);  // expect: api-result-mismatch
    return PyLong_FromLong(columns);
}`,
    `#include <Python.h>
static PyObject *shout(PyObject *module, PyObject *args) {
    char *text = NULL;
    if (!PyArg_ParseTuple(args, "es:shout", "utf-8", &text))
        return NULL;
    PyObject *result = PyUnicode_FromFormat("%s!", text);
    free(text);  // expect: api-result-mismatch
    return result;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *shout(PyObject *module, PyObject *args) {
    char *text = NULL;
    if (!PyArg_ParseTuple(args, "es:shout", "utf-8", &text))
        return NULL;
    PyObject *result = PyUnicode_FromFormat("%s!", text);
    PyMem_Free(text);
    return result;
}`,
  ],
  check(event) {
    const mismatch = mismatchOf(event);
    if (mismatch === null || mismatch.release.isRealloc) return null;
    const { allocation, release } = mismatch;
    const { role } = allocation.row;
    if (role === 'alloc' || role === 'realloc' || isObjectFamily(allocation.family)) return null;
    const replacement = replacementFor(mismatch);
    const source =
      allocation.row.unit === null ? callName(allocation) : `the "${allocation.row.unit}" unit`;
    return {
      message: `${nameOf(mismatch)} from ${source} is released by ${callName(release)}; ${adviceFor(mismatch, 'the function that its documentation names')}`,
      replacement,
      confidence: 'definite',
    };
  },
};
