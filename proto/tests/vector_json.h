/*
 * For the programs that write the vectors of the specification. What is not as expected ends the
 * program with its place, before anything is written.
 */
#ifndef FORA_TESTS_VECTOR_JSON_H
#define FORA_TESTS_VECTOR_JSON_H

#include "fora/object.h"

#include <jansson.h>

#define EXPECT(condition) vec_expect((condition), #condition, __FILE__, __LINE__)
void vec_expect(bool good, const char *what, const char *file, int line);

json_t *vec_hex(const void *data, size_t size);
/* `value` is taken over. */
void vec_set(json_t *object, const char *name, json_t *value);
void vec_push(json_t *list, json_t *value);
/* A new list as member of an object, borrowed. */
json_t *vec_list(json_t *object, const char *name);
/* A new case at the end of a list, borrowed. */
json_t *vec_case(json_t *cases, const char *name, const char *clause);
/* {object, result}: an object, and the name of what the library said of it. */
void vec_step(json_t *list, const struct fora_object *object, int result);
/* Writes FOLDER/NAME, and frees `file`. */
void vec_write(const char *folder, const char *name, json_t *file);

#endif
