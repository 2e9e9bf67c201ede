/*
 * A node of the simulation: its keys, its store, its life.
 *
 *   down --start--> up --kill--> down: connections break, jobs that were out are gone, the store
 *                                stays as a crash leaves it
 *
 * A job is run in one event and handed back in a later one, so that a crash falls before, between
 * and after.
 */
#include "sim/sim.h"

#include "core/accounts.h"
#include "core/meta.h"
#include "fora/noise.h"
#include "store/sets.h"
#include "store/sums.h"

#include <string.h>

enum { TURNS_MAX = 20000 /* of one pump: a node that goes on for ever is a breach */ };

static struct fora_secret *secret_make(struct dice *dice)
{
    uint8_t seed[32];
    struct fora_secret *secret;
    dice_bytes(dice, seed, sizeof seed);
    SIM_CHECK(fora_secret_from_seed(&secret, seed) == 0);
    return secret;
}

void who_make(struct sim *sim, struct fx_who *who, uint32_t type,
    const struct fora_principal_id *home, const struct fora_node_info *node)
{
    struct fora_node_info info;
    struct fora_device_key key = {.label = fora_bytes_str("device")};
    struct fora_identity_create create = {.type = type, .keys = &key, .keys_count = 1};
    struct fora_key next;
    struct fora_salt salt;
    struct fora_buf bytes = {0};
    who->root = secret_make(&sim->dice);
    who->next_root = secret_make(&sim->dice);
    who->device = secret_make(&sim->dice);
    fora_secret_public(who->device, &key.sign);
    fora_secret_public(who->next_root, &next);
    fora_identity_commitment(&create.next_root_commitment, &next);
    if (home != NULL) {
        create.home = *home;
    }
    if (node != NULL) {
        info = *node;
        create.node = &info;
    }
    dice_bytes(&sim->dice, salt.b, sizeof salt.b);
    SIM_CHECK(fora_identity_build_create(
                  &bytes, &create, &salt, SIM_EPOCH - 86400000, who->root, &who->id) == 0);
    who->create = fx_decode(&sim->fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    SIM_CHECK(fora_identity_new(&who->log) == 0 && fora_identity_add(who->log, who->create) == 0);
}

/* What `forad init` leaves: an epoch, and the node's own identity. */
static void store_fill(struct sim *sim, struct host *host)
{
    struct policies *policies;
    struct committer *committer;
    struct commit_item item = {.object = *host->who.create, .source = COMMIT_LOCAL};
    struct commit_batch batch = {.items = &item, .count = 1, .now = sim->now};
    struct commit_result result;
    struct kv_txn *txn;
    uint8_t epoch[8];
    dice_bytes(&host->dice, epoch, sizeof epoch);
    SIM_CHECK(kv_begin_write(host->kv, &txn) == 0);
    meta_put(txn, "epoch", fora_bytes(epoch, sizeof epoch));
    SIM_CHECK(kv_commit(txn) == 0);
    SIM_CHECK(policies_new(&policies) == 0);
    SIM_CHECK(committer_new(&committer, host->kv, policies) == 0);
    SIM_CHECK(commit_run(committer, &batch, &result) == 0 && item.code == 0);
    committer_free(committer);
    policies_free(policies);
}

void host_make(struct sim *sim, struct host *host)
{
    struct fora_bytes address;
    struct fora_node_info info = {.addresses = &address, .addresses_count = 1};
    snprintf(host->name, sizeof host->name, "n%u", (unsigned)host->index & 0xffff);
    snprintf(host->address, sizeof host->address, "n%u:1", (unsigned)host->index & 0xffff);
    host->dice = dice_split(&sim->dice);
    dice_bytes(&host->dice, host->noise, sizeof host->noise);
    dice_bytes(&host->dice, host->custody, sizeof host->custody);
    address = fora_bytes_str(host->address);
    info.name = fora_bytes_str(host->name);
    fora_noise_public(info.noise_key.b, host->noise);
    who_make(sim, &host->who, FORA_PRINCIPAL_NODE, NULL, &info);
    SIM_CHECK(kv_mem_open(&host->kv, STORE_TABLE_COUNT) == 0);
    store_fill(sim, host);
}

uint64_t host_now(const struct sim *sim, const struct host *host)
{
    return host->skew >= 0 ? sim->now + (uint64_t)host->skew : sim->now - (uint64_t)-host->skew;
}

void host_start(struct sim *sim, struct host *host)
{
    struct fora_bytes identity = host->who.create->encoded;
    struct node_config config = {.name = host->name,
        .self = host->who.id,
        .secret = host->who.device,
        .noise_secret = host->noise,
        .custody = host->custody,
        .identity = &identity,
        .identity_count = 1};
    node_limits_default(&config.limits);
    config.limits.newcomer_objects_hour = 0; /* every peer is known, and has no quota */
    config.limits.peer_objects_hour = 0;
    config.limits.peer_bytes_day = 0;
    /* Small, so that they are met. */
    config.limits.connections_max = 192;
    config.limits.inflight_max = 256 * 1024;
    config.limits.pending_max = 32 * 1024;
    config.limits.member_objects_hour = 100000;
    config.limits.reconcile_interval_s = sim->reconcile_s;
    dice_use(&host->dice);
    SIM_CHECK(node_new(&host->node, &config, host->kv, host_now(sim, host)) == 0);
    host->life++;
    host->pending_full = host->faulty_disk = false;
    host->left_out = 0;
    host->dirty = true;
    story(sim, "%s starts, clock %+lld s", host->name, (long long)(host->skew / 1000));
    sim_later(sim, dice_between(&sim->dice, 1, 1000), EV_TICK, host->index, host->life, 0);
    promise_check(sim, host);
}

void host_note_gaps(struct host *host)
{
    if (host->node != NULL) {
        const struct node_counters *counters = &host->node->counters;
        uint64_t left_out = counters->objects_refused + counters->objects_pending;
        host->gaps = host->gaps || left_out > host->left_out;
        host->left_out = left_out;
    }
}

void host_kill(struct sim *sim, struct host *host)
{
    unsigned out = 0, unrun = 0;
    if (host->node == NULL) {
        return;
    }
    for (size_t i = 0; i < SIM_JOBS; i++) {
        if (host->jobs[i].job != NULL) {
            out++;
            unrun += !host->jobs[i].ran;
        }
    }
    host_note_gaps(host);
    story(sim, "%s dies with %u jobs out, %u of them not run, %zu objects waiting", host->name, out,
        unrun, host->node->pending.count);
    dice_use(&host->dice);
    node_free(host->node);
    host->node = NULL;
    /* After the node, which still knows the batches in them. */
    for (size_t i = 0; i < SIM_JOBS; i++) {
        job_free(host->jobs[i].job);
        host->jobs[i].job = NULL;
    }
    wires_break(sim, host);
    kv_mem_fail_at(host->kv, 0, 0);
    if (host->lying) {
        kv_mem_crash(host->kv);
        promise_void(sim, host->index);
        host->checked = 0;
        host->gaps = true;
    }
}

void host_free(struct sim *sim, struct host *host)
{
    (void)sim;
    node_free(host->node);
    for (size_t i = 0; i < SIM_JOBS; i++) {
        job_free(host->jobs[i].job);
    }
    kv_close(host->kv);
    fora_secret_free(host->who.root);
    fora_secret_free(host->who.next_root);
    fora_secret_free(host->who.device);
    fora_identity_free(host->who.log);
}

/* ---- jobs ---- */

static const char *const job_names[JOB_TYPES] = {
    "verify", "commit", "rows", "sweep", "peers", "standing", "write", "query", "password", "ask"};

/* Before a job runs, and before it is back: mostly short, at times long enough for others to
 * overtake it. */
static uint64_t job_time(struct sim *sim)
{
    return dice_in(&sim->dice, 50) ? dice_between(&sim->dice, 10, 200) : dice_below(&sim->dice, 4);
}

static bool jobs_take(struct sim *sim, struct host *host)
{
    bool any = false;
    for (size_t i = 0; i < SIM_JOBS; i++) {
        struct host_job *slot = &host->jobs[i];
        if (slot->job != NULL) {
            continue;
        }
        slot->job = node_take_job(host->node, host_now(sim, host));
        if (slot->job == NULL) {
            break;
        }
        slot->ran = false;
        any = true;
        sim_later(sim, job_time(sim), EV_JOB_RUN, host->index, host->life, i);
    }
    return any;
}

void host_job_run(struct sim *sim, struct host *host, size_t slot)
{
    struct host_job *out = &host->jobs[slot];
    dice_use(&host->dice);
    job_run(out->job);
    out->ran = true;
    bool writes = out->job->type == JOB_COMMIT || out->job->type == JOB_WRITE;
    host->stored = host->stored || (writes && out->job->code == 0);
    if (out->job->code != 0 && out->job->type != JOB_QUERY) {
        story(sim, "%s %s: %s", host->name, job_names[out->job->type],
            fora_error_text(out->job->code));
        host->faulty_disk = true;
    }
    if (writes && out->job->result.stored > 0) {
        story(sim, "%s stores %zu objects, up to %llu", host->name, out->job->result.stored,
            (unsigned long long)out->job->result.last);
    }
    sim_later(sim, job_time(sim), EV_JOB_DONE, host->index, host->life, slot);
}

void host_job_done(struct sim *sim, struct host *host, size_t slot)
{
    struct job *job = host->jobs[slot].job;
    host->jobs[slot].job = NULL;
    /* What a commit that failed leaves behind shows best before anything mends it. */
    if (job->type == JOB_COMMIT && job->code != 0) {
        rest_cursors(sim, host);
    }
    dice_use(&host->dice);
    node_job_done(host->node, job, host_now(sim, host));
}

/* ---- a turn of the shell ---- */

static bool dials_take(struct sim *sim, struct host *host)
{
    uint64_t dial;
    bool any = false;
    while (node_next_dial(host->node, host_now(sim, host), &dial) != NULL) {
        sim_later(sim, dice_between(&sim->dice, 1, 100), EV_DIAL, host->index, host->life, dial);
        any = true;
    }
    return any;
}

static void events_tell(struct sim *sim, struct host *host)
{
    struct node_event event;
    while (node_next_event(host->node, &event)) {
        if (event.level <= 6) {
            story(sim, "%s %s conn %llu: %s", host->name, event.room,
                (unsigned long long)event.conn, event.text);
        }
    }
}

/* What the daemon's shell does after each thing that happened, with nothing but what the core
 * names: a change that it does not name is not found here either. */
void host_pump(struct sim *sim, struct host *host)
{
    bool any = true;
    host->dirty = false;
    for (unsigned turns = 0; any && host->node != NULL; turns++) {
        uint64_t conn;
        any = false;
        dice_use(&host->dice);
        while ((conn = node_next_changed(host->node)) != 0) {
            size_t wire = wire_of(sim, host, conn);
            any = true;
            if (wire != SIZE_MAX) {
                const struct wire_end *end = &sim->wires[wire].end[0];
                bool first =
                    end->kind == END_HOST && end->index == host->index && end->conn == conn;
                wire_serve(sim, wire, first ? 0 : 1);
            }
        }
        any = jobs_take(sim, host) || any;
        any = dials_take(sim, host) || any;
        events_tell(sim, host);
        if (turns == TURNS_MAX) {
            breach(sim, "%s never comes to rest", host->name);
            return;
        }
    }
}

/* ---- looking from outside ---- */

bool host_holds(struct host *host, const struct fora_object_id *id)
{
    struct kv_txn *txn;
    SIM_CHECK(kv_begin_read(host->kv, &txn) == 0);
    bool there = objects_find(txn, id->b) != 0;
    kv_abort(txn);
    return there;
}

bool host_set(
    struct host *host, const struct fora_space_id *space, uint64_t *count, uint8_t fingerprint[16])
{
    struct kv_txn *txn;
    struct set_info set;
    struct fora_neg_sum sum;
    SIM_CHECK(kv_begin_read(host->kv, &txn) == 0);
    bool there = sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &set);
    if (there) {
        sums_total(txn, set.number, &sum);
        fora_neg_fingerprint(fingerprint, &sum);
        *count = sum.count;
    }
    kv_abort(txn);
    return there;
}

/* What the operator asks for. */
void host_operate(struct sim *sim, struct host *host, const struct fora_message *message)
{
    static const struct asker nobody = {.conn = 0};
    struct job *job = job_new(JOB_WRITE, &host->node->env, &nobody, host_now(sim, host));
    SIM_CHECK(job != NULL && fora_message_encode(&job->request, message) == 0);
    node_enqueue(host->node, job);
    host->dirty = true;
}
