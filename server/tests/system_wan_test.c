/*
 * Invariant 1 over a network that is real, and bad: three nodes, each in a network namespace of its
 * own, over packets that come late, twice, out of order, or not at all; partitions in one direction
 * and in both; connections of which one end has died. After each of them all hold and show the
 * same.
 *
 *   A <- B <- C       who follows whom; writes happen on both ends
 */
#include "testkit/scene.h"
#include "testkit/wan.h"

#include "bench/process.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The first lot is so long that every member has written: then all nodes know all authors. */
enum {
    NODES = 3,
    WATCHER = NODES,
    FIRST = 4500,
    EACH = 120,
    PHASES = 6,
    BATCH = 20,
    SECONDS = 120
};

struct wide {
    struct kit_wan *wan;
    struct kit_scene *scene;
    struct kit_process nodes[NODES];
    size_t brought;
};

static void node_start(struct wide *wide, size_t node)
{
    kit_wan_go(wide->wan, node);
    kit_process_start(&wide->nodes[node]);
    kit_wan_go(wide->wan, WATCHER);
}

/* The test is at a place of its own, and its links are always good. */
static bool wide_init(struct wide *wide)
{
    memset(wide, 0, sizeof *wide);
    wide->wan = kit_wan_new(NODES + 1, 7);
    if (wide->wan == NULL) {
        return false;
    }
    wide->scene = kit_scene_new(FIRST + 2 * PHASES * EACH);
    for (unsigned i = 0; i < NODES; i++) {
        struct kit_process *node = &wide->nodes[i];
        kit_scene_store(wide->scene, i + 1, i == 0, node);
        kit_wan_address(wide->wan, i, node->address);
        node->limits.reconcile_s = 5;
        node->limits.idle_ms = 2000;
        if (i > 0) {
            kit_scene_link(wide->scene, node, wide->nodes[i - 1].address);
        }
    }
    for (size_t i = 0; i < NODES; i++) {
        node_start(wide, i);
    }
    return true;
}

static void bring(struct wide *wide, size_t node, size_t count)
{
    struct kit_scene *scene = wide->scene;
    struct kit_peer *peer;
    size_t from = wide->brought, to = from + count;
    int rc = kit_peer_open(&peer, wide->nodes[node].address, &scene->peer, 0);
    rc = rc == 0 ? kit_scene_put(scene, peer, from, to, BATCH) : rc;
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "node %zu: %s", node, fora_error_text(rc));
    for (size_t i = from; i < to; i++) {
        int code = scene->codes[i];
        KIT_CHECK(code == 0 || code == FORA_E_PENDING, "object %zu: %s", i, fora_error_text(code));
    }
    kit_peer_close(peer);
    wide->brought = to;
}

static void settle(const struct wide *wide, const char *after)
{
    const struct kit_process *nodes[NODES] = {&wide->nodes[0], &wide->nodes[1], &wide->nodes[2]};
    uint64_t began = kit_now();
    kit_scene_settled(
        wide->scene, nodes, NODES, kit_scene_expected(wide->scene, wide->brought), SECONDS);
    printf("  %s: %zu objects equal on %d nodes after %llu ms\n", after, wide->brought, NODES,
        (unsigned long long)(kit_now() - began));
}

static void both_ends(struct wide *wide)
{
    bring(wide, 0, EACH);
    bring(wide, NODES - 1, EACH);
}

static const struct kit_wan_link good = {.down = false}, none = {.down = true};

/* ---- the faults ---- */

static void late_and_out_of_order(struct wide *wide)
{
    kit_wan_set_all(wide->wan, NODES, (struct kit_wan_link){.delay_ms = 30, .jitter_ms = 20});
    both_ends(wide);
    settle(wide, "packets late and out of order");
}

static void lost_and_repeated(struct wide *wide)
{
    kit_wan_set_all(wide->wan, NODES,
        (struct kit_wan_link){.delay_ms = 5, .jitter_ms = 10, .loss = 50, .repeated = 30});
    both_ends(wide);
    settle(wide, "one packet in twenty lost, some repeated");
    kit_wan_set_all(wide->wan, NODES, good);
}

