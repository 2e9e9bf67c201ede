/*
 * Equal sets give equal views (VIEW-1), on random sets: people with random roles say random things
 * about random things, and most have no right to. Every order of arrival, every way to split the
 * set between two nodes that then merge, and every choice of what erased contents are still there
 * must give the same bytes.
 */
#include "fixture.h"
#include "fora/view.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PEOPLE = 7, OBJECTS = 70, STATEMENTS = 20, ROUNDS = 40, SHUFFLES = 12 };

struct world {
    struct fx fx;
    uint64_t random;
    struct fx_who *people[PEOPLE]; /* the first two are nodes */
    const struct fora_object *space;
    const struct fora_object *statements[STATEMENTS];
    const struct fora_object *objects[OBJECTS]; /* the first is the thread */
    struct fora_policy *policy;
};

static struct fx_who *somebody(struct world *w)
{
    return w->people[fx_random(&w->random, PEOPLE)];
}

static uint64_t some_time(struct world *w)
{
    /* Few different times, so that ids break ties. */
    return 1000 + 100 * fx_random(&w->random, 20);
}

static const struct fora_object *something(struct world *w, size_t made)
{
    return w->objects[fx_random(&w->random, (uint32_t)made)];
}

static const struct fora_object *some_post(struct world *w, size_t made)
{
    for (;;) {
        const struct fora_object *object = something(w, made);

        if (object->header.kind == FORA_KIND_THREAD || object->header.kind == FORA_KIND_POST)
            return object;
    }
}

static const struct fora_object *say_of_thread(struct world *w, struct fx_who *who, uint64_t at)
{
    struct fora_object_id ids[2] = {{{(uint8_t)fx_random(&w->random, 9)}}, {{77}}};
    struct fora_content content = {.kind = FORA_KIND_STATUS + fx_random(&w->random, 3)};

    ids[0].b[1] = 1;
    if (content.kind == FORA_KIND_STATUS) {
        content.u.status.status = fora_bytes_str("abcdef");
        content.u.status.status.size = 1 + fx_random(&w->random, 6);
    } else if (content.kind == FORA_KIND_CITE) {
        content.u.cite.objects = ids;
        content.u.cite.objects_count = 2;
    } else {
        content.u.duplicate.original = ids[0];
    }
    return fx_about(&w->fx, who, w->objects[0], content, at);
}

static const struct fora_object *say(struct world *w, size_t made)
{
    static const char words[] = "some words of which the first few are said";
    char text[32] = {0};
    /* All dice are thrown here, one after another: the order in which arguments are evaluated is
     * the compiler's. */
    struct fx_who *who = somebody(w);
    uint64_t at = some_time(w);
    const struct fora_object *post = some_post(w, made), *any = something(w, made);
    uint32_t what = fx_random(&w->random, 17), a = fx_random(&w->random, 99);
    uint32_t b = fx_random(&w->random, 99);

    memcpy(text, words, 1 + a % 30);
    switch (what) {
    case 0:
    case 1:
        return fx_answer(&w->fx, who, w->objects[0], text, at);
    case 2:
    case 3:
    case 4:
        return fx_comment(&w->fx, who, post, text, at);
    case 5:
    case 6:
        return fx_revise(&w->fx, who, post, text, at);
    case 7:
    case 8:
        return fx_tally(&w->fx, w->people[a % 2], post, a, b, at);
    case 9:
    case 10:
    case 11:
        return fx_resolve(&w->fx, who, post, 1 + a % 6, at);
    case 12:
    case 13:
        return fx_moderate(&w->fx, who, any, 1 + a % 11, at);
    case 14:
        return fx_moderate(&w->fx, who, w->objects[0], 3 + a % 9, at);
    case 15:
        return fx_retract(&w->fx, fx_find(&w->fx, &any->header.author), any, at);
    default:
        return say_of_thread(w, who, at);
    }
}

static void make_world(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    fx_init(&w->fx);
    w->random = seed;
    for (unsigned i = 0; i < PEOPLE; i++)
        w->people[i] = i < 2 ? fx_node(&w->fx, i, 1) : fx_member(&w->fx, i, 1);
    w->space = fx_space(&w->fx, w->people[0], FORA_SPACE_QUESTIONS, "beer", 1000);
    w->statements[0] = w->space;
    w->statements[1] = fx_host(&w->fx, w->people[0], w->space, w->people[1], 1000);
    /* One each for good, so that something has effect; the rest come and go. */
    for (uint32_t role = FORA_ROLE_ADMIN; role <= FORA_ROLE_EXPERT; role++)
        w->statements[1 + role] =
            fx_grant(&w->fx, w->people[0], w->space, somebody(w), role, 1000, 0, 1000);
    for (size_t i = 7; i < STATEMENTS; i++) {
        struct fx_who *by = somebody(w), *to = somebody(w);
        uint32_t role = 1 + fx_random(&w->random, 7);
        uint64_t since = 1000 + 100 * fx_random(&w->random, 15);

        w->statements[i] = fx_grant(&w->fx, by, w->space, to, role, since,
            since + 100 * (1 + fx_random(&w->random, 20)), 1000);
    }
    w->policy = fx_policy_of(w->statements, STATEMENTS);
    w->objects[0] = fx_thread(&w->fx, w->people[3], w->space, FORA_THREAD_QUESTION, "Why?", 1500);
    for (size_t i = 1; i < OBJECTS; i++)
        w->objects[i] = say(w, i);
}

