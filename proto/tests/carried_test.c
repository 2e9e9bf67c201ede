/* What members carry (spec/12, ATT-15 and ATT-16), and what hostile ones make of it. What is held
 * beside it has vectors. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fixture.h"
#include "fora/reputation.h"

#include <string.h>

enum { RING = 6 };

struct scene {
    struct fx fx;
    struct fx_who *node, *ann, *people[RING];
    const struct fora_object *space;
    struct fora_bytes objects[FORA_CARRIED_OBJECTS_MAX];
    size_t count;
};

static int setup(void **state)
{
    static struct scene scene;
    struct scene *s = &scene;

    memset(s, 0, sizeof(*s));
    fx_init(&s->fx);
    s->node = fx_node(&s->fx, 1, 1000);
    s->ann = fx_member(&s->fx, 2, 1000);
    for (unsigned i = 0; i < RING; i++)
        s->people[i] = fx_member(&s->fx, 10 + i, 1000);
    s->space = fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "brewing", 1000);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fx_fini(&s->fx);
    return 0;
}

static void carry(struct scene *s, struct fora_bytes encoded)
{
    assert_true(s->count < FORA_CARRIED_OBJECTS_MAX);
    s->objects[s->count++] = encoded;
}

static const struct fora_object *state_about(struct scene *s, const struct fx_who *issuer,
    const struct fx_who *subject, uint32_t type, const struct fora_object *under, uint64_t at)
{
    const struct fora_header header = {.space = fora_object_space(s->space)};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = type,
            .subject = subject->id,
            .label = fora_bytes_str("MVP"),
            .depth = type == FORA_ATTESTATION_DELEGATION ? 9 : 0,
            .may = type == FORA_ATTESTATION_DELEGATION ? 1 << FORA_ATTESTATION_BADGE : 0}};

    if (under != NULL)
        content.u.attestation.delegation = under->id;
    return fx_object(&s->fx, issuer, header, content, at);
}

struct counts {
    size_t refused;
    size_t claims;
    size_t held; /* verdict 0 */
};

static void count_refused(void *context, size_t index, int code)
{
    struct counts *counts = context;

    assert_true(index < FORA_CARRIED_OBJECTS_MAX);
    assert_int_not_equal(code, 0);
    counts->refused++;
}

static int count_claim(void *context, const struct fora_claim *claim)
{
    struct counts *counts = context;

    counts->claims++;
    counts->held += claim->code == 0;
    return 0;
}

/* Through an object of Ann's and back, as it comes from a node; what memory there was for. */
static int look(struct scene *s, const struct fora_object *object, struct counts *out)
{
    struct fora_arena arena;
    struct fora_content content;
    struct fora_claims *claims = NULL;
    struct fora_bundle bundle;
    int error;

    *out = (struct counts){0};
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    error = fora_content_decode(&arena, FORA_KIND_CARRIED, object->content_bytes, &content);
    if (error == 0)
        error = fora_claims_new(&claims);
    if (error == 0)
        error = fora_claims_add(claims, s->ann->create);
    if (error == 0) {
        bundle = fora_bundle_of_carried(&object->header, &content.u.carried);
        error = fora_bundle_open(&bundle, claims, count_refused, out);
    }
    if (error == 0)
        error = fora_claims_each(claims, &s->ann->id, 9000, count_claim, out);
    fora_claims_free(claims);
    fora_arena_fini(&arena);
    return error;
}

static const struct fora_object *seal(struct scene *s)
{
    const struct fora_content content = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = s->objects, .objects_count = s->count}};

    return fx_object(&s->fx, s->ann, (struct fora_header){0}, content, 8000);
}

/* Encoding and decoding agree on what is right. */
static int there_and_back(const struct fora_bytes *objects, size_t count)
{
    struct fora_content in = {.kind = FORA_KIND_CARRIED}, out;
    struct fora_bytes list[FORA_CARRIED_OBJECTS_MAX + 1];
    struct fora_buf encoded = {0};
    struct fora_arena arena;
    int error;

    memcpy(list, objects, count * sizeof(*list));
    in.u.carried = (struct fora_carried){{{1}}, list, count};
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    error = fora_content_encode(&encoded, &in);
    if (error == 0) {
        assert_int_equal(
            fora_content_decode(&arena, FORA_KIND_CARRIED, fora_buf_bytes(&encoded), &out), 0);
        assert_int_equal(out.u.carried.objects_count, count);
    }
    fora_buf_fini(&encoded);
    fora_arena_fini(&arena);
    return error;
}

