#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "carried_rig.h"

#include <stdio.h>
#include <string.h>

void story_init(struct story *s)
{
    memset(s, 0, sizeof *s);
    net_init(&s->net);
    fx_init(&s->fx);
    shelf_init(&s->shelf);
    s->now = s->net.now < WORLD_NOW ? s->net.now : WORLD_NOW;
    s->b = net_add(&s->net, "b");
    s->c = net_add(&s->net, "c");
    s->wine = net_space(&s->net, s->b, "wine");
    s->ann = fx_member(&s->fx, 1, s->now - 5000);
    s->vendor = fx_node(&s->fx, 2, s->now - 5000);
    s->beer_object = fx_space(&s->fx, s->vendor, FORA_SPACE_QUESTIONS, "beer", s->now - 4000);
    s->beer = fora_object_space(s->beer_object);
}

void story_fini(struct story *s)
{
    net_fini(&s->net);
    shelf_fini(&s->shelf);
    fx_fini(&s->fx);
}

const struct fora_object *standing_by(struct story *s, const struct fx_who *who,
    const struct fx_who *of, const struct fora_object *given, uint64_t points, uint64_t ago)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = points},
        {.name = fora_bytes_str("standing"), .count = points}};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = of->id,
            .until = s->now - ago,
            .delegation = given != NULL ? given->id : (struct fora_object_id){{0}},
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2}};

    return fx_object(&s->fx, who, (struct fora_header){.space = s->beer}, content, s->now - ago);
}

const struct fora_object *standing(struct story *s, uint64_t points, uint64_t ago)
{
    return standing_by(s, s->vendor, s->ann, NULL, points, ago);
}

const struct fora_object *carried_all(
    struct story *s, const struct fora_object *const *objects, size_t count, uint64_t ago)
{
    struct fora_bytes encoded[8];
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++) {
        encoded[i] = objects[i]->encoded;
    }
    const struct fora_content content = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = encoded, .objects_count = count}};

    return fx_object(&s->fx, s->ann, (struct fora_header){0}, content, s->now - ago);
}

const struct fora_object *carried(struct story *s, const struct fora_object *claim, uint64_t ago)
{
    const struct fora_object *objects[] = {s->vendor->create, s->beer_object, claim};
    return carried_all(s, objects, claim != NULL ? 3 : 0, ago);
}

const struct fora_object *revocation_at(
    struct story *s, const struct fora_object *what, uint64_t ago)
{
    const struct fora_header header = {.space = s->beer, .parent = what->id};
    return fx_object(&s->fx, s->vendor, header, (struct fora_content){.kind = FORA_KIND_REVOCATION},
        s->now - ago);
}

const struct fora_object *revocation(struct story *s, const struct fora_object *what)
{
    return revocation_at(s, what, 500);
}

uint64_t explained(struct story *s, const struct local_policy *policy, struct explanation *out)
{
    struct kv_txn *txn = shelf_read(&s->shelf);
    assert_int_equal(explain_member(txn, policy, &s->ann->id, s->now, out), 0);
    kv_abort(txn);
    return out->local;
}

const struct explain_claim *claim_of(const struct explanation *found, uint64_t points)
{
    for (size_t i = 0; i < found->claims_count; i++) {
        if (found->claims[i].standing == points) {
            return &found->claims[i];
        }
    }
    fail_msg("no standing of %u", (unsigned)points);
    return NULL;
}

const struct local_policy anybody = {.others = 1000, .cap = 500, .issuers_min = 1};

void crowd_in(struct story *s, struct fx_who *home, const struct fora_space_id *space)
{
    char label[32];
    const struct fora_object *moved =
        fx_move(&s->fx, s->ann, s->ann->create, 1, home, s->ann->root, s->now - 4500);
    const struct fora_object *first[] = {s->ann->create, home->create, moved};
    shelf_add(&s->shelf, first, 3);
    for (unsigned i = 0; i < CROWD; i++) {
        (void)snprintf(label, sizeof label, "junk %u", i);
        const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
            .u.attestation = {.type = FORA_ATTESTATION_AFFILIATION,
                .subject = s->ann->id,
                .from = 1,
                .label = fora_bytes_str(label)}};
        const struct fora_object *junk = fx_object(
            &s->fx, home, (struct fora_header){.space = *space}, content, s->now - 4000 + i);
        shelf_add(&s->shelf, &junk, 1);
    }
}

void crowd(struct story *s, struct fx_who *home)
{
    const struct fora_space_id nowhere = {{0}};
    crowd_in(s, home, &nowhere);
}
