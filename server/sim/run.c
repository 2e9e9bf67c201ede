/*
 * The order of a run.
 *
 *   CONNECT    everybody starts and follows; until all is equal
 *   CALM       members post, nothing fails, nobody reconciles
 *   SETTLE     pushing alone must have brought everything everywhere
 *   RECONNECT  every node starts again; cursors must make that cheap
 *   CHAOS      members post, things fail, peers lie             <-+
 *   HEAL       until all is equal, then the dear checks         --+ until the steps are over
 */
#include "sim/sim.h"

#include <string.h>

enum {
    CALM_ROUNDS = 8,
    CONNECT_LEAST_S = 70, /* who was refused asks again after half a minute */
    CONNECT_S = 300,      /* longer than this may no phase take, in virtual seconds */
    SETTLE_S = 90,
    HEAL_S = 3000, /* more than clocks are wrong by: what is stamped in the future waits for it */
    RECONCILE_S = 20,
    NEVER_S = 1000000
};

void sim_later(
    struct sim *sim, uint64_t delay, enum event_type type, size_t who, uint64_t a, uint64_t b)
{
    const struct event event = {.at = sim->now + delay, .type = type, .who = who, .a = a, .b = b};
    queue_put(&sim->queue, &event);
}

/* ---- making the world ---- */

void sim_link_add(struct sim *sim, size_t from, size_t to)
{
    for (size_t i = 0; i < sim->links_count; i++) {
        if (sim->links[i].from == from && sim->links[i].to == to) {
            return;
        }
    }
    sim->links = realloc(sim->links, (sim->links_count + 1) * sizeof *sim->links);
    SIM_CHECK(sim->links != NULL);
    sim->links[sim->links_count++] = (struct sim_link){from, to};
}

/* Every node but the first follows the one before it or, in a star, the first; so that any first so
 * many of them hang together. In a mesh two more, which may make two connections of one pair. */
static void links_make(struct sim *sim)
{
    size_t count = sim->hosts_count;
    for (size_t i = 1; i < count; i++) {
        size_t cloud = sim->options.topology == TOPOLOGY_CLOUDS && i > count / 2 ? count / 2 : 0;
        sim_link_add(sim, i, sim->options.topology == TOPOLOGY_STAR ? 0 : i - 1);
        bool many =
            sim->options.topology == TOPOLOGY_MESH || sim->options.topology == TOPOLOGY_CLOUDS;
        for (unsigned more = 0; many && more < 2; more++) {
            size_t end = cloud > 0 || sim->options.topology == TOPOLOGY_MESH ? count : count / 2;
            size_t to = cloud + dice_below(&sim->dice, (uint32_t)(end - cloud));
            if (to != i) {
                sim_link_add(sim, i, to);
            }
        }
    }
}

static void space_found(struct sim *sim, size_t space)
{
    const struct fx_who *owner = &sim->members[space].who;
    struct policies *policies;
    struct committer *committer;
    struct commit_item items[2] = {{.source = COMMIT_LOCAL}, {.source = COMMIT_LOCAL}};
    struct commit_batch batch = {.items = items, .count = 2, .now = sim->now};
    struct commit_result result;
    sim->spaces[space] =
        fx_space(&sim->fx, owner, FORA_SPACE_QUESTIONS, space == 0 ? "beer" : "wine", sim->now);
    sim->space_ids[space] = fora_object_space(sim->spaces[space]);
    items[0].object = *owner->create;
    items[1].object = *sim->spaces[space];
    SIM_CHECK(policies_new(&policies) == 0);
    SIM_CHECK(committer_new(&committer, sim->hosts[0].kv, policies) == 0);
    SIM_CHECK(commit_run(committer, &batch, &result) == 0 && items[1].code == 0);
    committer_free(committer);
    policies_free(policies);
    (void)thing_add(sim, sim->spaces[space], space, space);
}

void sim_subscribe(struct sim *sim, struct host *host, size_t space, const char *address,
    const struct fora_principal_id *node)
{
    struct fora_message message = {.type = FORA_MSG_SUBSCRIBE};
    message.u.subscribe.space = sim->space_ids[space];
    message.u.subscribe.address = fora_bytes_str(address);
    message.u.subscribe.node = *node;
    host_operate(sim, host, &message);
}

