/*
 * What members carry from node to node (ATT-15). It is opaque to who stores it, so most of it here
 * is what nobody should believe: things of others, forged ones, noise, and what somebody carries.
 * Should one of these come out of it and into a store, check.c finds it there.
 *
 * No dice: a story is told as it was before anybody carried anything.
 */
#include "sim/sim.h"

#include <string.h>

enum { INNER_MAX = 6, NOISE_SIZE = 100 };

enum inner { INNER_OWN, INNER_FOREIGN, INNER_FORGED, INNER_NOISE, INNERS };

struct carrying {
    uint64_t random;
    struct fora_bytes objects[INNER_MAX];
    uint8_t *made[INNER_MAX]; /* owned */
    size_t count;
    size_t bytes;
};

/* A copy with one bit turned: of the signature, the header or the content. */
static uint8_t *forged(struct carrying *carrying, struct fora_bytes bytes)
{
    uint8_t *copy = malloc(bytes.size);
    SIM_CHECK(copy != NULL);
    memcpy(copy, bytes.data, bytes.size);
    copy[fx_random(&carrying->random, (uint32_t)bytes.size)] ^=
        (uint8_t)(1U << fx_random(&carrying->random, 8));
    return copy;
}

static uint8_t *noise(struct carrying *carrying)
{
    uint8_t *bytes = malloc(NOISE_SIZE);
    SIM_CHECK(bytes != NULL);
    for (size_t i = 0; i < NOISE_SIZE; i++) {
        bytes[i] = (uint8_t)fx_random(&carrying->random, 256);
    }
    return bytes;
}

static void add(struct sim *sim, const struct member *member, struct carrying *carrying)
{
    enum inner what = (enum inner)fx_random(&carrying->random, INNERS);
    size_t entry = fx_random(&carrying->random, (uint32_t)member->log_count);
    size_t thing = fx_random(&carrying->random, (uint32_t)sim->things_count);
    struct fora_bytes bytes =
        what == INNER_OWN ? member->log[entry]->encoded : sim->things[thing].object->encoded;
    uint8_t *made = NULL;
    if (what == INNER_FORGED) {
        made = forged(carrying, bytes);
        bytes.data = made;
    } else if (what == INNER_NOISE) {
        made = noise(carrying);
        bytes = fora_bytes(made, NOISE_SIZE);
    }
    if (carrying->bytes + bytes.size > FORA_CARRIED_MAX) {
        free(made);
        return;
    }
    carrying->bytes += bytes.size;
    carrying->made[carrying->count] = made;
    carrying->objects[carrying->count++] = bytes;
}

const struct fora_object *carried_make(struct sim *sim, const struct member *member, uint64_t at)
{
    struct carrying carrying = {.random = sim->options.seed ^ (uint64_t)sim->things_count << 32};
    size_t count = fx_random(&carrying.random, INNER_MAX + 1); /* none: she takes it back */
    for (size_t i = 0; i < count; i++) {
        add(sim, member, &carrying);
    }
    const struct fora_content content = {.kind = FORA_KIND_CARRIED,
        .u.carried = {.objects = carrying.objects, .objects_count = carrying.count}};
    const struct fora_object *object =
        fx_object(&sim->fx, &member->who, (struct fora_header){0}, content, at);
    for (size_t i = 0; i < carrying.count; i++) {
        free(carrying.made[i]);
    }
    return object;
}
