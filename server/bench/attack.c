/*
 * What honest peers feel of an attack: a peer that the node knows submits one object after the
 * other, each when the one before was acknowledged, and an attacker in a process of its own does
 * its worst on the same cores, when nobody else wants them (SCHED_IDLE): elsewhere he would have
 * some of his own. Quiet and attack take turns (the attacker is stopped and continued), so that
 * whatever else the machine does falls on both; of each turn the first moments do not count. The
 * figure is the 99th percentile under attack, its limit that of the quiet turns. FORA_BENCH_ATTACK
 * names one attack, to run it alone.
 */
#include "attack.h"

#include "bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    HELD = 20000,
    HONEST = 20000,
    PREPARED = 30000,
    FORKING = 30, /* members whose logs are forked */
    TURNS = 12,
    SAMPLES_MAX = 20000
};
static const double turn_seconds = 1.2, settle_seconds = 0.2;

struct honest {
    double *times[2]; /* quiet, under attack */
    size_t counts[2];
    size_t next; /* object */
};

struct attack_scene {
    struct bench_node node;
    struct bench_node peer;
    struct world world;
    struct fora_buf first;
    struct fora_bytes firsts[WORLD_MEMBERS + 1];
    size_t firsts_count;
    struct world_load held, own;
    struct attack attack;
};

static struct attack_scene *scene_new(void)
{
    struct attack_scene *scene = calloc(1, sizeof *scene);
    size_t sizes[WORLD_MEMBERS + 1], at = 0;
    bench_need(scene == NULL ? FORA_E_NOMEM : 0, "a scene");
    bench_node_make(&scene->node, 1, "node", "127.0.0.1:1");
    bench_node_make(&scene->peer, 2, "peer", "127.0.0.1:2");
    scene->firsts_count = world_init(&scene->world, &scene->node, &scene->first, sizes);
    for (size_t i = 0; i < scene->firsts_count; i++) {
        scene->firsts[i] = fora_bytes(scene->first.data + at, sizes[i]);
        at += sizes[i];
    }
    world_make(&scene->world, HELD, &scene->held);
    world_make(&scene->world, HONEST, &scene->own);
    attack_make(&scene->attack, &scene->world, scene->firsts, PREPARED, FORKING);
    scene->attack.held = scene->held.objects;
    scene->attack.held_count = scene->held.count;
    return scene;
}

static void scene_free(struct attack_scene *scene)
{
    attack_fini(&scene->attack);
    world_load_fini(&scene->held);
    world_load_fini(&scene->own);
    world_fini(&scene->world);
    bench_node_fini(&scene->node);
    bench_node_fini(&scene->peer);
    fora_buf_fini(&scene->first);
    free(scene);
}

/* ---- one attack ---- */

