/* Farms of false nodes: what they state about one member, and how they vouch for each other,
 * weighed by the rule of local standing (LOC-2 to LOC-6). */
#ifndef FORAD_BENCH_FARM_H
#define FORAD_BENCH_FARM_H

#include <stdbool.h>
#include <stdint.h>

enum farm_shape { FARM_ALONE, FARM_CHAIN, FARM_CYCLE, FARM_CLIQUE };

struct farm {
    enum farm_shape shape; /* who vouches for whom, each as much as can be */
    unsigned nodes;        /* n, each stating the greatest standing there is */
    bool fooled;           /* a node that is trusted vouches for as many of them as count */
    uint32_t others;       /* the weight of those whom nobody trusts */
    uint32_t issuers_min;
};

enum {
    FARM_CAP = 500,
    FARM_NAMED = 3 /* nodes that the configuration names, with full weight; none states anything */
};

/* The local standing that comes of it. Ends the process when there is no memory. */
uint64_t farm_gain(const struct farm *farm);
/* LOC-6. */
uint64_t farm_bound(const struct farm *farm);

#endif
