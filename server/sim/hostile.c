/*
 * Peers that lie. Three identities; each attack is an actor that lives for some seconds. One of the
 * three also listens, and some nodes subscribe to it: so that it is asked, and not only asks.
 *
 * What they send that is sound (a replay, a child before its parent, two statements that
 * contradict each other) may be stored; what is not must not be, and nobody may be worse off.
 */
#include "sim/sim.h"

#include "fora/negentropy.h"
#include "fora/noise.h"

#include <string.h>

enum { PLAIN = 0x61, SHORT = 0x71 }; /* forms of what is compared (REP-5, REP-24) */

enum part {
    PART_FORGE,     /* objects with a wrong signature, or another content */
    PART_REPLAY,    /* what everybody has */
    PART_BACKWARDS, /* an answer, and its thread later */
    PART_ORPHANS,   /* answers to threads that there are not */
    PART_CARRY,     /* one object, things[0] */
    PART_CLAIM,     /* follows, and lies when it is followed back */
    PART_RANGES,    /* reconciles with ranges without sense */
    PART_DEAF,      /* asks for everything, and reads nothing */
    PARTS,
    PART_LISTENER
};

void hostile_make(struct sim *sim)
{
    for (unsigned i = 0; i < 3; i++) {
        struct hostile *hostile = &sim->hostiles[i];
        struct fora_bytes address;
        struct fora_node_info info = {.addresses = &address, .addresses_count = 1};
        snprintf(hostile->address, sizeof hostile->address, "evil%u:1", i);
        dice_bytes(&sim->dice, hostile->noise, sizeof hostile->noise);
        address = fora_bytes_str(hostile->address);
        info.name = fora_bytes_str("evil");
        fora_noise_public(info.noise_key.b, hostile->noise);
        who_make(sim, &hostile->who, FORA_PRINCIPAL_NODE, NULL, &info);
    }
}

void hostile_free(struct sim *sim)
{
    for (unsigned i = 0; i < 3; i++) {
        fora_secret_free(sim->hostiles[i].who.root);
        fora_secret_free(sim->hostiles[i].who.next_root);
        fora_secret_free(sim->hostiles[i].who.device);
        fora_identity_free(sim->hostiles[i].who.log);
    }
}

static const struct thing *any_thing(struct sim *sim)
{
    return sim->things_count > 0 ? &sim->things[dice_below(&sim->dice, (uint32_t)sim->things_count)]
                                 : NULL;
}

static void put(struct sim *sim, struct actor *actor, struct fora_bytes *objects, size_t count)
{
    struct fora_message message = {.type = FORA_MSG_PUT};
    message.u.put.objects = objects;
    message.u.put.objects_count = count;
    (void)actor_send(sim, actor, &message);
}

/* ---- what they put ---- */

/* Sound in shape, wrong in one bit of the signature or of the content's last byte. */
static void forge(struct sim *sim, struct actor *actor)
{
    struct fora_bytes objects[4];
    uint8_t *copies[4];
    size_t count = 0;
    for (; count < 4; count++) {
        /* New, so that nobody holds it: an object of the attacker's making in another's name. */
        const struct member *victim =
            &sim->members[dice_below(&sim->dice, (uint32_t)sim->members_count)];
        const struct fora_object *fresh = fx_thread(&sim->fx, &victim->who, sim->spaces[0],
            FORA_THREAD_DISCUSSION, "forged", sim->now - 1000);
        copies[count] = malloc(fresh->encoded.size);
        SIM_CHECK(copies[count] != NULL);
        memcpy(copies[count], fresh->encoded.data, fresh->encoded.size);
        ptrdiff_t content = fresh->content_bytes.data - fresh->encoded.data;
        size_t at = dice_in(&sim->dice, 500)
                        ? (size_t)content + fresh->content_bytes.size - 1
                        : (size_t)(fresh->header_bytes.data - fresh->encoded.data) +
                              fresh->header_bytes.size + 8; /* in the signature */
        copies[count][at] ^= 1;
        objects[count] = fora_bytes(copies[count], fresh->encoded.size);
    }
    put(sim, actor, objects, count);
    while (count > 0) {
        free(copies[--count]);
    }
}

