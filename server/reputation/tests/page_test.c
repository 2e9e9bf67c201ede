/* A member's page, when people state more about her than an answer holds. */
#include "reputation/page.h"
#include "core/tests/world.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { JUNK = 1100, ANSWER_OBJECTS = 1024, ANSWER_BYTES = 960 * 1024, SOME = 8 };

struct crowded {
    struct fx fx;
    struct shelf shelf;
    struct fx_who *host, *ann, *programme, *home, *mallory;
    const struct fora_object *space;
    uint64_t now;
};

static const struct fora_object *state_it(struct crowded *c, const struct fx_who *who,
    uint32_t type, const struct fx_who *subject, const char *label, const struct fora_object *under)
{
    struct fora_header header = {.space = {{0}}};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {
            .type = type, .subject = subject->id, .from = 1, .label = fora_bytes_str(label)}};
    memcpy(header.space.b, c->space->id.b, sizeof header.space.b);
    if (type == FORA_ATTESTATION_DELEGATION) {
        content.u.attestation.may = 1U << FORA_ATTESTATION_BADGE;
        content.u.attestation.label = fora_bytes(NULL, 0);
    }
    if (under != NULL) {
        content.u.attestation.delegation = under->id;
    }
    const struct fora_object *made = fx_object(&c->fx, who, header, content, ++c->now);
    shelf_add_one(&c->shelf, made);
    return made;
}

static const struct fora_object *revoke_it(
    struct crowded *c, const struct fx_who *who, const struct fora_object *attestation)
{
    const struct fora_content content = {.kind = FORA_KIND_REVOCATION};
    const struct fora_object *made = fx_object(&c->fx, who,
        (struct fora_header){.space = attestation->header.space, .parent = attestation->id},
        content, ++c->now);
    shelf_add_one(&c->shelf, made);
    return made;
}

static void open_crowded(struct crowded *c)
{
    memset(c, 0, sizeof *c);
    fx_init(&c->fx);
    shelf_init(&c->shelf);
    c->now = 10000;
    c->host = fx_node(&c->fx, 1, 100);
    c->home = fx_node(&c->fx, 2, 100);
    c->ann = fx_member(&c->fx, 3, 100);
    c->programme = fx_member(&c->fx, 4, 100);
    c->mallory = fx_member(&c->fx, 5, 100);
    c->space = fx_space(&c->fx, c->host, FORA_SPACE_QUESTIONS, "beer", 1000);
    const struct fora_object *first[] = {c->host->create, c->home->create, c->ann->create,
        c->programme->create, c->mallory->create,
        fx_move(&c->fx, c->ann, c->ann->create, 1, c->home, c->ann->root, 2000), c->space};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        shelf_add_one(&c->shelf, first[i]);
    }
}

static void close_crowded(struct crowded *c)
{
    shelf_fini(&c->shelf);
    fx_fini(&c->fx);
}

static bool gathered(const struct gather *gather, const struct fora_object *object)
{
    for (size_t i = 0; i < gather->count; i++) {
        if (fora_bytes_equal(gather->objects[i], object->encoded)) {
            return true;
        }
    }
    return false;
}

/* A stranger, and she herself, state things until no answer holds them; then it is said what she
 * is. None of that is crowded out, and there is an answer. */
static void ATT_10_nobody_crowds_out_what_she_is(void **state)
{
    struct crowded c;
    struct gather gather;
    struct fora_arena arena;
    const struct fora_object *said[SOME];
    char label[32];
    (void)state;
    open_crowded(&c);
    for (unsigned i = 0; i < JUNK; i++) {
        (void)snprintf(label, sizeof label, "junk %u", i);
        (void)state_it(&c, i % 2 == 0 ? c.mallory : c.ann,
            i % 3 == 0 ? FORA_ATTESTATION_AFFILIATION : FORA_ATTESTATION_BADGE, c.ann, label, NULL);
    }
    said[0] = state_it(&c, c.host, FORA_ATTESTATION_AFFILIATION, c.ann, "bot", NULL);
    said[1] = state_it(&c, c.home, FORA_ATTESTATION_AFFILIATION, c.ann, "partner", NULL);
    said[2] = state_it(&c, c.host, FORA_ATTESTATION_DELEGATION, c.programme, "", NULL);
    said[3] = state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "MVP", said[2]);
    /* Who names somebody else's delegation is not heard before others. */
    const struct fora_object *stolen =
        state_it(&c, c.mallory, FORA_ATTESTATION_BADGE, c.ann, "stolen", said[2]);
    said[4] = revoke_it(&c, c.host, said[0]);

    struct kv_txn *txn = shelf_read(&c.shelf);
    fora_arena_init(&arena, 0);
    gather_init(&gather, txn, &arena);
    assert_int_equal(gather_add(&gather, c.ann->create->encoded), 0); /* stands before the page */
    assert_int_equal(page_gather(&gather, c.shelf.policies, &c.ann->id, ANSWER_BYTES), 0);
    assert_true(gather.count <= ANSWER_OBJECTS);
    assert_true(gather.count > ANSWER_OBJECTS - 2); /* what is left is given to the others */
    for (size_t i = 0; i <= 4; i++) {
        assert_true(gathered(&gather, said[i]));
    }
    assert_false(gathered(&gather, stolen));
    gather_fini(&gather);
    fora_arena_fini(&arena);
    kv_abort(txn);
    close_crowded(&c);
}

