// borrowed-free: a pointer into memory that belongs to an object is released.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const borrowedFree: Rule = {
  id: 'borrowed-free',
  severity: 'error',
  summary: 'a pointer that only borrows the memory of an object is released',
  why: `\`PyUnicode_AsUTF8\`, \`PyBytes_AsString\`, \`PyByteArray_AsString\` and the \`"s"\`, \`"z"\` and \`"y"\` units hand out a
pointer into the object's own memory. It lives as long as the object and is never the start of a block:
releasing it puts an address inside a live object on a free list, or aborts.`,
  fix: 'Remove the release. To keep the bytes longer than the object, copy them.',
  references: [
    'https://docs.python.org/3/c-api/unicode.html#c.PyUnicode_AsUTF8',
    'https://docs.python.org/3/c-api/bytes.html#c.PyBytes_AsString',
    'https://docs.python.org/3/c-api/arg.html#strings-and-buffers',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static PyObject *greet(PyObject *module, PyObject *name) {
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL)
        return NULL;
    PyObject *result = PyUnicode_FromFormat("hello %s", text);
    PyMem_Free((void *)text);  // expect: borrowed-free
    return result;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *greet(PyObject *module, PyObject *name) {
    const char *text = PyUnicode_AsUTF8(name);
    if (text == NULL)
        return NULL;
    char *copy = strdup(text);
    if (copy == NULL)
        return PyErr_NoMemory();
    PyObject *result = PyUnicode_FromFormat("hello %s", copy);
    free(copy);
    return result;
}`,
  ],
  check(event) {
    if (event.kind !== 'release') return null;
    const { origin } = event.subject;
    if (origin?.kind !== 'borrowed') return null;
    // A library may release what it lends: NumPy swaps the data of an array that owns it.
    const { release } = event;
    if (origin.row.lib !== 'cpython' && origin.row.lib === release.row.lib) return null;
    const source = origin.row.unit === null ? origin.row.name : `the "${origin.row.unit}" unit`;
    const owner = origin.row.lifetime ?? 'an object';
    return {
      message: `${quoted(event.release.pointer)} from ${source} belongs to ${owner} and must not be released by ${callName(event.release)}`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
