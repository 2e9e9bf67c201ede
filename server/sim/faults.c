/* What goes wrong, and how it is made good. */
#include "sim/sim.h"

#include <string.h>

static struct host *any_host(struct sim *sim)
{
    return &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)];
}

static void crash(struct sim *sim, uint64_t least, uint64_t most)
{
    struct host *host = any_host(sim);
    if (host->node == NULL) {
        return;
    }
    sim->stats.crashes++;
    host_kill(sim, host);
    sim_later(sim, dice_between(&sim->dice, least, most), EV_START, host->index, host->life, 0);
}

static size_t any_wire(struct sim *sim)
{
    for (unsigned tries = 0; tries < 8 && sim->wires_count > 0; tries++) {
        size_t wire = dice_below(&sim->dice, (uint32_t)sim->wires_count);
        if (sim->wires[wire].serial != 0 && !sim->wires[wire].dead) {
            return wire;
        }
    }
    return SIZE_MAX;
}

static void cut(struct sim *sim)
{
    size_t wire = any_wire(sim);
    if (wire != SIZE_MAX) {
        uint64_t late = dice_in(&sim->dice, 300) ? dice_between(&sim->dice, 1000, 150000)
                                                 : dice_below(&sim->dice, 50);
        story(sim, "wire %zu breaks, one side learns %llu ms late", wire, (unsigned long long)late);
        wire_cut(sim, wire, late);
    }
}

static void slow(struct sim *sim)
{
    size_t wire = any_wire(sim);
    if (wire != SIZE_MAX) {
        sim->wires[wire].bandwidth = (uint32_t)dice_between(&sim->dice, 1, 20);
        story(sim, "wire %zu is slow", wire);
    }
}

/* Connections between the groups hang, and some break at once. */
static void part(struct sim *sim)
{
    size_t count = sim->hosts_count;
    size_t middle = 1 + dice_below(&sim->dice, (uint32_t)count - 1);
    if (sim->partitions > 0 || count < 2) {
        return;
    }
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            sim->blocked[a * count + b] = (a < middle) != (b < middle);
        }
    }
    for (size_t i = 0; i < sim->wires_count; i++) {
        const struct wire_end *end = sim->wires[i].end;
        if (sim->wires[i].serial != 0 && !sim->wires[i].dead && end[0].kind == END_HOST &&
            end[1].kind == END_HOST && sim_blocked(sim, end[0].index, end[1].index) &&
            dice_in(&sim->dice, 400)) {
            wire_cut(sim, i, dice_below(&sim->dice, 20000));
        }
    }
    sim->partitions++;
    sim->stats.partitions++;
    story(sim, "a partition before n%zu", middle);
    sim_later(sim, dice_between(&sim->dice, 2000, 90000), EV_MEND, 0, sim->stats.partitions, 0);
}

void fault_mend(struct sim *sim, uint64_t partition)
{
    if (sim->partitions > 0 && partition == sim->stats.partitions) {
        sim->partitions = 0;
        memset(sim->blocked, 0, sim->hosts_count * sim->hosts_count * sizeof *sim->blocked);
        story(sim, "the partition ends");
    }
}

static void break_disk(struct sim *sim)
{
    struct host *host = any_host(sim);
    if (host->node != NULL) {
        uint64_t write = 1 + dice_below(&sim->dice, dice_in(&sim->dice, 500) ? 4 : 200);
        kv_mem_fail_at(host->kv, write, dice_in(&sim->dice, 500) ? FORA_E_FULL : FORA_E_IO);
        host->faulty_disk = true;
        sim->stats.disk_faults++;
        story(sim, "%s: write %llu from now fails", host->name, (unsigned long long)write);
    }
}

/* By up to half an hour, forwards or back, while it runs or when it starts again. */
static void clock_wrong(struct sim *sim)
{
    struct host *host = any_host(sim);
    if (host->node != NULL && dice_in(&sim->dice, 500)) {
        host->skew = (int64_t)dice_between(&sim->dice, 0, 60 * 60000) - 30 * 60000;
        story(sim, "%s: its clock jumps to %+lld s", host->name, (long long)(host->skew / 1000));
    } else if (host->node != NULL) {
        host_kill(sim, host);
        host->skew = (int64_t)dice_between(&sim->dice, 0, 60 * 60000) - 30 * 60000;
        sim_later(sim, 1000, EV_START, host->index, host->life, 0);
    }
}

