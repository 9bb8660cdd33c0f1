// Every report that decode() knows: how to find it, what it means, which pairs of functions cause it, what to
// look for. The order counts: the first that fits a line is told. Causes were measured on real processes.
import { DAMAGE_REPORTS } from './decode-damage.ts';
import { type KnownReport, MIX_RULES } from './decode-report.ts';
import { TOOL_REPORTS } from './decode-tools.ts';

const DOMAIN_CALLS: Readonly<Record<string, string>> = {
  r: 'PyMem_RawMalloc',
  m: 'PyMem_Malloc',
  o: 'PyObject_Malloc or PyObject_New',
};

const RELEASES: Readonly<Record<string, string>> = {
  r: 'PyMem_RawFree',
  m: 'PyMem_Free',
  o: 'PyObject_Free',
};

const BAD_ID: KnownReport = {
  source: 'debug hooks',
  pattern:
    /Fatal Python error: .*bad ID: Allocated using API '(.*?)'(?:, verified using API '(.)')?/,
  meaning:
    'The debug hooks (PYTHONMALLOC=debug) looked at the byte 8 before the block and found another domain than the one that releases it.',
  causes: [],
  lookFor: [
    'the call that allocated the block, up the stack from where its pointer was stored',
    'whether a library, strdup, PyArg_ParseTuple("es") or a field hands the pointer over',
  ],
  rules: [...MIX_RULES, 'borrowed-free', 'interior-free', 'double-free'],
  ids: (match) => [match[1] ?? ''],
  tell: (match) => {
    const [, from = '', by = ''] = match;
    const to = RELEASES[by] ?? 'a Python release function';
    const known = DOMAIN_CALLS[from];
    if (known !== undefined) return { causes: [{ from: known, to }], rules: MIX_RULES };
    if (from === '' || from === '\\x00' || from === '\0')
      return {
        causes: [
          { from: 'PyObject_GC_New', to },
          { from: 'memory of an object (PyUnicode_AsUTF8, PyBytes_AsString)', to },
        ],
      };
    if (/dd|cd|fd/.test(from)) return {};
    return { causes: [{ from: 'malloc, calloc, strdup or a library', to }], rules: MIX_RULES };
  },
};

const DUMP: KnownReport = {
  source: 'debug hooks',
  pattern: /Debug memory block at address p=\S+: API '(.*)'?$/,
  meaning:
    'The debug hooks describe the block that failed a check. What is wrong with it follows in a line that starts with "Fatal Python error"; where that line is missing, the process died while it printed this.',
  causes: [],
  lookFor: ['the "Fatal Python error" line, and whether the pad bytes are named as changed'],
  rules: ['mismatched-free'],
  ids: (match) => [(match[1] ?? '').replace(/'$/, '')],
  tell: (_, rest) =>
    rest.includes('Fatal Python error')
      ? {}
      : {
          causes: [
            { from: 'malloc, calloc, strdup or a library', to: 'PyMem_Free or PyObject_Free' },
            { from: 'a block that was released before', to: 'PyMem_Free or PyObject_Free' },
          ],
          rules: ['mismatched-free', 'double-free', 'interior-free'],
        },
};

const PADS: KnownReport = {
  source: 'debug hooks',
  pattern: /Fatal Python error: .*bad (leading|trailing) pad byte/,
  meaning:
    'Somebody wrote outside of the block: the bytes that the debug hooks keep around it changed.',
  causes: [],
  lookFor: ['a loop or a copy with one byte too many', 'a string without room for its final NUL'],
  rules: ['size-overflow'],
  tell: (match) => ({
    meaning: `Somebody wrote ${match[1] === 'leading' ? 'before' : 'behind'} the block: the bytes that the debug hooks keep there changed. The release noticed; the write came earlier.`,
  }),
};

const GIL: KnownReport = {
  source: 'CPython',
  pattern:
    /Fatal Python error: .*(?:without holding the GIL|the GIL is released|PyThreadState_Get)[^\n]*/,
  meaning:
    'A function that needs an attached thread state was called without one: between Py_BEGIN_ALLOW_THREADS and its end, after PyEval_SaveThread, or in a thread that Python does not know.',
  causes: [],
  lookFor: [
    'PyMem_Malloc, PyObject_Malloc or their releases in code that runs without the GIL; PyMem_RawMalloc needs none',
    'callbacks of C libraries and threads: PyGILState_Ensure',
  ],
  rules: ['allocation-without-thread-state'],
};

const REFCOUNT: KnownReport = {
  source: 'CPython',
  pattern:
    /Fatal Python error: .*(?:negative ref count|deallocating (?:None|True|False|NotImplemented)|Objects must)[^\n]*/,
  meaning:
    'A reference was given up once too often: a borrowed one, or one that a call had stolen.',
  causes: [],
  lookFor: ['Py_DECREF on a borrowed reference', 'a reference used after PyList_SET_ITEM stole it'],
  rules: ['use-after-free', 'double-free'],
};

const FAULT: KnownReport = {
  source: 'CPython',
  pattern: /Fatal Python error: (?:Segmentation fault|Aborted|Bus error)/,
  meaning:
    'The faulthandler prints where Python was when the process died. The death itself is told before: by glibc for "Aborted", by nobody for a segmentation fault.',
  causes: [],
  lookFor: ['a line of glibc above; else a run with PYTHONMALLOC=debug, which dies earlier'],
  rules: [],
};

const OTHER_FATAL: KnownReport = {
  source: 'CPython',
  pattern: /Fatal Python error: [^\n]*/,
  meaning: 'CPython ended the process itself. The words after the colon say which check failed.',
  causes: [],
  lookFor: ['the C stack below: which extension called into Python'],
  rules: [],
};

const SHELL: KnownReport = {
  source: 'shell',
  pattern: /^(?:.*: )?(?:\d+ )?(Segmentation fault|Aborted)(?: \(core dumped\))?/,
  meaning: 'The process died of a signal.',
  causes: [],
  lookFor: [
    'a run with PYTHONMALLOC=debug, or under AddressSanitizer: both die nearer to the mistake',
  ],
  rules: [],
  tell: (match) =>
    match[1] === 'Aborted'
      ? {
          meaning:
            'The process ended itself (SIGABRT): a check of glibc or of CPython failed, which the lines before tell.',
        }
      : {
          meaning:
            'The process used an address where nothing is (SIGSEGV). No check noticed before: the mistake may lie far back.',
          causes: [
            { from: 'PyMem_Malloc under PYTHONMALLOC=debug', to: 'free' },
            { from: 'PyObject_GC_New', to: 'PyObject_Free' },
            { from: 'any block', to: 'a release, and then another one' },
          ],
          rules: ['mismatched-free', 'object-freed-as-memory', 'double-free', 'use-after-free'],
        },
};

export const KNOWN_REPORTS: readonly KnownReport[] = [
  BAD_ID,
  PADS,
  GIL,
  REFCOUNT,
  FAULT,
  OTHER_FATAL,
  DUMP,
  ...TOOL_REPORTS,
  ...DAMAGE_REPORTS,
  SHELL,
];
