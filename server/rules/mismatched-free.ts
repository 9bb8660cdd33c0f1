// mismatched-free: memory released by a function of another allocator family.
import { isObjectFamily } from '../knowledge/release.ts';
import type { Rule } from './rule.ts';
import { adviceFor, callName, mismatchOf, nameOf, replacementFor } from './wording.ts';

export const mismatchedFree: Rule = {
  id: 'mismatched-free',
  severity: 'error',
  summary: 'memory released by a function of another allocator family',
  why: `CPython has three allocator domains beside the C library's heap: \`PyMem_Raw*\`, \`PyMem_*\` and
\`PyObject_*\`. A block goes back to the domain it came from. Small blocks of the last two lie inside
pymalloc pools: \`free()\` reads the eight bytes before such a block as a chunk size and aborts, or takes a
pool's bytes into its own free lists. The opposite mix is silent on a release build, and on pairs of
CPython domains too, until \`PYTHONMALLOC=debug\`, a larger block or another Python version shows it.`,
  fix: `Release with the function that belongs to the allocation, or allocate with the family that
the release expects; the first is the safe change when the pointer leaves the function.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#allocator-domains',
    'Include/pymem.h, Include/objimpl.h (CPython 3.13)',
    'Objects/obmalloc.c, pymalloc_free (CPython 3.11)',
    'malloc/malloc.c, _int_free (glibc 2.36)',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static PyObject *join(const char *a, const char *b) {
    char *text = PyMem_Malloc(strlen(a) + strlen(b) + 1);
    if (text == NULL)
        return PyErr_NoMemory();
    strcpy(text, a);
    strcat(text, b);
    PyObject *result = PyUnicode_FromString(text);
    free(text);  // expect: mismatched-free
    return result;
}`,
    `#include <Python.h>
#define XFREE(p) PyObject_Free(p)
static int scale(double *out, Py_ssize_t n, double by) {
    double *copy = malloc(n * sizeof(double));
    if (!copy)
        return -1;
    memcpy(copy, out, n * sizeof(double));
    for (Py_ssize_t i = 0; i < n; i++)
        out[i] = by * copy[i];
    XFREE(copy);  // expect: mismatched-free
    return 0;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *read_line(FILE *file) {
    char *buf = malloc(BUFSIZ);
    if (buf == NULL)
        return PyErr_NoMemory();
    PyObject *line = NULL;
    if (fgets(buf, BUFSIZ, file) != NULL)
        line = PyBytes_FromString(buf);
    free(buf);
    return line;
}`,
    `#include <Python.h>
static int fill(Py_ssize_t n) {
    char small[64];
    char *buf = small;
    if (n > 64)
        buf = PyMem_Malloc(n);
    if (buf == NULL)
        return -1;
    memset(buf, 0, n);
    if (buf != small)
        PyMem_Free(buf);
    return 0;
}`,
  ],
  check(event) {
    const mismatch = mismatchOf(event);
    if (mismatch === null || mismatch.release.isRealloc) return null;
    const { allocation, release } = mismatch;
    if (allocation.row.role !== 'alloc' && allocation.row.role !== 'realloc') return null;
    if (isObjectFamily(allocation.family)) return null;
    const replacement = replacementFor(mismatch);
    return {
      message: `${nameOf(mismatch)} from ${callName(allocation)} is released by ${callName(release)}; ${adviceFor(mismatch, 'its own release function')}`,
      replacement,
      confidence: 'definite',
    };
  },
};
