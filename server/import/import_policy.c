/*
 * Policy statements, signed by the node, which owns the space. Their dates are the dump's, so that
 * they are the same ones the next time; the roles are given at the date of the last edit, so that
 * those of a later dump count instead (POL-6: of two with the same `since`, the later statement's).
 */
#include "import/import_policy.h"

#include "fora/utf8.h"

#include <stdio.h>
#include <string.h>

/* Of 4,096 statements (LIM-21) some are left for the people who run the space. */
enum {
    SPACE_NAME_MAX = 100,
    GRANTS_MAX = 256,
    STATEMENTS_MAX = 3840,
    STATEMENTS_UNIT = 16,
    EDIT_SLACK_MS = 60 * 1000
};

/* The caller's own maker, for what no worker does. */
static int with_unit(const struct import_env *env, struct maker **maker)
{
    *maker = maker_new(env);
    if (*maker != NULL) {
        (*maker)->unit = unit_new();
        if ((*maker)->unit != NULL) {
            return 0;
        }
        maker_free(*maker);
    }
    *maker = NULL;
    return FORA_E_NOMEM;
}

/* Sends what the maker made, and gives it an empty unit. */
static int send_unit(struct maker *maker, struct outlet *outlet, bool more)
{
    struct import_unit *unit = maker->unit;
    maker->unit = NULL;
    unit->error = unit_finish(unit);
    int rc = outlet_take(outlet, unit);
    if (rc == 0 && more) {
        maker->unit = unit_new();
        rc = maker->unit == NULL ? FORA_E_NOMEM : 0;
    }
    return rc;
}

static void free_maker(struct maker *maker)
{
    if (maker != NULL) {
        unit_free(maker->unit);
        maker_free(maker);
    }
}

/* ---- the space ---- */

static void make_slug(char out[41], const char *name)
{
    size_t size = 0;
    for (; *name != '\0' && size < 40; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word || (size > 0 && out[size - 1] != '-')) {
            out[size++] = word ? c : '-';
        }
    }
    while (size > 0 && out[size - 1] == '-') {
        size--;
    }
    (void)snprintf(out + size, 41 - size, "%s", size == 0 ? "space" : "");
}

/* What the first statement says; texts are borrowed. */
struct founding {
    struct fora_policy_statement policy;
    char slug[41];
    char description[160];
};

static void founding_init(
    struct founding *founding, const char *site, const char *licence, const char *name)
{
    (void)snprintf(founding->description, sizeof founding->description,
        "Questions and answers imported from %s.", site);
    make_slug(founding->slug, name);
    founding->policy = (struct fora_policy_statement){.kind = FORA_SPACE_QUESTIONS,
        .has_name = true,
        .name = fora_bytes_str(name),
        .has_slug = true,
        .slug = fora_bytes_str(founding->slug),
        .has_description = true,
        .description = fora_bytes_str(founding->description),
        .has_licence = true,
        .licence = fora_bytes_str(licence)};
}

static void add_first(struct maker *maker, const struct scan *scan, const struct founding *founding,
    struct fora_object_id *id)
{
    struct source_id source;
    struct made made = {.kind = IMPORT_MADE_STATEMENTS, .source = &source};
    (void)snprintf(source.text, sizeof source.text, "stackexchange:%s:space", maker->env->site);
    made.content.kind = FORA_KIND_POLICY;
    made.content.u.policy = founding->policy;
    made.header.created_at = scan->first;
    maker_add(maker, &made, id);
}

static void add_admin(struct maker *maker, const struct scan *scan)
{
    struct source_id source;
    struct made made = {.kind = IMPORT_MADE_STATEMENTS, .source = &source};
    struct fora_grant grant = {.principal = maker->env->options->admin, .role = FORA_ROLE_ADMIN};
    (void)snprintf(
        source.text, sizeof source.text, "stackexchange:%s:space:admin", maker->env->site);
    made.content.kind = FORA_KIND_POLICY;
    made.content.u.policy.grants = &grant;
    made.content.u.policy.grants_count = 1;
    made.header.space = maker->env->space;
    made.header.created_at = scan->first;
    maker_add(maker, &made, NULL);
}

static int bad_name(struct fora_buf *why, const char *name)
{
    fora_buf_printf(
        why, "\"%.100s\" cannot be the name of a space: it has 1 to 100 bytes of text", name);
    return FORA_E_USAGE;
}

static int add_space(struct maker *maker, struct import_env *env, struct outlet *outlet,
    const struct scan *scan, const struct founding *founding)
{
    struct fora_object_id id;
    add_first(maker, scan, founding, &id);
    if (maker->unit->error != 0) {
        return maker->unit->error;
    }
    memcpy(env->space.b, id.b, sizeof id.b);
    if (!fora_id_is_zero(env->options->admin.b)) {
        add_admin(maker, scan);
    }
    int rc = send_unit(maker, outlet, false);
    return rc == 0 ? outlet_flush(outlet) : rc;
}