static void free_world(struct world *w)
{
    fora_policy_free(w->policy);
    fx_fini(&w->fx);
}

/* Folds what is pointed to and leaves the encoding in `out`. */
static void encode(const struct fora_policy *policy, const struct fora_object *const *objects,
    size_t count, struct fora_buf *out)
{
    static struct fora_object list[2 * OBJECTS];
    struct fora_arena arena;
    struct fora_view_thread view;

    assert_true(count <= 2 * OBJECTS);
    for (size_t i = 0; i < count; i++)
        list[i] = *objects[i];
    fora_arena_init(&arena, 0);
    assert_int_equal(fora_view_thread_fold(&arena, policy, list, count, &view), 0);
    fora_buf_clear(out);
    assert_int_equal(fora_view_thread_encode(out, &view), 0);
    fora_arena_fini(&arena);
}

static void assert_same(const struct fora_buf *a, const struct fora_buf *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->data, b->data, a->size);
}

static void order_does_not_matter_VIEW_1(void **state)
{
    struct fora_buf first = {0}, again = {0};
    uint64_t seed;

    (void)state;
    for (seed = 1; seed <= ROUNDS; seed++) {
        struct world w;

        make_world(&w, seed);
        encode(w.policy, w.objects, OBJECTS, &first);
        for (int i = 0; i < SHUFFLES; i++) {
            struct fora_policy *policy;

            fx_shuffle(&w.random, w.objects, OBJECTS);
            fx_shuffle(&w.random, w.statements, STATEMENTS);
            policy = fx_policy_of(w.statements, STATEMENTS);
            encode(policy, w.objects, OBJECTS, &again);
            assert_same(&first, &again);
            fora_policy_free(policy);
        }
        free_world(&w);
    }
    fora_buf_fini(&first);
    fora_buf_fini(&again);
}

static void nodes_that_merge_agree_VIEW_1(void **state)
{
    struct fora_buf whole = {0}, left_view = {0}, right_view = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct world w;
        const struct fora_object *left[2 * OBJECTS], *right[2 * OBJECTS];
        size_t left_count = 0, right_count = 0, own;

        make_world(&w, 1000 + seed);
        encode(w.policy, w.objects, OBJECTS, &whole);
        for (size_t i = 0; i < OBJECTS; i++) {
            uint32_t where = fx_random(&w.random, 3);

            if (where != 1)
                left[left_count++] = w.objects[i];
            if (where != 0)
                right[right_count++] = w.objects[i];
        }
        /* Each takes all of the other's, doubles too, behind its own. */
        own = left_count;
        for (size_t i = 0; i < right_count; i++)
            left[left_count++] = right[i];
        for (size_t i = 0; i < own; i++)
            right[right_count++] = left[i];
        encode(w.policy, left, left_count, &left_view);
        encode(w.policy, right, right_count, &right_view);
        assert_same(&whole, &left_view);
        assert_same(&whole, &right_view);
        free_world(&w);
    }
    fora_buf_fini(&whole);
    fora_buf_fini(&left_view);
    fora_buf_fini(&right_view);
}

/* The objects that an effective retraction or erasure names, by the rule itself. */
static bool is_dead(const struct world *w, const struct fora_object *object)
{
    for (size_t i = 0; i < OBJECTS; i++) {
        const struct fora_object *act = w->objects[i];
        const struct fora_header *header = &act->header;
        struct fora_arena arena;
        struct fora_content content;
        bool erases;

        if (memcmp(header->parent.b, object->id.b, FORA_ID_SIZE) != 0)
            continue;
        if (header->kind == FORA_KIND_RETRACTION &&
            memcmp(header->author.b, object->header.author.b, FORA_ID_SIZE) == 0)
            return true;
        if (header->kind != FORA_KIND_MODERATION)
            continue;
        fora_arena_init(&arena, 0);
        assert_int_equal(
            fora_content_decode(&arena, header->kind, act->content_bytes, &content), 0);
        erases = content.u.moderation.action == FORA_MODERATION_ERASE &&
                 fora_policy_may_post(
                     w->policy, &header->author, header->kind, 0, header->created_at) == 0;
        fora_arena_fini(&arena);
        if (erases)
            return true;
    }
    return false;
}

static bool is_act(const struct fora_object *object)
{
    return object->header.kind == FORA_KIND_MODERATION ||
           object->header.kind == FORA_KIND_RETRACTION;
}

