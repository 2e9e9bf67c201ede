/* fora reputation publish: carrying what one earned to the node where one is (ATT-17), or having
 * shown again what was withheld (ATT-14). */
#include "cmd/carry.h"
#include "cmd/commands.h"
#include "cmd/withhold.h"

static int say_json(struct app *app, struct js_writer *w, const struct carry_result *done)
{
    js_end(w); /* claims */
    if (done->stored) {
        js_id(w, "id", FORA_HRP_OBJECT, done->id.b);
    } else {
        js_null(w, "id");
    }
    js_count(w, "objects", done->objects);
    js_count(w, "bytes", done->bytes);
    js_count(w, "left_out", done->left_out);
    return app_json(app, w, JS_PRETTY);
}

static int say(struct app *app, const struct carry_result *done)
{
    struct fora_buf *out = &app->out;
    if (done->claims == 0) {
        fora_buf_append_str(out, "You carry nothing any more.\n");
        return CMD_EXIT_OK;
    }
    fora_buf_printf(out, "You carry %s, %zu bytes with what %s on%s\n",
        done->claims == 1 ? "this" : "these", done->bytes,
        done->claims == 1 ? "it rests" : "they rest", done->stored ? "." : ": so it was already.");
    if (done->left_out > 0) {
        fora_buf_printf(out,
            "%zu that hold%s had no room. \"fora reputation bundle\" takes all of them.\n",
            done->left_out, done->left_out == 1 ? "s" : "");
    }
    return CMD_EXIT_OK;
}

static int publish(struct app *app)
{
    struct js_writer w;
    struct carry_result done;
    struct carry_options options = {.file = cmd_text(&app->line, "bundle"), .say = !app->json};
    int exit = app_connect(app, APP_MEMBER);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    js_init_object(&w);
    js_array(&w, "claims");
    options.list = app->json ? &w : NULL;
    exit = carry_publish(app, &options, &done);
    if (exit == CMD_EXIT_OK && done.claims == 0 && !done.stored) {
        exit = app_fail(app, CMD_EXIT_NOTFOUND,
            "Nothing that holds is attested about you here. Ask a node that knows it with --node, "
            "or give a bundle with --bundle FILE.");
    }
    if (exit == CMD_EXIT_OK && app->json) {
        return say_json(app, &w, &done);
    }
    js_fini(&w);
    return exit == CMD_EXIT_OK ? say(app, &done) : exit;
}

int run_reputation_publish(struct app *app)
{
    bool one = cmd_argument(&app->line, 0) != NULL;
    if (one && cmd_text(&app->line, "bundle") != NULL) {
        return app_fail(app, CMD_EXIT_USAGE,
            "Give an id, to have it shown again, or --bundle FILE, to carry what is in it.");
    }
    return one ? withhold_run(app, false) : publish(app);
}
