/* Delivery in words: before posting of a space, afterwards of an object. */
#include "cmd/delivery.h"

#include <string.h>

/* The id of a space is that of an object: the first statement of its policy. */
static struct fora_object_id as_object(const struct fora_space_id *space)
{
    struct fora_object_id id;
    memcpy(id.b, space->b, sizeof id.b);
    return id;
}

static bool is_state(const struct fora_msg_delivery_row *row, const char *state)
{
    return fora_bytes_equal(row->state, fora_bytes_str(state));
}

static const char *hrp_of(bool of_space)
{
    return of_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT;
}

static int show_json(struct app *app, const struct fora_object_id *id, bool of_space,
    const struct fora_msg_delivery *delivery)
{
    struct js_writer w;
    js_init_object(&w);
    js_id(&w, "id", hrp_of(of_space), id->b);
    js_array(&w, "delivery");
    for (size_t i = 0; i < delivery->rows_count; i++) {
        const struct fora_msg_delivery_row *row = &delivery->rows[i];
        js_object(&w, NULL);
        js_id(&w, "node", FORA_HRP_NODE, row->node.b);
        js_text(&w, "name", row->name);
        js_text(&w, "state", row->state);
        if (row->code != 0) {
            js_string(&w, "code", fora_error_name(fora_error_from_wire(row->code)));
        } else {
            js_null(&w, "code");
        }
        js_end(&w);
    }
    js_end(&w);
    return app_json(app, &w, JS_PRETTY);
}

/* "stored at", and what stands after the name. */
static const char *words_of(const struct fora_msg_delivery_row *row, bool of_space)
{
    if (is_state(row, "stored")) {
        return of_space ? "held by" : "stored at";
    }
    if (is_state(row, "refused")) {
        return "refused by";
    }
    return is_state(row, "queued") ? "queued for" : "not seen at";
}

static void write_reason(struct fora_buf *out, const struct fora_msg_delivery_row *row)
{
    if (row->code != 0) {
        int code = fora_error_from_wire(row->code);
        fora_buf_printf(out, ": %s (%s)", fora_error_text(code), fora_error_name(code));
    } else if (is_state(row, "absent")) {
        fora_buf_append_str(out, ", which hosts the space and does not fetch from here now");
    }
}

static void show_text(struct app *app, bool of_space, const struct fora_msg_delivery *delivery)
{
    struct fora_buf *out = &app->out;
    for (size_t i = 0; i < delivery->rows_count; i++) {
        const struct fora_msg_delivery_row *row = &delivery->rows[i];
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_NODE, row->node.b);
        text_painted(out, &app->style,
            is_state(row, "stored")    ? TEXT_GREEN
            : is_state(row, "refused") ? TEXT_RED
                                       : TEXT_YELLOW,
            words_of(row, of_space));
        fora_buf_u8(out, ' ');
        if (row->name.size > 0) {
            text_clean(out, row->name, false);
            fora_buf_append_str(out, ", ");
        }
        fora_buf_append_str(out, id);
        write_reason(out, row);
        fora_buf_u8(out, '\n');
    }
    if (delivery->rows_count == 0) {
        fora_buf_append_str(out, "The node says nothing about where it is.\n");
    }
}

/* A whole id of a space, else an object that was shown, else a space by its short name. */
static int name_it(struct app *app, const char *name, struct fora_object_id *id, bool *of_space)
{
    struct fora_space_id space;
    struct state_recent recent;
    *of_space = strncmp(name, FORA_HRP_SPACE "1", sizeof FORA_HRP_SPACE) == 0;
    if (!*of_space && fora_id_parse(id->b, FORA_HRP_OBJECT, name) != 0 &&
        state_recent_load(&app->state, &recent, &app->why) == 0) {
        *of_space = state_recent_find(&recent, name, id) == FORA_E_NOTFOUND;
        state_recent_fini(&recent);
    }
    if (!*of_space) {
        return app_object_id(app, name, id);
    }
    struct app_spaces spaces;
    const struct app_space *found;
    int exit = app_spaces(app, &spaces);
    if (exit == CMD_EXIT_OK) {
        exit = app_space_find(app, &spaces, name, &found);
        space = exit == CMD_EXIT_OK ? found->id : (struct fora_space_id){{0}};
        *id = as_object(&space);
        app_spaces_fini(&spaces);
    }
    return exit;
}

int delivery_show(struct app *app, const char *name)
{
    struct fora_message ask = {.type = FORA_MSG_GET_DELIVERY};
    const struct fora_message *answer;
    bool of_space;
    int exit = name_it(app, name, &ask.u.get_delivery.id, &of_space);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    struct fora_object_id id = ask.u.get_delivery.id;
    int error = fora_client_call(app->client, &ask, FORA_MSG_DELIVERY, &answer, &app->why);
    if (error == FORA_E_ABSENT) {
        return app_fail(
            app, CMD_EXIT_NOTFOUND, "The node %s does not hold \"%s\".", app->address, name);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    if (app->json) {
        return show_json(app, &id, of_space, &answer->u.delivery);
    }
    show_text(app, of_space, &answer->u.delivery);
    return CMD_EXIT_OK;
}

/* ---- before ---- */

static void foretell_row(
    struct app *app, const struct fora_msg_delivery_row *row, struct fora_buf *help)
{
    struct fora_buf name = {0};
    text_clean(&name, row->name, false);
    if (name.size == 0) {
        app_short_id(&name, FORA_HRP_NODE, row->node.b);
    }
    const char *shown = fora_buf_cstr(&name);
    if (shown != NULL && is_state(row, "refused")) {
        int code = fora_error_from_wire(row->code);
        app_note(app, "The node %s refuses what comes from yours: %s (%s)", shown,
            fora_error_text(code), fora_error_name(code));
    }
    if (shown != NULL && help != NULL) {
        fora_buf_printf(help, "%s%s%s", help->size == 0 ? "It goes to: " : ", ", shown,
            is_state(row, "refused")  ? " (which refuses it at present)"
            : is_state(row, "absent") ? " (when it is there again)"
                                      : "");
    }
    fora_buf_fini(&name);
}

void delivery_foretell(struct app *app, const struct fora_space_id *space, struct fora_buf *help)
{
    struct fora_message ask = {.type = FORA_MSG_GET_DELIVERY};
    const struct fora_message *answer;
    struct fora_client_why ignored;
    ask.u.get_delivery.id = as_object(space);
    if (fora_client_call(app->client, &ask, FORA_MSG_DELIVERY, &answer, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < answer->u.delivery.rows_count; i++) {
        foretell_row(app, &answer->u.delivery.rows[i], help);
    }
    if (help != NULL && help->size > 0) {
        fora_buf_append_str(help, ".\n");
    }
}
