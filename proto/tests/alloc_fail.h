/*
 * Lets allocations fail, in two ways by turns: memory that is out from one moment on, and a single
 * refusal after which there is enough again. A test links alloc_fail.c (fora_alloc_fail in CMake),
 * which wraps malloc, calloc and realloc at link time:
 *
 *     for (long n = 0;; n++) {
 *         alloc_fail_at(n);
 *         error = the_call();
 *         if (!alloc_fail_stop())     // it needed no more than n / 2 allocations
 *             break;
 *         assert_int_equal(error, FORA_E_NOMEM);
 *     }
 *
 * Calls made inside a shared library are not wrapped. Each thread has its own: those of others are
 * let through.
 */
#ifndef FORA_TESTS_ALLOC_FAIL_H
#define FORA_TESTS_ALLOC_FAIL_H

#include <stdbool.h>

/* From now on count allocations, from 0. Of an even n number n / 2 fails, and so do all after it;
 * of an odd n number n / 2 alone. */
void alloc_fail_at(long n);
/* Ends it. True when an allocation did fail. */
bool alloc_fail_stop(void);
/* How many were asked for between the last alloc_fail_at() and alloc_fail_stop(). */
long alloc_fail_count(void);

#endif
