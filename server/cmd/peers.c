/*
 * forad peers: the other nodes, and what is decided about them.
 *
 * A node is named by its id, the beginning of its id, its name or its address, as the table shows
 * them; what fits several is refused. Only an id names a node that was never here.
 */
#include "cmd/peers.h"

#include <inttypes.h>
#include <string.h>

/* ---- JSON ---- */

static void json_refusals(struct js_writer *w, const struct fora_msg_peer_row *row)
{
    js_object(w, "refusals");
    for (size_t i = 0; i < row->refusals_count; i++) {
        js_count(w, fora_error_name(fora_error_from_wire(row->refusals[i].code)),
            row->refusals[i].count);
    }
    js_end(w);
}

static void json_peer(const struct app *app, struct js_writer *w, const struct domains *domains,
    const struct fora_msg_peer_row *row)
{
    bool proven;
    const char *domain = domains_of(app, domains, &row->node, &proven);
    js_object(w, NULL);
    js_id(w, "node", FORA_HRP_NODE, row->node.b);
    js_text(w, "name", row->name);
    js_string(w, "domain", domain == NULL ? "" : domain);
    js_bool(w, "domain_proven", proven);
    js_text(w, "address", row->address);
    js_text(w, "direction", row->direction);
    js_text(w, "state", row->state);
    js_text(w, "lane", row->lane);
    js_count(w, "spaces", row->spaces);
    js_count(w, "lag", row->lag);
    js_count(w, "lag_seconds", row->lag_seconds);
    js_count(w, "to_fetch", row->behind);
    js_count(w, "rate_per_minute", row->rate);
    js_count(w, "bytes_in", row->bytes_in);
    js_count(w, "bytes_out", row->bytes_out);
    js_count(w, "objects_in", row->objects_in);
    js_count(w, "objects_out", row->objects_out);
    js_count(w, "accepted", row->accepted);
    js_count(w, "refused", row->refused);
    json_refusals(w, row);
    js_text(w, "health", row->health);
    js_text(w, "why", row->why);
    js_count(w, "next_try_seconds", row->next_try);
    js_time(w, "known_since", row->known_since);
    js_id(w, "introduced_by", FORA_HRP_NODE, row->introduced_by.b);
    js_text(w, "error", row->error);
    js_end(w);
}

void peers_json(struct app *app, struct js_writer *w, const struct domains *domains,
    const struct fora_msg_node_status *status)
{
    js_array(w, "peers");
    for (size_t i = 0; i < status->peers_count; i++) {
        json_peer(app, w, domains, &status->peers[i]);
    }
    js_end(w);
}

/* ---- the table ---- */

enum { SHORT_ID = 14 }; /* foran1 and eight more: enough to name it again */

/* What is left at 80 columns, in a pipe too, is how far a peer is, what it costs and what is wrong.
 */
