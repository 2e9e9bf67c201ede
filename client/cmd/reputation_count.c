/*
 * Recomputing a standing (STD-13): the whole space is read from the node, each object verified,
 * each thread folded as of the end of the period, its credits counted.
 */
#include "cmd/reputation.h"

#include <stdlib.h>
#include <string.h>

struct recount {
    struct reputation *r;
    struct fora_space_id space;
    uint64_t until;
    struct fora_object *objects; /* owned: of threads, by (root, id) when sorted */
    size_t count;
    size_t room;
    struct fora_object **by_id;  /* owned */
    struct fora_credit *credits; /* owned */
    size_t credits_count;
    size_t credits_room;
    uint64_t seen;
};

static bool belongs(const struct recount *c, const struct fora_header *header)
{
    const struct fora_identity *log = fora_claims_identity(c->r->claims, &header->author);
    /* Of tallies only the last is in the set, whenever it was made (STD-1). */
    bool in_time = header->created_at < c->until || header->kind == FORA_KIND_TALLY;
    return memcmp(header->space.b, c->space.b, FORA_ID_SIZE) == 0 && in_time &&
           header->audience == FORA_AUDIENCE_PUBLIC &&
           (header->kind == FORA_KIND_THREAD || !fora_id_is_zero(header->root.b)) && log != NULL &&
           fora_identity_check_key(log, &header->key, header->created_at) == 0;
}

static int keep(struct recount *c, const struct fora_object *object)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 256 : 2 * c->room;
        struct fora_object *grown = realloc(c->objects, room * sizeof *grown);
        if (grown == NULL) {
            return app_fail_memory(c->r->app);
        }
        c->objects = grown;
        c->room = room;
    }
    c->objects[c->count++] = *object;
    return CMD_EXIT_OK;
}

/* Logs, policies and attestations go to the claims; objects of threads are looked at when all logs
 * are there. */
static int take(struct recount *c, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_bytes copy = fora_arena_copy(&c->r->arena, encoded);
    c->seen++;
    if (copy.data == NULL) {
        return app_fail_memory(c->r->app);
    }
    if (fora_object_decode(&object, copy) != 0 || fora_object_verify(&object) != 0) {
        return CMD_EXIT_OK;
    }
    bool of_policy =
        object.header.kind == FORA_KIND_POLICY ||
        (object.header.kind == FORA_KIND_RECEIPT && fora_id_is_zero(object.header.root.b));
    if (object.header.kind == FORA_KIND_IDENTITY || object.header.kind == FORA_KIND_PROFILE ||
        of_policy) {
        return reputation_take(c->r, copy, false);
    }
    return keep(c, &object);
}

static int take_batch(struct recount *c, const struct fora_msg_follow_batch *batch)
{
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < batch->objects_count && exit == CMD_EXIT_OK; i++) {
        exit = take(c, batch->objects[i]);
    }
    return exit;
}

static int read_space(struct recount *c)
{
    struct app *app = c->r->app;
    struct fora_message ask = {.type = FORA_MSG_FOLLOW};
    const struct fora_message *answer;
    uint64_t request;
    bool more = true;
    ask.u.follow.space = c->space;
    if (fora_client_start(app->client, &ask, &request, &app->why) != 0) {
        return app_fail_why(app);
    }
    while (more) {
        if (fora_client_receive(app->client, request, 0, &answer, &app->why) != 0) {
            return app_fail_why(app);
        }
        if (answer->type != FORA_MSG_FOLLOW_BATCH) {
            return app_fail(app, CMD_EXIT_REFUSED, "The node answered Follow with %s.",
                fora_message_name(answer->type));
        }
        more = !answer->u.follow_batch.caught_up;
        int exit = take_batch(c, &answer->u.follow_batch);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
        if (more && fora_client_follow_ack(app->client, request, &app->why) != 0) {
            return app_fail_why(app);
        }
    }
    return CMD_EXIT_OK;
}

/* ---- folding ---- */

static struct fora_object_id root_of(const struct fora_object *object)
{
    return object->header.kind == FORA_KIND_THREAD ? object->id : object->header.root;
}

static int by_root(const void *left, const void *right)
{
    const struct fora_object *a = left, *b = right;
    struct fora_object_id x = root_of(a), y = root_of(b);
    int order = memcmp(x.b, y.b, FORA_ID_SIZE);
    return order != 0 ? order : memcmp(a->id.b, b->id.b, FORA_ID_SIZE);
}

static int by_id(const void *left, const void *right)
{
    return memcmp((*(struct fora_object *const *)left)->id.b,
        (*(struct fora_object *const *)right)->id.b, FORA_ID_SIZE);
}

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    struct recount *c = context;
    return fora_claims_born(c->r->claims, principal, at, home);
}

