/*
 * Local standing from what is stored:
 *
 *     named nodes -> whom they trust, three times -> verdicts -> edges -> trust
 *     the member's page, and what she carries -> policies of its spaces -> verdicts -> a line for
 *     each issuer
 *
 * Trust comes first, while nothing is known but what is stored here (LOC-7).
 */
#include "reputation/explain.h"

#include "core/make.h"
#include "reputation/page.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 960 * 1024, TRUST_NODES_MAX = 2048, ROOM = 4096, LEARNT_ROOM = 256 };

/* Ids of logs and policies that are in the claims: a page names the same a thousand times. */
struct learnt {
    struct fora_hash *slots; /* owned: by the id, the next one when it is taken; zero: free */
    size_t room;             /* a power of two, at least twice `count` */
    size_t count;
};

struct explaining {
    struct kv_txn *txn;
    struct fora_claims *claims;
    struct fora_arena arena;
    const struct local_policy *policy;
    const struct fora_principal_id *member;
    uint64_t now;
    struct explanation *out;
    struct fora_principal_id *trusted; /* owned: whose edges were or are to be read */
    size_t trusted_count;
    struct local_edge *edges; /* owned */
    size_t edges_count;
    struct learnt learnt;
    struct fora_bytes carried; /* of the page: the object that she carries */
};

/* ---- what verdicts rest on ---- */

static int learn(struct explaining *e, struct fora_bytes encoded)
{
    struct fora_object object;
    int rc = fora_object_decode(&object, encoded);
    rc = rc == 0 ? fora_claims_add(e->claims, &object) : rc;
    return rc == FORA_E_NOMEM ? rc : 0; /* of what is stored everything was verified once */
}

static int learn_all(struct explaining *e, const struct gather *gather)
{
    int rc = 0;
    for (size_t i = 0; i < gather->count && rc == 0; i++) {
        rc = learn(e, gather->objects[i]);
    }
    return rc;
}

static struct fora_hash *learnt_slot(const struct learnt *learnt, const uint8_t *id)
{
    size_t at = (size_t)id[0] << 16 | (size_t)id[1] << 8 | id[2];
    struct fora_hash *slot = &learnt->slots[at & (learnt->room - 1)];
    while (!fora_id_is_zero(slot->b) && memcmp(slot->b, id, FORA_ID_SIZE) != 0) {
        slot = &learnt->slots[++at & (learnt->room - 1)];
    }
    return slot;
}

static int learnt_grow(struct learnt *learnt)
{
    struct learnt grown = {.room = learnt->room == 0 ? LEARNT_ROOM : 2 * learnt->room};
    grown.slots = calloc(grown.room, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < learnt->room; i++) {
        if (!fora_id_is_zero(learnt->slots[i].b)) {
            *learnt_slot(&grown, learnt->slots[i].b) = learnt->slots[i];
        }
    }
    grown.count = learnt->count;
    free(learnt->slots);
    *learnt = grown;
    return 0;
}

/* *is_new the first time. Nobody and nowhere (zeros) is known. */
static int note(struct explaining *e, const uint8_t id[FORA_ID_SIZE], bool *is_new)
{
    struct learnt *learnt = &e->learnt;
    int rc = 2 * learnt->count >= learnt->room ? learnt_grow(learnt) : 0;
    if (rc == 0) {
        struct fora_hash *slot = learnt_slot(learnt, id);
        *is_new = memcmp(slot->b, id, FORA_ID_SIZE) != 0;
        memcpy(slot->b, id, FORA_ID_SIZE);
        learnt->count += *is_new;
    }
    return rc;
}

static int learn_log(struct explaining *e, const struct fora_principal_id *principal)
{
    struct gather gather;
    bool is_new = false;
    int rc = note(e, principal->b, &is_new);
    store_seq seq = is_new ? objects_find(e->txn, principal->b) : 0;
    gather_init(&gather, e->txn, &e->arena);
    rc = rc == 0 && seq != 0 ? gather_kinds_of(&gather, seq, 1U << FORA_KIND_IDENTITY) : rc;
    rc = rc == 0 ? learn_all(e, &gather) : rc;
    gather_fini(&gather);
    return rc;
}

