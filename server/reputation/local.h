/*
 * Local standing: what attestations from elsewhere are worth on this node (spec LOC-1 to LOC-6). A
 * pure function of the configuration, of who trusts whom, and of the standings that are stated; it
 * never leaves the node, and says line by line how it came about.
 */
#ifndef FORAD_REPUTATION_LOCAL_H
#define FORAD_REPUTATION_LOCAL_H

#include "fora/reputation.h"

enum { LOCAL_NAMED_MAX = 64, LOCAL_HOPS_MAX = 3, LOCAL_EDGES_MAX = 32, LOCAL_PRODUCTS_MAX = 16 };

struct local_weight {
    struct fora_principal_id node;
    uint32_t weight; /* 0 to 1000 */
};

/* From the configuration. */
struct local_policy {
    struct local_weight named[LOCAL_NAMED_MAX];
    size_t named_count;
    uint32_t others;      /* weight of issuers that are neither named nor trusted */
    uint64_t cap;         /* for each source */
    uint32_t half_life;   /* days; 0: no decay */
    uint32_t issuers_min; /* that must contribute; those that share a cap are one */
    struct fora_bytes products[LOCAL_PRODUCTS_MAX]; /* that count; borrowed */
    size_t products_count;                          /* 0: all do */
};

/*
 * Is a standing about a product that counts (LOC-2)? `stated`: what the attestation names;
 * `of_space`: what its space's policy names, which speaks when nothing is stated.
 */
bool local_product_counts(const struct local_policy *policy, const struct fora_bytes *stated,
    size_t stated_count, const struct fora_product *of_space, size_t of_space_count);

/* One attestation of trust. */
struct local_edge {
    struct fora_principal_id from, to;
    uint32_t weight; /* 0 to 1000 */
};

struct local_trust {
    struct fora_principal_id node;
    struct fora_principal_id source; /* the named node at which its chain begins */
    uint32_t trust;                  /* 0 to 1000 */
    unsigned hops;
};

/*
 * Who is trusted, by id; named nodes are among them. Sorts `edges`. The list is the caller's to
 * free. Costs O(edges) for each hop. FORA_E_NOMEM.
 */
int local_trust_flow(const struct local_policy *policy, struct local_edge *edges, size_t count,
    struct local_trust **out, size_t *out_count) FORA_MUST_USE;

enum local_ground { LOCAL_NAMED, LOCAL_TRUSTED, LOCAL_OTHER };

/* A line of the derivation, for one issuer. Filled by the caller up to `until`. */
struct local_line {
    struct fora_principal_id issuer;
    uint64_t standing; /* stated, all spaces together */
    uint64_t until;    /* ms: the latest of the periods */

    uint64_t decayed;
    uint32_t weight;
    enum local_ground ground;
    struct fora_principal_id source;
    unsigned hops;
    uint64_t worth; /* before the cap */
    uint64_t given; /* after it */
};

/*
 * The local standing at `now`. `lines` (one for each issuer) are completed, and sorted as they were
 * taken. *enough is false when too few issuers contribute that share no cap; the result is 0 then.
 */
uint64_t local_standing(const struct local_policy *policy, const struct local_trust *trust,
    size_t trust_count, struct local_line *lines, size_t count, uint64_t now, bool *enough);

#endif
