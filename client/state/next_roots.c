/* next_roots: a line of hex for each root key that is to come of a member whose present keys a node
 * keeps. It is made here, and the node has seen the commitment only (ID-13). */
#include "state/state.h"

#include "fora/identity.h"

#include <string.h>

enum { SEED_HEX = 2 * 32, NEXT_ROOTS_MAX = 256 };

static const char file[] = "next_roots";

struct roots {
    char lines[NEXT_ROOTS_MAX][SEED_HEX + 1];
    size_t count;
};

static int take_line(void *context, char *line)
{
    struct roots *roots = context;
    uint8_t seed[32];
    int error = strlen(line) == SEED_HEX ? fora_unhex(seed, sizeof seed, line) : FORA_E_MALFORMED;
    fora_wipe(seed, sizeof seed);
    if (error != 0) {
        return FORA_E_CORRUPT;
    }
    if (roots->count == NEXT_ROOTS_MAX) {
        return FORA_E_LIMIT;
    }
    memcpy(roots->lines[roots->count++], line, SEED_HEX + 1);
    return 0;
}

static int load(const struct state *state, struct roots *roots, struct fora_client_why *why)
{
    roots->count = 0;
    int error = state_each_line(state, file, true, take_line, roots, why);
    if (error == FORA_E_CORRUPT || error == FORA_E_LIMIT) {
        return fora_client_fail(why, error,
            "%.300s/next_roots is damaged. It holds root keys that nobody else has: restore it "
            "from a copy, or move it away to go on without.",
            state->home);
    }
    return error;
}

static int save(const struct state *state, const struct roots *roots, struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, sizeof *roots);
    for (size_t i = 0; i < roots->count; i++) {
        fora_buf_append(&text, roots->lines[i], SEED_HEX);
        fora_buf_append(&text, "\n", 1);
    }
    int error = text.error == 0 ? state_write(state, file, fora_buf_bytes(&text), why)
                                : fora_client_fail(why, text.error, "There is not enough memory.");
    if (text.data != NULL) {
        fora_wipe(text.data, text.size);
    }
    fora_buf_fini(&text);
    return error;
}

int state_next_root_keep(
    const struct state *state, const struct fora_secret *key, struct fora_client_why *why)
{
    struct roots roots;
    uint8_t seed[32];
    int error = load(state, &roots, why);
    if (error == 0 && roots.count == NEXT_ROOTS_MAX) {
        error = fora_client_fail(why, FORA_E_LIMIT,
            "%.300s/next_roots is full: use another folder with --home.", state->home);
    }
    if (error == 0) {
        fora_secret_seed(key, seed);
        fora_hex(roots.lines[roots.count++], seed, sizeof seed);
        error = save(state, &roots, why);
    }
    fora_wipe(seed, sizeof seed);
    fora_wipe(&roots, sizeof roots);
    return error;
}

/* Where the key is that the commitment was made of; `count` when there is none. */
static size_t find(
    const struct roots *roots, const struct fora_hash *commitment, struct fora_secret **out)
{
    for (size_t i = 0; i < roots->count; i++) {
        uint8_t seed[32];
        struct fora_key key;
        struct fora_hash made;
        *out = NULL;
        int error = fora_unhex(seed, sizeof seed, roots->lines[i]);
        error = error == 0 ? fora_secret_from_seed(out, seed) : error;
        fora_wipe(seed, sizeof seed);
        if (error == 0) {
            fora_secret_public(*out, &key);
            fora_identity_commitment(&made, &key);
            if (memcmp(made.b, commitment->b, sizeof made.b) == 0) {
                return i;
            }
        }
        fora_secret_free(*out);
        *out = NULL;
    }
    return roots->count;
}

int state_next_root_find(const struct state *state, const struct fora_hash *commitment,
    struct fora_secret **out, struct fora_client_why *why)
{
    struct roots roots;
    *out = NULL;
    int error = load(state, &roots, why);
    if (error == 0 && find(&roots, commitment, out) == roots.count) {
        error = FORA_E_NOTFOUND;
    }
    fora_wipe(&roots, sizeof roots);
    return error;
}

int state_next_root_forget(
    const struct state *state, const struct fora_hash *commitment, struct fora_client_why *why)
{
    struct roots roots;
    struct fora_secret *key = NULL;
    int error = load(state, &roots, why);
    size_t at = error == 0 ? find(&roots, commitment, &key) : 0;
    fora_secret_free(key);
    if (error == 0 && at < roots.count) {
        roots.count--;
        memmove(roots.lines[at], roots.lines[at + 1], (roots.count - at) * sizeof roots.lines[0]);
        error = roots.count > 0 ? save(state, &roots, why) : state_remove(state, file, why);
    }
    fora_wipe(&roots, sizeof roots);
    return error;
}
