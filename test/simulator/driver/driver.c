// A real process under the simulator's op scripts: libpython3.11 and glibc, one forked child per trace, so
// that every trace starts from the same heap and may die in its own way.
//
//   driver pristine|drained [hooks] [malloc] < script
//
//   pristine  the interpreter is never initialized; `hooks` and `malloc` stand for PYTHONMALLOC
//   drained   Py_InitializeEx, then everything free is handed out; PYTHONMALLOC comes from the environment
//
// Reads lines; `@trace` starts a trace. Prints one JSON object with the constants of the process, then one
// per trace.
#define _GNU_SOURCE
#include <Python.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver.h"

enum { SCRIPT_ROOM = 64 << 20, TIME_LIMIT = 10 };

struct trace_log *trace_log;
static struct { uint64_t tcache_key, main_arena, usedpools, arena_index; } *constants;
static char output_buffer[1 << 16], error_buffer[1 << 17];

// Below everything else, so that the area that mmap fills stays as the program would have it.
static void *map_low(uintptr_t address, size_t size) {
    void *block = mmap((void *)address, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (block == MAP_FAILED) _exit(5);
    return block;
}

void log_value(int op, enum value_kind kind, uint64_t value) {
    if (trace_log->count == MAX_VALUES) _exit(4);
    trace_log->values[trace_log->count] = (struct value){op, kind, value};
    trace_log->count++;
}

static void *libc_malloc(void *context, size_t size) {
    (void)context;
    return malloc(size ? size : 1);
}
static void *libc_calloc(void *context, size_t count, size_t size) {
    (void)context;
    return count && size ? calloc(count, size) : calloc(1, 1);
}
static void *libc_realloc(void *context, void *pointer, size_t size) {
    (void)context;
    return realloc(pointer, size ? size : 1);
}
static void libc_free(void *context, void *pointer) {
    (void)context;
    free(pointer);
}

static void replace_pymalloc(void) {
    PyMemAllocatorEx libc = {NULL, libc_malloc, libc_calloc, libc_realloc, libc_free};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &libc);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &libc);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &libc);
}

// A child that is thrown away looks at its own heap.
static void read_constants(int has_pymalloc) {
    pid_t child = fork();
    if (child == 0) {
        uint64_t *small = malloc(24);
        free(small);
        constants->tcache_key = ((volatile uint64_t *)small)[1];
        uint64_t *large = malloc(2000), *guard = malloc(100);
        (void)guard;
        free(large);
        constants->main_arena = *(volatile uint64_t *)large - 96;
        if (has_pymalloc) {
            uint64_t *pool = (uint64_t *)((uintptr_t)PyObject_Malloc(100) & ~POOL_MASK);
            uint32_t szidx = ((uint32_t *)pool)[9];
            constants->arena_index = ((uint32_t *)pool)[8];
            constants->usedpools = pool[2] + 16 - 16 * szidx;
        }
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
}

static void print_maps(void) {
    static char text[1 << 17];
    int maps = open("/proc/self/maps", O_RDONLY);
    size_t length = 0;
    for (ssize_t got; (got = read(maps, text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    close(maps);
    const char *separator = "";
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        unsigned long start, end;
        char permissions[5];
        if (sscanf(line, "%lx-%lx %4s", &start, &end, permissions) != 3) break;
        if (permissions[0] != 'r') continue;
        printf("%s[\"0x%lx\",\"0x%lx\"]", separator, start, end);
        separator = ",";
    }
}

static void print_text(const char *text, size_t length) {
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\' || byte < 32 || byte > 126) printf("\\u%04x", byte);
        else putchar(byte);
    }
    putchar('"');
}

static void print_trace(int status, int error_file) {
    static const char *const kinds[] = {"address", "usable", "peek", "count", "sum", "arena"};
    printf("{\"lastOp\":%d,\"values\":[", trace_log->current_op);
    for (int i = 0; i < trace_log->count; i++) {
        const struct value *value = &trace_log->values[i];
        printf("%s[%d,\"%s\",\"0x%lx\"]", i ? "," : "", value->op, kinds[value->kind], value->value);
    }
    printf("],\"exit\":%d,\"signal\":%d,\"stderr\":", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    ssize_t length = pread(error_file, error_buffer, sizeof error_buffer, 0);
    print_text(error_buffer, length > 0 ? (size_t)length : 0);
    printf("}\n");
    fflush(stdout);
}

static void run_trace(const char *text, const char *end, int error_file) {
    trace_log->current_op = -1;
    trace_log->count = 0;
    if (ftruncate(error_file, 0) != 0) _exit(5);
    lseek(error_file, 0, SEEK_SET);
    pid_t child = fork();
    if (child == 0) {
        dup2(error_file, 2);
        alarm(TIME_LIMIT);
        play(text, end);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    print_trace(status, error_file);
}

static const char *next_trace(const char *text, const char *end) {
    while (text < end && strncmp(text, "@trace", 6)) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        text = newline ? newline + 1 : end;
    }
    return text;
}

int main(int argc, char **argv) {
    uintptr_t heap = (uintptr_t)sbrk(0), top = 0;
    setvbuf(stdout, output_buffer, _IOFBF, sizeof output_buffer);
    trace_log = map_low(0x100000000000, sizeof *trace_log);
    trace_log->current_op = -1;
    constants = map_low(0x110000000000, sizeof *constants);
    char *script = map_low(0x120000000000, SCRIPT_ROOM);
    size_t length = 0;
    for (ssize_t got; length < SCRIPT_ROOM - 1 && (got = read(0, script + length, SCRIPT_ROOM - 1 - length)) > 0;)
        length += (size_t)got;
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    int error_file = memfd_create("stderr", 0);

    int is_drained = argc > 1 && !strcmp(argv[1], "drained"), hooks = 0, libc_only = 0;
    for (int i = 2; i < argc; i++) {
        hooks |= !strcmp(argv[i], "hooks");
        libc_only |= !strcmp(argv[i], "malloc");
    }
    // Room below for the arenas that an initialized interpreter takes for itself.
    install_arena_allocator(is_drained ? 0x7dfff8001000 : 0x7e0000001000);
    if (is_drained) {
        Py_InitializeEx(0);
        top = drain(!libc_only, hooks);
    } else {
        if (libc_only) replace_pymalloc();
        if (hooks) PyMem_SetupDebugHooks();
    }
    mallopt(-5, 0); // No such parameter: initializes malloc and draws the tcache key.
    read_constants(!libc_only);

    printf("{\"glibc\":\"%s\",\"python\":\"%s\",\"heap\":\"0x%lx\",\"brk\":\"0x%lx\",\"top\":\"0x%lx\",",
           gnu_get_libc_version(), PY_VERSION, heap, (uintptr_t)sbrk(0), top);
    printf("\"tcacheKey\":\"0x%lx\",\"mainArena\":\"0x%lx\",\"usedpools\":\"0x%lx\",\"types\":\"0x%lx\",",
           constants->tcache_key, constants->main_arena, constants->usedpools, (uintptr_t)type_table());
    printf("\"arenaIndex\":%lu,\"maps\":[", constants->arena_index);
    print_maps();
    printf("]}\n");
    fflush(stdout);

    const char *end = script + length;
    for (const char *text = next_trace(script, end); text < end;) {
        const char *body = memchr(text, '\n', (size_t)(end - text));
        if (!body) break;
        const char *next = next_trace(body + 1, end);
        run_trace(body + 1, next, error_file);
        text = next;
    }
    return 0;
}