/* Space 0 is everywhere, space 1 on the first half and one more. */
static void subscribe_all(struct sim *sim)
{
    size_t some = sim->hosts_count / 2 + 1;
    for (size_t i = 0; i < sim->hosts_count; i++) {
        sim->hosts[i].holds[0] = true;
        sim->hosts[i].holds[1] = i < some;
    }
    for (size_t i = 0; i < sim->links_count; i++) {
        const struct sim_link *link = &sim->links[i];
        struct host *to = &sim->hosts[link->to];
        sim_subscribe(sim, &sim->hosts[link->from], 0, to->address, &to->who.id);
        if (link->from < some && link->to < some) {
            sim_subscribe(sim, &sim->hosts[link->from], 1, to->address, &to->who.id);
        }
    }
    if ((sim->options.faults & 1U << FAULT_HOSTILE) != 0) {
        const struct hostile *evil = &sim->hostiles[0];
        sim_subscribe(sim, &sim->hosts[0], 0, evil->address, &evil->who.id);
        sim_subscribe(sim, &sim->hosts[sim->hosts_count - 1], 0, evil->address, &evil->who.id);
    }
}

static void world_make(struct sim *sim)
{
    size_t count = sim->options.nodes;
    dice_install();
    fx_init(&sim->fx);
    dice_seed(&sim->dice, sim->options.seed);
    sim->now = SIM_EPOCH;
    sim->hash = 0xcbf29ce484222325u;
    sim->reconcile_s = NEVER_S;
    sim->hosts = calloc(count, sizeof *sim->hosts);
    sim->blocked = calloc(count * count, sizeof *sim->blocked);
    SIM_CHECK(sim->hosts != NULL && sim->blocked != NULL);
    sim->hosts_count = count;
    for (size_t i = 0; i < count; i++) {
        sim->hosts[i].index = i;
        host_make(sim, &sim->hosts[i]);
    }
    hostile_make(sim);
    people_make(sim);
    links_make(sim);
    for (size_t space = 0; space < SIM_SPACES; space++) {
        space_found(sim, space);
    }
    for (size_t i = 0; i < count; i++) {
        host_start(sim, &sim->hosts[i]);
    }
    subscribe_all(sim);
    for (size_t i = 0; i < sim->members_count; i++) {
        sim_later(sim, dice_below(&sim->dice, 3000), EV_ACT, i, 0, 0);
    }
    sim_later(sim, 1000, EV_FAULT, 0, 0, 0);
    sim_later(sim, 1000, EV_HOSTILE, 0, 0, 0);
}

static void world_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->hosts_count; i++) {
        host_free(sim, &sim->hosts[i]);
    }
    actors_free(sim);
    wires_free(sim);
    people_free(sim);
    hostile_free(sim);
    fx_fini(&sim->fx);
    free(sim->hosts);
    free(sim->links);
    free(sim->blocked);
    free(sim->things);
    free(sim->promises);
    free(sim->seen);
    free(sim->queue.heap);
}

/* ---- events ---- */

static struct host *host_at(struct sim *sim, const char *address)
{
    for (size_t i = 0; i < sim->hosts_count; i++) {
        if (strcmp(sim->hosts[i].address, address) == 0) {
            return &sim->hosts[i];
        }
    }
    return NULL;
}

static void dial(struct sim *sim, struct host *host, uint64_t number)
{
    char address[256];
    struct wire_end a = {.kind = END_HOST, .index = host->index};
    struct wire_end b = {.kind = END_HOST};
    uint64_t now = host_now(sim, host);
    snprintf(address, sizeof address, "%s", host->node->targets[number - 1].address);
    struct host *other = host_at(sim, address);
    size_t actor = other == NULL ? hostile_answers(sim, address) : SIZE_MAX;
    host->dirty = true;
    bool there = actor != SIZE_MAX || (other != NULL && other->node != NULL &&
                                          !sim_blocked(sim, host->index, other->index));
    if (there && other != NULL) {
        b.index = other->index;
        dice_use(&other->dice);
        there = node_open(other->node, 0, host_now(sim, other), &b.conn) == 0;
        other->dirty = true;
    }
    dice_use(&host->dice);
    if (!there) {
        node_dial_failed(host->node, number, "nobody answers", now);
        return;
    }
    SIM_CHECK(node_open(host->node, number, now, &a.conn) == 0);
    if (other == NULL) {
        b.kind = END_ACTOR;
        b.index = actor;
    }
    size_t wire = (size_t)(wire_open(sim, &a, &b) - sim->wires);
    if (other == NULL) {
        sim->actors[actor]->wire = wire;
        sim->actors[actor]->side = 1;
    }
}

