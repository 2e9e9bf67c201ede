/* Admission (spec/02a-admission.md). */
#include "fixture.h"
#include "fora/admit.h"
#include "alloc_fail.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { NOW = 1000000000 };

/* A node that holds a list of objects, the logs of the fixture's people and one policy. */
struct scene {
    struct fx fx;
    struct fx_who *owner, *ann, *bob, *node;
    const struct fora_object *space, *other_space;
    const struct fora_object *thread, *answer, *comment;
    const struct fora_object *held[32];
    size_t held_count;
    struct fora_policy *policy;
    const struct fx_who *unknown; /* whose log is not held */
    int fail;                     /* what lookups return, when not 0 */
    struct fora_admit_source source;
    struct fora_arena arena;
    struct fora_content content;
    struct fora_object_id missing;
};

static int get_identity(
    void *context, const struct fora_principal_id *principal, const struct fora_identity **out)
{
    const struct scene *s = context;
    const struct fx_who *who = fx_find(&s->fx, principal);

    if (s->fail != 0)
        return s->fail;
    if (who == NULL || who == s->unknown)
        return FORA_E_NOTFOUND;
    *out = who->log;
    return 0;
}

static int get_policy(
    void *context, const struct fora_space_id *space, const struct fora_policy **out)
{
    const struct scene *s = context;

    if (s->fail != 0)
        return s->fail;
    if (memcmp(space->b, s->space->id.b, FORA_ID_SIZE) != 0)
        return FORA_E_NOTFOUND;
    *out = s->policy;
    return 0;
}

static int get_object(void *context, const struct fora_object_id *id, struct fora_admit_ref *out)
{
    const struct scene *s = context;

    if (s->fail != 0)
        return s->fail;
    for (size_t i = 0; i < s->held_count; i++) {
        const struct fora_header *header = &s->held[i]->header;

        if (memcmp(s->held[i]->id.b, id->b, FORA_ID_SIZE) != 0)
            continue;
        *out = (struct fora_admit_ref){.kind = header->kind,
            .author = header->author,
            .space = header->space,
            .root = header->root,
            .audience = header->audience};
        return 0;
    }
    return FORA_E_NOTFOUND;
}

static const struct fora_object *hold(struct scene *s, const struct fora_object *object)
{
    assert_true(s->held_count < 32);
    s->held[s->held_count++] = object;
    return object;
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return -1;
    fx_init(&s->fx);
    fora_arena_init(&s->arena, 0);
    s->owner = fx_member(&s->fx, 1, 1);
    s->ann = fx_member(&s->fx, 2, 1);
    s->bob = fx_member(&s->fx, 3, 1);
    s->node = fx_node(&s->fx, 4, 1);
    s->space = fx_space(&s->fx, s->owner, FORA_SPACE_QUESTIONS, "beer", 10);
    s->other_space = fx_space(&s->fx, s->owner, FORA_SPACE_IDEAS, "wine", 10);
    s->policy = fx_policy_of(&s->space, 1);
    s->thread = hold(s, fx_thread(&s->fx, s->ann, s->space, FORA_THREAD_QUESTION, "Why?", 20));
    s->answer = hold(s, fx_answer(&s->fx, s->bob, s->thread, "So.", 30));
    s->comment = hold(s, fx_comment(&s->fx, s->ann, s->answer, "Ah.", 40));
    s->source = (struct fora_admit_source){
        .context = s, .identity = get_identity, .policy = get_policy, .object = get_object};
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;

    fora_policy_free(s->policy);
    fora_arena_fini(&s->arena);
    fx_fini(&s->fx);
    free(s);
    return 0;
}

static int admit(struct scene *s, const struct fora_object *object)
{
    return fora_admit(&s->source, object, NOW, &s->arena, &s->content, &s->missing);
}

static void assert_missing(struct scene *s, const uint8_t id[FORA_ID_SIZE])
{
    assert_memory_equal(s->missing.b, id, FORA_ID_SIZE);
}

