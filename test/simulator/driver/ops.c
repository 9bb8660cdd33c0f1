// Plays the lines of one trace on the allocators of this process.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver.h"

// Since 3.12 the count is not exported.
#if PY_VERSION_HEX < 0x030C0000
extern Py_ssize_t _Py_GetAllocatedBlocks(void);
#else
static Py_ssize_t _Py_GetAllocatedBlocks(void) { _exit(3); }
#endif

enum { MAX_SLOTS = 6000, MAX_TYPES = 256, MAX_WORDS = 8, MAX_STRING = 300000 };

// Types are never readied: the allocators read tp_basicsize and tp_flags alone. 512 bytes apart.
static union { PyTypeObject type; char room[512]; } types[MAX_TYPES] __attribute__((aligned(512)));
static int type_count;

static struct { char name[16]; void *pointer; } slots[MAX_SLOTS];
static int slot_count;
static char string[MAX_STRING];
static PyThreadState *thread_state;

void *type_table(void) { return types; }

static PyTypeObject *type_for(size_t basicsize, int is_gc) {
    for (int i = 0; i < type_count; i++) {
        PyTypeObject *type = &types[i].type;
        int has_gc = (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
        if ((size_t)type->tp_basicsize == basicsize && has_gc == is_gc) return type;
    }
    if (type_count == MAX_TYPES) _exit(4);
    PyTypeObject *type = &types[type_count++].type;
    ((PyObject *)type)->ob_refcnt = 1;
    ((PyObject *)type)->ob_type = &PyType_Type;
    type->tp_name = "driver.object";
    type->tp_basicsize = (Py_ssize_t)basicsize;
    type->tp_flags = Py_TPFLAGS_DEFAULT | (is_gc ? Py_TPFLAGS_HAVE_GC : 0);
    return type;
}

static int split(const char *line, size_t length, char *buffer, size_t room, char **words) {
    if (length >= room) _exit(3);
    memcpy(buffer, line, length);
    buffer[length] = 0;
    int count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(buffer, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        if (*word == '#' || count == MAX_WORDS) break;
        words[count++] = word;
    }
    return count;
}

static uint64_t number(const char *text) {
    return *text == '-' ? (uint64_t)strtoll(text, NULL, 0) : strtoull(text, NULL, 0);
}

static void **slot(const char *name) {
    for (int i = 0; i < slot_count; i++)
        if (!strcmp(slots[i].name, name)) return &slots[i].pointer;
    if (slot_count == MAX_SLOTS || strlen(name) >= sizeof slots[0].name) _exit(4);
    strcpy(slots[slot_count].name, name);
    return &slots[slot_count++].pointer;
}

static void *pointer_of(const char *name) { return strcmp(name, "NULL") ? *slot(name) : NULL; }

static void *duplicate(size_t size) {
    size_t length = size ? size - 1 : 0;
    if (length >= MAX_STRING) _exit(4);
    memset(string, 'S', length);
    string[length] = 0;
    return strdup(string);
}

static void *allocate(const char *api, int count, char **operands) {
    size_t a = number(operands[0]), b = count > 1 ? number(operands[1]) : 1;
    if (!strcmp(api, "malloc")) return malloc(a);
    if (!strcmp(api, "calloc")) return count > 1 ? calloc(a, b) : calloc(1, a);
    if (!strcmp(api, "strdup")) return duplicate(a);
    if (!strcmp(api, "PyMem_RawMalloc")) return PyMem_RawMalloc(a);
    if (!strcmp(api, "PyMem_RawCalloc")) return PyMem_RawCalloc(count > 1 ? a : 1, count > 1 ? b : a);
    if (!strcmp(api, "PyMem_Malloc")) return PyMem_Malloc(a);
    if (!strcmp(api, "PyMem_Calloc")) return PyMem_Calloc(count > 1 ? a : 1, count > 1 ? b : a);
    if (!strcmp(api, "PyObject_Malloc")) return PyObject_Malloc(a);
    if (!strcmp(api, "PyObject_Calloc")) return PyObject_Calloc(count > 1 ? a : 1, count > 1 ? b : a);
    if (!strcmp(api, "PyObject_New")) return _PyObject_New(type_for(a, 0));
    if (!strcmp(api, "PyObject_GC_New")) return _PyObject_GC_New(type_for(a, 1));
    _exit(3);
}

static void *fresh(const char *api, int count, char **operands) {
    for (;;) {
        void *block = allocate(api, count, operands);
        uintptr_t offset = (uintptr_t)block & POOL_MASK;
        if (!block || offset == 48 || offset == 64 || offset == 80) return block;
    }
}

static void *aligned(const char *api, size_t alignment, size_t size) {
    void *block = NULL;
    if (!strcmp(api, "memalign")) return memalign(alignment, size);
    if (!strcmp(api, "aligned_alloc")) return aligned_alloc(alignment, size);
    return posix_memalign(&block, alignment, size) ? NULL : block;
}

static void *assigned(int count, char **words) {
    const char *api = words[0];
    if (count == 3) {
        if (!strcmp(api, "at")) return (char *)pointer_of(words[1]) + (int64_t)number(words[2]);
        if (!strcmp(api, "fresh")) return fresh(words[1], 1, words + 2);
        size_t size = number(words[2]);
        if (strstr(api, "align")) return aligned(api, number(words[1]), size);
        if (!strcmp(api, "realloc")) return realloc(pointer_of(words[1]), size);
        if (!strcmp(api, "PyMem_RawRealloc")) return PyMem_RawRealloc(pointer_of(words[1]), size);
        if (!strcmp(api, "PyMem_Realloc")) return PyMem_Realloc(pointer_of(words[1]), size);
        if (!strcmp(api, "PyObject_Realloc")) return PyObject_Realloc(pointer_of(words[1]), size);
    }
    return allocate(api, count - 1, words + 1);
}

// FNV-1a, 32 bits.
static uint32_t checksum(const unsigned char *bytes, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static void call(int op, const char *name, void *pointer, int count, char **operands) {
    char *at = (char *)pointer + (count > 0 ? (int64_t)number(operands[0]) : 0);
    if (!strcmp(name, "free")) free(pointer);
    else if (!strcmp(name, "PyMem_RawFree")) PyMem_RawFree(pointer);
    else if (!strcmp(name, "PyMem_Free")) PyMem_Free(pointer);
    else if (!strcmp(name, "PyObject_Free")) PyObject_Free(pointer);
    else if (!strcmp(name, "PyObject_Del")) PyObject_Del(pointer);
    else if (!strcmp(name, "PyObject_GC_Del")) PyObject_GC_Del(pointer);
    else if (!strcmp(name, "track")) PyObject_GC_Track(pointer);
    else if (!strcmp(name, "untrack")) PyObject_GC_UnTrack(pointer);
    else if (!strcmp(name, "detach")) thread_state = PyEval_SaveThread();
    else if (!strcmp(name, "attach")) PyEval_RestoreThread(thread_state);
    else if (!strcmp(name, "malloc_trim") && count == 1) malloc_trim(number(operands[0]));
    else if (!strcmp(name, "usable")) log_value(op, VALUE_USABLE, malloc_usable_size(pointer));
    else if (!strcmp(name, "blocks")) log_value(op, VALUE_COUNT, (uint64_t)_Py_GetAllocatedBlocks());
    else if (!strcmp(name, "write") && count == 3) memset(at, (int)number(operands[2]), number(operands[1]));
    else if (!strcmp(name, "poke") && count == 2) {
        uint64_t value = number(operands[1]);
        memcpy(at, &value, sizeof value);
    } else if (!strcmp(name, "peek") && count == 1) {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        log_value(op, VALUE_PEEK, value);
    } else if (!strcmp(name, "sum") && count == 2) {
        log_value(op, VALUE_SUM, checksum((unsigned char *)at, number(operands[1])));
    } else if (!strcmp(name, "asobject") && count >= 1) {
        PyObject *object = pointer;
        PyTypeObject *type = type_for(number(operands[0]), count > 1 && !strcmp(operands[1], "gc"));
        object->ob_refcnt = 1;
        object->ob_type = type;
    } else _exit(3);
}

void play(const char *text, const char *end) {
    int op = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline) newline = end;
        char buffer[256], *words[MAX_WORDS];
        int count = split(text, (size_t)(newline - text), buffer, sizeof buffer, words);
        text = newline + 1;
        if (count == 0) continue;
        trace_log->current_op = op;
        if (count >= 4 && !strcmp(words[1], "=")) {
            void *pointer = assigned(count - 2, words + 2);
            *slot(words[0]) = pointer;
            log_value(op, VALUE_ADDRESS, (uintptr_t)pointer);
        } else {
            void *pointer = count > 1 ? pointer_of(words[1]) : NULL;
            call(op, words[0], pointer, count - 2, words + 2);
        }
        op++;
    }
    trace_log->current_op = op;
}
