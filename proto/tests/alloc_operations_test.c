/* Operations that take memory and stand in no other loop, each with the n-th allocation failing:
 * FORA_E_NOMEM, nothing half done in what the caller gave, and then it works. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc_fail.h"
#include "fora/noise.h"
#include "fora/receipt.h"
#include "fora/reputation.h"
#include "view_scene.h"

#include <string.h>

enum { ATTEMPTS_MAX = 400 };

/* Places in the scene's list: what steps need beside the thread, made before memory fails. */
enum { GRANT = 4, BADGE };

/* What was there before stays, and nothing of what failed: FORA_E_INTERNAL, so that the loop sees
 * it. */
static int whole(int error, struct fora_buf *out, size_t before)
{
    if (error != 0 && out->size != before)
        error = FORA_E_INTERNAL;
    if (error == 0 && out->size == before)
        error = FORA_E_INTERNAL;
    fora_buf_fini(out);
    return error;
}

/* ---- crypto, noise ---- */

static const uint8_t key[32] = {5};

static int seals(struct scene *s)
{
    struct fora_buf out = {0};

    (void)s;
    return whole(fora_seal(&out, key, fora_bytes_str("secret"), fora_bytes_str("beside")), &out, 0);
}

static int unseals(struct scene *s)
{
    struct fora_buf sealed = {0}, out = {0};
    int error = fora_seal(&sealed, key, fora_bytes_str("secret"), fora_bytes_str("beside"));

    (void)s;
    if (error == 0)
        error = fora_unseal(&out, key, fora_buf_bytes(&sealed), fora_bytes_str("beside"));
    fora_buf_fini(&sealed);
    return whole(error, &out, 0);
}

static int derives(struct scene *s)
{
    struct fora_secret *secret = NULL;
    int error = fora_secret_derive(&secret, key, "test", fora_bytes_str("label"));

    (void)s;
    if ((error == 0) != (secret != NULL))
        error = FORA_E_INTERNAL;
    fora_secret_free(secret);
    return error;
}

static int shakes_hands(struct scene *s)
{
    struct fora_noise_config config = {.pattern = FORA_NOISE_XX, .static_secret = key};
    struct fora_noise *side[2] = {NULL, NULL};
    struct fora_buf wire = {0}, payload = {0};
    int error = fora_noise_new(&side[0], &config);

    (void)s;
    config.initiator = true;
    if (error == 0)
        error = fora_noise_new(&side[1], &config);
    for (unsigned turn = 0; turn < 3 && error == 0; turn++) {
        fora_buf_clear(&wire);
        error = fora_noise_write(side[turn % 2 == 0], &wire, fora_bytes_str("hello"));
        if (error == 0)
            error = fora_noise_read(side[turn % 2 == 1], fora_buf_bytes(&wire), &payload);
    }
    for (unsigned i = 0; i < 2; i++)
        fora_noise_free(side[i]);
    fora_buf_fini(&wire);
    return whole(error, &payload, error == 0 ? 0 : payload.size);
}

/* ---- identities, objects, contents ---- */

static int builds_create(struct scene *s)
{
    struct fora_key sign;
    struct fora_device_key device = {.label = fora_bytes_str("telephone")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = &device, .keys_count = 1};
    struct fora_salt salt = {{1}};
    struct fora_principal_id made;
    struct fora_buf out = {0};

    fora_secret_public(s->ann->device, &device.sign);
    fora_secret_public(s->ann->next_root, &sign);
    fora_identity_commitment(&create.next_root_commitment, &sign);
    return whole(
        fora_identity_build_create(&out, &create, &salt, 1000, s->ann->root, &made), &out, 0);
}

static int builds_next(struct scene *s)
{
    struct fora_home_change change = {.home = s->second->id};
    struct fora_identity_entry entry = {.home = &change};
    struct fora_buf out = {0};

    return whole(fora_identity_build_next(&out, s->ann->log, &entry, 4000, s->ann->root), &out, 0);
}

static int strips(struct scene *s)
{
    struct fora_buf out = {0};

    return whole(fora_object_strip(&out, s->thread), &out, 0);
}