static void what_is_in_order_is_admitted_ADM_1(void **state)
{
    struct scene *s = *state;
    struct fora_object_id other = {{7}};
    const struct fora_object *action =
        hold(s, fx_moderate(&s->fx, s->ann, s->answer, FORA_MODERATION_HIDE, 50));
    struct fora_content appeal = {
        .kind = FORA_KIND_APPEAL, .u.appeal = {.text = fora_bytes_str("no")}};
    struct fora_content flag = {
        .kind = FORA_KIND_FLAG, .u.flag = {.reason = fora_bytes_str("spam")}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &other, .objects_count = 1}};
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = other};
    const struct fora_object *fine[] = {s->space, s->thread, s->answer, s->comment,
        fx_comment(&s->fx, s->bob, s->thread, "x", 60),
        fx_comment(&s->fx, s->bob, s->comment, "x", 60),
        fx_revise(&s->fx, s->bob, s->answer, "x", 60),
        fx_revise(&s->fx, s->bob, s->thread, "x", 60),
        fx_tally(&s->fx, s->node, s->answer, 1, 2, 60),
        fx_resolve(&s->fx, s->bob, s->answer, FORA_RESOLUTION_ASKER_ACCEPTED, 60),
        fx_moderate(&s->fx, s->bob, s->thread, FORA_MODERATION_LOCK, 60),
        fx_moderate(&s->fx, s->bob, s->comment, FORA_MODERATION_ERASE, 60),
        fx_retract(&s->fx, s->bob, s->answer, 60), fx_retract(&s->fx, s->ann, s->thread, 60),
        fx_about(&s->fx, s->bob, action, appeal, 60), fx_about(&s->fx, s->bob, s->answer, flag, 60),
        fx_about(&s->fx, s->bob, s->thread, cite, 60),
        fx_about(&s->fx, s->bob, s->thread, duplicate, 60), fx_profile(&s->fx, s->bob, "Bob", 60),
        fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 60), s->ann->create};

    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_int_equal(fora_object_verify(fine[i]), 0);
        assert_int_equal(admit(s, fine[i]), 0);
        assert_int_equal(s->content.kind, fine[i]->header.kind);
        assert_true(fora_id_is_zero(s->missing.b));
    }
}

static void rights_are_not_asked_ADM_3(void **state)
{
    struct scene *s = *state;
    const struct fora_object *lock =
        fx_moderate(&s->fx, s->owner, s->thread, FORA_MODERATION_LOCK, 50);
    struct fora_policy_statement staff = {.has_posting = true, .posting = FORA_POSTING_STAFF};
    const struct fora_object *late = fx_answer(&s->fx, s->bob, s->thread, "late", 200);

    assert_int_equal(fora_policy_add(s->policy,
                         fx_grant(&s->fx, s->owner, s->space, s->bob, FORA_ROLE_BANNED, 0, 0, 60)),
        0);
    assert_int_equal(
        fora_policy_add(s->policy, fx_policy(&s->fx, s->owner, s->space, staff, 60)), 0);
    hold(s, lock);
    assert_int_equal(
        fora_policy_may_post(s->policy, &s->bob->id, FORA_KIND_POST, 0, 200), FORA_E_FORBIDDEN);
    assert_int_equal(admit(s, late), 0);
    assert_int_equal(
        admit(s, fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_ANNOUNCEMENT, "!", 200)), 0);
    assert_int_equal(
        admit(s, fx_moderate(&s->fx, s->bob, s->thread, FORA_MODERATION_LOCK, 200)), 0);
}

static void the_future_is_refused_ADM_4(void **state)
{
    struct scene *s = *state;
    const uint64_t edge = (uint64_t)NOW + FORA_FUTURE_MAX_MS;

    assert_int_equal(admit(s, fx_answer(&s->fx, s->bob, s->thread, "x", edge)), 0);
    assert_int_equal(admit(s, fx_answer(&s->fx, s->bob, s->thread, "x", edge + 1)), FORA_E_FUTURE);
    assert_int_equal(
        admit(s, fx_answer(&s->fx, s->bob, s->thread, "x", UINT64_MAX)), FORA_E_FUTURE);
    assert_int_equal(admit(s, fx_answer(&s->fx, s->bob, s->thread, "x", 1)), 0);
}

