/*
 * Members: each has a client that connects to a node, proves her key, and puts what she says.
 *
 *   no client -> connecting -> Auth -> authed: an object at a time, or a vote, or a report
 *
 * A client whose connection broke does not know what became of what it sent: only what was answered
 * counts (promise.c).
 */
#include "sim/sim.h"

#include "core/accounts.h"

#include <string.h>

static void account_make(struct sim *sim, size_t index, struct host *host)
{
    struct kv_txn *txn;
    struct account account = {.principal = sim->members[index].who.id, .created_at = sim->now};
    snprintf(account.handle, sizeof account.handle, "member%zu", index);
    SIM_CHECK(kv_begin_write(host->kv, &txn) == 0);
    accounts_put(txn, &account);
    SIM_CHECK(kv_commit(txn) == 0);
}

/* Members 0 and 1 own the spaces; all live on nodes that hold every space. */
void people_make(struct sim *sim)
{
    size_t homes = sim->hosts_count / 2 + 1;
    sim->members_count = 4 + sim->hosts_count / 2;
    sim->members = calloc(sim->members_count, sizeof *sim->members);
    SIM_CHECK(sim->members != NULL);
    for (size_t i = 0; i < sim->members_count; i++) {
        struct member *member = &sim->members[i];
        member->home = i < 2 ? 0 : dice_below(&sim->dice, (uint32_t)homes);
        member->at = member->home;
        member->actor = SIZE_MAX;
        who_make(sim, &member->who, FORA_PRINCIPAL_MEMBER, &sim->hosts[member->home].who.id, NULL);
        member->log[member->log_count++] = member->who.create;
        account_make(sim, i, &sim->hosts[member->home]);
    }
}

void people_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->members_count; i++) {
        fora_secret_free(sim->members[i].who.root);
        fora_secret_free(sim->members[i].who.next_root);
        fora_secret_free(sim->members[i].who.device);
        fora_identity_free(sim->members[i].who.log);
    }
    free(sim->members);
}

static void send_auth(struct sim *sim, struct actor *actor, const struct member *member)
{
    struct fora_message message = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &message.u.auth;
    struct fora_bytes entries[SIM_LOG_MAX];
    for (size_t i = 0; i < member->log_count; i++) {
        entries[i] = member->log[i]->encoded;
    }
    auth->principal = member->who.id;
    auth->identity = entries;
    auth->identity_count = member->log_count;
    fora_secret_public(member->who.device, &auth->key);
    fora_sign(&auth->signature, member->who.device, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(actor->session), FORA_NOISE_HASH_SIZE));
    SIM_CHECK(actor_send(sim, actor, &message) == 0);
}

static void member_hears(struct sim *sim, struct actor *actor, const struct fora_message *message)
{
    struct member *member = &sim->members[actor->owner];
    if (message == NULL) {
        send_auth(sim, actor, member);
        return;
    }
    switch (message->type) {
    case FORA_MSG_AUTH_OK:
        member->authed = true;
        break;
    case FORA_MSG_PUT_RESULT:
        promise_results(sim, member->at, &message->u.put_result);
        break;
    case FORA_MSG_VOTE_RESULT:
        sim->stats.acks++;
        break;
    case FORA_MSG_ERROR:
        sim->stats.refusals++;
        if (!member->authed) {
            actor->until = sim->now; /* her key is not known there: she tries again later */
        }
        break;
    default:
        break;
    }
}

static void member_connect(struct sim *sim, size_t index)
{
    struct member *member = &sim->members[index];
    uint8_t noise[32];
    size_t homes = sim->hosts_count / 2 + 1;
    /* Mostly at home; else wherever. */
    member->at = dice_in(&sim->dice, 700) ? member->home : dice_below(&sim->dice, (uint32_t)homes);
    struct host *host = &sim->hosts[member->at];
    if (host->node == NULL) {
        return;
    }
    dice_bytes(&sim->dice, noise, sizeof noise);
    const struct actor_start start = {
        .noise = noise, .initiator = true, .hears = member_hears, .owner = index};
    member->actor = actor_new(sim, &start);
    member->authed = false;
    actor_connect(sim, member->actor, host);
}

/* Her identity entries that the node lacks, then the object. */
static void member_put(
    struct sim *sim, struct member *member, struct actor *actor, const struct fora_object *object)
{
    struct host *host = &sim->hosts[member->at];
    struct fora_message message = {.type = FORA_MSG_PUT};
    struct fora_bytes objects[SIM_LOG_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < member->log_count; i++) {
        if (member->log[i] != object && !host_holds(host, &member->log[i]->id)) {
            objects[count++] = member->log[i]->encoded;
        }
    }
    objects[count++] = object->encoded;
    message.u.put.objects = objects;
    message.u.put.objects_count = count;
    if (actor_send(sim, actor, &message) == 0) {
        sim->stats.acts++;
        story(sim, "member %zu at %s: %s %02x%02x%02x%02x", actor->owner, host->name,
            fora_kind_name(object->header.kind), object->id.b[0], object->id.b[1], object->id.b[2],
            object->id.b[3]);
    }
}

/* What her node does for her. */
static void member_asks(struct sim *sim, struct member *member, struct actor *actor)
{
    const uint32_t targets = 1U << FORA_KIND_THREAD | 1U << FORA_KIND_POST;
    const struct thing *thing = thing_at(sim, &sim->hosts[member->at], targets);
    struct fora_message message = {.type = FORA_MSG_VOTE};
    if (thing == NULL) {
        return;
    }
    if (dice_in(&sim->dice, 800)) {
        message.u.vote.target = thing->object->id;
        message.u.vote.value = (int32_t)dice_below(&sim->dice, 3) - 1;
    } else {
        message.type = FORA_MSG_REPORT;
        message.u.report.target = thing->object->id;
        message.u.report.reason = fora_bytes_str("spam");
    }
    if (actor_send(sim, actor, &message) == 0) {
        sim->stats.acts++;
    }
}

void people_act(struct sim *sim, struct member *member)
{
    size_t index = (size_t)(member - sim->members);
    if (member->actor == SIZE_MAX) {
        member_connect(sim, index);
        return;
    }
    struct actor *actor = sim->actors[member->actor];
    if (!member->authed || actor->stop || sim->hosts[member->at].node == NULL) {
        return;
    }
    if (dice_in(&sim->dice, 20)) {
        actor_stop(sim, actor); /* she goes elsewhere */
        return;
    }
    /* Now and then much at once. */
    uint32_t count = dice_in(&sim->dice, 100) ? 2 + dice_below(&sim->dice, 6) : 1;
    for (uint32_t i = 0; i < count; i++) {
        dice_use(&sim->dice);
        if (dice_in(&sim->dice, 250) && member->at == member->home) {
            member_asks(sim, member, actor);
        } else {
            const struct fora_object *object = act_make(sim, member);
            if (object != NULL) {
                member_put(sim, member, actor, object);
            }
        }
    }
    if (actor->serial != 0 && actor->wire != SIZE_MAX) {
        wire_serve(sim, actor->wire, actor->side);
    }
}
