#include "policy_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

int scene_setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    s->owner = fx_member(&s->fx, 1, 1);
    s->admin = fx_member(&s->fx, 2, 1);
    s->admin2 = fx_member(&s->fx, 3, 1);
    s->ann = fx_member(&s->fx, 4, 1);
    s->node = fx_node(&s->fx, 5, 1);
    s->space = fx_space(&s->fx, s->owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->list[s->count++] = s->space;
    s->list[s->count++] =
        fx_grant(&s->fx, s->owner, s->space, s->admin, FORA_ROLE_ADMIN, 0, 0, 1100);
    s->list[s->count++] =
        fx_grant(&s->fx, s->owner, s->space, s->admin2, FORA_ROLE_ADMIN, 0, 0, 1100);
    *state = s;
    return 0;
}

int scene_teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

void scene_say(struct scene *s, const struct fora_object *statement)
{
    assert_true(s->count < 64);
    s->list[s->count++] = statement;
    fora_policy_free(s->policy);
    s->policy = NULL;
}

const struct fora_policy *scene_merged(struct scene *s)
{
    if (s->policy == NULL)
        s->policy = fx_policy_of(s->list, s->count);
    return s->policy;
}

bool scene_role(struct scene *s, const struct fx_who *who, uint32_t which, uint64_t at)
{
    return fora_policy_role_at(scene_merged(s), &who->id, which, at);
}

void scene_say_name(struct scene *s, const struct fx_who *who, const char *name, uint64_t at)
{
    scene_say(
        s, fx_policy(&s->fx, who, s->space,
               (struct fora_policy_statement){.has_name = true, .name = fora_bytes_str(name)}, at));
}

void scene_assert_name(struct scene *s, const char *name)
{
    struct fora_bytes now = fora_policy_name(scene_merged(s));

    assert_int_equal(now.size, strlen(name));
    assert_memory_equal(now.data, name, now.size);
}

const struct fora_object *scene_privilege(
    struct scene *s, const struct fx_who *who, uint32_t role, uint32_t standing, uint64_t at)
{
    struct fora_privilege privilege = {role, standing};
    struct fora_policy_statement statement = {.privileges = &privilege, .privileges_count = 1};

    return fx_policy(&s->fx, who, s->space, statement, at);
}
