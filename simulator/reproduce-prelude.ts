// The C that every reproduction starts with: the heaps by name, objects of any size, the neighbors of a
// block, a watch for blocks that share bytes. Written for any CPython from 3.8 on and any C compiler.

export const PRELUDE = `#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__GNUC__)
#define MAYBE_UNUSED __attribute__((unused))
#else
#define MAYBE_UNUSED
#endif

/* Who serves a block: malloc, PyMem_RawMalloc, PyMem_Malloc, PyObject_Malloc, PyObject_GC_New. */
enum heap { LIBC, RAW, MEM, OBJ, GC };

/* Through a variable, so that no compiler reasons about what follows. */
static void *(*volatile libc_malloc)(size_t) = malloc;
static void *(*volatile libc_calloc)(size_t, size_t) = calloc;
static void *(*volatile libc_realloc)(void *, size_t) = realloc;
static void (*volatile libc_free)(void *) = free;

/* Progress goes to standard output unbuffered: the last line says how far the process came. */
MAYBE_UNUSED static void say(const char *line)
{
    size_t length = strlen(line);
    if (write(STDOUT_FILENO, line, length) != (ssize_t)length)
        _exit(3);
}

static int hooked(void)
{
    const char *mode = getenv("PYTHONMALLOC");
    return mode != NULL && strstr(mode, "debug") != NULL;
}

/* Types of any size, with and without the collector's header. */

static void dealloc(PyObject *self)
{
    if (PyType_IS_GC(Py_TYPE(self)))
        PyObject_GC_Del(self);
    else
        PyObject_Free(self);
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    (void)self, (void)visit, (void)arg;
    return 0;
}

static PyTypeObject types[16];
static int type_count;

static PyTypeObject *type_for(size_t size, int gc)
{
    static const PyTypeObject blank = { PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "repro.Block" };
    PyTypeObject *type = types;
    for (; type < types + type_count; type++)
        if (type->tp_basicsize == (Py_ssize_t)size && PyType_IS_GC(type) == gc)
            return type;
    if (type_count == 16)
        return NULL;
    type_count++;
    *type = blank;
    type->tp_basicsize = (Py_ssize_t)size;
    type->tp_flags = Py_TPFLAGS_DEFAULT | (gc ? Py_TPFLAGS_HAVE_GC : 0);
    type->tp_dealloc = dealloc;
    type->tp_traverse = gc ? traverse : NULL;
    return PyType_Ready(type) == 0 ? type : NULL;
}

MAYBE_UNUSED static void *take_object(enum heap heap, size_t size)
{
    PyTypeObject *type = type_for(size, heap == GC);
    char *object = NULL;
    if (type != NULL)
        object = heap == GC ? (char *)PyObject_GC_New(PyObject, type)
                            : (char *)PyObject_New(PyObject, type);
    if (object != NULL && size > sizeof(PyObject))
        memset(object + sizeof(PyObject), 0, size - sizeof(PyObject));
    return object;
}

MAYBE_UNUSED static void *take(enum heap heap, size_t size, int zeroed)
{
    switch (heap) {
    case LIBC: return zeroed ? libc_calloc(1, size) : libc_malloc(size);
    case RAW: return zeroed ? PyMem_RawCalloc(1, size) : PyMem_RawMalloc(size);
    case MEM: return zeroed ? PyMem_Calloc(1, size) : PyMem_Malloc(size);
    case OBJ: return zeroed ? PyObject_Calloc(1, size) : PyObject_Malloc(size);
    case GC: return take_object(GC, size);
    }
    return NULL;
}

MAYBE_UNUSED static void *resize(enum heap heap, void *block, size_t size)
{
    switch (heap) {
    case LIBC: return libc_realloc(block, size);
    case RAW: return PyMem_RawRealloc(block, size);
    case MEM: return PyMem_Realloc(block, size);
    case OBJ: return PyObject_Realloc(block, size);
    case GC: return NULL;
    }
    return NULL;
}

MAYBE_UNUSED static void give(enum heap heap, void *block)
{
    switch (heap) {
    case LIBC: libc_free(block); break;
    case RAW: PyMem_RawFree(block); break;
    case MEM: PyMem_Free(block); break;
    case OBJ: PyObject_Free(block); break;
    case GC: PyObject_GC_Del(block); break;
    }
}

/* Text that shows whose it is: every word starts with 'a', the rest is the block's letter. */
MAYBE_UNUSED static void fill(void *block, long offset, size_t length, char letter)
{
    volatile char *to = (volatile char *)block + offset;
    size_t index;
    for (index = 0; index < length && index < 65536; index++)
        to[index] = ((uintptr_t)to + index) % 8 == 0 ? 'a' : letter;
}

MAYBE_UNUSED static void look(void *block, long offset, size_t length)
{
    volatile char *from = (volatile char *)block + offset;
    size_t index;
    for (index = 0; index < length && index < 65536; index++)
        (void)from[index];
}

/* Live blocks as the program believes in them. */

static struct { char letter; char *start, *end, *block; } live[64];
static int live_count;

MAYBE_UNUSED static void watch(char letter, enum heap heap, void *block, size_t size)
{
    size_t before = (heap == GC ? 16 : 0) + (heap != LIBC && hooked() ? 16 : 0);
    size_t after = heap != LIBC && hooked() ? 8 : 0;
    char *start = (char *)block - before, *end = (char *)block + size + after;
    int index;
    if (block == NULL || live_count == 64)
        return;
    for (index = 0; index < live_count; index++)
        if (start < live[index].end && live[index].start < end) {
            char line[] = "overlap: ? and ?\\n";
            line[9] = live[index].letter;
            line[15] = letter;
            say(line);
        }
    live[live_count].letter = letter;
    live[live_count].start = start;
    live[live_count].end = end;
    live[live_count++].block = (char *)block;
}

/* The newest of this address and letter. */
MAYBE_UNUSED static void unwatch(char letter, void *block)
{
    int index = live_count;
    while (index-- > 0)
        if (live[index].block == (char *)block && live[index].letter == letter) {
            live[index] = live[--live_count];
            return;
        }
}

/* Earlier blocks of the same kind around the next allocation: what they hold is what a check may read. */

MAYBE_UNUSED static void *neighbor(enum heap heap, int object, size_t size, char letter)
{
    char *block = object ? take_object(heap, size) : take(heap, size, 0);
    size_t header = object ? sizeof(PyObject) : 0;
    if (block == NULL)
        _exit(4);
    fill(block, (long)header, size - header, letter);
    if (heap == LIBC || heap == RAW) {
        size_t tail = size < 8 ? size : 8;
        memset(block + size - tail, 0, tail);
    }
    return block;
}

MAYBE_UNUSED static void surround(enum heap heap, int object, size_t size, size_t full,
                                  const char *letters, void **before, void **after)
{
    int tries = 20000, isClose = 0;
    if (getenv("LD_PRELOAD") != NULL)
        tries = 1; /* A tool's own malloc leaves gaps. */
    while (!isClose && tries-- > 0) {
        char *first = neighbor(heap, object, full, letters[0]);
        char *gap = object ? take_object(heap, size) : take(heap, size, 0);
        char *last = neighbor(heap, object, full, letters[1]);
        isClose = gap > first && last > gap && (size_t)(last - first) < 2 * full + 160;
        if (isClose || tries == 0) {
            give(heap, gap);
            watch(letters[0], heap, first, full);
            watch(letters[1], heap, last, full);
            *before = first;
            *after = last;
        }
    }
    if (!isClose)
        say("setup: no three blocks in a row\\n");
}

/* The last reference to an object is dropped; any other block is released. */
MAYBE_UNUSED static void give_up(enum heap heap, int object, char letter, void *block)
{
    unwatch(letter, block);
    if (object)
        Py_DECREF((PyObject *)block);
    else
        give(heap, block);
}
`;
