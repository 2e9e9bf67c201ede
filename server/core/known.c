/* Ids that were seen, by place. Zero stands for an empty one. */
#include "core/known.h"

#include <stdatomic.h>
#include <stdlib.h>

struct known {
    atomic_uint owners;
    atomic_uint places[KNOWN_PLACES];
};

static unsigned number_at(const uint8_t *in)
{
    return (unsigned)in[0] << 24 | (unsigned)in[1] << 16 | (unsigned)in[2] << 8 | in[3];
}

/* Ids are hashes: any part of them will do. */
static unsigned tag_of(const struct fora_object_id *id)
{
    unsigned tag = number_at(id->b + 8);
    return tag != 0 ? tag : 1;
}

static size_t place_of(const struct fora_object_id *id)
{
    return number_at(id->b + 4) % KNOWN_PLACES;
}

void known_add(struct known **known, const struct fora_object_id *id)
{
    if (*known == NULL) {
        *known = calloc(1, sizeof **known);
        if (*known == NULL) {
            return;
        }
        atomic_init(&(*known)->owners, 1);
    }
    atomic_store_explicit(&(*known)->places[place_of(id)], tag_of(id), memory_order_relaxed);
}

bool known_has(const struct known *known, const struct fora_object_id *id)
{
    return known != NULL &&
           atomic_load_explicit(&known->places[place_of(id)], memory_order_relaxed) == tag_of(id);
}

struct known *known_share(struct known *known)
{
    if (known != NULL) {
        atomic_fetch_add(&known->owners, 1);
    }
    return known;
}

void known_drop(struct known *known)
{
    if (known != NULL && atomic_fetch_sub(&known->owners, 1) == 1) {
        free(known);
    }
}
