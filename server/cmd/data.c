/* The data folder: forad.conf, keys, store/, admin/. */
#include "cmd/forad.h"
#include "core/meta.h"
#include "maintain/reindex.h"
#include "shell/guard.h"
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_DATA "/var/lib/forad"

int app_data(struct app *app)
{
    const char *environment = getenv("FORAD_DATA");
    const char *dir = cmd_text(&app->line, "data");
    if (dir == NULL && environment != NULL && environment[0] != '\0') {
        dir = environment;
    }
    return state_locate(&app->data, dir == NULL ? DEFAULT_DATA : dir, &app->why) == 0
               ? FORAD_OK
               : app_fail(app, FORAD_USAGE,
                     "The data folder has no name, or a too long one. Give one with --data DIR.");
}

static int no_node(struct app *app, const char *what)
{
    char store[STATE_PATH_MAX + 16];
    (void)snprintf(store, sizeof store, "%s/store", app->data.home);
    if (access(store, F_OK) == 0) { /* a node was here: another one would not be it */
        return app_fail(app, FORAD_NOTFOUND,
            "The node in %.300s is not whole: %s is missing. Restore it from a backup.",
            app->data.home, what);
    }
    return app_fail(app, FORAD_NOTFOUND,
        "There is no node in %.300s: %s is missing. Make one with \"forad init\", or say where it "
        "is with --data DIR or FORAD_DATA.",
        app->data.home, what);
}

int app_settings(struct app *app)
{
    struct fora_buf text;
    char file[STATE_PATH_MAX + 16];
    fora_buf_init(&text, 256 * 1024);
    (void)snprintf(file, sizeof file, "%s/forad.conf", app->data.home);
    int error = state_read(&app->data, "forad.conf", false, &text, &app->why);
    if (error == FORA_E_NOTFOUND) {
        fora_buf_fini(&text);
        return no_node(app, "forad.conf");
    }
    if (error == 0) {
        error = settings_parse(&app->settings, file, fora_buf_bytes(&text), &app->why);
    }
    fora_buf_fini(&text);
    return error == 0 ? FORAD_OK : app_fail_why(app);
}

int app_keys(struct app *app)
{
    int error = keys_load(&app->data, &app->keys, &app->why);
    if (error == FORA_E_NOTFOUND) {
        return no_node(app, "the file keys");
    }
    return error == 0 ? FORAD_OK : app_fail_why(app);
}

static const char *called(const struct app *app)
{
    return app->called != NULL ? app->called : app->data.home;
}

static int check_format(struct app *app, struct kv_txn *txn, enum app_store how)
{
    struct fora_bytes value;
    if (how != APP_STORE_REBUILD && reindex_unfinished(txn)) {
        return app_fail(app, FORAD_DAMAGED,
            "A reindexing of %.300s/store was cut short. Run \"forad reindex\" again first.",
            called(app));
    }
    if (!meta_get(txn, "format", &value) || value.size != 4) {
        return app_fail(app, FORAD_DAMAGED,
            "%.300s/store does not say its format: it is no store of a node, or it is damaged. "
            "Restore a backup.",
            called(app));
    }
    if (key_be32(value.data) != STORE_FORMAT) {
        return app_fail(app, FORAD_LOCAL,
            "%.300s/store has the format %u; this forad (%s) reads the format %u. Use the forad "
            "that wrote it.",
            called(app), (unsigned)key_be32(value.data), forad_program.version,
            (unsigned)STORE_FORMAT);
    }
    return FORAD_OK;
}

/* In a sentence about one path, another one. */
static void call_by(struct fora_buf *why, const char *path, const char *shown)
{
    struct fora_buf other = {0};
    const char *text = why->size > 0 ? fora_buf_cstr(why) : NULL;
    const char *at = text != NULL ? strstr(text, path) : NULL;
    if (at == NULL || strcmp(path, shown) == 0) {
        return;
    }
    fora_buf_append(&other, text, (size_t)(at - text));
    fora_buf_append_str(&other, shown);
    fora_buf_append_str(&other, at + strlen(path));
    fora_buf_fini(why);
    *why = other;
}

static int open_store(struct app *app, enum app_store how, bool *busy)
{
    struct fora_buf why = {0};
    struct kv_txn *txn;
    char path[STATE_PATH_MAX + 8], shown[STATE_PATH_MAX + 8];
    (void)snprintf(path, sizeof path, "%s/store", app->data.home);
    (void)snprintf(shown, sizeof shown, "%.4095s/store", called(app));
    const struct kv_lmdb_options options = {
        .path = path, .read_only = how == APP_STORE_READ, .map_limit = app->settings.map_limit};
    guard_install(shown);
    int error = kv_lmdb_open(&app->kv, &options, store_table_names, STORE_TABLE_COUNT, &why);
    if (error == FORA_E_BUSY && busy != NULL) {
        fora_buf_fini(&why);
        *busy = true;
        return FORAD_OK;
    }
    if (error == 0) {
        error = kv_begin_read(app->kv, &txn);
    }
    if (error != 0) {
        call_by(&why, path, shown);
        return app_fail_room(app, error, &why);
    }
    int exit = check_format(app, txn, how);
    error = kv_txn_error(txn);
    kv_abort(txn);
    fora_buf_fini(&why);
    return error == 0 ? exit : app_fail_room(app, error, &why);
}

int app_store(struct app *app, enum app_store how)
{
    return open_store(app, how, NULL);
}

int app_store_unless_busy(struct app *app, bool *busy)
{
    *busy = false;
    return open_store(app, APP_STORE_WRITE, busy);
}

int app_store_of(struct app *app, enum app_store how)
{
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = app_settings(app);
    }
    return exit == FORAD_OK ? app_store(app, how) : exit;
}