static void replay(struct sim *sim, struct actor *actor)
{
    struct fora_bytes objects[8];
    size_t count = 0;
    for (; count < 8; count++) {
        const struct thing *thing = any_thing(sim);
        if (thing == NULL) {
            break;
        }
        objects[count] = thing->object->encoded;
    }
    if (count > 0) {
        put(sim, actor, objects, count);
    }
}

static void orphans(struct sim *sim, struct actor *actor)
{
    struct fora_bytes objects[6];
    for (size_t i = 0; i < 6; i++) {
        const struct member *member =
            &sim->members[dice_below(&sim->dice, (uint32_t)sim->members_count)];
        const struct fora_object *thread = fx_thread(&sim->fx, &member->who, sim->spaces[0],
            FORA_THREAD_QUESTION, "never sent", sim->now - 1000);
        objects[i] =
            fx_answer(&sim->fx, &member->who, thread, "to nothing", sim->now - 900)->encoded;
    }
    put(sim, actor, objects, 6);
}

/* A thread and an answer that only this actor has. Their author is known where it connects. */
static void backwards_begin(struct sim *sim, struct actor *actor)
{
    const struct fx_who *owner = &sim->members[0].who;
    const struct fora_object *thread = fx_thread(
        &sim->fx, owner, sim->spaces[0], FORA_THREAD_QUESTION, "backwards", sim->now - 1000);
    const struct fora_object *answer =
        fx_answer(&sim->fx, owner, thread, "came first", sim->now - 900);
    actor->things[0] = thing_add(sim, thread, 0, 0);
    actor->things[1] = thing_add(sim, answer, 0, 0);
    struct fora_bytes bytes = answer->encoded;
    put(sim, actor, &bytes, 1);
}

static void backwards_go_on(
    struct sim *sim, struct actor *actor, const struct fora_message *message)
{
    if (message->type == FORA_MSG_PUT_RESULT) {
        promise_results(sim, actor->part >> 8, &message->u.put_result);
        if (actor->stage++ == 0) {
            struct fora_bytes bytes = sim->things[actor->things[0]].object->encoded;
            put(sim, actor, &bytes, 1);
        }
    }
}

/* ---- how they answer ---- */

static void lie_batch(struct sim *sim, struct actor *actor, const struct fora_message *asked)
{
    struct fora_message message = {.request = asked->request, .type = FORA_MSG_FOLLOW_BATCH};
    struct fora_msg_follow_batch *batch = &message.u.follow_batch;
    uint8_t epoch[8], fingerprint[16];
    const struct thing *thing = any_thing(sim);
    struct fora_bytes object = thing != NULL ? thing->object->encoded : fora_bytes(NULL, 0);
    dice_bytes(&sim->dice, epoch, sizeof epoch);
    dice_bytes(&sim->dice, fingerprint, sizeof fingerprint);
    batch->epoch = fora_bytes(epoch, sizeof epoch);
    batch->next = dice_next(&sim->dice) >> dice_below(&sim->dice, 60);
    batch->head = dice_next(&sim->dice) >> dice_below(&sim->dice, 60);
    batch->caught_up = dice_in(&sim->dice, 800);
    batch->count = dice_below(&sim->dice, 100000);
    batch->fingerprint = fora_bytes(fingerprint, sizeof fingerprint);
    batch->objects = &object;
    batch->objects_count = thing != NULL ? dice_below(&sim->dice, 2) : 0;
    (void)actor_send(sim, actor, &message);
}

/* A form and its key: mostly those in which it was asked, else the other form (REP-5, REP-24). */
static void make_head(struct sim *sim, struct fora_buf *out, struct fora_bytes asked)
{
    uint8_t key[FORA_NEG_KEY_SIZE];
    bool asked_short = asked.size > sizeof key && asked.data[0] == SHORT;
    bool other = dice_in(&sim->dice, 200);
    if (asked_short && !other) {
        fora_buf_append(out, asked.data, 1 + sizeof key);
    } else if (!asked_short && other) {
        dice_bytes(&sim->dice, key, sizeof key);
        fora_buf_u8(out, SHORT);
        fora_buf_append(out, key, sizeof key);
    } else {
        fora_buf_u8(out, PLAIN);
    }
}

