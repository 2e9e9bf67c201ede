/*
 * Choosing what goes along (ATT-17): the claims about oneself that hold, the delegations under
 * them, the logs of who made these, and the policies of the spaces. What is too much for the room
 * goes in this order: receipts and policy statements that no verdict needs, then claims, the oldest
 * first and standings last.
 */
#include "cmd/carry.h"

#include <stdlib.h>
#include <string.h>

enum { TRIALS_MAX = 64, CHAIN_MAX = 4 };

struct item {
    struct fora_object object;
    struct fora_object_id under; /* of an attestation: the delegation */
    bool claim;                  /* about her, holds, and may be shown */
    bool standing;
    bool given_up;  /* no room for it */
    unsigned trial; /* in which it went */
    bool in;
    bool doubled;
};

struct choosing {
    struct reputation *r;
    const struct carry_room *room;
    struct item *items; /* owned */
    size_t count;
};

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, FORA_ID_SIZE) == 0;
}

/* ---- what there is ---- */

static int judge(struct choosing *c, struct item *item)
{
    struct fora_claim claim;
    int error = fora_claims_check(c->r->claims, &item->object.id, c->r->at, &claim);
    if (error != 0) {
        return error == FORA_E_NOTFOUND ? 0 : error;
    }
    item->under = claim.attestation->delegation;
    item->standing = claim.attestation->type == FORA_ATTESTATION_STANDING;
    item->claim = claim.code == 0 && claim.attestation->type != FORA_ATTESTATION_TRUST &&
                  same(claim.attestation->subject.b, c->r->subject.b) &&
                  (c->room->withheld || !reputation_withheld(c->r, &claim));
    return 0;
}

static int by_id(const void *left, const void *right)
{
    const struct item *a = *(struct item *const *)left, *b = *(struct item *const *)right;
    return memcmp(a->object.id.b, b->object.id.b, FORA_ID_SIZE);
}

static int by_id_and_place(const void *left, const void *right)
{
    const struct item *a = *(struct item *const *)left, *b = *(struct item *const *)right;
    int order = by_id(left, right);
    return order != 0 ? order : (a > b) - (a < b);
}

/* What came from the node and from a bundle goes along once, where it came first: logs are read in
 * that order. */
static int drop_doubles(struct choosing *c)
{
    struct item **sorted = calloc(c->count + 1, sizeof(struct item *));
    size_t kept = 0;
    if (sorted == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < c->count; i++) {
        sorted[i] = &c->items[i];
    }
    qsort(sorted, c->count, sizeof(struct item *), by_id_and_place);
    for (size_t i = 1; i < c->count; i++) {
        sorted[i]->doubled = by_id(&sorted[i - 1], &sorted[i]) == 0;
    }
    free(sorted);
    for (size_t i = 0; i < c->count; i++) {
        if (!c->items[i].doubled) {
            c->items[kept++] = c->items[i];
        }
    }
    c->count = kept;
    return 0;
}

static int collect(struct choosing *c)
{
    int error = 0;
    c->items = calloc(c->r->objects_count + 1, sizeof *c->items);
    if (c->items == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < c->r->objects_count && error == 0; i++) {
        struct item *item = &c->items[c->count];
        if (fora_object_decode(&item->object, c->r->objects[i]) != 0) {
            continue;
        }
        error = item->object.header.kind == FORA_KIND_ATTESTATION ? judge(c, item) : 0;
        c->count++;
    }
    return error == 0 ? drop_doubles(c) : error;
}

/* ---- what belongs to it ---- */

static bool wants_space(const struct choosing *c, const struct fora_space_id *space)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct item *item = &c->items[i];
        if (item->in && item->object.header.kind == FORA_KIND_ATTESTATION &&
            same(item->object.header.space.b, space->b)) {
            return true;
        }
    }
    return false;
}

static bool wants_log(const struct choosing *c, const struct fora_principal_id *principal)
{
    if (same(principal->b, c->r->subject.b)) {
        return c->room->own_log;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct item *item = &c->items[i];
        if (item->in && item->object.header.kind != FORA_KIND_IDENTITY &&
            same(item->object.header.author.b, principal->b)) {
            return true;
        }
    }
    return false;
}

static bool is_under(const struct choosing *c, const struct fora_object_id *id)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].in && same(c->items[i].under.b, id->b)) {
            return true;
        }
    }
    return false;
}

static void take_kind(struct choosing *c, uint32_t kind)
{
    for (size_t i = 0; i < c->count; i++) {
        struct item *item = &c->items[i];
        if (item->object.header.kind != kind || item->in || item->given_up) {
            continue;
        }
        struct fora_space_id space = fora_object_space(&item->object);
        struct fora_principal_id principal = fora_object_principal(&item->object);
        item->in = kind == FORA_KIND_IDENTITY      ? wants_log(c, &principal)
                   : kind == FORA_KIND_ATTESTATION ? is_under(c, &item->object.id)
                                                   : wants_space(c, &space);
    }
}

/* The claims that are not given up, and all that they rest on. */
static void take_all(struct choosing *c)
{
    for (size_t i = 0; i < c->count; i++) {
        c->items[i].in = c->items[i].claim && !c->items[i].given_up;
    }
    for (int i = 0; i < CHAIN_MAX; i++) {
        take_kind(c, FORA_KIND_ATTESTATION);
    }
    take_kind(c, FORA_KIND_POLICY);
    take_kind(c, FORA_KIND_RECEIPT);
    take_kind(c, FORA_KIND_IDENTITY);
}

