/*
 * Invariant 1 between processes: three nodes in a chain over loopback come to hold and show the
 * same, through cuts, delays, truncation, refusal, and a node that stands still.
 *
 *   A <- proxy <- B <- proxy <- C       who follows whom; writes happen on both ends
 */
#include "testkit/proxy.h"
#include "testkit/scene.h"

#include "bench/process.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { SECONDS = 120, BATCH = 32, RECONCILE_S = 10, FIRST = 4500, POLL_MS = 5 };

struct chain {
    struct kit_scene *scene;
    struct kit_process nodes[3];
    struct kit_proxy *proxies[2]; /* in front of A, in front of B */
    size_t brought;               /* load objects so far */
};

static void chain_init(struct chain *chain, size_t objects, bool end_is_full)
{
    memset(chain, 0, sizeof *chain);
    chain->scene = kit_scene_new(objects);
    for (unsigned i = 0; i < 3; i++) {
        kit_scene_store(chain->scene, i + 1, i == 0, &chain->nodes[i]);
        chain->nodes[i].limits.reconcile_s = RECONCILE_S;
    }
    for (int i = 0; i < 2; i++) {
        chain->proxies[i] = kit_proxy_start(chain->nodes[i].address);
        kit_scene_link(chain->scene, &chain->nodes[i + 1], kit_proxy_address(chain->proxies[i]));
    }
    if (end_is_full) {
        struct fora_bytes owner = fora_buf_bytes(&chain->scene->owner.identity);
        struct bench_node keys;
        kit_keys(&keys, 3);
        bench_store_fill(chain->nodes[2].folder, &keys, NULL, &owner, 1);
        bench_store_fill(
            chain->nodes[2].folder, &keys, NULL, chain->scene->first, chain->scene->first_count);
        bench_store_fill(chain->nodes[2].folder, &keys, NULL, chain->scene->load.objects, objects);
        bench_node_fini(&keys);
        chain->brought = objects;
    }
}

static void chain_start(struct chain *chain)
{
    for (int i = 0; i < 3; i++) {
        kit_process_start(&chain->nodes[i]);
    }
}

/* Stops everything and compares what is left, by fsck and digests, also with a store from scratch.
 */
static void chain_fini(struct chain *chain, const char *what)
{
    struct kit_digest digests[3], rebuilt;
    for (int i = 0; i < 3; i++) {
        kit_process_stop(&chain->nodes[i]);
        kit_scene_check(chain->scene, &chain->nodes[i], &digests[i]);
        kit_digest_equal(&digests[i], &digests[0], what);
    }
    kit_scene_rebuilt(chain->scene, &chain->nodes[2], &rebuilt);
    kit_digest_equal(&rebuilt, &digests[0], what);
    struct kit_proxy_counts counts[2] = {
        kit_proxy_counts(chain->proxies[0]), kit_proxy_counts(chain->proxies[1])};
    KIT_CHECK(digests[0].threads > 0 && counts[0].connections > 0 && counts[1].connections > 0,
        "nothing was looked at");
    printf("%s: %llu objects in %llu threads equal on 3 nodes and from scratch; %llu and %llu "
           "connections, %llu and %llu KiB\n",
        what, (unsigned long long)digests[0].count, (unsigned long long)digests[0].threads,
        (unsigned long long)counts[0].connections, (unsigned long long)counts[1].connections,
        (unsigned long long)(counts[0].bytes_from_target + counts[0].bytes_to_target) / 1024,
        (unsigned long long)(counts[1].bytes_from_target + counts[1].bytes_to_target) / 1024);
    for (int i = 0; i < 3; i++) {
        bench_folder_remove(chain->nodes[i].folder);
    }
    kit_proxy_stop(chain->proxies[0]);
    kit_proxy_stop(chain->proxies[1]);
    kit_scene_free(chain->scene);
}

/* The next `count` objects of the load, at one node. What refers to something that has not come to
 * this node yet waits there. */
static void bring(struct chain *chain, int node, size_t count)
{
    struct kit_peer *peer;
    size_t from = chain->brought, to = from + count;
    KIT_CHECK(to <= chain->scene->load.count, "the scene is too short");
    int rc = kit_peer_open(&peer, chain->nodes[node].address, &chain->scene->peer, 0);
    rc = rc == 0 ? kit_scene_put(chain->scene, peer, from, to, BATCH) : rc;
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "node %d: %s", node, fora_error_text(rc));
    for (size_t i = from; i < to; i++) {
        int code = chain->scene->codes[i];
        KIT_CHECK(code == 0 || code == FORA_E_PENDING, "object %zu: %s", i, fora_error_text(code));
    }
    kit_peer_close(peer);
    chain->brought = to;
}

static void settle(const struct chain *chain)
{
    const struct kit_process *nodes[3] = {&chain->nodes[0], &chain->nodes[1], &chain->nodes[2]};
    kit_scene_settled(
        chain->scene, nodes, 3, kit_scene_expected(chain->scene, chain->brought), SECONDS);
}

/* So much at A that every member has written: from then on all nodes know them. */
static void begin(struct chain *chain)
{
    kit_process_start(&chain->nodes[0]);
    bring(chain, 0, FIRST);
    KIT_CHECK(kit_scene_expected(chain->scene, FIRST) == FIRST + WORLD_MEMBERS + 2,
        "somebody has not written");
    kit_process_start(&chain->nodes[1]);
    kit_process_start(&chain->nodes[2]);
    settle(chain);
}