static void host_event(struct sim *sim, const struct event *event)
{
    struct host *host = &sim->hosts[event->who];
    if (host->node == NULL || host->life != event->a) {
        return;
    }
    host->dirty = true;
    dice_use(&host->dice);
    if (event->type == EV_TICK) {
        node_tick(host->node, host_now(sim, host));
        sim_later(sim, 1000, EV_TICK, event->who, event->a, 0);
    } else if (event->type == EV_JOB_RUN) {
        host_job_run(sim, host, event->b);
    } else if (event->type == EV_JOB_DONE) {
        host_job_done(sim, host, event->b);
    } else {
        dial(sim, host, event->b);
    }
}

static void lying_sync(struct sim *sim, struct host *host)
{
    if (host->lying) {
        kv_mem_sync(host->kv);
        sim_later(sim, dice_between(&sim->dice, 500, 5000), EV_LIE, host->index, 0, 0);
    }
}

/* What the world does, and does again later. */
static void world_event(struct sim *sim, const struct event *event)
{
    bool hostile = (sim->options.faults & 1U << FAULT_HOSTILE) != 0;
    if (event->type == EV_ACT) {
        if (sim->acting) {
            people_act(sim, &sim->members[event->who]);
        }
        sim_later(sim, dice_between(&sim->dice, 50, 1200), EV_ACT, event->who, 0, 0);
    } else if (event->type == EV_FAULT) {
        if (sim->failing) {
            fault_strike(sim);
            rest_cursors(sim, &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)]);
        }
        /* Many nodes do much in little time: so more fails in it. */
        uint64_t most = 3000 / (1 + sim->hosts_count / 10);
        sim_later(sim, dice_between(&sim->dice, most / 10, most), EV_FAULT, 0, 0, 0);
    } else {
        if (sim->lying && hostile) {
            hostile_act(sim);
        }
        sim_later(sim, dice_between(&sim->dice, 300, 4000), EV_HOSTILE, 0, 0, 0);
    }
}

static void handle(struct sim *sim, const struct event *event)
{
    struct host *host = &sim->hosts[event->who < sim->hosts_count ? event->who : 0];
    switch (event->type) {
    case EV_TICK:
    case EV_JOB_RUN:
    case EV_JOB_DONE:
    case EV_DIAL:
        host_event(sim, event);
        break;
    case EV_ARRIVE:
        wire_arrive(sim, event);
        break;
    case EV_CLOSE:
        wire_close(sim, event);
        break;
    case EV_START:
        if (host->node == NULL && host->life == event->a && !host->gone) {
            host_start(sim, host);
        }
        break;
    case EV_ACTOR:
        actor_tick(sim, event);
        break;
    case EV_MEND:
        fault_mend(sim, event->a);
        break;
    case EV_LIE:
        lying_sync(sim, host);
        break;
    case EV_ACT:
    case EV_FAULT:
    case EV_HOSTILE:
        world_event(sim, event);
        break;
    case EV_POLL:
        break;
    }
}

/* One step: an event, what nodes do about it, and the checks of the nodes that it touched. */
static bool step(struct sim *sim, struct event *event)
{
    bool any = true;
    if (sim->breached || !queue_take(&sim->queue, event)) {
        return false;
    }
    sim->now = event->at;
    sim->step++;
    story_mix(sim, &event->at, sizeof event->at);
    handle(sim, event);
    while (any && !sim->breached) {
        any = false;
        for (size_t i = 0; i < sim->hosts_count; i++) {
            struct host *host = &sim->hosts[i];
            if (host->dirty) {
                any = true;
                host_pump(sim, host);
                check_step(sim, host);
            }
        }
    }
    return !sim->breached;
}

/* ---- phases ---- */

static void steps_run(struct sim *sim, uint64_t steps)
{
    struct event event;
    for (uint64_t i = 0; i < steps && step(sim, &event); i++) {
    }
}

static void time_run(struct sim *sim, unsigned seconds)
{
    struct event event;
    uint64_t until = sim->now + (uint64_t)seconds * 1000;
    while (sim->now < until && step(sim, &event)) {
    }
}

