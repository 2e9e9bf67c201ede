#include "heap_count.h"

#include <malloc.h>

/* The linker's wraps have no argument for it. */
static size_t live;
static size_t peak;

void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);

size_t heap_live(void)
{
    return live;
}

size_t heap_peak(void)
{
    return peak;
}

void heap_peak_reset(void)
{
    peak = live;
}

/* What came from a shared library is freed here too, so that `live` may be off by that; it must not
 * wrap. */
static void gone(size_t size)
{
    live -= size < live ? size : live;
}

static void *come(void *memory)
{
    live += malloc_usable_size(memory);
    if (live > peak)
        peak = live;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return come(__real_malloc(size));
}

void *__wrap_calloc(size_t items, size_t size)
{
    return come(__real_calloc(items, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    size_t before = malloc_usable_size(old);
    void *memory = __real_realloc(old, size);

    if (memory == NULL)
        return NULL;
    gone(before);
    return come(memory);
}

void __wrap_free(void *old)
{
    gone(malloc_usable_size(old));
    __real_free(old);
}
