/*
 * Reindex, where later objects judged earlier ones: stolen keys (RCP-3, RCP-5, RCP-9), rights that
 * the owner took back (OBJ-11), slots. In whatever order everything came, afterwards all tables are
 * as they were.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/receipts.h"
#include "core/rows.h"
#include "core/sweep.h"
#include "core/tests/requests_rig.h"
#include "fora/reputation.h"
#include "maintain/digest.h"
#include "maintain/fsck.h"
#include "maintain/reindex.h"

#include <string.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, OBJECTS = 40, SETS = 4 };

struct scene {
    struct rig rig;
    struct fx_who *ann, *bob, *carl, *dora, *erin, *mal;
    uint64_t begin, stolen;
    const struct fora_object *space, *thread, *answers[6];
    struct fora_secret *second; /* of Fay: a key that was not stolen */
    const struct fora_object *orphan;
    const struct fora_object *all[OBJECTS];
    size_t count;
};

static const unsigned tables[] = {T_OBJECTS, T_IDS, T_ITEMS, T_CHILDREN, T_AUTHORS, T_SLOTS, T_ROWS,
    T_ORDERS, T_FLAGS, T_ANSWERED, T_ERASED, T_REFUSED, T_CURSORS, T_MENTIONS};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* ---- the story ---- */

static const struct fora_object *tell(struct scene *s, const struct fora_object *object)
{
    assert_true(s->count < OBJECTS);
    s->all[s->count++] = object;
    return object;
}

static const struct fora_object *flags(
    struct scene *s, const struct fx_who *who, const struct fora_object *target, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_FLAG};
    content.u.flag.reason = fora_bytes_str("spam");
    return tell(s, fx_about(&s->rig.fx, who, target, content, at));
}

static const struct fora_object *mentions(
    struct scene *s, const struct fx_who *who, const char *text, uint64_t at)
{
    const struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT,
            .text = fora_bytes_str(text),
            .mentions = &s->dora->id,
            .mentions_count = 1}};
    return tell(s, fx_about(&s->rig.fx, who, s->thread, content, at));
}

static void steals(struct scene *s, const struct fx_who *who)
{
    tell(s, fx_revoke_key(&s->rig.fx, who, who->create, 1, who->device, s->stolen, who->root,
                s->begin + 3 * HOUR));
}

static const struct fora_object *states(
    struct scene *s, const struct fx_who *who, uint32_t type, uint64_t at)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = 3},
        {.name = fora_bytes_str("standing"), .count = 3}};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = type, .subject = s->bob->id, .until = at}};
    if (type == FORA_ATTESTATION_STANDING) {
        content.u.attestation.rule = fora_bytes_str(FORA_STANDING_RULE);
        content.u.attestation.facts = facts;
        content.u.attestation.facts_count = 2;
    }
    const struct fora_header header = {.space = fora_object_space(s->space)};
    return tell(s, fx_object(&s->rig.fx, who, header, content, at));
}

static const struct fora_object *takes_back(
    struct scene *s, const struct fx_who *who, const struct fora_object *claim, uint64_t at)
{
    const struct fora_header header = {.space = fora_object_space(s->space), .parent = claim->id};
    return tell(s, fx_object(&s->rig.fx, who, header,
                       (struct fora_content){.kind = FORA_KIND_REVOCATION}, at));
}

/* Fay states and takes back, the thief does after her, and she takes that back with another key:
 * which nobody admits any more who knows of the theft (ADM-7). */
static void scene_attested(struct scene *s)
{
    struct fx *fx = &s->rig.fx;
    struct fx_who *fay = fx_member(fx, 60, s->begin - HOUR);
    struct fora_secret *device = fay->device;
    uint64_t at = s->begin + 10 * MINUTE;
    assert_int_equal(rig_store(&s->rig, fay->create), 0);
    const struct fora_object *added =
        tell(s, fx_add_key(fx, fay, fay->create, 1, s->second, fay->root, s->begin));
    (void)states(s, fay, FORA_ATTESTATION_STANDING, at);
    (void)states(s, fay, FORA_ATTESTATION_STANDING, at + 1);
    takes_back(s, fay, states(s, fay, FORA_ATTESTATION_BADGE, at), at + 2);
    (void)states(s, fay, FORA_ATTESTATION_STANDING, s->stolen + MINUTE);
    const struct fora_object *forged = states(s, fay, FORA_ATTESTATION_BADGE, s->stolen + MINUTE);
    fay->device = s->second;
    s->orphan = takes_back(s, fay, forged, s->stolen + 2 * MINUTE);
    fay->device = device;
    tell(s, fx_revoke_key(fx, fay, added, 2, device, s->stolen, fay->root, s->begin + 3 * HOUR));
}

