// allocator-slot-mismatch: the slots and flags of a type object make the release of its instances wrong.
import { quoted } from '../flow/witness.ts';
import type { Rule } from './rule.ts';
import { callName } from './wording.ts';

export const allocatorSlotMismatch: Rule = {
  id: 'allocator-slot-mismatch',
  severity: 'error',
  summary: 'the allocation slots and flags of a type disagree with how its instances are released',
  why: `\`tp_alloc\` puts the collector's header before an instance if the type has \`Py_TPFLAGS_HAVE_GC\`, and \`tp_free\`
steps back over it: both are chosen by the flag unless the type sets them. A \`tp_free\` of the other kind, a
\`tp_dealloc\` that calls \`PyObject_Del\` where the type has the flag or \`PyObject_GC_Del\` where it has not, and
\`PyObject_New\` for a type with the flag all free an address 16 bytes beside the block. A class that Python code
derives from a type with \`Py_TPFLAGS_BASETYPE\` has the flag, whatever its base has; its instances go
through the \`tp_dealloc\` of the base, too.`,
  fix: `End \`tp_dealloc\` with \`Py_TYPE(self)->tp_free((PyObject *)self)\`, leave \`tp_alloc\` and \`tp_free\` unset, and
make instances with \`type->tp_alloc(type, 0)\`, or with \`PyObject_GC_New\` if and only if the type has
\`Py_TPFLAGS_HAVE_GC\`.`,
  references: [
    'https://docs.python.org/3/c-api/typeobj.html#c.PyTypeObject.tp_free',
    'https://docs.python.org/3/c-api/gcsupport.html',
    'Objects/typeobject.c, inherit_slots, type_new_alloc (CPython 3.13)',
  ],
  observed: 'fault',
  bad: [
    `#include <Python.h>
typedef struct { PyObject_HEAD PyObject *next; } Node;
static int Node_traverse(Node *self, visitproc visit, void *arg) {
    Py_VISIT(self->next);
    return 0;
}
static void Node_dealloc(Node *self) {
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->next);
    Py_TYPE(self)->tp_free((PyObject *)self);
}
static PyTypeObject Node_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "example.Node",
    .tp_basicsize = sizeof(Node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)Node_dealloc,
    .tp_traverse = (traverseproc)Node_traverse,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Free,  // expect: allocator-slot-mismatch
};`,
    `#include <Python.h>
typedef struct { PyObject_HEAD void *surface; } Overlay;
static PyObject *Overlay_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    Overlay *self = (Overlay *)type->tp_alloc(type, 0);
    if (self != NULL)
        self->surface = NULL;
    return (PyObject *)self;
}
static void Overlay_dealloc(Overlay *self) {
    PyObject_Free(self);  // expect: allocator-slot-mismatch
}
static PyTypeObject Overlay_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "example.Overlay",
    .tp_basicsize = sizeof(Overlay),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = (destructor)Overlay_dealloc,
    .tp_new = Overlay_new,
};`,
  ],
  good: [
    `#include <Python.h>
typedef struct { PyObject_HEAD void *surface; } Overlay;
static PyObject *Overlay_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    Overlay *self = (Overlay *)type->tp_alloc(type, 0);
    if (self != NULL)
        self->surface = NULL;
    return (PyObject *)self;
}
static void Overlay_dealloc(Overlay *self) {
    Py_TYPE(self)->tp_free((PyObject *)self);
}
static PyTypeObject Overlay_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "example.Overlay",
    .tp_basicsize = sizeof(Overlay),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = (destructor)Overlay_dealloc,
    .tp_new = Overlay_new,
};`,
  ],
  check(event) {
    if (event.kind !== 'type-release') return null;
    const { release, type, cause, freeIs, subject } = event;
    const { allocation } = subject.origin;
    const isCollected = allocation.family === 'py-gc-object';
    const name = quoted(release.pointer === '' ? 'self' : release.pointer);
    const made = callName(allocation);
    const flag = 'Py_TPFLAGS_HAVE_GC';
    const has = isCollected ? `has ${flag}` : `does not have ${flag}`;
    const replacement = isCollected ? 'PyObject_GC_Del' : 'PyObject_Free';
    switch (cause) {
      case 'slot':
        return {
          message: `tp_free of ${type} is ${callName(release)}, but its instances come from ${made} and the type ${has}; use ${replacement}`,
          replacement,
          confidence: 'definite',
        };
      case 'derived':
        return {
          message: `${name} is released by ${freeIs === null ? callName(release) : `tp_free (${freeIs})`}, but ${type} has Py_TPFLAGS_BASETYPE and an instance of a derived class from ${made} is ${isCollected ? 'garbage-collected; use its tp_free' : 'not garbage-collected; use the tp_alloc of the type'}`,
          replacement: null,
          confidence: 'definite',
        };
      case 'flags':
        return {
          message:
            freeIs === null
              ? `${name} is an instance of ${type} from ${made} and is released by ${callName(release)}, but the type ${has}; use its tp_free`
              : `${name} is an instance of ${type} from ${made} and is released by tp_free, which is ${freeIs} for the type`,
          replacement: null,
          confidence: 'definite',
        };
    }
  },
};
