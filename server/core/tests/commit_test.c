/* The writer: what is admitted, refused, replaced, erased; what a batch leaves when it fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "world.h"

#include <string.h>

/* A space of the vendor's with a member's question in it. */
struct scene {
    struct fx fx;
    struct shelf shelf;
    struct fx_who *vendor, *ann, *bob;
    const struct fora_object *space, *thread, *answer;
};

static int set_up(void **state)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    fx_init(&scene.fx);
    shelf_init(&scene.shelf);
    scene.vendor = fx_node(&scene.fx, 1, 1000);
    scene.ann = fx_member(&scene.fx, 2, 1000);
    scene.bob = fx_member(&scene.fx, 3, 1000);
    scene.space = fx_space(&scene.fx, scene.vendor, FORA_SPACE_QUESTIONS, "beer", 1000);
    scene.thread =
        fx_thread(&scene.fx, scene.ann, scene.space, FORA_THREAD_QUESTION, "Why?", 20000);
    scene.answer = fx_answer(&scene.fx, scene.bob, scene.thread, "Dirty glass.", 30000);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    shelf_fini(&scene->shelf);
    fx_fini(&scene->fx);
    return 0;
}

static void add_all(struct scene *s)
{
    const struct fora_object *objects[] = {
        s->vendor->create, s->ann->create, s->bob->create, s->space, s->thread, s->answer};
    shelf_add(&s->shelf, objects, sizeof objects / sizeof objects[0]);
}

/* Everything on the shelf, as one hash. */
static void assert_shelf_is(struct shelf *shelf, const struct fora_hash expected[STORE_TABLE_COUNT])
{
    for (unsigned table = 0; table < STORE_TABLE_COUNT; table++) {
        struct fora_hash hash;
        shelf_table(shelf, table, &hash);
        assert_memory_equal(hash.b, expected[table].b, sizeof hash.b);
    }
}

static void shelf_hash(struct shelf *shelf, struct fora_hash out[STORE_TABLE_COUNT])
{
    for (unsigned table = 0; table < STORE_TABLE_COUNT; table++) {
        shelf_table(shelf, table, &out[table]);
    }
}

static void a_batch_is_stored_and_a_copy_is_a_duplicate(void **state)
{
    struct scene *s = *state;
    struct fora_hash before[STORE_TABLE_COUNT];
    add_all(s);
    assert_int_equal(s->shelf.result.stored, 6);
    assert_int_equal(s->shelf.result.last, 6);
    assert_int_equal(s->shelf.result.touched_count, 1);
    shelf_hash(&s->shelf, before);
    struct commit_item item = {.object = *s->answer, .source = COMMIT_PEER};
    struct commit_batch batch = {.items = &item, .count = 1, .now = WORLD_NOW};
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(item.code, 0);
    assert_true(item.duplicate);
    assert_int_equal(item.seq, 6);
    assert_int_equal(s->shelf.result.duplicates, 1);
    assert_int_equal(s->shelf.result.stored, 0);
    assert_int_equal(s->shelf.result.touched_count, 0);
    assert_shelf_is(&s->shelf, before);
}

static void adm2_what_waits_is_told_what_it_waits_for(void **state)
{
    struct scene *s = *state;
    struct commit_item item = {.object = *s->thread, .source = COMMIT_PEER};
    struct commit_batch batch = {.items = &item, .count = 1, .now = WORLD_NOW};
    struct kv_txn *txn;
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(item.code, FORA_E_UNKNOWN_SPACE);
    assert_memory_equal(item.missing.b, s->space->id.b, FORA_ID_SIZE);
    assert_int_equal(item.seq, 0);
    shelf_add_one(&s->shelf, s->vendor->create);
    shelf_add_one(&s->shelf, s->space);
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(item.code, FORA_E_UNKNOWN_AUTHOR);
    assert_memory_equal(item.missing.b, s->ann->id.b, FORA_ID_SIZE);
    shelf_add_one(&s->shelf, s->bob->create);
    item.object = *s->answer;
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(item.code, FORA_E_UNKNOWN_PARENT);
    assert_memory_equal(item.missing.b, s->thread->id.b, FORA_ID_SIZE);
    /* None of it is remembered against the objects. */
    txn = shelf_read(&s->shelf);
    assert_int_equal(kv_count(txn, T_REFUSED), 0);
    kv_abort(txn);
    shelf_add_one(&s->shelf, s->ann->create);
    shelf_add_one(&s->shelf, s->thread);
    shelf_add_one(&s->shelf, s->answer);
    assert_int_equal(shelf_check_set(&s->shelf, s->space), 6);
}

