// Real findings of real C text for the debugger's tests: the linter's paths, not made-up ones.
import { check } from '../../server/check.ts';
import { DEFAULT_SETTINGS } from '../../server/settings.ts';
import { loadParser } from '../../server/syntax/load-parser.ts';
import type { FlaggedPath } from '../../simulator/flagged-path.ts';

/** Line 11 calls a helper that allocates, line 14 one that releases; nothing notices on a release build. */
export const HELPERS = `#include <Python.h>
static void *scratch_new(size_t n)
{
    return malloc(n);
}
static void scratch_free(void *p)
{
    PyMem_Free(p);
}
static PyObject *reverse(PyObject *self, PyObject *args) {
    char *buf = scratch_new(40);
    if (buf == NULL)
        return PyErr_NoMemory();
    scratch_free(buf);
    Py_RETURN_NONE;
}
`;

/** Line 5 kills a release build. */
export const CRASHES = `#include <Python.h>
void fold(void) {
    char *text = PyMem_Malloc(40);
    if (text == NULL) return;
    free(text);
}
`;

/** The release on line 4 goes unnoticed; the one on line 5 does not. */
export const TWICE = `#include <Python.h>
void twice(void) {
    char *text = PyMem_RawMalloc(40);
    PyMem_RawFree(text);
    PyMem_RawFree(text);
}
`;

const parser = await loadParser({ backend: 'native' });

/** The path of the only finding. */
export function pathIn(file: string, text: string): FlaggedPath {
  const { findings } = check([{ file, text }], parser, DEFAULT_SETTINGS);
  const [finding] = findings;
  if (finding === undefined || findings.length > 1)
    throw new Error(`${file} has ${findings.length} findings`);
  return finding.flaggedPath;
}