/* One range up to infinity with ids that nobody has; or noise. */
static void make_ranges(struct sim *sim, struct fora_buf *out, struct fora_bytes asked)
{
    uint8_t noise[64];
    uint32_t count = 1 + dice_below(&sim->dice, 200);
    make_head(sim, out, asked);
    if (dice_in(&sim->dice, 300)) {
        dice_bytes(&sim->dice, noise, sizeof noise);
        fora_buf_append(out, noise, 1 + dice_below(&sim->dice, sizeof noise));
        return;
    }
    fora_buf_u8(out, 0);
    fora_buf_u8(out, 0);
    fora_buf_u8(out, 2);
    fora_buf_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        dice_bytes(&sim->dice, noise, 32);
        fora_buf_append(out, noise, 32);
    }
}

static void lie_reply(struct sim *sim, struct actor *actor, const struct fora_message *asked)
{
    struct fora_message message = {.request = asked->request, .type = FORA_MSG_RECONCILE_REPLY};
    struct fora_buf ranges = {0};
    make_ranges(sim, &ranges, asked->u.reconcile.message);
    message.u.reconcile_reply.message = fora_buf_bytes(&ranges);
    (void)actor_send(sim, actor, &message);
    fora_buf_fini(&ranges);
}

/* Claimed, and not delivered: says it is missing, sends something else, or says nothing. */
static void lie_objects(struct sim *sim, struct actor *actor, const struct fora_message *asked)
{
    struct fora_message message = {.request = asked->request, .type = FORA_MSG_OBJECTS};
    const struct thing *thing = any_thing(sim);
    struct fora_bytes object = thing != NULL ? thing->object->encoded : fora_bytes(NULL, 0);
    uint32_t how = dice_below(&sim->dice, 3);
    if (how == 0) {
        return;
    }
    if (how == 1) {
        message.u.objects.missing = asked->u.fetch.ids;
        message.u.objects.missing_count = asked->u.fetch.ids_count;
    } else if (thing != NULL) {
        message.u.objects.objects = &object;
        message.u.objects.objects_count = 1;
    }
    (void)actor_send(sim, actor, &message);
}

static void follow_all(struct sim *sim, struct actor *actor)
{
    for (unsigned i = 0; i < SIM_SPACES; i++) {
        struct fora_message message = {.type = FORA_MSG_FOLLOW};
        message.u.follow.space = sim->space_ids[i];
        message.u.follow.live = true;
        message.u.follow.position = dice_in(&sim->dice, 300) ? dice_next(&sim->dice) >> 2 : 0;
        (void)actor_send(sim, actor, &message);
    }
}

static void reconcile(struct sim *sim, struct actor *actor)
{
    struct fora_message message = {.type = FORA_MSG_RECONCILE};
    struct fora_buf ranges = {0};
    make_ranges(sim, &ranges, fora_bytes(NULL, 0));
    message.u.reconcile.space = sim->space_ids[0];
    message.u.reconcile.message = fora_buf_bytes(&ranges);
    (void)actor_send(sim, actor, &message);
    fora_buf_fini(&ranges);
}

static void hostile_opens(struct sim *sim, struct actor *actor)
{
    struct fora_bytes bytes;
    switch ((enum part)(actor->part & 255)) {
    case PART_FORGE:
        forge(sim, actor);
        break;
    case PART_REPLAY:
        replay(sim, actor);
        break;
    case PART_BACKWARDS:
        backwards_begin(sim, actor);
        break;
    case PART_ORPHANS:
        orphans(sim, actor);
        break;
    case PART_CARRY:
        bytes = sim->things[actor->things[0]].object->encoded;
        put(sim, actor, &bytes, 1);
        break;
    case PART_CLAIM:
        follow_all(sim, actor);
        break;
    case PART_RANGES:
        reconcile(sim, actor);
        break;
    case PART_DEAF:
        follow_all(sim, actor);
        actor->deaf = true;
        break;
    case PARTS:
    case PART_LISTENER:
        break;
    }
}