/* What everybody has at first. */
static void scene_begin(struct scene *s)
{
    struct rig *rig = &s->rig;
    struct fx_who **people[] = {&s->ann, &s->bob, &s->carl, &s->dora, &s->erin, &s->mal};
    memset(s, 0, sizeof *s);
    rig_start(rig, store_rig_mem());
    s->begin = rig->now;
    s->stolen = rig->now + HOUR;
    for (unsigned i = 0; i < 6; i++) {
        *people[i] = fx_member(&rig->fx, 50 + i, s->begin - HOUR);
        assert_int_equal(rig_store(rig, (*people[i])->create), 0);
    }
    s->space = rig_space(rig);
    s->thread = rig_question(rig, s->space);
    const struct fora_object *grants[] = {
        fx_grant(&rig->fx, rig->node, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, s->begin),
        fx_grant(&rig->fx, rig->node, s->space, s->carl, FORA_ROLE_MODERATOR, 0, 0, s->begin),
        fx_grant(&rig->fx, rig->node, s->space, s->dora, FORA_ROLE_MODERATOR, 0, 0, s->begin),
        fx_grant(&rig->fx, rig->node, s->space, s->erin, FORA_ROLE_MODERATOR, 0, 0, s->begin)};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rig_store(rig, grants[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        const char *texts[] = {"one", "two", "three", "four", "five", "six"};
        const struct fx_who *who = i == 0 ? s->ann : s->bob;
        s->answers[i] = fx_answer(&rig->fx, who, s->thread, texts[i], s->begin + i);
        assert_int_equal(rig_store(rig, s->answers[i]), 0);
    }
    rig->now += 4 * HOUR;
}

/* And what comes in any order. */
static void scene_rest(struct scene *s)
{
    struct fx *fx = &s->rig.fx;
    uint64_t at = s->begin + 10 * MINUTE;
    tell(s, fx_answer(fx, s->ann, s->thread, "forged", at));
    const struct fora_object *taken = flags(s, s->ann, s->thread, at);
    tell(s, fx_retract(fx, s->ann, taken, at + 1)); /* by the thief, as far as anybody can say */
    tell(s, fx_retract(fx, s->ann, s->answers[0], at + 2));
    const struct fora_object *own = flags(s, s->bob, s->thread, at);
    tell(s, fx_retract(fx, s->bob, own, at + 1));
    tell(s, fx_retract(fx, s->bob, s->answers[1], at + 2));
    mentions(s, s->ann, "Forged, as far as anybody can say", at);
    mentions(s, s->ann, "By the thief", s->stolen + MINUTE);
    tell(s, fx_retract(fx, s->bob, mentions(s, s->bob, "Taken back", at), at + 3));
    tell(s, fx_moderate(fx, s->carl, mentions(s, s->bob, "Erased, perhaps", at + 1),
                FORA_MODERATION_ERASE, at + 3));
    steals(s, s->ann);
    flags(s, s->bob, s->answers[2], at);
    tell(s, fx_moderate(fx, s->carl, s->answers[2], FORA_MODERATION_ERASE, at + 3));
    steals(s, s->carl);
    flags(s, s->bob, s->answers[3], at);
    tell(s, fx_moderate(fx, s->dora, s->answers[3], FORA_MODERATION_ERASE, at + 3));
    tell(s, fx_revoke(fx, s->rig.node, s->space, s->dora, FORA_ROLE_MODERATOR, s->begin + 1));
    flags(s, s->bob, s->answers[4], at);
    tell(s, fx_moderate(fx, s->erin, s->answers[4], FORA_MODERATION_ERASE, at + 3));
    tell(s, fx_grant(fx, s->ann, s->space, s->mal, FORA_ROLE_MODERATOR, 0, 0, s->begin + 4));
    flags(s, s->bob, s->answers[5], at);
    tell(s, fx_moderate(fx, s->mal, s->answers[5], FORA_MODERATION_ERASE, at + 3));
    tell(s, fx_profile(fx, s->bob, "Bob", at));
    tell(s, fx_profile(fx, s->bob, "Robert", at + 1));
    tell(s, fx_profile(fx, s->ann, "Ann", at));
    tell(s, fx_profile(fx, s->ann, "Thief", s->stolen + MINUTE));
}

/* Every sweep and walk that is due, and the rows. */
static void settle(struct rig *rig)
{
    struct commit_result result;
    bool more = true, walks = true;
    uint64_t behind = 1;
    for (unsigned i = 0; more || walks; i++) {
        assert_true(i < 10000);
        assert_int_equal(sweep_step(rig->env.committer, 100, &result, &more), 0);
        if (!more) {
            assert_int_equal(receipts_step(&rig->env, rig->now, 100, &result, &walks), 0);
            more = walks;
        }
    }
    while (behind > 0) {
        assert_int_equal(rows_step(rig->env.kv, rig->env.policies, 1000, &behind), 0);
    }
    struct ledger ledger;
    assert_int_equal(ledger_begin(&ledger, rig->env.kv), 0);
    ledger_settle(&ledger);
    assert_int_equal(ledger_commit(&ledger), 0);
}

/* In an order of the seed's, settling now and then; what waits for another comes again. */
static void deliver(struct scene *s, uint64_t seed)
{
    bool again = true;
    for (size_t i = s->count; i > 1; i--) {
        size_t j = fx_random(&seed, (uint32_t)i);
        const struct fora_object *swap = s->all[i - 1];
        s->all[i - 1] = s->all[j];
        s->all[j] = swap;
    }
    for (unsigned pass = 0; again; pass++) {
        assert_true(pass < 20);
        again = false;
        for (size_t i = 0; i < s->count; i++) {
            int code = rig_store(&s->rig, s->all[i]);
            /* KEY: signed after the theft, and it is known. */
            bool never = code == FORA_E_KEY || code == FORA_E_SUPERSEDED ||
                         (code == FORA_E_UNKNOWN_PARENT && s->all[i] == s->orphan);
            again = again || (code != 0 && !never);
            if (fx_random(&seed, 5) == 0) {
                settle(&s->rig);
            }
        }
    }
    settle(&s->rig);
}

/* ---- what is compared ---- */

struct digests {
    struct digest list[SETS];
    size_t count;
};

static int take_digest(void *context, const struct digest *digest)
{
    struct digests *digests = context;
    assert_true(digests->count < SETS);
    digests->list[digests->count++] = *digest;
    return 0;
}

static void digests_of(struct kv *kv, struct digests *out)
{
    memset(out, 0, sizeof *out);
    assert_int_equal(digest_all(kv, NULL, take_digest, out), 0);
    assert_int_equal(out->count, 1);
}

static struct fora_hash hash_of(struct kv *kv, unsigned table)
{
    struct fora_hash out = {{0}};
    struct fora_bytes key, value;
    struct kv_txn *txn = store_rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, table);
    while (kv_next(cursor, &key, &value)) {
        const struct fora_bytes parts[] = {fora_bytes(out.b, sizeof out.b), key, value};
        struct fora_hash next;
        fora_hash(&next, "test.table", parts, 3);
        out = next;
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return out;
}

/* Of that table what is attested, and nothing that is counted (reputation/standing.h). */
static struct fora_hash hash_of_attested(struct kv *kv, size_t *count)
{
    struct fora_hash out = {{0}};
    struct fora_bytes key;
    struct kv_txn *txn = store_rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_STANDING);
    while (kv_next(cursor, &key, NULL)) {
        const struct fora_bytes parts[] = {fora_bytes(out.b, sizeof out.b), key};
        struct fora_hash next;
        if (key.size > 0 && strchr("lavu", key.data[0]) != NULL) {
            fora_hash(&next, "test.table", parts, 2);
            out = next;
            (*count)++;
        }
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return out;
}

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    print_error("%s: %s\n", table, text);
}