static void rep10_what_can_never_be_is_remembered(void **state)
{
    struct scene *s = *state;
    struct kv_txn *txn;
    struct store_key key;
    add_all(s);
    /* An answer to an answer has no place. */
    const struct fora_object *wrong = fx_answer(&s->fx, s->bob, s->answer, "Yes!", 31000);
    assert_int_equal(shelf_offer(&s->shelf, wrong, COMMIT_MEMBER), FORA_E_MISMATCH);
    txn = shelf_read(&s->shelf);
    assert_int_equal(kv_count(txn, T_REFUSED), 0); /* ours to say, not to remember */
    kv_abort(txn);
    assert_int_equal(shelf_offer(&s->shelf, wrong, COMMIT_PEER), FORA_E_MISMATCH);
    txn = shelf_read(&s->shelf);
    key_id(&key, wrong->id.b);
    assert_true(kv_get(txn, T_REFUSED, store_key_bytes(&key), NULL));
    kv_abort(txn);
    assert_int_equal(shelf_offer(&s->shelf, wrong, COMMIT_PEER), FORA_E_MISMATCH);
    assert_false(shelf_holds(&s->shelf, wrong));
}

static void rep3_an_author_brings_identity_and_profile(void **state)
{
    struct scene *s = *state;
    const struct fora_object *profile = fx_profile(&s->fx, s->ann, "Ann", 2000);
    const struct fora_object *objects[] = {
        s->vendor->create, s->ann->create, s->space, s->bob->create, profile};
    shelf_add(&s->shelf, objects, 5);
    assert_true(shelf_in_set(&s->shelf, s->space, s->vendor->create));
    assert_false(shelf_in_set(&s->shelf, s->space, s->ann->create));
    shelf_add_one(&s->shelf, s->thread);
    assert_true(shelf_in_set(&s->shelf, s->space, s->ann->create));
    assert_true(shelf_in_set(&s->shelf, s->space, profile));
    assert_false(shelf_in_set(&s->shelf, s->space, s->bob->create));
    /* What comes later joins by itself; of the profile only the newer one stays. */
    const struct fora_object *newer = fx_profile(&s->fx, s->ann, "Ann B.", 3000);
    shelf_add_one(&s->shelf, newer);
    assert_true(shelf_in_set(&s->shelf, s->space, newer));
    assert_false(shelf_in_set(&s->shelf, s->space, profile));
    assert_false(shelf_holds(&s->shelf, profile));
    assert_int_equal(shelf_check_set(&s->shelf, s->space), 5);
}

static void obj8_the_newest_of_a_slot_stands(void **state)
{
    struct scene *s = *state;
    const struct fora_object *tallies[4];
    add_all(s);
    for (unsigned i = 0; i < 4; i++) {
        tallies[i] = fx_tally(&s->fx, s->vendor, s->answer, i, 0, 40000 + i);
    }
    shelf_add_one(&s->shelf, tallies[1]);
    assert_int_equal(shelf_offer(&s->shelf, tallies[0], COMMIT_PEER), FORA_E_SUPERSEDED);
    shelf_add(&s->shelf, &tallies[2], 2); /* one after the other in one batch */
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(shelf_holds(&s->shelf, tallies[i]), i == 3);
        assert_int_equal(shelf_in_set(&s->shelf, s->space, tallies[i]), i == 3);
    }
    assert_int_equal(s->shelf.result.touched_count, 1);
    /* Another target is another slot. */
    shelf_add_one(&s->shelf, fx_tally(&s->fx, s->vendor, s->thread, 1, 0, 40000));
    assert_int_equal(shelf_check_set(&s->shelf, s->space), 8);
    assert_int_equal(shelf_offer(&s->shelf, tallies[2], COMMIT_PEER), FORA_E_SUPERSEDED);
}

/* What refers to a tally would be held by some nodes and not by others. */
static void adm8_what_may_be_replaced_is_no_parent(void **state)
{
    struct scene *s = *state;
    const struct fora_object *tally = fx_tally(&s->fx, s->vendor, s->answer, 1, 0, 40000);
    add_all(s);
    shelf_add_one(&s->shelf, tally);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_retract(&s->fx, s->vendor, tally, 50000), COMMIT_PEER),
        FORA_E_MISMATCH);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_moderate(&s->fx, s->vendor, tally, FORA_MODERATION_ERASE, 50000),
            COMMIT_PEER),
        FORA_E_MISMATCH);
    assert_true(shelf_has_text(&s->shelf, tally));
}

