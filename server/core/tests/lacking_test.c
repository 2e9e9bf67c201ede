/* Contents that were dropped without right are asked for again (OBJ-11). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/lacking.h"
#include "story.h"

/* Dora was a moderator, and erases what ann said. Whoever hears of it before she retires drops the
 * text, whoever hears of it later keeps it, until the owner says that she never was one. */
struct scene {
    struct story story;
    struct fx_who owner, *dora;
    const struct fora_object *answers[4], *erases[4], *retires, *never;
    size_t count; /* of answers */
};

static const struct fora_object *no_moderator(struct scene *s, uint64_t since, uint64_t at)
{
    struct fora_grant grant = {
        .principal = s->dora->id, .role = FORA_ROLE_MODERATOR, .revoke = true, .since = since};
    struct fora_policy_statement statement = {.grants = &grant, .grants_count = 1};
    return fx_policy(&s->story.fx, &s->owner, &s->story.space_stub, statement, at);
}

static void scene_init(struct scene *s, size_t count)
{
    struct story *story = &s->story;
    static const char *const texts[] = {"Dirty glass.", "Old keg.", "Warm room.", "Thin hops."};
    memset(s, 0, sizeof *s);
    story_init(story, false);
    s->owner = (struct fx_who){.device = story->a->device, .id = story->a->id};
    s->count = count;
    uint64_t now = story->net.now;
    s->dora = fx_member(&story->fx, 7, now - 9000);
    const struct fora_object *grant = fx_grant(&story->fx, &s->owner, &story->space_stub, s->dora,
        FORA_ROLE_MODERATOR, now - 8000, 0, now - 8000);
    const struct fora_object *objects[] = {s->dora->create, grant};
    net_put(&story->net, story->a, objects, 2);
    for (size_t i = 0; i < count; i++) {
        s->answers[i] = fx_answer(&story->fx, story->ann, story->thread, texts[i], now - 7000 + i);
        s->erases[i] =
            fx_moderate(&story->fx, s->dora, s->answers[i], FORA_MODERATION_ERASE, now - 6000 + i);
    }
    s->retires = no_moderator(s, now - 5000, now - 5000);
    s->never = no_moderator(s, now - 8000, now - 4000);
    net_put(&story->net, story->a, s->answers, count);
    net_subscribe(&story->net, story->b, story->a, &story->space);
    net_pass(&story->net, 3);
}

static void scene_fini(struct scene *s)
{
    story_fini(&s->story);
}

static bool has_text(struct net_node *node, const struct fora_object *object)
{
    struct kv_txn *txn;
    struct stored stored;
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    store_seq seq = objects_find(txn, object->id.b);
    assert_int_not_equal(seq, 0);
    assert_int_equal(objects_read(txn, seq, &stored), 0);
    bool has = stored.object.has_content;
    kv_abort(txn);
    return has;
}

/* Of what has come, or is erased, or has left the set no mark stays: they would be looked at with
 * each connection, for ever. */
static size_t marks(struct kv_txn *txn)
{
    struct fora_bytes key;
    size_t count = 0;
    struct kv_cursor *cursor = kv_cursor_open(txn, T_CURSORS);
    for (bool there = kv_seek(cursor, fora_bytes_str("c"), &key, NULL); there && key.data[0] == 'c';
         there = kv_next(cursor, &key, NULL)) {
        count++;
    }
    kv_cursor_close(cursor);
    return count;
}

static size_t lacks(struct net_node *node, const struct fora_space_id *space)
{
    struct fora_object_id ids[LACKING_MAX];
    struct set_info set;
    struct kv_txn *txn;
    size_t count;
    assert_int_equal(kv_begin_read(node->kv, &txn), 0);
    assert_true(sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &set));
    assert_int_equal(lacking_list(txn, set.number, 12345000, ids, &count), 0);
    assert_int_equal(marks(txn), count);
    kv_abort(txn);
    return count;
}

/* By a session, so that the node itself takes it in. */
static void tell(struct scene *s, struct net_node *node, const struct fora_object *object)
{
    struct guest guest;
    guest_init(&guest, &s->story.net, node, 0);
    guest_open(&guest);
    (void)guest_auth(&guest, &s->story.ann->id, s->story.ann->device, NULL, 0);
    guest_settle(&guest);
    guest_put(&guest, &object, 1);
    guest_settle(&guest);
    assert_int_equal(guest.put_code, 0);
    guest_fini(&guest);
}

/* `drops` hears of the erasures in time, the other one late. */
static void erase_at(struct scene *s, struct net_node *drops, struct net_node *keeps)
{
    struct net *net = &s->story.net;
    net_cut(net, drops);
    net_put(net, keeps, &s->retires, 1);
    net_put(net, drops, &s->dora->create, 1);
    net_put(net, drops, s->erases, s->count);
    net_pass(net, 20);
    for (size_t i = 0; i < s->count; i++) {
        assert_false(has_text(drops, s->answers[i]));
        assert_true(has_text(keeps, s->answers[i]));
    }
    (void)net_same(drops, keeps, &s->story.space);
}

