// mismatched-realloc: memory resized by a function of another allocator family.
import type { Rule } from './rule.ts';
import { callName, mismatchOf, nameOf, replacementFor } from './wording.ts';

export const mismatchedRealloc: Rule = {
  id: 'mismatched-realloc',
  severity: 'error',
  summary: 'memory resized by a function of another allocator family',
  why: `A realloc function reads the bookkeeping of its own allocator to find out how large the block is.
Given a pymalloc block, \`realloc()\` finds whatever lies before it in the pool and aborts with
\`realloc(): invalid pointer\` or \`invalid old size\`; given a \`malloc\` block, \`PyMem_Realloc\` passes it on
silently on a release build and dies under \`PYTHONMALLOC=debug\`.`,
  fix: 'Resize with the realloc function of the family that allocated the block.',
  references: [
    'https://docs.python.org/3/c-api/memory.html#c.PyMem_Realloc',
    'Objects/obmalloc.c, pymalloc_realloc (CPython 3.11)',
    'malloc/malloc.c, __libc_realloc (glibc 2.36)',
  ],
  observed: 'fault',
  inGenerated: true,
  bad: [
    `#include <Python.h>
static char *append(const char *head, const char *tail) {
    size_t size = strlen(head) + 1;
    char *text = PyMem_Malloc(size);
    if (text == NULL)
        return NULL;
    memcpy(text, head, size);
    char *grown = realloc(text, size + strlen(tail));  // expect: mismatched-realloc
    if (grown == NULL) {
        PyMem_Free(text);
        return NULL;
    }
    return strcat(grown, tail);
}`,
  ],
  good: [
    `#include <Python.h>
static char *append(const char *head, const char *tail) {
    size_t size = strlen(head) + 1;
    char *text = PyMem_Malloc(size);
    if (text == NULL)
        return NULL;
    memcpy(text, head, size);
    char *grown = PyMem_Realloc(text, size + strlen(tail));
    if (grown == NULL) {
        PyMem_Free(text);
        return NULL;
    }
    return strcat(grown, tail);
}`,
  ],
  check(event) {
    const mismatch = mismatchOf(event);
    if (mismatch === null || !mismatch.release.isRealloc) return null;
    const replacement = replacementFor(mismatch);
    return {
      message: `${nameOf(mismatch)} from ${callName(mismatch.allocation)} is resized by ${callName(mismatch.release)}${replacement === null ? '' : `; use ${replacement}`}`,
      replacement,
      confidence: 'definite',
    };
  },
};
