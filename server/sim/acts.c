/* What members say, and the catalogue of everything that was said. */
#include "sim/sim.h"

#include <string.h>

/* ---- things ---- */

static size_t *head_of(struct sim *sim, const struct fora_object_id *id)
{
    return &sim->heads[(id->b[0] | (size_t)id->b[1] << 8) % (sizeof sim->heads / sizeof(size_t))];
}

size_t thing_add(struct sim *sim, const struct fora_object *object, size_t space, size_t author)
{
    if (sim->things_count == sim->things_room) {
        sim->things_room = sim->things_room == 0 ? 1024 : 2 * sim->things_room;
        sim->things = realloc(sim->things, sim->things_room * sizeof *sim->things);
        SIM_CHECK(sim->things != NULL);
    }
    size_t *head = head_of(sim, &object->id);
    sim->things[sim->things_count] =
        (struct thing){.object = object, .space = space, .author = author, .next = *head};
    *head = ++sim->things_count;
    return sim->things_count - 1;
}

size_t thing_find(const struct sim *sim, const struct fora_object_id *id)
{
    size_t at =
        sim->heads[(id->b[0] | (size_t)id->b[1] << 8) % (sizeof sim->heads / sizeof(size_t))];
    while (at != 0 && memcmp(sim->things[at - 1].object->id.b, id->b, sizeof id->b) != 0) {
        at = sim->things[at - 1].next;
    }
    return at - 1; /* SIZE_MAX when it is 0 */
}

const struct thing *thing_at(struct sim *sim, struct host *host, uint32_t mask)
{
    for (unsigned tries = 0; tries < 24 && sim->things_count > 0; tries++) {
        /* Rather something recent. */
        size_t window =
            sim->things_count < 200 || dice_in(&sim->dice, 200) ? sim->things_count : 200;
        const struct thing *thing =
            &sim->things[sim->things_count - 1 - dice_below(&sim->dice, (uint32_t)window)];
        if ((mask & 1U << thing->object->header.kind) != 0 &&
            host_holds(host, &thing->object->id)) {
            return thing;
        }
    }
    return NULL;
}

/* ---- saying ---- */

struct say {
    struct sim *sim;
    struct member *member;
    struct host *host;
    uint64_t at;
    char text[64];
};

/* Clocks of members are a little wrong, some far behind, a few ahead of what nodes take. */
static uint64_t say_time(struct sim *sim, const struct member *member)
{
    uint64_t now = sim->now - 2000 + dice_below(&sim->dice, 4000);
    if (dice_in(&sim->dice, 30)) {
        return now - dice_between(&sim->dice, 0, UINT64_C(300) * 86400000);
    }
    if (sim->failing && dice_in(&sim->dice, 15)) {
        return now + dice_between(&sim->dice, 0, 15 * 60000);
    }
    return now + (uint64_t)(member->skew >= 0 ? member->skew : 0);
}

static size_t space_at(struct say *say)
{
    size_t space = dice_below(&say->sim->dice, SIM_SPACES);
    return host_holds(say->host, &say->sim->spaces[space]->id) ? space : 0;
}

static const struct fora_object *say_thread(struct say *say, size_t *space)
{
    *space = space_at(say);
    return fx_thread(&say->sim->fx, &say->member->who, say->sim->spaces[*space],
        1 + dice_below(&say->sim->dice, 3), say->text, say->at);
}

/* Some speak to somebody: no dice, so that a story is told as it was before there were mentions. */
static const struct fora_object *say_comment(struct say *say, const struct fora_object *target)
{
    struct sim *sim = say->sim;
    size_t whom = sim->things_count % (2 * sim->members_count);
    struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT, .text = fora_bytes_str(say->text)}};
    if (whom < sim->members_count) {
        content.u.post.mentions = &sim->members[whom].who.id;
        content.u.post.mentions_count = 1;
    }
    return fx_about(&sim->fx, &say->member->who, target, content, say->at);
}