static void lie_begin(struct sim *sim)
{
    struct host *host = any_host(sim);
    if (!host->lying) {
        host->lying = true;
        kv_mem_set_volatile(host->kv, true);
        story(sim, "%s: its disk lies from now on", host->name);
        sim_later(sim, dice_between(&sim->dice, 500, 5000), EV_LIE, host->index, 0, 0);
    }
}

static void join(struct sim *sim)
{
    struct fora_message message = {.type = FORA_MSG_SUBSCRIBE};
    const struct sim_link *link = &sim->links[dice_below(&sim->dice, (uint32_t)sim->links_count)];
    struct host *host = &sim->hosts[link->from];
    const struct host *from = &sim->hosts[link->to];
    size_t space = dice_below(&sim->dice, SIM_SPACES);
    if (host->node == NULL || from->gone || !from->holds[space] || host->holds[space]) {
        return;
    }
    message.u.subscribe.space = sim->space_ids[space];
    message.u.subscribe.address = fora_bytes_str(from->address);
    message.u.subscribe.node = from->who.id;
    story(sim, "%s subscribes space %zu at %s", host->name, space, from->name);
    host_operate(sim, host, &message);
}

/* One of those that are switched on, each as likely as the others. Liars act by themselves
 * (hostile.c), and who erases is a member (acts.c). */
static enum sim_fault fault_draw(struct sim *sim)
{
    enum sim_fault on[FAULTS];
    uint32_t count = 0;
    for (unsigned i = 0; i < FAULTS; i++) {
        if ((sim->options.faults & 1U << i) != 0 && i != FAULT_HOSTILE && i != FAULT_ERASE) {
            on[count++] = (enum sim_fault)i;
        }
    }
    return count > 0 ? on[dice_below(&sim->dice, count)] : FAULTS;
}

void fault_strike(struct sim *sim)
{
    switch (fault_draw(sim)) {
    case FAULT_CRASH:
        crash(sim, 10, 20000);
        break;
    case FAULT_AWAY:
        if (dice_in(&sim->dice, 300)) {
            crash(sim, 100000, 400000);
        }
        break;
    case FAULT_CUT:
        cut(sim);
        break;
    case FAULT_PARTITION:
        part(sim);
        break;
    case FAULT_SLOW:
        slow(sim);
        break;
    case FAULT_DISK:
        break_disk(sim);
        break;
    case FAULT_LIE:
        lie_begin(sim);
        break;
    case FAULT_CLOCK:
        clock_wrong(sim);
        break;
    case FAULT_JOIN:
        join(sim);
        break;
    case FAULT_GONE:
        leave(sim);
        break;
    case FAULT_HOSTILE:
    case FAULT_ERASE:
    case FAULTS:
        break;
    }
}

/* Everybody comes back with a right clock and a sound disk, and all connections are good. */
void faults_heal(struct sim *sim)
{
    story(sim, "healing");
    fault_mend(sim, sim->stats.partitions);
    for (size_t i = 0; i < sim->hosts_count; i++) {
        struct host *host = &sim->hosts[i];
        kv_mem_fail_at(host->kv, 0, 0);
        if (host->lying) {
            host->lying = false;
            kv_mem_sync(host->kv);
            kv_mem_set_volatile(host->kv, false);
        }
        if (host->skew != 0 && dice_in(&sim->dice, 500)) {
            host_kill(sim, host);
        }
        host->skew = 0; /* of who still runs too: what waits must not wait for the clock */
        if (host->node == NULL && !host->gone) {
            host_start(sim, host);
        }
    }
    leaves_mourn(sim);
    for (size_t i = 0; i < sim->wires_count; i++) {
        if (sim->wires[i].serial != 0 && sim->wires[i].bandwidth > 0) {
            sim->wires[i].bandwidth = 0;
        }
    }
    for (size_t i = 0; i < sim->actors_count; i++) {
        if (sim->actors[i]->serial != 0 && sim->actors[i]->until != 0) {
            sim->actors[i]->until = sim->now; /* liars go at their next tick */
        }
    }
}
