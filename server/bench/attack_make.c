/* What an attacker brings along, and the process that he is. */
#include "attack.h"
#include "measure.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FORKS = 1000 }; /* of one log */

static void load_copy(
    struct world_load *out, const struct world_load *from, bool forge, bool orphan)
{
    memset(out, 0, sizeof *out);
    fora_buf_append_bytes(&out->bytes, fora_buf_bytes(&from->bytes));
    out->objects = calloc(from->count, sizeof *out->objects);
    bench_need(out->objects == NULL ? FORA_E_NOMEM : out->bytes.error, "objects");
    for (size_t i = 0; i < from->count; i++) {
        struct fora_object object;
        size_t at = (size_t)(from->objects[i].data - from->bytes.data);
        bench_need(fora_object_decode(&object, from->objects[i]), "an object");
        if (orphan && object.header.kind == FORA_KIND_THREAD) {
            continue;
        }
        if (forge) { /* behind the header and two bytes of field and length */
            size_t header = (size_t)(object.header_bytes.data - from->objects[i].data);
            out->bytes.data[at + header + object.header_bytes.size + 2 + 40] ^= 1;
        }
        out->objects[out->count++] = fora_bytes(out->bytes.data + at, from->objects[i].size);
    }
}

/* Siblings after the first entry of one member's log. */
static void forks_of(
    const struct world *world, struct fora_bytes first, unsigned member, struct fora_buf *out)
{
    static const uint8_t master[32] = {0x42};
    char label[40];
    struct fora_secret *root;
    struct fora_identity *log;
    struct fora_object create;
    snprintf(label, sizeof label, "member %u", member);
    bench_need(fora_secret_derive(&root, master, "bench.root", fora_bytes_str(label)), "keys");
    bench_need(fora_identity_new(&log), "a log");
    bench_need(fora_object_decode(&create, first), "an identity");
    bench_need(fora_identity_add(log, &create), "a log");
    for (unsigned i = 0; i < FORKS; i++) {
        struct fora_device_key key = {.label = fora_bytes_str("forked")};
        struct fora_identity_entry entry = {.add_key = &key};
        fora_random(key.sign.b, sizeof key.sign.b);
        bench_need(fora_identity_build_next(out, log, &entry, world->now, root), "an entry");
    }
    fora_identity_free(log);
    fora_secret_free(root);
}

static void forks_make(const struct world *world, const struct fora_bytes *firsts, size_t members,
    struct world_load *out)
{
    size_t at = 0, count = members * FORKS;
    for (unsigned member = 0; member < members; member++) {
        forks_of(world, firsts[member], member, &out->bytes);
    }
    out->objects = calloc(count, sizeof *out->objects);
    bench_need(out->objects == NULL ? FORA_E_NOMEM : out->bytes.error, "a log");
    size_t each = out->bytes.size / count; /* they differ in random bytes only */
    for (; out->count < count; out->count++, at += each) {
        out->objects[out->count] = fora_bytes(out->bytes.data + at, each);
    }
}

void attack_make(struct attack *attack, struct world *world, const struct fora_bytes *firsts,
    size_t objects, size_t forking)
{
    uint64_t now = world->now;
    memset(attack, 0, sizeof *attack);
    bench_node_make(&attack->stranger, 66, "stranger", "127.0.0.66:1");
    attack->world = world;
    world_make(world, objects, &attack->valid);
    load_copy(&attack->forged, &attack->valid, true, false);
    load_copy(&attack->orphans, &attack->valid, false, true);
    world->now = WORLD_BEGIN_MS + 1000; /* as old as the first there is */
    world_make(world, objects, &attack->backdated);
    world->now = now;
    forks_make(world, firsts, forking, &attack->forks);
}

void attack_fini(struct attack *attack)
{
    struct world_load *const loads[] = {
        &attack->valid, &attack->forged, &attack->backdated, &attack->orphans, &attack->forks};
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        world_load_fini(loads[i]);
    }
    bench_node_fini(&attack->stranger);
}

/* Elsewhere an attacker would have processors of his own: here he has what is left, and nobody
 * waits for his slice of time to end. */
static void run_on_what_is_left(void)
{
    const struct sched_param none = {.sched_priority = 0};
    bench_need(sched_setscheduler(0, SCHED_IDLE, &none) != 0 ? FORA_E_INTERNAL : 0, "an attacker");
}

pid_t attack_start(const struct attack_kind *kind, const struct attack *attack)
{
    fflush(NULL);
    pid_t pid = fork();
    bench_need(pid < 0 ? FORA_E_NOMEM : 0, "an attacker");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_on_what_is_left();
        kind->run(attack);
        _exit(1);
    }
    return pid;
}
