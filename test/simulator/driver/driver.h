// Shared by the parts of the driver: a real process (libpython and glibc) that plays op scripts. Nothing
// here may call malloc on its own account: the heap under test is this process's heap.
#ifndef DRIVER_H
#define DRIVER_H
#include <stddef.h>
#include <stdint.h>

enum { MAX_VALUES = 8192 };

enum value_kind { VALUE_ADDRESS, VALUE_USABLE, VALUE_PEEK, VALUE_COUNT, VALUE_SUM, VALUE_ARENA };

struct value {
    int32_t op;
    int32_t kind;
    uint64_t value;
};

// Written by the child that plays a trace, read by the parent once the child is gone.
struct trace_log {
    volatile int32_t current_op;
    volatile int32_t count;
    struct value values[MAX_VALUES];
};

extern struct trace_log *trace_log;

void log_value(int op, enum value_kind kind, uint64_t value);

// ops.c: plays the lines from `text` to `end`; exits with 3 on a line it does not know.
void play(const char *text, const char *end);
void *type_table(void);

// arena.c: pymalloc's arenas go to known addresses.
void install_arena_allocator(uintptr_t first_base);
uintptr_t newest_arena(size_t *size);

// drain.c: hands out everything that is free, so that the next request meets a known heap.
// Returns the address of ptmalloc's top chunk.
uintptr_t drain(int has_pymalloc, int has_hooks);

// Python.h comes first in every file that needs it.
#if PY_VERSION_HEX >= 0x030A0000
#define POOL_MASK ((uintptr_t)0x3fff)
#else
#define POOL_MASK ((uintptr_t)0xfff)
#endif
#endif