static void assert_same_digests(const struct digests *a, const struct digests *b)
{
    assert_int_equal(a->list[0].count, b->list[0].count);
    assert_memory_equal(a->list[0].fingerprint, b->list[0].fingerprint, 16);
    assert_memory_equal(a->list[0].items.b, b->list[0].items.b, FORA_HASH_SIZE);
    assert_memory_equal(a->list[0].views.b, b->list[0].views.b, FORA_HASH_SIZE);
}

static void reindexed(struct kv *kv)
{
    const struct reindex plain = {0};
    const struct fsck fsck = {.found = found};
    struct reindex_result result;
    struct fsck_result checked;
    assert_int_equal(reindex_run(kv, &plain, &result), 0);
    assert_int_equal(result.lost + result.misplaced, 0);
    assert_int_equal(fsck_run(kv, &fsck, &checked), 0);
    assert_int_equal(checked.findings, 0);
}

static uint64_t entries(struct kv *kv, unsigned table)
{
    struct kv_txn *txn = store_rig_read(kv);
    uint64_t count = kv_count(txn, table);
    kv_abort(txn);
    return count;
}

static void adm7_what_is_attested_is_found_as_before(void **state)
{
    struct fora_secret *second = fx_secret(77, "second");
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static struct scene s;
        size_t count = 0, again = 0;
        scene_begin(&s);
        s.second = second;
        scene_attested(&s);
        deliver(&s, seed);
        struct kv *kv = s.rig.env.kv;
        assert_false(rig_holds(&s.rig, &s.orphan->id));
        struct fora_hash before = hash_of_attested(kv, &count);
        reindexed(kv);
        struct fora_hash after = hash_of_attested(kv, &again);
        assert_int_equal(count, 4); /* two standings, a badge, its end */
        assert_int_equal(again, count);
        assert_memory_equal(before.b, after.b, sizeof before.b);
        rig_stop(&s.rig);
    }
    fora_secret_free(second);
}

