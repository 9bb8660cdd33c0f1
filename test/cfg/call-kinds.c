// A call by name, through a member, through a pointer.
void calls(PyObject *self, void (*hook)(int)) {
  report(self);
  Py_TYPE(self)->tp_free(self);
  hook(1);
  (*hook)(2);
}

/* cfg
calls(self: PyObject, hook)
0:
  %0 = load self
  %1 = call report(%0)
  %2 = load self
  %3 = call Py_TYPE(%2)
  %4 = load (*%3).tp_free
  %5 = load self
  %6 = call %4.tp_free(%5)
  %7 = load hook
  %8 = 1
  %9 = call *%7(%8)
  %10 = load hook
  %11 = 2
  %12 = call *%10(%11)
  return
*/
