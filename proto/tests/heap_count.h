/*
 * Counts the bytes that are allocated: wraps malloc, calloc, realloc and free at link time
 * (fora_heap_count in CMake). Calls made inside a shared library are not seen, nor what libsodium
 * maps for secrets. One thread only.
 */
#ifndef FORA_TESTS_HEAP_COUNT_H
#define FORA_TESTS_HEAP_COUNT_H

#include <stddef.h>

size_t heap_live(void); /* bytes allocated now */
size_t heap_peak(void); /* the most since heap_peak_reset() */
void heap_peak_reset(void);

#endif
