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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ATT_10_nobody_crowds_out_what_she_is),
    };
    if (fora_crypto_init() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