static bool text_on_disk(struct shelf *shelf, const char *text)
{
    struct fora_bytes value;
    bool found = false;
    struct kv_txn *txn = shelf_read(shelf);
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    while (!found && kv_next(cursor, NULL, &value)) {
        found = memmem(value.data, value.size, text, strlen(text)) != NULL;
    }
    kv_cursor_close(cursor);
    kv_abort(txn);
    return found;
}

static void a_retraction_erases_the_text_on_disk(void **state)
{
    struct scene *s = *state;
    add_all(s);
    assert_true(text_on_disk(&s->shelf, "Dirty glass."));
    /* Only what is one's own. */
    assert_int_equal(
        shelf_offer(&s->shelf, fx_retract(&s->fx, s->ann, s->answer, 40000), COMMIT_PEER),
        FORA_E_MISMATCH);
    assert_true(text_on_disk(&s->shelf, "Dirty glass."));
    shelf_add_one(&s->shelf, fx_retract(&s->fx, s->bob, s->answer, 40000));
    assert_false(text_on_disk(&s->shelf, "Dirty glass."));
    assert_true(shelf_holds(&s->shelf, s->answer));
    assert_false(shelf_has_text(&s->shelf, s->answer));
    assert_true(shelf_in_set(&s->shelf, s->space, s->answer));
    /* No copy brings it back. */
    assert_int_equal(shelf_offer(&s->shelf, s->answer, COMMIT_PEER), 0);
    assert_false(text_on_disk(&s->shelf, "Dirty glass."));
    shelf_check_set(&s->shelf, s->space);
}

static void a_moderation_erases_only_by_right(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(&s->shelf, fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, 40000));
    assert_true(shelf_has_text(&s->shelf, s->answer));
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 41000));
    shelf_add_one(&s->shelf,
        fx_grant(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_BANNED, 45000, 47000, 44000));
    /* Before the ban she could, and again after it; under it she cannot. */
    shelf_add_one(&s->shelf, fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, 46000));
    assert_true(shelf_has_text(&s->shelf, s->answer));
    shelf_add_one(&s->shelf, fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_HIDE, 42000));
    assert_true(shelf_has_text(&s->shelf, s->answer));
    shelf_add_one(&s->shelf, fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, 42000));
    assert_false(shelf_has_text(&s->shelf, s->answer));
    assert_false(text_on_disk(&s->shelf, "Dirty glass."));
}

/* A peer sent it without its text, though nothing erased it; another one has it whole. */
static void withheld_content_is_taken_from_a_copy(void **state)
{
    struct scene *s = *state;
    struct fora_hash view, before;
    const struct fora_object *objects[] = {s->vendor->create, s->ann->create, s->bob->create,
        s->space, fx_strip(&s->fx, s->thread), fx_strip(&s->fx, s->answer)};
    shelf_add(&s->shelf, objects, 6);
    shelf_rows(&s->shelf);
    shelf_row(&s->shelf, s->thread, &before);
    assert_int_equal(shelf_offer(&s->shelf, objects[5], COMMIT_PEER), 0);
    assert_false(shelf_has_text(&s->shelf, s->answer));
    assert_int_equal(shelf_offer(&s->shelf, s->answer, COMMIT_PEER), 0);
    assert_int_equal(s->shelf.result.duplicates, 1);
    assert_true(shelf_has_text(&s->shelf, s->answer));
    assert_int_equal(shelf_offer(&s->shelf, s->thread, COMMIT_PEER), 0);
    shelf_rows(&s->shelf);
    shelf_row(&s->shelf, s->thread, &view);
    assert_memory_not_equal(view.b, before.b, sizeof view.b);
    shelf_check_set(&s->shelf, s->space);
}

static bool flagged(struct scene *s)
{
    struct kv_txn *txn = shelf_read(&s->shelf);
    uint64_t count = kv_count(txn, T_FLAGS);
    kv_abort(txn);
    assert_true(count <= 1);
    return count == 1;
}

static const struct fora_object *make_flag(struct scene *s, uint64_t at)
{
    struct fora_content content = {
        .kind = FORA_KIND_FLAG, .u.flag = {.reason = fora_bytes_str("spam")}};
    return fx_about(&s->fx, s->ann, s->answer, content, at);
}

