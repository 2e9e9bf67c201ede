/*
 * Counting a space whole:
 *
 *     objects -> threads -> credits, in one list
 *     credits -> those of each member beside each other, with those that she gave
 *     each member -> standing and Merkle root -> an attestation, signed
 */
#include "recount.h"

#include "bench.h"
#include "core/rows.h"
#include "reputation/impl.h"

#include <stdlib.h>
#include <string.h>

struct whole {
    struct kv_txn *txn;
    const struct fora_policy *policy;
    const struct world *world;
    struct fora_arena arena;
    struct fora_credit *credits; /* owned */
    size_t count, room;
    const struct fora_principal_id *ids[WORLD_MEMBERS]; /* ascending */
    uint64_t born[WORLD_MEMBERS];                       /* in that order */
    struct fora_principal_id home[WORLD_MEMBERS];
    uint64_t threads;
};

static int by_id(const void *left, const void *right)
{
    const struct fora_principal_id *const *a = left, *const *b = right;
    return memcmp((*a)->b, (*b)->b, FORA_ID_SIZE);
}

/* The place of a member; WORLD_MEMBERS: of nobody. */
static size_t place_of(const struct whole *whole, const struct fora_principal_id *id)
{
    const struct fora_principal_id *const *found =
        bsearch(&id, whole->ids, WORLD_MEMBERS, sizeof whole->ids[0], by_id);
    return found == NULL ? WORLD_MEMBERS : (size_t)(found - whole->ids);
}

/* Create entries are read once. */
static void read_births(struct whole *whole)
{
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        struct stored stored;
        struct fora_content content;
        bench_need(objects_read(whole->txn, objects_find(whole->txn, whole->ids[i]->b), &stored),
            "an identity");
        bench_need(fora_content_decode(
                       &whole->arena, FORA_KIND_IDENTITY, stored.object.content_bytes, &content),
            "an identity");
        whole->born[i] = stored.object.header.created_at;
        whole->home[i] = content.u.identity.create->home;
        fora_arena_reset(&whole->arena);
    }
}

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    const struct whole *whole = context;
    size_t place = place_of(whole, principal);
    if (place == WORLD_MEMBERS) {
        return FORA_E_NOTFOUND;
    }
    *at = whole->born[place];
    *home = whole->home[place];
    return 0;
}

static int no_object(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    (void)context;
    (void)id;
    (void)out;
    return FORA_E_NOTFOUND; /* nothing is cited in a world */
}

static void keep(struct whole *whole, const struct fora_credit *credits, size_t count)
{
    if (count > whole->room - whole->count) {
        whole->room = 2 * (whole->room + count);
        struct fora_credit *grown = realloc(whole->credits, whole->room * sizeof *grown);
        bench_need(grown == NULL ? FORA_E_NOMEM : 0, "credits");
        whole->credits = grown;
    }
    for (size_t i = 0; i < count; i++) {
        bench_need(
            credits[i].badge || fora_credit_by_organisation(credits[i].class) ? FORA_E_INTERNAL : 0,
            "a world without staff");
        whole->credits[whole->count++] = credits[i];
    }
}

static int fold_thread(void *context, const struct stored *stored)
{
    struct whole *whole = context;
    const struct fora_credit_source source = {whole, born, no_object};
    struct fora_view_thread view;
    struct fora_credit *credits;
    size_t count;
    if (stored->object.header.kind != FORA_KIND_THREAD) {
        return 0;
    }
    bench_need(rows_fold(whole->txn, &whole->arena, whole->policy, stored->seq, &view), "a thread");
    bench_need(fora_credits_of_view(&whole->arena, whole->policy, &source, &view, &credits, &count),
        "credits");
    keep(whole, credits, count);
    whole->threads++;
    fora_arena_reset(&whole->arena);
    return 0;
}

/* ---- members ---- */

/* Credits by member: a member's are list[begin[m]] to list[begin[m + 1]]. Owned by the caller. */
static struct fora_credit *by_member(const struct whole *whole, size_t begin[WORLD_MEMBERS + 2])
{
    struct fora_credit *list = malloc((2 * whole->count + 1) * sizeof *list);
    bench_need(list == NULL ? FORA_E_NOMEM : 0, "credits");
    memset(begin, 0, (WORLD_MEMBERS + 2) * sizeof *begin);
    for (size_t turn = 0; turn < 2 && list != NULL; turn++) {
        for (size_t i = 0; i < whole->count; i++) {
            const struct fora_credit *credit = &whole->credits[i];
            const size_t places[] = {
                place_of(whole, &credit->subject), place_of(whole, &credit->giver)};
            for (size_t j = 0; j < 2; j++) {
                if (places[j] == WORLD_MEMBERS) {
                    continue;
                }
                if (turn == 0) {
                    begin[places[j] + 2]++; /* how many the next begins behind */
                } else {
                    list[begin[places[j] + 1]++] = *credit;
                }
            }
        }
        for (size_t m = 2; turn == 0 && m < WORLD_MEMBERS + 2; m++) {
            begin[m] += begin[m - 1];
        }
    }
    return list;
}

