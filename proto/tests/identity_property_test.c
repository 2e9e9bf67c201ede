/* Logs that are made by dice, and added in every order that brings parents first (ID-1). */
#include "fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A tree of random entries, some of which do not follow. */
static size_t random_log(struct fx *fx, const struct fx_who *ann, uint64_t *random,
    const struct fora_object **out, size_t count)
{
    struct fora_identity *log;
    size_t kept = 1;

    assert_int_equal(fora_identity_new(&log), 0);
    out[0] = ann->create;
    assert_int_equal(fora_identity_add(log, out[0]), 0);
    for (size_t i = 1; i < count; i++) {
        const struct fora_object *parent = out[fx_random(random, (uint32_t)kept)];
        struct fora_arena arena;
        struct fora_content content;
        struct fora_secret *key = fx_secret(fx_random(random, 4), "key");
        uint64_t at = parent->header.created_at + fx_random(random, 3) * 100;
        uint32_t sequence, what = fx_random(random, 5);

        fora_arena_init(&arena, 0);
        assert_int_equal(
            fora_content_decode(&arena, FORA_KIND_IDENTITY, parent->content_bytes, &content), 0);
        sequence = content.u.identity.sequence + 1;
        fora_arena_fini(&arena);
        if (what == 0)
            out[kept] = fx_rotate(fx, ann, parent, sequence, key, ann->next_root, at);
        else if (what == 1)
            out[kept] = fx_add_key(fx, ann, parent, sequence, key, ann->root, at);
        else if (what == 2)
            out[kept] = fx_revoke_key(fx, ann, parent, sequence, key, at / 2, ann->root, at);
        else if (what == 3)
            out[kept] = fx_revoke_key(fx, ann, parent, sequence, key, 0, key, at);
        else
            out[kept] = fx_move(fx, ann, parent, sequence, ann, ann->root, at);
        fora_secret_free(key);
        if (fora_identity_add(log, out[kept]) == 0)
            kept++;
    }
    fora_identity_free(log);
    return kept;
}

static void describe(const struct fora_identity *log, struct fora_hash *out)
{
    struct fora_buf text = {0};
    size_t count;
    const struct fora_identity_key *keys = fora_identity_keys(log, &count);

    fora_buf_append(&text, fora_identity_head(log)->b, FORA_ID_SIZE);
    fora_buf_append(&text, fora_identity_root(log)->b, FORA_KEY_SIZE);
    fora_buf_append(&text, fora_identity_home(log)->b, FORA_ID_SIZE);
    fora_buf_be32(&text, fora_identity_sequence(log));
    fora_buf_u8(&text, fora_identity_forked(log));
    for (size_t i = 0; i < count; i++) {
        fora_buf_append(&text, keys[i].sign.b, FORA_KEY_SIZE);
        fora_buf_be64(&text, keys[i].added_at);
        fora_buf_be64(&text, keys[i].revoked_at);
    }
    assert_int_equal(text.error, 0);
    fora_hash1(out, "fora.test", fora_buf_bytes(&text));
    fora_buf_fini(&text);
}

/* Adds in the order given, coming back to those whose parent was not there yet. */
static void add_all(
    struct fora_identity *log, const struct fora_object *const *entries, size_t count)
{
    bool done[64] = {false};
    size_t left = count;

    assert_true(count <= 64);
    assert_int_equal(fora_identity_add(log, entries[0]), 0);
    done[0] = true;
    for (left--; left != 0;) {
        size_t before = left;

        for (size_t i = 1; i < count; i++) {
            int error = done[i] ? FORA_E_EXISTS : fora_identity_add(log, entries[i]);

            if (error == 0) {
                done[i] = true;
                left--;
            } else if (error != FORA_E_EXISTS) {
                assert_int_equal(error, FORA_E_UNKNOWN_PARENT);
            }
        }
        assert_true(left < before);
    }
}

static void order_does_not_matter_ID_1(void **state)
{
    struct fx fx;
    uint64_t random = 20240517;
    size_t entries = 0, forked = 0;

    (void)state;
    fx_init(&fx);
    for (int round = 0; round < 30; round++) {
        struct fx_who *ann = fx_member(&fx, (unsigned)round, 1000);
        const struct fora_object *list[40];
        size_t count = random_log(&fx, ann, &random, list, 40);
        struct fora_hash first, again;

        entries += count;
        for (int shuffle = 0; shuffle < 20; shuffle++) {
            struct fora_identity *log;

            assert_int_equal(fora_identity_new(&log), 0);
            add_all(log, list, count);
            describe(log, shuffle == 0 ? &first : &again);
            forked += fora_identity_forked(log);
            if (shuffle != 0)
                assert_memory_equal(first.b, again.b, FORA_HASH_SIZE);
            fora_identity_free(log);
            fx_shuffle(&random, list + 1, count - 1);
        }
    }
    assert_true(entries > 300);
    assert_true(forked > 100);
    fx_fini(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_matter_ID_1),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
