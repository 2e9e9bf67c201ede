/*
 * Storing an object. A custodial member sends what she says (Compose) and the node signs it; a
 * member with keys of her own signs here (Put). Both are answered when it is durable.
 */
#include "cmd/app.h"

#include <string.h>

struct slot {
    const struct fora_space_id *space;
    const struct fora_object_id *root;
    const struct fora_object_id *parent;
};

static int not_well_formed(struct app *app, const struct fora_content *content, int error)
{
    return app_fail(app, error == FORA_E_NOMEM ? CMD_EXIT_LOCAL : CMD_EXIT_USAGE,
        "This is not a well-formed %s: %s (%s). Look for control characters, for text that is not "
        "UTF-8, or for something that is too long.",
        fora_kind_name(content->kind), fora_error_text(error), fora_error_name(error));
}

static int compose(struct app *app, const struct slot *slot, struct fora_content *content,
    struct fora_buf *encoded, const struct fora_message **answer)
{
    struct fora_message ask = {.type = FORA_MSG_COMPOSE};
    int error = fora_content_encode_unsalted(encoded, content);
    if (error != 0) {
        return not_well_formed(app, content, error);
    }
    ask.u.compose =
        (struct fora_msg_compose){.kind = content->kind, .content = fora_buf_bytes(encoded)};
    if (slot->space != NULL) {
        ask.u.compose.space = *slot->space;
    }
    if (slot->root != NULL) {
        ask.u.compose.root = *slot->root;
    }
    if (slot->parent != NULL) {
        ask.u.compose.parent = *slot->parent;
    }
    return app_call(app, &ask, FORA_MSG_PUT_RESULT, answer);
}

static struct fora_header header_of(
    const struct app *app, const struct slot *slot, const struct fora_content *content)
{
    struct fora_header header = {
        .kind = content->kind, .author = app->own.member, .created_at = app->now};
    if (slot->space != NULL) {
        header.space = *slot->space;
    }
    if (slot->root != NULL) {
        header.root = *slot->root;
    }
    if (slot->parent != NULL) {
        header.parent = *slot->parent;
    }
    return header;
}

static int put(struct app *app, const struct slot *slot, struct fora_content *content,
    struct fora_buf *encoded, const struct fora_message **answer)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    struct fora_buf object = {0};
    struct fora_header header = header_of(app, slot, content);
    struct fora_salt *salt = fora_content_salt(content);
    if (salt != NULL) {
        fora_salt_random(salt);
    }
    int error = fora_content_encode(encoded, content);
    if (error != 0) {
        return not_well_formed(app, content, error);
    }
    error = fora_object_build(&object, &header, fora_buf_bytes(encoded), app->own.device, NULL);
    int exit;
    if (error != 0) {
        exit = app_fail(app, CMD_EXIT_LOCAL, "It cannot be signed: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    } else {
        struct fora_bytes bytes = fora_buf_bytes(&object);
        ask.u.put = (struct fora_msg_put){.objects = &bytes, .objects_count = 1};
        exit = app_call(app, &ask, FORA_MSG_PUT_RESULT, answer);
    }
    fora_buf_fini(&object);
    return exit;
}

int app_result(
    struct app *app, const struct fora_msg_put_result *put_result, struct fora_object_id *id)
{
    if (put_result->results_count != 1) {
        return app_fail(app, CMD_EXIT_REFUSED, "The node did not say whether it was stored.");
    }
    const struct fora_msg_result *result = &put_result->results[0];
    int code = fora_error_from_wire(result->code);
    app->duplicate = result->duplicate;
    *id = result->id;
    if (code == 0) {
        return CMD_EXIT_OK;
    }
    if (code == FORA_E_KEY && app->has_account && !app->account.self_custody) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "The key that the node keeps for you was revoked: it cannot write in your name any "
            "more (KEY). Write where your own keys are, or bring them here: fora identity import "
            "FILE, then fora login %s --self-custody",
            app->account.handle);
    }
    bool more = result->text.size > 0 &&
                !fora_bytes_equal(result->text, fora_bytes_str(fora_error_text(code)));
    return app_fail(app, app_exit_of(code), "The node refused it: %s%s%.*s (%s)",
        fora_error_text(code), more ? ": " : "", more ? (int)result->text.size : 0,
        more ? (const char *)result->text.data : "", fora_error_name(code));
}

int app_post(struct app *app, const struct fora_space_id *space, const struct fora_object_id *root,
    const struct fora_object_id *parent, struct fora_content *content, struct fora_object_id *id)
{
    struct fora_buf encoded = {0};
    const struct slot slot = {space, root, parent};
    const struct fora_message *answer;
    int exit = app->account.self_custody ? put(app, &slot, content, &encoded, &answer)
                                         : compose(app, &slot, content, &encoded, &answer);
    fora_buf_fini(&encoded);
    return exit == CMD_EXIT_OK ? app_result(app, &answer->u.put_result, id) : exit;
}

/* So that the next command can name it by its beginning. */
static void remember(struct app *app, const struct fora_object_id *id)
{
    struct state_recent recent;
    if (state_recent_load(&app->state, &recent, &app->why) != 0) {
        return;
    }
    struct fora_object_id ids[4096];
    size_t count = 0;
    ids[count++] = *id;
    for (size_t i = 0; i < recent.count && count < 4096; i++) {
        ids[count++] = recent.ids[i];
    }
    if (state_recent_save(&app->state, ids, count, &app->why) != 0) {
        app_note(app, "%s", app->why.text); /* what was asked for is done all the same */
    }
    state_recent_fini(&recent);
}

int app_stored(struct app *app, uint32_t kind, const struct fora_object_id *id, const char *done)
{
    char text[FORA_ID_TEXT_MAX];
    fora_id_format(text, FORA_HRP_OBJECT, id->b);
    remember(app, id);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "id", text);
        js_string(&w, "kind", fora_kind_name(kind));
        js_string(&w, "state", app->duplicate ? "duplicate" : "stored");
        js_id(&w, "node", FORA_HRP_NODE, fora_client_node(app->client)->b);
        return app_json(app, &w, JS_PRETTY);
    }
    if (app->quiet) {
        fora_buf_printf(&app->out, "%s\n", text);
        return CMD_EXIT_OK;
    }
    fora_buf_printf(&app->out, "%s ", done);
    text_painted(&app->out, &app->style, TEXT_BOLD, text);
    fora_buf_append_str(&app->out, "\n");
    if (app->duplicate) {
        fora_buf_append_str(&app->out, "The node had stored the very same before.\n");
    }
    return CMD_EXIT_OK;
}

int app_post_about(struct app *app, const struct app_object *target, struct fora_content *content,
    const char *done)
{
    struct fora_object_id id;
    int exit = app_post(app, &target->space, &target->root, &target->id, content, &id);
    return exit == CMD_EXIT_OK ? app_stored(app, content->kind, &id, done) : exit;
}