/* Each may be as large as all together. What they hold is nobody's matter here. */
static void KIND_CARRIED_1_no_more_than_fits(void **state)
{
    static uint8_t some[FORA_CARRIED_MAX + 1];
    static struct fora_bytes objects[FORA_CARRIED_OBJECTS_MAX + 1];

    (void)state;
    assert_int_equal(there_and_back(objects, 0), 0); /* nothing any more */
    objects[0] = fora_bytes(some, FORA_CARRIED_MAX);
    objects[1] = fora_bytes(some, 1);
    assert_int_equal(there_and_back(objects, 1), 0);
    assert_int_equal(there_and_back(objects, 2), FORA_E_TOO_LARGE);
    objects[0].size--;
    assert_int_equal(there_and_back(objects, 2), 0);
    objects[1].size = 0;
    assert_int_equal(there_and_back(objects, 2), FORA_E_MALFORMED);
    objects[0].size = FORA_CARRIED_MAX + 1;
    assert_int_equal(there_and_back(objects, 1), FORA_E_TOO_LARGE);
    for (size_t i = 0; i <= FORA_CARRIED_OBJECTS_MAX; i++)
        objects[i] = fora_bytes(some, 1);
    assert_int_equal(there_and_back(objects, FORA_CARRIED_OBJECTS_MAX), 0);
    assert_int_equal(there_and_back(objects, FORA_CARRIED_OBJECTS_MAX + 1), FORA_E_LIMIT);
}

static void ATT_15_it_is_a_bundle_about_its_author(void **state)
{
    struct scene *s = *state;
    struct counts counts;
    const struct fora_object *object;

    carry(s, s->node->create->encoded);
    carry(s, s->space->encoded);
    carry(s, state_about(s, s->node, s->ann, FORA_ATTESTATION_BADGE, NULL, 2000)->encoded);
    object = seal(s);
    assert_true(fora_header_principal_scoped(&object->header));
    assert_int_equal(look(s, object, &counts), 0);
    assert_int_equal(counts.refused, 0);
    assert_int_equal(counts.claims, 1);
    assert_int_equal(counts.held, 1);
    for (long n = 0;; n++) {
        int error;

        alloc_fail_at(n);
        error = look(s, object, &counts);
        if (!alloc_fail_stop())
            break;
        assert_int_equal(error, FORA_E_NOMEM);
    }
    assert_int_equal(counts.held, 1);
}

/* As much as fits: delegations in rings, each on top of the last; doubles, what is cut off, other
 * kinds, and statements by who may not. Everything is looked at once, and nothing holds. */
static void ATT_16_hostile_objects_cost_little(void **state)
{
    struct scene *s = *state;
    const struct fora_object *above = NULL;
    struct counts counts;
    size_t room = FORA_CARRIED_MAX;

    carry(s, s->space->encoded);
    carry(s, s->node->create->encoded);
    for (unsigned i = 0; i < RING; i++)
        carry(s, s->people[i]->create->encoded);
    for (unsigned i = 0; s->count + 4 < FORA_CARRIED_OBJECTS_MAX; i++) {
        const struct fx_who *from = s->people[i % RING], *to = s->people[(i + 1) % RING];
        const struct fora_object *badge;

        above = state_about(s, from, to, FORA_ATTESTATION_DELEGATION, above, 2000 + i);
        badge = state_about(s, to, s->ann, FORA_ATTESTATION_BADGE, above, 3000 + i);
        carry(s, above->encoded);
        carry(s, badge->encoded);
        carry(s, badge->encoded);
        carry(s, fora_bytes(badge->encoded.data, badge->encoded.size - 20));
    }
    for (size_t kept = 0; kept < s->count; kept++) {
        if (s->objects[kept].size > room)
            s->count = kept;
        else
            room -= s->objects[kept].size;
    }
    assert_true(s->count > 100);
    assert_int_equal(look(s, seal(s), &counts), 0);
    assert_true(counts.claims > 20);
    assert_true(counts.refused > 20);
    assert_true(counts.claims + counts.refused < s->count);
    assert_int_equal(counts.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(KIND_CARRIED_1_no_more_than_fits),
        cmocka_unit_test_setup_teardown(ATT_15_it_is_a_bundle_about_its_author, setup, teardown),
        cmocka_unit_test_setup_teardown(ATT_16_hostile_objects_cost_little, setup, teardown),
    };

    if (fora_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
