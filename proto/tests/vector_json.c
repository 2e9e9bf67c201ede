#include "vector_json.h"

#include <stdio.h>
#include <stdlib.h>

void vec_expect(bool good, const char *what, const char *file, int line)
{
    if (good)
        return;
    fprintf(stderr, "%s:%d: not as expected: %s\n", file, line, what);
    exit(1);
}

json_t *vec_hex(const void *data, size_t size)
{
    char *text = malloc(2 * size + 1);
    json_t *string;

    EXPECT(text != NULL);
    fora_hex(text, data, size);
    string = json_string(text);
    free(text);
    EXPECT(string != NULL);
    return string;
}

void vec_set(json_t *object, const char *name, json_t *value)
{
    EXPECT(json_object_set_new(object, name, value) == 0);
}

void vec_push(json_t *list, json_t *value)
{
    EXPECT(json_array_append_new(list, value) == 0);
}

json_t *vec_list(json_t *object, const char *name)
{
    json_t *list = json_array();

    vec_set(object, name, list);
    return list;
}

json_t *vec_case(json_t *cases, const char *name, const char *clause)
{
    json_t *made = json_object();

    vec_push(cases, made);
    vec_set(made, "name", json_string(name));
    vec_set(made, "clause", json_string(clause));
    return made;
}

void vec_step(json_t *list, const struct fora_object *object, int result)
{
    json_t *step = json_object();

    vec_set(step, "object", vec_hex(object->encoded.data, object->encoded.size));
    vec_set(step, "result", json_string(fora_error_name(result)));
    vec_push(list, step);
}

void vec_write(const char *folder, const char *name, json_t *file)
{
    char path[1024];

    EXPECT(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    EXPECT(json_dump_file(file, path, JSON_INDENT(1)) == 0);
    json_decref(file);
}