/* The statements of a space, the receipts about them, and the logs of who made these. */
static int learn_policy(struct explaining *e, const struct fora_space_id *space)
{
    struct gather gather;
    struct set_info set;
    bool is_new = false;
    int rc = note(e, space->b, &is_new);
    if (!is_new || !sets_find(e->txn, space, FORA_AUDIENCE_PUBLIC, &set) || set.space_seq == 0) {
        return rc;
    }
    gather_init(&gather, e->txn, &e->arena);
    rc = gather_kinds_of(&gather, set.space_seq, GATHER_POLICY | GATHER_RECEIPTS);
    rc = rc == 0 ? learn_all(e, &gather) : rc;
    for (size_t i = 0; i < gather.count && rc == 0; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, gather.objects[i]) == 0) {
            rc = learn_log(e, &object.header.author);
        }
    }
    gather_fini(&gather);
    return rc;
}

/* Attestations with what is known of their spaces. */
static int learn_attested(struct explaining *e, const struct gather *gather)
{
    int rc = learn_all(e, gather);
    for (size_t i = 0; i < gather->count && rc == 0; i++) {
        struct fora_object object;
        bool good = fora_object_decode(&object, gather->objects[i]) == 0;
        uint32_t kind = good ? object.header.kind : 0;
        if (kind == FORA_KIND_ATTESTATION) {
            rc = learn_policy(e, &object.header.space);
        } else if (kind == FORA_KIND_CARRIED) {
            e->carried = gather->objects[i];
        }
    }
    return rc;
}

static int learn_page(struct explaining *e)
{
    struct gather gather;
    struct policies *policies = NULL;
    gather_init(&gather, e->txn, &e->arena);
    int rc = policies_new(&policies);
    rc = rc == 0 ? page_gather_carried(&gather, policies, e->member, PAGE_BYTES) : rc;
    policies_free(policies);
    rc = rc == 0 ? learn_attested(e, &gather) : rc;
    gather_fini(&gather);
    return rc == 0 ? learn_log(e, e->member) : rc;
}

/* ---- what she carries (ATT-16, LOC-7) ---- */

/* What is known here of those who made it, and of where. */
static int learn_beside(struct explaining *e, const struct fora_bundle *bundle)
{
    int rc = 0;
    for (size_t i = 0; i < bundle->objects_count && rc == 0; i++) {
        struct fora_object object;
        bool good = fora_object_decode(&object, bundle->objects[i]) == 0;
        uint32_t kind = good ? object.header.kind : 0;
        if (kind == FORA_KIND_ATTESTATION || kind == FORA_KIND_POLICY ||
            kind == FORA_KIND_RECEIPT) {
            rc = learn_log(e, &object.header.author);
        }
        if (rc == 0 && kind == FORA_KIND_ATTESTATION) {
            rc = learn_policy(e, &object.header.space);
        }
    }
    return rc;
}

/* At most 256 signatures: they are checked when somebody asks. What is not on the page had no room
 * beside what speaks against it. */
static int learn_carried(struct explaining *e)
{
    struct fora_object object;
    struct fora_content content;
    if (e->carried.size == 0 || fora_object_decode(&object, e->carried) != 0 ||
        !object.has_content) {
        return 0;
    }
    int rc = fora_content_decode(&e->arena, FORA_KIND_CARRIED, object.content_bytes, &content);
    if (rc != 0) {
        return rc;
    }
    const struct fora_bundle bundle = fora_bundle_of_carried(&object.header, &content.u.carried);
    rc = fora_bundle_open(&bundle, e->claims, NULL, NULL);
    return rc == 0 ? learn_beside(e, &bundle) : rc;
}

/* ---- trust ---- */

static void trust_node(struct explaining *e, const struct fora_principal_id *node)
{
    for (size_t i = 0; i < e->trusted_count; i++) {
        if (memcmp(e->trusted[i].b, node->b, sizeof node->b) == 0) {
            return;
        }
    }
    if (e->trusted_count < TRUST_NODES_MAX) {
        e->trusted[e->trusted_count++] = *node;
    }
}

