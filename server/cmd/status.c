/* forad status, forad peers: how the running node is. */
#include "cmd/forad.h"

#include <inttypes.h>
#include <stdio.h>

static int get_status(struct app *app, bool metrics, const struct fora_msg_node_status **out)
{
    struct fora_message ask = {.type = FORA_MSG_GET_STATUS};
    const struct fora_message *answer = NULL;
    ask.u.get_status.metrics = metrics;
    int exit = app_connect(app);
    if (exit == FORAD_OK) {
        exit = app_call(app, &ask, FORA_MSG_NODE_STATUS, &answer);
    }
    *out = exit == FORAD_OK ? &answer->u.node_status : NULL;
    return exit;
}

/* ---- JSON ---- */

static void json_peers(struct js_writer *w, const struct fora_msg_node_status *status)
{
    js_array(w, "peers");
    for (size_t i = 0; i < status->peers_count; i++) {
        const struct fora_msg_peer_row *row = &status->peers[i];
        js_object(w, NULL);
        js_id(w, "node", FORA_HRP_NODE, row->node.b);
        js_text(w, "name", row->name);
        js_text(w, "address", row->address);
        js_text(w, "state", row->state);
        js_count(w, "bytes_in", row->bytes_in);
        js_count(w, "bytes_out", row->bytes_out);
        js_count(w, "objects_in", row->objects_in);
        js_count(w, "objects_out", row->objects_out);
        js_count(w, "refused", row->refused);
        js_count(w, "lag", row->lag);
        js_text(w, "error", row->error);
        js_end(w);
    }
    js_end(w);
}

static void json_subscriptions(struct js_writer *w, const struct fora_msg_node_status *status)
{
    js_array(w, "subscriptions");
    for (size_t i = 0; i < status->subscriptions_count; i++) {
        const struct fora_msg_subscription_row *row = &status->subscriptions[i];
        js_object(w, NULL);
        js_id(w, "space", FORA_HRP_SPACE, row->space.b);
        js_id(w, "node", FORA_HRP_NODE, row->node.b);
        js_text(w, "address", row->address);
        js_count(w, "position", row->position);
        js_count(w, "head", row->head);
        js_bool(w, "caught_up", row->caught_up);
        js_text(w, "error", row->error);
        js_end(w);
    }
    js_end(w);
}

static int status_json(struct app *app, const struct fora_msg_node_status *status)
{
    struct js_writer w;
    js_init_object(&w);
    js_id(&w, "node", FORA_HRP_NODE, status->node.b);
    js_text(&w, "name", status->name);
    js_text(&w, "agent", status->agent);
    js_string(&w, "address", app->address);
    js_count(&w, "uptime_ms", status->uptime);
    js_count(&w, "objects", status->objects);
    js_count(&w, "spaces", status->spaces);
    js_count(&w, "members", status->members);
    js_count(&w, "connections", status->connections);
    js_count(&w, "bytes_stored", status->bytes_stored);
    json_peers(&w, status);
    json_subscriptions(&w, status);
    if (status->metrics.size > 0) {
        js_text(&w, "metrics", status->metrics);
    }
    return app_json(app, &w);
}

/* ---- text ---- */

