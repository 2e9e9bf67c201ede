/* The key file. */
#include "config/keys.h"

#include <string.h>

static const char *const file = "keys";
static const char *const version = "forad keys 1";

enum { KEYS_FILE_MAX = 16384 };

/* The secrets are locked where they lie; those of struct fora_secret lie locked already. */
static void keys_clear(struct keys *out)
{
    *out = (struct keys){0};
    fora_lock(out->noise, sizeof out->noise);
    fora_lock(out->custody, sizeof out->custody);
}

int keys_new(struct keys *out)
{
    keys_clear(out);
    int error = fora_secret_new(&out->root);
    if (error == 0) {
        error = fora_secret_new(&out->next_root);
    }
    if (error == 0) {
        error = fora_secret_new(&out->device);
    }
    fora_random(out->noise, sizeof out->noise);
    fora_random(out->custody, sizeof out->custody);
    if (error != 0) {
        keys_fini(out);
    }
    return error;
}

void keys_fini(struct keys *keys)
{
    fora_secret_free(keys->root);
    fora_secret_free(keys->next_root);
    fora_secret_free(keys->device);
    fora_unlock(keys->noise, sizeof keys->noise);
    fora_unlock(keys->custody, sizeof keys->custody);
    fora_wipe(keys, sizeof *keys);
}

static void forget(struct fora_buf *text)
{
    if (text->data != NULL) {
        fora_wipe(text->data, text->room);
    }
    fora_buf_fini(text);
}

/* ---- reading ---- */

enum field { NODE, ROOT, NEXT_ROOT, DEVICE, NOISE, CUSTODY, FIELDS };
static const char *const fields[FIELDS] = {
    "node", "root", "next-root", "device", "noise", "custody"};

struct reading {
    const struct state *data;
    struct fora_client_why *why;
    struct keys *out;
    unsigned line;
    bool seen[FIELDS];
};

static int damaged(const struct reading *reading, const char *what)
{
    return fora_client_fail(reading->why, FORA_E_CORRUPT,
        "%.300s/keys, line %u: %s. Restore the file from a backup.", reading->data->home,
        reading->line, what);
}

static int read_value(struct reading *reading, enum field field, const char *text)
{
    struct keys *out = reading->out;
    uint8_t bytes[32];
    int error = field == NODE ? fora_id_parse(out->node.b, FORA_HRP_NODE, text)
                              : fora_unhex(bytes, sizeof bytes, text);
    if (error != 0) {
        return damaged(reading, field == NODE ? "this is not the id of a node (foran1...)"
                                              : "this is not 32 bytes in hex");
    }
    switch (field) {
    case ROOT:
        error = fora_secret_from_seed(&out->root, bytes);
        break;
    case NEXT_ROOT:
        error = fora_secret_from_seed(&out->next_root, bytes);
        break;
    case DEVICE:
        error = fora_secret_from_seed(&out->device, bytes);
        break;
    case NOISE:
        memcpy(out->noise, bytes, sizeof bytes);
        break;
    case CUSTODY:
        memcpy(out->custody, bytes, sizeof bytes);
        break;
    case NODE:
    case FIELDS:
        break;
    }
    fora_wipe(bytes, sizeof bytes);
    return error == 0 ? 0 : fora_client_fail(reading->why, error, "There is not enough memory.");
}

static int read_line(struct reading *reading, char *line)
{
    if (reading->line == 1) {
        return strcmp(line, version) == 0
                   ? 0
                   : damaged(reading, "the first line must be \"forad keys 1\"");
    }
    if (line[0] == '\0' || line[0] == '#') {
        return 0;
    }
    size_t size = strcspn(line, " ");
    for (int field = 0; field < FIELDS; field++) {
        if (strlen(fields[field]) != size || memcmp(fields[field], line, size) != 0) {
            continue;
        }
        if (reading->seen[field]) {
            return damaged(reading, "this key is there twice");
        }
        reading->seen[field] = true;
        return read_value(reading, (enum field)field, line + size + (line[size] == ' '));
    }
    return damaged(reading, "this is not a key of a node");
}

