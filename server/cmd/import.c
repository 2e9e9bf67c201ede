/*
 * forad import stackexchange: a dump into a space of this node.
 *
 * While the node runs the import goes through it, as its admin; else into the store itself. Which
 * of the two it is, is found out by the store's lock, unless --node says where the node runs.
 */
#include "import/import.h"

#include "cmd/forad.h"
#include "import/html_markdown.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct importing {
    struct app *app;
    struct progress shown;
    const char *phase; /* the last one that was begun; borrowed from the importer */
    struct import_sink sink;
    bool online;
};

/* Where no bar can be drawn, a line for each thing that is begun: for logs. */
static void phase_line(struct importing *importing, const char *doing)
{
    const struct app *app = importing->app;
    if (app->error_terminal || app->quiet ||
        (importing->phase != NULL && strcmp(importing->phase, doing) == 0)) {
        return;
    }
    importing->phase = doing;
    (void)fprintf(stderr, "import: %s\n", doing);
}

static void step(void *context, const char *doing, uint64_t done, uint64_t of)
{
    struct importing *importing = context;
    importing->shown.doing = doing;
    importing->shown.unit = strncmp(doing, "Reading", 7) == 0 ? "bytes" : "";
    phase_line(importing, doing);
    app_progress(importing->app, &importing->shown, done, of);
}

/* ---- through the node, or into the store ---- */

static int open_sink(struct importing *importing)
{
    struct app *app = importing->app;
    int exit = FORAD_OK;
    importing->online = cmd_text(&app->line, "node") != NULL;
    if (!importing->online) {
        exit = app_store_unless_busy(app, &importing->online);
    }
    if (exit == FORAD_OK && importing->online) {
        exit = app_connect(app);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    int error = importing->online ? import_online_new(&importing->sink, app->client)
                                  : import_store_new(&importing->sink, app->kv);
    return error == 0 ? FORAD_OK : app_fail_memory(app);
}

static void close_sink(struct importing *importing)
{
    if (importing->online) {
        import_online_free(&importing->sink);
    } else {
        import_store_free(&importing->sink);
    }
}

/* ---- what came of it ---- */

static void json_counts(struct js_writer *w, const char *key, const struct import_label *labels,
    const uint64_t *counts, size_t count)
{
    js_object(w, key);
    for (size_t i = 0; i < count; i++) {
        js_count(w, labels[i].json, counts[i]);
    }
    js_end(w);
}

static int report_json(struct app *app, const struct import_report *report)
{
    struct js_writer w;
    js_init_object(&w);
    js_id(&w, "space", FORA_HRP_SPACE, report->space.b);
    js_string(&w, "site", report->site);
    js_count(&w, "objects", report->objects);
    js_count(&w, "stored", report->stored);
    js_count(&w, "already", report->already);
    js_count(&w, "refused", report->refused);
    js_count(&w, "milliseconds", (uint64_t)(report->seconds * 1000));
    json_counts(&w, "made", import_made_labels, report->counts.made, IMPORT_MADE_COUNT);
    json_counts(&w, "skipped", import_skip_labels, report->counts.skipped, IMPORT_SKIP_COUNT);
    js_array(&w, "refusals");
    for (uint64_t i = 0; i < report->refused && i < IMPORT_REFUSALS_MAX; i++) {
        js_object(&w, NULL);
        js_string(&w, "source", report->refusals[i].source);
        js_string(&w, "code", fora_error_name(report->refusals[i].code));
        js_end(&w);
    }
    js_end(&w);
    return app_json(app, &w);
}

static void text_counts(struct app *app, const char *heading, const struct import_label *labels,
    const uint64_t *counts, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] != 0) {
            fora_buf_printf(&app->out, "%s  %10" PRIu64 "  %s\n", any ? "" : heading, counts[i],
                labels[i].text);
            any = true;
        }
    }
}

/* What is left out is no matter of being talkative: even who wants to hear nothing hears that. */
static void say_skipped(const struct import_report *report)
{
    uint64_t count = 0;
    for (size_t i = 0; i < IMPORT_SKIP_COUNT; i++) {
        count += report->counts.skipped[i];
    }
    if (count > 0) {
        (void)fprintf(stderr,
            "import: %" PRIu64 " of the dump's rows were left out or changed; without --quiet, or "
            "with --json, it is said which.\n",
            count);
    }
}

static int report_text(struct app *app, const struct import_report *report)
{
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_SPACE, report->space.b);
    if (app->quiet) {
        say_skipped(report);
        return FORAD_OK;
    }
    fora_buf_printf(&app->out,
        "Imported %s into %s in %.1f s: %" PRIu64 " objects, %" PRIu64 " new, %" PRIu64
        " there before.\n",
        report->site, id, report->seconds, report->objects, report->stored, report->already);
    text_counts(
        app, "\nThe dump holds:\n", import_made_labels, report->counts.made, IMPORT_MADE_COUNT);
    text_counts(app, "\nLeft out or changed:\n", import_skip_labels, report->counts.skipped,
        IMPORT_SKIP_COUNT);
    return FORAD_OK;
}

static int say_refused(struct app *app, const struct import_report *report)
{
    if (report->refused == 0) {
        return FORAD_OK;
    }
    return app_fail(app, FORAD_REFUSED,
        "%" PRIu64 " objects were refused, the first is %s (%s). The others are stored.",
        report->refused, report->refusals[0].source, fora_error_name(report->refusals[0].code));
}

/* Of the dump: what is no XML, not UTF-8, larger than anything sound. */
static bool is_damage(int error)
{
    return error == FORA_E_MALFORMED || error == FORA_E_UTF8 || error == FORA_E_TOO_LARGE ||
           error == FORA_E_LIMIT || error == FORA_E_CORRUPT;
}

static int import_dump(struct importing *importing, struct import_report *report)
{
    struct app *app = importing->app;
    struct fora_buf why = {0};
    const struct import_options options = {.folder = cmd_argument(&app->line, 1),
        .site = cmd_text(&app->line, "site"),
        .space = cmd_text(&app->line, "space"),
        .scratch = app->data.home,
        .node = app->keys.node,
        .device = app->keys.device,
        .custody = app->keys.custody,
        .admin = app->admin.member,
        .sink = &importing->sink,
        .threads = app->settings.workers,
        .progress = step,
        .progress_context = importing};
    html_markdown_init();
    int error = import_stackexchange(&options, report, &why);
    app_progress_end(app, &importing->shown);
    if (error != 0) {
        int exit = app_fail_room(app, error, &why);
        return is_damage(error) ? FORAD_DAMAGED : exit;
    }
    fora_buf_fini(&why);
    return FORAD_OK;
}

int run_import(struct app *app)
{
    struct importing importing = {.app = app};
    static const struct import_report nothing;
    struct import_report report = nothing;
    int exit = app_data(app);
    if (exit == FORAD_OK) {
        exit = app_settings(app);
    }
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    if (exit == FORAD_OK) {
        exit = app_admin(app);
    }
    if (exit == FORAD_OK) {
        exit = open_sink(&importing);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    exit = import_dump(&importing, &report);
    close_sink(&importing);
    if (exit == FORAD_OK) {
        exit = app->json ? report_json(app, &report) : report_text(app, &report);
    }
    return exit == FORAD_OK ? say_refused(app, &report) : exit;
}
