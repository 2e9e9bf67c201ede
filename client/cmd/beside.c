/* Affiliations and awards beside a name: fetched for several people at once, judged as of a time.
 */
#include "cmd/beside.h"

#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 8 }; /* requests under way: a node takes at least 16 */

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, FORA_ID_SIZE) == 0;
}

struct beside *beside_new(struct app *app, const struct fora_space_id *space)
{
    struct beside *beside = calloc(1, sizeof *beside);
    if (beside == NULL) {
        return NULL;
    }
    beside->space = *space;
    if (reputation_init(&beside->r, app) != CMD_EXIT_OK) {
        beside_free(beside);
        return NULL;
    }
    beside->r.at = app_latest(app);
    return beside;
}

void beside_free(struct beside *beside)
{
    if (beside != NULL) {
        reputation_fini(&beside->r);
        free(beside);
    }
}

void beside_want(struct beside *beside, const struct fora_principal_id *who)
{
    for (size_t i = 0; i < beside->people_count; i++) {
        if (same(beside->people[i].b, who->b)) {
            return;
        }
    }
    beside->crowded = beside->people_count == BESIDE_PEOPLE_MAX;
    if (!beside->crowded) {
        beside->people[beside->people_count++] = *who;
    }
}

/* ---- asking ---- */

/* May it stand beside a name in this space, or carry one that does? Cheap, before any verifying. */
static bool speaks_here(struct beside *beside, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_arena arena;
    struct fora_content content;
    if (fora_object_decode(&object, encoded) != 0) {
        return false;
    }
    if (object.header.kind != FORA_KIND_ATTESTATION) {
        return true;
    }
    if (!object.has_content || (!fora_id_is_zero(object.header.space.b) &&
                                   !same(object.header.space.b, beside->space.b))) {
        return false;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    bool speaks =
        fora_content_decode(&arena, FORA_KIND_ATTESTATION, object.content_bytes, &content) == 0;
    const struct fora_attestation *a = &content.u.attestation;
    bool shown = speaks && (a->type == FORA_ATTESTATION_AFFILIATION ||
                               (a->type == FORA_ATTESTATION_BADGE && !reputation_is_nomination(a)));
    speaks = shown || (speaks && a->type == FORA_ATTESTATION_DELEGATION);
    fora_arena_fini(&arena);
    beside->found += shown;
    return speaks;
}

static int take_page(struct beside *beside, const struct fora_msg_principal_objects *page)
{
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < page->objects_count && exit == CMD_EXIT_OK; i++) {
        if (speaks_here(beside, page->objects[i])) {
            exit = reputation_take(&beside->r, page->objects[i], false);
        }
    }
    return exit;
}

/* One answer, of whichever request. Whom the node does not know has nothing beside her name. */
static int take_answer(struct beside *beside)
{
    struct app *app = beside->r.app;
    const struct fora_message *answer;
    int error = fora_client_receive(app->client, 0, 0, &answer, &app->why);
    if (error == FORA_E_ABSENT) {
        return CMD_EXIT_OK;
    }
    if (error == 0 && answer->type != FORA_MSG_PRINCIPAL_OBJECTS) {
        error = fora_client_fail(&app->why, FORA_E_MALFORMED,
            "The node answered GetPrincipal with %s.", fora_message_name(answer->type));
    }
    return error == 0 ? take_page(beside, &answer->u.principal_objects) : app_fail_why(app);
}

static int ask(struct beside *beside, const struct fora_principal_id *who)
{
    struct app *app = beside->r.app;
    struct fora_message message = {.type = FORA_MSG_GET_PRINCIPAL};
    uint64_t request;
    message.u.get_principal = (struct fora_msg_get_principal){.principal = *who, .attested = true};
    return fora_client_start(app->client, &message, &request, &app->why) == 0 ? CMD_EXIT_OK
                                                                              : app_fail_why(app);
}

static int ask_pages(struct beside *beside)
{
    int exit = CMD_EXIT_OK;
    size_t asked = 0, answered = 0;
    while (answered < beside->people_count && exit == CMD_EXIT_OK) {
        if (asked < beside->people_count && asked - answered < AT_ONCE) {
            exit = ask(beside, &beside->people[asked++]);
        } else {
            exit = take_answer(beside);
            answered++;
        }
    }
    return exit;
}

/* ---- judging ---- */

/* Without a space an issuer speaks of her own affairs, and anybody may: beside a name in a space
 * stands what its owner, a host of it, or the home of the subject says (ATT-13). */
static bool heard_here(
    struct beside *beside, const struct fora_policy *policy, const struct fora_claim *claim)
{
    struct fora_principal_id owner = fora_policy_owner(policy);
    const struct fora_identity *subject =
        fora_claims_identity(beside->r.claims, &claim->attestation->subject);
    if (same(claim->header->space.b, beside->space.b)) {
        return true;
    }
    return same(claim->authority.b, owner.b) || fora_policy_hosted_by(policy, &claim->authority) ||
           (subject != NULL && same(fora_identity_home(subject)->b, claim->authority.b));
}

/* Who rules the space speaks for its owner; everybody else for herself. */
static struct fora_principal_id speaker(
    const struct fora_policy *policy, const struct fora_claim *claim)
{
    bool rules =
        !fora_id_is_zero(claim->header->space.b) &&
        fora_policy_role_at(policy, &claim->authority, FORA_ROLE_ADMIN, claim->header->created_at);
    return rules ? fora_policy_owner(policy) : claim->authority;
}

struct looking {
    struct beside *beside;
    const struct fora_policy *policy;
    struct beside_marks *out;
    bool awards;
};

