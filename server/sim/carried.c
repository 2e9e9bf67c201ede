/*
 * What members carry from node to node (ATT-15). It is opaque to who stores it, so most of it here
 * is what nobody should believe: things of others, forged ones, noise, and what somebody carries.
 * Should one of these come out of it and into a store, check.c finds it there.
 *
 * No dice: a story is told as it was before anybody carried anything.
 */
#include "sim/sim.h"

#include <string.h>

enum { INNER_MAX = 6 };

enum inner { INNER_OWN, INNER_FOREIGN, INNER_FORGED, INNER_NOISE, INNERS };

struct carrying {
    uint64_t random;
    struct fora_bytes objects[INNER_MAX]; /* in `bytes` */
    size_t count;
    uint8_t bytes[FORA_CARRIED_MAX];
    size_t size;
};

/* One bit is turned: of the signature, the header or the content. */
static void forge(struct carrying *carrying, uint8_t *bytes, size_t size)
{
    size_t at = fx_random(&carrying->random, (uint32_t)size);
    bytes[at] ^= (uint8_t)(1U << fx_random(&carrying->random, 8));
}

static void scramble(struct carrying *carrying, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)fx_random(&carrying->random, 256);
    }
}

static void add(struct sim *sim, const struct member *member, struct carrying *carrying)
{
    enum inner what = (enum inner)fx_random(&carrying->random, INNERS);
    size_t entry = fx_random(&carrying->random, (uint32_t)member->log_count);
    size_t thing = fx_random(&carrying->random, (uint32_t)sim->things_count);
    struct fora_bytes object =
        what == INNER_OWN ? member->log[entry]->encoded : sim->things[thing].object->encoded;
    uint8_t *copy = carrying->bytes + carrying->size;
    if (object.size > sizeof carrying->bytes - carrying->size) {
        return;
    }
    memcpy(copy, object.data, object.size);
    if (what == INNER_FORGED) {
        forge(carrying, copy, object.size);
    } else if (what == INNER_NOISE) {
        scramble(carrying, copy, object.size);
    }
    carrying->size += object.size;
    carrying->objects[carrying->count++] = fora_bytes(copy, object.size);
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
    return fx_object(&sim->fx, &member->who, (struct fora_header){0}, content, at);
}
