/* Reading: documents of our own making, which a person or a broken disk may have changed. */
#include "json/js.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Documents and nodes are jansson's values under names that the compiler tells apart. */
static const json_t *value(const struct js_node *node)
{
    return (const json_t *)node;
}

static const struct js_node *wrap(const json_t *json)
{
    return (const struct js_node *)json;
}

int js_parse(struct js_document **out, struct fora_bytes text, char where[160])
{
    json_error_t error;
    json_t *json = json_loadb(
        text.size == 0 ? "" : (const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        (void)snprintf(where, 160, "line %d: %.120s", error.line, error.text);
        return FORA_E_MALFORMED;
    }
    *out = (struct js_document *)json;
    return 0;
}

void js_free(struct js_document *document)
{
    json_decref((json_t *)document);
}

const struct js_node *js_root(const struct js_document *document)
{
    return wrap((const json_t *)document);
}

const struct js_node *js_member(const struct js_node *node, const char *key)
{
    return wrap(json_object_get(value(node), key));
}

size_t js_items(const struct js_node *node)
{
    return json_array_size(value(node));
}

const struct js_node *js_item(const struct js_node *node, size_t index)
{
    return wrap(json_array_get(value(node), index));
}

struct fora_bytes js_get_text(const struct js_node *node)
{
    return fora_bytes(json_string_value(value(node)), json_string_length(value(node)));
}

const char *js_get_string(const struct js_node *node)
{
    return json_string_value(value(node));
}

bool js_get_bool(const struct js_node *node)
{
    return json_is_true(value(node));
}

int64_t js_get_number(const struct js_node *node)
{
    return json_integer_value(value(node));
}

int js_get_id(const struct js_node *node, const char *hrp, uint8_t id[FORA_ID_SIZE])
{
    const char *text = js_get_string(node);
    return text == NULL ? FORA_E_MALFORMED : fora_id_parse(id, hrp, text);
}

int js_get_hex(const struct js_node *node, void *out, size_t size)
{
    const char *text = js_get_string(node);
    return text == NULL ? FORA_E_MALFORMED : fora_unhex(out, size, text);
}

int js_get_hex_buf(const struct js_node *node, struct fora_buf *out)
{
    const char *text = js_get_string(node);
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size % 2 != 0) {
        return FORA_E_MALFORMED;
    }
    uint8_t *into = fora_buf_extend(out, size / 2);
    return into == NULL ? out->error : fora_unhex(into, size / 2, text);
}
