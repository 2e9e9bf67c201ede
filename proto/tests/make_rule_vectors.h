/*
 * The parts of make_rule_vectors. Each makes one file; they share a fixture, and what one makes
 * depends on how much the others made before, so that their order stays.
 */
#ifndef FORA_TESTS_MAKE_RULE_VECTORS_H
#define FORA_TESTS_MAKE_RULE_VECTORS_H

#include "fixture.h"

#include <jansson.h>

/* Who is in policies and views, and the space that they are about. */
struct cast {
    struct fx *fx;
    struct fx_who *owner, *admin, *ann, *bob, *node;
    const struct fora_object *space;
};

json_t *make_identity(struct fx *fx);
json_t *make_policies(struct fx *fx);
json_t *make_views(struct fx *fx);

#endif
