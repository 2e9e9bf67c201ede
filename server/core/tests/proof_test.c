/* What a session rests on, and for how long (SES-13, SES-38). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "fora/noise.h"
#include "proof_rig.h"

/* ---- sessions that rest on a key ---- */

static void ses38_a_revoked_key_ends_the_sessions_that_rest_on_it(void **state)
{
    struct story story;
    struct guest thief, owner, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    struct fora_message status = {.type = FORA_MSG_GET_STATUS};
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    auth_open(&story, &thief, &story.ann->id, phone);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now, story.ann->root);
    guest_put(&owner, &revoked, 1);
    guest_settle(&owner);
    assert_int_equal(owner.put_code, 0);
    assert_int_equal(owner.heard[FORA_MSG_PUT_RESULT], 1);
    /* What the thief sends from now on is not even looked at. */
    (void)guest_ask(&thief, &status);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_NODE_STATUS], 0);
    assert_ended(&thief);
    (void)guest_ask(&owner, &status);
    guest_settle(&owner);
    assert_int_equal(owner.heard[FORA_MSG_NODE_STATUS], 1);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)guest_auth(&late, &story.ann->id, phone, NULL, 0);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&thief);
    guest_fini(&owner);
    guest_fini(&late);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_also_when_another_node_brings_it_and_dates_it_ahead(void **state)
{
    struct story story;
    struct guest thief, late;
    struct fora_secret *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    const struct fora_object *added = adds(&story, story.ann, phone);
    net_put(&story.net, story.a, &added, 1);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    auth_open(&story, &thief, &story.ann->id, phone);
    const struct fora_object *revoked =
        revokes(&story, story.ann, phone, story.net.now + 300000, story.ann->root);
    net_put(&story.net, story.b, &revoked, 1);
    net_pass(&story.net, 3);
    guest_settle(&thief);
    assert_ended(&thief);
    guest_init(&late, &story.net, story.a, 0);
    guest_open(&late);
    (void)guest_auth(&late, &story.ann->id, phone, NULL, 0);
    guest_settle(&late);
    assert_int_equal(late.error, FORA_E_AUTH);
    guest_fini(&late);
    guest_fini(&thief);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_who_revokes_her_own_key_hears_that_it_is_done(void **state)
{
    struct story story;
    struct guest phone;
    (void)state;
    story_init(&story, false);
    auth_open(&story, &phone, &story.ann->id, story.ann->device);
    const struct fora_object *revoked =
        revokes(&story, story.ann, story.ann->device, story.net.now, story.ann->device);
    guest_put(&phone, &revoked, 1);
    guest_settle(&phone);
    assert_int_equal(phone.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(phone.put_code, 0);
    assert_ended(&phone);
    guest_fini(&phone);
    story_fini(&story);
}

/* ---- keys of which the node has not heard but from the session ---- */

/* A log of her own, as whoever has the root can write it. */
struct copy {
    struct fora_identity *log;
    struct fora_buf entries[4]; /* that nobody has seen, in their order */
    size_t count;
};

static void copy_init(struct copy *copy, const struct fx_who *who)
{
    memset(copy, 0, sizeof *copy);
    assert_int_equal(fora_identity_new(&copy->log), 0);
    assert_int_equal(fora_identity_add(copy->log, who->create), 0);
}

static void copy_fini(struct copy *copy)
{
    for (size_t i = 0; i < copy->count; i++) {
        fora_buf_fini(&copy->entries[i]);
    }
    fora_identity_free(copy->log);
}

static void copy_writes(struct copy *copy, struct fora_identity_entry entry, uint64_t at,
    const struct fora_secret *signer)
{
    struct fora_buf *out = &copy->entries[copy->count++];
    struct fora_object object;
    assert_int_equal(fora_identity_build_next(out, copy->log, &entry, at, signer), 0);
    assert_int_equal(fora_object_decode(&object, fora_buf_bytes(out)), 0);
    assert_int_equal(fora_identity_add(copy->log, &object), 0);
}

static void copy_adds(
    struct copy *copy, const struct fora_secret *device, uint64_t at, const struct fx_who *who)
{
    struct fora_device_key key = {.sign = public_key(device), .label = fora_bytes_str("own")};
    struct fora_identity_entry entry = {.add_key = &key};
    copy_writes(copy, entry, at, who->root);
}

/* A session by a key of the copy, with its entries. */
static void copy_open(struct story *story, struct guest *guest, const struct copy *copy,
    const struct fora_secret *secret)
{
    struct fora_bytes entries[4];
    for (size_t i = 0; i < copy->count; i++) {
        entries[i] = fora_buf_bytes(&copy->entries[i]);
    }
    story_guest(story, guest, 0);
    (void)guest_auth(guest, fora_identity_principal(copy->log), secret, entries, copy->count);
    guest_settle(guest);
    assert_int_equal(guest->heard[FORA_MSG_AUTH_OK], 1);
}

static void owner_puts(struct story *story, const struct fora_object *entry)
{
    struct guest owner;
    auth_open(story, &owner, &story->ann->id, story->ann->device);
    guest_put(&owner, &entry, 1);
    guest_settle(&owner);
    assert_int_equal(owner.heard[FORA_MSG_PUT_RESULT], 1);
    assert_int_equal(owner.put_code, 0);
    guest_fini(&owner);
}

static const struct fora_object *rotates(struct story *story, struct fx_who *who, bool recovers)
{
    struct fora_secret *third = fx_secret(33, "third");
    struct fora_root_rotation rotation;
    struct fora_recovery recovery;
    struct fora_key key = public_key(third);
    struct fora_identity_entry entry = {.rotate = NULL};
    fora_identity_commitment(&rotation.next_root_commitment, &key);
    recovery.next_root_commitment = rotation.next_root_commitment;
    if (recovers) {
        entry.recover = &recovery;
    } else {
        entry.rotate = &rotation;
    }
    const struct fora_object *object = entry_by(story, who, entry, story->net.now, who->next_root);
    fora_secret_free(third);
    return object;
}

/* Whoever has the root writes an entry for herself and shows it to nobody but this node. */
static void thief_is_put_out(bool recovers)
{
    struct story story;
    struct guest thief, owner;
    struct copy copy;
    struct fora_secret *own = fx_secret(31, "thief");
    story_init(&story, false);
    copy_init(&copy, story.ann);
    copy_adds(&copy, own, story.net.now - 500, story.ann);
    copy_open(&story, &thief, &copy, own);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    assert_goes_on(&thief);
    owner_puts(&story, rotates(&story, story.ann, recovers));
    assert_takes_nothing(&thief);
    assert_goes_on(&owner);
    guest_fini(&thief);
    guest_fini(&owner);
    copy_fini(&copy);
    fora_secret_free(own);
    story_fini(&story);
}

static void ses38_a_rotation_ends_what_rests_on_an_entry_that_nobody_has_seen(void **state)
{
    (void)state;
    thief_is_put_out(false);
}

static void ses38_so_does_a_recovery(void **state)
{
    (void)state;
    thief_is_put_out(true);
}

static void ses38_a_key_whose_entries_are_stored_later_goes_on_until_it_is_revoked(void **state)
{
    struct story story;
    struct guest laptop, other;
    struct copy copy;
    struct fora_secret *own = fx_secret(31, "laptop"), *phone = fx_secret(30, "phone");
    (void)state;
    story_init(&story, false);
    copy_init(&copy, story.ann);
    copy_adds(&copy, phone, story.net.now - 500, story.ann);
    copy_adds(&copy, own, story.net.now - 400, story.ann);
    copy_open(&story, &laptop, &copy, own);
    auth_open(&story, &other, &story.ann->id, story.ann->device);
    for (size_t i = 0; i < copy.count; i++) { /* one at a time: the key comes with the second */
        const struct fora_object *entry = fx_decode(&story.fx, fora_buf_bytes(&copy.entries[i]));
        assert_int_equal(fora_identity_add(story.ann->log, entry), 0);
        guest_put(&other, &entry, 1);
        guest_settle(&other);
        assert_int_equal(other.put_code, 0);
        assert_goes_on(&laptop);
    }
    /* Another key is revoked, which is not its matter; then its own, from another device. */
    owner_puts(&story, revokes(&story, story.ann, phone, story.net.now, story.ann->root));
    assert_goes_on(&laptop);
    const struct fora_object *last =
        revokes(&story, story.ann, own, story.net.now, story.ann->root);
    guest_put(&other, &last, 1);
    guest_settle(&other);
    assert_takes_nothing(&laptop);
    assert_goes_on(&other);
    guest_fini(&laptop);
    guest_fini(&other);
    copy_fini(&copy);
    fora_secret_free(own);
    fora_secret_free(phone);
    story_fini(&story);
}

/* Beside what the session brought another device writes: which of them stands is for ID-9 to say.
 */
static void ses38_of_entries_that_are_beside_each_other_the_winner_counts(void **state)
{
    struct story story;
    struct guest first, second;
    struct copy early, late;
    struct fora_secret *a = fx_secret(31, "early"), *b = fx_secret(32, "late");
    (void)state;
    story_init(&story, false);
    copy_init(&early, story.ann);
    copy_init(&late, story.ann);
    copy_adds(&early, a, story.net.now - 500, story.ann);
    copy_adds(&late, b, story.net.now - 300, story.ann);
    copy_open(&story, &first, &early, a);
    copy_open(&story, &second, &late, b);
    /* At story.net.now - 400: after the one, before the other. */
    struct fora_secret *phone = fx_secret(30, "phone");
    struct fora_device_key key = {.sign = public_key(phone), .label = fora_bytes_str("phone")};
    struct fora_identity_entry entry = {.add_key = &key};
    owner_puts(&story, entry_by(&story, story.ann, entry, story.net.now - 400, story.ann->root));
    assert_takes_nothing(&second);
    assert_goes_on(&first);
    guest_fini(&first);
    guest_fini(&second);
    copy_fini(&early);
    copy_fini(&late);
    fora_secret_free(a);
    fora_secret_free(b);
    fora_secret_free(phone);
    story_fini(&story);
}

static void ses38_an_auth_with_entries_of_its_own_is_read_again_too(void **state)
{
    struct story story;
    struct guest thief;
    struct copy copy;
    struct fora_secret *own = fx_secret(31, "thief");
    (void)state;
    story_init(&story, false);
    copy_init(&copy, story.ann);
    copy_adds(&copy, own, story.net.now - 500, story.ann);
    story_guest(&story, &thief, 0);
    struct fora_bytes entry = fora_buf_bytes(&copy.entries[0]);
    (void)guest_auth(&thief, &story.ann->id, own, &entry, 1);
    while (guest_move(&thief)) {
    }
    struct job *login = job_ran(&story, JOB_QUERY); /* by the log as it was */
    assert_true(login->login.set);
    owner_puts(&story, rotates(&story, story.ann, false));
    job_finish(&story, login);
    guest_settle(&thief);
    assert_int_equal(thief.heard[FORA_MSG_AUTH_OK], 0);
    assert_int_equal(thief.error, FORA_E_AUTH);
    guest_fini(&thief);
    copy_fini(&copy);
    fora_secret_free(own);
    story_fini(&story);
}

/* ---- the Noise key of a node ---- */

static void put_by(struct guest *guest, const struct fora_object *entry)
{
    guest_put(guest, &entry, 1);
    guest_settle(guest);
    assert_int_equal(guest->put_code, 0);
}

static void ses13_a_node_whose_key_changes_in_its_log_is_ended(void **state)
{
    struct story story;
    struct guest peer, owner;
    struct fora_secret *root = fx_secret(9, "guest.root");
    uint8_t same[32], other[32];
    (void)state;
    memset(same, 7 + 9, sizeof same); /* as guest_init makes it */
    memset(other, 5, sizeof other);
    story_init(&story, false);
    story_guest(&story, &peer, 9);
    auth_open(&story, &owner, &story.ann->id, story.ann->device);
    /* Its log was not held here: what Hello brought is stored now, and changes nothing. */
    put_by(&owner, fx_decode(&story.fx, fora_buf_bytes(&peer.identity)));
    put_by(&owner, names_key(&story, &peer.identity, root, same, "renamed"));
    uint64_t follow = story_follow(&peer, &story.space);
    guest_settle(&peer);
    assert_false(peer.cut);
    assert_int_not_equal(follow, 0);
    assert_true(peer.heard[FORA_MSG_FOLLOW_BATCH] > 0);
    /* An entry beside that one, and an earlier one, so that it wins. */
    story.net.now -= 1000;
    const struct fora_object *moved = names_key(&story, &peer.identity, root, other, "moved");
    story.net.now += 1000;
    put_by(&owner, moved);
    guest_settle(&peer);
    assert_true(peer.cut);
    assert_int_equal(fora_session_error(peer.session), FORA_E_KEY);
    guest_fini(&peer);
    guest_fini(&owner);
    fora_secret_free(root);
    story_fini(&story);
}

/* Is there a connection by which the node has checked who the other one is? */
static bool meets(const struct net_node *node, const struct net_node *other)
{
    for (size_t i = 0; i < node->node->slots_count; i++) {
        const struct conn *conn = node->node->slots[i];
        if (conn != NULL && !conn->closing && conn->checked && conn->asker.is_node &&
            memcmp(conn->asker.node.b, other->id.b, sizeof other->id.b) == 0) {
            return true;
        }
    }
    return false;
}

static void ses13_who_dialled_ends_it_and_calls_again_until_the_key_is_there(void **state)
{
    struct story story;
    struct guest ann;
    uint8_t noise[32];
    (void)state;
    story_init(&story, false);
    net_subscribe(&story.net, story.b, story.a, &story.space);
    net_pass(&story.net, 3);
    assert_true(meets(story.b, story.a));
    memset(noise, 5, sizeof noise);
    const struct fora_object *entry =
        names_key(&story, &story.a->identity, story.a->root, noise, "a:1");
    struct net_node *first = story.a;
    story.a = story.b; /* at b */
    story_guest(&story, &ann, 0);
    story.a = first;
    (void)guest_auth(&ann, &story.ann->id, story.ann->device, NULL, 0);
    guest_settle(&ann);
    put_by(&ann, entry);
    assert_false(meets(story.b, story.a));
    net_pass(&story.net, 30); /* it calls, and meets the old key */
    assert_false(meets(story.b, story.a));
    memcpy(story.a->noise, noise, sizeof noise);
    net_restart(&story.net, story.a);
    net_pass(&story.net, 120);
    assert_true(meets(story.b, story.a));
    net_put(&story.net, story.a, story_comments(&story, 3, 0), 3);
    net_pass(&story.net, 3);
    assert_int_equal(net_same(story.a, story.b, &story.space), STORY_FIRST + 4);
    guest_fini(&ann);
    story_fini(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses38_a_revoked_key_ends_the_sessions_that_rest_on_it),
        cmocka_unit_test(ses38_also_when_another_node_brings_it_and_dates_it_ahead),
        cmocka_unit_test(ses38_who_revokes_her_own_key_hears_that_it_is_done),
        cmocka_unit_test(ses38_a_rotation_ends_what_rests_on_an_entry_that_nobody_has_seen),
        cmocka_unit_test(ses38_so_does_a_recovery),
        cmocka_unit_test(ses38_a_key_whose_entries_are_stored_later_goes_on_until_it_is_revoked),
        cmocka_unit_test(ses38_of_entries_that_are_beside_each_other_the_winner_counts),
        cmocka_unit_test(ses38_an_auth_with_entries_of_its_own_is_read_again_too),
        cmocka_unit_test(ses13_a_node_whose_key_changes_in_its_log_is_ended),
        cmocka_unit_test(ses13_who_dialled_ends_it_and_calls_again_until_the_key_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