/* What a node says of others belongs to it (OBJ-7). */
static int learn_trust(struct explaining *e, const struct fora_principal_id *node)
{
    struct gather gather;
    store_seq seq = objects_find(e->txn, node->b);
    gather_init(&gather, e->txn, &e->arena);
    const uint32_t kinds =
        1U << FORA_KIND_IDENTITY | 1U << FORA_KIND_ATTESTATION | 1U << FORA_KIND_REVOCATION;
    int rc = seq == 0 ? 0 : gather_kinds_of(&gather, seq, kinds);
    rc = rc == 0 ? learn_all(e, &gather) : rc;
    gather_fini(&gather);
    return rc;
}

static int take_edge(void *context, const struct fora_claim *claim)
{
    struct explaining *e = context;
    const struct fora_attestation *a = claim->attestation;
    if (a->type != FORA_ATTESTATION_TRUST || claim->code != 0 || e->edges_count == ROOM) {
        return 0;
    }
    uint64_t weight = fora_fact_get(a->facts, a->facts_count, "weight");
    e->edges[e->edges_count++] = (struct local_edge){.from = claim->header->author,
        .to = a->subject,
        .weight = weight < 1000 ? (uint32_t)weight : 1000};
    return 0;
}

/* In rounds: whom the nodes of the last round trust are the next one. */
static int learn_edges(struct explaining *e, const struct local_policy *policy)
{
    size_t begin = 0;
    int rc = 0;
    for (size_t i = 0; i < policy->named_count; i++) {
        trust_node(e, &policy->named[i].node);
    }
    for (unsigned hop = 0; hop < LOCAL_HOPS_MAX && rc == 0; hop++) {
        size_t end = e->trusted_count;
        for (size_t i = begin; i < end && rc == 0; i++) {
            rc = learn_trust(e, &e->trusted[i]);
        }
        e->edges_count = 0;
        rc = rc == 0 ? fora_claims_each(e->claims, NULL, e->now, take_edge, e) : rc;
        for (size_t i = 0; i < e->edges_count; i++) {
            trust_node(e, &e->edges[i].to);
        }
        begin = end;
    }
    return rc;
}

/* ---- lines ---- */

static bool product_counts(const struct explaining *e, const struct fora_claim *claim)
{
    const struct fora_policy *policy = fora_claims_policy(e->claims, &claim->header->space);
    size_t count = 0;
    const struct fora_product *products =
        policy != NULL ? fora_policy_products(policy, &count) : NULL;
    return local_product_counts(e->policy, claim->attestation->products,
        claim->attestation->products_count, products, count);
}

static int take_standing(void *context, const struct fora_claim *claim)
{
    struct explaining *e = context;
    const struct fora_attestation *a = claim->attestation;
    if (a->type != FORA_ATTESTATION_STANDING || e->out->claims_count == ROOM) {
        return 0;
    }
    struct set_info set;
    e->out->claims[e->out->claims_count++] = (struct explain_claim){.issuer = claim->header->author,
        .space = claim->header->space,
        .standing = fora_fact_get(a->facts, a->facts_count, "standing"),
        .until = a->until,
        .code = claim->code,
        .product = product_counts(e, claim),
        .carried = objects_find(e->txn, claim->id->b) == 0,
        .space_held = sets_find(e->txn, &claim->header->space, FORA_AUDIENCE_PUBLIC, &set)};
    return 0;
}

/* Is there a later one that counts, in a line of its own (ATT-8)? Claims are by date. */
static bool is_said_again(const struct explanation *out, size_t index)
{
    const struct explain_claim *claim = &out->claims[index];
    for (size_t i = index + 1; i < out->claims_count; i++) {
        const struct explain_claim *later = &out->claims[i];
        if (later->code == 0 && later->product &&
            memcmp(later->issuer.b, claim->issuer.b, sizeof claim->issuer.b) == 0 &&
            memcmp(later->space.b, claim->space.b, sizeof claim->space.b) == 0) {
            return true;
        }
    }
    return false;
}

