/* fora spaces, fora space show. */
#include "cmd/commands.h"
#include "cmd/privileges.h"

#include <inttypes.h>
#include <string.h>

static void principal_json(struct js_writer *w, const char *key, const struct app_space *space,
    const struct fora_principal_id *id)
{
    /* A host is a node; of anybody else a policy does not say what she is. */
    bool node = fora_policy_hosted_by(space->policy, id);
    js_id(w, key, node ? FORA_HRP_NODE : FORA_HRP_MEMBER, id->b);
}

static void head_json(struct js_writer *w, const struct app_space *space)
{
    const struct fora_policy *p = space->policy;
    struct fora_principal_id owner = fora_policy_owner(p);
    js_id(w, "id", FORA_HRP_SPACE, space->id.b);
    js_text(w, "slug", fora_policy_slug(p));
    js_text(w, "name", fora_policy_name(p));
    js_string(w, "kind", fora_space_kind_name(fora_policy_kind(p)));
    js_string(w, "posting", fora_posting_name(fora_policy_posting(p)));
    js_count(w, "objects", space->objects);
    js_count(w, "threads", space->threads);
    js_bool(w, "hosted_here", space->hosted_here);
    principal_json(w, "owner", space, &owner);
}

static int spaces_json(struct app *app, const struct app_spaces *spaces)
{
    struct js_writer w;
    js_init_array(&w);
    for (size_t i = 0; i < spaces->count; i++) {
        js_object(&w, NULL);
        head_json(&w, &spaces->items[i]);
        js_end(&w);
    }
    return app_json(app, &w, JS_PRETTY);
}

static void one_row(struct text_table *table, const struct app *app, const struct app_space *space)
{
    struct fora_buf cells[6] = {{0}};
    const char *texts[6];
    if (app->verbose) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_SPACE, space->id.b);
        fora_buf_append_str(&cells[0], id);
    } else {
        app_short_id(&cells[0], FORA_HRP_SPACE, space->id.b);
    }
    fora_buf_append_bytes(&cells[1], fora_policy_slug(space->policy));
    fora_buf_append_bytes(&cells[2], fora_policy_name(space->policy));
    fora_buf_append_str(&cells[3], fora_space_kind_name(fora_policy_kind(space->policy)));
    fora_buf_printf(&cells[4], "%" PRIu64, space->threads);
    fora_buf_append_str(&cells[5], space->hosted_here ? "here" : "elsewhere");
    for (size_t c = 0; c < 6; c++) {
        texts[c] = fora_buf_cstr(&cells[c]);
        texts[c] = texts[c] == NULL ? "" : texts[c];
    }
    text_table_row(table, texts);
    for (size_t c = 0; c < 6; c++) {
        fora_buf_fini(&cells[c]);
    }
}

static int spaces_table(struct app *app, const struct app_spaces *spaces)
{
    static const struct text_column columns[] = {
        {.title = "ID"},
        {.title = "SHORT NAME", .most = 24},
        {.title = "NAME", .elastic = true, .drop = 1},
        {.title = "KIND", .drop = 4},
        {.title = "THREADS", .align = TEXT_RIGHT, .drop = 2},
        {.title = "HOSTED", .drop = 3},
    };
    struct text_table table;
    text_table_init(&table, columns, 6, spaces->count);
    for (size_t i = 0; i < spaces->count; i++) {
        one_row(&table, app, &spaces->items[i]);
    }
    int error = text_table_write(&app->out, &table, &app->table_style);
    text_table_fini(&table);
    return error == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

int run_spaces(struct app *app)
{
    struct app_spaces spaces;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = app_spaces(app, &spaces);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (app->json) {
        exit = spaces_json(app, &spaces);
    } else if (spaces.count == 0) {
        app_note(app, "The node %s holds no space yet.", app->address);
    } else {
        exit = spaces_table(app, &spaces);
    }
    app_spaces_fini(&spaces);
    return exit;
}

static int grant_json(void *context, const struct fora_principal_id *principal, uint32_t role,
    uint64_t since, uint64_t until)
{
    struct js_writer *w = context;
    js_object(w, NULL);
    js_id(w, "member", FORA_HRP_MEMBER, principal->b);
    js_string(w, "role", fora_role_name(role));
    js_time(w, "since", since);
    js_time(w, "until", until);
    js_end(w);
    return 0;
}

static int space_json(struct app *app, const struct app_space *space)
{
    struct js_writer w;
    size_t count;
    js_init_object(&w);
    head_json(&w, space);
    js_text(&w, "description", fora_policy_description(space->policy));
    js_text(&w, "licence", fora_policy_licence(space->policy));
    const struct fora_host *hosts = fora_policy_hosts(space->policy, &count);
    js_array(&w, "hosts");
    for (size_t i = 0; i < count; i++) {
        js_object(&w, NULL);
        js_id(&w, "node", FORA_HRP_NODE, hosts[i].node.b);
        js_count(&w, "succession", hosts[i].succession);
        js_end(&w);
    }
    js_end(&w);
    const struct fora_product *products = fora_policy_products(space->policy, &count);
    js_array(&w, "products");
    for (size_t i = 0; i < count; i++) {
        js_object(&w, NULL);
        js_text(&w, "name", products[i].name);
        js_text(&w, "latest", products[i].latest);
        js_end(&w);
    }
    js_end(&w);
    privileges_json(&w, space->policy);
    js_array(&w, "grants");
    int error = fora_policy_each_grant(space->policy, grant_json, &w);
    js_end(&w);
    if (error != 0) {
        js_fini(&w);
        return app_fail_memory(app);
    }
    return app_json(app, &w, JS_PRETTY);
}

static int grant_text(void *context, const struct fora_principal_id *principal, uint32_t role,
    uint64_t since, uint64_t until)
{
    struct app *app = context;
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_MEMBER, principal->b);
    fora_buf_printf(&app->out, "  %-10s %s, since ", fora_role_name(role), id);
    text_ago(&app->out, since, app->now);
    if (until != 0) {
        fora_buf_append_str(&app->out, ", until ");
        text_time(&app->out, until);
    }
    fora_buf_u8(&app->out, '\n');
    return 0;
}