static void erased_contents_do_not_show_VIEW_5(void **state)
{
    struct fora_buf whole = {0}, again = {0};
    size_t erased = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct world w;
        bool dead[OBJECTS];

        make_world(&w, 2000 + seed);
        encode(w.policy, w.objects, OBJECTS, &whole);
        for (size_t i = 0; i < OBJECTS; i++)
            dead[i] = !is_act(w.objects[i]) && is_dead(&w, w.objects[i]);
        for (size_t i = 0; i < OBJECTS; i++) {
            if (!dead[i] || fx_random(&w.random, 3) == 0)
                continue;
            w.objects[i] = fx_strip(&w.fx, w.objects[i]);
            erased++;
        }
        encode(w.policy, w.objects, OBJECTS, &again);
        assert_same(&whole, &again);
        free_world(&w);
    }
    assert_true(erased > ROUNDS);
    fora_buf_fini(&whole);
    fora_buf_fini(&again);
}

/* Not a matter of luck: the random worlds do use what they are to test. */
static void the_worlds_are_not_dull(void **state)
{
    uint32_t marks = 0;
    size_t hidden = 0, resolutions = 0, revisions = 0, comments = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        static struct fora_object list[OBJECTS];
        struct world w;
        struct fora_arena arena;
        struct fora_view_thread view;

        make_world(&w, seed);
        for (size_t i = 0; i < OBJECTS; i++)
            list[i] = *w.objects[i];
        fora_arena_init(&arena, 0);
        assert_int_equal(fora_view_thread_fold(&arena, w.policy, list, OBJECTS, &view), 0);
        marks |= view.marks;
        comments += view.comments;
        for (size_t i = 0; i < view.posts_count; i++) {
            hidden += (view.posts[i].marks & FORA_MARK_HIDDEN) != 0;
            resolutions += view.posts[i].resolutions_count;
            revisions += view.posts[i].revisions;
        }
        fora_arena_fini(&arena);
        free_world(&w);
    }
    printf("%zu hidden, %zu resolutions, %zu revisions, %zu comments, marks %x\n", hidden,
        resolutions, revisions, comments, marks);
    assert_int_equal(marks & FORA_MARK_ACCEPTED, FORA_MARK_ACCEPTED);
    assert_int_equal(marks & FORA_MARK_LOCKED, FORA_MARK_LOCKED);
    assert_int_equal(marks & FORA_MARK_RETRACTED, FORA_MARK_RETRACTED);
    assert_int_equal(marks & FORA_MARK_DUPLICATE, FORA_MARK_DUPLICATE);
    assert_true(hidden > 20);
    assert_true(resolutions > 50);
    assert_true(revisions > 50);
    assert_true(comments > 200);
}

/* A chain of comments, each on the one before, newest first: the worst for a walk up the parents.
 */
static void large_threads_stay_cheap(void **state)
{
    enum { MANY = 20000 };
    struct fx fx;
    struct fx_who *node, *ann;
    const struct fora_object *space, *thread, *last;
    struct fora_object *list;
    struct fora_policy *policy;
    struct fora_arena arena;
    struct fora_view_thread view;
    clock_t start;

    (void)state;
    fx_init(&fx);
    node = fx_node(&fx, 1, 1);
    ann = fx_member(&fx, 2, 1);
    space = fx_space(&fx, node, FORA_SPACE_QUESTIONS, "beer", 1000);
    policy = fx_policy_of(&space, 1);
    thread = last = fx_thread(&fx, ann, space, FORA_THREAD_QUESTION, "Why?", 1000);
    fora_arena_init(&arena, 0);
    list = fora_arena_alloc(&arena, (MANY + 1) * sizeof(*list));
    assert_non_null(list);
    list[0] = *thread;
    for (int i = 1; i <= MANY; i++) {
        last = fx_comment(&fx, ann, last, "and so on", 1000000 - (uint64_t)i);
        list[i] = *last;
    }
    start = clock();
    assert_int_equal(fora_view_thread_fold(&arena, policy, list, MANY + 1, &view), 0);
    start = clock() - start;
    assert_int_equal(view.comments, MANY);
    assert_memory_equal(view.posts[1].id.b, last->id.b, FORA_ID_SIZE);
    printf("%d objects folded in %.1f ms\n", MANY, (double)start * 1000 / CLOCKS_PER_SEC);
    assert_true(start < 5 * CLOCKS_PER_SEC); /* quadratic would be minutes */
    fora_arena_fini(&arena);
    fora_policy_free(policy);
    fx_fini(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_matter_VIEW_1),
        cmocka_unit_test(nodes_that_merge_agree_VIEW_1),
        cmocka_unit_test(erased_contents_do_not_show_VIEW_5),
        cmocka_unit_test(the_worlds_are_not_dull),
        cmocka_unit_test(large_threads_stay_cheap),
    };

    return cmocka_run_group_tests_name("view properties", tests, NULL, NULL);
}