/* Until all is equal and stays so for two seconds; a breach when it takes longer than `seconds`. */
static void rest(struct sim *sim, const char *phase, unsigned seconds)
{
    struct event event;
    char why[300] = "it never looked";
    unsigned equal = 0;
    uint64_t began = sim->now;
    sim->acting = sim->failing = sim->lying = false;
    sim_later(sim, 1000, EV_POLL, 0, 0, 0);
    while (equal < 3 && step(sim, &event)) {
        if (event.type != EV_POLL) {
            continue;
        }
        equal = rest_equal(sim, why, sizeof why) ? equal + 1 : 0;
        if (equal == 0 && sim->now > began + (uint64_t)seconds * 1000) {
            breach(sim, "%s: not equal after %u s: %s", phase, seconds, why);
        }
        sim_later(sim, 1000, EV_POLL, 0, 0, 0);
    }
    /* The last poll is dropped: nobody waits for it. */
    if (!sim->breached) {
        story(sim, "%s: all equal after %llu s", phase,
            (unsigned long long)((sim->now - began) / 1000));
    }
}

static uint64_t duplicates(const struct sim *sim)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sim->hosts_count; i++) {
        sum += sim->hosts[i].node != NULL ? sim->hosts[i].node->counters.objects_duplicate : 0;
    }
    return sum;
}

/* After a start every node goes on where it was: nothing is sent that is there already. */
static void reconnect(struct sim *sim)
{
    sim->reconcile_s = RECONCILE_S;
    for (size_t i = 0; i < sim->hosts_count; i++) {
        host_kill(sim, &sim->hosts[i]);
        host_start(sim, &sim->hosts[i]);
    }
    time_run(sim, CONNECT_LEAST_S);
    rest(sim, "after starting again", CONNECT_S);
    sim->stats.reconnect_duplicates = duplicates(sim);
    if (!sim->breached && duplicates(sim) > 0) {
        breach(sim, "%llu objects were sent again after everybody started again",
            (unsigned long long)duplicates(sim));
    }
}

/* At most so many steps; the rest until all is equal is not counted. */
static uint64_t chaos(struct sim *sim, uint64_t most)
{
    uint64_t steps = dice_between(&sim->dice, 2000, 8000);
    steps = steps < most ? steps : most;
    sim->acting = sim->failing = sim->lying = true;
    steps_run(sim, steps);
    sim->acting = sim->failing = sim->lying = false;
    if (!sim->breached) {
        uint64_t began = sim->now;
        faults_heal(sim);
        rest(sim, "after healing", HEAL_S);
        sim->stats.heals++;
        sim->stats.heal_ms += sim->now - began;
    }
    return steps;
}

static void phases(struct sim *sim)
{
    uint64_t calm = sim->options.steps / 5 / CALM_ROUNDS;
    uint64_t left = sim->options.steps - calm * CALM_ROUNDS;
    time_run(sim, CONNECT_LEAST_S);
    rest(sim, "connecting", CONNECT_S);
    /* In rounds: what is overlooked once is often mended by what comes next, but not the last. */
    for (unsigned round = 0; round < CALM_ROUNDS; round++) {
        sim->acting = true;
        steps_run(sim, calm);
        rest(sim, "pushing alone", SETTLE_S);
    }
    if (!sim->breached) {
        rest_check(sim, false);
        reconnect(sim);
    }
    while (!sim->breached && left > 0) {
        left -= chaos(sim, left);
        if (!sim->breached) {
            rest_check(sim, left == 0);
        }
    }
}

int sim_run(const struct sim_options *options, struct sim_stats *stats, uint64_t *hash, char *what,
    size_t what_size)
{
    struct sim *sim = calloc(1, sizeof *sim);
    SIM_CHECK(sim != NULL);
    sim->options = *options;
    world_make(sim);
    phases(sim);
    int rc = sim->breached ? 1 : 0;
    if (sim->breached && what == NULL) {
        story_breach(sim, stderr);
    }
    if (what != NULL) {
        snprintf(what, what_size, "%s", sim->breached ? sim->breach : "");
    }
    sim->stats.steps = sim->step;
    *stats = sim->stats;
    *hash = sim->hash;
    world_free(sim);
    free(sim);
    return rc;
}
