/*
 * A node goes for good, and its disk with it: what it alone had is lost, and so is what it
 * promised. The rest must become equal, and does when it hangs together: so at the next healing
 * those that followed it, or that it followed, follow the first one that is left, as their
 * operators would see to.
 */
#include "sim/sim.h"

/* Both spaces are on so many at least; half of the nodes stay. */
enum { LEFT_LEAST = 2 };

struct host *first_holder(struct sim *sim, size_t space)
{
    for (size_t i = 0; i < sim->hosts_count; i++) {
        if (!sim->hosts[i].gone && sim->hosts[i].holds[space]) {
            return &sim->hosts[i];
        }
    }
    SIM_CHECK(false); /* leave() sees to it */
    return NULL;
}

static bool may_go(const struct sim *sim, const struct host *leaving)
{
    size_t left = 0, holders[SIM_SPACES] = {0};
    for (size_t i = 0; i < sim->hosts_count; i++) {
        const struct host *host = &sim->hosts[i];
        if (host == leaving || host->gone) {
            continue;
        }
        left++;
        for (size_t space = 0; space < SIM_SPACES; space++) {
            holders[space] += host->holds[space];
        }
    }
    for (size_t space = 0; space < SIM_SPACES; space++) {
        if (holders[space] < LEFT_LEAST) {
            return false;
        }
    }
    return left >= sim->hosts_count / 2;
}

static void go(struct sim *sim, struct host *host)
{
    if (host->gone || !may_go(sim, host)) {
        return;
    }
    host_kill(sim, host);
    host->gone = true;
    promise_void(sim, host->index);
    sim->stats.leaves++;
    story(sim, "%s is gone for good", host->name);
}

void leave(struct sim *sim)
{
    go(sim, &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)]);
}

static void find_another(struct sim *sim, size_t index)
{
    struct host *host = &sim->hosts[index];
    if (host->gone) {
        return;
    }
    for (size_t space = 0; space < SIM_SPACES; space++) {
        const struct host *first = first_holder(sim, space);
        uint64_t count;
        uint8_t print[16];
        /* Or it joined later. */
        bool holds = host->holds[space] || host_set(host, &sim->space_ids[space], &count, print);
        if (first != host && holds) {
            sim_subscribe(sim, host, space, first->address, &first->who.id);
            sim_link_add(sim, index, first->index);
        }
    }
}

void leaves_mourn(struct sim *sim)
{
    /* In a run in which nodes may go one does: begun anywhere, whoever may. */
    size_t begin = (sim->options.faults & 1U << FAULT_GONE) != 0 && sim->stats.leaves == 0
                       ? dice_below(&sim->dice, (uint32_t)sim->hosts_count)
                       : SIZE_MAX;
    for (size_t i = 0; begin != SIZE_MAX && i < sim->hosts_count && sim->stats.leaves == 0; i++) {
        go(sim, &sim->hosts[(begin + i) % sim->hosts_count]);
    }
    for (size_t i = 0; i < sim->hosts_count; i++) {
        struct host *host = &sim->hosts[i];
        if (!host->gone || host->mourned) {
            continue;
        }
        host->mourned = true;
        for (size_t link = 0, count = sim->links_count; link < count; link++) {
            struct sim_link ends = sim->links[link]; /* the list may move */
            if (ends.from == i || ends.to == i) {
                find_another(sim, ends.from == i ? ends.to : ends.from);
            }
        }
    }
}
