/* A space, a question, people. */
#include "story.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENTS_MAX = 20000, LENGTH_MAX = 2000 };

void story_init(struct story *story, bool lanes)
{
    memset(story, 0, sizeof *story);
    net_init(&story->net);
    fx_init(&story->fx);
    story->a = net_add(&story->net, "a");
    story->b = net_add(&story->net, "b");
    story->a->lanes = lanes;
    story->space = net_space(&story->net, story->a, "beer");
    memcpy(story->space_stub.id.b, story->space.b, sizeof story->space.b);
    story->space_stub.header.kind = FORA_KIND_POLICY;
    story->ann = fx_member(&story->fx, 1, story->net.now - 1000);
    story->thread = fx_thread(&story->fx, story->ann, &story->space_stub, FORA_THREAD_QUESTION,
        "Why is it flat?", story->net.now);
    const struct fora_object *objects[] = {story->ann->create, story->thread};
    net_put(&story->net, story->a, objects, 2);
}

void story_fini(struct story *story)
{
    net_fini(&story->net);
    fx_fini(&story->fx);
}

const struct fora_object *const *story_comments(struct story *story, size_t count, size_t length)
{
    static const struct fora_object *list[COMMENTS_MAX];
    char text[LENGTH_MAX + 32];
    assert_true(count <= COMMENTS_MAX && length <= LENGTH_MAX);
    for (size_t i = 0; i < count; i++) {
        int size = snprintf(text, sizeof text, "%llu ", (unsigned long long)story->said++);
        for (size_t at = (size_t)size; at < length; at++) {
            text[at] = 'x';
        }
        text[(size_t)size < length ? length : (size_t)size] = '\0';
        list[i] = fx_comment(
            &story->fx, story->ann, story->thread, text, story->net.now - 1000 + story->said % 500);
    }
    return list;
}

size_t story_put(struct story *story, struct guest *guest, size_t count, size_t portion)
{
    size_t before = guest->heard[FORA_MSG_PUT_RESULT];
    const struct fora_object *const *list = story_comments(story, count, 0);
    for (size_t at = 0; at < count; at += portion) {
        size_t left = count - at;
        assert_int_not_equal(guest_put(guest, list + at, left < portion ? left : portion), 0);
        guest_settle(guest);
    }
    return guest->heard[FORA_MSG_PUT_RESULT] - before;
}

void story_guest(struct story *story, struct guest *guest, unsigned seed)
{
    guest_init(guest, &story->net, story->a, seed);
    guest_open(guest);
}

void story_backlog(struct story *story, size_t count)
{
    net_subscribe(&story->net, story->b, story->a, &story->space);
    net_pass(&story->net, 3);
    net_put(&story->net, story->b, story_comments(story, count, 0), count);
    net_cut(&story->net, story->b);
}

uint64_t story_follow(struct guest *guest, const struct fora_space_id *space)
{
    struct fora_message follow = {.type = FORA_MSG_FOLLOW};
    follow.u.follow.space = *space;
    follow.u.follow.audience = FORA_AUDIENCE_PUBLIC;
    follow.u.follow.live = true;
    return guest_ask(guest, &follow);
}

uint64_t story_count(struct story *story, struct net_node *node)
{
    uint64_t count;
    uint8_t fingerprint[16];
    net_state(node, &story->space, &count, fingerprint);
    return count;
}

struct conn *story_conn(const struct guest *guest)
{
    return node_conn(guest->node->node, guest->conn);
}

void story_later(struct story *story, uint64_t ms)
{
    story->net.now += ms;
    net_pass(&story->net, 10);
}

struct peer *story_peer(struct net_node *at, const struct fora_principal_id *node)
{
    struct peer *peer = peers_find(&at->node->peers, node);
    assert_non_null(peer);
    return peer;
}
