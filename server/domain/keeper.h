/*
 * The thread of a running node that keeps the domains of the nodes it knows checked, and the
 * handles that were found (DOM-5). It shares nothing with the node but the store, from which it
 * reads, and writes only the cache's file, in turns with the resolver (resolve.h): a web server
 * that is slow holds nobody up.
 */
#ifndef FORAD_DOMAIN_KEEPER_H
#define FORAD_DOMAIN_KEEPER_H

#include "domain/check.h"
#include "store/kv.h"

struct domain_keeper; /* opaque */

/* All is borrowed until domain_keeper_stop, `ca` of the rules too; `rules.stop` is not looked at.
 */
struct domain_keeper_config {
    struct kv *kv;
    const struct state *data;
    pthread_mutex_t *file; /* held while the cache's file is read and written */
    struct fora_principal_id self;
    struct domain_rules rules;
};

/* FORA_E_NOMEM: also when there is no thread to be had. */
int domain_keeper_start(
    struct domain_keeper **out, const struct domain_keeper_config *config) FORA_MUST_USE;
/* Waits until it has ended: within about a second, or as long as the system's resolver takes. NULL
 * is fine. */
void domain_keeper_stop(struct domain_keeper *keeper);

#endif
