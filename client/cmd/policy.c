/* Spaces made and changed: policy statements. */
#include "cmd/commands.h"
#include "cmd/space_name.h"

#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_MAX = 64, PRIVILEGES_MAX = 16 };

static int posting_of(const char *word)
{
    return strcmp(word, "staff") == 0     ? FORA_POSTING_STAFF
           : strcmp(word, "members") == 0 ? FORA_POSTING_MEMBERS
                                          : FORA_POSTING_ANYONE;
}

/* What --name, --slug and the like say; slices are those of argv. */
static bool read_fields(
    struct app *app, struct fora_policy_statement *out, struct fora_product products[PRODUCTS_MAX])
{
    const struct cmd_line *line = &app->line;
    const char *texts[PRODUCTS_MAX];
    const char *name = cmd_text(line, "name");
    const char *slug = cmd_text(line, "slug");
    const char *description = cmd_text(line, "description");
    const char *licence = cmd_text(line, "licence");
    const char *posting = cmd_text(line, "posting");
    out->has_name = name != NULL;
    out->name = fora_bytes_str(name == NULL ? "" : name);
    out->has_slug = slug != NULL;
    out->slug = fora_bytes_str(slug == NULL ? "" : slug);
    out->has_description = description != NULL;
    out->description = fora_bytes_str(description == NULL ? "" : description);
    out->has_licence = licence != NULL;
    out->licence = fora_bytes_str(licence == NULL ? "" : licence);
    out->has_posting = posting != NULL;
    out->posting = posting == NULL ? 0 : (uint32_t)posting_of(posting);
    out->products = products;
    out->products_count = cmd_texts(line, "product", texts, PRODUCTS_MAX);
    for (size_t i = 0; i < out->products_count; i++) {
        size_t size = strcspn(texts[i], "=");
        products[i] = (struct fora_product){.name = fora_bytes(texts[i], size),
            .latest = fora_bytes_str(texts[i] + size + (texts[i][size] == '='))};
    }
    return out->has_name || out->has_slug || out->has_description || out->has_licence ||
           out->has_posting || out->products_count > 0;
}

/* "editor=300" */
static bool read_privilege(const char *text, struct fora_privilege *out)
{
    char word[16];
    size_t size = strcspn(text, "=");
    const char *digits = text + size + (text[size] == '=');
    size_t count = strspn(digits, "0123456789");
    if (size >= sizeof word || count == 0 || count > 9 || digits[count] != '\0') {
        return false;
    }
    memcpy(word, text, size);
    word[size] = '\0';
    *out = (struct fora_privilege){
        .role = fora_role_parse(word), .standing = (uint32_t)strtoul(digits, NULL, 10)};
    return fora_role_earnable(out->role);
}

static int read_privileges(struct app *app, struct fora_policy_statement *out,
    struct fora_privilege privileges[PRIVILEGES_MAX])
{
    const char *texts[PRIVILEGES_MAX];
    out->privileges = privileges;
    out->privileges_count = cmd_texts(&app->line, "privilege", texts, PRIVILEGES_MAX);
    for (size_t i = 0; i < out->privileges_count; i++) {
        if (!read_privilege(texts[i], &privileges[i])) {
            return app_fail(app, CMD_EXIT_USAGE,
                "--privilege takes ROLE=STANDING, such as editor=300, and \"%.60s\" is not that. "
                "Earned can be tagger, flagger, editor, expert, curator and member.",
                texts[i]);
        }
    }
    return CMD_EXIT_OK;
}

static int check_slug(struct app *app, const struct fora_policy_statement *policy)
{
    for (size_t i = 0; policy->has_slug && i < policy->slug.size; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", policy->slug.data[i]) == NULL) {
            return app_fail(app, CMD_EXIT_USAGE, "--slug takes 1 to 40 of a-z, 0-9 and \"-\".");
        }
    }
    return CMD_EXIT_OK;
}

static int send_create(struct app *app, struct fora_content *content)
{
    struct fora_message ask = {.type = FORA_MSG_CREATE_SPACE};
    const struct fora_message *answer;
    struct fora_buf encoded = {0};
    int error = fora_content_encode_unsalted(&encoded, content);
    if (error != 0) {
        fora_buf_fini(&encoded);
        return app_fail(app, CMD_EXIT_USAGE, "This is not a well-formed space: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    ask.u.create_space.policy = fora_buf_bytes(&encoded);
    int exit = app_call(app, &ask, FORA_MSG_SPACE_CREATED, &answer);
    fora_buf_fini(&encoded);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_SPACE, answer->u.space_created.space.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "id", id);
        js_text(&w, "slug", content->u.policy.slug);
        js_text(&w, "name", content->u.policy.name);
        return app_json(app, &w, JS_PRETTY);
    }
    if (app->quiet) {
        fora_buf_printf(&app->out, "%s\n", id);
    } else {
        fora_buf_printf(&app->out, "Created the space %s, in short %.*s\n", id,
            (int)content->u.policy.slug.size, (const char *)content->u.policy.slug.data);
    }
    return CMD_EXIT_OK;
}

