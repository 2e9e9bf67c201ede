/* A space for tests of policies: statements are added one by one, and merged when something is
 * asked. */
#ifndef FORA_TESTS_POLICY_SCENE_H
#define FORA_TESTS_POLICY_SCENE_H

#include "fixture.h"

/* A space of the owner's with two admins and others. */
struct scene {
    struct fx fx;
    struct fx_who *owner, *admin, *admin2, *ann, *node;
    const struct fora_object *space;
    const struct fora_object *list[64];
    size_t count;
    struct fora_policy *policy;
};

int scene_setup(void **state);
int scene_teardown(void **state);
void scene_say(struct scene *s, const struct fora_object *statement);
const struct fora_policy *scene_merged(struct scene *s);
bool scene_role(struct scene *s, const struct fx_who *who, uint32_t which, uint64_t at);
void scene_say_name(struct scene *s, const struct fx_who *who, const char *name, uint64_t at);
void scene_assert_name(struct scene *s, const char *name);
const struct fora_object *scene_privilege(
    struct scene *s, const struct fx_who *who, uint32_t role, uint32_t standing, uint64_t at);

#endif