static double cpu_seconds(pid_t pid)
{
    clockid_t clock;
    struct timespec spent = {.tv_sec = 0};
    if (clock_getcpuclockid(pid, &clock) == 0) {
        (void)clock_gettime(clock, &spent);
    }
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

/* Work that the attacker left behind is not of the quiet that follows. */
static void wait_idle(pid_t pid)
{
    for (int i = 0; i < 100; i++) {
        double before = cpu_seconds(pid);
        usleep(100000);
        if (cpu_seconds(pid) - before <= 0.02) {
            return;
        }
    }
}

/* What the node takes, while quiet and under attack. */
struct taken {
    uint64_t memory[2]; /* bytes, the most that was seen; of quiet before the first attack only */
    double processor[2], wall[2]; /* seconds */
};

static void honest_turn(const struct attack_scene *scene, struct bench_peer *peer,
    struct honest *honest, bool attacked, uint64_t *memory, pid_t pid)
{
    double begin = bench_seconds(), now = begin;
    while (now < begin + turn_seconds && honest->next < scene->own.count &&
           honest->counts[attacked] < SAMPLES_MAX) {
        usleep(BENCH_PAUSE_US);
        double asked = bench_seconds();
        bench_peer_put(peer, scene->own.objects + honest->next++, 1);
        bench_peer_drain(peer);
        now = bench_seconds();
        if (now > begin + settle_seconds) { /* one that takes for ever counts, too */
            honest->times[attacked][honest->counts[attacked]++] = now - asked;
        }
        if (honest->next % 16 == 0) {
            uint64_t seen = bench_rss_anon(pid);
            *memory = seen > *memory ? seen : *memory;
        }
    }
}

static void turns_run(struct bench *bench, const struct attack_scene *scene,
    const struct bench_process *process, struct bench_peer *peer, pid_t attacker,
    struct honest *honest, struct taken *taken)
{
    size_t turns = bench->scale > 1 ? TURNS / 3 : TURNS;
    for (size_t turn = 0; turn < turns; turn++) {
        bool attacked = turn % 2 == 1;
        uint64_t memory = 0;
        kill(attacker, attacked ? SIGCONT : SIGSTOP);
        if (!attacked) {
            wait_idle(process->pid);
        }
        double before = cpu_seconds(process->pid), begin = bench_seconds();
        honest_turn(scene, peer, honest, attacked, &memory, process->pid);
        taken->processor[attacked] += cpu_seconds(process->pid) - before;
        taken->wall[attacked] += bench_seconds() - begin;
        if (turn == 0 || (attacked && memory > taken->memory[1])) {
            taken->memory[attacked] = memory;
        }
    }
}

/* The rows: an honest peer's latency, and what was taken beyond quiet beside what may be. */
static void report(struct bench *bench, const struct attack_kind *kind, struct honest *honest,
    const struct taken *taken)
{
    char name[40];
    double quiet = bench_percentile(honest->times[0], honest->counts[0], 99) * 1000;
    double under = bench_percentile(honest->times[1], honest->counts[1], 99) * 1000;
    double shares[2], memory = (double)taken->memory[1] - (double)taken->memory[0];
    for (int i = 0; i < 2; i++) {
        shares[i] = taken->wall[i] > 0 ? 100 * taken->processor[i] / taken->wall[i] : 0;
    }
    fprintf(stderr, "  %s: p50 %.2f and %.2f ms; of the node: %.0f%% and %.0f%% of a core\n",
        kind->help, bench_median(honest->times[0], honest->counts[0]) * 1000,
        bench_median(honest->times[1], honest->counts[1]) * 1000, shares[0], shares[1]);
    snprintf(name, sizeof name, "attack_%s", kind->name);
    results_add(bench->results, name, under, "ms", quiet, "p99 of the same without attack, ms",
        quiet > 0 ? under / quiet : 0, false, 3);
    snprintf(name, sizeof name, "attack_%s_memory", kind->name);
    results_bound(bench->results, name, memory > 0 ? memory / 1048576 : 0, "MiB", kind->memory,
        "MiB above quiet, spec/security.md");
    snprintf(name, sizeof name, "attack_%s_processor", kind->name);
    results_bound(bench->results, name, shares[1] > shares[0] ? shares[1] - shares[0] : 0,
        "% of a core", kind->processor, "% above quiet, spec/security.md");
}

static void attack_one(
    struct bench *bench, const struct attack_kind *kind, struct attack_scene *scene)
{
    struct bench_process process;
    struct bench_peer *peer;
    struct honest honest = {.next = 0};
    struct taken taken = {.memory = {0}};
    char folder[256];
    for (int i = 0; i < 2; i++) {
        honest.times[i] = calloc(SAMPLES_MAX, sizeof(double));
        bench_need(honest.times[i] == NULL ? FORA_E_NOMEM : 0, "times");
    }
    bench_folder(folder);
    bench_store_fill(folder, &scene->node, &scene->world.space, scene->firsts, scene->firsts_count);
    bench_store_fill(folder, &scene->node, NULL, scene->held.objects, scene->held.count);
    bench_store_know(folder, &scene->world.space, "127.0.0.1:2", &scene->peer.id);
    bench_start(&process, folder, &scene->node);
    scene->attack.address = process.address;
    bench_peer_open(&peer, process.address, &scene->peer);
    pid_t attacker = attack_start(kind, &scene->attack);
    turns_run(bench, scene, &process, peer, attacker, &honest, &taken);
    kill(attacker, SIGKILL);
    waitpid(attacker, NULL, 0);
    bench_peer_close(peer);
    bench_stop(&process);
    bench_folder_remove(folder);
    report(bench, kind, &honest, &taken);
    free(honest.times[0]);
    free(honest.times[1]);
}

static void attack_all(
    struct bench *bench, struct attack_scene *scene, const struct attack_kind *kinds, size_t count)
{
    const char *only = getenv("FORA_BENCH_ATTACK");
    for (size_t i = 0; i < count; i++) {
        if (only == NULL || strcmp(only, kinds[i].name) == 0) {
            attack_one(bench, &kinds[i], scene);
        }
    }
}

void bench_attack(struct bench *bench)
{
    size_t count;
    struct attack_scene *scene = scene_new();
    const struct attack_kind *kinds = attack_wire_kinds(&count);
    attack_all(bench, scene, kinds, count);
    kinds = attack_object_kinds(&count);
    attack_all(bench, scene, kinds, count);
    scene_free(scene);
}
