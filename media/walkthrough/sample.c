#include <Python.h>

/* Makes a greeting. It compiles without a warning, and most days it works. */
static PyObject *
greet(PyObject *self, PyObject *args)
{
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name))
        return NULL;

    char *text = PyMem_Malloc(strlen(name) + 8);
    if (text == NULL)
        return PyErr_NoMemory();
    strcpy(text, "Hello, ");
    strcat(text, name);

    PyObject *greeting = PyUnicode_FromString(text);
    free(text);
    return greeting;
}