static const struct fora_object *say_about(struct say *say, const struct thing *thing)
{
    struct sim *sim = say->sim;
    struct fx *fx = &sim->fx;
    const struct fx_who *who = &say->member->who;
    const struct fora_object *target = thing->object;
    bool own = thing->author == (size_t)(say->member - sim->members);
    uint32_t what = dice_below(&sim->dice, 100);
    if (what < 40 && target->header.kind == FORA_KIND_THREAD) {
        return fx_answer(fx, who, target, say->text, say->at);
    }
    if (what < 60) {
        return say_comment(say, target);
    }
    if (what < 70) {
        return own ? fx_revise(fx, who, target, say->text, say->at) : NULL;
    }
    if (what < 75) {
        return own ? fx_retract(fx, who, target, say->at) : NULL;
    }
    if (what < 90) {
        return fx_resolve(fx, who, target, 1 + dice_below(&sim->dice, 4), say->at);
    }
    /* Hide, unhide, erase, dismiss; of a thread any but to move it. By those without the right
     * too: it enters the set and has no effect. */
    static const uint32_t actions[] = {FORA_MODERATION_HIDE, FORA_MODERATION_UNHIDE,
        FORA_MODERATION_ERASE, FORA_MODERATION_DISMISS_FLAGS, FORA_MODERATION_LOCK,
        FORA_MODERATION_UNLOCK, FORA_MODERATION_CLOSE, FORA_MODERATION_PIN};
    uint32_t count = target->header.kind == FORA_KIND_THREAD ? 8 : 4;
    uint32_t action = actions[dice_below(&sim->dice, count)];
    /* What others than the owner erase depends on whether their role arrived before: FAULT_ERASE.
     */
    bool owner = say->member == &sim->members[thing->space];
    if (action == FORA_MODERATION_ERASE && !owner &&
        (sim->options.faults & 1U << FAULT_ERASE) == 0) {
        action = FORA_MODERATION_HIDE;
    }
    return fx_moderate(fx, who, target, action, say->at);
}

/* Roles come and go; what an owner states while others state the same meets it by rule. */
static const struct fora_object *say_policy(struct say *say, size_t *space)
{
    struct sim *sim = say->sim;
    const struct fx_who *to =
        &sim->members[dice_below(&sim->dice, (uint32_t)sim->members_count)].who;
    static const uint32_t roles[] = {
        FORA_ROLE_ADMIN, FORA_ROLE_MODERATOR, FORA_ROLE_STAFF, FORA_ROLE_BANNED};
    uint32_t role = roles[dice_below(&sim->dice, 4)];
    *space = space_at(say);
    if (dice_in(&sim->dice, 200)) {
        const struct host *host = &sim->hosts[dice_below(&sim->dice, (uint32_t)sim->hosts_count)];
        return fx_host(&sim->fx, &say->member->who, sim->spaces[*space], &host->who, say->at);
    }
    if (dice_in(&sim->dice, 300)) {
        return fx_revoke(&sim->fx, &say->member->who, sim->spaces[*space], to, role, say->at);
    }
    return fx_grant(&sim->fx, &say->member->who, sim->spaces[*space], to, role, 0, 0, say->at);
}

/* Another device: from now on its key signs. */
static const struct fora_object *say_device(struct say *say)
{
    struct member *member = say->member;
    struct fora_device_key key = {.label = fora_bytes_str("another")};
    struct fora_identity_entry entry = {.add_key = &key};
    struct fora_buf bytes = {0};
    uint8_t seed[32];
    struct fora_secret *secret;
    if (member->log_count == SIM_LOG_MAX) {
        return NULL;
    }
    dice_bytes(&say->sim->dice, seed, sizeof seed);
    dice_bytes(&say->sim->dice, entry.salt.b, sizeof entry.salt.b);
    SIM_CHECK(fora_secret_from_seed(&secret, seed) == 0);
    fora_secret_public(secret, &key.sign);
    SIM_CHECK(fora_identity_build_next(&bytes, member->who.log, &entry,
                  say->sim->now > say->at ? say->at : say->sim->now, member->who.root) == 0);
    const struct fora_object *object = fx_decode(&say->sim->fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    SIM_CHECK(fora_identity_add(member->who.log, object) == 0);
    member->log[member->log_count++] = object;
    fora_secret_free(member->who.device);
    member->who.device = secret;
    return object;
}

const struct fora_object *act_make(struct sim *sim, struct member *member)
{
    struct say say = {sim, member, &sim->hosts[member->at], say_time(sim, member), {0}};
    const struct fora_object *object = NULL;
    size_t index = (size_t)(member - sim->members);
    size_t space = SIZE_MAX;
    uint32_t what = dice_below(&sim->dice, 1000);
    snprintf(say.text, sizeof say.text, "text %zu", sim->things_count);
    if (what < 20) {
        object = sim->things_count % 2 == 0 ? carried_make(sim, member, say.at)
                                            : fx_profile(&sim->fx, &member->who, say.text, say.at);
    } else if (what < 28) {
        object = say_device(&say);
    } else if (what < 28 + (index < SIM_SPACES ? 200U : 5U)) {
        object = say_policy(&say, &space);
    } else if (what > 850) {
        object = say_thread(&say, &space);
    } else {
        const struct thing *thing =
            thing_at(sim, say.host, 1U << FORA_KIND_THREAD | 1U << FORA_KIND_POST);
        space = thing != NULL ? thing->space : 0;
        object = thing != NULL ? say_about(&say, thing) : say_thread(&say, &space);
    }
    if (object != NULL) {
        (void)thing_add(sim, object, space, index);
    }
    return object;
}
