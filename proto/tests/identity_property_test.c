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

/* ---- the rule as it is written ---- */

enum { TREE_MAX = 40, ROOTS_MAX = TREE_MAX + 2 };

struct tree {
    const struct fora_object *entries[TREE_MAX];
    size_t parents[TREE_MAX];
    uint32_t sequences[TREE_MAX];
    size_t roots[TREE_MAX]; /* which root is in force after it */
    int ranks[TREE_MAX];    /* 2 a rotation, 1 by the root, 0 by a key of itself */
    size_t count;
};

static const struct fora_object *random_entry(struct fx *fx, const struct fx_who *ann,
    struct fora_secret *const *roots, const struct tree *tree, size_t parent, int rank,
    uint64_t *random)
{
    const struct fora_object *above = tree->entries[parent];
    const struct fora_secret *root = roots[tree->roots[parent]];
    uint32_t sequence = tree->sequences[parent] + 1;
    uint64_t at = above->header.created_at + fx_random(random, 3) * 100;
    struct fora_secret *key = fx_secret(fx_random(random, 3), "key");
    const struct fora_object *made;

    if (rank == 2)
        made = fx_rotate(fx, ann, above, sequence, roots[tree->roots[parent] + 2],
            roots[tree->roots[parent] + 1], at);
    else if (rank == 0)
        made = fx_revoke_key(fx, ann, above, sequence, key, 0, key, at);
    else if (fx_random(random, 2) == 0)
        made = fx_add_key(fx, ann, above, sequence, key, root, at);
    else
        made = fx_move(fx, ann, above, sequence, ann, root, at);
    fora_secret_free(key);
    return made;
}

static bool held(const struct tree *tree, const struct fora_object *entry)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (memcmp(tree->entries[i]->id.b, entry->id.b, FORA_ID_SIZE) == 0)
            return true;
    }
    return false;
}

/* A tree in which thieves of every root that was ever in force write beside the owner. */
static void random_tree(struct fx *fx, const struct fx_who *ann, struct fora_secret *const *roots,
    uint64_t *random, struct tree *tree)
{
    struct fora_identity *log;

    *tree = (struct tree){.entries = {ann->create}, .ranks = {1}, .count = 1};
    assert_int_equal(fora_identity_new(&log), 0);
    assert_int_equal(fora_identity_add(log, ann->create), 0);
    for (size_t i = 1; i < 3 * TREE_MAX && tree->count < TREE_MAX; i++) {
        size_t parent = fx_random(random, (uint32_t)tree->count), at = tree->count;
        uint32_t dice = fx_random(random, 8);
        int rank = dice < 2 ? 2 : dice == 2 ? 0 : 1;

        tree->entries[at] = random_entry(fx, ann, roots, tree, parent, rank, random);
        tree->parents[at] = parent;
        tree->sequences[at] = tree->sequences[parent] + 1;
        tree->roots[at] = tree->roots[parent] + (rank == 2);
        tree->ranks[at] = rank;
        /* The same entry again is none, and some do not follow. */
        tree->count +=
            !held(tree, tree->entries[at]) && fora_identity_add(log, tree->entries[at]) == 0;
    }
    fora_identity_free(log);
}

static bool rotates_below(const struct tree *tree, size_t at)
{
    for (size_t i = 0; i < tree->count; i++) {
        size_t up = i;

        while (up != at && up != 0)
            up = tree->parents[up];
        if (up == at && tree->ranks[i] == 2)
            return true;
    }
    return false;
}

static bool wins(const struct tree *tree, size_t a, size_t b)
{
    int of_a = rotates_below(tree, a) ? 2 : tree->ranks[a];
    int of_b = rotates_below(tree, b) ? 2 : tree->ranks[b];
    const struct fora_object *x = tree->entries[a], *y = tree->entries[b];

    if (of_a != of_b)
        return of_a > of_b;
    return fora_object_order(x->header.created_at, &x->id, y->header.created_at, &y->id) < 0;
}

/* The end of the winning branch; *forks: where it had to be chosen. */
static size_t head_by_the_rule(const struct tree *tree, size_t *forks)
{
    size_t at = 0, next = 0;

    do {
        at = next;
        for (size_t i = 1; i < tree->count; i++) {
            if (tree->parents[i] != at)
                continue;
            *forks += next != at;
            if (next == at || wins(tree, i, next))
                next = i;
        }
    } while (next != at);
    return at;
}

static void the_branch_is_the_one_of_the_rule_in_every_order_ID_9(void **state)
{
    struct fora_secret *roots[ROOTS_MAX];
    struct fx fx;
    uint64_t random = 20261122;
    size_t forks = 0, rotated = 0;

    (void)state;
    fx_init(&fx);
    for (unsigned round = 0; round < 60; round++) {
        const struct fx_who *ann = fx_member(&fx, round, 1000);
        struct tree tree;
        size_t head;

        roots[0] = ann->root;
        roots[1] = ann->next_root;
        for (unsigned i = 2; i < ROOTS_MAX; i++)
            roots[i] = fx_secret(round * ROOTS_MAX + i, "later root");
        random_tree(&fx, ann, roots, &random, &tree);
        head = head_by_the_rule(&tree, &forks);
        rotated += tree.roots[head] > 1;
        for (int shuffle = 0; shuffle < 10; shuffle++) {
            const struct fora_object *list[TREE_MAX];
            struct fora_identity *log;

            memcpy(list, tree.entries, tree.count * sizeof(list[0]));
            fx_shuffle(&random, list + 1, tree.count - 1);
            assert_int_equal(fora_identity_new(&log), 0);
            add_all(log, list, tree.count);
            assert_memory_equal(fora_identity_head(log)->b, tree.entries[head]->id.b, FORA_ID_SIZE);
            assert_int_equal(fora_identity_sequence(log), tree.sequences[head]);
            fora_identity_free(log);
        }
        for (unsigned i = 2; i < ROOTS_MAX; i++)
            fora_secret_free(roots[i]);
    }
    assert_true(forks > 60);
    assert_true(rotated > 20);
    fx_fini(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_matter_ID_1),
        cmocka_unit_test(the_branch_is_the_one_of_the_rule_in_every_order_ID_9),
    };

    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
