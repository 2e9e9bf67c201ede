/*
 * A thread for tests of views: people of each role, a question and two answers, what is put to
 * them, and the view that follows.
 */
#ifndef FORA_TESTS_VIEW_SCENE_H
#define FORA_TESTS_VIEW_SCENE_H

#include "fixture.h"
#include "fora/view.h"

/* A space of a node's with one of each role, a question by ann and two answers. */
struct scene {
    struct fx fx;
    struct fx_who *node, *second, *ann, *bob, *carl, *staff, *expert, *moderator, *editor, *banned;
    const struct fora_object *space, *thread, *a1, *a2;
    struct fora_object list[64];
    size_t count;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_view_thread view;
};

const struct fora_object *scene_put(struct scene *s, const struct fora_object *object);
void scene_say(struct scene *s, const struct fora_object *statement);
void scene_appoint(struct scene *s, const struct fx_who *who, uint32_t role);
int scene_setup(void **state);
int scene_teardown(void **state);
const struct fora_view_thread *scene_fold(struct scene *s);
/* The post of an object in the folded view. */
const struct fora_view_post *scene_post(struct scene *s, const struct fora_object *object);
bool scene_text_is(struct fora_bytes text, const char *expected);
void scene_assert_order(struct scene *s, const struct fora_object *const *expected, size_t count);
void scene_assert_same_view(struct scene *s, const struct fora_object *a, size_t a_count,
    const struct fora_object *b, size_t b_count, bool same);

#endif