static void flags_queue_until_they_are_answered(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(&s->shelf, make_flag(s, 40000));
    assert_true(flagged(s));
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->bob, s->answer, FORA_MODERATION_DISMISS_FLAGS, 41000));
    assert_true(flagged(s)); /* not his to say */
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_LOCK, 42000));
    assert_true(flagged(s)); /* about something else */
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->answer, FORA_MODERATION_DISMISS_FLAGS, 43000));
    assert_false(flagged(s));
    const struct fora_object *again = make_flag(s, 44000);
    shelf_add_one(&s->shelf, again);
    assert_true(flagged(s));
    shelf_add_one(&s->shelf, fx_retract(&s->fx, s->ann, again, 45000));
    assert_false(flagged(s));
}

/* ADM-3: what a node refuses its own member, it takes from a peer: views decide what it is worth.
 */
static void adm3_rights_are_for_members_and_not_for_peers(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->bob, FORA_ROLE_BANNED, 0, 0, 40000));
    const struct fora_object *post = fx_comment(&s->fx, s->bob, s->thread, "Hey", 50000);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), FORA_E_FORBIDDEN);
    assert_false(shelf_holds(&s->shelf, post));
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_PEER), 0);
    assert_true(shelf_in_set(&s->shelf, s->space, post));
}

/* The date of an object is its author's word, so her node asks for the right of today as well. */
static void adm3_a_lost_right_is_not_used_with_an_older_date(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 31000));
    const struct fora_object *hide =
        fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_HIDE, 35000);
    const struct fora_object *erase =
        fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, 35001);
    const struct fora_object *post = fx_comment(&s->fx, s->bob, s->thread, "Hey", 35000);
    const struct fora_object *later = fx_comment(&s->fx, s->bob, s->thread, "Hey again", 35001);
    assert_int_equal(shelf_offer(&s->shelf, hide, COMMIT_MEMBER), 0);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), 0);
    shelf_add_one(
        &s->shelf, fx_revoke(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, 40000));
    shelf_add_one(
        &s->shelf, fx_grant(&s->fx, s->vendor, s->space, s->bob, FORA_ROLE_BANNED, 0, 0, 40000));
    assert_int_equal(shelf_offer(&s->shelf, erase, COMMIT_MEMBER), FORA_E_FORBIDDEN);
    assert_true(shelf_has_text(&s->shelf, s->answer));
    assert_int_equal(shelf_offer(&s->shelf, later, COMMIT_MEMBER), FORA_E_FORBIDDEN);
    assert_int_equal(shelf_offer(&s->shelf, later, COMMIT_PEER), 0);
}

static void adm3_a_locked_thread_is_closed_to_members(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_LOCK, 40000));
    shelf_rows(&s->shelf);
    const struct fora_object *post = fx_comment(&s->fx, s->ann, s->thread, "Hey", 50000);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), FORA_E_LOCKED);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_revise(&s->fx, s->ann, s->thread, "Typo", 50000), COMMIT_MEMBER),
        0);
    assert_int_equal(shelf_offer(&s->shelf,
                         fx_comment(&s->fx, s->vendor, s->thread, "Locked.", 50000), COMMIT_MEMBER),
        0);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_PEER), 0);
}

static int offer_resolution(struct scene *s, const struct fx_who *who, uint32_t type)
{
    return shelf_offer(&s->shelf, fx_resolve(&s->fx, who, s->answer, type, 50000), COMMIT_MEMBER);
}

/* ADM-3: who has no right hears so, instead of that it is done. */
static void adm3_what_views_would_ignore_is_refused_to_members(void **state)
{
    struct scene *s = *state;
    add_all(s);
    const struct fora_object *edit = fx_revise(&s->fx, s->ann, s->answer, "Mine", 50000);
    assert_int_equal(shelf_offer(&s->shelf, edit, COMMIT_MEMBER), FORA_E_FORBIDDEN);
    assert_int_equal(shelf_offer(&s->shelf, edit, COMMIT_PEER), 0);
    assert_int_equal(shelf_offer(&s->shelf, fx_revise(&s->fx, s->bob, s->answer, "Better", 50000),
                         COMMIT_MEMBER),
        0);
    assert_int_equal(offer_resolution(s, s->bob, FORA_RESOLUTION_ASKER_ACCEPTED), FORA_E_FORBIDDEN);
    assert_int_equal(offer_resolution(s, s->ann, FORA_RESOLUTION_ASKER_ACCEPTED), 0);
    assert_int_equal(
        offer_resolution(s, s->ann, FORA_RESOLUTION_STAFF_CONFIRMED), FORA_E_FORBIDDEN);
    assert_int_equal(offer_resolution(s, s->vendor, FORA_RESOLUTION_STAFF_CONFIRMED), 0);
    assert_int_equal(
        offer_resolution(s, s->ann, FORA_RESOLUTION_COMMUNITY_VERIFIED), FORA_E_FORBIDDEN);
}