/* ---- where a page ends ---- */

static const struct fora_object *limited(struct crowded *c, uint32_t limit)
{
    struct fora_header header = {.space = fora_object_space(c->space)};
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_DELEGATION,
            .subject = c->programme->id,
            .from = 1,
            .may = 1U << FORA_ATTESTATION_BADGE,
            .limit = limit}};
    const struct fora_object *made = fx_object(&c->fx, c->host, header, content, ++c->now);
    shelf_add_one(&c->shelf, made);
    return made;
}

/* How many of them are on a page of at most so many bytes. */
static size_t on_page_of(struct crowded *c, size_t bytes, const struct fora_object *const *objects,
    size_t count, bool *first)
{
    struct gather gather;
    struct fora_arena arena;
    struct kv_txn *txn = shelf_read(&c->shelf);
    size_t found = 0;
    fora_arena_init(&arena, 0);
    gather_init(&gather, txn, &arena);
    assert_int_equal(page_gather(&gather, c->shelf.policies, &c->ann->id, bytes), 0);
    assert_true(gather.bytes <= bytes);
    for (size_t i = 0; i < count; i++) {
        found += gathered(&gather, objects[i]);
    }
    *first = gathered(&gather, objects[0]);
    gather_fini(&gather);
    fora_arena_fini(&arena);
    kv_abort(txn);
    return found;
}

/* An award with all that speaks against it: wherever a page is cut off, it has that or not the
 * award. */
static void ATT_4_an_award_is_on_a_page_with_what_takes_it_back_or_not_at_all(void **state)
{
    struct crowded c;
    bool there = false;
    (void)state;
    open_crowded(&c);
    const struct fora_object *given = limited(&c, 1);
    const struct fora_object *peer =
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.mallory, "MVP", given);
    const struct fora_object *award =
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "MVP", given);
    const struct fora_object *whole[] = {award, given, peer, revoke_it(&c, c.programme, award),
        revoke_it(&c, c.programme, peer), revoke_it(&c, c.host, given), c.programme->create,
        c.host->create};
    enum { WHOLE = sizeof whole / sizeof whole[0] };
    size_t bytes = 0, cuts = 0;
    for (size_t i = 0; i < WHOLE; i++) {
        bytes += whole[i]->encoded.size;
    }
    for (size_t most = 0; most <= bytes; most++) {
        size_t found = on_page_of(&c, most, whole, WHOLE, &there);
        assert_int_equal(found, there ? WHOLE : 0);
        cuts += !there;
    }
    assert_true(there); /* what it takes is enough */
    assert_int_equal(cuts, bytes);
    close_crowded(&c);
}

/* Her home, which may be her own node, says of her what it likes: a space is heard before it. */
static void ATT_10_her_home_crowds_out_nothing_that_a_space_says(void **state)
{
    struct crowded c;
    char label[32];
    bool there;
    (void)state;
    open_crowded(&c);
    for (unsigned i = 0; i < JUNK; i++) {
        (void)snprintf(label, sizeof label, "friend %u", i);
        (void)state_it(&c, c.home, FORA_ATTESTATION_AFFILIATION, c.ann, label, NULL);
    }
    const struct fora_object *last =
        state_it(&c, c.home, FORA_ATTESTATION_AFFILIATION, c.ann, "bot", NULL);
    const struct fora_object *bot =
        state_it(&c, c.host, FORA_ATTESTATION_AFFILIATION, c.ann, "bot", NULL);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &last, 1, &there), 0); /* it is full */
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &bot, 1, &there), 1);
    close_crowded(&c);
}

/* Among what belongs to a stranger her log is looked for, and she can have made as much of it as
 * she likes: hers is left out then, and nobody else's. */
