#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *load_file(const char *path)
{
    json_error_t problem;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);

    if (json == NULL)
        fail_msg("%s:%d: %s", path, problem.line, problem.text);
    return json;
}

json_t *vectors_load(const char *name)
{
    const char *folder = getenv("FORA_DATA");
    char path[4096];

    if (folder == NULL)
        skip();
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (access(path, R_OK) != 0) {
        print_message("no %s\n", path);
        skip();
    }
    return load_file(path);
}

json_t *vectors_of_spec(const char *name)
{
    const char *folder = getenv("FORA_SPEC");
    char path[4096];

    if (folder == NULL)
        skip();
    snprintf(path, sizeof(path), "%s/vectors/%s", folder, name);
    return load_file(path);
}

const char *vectors_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    if (text == NULL)
        fail_msg("no string \"%s\"", member);
    return text;
}

struct fora_bytes vectors_hex(struct fora_buf *out, const json_t *object, const char *member)
{
    const char *text = vectors_text(object, member);
    size_t size = strlen(text) / 2;
    uint8_t *bytes = fora_buf_extend(out, size);

    assert_non_null(bytes);
    if (fora_unhex(bytes, size, text) != 0)
        fail_msg("\"%s\" is not hex: %s", member, text);
    return fora_bytes(bytes, size);
}

void vectors_hex_exact(void *out, size_t size, const json_t *object, const char *member)
{
    const char *text = vectors_text(object, member);

    if (fora_unhex(out, size, text) != 0)
        fail_msg("\"%s\" is not %zu bytes of hex: %s", member, size, text);
}