/* Threads are written on both ends at once: an answer may come before its question, and waits. */
static void test_chain(void **state)
{
    enum { EACH = 400 };
    struct chain chain;
    (void)state;
    chain_init(&chain, FIRST + 8 * EACH, false);
    begin(&chain);
    bring(&chain, 0, EACH);
    bring(&chain, 2, EACH); /* flows up the chain */
    settle(&chain);
    kit_process_signal(&chain.nodes[1], SIGSTOP);
    bring(&chain, 0, EACH);
    bring(&chain, 2, EACH);
    kit_process_signal(&chain.nodes[1], SIGCONT);
    settle(&chain);
    kit_process_stop(&chain.nodes[1]); /* away altogether */
    bring(&chain, 0, EACH);
    bring(&chain, 2, EACH);
    kit_process_start(&chain.nodes[1]);
    settle(&chain);
    bring(&chain, 2, EACH);
    bring(&chain, 0, EACH);
    settle(&chain);
    chain_fini(&chain, "chain");
}

/* Until the proxy has what is waited for; `what` is counted by it. */
static void wait_for(struct kit_proxy *proxy, bool (*there)(struct kit_proxy_counts, uint64_t),
    uint64_t number, const char *what)
{
    uint64_t end = kit_now() + SECONDS * 1000;
    while (!there(kit_proxy_counts(proxy), number)) {
        KIT_CHECK(kit_now() < end, "%s", what);
        poll(NULL, 0, POLL_MS);
    }
}

static bool is_open(struct kit_proxy_counts counts, uint64_t number)
{
    return counts.open >= number;
}

static bool is_truncated(struct kit_proxy_counts counts, uint64_t number)
{
    return counts.truncated >= number;
}

/* Everything that a bad network does, while both ends write. */
static void test_bad_network(void **state)
{
    enum { ROUNDS = 15, EACH = 200 };
    struct chain chain;
    uint64_t random = 5;
    size_t cut = 0, truncated = 0, refused = 0;
    (void)state;
    chain_init(&chain, FIRST + (size_t)ROUNDS * 2 * EACH, false);
    begin(&chain);
    for (int round = 0; round < ROUNDS; round++) {
        struct kit_proxy *proxy = chain.proxies[kit_random(&random) % 2];
        uint64_t before = kit_proxy_counts(proxy).truncated;
        wait_for(proxy, is_open, 1, "nobody connects again");
        kit_proxy_delay(proxy, kit_random(&random) % 30);
        kit_proxy_truncate(proxy, round % 3 == 0 ? 1 + kit_random(&random) % 20000 : 0);
        kit_proxy_refuse(proxy, round % 3 == 1);
        bring(&chain, 0, EACH);
        if (round % 3 == 0) {
            wait_for(proxy, is_truncated, before + 1, "nothing to truncate");
            truncated++;
        } else {
            cut += kit_proxy_cut(proxy);
        }
        bring(&chain, 2, EACH);
        refused += round % 3 == 1;
        kit_proxy_refuse(proxy, false);
    }
    for (int i = 0; i < 2; i++) {
        kit_proxy_delay(chain.proxies[i], 0);
    }
    settle(&chain);
    KIT_CHECK(cut > 0 && truncated > 0, "the network was too good");
    printf("bad network: %zu connections cut, %zu truncated, %zu times refused\n", cut, truncated,
        refused);
    chain_fini(&chain, "bad network");
}

/* The node at the end, which nobody follows by a subscription of their own, has everything and the
 * others nothing: all goes up the chain. */
static void test_full_end(void **state)
{
    enum { OBJECTS = 12000 };
    struct chain chain;
    (void)state;
    chain_init(&chain, OBJECTS, true);
    chain_start(&chain);
    settle(&chain);
    chain_fini(&chain, "full end");
}

/* A slow follower costs the sender a position and no memory. */
static void test_slow_reader(void **state)
{
    enum { OBJECTS = 24000, STEP = 2000, RATE = 64 * 1024, MEMORY_MAX = 64 * 1024 * 1024 };
    struct chain chain;
    uint64_t most = 0;
    (void)state;
    chain_init(&chain, OBJECTS, false);
    chain_start(&chain);
    settle(&chain);
    kit_proxy_rate(chain.proxies[0], RATE);
    while (chain.brought < OBJECTS) {
        bring(&chain, 0, STEP);
        uint64_t memory = kit_process_memory(&chain.nodes[0]);
        most = memory > most ? memory : most;
        KIT_CHECK(memory < KIT_MEMORY(MEMORY_MAX), "%.1f MiB", (double)memory / 1048576);
    }
    uint64_t behind = kit_proxy_counts(chain.proxies[0]).bytes_from_target;
    KIT_CHECK(behind < chain.scene->load.bytes.size / 2, "the reader was not slow");
    kit_proxy_rate(chain.proxies[0], 0);
    settle(&chain);
    printf("slow reader: %.1f of %.1f MiB behind, at most %.1f MiB of anonymous memory\n",
        (double)(chain.scene->load.bytes.size - behind) / 1048576,
        (double)chain.scene->load.bytes.size / 1048576, (double)most / 1048576);
    chain_fini(&chain, "slow reader");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_bad_network),
        cmocka_unit_test(test_full_end),
        cmocka_unit_test(test_slow_reader),
    };
    return cmocka_run_group_tests_name(
        "federation of processes (DESIGN invariant 1)", tests, NULL, NULL);
}
