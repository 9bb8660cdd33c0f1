// memory-leak: a path on which the last pointer to a block goes away before the block is released.
import type { Loss } from '../flow/loss.ts';
import { quoted } from '../flow/witness.ts';
import { familyFacts } from '../../simulator/families.ts';
import type { Allocation } from '../flow/value.ts';
import { preferredRelease } from '../knowledge/release.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

const CONFIDENCE = { certain: 'definite', likely: 'likely', contested: 'possible' } as const;

export const memoryLeak: Rule = {
  id: 'memory-leak',
  severity: 'warning',
  summary: 'a block is still allocated when the last pointer to it goes away',
  why: `Nobody can release the block any more: it stays in use until the process ends. Most leaks are on
error paths, which no test takes, and an extension that is called in a loop turns each of them into a process
that grows until it is killed. Neither a release build nor the debug hooks say a word.`,
  fix: `Release the block on every way out. One exit label that releases all of them, with the pointers set to
NULL at the start, needs no bookkeeping: every release function of CPython and the C library takes NULL.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#overview',
    'https://docs.python.org/3/c-api/arg.html#strings-and-buffers',
  ],
  observed: 'leak',
  bad: [
    `#include <Python.h>
static PyObject *twice(PyObject *self, PyObject *item) {
    double *in = PyMem_Malloc(64 * sizeof(double));
    if (in == NULL)
        return PyErr_NoMemory();
    double *out = PyMem_Malloc(64 * sizeof(double));
    if (out == NULL)
        return PyErr_NoMemory();  // expect: memory-leak
    in[0] = PyFloat_AsDouble(item);
    out[0] = 2 * in[0];
    PyObject *result = PyFloat_FromDouble(out[0]);
    PyMem_Free(out);
    PyMem_Free(in);
    return result;
}`,
    `#include <Python.h>
static PyObject *open_named(PyObject *self, PyObject *args) {
    char *name = NULL;
    int mode;
    if (!PyArg_ParseTuple(args, "esi", "utf-8", &name, &mode))
        return NULL;
    if (mode < 0) {
        PyErr_SetString(PyExc_ValueError, "mode");
        return NULL;  // expect: memory-leak
    }
    PyObject *result = PyUnicode_FromString(name);
    PyMem_Free(name);
    return result;
}`,
    `#include <Python.h>
#include <string.h>
static PyObject *label(PyObject *self, PyObject *arg) {
    return Py_BuildValue("s", strdup("spam"));  // expect: memory-leak
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *twice(PyObject *self, PyObject *item) {
    double *in = NULL, *out = NULL;
    PyObject *result = NULL;
    in = PyMem_Malloc(64 * sizeof(double));
    if (in == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    out = PyMem_Malloc(64 * sizeof(double));
    if (out == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    in[0] = PyFloat_AsDouble(item);
    out[0] = 2 * in[0];
    result = PyFloat_FromDouble(out[0]);
done:
    PyMem_Free(out);
    PyMem_Free(in);
    return result;
}`,
    `#include <Python.h>
typedef struct { PyObject_HEAD char *name; } Spam;
static int spam_init(Spam *self, const char *name) {
    char *copy = PyMem_Malloc(strlen(name) + 1);
    if (copy == NULL)
        return -1;
    strcpy(copy, name);
    PyMem_Free(self->name);
    self->name = copy;
    return 0;
}`,
  ],
  check(event) {
    if (event.kind !== 'leak' || event.loss.how === 'resize') return null;
    const { origin } = event.subject;
    if (origin?.kind !== 'allocation') return null;
    return {
      message: `${made(origin.allocation)} leaks: ${lossText(event.loss, origin.allocation)}`,
      replacement: null,
      confidence: CONFIDENCE[event.certainty],
    };
  },
};

/** `'buf' from PyMem_Malloc at line 12` */
function made(allocation: Allocation): string {
  const name = quoted(allocation.pointer);
  return `${name} from ${callName(allocation)} at line ${allocation.calledAt.line}`;
}

function lossText(loss: Loss, allocation: Allocation): string {
  const release = preferredRelease(allocation) ?? familyFacts(allocation.family).release;
  const missing = release === null ? 'released' : `released by ${release}`;
  switch (loss.how) {
    case 'return':
      return `it is not ${missing} before the function ends here`;
    case 'overwritten':
      return `${quoted(loss.place)} is overwritten, and it was the last pointer to it`;
    case 'scope':
      return `${quoted(loss.place)} goes out of scope, and it was the last pointer to it`;
    case 'unused':
      return 'nothing keeps the pointer that the call returns';
    case 'owner':
      return `the only pointer to it is in the block that ${loss.release?.api ?? 'this call'} releases`;
    case 'dealloc':
      return `${loss.place}(), the tp_dealloc of its type, does not release the object`;
    case 'vain':
      return `${quoted(loss.place)} is released only where it is NULL; the test is the wrong way round`;
    case 'resize':
      return '';
  }
}
