/* forad status: how the running node is. */
#include "cmd/peers.h"

#include <inttypes.h>
#include <stdio.h>

int status_get(struct app *app, bool metrics, const struct fora_msg_node_status **out)
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

void status_json_subscriptions(struct js_writer *w, const struct fora_msg_node_status *status)
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
        js_count(w, "rate_per_minute", row->rate);
        js_end(w);
    }
    js_end(w);
}

static int status_json(
    struct app *app, const struct domains *domains, const struct fora_msg_node_status *status)
{
    struct js_writer w;
    bool proven;
    const char *domain = domains_of(app, domains, &status->node, &proven);
    js_init_object(&w);
    js_id(&w, "node", FORA_HRP_NODE, status->node.b);
    js_text(&w, "name", status->name);
    js_text(&w, "agent", status->agent);
    js_string(&w, "domain", domain == NULL ? "" : domain);
    js_bool(&w, "domain_proven", proven);
    js_string(&w, "address", app->address);
    js_count(&w, "uptime_ms", status->uptime);
    js_count(&w, "objects", status->objects);
    js_count(&w, "spaces", status->spaces);
    js_count(&w, "members", status->members);
    js_count(&w, "connections", status->connections);
    js_count(&w, "bytes_stored", status->bytes_stored);
    peers_json(app, &w, domains, status);
    status_json_subscriptions(&w, status);
    if (status->metrics.size > 0) {
        js_text(&w, "metrics", status->metrics);
    }
    return app_json(app, &w);
}

/* ---- text ---- */

void status_write_bytes(struct fora_buf *out, uint64_t bytes)
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

static void write_left(struct fora_buf *out, uint64_t seconds)
{
    if (seconds < 120) {
        text_count(out, seconds, "second", "seconds");
    } else {
        text_count(out, seconds / 60, "minute", "minutes");
    }
}

/* ": at 1500 of 6000 (25 %), 300 a second, about 15 s left" */
static void write_progress(struct fora_buf *out, const struct fora_msg_subscription_row *row)
{
    uint64_t left = row->head > row->position ? row->head - row->position : 0;
    fora_buf_printf(out, ": at %" PRIu64 " of %" PRIu64, row->position, row->head);
    if (row->head > 0 && row->position <= row->head) {
        fora_buf_printf(out, " (%d %%)", (int)((double)row->position * 100 / (double)row->head));
    }
    if (row->rate >= 60 && left > 0) {
        fora_buf_printf(out, ", %" PRIu64 " a second, about ", row->rate / 60);
        write_left(out, left / (row->rate / 60) + 1);
        fora_buf_append_str(out, " left");
    }
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
            write_progress(&app->out, row);
        }
        fora_buf_u8(&app->out, '\n');
    }
}

static uint64_t connected(const struct fora_msg_node_status *status)
{
    uint64_t count = 0;
    for (size_t i = 0; i < status->peers_count; i++) {
        count += fora_bytes_equal(status->peers[i].state, fora_bytes_str("connected"));
    }
    return count;
}

static int status_text(
    struct app *app, const struct domains *domains, const struct fora_msg_node_status *status)
{
    bool proven;
    const char *domain = domains_of(app, domains, &status->node, &proven);
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
    if (domain != NULL) {
        label(app, "domain       ");
        fora_buf_printf(out, "%s, %s\n", domain, proven ? "proven" : "claimed");
    }
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
    status_write_bytes(out, status->bytes_stored);
    fora_buf_u8(out, '\n');
    label(app, "connections  ");
    fora_buf_printf(out, "%" PRIu64 ", ", status->connections);
    text_count(out, connected(status), "peer", "peers");
    fora_buf_u8(out, '\n');
    write_subscriptions(app, status);
    fora_buf_fini(&name);
    return FORAD_OK;
}

int run_status(struct app *app)
{
    const struct fora_msg_node_status *status;
    bool metrics = cmd_flag(&app->line, "metrics");
    int exit = status_get(app, metrics, &status);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (metrics && !app->json) {
        fora_buf_append_bytes(&app->out, status->metrics);
        return FORAD_OK;
    }
    struct domains domains;
    domains_try(app, &domains);
    exit = app->json ? status_json(app, &domains, status) : status_text(app, &domains, status);
    domains_fini(&domains);
    return exit;
}
