/*
 * A data file that is damaged: pages of zeros, of noise, half of another page, another page's
 * whole, and a file that is cut off. What the node answers then is right or a refusal, never
 * something else; and if it ends, it has said why.
 *
 * FORA_DAMAGE_ROUNDS: how many, 40 when unset. FORA_DAMAGE_SEED.
 */
#include "testkit/scene.h"

#include "bench/process.h"
#include "maintain/fsck.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OBJECTS = 1200,
    BATCH = 50,
    PAGE = 4096,
    SECONDS = 30,
    FETCH = 60,
    ROUNDS = 40,
    FETCH_SECONDS = 10
};

struct tally {
    size_t right, refused, ended_at_start, ended_later, alive, silent, hanging;
};

static size_t number_of(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    size_t number = text != NULL ? strtoul(text, NULL, 10) : 0;
    return number != 0 ? number : otherwise;
}

/* ---- the file ---- */

struct file {
    uint8_t *bytes; /* owned */
    size_t size;
    char path[300];
};

static void file_read(struct file *file, const struct kit_process *node)
{
    snprintf(file->path, sizeof file->path, "%s/data.mdb", node->folder);
    FILE *in = fopen(file->path, "rb");
    KIT_CHECK(in != NULL && fseek(in, 0, SEEK_END) == 0, "no data file");
    file->size = (size_t)ftell(in);
    file->bytes = malloc(file->size);
    rewind(in);
    KIT_CHECK(file->bytes != NULL && fread(file->bytes, 1, file->size, in) == file->size,
        "the data file cannot be read");
    fclose(in);
}

static void file_write(const struct file *file, const uint8_t *bytes, size_t size)
{
    FILE *out = fopen(file->path, "wb");
    KIT_CHECK(out != NULL && fwrite(bytes, 1, size, out) == size && fclose(out) == 0,
        "the data file cannot be written");
}

static void damage(const struct file *file, uint64_t *random, char told[80])
{
    static const char *const names[] = {
        "zeros", "noise", "half of another page", "another page", "cut off", "one bit"};
    uint8_t *copy = malloc(file->size);
    size_t pages = file->size / PAGE, size = file->size;
    uint8_t *page, *other;
    KIT_CHECK(copy != NULL && pages > 10, "the data file is too small");
    memcpy(copy, file->bytes, size);
    size_t at = kit_random(random) % pages, from = kit_random(random) % pages;
    unsigned how = kit_random(random) % 6;
    page = copy + PAGE * at;
    other = copy + PAGE * from;
    snprintf(told, 80, "%s (page %zu of %zu, the other %zu)", names[how], at, pages, from);
    switch (how) {
    case 0:
        memset(page, 0, PAGE);
        break;
    case 1:
        for (size_t i = 0; i < PAGE; i++) {
            page[i] = (uint8_t)kit_random(random);
        }
        break;
    case 2: /* as a write that was torn leaves it */
        memmove(page + PAGE / 2, other + PAGE / 2, PAGE / 2);
        break;
    case 3:
        memmove(page, other, PAGE);
        break;
    case 4:
        size = PAGE * (2 + kit_random(random) % (pages - 2));
        break;
    default:
        page[kit_random(random) % PAGE] ^= (uint8_t)(1U << kit_random(random) % 8);
        break;
    }
    file_write(file, copy, size);
    free(copy);
}

/* ---- the node over it ---- */

/* False when it ended instead. */
static bool started(struct kit_process *node)
{
    struct kit_process copy = *node;
    char ready[300];
    snprintf(ready, sizeof ready, "%s/ready", node->folder);
    unlink(ready);
    pid_t pid = fork();
    KIT_CHECK(pid >= 0, "cannot fork");
    if (pid == 0) {
        FILE *log = freopen(node->log, "a", stderr); /* of what kit_process_start says too */
        (void)log;
        kit_process_execute(&copy);
    }
    node->pid = pid;
    for (uint64_t end = kit_now() + SECONDS * 1000; access(ready, R_OK) != 0;) {
        KIT_CHECK(kit_now() < end, "the node neither starts nor ends");
        if (!kit_process_alive(node)) {
            return false;
        }
        usleep(2000);
    }
    return true;
}

/* Every object by id: how many came, each the right one. */
static size_t fetch_all(
    struct kit_scene *scene, const struct kit_process *node, size_t *refused, bool *hangs)
{
    struct kit_peer *client;
    size_t right = 0;
    int rc = kit_peer_open(&client, node->address, NULL, 0);
    for (size_t at = 0; at < OBJECTS && rc == 0; at += FETCH) {
        const struct fora_message *answer;
        struct fora_message ask = {.type = FORA_MSG_FETCH};
        ask.u.fetch.ids = scene->ids + at;
        ask.u.fetch.ids_count = FETCH;
        int code = kit_peer_call(client, &ask, FORA_MSG_OBJECTS, FETCH_SECONDS, &answer);
        if (code == FORA_E_TIMEOUT) { /* LMDB goes round in pages that name each other */
            *hangs = true;
            break;
        }
        if (code != 0) {
            *refused += FETCH;
            rc = code == FORA_E_CLOSED ? code : 0;
            continue;
        }
        *refused += FETCH - answer->u.objects.objects_count;
        for (size_t i = 0; i < answer->u.objects.objects_count; i++) {
            struct fora_bytes came = answer->u.objects.objects[i];
            bool known = false;
            for (size_t j = at; j < at + FETCH && !known; j++) {
                known = fora_bytes_equal(came, scene->load.objects[j]);
            }
            KIT_CHECK(known, "the node served something else than was stored");
            right++;
        }
    }
    kit_peer_close(client);
    return right;
}