/* The short name, in `slug`, is of the name unless one was given. */
static int name_apart(
    struct app *app, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    struct app_spaces spaces;
    struct fora_buf said = {0};
    int exit = app_spaces(app, &spaces);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    struct fora_policy **there = calloc(spaces.count + 1, sizeof *there);
    for (size_t i = 0; there != NULL && i < spaces.count; i++) {
        there[i] = spaces.items[i].policy;
    }
    int error = there == NULL ? FORA_E_NOMEM
                              : space_name_apart(there, spaces.count, fora_client_node(app->client),
                                    policy, slug, &said);
    const char *text = error == FORA_E_NOMEM ? NULL : fora_buf_cstr(&said);
    if (text == NULL) {
        exit = app_fail_memory(app);
    } else if (error != 0) {
        exit = app_fail(app, CMD_EXIT_USAGE, "%s", text);
    } else if (text[0] != '\0') {
        app_note(app, "%s", text);
    }
    free(there);
    fora_buf_fini(&said);
    app_spaces_fini(&spaces);
    return exit;
}

int run_space_create(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_product products[PRODUCTS_MAX];
    struct fora_policy_statement *policy = &content.u.policy;
    char slug[SPACE_SLUG_ROOM];
    const char *kind = cmd_text(&app->line, "kind");
    int exit = app_connect(app, APP_MEMBER);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (!app->admin) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "Only an admin of the node creates spaces there. Ask whoever runs %s.", app->address);
    }
    (void)read_fields(app, policy, products);
    exit = check_slug(app, policy);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    policy->kind = kind == NULL ? FORA_SPACE_QUESTIONS : fora_space_kind_parse(kind);
    policy->has_name = true;
    policy->name = fora_bytes_str(cmd_argument(&app->line, 0));
    exit = name_apart(app, policy, slug);
    return exit == CMD_EXIT_OK ? send_create(app, &content) : exit;
}

/* A further statement about the space that the first argument names. */
static int post_statement(struct app *app, struct fora_content *content, const char *done)
{
    struct fora_space_id space;
    struct fora_object_id id;
    int exit = app_space_id(app, cmd_argument(&app->line, 0), &space);
    if (exit == CMD_EXIT_OK) {
        exit = app_post(app, &space, NULL, NULL, content, &id);
    }
    return exit == CMD_EXIT_OK ? app_stored(app, content->kind, &id, done) : exit;
}

int run_space_set(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_product products[PRODUCTS_MAX];
    struct fora_privilege privileges[PRIVILEGES_MAX];
    bool fields = read_fields(app, &content.u.policy, products);
    int exit = read_privileges(app, &content.u.policy, privileges);
    if (exit == CMD_EXIT_OK && !fields && content.u.policy.privileges_count == 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "Nothing to change. Say what with --name, --slug, --description, --posting, --licence, "
            "--product or --privilege.");
    }
    if (exit == CMD_EXIT_OK) {
        exit = check_slug(app, &content.u.policy);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    return exit == CMD_EXIT_OK ? post_statement(app, &content, "Changed:") : exit;
}

int run_space_grant(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_grant grant = {.role = fora_role_parse(cmd_argument(&app->line, 2)),
        .revoke = strcmp(app->line.command->name, "space revoke") == 0};
    int64_t days = grant.revoke ? 0 : cmd_number(&app->line, "days", 0);
    grant.until = days > 0 ? app->now + (uint64_t)days * 24 * 3600 * 1000 : 0;
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_member(app, cmd_argument(&app->line, 1), &grant.principal);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    content.u.policy.grants = &grant;
    content.u.policy.grants_count = 1;
    return post_statement(app, &content, grant.revoke ? "Revoked:" : "Granted:");
}

int run_space_host(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_host host = {.remove = cmd_flag(&app->line, "remove"),
        .succession = (uint32_t)cmd_number(&app->line, "succession", 0)};
    const char *node = cmd_argument(&app->line, 1);
    if (fora_id_parse(host.node.b, FORA_HRP_NODE, node) != 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "\"%s\" is not the id of a node (foran1...). A node's own is shown by: fora status",
            node);
    }
    content.u.policy.hosts = &host;
    content.u.policy.hosts_count = 1;
    int exit = app_connect(app, APP_MEMBER);
    return exit == CMD_EXIT_OK
               ? post_statement(app, &content, host.remove ? "No longer a host:" : "Now a host:")
               : exit;
}
