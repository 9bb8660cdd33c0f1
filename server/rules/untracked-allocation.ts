// untracked-allocation: an extension allocates with the C library, out of sight of the memory manager.
import { trackedAlternative } from '../knowledge/python-heap.ts';
import { preferredRelease } from '../knowledge/release.ts';
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const untrackedAllocation: Rule = {
  id: 'untracked-allocation',
  severity: 'info',
  isOffByDefault: true,
  summary: 'memory of the C library, which the Python memory manager does not see',
  why: `\`malloc\` is legal for buffers of your own. But what it hands out escapes the Python memory manager: \`tracemalloc\`
does not count it, the debug hooks do not check it, a custom allocator does not serve it. The rule is for those
who want all of an extension's memory in view; it never reports by default.`,
  fix: `With an attached thread state allocate with \`PyMem_Malloc\` and release with \`PyMem_Free\`; without one, or where
that is not known, use \`PyMem_RawMalloc\` and \`PyMem_RawFree\`. The two ends change together. A block that a library
releases, or that a library made, stays with the C library.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#overview',
    'https://docs.python.org/3/library/tracemalloc.html',
  ],
  observed: 'nothing',
  bad: [
    `#include <Python.h>
static PyObject *reversed(PyObject *self, PyObject *arg) {
    Py_ssize_t n = PyBytes_Size(arg);
    const char *from = PyBytes_AsString(arg);
    if (from == NULL)
        return NULL;
    char *to = malloc(n + 1);  // expect: untracked-allocation "PyMem_Malloc"
    if (to == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        to[i] = from[n - 1 - i];
    PyObject *result = PyBytes_FromStringAndSize(to, n);
    free(to);
    return result;
}`,
    `#include <Python.h>
static long sum(FILE *from, size_t size) {
    long total = 0;
    Py_BEGIN_ALLOW_THREADS
    unsigned char *page = malloc(size);  // expect: untracked-allocation "PyMem_RawMalloc"
    if (page != NULL) {
        size_t n = fread(page, 1, size, from);
        for (size_t i = 0; i < n; i++)
            total += page[i];
    }
    free(page);
    Py_END_ALLOW_THREADS
    return total;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *reversed(PyObject *self, PyObject *arg) {
    Py_ssize_t n = PyBytes_Size(arg);
    const char *from = PyBytes_AsString(arg);
    if (from == NULL)
        return NULL;
    char *to = PyMem_Malloc(n + 1);
    if (to == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n; i++)
        to[i] = from[n - 1 - i];
    PyObject *result = PyBytes_FromStringAndSize(to, n);
    PyMem_Free(to);
    return result;
}`,
  ],
  check(event) {
    if (event.kind !== 'allocation' || !event.isExtension) return null;
    const { allocation } = event;
    if (allocation.family !== 'libc') return null;
    const alternative = trackedAlternative(allocation.row, event.thread);
    if (alternative === null) return null;
    const release = preferredRelease({
      ...allocation,
      row: alternative,
      family: alternative.family ?? 'libc',
    });
    const library = event.givenTo;
    const unless = library === null ? '' : `, unless ${library}() keeps or releases the block`;
    const instead = `${alternative.name}${release === null ? '' : ` and ${release}`}`;
    return {
      message: `${quoted(allocation.pointer)} from ${callName(allocation)} is not seen by the Python memory manager; ${instead} would be${unless}`,
      replacement: library === null ? alternative.name : null,
      confidence: library === null ? 'likely' : 'possible',
    };
  },
};
