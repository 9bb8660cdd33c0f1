// pymalloc's arenas at known addresses, 2 MiB apart, and logged.
#define _GNU_SOURCE
#include <Python.h>
#include <sys/mman.h>
#include "driver.h"

enum { MAX_ARENAS = 4096 };
static const size_t stride = (size_t)2 << 20;

static struct { uintptr_t base; size_t size; int is_live; } arenas[MAX_ARENAS];
static int arena_count;
static uintptr_t next_base;

static void *arena_alloc(void *context, size_t size) {
    (void)context;
    void *base = mmap((void *)next_base, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == MAP_FAILED || arena_count == MAX_ARENAS) return NULL;
    next_base += stride;
    arenas[arena_count].base = (uintptr_t)base;
    arenas[arena_count].size = size;
    arenas[arena_count].is_live = 1;
    arena_count++;
    if (trace_log->current_op >= 0) log_value(trace_log->current_op, VALUE_ARENA, (uintptr_t)base);
    return base;
}

static void arena_free(void *context, void *base, size_t size) {
    (void)context;
    for (int i = 0; i < arena_count; i++)
        if (arenas[i].base == (uintptr_t)base) arenas[i].is_live = 0;
    munmap(base, size);
}

void install_arena_allocator(uintptr_t first_base) {
    next_base = first_base;
    PyObjectArenaAllocator allocator = {NULL, arena_alloc, arena_free};
    PyObject_SetArenaAllocator(&allocator);
}

uintptr_t newest_arena(size_t *size) {
    for (int i = arena_count - 1; i >= 0; i--) {
        if (!arenas[i].is_live) continue;
        *size = arenas[i].size;
        return arenas[i].base;
    }
    return 0;
}