static void add_line(struct explanation *out, const struct explain_claim *claim)
{
    for (size_t i = 0; i < out->lines_count; i++) {
        struct local_line *line = &out->lines[i];
        if (memcmp(line->issuer.b, claim->issuer.b, sizeof claim->issuer.b) == 0) {
            line->standing += claim->standing;
            line->until = claim->until > line->until ? claim->until : line->until;
            return;
        }
    }
    out->lines[out->lines_count++] = (struct local_line){
        .issuer = claim->issuer, .standing = claim->standing, .until = claim->until};
}

static int weigh(struct explaining *e, const struct local_policy *policy)
{
    struct local_trust *trust;
    size_t count;
    struct explanation *out = e->out;
    int rc = local_trust_flow(policy, e->edges, e->edges_count, &trust, &count);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < out->claims_count; i++) {
        struct explain_claim *claim = &out->claims[i];
        bool good = claim->code == 0 && claim->product;
        claim->said_again = good && is_said_again(out, i);
        if (good && !claim->said_again) {
            add_line(out, claim);
        }
    }
    out->local =
        local_standing(policy, trust, count, out->lines, out->lines_count, e->now, &out->enough);
    free(trust);
    return 0;
}

static int explain(struct explaining *e)
{
    int rc = learn_page(e);
    rc = rc == 0 ? learn_edges(e, e->policy) : rc;
    rc = rc == 0 ? learn_carried(e) : rc;
    rc = rc == 0 ? fora_claims_each(e->claims, e->member, e->now, take_standing, e) : rc;
    return rc == 0 ? weigh(e, e->policy) : rc;
}

int explain_member(struct kv_txn *txn, const struct local_policy *policy,
    const struct fora_principal_id *member, uint64_t now, struct explanation *out)
{
    struct explaining *e = calloc(1, sizeof *e);
    *out = (struct explanation){
        .claims = calloc(ROOM, sizeof *out->claims), .lines = calloc(ROOM, sizeof *out->lines)};
    int rc = e == NULL || out->claims == NULL || out->lines == NULL ? FORA_E_NOMEM : 0;
    if (rc == 0) {
        *e = (struct explaining){.txn = txn,
            .policy = policy,
            .member = member,
            .now = now,
            .out = out,
            .trusted = calloc(TRUST_NODES_MAX, sizeof *e->trusted),
            .edges = calloc(ROOM, sizeof *e->edges)};
        fora_arena_init(&e->arena, 0);
        rc = e->trusted == NULL || e->edges == NULL ? FORA_E_NOMEM : fora_claims_new(&e->claims);
        rc = rc == 0 ? explain(e) : rc;
        fora_claims_free(e->claims);
        fora_arena_fini(&e->arena);
        free(e->learnt.slots);
        free(e->trusted);
        free(e->edges);
    }
    free(e);
    if (rc != 0) {
        explanation_fini(out);
    }
    return rc;
}

int member_claims(
    struct kv_txn *txn, const struct fora_principal_id *member, struct fora_claims *claims)
{
    struct explaining e = {.txn = txn, .member = member, .claims = claims};
    fora_arena_init(&e.arena, 0);
    int rc = learn_page(&e);
    fora_arena_fini(&e.arena);
    free(e.learnt.slots);
    return rc;
}

int attestation_claims(struct kv_txn *txn, store_seq attestation, struct fora_claims *claims)
{
    struct explaining e = {.txn = txn, .claims = claims};
    struct gather gather;
    fora_arena_init(&e.arena, 0);
    gather_init(&gather, txn, &e.arena);
    int rc = page_gather_one(&gather, attestation, PAGE_BYTES);
    rc = rc == 0 ? learn_attested(&e, &gather) : rc;
    gather_fini(&gather);
    fora_arena_fini(&e.arena);
    free(e.learnt.slots);
    return rc;
}

void explanation_fini(struct explanation *explanation)
{
    free(explanation->claims);
    free(explanation->lines);
    *explanation = (struct explanation){0};
}