static const struct fora_object *with_audience(
    struct scene *s, struct fora_content content, struct fora_header header, uint32_t audience)
{
    header.audience = audience;
    return fx_object(&s->fx, s->owner, header, content, 100);
}

static void audiences_ADM_5(void **state)
{
    struct scene *s = *state;
    struct fora_header in_space = {.space = fora_object_space(s->space)}, alone = {.kind = 0};
    struct fora_content thread = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION, .title = fora_bytes_str("t")}};
    struct fora_content profile = {
        .kind = FORA_KIND_PROFILE, .u.profile.name = fora_bytes_str("O")};
    struct fora_content policy = {.kind = FORA_KIND_POLICY};

    assert_int_equal(admit(s, with_audience(s, thread, in_space, FORA_AUDIENCE_RESTRICTED)), 0);
    assert_int_equal(admit(s, with_audience(s, thread, in_space, 3)), FORA_E_AUDIENCE);
    assert_int_equal(
        admit(s, with_audience(s, profile, alone, FORA_AUDIENCE_RESTRICTED)), FORA_E_AUDIENCE);
    assert_int_equal(
        admit(s, with_audience(s, policy, in_space, FORA_AUDIENCE_RESTRICTED)), FORA_E_AUDIENCE);
    assert_int_equal(admit(s, with_audience(s, policy, in_space, FORA_AUDIENCE_PUBLIC)), 0);
}

static void content_may_be_absent_where_it_can_be_erased_ADM_6(void **state)
{
    struct scene *s = *state;
    const struct fora_object *action =
        fx_moderate(&s->fx, s->owner, s->answer, FORA_MODERATION_ERASE, 50);
    const struct fora_object *may[] = {fx_thread(&s->fx, s->ann, s->space, 1, "x", 60),
        fx_answer(&s->fx, s->ann, s->thread, "x", 60),
        fx_revise(&s->fx, s->ann, s->thread, "x", 60),
        fx_resolve(&s->fx, s->ann, s->answer, FORA_RESOLUTION_WORKAROUND, 60),
        fx_profile(&s->fx, s->ann, "x", 60)};
    const struct fora_object *must[] = {s->space, action, fx_retract(&s->fx, s->bob, s->answer, 60),
        fx_tally(&s->fx, s->node, s->answer, 1, 1, 60),
        fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_STAFF, 0, 0, 60), s->ann->create};

    for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++) {
        assert_int_equal(admit(s, fx_strip(&s->fx, may[i])), 0);
        assert_int_equal(s->content.kind, may[i]->header.kind);
    }
    for (size_t i = 0; i < sizeof(must) / sizeof(must[0]); i++) {
        assert_int_equal(admit(s, must[i]), 0);
        assert_int_equal(admit(s, fx_strip(&s->fx, must[i])), FORA_E_NO_CONTENT);
    }
}

static void content_must_decode_ADM_6(void **state)
{
    struct scene *s = *state;
    struct fora_header header = s->answer->header;

    assert_int_equal(
        admit(s, fx_raw(&s->fx, s->bob->device, header, fora_bytes_str("\x0f"))), FORA_E_MALFORMED);
    header.kind = 4711;
    assert_int_equal(admit(s, fx_raw(&s->fx, s->bob->device, header, fora_bytes_str("\x0f"))), 0);
    assert_int_equal(s->content.kind, 4711);
}

