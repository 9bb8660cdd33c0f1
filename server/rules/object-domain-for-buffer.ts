// object-domain-for-buffer: the object domain serves memory that is no Python object.
import type { FlowEvent } from '../flow/events.ts';
import { quoted } from '../flow/witness.ts';
import { bufferAlternative } from '../knowledge/python-heap.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const objectDomainForBuffer: Rule = {
  id: 'object-domain-for-buffer',
  severity: 'warning',
  isOffByDefault: true,
  summary: 'the object domain serves a buffer, which free-threaded builds do not allow',
  why: `In a free-threaded build (3.13 and later) \`PyObject_Malloc\` is for Python objects alone: its pages are
laid out for objects, and the collector walks them and takes every block in them for one. With the GIL the
domain serves any block, and CPython and many extensions used it for buffers: the rule is for those who port
to free threading, and off by default.`,
  fix: `Allocate with \`PyMem_Malloc\` and release with \`PyMem_Free\`; both ends change together.`,
  references: [
    'https://docs.python.org/3/howto/free-threading-extensions.html#memory-allocation-apis',
    'https://docs.python.org/3/c-api/memory.html#object-allocators',
  ],
  observed: 'nothing',
  bad: [
    `#include <Python.h>
static PyObject *mean(const double *from, Py_ssize_t n) {
    double *sums = PyObject_Malloc(n * sizeof(double));  // expect: object-domain-for-buffer
    if (sums == NULL)
        return PyErr_NoMemory();
    double total = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        total += from[i];
        sums[i] = total;
    }
    PyObject *result = PyFloat_FromDouble(n > 0 ? sums[n - 1] / (double)n : 0);
    PyObject_Free(sums);
    return result;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *mean(const double *from, Py_ssize_t n) {
    double *sums = PyMem_Malloc(n * sizeof(double));
    if (sums == NULL)
        return PyErr_NoMemory();
    double total = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        total += from[i];
        sums[i] = total;
    }
    PyObject *result = PyFloat_FromDouble(n > 0 ? sums[n - 1] / (double)n : 0);
    PyMem_Free(sums);
    return result;
}`,
    `#include <Python.h>
typedef struct {
    PyObject_HEAD
    int fd;
} File;
extern PyTypeObject File_Type;
static PyObject *make(int fd) {
    File *file = PyObject_Malloc(sizeof(File));
    if (file == NULL)
        return PyErr_NoMemory();
    PyObject_Init((PyObject *)file, &File_Type);
    file->fd = fd;
    return (PyObject *)file;
}`,
  ],
  check(event) {
    if (event.kind !== 'allocation' || event.allocation.family !== 'py-object') return null;
    const { allocation } = event;
    const element = elementOf(event);
    if (element === null || allocation.row.role !== 'alloc') return null;
    const alternative = bufferAlternative(allocation.row);
    const instead = alternative === null ? '' : `; use ${alternative}`;
    return {
      message: `${quoted(allocation.pointer)} from ${callName(allocation)} holds ${element}, not a Python object${instead}`,
      replacement: alternative,
      confidence: 'likely',
    };
  },
};

/** What the block holds, where that is surely no object; null: it may be one. */
function elementOf(event: FlowEvent & { readonly kind: 'allocation' }): string | null {
  if (event.element !== null && event.element !== 'void') return event.element;
  const size = event.allocation.size.source ?? '';
  const scalar =
    /\bsizeof\s*\(\s*((?:unsigned |signed )?(?:char|short|int|long|float|double)|wchar_t|size_t|u?int\d+_t|Py_UCS\d|Py_ssize_t)\s*\)/.exec(
      size,
    )?.[1];
  return scalar ?? (/\bstrlen\s*\(/.test(size) ? 'text' : null);
}
