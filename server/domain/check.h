/*
 * Asking a domain what it names, and remembering it: fetch, document and cache together.
 *
 * The cache is the file `domains` of the data folder. Whoever has asked reads it, changes it and
 * replaces it whole. Threads of one process take turns at that (domain_recall,
 * domain_check_shared); when the daemon and a command do so at the same moment one answer may be
 * forgotten, and is asked for again.
 */
#ifndef FORAD_DOMAIN_CHECK_H
#define FORAD_DOMAIN_CHECK_H

#include "domain/cache.h"
#include "domain/fetch.h"
#include "state/state.h"

#include <pthread.h>

/* Into an empty cache. A file that is missing or damaged is an empty one. FORA_E_IO, NOMEM. */
int domain_load(
    const struct state *data, struct domain_cache *out, struct fora_client_why *why) FORA_MUST_USE;

/*
 * Asks for "example.com" or "@name@example.com" and puts the answer into the cache and its file.
 * What the asking came to stands in the entry, not in the code: 0, MALFORMED (no such name), IO,
 * NOMEM; CLOSED when it was stopped, which is no answer. Blocks as domain_fetch.
 */
int domain_check(const struct state *data, const struct domain_rules *rules,
    struct domain_cache *cache, const char *name, uint64_t now,
    struct fora_client_why *why) FORA_MUST_USE;

/* The same for threads that share the file: `file` is held while it is read and written, not while
 * the domain's server is asked. What is known afterwards is in *out. */
int domain_check_shared(pthread_mutex_t *file, const struct state *data,
    const struct domain_rules *rules, const char *name, uint64_t now, struct domain_entry *out,
    struct fora_client_why *why) FORA_MUST_USE;
/* What the file knows of a name. FORA_E_NOTFOUND: nothing; IO, NOMEM. */
int domain_recall(pthread_mutex_t *file, const struct state *data, const char *name,
    struct domain_entry *out, struct fora_client_why *why) FORA_MUST_USE;

/* DOM-3: the domain of a node's log is proven of the node. */
bool domain_proven(const struct domain_cache *cache, const char *domain,
    const struct fora_principal_id *node, uint64_t now);

#endif