static void the_author_must_be_known_and_the_key_hers_ADM_7(void **state)
{
    struct scene *s = *state;
    const struct fora_object *post = fx_answer(&s->fx, s->bob, s->thread, "x", 5000);
    struct fora_key_revocation revocation;
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    struct fora_buf bytes = {0};
    struct fora_header header = s->answer->header;
    const struct fora_object *foreign =
        fx_raw(&s->fx, s->ann->device, header, s->answer->content_bytes);

    s->unknown = s->bob;
    assert_int_equal(admit(s, post), FORA_E_UNKNOWN_AUTHOR);
    assert_missing(s, s->bob->id.b);
    s->unknown = NULL;
    assert_int_equal(admit(s, post), 0);
    /* A key that Bob's log does not name (yet): wait, and ask for the log. */
    assert_int_equal(admit(s, foreign), FORA_E_UNKNOWN_AUTHOR);
    assert_missing(s, s->bob->id.b);
    /* The root is no device key. */
    foreign = fx_raw(&s->fx, s->bob->root, header, s->answer->content_bytes);
    assert_int_equal(admit(s, foreign), FORA_E_UNKNOWN_AUTHOR);

    fora_secret_public(s->bob->device, &revocation.sign);
    revocation.compromised_at = 4000;
    assert_int_equal(fora_identity_build_next(&bytes, s->bob->log, &entry, 6000, s->bob->root), 0);
    assert_int_equal(fora_identity_add(s->bob->log, fx_decode(&s->fx, fora_buf_bytes(&bytes))), 0);
    fora_buf_fini(&bytes);
    assert_int_equal(admit(s, post), FORA_E_KEY);
    assert_int_equal(admit(s, s->answer), 0);
}

static void identity_entries_follow_the_log_ADM_7(void **state)
{
    struct scene *s = *state;
    struct fora_home_change change = {.home = s->node->id};
    struct fora_identity_entry entry = {.home = &change};
    struct fora_buf bytes = {0};
    const struct fora_object *second, *third;

    assert_int_equal(fora_identity_build_next(&bytes, s->ann->log, &entry, 50, s->ann->root), 0);
    second = fx_decode(&s->fx, fora_buf_bytes(&bytes));
    assert_int_equal(admit(s, second), 0);
    assert_int_equal(fora_identity_add(s->ann->log, second), 0);
    fora_buf_clear(&bytes);
    assert_int_equal(fora_identity_build_next(&bytes, s->ann->log, &entry, 60, s->ann->device), 0);
    assert_int_equal(admit(s, fx_decode(&s->fx, fora_buf_bytes(&bytes))), FORA_E_IDENTITY);
    fora_buf_clear(&bytes);
    assert_int_equal(fora_identity_build_next(&bytes, s->ann->log, &entry, 60, s->ann->root), 0);
    third = fx_decode(&s->fx, fora_buf_bytes(&bytes));
    assert_int_equal(admit(s, third), 0);
    assert_int_equal(admit(s, second), 0); /* again */
    /* A node that has not got the second entry. */
    fora_identity_free(s->ann->log);
    assert_int_equal(fora_identity_new(&s->ann->log), 0);
    assert_int_equal(fora_identity_add(s->ann->log, s->ann->create), 0);
    assert_int_equal(admit(s, third), FORA_E_UNKNOWN_PARENT);
    assert_missing(s, second->id.b);
    s->unknown = s->ann;
    assert_int_equal(admit(s, third), FORA_E_UNKNOWN_AUTHOR);
    assert_missing(s, s->ann->id.b);
    assert_int_equal(admit(s, s->ann->create), 0);
    fora_buf_fini(&bytes);
}

static void the_space_must_be_known_ADM_8(void **state)
{
    struct scene *s = *state;
    const struct fora_object *thread =
        fx_thread(&s->fx, s->ann, s->other_space, FORA_THREAD_IDEA, "x", 50);
    struct fora_policy *empty;

    assert_int_equal(admit(s, thread), FORA_E_UNKNOWN_SPACE);
    assert_missing(s, s->other_space->id.b);
    assert_int_equal(admit(s, fx_grant(&s->fx, s->owner, s->other_space, s->ann, 1, 0, 0, 60)),
        FORA_E_UNKNOWN_SPACE);
    /* Statements without the first one are not a space yet. */
    empty = s->policy;
    assert_int_equal(fora_policy_new(&s->policy), 0);
    assert_int_equal(
        fora_policy_add(s->policy, fx_grant(&s->fx, s->owner, s->space, s->ann, 1, 0, 0, 60)), 0);
    assert_int_equal(admit(s, s->thread), FORA_E_UNKNOWN_SPACE);
    assert_int_equal(fora_policy_add(s->policy, s->space), 0);
    assert_int_equal(admit(s, s->thread), 0);
    fora_policy_free(empty);
}

