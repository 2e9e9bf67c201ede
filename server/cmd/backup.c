/*
 * forad backup, forad restore.
 *
 * A backup is a folder of the same shape as a data folder, made while the node runs: the store as
 * of one moment, forad.conf, keys, admin/. A restored node gets a new epoch, so that peers which
 * had read beyond that moment begin anew instead of missing what comes next.
 */
#include "cmd/folder.h"
#include "cmd/forad.h"
#include "maintain/reindex.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int say_done(struct app *app, const char *done, const char *where)
{
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "folder", where);
        return app_json(app, &w);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "%s %s\n", done, where);
    }
    return FORAD_OK;
}

/* What a node has beside its store; the files of `from` were checked before. */
static int copy_files(const struct state *from, const struct state *to, struct fora_client_why *why)
{
    struct state source;
    struct state target;
    int error = folder_copy_file(from, "forad.conf", to, why);
    if (error == 0) {
        error = folder_copy_file(from, "keys", to, why);
    }
    if (error == 0) {
        error = folder_make(to, "admin", &target, why);
    }
    if (error != 0) {
        return error;
    }
    (void)snprintf(source.home, sizeof source.home, "%.4000s/admin", from->home);
    return folder_copy_files(&source, &target, why);
}

static int copy_store(struct app *app, const struct state *stage)
{
    struct state target;
    struct fora_buf why = {0};
    if (folder_make(stage, "store", &target, &app->why) != 0) {
        return app_fail_why(app);
    }
    int error = kv_backup(app->kv, target.home, &why);
    if (error != 0) {
        return app_fail_room(app, error, &why);
    }
    fora_buf_fini(&why);
    return FORAD_OK;
}

static int open_all(struct app *app, enum app_store how)
{
    int exit = app_settings(app);
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    return exit == FORAD_OK ? app_store(app, how) : exit;
}

int run_backup(struct app *app)
{
    struct stage stage = {.inside = false};
    struct progress progress = {.doing = "Copying the store"};
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = open_all(app, APP_STORE_READ);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    app_progress(app, &progress, 0, 0);
    if (stage_begin(&stage, cmd_argument(&app->line, 0), &app->why) != 0 ||
        copy_files(&app->data, &stage.stage, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    exit = exit == FORAD_OK ? copy_store(app, &stage.stage) : exit;
    if (exit == FORAD_OK && stage_publish(&stage, "keys", &app->why) != 0) {
        exit = app_fail_why(app);
    }
    app_progress_end(app, &progress);
    if (exit != FORAD_OK) {
        stage_drop(&stage);
        return exit;
    }
    return say_done(app, "Backed up to", stage.target.home);
}

/* ---- restore ---- */

static int new_epoch(struct app *app)
{
    struct kv_txn *txn;
    int error = kv_begin_write(app->kv, &txn);
    if (error == 0) {
        epoch_renew(txn);
        error = kv_commit(txn);
    }
    return error == 0 ? FORAD_OK
                      : app_fail(app, app_exit_of(error),
                            "The restored store cannot be written: %s.", fora_error_text(error));
}

static int fill_stage(struct app *app, const struct state *from, const struct stage *stage)
{
    struct state source;
    struct state target;
    struct state published = app->data;
    if (copy_files(from, &stage->stage, &app->why) != 0 ||
        folder_make(&stage->stage, "store", &target, &app->why) != 0) {
        return app_fail_why(app);
    }
    (void)snprintf(source.home, sizeof source.home, "%.4000s/store", from->home);
    int error = folder_copy_file(&source, "data.mdb", &target, &app->why);
    if (error != 0) {
        return app_fail_why(app);
    }
    /* Opened where it is being built: what does not open is never shown as a node. */
    app->data = stage->stage;
    app->called = from->home;
    int exit = app_store(app, APP_STORE_WRITE);
    app->called = NULL;
    app->data = published;
    return exit == FORAD_OK ? new_epoch(app) : exit;
}

static int check_backup(struct app *app, struct state *from)
{
    struct state published = app->data;
    if (state_locate(from, cmd_argument(&app->line, 0), &app->why) != 0) {
        return app_fail_why(app);
    }
    static const char *const files[] = {"forad.conf", "keys", "store/data.mdb"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char file[STATE_PATH_MAX + 16];
        (void)snprintf(file, sizeof file, "%s/%s", from->home, files[i]);
        if (access(file, F_OK) != 0) {
            return app_fail(app, FORAD_NOTFOUND,
                "%.400s is no backup: %s is missing. Give the folder that \"forad backup\" made.",
                from->home, files[i]);
        }
    }
    app->data = *from;
    int exit = app_settings(app);
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    app->data = published;
    return exit;
}

int run_restore(struct app *app)
{
    struct stage stage = {.inside = false};
    struct state from;
    struct progress progress = {.doing = "Copying the store"};
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = check_backup(app, &from);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    app_progress(app, &progress, 0, 0);
    if (stage_begin(&stage, app->data.home, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    exit = exit == FORAD_OK ? fill_stage(app, &from, &stage) : exit;
    kv_close(app->kv);
    app->kv = NULL;
    if (exit == FORAD_OK && stage_publish(&stage, "keys", &app->why) != 0) {
        exit = app_fail_why(app);
    }
    app_progress_end(app, &progress);
    if (exit != FORAD_OK) {
        stage_drop(&stage);
        return exit;
    }
    return say_done(app, "Restored to", stage.target.home);
}
