/* Which allocator domain a block really comes from: under PYTHONMALLOC=debug the byte at p[-8] names
 * it (r, m, o) and seven 0xFD bytes follow. Prints one "name id" line per function of the table;
 * "-" for a block without the hooks: the C library's. Driven by api-id.test.ts. */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
show(const char *name, void *block, size_t header)
{
    const unsigned char *start = (unsigned char *)block - header;
    if (block == NULL) {
        printf("%s NULL\n", name);
        return;
    }
    for (int i = -7; i < 0; i++)
        if (start[i] != 0xFD) {
            printf("%s -\n", name);
            return;
        }
    printf("%s %c\n", name, start[-8]);
}

#define SHOW(name, call) show(name, call, 0)

typedef struct {
    PyObject_VAR_HEAD
    PyObject *item;
} Node;

static int
node_traverse(Node *self, visitproc visit, void *arg)
{
    Py_VISIT(self->item);
    return 0;
}

static PyTypeObject plain_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "api_id.Plain",
    .tp_basicsize = sizeof(Node),
    .tp_itemsize = 8,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

static PyTypeObject gc_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "api_id.Collected",
    .tp_basicsize = sizeof(Node),
    .tp_itemsize = 8,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)node_traverse,
};

static void
show_memory(void)
{
    char *p = PyMem_New(char, 16);
    SHOW("PyMem_New", p);
    PyMem_Resize(p, char, 32);
    SHOW("PyMem_Resize", p);
    SHOW("PyMem_Malloc", PyMem_Malloc(16));
    SHOW("PyMem_Calloc", PyMem_Calloc(2, 8));
    SHOW("PyMem_Realloc", PyMem_Realloc(p, 64));
    SHOW("PyMem_MALLOC", PyMem_MALLOC(16));
    SHOW("PyMem_RawMalloc", PyMem_RawMalloc(16));
    SHOW("PyMem_RawCalloc", PyMem_RawCalloc(2, 8));
    SHOW("PyMem_RawRealloc", PyMem_RawRealloc(NULL, 16));
    SHOW("PyObject_Malloc", PyObject_Malloc(16));
    SHOW("PyObject_Calloc", PyObject_Calloc(2, 8));
    SHOW("PyObject_Realloc", PyObject_Realloc(NULL, 16));
    SHOW("PyObject_MALLOC", PyObject_MALLOC(16));
#if PY_VERSION_HEX < 0x030D0000
    SHOW("_PyMem_Strdup", _PyMem_Strdup("text"));
    SHOW("_PyMem_RawStrdup", _PyMem_RawStrdup("text"));
    SHOW("_PyMem_RawWcsdup", _PyMem_RawWcsdup(L"text"));
#endif
}

static void
show_objects(void)
{
    show("PyObject_New", PyObject_New(Node, &plain_type), 0);
    show("PyObject_NewVar", PyObject_NewVar(Node, &plain_type, 2), 0);
    show("PyObject_GC_New", PyObject_GC_New(Node, &gc_type), 16);
    show("PyObject_GC_NewVar", PyObject_GC_NewVar(Node, &gc_type, 2), 16);
    show("PyObject_GC_Resize",
         PyObject_GC_Resize(Node, PyObject_GC_NewVar(Node, &gc_type, 2), 8), 16);
    show("PyType_GenericAlloc", PyType_GenericAlloc(&plain_type, 0), 0);
    show("PyType_GenericAlloc:gc", PyType_GenericAlloc(&gc_type, 0), 16);
}

static int
show_conversions(PyObject *module)
{
    PyObject *text = PyUnicode_FromString("text");
    PyObject *args = Py_BuildValue("(ssss)", "one", "two", "three", "four");
    char *es = NULL, *et = NULL, *es_n = NULL, *et_n = NULL;
    Py_ssize_t n1, n2;
    wchar_t *wide = Py_DecodeLocale("text", NULL);

    if (text == NULL || args == NULL || wide == NULL)
        return -1;
    if (!PyArg_ParseTuple(args, "esetes#et#", "utf-8", &es, "utf-8", &et, "utf-8", &es_n, &n1,
                          "utf-8", &et_n, &n2))
        return -1;
    SHOW("PyArg_Parse:es", es);
    SHOW("PyArg_Parse:et", et);
    SHOW("PyArg_Parse:es#", es_n);
    SHOW("PyArg_Parse:et#", et_n);
    SHOW("PyUnicode_AsWideCharString", PyUnicode_AsWideCharString(text, NULL));
    SHOW("PyUnicode_AsUCS4Copy", PyUnicode_AsUCS4Copy(text));
    SHOW("Py_DecodeLocale", wide);
    SHOW("Py_EncodeLocale", Py_EncodeLocale(wide, NULL));
    SHOW("PyOS_double_to_string", PyOS_double_to_string(1.5, 'r', 0, 0, NULL));
    SHOW("m_size", PyModule_GetState(module));
    return 0;
}

static int
show_libc(void)
{
    char *line = NULL, *text = NULL;
    size_t capacity = 0;
    struct dirent **entries = NULL;
    FILE *file = fopen("/proc/self/status", "r");

    if (file == NULL || getline(&line, &capacity, file) < 0)
        return -1;
    SHOW("getline", line);
    line = NULL;
    if (getdelim(&line, &capacity, '\n', file) < 0 || asprintf(&text, "%d", 12345) < 0)
        return -1;
    SHOW("getdelim", line);
    SHOW("asprintf", text);
    fclose(file);
    SHOW("malloc", malloc(16));
    SHOW("calloc", calloc(2, 8));
    SHOW("realloc", realloc(NULL, 16));
    SHOW("strdup", strdup("text"));
    SHOW("strndup", strndup("text", 3));
    SHOW("realpath", realpath("/", NULL));
    SHOW("getcwd", getcwd(NULL, 0));
    if (scandir("/", &entries, NULL, NULL) < 0)
        return -1;
    SHOW("scandir", entries);
    return 0;
}

static PyObject *
report(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    if (PyType_Ready(&plain_type) < 0 || PyType_Ready(&gc_type) < 0)
        return NULL;
    show_memory();
    show_objects();
    if (show_conversions(module) < 0)
        return NULL;
    if (show_libc() < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    fflush(stdout);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"report", report, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "api_id",
    .m_size = 16,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_api_id(void)
{
    return PyModule_Create(&definition);
}
