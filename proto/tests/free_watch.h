/*
 * Looks into what is given back to the heap: a test that names fora_free_watch in LIBS sees whether
 * a secret was left there. One thread.
 */
#ifndef FORA_TESTS_FREE_WATCH_H
#define FORA_TESTS_FREE_WATCH_H

#include <stddef.h>

/* From now on; `secret` is borrowed until the end, and lies in no block of the heap. */
void free_watch_begin(const void *secret, size_t size);
/* How many of the blocks that were freed since held it. */
size_t free_watch_end(void);

#endif
