/*
 * identity: a member's own keys.
 *
 *   { "format": 1, "member": "foram1...", "log": ["hex of an entry", ...],
 *     "keys": { "root": hex, "next_root": hex, "device": hex, "label": "laptop" } }
 *
 * A device that was added to an identity has no "root" and no "next_root".
 *
 * With a passphrase "keys" is replaced by "sealed": { "kdf": "argon2id-moderate", "salt": hex,
 * "box": hex }, where the box is the JSON of "keys" under XChaCha20-Poly1305, bound to the member's
 * id. The log is public and stays readable.
 */
#include "state/state.h"

#include "json/js.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const file = "identity";
static const char *const kdf_name = "argon2id-moderate";

void state_identity_fini(struct state_identity *identity)
{
    fora_secret_free(identity->root);
    fora_secret_free(identity->next_root);
    fora_secret_free(identity->device);
    fora_arena_fini(&identity->arena);
    *identity = (struct state_identity){0};
}

int state_identity_append(struct state_identity *identity, struct fora_bytes entry)
{
    struct fora_bytes *log =
        fora_arena_zalloc(&identity->arena, identity->log_count + 1, sizeof *log);
    if (log == NULL) {
        return FORA_E_NOMEM;
    }
    if (identity->log_count > 0) {
        memcpy(log, identity->log, identity->log_count * sizeof *log);
    }
    log[identity->log_count] = fora_arena_copy(&identity->arena, entry);
    if (log[identity->log_count].data == NULL) {
        return FORA_E_NOMEM;
    }
    identity->log = log;
    identity->log_count++;
    return 0;
}

bool state_identity_exists(const struct state *state)
{
    char path[STATE_PATH_MAX + 16];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/%s", state->home, file);
    return stat(path, &found) == 0;
}

static void wipe_and_free(struct fora_buf *buf)
{
    if (buf->data != NULL) {
        fora_wipe(buf->data, buf->size);
    }
    fora_buf_fini(buf);
}

static int damaged(const struct state *state, const char *what, struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_CORRUPT,
        "%.300s/identity is damaged (%s). Restore it from your copy.", state->home, what);
}

/* Parses the file; the caller frees the document. */
static int open_file(
    const struct state *state, struct js_document **out, struct fora_client_why *why)
{
    struct fora_buf text;
    char where[160];
    fora_buf_init(&text, STATE_FILE_MAX);
    int error = state_read(state, file, true, &text, why);
    if (error == 0 && js_parse(out, fora_buf_bytes(&text), where) != 0) {
        error = damaged(state, where, why);
    } else if (error == 0 && js_get_number(js_member(js_root(*out), "format")) != 1) {
        js_free(*out);
        error = damaged(state, "not of format 1", why);
    }
    wipe_and_free(&text);
    return error;
}

static int read_public(struct state_identity *out, const struct js_node *root)
{
    *out = (struct state_identity){0};
    fora_arena_init(&out->arena, STATE_FILE_MAX);
    int error = js_get_id(js_member(root, "member"), FORA_HRP_MEMBER, out->member.b);
    const struct js_node *log = js_member(root, "log");
    for (size_t i = 0; error == 0 && i < js_items(log); i++) {
        struct fora_buf entry;
        fora_buf_init(&entry, FORA_OBJECT_MAX);
        error = js_get_hex_buf(js_item(log, i), &entry);
        if (error == 0) {
            error = state_identity_append(out, fora_buf_bytes(&entry));
        }
        fora_buf_fini(&entry);
    }
    return error == 0 && out->log_count == 0 ? FORA_E_MALFORMED : error;
}

static int read_secret(struct fora_secret **out, const struct js_node *node)
{
    uint8_t seed[32];
    int error = js_get_hex(node, seed, sizeof seed);
    if (error == 0) {
        error = fora_secret_from_seed(out, seed);
    }
    fora_wipe(seed, sizeof seed);
    return error;
}