static void ATT_10_who_has_much_to_her_name_costs_no_page(void **state)
{
    enum { MUCH = 8300 };
    struct crowded c;
    char label[32];
    bool there;
    (void)state;
    open_crowded(&c);
    const struct fora_object *other =
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "nominee: MVP", NULL);
    for (unsigned i = 0; i < MUCH; i++) {
        (void)snprintf(label, sizeof label, "friend %u", i);
        const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
            .u.attestation = {.type = FORA_ATTESTATION_BADGE,
                .subject = c.home->id,
                .label = fora_bytes_str(label)}};
        shelf_add_one(&c.shelf,
            fx_object(&c.fx, c.mallory, (struct fora_header){.space = {{0}}}, content, ++c.now));
    }
    const struct fora_object *hers =
        state_it(&c, c.mallory, FORA_ATTESTATION_BADGE, c.ann, "nominee: MVP", NULL);
    const struct fora_object *bot =
        state_it(&c, c.host, FORA_ATTESTATION_AFFILIATION, c.ann, "bot", NULL);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &hers, 1, &there), 0);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &other, 1, &there), 1);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &bot, 1, &there), 1);
    close_crowded(&c);
}

/* A programme made more of its awards than a page holds, against its limit: hers is left out, and
 * what comes after it is not. */
static void ATT_10_what_does_not_fit_hides_nothing_else(void **state)
{
    enum { TOO_MANY = 1030 };
    struct crowded c;
    char label[32];
    bool there;
    (void)state;
    open_crowded(&c);
    const struct fora_object *given = limited(&c, 1);
    for (unsigned i = 0; i < TOO_MANY; i++) {
        (void)snprintf(label, sizeof label, "MVP %u", i);
        (void)state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.mallory, label, given);
    }
    const struct fora_object *award =
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "MVP", given);
    const struct fora_object *bot =
        state_it(&c, c.host, FORA_ATTESTATION_AFFILIATION, c.ann, "bot", NULL);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &award, 1, &there), 0);
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, &bot, 1, &there), 1);
    close_crowded(&c);
}

/* Anybody may name it: what does so by another hand takes no place and no room. */
static void ATT_6_who_only_names_a_delegation_is_not_among_its_awards(void **state)
{
    struct crowded c;
    char label[32];
    bool there;
    (void)state;
    open_crowded(&c);
    const struct fora_object *given = limited(&c, 2);
    for (unsigned i = 0; i < JUNK; i++) {
        (void)snprintf(label, sizeof label, "MVP %u", i);
        (void)state_it(&c, c.mallory, FORA_ATTESTATION_BADGE, c.programme, label, given);
    }
    const struct fora_object *whole[] = {
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "MVP", given), given,
        c.programme->create, c.host->create};
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, whole, 4, &there), 4);
    close_crowded(&c);
}

/* A limit above what a page holds: on a page the award stands for itself; a verdict on it alone is
 * not given without the others. */
static void ATT_6_a_limit_that_is_more_than_a_page_holds(void **state)
{
    enum { LIMIT = 2000 };
    struct crowded c;
    struct gather gather;
    struct fora_arena arena;
    char label[32];
    bool there;
    (void)state;
    open_crowded(&c);
    const struct fora_object *given = limited(&c, LIMIT);
    const struct fora_object *award =
        state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.ann, "MVP", given);
    for (unsigned i = 0; i < JUNK; i++) {
        (void)snprintf(label, sizeof label, "MVP %u", i);
        (void)state_it(&c, c.programme, FORA_ATTESTATION_BADGE, c.mallory, label, given);
    }
    const struct fora_object *whole[] = {award, given, c.programme->create, c.host->create};
    assert_int_equal(on_page_of(&c, ANSWER_BYTES, whole, 4, &there), 4);
    struct kv_txn *txn = shelf_read(&c.shelf);
    fora_arena_init(&arena, 0);
    gather_init(&gather, txn, &arena);
    assert_int_equal(
        page_gather_one(&gather, objects_find(txn, award->id.b), ANSWER_BYTES), FORA_E_LIMIT);
    gather_fini(&gather);
    fora_arena_fini(&arena);
    kv_abort(txn);
    close_crowded(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ATT_10_her_home_crowds_out_nothing_that_a_space_says),
        cmocka_unit_test(ATT_10_what_does_not_fit_hides_nothing_else),
        cmocka_unit_test(ATT_10_who_has_much_to_her_name_costs_no_page),
        cmocka_unit_test(ATT_6_who_only_names_a_delegation_is_not_among_its_awards),
        cmocka_unit_test(ATT_6_a_limit_that_is_more_than_a_page_holds),
        cmocka_unit_test(ATT_4_an_award_is_on_a_page_with_what_takes_it_back_or_not_at_all),
        cmocka_unit_test(ATT_10_nobody_crowds_out_what_she_is),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
