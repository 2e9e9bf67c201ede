/* Ann, who carries what a vendor states of her, and what comes of it where it is looked at: shared
 * by the tests of what is carried. */
#ifndef FORAD_REPUTATION_TESTS_CARRIED_RIG_H
#define FORAD_REPUTATION_TESTS_CARRIED_RIG_H

#include "core/tests/net.h"
#include "core/tests/world.h"
#include "fixture.h"
#include "reputation/explain.h"

enum { STANDING = 20, CROWD = 1100 };

/* Ann earned a standing in beer; wine is another space, of b. The shelf is a node's store alone. */
struct story {
    struct net net;
    struct fx fx;
    struct net_node *b, *c;
    struct shelf shelf;
    uint64_t now;
    struct fora_space_id beer, wine;
    struct fx_who *ann, *vendor;
    const struct fora_object *beer_object;
};

void story_init(struct story *s);
void story_fini(struct story *s);

/* By anybody, of anybody; `given`: the delegation that it rests on, NULL: none. */
const struct fora_object *standing_by(struct story *s, const struct fx_who *who,
    const struct fx_who *of, const struct fora_object *given, uint64_t points, uint64_t ago);
const struct fora_object *standing(struct story *s, uint64_t points, uint64_t ago);
/* The vendor's. */
const struct fora_object *revocation_at(
    struct story *s, const struct fora_object *what, uint64_t ago);
const struct fora_object *revocation(struct story *s, const struct fora_object *what);

/* What she carries: all of these, or one claim of the vendor's with what it rests on (NULL: nothing
 * any more). */
const struct fora_object *carried_all(
    struct story *s, const struct fora_object *const *objects, size_t count, uint64_t ago);
const struct fora_object *carried(struct story *s, const struct fora_object *claim, uint64_t ago);

/* Her home says of her more than a page holds, of no space or of one: it is heard before others. */
void crowd(struct story *s, struct fx_who *home);
void crowd_in(struct story *s, struct fx_who *home, const struct fora_space_id *space);

/* Her local standing on the shelf. */
uint64_t explained(struct story *s, const struct local_policy *policy, struct explanation *out);
/* Fails the test when there is none of so many points. */
const struct explain_claim *claim_of(const struct explanation *found, uint64_t points);
extern const struct local_policy anybody; /* counts */

#endif
