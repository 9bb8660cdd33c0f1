// realloc-loses-block: `p = realloc(p, n)`, where a failure overwrites the last pointer to the old block.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName, isMixed } from './wording.ts';

export const reallocLosesBlock: Rule = {
  id: 'realloc-loses-block',
  severity: 'warning',
  summary: 'a resize that fails overwrites the only pointer to the old block',
  why: `A resize that fails returns NULL and leaves the old block as it was. Where the result replaces the only
pointer to that block, the block can no longer be released, and what it held is gone as well.`,
  fix: `Keep the result in a variable of its own and assign it to the pointer when it is not NULL; when it is,
release the old block or go on using it.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Realloc',
    'https://en.cppreference.com/w/c/memory/realloc',
  ],
  observed: 'leak',
  bad: [
    `#include <Python.h>
static PyObject *pad(const char *text, Py_ssize_t n) {
    char *buf = PyMem_Malloc(n);
    if (buf == NULL)
        return PyErr_NoMemory();
    memcpy(buf, text, n);
    buf = PyMem_Realloc(buf, 2 * n);  // expect: realloc-loses-block
    if (buf == NULL)
        return PyErr_NoMemory();
    memset(buf + n, ' ', n);
    PyObject *result = PyBytes_FromStringAndSize(buf, 2 * n);
    PyMem_Free(buf);
    return result;
}`,
    `#include <stdlib.h>
typedef struct { double *items; size_t used, room; } Vector;
int vector_push(Vector *v, double item) {
    if (v->used == v->room) {
        v->room = 2 * v->room + 8;
        v->items = realloc(v->items, v->room * sizeof(double));  // expect: realloc-loses-block
        if (v->items == NULL)
            return -1;
    }
    v->items[v->used++] = item;
    return 0;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *pad(const char *text, Py_ssize_t n) {
    char *buf = PyMem_Malloc(n);
    if (buf == NULL)
        return PyErr_NoMemory();
    memcpy(buf, text, n);
    char *longer = PyMem_Realloc(buf, 2 * n);
    if (longer == NULL) {
        PyMem_Free(buf);
        return PyErr_NoMemory();
    }
    memset(longer + n, ' ', n);
    PyObject *result = PyBytes_FromStringAndSize(longer, 2 * n);
    PyMem_Free(longer);
    return result;
}`,
    `#include <stdlib.h>
char *grow_or_die(char *buf, size_t n) {
    char *all = malloc(n);
    if (all == NULL)
        abort();
    all = realloc(all, 2 * n);
    if (all == NULL)
        abort();
    return all;
}`,
  ],
  check(event) {
    if (event.kind !== 'leak' || event.loss.how !== 'resize') return null;
    const { release, place } = event.loss;
    if (release === null || isMixed(event, release)) return null;
    if (release.row.onFailure === 'argument-lost') return null;
    const { origin } = event.subject;
    const old =
      origin?.kind === 'allocation'
        ? `the block from ${callName(origin.allocation)} at line ${origin.allocation.calledAt.line}`
        : 'the old block';
    return {
      message: `when ${callName(release)} fails, ${quoted(place)} becomes NULL and ${old} is lost; keep the result in another variable first`,
      replacement: null,
      confidence: origin?.kind === 'allocation' ? 'definite' : 'likely',
    };
  },
};