/* Rows rest; a lock does not wait for them, nor does its end. */
static void adm3_a_lock_counts_before_the_row_says_so(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_rows(&s->shelf);
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_LOCK, 40000));
    const struct fora_object *post = fx_comment(&s->fx, s->ann, s->thread, "Hey", 50000);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), FORA_E_LOCKED);
    shelf_rows(&s->shelf);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), FORA_E_LOCKED);
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_UNLOCK, 41000));
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_MEMBER), 0);
}

static void a_closed_thread_takes_comments_only(void **state)
{
    struct scene *s = *state;
    add_all(s);
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_CLOSE, 40000));
    shelf_rows(&s->shelf);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_answer(&s->fx, s->ann, s->thread, "Late", 50000), COMMIT_MEMBER),
        FORA_E_LOCKED);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_comment(&s->fx, s->ann, s->thread, "Why?", 50000), COMMIT_MEMBER),
        0);
    shelf_add_one(
        &s->shelf, fx_moderate(&s->fx, s->vendor, s->thread, FORA_MODERATION_REOPEN, 60000));
    shelf_rows(&s->shelf);
    assert_int_equal(
        shelf_offer(&s->shelf, fx_answer(&s->fx, s->ann, s->thread, "Now", 70000), COMMIT_MEMBER),
        0);
}

/* ADM-2: a log may still change, so a key that it does not name is nothing to remember. */
static void what_the_log_may_still_allow_is_not_remembered(void **state)
{
    struct scene *s = *state;
    struct fora_secret *second = fx_secret(77, "second");
    struct fora_device_key key = {.label = fora_bytes_str("phone")};
    struct fora_identity_entry entry = {.add_key = &key};
    struct fora_buf bytes = {0};
    struct fora_header header = s->answer->header;
    add_all(s);
    const struct fora_object *post = fx_raw(&s->fx, second, header, s->answer->content_bytes);
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_PEER), FORA_E_UNKNOWN_AUTHOR);
    fora_secret_public(second, &key.sign);
    assert_int_equal(fora_identity_build_next(&bytes, s->bob->log, &entry, 25000, s->bob->root), 0);
    shelf_add_one(&s->shelf, fx_decode(&s->fx, fora_buf_bytes(&bytes)));
    assert_int_equal(shelf_offer(&s->shelf, post, COMMIT_PEER), 0);
    shelf_check_set(&s->shelf, s->space);
    fora_buf_fini(&bytes);
    fora_secret_free(second);
}

static struct commit_cursor make_cursor(uint8_t value)
{
    struct commit_cursor cursor = {.value = {value}, .value_size = 1};
    key_name(&cursor.key, 'f', fora_bytes_str("peer"));
    return cursor;
}

static int cursor_value(struct shelf *shelf)
{
    struct store_key key;
    struct fora_bytes value;
    struct kv_txn *txn = shelf_read(shelf);
    key_name(&key, 'f', fora_bytes_str("peer"));
    int found = kv_get(txn, T_CURSORS, store_key_bytes(&key), &value) ? value.data[0] : -1;
    kv_abort(txn);
    return found;
}

/* A cursor never says more than is stored: both become durable at once. */
static void a_cursor_is_durable_with_its_objects(void **state)
{
    struct scene *s = *state;
    struct commit_item item = {.object = *s->ann->create, .source = COMMIT_PEER};
    struct commit_cursor cursor = make_cursor(1);
    struct commit_batch batch = {
        .items = &item, .count = 1, .cursors = &cursor, .cursors_count = 1, .now = WORLD_NOW};
    kv_mem_set_volatile(s->shelf.kv, true);
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(cursor_value(&s->shelf), 1);
    kv_mem_sync(s->shelf.kv);
    item.object = *s->bob->create;
    cursor = make_cursor(2);
    assert_int_equal(commit_run(s->shelf.committer, &batch, &s->shelf.result), 0);
    assert_int_equal(cursor_value(&s->shelf), 2);
    kv_mem_crash(s->shelf.kv);
    assert_int_equal(cursor_value(&s->shelf), 1);
    assert_true(shelf_holds(&s->shelf, s->ann->create));
    assert_false(shelf_holds(&s->shelf, s->bob->create));
}