static int read_lines(struct reading *reading, char *text)
{
    int error = 0;
    while (error == 0 && text != NULL) {
        char *end = strchr(text, '\n');
        if (end != NULL) {
            *end = '\0';
        } else if (*text == '\0') {
            break;
        }
        reading->line++;
        error = read_line(reading, text);
        text = end == NULL ? NULL : end + 1;
    }
    for (int field = 0; error == 0 && field < FIELDS; field++) {
        if (!reading->seen[field]) {
            error = fora_client_fail(reading->why, FORA_E_CORRUPT,
                "%.300s/keys: the line of \"%s\" is missing. Restore the file from a backup.",
                reading->data->home, fields[field]);
        }
    }
    return error;
}

int keys_load(const struct state *data, struct keys *out, struct fora_client_why *why)
{
    struct fora_buf text;
    struct reading reading = {.data = data, .why = why, .out = out};
    keys_clear(out);
    fora_buf_init(&text, KEYS_FILE_MAX);
    /* Growing would leave copies of the keys behind. */
    int error = fora_buf_extend(&text, KEYS_FILE_MAX) != NULL ? 0 : FORA_E_NOMEM;
    fora_buf_clear(&text);
    if (error == 0) {
        error = state_read(data, file, true, &text, why);
    } else {
        (void)fora_client_fail(why, error, "There is not enough memory.");
    }
    if (error == FORA_E_NOTFOUND) {
        (void)fora_client_fail(why, error,
            "There is no node in %.300s: the file keys is missing. Make a node with: forad init",
            data->home);
    } else if (error == 0 && text.size == 0) {
        error = fora_client_fail(why, FORA_E_CORRUPT,
            "%.300s/keys is empty. Restore the file from a backup.", data->home);
    } else if (error == 0 && memchr(text.data, '\0', text.size) != NULL) {
        error = fora_client_fail(why, FORA_E_CORRUPT,
            "%.300s/keys is not a text. Restore the file from a backup.", data->home);
    } else if (error == 0) {
        text.data[text.size] = '\0'; /* the room is larger than any file that was read */
        error = read_lines(&reading, (char *)text.data);
    }
    forget(&text);
    if (error != 0) {
        keys_fini(out);
    }
    return error;
}

/* ---- writing ---- */

static void write_bytes(struct fora_buf *out, enum field field, const uint8_t bytes[32])
{
    char hex[65];
    fora_hex(hex, bytes, 32);
    fora_buf_printf(out, "%s %s\n", fields[field], hex);
    fora_wipe(hex, sizeof hex);
}

static void write_secret(struct fora_buf *out, enum field field, const struct fora_secret *secret)
{
    uint8_t seed[32];
    fora_secret_seed(secret, seed);
    write_bytes(out, field, seed);
    fora_wipe(seed, sizeof seed);
}

int keys_save_as(const struct state *data, const char *name, const struct keys *keys,
    struct fora_client_why *why)
{
    char id[FORA_ID_TEXT_MAX];
    struct fora_buf text;
    fora_buf_init(&text, KEYS_FILE_MAX);
    (void)fora_buf_extend(&text, KEYS_FILE_MAX);
    fora_buf_clear(&text);
    fora_id_format(id, FORA_HRP_NODE, keys->node.b);
    fora_buf_printf(&text,
        "%s\n# Who can read this file can speak for the node and for the members whose keys it "
        "keeps.\n# Keep a copy in a safe place: without it nobody can.\n%s %s\n",
        version, fields[NODE], id);
    write_secret(&text, ROOT, keys->root);
    write_secret(&text, NEXT_ROOT, keys->next_root);
    write_secret(&text, DEVICE, keys->device);
    write_bytes(&text, NOISE, keys->noise);
    write_bytes(&text, CUSTODY, keys->custody);
    int error = text.error == 0 ? state_write(data, name, fora_buf_bytes(&text), why)
                                : fora_client_fail(why, text.error, "There is not enough memory.");
    forget(&text);
    return error;
}

int keys_save(const struct state *data, const struct keys *keys, struct fora_client_why *why)
{
    return keys_save_as(data, file, keys, why);
}
