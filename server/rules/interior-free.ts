// interior-free: a release function is given a pointer into a block instead of the block's start.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const interiorFree: Rule = {
  id: 'interior-free',
  severity: 'error',
  summary: 'a pointer into the middle of a block is released',
  why: `A release function finds its block by the address that the allocation returned. Given another one,
\`free()\` takes the program's own bytes before it for a chunk size and aborts with
\`free(): invalid pointer\`, or files a block of a wrong size. \`PyMem_Free\` and \`PyObject_Free\` on a small
block do not notice: they put the address on the pool's free list, and the next two allocations of that
size overlap. It comes from a pointer that was moved to walk through a buffer, from the result of
\`strchr\` and its like, and from members that are mistaken for what holds them.`,
  fix: 'Keep the pointer that the allocation returned, walk with a copy, and release the first.',
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Free',
    'ISO C17 7.22.3.3, the free function',
    'CWE-761: Free of Pointer not at Start of Buffer',
    'Objects/obmalloc.c, pymalloc_free (CPython 3.11)',
    'malloc/malloc.c, _int_free (glibc 2.36)',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
static PyObject *trimmed(const char *text) {
    char *copy = PyMem_Malloc(strlen(text) + 1);
    if (copy == NULL)
        return PyErr_NoMemory();
    strcpy(copy, text);
    while (*copy == ' ')
        copy++;
    PyObject *result = PyUnicode_FromString(copy);
    PyMem_Free(copy);  // expect: interior-free
    return result;
}`,
    `#include <Python.h>
static PyObject *after_colon(const char *text) {
    char *copy = strdup(text);
    if (copy == NULL)
        return PyErr_NoMemory();
    char *rest = strchr(copy, ':');
    if (rest == NULL) {
        free(copy);
        Py_RETURN_NONE;
    }
    PyObject *result = PyUnicode_FromString(rest + 1);
    free(rest);  // expect: interior-free
    return result;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *trimmed(const char *text) {
    char *copy = PyMem_Malloc(strlen(text) + 1);
    if (copy == NULL)
        return PyErr_NoMemory();
    strcpy(copy, text);
    char *start = copy;
    while (*start == ' ')
        start++;
    PyObject *result = PyUnicode_FromString(start);
    PyMem_Free(copy);
    return result;
}`,
    `#include <Python.h>
struct header { size_t size; };
static void *allocate(size_t size) {
    struct header *header = malloc(sizeof(struct header) + size);
    if (header == NULL)
        return NULL;
    header->size = size;
    return header + 1;
}
static void release(void *pointer) {
    struct header *header = pointer;
    free(header - 1);
}
void use(void) {
    release(allocate(16));
}`,
  ],
  check(event) {
    if (event.kind !== 'release' || !event.subject.inside) return null;
    if (event.subject.freedBy !== null || event.release.isRealloc) return null;
    const { origin } = event.subject;
    const pointer = quoted(event.release.pointer);
    const block =
      origin?.kind === 'allocation'
        ? `the block from ${callName(origin.allocation)}`
        : 'the object that holds it';
    return {
      message: `${pointer} points into ${block}, not to its start, and is released by ${callName(event.release)}`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
