// missing-memory-error: a failed allocation is handed on as an error without an exception.
import { apiWithRole } from '../knowledge/row.ts';
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';

export const missingMemoryError: Rule = {
  id: 'missing-memory-error',
  severity: 'warning',
  summary: 'a failed allocation is returned as an error, but no exception is set',
  why: `\`malloc\` and the \`PyMem_*\` functions return NULL without an exception; only what makes objects sets
\`MemoryError\` by itself. A method that returns NULL then ends in
\`SystemError: <built-in function f> returned NULL without setting an exception\`, and a caller that asks
\`PyErr_Occurred()\` goes on as if nothing had happened.`,
  fix: 'Return `PyErr_NoMemory()`, or call it before the jump to the error exit.',
  references: [
    'https://docs.python.org/3/c-api/exceptions.html#c.PyErr_NoMemory',
    'https://docs.python.org/3/c-api/memory.html#examples',
    'Objects/call.c, _Py_CheckFunctionResult (CPython 3.13)',
  ],
  observed: 'nothing',
  bad: [
    `#include <Python.h>
static PyObject *reversed(PyObject *module, PyObject *text) {
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &n);
    if (utf8 == NULL)
        return NULL;
    char *copy = PyMem_Malloc(n);
    if (copy == NULL)
        return NULL;  // expect: missing-memory-error
    for (Py_ssize_t i = 0; i < n; i++)
        copy[i] = utf8[n - 1 - i];
    PyObject *result = PyBytes_FromStringAndSize(copy, n);
    PyMem_Free(copy);
    return result;
}
static PyMethodDef methods[] = {{"reversed", reversed, METH_O, NULL}, {NULL}};`,
  ],
  good: [
    `#include <Python.h>
static PyObject *reversed(PyObject *module, PyObject *text) {
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &n);
    if (utf8 == NULL)
        return NULL;
    char *copy = PyMem_Malloc(n);
    if (copy == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        copy[i] = utf8[n - 1 - i];
    PyObject *result = PyBytes_FromStringAndSize(copy, n);
    PyMem_Free(copy);
    return result;
}
static PyMethodDef methods[] = {{"reversed", reversed, METH_O, NULL}, {NULL}};`,
  ],
  check(event) {
    if (event.kind !== 'silent-failure') return null;
    const { allocation, returned, isMethod, canRaiseHere, returnsOther } = event;
    return {
      message: `${returned} is returned after ${allocation.api} gave NULL for ${quoted(allocation.pointer)}, but no exception is set`,
      replacement: canRaiseHere ? apiWithRole('sets-memoryerror') : null,
      confidence: isMethod ? 'definite' : returnsOther ? 'possible' : 'likely',
    };
  },
};