static int salts(struct scene *s)
{
    struct fora_content content = {.kind = FORA_KIND_TALLY, .u.tally = {.up = 3, .down = 1}};
    struct fora_salt salt = {{2}};
    struct fora_buf unsalted = {0}, out = {0};
    int error = fora_content_encode_unsalted(&unsalted, &content);

    (void)s;
    if (error != 0)
        return whole(error, &unsalted, 0);
    error = fora_content_add_salt(&out, fora_buf_bytes(&unsalted), &salt);
    fora_buf_fini(&unsalted);
    return whole(error, &out, 0);
}

/* ---- policies, receipts, views ---- */

static int count_grant(void *context, const struct fora_principal_id *principal, uint32_t role,
    uint64_t since, uint64_t until)
{
    unsigned *count = context;

    (void)principal;
    (void)role;
    (void)since;
    (void)until;
    ++*count;
    return 0;
}

/* Asked while there is no memory, a policy knows what it was told. */
static int asks_policy(struct scene *s)
{
    struct fora_policy *policy = NULL;
    unsigned grants = 0;
    int error = fora_policy_new(&policy);

    if (error == 0)
        error = fora_policy_add(policy, s->space);
    if (error == 0)
        error = fora_policy_add(policy, &s->list[GRANT]);
    if (error == 0 && !fora_policy_role_at(policy, &s->bob->id, FORA_ROLE_STAFF, 2000))
        error = FORA_E_INTERNAL;
    if (error == 0)
        error = fora_policy_each_grant(policy, count_grant, &grants);
    if (error == 0 && grants != 1)
        error = FORA_E_INTERNAL;
    fora_policy_free(policy);
    return error;
}

static int proves(struct scene *s)
{
    struct fora_object_id ids[] = {s->a2->id, s->thread->id, s->a1->id};
    size_t count = sizeof(ids) / sizeof(ids[0]);
    struct fora_receipt_proof proof;
    struct fora_arena arena;
    struct fora_hash root;
    int error;

    fora_arena_init(&arena, 0);
    error = fora_receipt_tree(&root, ids, &count);
    if (error == 0)
        error = fora_receipt_prove(&proof, &arena, ids, count, &s->a1->id);
    if (error == 0 && proof.path_count == 0)
        error = FORA_E_INTERNAL;
    fora_arena_fini(&arena);
    return error;
}

static int encodes_view(struct scene *s)
{
    struct fora_buf out = {0};

    return whole(fora_view_thread_encode(&out, &s->view), &out, 0);
}

/* ---- reputation ---- */

static int born(void *context, const struct fora_principal_id *principal, uint64_t *at,
    struct fora_principal_id *home)
{
    (void)context;
    (void)principal;
    *at = 1;
    memset(home, 0, sizeof(*home));
    return 0;
}

static int no_object(void *context, const struct fora_object_id *id, struct fora_credit_object *out)
{
    (void)context;
    (void)id;
    (void)out;
    return FORA_E_NOTFOUND;
}

static int counts(struct scene *s)
{
    const struct fora_credit_source source = {s, born, no_object};
    struct fora_credit *credits;
    struct fora_standing standing;
    struct fora_evidence evidence;
    struct fora_arena arena;
    size_t count;
    int error;

    fora_arena_init(&arena, 0);
    error = fora_credits_of_view(&arena, s->policy, &source, &s->view, &credits, &count);
    if (error == 0)
        error =
            fora_standing_count(credits, count, &s->bob->id, 0, UINT64_MAX, &standing, &evidence);
    if (error == 0 && (standing.counts[FORA_CREDIT_ACCEPTED] != 1 || evidence.count == 0))
        error = FORA_E_INTERNAL;
    fora_arena_fini(&arena);
    return error;
}

