// What some macros of Python.h, NumPy and the C library expand to, as far as control flow and memory
// are concerned: they hide a return, an assignment or a condition. Bodies follow Include/object.h,
// Include/pymacro.h and Include/objimpl.h of CPython 3.13, ndarraytypes.h of NumPy 2, and gmacros.h of GLib 2.
import { groupBy } from '../group-by.ts';
import type { MacroDefinition } from './macros.ts';

/** Attaches the thread state again where it was detached. */
const NPY_RESTORE = 'do { if (_save) { PyEval_RestoreThread(_save); _save = NULL; } } while (0)';

const returns = (name: string, value: string): [string, string, string] => [
  name,
  '',
  `return ${value}`,
];

/** Runs `statement` unless the elements of the type are handled by Python. */
const unlessObjects = (name: string, statement: string): [string, string, string] => [
  `${name}_DESCR`,
  'dtype',
  `do { if (!(PyDataType_FLAGCHK((dtype), NPY_NEEDS_PYAPI))) { ${statement} } } while (0)`,
];

/** [name, parameters (empty: object-like), body] */
const BODIES: readonly [string, string, string][] = [
  returns('Py_RETURN_NONE', 'Py_None'),
  returns('Py_RETURN_TRUE', 'Py_True'),
  returns('Py_RETURN_FALSE', 'Py_False'),
  returns('Py_RETURN_NOTIMPLEMENTED', 'Py_NotImplemented'),
  returns('Py_RETURN_NAN', 'PyFloat_FromDouble(0)'),
  ['Py_RETURN_INF', 'sign', 'return PyFloat_FromDouble(sign)'],
  ['Py_RETURN_RICHCOMPARE', 'a, b, op', 'return PyObject_RichCompare(a, b, op)'],
  [
    'Py_VISIT',
    'op',
    'do { if (op) { int py_visit_result = visit((PyObject *)(op), arg); if (py_visit_result) return py_visit_result; } } while (0)',
  ],
  ['assert', 'condition', 'do { if (!(condition)) abort(); } while (0)'],
  ['Py_SAFE_DOWNCAST', 'value, wide, narrow', '(value)'],
  ['Py_CHARMASK', 'c', '(c)'],
  ['_Py_CAST', 'type, expression', '(expression)'],
  ['_Py_RVALUE', 'expression', '(expression)'],
  ['likely', 'condition', '(condition)'],
  ['unlikely', 'condition', '(condition)'],
  ['NPY_LIKELY', 'condition', '(condition)'],
  ['NPY_UNLIKELY', 'condition', '(condition)'],
  ['g_autofree', '', '__attribute__((cleanup(g_autoptr_cleanup_generic_gfree)))'],
  ['g_autoptr', 'type', '__attribute__((cleanup(glib_autoptr_cleanup)))'],
  ['Py_CLEANUP_SUPPORTED', '', '0x20000'],
  ['NPY_SUCCEED', '', '1'],
  ['NPY_FAIL', '', '0'],
  ['__builtin_expect', 'condition, expected', '(condition)'],
  ['NPY_BEGIN_ALLOW_THREADS', '', 'Py_BEGIN_ALLOW_THREADS'],
  ['NPY_END_ALLOW_THREADS', '', 'Py_END_ALLOW_THREADS'],
  ['NPY_BEGIN_THREADS_DEF', '', 'PyThreadState *_save = NULL'],
  ['NPY_BEGIN_THREADS', '', 'do { _save = PyEval_SaveThread(); } while (0)'],
  ['NPY_END_THREADS', '', NPY_RESTORE],
  unlessObjects('NPY_BEGIN_THREADS', '_save = PyEval_SaveThread();'),
  unlessObjects('NPY_END_THREADS', NPY_RESTORE),
  [
    'NPY_BEGIN_THREADS_THRESHOLDED',
    'loop_size',
    'do { if ((loop_size) > 500) { _save = PyEval_SaveThread(); } } while (0)',
  ],
  [
    'NPY_BEGIN_THREADS_NDITER',
    'iter',
    'do { if (!NpyIter_IterationNeedsAPI(iter)) { if (NpyIter_GetIterSize(iter) > 500) { _save = PyEval_SaveThread(); } } } while (0)',
  ],
  ['NPY_ALLOW_C_API_DEF', '', 'PyGILState_STATE __save__'],
  ['NPY_ALLOW_C_API', '', 'do { __save__ = PyGILState_Ensure(); } while (0)'],
  ['NPY_DISABLE_C_API', '', 'do { PyGILState_Release(__save__); } while (0)'],
];

export const PREDEFINED_MACROS: readonly MacroDefinition[] = BODIES.map(
  ([name, parameters, body]) => ({
    name,
    parameters: parameters === '' ? null : parameters.split(', '),
    variadic: false,
    body,
    conditions: [],
    file: '',
    offset: -1,
    until: Infinity,
  }),
);

export const PREDEFINED: ReadonlyMap<string, readonly MacroDefinition[]> = groupBy(
  PREDEFINED_MACROS,
  (macro) => macro.name,
);