static void sign(const struct bench_node *node, const struct world *world,
    const struct fora_principal_id *subject, const struct fora_standing *standing,
    const struct fora_evidence *evidence)
{
    struct fora_fact facts[FORA_STANDING_FACTS];
    struct fora_buf encoded = {0}, made = {0};
    struct fora_header header = {.kind = FORA_KIND_ATTESTATION,
        .author = node->id,
        .space = world->space,
        .created_at = world->now};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = *subject,
            .until = world->now,
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts}};
    content.u.attestation.facts_count = fora_standing_facts(standing, facts);
    fora_evidence_root(evidence, &content.u.attestation.evidence_root);
    fora_salt_random(fora_content_salt(&content));
    bench_need(fora_content_encode(&encoded, &content), "a standing");
    bench_need(fora_object_build(&made, &header, fora_buf_bytes(&encoded), node->device, NULL),
        "a standing");
    fora_buf_fini(&encoded);
    fora_buf_fini(&made);
}

struct counted {
    struct fora_standing standing[WORLD_MEMBERS];
    struct fora_evidence evidence[WORLD_MEMBERS];
};

static void count_members(
    const struct whole *whole, const struct bench_node *node, struct counted *counted, uint64_t *n)
{
    size_t begin[WORLD_MEMBERS + 2];
    struct fora_credit *list = by_member(whole, begin);
    for (size_t m = 0; m < WORLD_MEMBERS; m++) {
        size_t count = begin[m + 1] - begin[m];
        bench_need(fora_standing_count(list + begin[m], count, whole->ids[m], 0, UINT64_MAX,
                       &counted->standing[m], &counted->evidence[m]),
            "counting");
        if (count > 0) {
            sign(node, whole->world, whole->ids[m], &counted->standing[m], &counted->evidence[m]);
            ++*n;
        }
    }
    free(list);
}

static void compare(const struct whole *whole, uint32_t set, const struct counted *counted)
{
    for (size_t m = 0; m < WORLD_MEMBERS; m++) {
        struct standing_member member;
        struct fora_hash a, b;
        (void)member_get(whole->txn, set, whole->ids[m], &member);
        fora_evidence_root(&member.evidence, &a);
        fora_evidence_root(&counted->evidence[m], &b);
        bench_need(memcmp(&member.sums, &counted->standing[m], sizeof member.sums) != 0 ||
                           (!member.stale && memcmp(a.b, b.b, sizeof a.b) != 0)
                       ? FORA_E_INTERNAL
                       : 0,
            "a standing that is the same either way");
    }
}

void bench_recount(struct kv *kv, struct policies *policies, const struct world *world,
    const struct bench_node *node, struct recount *out)
{
    struct whole *whole = calloc(1, sizeof *whole);
    struct counted *counted = calloc(1, sizeof *counted);
    struct policy_handle *policy;
    struct set_info set;
    bench_need(whole == NULL || counted == NULL ? FORA_E_NOMEM : 0, "members");
    memset(out, 0, sizeof *out);
    double start = bench_seconds();
    bench_need(kv_begin_read(kv, &whole->txn), "reading");
    if (!sets_find(whole->txn, &world->space, FORA_AUDIENCE_PUBLIC, &set)) {
        bench_need(FORA_E_NOTFOUND, "the space");
    }
    bench_need(policies_get(policies, whole->txn, &set, &policy), "the policy");
    whole->policy = policy_of(policy);
    whole->world = world;
    for (size_t i = 0; i < WORLD_MEMBERS; i++) {
        whole->ids[i] = &world->ids[i];
    }
    qsort(whole->ids, WORLD_MEMBERS, sizeof whole->ids[0], by_id);
    fora_arena_init(&whole->arena, 0);
    read_births(whole);
    bench_need(objects_each(whole->txn, 0, fold_thread, whole), "folding");
    out->folding = bench_seconds() - start;
    count_members(whole, node, counted, &out->members);
    out->seconds = bench_seconds() - start;
    out->threads = whole->threads;
    out->credits = whole->count;
    bench_need(whole->count == 0 ? FORA_E_INTERNAL : 0, "credits");
    compare(whole, set.number, counted);
    fora_arena_fini(&whole->arena);
    policies_release(policies, policy);
    kv_abort(whole->txn);
    free(whole->credits);
    free(whole);
    free(counted);
}