static int bundles(struct scene *s)
{
    struct fora_bytes objects[] = {s->space->encoded, s->node->create->encoded};
    const struct fora_bundle bundle = {.version = 1,
        .subject = s->ann->id,
        .made_at = 3000,
        .objects = objects,
        .objects_count = sizeof(objects) / sizeof(objects[0])};
    struct fora_bundle read = {.version = 0};
    struct fora_buf out = {0};
    struct fora_arena arena;
    int error = fora_bundle_encode(&out, &bundle);

    fora_arena_init(&arena, 0);
    if (error != 0 && out.size != 0)
        error = FORA_E_INTERNAL;
    if (error == 0)
        error = fora_bundle_decode(&arena, fora_buf_bytes(&out), &read);
    if (error == 0 && read.objects_count != bundle.objects_count)
        error = FORA_E_INTERNAL;
    fora_arena_fini(&arena);
    fora_buf_fini(&out);
    return error;
}

static void count_refused(void *context, size_t index, int code)
{
    unsigned *count = context;

    (void)index;
    (void)code;
    ++*count;
}

static int count_claim(void *context, const struct fora_claim *claim)
{
    unsigned *count = context;

    *count += claim->code == 0;
    return 0;
}

/* Where memory failed nothing was refused: no object is called bad for it. */
static int opens_bundle(struct scene *s)
{
    struct fora_bytes objects[] = {
        s->space->encoded, s->node->create->encoded, s->list[BADGE].encoded};
    const struct fora_bundle bundle = {
        .version = 1, .subject = s->ann->id, .objects = objects, .objects_count = 3};
    struct fora_claims *claims = NULL;
    unsigned refused = 0, held = 0;
    uint64_t at;
    struct fora_principal_id home;
    int error = fora_claims_new(&claims);

    if (error == 0)
        error = fora_bundle_open(&bundle, claims, count_refused, &refused);
    if (error == 0)
        error = fora_claims_each(claims, &s->ann->id, 3000, count_claim, &held);
    if (error == 0)
        error = fora_claims_born(claims, &s->node->id, &at, &home);
    if (refused != 0 || (error == 0 && held != 1))
        error = FORA_E_INTERNAL;
    fora_claims_free(claims);
    return error;
}

/* ---- the loop ---- */

static void check(void **state, int (*step)(struct scene *s))
{
    long failures = 0;

    for (long n = 0;; n++) {
        int error;

        assert_true(n < ATTEMPTS_MAX);
        alloc_fail_at(n);
        error = step(*state);
        if (!alloc_fail_stop()) {
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FORA_E_NOMEM);
        failures++;
    }
    assert_true(failures >= 2); /* alone, and with all that follow */
}

/* The scene with an accepted answer, folded. */
static int setup(void **state)
{
    struct fora_content badge = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE, .label = fora_bytes_str("MVP")}};
    struct scene *s;

    if (scene_setup(state) != 0)
        return -1;
    s = *state;
    scene_put(s, fx_resolve(&s->fx, s->ann, s->a1, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    scene_fold(s);
    assert_int_equal(s->count, GRANT);
    scene_put(s, fx_grant(&s->fx, s->node, s->space, s->bob, FORA_ROLE_STAFF, 1, 0, 1000));
    badge.u.attestation.subject = s->ann->id;
    scene_put(s, fx_object(&s->fx, s->node,
                     (struct fora_header){.space = fora_object_space(s->space)}, badge, 2000));
    return 0;
}

#define OPERATIONS(X)                                                                              \
    X(seals)                                                                                       \
    X(unseals)                                                                                     \
    X(derives)                                                                                     \
    X(shakes_hands)                                                                                \
    X(builds_create)                                                                               \
    X(builds_next)                                                                                 \
    X(strips)                                                                                      \
    X(salts)                                                                                       \
    X(asks_policy)                                                                                 \
    X(proves)                                                                                      \
    X(encodes_view)                                                                                \
    X(counts)                                                                                      \
    X(bundles)                                                                                     \
    X(opens_bundle)

#define TEST(name)                                                                                 \
    static void memory_is_out_when_it_##name(void **state)                                         \
    {                                                                                              \
        check(state, name);                                                                        \
    }
OPERATIONS(TEST)

#define ROW(name)                                                                                  \
    cmocka_unit_test_setup_teardown(memory_is_out_when_it_##name, setup, scene_teardown),

int main(void)
{
    const struct CMUnitTest tests[] = {OPERATIONS(ROW)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