static const struct fora_object *post_with(struct scene *s, const struct fora_object *root,
    const struct fora_object *parent, uint32_t type, uint32_t audience)
{
    struct fora_content content = {
        .kind = FORA_KIND_POST, .u.post = {.type = type, .text = fora_bytes_str("x")}};
    struct fora_header header = {.space = fora_object_space(s->space),
        .root = root->id,
        .parent = parent->id,
        .audience = audience};

    return fx_object(&s->fx, s->bob, header, content, 100);
}

static void posts_hang_in_their_thread_ADM_8(void **state)
{
    struct scene *s = *state;
    const struct fora_object *other =
        fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "other", 50);
    const struct fora_object *lost = fx_comment(&s->fx, s->bob, s->answer, "lost", 50);
    const struct fora_object *flag = fx_revise(&s->fx, s->bob, s->answer, "rev", 50);

    assert_int_equal(
        admit(s, post_with(s, other, other, FORA_POST_ANSWER, 0)), FORA_E_UNKNOWN_PARENT);
    assert_missing(s, other->id.b);
    hold(s, other);
    assert_int_equal(admit(s, post_with(s, other, other, FORA_POST_ANSWER, 0)), 0);
    assert_int_equal(
        admit(s, post_with(s, s->thread, lost, FORA_POST_COMMENT, 0)), FORA_E_UNKNOWN_PARENT);
    assert_missing(s, lost->id.b);
    /* An answer answers the thread; a root is a thread; a parent is in the thread, and a post. */
    assert_int_equal(
        admit(s, post_with(s, s->thread, s->answer, FORA_POST_ANSWER, 0)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, post_with(s, s->answer, s->answer, FORA_POST_COMMENT, 0)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, post_with(s, other, s->answer, FORA_POST_COMMENT, 0)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, post_with(s, s->thread, other, FORA_POST_COMMENT, 0)), FORA_E_MISMATCH);
    hold(s, flag);
    assert_int_equal(
        admit(s, post_with(s, s->thread, flag, FORA_POST_COMMENT, 0)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, post_with(s, s->thread, s->thread, FORA_POST_ANSWER, FORA_AUDIENCE_RESTRICTED)),
        FORA_E_AUDIENCE);
}

static void a_thread_of_another_space_is_no_root_ADM_8(void **state)
{
    struct scene *s = *state;
    const struct fora_object *elsewhere =
        hold(s, fx_thread(&s->fx, s->ann, s->other_space, FORA_THREAD_IDEA, "x", 50));
    struct fora_header header = {.kind = 4711,
        .author = s->bob->id,
        .created_at = 60,
        .space = fora_object_space(s->space),
        .root = elsewhere->id};

    assert_int_equal(
        admit(s, post_with(s, elsewhere, elsewhere, FORA_POST_ANSWER, 0)), FORA_E_MISMATCH);
    /* Of unknown kinds too. */
    assert_int_equal(
        admit(s, fx_raw(&s->fx, s->bob->device, header, fora_bytes_str("x"))), FORA_E_MISMATCH);
    header.root = s->thread->id;
    assert_int_equal(admit(s, fx_raw(&s->fx, s->bob->device, header, fora_bytes_str("x"))), 0);
}