static int read_keys(struct state_identity *out, const struct js_node *keys)
{
    const char *label = js_get_string(js_member(keys, "label"));
    const struct js_node *root = js_member(keys, "root");
    const struct js_node *next_root = js_member(keys, "next_root");
    int error = root == NULL ? 0 : read_secret(&out->root, root);
    if (error == 0 && next_root != NULL) {
        error = read_secret(&out->next_root, next_root);
    }
    if (error == 0) {
        error = read_secret(&out->device, js_member(keys, "device"));
    }
    (void)snprintf(out->label, sizeof out->label, "%.64s", label == NULL ? "" : label);
    return error;
}

/* FORA_E_AUTH when the passphrase does not open it. */
static int unseal(
    struct state_identity *out, const struct js_node *sealed, struct fora_bytes passphrase)
{
    uint8_t key[32];
    uint8_t salt[16];
    char where[160];
    struct js_document *document;
    struct fora_buf box = {0};
    struct fora_buf plain = {0};
    const char *kdf = js_get_string(js_member(sealed, "kdf"));
    if (kdf == NULL || strcmp(kdf, kdf_name) != 0) {
        return FORA_E_MALFORMED;
    }
    int error = js_get_hex(js_member(sealed, "salt"), salt, sizeof salt);
    if (error == 0) {
        error = js_get_hex_buf(js_member(sealed, "box"), &box);
    }
    if (error == 0) {
        error = fora_password_key(key, passphrase, salt);
    }
    if (error == 0) {
        error =
            fora_unseal(&plain, key, fora_buf_bytes(&box), fora_bytes(out->member.b, FORA_ID_SIZE));
        error = error == FORA_E_CRYPTO ? FORA_E_AUTH : error;
    }
    if (error == 0) {
        error = js_parse(&document, fora_buf_bytes(&plain), where);
        if (error == 0) {
            error = read_keys(out, js_root(document));
            js_free(document);
        }
    }
    fora_wipe(key, sizeof key);
    wipe_and_free(&plain);
    fora_buf_fini(&box);
    return error;
}

int state_identity_peek(const struct state *state, struct state_identity *out, bool *sealed,
    struct fora_client_why *why)
{
    struct js_document *document;
    int error = open_file(state, &document, why);
    if (error != 0) {
        return error;
    }
    *sealed = js_member(js_root(document), "sealed") != NULL;
    error = out != NULL ? read_public(out, js_root(document)) : 0;
    if (error != 0) {
        state_identity_fini(out);
        error = error == FORA_E_NOMEM ? fora_client_fail(why, error, "There is not enough memory.")
                                      : damaged(state, "member or log is missing", why);
    }
    js_free(document);
    return error;
}

int state_identity_load(const struct state *state, struct fora_bytes passphrase,
    struct state_identity *out, struct fora_client_why *why)
{
    struct js_document *document;
    int error = open_file(state, &document, why);
    if (error != 0) {
        return error;
    }
    const struct js_node *sealed = js_member(js_root(document), "sealed");
    error = read_public(out, js_root(document));
    if (error == 0) {
        error = sealed != NULL ? unseal(out, sealed, passphrase)
                               : read_keys(out, js_member(js_root(document), "keys"));
    }
    js_free(document);
    if (error == 0) {
        return 0;
    }
    state_identity_fini(out);
    if (error == FORA_E_AUTH) {
        return fora_client_fail(
            why, error, "The passphrase does not open %.300s/identity.", state->home);
    }
    if (error == FORA_E_NOMEM) {
        return fora_client_fail(
            why, error, "There is not enough memory (opening the keys takes 256 MiB).");
    }
    return damaged(state, "a key or the log is missing", why);
}

static void write_secret(struct js_writer *w, const char *key, const struct fora_secret *secret)
{
    uint8_t seed[32];
    fora_secret_seed(secret, seed);
    js_hex(w, key, fora_bytes(seed, sizeof seed));
    fora_wipe(seed, sizeof seed);
}

