/*
 * Invariants 3 and 6 in content: what does not verify, comes from strangers, founds spaces, or asks
 * for everything. The set of the space must be what it was in the end.
 */
#include "system_siege.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS = 60 };

/* Puts objects as a node that nobody knows; each must have come back with one of two codes. */
static void put_refused(
    struct siege *siege, const struct fora_bytes *objects, size_t count, int code, int or_code)
{
    enum { BATCH = 50 };
    struct kit_peer *peer = NULL;
    int *codes = calloc(count, sizeof *codes);
    size_t connections = 0;
    KIT_CHECK(codes != NULL && count > 0, "no memory");
    for (size_t at = 0; at < count;) {
        size_t size = count - at < BATCH ? count - at : BATCH;
        if (peer == NULL) {
            int rc = kit_peer_open(&peer, siege->node.address, &siege->stranger, 0);
            KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
            KIT_CHECK(++connections <= 1 + count / BATCH, "thrown out before anything was said");
        }
        int rc = kit_peer_put(peer, objects + at, codes + at, size);
        rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
        siege_look(siege);
        if (rc != 0) { /* REP-19: who brings too much of it is thrown out */
            KIT_CHECK(rc == FORA_E_SIGNATURE || rc == FORA_E_CLOSED, "%s", fora_error_text(rc));
            kit_peer_close(peer);
            peer = NULL;
            at += codes[at] != KIT_UNANSWERED ? size : 0;
            continue;
        }
        at += size;
    }
    for (size_t i = 0; i < count; i++) {
        KIT_CHECK(codes[i] == code || codes[i] == or_code, "object %zu: %s", i,
            fora_error_text(codes[i]));
    }
    kit_peer_close(peer);
    free(codes);
}

/* Of each object one bit is flipped, of its signature, content, or header. */
static void test_forged_objects(void **state)
{
    enum { COUNT = 3000 };
    struct siege *siege = *state;
    const struct fora_bytes *load = siege->scene->load.objects;
    struct fora_bytes *forged = calloc(COUNT, sizeof *forged);
    struct fora_buf bytes = {0};
    KIT_CHECK(forged != NULL && fora_buf_extend(&bytes, COUNT * 2048) != NULL, "no memory");
    uint8_t *out = bytes.data;
    for (size_t i = 0; i < COUNT; i++) {
        struct fora_object object;
        KIT_CHECK(fora_object_decode(&object, load[i]) == 0 && load[i].size < 2048, "a bad object");
        memcpy(out, load[i].data, load[i].size);
        size_t begin = (size_t)(object.content_bytes.data - load[i].data);
        size_t size = object.content_bytes.size;
        if (i % 2 == 0) { /* the signature stands between header and content */
            begin =
                (size_t)(object.header_bytes.data - load[i].data) + object.header_bytes.size + 2;
            size = sizeof object.signature.b;
        }
        out[begin + kit_random(&siege->random) % size] ^= (uint8_t)(1u << (i % 8));
        forged[i] = fora_bytes(out, load[i].size);
        out += load[i].size;
    }
    put_refused(siege, forged, COUNT, FORA_E_SIGNATURE, FORA_E_CONTENT_HASH);
    siege_honest(siege);
    printf("forged: %d objects refused, and who brought them thrown out\n", COUNT);
    free(forged);
    fora_buf_fini(&bytes);
}

/* Of people that nobody knows, in the space; and of a space that nobody here asked for, beginning
 * with its policy. */
static void test_objects_of_strangers(void **state)
{
    enum { COUNT = 8000 };
    struct siege *siege = *state;
    struct world *world = calloc(1, sizeof *world);
    struct fora_buf first = {0};
    size_t sizes[WORLD_MEMBERS + 1];
    struct world_load load;
    KIT_CHECK(world != NULL, "no memory");
    size_t count = world_init(world, &siege->stranger, &first, sizes);
    world_make(world, COUNT, &load);
    struct fora_bytes policy =
        fora_bytes(first.data + first.size - sizes[count - 1], sizes[count - 1]);
    put_refused(siege, &policy, 1, FORA_E_UNKNOWN_SPACE, FORA_E_UNKNOWN_SPACE);
    put_refused(siege, load.objects, load.count, FORA_E_UNKNOWN_SPACE, FORA_E_UNKNOWN_SPACE);
    world_load_fini(&load);
    /* Into our space, by members whose identities are kept back. */
    for (unsigned i = 0; i < WORLD_MEMBERS; i++) {
        world->ids[i].b[0] ^= 0xff;
    }
    world->space = siege->scene->world.space;
    world->posts = 0;
    world_make(world, COUNT, &load);
    put_refused(siege, load.objects, load.count, FORA_E_PENDING, FORA_E_UNKNOWN_AUTHOR);
    siege_honest(siege);
    printf("strangers: a policy and %d objects of a foreign space refused, %d by unknown authors "
           "kept waiting\n",
        COUNT, COUNT);
    world_load_fini(&load);
    world_fini(world);
    fora_buf_fini(&first);
    free(world);
}

/* ---- asking ---- */

