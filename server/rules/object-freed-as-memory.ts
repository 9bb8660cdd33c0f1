// object-freed-as-memory: a Python object given to a release function that is not its own.
import { isObjectFamily } from '../knowledge/release.ts';
import type { Rule } from './rule.ts';
import { adviceFor, callName, mismatchOf, nameOf, replacementFor } from './wording.ts';
import { quoted } from '../flow/witness.ts';

export const objectFreedAsMemory: Rule = {
  id: 'object-freed-as-memory',
  severity: 'error',
  summary: 'a Python object released by a function that is not its own',
  why: `An object that someone may hold is given back with \`Py_DECREF\`; only \`tp_dealloc\`, or code that gives
up a half-built object, frees its memory. \`PyObject_New\` takes it from the object domain, so
\`free\` and \`PyMem_Free\` are of another family. \`PyObject_GC_New\` puts the collector's header before the
object: \`PyObject_Del\` then frees an address 16 bytes into the block, and the next objects of that size
overlap; \`PyObject_GC_Del\` of an object without that header frees 16 bytes before it.`,
  fix: `\`Py_DECREF(object)\` where the object is complete; \`PyObject_Free\` for a half-built object of
\`PyObject_New\`, \`PyObject_GC_Del\` for one of \`PyObject_GC_New\`.`,
  references: [
    'https://docs.python.org/3/c-api/allocation.html',
    'https://docs.python.org/3/c-api/gcsupport.html#c.PyObject_GC_Del',
    'Python/gc.c, PyObject_GC_Del (CPython 3.13)',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
typedef struct { PyObject_HEAD int fd; } File;
static PyTypeObject File_Type;
static PyObject *open_file(int fd) {
    File *self = PyObject_New(File, &File_Type);
    if (self == NULL)
        return NULL;
    if (fd < 0) {
        PyMem_Free(self);  // expect: object-freed-as-memory
        return NULL;
    }
    self->fd = fd;
    return (PyObject *)self;
}`,
    `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *next; } Node;
static PyTypeObject Node_Type;
static PyObject *node(PyObject *next) {
    Node *self = PyObject_GC_New(Node, &Node_Type);
    if (self == NULL)
        return NULL;
    if (next == NULL) {
        PyObject_Del(self);  // expect: object-freed-as-memory
        return NULL;
    }
    self->next = Py_NewRef(next);
    return (PyObject *)self;
}`,
  ],
  good: [
    `#include <Python.h>
typedef struct { PyObject_HEAD int fd; } File;
static PyTypeObject File_Type;
static PyObject *open_file(int fd) {
    File *self = PyObject_New(File, &File_Type);
    if (self == NULL)
        return NULL;
    if (fd < 0) {
        PyObject_Free(self);
        return NULL;
    }
    self->fd = fd;
    return (PyObject *)self;
}`,
  ],
  check(event) {
    if (event.kind !== 'release') return null;
    const { origin, freedBy } = event.subject;
    if (origin?.kind === 'reference' && freedBy === null && event.release.row.role !== 'realloc') {
      if (isObjectFamily(event.release.family)) return null;
      return {
        message: `${quoted(event.release.pointer)} is an object from ${origin.row.name} and is released by ${callName(event.release)}; use Py_DECREF`,
        replacement: 'Py_DECREF',
        confidence: 'definite',
      };
    }
    const mismatch = mismatchOf(event);
    if (mismatch === null || mismatch.release.isRealloc) return null;
    if (!isObjectFamily(mismatch.allocation.family)) return null;
    const replacement = replacementFor(mismatch);
    return {
      message: `${nameOf(mismatch)} is an object from ${callName(mismatch.allocation)} and is released by ${callName(mismatch.release)}; ${adviceFor(mismatch, 'Py_DECREF')}`,
      replacement,
      confidence: 'definite',
    };
  },
};
