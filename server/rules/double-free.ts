// double-free: a block is released twice on one path.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const doubleFree: Rule = {
  id: 'double-free',
  severity: 'error',
  summary: 'a block is released twice on one path',
  why: `pymalloc does not check: the block is put on its pool's free list twice, and the next two allocations of
that size get the same address. The C library usually notices (\`free(): double free detected in tcache 2\`),
the debug hooks always do. \`Py_DECREF\` of the last reference runs \`tp_dealloc\`: what the object holds
is released there, and what was released before must not be held any more.`,
  fix: 'Release once; set the pointer to NULL after a release that is not the last statement about it.',
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Free',
    'Objects/obmalloc.c, pymalloc_free (CPython 3.11)',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static int convert(PyObject *item, long *out) {
    long *scratch = PyMem_Malloc(64);
    if (scratch == NULL)
        return -1;
    *scratch = PyLong_AsLong(item);
    if (PyErr_Occurred()) {
        PyMem_Free(scratch);
        goto done;
    }
    *out = *scratch;
done:
    PyMem_Free(scratch);  // expect: double-free
    return 0;
}`,
  ],
  good: [
    `#include <Python.h>
static int convert(PyObject *item, long *out) {
    long *scratch = PyMem_Malloc(64);
    if (scratch == NULL)
        return -1;
    *scratch = PyLong_AsLong(item);
    if (PyErr_Occurred()) {
        PyMem_Free(scratch);
        scratch = NULL;
        goto done;
    }
    *out = *scratch;
done:
    PyMem_Free(scratch);
    return 0;
}`,
  ],
  check(event) {
    if (event.kind !== 'release') return null;
    const { freedBy } = event.subject;
    if (freedBy === null || event.release.isRealloc) return null;
    return {
      message: `${quoted(event.release.pointer)} is released twice: by ${callName(freedBy)} at line ${freedBy.calledAt.line}, then by ${callName(event.release)}`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
