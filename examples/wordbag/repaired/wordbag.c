/* wordbag: splits, folds and counts words.
 *
 * A small extension as such code is usually written. Memory comes from three places: the C library,
 * the PyMem functions and the object allocator. Each block goes back to where it came from. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4

/* Scratch buffers of the text functions. They are short-lived, so they stay off the Python heap. */

#define SCRATCH_FREE(block) free(block)

static void *
scratch_alloc(size_t size)
{
    void *block = malloc(size);
    if (block == NULL)
        PyErr_NoMemory();
    return block;
}

/* WordBag: how many words were added, split at a set of separator characters. */

typedef struct {
    PyObject_HEAD
    char *separators;
    Py_ssize_t total;
} WordBag;

static PyTypeObject WordBag_Type;

static const char *
separators_of(const WordBag *self)
{
    return self->separators != NULL ? self->separators : " ";
}

static char *
copy_bytes(const char *text, Py_ssize_t length)
{
    char *copy = PyMem_Malloc((size_t)length + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, text, (size_t)length);
    copy[length] = '\0';
    return copy;
}

static int
WordBag_init(WordBag *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"separators", NULL};
    const char *separators = " ";
    Py_ssize_t length = 1;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s#", names, &separators, &length))
        return -1;

    char *copy = copy_bytes(separators, length);
    if (copy == NULL)
        return -1;
    PyMem_Free(self->separators);
    self->separators = copy;
    self->total = 0;
    return 0;
}

static void
WordBag_dealloc(WordBag *self)
{
    PyMem_Free(self->separators);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *
WordBag_add(WordBag *self, PyObject *text)
{
    const char *word = PyUnicode_AsUTF8(text), *separators = separators_of(self);
    if (word == NULL)
        return NULL;
    while (*word != '\0') {
        word += strspn(word, separators);
        size_t length = strcspn(word, separators);
        self->total += length > 0;
        word += length;
    }
    return PyLong_FromSsize_t(self->total);
}

static PyObject *
WordBag_get_total(WordBag *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(self->total);
}

static PyMethodDef WordBag_methods[] = {
    {"add", (PyCFunction)WordBag_add, METH_O, "Add the words of a text; return the total."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef WordBag_getset[] = {
    {"total", (getter)WordBag_get_total, NULL, "The number of words added.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject WordBag_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "wordbag.WordBag",
    .tp_doc = "Counts words that are split at a set of separator characters.",
    .tp_basicsize = sizeof(WordBag),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)WordBag_init,
    .tp_dealloc = (destructor)WordBag_dealloc,
    .tp_methods = WordBag_methods,
    .tp_getset = WordBag_getset,
};

/* Module functions. */

static PyObject *
wordbag_merge(PyObject *Py_UNUSED(module), PyObject *args)
{
    WordBag *left, *right, *merged;
    const char *separators;

    if (!PyArg_ParseTuple(args, "O!O!", &WordBag_Type, &left, &WordBag_Type, &right))
        return NULL;

    merged = PyObject_New(WordBag, &WordBag_Type);
    if (merged == NULL)
        return NULL;
    separators = separators_of(left);
    merged->separators = NULL;
    merged->total = left->total + right->total;

    if (strcmp(separators, separators_of(right)) != 0) {
        PyErr_SetString(PyExc_ValueError, "the bags have different separators");
        Py_DECREF(merged);
        return NULL;
    }

    merged->separators = copy_bytes(separators, (Py_ssize_t)strlen(separators));
    if (merged->separators == NULL) {
        Py_DECREF(merged);
        return NULL;
    }
    return (PyObject *)merged;
}

static PyObject *
wordbag_fold(PyObject *Py_UNUSED(module), PyObject *args)
{
    char *text = NULL;

    if (!PyArg_ParseTuple(args, "es", "utf-8", &text))
        return NULL;
    for (char *c = text; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);

    PyObject *folded = PyUnicode_FromString(text);
    PyMem_Free(text);
    return folded;
}

static PyObject *
wordbag_columns(PyObject *Py_UNUSED(module), PyObject *text)
{
    Py_ssize_t length, columns = 0;
    wchar_t *wide = PyUnicode_AsWideCharString(text, &length);
    if (wide == NULL)
        return NULL;

    for (Py_ssize_t i = 0; i < length; i++)
        columns += wide[i] >= 0x1100 ? 2 : 1;
    PyMem_Free(wide);
    return PyLong_FromSsize_t(columns);
}

static PyObject *
wordbag_starts(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *text;
    size_t count = 0, capacity = FIRST_CAPACITY;

    if (!PyArg_ParseTuple(args, "s", &text))
        return NULL;

    Py_ssize_t *starts = PyMem_New(Py_ssize_t, capacity);
    if (starts == NULL)
        return PyErr_NoMemory();

    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ' || (c > text && c[-1] != ' '))
            continue;
        if (count == capacity) {
            Py_ssize_t *grown = PyMem_Realloc(starts, 2 * capacity * sizeof(*starts));
            if (grown == NULL) {
                PyMem_Free(starts);
                return PyErr_NoMemory();
            }
            starts = grown;
            capacity *= 2;
        }
        starts[count++] = c - text;
    }

    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *start = PyLong_FromSsize_t(starts[i]);
        if (start == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, start);
    }
    PyMem_Free(starts);
    return list;
}

static PyObject *
wordbag_repeat(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *word;
    Py_ssize_t length, times;

    if (!PyArg_ParseTuple(args, "s#n", &word, &length, &times))
        return NULL;
    if (times < 0 || (length > 0 && times > PY_SSIZE_T_MAX / length - 1))
        return PyErr_Format(PyExc_ValueError, "cannot repeat %zd times", times);

    char *line = scratch_alloc((size_t)(length * times) + 1);
    if (line == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < times; i++)
        memcpy(line + i * length, word, (size_t)length);

    PyObject *result = PyUnicode_FromStringAndSize(line, length * times);
    SCRATCH_FREE(line);
    return result;
}

static PyObject *
wordbag_longest(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *text, *longest = "";
    Py_ssize_t length;
    char *copy = NULL, *rest;
    PyObject *result = NULL;

    if (!PyArg_ParseTuple(args, "s#", &text, &length))
        goto done;
    copy = copy_bytes(text, length);
    if (copy == NULL)
        goto done;

    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        if (strlen(word) > strlen(longest))
            longest = word;
    if (*longest == '\0') {
        PyErr_SetString(PyExc_ValueError, "no word in the text");
        goto done;
    }
    result = PyUnicode_FromString(longest);

done:
    PyMem_Free(copy);
    return result;
}

static PyObject *
wordbag_letters(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *text;
    Py_ssize_t length, letters = 0;
    int failed = 0;

    if (!PyArg_ParseTuple(args, "s#", &text, &length))
        return NULL;

    Py_BEGIN_ALLOW_THREADS
    char *copy = PyMem_RawMalloc((size_t)length + 1);
    if (copy == NULL) {
        failed = 1;
    }
    else {
        memcpy(copy, text, (size_t)length);
        for (Py_ssize_t i = 0; i < length; i++)
            letters += isalpha((unsigned char)copy[i]) != 0;
        PyMem_RawFree(copy);
    }
    Py_END_ALLOW_THREADS

    if (failed)
        return PyErr_NoMemory();
    return PyLong_FromSsize_t(letters);
}

static PyObject *
wordbag_first_line(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *path;
    char *line = NULL;
    size_t capacity = 0;
    PyObject *result = NULL;

    if (!PyArg_ParseTuple(args, "s", &path))
        return NULL;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);

    ssize_t length = getline(&line, &capacity, file);
    if (length >= 0)
        result = PyUnicode_DecodeUTF8(line, length, "replace");
    else
        PyErr_SetString(PyExc_EOFError, "the file is empty");
    free(line);
    fclose(file);
    return result;
}

