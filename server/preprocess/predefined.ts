// What some macros of Python.h, NumPy and the C library expand to, as far as control flow and memory
// are concerned: they hide a return, an assignment or a condition. Bodies follow Include/object.h,
// Include/pymacro.h and Include/objimpl.h of CPython 3.13.
import type { MacroDefinition } from './macros.ts';

const returns = (name: string, value: string): [string, string, string] => [
  name,
  '',
  `return ${value}`,
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
  ['__builtin_expect', 'condition, expected', '(condition)'],
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
  }),
);