static int make_space(
    struct import_env *env, struct outlet *outlet, const struct scan *scan, const char *name)
{
    const struct import_sink *sink = env->options->sink;
    struct founding founding;
    struct maker *maker;
    size_t size = strlen(name);
    if (size == 0 || size > SPACE_NAME_MAX || !fora_utf8_printable(fora_bytes_str(name), false)) {
        return bad_name(outlet->why, name);
    }
    founding_init(&founding, env->site, scan->licence, name);
    if (sink->create != NULL) {
        return sink->create(sink->context, &founding.policy, &env->space, outlet->why);
    }
    int rc = with_unit(env, &maker);
    if (rc == 0) {
        rc = add_space(maker, env, outlet, scan, &founding);
        free_maker(maker);
    }
    return rc;
}

int policy_space(struct import_env *env, struct outlet *outlet, const struct scan *scan)
{
    const struct import_options *options = env->options;
    const char *name = options->space != NULL ? options->space : env->site;
    struct import_space found;
    int rc = options->sink->find(options->sink->context, name, &found, outlet->why);
    if (rc == FORA_E_NOTFOUND && strncmp(name, "foras1", 6) == 0) {
        fora_buf_printf(outlet->why, "the node holds no space %.100s", name);
        return rc;
    }
    if (rc == FORA_E_NOTFOUND) {
        return make_space(env, outlet, scan, name);
    }
    if (rc == 0 && memcmp(found.owner.b, options->node.b, sizeof found.owner.b) != 0) {
        fora_buf_printf(outlet->why,
            "the space \"%.100s\" is not owned by this node. Import into a space of its own: name "
            "a new one",
            name);
        return FORA_E_FORBIDDEN;
    }
    env->space = found.id;
    return rc;
}

/* ---- editors ---- */

struct editors {
    const struct import_env *env;
    struct outlet *outlet;
    const struct scan *scan;
    struct maker *maker;
    struct fora_grant grants[GRANTS_MAX];
    size_t count;
    size_t statements;
};

static int send_grants(struct editors *editors)
{
    struct source_id source;
    struct made made = {.kind = IMPORT_MADE_STATEMENTS, .source = &source};
    struct maker *maker = editors->maker;
    if (editors->count == 0) {
        return 0;
    }
    if (editors->statements == STATEMENTS_MAX) {
        unit_skip(maker->unit, IMPORT_SKIP_EDITORS, editors->count);
        editors->count = 0;
        return 0;
    }
    (void)snprintf(source.text, sizeof source.text, "stackexchange:%s:editors:%zu",
        editors->env->site, ++editors->statements);
    made.content.kind = FORA_KIND_POLICY;
    made.content.u.policy.grants = editors->grants;
    made.content.u.policy.grants_count = editors->count;
    made.header.space = editors->env->space;
    made.header.created_at = editors->scan->last_edit;
    maker_add(maker, &made, NULL);
    editors->count = 0;
    return editors->statements % STATEMENTS_UNIT == 0 ? send_unit(maker, editors->outlet, true) : 0;
}

/* The next page of editors behind `after`, which moves on. Nothing is open when it returns. */
static int read_editors(struct editors *editors, struct author_key *after, size_t room, bool *end)
{
    struct kv_txn *txn;
    struct fora_bytes key, value;
    struct person person;
    uint8_t from[AUTHOR_KEY_MAX + 1] = {0};
    int rc = kv_begin_read(editors->env->index->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    memcpy(from, after->b, after->size);
    struct kv_cursor *cursor = kv_cursor_open(txn, INDEX_NEEDED);
    bool there = kv_seek(cursor, fora_bytes(from, after->size + 1), &key, &value);
    for (; there && editors->count < room; there = kv_next(cursor, &key, &value)) {
        memcpy(after->b, key.data, key.size);
        after->size = key.size;
        if (person_parse(value, &person) && person.made && person.last_edit != 0) {
            editors->grants[editors->count++] = (struct fora_grant){.principal = person.principal,
                .role = FORA_ROLE_EDITOR,
                .since = person.first_edit,
                .until = person.last_edit + EDIT_SLACK_MS};
        }
    }
    kv_cursor_close(cursor);
    *end = !there;
    rc = kv_txn_error(txn);
    kv_abort(txn);
    return rc;
}

int policy_editors(const struct import_env *env, struct outlet *outlet, const struct scan *scan)
{
    struct editors editors = {.env = env, .outlet = outlet, .scan = scan};
    struct author_key after = {.size = 0};
    bool end = scan->last_edit == 0;
    int rc = with_unit(env, &editors.maker);
    while (rc == 0 && !end) {
        rc = read_editors(&editors, &after, GRANTS_MAX, &end);
        if (rc == 0) {
            rc = send_grants(&editors);
        }
    }
    if (rc == 0) {
        rc = send_unit(editors.maker, outlet, false);
    }
    free_maker(editors.maker);
    return rc == 0 ? outlet_flush(outlet) : rc;
}
