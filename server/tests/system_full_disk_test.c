/*
 * Invariant 2 with a full disk: refusals say so, reading goes on, nothing acknowledged is lost, and
 * when there is room again the node takes objects, and catches up with whom it follows.
 *
 * The disk is a tmpfs in a mount namespace of this process: root only.
 */
#include "testkit/scene.h"

#include "bench/process.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DISK_MIB = 48,
    SPARE_MIB = 6,
    OBJECTS = 14000,
    BATCH = 64,
    SECONDS = 60,
    PORTION = 2000,
    STILL_MS = 2000,
    POLL_MS = 50
};

static bool disk_mount(const char *folder)
{
    char options[32];
    snprintf(options, sizeof options, "size=%dm", DISK_MIB);
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, options) == 0;
}

/* A file that leaves the node a few MiB. */
static void fill_disk(const char *path)
{
    static const char zeros[1024 * 1024];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    KIT_CHECK(fd >= 0, "no filler: %s", strerror(errno));
    for (int i = 0; i < DISK_MIB && write(fd, zeros, sizeof zeros) == (ssize_t)sizeof zeros; i++) {
    }
    off_t size = lseek(fd, 0, SEEK_END) - (off_t)SPARE_MIB * 1024 * 1024;
    KIT_CHECK(size > 0 && ftruncate(fd, size) == 0, "the filler is too small");
    close(fd);
}

static struct kit_process disk_node(const struct kit_scene *scene, unsigned seed, bool whole)
{
    struct kit_process node;
    struct bench_node keys;
    char folder[256];
    bench_folder(folder);
    kit_process_init(&node, folder, seed);
    if (disk_mount(folder)) {
        kit_keys(&keys, seed);
        bench_store_fill(
            folder, &keys, &scene->world.space, scene->first, whole ? scene->first_count : 0);
        bench_node_fini(&keys);
    } else {
        rmdir(folder);
        node.folder[0] = 0;
    }
    return node;
}

static void disk_remove(const struct kit_process *node)
{
    umount2(node->folder, MNT_DETACH);
    rmdir(node->folder);
}

/* Brings portions until one is refused: what was brought by then. */
static size_t bring_until_full(struct kit_scene *scene, struct kit_peer *peer)
{
    size_t at = 0;
    while (at < scene->load.count && kit_scene_count(scene, FORA_E_FULL) == 0) {
        int rc = kit_scene_put(scene, peer, at, at + PORTION, BATCH);
        rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
        at += PORTION;
    }
    return at;
}

static void test_full_disk(void **state)
{
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct kit_process node = disk_node(scene, 1, true);
    struct kit_digest held, rebuilt;
    struct kit_peer *peer;
    char filler[300];
    (void)state;
    if (node.folder[0] == 0) {
        kit_scene_free(scene);
        skip(); /* not root */
    }
    snprintf(filler, sizeof filler, "%s/filler", node.folder);
    kit_process_start(&node);
    fill_disk(filler);
    KIT_CHECK(kit_peer_open(&peer, node.address, &scene->peer, 0) == 0, "no connection");
    size_t brought = bring_until_full(scene, peer);
    size_t full = kit_scene_count(scene, FORA_E_FULL), stored = kit_scene_count(scene, 0);
    size_t unanswered = kit_scene_count(scene, KIT_UNANSWERED);
    KIT_CHECK(full > 0 && stored > 0, "the disk never was full");
    size_t read = kit_scene_acknowledged(scene, &node, 0, brought);
    KIT_CHECK(read == stored, "read %zu of %zu", read, stored);
    KIT_CHECK(unlink(filler) == 0, "no filler");
    int rc = kit_scene_put(scene, peer, 0, scene->load.count, BATCH);
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    KIT_CHECK(kit_scene_count(scene, 0) == scene->load.count, "refused with room");
    kit_peer_close(peer);
    kit_process_stop(&node);
    kit_scene_check(scene, &node, &held);
    kit_scene_rebuilt(scene, &node, &rebuilt);
    kit_digest_equal(&held, &rebuilt, "was full and made from scratch");
    printf("full disk: of %zu objects %zu stored, %zu refused with FULL, %zu otherwise; %zu read "
           "meanwhile; %llu objects with room again\n",
        brought, stored, full, brought - full - stored - (unanswered - (OBJECTS - brought)), read,
        (unsigned long long)held.objects);
    disk_remove(&node);
    kit_scene_free(scene);
}

/* What the node holds when that has not changed for STILL_MS. */
static uint64_t count_at_rest(const struct kit_scene *scene, const struct kit_process *node)
{
    struct kit_peer *client;
    uint64_t count = 0, last = 0, since = kit_now(), end = kit_now() + SECONDS * 1000;
    uint8_t print[16];
    KIT_CHECK(kit_peer_open(&client, node->address, NULL, 0) == 0, "no connection");
    while (last == 0 || kit_now() < since + STILL_MS) {
        KIT_CHECK(kit_now() < end, "the node does not come to rest");
        int rc = kit_scene_space(scene, client, &count, print);
        KIT_CHECK(rc == 0 || rc == FORA_E_ABSENT, "%s", fora_error_text(rc));
        since = count != last ? kit_now() : since;
        last = count;
        rc = kit_peer_turn(client, POLL_MS);
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    }
    kit_peer_close(client);
    return count;
}

/* A follower whose disk is full asks again for what it had no room for. */
static void test_full_follower(void **state)
{
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct kit_process node, follower = disk_node(scene, 2, false);
    struct kit_digest held, followed;
    struct kit_peer *peer;
    char filler[300];
    uint64_t count;
    (void)state;
    if (follower.folder[0] == 0) {
        kit_scene_free(scene);
        skip(); /* not root */
    }
    kit_scene_store(scene, 1, true, &node);
    kit_scene_link(scene, &follower, node.address);
    snprintf(filler, sizeof filler, "%s/filler", follower.folder);
    kit_process_start(&node);
    kit_process_start(&follower);
    fill_disk(filler);
    KIT_CHECK(kit_peer_open(&peer, node.address, &scene->peer, 0) == 0, "no connection");
    int rc = kit_scene_put(scene, peer, 0, scene->load.count, BATCH);
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    kit_peer_close(peer);
    count = count_at_rest(scene, &follower);
    KIT_CHECK(count < OBJECTS, "the disk was never full");
    KIT_CHECK(unlink(filler) == 0, "no filler");
    const struct kit_process *both[2] = {&node, &follower};
    kit_scene_settled(scene, both, 2, kit_scene_expected(scene, OBJECTS), SECONDS);
    kit_process_stop(&node);
    kit_process_stop(&follower);
    kit_scene_check(scene, &node, &followed);
    kit_scene_check(scene, &follower, &held);
    kit_digest_equal(&held, &followed, "follower and followed");
    printf("full follower: %llu objects held while it was full, %llu with room again\n",
        (unsigned long long)count, (unsigned long long)held.count);
    disk_remove(&follower);
    bench_folder_remove(node.folder);
    kit_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_full_follower)};
    return cmocka_run_group_tests_name("full disk (DESIGN invariant 2)", tests, NULL, NULL);
}