static int find_object(
    void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    struct recount *c = context;
    struct fora_object key = {.id = *id};
    struct fora_object *wanted = &key;
    struct fora_object **found =
        c->count == 0 ? NULL
                      : bsearch(&wanted, c->by_id, c->count, sizeof(struct fora_object *), by_id);
    if (found == NULL) {
        return FORA_E_NOTFOUND;
    }
    const struct fora_header *header = &(*found)->header;
    *out = (struct fora_credit_object){
        .author = header->author, .space = header->space, .kind = header->kind};
    return 0;
}

static int keep_credits(struct recount *c, const struct fora_credit *credits, size_t count)
{
    if (c->credits_count + count > c->credits_room) {
        size_t room = 2 * (c->credits_count + count) + 256;
        struct fora_credit *grown = realloc(c->credits, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        c->credits = grown;
        c->credits_room = room;
    }
    if (count > 0) {
        memcpy(c->credits + c->credits_count, credits, count * sizeof *credits);
    }
    c->credits_count += count;
    return 0;
}

static int count_thread(
    struct recount *c, const struct fora_policy *policy, size_t begin, size_t end)
{
    const struct fora_credit_source source = {c, born, find_object};
    struct fora_view_thread view;
    struct fora_credit *credits;
    struct fora_arena arena;
    size_t count;
    fora_arena_init(&arena, 0);
    int error = fora_view_thread_fold(&arena, policy, c->objects + begin, end - begin, &view);
    if (error == 0) {
        error = fora_credits_of_view(&arena, policy, &source, &view, &credits, &count);
    }
    if (error == 0) {
        error = keep_credits(c, credits, count);
    }
    fora_arena_fini(&arena);
    return error == FORA_E_NOMEM ? error : 0; /* a thread without its opening gives nothing */
}

static int count_threads(struct recount *c, const struct fora_policy *policy)
{
    size_t kept = 0;
    int error = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (belongs(c, &c->objects[i].header)) {
            c->objects[kept++] = c->objects[i];
        }
    }
    c->count = kept;
    c->by_id = calloc(kept + 1, sizeof(struct fora_object *));
    if (c->by_id == NULL) {
        return FORA_E_NOMEM;
    }
    if (kept > 0) {
        qsort(c->objects, kept, sizeof *c->objects, by_root);
    }
    for (size_t i = 0; i < kept; i++) {
        c->by_id[i] = &c->objects[i];
    }
    if (kept > 0) {
        qsort(c->by_id, kept, sizeof(struct fora_object *), by_id);
    }
    for (size_t i = 0, end; i < kept && error == 0; i = end) {
        struct fora_object_id root = root_of(&c->objects[i]);
        for (end = i + 1; end < kept; end++) {
            struct fora_object_id next = root_of(&c->objects[end]);
            if (memcmp(next.b, root.b, FORA_ID_SIZE) != 0) {
                break;
            }
        }
        error = count_thread(c, policy, i, end);
    }
    return error;
}

static int compare(struct recount *c, const struct fora_object_id *id, struct reputation_proof *out)
{
    struct fora_standing standing;
    struct fora_evidence evidence;
    struct fora_claim claim;
    const struct fora_policy *policy = fora_claims_policy(c->r->claims, &c->space);
    if (policy == NULL) {
        return 0; /* claimed */
    }
    int error = count_threads(c, policy);
    if (error == 0) {
        error = fora_claims_check(c->r->claims, id, c->r->at, &claim);
    }
    if (error == 0) {
        error = fora_standing_count(c->credits, c->credits_count, &claim.attestation->subject,
            claim.attestation->from, claim.attestation->until, &standing, &evidence);
    }
    if (error == 0) {
        struct fora_bytes failed;
        out->proof = fora_standing_compare(claim.attestation, &standing, &evidence, &failed);
        out->failed = fora_arena_copy(&c->r->arena, failed);
    }
    return error;
}

int reputation_recount(
    struct reputation *r, const struct fora_claim *claim, struct reputation_proof *out)
{
    struct recount c = {.r = r, .space = claim->header->space, .until = claim->attestation->until};
    const struct fora_object_id id =
        *claim->id; /* the claim is borrowed until something is added */
    *out = (struct reputation_proof){.proof = FORA_PROOF_CLAIMED};
    int exit = read_space(&c);
    if (exit == CMD_EXIT_OK && compare(&c, &id, out) != 0) {
        exit = app_fail_memory(r->app);
    }
    out->objects = c.seen;
    free(c.objects);
    free(c.by_id);
    free(c.credits);
    return exit;
}
