#include "alloc_fail.h"

#include <stddef.h>

/* The one place where a test needs global state: the linker's wraps have no argument for it. */
static _Thread_local bool active;
static _Thread_local bool failed;
static _Thread_local bool once;
static _Thread_local long limit;
static _Thread_local long count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *old, size_t size);

void alloc_fail_at(long n)
{
    limit = n / 2;
    once = n % 2 == 1;
    count = 0;
    failed = false;
    active = true;
}

bool alloc_fail_stop(void)
{
    active = false;
    return failed;
}

long alloc_fail_count(void)
{
    return count;
}

static bool refuse(void)
{
    long at = count;

    if (!active)
        return false;
    count++;
    if (once ? at != limit : at < limit)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t items, size_t size)
{
    return refuse() ? NULL : __real_calloc(items, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refuse() ? NULL : __real_realloc(old, size);
}