static void what_is_about_the_thread_names_the_thread_ADM_8(void **state)
{
    struct scene *s = *state;
    struct fora_content status = {
        .kind = FORA_KIND_STATUS, .u.status.status = fora_bytes_str("planned")};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &s->missing, .objects_count = 1}};
    struct fora_object_id other = {{7}};
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = other};

    memset(s->missing.b, 3, FORA_ID_SIZE);
    assert_int_equal(admit(s, fx_about(&s->fx, s->owner, s->thread, status, 60)), 0);
    assert_int_equal(admit(s, fx_about(&s->fx, s->owner, s->answer, status, 60)), FORA_E_MISMATCH);
    memset(s->missing.b, 3, FORA_ID_SIZE);
    assert_int_equal(admit(s, fx_about(&s->fx, s->owner, s->answer, cite, 60)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, fx_about(&s->fx, s->owner, s->answer, duplicate, 60)), FORA_E_MISMATCH);
    duplicate.u.duplicate.original = s->thread->id;
    assert_int_equal(
        admit(s, fx_about(&s->fx, s->owner, s->thread, duplicate, 60)), FORA_E_MISMATCH);
    for (uint32_t action = FORA_MODERATION_HIDE; action <= FORA_MODERATION_UNPIN; action++) {
        bool of_posts = action == FORA_MODERATION_HIDE || action == FORA_MODERATION_UNHIDE ||
                        action == FORA_MODERATION_ERASE || action == FORA_MODERATION_DISMISS_FLAGS;

        assert_int_equal(admit(s, fx_moderate(&s->fx, s->owner, s->thread, action, 60)), 0);
        assert_int_equal(admit(s, fx_moderate(&s->fx, s->owner, s->answer, action, 60)),
            of_posts ? 0 : FORA_E_MISMATCH);
    }
}

static void retractions_and_appeals_ADM_8(void **state)
{
    struct scene *s = *state;
    const struct fora_object *action =
        hold(s, fx_moderate(&s->fx, s->owner, s->answer, FORA_MODERATION_HIDE, 50));
    const struct fora_object *tally = hold(s, fx_tally(&s->fx, s->node, s->answer, 1, 1, 50));
    const struct fora_object *retraction = hold(s, fx_retract(&s->fx, s->bob, s->answer, 60));
    struct fora_content appeal = {
        .kind = FORA_KIND_APPEAL, .u.appeal = {.text = fora_bytes_str("no")}};

    assert_int_equal(admit(s, fx_retract(&s->fx, s->ann, s->answer, 70)), FORA_E_MISMATCH);
    /* What is replaced leaves sets at different times, so nothing may hang on it. */
    assert_int_equal(admit(s, fx_retract(&s->fx, s->node, tally, 70)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, fx_moderate(&s->fx, s->owner, tally, FORA_MODERATION_HIDE, 70)), FORA_E_MISMATCH);
    assert_int_equal(admit(s, fx_retract(&s->fx, s->owner, action, 70)), FORA_E_MISMATCH);
    assert_int_equal(admit(s, fx_retract(&s->fx, s->bob, retraction, 70)), FORA_E_MISMATCH);
    assert_int_equal(
        admit(s, fx_moderate(&s->fx, s->owner, action, FORA_MODERATION_HIDE, 70)), FORA_E_MISMATCH);
    assert_int_equal(admit(s, fx_moderate(&s->fx, s->owner, retraction, FORA_MODERATION_ERASE, 70)),
        FORA_E_MISMATCH);
    assert_int_equal(admit(s, fx_about(&s->fx, s->bob, action, appeal, 70)), 0);
    assert_int_equal(admit(s, fx_about(&s->fx, s->bob, s->answer, appeal, 70)), FORA_E_MISMATCH);
}

static void revocations_are_by_the_issuer_ADM_8(void **state)
{
    struct scene *s = *state;
    struct fora_content attestation = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE, .subject = s->bob->id}};
    struct fora_content revocation = {.kind = FORA_KIND_REVOCATION};
    struct fora_header header = {.kind = 0};
    const struct fora_object *badge = fx_object(&s->fx, s->owner, header, attestation, 50);

    assert_int_equal(admit(s, badge), 0);
    header.parent = badge->id;
    assert_int_equal(
        admit(s, fx_object(&s->fx, s->owner, header, revocation, 60)), FORA_E_UNKNOWN_PARENT);
    hold(s, badge);
    assert_int_equal(admit(s, fx_object(&s->fx, s->owner, header, revocation, 60)), 0);
    assert_int_equal(admit(s, fx_object(&s->fx, s->ann, header, revocation, 60)), FORA_E_MISMATCH);
}

