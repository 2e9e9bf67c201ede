/*
 * What domains and handles were last found to name, and when to ask again (DOM-5): pure, over the
 * time that it is given. Kept as a JSON file of the data folder, since it can be had again at any
 * time, and what asks must never wait for the store.
 */
#ifndef FORAD_DOMAIN_CACHE_H
#define FORAD_DOMAIN_CACHE_H

#include "domain/document.h"

enum { DOMAIN_CACHE_MAX = 1024, DOMAIN_WHY_MAX = 160, DOMAIN_CACHE_FILE_MAX = 2 * 1024 * 1024 };

#define DOMAIN_HOUR_MS (UINT64_C(60) * 60 * 1000)
#define DOMAIN_AGAIN_MS (24 * DOMAIN_HOUR_MS)     /* after an answer */
#define DOMAIN_HOLDS_MS (7 * 24 * DOMAIN_HOUR_MS) /* since it was last seen */

struct domain_entry {
    char name[DOMAIN_NAME_MAX + 1]; /* "example.com", or "@name@example.com" */
    struct fora_principal_id found; /* a node, of a handle a member; zeros: none */
    uint64_t found_at;              /* ms: last seen to name it */
    uint64_t checked_at;            /* ms: last asked */
    uint32_t failures;              /* in a row */
    char why[DOMAIN_WHY_MAX];       /* of the last failure, a clause; "": none */
};

struct domain_cache {
    struct domain_entry *entries; /* owned */
    size_t count;
    size_t room;
};

void domain_cache_fini(struct domain_cache *cache);
/* NULL: it was never asked for. */
const struct domain_entry *domain_cache_find(const struct domain_cache *cache, const char *name);
/* Puts what an asking came to: `code` of the fetch or the document, the principal when it is 0.
 * Beyond DOMAIN_CACHE_MAX the handle goes that was asked for longest ago, without one the domain.
 * FORA_E_NOMEM. */
int domain_cache_put(struct domain_cache *cache, const char *name, uint64_t now, int code,
    const struct fora_principal_id *found, const char *why) FORA_MUST_USE;
/* It names somebody, and was seen to do so lately enough. NULL: false. */
bool domain_entry_holds(const struct domain_entry *entry, uint64_t now);
/* When it may be asked for again, ms. */
uint64_t domain_entry_due(const struct domain_entry *entry);

/* The file. What is damaged reads as FORA_E_CORRUPT, and the cache as empty. */
int domain_cache_read(struct domain_cache *out, struct fora_bytes text) FORA_MUST_USE;
int domain_cache_write(struct fora_buf *out, const struct domain_cache *cache) FORA_MUST_USE;

#endif
