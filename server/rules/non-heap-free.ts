// non-heap-free: a release function is given memory that no allocator handed out.
import { quoted, storageText } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const nonHeapFree: Rule = {
  id: 'non-heap-free',
  severity: 'error',
  summary: 'a stack array, a variable or a string literal is released',
  why: `A release function takes the bytes before the pointer for the bookkeeping of a block. Before an array
on the stack, a static variable or a string literal lies something else: \`free()\` aborts with
\`free(): invalid pointer\`, or takes the memory into its free lists and hands it out again while the
variable still lives there. Under \`PYTHONMALLOC=debug\` the interpreter stops with \`bad ID\`. The usual
way there is a buffer that is small and on the stack or large and on the heap, released without asking
which; or a name that an inner block declares again.`,
  fix: `Release on the paths only that allocated: compare with the array (\`if (buf != small)\`), or keep
the allocated pointer in a variable of its own that starts as NULL.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Free',
    'ISO C17 7.22.3.3, the free function',
    'CWE-590: Free of Memory not on the Heap',
    'malloc/malloc.c, _int_free (glibc 2.36)',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
static PyObject *repeat(const char *text, Py_ssize_t n) {
    char small[128];
    char *buf = small;
    size_t size = strlen(text);
    if (size * n > sizeof(small)) {
        buf = PyMem_Malloc(size * n);
        if (buf == NULL)
            return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < n; i++)
        memcpy(buf + i * size, text, size);
    PyObject *result = PyUnicode_FromStringAndSize(buf, size * n);
    PyMem_Free(buf);  // expect: non-heap-free
    return result;
}`,
    `#include <Python.h>
static const char *name_of(int kind) {
    char *name = "unknown";
    if (kind == 1)
        name = strdup("file");
    if (kind == 2) {
        free(name);  // expect: non-heap-free
        return NULL;
    }
    return name;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *repeat(const char *text, Py_ssize_t n) {
    char small[128];
    char *buf = small;
    size_t size = strlen(text);
    if (size * n > sizeof(small)) {
        buf = PyMem_Malloc(size * n);
        if (buf == NULL)
            return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < n; i++)
        memcpy(buf + i * size, text, size);
    PyObject *result = PyUnicode_FromStringAndSize(buf, size * n);
    if (buf != small)
        PyMem_Free(buf);
    return result;
}`,
  ],
  check(event) {
    if (event.kind !== 'release' || event.subject.origin?.kind !== 'storage') return null;
    const { origin } = event.subject;
    const { release } = event;
    const how = release.isRealloc ? 'resized' : 'released';
    const name = quoted(release.pointer);
    const what =
      origin.name === '' || origin.name === release.pointer.replace(/^&\s*/, '')
        ? storageText(origin.storage)
        : `${quoted(origin.name)}, ${storageText(origin.storage)}`;
    return {
      message: `${name} is ${what} and is ${how} by ${callName(release)}`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