static void members_do_not_count_ADM_9(void **state)
{
    struct scene *s = *state;

    assert_int_equal(admit(s, fx_tally(&s->fx, s->bob, s->answer, 1, 0, 60)), FORA_E_MISMATCH);
    assert_int_equal(admit(s, fx_tally(&s->fx, s->node, s->answer, 1, 0, 60)), 0);
}

static void strangers_make_no_statements_ADM_11(void **state)
{
    struct scene *s = *state;
    const struct fora_object *first =
        fx_grant(&s->fx, s->ann, s->space, s->bob, FORA_ROLE_STAFF, 0, 0, 60);
    struct fora_content nameless = {.kind = FORA_KIND_POLICY, .u.policy.kind = FORA_SPACE_IDEAS};
    struct fora_content kindless = {
        .kind = FORA_KIND_POLICY, .u.policy = {.has_name = true, .name = fora_bytes_str("x")}};

    assert_int_equal(admit(s, first), FORA_E_FORBIDDEN);
    assert_int_equal(fora_policy_add(s->policy,
                         fx_grant(&s->fx, s->owner, s->space, s->ann, FORA_ROLE_ADMIN, 0, 0, 50)),
        0);
    assert_int_equal(admit(s, first), 0);
    /* Anybody founds a space, with a kind and a name. */
    assert_int_equal(admit(s, fx_space(&s->fx, s->bob, FORA_SPACE_GROUP, "mine", 50)), 0);
    assert_int_equal(admit(s, fx_object(&s->fx, s->bob, (struct fora_header){0}, nameless, 50)),
        FORA_E_MALFORMED);
    assert_int_equal(admit(s, fx_object(&s->fx, s->bob, (struct fora_header){0}, kindless, 50)),
        FORA_E_MALFORMED);
}

static void errors_of_lookups_end_it(void **state)
{
    struct scene *s = *state;

    s->fail = FORA_E_IO;
    assert_int_equal(admit(s, s->answer), FORA_E_IO);
    s->fail = 0;
    assert_int_equal(admit(s, s->answer), 0);
}

static void memory_may_be_out_at_any_time(void **state)
{
    struct scene *s = *state;
    const struct fora_object *objects[] = {s->answer, s->ann->create, s->space};
    long n, failed = 0;

    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        for (n = 0;; n++) {
            int error;

            fora_arena_fini(&s->arena);
            alloc_fail_at(n);
            error = admit(s, objects[i]);
            if (!alloc_fail_stop()) {
                assert_int_equal(error, 0);
                break;
            }
            assert_int_equal(error, FORA_E_NOMEM);
            failed++;
        }
    }
    assert_true(failed > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_in_order_is_admitted_ADM_1),
        TEST(rights_are_not_asked_ADM_3),
        TEST(the_future_is_refused_ADM_4),
        TEST(audiences_ADM_5),
        TEST(content_may_be_absent_where_it_can_be_erased_ADM_6),
        TEST(content_must_decode_ADM_6),
        TEST(the_author_must_be_known_and_the_key_hers_ADM_7),
        TEST(identity_entries_follow_the_log_ADM_7),
        TEST(the_space_must_be_known_ADM_8),
        TEST(posts_hang_in_their_thread_ADM_8),
        TEST(a_thread_of_another_space_is_no_root_ADM_8),
        TEST(what_is_about_the_thread_names_the_thread_ADM_8),
        TEST(retractions_and_appeals_ADM_8),
        TEST(revocations_are_by_the_issuer_ADM_8),
        TEST(members_do_not_count_ADM_9),
        TEST(strangers_make_no_statements_ADM_11),
        TEST(errors_of_lookups_end_it),
        TEST(memory_may_be_out_at_any_time),
    };

    return cmocka_run_group_tests_name("admit", tests, NULL, NULL);
}