static void comes_back(bool dialled)
{
    struct scene s;
    scene_init(&s, 4);
    struct net_node *drops = dialled ? s.story.a : s.story.b;
    struct net_node *keeps = dialled ? s.story.b : s.story.a;
    erase_at(&s, drops, keeps);
    net_pass(&s.story.net, 5);
    tell(&s, drops, s.never);
    net_pass(&s.story.net, 5);
    for (size_t i = 0; i < s.count; i++) {
        assert_true(has_text(drops, s.answers[i]));
    }
    assert_int_equal(lacks(drops, &s.story.space), 0);
    (void)net_same(drops, keeps, &s.story.space);
    scene_fini(&s);
}

static void obj11_what_was_erased_without_right_is_fetched_from_who_is_followed(void **state)
{
    (void)state;
    comes_back(false);
}

static void obj11_and_from_who_follows_and_is_followed_back(void **state)
{
    (void)state;
    comes_back(true);
}

/* While nobody is there who has it, it stays wanted, over a restart too. */
static void obj11_with_the_next_connection_when_nobody_is_there(void **state)
{
    struct scene s;
    (void)state;
    scene_init(&s, 2);
    erase_at(&s, s.story.b, s.story.a);
    s.story.a->away = true;
    net_cut(&s.story.net, s.story.b);
    tell(&s, s.story.b, s.never);
    net_pass(&s.story.net, 5);
    assert_int_equal(lacks(s.story.b, &s.story.space), 2);
    net_restart(&s.story.net, s.story.b);
    net_pass(&s.story.net, 5);
    assert_false(has_text(s.story.b, s.answers[0]));
    s.story.a->away = false;
    net_pass(&s.story.net, 400);
    assert_true(has_text(s.story.b, s.answers[0]));
    assert_true(has_text(s.story.b, s.answers[1]));
    assert_int_equal(lacks(s.story.b, &s.story.space), 0);
    scene_fini(&s);
}

/* Whose author takes it back meanwhile is not asked for. */
static void obj11_what_is_erased_by_right_meanwhile_is_not_wanted(void **state)
{
    struct scene s;
    (void)state;
    scene_init(&s, 2);
    erase_at(&s, s.story.b, s.story.a);
    s.story.a->away = true;
    net_cut(&s.story.net, s.story.b);
    tell(&s, s.story.b, s.never);
    net_pass(&s.story.net, 5);
    tell(&s, s.story.b, fx_retract(&s.story.fx, s.story.ann, s.answers[0], s.story.net.now - 1000));
    assert_int_equal(lacks(s.story.b, &s.story.space), 1);
    s.story.a->away = false;
    net_pass(&s.story.net, 400);
    assert_false(has_text(s.story.b, s.answers[0]));
    assert_true(has_text(s.story.b, s.answers[1]));
    assert_int_equal(lacks(s.story.b, &s.story.space), 0);
    scene_fini(&s);
}

/* Nor what somebody else erased by right, before or after: that act stands. */
static void obj11_what_its_author_took_back_too_stays_erased(void **state)
{
    struct scene s;
    (void)state;
    scene_init(&s, 3);
    struct story *story = &s.story;
    const struct fora_object *taken[] = {
        fx_retract(&story->fx, story->ann, s.answers[0], story->net.now - 6500),
        fx_retract(&story->fx, story->ann, s.answers[1], story->net.now - 6500)};
    net_put(&story->net, story->b, &taken[0], 1);
    net_cut(&story->net, story->b);
    net_put(&story->net, story->a, &s.retires, 1);
    net_put(&story->net, story->b, &s.dora->create, 1);
    net_put(&story->net, story->b, s.erases, s.count);
    net_put(&story->net, story->b, &taken[1], 1);
    net_pass(&story->net, 20);
    tell(&s, story->b, s.never);
    net_pass(&story->net, 20);
    assert_false(has_text(story->b, s.answers[0]));
    assert_false(has_text(story->b, s.answers[1]));
    assert_true(has_text(story->b, s.answers[2]));
    assert_int_equal(lacks(story->b, &story->space), 0);
    (void)net_same(story->a, story->b, &story->space);
    scene_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obj11_what_was_erased_without_right_is_fetched_from_who_is_followed),
        cmocka_unit_test(obj11_and_from_who_follows_and_is_followed_back),
        cmocka_unit_test(obj11_with_the_next_connection_when_nobody_is_there),
        cmocka_unit_test(obj11_what_is_erased_by_right_meanwhile_is_not_wanted),
        cmocka_unit_test(obj11_what_its_author_took_back_too_stays_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
