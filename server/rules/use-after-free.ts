// use-after-free: memory is read, written or handed on after its release.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const useAfterFree: Rule = {
  id: 'use-after-free',
  severity: 'error',
  summary: 'memory is used after its release',
  why: `A released block soon belongs to someone else. Until then its first bytes hold a free list link, so a
read gives the address of another block and a write sends the allocator there. After a realloc that
worked, the old pointer and every alias of it are released too. An object is gone once \`Py_DECREF\` has
given up its last reference: its \`tp_dealloc\` has run.`,
  fix: 'Use the memory before it is released, and take aliases anew after a realloc.',
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Free',
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Realloc',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static PyObject *first(const unsigned char *data, Py_ssize_t n) {
    unsigned char *copy = PyMem_Malloc(n);
    if (copy == NULL)
        return PyErr_NoMemory();
    memcpy(copy, data, n);
    PyMem_Free(copy);
    return PyLong_FromLong(copy[0]);  // expect: use-after-free
}`,
    `#include <Python.h>
typedef struct { PyObject_HEAD PyThread_type_lock lock; PyObject *peers; } Share;
static PyObject *Share_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    Share *self = (Share *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->lock = PyThread_allocate_lock();
    self->peers = PySet_New(NULL);
    if (self->peers == NULL) {
        Py_DECREF(self);
        PyThread_free_lock(self->lock);  // expect: use-after-free
        return NULL;
    }
    return (PyObject *)self;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *first(const unsigned char *data, Py_ssize_t n) {
    unsigned char *copy = PyMem_Malloc(n);
    if (copy == NULL)
        return PyErr_NoMemory();
    memcpy(copy, data, n);
    long value = copy[0];
    PyMem_Free(copy);
    return PyLong_FromLong(value);
}`,
  ],
  check(event) {
    const { kind } = event;
    if ((kind !== 'release' && kind !== 'use') || event.subject.freedBy === null) return null;
    if (kind === 'release' && !event.release.isRealloc) return null;
    const { freedBy } = event.subject;
    const name = quoted(kind === 'use' ? event.pointer : event.release.pointer);
    if (kind === 'use' && event.how === 'kept') {
      return {
        message: `what is returned keeps a pointer to ${name}, which ${callName(freedBy)} released at line ${freedBy.calledAt.line}`,
        replacement: null,
        confidence: 'definite',
      };
    }
    const how = kind === 'use' ? 'used' : `resized by ${callName(event.release)}`;
    return {
      message: `${name} is ${how} after ${callName(freedBy)} released it at line ${freedBy.calledAt.line}`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