static bool log_is_empty(const struct kit_process *node)
{
    FILE *log = fopen(node->log, "r");
    bool empty = log == NULL || fgetc(log) == EOF;
    if (log != NULL) {
        fclose(log);
    }
    return empty;
}

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    fprintf(stderr, "fsck: %s: %s\n", table, text);
}

/* An index page that is sound and belongs elsewhere makes objects absent: no node looks for that,
 * `forad fsck` does. In a process of its own, which may end as the node may. */
static bool fsck_finds(const struct kit_process *node)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    KIT_CHECK(pid >= 0, "cannot fork");
    if (pid == 0) {
        struct kv *kv;
        struct fsck_result result;
        const struct fsck fsck = {.verify = true, .threads = 1, .found = found};
        const struct kv_lmdb_options options = {.path = node->folder, .read_only = true};
        FILE *log = freopen(node->log, "a", stderr);
        int rc = log == NULL
                     ? FORA_E_IO
                     : kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, NULL);
        rc = rc == 0 ? fsck_run(kv, &fsck, &result) : rc;
        _exit(rc != 0 || result.findings > 0 ? 3 : 0);
    }
    KIT_CHECK(waitpid(pid, &status, 0) == pid, "no child");
    return status != 0;
}

static void look(
    struct kit_scene *scene, struct kit_process *node, const char *how, struct tally *tally)
{
    size_t refused = 0;
    bool hangs = false;
    unlink(node->log);
    if (!started(node)) {
        int status = kit_process_wait(node, SECONDS);
        KIT_CHECK(status != 0 && !log_is_empty(node), "%s: it ended without a word", how);
        tally->ended_at_start++;
        return;
    }
    tally->right += fetch_all(scene, node, &refused, &hangs);
    tally->refused += refused;
    if (kit_process_alive(node)) {
        tally->alive++;
        tally->hanging += hangs;
        kit_process_signal(node, SIGKILL); /* it may be ending by itself just now */
        kit_process_wait(node, SECONDS);
        bool silent = !hangs && refused > 0 && log_is_empty(node);
        KIT_CHECK(!silent || fsck_finds(node), "%s: refused without a word, nor by fsck", how);
        tally->silent += silent;
        return;
    }
    int status = kit_process_wait(node, SECONDS);
    KIT_CHECK(status != 0 && !log_is_empty(node), "%s: it ended without a word, status %#x", how,
        (unsigned)status);
    tally->ended_later++;
}

static void test_damage(void **state)
{
    size_t rounds = number_of("FORA_DAMAGE_ROUNDS", ROUNDS);
    uint64_t random = number_of("FORA_DAMAGE_SEED", 1);
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct tally tally = {.right = 0};
    struct kit_process node;
    struct kit_peer *peer;
    struct file file;
    (void)state;
    kit_scene_store(scene, 1, true, &node);
    kit_process_start(&node);
    KIT_CHECK(kit_peer_open(&peer, node.address, &scene->peer, 0) == 0, "no connection");
    int rc = kit_scene_put(scene, peer, 0, OBJECTS, BATCH);
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0 && kit_scene_count(scene, 0) == OBJECTS, "%s", fora_error_text(rc));
    kit_peer_close(peer);
    kit_process_stop(&node);
    file_read(&file, &node);
    snprintf(node.log, sizeof node.log, "%s/log", node.folder);
    for (size_t round = 0; round < rounds; round++) {
        char how[80];
        damage(&file, &random, how);
        look(scene, &node, how, &tally);
    }
    file_write(&file, file.bytes, file.size);
    KIT_CHECK(started(&node), "whole again, and does not start");
    size_t refused = 0;
    bool hangs = false;
    KIT_CHECK(fetch_all(scene, &node, &refused, &hangs) == OBJECTS,
        "whole again, and something is missing");
    kit_process_kill(&node);
    KIT_CHECK(tally.right > 0 && tally.refused + tally.ended_at_start + tally.ended_later > 0,
        "nothing was looked at");
    printf("damage: %zu data files; %zu nodes ended at the start, %zu later, %zu went on (%zu for "
           "fsck to tell, %zu hung); %zu objects right, %zu refused, none wrong\n",
        rounds, tally.ended_at_start, tally.ended_later, tally.alive, tally.silent, tally.hanging,
        tally.right, tally.refused);
    bench_folder_remove(node.folder);
    free(file.bytes);
    kit_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests_name("damaged data file (DESIGN invariant 2)", tests, NULL, NULL);
}
