#include "view_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

const struct fora_object *scene_put(struct scene *s, const struct fora_object *object)
{
    assert_true(s->count < 64);
    s->list[s->count++] = *object;
    return object;
}

void scene_say(struct scene *s, const struct fora_object *statement)
{
    assert_int_equal(fora_policy_add(s->policy, statement), 0);
}

void scene_appoint(struct scene *s, const struct fx_who *who, uint32_t role)
{
    scene_say(s, fx_grant(&s->fx, s->node, s->space, who, role, 1, 0, 1000));
}

int scene_setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    fora_arena_init(&s->arena, 0);
    s->node = fx_node(&s->fx, 1, 1);
    s->second = fx_node(&s->fx, 2, 1);
    s->ann = fx_member(&s->fx, 3, 1);
    s->bob = fx_member(&s->fx, 4, 1);
    s->carl = fx_member(&s->fx, 5, 1);
    s->staff = fx_member(&s->fx, 6, 1);
    s->expert = fx_member(&s->fx, 7, 1);
    s->moderator = fx_member(&s->fx, 8, 1);
    s->editor = fx_member(&s->fx, 9, 1);
    s->banned = fx_member(&s->fx, 10, 1);
    s->space = fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "beer", 1000);
    s->policy = fx_policy_of(&s->space, 1);
    scene_appoint(s, s->staff, FORA_ROLE_STAFF);
    scene_appoint(s, s->expert, FORA_ROLE_EXPERT);
    scene_appoint(s, s->moderator, FORA_ROLE_MODERATOR);
    scene_appoint(s, s->editor, FORA_ROLE_EDITOR);
    scene_say(s, fx_grant(&s->fx, s->node, s->space, s->banned, FORA_ROLE_BANNED, 5000, 0, 1000));
    s->thread =
        scene_put(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 2000));
    s->a1 = scene_put(s, fx_answer(&s->fx, s->bob, s->thread, "one", 2100));
    s->a2 = scene_put(s, fx_answer(&s->fx, s->carl, s->thread, "two", 2200));
    *state = s;
    return 0;
}

int scene_teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fora_arena_fini(&s->arena);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

const struct fora_view_thread *scene_fold(struct scene *s)
{
    fora_arena_reset(&s->arena);
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, s->list, s->count, &s->view), 0);
    return &s->view;
}

const struct fora_view_post *scene_post(struct scene *s, const struct fora_object *object)
{
    for (size_t i = 0; i < s->view.posts_count; i++) {
        if (memcmp(s->view.posts[i].id.b, object->id.b, FORA_ID_SIZE) == 0)
            return &s->view.posts[i];
    }
    fail_msg("the post is not in the view");
    return NULL;
}

bool scene_text_is(struct fora_bytes text, const char *expected)
{
    return fora_bytes_equal(text, fora_bytes_str(expected));
}

void scene_assert_order(struct scene *s, const struct fora_object *const *expected, size_t count)
{
    scene_fold(s);
    assert_int_equal(s->view.posts_count, count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(s->view.posts[i].id.b, expected[i]->id.b, FORA_ID_SIZE);
}

void scene_assert_same_view(struct scene *s, const struct fora_object *a, size_t a_count,
    const struct fora_object *b, size_t b_count, bool same)
{
    struct fora_buf left = {0}, right = {0};
    struct fora_view_thread view;

    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, a, a_count, &view), 0);
    assert_int_equal(fora_view_thread_encode(&left, &view), 0);
    assert_int_equal(fora_view_thread_fold(&s->arena, s->policy, b, b_count, &view), 0);
    assert_int_equal(fora_view_thread_encode(&right, &view), 0);
    assert_int_equal(fora_bytes_equal(fora_buf_bytes(&left), fora_buf_bytes(&right)), same);
    fora_buf_fini(&left);
    fora_buf_fini(&right);
}
