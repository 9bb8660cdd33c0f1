// Brings an initialized interpreter to the canonical heap: every free block and chunk is handed out, top
// holds nothing but zeros, and a zeroed chunk of 8 KiB lies before it.
#define _GNU_SOURCE
#include <Python.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>
#include "driver.h"

struct pool {
    uint32_t count, padding;
    uintptr_t freeblock, next, previous;
    uint32_t arenaindex, szidx, nextoffset, maxnextoffset;
};

// A full pool that was alone on its list: a further request of the class needs another pool.
static int is_last_block(const struct pool *pool) {
    return pool->freeblock == 0 && pool->nextoffset > pool->maxnextoffset &&
           pool->next == pool->previous;
}

static const struct pool *take_block(size_t size, int has_hooks) {
    size_t extra = has_hooks ? 24 : 0, header = has_hooks ? 16 : 0;
    uintptr_t block = (uintptr_t)PyObject_Malloc(size - extra) - header;
    return (const struct pool *)(block & ~POOL_MASK);
}

static void drain_pymalloc(int has_hooks) {
    for (int pass = 0; pass < 2; pass++)
        for (size_t size = 512; size >= (has_hooks ? 32 : 16); size -= 16)
            while (!is_last_block(take_block(size, has_hooks))) {}
    for (;;) {
        size_t arena_size;
        uintptr_t arena = newest_arena(&arena_size);
        if (arena == 0) return;
        uintptr_t last_pool = ((arena + arena_size) & ~POOL_MASK) - (POOL_MASK + 1);
        const struct pool *pool = take_block(512, has_hooks);
        if ((uintptr_t)pool == last_pool && is_last_block(pool)) return;
    }
}

static uintptr_t drain_ptmalloc(void) {
    const size_t large = (size_t)1 << 20;
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    char *high = malloc(large), *higher = malloc(large);
    if (higher > high) high = higher;
    free(high);
    // Sizes 8 mod 16 reach every chunk size. What lies above everything seen came from top.
    for (size_t size = large - 8; size >= 24; size -= 16) {
        char *block;
        while ((block = malloc(size)) < high) {}
        if (size > 1032) free(block);
        else high = block;
    }
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
    mallopt(M_TOP_PAD, 128 << 10);
    malloc_trim(128 << 10);
    char *filler = malloc(8184);
    memset(filler, 0, 8184);
    char *top = filler + 8176;
    memset(top + 16, 0, (size_t)((char *)sbrk(0) - (top + 16)));
    return (uintptr_t)top;
}

uintptr_t drain(int has_pymalloc, int has_hooks) {
    PyRun_SimpleString("import gc\ngc.collect()\ngc.disable()\n");
    if (has_pymalloc) drain_pymalloc(has_hooks);
    return drain_ptmalloc();
}
