/* The builder. */
#include "json/js.h"

#include "fora/crypto.h"
#include "text/text.h"

#include <jansson.h>
#include <stdlib.h>

/* Takes over `value`; NULL means that jansson had no memory, or met bytes that are not UTF-8. */
static void put(struct js_writer *w, const char *key, json_t *value, int failure)
{
    if (value == NULL && w->error == 0) {
        w->error = failure;
    }
    if (w->error != 0) {
        json_decref(value);
        return;
    }
    json_t *into = w->stack[w->depth];
    int failed =
        key != NULL ? json_object_set_new(into, key, value) : json_array_append_new(into, value);
    if (failed != 0) {
        w->error = FORA_E_NOMEM;
    }
}

static void init(struct js_writer *w, json_t *document)
{
    *w = (struct js_writer){.error = document == NULL ? FORA_E_NOMEM : 0};
    w->stack[0] = document;
}

void js_init_object(struct js_writer *w)
{
    init(w, json_object());
}

void js_init_array(struct js_writer *w)
{
    init(w, json_array());
}

void js_fini(struct js_writer *w)
{
    json_decref(w->stack[0]);
    *w = (struct js_writer){0};
}

static void open(struct js_writer *w, const char *key, json_t *container)
{
    if (w->depth + 1 >= JS_DEPTH_MAX && w->error == 0) {
        w->error = FORA_E_LIMIT;
    }
    put(w, key, container, FORA_E_NOMEM);
    if (w->error == 0) {
        w->stack[++w->depth] = container; /* borrowed from its parent */
    }
}

void js_object(struct js_writer *w, const char *key)
{
    open(w, key, json_object());
}

void js_array(struct js_writer *w, const char *key)
{
    open(w, key, json_array());
}

void js_end(struct js_writer *w)
{
    if (w->error == 0 && w->depth > 0) {
        w->depth--;
    }
}

void js_text(struct js_writer *w, const char *key, struct fora_bytes text)
{
    put(w, key, json_stringn(text.size == 0 ? "" : (const char *)text.data, text.size),
        FORA_E_UTF8);
}

void js_string(struct js_writer *w, const char *key, const char *text)
{
    js_text(w, key, fora_bytes_str(text));
}

void js_number(struct js_writer *w, const char *key, int64_t value)
{
    put(w, key, json_integer(value), FORA_E_NOMEM);
}

void js_count(struct js_writer *w, const char *key, uint64_t value)
{
    js_number(w, key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void js_bool(struct js_writer *w, const char *key, bool value)
{
    put(w, key, json_boolean(value), FORA_E_NOMEM);
}

void js_null(struct js_writer *w, const char *key)
{
    put(w, key, json_null(), FORA_E_NOMEM);
}

void js_id(struct js_writer *w, const char *key, const char *hrp, const uint8_t id[FORA_ID_SIZE])
{
    char text[FORA_ID_TEXT_MAX];
    if (fora_id_is_zero(id)) {
        js_null(w, key);
        return;
    }
    fora_id_format(text, hrp, id);
    js_string(w, key, text);
}

void js_time(struct js_writer *w, const char *key, uint64_t ms)
{
    struct fora_buf text = {0};
    if (ms == 0) {
        js_null(w, key);
        return;
    }
    text_time(&text, ms);
    put(w, key, text.error == 0 ? json_stringn((const char *)text.data, text.size) : NULL,
        FORA_E_NOMEM);
    fora_buf_fini(&text);
}

void js_hex(struct js_writer *w, const char *key, struct fora_bytes bytes)
{
    char *text = malloc(bytes.size * 2 + 1);
    if (text == NULL) {
        w->error = w->error == 0 ? FORA_E_NOMEM : w->error;
        return;
    }
    fora_hex(text, bytes.data, bytes.size);
    js_string(w, key, text);
    fora_wipe(text, bytes.size * 2);
    free(text);
}

static int append(const char *data, size_t size, void *out)
{
    fora_buf_append(out, data, size);
    return 0;
}

int js_write(struct fora_buf *out, const struct js_writer *w, enum js_form form, bool ascii)
{
    size_t flags = form == JS_PRETTY ? JSON_INDENT(2) : JSON_COMPACT;
    flags |= form == JS_CANONICAL ? JSON_SORT_KEYS : 0;
    if (w->error != 0) {
        return w->error;
    }
    if (json_dump_callback(w->stack[0], append, out, flags | (ascii ? JSON_ENSURE_ASCII : 0)) !=
        0) {
        return FORA_E_NOMEM;
    }
    if (form != JS_CANONICAL) {
        fora_buf_u8(out, '\n');
    }
    return out->error;
}