static const struct text_column columns[] = {
    {.title = "NODE", .elastic = true, .most = 34, .least = 22},
    {.title = "WAY", .drop = 2},
    {.title = "LANE", .drop = 1},
    {.title = "LAG", .align = TEXT_RIGHT},
    {.title = "OBJECTS IN/OUT", .align = TEXT_RIGHT, .drop = 3},
    {.title = "BYTES IN/OUT", .align = TEXT_RIGHT},
    {.title = "REFUSED", .align = TEXT_RIGHT},
    {.title = "HEALTH"},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void cell_node(struct fora_buf *out, const struct fora_msg_peer_row *row)
{
    char id[FORA_ID_TEXT_MAX];
    if (fora_id_is_zero(row->node.b)) {
        fora_buf_append_str(out, "-");
        return;
    }
    fora_id_format(id, FORA_HRP_NODE, row->node.b);
    fora_buf_printf(out, "%.*s", SHORT_ID, id);
    if (row->name.size > 0) {
        fora_buf_append_str(out, " ");
        fora_buf_append_bytes(out, row->name);
    }
}

static void cell_way(struct fora_buf *out, const struct fora_msg_peer_row *row)
{
    if (row->address.size > 0) {
        fora_buf_append_str(out, "to ");
        fora_buf_append_bytes(out, row->address);
    } else {
        fora_buf_append_bytes(out, row->direction.size > 0 ? row->direction : fora_bytes_str("-"));
    }
}

static void cell_lag(struct fora_buf *out, const struct fora_msg_peer_row *row)
{
    fora_buf_printf(out, "%" PRIu64, row->lag);
    if (row->lag_seconds > 0) {
        fora_buf_printf(out, ", %" PRIu64 " s", row->lag_seconds);
    }
}

static void table_row(struct text_table *table, const struct fora_msg_peer_row *row)
{
    struct fora_buf cells[COLUMNS];
    const char *texts[COLUMNS];
    bool whole = true;
    for (size_t i = 0; i < COLUMNS; i++) {
        fora_buf_init(&cells[i], 2048);
    }
    cell_node(&cells[0], row);
    cell_way(&cells[1], row);
    fora_buf_append_bytes(&cells[2], row->lane);
    cell_lag(&cells[3], row);
    fora_buf_printf(&cells[4], "%" PRIu64 "/%" PRIu64, row->objects_in, row->objects_out);
    status_write_bytes(&cells[5], row->bytes_in);
    fora_buf_append_str(&cells[5], "/");
    status_write_bytes(&cells[5], row->bytes_out);
    fora_buf_printf(&cells[6], "%" PRIu64, row->refused);
    fora_buf_append_bytes(&cells[7], row->health);
    for (size_t i = 0; i < COLUMNS; i++) {
        texts[i] = fora_buf_cstr(&cells[i]);
        whole = whole && texts[i] != NULL;
    }
    if (whole) {
        text_table_row(table, texts);
    } else {
        table->error = FORA_E_NOMEM;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        fora_buf_fini(&cells[i]);
    }
}

/* Sentences stand below the table: they are what one came for, and must not be cut. */
static void write_sentence(
    struct app *app, const struct fora_msg_peer_row *row, struct fora_bytes text, bool *any)
{
    struct fora_buf line = {0}, clean = {0};
    cell_node(&line, row);
    fora_buf_append_str(&line, row->address.size > 0 ? " (" : "");
    fora_buf_append_bytes(&line, row->address);
    fora_buf_append_str(&line, row->address.size > 0 ? "): " : ": ");
    fora_buf_append_bytes(&line, text);
    fora_buf_append_str(&app->out, *any ? "" : "\n");
    *any = true;
    text_clean(&clean, fora_buf_bytes(&line), false);
    text_wrap(&app->out, fora_buf_bytes(&clean), "", "    ", app->style.width);
    app->out.error = app->out.error != 0 ? app->out.error : line.error;
    app->out.error = app->out.error != 0 ? app->out.error : clean.error;
    fora_buf_fini(&line);
    fora_buf_fini(&clean);
}

static void write_refusals(struct app *app, const struct fora_msg_peer_row *row, bool *any)
{
    struct fora_buf text = {0};
    for (size_t i = 0; i < row->refusals_count; i++) {
        fora_buf_printf(&text, "%s%" PRIu64 " %s",
            i > 0 ? ", " : "refused of it since the start: ", row->refusals[i].count,
            fora_error_name(fora_error_from_wire(row->refusals[i].code)));
    }
    if (row->refusals_count > 0) {
        write_sentence(app, row, fora_buf_bytes(&text), any);
    }
    app->out.error = app->out.error != 0 ? app->out.error : text.error;
    fora_buf_fini(&text);
}

static void write_reasons(struct app *app, const struct fora_msg_node_status *status)
{
    bool any = false;
    for (size_t i = 0; i < status->peers_count; i++) {
        const struct fora_msg_peer_row *row = &status->peers[i];
        if (row->why.size > 0 && !fora_bytes_equal(row->health, fora_bytes_str("good"))) {
            write_sentence(app, row, row->why, &any);
        }
        write_refusals(app, row, &any);
    }
}

/* A name that anybody may claim is worth a line only with what it is worth. */
static void write_domains(
    struct app *app, const struct domains *domains, const struct fora_msg_node_status *status)
{
    bool any = false, proven;
    for (size_t i = 0; i < status->peers_count; i++) {
        const struct fora_msg_peer_row *row = &status->peers[i];
        const char *domain = domains_of(app, domains, &row->node, &proven);
        char id[FORA_ID_TEXT_MAX];
        if (domain == NULL) {
            continue;
        }
        fora_id_format(id, FORA_HRP_NODE, row->node.b);
        fora_buf_printf(&app->out, "%s%.*s: %s, %s\n", any ? "" : "\n", SHORT_ID, id, domain,
            proven ? "proven" : "claimed");
        any = true;
    }
}

static int peers_text(
    struct app *app, const struct domains *domains, const struct fora_msg_node_status *status)
{
    struct text_table table;
    if (status->peers_count == 0) {
        app_note(app, "No other node is connected. Fetch a space of one with: forad subscribe "
                      "SPACE HOST:PORT");
        return FORAD_OK;
    }
    text_table_init(&table, columns, COLUMNS, status->peers_count);
    for (size_t i = 0; i < status->peers_count; i++) {
        table_row(&table, &status->peers[i]);
    }
    int error = text_table_write(&app->out, &table, &app->style);
    text_table_fini(&table);
    write_domains(app, domains, status);
    write_reasons(app, status);
    return error == 0 ? FORAD_OK : app_fail_memory(app);
}

int run_peers(struct app *app)
{
    const struct fora_msg_node_status *status;
    struct domains domains;
    int exit = status_get(app, false, &status);
    if (exit != FORAD_OK) {
        return exit;
    }
    domains_try(app, &domains);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        peers_json(app, &w, &domains, status);
        status_json_subscriptions(&w, status);
        exit = app_json(app, &w);
    } else {
        exit = peers_text(app, &domains, status);
    }
    domains_fini(&domains);
    return exit;
}

