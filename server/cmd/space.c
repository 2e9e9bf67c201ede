/*
 * Spaces of the node: made by the node itself, changed by policy statements.
 *
 * A statement is signed by the admin whose keys are in DATA/admin. Only the owner of a space can
 * make admins (POL-5), and that is the node: those statements, and those of an admin who lost her
 * role, are signed with the node's own key, which whoever runs this program can read.
 */
#include "cmd/forad.h"
#include "cmd/space_name.h" /* client/cmd */

#include "core/make.h"
#include "fora/time.h"

#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_MAX = 64 };

static int posting_of(const char *word)
{
    return strcmp(word, "staff") == 0     ? FORA_POSTING_STAFF
           : strcmp(word, "members") == 0 ? FORA_POSTING_MEMBERS
                                          : FORA_POSTING_ANYONE;
}

/* ---- create ---- */

static void read_fields(
    struct app *app, struct fora_policy_statement *out, struct fora_product products[PRODUCTS_MAX])
{
    const char *texts[PRODUCTS_MAX];
    const char *kind = cmd_text(&app->line, "kind");
    const char *slug = cmd_text(&app->line, "slug");
    const char *description = cmd_text(&app->line, "description");
    const char *licence = cmd_text(&app->line, "licence");
    const char *posting = cmd_text(&app->line, "posting");
    out->kind = kind == NULL ? FORA_SPACE_QUESTIONS : fora_space_kind_parse(kind);
    out->has_name = true;
    out->name = fora_bytes_str(cmd_argument(&app->line, 0));
    out->has_slug = slug != NULL;
    out->slug = fora_bytes_str(slug == NULL ? "" : slug);
    out->has_description = description != NULL;
    out->description = fora_bytes_str(description == NULL ? "" : description);
    out->has_licence = licence != NULL;
    out->licence = fora_bytes_str(licence == NULL ? "" : licence);
    out->has_posting = posting != NULL;
    out->posting = posting == NULL ? 0 : (uint32_t)posting_of(posting);
    out->products = products;
    out->products_count = cmd_texts(&app->line, "product", texts, PRODUCTS_MAX);
    for (size_t i = 0; i < out->products_count; i++) {
        size_t size = strcspn(texts[i], "=");
        products[i] = (struct fora_product){.name = fora_bytes(texts[i], size),
            .latest = fora_bytes_str(texts[i] + size + (texts[i][size] == '='))};
    }
}

/* The content, in `encoded`. */
static int encode(struct app *app, const struct fora_content *content, struct fora_buf *encoded)
{
    int error = fora_content_encode_unsalted(encoded, content);
    return error == 0
               ? FORAD_OK
               : app_fail(app, FORAD_USAGE,
                     "This is not a well-formed space: %s (%s). A name has 1 to 100 bytes, a "
                     "short name 1 to 40 of a-z, 0-9 and \"-\".",
                     fora_error_text(error), fora_error_name(error));
}

/* The short name, in `slug`, is of the name unless one was given. */
static int name_among(struct app *app, const struct fora_msg_spaces *spaces,
    struct fora_policy **there, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    size_t count = 0;
    struct fora_buf said = {0};
    int error = 0, exit = FORAD_OK;
    for (size_t i = 0; error != FORA_E_NOMEM && i < spaces->rows_count; i++) {
        error = app_space_fold(&spaces->rows[i], &there[count]);
        count += error == 0; /* one whose policy does not verify has no name here */
    }
    error = error == FORA_E_NOMEM ? error
                                  : space_name_apart(there, count, &app->node, policy, slug, &said);
    const char *text = error == FORA_E_NOMEM ? NULL : fora_buf_cstr(&said);
    if (text == NULL) {
        exit = app_fail_memory(app);
    } else if (error != 0) {
        exit = app_fail(app, FORAD_USAGE, "%s", text);
    } else if (text[0] != '\0') {
        app_note(app, "%s", text);
    }
    for (size_t i = 0; i < count; i++) {
        fora_policy_free(there[i]);
    }
    fora_buf_fini(&said);
    return exit;
}

static int name_apart(
    struct app *app, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    int exit = app_call(app, &ask, FORA_MSG_SPACES, &answer);
    if (exit != FORAD_OK) {
        return exit;
    }
    struct fora_policy **there = calloc(answer->u.spaces.rows_count + 1, sizeof *there);
    exit = there == NULL ? app_fail_memory(app)
                         : name_among(app, &answer->u.spaces, there, policy, slug);
    free(there);
    return exit;
}

int run_space_create(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_product products[PRODUCTS_MAX];
    struct fora_message ask = {.type = FORA_MSG_CREATE_SPACE};
    const struct fora_message *answer;
    struct fora_buf encoded = {0};
    char id[FORA_ID_TEXT_MAX], slug[SPACE_SLUG_ROOM];
    read_fields(app, &content.u.policy, products);
    int exit = encode(app, &content, &encoded); /* said before anybody is asked */
    exit = exit == FORAD_OK ? app_connect(app) : exit;
    exit = exit == FORAD_OK ? name_apart(app, &content.u.policy, slug) : exit;
    fora_buf_fini(&encoded);
    exit = exit == FORAD_OK ? encode(app, &content, &encoded) : exit;
    if (exit == FORAD_OK) {
        ask.u.create_space.policy = fora_buf_bytes(&encoded);
        exit = app_call(app, &ask, FORA_MSG_SPACE_CREATED, &answer);
    }
    fora_buf_fini(&encoded);
    if (exit != FORAD_OK) {
        return exit;
    }
    fora_id_format(id, FORA_HRP_SPACE, answer->u.space_created.space.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "id", id);
        js_text(&w, "slug", content.u.policy.slug);
        js_text(&w, "name", content.u.policy.name);
        return app_json(app, &w);
    }
    if (app->quiet) {
        fora_buf_printf(&app->out, "%s\n", id);
    } else {
        fora_buf_printf(&app->out, "Created the space %s, in short %.*s\n", id,
            (int)content.u.policy.slug.size, (const char *)content.u.policy.slug.data);
    }
    return FORAD_OK;
}

