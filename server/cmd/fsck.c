/* forad fsck: what is stored against itself. */
#include "cmd/forad.h"
#include "cmd/work.h"
#include "maintain/fsck.h"

#include <inttypes.h>

enum { FINDINGS_SHOWN_MAX = 1000 };

struct checking {
    struct app *app;
    struct js_writer w;
    uint64_t count;
};

/* One at a time, says fsck.h. */
static void found(void *context, const char *table, const char *text)
{
    struct checking *checking = context;
    struct app *app = checking->app;
    if (++checking->count > FINDINGS_SHOWN_MAX) {
        return;
    }
    if (app->json) {
        js_object(&checking->w, NULL);
        js_string(&checking->w, "table", table);
        js_string(&checking->w, "text", text);
        js_end(&checking->w);
        return;
    }
    text_painted(&app->out, &app->style, TEXT_RED, table);
    fora_buf_append_str(&app->out, ": ");
    text_clean(&app->out, fora_bytes_str(text), false);
    fora_buf_append_str(&app->out, ".\n");
}

static const struct {
    const char *name;
    size_t at;
} counts[] = {
#define COUNT(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct fsck_result, name)                                                  \
    }
    COUNT(objects), COUNT(verified), COUNT(withheld), COUNT(sets), COUNT(items), COUNT(nodes),
    COUNT(log), COUNT(children), COUNT(authors), COUNT(slots), COUNT(flags), COUNT(mentions),
    COUNT(erased), COUNT(rows), COUNT(orders), COUNT(rows_behind)
#undef COUNT
};

static uint64_t count_at(const struct fsck_result *result, size_t i)
{
    return *(const uint64_t *)(const void *)((const char *)result + counts[i].at);
}

static int say_json(struct checking *checking, const struct fsck_result *result)
{
    struct js_writer *w = &checking->w;
    js_end(w);
    js_count(w, "count", checking->count);
    js_object(w, "looked_at");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        js_count(w, counts[i].name, count_at(result, i));
    }
    js_end(w);
    return app_json(checking->app, w);
}

static void say_text(struct checking *checking, const struct fsck_result *result)
{
    struct app *app = checking->app;
    if (checking->count > FINDINGS_SHOWN_MAX) {
        fora_buf_printf(
            &app->out, "... and %" PRIu64 " more\n", checking->count - FINDINGS_SHOWN_MAX);
    }
    if (app->quiet) {
        return;
    }
    fora_buf_append_str(&app->out, "Looked at ");
    text_count(&app->out, result->objects, "object", "objects");
    fora_buf_printf(&app->out, " (signatures verified: %" PRIu64 ") in ", result->verified);
    text_count(&app->out, result->sets, "set", "sets");
    fora_buf_append_str(&app->out, ", at ");
    text_count(&app->out, result->rows, "row of a list", "rows of lists");
    fora_buf_append_str(&app->out, " and at every index.\n");
    if (result->withheld > 0) {
        text_count(&app->out, result->withheld, "object is", "objects are");
        fora_buf_append_str(&app->out, " here without content, and nothing here erased it.\n");
    }
    if (checking->count == 0) {
        text_painted(&app->out, &app->style, TEXT_GREEN, "All is as it should be.");
        fora_buf_u8(&app->out, '\n');
    }
}

static int check(struct checking *checking, struct fsck_result *result)
{
    struct work work;
    struct app *app = checking->app;
    work_begin(&work, app, "Checking", "objects");
    const struct fsck fsck = {.verify = !cmd_flag(&app->line, "fast"),
        .progress = &work.progress,
        .found = found,
        .context = checking};
    int error = fsck_run(app->kv, &fsck, result);
    work_end(&work);
    return error == 0 ? FORAD_OK : work_failed(&work, error, "The store cannot be checked");
}

int run_fsck(struct app *app)
{
    struct checking checking = {.app = app};
    struct fsck_result result = {0};
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit != FORAD_OK) {
        return exit;
    }
    js_init_object(&checking.w);
    js_array(&checking.w, "findings");
    exit = check(&checking, &result);
    if (exit == FORAD_OK && app->json) {
        exit = say_json(&checking, &result);
    } else {
        js_fini(&checking.w);
    }
    if (exit == FORAD_OK && !app->json) {
        say_text(&checking, &result);
    }
    if (exit != FORAD_OK || checking.count == 0) {
        return exit;
    }
    return app_fail(app, FORAD_DAMAGED,
        "The store is damaged: %" PRIu64 " findings. What is derived is made anew by \"forad "
        "reindex\"; damaged objects are fetched again from a node that has them, or come from a "
        "backup.",
        checking.count);
}
