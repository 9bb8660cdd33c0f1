// allocation-without-thread-state: the Python memory manager is used while no thread state is attached.
import type { FlowEvent } from '../flow/events.ts';
import { isOnlyBefore } from '../flow/python-version.ts';
import { quoted } from '../flow/witness.ts';
import { rawAlternative } from '../knowledge/python-heap.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

type DetachedCall = FlowEvent & { readonly kind: 'detached-call' };

export const allocationWithoutThreadState: Rule = {
  id: 'allocation-without-thread-state',
  severity: 'error',
  summary: 'the Python memory manager is used while the thread state is detached',
  why: `All of \`PyMem_*\` but \`PyMem_Raw*\`, all of \`PyObject_*\`, and everything that makes or releases an object needs
an attached thread state (the GIL). Between \`Py_BEGIN_ALLOW_THREADS\` and \`Py_END_ALLOW_THREADS\`, after
\`PyEval_SaveThread\`, and in a thread that the C library started, there is none: another thread may be in
the same pool, and two blocks get one address. Up to 3.11 a release build says nothing of it, until it
crashes elsewhere; making or releasing an object that the collector tracks is a SIGSEGV since 3.9. Since 3.12
pymalloc finds its pools through the thread state, and every call, of any size, is a SIGSEGV: all but a
release of NULL. A callback runs as the call that triggers it: without one, too, where the program detaches
around that call, or around calls of the library that keeps it. Python calls what \`PyOS_InputHook\` and
\`PyOS_ReadlineFunctionPointer\` hold without one. Under \`PYTHONMALLOC=malloc\` memory comes from the C library,
which asks for nothing. The debug hooks (\`PYTHONMALLOC=debug\`) end the process at the call: *Python memory
allocator called without holding the GIL*.`,
  fix: `Allocate before the region and release after it. Inside, use \`PyMem_RawMalloc\` and \`PyMem_RawFree\`,
for the same block. In a thread of your own, or in a callback, call \`PyGILState_Ensure\` first. In the
middle of a region, \`Py_BLOCK_THREADS\` and \`Py_UNBLOCK_THREADS\` attach for one call.`,
  references: [
    'https://docs.python.org/3/c-api/memory.html#memory-interface',
    'https://docs.python.org/3/c-api/init.html#releasing-the-gil-from-extension-code',
    'Include/pymem.h (CPython 3.13)',
    'Objects/obmalloc.c, _PyMem_DebugCheckGIL (CPython 3.11), get_state (CPython 3.12)',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
static PyObject *checksum(int fd) {
    unsigned sum = 0;
    Py_BEGIN_ALLOW_THREADS
    unsigned char *page = PyMem_Malloc(4096);  // expect: allocation-without-thread-state
    if (page != NULL) {
        for (size_t i = 0; i < 4096; i++)
            sum += page[i] + (unsigned)fd;
        PyMem_Free(page);  // expect: allocation-without-thread-state
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromUnsignedLong(sum);
}`,
    `#include <Python.h>
static PyObject *drain(FILE *from, size_t size) {
    size_t total = 0, n;
    char *buf = PyMem_Malloc(size);
    if (buf == NULL)
        return PyErr_NoMemory();
    PyThreadState *saved = PyEval_SaveThread();
    while ((n = fread(buf, 1, size, from)) > 0)
        total += n;
    PyMem_Free(buf);  // expect: allocation-without-thread-state
    PyEval_RestoreThread(saved);
    return PyLong_FromSize_t(total);
}`,
  ],
  good: [
    `#include <Python.h>
static PyObject *checksum(int fd) {
    unsigned sum = 0;
    Py_BEGIN_ALLOW_THREADS
    unsigned char *page = PyMem_RawMalloc(4096);
    if (page != NULL) {
        for (size_t i = 0; i < 4096; i++)
            sum += page[i] + (unsigned)fd;
        PyMem_RawFree(page);
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromUnsignedLong(sum);
}`,
    `#include <Python.h>
static int grow(char **buffer, size_t wanted) {
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    if (wanted > 4096) {
        Py_BLOCK_THREADS
        char *grown = PyMem_Realloc(*buffer, wanted);
        if (grown == NULL)
            failed = 1;
        else
            *buffer = grown;
        Py_UNBLOCK_THREADS
    }
    Py_END_ALLOW_THREADS
    return failed ? -1 : 0;
}`,
  ],
  check(event) {
    if (event.kind !== 'detached-call') return null;
    // Before 3.4 there is no raw domain, and PyMem_Malloc is malloc: such code has another branch for later.
    if (isOnlyBefore(0x0304, event.compiledIf)) return null;
    const { use, row } = event.call;
    const { how } = event.detached;
    const isBlock = use !== 'creates' && use !== 'drops';
    const raw = isBlock ? rawAlternative(row) : null;
    const advice =
      use === 'allocates' && raw !== null ? `use ${raw}, or allocate before` : 'attach it first';
    return {
      message: `${actionOf(event)} ${whereOf(event)}; ${advice}`,
      replacement: null,
      confidence: isBlock && how !== 'callback' && how !== 'argument' ? 'definite' : 'likely',
    };
  },
};

function actionOf({ call }: DetachedCall): string {
  const name = callName({ api: call.row.name, through: call.through });
  switch (call.use) {
    case 'allocates':
      return `${name} allocates`;
    case 'resizes':
      return `${name} resizes ${quoted(call.pointer)}`;
    case 'releases':
      return `${name} releases ${quoted(call.pointer)}`;
    case 'creates':
      return `${name} makes an object`;
    case 'drops':
      return `${name} drops a reference`;
  }
}

function whereOf({ detached, at }: DetachedCall): string {
  const file =
    detached.at.file === at.file ? '' : ` of ${detached.at.file.replace(/^.*[/\\]/, '')}`;
  const line = `line ${detached.at.line}${file}`;
  switch (detached.how) {
    case 'call':
      return `while the thread state is detached (${detached.api}, ${line})`;
    case 'thread':
      return `in a thread without a thread state (${detached.api}, ${line})`;
    case 'callback':
      return `in a callback that may run while the thread state is detached (${detached.api}, ${line})`;
    case 'argument':
      return `in a callback of a call that is made while the thread state is detached (${detached.api}, ${line})`;
    case 'hook':
      return `in a function that Python calls while the thread state is detached (${detached.api}, ${line})`;
  }
}
