/*
 * Lets the n-th allocation fail. A test links alloc_fail.c (fora_alloc_fail in CMake), which wraps
 * malloc, calloc and realloc at link time:
 *
 *     for (long n = 0;; n++) {
 *         alloc_fail_at(n);
 *         error = the_call();
 *         if (!alloc_fail_stop())     // it needed no more than n allocations
 *             break;
 *         assert_int_equal(error, FORA_E_NOMEM);
 *     }
 *
 * Calls made inside a shared library are not wrapped. One thread only.
 */
#ifndef FORA_TESTS_ALLOC_FAIL_H
#define FORA_TESTS_ALLOC_FAIL_H

#include <stdbool.h>

/* From now on count allocations; the n-th (from 0) fails, and so do all after it. */
void alloc_fail_at(long n);
/* Ends it. True when an allocation did fail. */
bool alloc_fail_stop(void);
/* How many were asked for between the last alloc_fail_at() and alloc_fail_stop(). */
long alloc_fail_count(void);

#endif
