/*
 * Connections: two lanes of bytes. What a side has to send is taken from it in pieces of any size
 * while the lane has room (SIM_WINDOW, as a socket's buffers have), is under way for a time, and
 * waits at the other end until that side wants it.
 *
 *   open --one side closes: the end travels behind its bytes--> the other learns of it --> free
 *        --cut: the bytes under way are gone--> each side learns of it, perhaps late --> free
 */
#include "sim/sim.h"

#include <string.h>

enum { CHUNK_MAX = 16 * 1024 };

bool sim_blocked(const struct sim *sim, size_t a, size_t b)
{
    return sim->blocked[a * sim->hosts_count + b];
}

static bool is_blocked(const struct sim *sim, const struct wire *wire)
{
    const struct wire_end *end = wire->end;
    return end[0].kind == END_HOST && end[1].kind == END_HOST &&
           sim_blocked(sim, end[0].index, end[1].index);
}

size_t wire_of(const struct sim *sim, const struct host *host, uint64_t conn)
{
    for (size_t i = 0; i < sim->wires_count; i++) {
        const struct wire *wire = &sim->wires[i];
        for (unsigned side = 0; wire->serial != 0 && side < 2; side++) {
            const struct wire_end *end = &wire->end[side];
            if (end->open && end->kind == END_HOST && end->index == host->index &&
                end->conn == conn) {
                return i;
            }
        }
    }
    return SIZE_MAX;
}

struct wire *wire_open(struct sim *sim, const struct wire_end *a, const struct wire_end *b)
{
    size_t at = 0;
    while (at < sim->wires_count && sim->wires[at].serial != 0) {
        at++;
    }
    if (at == sim->wires_count) {
        sim->wires = realloc(sim->wires, (at + 1) * sizeof *sim->wires);
        SIM_CHECK(sim->wires != NULL);
        sim->wires_count++;
    }
    struct wire *wire = &sim->wires[at];
    memset(wire, 0, sizeof *wire);
    wire->serial = ++sim->serial;
    wire->end[0] = *a;
    wire->end[1] = *b;
    wire->end[0].open = wire->end[1].open = true;
    wire->latency = (uint32_t)dice_between(&sim->dice, 1, dice_in(&sim->dice, 200) ? 200 : 30);
    return wire;
}

/* ---- ends ---- */

static struct host *host_of(struct sim *sim, const struct wire_end *end)
{
    struct host *host = &sim->hosts[end->index];
    dice_use(&host->dice);
    host->dirty = true;
    return host;
}

static struct fora_bytes end_output(struct sim *sim, const struct wire_end *end)
{
    return end->kind == END_HOST ? node_output(host_of(sim, end)->node, end->conn)
                                 : actor_output(sim->actors[end->index]);
}

static void end_output_done(struct sim *sim, const struct wire_end *end, size_t written)
{
    if (end->kind == END_HOST) {
        node_output_done(host_of(sim, end)->node, end->conn, written);
    } else {
        actor_output_done(sim->actors[end->index], written);
    }
}

static size_t end_receive(struct sim *sim, const struct wire_end *end, struct fora_bytes input)
{
    size_t taken = input.size;
    if (end->kind == END_HOST) {
        struct host *host = host_of(sim, end);
        node_receive(host->node, end->conn, input, &taken, host_now(sim, host));
    } else {
        actor_receive(sim, sim->actors[end->index], input);
    }
    return taken;
}

static bool end_wants(struct sim *sim, const struct wire_end *end)
{
    return end->kind == END_HOST ? node_wants_input(sim->hosts[end->index].node, end->conn)
                                 : !sim->actors[end->index]->deaf;
}

static bool end_closing(struct sim *sim, const struct wire_end *end)
{
    return end->kind == END_HOST ? node_closing(sim->hosts[end->index].node, end->conn)
                                 : actor_closing(sim->actors[end->index]);
}

static void lane_clear(struct lane *lane)
{
    while (lane->first != NULL) {
        struct segment *segment = lane->first;
        lane->first = segment->next;
        free(segment);
    }
    lane->last = NULL;
    lane->bytes = 0;
}

/* The end's owner is told. The wire is free when both were. */
static void end_close(struct sim *sim, struct wire *wire, unsigned side)
{
    struct wire_end *end = &wire->end[side];
    if (!end->open) {
        return;
    }
    end->open = false;
    if (end->kind == END_HOST) {
        struct host *host = host_of(sim, end);
        if (host->node != NULL) {
            node_closed(host->node, end->conn, host_now(sim, host));
        }
    } else {
        actor_closed(sim, end->index);
    }
    if (!wire->end[1 - side].open) {
        lane_clear(&wire->lane[0]);
        lane_clear(&wire->lane[1]);
        wire->serial = 0;
    }
}

static void wire_die(struct wire *wire)
{
    wire->dead = true;
    lane_clear(&wire->lane[0]);
    lane_clear(&wire->lane[1]);
}

/* ---- bytes ---- */

