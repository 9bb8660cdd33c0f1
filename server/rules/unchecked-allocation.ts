// unchecked-allocation: the result of an allocation is dereferenced before it is compared with NULL.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const uncheckedAllocation: Rule = {
  id: 'unchecked-allocation',
  severity: 'warning',
  summary: 'the result of an allocation is used before it is compared with NULL',
  why: `When memory runs out, or a size from outside is too large, allocation functions return NULL. Reading or
writing through it ends the process with \`SIGSEGV\` where the program could have raised \`MemoryError\`; a
large index or a member far into a structure can even reach memory that is mapped. After
\`p = realloc(p, n)\` the old block is lost as well.`,
  fix: `Compare the result with NULL before its first use, and leave with \`PyErr_NoMemory()\` where an exception
can be raised. Resize into a second variable, so that the old block can still be released.`,
  noFix: `A function that cannot report a failure gets no fix: one that returns \`void\` would leave its work undone
without a word, and its caller would go on with what is not there. Such a function has to return a status first, and
its callers have to ask for it.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#examples',
    'https://docs.python.org/3/c-api/exceptions.html#c.PyErr_NoMemory',
    'https://cwe.mitre.org/data/definitions/690.html',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
static PyObject *squares(PyObject *module, PyObject *unused) {
    long *table = PyMem_New(long, 256);
    long sum = 0;
    for (long i = 0; i < 256; i++)
        table[i] = i * i;  // expect: unchecked-allocation
    for (long i = 0; i < 256; i++)
        sum += table[i];
    PyMem_Free(table);
    return PyLong_FromLong(sum);
}`,
    `#include <Python.h>
typedef struct { char *data; size_t used; } Log;
static void append(Log *log, const char *text, size_t n) {
    log->data = realloc(log->data, log->used + n);
    memcpy(log->data + log->used, text, n);  // expect: unchecked-allocation
    log->used += n;
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *squares(PyObject *module, PyObject *unused) {
    long *table = PyMem_New(long, 256);
    long sum = 0;
    if (table == NULL)
        return PyErr_NoMemory();
    for (long i = 0; i < 256; i++)
        table[i] = i * i;
    for (long i = 0; i < 256; i++)
        sum += table[i];
    PyMem_Free(table);
    return PyLong_FromLong(sum);
}`,
    `#include <Python.h>
typedef struct { char *data; size_t used; } Log;
static int append(Log *log, const char *text, size_t n) {
    char *grown = realloc(log->data, log->used + n);
    if (grown == NULL)
        return -1;
    log->data = grown;
    memcpy(grown + log->used, text, n);
    log->used += n;
    return 0;
}`,
  ],
  check(event) {
    if (event.kind !== 'null-dereference') return null;
    const { allocation, callee } = event;
    const use = callee === null ? 'is dereferenced' : `is given to ${callee}()`;
    return {
      message: `${quoted(allocation.pointer)} from ${callName(allocation)} may be NULL and ${use} without a check`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
