// missing-gc-untrack: tp_dealloc of a collected type gives up references while the object is still tracked.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';

export const missingGcUntrack: Rule = {
  id: 'missing-gc-untrack',
  severity: 'warning',
  summary: 'tp_dealloc gives up references while the collector still tracks the object',
  why: `\`PyType_GenericAlloc\` puts the instances of a type with \`Py_TPFLAGS_HAVE_GC\` into the collector's list. Giving
up a reference in \`tp_dealloc\` may run any code, and that may start a collection: it finds an object whose
reference count is 0 and whose members are half gone, and may destroy it a second time.`,
  fix: 'Call `PyObject_GC_UnTrack(self)` first of all in `tp_dealloc`.',
  references: [
    'https://docs.python.org/3/c-api/gcsupport.html#c.PyObject_GC_UnTrack',
    'https://docs.python.org/3/c-api/typeobj.html#c.PyTypeObject.tp_dealloc',
  ],
  observed: 'nothing',
  bad: [
    `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *rows; } Cursor;
static int Cursor_traverse(Cursor *self, visitproc visit, void *arg) {
    Py_VISIT(self->rows);
    return 0;
}
static void Cursor_dealloc(Cursor *self) {
    Py_CLEAR(self->rows);  // expect: missing-gc-untrack
    Py_TYPE(self)->tp_free((PyObject *)self);
}
static PyTypeObject Cursor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "example.Cursor",
    .tp_basicsize = sizeof(Cursor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)Cursor_dealloc,
    .tp_traverse = (traverseproc)Cursor_traverse,
    .tp_new = PyType_GenericNew,
};`,
  ],
  good: [
    `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *rows; } Cursor;
static int Cursor_traverse(Cursor *self, visitproc visit, void *arg) {
    Py_VISIT(self->rows);
    return 0;
}
static void Cursor_dealloc(Cursor *self) {
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->rows);
    Py_TYPE(self)->tp_free((PyObject *)self);
}
static PyTypeObject Cursor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "example.Cursor",
    .tp_basicsize = sizeof(Cursor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)Cursor_dealloc,
    .tp_traverse = (traverseproc)Cursor_traverse,
    .tp_new = PyType_GenericNew,
};`,
  ],
  check(event) {
    if (event.kind !== 'tracked-destruction') return null;
    if (event.subject.origin?.kind !== 'allocation') return null;
    return {
      message: `${quoted(event.pointer)} is given up while the instance of ${event.type} is still tracked by the collector; call PyObject_GC_UnTrack first`,
      replacement: null,
      confidence: 'definite',
    };
  },
};