/* Nothing of a batch that fails is left, in the store or in the writer's memory. */
static void a_commit_that_fails_anywhere_leaves_nothing(void **state)
{
    struct scene *s = *state;
    struct fora_hash before[STORE_TABLE_COUNT];
    const struct fora_object *objects[] = {s->ann->create, s->bob->create, s->thread, s->answer,
        fx_grant(&s->fx, s->vendor, s->space, s->ann, FORA_ROLE_MODERATOR, 0, 0, 22000),
        fx_profile(&s->fx, s->ann, "Ann", 2000), fx_profile(&s->fx, s->ann, "Ann B.", 3000),
        fx_tally(&s->fx, s->vendor, s->answer, 1, 0, 40000),
        fx_tally(&s->fx, s->vendor, s->answer, 2, 0, 41000), make_flag(s, 41000),
        fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_ERASE, 42000),
        fx_retract(&s->fx, s->ann, s->thread, 43000)};
    enum { COUNT = sizeof objects / sizeof objects[0] };
    uint64_t failed = 0;
    int rc;
    shelf_add_one(&s->shelf, s->vendor->create);
    shelf_add_one(&s->shelf, s->space);
    shelf_hash(&s->shelf, before);
    do {
        struct commit_item items[COUNT];
        struct commit_batch batch = {.items = items, .count = COUNT, .now = WORLD_NOW};
        memset(items, 0, sizeof items);
        for (size_t i = 0; i < COUNT; i++) {
            items[i].object = *objects[i];
            items[i].source =
                objects[i]->header.kind == FORA_KIND_POLICY ? COMMIT_LOCAL : COMMIT_PEER;
        }
        kv_mem_fail_at(s->shelf.kv, ++failed, FORA_E_FULL);
        rc = commit_run(s->shelf.committer, &batch, &s->shelf.result);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(items[i].code, rc);
            assert_int_equal(items[i].seq == 0, rc != 0);
        }
        if (rc != 0) {
            assert_int_equal(rc, FORA_E_FULL);
            assert_int_equal(s->shelf.result.stored, 0);
            assert_shelf_is(&s->shelf, before);
        }
    } while (rc != 0);
    kv_mem_fail_at(s->shelf.kv, 0, 0);
    assert_true(failed > 60);
    assert_int_equal(s->shelf.result.stored, COUNT);
    assert_false(shelf_has_text(&s->shelf, s->answer));
    assert_int_equal(shelf_check_set(&s->shelf, s->space), 12);
}

static void a_link_has_a_tag(void **state)
{
    struct fora_principal_id node = {.b = {0, 0, 0, 0, 1}};
    (void)state;
    assert_int_equal(link_tag(&node), 1); /* 0 means nobody */
    node.b[2] = 1;
    assert_int_equal(link_tag(&node), 256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_stored_and_a_copy_is_a_duplicate),
        TEST(adm2_what_waits_is_told_what_it_waits_for),
        TEST(rep10_what_can_never_be_is_remembered),
        TEST(rep3_an_author_brings_identity_and_profile),
        TEST(obj8_the_newest_of_a_slot_stands),
        TEST(adm8_what_may_be_replaced_is_no_parent),
        TEST(a_retraction_erases_the_text_on_disk),
        TEST(a_moderation_erases_only_by_right),
        TEST(withheld_content_is_taken_from_a_copy),
        TEST(flags_queue_until_they_are_answered),
        TEST(adm3_rights_are_for_members_and_not_for_peers),
        TEST(adm3_a_lost_right_is_not_used_with_an_older_date),
        TEST(adm3_a_locked_thread_is_closed_to_members),
        TEST(adm3_what_views_would_ignore_is_refused_to_members),
        TEST(adm3_a_lock_counts_before_the_row_says_so),
        TEST(a_closed_thread_takes_comments_only),
        TEST(what_the_log_may_still_allow_is_not_remembered),
        TEST(a_cursor_is_durable_with_its_objects),
        TEST(a_commit_that_fails_anywhere_leaves_nothing),
        TEST(a_link_has_a_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
