#include "free_watch.h"

#include <malloc.h>
#include <string.h>

/* The linker's wraps have no argument for it. */
static const void *watched;
static size_t watched_size, found;

void __real_free(void *old);
void __wrap_free(void *old);

void free_watch_begin(const void *secret, size_t size)
{
    watched = secret;
    watched_size = size;
    found = 0;
}

size_t free_watch_end(void)
{
    watched = NULL;
    return found;
}

void __wrap_free(void *old)
{
    if (old != NULL && watched != NULL &&
        memmem(old, malloc_usable_size(old), watched, watched_size) != NULL)
        found++;
    __real_free(old);
}
