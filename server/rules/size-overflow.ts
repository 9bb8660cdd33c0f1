// size-overflow: a size that wraps around when Python code passes a large number.
import { checkedAllocation } from '../knowledge/release.ts';
import type { Rule } from './rule.ts';

export const sizeOverflow: Rule = {
  id: 'size-overflow',
  severity: 'warning',
  summary: 'a number from Python code is multiplied into an allocation size without an upper bound',
  why: `\`PyMem_Malloc(n * sizeof(double))\` computes the product in \`size_t\`: with \`n\` = 2305843009213693954 it
is 16. The allocation works, and the loop over \`n\` elements writes past the block. \`PyMem_New\`,
\`PyMem_Resize\` and \`calloc\` check the product and return NULL.`,
  fix: `Let the allocation function multiply: \`PyMem_New(type, n)\`, \`PyMem_Calloc(n, size)\`, \`calloc(n, size)\`; or
compare \`n\` with \`PY_SSIZE_T_MAX / sizeof(type)\` first.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_New',
    'Include/pymem.h, PyMem_New (CPython 3.13)',
    'https://cwe.mitre.org/data/definitions/190.html',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
static PyObject *zeros(PyObject *module, PyObject *args) {
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "n", &n))
        return NULL;
    double *data = PyMem_Malloc(n * sizeof(double));  // expect: size-overflow
    if (data == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        data[i] = 0;
    PyObject *result = PyBytes_FromStringAndSize((char *)data, n * sizeof(double));
    PyMem_Free(data);
    return result;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *zeros(PyObject *module, PyObject *args) {
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "n", &n))
        return NULL;
    double *data = PyMem_New(double, n);
    if (data == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        data[i] = 0;
    PyObject *result = PyBytes_FromStringAndSize((char *)data, n * sizeof(double));
    PyMem_Free(data);
    return result;
}`,
    `#include <Python.h>
static PyObject *zeros(PyObject *module, PyObject *args) {
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "n", &n))
        return NULL;
    if (n < 0 || n > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double))
        return PyErr_NoMemory();
    double *data = PyMem_Malloc(n * sizeof(double));
    if (data == NULL)
        return PyErr_NoMemory();
    memset(data, 0, n * sizeof(double));
    PyObject *result = PyBytes_FromStringAndSize((char *)data, n * sizeof(double));
    PyMem_Free(data);
    return result;
}`,
  ],
  check(event) {
    if (event.kind !== 'size-overflow') return null;
    const { size, wrap, allocation } = event;
    const { source } = wrap;
    const from = source.unit === null ? `${source.name}()` : `the "${source.unit}" unit`;
    const checked = checkedAllocation(allocation);
    const advice = checked === null ? '' : `; ${checked} checks the product`;
    return {
      message: `the size ${size} can wrap around: it has no upper bound for the number from ${from}${advice}`,
      replacement: null,
      confidence: 'likely',
    };
  },
};