static int look(void *context, const struct fora_claim *claim)
{
    struct looking *looking = context;
    struct beside_marks *out = looking->out;
    const struct fora_attestation *a = claim->attestation;
    uint32_t wanted = looking->awards ? FORA_ATTESTATION_BADGE : FORA_ATTESTATION_AFFILIATION;
    if (claim->code != 0 || a->type != wanted || reputation_is_nomination(a) ||
        reputation_withheld(&looking->beside->r, claim) ||
        !heard_here(looking->beside, looking->policy, claim)) {
        return 0;
    }
    struct beside_mark mark = {.id = *claim->id,
        .label = a->label,
        .of = speaker(looking->policy, claim),
        .award = looking->awards};
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i].award == mark.award && same(out->items[i].of.b, mark.of.b) &&
            fora_bytes_equal(out->items[i].label, mark.label)) {
            return 0; /* two say the same */
        }
    }
    if (out->count < BESIDE_MAX) {
        out->items[out->count++] = mark;
    }
    return 0;
}

int beside_at(struct beside *beside, const struct fora_principal_id *who, uint64_t at,
    struct beside_marks *out)
{
    struct looking looking = {.beside = beside, .out = out};
    out->count = 0;
    if (beside->found == 0) {
        return CMD_EXIT_OK;
    }
    looking.policy = fora_claims_policy(beside->r.claims, &beside->space);
    if (looking.policy == NULL) {
        return CMD_EXIT_OK;
    }
    for (int pass = 0; pass < 2; pass++) {
        looking.awards = pass == 1;
        if (fora_claims_each(beside->r.claims, who, at, look, &looking) != 0) {
            return app_fail_memory(beside->r.app);
        }
    }
    return CMD_EXIT_OK;
}

/* ---- whose word it is ---- */

struct issuers {
    struct beside *beside;
    const struct fora_policy *policy;
    struct fora_principal_id ids[BESIDE_PEOPLE_MAX];
    size_t count;
    size_t looked;
};

static int note_issuer(void *context, const struct fora_claim *claim)
{
    struct issuers *issuers = context;
    struct fora_principal_id who = speaker(issuers->policy, claim);
    const struct person *person = people_find(&issuers->beside->r.people, &who);
    if (++issuers->looked > BESIDE_ISSUERS_MAX || issuers->count == BESIDE_PEOPLE_MAX ||
        (person != NULL && person->name[0] != '\0') ||
        !heard_here(issuers->beside, issuers->policy, claim)) {
        return 0;
    }
    for (size_t i = 0; i < issuers->count; i++) {
        if (same(issuers->ids[i].b, who.b)) {
            return 0;
        }
    }
    issuers->ids[issuers->count++] = who;
    return 0;
}

static int ask_issuers(struct beside *beside)
{
    struct issuers *issuers = calloc(1, sizeof *issuers);
    int exit = CMD_EXIT_OK;
    if (issuers == NULL) {
        return app_fail_memory(beside->r.app);
    }
    issuers->beside = beside;
    issuers->policy = fora_claims_policy(beside->r.claims, &beside->space);
    if (issuers->policy != NULL &&
        fora_claims_each(beside->r.claims, NULL, beside->r.at, note_issuer, issuers) != 0) {
        exit = app_fail_memory(beside->r.app);
    }
    for (size_t i = 0; i < issuers->count && exit == CMD_EXIT_OK; i++) {
        exit =
            people_ask(beside->r.app, beside->r.app->client, &beside->r.people, &issuers->ids[i]);
    }
    free(issuers);
    return exit;
}

int beside_load(struct beside *beside)
{
    int exit = ask_pages(beside);
    if (exit == CMD_EXIT_OK && beside->crowded) {
        app_note(beside->r.app,
            "Affiliations and awards were asked for of %d people only, out of more.",
            BESIDE_PEOPLE_MAX);
    }
    if (exit == CMD_EXIT_OK && beside->found > 0) {
        exit = reputation_load_space(&beside->r, &beside->space);
        exit = exit == CMD_EXIT_OK ? ask_issuers(beside) : exit;
    }
    return exit;
}

/* ---- telling ---- */

void beside_text(struct fora_buf *out, const struct beside *beside, const struct beside_mark *mark)
{
    text_clean(out, mark->label, false);
    if (!mark->award) {
        fora_buf_append_str(out, " of ");
        people_name(out, &beside->r.people, &mark->of);
    }
}

static void mark_json(
    struct js_writer *w, const struct beside *beside, const struct beside_mark *mark)
{
    const struct person *person = people_find(&beside->r.people, &mark->of);
    bool member = person != NULL && person->identity != NULL &&
                  fora_identity_type(person->identity) == FORA_PRINCIPAL_MEMBER;
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, mark->id.b);
    js_text(w, "label", mark->label);
    js_id(w, mark->award ? "by" : "of", member ? FORA_HRP_MEMBER : FORA_HRP_NODE, mark->of.b);
    if (person != NULL && person->name[0] != '\0') {
        js_string(w, mark->award ? "by_name" : "of_name", person->name);
    } else {
        js_null(w, mark->award ? "by_name" : "of_name");
    }
    js_end(w);
}

void beside_json(struct js_writer *w, const struct beside *beside, const struct beside_marks *marks)
{
    for (int pass = 0; pass < 2; pass++) {
        js_array(w, pass == 0 ? "affiliations" : "awards");
        for (size_t i = 0; i < marks->count; i++) {
            if (marks->items[i].award == (pass == 1)) {
                mark_json(w, beside, &marks->items[i]);
            }
        }
        js_end(w);
    }
}