static void write_bytes(struct fora_buf *out, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    fora_buf_printf(out, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void write_uptime(struct fora_buf *out, uint64_t ms)
{
    uint64_t minutes = ms / 60000;
    if (minutes >= 24 * 60) {
        text_count(out, minutes / (24 * 60), "day", "days");
        fora_buf_append_str(out, ", ");
    }
    if (minutes >= 60) {
        text_count(out, minutes / 60 % 24, "hour", "hours");
        fora_buf_append_str(out, ", ");
    }
    text_count(out, minutes % 60, "minute", "minutes");
}

static void label(struct app *app, const char *name)
{
    fora_buf_append_str(&app->out, "  ");
    text_painted(&app->out, &app->style, TEXT_DIM, name);
}

static void write_subscriptions(struct app *app, const struct fora_msg_node_status *status)
{
    for (size_t i = 0; i < status->subscriptions_count; i++) {
        const struct fora_msg_subscription_row *row = &status->subscriptions[i];
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_SPACE, row->space.b);
        fora_buf_append_str(&app->out, i == 0 ? "\nSubscriptions:\n" : "");
        fora_buf_printf(&app->out, "  %.16s... from ", id);
        text_clean(&app->out, row->address, false);
        if (row->caught_up) {
            fora_buf_append_str(&app->out, ": ");
            text_painted(&app->out, &app->style, TEXT_GREEN, "caught up");
        } else if (row->error.size > 0) {
            fora_buf_append_str(&app->out, ": ");
            text_paint(&app->out, &app->style, TEXT_RED);
            text_clean(&app->out, row->error, false);
            text_paint(&app->out, &app->style, TEXT_RESET);
        } else {
            fora_buf_printf(&app->out, ": at %" PRIu64 " of %" PRIu64, row->position, row->head);
        }
        fora_buf_u8(&app->out, '\n');
    }
}

static int status_text(struct app *app, const struct fora_msg_node_status *status)
{
    struct fora_buf *out = &app->out;
    char id[FORA_ID_TEXT_MAX];
    struct fora_buf name = {0};
    fora_id_format(id, FORA_HRP_NODE, status->node.b);
    text_clean(&name, status->name, false);
    const char *clean = fora_buf_cstr(&name);
    text_painted(out, &app->style, TEXT_BOLD, clean == NULL ? "" : clean);
    fora_buf_printf(out, " is running at %s (", app->address);
    text_clean(out, status->agent, false);
    fora_buf_printf(out, ")\n\n");
    label(app, "node         ");
    fora_buf_printf(out, "%s\n", id);
    label(app, "up for       ");
    write_uptime(out, status->uptime);
    fora_buf_u8(out, '\n');
    label(app, "objects      ");
    fora_buf_printf(out, "%" PRIu64 ", in ", status->objects);
    text_count(out, status->spaces, "space", "spaces");
    fora_buf_u8(out, '\n');
    label(app, "members      ");
    fora_buf_printf(out, "%" PRIu64 "\n", status->members);
    label(app, "store        ");
    write_bytes(out, status->bytes_stored);
    fora_buf_u8(out, '\n');
    label(app, "connections  ");
    fora_buf_printf(out, "%" PRIu64 ", ", status->connections);
    text_count(out, status->peers_count, "peer", "peers");
    fora_buf_u8(out, '\n');
    write_subscriptions(app, status);
    fora_buf_fini(&name);
    return FORAD_OK;
}

int run_status(struct app *app)
{
    const struct fora_msg_node_status *status;
    bool metrics = cmd_flag(&app->line, "metrics");
    int exit = get_status(app, metrics, &status);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (app->json) {
        return status_json(app, status);
    }
    if (metrics) {
        fora_buf_append_bytes(&app->out, status->metrics);
        return FORAD_OK;
    }
    return status_text(app, status);
}

/* ---- peers ---- */

static void peer_cells(struct text_table *table, const struct fora_msg_peer_row *row)
{
    struct fora_buf cells[6];
    const char *texts[6];
    char id[FORA_ID_TEXT_MAX] = "-";
    for (size_t i = 0; i < 6; i++) {
        fora_buf_init(&cells[i], 1024);
    }
    if (!fora_id_is_zero(row->node.b)) {
        fora_id_format(id, FORA_HRP_NODE, row->node.b);
    }
    fora_buf_printf(&cells[0], "%.16s", id);
    fora_buf_append_bytes(&cells[1], row->address.size == 0 ? fora_bytes_str("-") : row->address);
    fora_buf_append_bytes(&cells[2], row->state);
    fora_buf_printf(&cells[3], "%" PRIu64 " / %" PRIu64, row->objects_in, row->objects_out);
    fora_buf_printf(&cells[4], "%" PRIu64, row->lag);
    fora_buf_append_bytes(&cells[5], row->error);
    bool whole = true;
    for (size_t i = 0; i < 6; i++) {
        texts[i] = fora_buf_cstr(&cells[i]);
        whole = whole && texts[i] != NULL;
    }
    if (whole) {
        text_table_row(table, texts);
    } else {
        table->error = FORA_E_NOMEM;
    }
    for (size_t i = 0; i < 6; i++) {
        fora_buf_fini(&cells[i]);
    }
}

int run_peers(struct app *app)
{
    static const struct text_column columns[] = {{.title = "NODE"}, {.title = "ADDRESS"},
        {.title = "STATE"}, {.title = "OBJECTS IN / OUT", .align = TEXT_RIGHT},
        {.title = "LAG", .align = TEXT_RIGHT}, {.title = "TROUBLE", .elastic = true}};
    const struct fora_msg_node_status *status;
    struct text_table table;
    int exit = get_status(app, false, &status);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        json_peers(&w, status);
        json_subscriptions(&w, status);
        return app_json(app, &w);
    }
    if (status->peers_count == 0) {
        app_note(app, "No other node is connected. Fetch a space of one with: forad subscribe "
                      "SPACE HOST:PORT");
        return FORAD_OK;
    }
    text_table_init(&table, columns, sizeof columns / sizeof columns[0], status->peers_count);
    for (size_t i = 0; i < status->peers_count; i++) {
        peer_cells(&table, &status->peers[i]);
    }
    int error = text_table_write(&app->out, &table, &app->style);
    text_table_fini(&table);
    return error == 0 ? FORAD_OK : app_fail_memory(app);
}