/* One request of each kind that clients and nodes may send, as greedy as it can be. */
static size_t greedy(struct siege *siege, uint64_t round, struct fora_message *out)
{
    const struct fora_space_id space = siege->scene->world.space;
    static uint8_t noise[60000];
    struct fora_message all[] = {
        {.type = FORA_MSG_FETCH, .u.fetch = {siege->scene->ids, 1024}},
        {.type = FORA_MSG_LIST_SPACES},
        {.type = FORA_MSG_LIST_THREADS, .u.list_threads = {.space = space, .limit = UINT32_MAX}},
        {.type = FORA_MSG_GET_THREAD, .u.get_thread = {siege->scene->ids[0], true}},
        {.type = FORA_MSG_GET_PRINCIPAL, .u.get_principal = {.principal = siege->scene->owner.id}},
        {.type = FORA_MSG_LIST_FLAGS, .u.list_flags = {.space = space}},
        {.type = FORA_MSG_GET_DELIVERY, .u.get_delivery = {siege->scene->ids[round % OBJECTS]}},
        {.type = FORA_MSG_GET_STATUS, .u.get_status = {.metrics = true}},
        {.type = FORA_MSG_LOGIN,
            .u.login = {.handle = fora_bytes_str("admin"), .password = fora_bytes_str("admin")}},
        {.type = FORA_MSG_SUBSCRIBE,
            .u.subscribe = {.space = space, .address = fora_bytes_str("127.0.0.1:1")}},
        {.type = FORA_MSG_UNSUBSCRIBE, .u.unsubscribe = {.space = space}},
        {.type = FORA_MSG_CREATE_SPACE, .u.create_space = {fora_bytes(noise, sizeof noise)}},
        {.type = FORA_MSG_FOLLOW,
            .u.follow = {.space = space, .audience = FORA_AUDIENCE_PUBLIC, .live = true}},
        {.type = FORA_MSG_RECONCILE,
            .u.reconcile = {.space = space,
                .audience = FORA_AUDIENCE_PUBLIC,
                .message = fora_bytes(noise, 1 + kit_random(&siege->random) % sizeof noise)}},
    };
    siege_random(siege, noise, sizeof noise);
    noise[0] = 0x61; /* Negentropy V1, and then anything */
    *out = all[round % (sizeof all / sizeof all[0])];
    return sizeof all / sizeof all[0];
}

/* Many at once, by clients and by a node, each reading what comes. Whatever the answer is, one
 * comes, or the session ends. */
static void test_requests_for_everything(void **state)
{
    enum { CONNECTIONS = 24, ROUNDS = 60 };
    struct siege *siege = *state;
    struct kit_peer *peers[CONNECTIONS];
    size_t asked = 0, ended = 0, kinds = 0;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        const struct bench_node *self = i % 2 == 0 ? &siege->stranger : NULL;
        int rc = kit_peer_open(&peers[i], siege->node.address, self, 0);
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    }
    for (size_t round = 0; round < ROUNDS * CONNECTIONS; round++) {
        struct kit_peer **peer = &peers[round % CONNECTIONS];
        struct fora_message message;
        kinds = greedy(siege, round / CONNECTIONS, &message);
        int rc = *peer != NULL ? kit_peer_send(*peer, &message) : FORA_E_CLOSED;
        asked += rc == 0;
        rc = *peer != NULL ? kit_peer_turn(*peer, 0) : 0;
        if (rc != 0) {
            ended++;
            kit_peer_close(*peer);
            *peer = NULL;
        }
        if (round % CONNECTIONS == 0) {
            siege_look(siege);
        }
    }
    siege_honest(siege);
    KIT_CHECK(asked > kinds * CONNECTIONS, "only %zu requests were sent", asked);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        kit_peer_close(peers[i]);
    }
    siege_honest(siege);
    siege_alone(siege);
    printf("everything: %zu requests of %zu kinds by %d connections, %zu of them ended\n", asked,
        kinds, CONNECTIONS, ended);
}

/* An honest client whose credit is small pipelines more than fits: every answer comes. What lets
 * answers go stands behind requests in the same stream. */
static void test_small_credit(void **state)
{
    enum { REQUESTS = 60, CREDIT = 1100 * 1024 };
    struct siege *siege = *state;
    struct kit_peer *peer;
    const struct fora_message *answer;
    size_t objects = 0;
    KIT_CHECK(kit_peer_open(&peer, siege->node.address, NULL, CREDIT) == 0, "no connection");
    for (size_t i = 0; i < REQUESTS; i++) {
        struct fora_message ask = {.type = FORA_MSG_FETCH};
        ask.u.fetch.ids = siege->scene->ids + i * 60;
        ask.u.fetch.ids_count = 256;
        KIT_CHECK(kit_peer_send(peer, &ask) == 0, "no credit");
    }
    /* Its turn comes when those before it have gone. */
    struct fora_message ask = {.type = FORA_MSG_FETCH};
    ask.u.fetch.ids = siege->scene->ids;
    ask.u.fetch.ids_count = 256;
    /* What did not come counts as missing, and is asked for again (SES-33). */
    struct fora_object_id missing[256];
    for (size_t some = 1; objects < 256 && some > 0; objects += some) {
        int rc = kit_peer_call(peer, &ask, FORA_MSG_OBJECTS, 2 * SECONDS, &answer);
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
        const struct fora_msg_objects *got = &answer->u.objects;
        some = got->objects_count;
        KIT_CHECK(some > 0 && objects + some + got->missing_count == 256,
            "%zu objects, %zu missing", objects + some, got->missing_count);
        for (size_t i = 0; i < got->missing_count; i++) {
            missing[i] = got->missing[i];
        }
        ask.u.fetch.ids = missing;
        ask.u.fetch.ids_count = got->missing_count;
    }
    KIT_CHECK(objects == 256, "%zu objects", objects);
    kit_peer_close(peer);
    siege_honest(siege);
    printf("small credit: %d times 256 objects through %d bytes\n", REQUESTS + 1, CREDIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged_objects),
        cmocka_unit_test(test_objects_of_strangers),
        cmocka_unit_test(test_requests_for_everything),
        cmocka_unit_test(test_small_credit),
    };
    return cmocka_run_group_tests_name("hostile objects and requests (DESIGN invariants 3, 6)",
        tests, siege_setup, siege_teardown);
}
