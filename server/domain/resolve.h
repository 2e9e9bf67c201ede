/*
 * Handles for the members of a running node (DOM-8): what is remembered answers, and what is not is
 * asked for, within the pace of all members together. Shares the cache's file with the keeper.
 */
#ifndef FORAD_DOMAIN_RESOLVE_H
#define FORAD_DOMAIN_RESOLVE_H

#include "core/bucket.h"
#include "core/env.h"
#include "domain/keeper.h"

enum { DOMAIN_ASKS_MINUTE = 30 };

struct domain_resolver {
    struct domain_keeper_config config; /* borrowed as the keeper's is; rules.stop is `stop` */
    pthread_mutex_t mutex;              /* of the bucket */
    struct bucket asked;
    atomic_bool stop;
    struct resolver resolver; /* for node_config; its context is this */
};

/* Starts no thread: who calls the resolver lends it his. */
void domain_resolver_init(struct domain_resolver *out, const struct domain_keeper_config *config);
void domain_resolver_fini(struct domain_resolver *resolver);

#endif