/* ---- decisions ---- */

static bool is_named(const struct fora_msg_peer_row *row, const char *word)
{
    char id[FORA_ID_TEXT_MAX];
    size_t size = strlen(word);
    size_t prefix = strlen(FORA_HRP_NODE) + 1; /* "foran1" */
    if (fora_id_is_zero(row->node.b)) {
        return false;
    }
    fora_id_format(id, FORA_HRP_NODE, row->node.b);
    bool begins = (size > prefix && strncmp(id, word, size) == 0) ||
                  (size >= 4 && strncmp(id + prefix, word, size) == 0);
    return begins || fora_bytes_equal(row->name, fora_bytes_str(word)) ||
           fora_bytes_equal(row->address, fora_bytes_str(word));
}

/* Several connections of one node are one node. */
static int find_node(struct app *app, const char *word, struct fora_principal_id *out)
{
    const struct fora_msg_node_status *status;
    bool found = false;
    if (fora_id_parse(out->b, FORA_HRP_NODE, word) == 0) {
        return app_connect(app);
    }
    int exit = status_get(app, false, &status);
    for (size_t i = 0; exit == FORAD_OK && i < status->peers_count; i++) {
        const struct fora_msg_peer_row *row = &status->peers[i];
        if (!is_named(row, word)) {
            continue;
        }
        if (found && memcmp(out->b, row->node.b, sizeof out->b) != 0) {
            return app_fail(app, FORAD_USAGE,
                "Several nodes fit \"%.100s\". Give more of the id; \"forad peers\" shows them.",
                word);
        }
        *out = row->node;
        found = true;
    }
    if (exit == FORAD_OK && !found) {
        exit = app_fail(app, FORAD_NOTFOUND,
            "No node that \"forad peers\" shows fits \"%.100s\". A node that was never here is "
            "named "
            "by its whole id (foran1...).",
            word);
    }
    return exit;
}

static const struct decided {
    const char *command;
    uint32_t decision;
    const char *done;
} decisions[] = {
    {"peers approve", FORA_PEERING_APPROVE, "Approved: what it brings is taken, without a quota."},
    {"peers refuse", FORA_PEERING_REFUSE,
        "Refused: nothing is taken from it. It may read what is public."},
    {"peers block", FORA_PEERING_BLOCK, "Blocked: it is turned away, and not called."},
    {"peers forget", FORA_PEERING_FORGET, "Forgotten: it is a node like others."},
    {"peers introduce", FORA_PEERING_INTRODUCE,
        "Introduced: this node's peers are told, now and when they connect."},
    {"peers withdraw", FORA_PEERING_WITHDRAW, "Withdrawn: this node's peers are told."},
};

int run_peers_decide(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_PEERING};
    const struct fora_message *answer;
    const struct decided *decided = decisions;
    while (strcmp(decided->command, app->line.command->name) != 0) {
        decided++;
    }
    ask.u.peering.decision = decided->decision;
    int exit = find_node(app, cmd_argument(&app->line, 0), &ask.u.peering.node);
    if (exit == FORAD_OK && memcmp(ask.u.peering.node.b, app->node.b, sizeof app->node.b) == 0) {
        exit = app_fail(app, FORAD_USAGE, "That is this node itself.");
    }
    if (exit == FORAD_OK) {
        exit = app_call(app, &ask, FORA_MSG_OK, &answer);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_bool(&w, "ok", true);
        js_id(&w, "node", FORA_HRP_NODE, ask.u.peering.node.b);
        return app_json(app, &w);
    }
    if (!app->quiet) {
        fora_buf_printf(&app->out, "%s\n", decided->done);
    }
    return FORAD_OK;
}
