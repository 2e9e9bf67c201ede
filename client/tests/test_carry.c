/* What goes along, and what is left out where there is not room for all (ATT-17). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/carry.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

enum { NOW = 900000 };

struct scene {
    struct fx fx;
    struct app app;
    struct reputation r;
    struct fx_who *node, *other, *ann, *bob;
    const struct fora_object *space;
    uint64_t at;
};

static const struct carry_room room = {
    .bytes = FORA_CARRIED_MAX, .objects = FORA_CARRIED_OBJECTS_MAX};

static void give(struct scene *s, const struct fora_object *object)
{
    assert_int_equal(reputation_take(&s->r, object->encoded, true), CMD_EXIT_OK);
}

static int setup(void **state)
{
    static struct scene scene;
    struct scene *s = &scene;
    memset(s, 0, sizeof *s);
    fx_init(&s->fx);
    s->at = 5000;
    s->node = fx_node(&s->fx, 1, 1000);
    s->other = fx_node(&s->fx, 2, 1000);
    s->ann = fx_member(&s->fx, 3, 1000);
    s->bob = fx_member(&s->fx, 4, 1000);
    s->space = fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "brewing", 1000);
    assert_int_equal(reputation_init(&s->r, &s->app), CMD_EXIT_OK);
    s->r.subject = s->ann->id;
    s->r.at = NOW;
    const struct fora_object *all[] = {
        s->ann->create, s->node->create, s->other->create, s->bob->create, s->space};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        give(s, all[i]);
    }
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    reputation_fini(&s->r);
    fx_fini(&s->fx);
    return 0;
}

static const struct fora_object *state_it(struct scene *s, const struct fx_who *issuer,
    const struct fx_who *subject, uint32_t type, const char *label, const struct fora_object *under)
{
    const struct fora_header header = {.space = fora_object_space(s->space)};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = type, .subject = subject->id, .label = fora_bytes_str(label)}};
    if (type == FORA_ATTESTATION_DELEGATION) {
        content.u.attestation.may = 1U << FORA_ATTESTATION_BADGE;
    }
    if (under != NULL) {
        content.u.attestation.delegation = under->id;
    }
    const struct fora_object *made = fx_object(&s->fx, issuer, header, content, s->at++);
    give(s, made);
    return made;
}

static bool chosen(const struct carry_choice *choice, const struct fora_object *object)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (memcmp(choice->objects[i].id.b, object->id.b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Who has nothing but what was chosen and her log comes to the same verdict on every claim. */
static void check_choice(struct scene *s, const struct carry_choice *choice, size_t claims)
{
    struct fora_claims *alone;
    struct fora_claim claim;
    size_t held = 0, bytes = 0;
    assert_int_equal(fora_claims_new(&alone), 0);
    assert_int_equal(fora_claims_add(alone, s->ann->create), 0);
    for (size_t i = 0; i < choice->count; i++) {
        assert_int_equal(fora_claims_add(alone, &choice->objects[i]), 0);
        bytes += choice->objects[i].encoded.size;
    }
    for (size_t i = 0; i < choice->count; i++) {
        if (fora_claims_check(alone, &choice->objects[i].id, NOW, &claim) == 0) {
            assert_int_equal(claim.code, 0);
            held += memcmp(claim.attestation->subject.b, s->ann->id.b, FORA_ID_SIZE) == 0;
        }
    }
    fora_claims_free(alone);
    assert_int_equal(held, claims);
    assert_int_equal(choice->claims, claims);
    assert_int_equal(choice->bytes, bytes);
    assert_true(bytes <= FORA_CARRIED_MAX && choice->count <= FORA_CARRIED_OBJECTS_MAX);
}

static void ATT_17_what_holds_and_what_it_rests_on(void **state)
{
    struct scene *s = *state;
    struct carry_choice choice;
    const struct fora_object *may =
        state_it(s, s->node, s->bob, FORA_ATTESTATION_DELEGATION, "", NULL);
    const struct fora_object *mvp = state_it(s, s->bob, s->ann, FORA_ATTESTATION_BADGE, "MVP", may);
    const struct fora_object *forged =
        state_it(s, s->other, s->ann, FORA_ATTESTATION_BADGE, "Star", NULL);
    const struct fora_object *of_bob =
        state_it(s, s->node, s->bob, FORA_ATTESTATION_BADGE, "MVP", NULL);
    assert_int_equal(carry_choose(&s->r, &room, &choice), 0);
    check_choice(s, &choice, 1);
    assert_true(chosen(&choice, mvp) && chosen(&choice, may) && chosen(&choice, s->space));
    assert_true(chosen(&choice, s->node->create) && chosen(&choice, s->bob->create));
    assert_false(chosen(&choice, forged) || chosen(&choice, of_bob));
    assert_false(chosen(&choice, s->other->create) || chosen(&choice, s->ann->create));
    assert_int_equal(choice.left_out, 0);
    carry_choice_fini(&choice);
}

/* A policy of a thousand statements, of which one makes the host that issues. */
static void ATT_17_statements_that_no_verdict_needs(void **state)
{
    struct scene *s = *state;
    struct carry_choice choice;
    const struct fora_object *host = NULL;
    for (unsigned i = 0; i < 1000; i++) {
        if (i == 617) {
            host = fx_host(&s->fx, s->node, s->space, s->other, 2000 + i);
            give(s, host);
        }
        give(s, fx_grant(&s->fx, s->node, s->space, s->bob, FORA_ROLE_EDITOR, 1, 2 + i, 2000 + i));
    }
    const struct fora_object *mvp =
        state_it(s, s->other, s->ann, FORA_ATTESTATION_BADGE, "MVP", NULL);
    assert_int_equal(carry_choose(&s->r, &room, &choice), 0);
    check_choice(s, &choice, 1);
    assert_true(chosen(&choice, mvp) && chosen(&choice, host) && chosen(&choice, s->space));
    assert_int_equal(choice.left_out, 0);
    carry_choice_fini(&choice);
}

/* The oldest go, and a standing before no badge. */
static void ATT_17_the_oldest_are_left_out(void **state)
{
    struct scene *s = *state;
    struct carry_choice choice;
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = 1},
        {.name = fora_bytes_str("standing"), .count = 1}};
    const struct fora_header header = {.space = fora_object_space(s->space)};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_STANDING,
            .subject = s->ann->id,
            .until = 2000,
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2}};
    const struct fora_object *standing = fx_object(&s->fx, s->node, header, content, 2000);
    const struct fora_object *first = NULL, *last = NULL;
    char label[200];
    give(s, standing);
    give(s, standing); /* it came by two ways */
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(label, sizeof label, "badge %u", i);
        last = state_it(s, s->node, s->ann, FORA_ATTESTATION_BADGE, label, NULL);
        first = first == NULL ? last : first;
    }
    assert_int_equal(carry_choose(&s->r, &room, &choice), 0);
    check_choice(s, &choice, 301 - choice.left_out);
    assert_true(choice.left_out > 40 && choice.left_out < 250);
    assert_true(chosen(&choice, standing) && chosen(&choice, last));
    assert_false(chosen(&choice, first));
    carry_choice_fini(&choice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ATT_17_what_holds_and_what_it_rests_on, setup, teardown),
        cmocka_unit_test_setup_teardown(ATT_17_statements_that_no_verdict_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(ATT_17_the_oldest_are_left_out, setup, teardown),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