static void write_keys(struct js_writer *w, const struct state_identity *identity)
{
    if (identity->root != NULL) {
        write_secret(w, "root", identity->root);
    }
    if (identity->next_root != NULL) {
        write_secret(w, "next_root", identity->next_root);
    }
    write_secret(w, "device", identity->device);
    js_string(w, "label", identity->label);
}

static int write_sealed(
    struct js_writer *w, const struct state_identity *identity, struct fora_bytes passphrase)
{
    uint8_t key[32];
    uint8_t salt[16];
    struct js_writer inner;
    struct fora_buf plain = {0};
    struct fora_buf box = {0};
    js_init_object(&inner);
    write_keys(&inner, identity);
    int error = js_write(&plain, &inner, JS_LINE, false);
    js_fini(&inner);
    fora_random(salt, sizeof salt);
    if (error == 0) {
        error = fora_password_key(key, passphrase, salt);
    }
    if (error == 0) {
        error = fora_seal(
            &box, key, fora_buf_bytes(&plain), fora_bytes(identity->member.b, FORA_ID_SIZE));
    }
    if (error == 0) {
        js_object(w, "sealed");
        js_string(w, "kdf", kdf_name);
        js_hex(w, "salt", fora_bytes(salt, sizeof salt));
        js_hex(w, "box", fora_buf_bytes(&box));
        js_end(w);
    }
    fora_wipe(key, sizeof key);
    wipe_and_free(&plain);
    fora_buf_fini(&box);
    return error;
}

int state_identity_format(
    struct fora_buf *out, struct fora_bytes passphrase, const struct state_identity *identity)
{
    struct js_writer w;
    int error = 0;
    js_init_object(&w);
    js_number(&w, "format", 1);
    js_id(&w, "member", FORA_HRP_MEMBER, identity->member.b);
    js_array(&w, "log");
    for (size_t i = 0; i < identity->log_count; i++) {
        js_hex(&w, NULL, identity->log[i]);
    }
    js_end(&w);
    if (passphrase.size > 0) {
        error = write_sealed(&w, identity, passphrase);
    } else {
        js_object(&w, "keys");
        write_keys(&w, identity);
        js_end(&w);
    }
    if (error == 0) {
        error = js_write(out, &w, JS_PRETTY, false);
    }
    js_fini(&w);
    return error;
}

int state_identity_parse(
    struct fora_bytes text, struct fora_bytes passphrase, struct state_identity *out, bool *sealed)
{
    struct js_document *document;
    char where[160];
    *out = (struct state_identity){0};
    *sealed = false;
    if (js_parse(&document, text, where) != 0) {
        return FORA_E_CORRUPT;
    }
    const struct js_node *root = js_root(document);
    const struct js_node *box = js_member(root, "sealed");
    int error =
        js_get_number(js_member(root, "format")) == 1 ? read_public(out, root) : FORA_E_MALFORMED;
    *sealed = box != NULL;
    if (error == 0) {
        error = *sealed ? unseal(out, box, passphrase) : read_keys(out, js_member(root, "keys"));
    }
    js_free(document);
    if (error != 0) {
        state_identity_fini(out);
    }
    return error == 0 || error == FORA_E_AUTH || error == FORA_E_NOMEM ? error : FORA_E_CORRUPT;
}

int state_identity_save(const struct state *state, struct fora_bytes passphrase,
    const struct state_identity *identity, struct fora_client_why *why)
{
    struct fora_buf text = {0};
    int error = state_identity_format(&text, passphrase, identity);
    error = error == 0 ? state_write(state, file, fora_buf_bytes(&text), why)
                       : fora_client_fail(
                             why, error, "The keys cannot be written: %s.", fora_error_text(error));
    wipe_and_free(&text);
    return error;
}
