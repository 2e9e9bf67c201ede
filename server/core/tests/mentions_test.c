/* Mentions: the index of them, and ListMentions (KIND-MENTION-3, SES-33). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/mentions.h"
#include "fora/message_rules.h"
#include "maintain/fsck.h"
#include "maintain/reindex.h"
#include "requests_rig.h"

#include <stdio.h>
#include <string.h>

struct scene {
    struct rig rig;
    struct asker ann, bob;
    const struct fora_object *space, *thread;
    uint64_t said;
};

static int setup(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    rig_start(&s.rig, store_rig_mem());
    s.ann = rig_member(&s.rig, "ann");
    s.bob = rig_member(&s.rig, "bob");
    s.space = rig_space(&s.rig);
    s.thread = rig_question(&s.rig, s.space);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    rig_stop(&s->rig);
    return 0;
}

/* Vera comments on the question, and mentions `count` of them. */
static const struct fora_object *comment(
    struct scene *s, const struct asker *const *whom, size_t count)
{
    struct fora_principal_id list[FORA_MENTIONS_MAX];
    char text[32];
    uint64_t at = s->thread->header.created_at + ++s->said;
    (void)snprintf(text, sizeof text, "number %llu", (unsigned long long)s->said);
    for (size_t i = 0; i < count; i++) {
        list[i] = whom[i]->member;
    }
    struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT,
            .text = fora_bytes_str(text),
            .mentions = list,
            .mentions_count = count}};
    const struct fora_object *post = fx_about(&s->rig.fx, s->rig.vera, s->thread, content, at);
    assert_int_equal(rig_store(&s->rig, post), 0);
    return post;
}

static int ask(struct scene *s, struct asker *who, uint32_t limit, struct fora_bytes cursor)
{
    struct fora_message message = {.type = FORA_MSG_LIST_MENTIONS};
    message.u.list_mentions.limit = limit;
    message.u.list_mentions.cursor = cursor;
    return rig_ask(&s->rig, who, &message);
}

/* What is listed to her on one page: how many. */
static size_t listed(struct scene *s, struct asker *who)
{
    assert_int_equal(ask(s, who, 0, fora_bytes(NULL, 0)), 0);
    assert_int_equal(s->rig.answer.type, FORA_MSG_MENTIONS);
    return s->rig.answer.u.mentions.rows_count;
}

static bool row_is(const struct scene *s, size_t row, const struct fora_object *object)
{
    return fora_bytes_equal(s->rig.answer.u.mentions.rows[row].object, object->encoded);
}

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    print_error("%s: %s\n", table, text);
}

static uint64_t findings(struct scene *s)
{
    struct fsck fsck = {.found = found};
    struct fsck_result result;
    assert_int_equal(fsck_run(s->rig.env.kv, &fsck, &result), 0);
    return result.findings;
}

static uint64_t entries(struct scene *s)
{
    struct kv_txn *txn;
    uint64_t count;
    assert_int_equal(kv_begin_read(s->rig.env.kv, &txn), 0);
    assert_true(mentions_sound(txn, &count));
    kv_abort(txn);
    return count;
}

static void kind_mention3_who_is_mentioned_finds_it_and_nobody_else(void **state)
{
    struct scene *s = *state;
    struct asker nobody = {.conn = 1};
    const struct asker *both[] = {&s->ann, &s->bob};
    const struct fora_object *first = comment(s, both, 1);
    (void)comment(s, NULL, 0);
    const struct fora_object *second = comment(s, both, 2);
    assert_int_equal(listed(s, &s->ann), 2);
    assert_true(row_is(s, 0, second) && row_is(s, 1, first));
    assert_int_equal(s->rig.answer.u.mentions.next.size, 0);
    assert_int_equal(listed(s, &s->bob), 1);
    assert_true(row_is(s, 0, second));
    assert_int_equal(entries(s), 3);
    assert_int_equal(findings(s), 0);
    /* Without a member there is nobody who is mentioned: the session asks for a login before. */
    assert_int_equal(fora_message_rule(FORA_MSG_LIST_MENTIONS)->auth, FORA_AUTH_MEMBER);
    assert_int_equal(listed(s, &nobody), 0);
}

static void ses33_pages_of_mentions_go_on_where_the_last_one_ended(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    const struct fora_object *posts[7];
    uint8_t kept[64];
    struct fora_bytes cursor = fora_bytes(NULL, 0);
    size_t seen = 0;
    for (size_t i = 0; i < 7; i++) {
        posts[i] = comment(s, ann, 1);
    }
    do {
        assert_int_equal(ask(s, &s->ann, 3, cursor), 0);
        const struct fora_msg_mentions *page = &s->rig.answer.u.mentions;
        for (size_t i = 0; i < page->rows_count; i++) {
            assert_true(row_is(s, i, posts[6 - seen++]));
        }
        memcpy(kept, page->next.data != NULL ? page->next.data : kept, page->next.size);
        cursor = fora_bytes(kept, page->next.size);
    } while (cursor.size > 0 && seen < 8);
    assert_int_equal(seen, 7);
    assert_int_equal(ask(s, &s->ann, 3, fora_bytes_str("what?")), FORA_E_MALFORMED);
}

