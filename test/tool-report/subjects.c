/* One defect in each function: what the linter finds here is run under AddressSanitizer and under Valgrind, and
   compared with what is simulated. run(name) does what one of them does. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

static volatile char sink;

static void mem_then_free(void)
{
    char *p = PyMem_Malloc(32);
    if (p == NULL)
        return;
    free(p);
}

static void malloc_then_mem(void)
{
    char *p = malloc(32);
    if (p == NULL)
        return;
    PyMem_Free(p);
}

static void large_mem_then_free(void)
{
    char *p = PyMem_Malloc(4000);
    if (p == NULL)
        return;
    free(p);
}

static void raw_then_free(void)
{
    char *p = PyMem_RawMalloc(32);
    if (p == NULL)
        return;
    free(p);
}

static void double_free(void)
{
    char *p = malloc(40);
    if (p == NULL)
        return;
    free(p);
    free(p);
}

static void double_mem_free(void)
{
    char *p = PyMem_Malloc(40);
    if (p == NULL)
        return;
    PyMem_Free(p);
    PyMem_Free(p);
}

static void double_raw_free(void)
{
    char *p = PyMem_RawMalloc(40);
    if (p == NULL)
        return;
    PyMem_RawFree(p);
    PyMem_RawFree(p);
}

static void read_after_free(void)
{
    int *p = malloc(48);
    if (p == NULL)
        return;
    p[2] = 1;
    free(p);
    sink = (char)p[2];
}

static void write_after_mem_free(void)
{
    char *p = PyMem_Malloc(48);
    if (p == NULL)
        return;
    PyMem_Free(p);
    p[3] = 1;
}

static void interior_free(void)
{
    char *p = malloc(64);
    if (p == NULL)
        return;
    p += 8;
    free(p);
}

static void interior_mem_free(void)
{
    char *p = PyMem_Malloc(64);
    if (p == NULL)
        return;
    p += 16;
    PyMem_Free(p);
}

static void stack_free(void)
{
    char buf[64];
    memset(buf, 0, sizeof buf);
    char *p = buf;
    free(p);
}

static char table[64];

static void static_free(void)
{
    char *p = table;
    free(p);
}

static void stack_mem_free(void)
{
    char buf[64];
    memset(buf, 0, sizeof buf);
    char *p = buf;
    PyMem_Free(p);
}

static void leak(void)
{
    char *p = malloc(72);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void mem_leak(void)
{
    char *p = PyMem_Malloc(72);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void large_mem_leak(void)
{
    char *p = PyMem_Malloc(5000);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void realloc_then_use(void)
{
    char *p = malloc(24);
    if (p == NULL)
        return;
    char *q = realloc(p, 2000);
    if (q == NULL) {
        free(p);
        return;
    }
    p[1] = 1;
    free(q);
}

static void mem_then_realloc(void)
{
    char *p = PyMem_Malloc(24);
    if (p == NULL)
        return;
    char *q = realloc(p, 200);
    if (q == NULL) {
        PyMem_Free(p);
        return;
    }
    free(q);
}

static void malloc_then_mem_realloc(void)
{
    char *p = malloc(24);
    if (p == NULL)
        return;
    char *q = PyMem_Realloc(p, 200);
    if (q == NULL) {
        free(p);
        return;
    }
    PyMem_Free(q);
}

static void overflow(void)
{
    char *p = malloc(8);
    if (p == NULL)
        return;
    p[9] = 1;
    free(p);
}

static void mem_overflow(void)
{
    char *p = PyMem_Malloc(8);
    if (p == NULL)
        return;
    p[9] = 1;
    PyMem_Free(p);
}

static void object_then_mem(void)
{
    char *p = PyObject_Malloc(32);
    if (p == NULL)
        return;
    PyMem_Free(p);
}

static void raw_then_mem(void)
{
    char *p = PyMem_RawMalloc(32);
    if (p == NULL)
        return;
    PyMem_Free(p);
}

static void large_double_mem_free(void)
{
    char *p = PyMem_Malloc(2000);
    if (p == NULL)
        return;
    PyMem_Free(p);
    PyMem_Free(p);
}

static void write_after_large_mem_free(void)
{
    char *p = PyMem_Malloc(2000);
    if (p == NULL)
        return;
    PyMem_Free(p);
    p[3] = 1;
}

static void zeroed_leak(void)
{
    char *p = PyMem_RawCalloc(3, 50);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void realloc_after_free(void)
{
    char *p = malloc(24);
    if (p == NULL)
        return;
    free(p);
    char *q = realloc(p, 100);
    free(q);
}

static void raw_realloc_leak(void)
{
    char *p = PyMem_RawMalloc(24);
    if (p == NULL)
        return;
    char *q = PyMem_RawRealloc(p, 100);
    if (q == NULL) {
        PyMem_RawFree(p);
        return;
    }
    q[0] = 1;
}

static void gc_object_then_free(void)
{
    PyObject *object = PyObject_GC_New(PyObject, &PyDict_Type);
    if (object == NULL)
        return;
    free(object);
}

static void literal_free(void)
{
    char *p = "literal";
    free(p);
}

static void raw_then_object(void)
{
    char *p = PyMem_RawMalloc(600);
    if (p == NULL)
        return;
    PyObject_Free(p);
}

static void null_write(void)
{
    char *p = NULL;
    *p = 1;
}

static void clean(void)
{
    char *p = PyMem_Malloc(24);
    if (p == NULL)
        return;
    PyMem_Free(p);
}

static void memcpy_after_free(void)
{
    char *p = malloc(48), to[16];
    if (p == NULL)
        return;
    memset(p, 0, 48);
    free(p);
    memcpy(to, p + 4, 16);
    sink = to[3];
}

static void pool_grown_leak(void)
{
    char *p = PyMem_Malloc(24);
    if (p == NULL)
        return;
    p[0] = 1;
    char *q = PyMem_Realloc(p, 601);
    if (q == NULL) {
        PyMem_Free(p);
        return;
    }
    q[0] = 1;
}

static void large_shrunk_leak(void)
{
    char *p = PyMem_Malloc(700);
    if (p == NULL)
        return;
    p[0] = 1;
    char *q = PyMem_Realloc(p, 603);
    if (q == NULL) {
        PyMem_Free(p);
        return;
    }
    q[0] = 1;
}

static void grown_from_null_leak(void)
{
    char *p = PyMem_Realloc(NULL, 602);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void raw_from_null_leak(void)
{
    char *p = PyMem_RawRealloc(NULL, 604);
    if (p == NULL)
        return;
    p[0] = 1;
}

static void gc_object_then_mem(void)
{
    PyObject *object = PyObject_GC_New(PyObject, &PyDict_Type);
    if (object == NULL)
        return;
    PyMem_Free(object);
}

static void empty_leak(void)
{
    char *p = malloc(0);
    if (p == NULL)
        return;
    sink = p != NULL;
}

static void empty_raw_leak(void)
{
    char *p = PyMem_RawMalloc(0);
    if (p == NULL)
        return;
    sink = p != NULL;
}

static void empty_write(void)
{
    char *p = malloc(0);
    if (p == NULL)
        return;
    p[0] = 1;
    free(p);
}

static void detached_alloc(void)
{
    char *p;
    Py_BEGIN_ALLOW_THREADS
    p = PyMem_Malloc(24);
    Py_END_ALLOW_THREADS
    PyMem_Free(p);
}

static void size_wraps(void)
{
    PyObject *number = PyLong_FromString("2305843009213693956", NULL, 10);
    Py_ssize_t n = PyLong_AsSsize_t(number);
    if (n == -1 && PyErr_Occurred())
        return;
    double *p = PyMem_RawMalloc(n * sizeof(double));
    if (p == NULL)
        return;
    for (Py_ssize_t i = 0; i < 8; i++)
        p[i] = 1;
    PyMem_RawFree(p);
}

#define SUBJECT(name) { #name, name }
static const struct { const char *name; void (*run)(void); } subjects[] = {
    SUBJECT(mem_then_free), SUBJECT(malloc_then_mem), SUBJECT(large_mem_then_free), SUBJECT(raw_then_free),
    SUBJECT(double_free), SUBJECT(double_mem_free), SUBJECT(double_raw_free), SUBJECT(read_after_free),
    SUBJECT(write_after_mem_free), SUBJECT(interior_free), SUBJECT(interior_mem_free), SUBJECT(stack_free),
    SUBJECT(static_free), SUBJECT(stack_mem_free), SUBJECT(leak), SUBJECT(mem_leak), SUBJECT(large_mem_leak),
    SUBJECT(realloc_then_use), SUBJECT(mem_then_realloc), SUBJECT(malloc_then_mem_realloc),
    SUBJECT(overflow), SUBJECT(mem_overflow), SUBJECT(object_then_mem), SUBJECT(raw_then_mem),
    SUBJECT(memcpy_after_free), SUBJECT(large_double_mem_free), SUBJECT(write_after_large_mem_free),
    SUBJECT(zeroed_leak), SUBJECT(realloc_after_free), SUBJECT(raw_realloc_leak), SUBJECT(gc_object_then_free),
    SUBJECT(literal_free), SUBJECT(raw_then_object), SUBJECT(null_write), SUBJECT(clean),
    SUBJECT(pool_grown_leak), SUBJECT(large_shrunk_leak), SUBJECT(grown_from_null_leak), SUBJECT(raw_from_null_leak),
    SUBJECT(gc_object_then_mem), SUBJECT(empty_leak), SUBJECT(empty_raw_leak), SUBJECT(empty_write),
    SUBJECT(detached_alloc), SUBJECT(size_wraps),
};

/* AddressSanitizer looks at the bytes before a pointer: here they are text, whoever had them before. */
static void prepare(size_t size)
{
    void *blocks[200];
    for (int i = 0; i < 200; i++) {
        blocks[i] = PyMem_Malloc(size);
        if (blocks[i] != NULL)
            memset(blocks[i], 'x', size);
    }
    for (int i = 0; i < 200; i++)
        PyMem_Free(blocks[i]);
}

static PyObject *run(PyObject *self, PyObject *name)
{
    (void)self;
    const char *wanted = PyUnicode_AsUTF8(name);
    prepare(24);
    prepare(32);
    for (size_t i = 0; wanted != NULL && i < sizeof subjects / sizeof *subjects; i++)
        if (strcmp(subjects[i].name, wanted) == 0)
            subjects[i].run();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = { { "run", run, METH_O, NULL }, { NULL, NULL, 0, NULL } };
static struct PyModuleDef module = { PyModuleDef_HEAD_INIT, .m_name = "subjects", .m_size = -1, .m_methods = methods };
PyMODINIT_FUNC PyInit_subjects(void) { return PyModule_Create(&module); }
