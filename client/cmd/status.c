/* fora status: of the connection, of an object's or a space's delivery (delivery.c), and a thread's
 * status set by staff. */
#include "cmd/commands.h"
#include "cmd/delivery.h"

#include <inttypes.h>
#include <string.h>

static int64_t clock_ahead(const struct app *app)
{
    uint64_t node = fora_client_hello(app->client)->now;
    return (int64_t)(app->now - node);
}

static int connection_json(struct app *app)
{
    const struct fora_node_info *info = fora_identity_node(fora_client_node_identity(app->client));
    struct js_writer w;
    js_init_object(&w);
    js_string(&w, "address", app->address);
    js_id(&w, "node", FORA_HRP_NODE, fora_client_node(app->client)->b);
    js_text(&w, "name", info->name);
    js_text(&w, "agent", fora_client_hello(app->client)->agent);
    js_number(&w, "clock_ahead_ms", clock_ahead(app));
    if (app->has_account) {
        js_id(&w, "member", FORA_HRP_MEMBER, app->account.member.b);
        js_string(&w, "member_name", app->name);
        js_string(&w, "handle", app->account.handle);
        js_string(&w, "custody", app->account.self_custody ? "self" : "node");
    } else {
        js_null(&w, "member");
        js_null(&w, "member_name");
        js_null(&w, "handle");
        js_null(&w, "custody");
    }
    js_bool(&w, "admin", app->admin);
    return app_json(app, &w, JS_PRETTY);
}

static int connection_text(struct app *app)
{
    const struct fora_node_info *info = fora_identity_node(fora_client_node_identity(app->client));
    struct fora_buf *out = &app->out;
    char id[FORA_ID_TEXT_MAX];
    int64_t ahead = clock_ahead(app);
    text_paint(out, &app->style, TEXT_BOLD);
    text_clean(out, info->name, false);
    text_paint(out, &app->style, TEXT_RESET);
    fora_buf_printf(out, " at %s, running ", app->address);
    text_clean(out, fora_client_hello(app->client)->agent, false);
    fora_id_format(id, FORA_HRP_NODE, fora_client_node(app->client)->b);
    fora_buf_printf(out, "\n%s\n", id);
    if (ahead > 60000 || ahead < -60000) {
        fora_buf_printf(
            out, "Your clock and the node's differ by %" PRId64 " seconds.\n", ahead / 1000);
    }
    if (!app->has_account) {
        fora_buf_append_str(out, "You are not logged in there.\n");
        return CMD_EXIT_OK;
    }
    fora_id_format(id, FORA_HRP_MEMBER, app->account.member.b);
    fora_buf_printf(
        out, "You are %s there%s\n%s\n", app->account.handle, app->admin ? ", an admin" : "", id);
    return CMD_EXIT_OK;
}

static int set_status(struct app *app, const struct app_object *thread, const char *word)
{
    struct fora_content content = {.kind = FORA_KIND_STATUS};
    const char *note = cmd_text(&app->line, "note");
    const char *version = cmd_text(&app->line, "in-version");
    if (thread->header.kind != FORA_KIND_THREAD) {
        return app_fail(app, CMD_EXIT_USAGE, "Only a thread has a status; this is a %s.",
            fora_kind_name(thread->header.kind));
    }
    content.u.status = (struct fora_status){.status = fora_bytes_str(word),
        .note = fora_bytes_str(note == NULL ? "" : note),
        .version = fora_bytes_str(version == NULL ? "" : version)};
    int exit = app_would_count(app, thread, content.kind, 0);
    return exit == CMD_EXIT_OK ? app_post_about(app, thread, &content, "Status set:") : exit;
}

int run_status(struct app *app)
{
    struct app_object object;
    const char *name = cmd_argument(&app->line, 0);
    const char *word = cmd_argument(&app->line, 1);
    int exit = app_connect(app, word == NULL ? APP_ANYONE : APP_MEMBER);
    if (exit == CMD_EXIT_OK && name == NULL) {
        return app->json ? connection_json(app) : connection_text(app);
    }
    if (exit == CMD_EXIT_OK && word == NULL) {
        return delivery_show(app, name);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, name, &object);
    }
    return exit == CMD_EXIT_OK ? set_status(app, &object, word) : exit;
}
