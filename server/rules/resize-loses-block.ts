// resize-loses-block: PyMem_Resize(p, T, n) assigns its result to p, also when that is NULL.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName, isMixed } from './wording.ts';

export const resizeLosesBlock: Rule = {
  id: 'resize-loses-block',
  severity: 'warning',
  summary: 'a macro that resizes in place sets the only pointer to NULL when it fails',
  why: `PyMem_Resize(p, TYPE, n) is \`p = PyMem_Realloc(p, n * sizeof(TYPE))\`, with a check for overflow. When it
fails, p is NULL and the old block, which is still allocated, has no pointer left.`,
  fix: 'Save the pointer before the resize, and release it or restore it when the resize fails.',
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Resize',
    'Include/pymem.h, PyMem_Resize (CPython 3.13)',
  ],
  observed: 'leak',
  bad: [
    `#include <Python.h>
static int *extend(Py_ssize_t n) {
    int *items = PyMem_New(int, n);
    if (items == NULL)
        return NULL;
    PyMem_Resize(items, int, 2 * n);  // expect: resize-loses-block
    if (items == NULL)
        return NULL;
    return items;
}`,
  ],
  good: [
    `#include <Python.h>
static int *extend(Py_ssize_t n) {
    int *items = PyMem_New(int, n);
    if (items == NULL)
        return NULL;
    int *old = items;
    PyMem_Resize(items, int, 2 * n);
    if (items == NULL) {
        PyMem_Free(old);
        return NULL;
    }
    return items;
}`,
  ],
  check(event) {
    if (event.kind !== 'leak' || event.loss.how !== 'resize') return null;
    const { release, place } = event.loss;
    if (release === null || isMixed(event, release)) return null;
    if (release.row.onFailure !== 'argument-lost') return null;
    return {
      message: `${callName(release)} sets ${quoted(place)} to NULL when it fails, and the old block is lost; save the pointer first`,
      replacement: null,
      confidence: event.subject.origin?.kind === 'allocation' ? 'definite' : 'likely',
    };
  },
};
