/*
 * Ends of connections that are no node: a session of libfora and somebody who speaks through it, or
 * raw bytes. What is heard goes to `hears` at once; credit is given back at once too.
 */
#include "sim/sim.h"

#include <string.h>

enum { TICK_MS = 5000 };

static struct actor *actor_place(struct sim *sim, size_t *index)
{
    size_t at = 0;
    while (at < sim->actors_count && sim->actors[at]->serial != 0) {
        at++;
    }
    if (at == sim->actors_count) {
        sim->actors = realloc(sim->actors, (at + 1) * sizeof(struct actor *));
        SIM_CHECK(sim->actors != NULL);
        sim->actors[at] = malloc(sizeof(struct actor));
        SIM_CHECK(sim->actors[at] != NULL);
        sim->actors_count++;
    }
    memset(sim->actors[at], 0, sizeof(struct actor));
    *index = at;
    return sim->actors[at];
}

size_t actor_new(struct sim *sim, const struct actor_start *start)
{
    size_t index;
    struct actor *actor = actor_place(sim, &index);
    struct fora_session_config config = {
        .initiator = start->initiator, .noise_secret = start->noise};
    actor->serial = ++sim->serial;
    actor->hears = start->hears;
    actor->owner = start->owner;
    actor->wire = SIZE_MAX;
    config.hello.version = 1;
    config.hello.features = start->features;
    config.hello.agent = fora_bytes_str("fora-sim");
    config.hello.now = sim->now;
    struct fora_bytes identity;
    if (start->node != NULL) {
        identity = start->node->who.create->encoded;
        config.hello.node = start->node->who.id;
        config.hello.identity = &identity;
        config.hello.identity_count = 1;
    }
    if (!start->raw) {
        dice_use(&sim->dice);
        SIM_CHECK(fora_session_new(&actor->session, &config, sim->now) == 0);
    }
    sim_later(sim, TICK_MS, EV_ACTOR, index, actor->serial, 0);
    return index;
}

void actor_connect(struct sim *sim, size_t index, struct host *host)
{
    struct actor *actor = sim->actors[index];
    uint64_t conn;
    dice_use(&host->dice);
    if (node_open(host->node, 0, host_now(sim, host), &conn) != 0) {
        actor_closed(sim, index);
        return;
    }
    host->dirty = true;
    const struct wire_end a = {.kind = END_ACTOR, .index = index};
    const struct wire_end b = {.kind = END_HOST, .index = host->index, .conn = conn};
    actor->wire = (size_t)(wire_open(sim, &a, &b) - sim->wires);
    actor->side = 0;
    wire_serve(sim, actor->wire, actor->side);
}

/* Sends what it has, and closes when it wants to. */
static void actor_flush(struct sim *sim, struct actor *actor)
{
    if (actor->serial != 0 && actor->wire != SIZE_MAX) {
        wire_serve(sim, actor->wire, actor->side);
    }
}

int actor_send(struct sim *sim, struct actor *actor, struct fora_message *message)
{
    if (message->request == 0) {
        message->request = fora_session_request(actor->session);
    }
    (void)sim;
    return fora_session_send(actor->session, message);
}

void actor_stop(struct sim *sim, struct actor *actor)
{
    if (!actor->stop) {
        actor->stop = true;
        if (actor->session != NULL) {
            fora_session_close(actor->session, 0, NULL);
        }
    }
    actor_flush(sim, actor);
}

struct fora_bytes actor_output(struct actor *actor)
{
    return actor->session != NULL ? fora_session_output(actor->session)
                                  : fora_buf_bytes(&actor->raw);
}

void actor_output_done(struct actor *actor, size_t written)
{
    if (actor->session != NULL) {
        fora_session_output_done(actor->session, written);
    } else {
        fora_buf_consume(&actor->raw, written);
    }
}

bool actor_closing(const struct actor *actor)
{
    return actor->stop ||
           (actor->session != NULL && fora_session_state(actor->session) == FORA_SESSION_CLOSED);
}

static void actor_hear(struct sim *sim, struct actor *actor)
{
    struct fora_session_event event;
    while (
        fora_session_next(actor->session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE) {
        if (event.type == FORA_SESSION_EVENT_OPEN) {
            actor->open = true;
            actor->hears(sim, actor, NULL);
            continue;
        }
        actor->hears(sim, actor, event.message);
        fora_session_consumed(actor->session, event.frame_size);
    }
}

/* Bytes for somebody who speaks no session, or stopped listening, are dropped. */
void actor_receive(struct sim *sim, struct actor *actor, struct fora_bytes input)
{
    dice_use(&sim->dice);
    while (actor->session != NULL && input.size > 0) {
        size_t taken = 0;
        actor_hear(sim, actor);
        if (fora_session_feed(actor->session, input, &taken) != 0 || taken == 0) {
            break;
        }
        input = fora_bytes(input.data + taken, input.size - taken);
    }
    if (actor->session != NULL) {
        actor_hear(sim, actor);
    }
    /* wire.c asks for output after it delivered. */
}

void actor_tick(struct sim *sim, const struct event *event)
{
    struct actor *actor = sim->actors[event->who];
    if (actor->serial != event->a) {
        return;
    }
    if (actor->session != NULL) {
        dice_use(&sim->dice);
        (void)fora_session_tick(actor->session, sim->now);
    }
    sim_later(sim, TICK_MS, EV_ACTOR, event->who, event->a, 0);
    if (actor->until != 0 && sim->now >= actor->until) {
        actor->deaf = false;
        actor_stop(sim, actor);
    } else {
        actor_flush(sim, actor);
    }
}

void actor_closed(struct sim *sim, size_t index)
{
    struct actor *actor = sim->actors[index];
    for (size_t i = 0; i < sim->members_count; i++) {
        if (sim->members[i].actor == index) {
            sim->members[i].actor = SIZE_MAX;
            sim->members[i].authed = false;
        }
    }
    fora_session_free(actor->session);
    fora_buf_fini(&actor->raw);
    actor->session = NULL;
    actor->serial = 0;
}

void actors_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->actors_count; i++) {
        if (sim->actors[i]->serial != 0) {
            fora_session_free(sim->actors[i]->session);
            fora_buf_fini(&sim->actors[i]->raw);
        }
        free(sim->actors[i]);
    }
    free(sim->actors);
}