/* Longer than a session is patient: connections end on both sides without a word between them. */
static void partition(struct wide *wide)
{
    kit_wan_set(wide->wan, 0, 1, none);
    kit_wan_set(wide->wan, 1, 0, none);
    both_ends(wide);
    uint64_t until = kit_now() + 2 * 2500;
    while (kit_now() < until) {
        usleep(50000);
    }
    kit_wan_set_all(wide->wan, NODES, good);
    settle(wide, "a partition");
}

static void one_way(struct wide *wide)
{
    kit_wan_set(wide->wan, 1, 2, none); /* C hears nothing, and is heard */
    both_ends(wide);
    uint64_t until = kit_now() + 2 * 2500;
    while (kit_now() < until) {
        usleep(50000);
    }
    kit_wan_set_all(wide->wan, NODES, good);
    settle(wide, "a link in one direction");
}

/* B dies while nobody can be told: A and C hold connections to nobody, and B knows of none. */
static void half_open(struct wide *wide)
{
    for (size_t i = 0; i < NODES; i++) {
        kit_wan_set(wide->wan, i, 1, none);
        kit_wan_set(wide->wan, 1, i, none);
    }
    kit_process_kill(&wide->nodes[1]);
    both_ends(wide);
    node_start(wide, 1);
    kit_wan_set_all(wide->wan, NODES, good);
    settle(wide, "connections with one end");
}

static void flapping(struct wide *wide)
{
    struct kit_peer *peer;
    struct kit_scene *scene = wide->scene;
    uint64_t random = 3;
    int rc = kit_peer_open(&peer, wide->nodes[0].address, &scene->peer, 0);
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    for (size_t at = 0; at < 2 * EACH && rc == 0; at += BATCH) {
        struct kit_wan_link link = at / BATCH % 2 == 0 ? none : good;
        kit_wan_set_all(wide->wan, NODES, link);
        rc = kit_scene_put(scene, peer, wide->brought, wide->brought + BATCH, BATCH);
        wide->brought += BATCH;
        for (uint64_t until = kit_now() + kit_random(&random) % 300;
             kit_now() < until && rc == 0;) {
            rc = kit_peer_turn(peer, 10);
        }
    }
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    kit_peer_close(peer);
    kit_wan_set_all(wide->wan, NODES, good);
    settle(wide, "links up and down under load");
}

static void wide_fini(struct wide *wide)
{
    struct kit_digest digests[NODES], rebuilt;
    for (size_t i = 0; i < NODES; i++) {
        kit_process_stop(&wide->nodes[i]);
        kit_scene_check(wide->scene, &wide->nodes[i], &digests[i]);
        kit_digest_equal(&digests[i], &digests[0], "two nodes");
    }
    kit_scene_rebuilt(wide->scene, &wide->nodes[NODES - 1], &rebuilt);
    kit_digest_equal(&rebuilt, &digests[0], "a node and made from scratch");
    struct kit_wan_counts counts = kit_wan_counts(wide->wan);
    KIT_CHECK(counts.lost > 0 && counts.repeated > 0 && counts.overtaken > 0 && counts.dropped > 0,
        "the network was good");
    printf("bad network: %llu packets, %llu lost, %llu repeated, %llu overtaken, %llu into links "
           "that were down; %llu objects, views equal\n",
        (unsigned long long)counts.packets, (unsigned long long)counts.lost,
        (unsigned long long)counts.repeated, (unsigned long long)counts.overtaken,
        (unsigned long long)counts.dropped, (unsigned long long)digests[0].count);
    for (size_t i = 0; i < NODES; i++) {
        bench_folder_remove(wide->nodes[i].folder);
    }
    kit_scene_free(wide->scene);
    kit_wan_free(wide->wan);
}

static void test_bad_network(void **state)
{
    struct wide wide;
    (void)state;
    if (!wide_init(&wide)) {
        skip(); /* no network namespaces, or no TUN devices, for this user here */
    }
    kit_wan_go(wide.wan, WATCHER);
    bring(&wide, 0, FIRST);
    settle(&wide, "a good network");
    late_and_out_of_order(&wide);
    lost_and_repeated(&wide);
    partition(&wide);
    one_way(&wide);
    half_open(&wide);
    flapping(&wide);
    wide_fini(&wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad_network)};
    return cmocka_run_group_tests_name("bad network (DESIGN invariant 1)", tests, NULL, NULL);
}
