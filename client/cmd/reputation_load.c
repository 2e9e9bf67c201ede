/* Fetching what is attested: the page, the policies of its spaces, and whose logs these need. */
#include "cmd/reputation.h"

#include <stdlib.h>
#include <string.h>

enum { AUTHORS_MAX = 256, NAMES_MAX = 64 };

int reputation_init(struct reputation *r, struct app *app)
{
    *r = (struct reputation){.app = app};
    fora_arena_init(&r->arena, 0);
    return fora_claims_new(&r->claims) == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

void reputation_fini(struct reputation *r)
{
    fora_claims_free(r->claims);
    people_fini(&r->people);
    free(r->objects);
    fora_arena_fini(&r->arena);
}

static int keep_object(struct reputation *r, struct fora_bytes encoded)
{
    if (r->objects_count == r->objects_room) {
        size_t room = r->objects_room == 0 ? 64 : 2 * r->objects_room;
        struct fora_bytes *grown = realloc(r->objects, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        r->objects = grown;
        r->objects_room = room;
    }
    r->objects[r->objects_count++] = encoded;
    return 0;
}

bool reputation_has(const struct reputation *r, struct fora_bytes encoded)
{
    for (size_t i = 0; i < r->objects_count; i++) {
        if (fora_bytes_equal(r->objects[i], encoded)) {
            return true;
        }
    }
    return false;
}

static void note_profile(struct reputation *r, const struct fora_object *object)
{
    if (memcmp(object->header.author.b, r->subject.b, FORA_ID_SIZE) == 0 && object->has_content &&
        (r->profile.size == 0 || object->header.created_at > r->profile_at)) {
        r->profile = object->encoded;
        r->profile_at = object->header.created_at;
        r->profile_given = false;
    }
}

int reputation_take(struct reputation *r, struct fora_bytes encoded, bool keep)
{
    struct fora_object object;
    struct fora_bytes copy = fora_arena_copy(&r->arena, encoded);
    if (copy.data == NULL) {
        return app_fail_memory(r->app);
    }
    if (fora_object_decode(&object, copy) != 0 || fora_object_verify(&object) != 0) {
        return CMD_EXIT_OK;
    }
    int error = fora_claims_add(r->claims, &object);
    bool known = error == 0;
    if (error != FORA_E_NOMEM) {
        error = people_add(&r->people, &object, 1);
    }
    bool statement =
        object.header.kind == FORA_KIND_IDENTITY || object.header.kind == FORA_KIND_POLICY ||
        object.header.kind == FORA_KIND_ATTESTATION || object.header.kind == FORA_KIND_REVOCATION ||
        object.header.kind == FORA_KIND_RECEIPT;
    if (object.header.kind == FORA_KIND_PROFILE) {
        note_profile(r, &object);
    }
    if (error == 0 && keep && known && statement) {
        error = keep_object(r, copy);
    }
    return error == FORA_E_NOMEM ? app_fail_memory(r->app) : CMD_EXIT_OK;
}

static int take_all(struct reputation *r, const struct fora_bytes *objects, size_t count)
{
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < count && exit == CMD_EXIT_OK; i++) {
        exit = reputation_take(r, objects[i], true);
    }
    return exit;
}

/* ---- what she carries (ATT-16) ---- */

bool reputation_is_carried(const struct reputation *r, const struct fora_object_id *id)
{
    for (size_t i = 0; i < r->carried_count; i++) {
        if (memcmp(r->carried[i].b, id->b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* One of the objects that she carries, unless it came from the node as well. */
static int take_one(struct reputation *r, struct fora_bytes encoded)
{
    struct fora_object object;
    bool attestation =
        fora_object_decode(&object, encoded) == 0 && object.header.kind == FORA_KIND_ATTESTATION;
    if (reputation_has(r, encoded)) {
        return CMD_EXIT_OK;
    }
    if (attestation && r->carried_count < FORA_CARRIED_OBJECTS_MAX) {
        r->carried[r->carried_count++] = object.id;
    }
    return reputation_take(r, encoded, true);
}

/* Of the subject and by a key of hers; what is in it is judged one by one. */
static int take_carried(struct reputation *r, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_content content;
    struct fora_bytes copy = fora_arena_copy(&r->arena, encoded);
    if (copy.data == NULL) {
        return app_fail_memory(r->app);
    }
    if (fora_object_decode(&object, copy) != 0 || object.header.kind != FORA_KIND_CARRIED ||
        memcmp(object.header.author.b, r->subject.b, FORA_ID_SIZE) != 0 || !object.has_content ||
        fora_object_verify(&object) != 0 || people_check(&r->people, &object) != 0 ||
        fora_content_decode(&r->arena, FORA_KIND_CARRIED, object.content_bytes, &content) != 0) {
        return CMD_EXIT_OK;
    }
    r->carries = true;
    r->carried_at = object.header.created_at;
    r->bundled = content.u.carried.objects;
    r->bundled_count = content.u.carried.objects_count;
    r->carried = fora_arena_zalloc(&r->arena, FORA_CARRIED_OBJECTS_MAX, sizeof *r->carried);
    r->carried_count = 0;
    int exit = r->carried == NULL ? app_fail_memory(r->app) : CMD_EXIT_OK;
    for (size_t i = 0; i < r->bundled_count && exit == CMD_EXIT_OK; i++) {
        exit = take_one(r, r->bundled[i]);
    }
    return exit;
}

/* A page: what the node has itself first, so that it is known what it has not. */
static int take_page(struct reputation *r, const struct fora_msg_principal_objects *page)
{
    int exit = take_all(r, page->objects, page->objects_count);
    for (size_t i = 0; i < page->objects_count && exit == CMD_EXIT_OK; i++) {
        r->profile_given = r->profile_given || fora_bytes_equal(page->objects[i], r->profile);
        exit = take_carried(r, page->objects[i]);
    }
    return exit;
}

/* A principal's log; with `attested` her page, and what she carries. Whom the node does not know is
 * no failure. */
static int ask_principal(
    struct reputation *r, const struct fora_principal_id *principal, bool attested, bool *found)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    ask.u.get_principal = (struct fora_msg_get_principal){
        .principal = *principal, .attested = attested, .carried = attested};
    int error =
        fora_client_call(r->app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &r->app->why);
    *found = error == 0;
    if (error == FORA_E_ABSENT) {
        return CMD_EXIT_OK;
    }
    if (error != 0) {
        return app_fail_why(r->app);
    }
    return take_page(r, &answer->u.principal_objects);
}

/* ---- the spaces that are spoken of ---- */

struct wanted {
    struct fora_space_id spaces[AUTHORS_MAX];
    size_t count;
    bool all; /* whatever the node lists */
};

static int want_space(void *context, const struct fora_claim *claim)
{
    struct wanted *wanted = context;
    for (size_t i = 0; i < wanted->count; i++) {
        if (memcmp(wanted->spaces[i].b, claim->header->space.b, FORA_ID_SIZE) == 0) {
            return 0;
        }
    }
    if (!fora_id_is_zero(claim->header->space.b) && wanted->count < AUTHORS_MAX) {
        wanted->spaces[wanted->count++] = claim->header->space;
    }
    return 0;
}

static bool is_wanted(const struct wanted *wanted, const struct fora_space_id *space)
{
    if (wanted->all) {
        return true;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (memcmp(wanted->spaces[i].b, space->b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

struct authors {
    struct fora_principal_id ids[AUTHORS_MAX];
    size_t count;
};

static void note_author(struct authors *authors, struct fora_bytes encoded)
{
    struct fora_object object;
    if (fora_object_decode(&object, encoded) != 0) {
        return;
    }
    for (size_t i = 0; i < authors->count; i++) {
        if (memcmp(authors->ids[i].b, object.header.author.b, FORA_ID_SIZE) == 0) {
            return;
        }
    }
    if (authors->count < AUTHORS_MAX) {
        authors->ids[authors->count++] = object.header.author;
    }
}

static int take_spaces(struct reputation *r, const struct fora_msg_spaces *spaces,
    const struct wanted *wanted, struct authors *authors)
{
    int exit = CMD_EXIT_OK;
    r->spaces =
        fora_arena_zalloc(&r->arena, spaces->rows_count + wanted->count + 1, sizeof *r->spaces);
    if (r->spaces == NULL) {
        return app_fail_memory(r->app);
    }
    for (size_t i = 0; i < spaces->rows_count && exit == CMD_EXIT_OK; i++) {
        const struct fora_msg_space_row *row = &spaces->rows[i];
        if (!is_wanted(wanted, &row->space)) {
            continue;
        }
        r->spaces[r->spaces_count].held = true;
        r->spaces[r->spaces_count++].id = row->space;
        exit = take_all(r, row->policy, row->policy_count);
        for (size_t j = 0; j < row->policy_count; j++) {
            note_author(authors, row->policy[j]);
        }
    }
    return exit;
}

/* Those that the node does not hold, and that are spoken of in what she carries. */
static void list_unheld(struct reputation *r, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count && r->spaces != NULL; i++) {
        if (!reputation_holds(r, &wanted->spaces[i])) {
            r->spaces[r->spaces_count++].id = wanted->spaces[i];
        }
    }
}

bool reputation_holds(const struct reputation *r, const struct fora_space_id *space)
{
    for (size_t i = 0; i < r->spaces_count; i++) {
        if (memcmp(r->spaces[i].id.b, space->b, FORA_ID_SIZE) == 0) {
            return r->spaces[i].held;
        }
    }
    return false;
}

static void name_spaces(struct reputation *r)
{
    for (size_t i = 0; i < r->spaces_count; i++) {
        const struct fora_policy *policy = fora_claims_policy(r->claims, &r->spaces[i].id);
        struct fora_buf clean = {0};
        if (policy != NULL) {
            text_clean(&clean, fora_policy_name(policy), false);
        }
        size_t size =
            clean.size < sizeof r->spaces[i].name - 1 ? clean.size : sizeof r->spaces[i].name - 1;
        if (size > 0) {
            memcpy(r->spaces[i].name, clean.data, size);
        }
        r->spaces[i].name[size] = '\0';
        fora_buf_fini(&clean);
    }
}

/* Whoever made a statement of a policy: without the log it is nobody's. */
static int ask_authors(struct reputation *r, const struct authors *authors)
{
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < authors->count && exit == CMD_EXIT_OK; i++) {
        bool found;
        /* What came with her may lack how a key of theirs ended. */
        if (r->carried_count > 0 || fora_claims_identity(r->claims, &authors->ids[i]) == NULL) {
            exit = ask_principal(r, &authors->ids[i], false, &found);
        }
    }
    return exit;
}

/* As many as are asked for their names: she may have listed whom she liked. */
static void note_carried_issuers(const struct reputation *r, struct authors *authors)
{
    size_t most = authors->count + NAMES_MAX;
    for (size_t i = 0; i < r->objects_count && r->carried_count > 0 && authors->count < most; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, r->objects[i]) == 0 &&
            reputation_is_carried(r, &object.id)) {
            note_author(authors, r->objects[i]);
        }
    }
}

static int load_spaces(struct reputation *r, const struct wanted *wanted)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    struct authors *authors = fora_arena_zalloc(&r->arena, 1, sizeof *authors);
    if (authors == NULL) {
        return app_fail_memory(r->app);
    }
    int exit = app_call(r->app, &ask, FORA_MSG_SPACES, &answer);
    if (exit == CMD_EXIT_OK) {
        exit = take_spaces(r, &answer->u.spaces, wanted, authors);
    }
    list_unheld(r, wanted);
    if (exit == CMD_EXIT_OK) {
        note_carried_issuers(r, authors);
        exit = ask_authors(r, authors);
    }
    name_spaces(r);
    return exit;
}

int reputation_load_space(struct reputation *r, const struct fora_space_id *space)
{
    struct wanted *wanted = fora_arena_zalloc(&r->arena, 1, sizeof *wanted);
    if (wanted == NULL) {
        return app_fail_memory(r->app);
    }
    wanted->spaces[wanted->count++] = *space;
    return load_spaces(r, wanted);
}

/* ---- by whom ---- */

static int note_issuer(void *context, const struct fora_claim *claim)
{
    struct authors *issuers = context;
    const struct fora_principal_id *const ids[] = {&claim->header->author, &claim->authority};
    for (size_t i = 0; i < 2; i++) {
        size_t at = 0;
        while (at < issuers->count && memcmp(issuers->ids[at].b, ids[i]->b, FORA_ID_SIZE) != 0) {
            at++;
        }
        if (at == issuers->count && at < NAMES_MAX && !fora_id_is_zero(ids[i]->b)) {
            issuers->ids[issuers->count++] = *ids[i];
        }
    }
    return 0;
}

/* The log of an issuer came with the page, but not who she is called. Without an answer she goes by
 * her id. */
static int ask_name(struct reputation *r, const struct fora_principal_id *issuer)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    const struct person *person = people_find(&r->people, issuer);
    if (person != NULL &&
        (person->name[0] != '\0' ||
            (person->identity != NULL && fora_identity_node(person->identity) != NULL))) {
        return CMD_EXIT_OK;
    }
    ask.u.get_principal.principal = *issuer;
    int error =
        fora_client_call(r->app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &r->app->why);
    if (error != 0) {
        return error == FORA_E_ABSENT ? CMD_EXIT_OK : app_fail_why(r->app);
    }
    int exit = CMD_EXIT_OK;
    const struct fora_msg_principal_objects *objects = &answer->u.principal_objects;
    for (size_t i = 0; i < objects->objects_count && exit == CMD_EXIT_OK; i++) {
        exit = reputation_take(r, objects->objects[i], false);
    }
    return exit;
}

static int name_issuers(struct reputation *r)
{
    struct authors *issuers = fora_arena_zalloc(&r->arena, 1, sizeof *issuers);
    if (issuers == NULL ||
        fora_claims_each(r->claims, &r->subject, r->at, note_issuer, issuers) != 0) {
        return app_fail_memory(r->app);
    }
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < issuers->count && exit == CMD_EXIT_OK; i++) {
        exit = ask_name(r, &issuers->ids[i]);
    }
    return exit;
}

/* Her page, and the policies of the spaces that it speaks of, or of all. */
static int load(struct reputation *r, const struct fora_principal_id *subject, bool all)
{
    struct wanted *wanted = fora_arena_zalloc(&r->arena, 1, sizeof *wanted);
    bool found;
    r->subject = *subject;
    if (wanted == NULL) {
        return app_fail_memory(r->app);
    }
    wanted->all = all;
    int exit = ask_principal(r, subject, true, &found);
    if (exit == CMD_EXIT_OK && !found) {
        exit = app_fail(r->app, CMD_EXIT_NOTFOUND, "The node knows nobody of that id.");
    }
    /* A standing may have been stated since the program began: it is not of the future. */
    r->at = app_latest(r->app);
    if (exit == CMD_EXIT_OK && fora_claims_each(r->claims, NULL, r->at, want_space, wanted) != 0) {
        exit = app_fail_memory(r->app);
    }
    return exit == CMD_EXIT_OK ? load_spaces(r, wanted) : exit;
}

int reputation_load(struct reputation *r, const struct fora_principal_id *subject)
{
    int exit = load(r, subject, false);
    return exit == CMD_EXIT_OK ? name_issuers(r) : exit;
}

int reputation_load_own(struct reputation *r)
{
    return load(r, &r->app->account.member, true);
}