/* ---- statements ---- */

struct signer {
    struct fora_principal_id author;
    const struct fora_secret *secret; /* borrowed */
};

/* Who may make this statement: the admin, or the node where the owner's word is needed. */
static int choose_signer(
    struct app *app, const struct app_space *space, bool owners_word, struct signer *out)
{
    struct fora_principal_id owner = fora_policy_owner(space->policy);
    bool own = memcmp(owner.b, app->node.b, sizeof owner.b) == 0;
    bool admin = fora_policy_role_at(space->policy, &app->admin.member, FORA_ROLE_ADMIN, app->now);
    if (admin && !owners_word) {
        *out = (struct signer){app->admin.member, app->admin.device};
        return FORAD_OK;
    }
    if (!own) {
        return app_fail(app, FORAD_REFUSED,
            owners_word ? "Only the owner of a space can make admins, and this space is not owned "
                          "by this node."
                        : "The admin of this node is no admin of this space, and the node does not "
                          "own it. Ask an admin of the space.");
    }
    int exit = app_keys(app);
    *out = (struct signer){app->node, app->keys.device};
    return exit;
}

int app_put(struct app *app, struct fora_bytes encoded, const char *done)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    const struct fora_message *answer;
    char id[FORA_ID_TEXT_MAX];
    ask.u.put.objects = &encoded;
    ask.u.put.objects_count = 1;
    int exit = app_call(app, &ask, FORA_MSG_PUT_RESULT, &answer);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (answer->u.put_result.results_count != 1) {
        return app_fail(app, FORAD_REFUSED, "The node's answer does not fit the question.");
    }
    const struct fora_msg_result *result = &answer->u.put_result.results[0];
    int code = fora_error_from_wire(result->code);
    if (code != 0) {
        return app_fail(app, app_exit_of(code), "The node refused it: %s (%s)",
            fora_error_text(code), fora_error_name(code));
    }
    fora_id_format(id, FORA_HRP_OBJECT, result->id.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "id", id);
        js_string(&w, "state", result->duplicate ? "duplicate" : "stored");
        return app_json(app, &w);
    }
    fora_buf_printf(&app->out, app->quiet ? "%s%s\n" : "%s %s\n", app->quiet ? "" : done, id);
    return FORAD_OK;
}

/* Signs `content` about the space of the first argument, and stores it. */
static int state_policy(
    struct app *app, struct fora_content *content, bool owners_word, const char *done)
{
    struct app_space space;
    struct signer signer = {.secret = NULL};
    struct fora_buf encoded;
    int exit = app_space(app, cmd_argument(&app->line, 0), &space);
    if (exit != FORAD_OK) {
        return exit;
    }
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    exit = choose_signer(app, &space, owners_word, &signer);
    if (exit == FORAD_OK) {
        struct fora_header header = {.kind = FORA_KIND_POLICY,
            .author = signer.author,
            .space = space.id,
            .created_at = app->now};
        fora_salt_random(&content->u.policy.salt);
        int error = object_make(&encoded, &header, content, signer.secret, NULL);
        exit = error == 0
                   ? app_put(app, fora_buf_bytes(&encoded), done)
                   : app_fail(app, app_exit_of(error), "The statement cannot be made: %s (%s).",
                         fora_error_text(error), fora_error_name(error));
    }
    fora_buf_fini(&encoded);
    fora_policy_free(space.policy);
    return exit;
}

int run_space_grant(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_grant grant = {.role = fora_role_parse(cmd_argument(&app->line, 2)),
        .revoke = strcmp(app->line.command->name, "space revoke") == 0};
    int64_t days = grant.revoke ? 0 : cmd_number(&app->line, "days", 0);
    grant.until = days > 0 ? app->now + (uint64_t)days * FORA_DAY_MS : 0;
    int exit = app_connect(app);
    if (exit == FORAD_OK) {
        exit = app_member(app, cmd_argument(&app->line, 1), &grant.principal);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    content.u.policy.grants = &grant;
    content.u.policy.grants_count = 1;
    return state_policy(
        app, &content, grant.role == FORA_ROLE_ADMIN, grant.revoke ? "Revoked:" : "Granted:");
}

int run_space_host(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_host host = {.remove = cmd_flag(&app->line, "remove"),
        .succession = (uint32_t)cmd_number(&app->line, "succession", 0)};
    const char *node = cmd_argument(&app->line, 1);
    if (fora_id_parse(host.node.b, FORA_HRP_NODE, node) != 0) {
        return app_fail(app, FORAD_USAGE,
            "\"%.100s\" is not the id of a node (foran1...). A node's own is shown by: forad "
            "status",
            node);
    }
    content.u.policy.hosts = &host;
    content.u.policy.hosts_count = 1;
    int exit = app_connect(app);
    return exit == FORAD_OK ? state_policy(app, &content, false,
                                  host.remove ? "No longer a host:" : "Now a host:")
                            : exit;
}
