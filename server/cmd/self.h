/* The node's own identity log, as it is stored, in step with the settings. */
#ifndef FORAD_CMD_SELF_H
#define FORAD_CMD_SELF_H

#include "config/keys.h"
#include "config/settings.h"
#include "store/kv.h"

struct self {
    struct fora_bytes *log; /* encoded entries, in the arena */
    size_t log_count;
    struct fora_arena arena;
};

/*
 * Reads the log and checks that the keys are those which it names. When the name, the domain or the
 * addresses of the settings are not those of the log, signs an entry that says them, and stores it.
 * FORA_E_CORRUPT (no log, or other keys) and what storing says, with sentences.
 */
int self_load(struct kv *kv, const struct keys *keys, const struct settings *settings, uint64_t now,
    struct self *out, struct fora_client_why *why) FORA_MUST_USE;
void self_fini(struct self *self);

#endif