static void kind_mention3_what_is_gone_mentions_nobody(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    const struct fora_object *hidden = comment(s, ann, 1), *retracted = comment(s, ann, 1);
    const struct fora_object *erased = comment(s, ann, 1), *stays = comment(s, ann, 1);
    uint64_t at = s->thread->header.created_at + 1000;
    struct fx *fx = &s->rig.fx;
    assert_int_equal(listed(s, &s->ann), 4);
    assert_int_equal(
        rig_store(&s->rig, fx_moderate(fx, s->rig.node, hidden, FORA_MODERATION_HIDE, at)), 0);
    assert_int_equal(rig_store(&s->rig, fx_retract(fx, s->rig.vera, retracted, at)), 0);
    assert_int_equal(
        rig_store(&s->rig, fx_moderate(fx, s->rig.node, erased, FORA_MODERATION_ERASE, at)), 0);
    assert_int_equal(listed(s, &s->ann), 1);
    assert_true(row_is(s, 0, stays));
    assert_int_equal(entries(s), 2); /* the hidden one may be shown again */
    assert_int_equal(findings(s), 0);
    assert_int_equal(
        rig_store(&s->rig, fx_moderate(fx, s->rig.node, hidden, FORA_MODERATION_UNHIDE, at + 1)),
        0);
    assert_int_equal(listed(s, &s->ann), 2);
    assert_int_equal(
        rig_store(&s->rig, fx_moderate(fx, s->rig.node, s->thread, FORA_MODERATION_HIDE, at + 2)),
        0);
    assert_int_equal(listed(s, &s->ann), 0); /* with its thread */
}

static void kind_mention3_a_content_that_comes_later_mentions(void **state)
{
    struct scene *s = *state;
    struct fora_principal_id list[] = {s->ann.member};
    struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT,
            .text = fora_bytes_str("x"),
            .mentions = list,
            .mentions_count = 1}};
    const struct fora_object *post =
        fx_about(&s->rig.fx, s->rig.vera, s->thread, content, s->thread->header.created_at + 1);
    assert_int_equal(rig_store(&s->rig, fx_strip(&s->rig.fx, post)), 0);
    assert_int_equal(listed(s, &s->ann), 0);
    assert_int_equal(rig_store(&s->rig, post), 0);
    assert_int_equal(listed(s, &s->ann), 1);
    assert_int_equal(findings(s), 0);
}

/* What this node wrote for fewer than everybody is not sent with the others (invariant 3). */
static void kind_mention3_what_may_not_be_sent_is_not_listed(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    struct fora_principal_id list[] = {s->ann.member};
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str("Between us"),
            .text = fora_bytes_str("x"),
            .mentions = list,
            .mentions_count = 1}};
    struct fora_header header = {
        .space = fora_object_space(s->space), .audience = FORA_AUDIENCE_RESTRICTED};
    struct commit_item item = {.source = COMMIT_LOCAL};
    struct commit_batch batch = {.items = &item, .count = 1, .now = s->rig.now};
    struct commit_result result;
    item.object =
        *fx_object(&s->rig.fx, s->rig.vera, header, content, s->thread->header.created_at + 1);
    assert_int_equal(commit_run(s->rig.env.committer, &batch, &result), 0);
    assert_int_equal(item.code, 0);
    const struct fora_object *post = comment(s, ann, 1);
    assert_int_equal(entries(s), 2);
    assert_int_equal(listed(s, &s->ann), 1);
    assert_true(row_is(s, 0, post));
}

/* What is not shown is work as well. */
static void ses33_a_page_ends_where_it_looked_at_enough(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    uint8_t kept[64];
    for (unsigned i = 0; i < MENTIONS_LOOKED + 10; i++) {
        (void)comment(s, ann, 1);
    }
    assert_int_equal(rig_store(&s->rig, fx_moderate(&s->rig.fx, s->rig.node, s->thread,
                                            FORA_MODERATION_HIDE, s->rig.now)),
        0);
    assert_int_equal(listed(s, &s->ann), 0);
    struct fora_bytes next = s->rig.answer.u.mentions.next;
    assert_in_range(next.size, 1, sizeof kept);
    memcpy(kept, next.data, next.size);
    assert_int_equal(ask(s, &s->ann, 0, fora_bytes(kept, next.size)), 0);
    assert_int_equal(s->rig.answer.u.mentions.rows_count, 0);
    assert_int_equal(s->rig.answer.u.mentions.next.size, 0);
}