static bool fits(const struct choosing *c)
{
    size_t bytes = 0, objects = 0;
    for (size_t i = 0; i < c->count; i++) {
        bytes += c->items[i].in ? c->items[i].object.encoded.size : 0;
        objects += c->items[i].in;
    }
    return bytes <= c->room->bytes && objects <= c->room->objects;
}

/* ---- leaving out what no verdict needs ---- */

static bool may_go(const struct item *item)
{
    const struct fora_header *header = &item->object.header;
    return item->in && (header->kind == FORA_KIND_RECEIPT ||
                           (header->kind == FORA_KIND_POLICY && !fora_id_is_zero(header->space.b)));
}

/* Of the space of a claim: what a reader is told of it stays. */
static bool same_policy(
    struct fora_claims *before, struct fora_claims *after, const struct fora_space_id *space)
{
    const struct fora_policy *a = fora_claims_policy(before, space);
    const struct fora_policy *b = fora_claims_policy(after, space);
    size_t products = 0, left = 0;
    if (a == NULL || b == NULL) {
        return a == b;
    }
    (void)fora_policy_products(a, &products);
    (void)fora_policy_products(b, &left);
    return products == left && fora_bytes_equal(fora_policy_name(a), fora_policy_name(b));
}

/* Without what is not in: is every claim still what it was? *hold is false when not. */
static int try_it(const struct choosing *c, bool *hold)
{
    struct fora_claims *claims;
    int error = fora_claims_new(&claims);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < c->count && error == 0; i++) {
        const struct item *item = &c->items[i];
        /* Her own log is where she is, and helps to judge what her home says. */
        bool hers = item->object.header.kind == FORA_KIND_IDENTITY &&
                    same(fora_object_principal(&item->object).b, c->r->subject.b);
        error = item->in || hers ? fora_claims_add(claims, &item->object) : 0;
    }
    *hold = error == 0;
    for (size_t i = 0; i < c->count && *hold; i++) {
        const struct item *item = &c->items[i];
        struct fora_claim claim;
        if (item->in && item->claim) {
            *hold = fora_claims_check(claims, &item->object.id, c->r->at, &claim) == 0 &&
                    claim.code == 0 &&
                    same_policy(c->r->claims, claims, &item->object.header.space);
        }
    }
    fora_claims_free(claims);
    return error == FORA_E_NOMEM ? error : 0;
}

/* The next `size` that may go, from `at` on, are put out; 0: there is none. *end: after the last.
 */
static size_t put_out(struct choosing *c, size_t at, size_t size, unsigned trial, size_t *end)
{
    size_t done = 0;
    for (; at < c->count && done < size; at++) {
        struct item *item = &c->items[at];
        if (may_go(item)) {
            item->in = false;
            item->given_up = true;
            item->trial = trial;
            done++;
        }
    }
    *end = at;
    return done;
}

static void put_back(struct choosing *c, unsigned trial)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].trial == trial) {
            c->items[i].in = true;
            c->items[i].given_up = false;
            c->items[i].trial = 0;
        }
    }
}

/* Tries to do without halves, quarters and so on, with a bound on how often it is tried. */
static int thin_out(struct choosing *c)
{
    size_t all = 0, at, end;
    unsigned trial = 0;
    bool hold;
    for (size_t i = 0; i < c->count; i++) {
        all += may_go(&c->items[i]);
    }
    for (size_t size = (all + 1) / 2; size > 0 && trial < TRIALS_MAX && !fits(c); size /= 2) {
        for (at = 0; trial < TRIALS_MAX && !fits(c); at = end) {
            if (put_out(c, at, size, ++trial, &end) == 0) {
                break;
            }
            int error = try_it(c, &hold);
            if (error != 0) {
                return error;
            }
            if (!hold) {
                put_back(c, trial);
            }
        }
    }
    return 0;
}

/* ---- leaving out claims ---- */

static struct item *least(struct choosing *c)
{
    struct item *found = NULL;
    for (size_t i = 0; i < c->count; i++) {
        struct item *item = &c->items[i];
        if (!item->claim || item->given_up) {
            continue;
        }
        if (found == NULL || (found->standing && !item->standing) ||
            (found->standing == item->standing &&
                item->object.header.created_at < found->object.header.created_at)) {
            found = item;
        }
    }
    return found;
}

static int fit(struct choosing *c, size_t *left_out)
{
    take_all(c);
    int error = fits(c) ? 0 : thin_out(c);
    while (error == 0 && !fits(c)) {
        struct item *item = least(c);
        if (item == NULL) {
            break;
        }
        item->given_up = true;
        ++*left_out;
        take_all(c);
    }
    return error;
}

int carry_choose(struct reputation *r, const struct carry_room *room, struct carry_choice *out)
{
    struct choosing c = {.r = r, .room = room};
    *out = (struct carry_choice){0};
    int error = collect(&c);
    error = error == 0 ? fit(&c, &out->left_out) : error;
    out->objects = error == 0 ? calloc(c.count + 1, sizeof *out->objects) : NULL;
    if (error == 0 && out->objects == NULL) {
        error = FORA_E_NOMEM;
    }
    for (size_t i = 0; error == 0 && i < c.count; i++) {
        if (c.items[i].in) {
            out->objects[out->count++] = c.items[i].object;
            out->bytes += c.items[i].object.encoded.size;
            out->claims += c.items[i].claim;
        }
    }
    free(c.items);
    return error;
}

void carry_choice_fini(struct carry_choice *choice)
{
    free(choice->objects);
    *choice = (struct carry_choice){0};
}