static void lane_put(
    struct sim *sim, size_t index, unsigned side, struct fora_bytes bytes, bool end)
{
    struct wire *wire = &sim->wires[index];
    struct lane *lane = &wire->lane[side];
    if (wire->dead) {
        return;
    }
    struct segment *segment = malloc(sizeof *segment + bytes.size);
    SIM_CHECK(segment != NULL);
    *segment = (struct segment){.end = end, .size = bytes.size};
    if (bytes.size > 0) {
        memcpy(segment->bytes, bytes.data, bytes.size);
        story_mix(sim, bytes.data, bytes.size < 16 ? bytes.size : 16);
    }
    if (lane->last != NULL) {
        lane->last->next = segment;
    } else {
        lane->first = segment;
    }
    lane->last = segment;
    lane->bytes += bytes.size;
    uint64_t at = sim->now + wire->latency + dice_below(&sim->dice, wire->latency / 4 + 1);
    at = at > lane->last_arrival ? at : lane->last_arrival;
    at += wire->bandwidth > 0 ? bytes.size / wire->bandwidth : 0;
    lane->last_arrival = at;
    sim_later(sim, at - sim->now, EV_ARRIVE, index, wire->serial, side);
}

static void take_output(struct sim *sim, size_t index, unsigned side)
{
    struct wire *wire = &sim->wires[index];
    const struct wire_end *end = &wire->end[side];
    struct fora_bytes output = end_output(sim, end);
    while (output.size > 0 && wire->lane[side].bytes < SIM_WINDOW) {
        size_t part = dice_in(&sim->dice, 100) ? dice_between(&sim->dice, 1, 64) : CHUNK_MAX;
        part = part < output.size ? part : output.size;
        lane_put(sim, index, side, fora_bytes(output.data, part), false);
        end_output_done(sim, end, part);
        output = end_output(sim, end);
    }
    if (output.size == 0 && end_closing(sim, end)) {
        lane_put(sim, index, side, fora_bytes(NULL, 0), true);
        end_close(sim, wire, side);
    }
}

/* Hands over what has arrived from `from`, as far as the other end wants it. */
static void deliver(struct sim *sim, struct wire *wire, unsigned from)
{
    struct lane *lane = &wire->lane[from];
    uint64_t serial = wire->serial;
    struct wire_end *to = &wire->end[1 - from];
    while (wire->serial == serial && to->open && lane->first != NULL && lane->first->arrived) {
        struct segment *segment = lane->first;
        if (segment->end) {
            end_close(sim, wire, 1 - from);
            return;
        }
        if (!end_wants(sim, to)) {
            return;
        }
        size_t taken = end_receive(
            sim, to, fora_bytes(segment->bytes + segment->taken, segment->size - segment->taken));
        segment->taken += taken;
        lane->bytes -= taken;
        if (segment->taken < segment->size) {
            return;
        }
        lane->first = segment->next;
        lane->last = lane->first == NULL ? NULL : lane->last;
        free(segment);
    }
}

void wire_serve(struct sim *sim, size_t index, unsigned side)
{
    struct wire *wire = &sim->wires[index];
    uint64_t serial = wire->serial;
    deliver(sim, wire, 1 - side);
    wire = &sim->wires[index];
    if (wire->serial == serial && wire->end[side].open) {
        take_output(sim, index, side);
    }
}

void wire_arrive(struct sim *sim, const struct event *event)
{
    struct wire *wire = &sim->wires[event->who];
    unsigned from = (unsigned)event->b;
    if (wire->serial != event->a || wire->dead) {
        return;
    }
    if (is_blocked(sim, wire)) {
        sim_later(sim, 500, EV_ARRIVE, event->who, event->a, event->b);
        return;
    }
    struct segment *segment = wire->lane[from].first;
    while (segment != NULL && segment->arrived) {
        segment = segment->next;
    }
    if (segment != NULL) {
        segment->arrived = true;
    }
    deliver(sim, wire, from);
    wire = &sim->wires[event->who];
    if (wire->serial == event->a && wire->end[from].open) {
        take_output(sim, event->who, from); /* there is room again */
    }
    wire = &sim->wires[event->who];
    if (wire->serial == event->a && wire->end[1 - from].open) {
        take_output(sim, event->who, 1 - from);
    }
}

void wire_close(struct sim *sim, const struct event *event)
{
    struct wire *wire = &sim->wires[event->who];
    if (wire->serial == event->a) {
        end_close(sim, wire, (unsigned)event->b);
    }
}

void wire_cut(struct sim *sim, size_t index, uint64_t late)
{
    struct wire *wire = &sim->wires[index];
    unsigned first = dice_below(&sim->dice, 2);
    uint64_t serial = wire->serial;
    wire_die(wire);
    sim_later(sim, 0, EV_CLOSE, index, serial, first);
    sim_later(sim, late, EV_CLOSE, index, serial, 1 - first);
}

void wires_break(struct sim *sim, const struct host *host)
{
    for (size_t i = 0; i < sim->wires_count; i++) {
        struct wire *wire = &sim->wires[i];
        for (unsigned side = 0; wire->serial != 0 && side < 2; side++) {
            struct wire_end *end = &wire->end[side];
            if (!end->open || end->kind != END_HOST || end->index != host->index) {
                continue;
            }
            end->open = false;
            wire_die(wire);
            if (!wire->end[1 - side].open) {
                wire->serial = 0;
                break;
            }
            uint64_t late = dice_in(&sim->dice, 200) ? dice_between(&sim->dice, 1000, 100000)
                                                     : dice_below(&sim->dice, 100);
            sim_later(sim, late, EV_CLOSE, i, wire->serial, 1 - side);
        }
    }
}

void wires_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->wires_count; i++) {
        if (sim->wires[i].serial != 0) {
            lane_clear(&sim->wires[i].lane[0]);
            lane_clear(&sim->wires[i].lane[1]);
        }
    }
    free(sim->wires);
}