static void field(struct app *app, const char *name, struct fora_bytes foreign)
{
    fora_buf_printf(&app->out, "%-12s", name);
    text_clean(&app->out, foreign, false);
    fora_buf_u8(&app->out, '\n');
}

static bool is_named(
    const struct fora_host *hosts, size_t count, const struct fora_principal_id *node)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(hosts[i].node.b, node->b, sizeof node->b) == 0) {
            return true;
        }
    }
    return false;
}

/* POL-10: the owner is a host without being named. */
static void hosts_text(struct fora_buf *out, const struct fora_policy *p)
{
    char id[FORA_ID_TEXT_MAX];
    size_t count;
    const struct fora_host *hosts = fora_policy_hosts(p, &count);
    struct fora_principal_id owner = fora_policy_owner(p);
    fora_buf_append_str(out, "\nHosts:\n");
    if (fora_policy_hosted_by(p, &owner) && !is_named(hosts, count, &owner)) {
        fora_id_format(id, FORA_HRP_NODE, owner.b);
        fora_buf_printf(out, "  %s, the owner\n", id);
    }
    for (size_t i = 0; i < count; i++) {
        fora_id_format(id, FORA_HRP_NODE, hosts[i].node.b);
        fora_buf_printf(out, "  %s", id);
        if (hosts[i].succession > 0) {
            fora_buf_printf(out, ", successor %u", (unsigned)hosts[i].succession);
        }
        fora_buf_u8(out, '\n');
    }
}

static int space_text(struct app *app, const struct app_space *space)
{
    const struct fora_policy *p = space->policy;
    struct fora_buf *out = &app->out;
    char id[FORA_ID_TEXT_MAX];
    size_t count;
    text_paint(out, &app->style, TEXT_BOLD);
    text_clean(out, fora_policy_name(p), false);
    text_paint(out, &app->style, TEXT_RESET);
    fora_buf_u8(out, '\n');
    fora_id_format(id, FORA_HRP_SPACE, space->id.b);
    field(app, "id", fora_bytes_str(id));
    field(app, "short name", fora_policy_slug(p));
    field(app, "kind", fora_bytes_str(fora_space_kind_name(fora_policy_kind(p))));
    field(app, "posting", fora_bytes_str(fora_posting_name(fora_policy_posting(p))));
    if (fora_policy_licence(p).size > 0) {
        field(app, "licence", fora_policy_licence(p));
    }
    fora_buf_printf(out, "%-12s", "holds");
    text_count(out, space->threads, "thread", "threads");
    fora_buf_append_str(out, ", ");
    text_count(out, space->objects, "object", "objects");
    fora_buf_u8(out, '\n');
    const struct fora_product *products = fora_policy_products(p, &count);
    for (size_t i = 0; i < count; i++) {
        fora_buf_printf(out, "%-12s", i == 0 ? "products" : "");
        text_clean(out, products[i].name, false);
        fora_buf_append_str(out, products[i].latest.size > 0 ? ", latest " : "");
        text_clean(out, products[i].latest, false);
        fora_buf_u8(out, '\n');
    }
    if (fora_policy_description(p).size > 0) {
        fora_buf_u8(out, '\n');
        text_markdown(out, &app->style, fora_policy_description(p), 0);
    }
    struct fora_principal_id owner = fora_policy_owner(p);
    fora_id_format(id, fora_policy_hosted_by(p, &owner) ? FORA_HRP_NODE : FORA_HRP_MEMBER, owner.b);
    fora_buf_printf(out, "\nRoles:\n  %-10s %s\n", "owner", id);
    int error = fora_policy_each_grant(p, grant_text, app);
    privileges_text(out, p);
    hosts_text(out, p);
    return error == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

int run_space_show(struct app *app)
{
    struct app_spaces spaces;
    const struct app_space *space;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = app_spaces(app, &spaces);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    exit = app_space_among(app, &spaces, cmd_argument(&app->line, 0), &space);
    if (exit == CMD_EXIT_OK) {
        exit = app->json ? space_json(app, space) : space_text(app, space);
    }
    app_spaces_fini(&spaces);
    return exit;
}
