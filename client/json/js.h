/*
 * JSON, in and out: the only folder that includes jansson.
 *
 * Writing goes through a builder with a sticky error and a stack of open objects and arrays; ids
 * are written as bech32m, times as RFC 3339. Reading refuses duplicate keys and anything beyond
 * plain JSON; nodes are borrowed from their document.
 */
#ifndef FORA_CLIENT_JS_H
#define FORA_CLIENT_JS_H

#include "fora/id.h"

enum { JS_DEPTH_MAX = 12 };

struct js_writer {
    void *stack[JS_DEPTH_MAX]; /* open containers; [0] is the document, owned */
    size_t depth;
    int error; /* 0, FORA_E_NOMEM, FORA_E_UTF8 or FORA_E_LIMIT */
};

/* Opens the document: an object or an array. */
void js_init_object(struct js_writer *w);
void js_init_array(struct js_writer *w);
void js_fini(struct js_writer *w);
/* Members: `key` is the name in an object, and NULL in an array. */
void js_object(struct js_writer *w, const char *key);
void js_array(struct js_writer *w, const char *key);
void js_end(struct js_writer *w);
void js_text(struct js_writer *w, const char *key, struct fora_bytes text);
void js_string(struct js_writer *w, const char *key, const char *text);
void js_number(struct js_writer *w, const char *key, int64_t value);
/* Values beyond 2^63 - 1 are written as that. */
void js_count(struct js_writer *w, const char *key, uint64_t value);
void js_bool(struct js_writer *w, const char *key, bool value);
void js_null(struct js_writer *w, const char *key);
/* null for an id of zeros. */
void js_id(struct js_writer *w, const char *key, const char *hrp, const uint8_t id[FORA_ID_SIZE]);
/* null for 0. */
void js_time(struct js_writer *w, const char *key, uint64_t ms);
void js_hex(struct js_writer *w, const char *key, struct fora_bytes bytes);

enum js_form {
    JS_PRETTY,   /* indented, with a line feed at the end */
    JS_LINE,     /* one line, with its line feed */
    JS_CANONICAL /* RFC 8785, without one: for keys in ASCII and integers, as this writer has them
                  */
};
/* `ascii` escapes everything else, for terminals. Returns w->error. */
int js_write(
    struct fora_buf *out, const struct js_writer *w, enum js_form form, bool ascii) FORA_MUST_USE;

struct js_document; /* opaque */
struct js_node;     /* opaque; NULL: not there. Every function takes it. */

/* FORA_E_MALFORMED, and in `where` ("line 3: ...", 160 bytes) what is wrong. */
int js_parse(struct js_document **out, struct fora_bytes text, char where[160]) FORA_MUST_USE;
void js_free(struct js_document *document);
const struct js_node *js_root(const struct js_document *document);
const struct js_node *js_member(const struct js_node *node, const char *key);
size_t js_items(const struct js_node *node);
const struct js_node *js_item(const struct js_node *node, size_t index);
/* Empty slice when it is not a string. */
struct fora_bytes js_get_text(const struct js_node *node);
/* The NUL-terminated string, or NULL. */
const char *js_get_string(const struct js_node *node);
bool js_get_bool(const struct js_node *node);
int64_t js_get_number(const struct js_node *node);
/* FORA_E_MALFORMED. */
int js_get_id(const struct js_node *node, const char *hrp, uint8_t id[FORA_ID_SIZE]) FORA_MUST_USE;
int js_get_hex(const struct js_node *node, void *out, size_t size) FORA_MUST_USE;
/* Appends hex of any length. */
int js_get_hex_buf(const struct js_node *node, struct fora_buf *out) FORA_MUST_USE;

#endif