static PyObject *
wordbag_count(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *text, *word;
    Py_ssize_t count = 0;

    if (!PyArg_ParseTuple(args, "ss", &text, &word))
        return NULL;
    if (*word == '\0')
        return PyErr_Format(PyExc_ValueError, "empty word");
    while ((text = strstr(text, word)) != NULL) {
        text += strlen(word);
        count++;
    }
    return PyLong_FromSsize_t(count);
}

static PyMethodDef module_methods[] = {
    {"merge", wordbag_merge, METH_VARARGS, "Return a bag with the words of two bags."},
    {"fold", wordbag_fold, METH_VARARGS, "Return a text in lower case."},
    {"columns", wordbag_columns, METH_O, "Return the columns that a text takes on a terminal."},
    {"starts", wordbag_starts, METH_VARARGS, "Return the offsets of the words of a text."},
    {"repeat", wordbag_repeat, METH_VARARGS, "Return a word several times over."},
    {"longest", wordbag_longest, METH_VARARGS, "Return the longest word of a text."},
    {"letters", wordbag_letters, METH_VARARGS, "Return the number of letters of a text."},
    {"first_line", wordbag_first_line, METH_VARARGS, "Return the first line of a file."},
    {"count", wordbag_count, METH_VARARGS, "Return how often a text contains a word."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef wordbag_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "wordbag",
    .m_doc = "Splits, folds and counts words.",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC
PyInit_wordbag(void)
{
    PyObject *module;

    if (PyType_Ready(&WordBag_Type) < 0)
        return NULL;
    module = PyModule_Create(&wordbag_module);
    if (module == NULL)
        return NULL;

    Py_INCREF(&WordBag_Type);
    if (PyModule_AddObject(module, "WordBag", (PyObject *)&WordBag_Type) < 0) {
        Py_DECREF(&WordBag_Type);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