static void rcp5_what_is_judged_stays_judged(void **state)
{
    uint64_t open = 0, answered = 0, erased = 0, mentioned = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static struct scene s;
        struct digests before, after;
        struct fora_hash kept[TABLES];
        scene_begin(&s);
        scene_rest(&s);
        deliver(&s, seed);
        struct kv *kv = s.rig.env.kv;
        digests_of(kv, &before);
        for (size_t i = 0; i < TABLES; i++) {
            kept[i] = hash_of(kv, tables[i]);
        }
        reindexed(kv);
        for (size_t i = 0; i < TABLES; i++) {
            struct fora_hash now = hash_of(kv, tables[i]);
            if (memcmp(now.b, kept[i].b, sizeof now.b) != 0) {
                print_error("seed %u: %s\n", (unsigned)seed, store_table_names[tables[i]]);
            }
            assert_memory_equal(now.b, kept[i].b, sizeof now.b);
        }
        digests_of(kv, &after);
        assert_same_digests(&before, &after);
        open += entries(kv, T_FLAGS);
        answered += entries(kv, T_ANSWERED);
        erased += entries(kv, T_ERASED);
        mentioned += entries(kv, T_MENTIONS);
        rig_stop(&s.rig);
    }
    /* Of each story one flag was answered by right at most; and some content was dropped by right.
     */
    assert_true(open >= 60 * 4);
    assert_true(answered > 10 && answered <= 60);
    assert_true(erased > 60);
    assert_true(mentioned > 60);
}

/* The marks of disputes are derived too. */
static void rcp3_disputes_are_found_without_their_marks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        static struct scene s;
        struct digests before, after;
        scene_begin(&s);
        scene_rest(&s);
        deliver(&s, seed);
        struct kv *kv = s.rig.env.kv;
        digests_of(kv, &before);
        struct kv_txn *txn = store_rig_write(kv);
        kv_clear(txn, T_CURSORS);
        store_rig_commit(txn);
        reindexed(kv);
        digests_of(kv, &after);
        assert_same_digests(&before, &after);
        rig_stop(&s.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adm7_what_is_attested_is_found_as_before),
        cmocka_unit_test(rcp5_what_is_judged_stays_judged),
        cmocka_unit_test(rcp3_disputes_are_found_without_their_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