/* To find that a thread is too long to be folded is work too: a page ends where it was enough. */
static void ses33_a_page_looks_at_few_long_threads(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    const struct fora_object *threads[3] = {s->thread,
        fx_thread(&s->rig.fx, s->rig.vera, s->space, FORA_THREAD_QUESTION, "Which?",
            s->thread->header.created_at + 1),
        fx_thread(&s->rig.fx, s->rig.vera, s->space, FORA_THREAD_QUESTION, "Who?",
            s->thread->header.created_at + 2)};
    for (size_t i = 0; i < 3; i++) {
        s->thread = threads[i];
        assert_true(i == 0 || rig_store(&s->rig, s->thread) == 0);
        for (unsigned j = 0; j < MENTIONS_FOLD_MAX; j++) {
            (void)comment(s, NULL, 0);
        }
    }
    for (size_t i = 0; i < 9; i++) {
        s->thread = threads[i % 3];
        (void)comment(s, ann, 1);
    }
    assert_int_equal(listed(s, &s->ann), 1); /* two would be more than MENTIONS_FOLD_ALL */
    assert_int_not_equal(s->rig.answer.u.mentions.next.size, 0);
    /* Neighbours of one thread cost that once. */
    for (size_t i = 0; i < 9; i++) {
        (void)comment(s, ann, 1);
    }
    assert_int_equal(listed(s, &s->ann), 10);
}

static void ses33_a_page_of_large_ones_can_be_sent(void **state)
{
    enum { LARGE = 60000, COUNT = 24 };
    static char text[LARGE];
    struct scene *s = *state;
    struct fora_principal_id list[] = {s->ann.member};
    memset(text, 'x', sizeof text);
    for (uint64_t i = 0; i < COUNT; i++) {
        const struct fora_content content = {.kind = FORA_KIND_POST,
            .u.post = {.type = FORA_POST_COMMENT,
                .text = fora_bytes((const uint8_t *)text, sizeof text - i),
                .mentions = list,
                .mentions_count = 1}};
        assert_int_equal(rig_store(&s->rig, fx_about(&s->rig.fx, s->rig.vera, s->thread, content,
                                                s->thread->header.created_at + 1 + i)),
            0);
    }
    assert_in_range(listed(s, &s->ann), 1, COUNT / 2);
    assert_int_not_equal(s->rig.answer.u.mentions.next.size, 0);
}

static void the_newest_thousand_are_kept_and_reindex_keeps_the_same(void **state)
{
    struct scene *s = *state;
    const struct asker *ann[] = {&s->ann};
    struct reindex reindex = {.verify = false};
    struct reindex_result result;
    const struct fora_object *last = NULL, *oldest = NULL;
    for (unsigned i = 0; i < MENTIONS_KEPT + 5; i++) {
        last = comment(s, ann, 1);
        oldest = i == 5 ? last : oldest;
    }
    assert_int_equal(entries(s), MENTIONS_KEPT);
    assert_int_equal(findings(s), 0);
    assert_int_equal(
        rig_store(&s->rig, fx_retract(&s->rig.fx, s->rig.vera, oldest, s->rig.now)), 0);
    assert_int_equal(entries(s), MENTIONS_KEPT - 1);
    assert_int_equal(findings(s), 0);
    assert_int_equal(reindex_run(s->rig.env.kv, &reindex, &result), 0);
    assert_int_equal(entries(s), MENTIONS_KEPT); /* one that had been dropped is back */
    assert_int_equal(findings(s), 0);
    assert_int_equal(listed(s, &s->ann), 50);
    assert_true(row_is(s, 0, last));
}

static void a_broken_index_is_found_and_made_anew(void **state)
{
    struct scene *s = *state;
    const struct asker *both[] = {&s->ann, &s->bob};
    struct reindex reindex = {.verify = false};
    struct reindex_result result;
    struct kv_txn *txn;
    (void)comment(s, both, 2);
    assert_int_equal(kv_begin_write(s->rig.env.kv, &txn), 0);
    kv_clear(txn, T_MENTIONS);
    assert_int_equal(kv_commit(txn), 0);
    assert_int_not_equal(findings(s), 0);
    assert_int_equal(reindex_run(s->rig.env.kv, &reindex, &result), 0);
    assert_int_equal(findings(s), 0);
    assert_int_equal(listed(s, &s->ann), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(kind_mention3_who_is_mentioned_finds_it_and_nobody_else),
        T(ses33_pages_of_mentions_go_on_where_the_last_one_ended),
        T(kind_mention3_what_is_gone_mentions_nobody),
        T(kind_mention3_a_content_that_comes_later_mentions),
        T(kind_mention3_what_may_not_be_sent_is_not_listed),
        T(ses33_a_page_ends_where_it_looked_at_enough),
        T(ses33_a_page_looks_at_few_long_threads),
        T(ses33_a_page_of_large_ones_can_be_sent),
        T(the_newest_thousand_are_kept_and_reindex_keeps_the_same),
        T(a_broken_index_is_found_and_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