static void hostile_hears(struct sim *sim, struct actor *actor, const struct fora_message *message)
{
    if (message == NULL) {
        hostile_opens(sim, actor);
        return;
    }
    if ((actor->part & 255) == PART_BACKWARDS) {
        backwards_go_on(sim, actor, message);
    }
    switch (message->type) {
    case FORA_MSG_FOLLOW:
        lie_batch(sim, actor, message);
        break;
    case FORA_MSG_RECONCILE:
        lie_reply(sim, actor, message);
        break;
    case FORA_MSG_FETCH:
        lie_objects(sim, actor, message);
        break;
    default:
        break;
    }
}

/* ---- coming and going ---- */

static size_t hostile_actor(
    struct sim *sim, unsigned who, bool initiator, unsigned part, uint64_t lasts)
{
    const struct actor_start start = {.noise = sim->hostiles[who].noise,
        .node = &sim->hostiles[who],
        .features = dice_in(&sim->dice, 500) ? FORA_FEATURE_SHORT_FINGERPRINTS : 0,
        .initiator = initiator,
        .hears = hostile_hears,
        .owner = who};
    size_t index = actor_new(sim, &start);
    sim->actors[index]->part = part;
    sim->actors[index]->until = sim->now + lasts;
    return index;
}

size_t hostile_answers(struct sim *sim, const char *address)
{
    if (!sim->lying || strcmp(address, sim->hostiles[0].address) != 0) {
        return SIZE_MAX;
    }
    return hostile_actor(sim, 0, false, PART_LISTENER, dice_between(&sim->dice, 5000, 120000));
}

/* Bytes that are no session, or none at all. */
static void come_raw(struct sim *sim, struct host *host)
{
    const struct actor_start start = {.raw = true};
    size_t index = actor_new(sim, &start);
    struct actor *actor = sim->actors[index];
    uint8_t noise[300];
    actor->until = sim->now + dice_between(&sim->dice, 100, 20000);
    dice_bytes(&sim->dice, noise, sizeof noise);
    if (dice_in(&sim->dice, 500)) {
        memcpy(noise, "FORA\1\0\0\0\0", 9); /* and then a Noise message without sense */
    }
    if (dice_in(&sim->dice, 700)) {
        fora_buf_append(&actor->raw, noise, 1 + dice_below(&sim->dice, sizeof noise));
    }
    actor_connect(sim, index, host);
}

static void come(struct sim *sim, struct host *host, unsigned part, size_t thing)
{
    size_t index = hostile_actor(sim, 1 + dice_below(&sim->dice, 2), true,
        part | (unsigned)host->index << 8, dice_between(&sim->dice, 2000, 30000));
    sim->actors[index]->things[0] = thing;
    actor_connect(sim, index, host);
}

/* Two statements of one admin at one moment that contradict each other, each to another node. */
static void equivocate(struct sim *sim, struct host *host)
{
    const struct fx_who *owner = &sim->members[0].who;
    const struct fx_who *to =
        &sim->members[dice_below(&sim->dice, (uint32_t)sim->members_count)].who;
    struct host *other = &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)];
    const struct fora_object *grant =
        fx_grant(&sim->fx, owner, sim->spaces[0], to, FORA_ROLE_MODERATOR, 0, 0, sim->now);
    const struct fora_object *revoke =
        fx_revoke(&sim->fx, owner, sim->spaces[0], to, FORA_ROLE_MODERATOR, sim->now);
    size_t things[2] = {thing_add(sim, grant, 0, 0), thing_add(sim, revoke, 0, 0)};
    come(sim, host, PART_CARRY, things[0]);
    if (other->node != NULL) {
        come(sim, other, PART_CARRY, things[1]);
    }
}

void hostile_act(struct sim *sim)
{
    struct host *host = &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)];
    uint32_t what = dice_below(&sim->dice, PARTS + 2);
    if (host->node == NULL || sim->things_count == 0) {
        return;
    }
    sim->stats.lies++;
    story(sim, "hostile %u at %s", what, host->name);
    if (what == PARTS) {
        come_raw(sim, host);
    } else if (what == PARTS + 1 || what == PART_CARRY) {
        equivocate(sim, host);
    } else {
        come(sim, host, what, 0);
    }
}
