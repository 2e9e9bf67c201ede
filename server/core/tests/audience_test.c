/*
 * What is not for everybody goes to nobody (REP-11, SEC-30): it is put into the store past all
 * refusals, and everything that can be asked for is asked for by a peer, a stranger and a member.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/mentions.h"
#include "core/query.h"
#include "fora/negentropy.h"
#include "reputation/credential.h"
#include "reputation/standing.h"
#include "store/ledger.h"
#include "story.h"

enum { HIDDEN_MAX = 16 };

/* In each content that is hidden. */
static const char marker[] = "between us two";

struct scene {
    struct story story;
    struct fx_who owner; /* node a, as one who signs objects */
    struct fx_who *bob;  /* mentioned, moderator, logs in */
    const struct fora_object *hidden[HIDDEN_MAX];
    size_t hidden_count;
    const struct fora_object *badge; /* public, about ann */
    size_t told;                     /* frames that said something of what is hidden */
    uint32_t told_by;                /* the type of the first */
    struct fora_buf frame;
    /* of the reconciliation that goes on */
    struct fora_neg_vector *nothing;
    struct fora_buf next;
    size_t needed; /* ids told */
};

/* ---- what is hidden ---- */

static const struct fora_object *hide(struct scene *s, const struct fx_who *who,
    struct fora_header header, struct fora_content content)
{
    uint64_t at = s->story.net.now - 500 + s->hidden_count;
    assert_true(s->hidden_count < HIDDEN_MAX);
    return s->hidden[s->hidden_count++] = fx_object(&s->story.fx, who, header, content, at);
}

static struct fora_content said(struct scene *s, uint32_t kind)
{
    struct fora_content content = {.kind = kind};
    struct fora_bytes text = fora_bytes_str(marker);
    switch (kind) {
    case FORA_KIND_THREAD:
        content.u.thread = (struct fora_thread){.type = FORA_THREAD_QUESTION,
            .title = text,
            .text = text,
            .mentions = &s->bob->id,
            .mentions_count = 1};
        break;
    case FORA_KIND_POST:
        content.u.post = (struct fora_post){
            .type = FORA_POST_COMMENT, .text = text, .mentions = &s->bob->id, .mentions_count = 1};
        break;
    case FORA_KIND_FLAG:
        content.u.flag = (struct fora_flag){.reason = fora_bytes_str("spam"), .note = text};
        break;
    case FORA_KIND_POLICY:
        content.u.policy = (struct fora_policy_statement){.has_name = true, .name = text};
        break;
    case FORA_KIND_PROFILE:
        content.u.profile = (struct fora_profile){.name = text};
        break;
    default:
        assert_int_equal(kind, FORA_KIND_ATTESTATION);
        content.u.attestation = (struct fora_attestation){
            .type = FORA_ATTESTATION_BADGE, .subject = s->story.ann->id, .from = 1, .label = text};
        break;
    }
    return content;
}

/* By admission, as this node might write them itself: in sets of their own. */
static void hide_in_sets_of_their_own(struct scene *s)
{
    struct net_node *a = s->story.a;
    struct policies *policies;
    struct committer *committer;
    struct commit_item items[4] = {{.source = COMMIT_LOCAL}};
    struct commit_batch batch = {.items = items, .count = 4, .now = s->story.net.now};
    struct commit_result result;
    struct fora_header header = {.space = s->story.space, .audience = FORA_AUDIENCE_RESTRICTED};
    const struct fora_object *thread = hide(s, s->story.ann, header, said(s, FORA_KIND_THREAD));
    (void)hide(s, &s->owner, header, said(s, FORA_KIND_ATTESTATION));
    header.root = header.parent = thread->id;
    (void)hide(s, s->story.ann, header, said(s, FORA_KIND_POST));
    header = (struct fora_header){.space = s->story.space, .audience = FORA_AUDIENCE_PRIVATE};
    (void)hide(s, s->story.ann, header, said(s, FORA_KIND_THREAD));
    assert_int_equal(policies_new(&policies), 0);
    assert_int_equal(committer_new(&committer, a->kv, policies), 0);
    for (size_t i = 0; i < 4; i++) {
        items[i].source = COMMIT_LOCAL;
        items[i].object = *s->hidden[i];
    }
    assert_int_equal(commit_run(committer, &batch, &result), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(items[i].code, 0);
    }
    committer_free(committer);
    policies_free(policies);
}

/* Below admission: as if it belonged to what is public. It is in the log of the public set, and
 * every index names it. */
static void plant(struct scene *s, struct ledger *ledger, const struct fora_object *object,
    const struct fora_content *content, store_seq owner)
{
    struct store_key key;
    struct ledger_set *set = ledger_set(ledger, &s->story.space, FORA_AUDIENCE_PUBLIC);
    assert_non_null(set);
    store_seq seq = objects_append(&ledger->objects, object, 0);
    children_add(ledger->txn, owner, seq);
    ledger_join(ledger, set, seq, object->header.created_at, &object->id, 0);
    ledger_leave(ledger, set, object->header.created_at, &object->id); /* the log keeps it */
    mentions_stored(ledger->txn, seq, content);
    standing_stored(ledger->txn, object, seq, content);
    if (object->header.kind == FORA_KIND_FLAG) {
        key_flag(&key, set->info.number, seq);
        kv_put(ledger->txn, T_FLAGS, store_key_bytes(&key), fora_bytes(NULL, 0));
    }
}

static void hide_among_what_is_public(struct scene *s)
{
    static const uint32_t kinds[] = {
        FORA_KIND_POST, FORA_KIND_FLAG, FORA_KIND_POLICY, FORA_KIND_PROFILE, FORA_KIND_ATTESTATION};
    struct ledger ledger;
    assert_int_equal(ledger_begin(&ledger, s->story.a->kv), 0);
    store_seq thread = objects_find(ledger.txn, s->story.thread->id.b);
    store_seq space = objects_find(ledger.txn, s->story.space.b);
    store_seq ann = objects_find(ledger.txn, s->story.ann->id.b);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct fora_header header = {.audience = FORA_AUDIENCE_RESTRICTED};
        struct fora_content content = said(s, kinds[i]);
        bool in_thread = kinds[i] == FORA_KIND_POST || kinds[i] == FORA_KIND_FLAG;
        header.space = i < 3 ? s->story.space : header.space; /* the others are a principal's */
        header.root = header.parent = in_thread ? s->story.thread->id : header.root;
        const struct fora_object *object = hide(s, s->story.ann, header, content);
        plant(s, &ledger, object, &content,
            in_thread                      ? thread
            : kinds[i] == FORA_KIND_POLICY ? space
                                           : ann);
    }
    assert_int_equal(ledger_commit(&ledger), 0);
}

/* ---- who hears what ---- */

static bool contains(struct fora_bytes where, const void *what, size_t size)
{
    for (size_t at = 0; at + size <= where.size; at++) {
        if (where.data[at] == *(const uint8_t *)what && memcmp(where.data + at, what, size) == 0) {
            return true;
        }
    }
    return false;
}

static int needs(void *context, const uint8_t id[FORA_ID_SIZE])
{
    struct scene *s = context;
    for (size_t i = 0; i < s->hidden_count; i++) {
        s->told += memcmp(s->hidden[i]->id.b, id, FORA_ID_SIZE) == 0;
    }
    s->needed++;
    return 0;
}

static int has(void *context, const uint8_t id[FORA_ID_SIZE])
{
    (void)context;
    (void)id;
    fail(); /* of a guest that has nothing */
    return 0;
}

static void reconciles(struct scene *s, struct fora_bytes message)
{
    struct fora_neg_source source = fora_neg_vector_source(s->nothing);
    const struct fora_neg_limits limits = {.lean = true};
    const struct fora_neg_report report = {s, has, needs};
    fora_buf_clear(&s->next);
    assert_int_equal(fora_neg_reply(&source, &limits, message, &report, &s->next), 0);
}

/* Every frame is looked through; ids that were asked for may come back as missing. */
static void hears(void *listener, const struct fora_message *message)
{
    struct scene *s = listener;
    struct fora_message copy = *message;
    if (copy.type == FORA_MSG_OBJECTS) {
        copy.u.objects.missing_count = 0;
    }
    if (copy.type == FORA_MSG_RECONCILE_REPLY) {
        reconciles(s, copy.u.reconcile_reply.message);
    }
    fora_buf_clear(&s->frame);
    assert_int_equal(fora_message_encode(&s->frame, &copy), 0);
    bool told = contains(fora_buf_bytes(&s->frame), marker, sizeof marker - 1);
    for (size_t i = 0; i < s->hidden_count; i++) {
        told = told || contains(fora_buf_bytes(&s->frame), s->hidden[i]->id.b, FORA_ID_SIZE);
    }
    if (told && s->told++ == 0) {
        s->told_by = copy.type;
        print_error("told by a message of type %u\n", (unsigned)copy.type);
    }
}

static int write_credential(
    struct fora_buf *out, const struct credential *credential, const struct fora_secret *secret)
{
    assert_non_null(secret);
    assert_non_null(credential);
    fora_buf_append_bytes(out, fora_bytes_str("{}"));
    return out->error;
}

static void setup(struct scene *s)
{
    struct story *story = &s->story;
    memset(s, 0, sizeof *s);
    story_init(story, false);
    s->bob = fx_member(&story->fx, 2, story->net.now - 1000);
    s->owner = (struct fx_who){.device = story->a->device, .id = story->a->id};
    story->a->credential = write_credential;
    struct fora_content badge = said(s, FORA_KIND_ATTESTATION);
    badge.u.attestation.label = fora_bytes_str("public");
    s->badge = fx_object(&story->fx, &s->owner, (struct fora_header){.space = story->space}, badge,
        story->net.now - 800);
    struct fora_content comment = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT,
            .text = fora_bytes_str("Bob may know."),
            .mentions = &s->bob->id,
            .mentions_count = 1}};
    struct fora_content flag = {
        .kind = FORA_KIND_FLAG, .u.flag = {.reason = fora_bytes_str("spam")}};
    const struct fora_object *objects[] = {s->bob->create, s->badge,
        fx_grant(&story->fx, &s->owner, &story->space_stub, s->bob, FORA_ROLE_MODERATOR, 0, 0,
            story->net.now - 900),
        fx_about(&story->fx, story->ann, story->thread, comment, story->net.now),
        fx_about(&story->fx, s->bob, story->thread, flag, story->net.now)};
    net_put(&story->net, story->a, objects, sizeof objects / sizeof objects[0]);
    hide_in_sets_of_their_own(s);
    hide_among_what_is_public(s);
    net_restart(&story->net, story->a);
    assert_int_equal(fora_neg_vector_new(&s->nothing, NULL, 0), 0);
}

static void teardown(struct scene *s)
{
    fora_neg_vector_free(s->nothing);
    fora_buf_fini(&s->next);
    fora_buf_fini(&s->frame);
    story_fini(&s->story);
}

/* ---- asking ---- */

/* Asks; how many answers of the type came. */
static size_t ask(struct guest *guest, struct fora_message *message, uint32_t answer)
{
    size_t before = guest->heard[answer];
    assert_int_not_equal(guest_ask(guest, message), 0);
    guest_settle(guest);
    assert_false(guest->cut);
    return guest->heard[answer] - before;
}

static void asks_by_id(struct scene *s, struct guest *guest)
{
    struct fora_object_id ids[HIDDEN_MAX + 1];
    struct fora_message message = {.type = FORA_MSG_FETCH, .u.fetch = {.ids = ids}};
    struct fora_message answer;
    struct fora_arena arena;
    for (size_t i = 0; i < s->hidden_count; i++) {
        ids[i] = s->hidden[i]->id;
        message.u.fetch.ids_count = i + 1;
    }
    ids[message.u.fetch.ids_count++] = s->story.thread->id;
    for (unsigned turn = 0; turn < 2; turn++) { /* Fetch, GetReceipts */
        assert_int_equal(ask(guest, &message, FORA_MSG_OBJECTS), 1);
        fora_arena_init(&arena, 0);
        guest_last(guest, &arena, &answer);
        assert_int_equal(answer.u.objects.objects_count, 1);
        assert_int_equal(answer.u.objects.missing_count, s->hidden_count);
        fora_arena_fini(&arena);
        message = (struct fora_message){.type = FORA_MSG_GET_RECEIPTS,
            .u.get_receipts = {.ids = ids, .ids_count = s->hidden_count + 1}};
    }
}

static void asks_for_threads(struct scene *s, struct guest *guest)
{
    struct fora_message message = {.type = FORA_MSG_GET_THREAD};
    message.u.get_thread.context = true;
    message.u.get_thread.root = s->story.thread->id;
    assert_int_equal(ask(guest, &message, FORA_MSG_THREAD_OBJECTS), 1);
    for (size_t i = 0; i < s->hidden_count; i++) {
        message.u.get_thread.root = s->hidden[i]->id;
        assert_int_equal(ask(guest, &message, FORA_MSG_ERROR), 1);
        assert_int_equal(guest->error, FORA_E_ABSENT);
    }
}

static void asks_who_she_is(struct scene *s, struct guest *guest)
{
    struct fora_message message = {.type = FORA_MSG_GET_PRINCIPAL};
    for (unsigned way = 0; way < 4; way++) {
        message.u.get_principal.principal = s->story.ann->id;
        message.u.get_principal.attested = (way & 1) != 0;
        message.u.get_principal.carried = (way & 2) != 0;
        assert_int_equal(ask(guest, &message, FORA_MSG_PRINCIPAL_OBJECTS), 1);
    }
    message = (struct fora_message){.type = FORA_MSG_LIST_SPACES};
    assert_int_equal(ask(guest, &message, FORA_MSG_SPACES), 1);
}

/* A guest that has nothing reconciles until it was told of everything. */
static void asks_for_the_set(struct scene *s, struct guest *guest)
{
    struct fora_neg_source source = fora_neg_vector_source(s->nothing);
    const struct fora_neg_limits limits = {.lean = true};
    struct fora_message message = {.type = FORA_MSG_RECONCILE};
    uint64_t count;
    uint8_t fingerprint[16];
    net_state(s->story.a, &s->story.space, &count, fingerprint);
    s->needed = 0;
    fora_buf_clear(&s->next);
    assert_int_equal(fora_neg_start(&source, &limits, &s->next), 0);
    for (unsigned round = 0; s->next.size > 0; round++) {
        struct fora_buf said_last = s->next;
        assert_true(round < 8);
        s->next = (struct fora_buf){0};
        message.u.reconcile.space = s->story.space;
        message.u.reconcile.message = fora_buf_bytes(&said_last);
        assert_int_equal(ask(guest, &message, FORA_MSG_RECONCILE_REPLY), 1);
        fora_buf_fini(&said_last);
    }
    assert_int_equal(s->needed, count);
    (void)story_follow(guest, &s->story.space);
    guest_settle(guest);
    assert_true(guest->heard[FORA_MSG_FOLLOW_BATCH] > 0);
}

/* Sets of other audiences, which this node holds. */
static void asks_for_other_sets(struct scene *s, struct guest *guest)
{
    struct fora_neg_source source = fora_neg_vector_source(s->nothing);
    const struct fora_neg_limits limits = {.lean = true};
    struct fora_buf first = {0};
    assert_int_equal(fora_neg_start(&source, &limits, &first), 0);
    for (uint32_t audience = FORA_AUDIENCE_RESTRICTED; audience <= FORA_AUDIENCE_PRIVATE;
         audience++) {
        struct fora_message message = {.type = FORA_MSG_FOLLOW};
        message.u.follow.space = s->story.space;
        message.u.follow.audience = audience;
        assert_int_equal(ask(guest, &message, FORA_MSG_ERROR), 1);
        assert_int_equal(guest->error, FORA_E_AUDIENCE);
        message = (struct fora_message){.type = FORA_MSG_RECONCILE};
        message.u.reconcile.space = s->story.space;
        message.u.reconcile.audience = audience;
        message.u.reconcile.message = fora_buf_bytes(&first);
        assert_int_equal(ask(guest, &message, FORA_MSG_ERROR), 1);
        assert_int_equal(guest->error, FORA_E_AUDIENCE);
    }
    fora_buf_fini(&first);
}

/* What clients only may ask for. */
static void asks_as_a_client(struct scene *s, struct guest *guest)
{
    struct fora_message message = {.type = FORA_MSG_LIST_THREADS};
    message.u.list_threads.space = s->story.space;
    for (uint32_t order = 0; order < FORA_ORDER_TAG; order++) {
        message.u.list_threads.order = order;
        assert_int_equal(ask(guest, &message, FORA_MSG_THREADS), 1);
    }
    for (size_t i = 0; i < s->hidden_count; i++) {
        message = (struct fora_message){.type = FORA_MSG_GET_DELIVERY};
        message.u.get_delivery.id = s->hidden[i]->id;
        assert_int_equal(ask(guest, &message, FORA_MSG_DELIVERY), 0);
        message = (struct fora_message){.type = FORA_MSG_GET_CREDENTIAL};
        message.u.get_credential.id = s->hidden[i]->id;
        assert_int_equal(ask(guest, &message, FORA_MSG_CREDENTIAL), 0);
    }
    message = (struct fora_message){.type = FORA_MSG_GET_DELIVERY};
    message.u.get_delivery.id = s->story.thread->id;
    assert_int_equal(ask(guest, &message, FORA_MSG_DELIVERY), 1);
    message = (struct fora_message){.type = FORA_MSG_GET_CREDENTIAL};
    message.u.get_credential.id = s->badge->id;
    assert_int_equal(ask(guest, &message, FORA_MSG_CREDENTIAL), 1);
}

static void asks_as_a_moderator(struct scene *s, struct guest *guest)
{
    struct fora_message message = {.type = FORA_MSG_LIST_MENTIONS}, answer;
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    assert_int_equal(ask(guest, &message, FORA_MSG_MENTIONS), 1);
    guest_last(guest, &arena, &answer);
    assert_int_equal(answer.u.mentions.rows_count, 1);
    message = (struct fora_message){.type = FORA_MSG_LIST_FLAGS};
    message.u.list_flags.space = s->story.space;
    assert_int_equal(ask(guest, &message, FORA_MSG_OBJECTS), 1);
    guest_last(guest, &arena, &answer);
    assert_int_equal(answer.u.objects.objects_count, 1);
    fora_arena_fini(&arena);
}

enum who { A_PEER, A_STRANGER, A_MEMBER };

static void nothing_is_told_to(enum who who)
{
    static struct scene s;
    struct guest guest;
    setup(&s);
    story_guest(&s.story, &guest, who == A_PEER ? 9 : 0);
    if (who == A_MEMBER) {
        (void)guest_auth(&guest, &s.bob->id, s.bob->device, NULL, 0);
        guest_settle(&guest);
        assert_int_equal(guest.heard[FORA_MSG_AUTH_OK], 1);
    }
    guest.hears = hears;
    guest.listener = &s;
    asks_by_id(&s, &guest);
    asks_for_threads(&s, &guest);
    asks_who_she_is(&s, &guest);
    asks_for_the_set(&s, &guest);
    asks_for_other_sets(&s, &guest);
    if (who != A_PEER) {
        asks_as_a_client(&s, &guest);
    }
    if (who == A_MEMBER) {
        asks_as_a_moderator(&s, &guest);
    }
    assert_int_equal(s.told, 0);
    guest_fini(&guest);
    teardown(&s);
}

static void rep11_sec30_a_peer_is_told_nothing_that_is_not_public(void **state)
{
    (void)state;
    nothing_is_told_to(A_PEER);
}

static void rep11_sec30_a_stranger_is_told_nothing_that_is_not_public(void **state)
{
    (void)state;
    nothing_is_told_to(A_STRANGER);
}

static void rep11_sec30_a_member_is_told_nothing_that_is_not_public(void **state)
{
    (void)state;
    nothing_is_told_to(A_MEMBER);
}

/* ---- what is brought ---- */

/* What belongs to a principal is in the sets of all spaces that she writes in, and is public too.
 */
static void rep11_what_a_node_states_of_a_member_is_refused_unless_it_is_public(void **state)
{
    struct scene s;
    struct guest peer, member;
    uint64_t count, before;
    uint8_t fingerprint[16];
    (void)state;
    memset(&s, 0, sizeof s);
    story_init(&s.story, false);
    story_guest(&s.story, &peer, 9);
    story_guest(&s.story, &member, 0);
    (void)guest_auth(&member, &s.story.ann->id, s.story.ann->device, NULL, 0);
    guest_settle(&member);
    assert_int_equal(member.heard[FORA_MSG_AUTH_OK], 1);
    net_state(s.story.a, &s.story.space, &before, fingerprint);
    struct guest *const bring[] = {&peer, &member};
    for (uint32_t audience = FORA_AUDIENCE_RESTRICTED; audience <= FORA_AUDIENCE_PRIVATE;
         audience++) {
        struct fora_header header = {.audience = audience};
        struct fora_content content = said(&s, FORA_KIND_ATTESTATION);
        const struct fora_object *object =
            fx_object(&s.story.fx, s.story.ann, header, content, s.story.net.now - audience);
        for (size_t i = 0; i < 2; i++) {
            assert_int_not_equal(guest_put(bring[i], &object, 1), 0);
            guest_settle(bring[i]);
            assert_int_equal(bring[i]->put_code, FORA_E_REFUSED);
        }
    }
    net_state(s.story.a, &s.story.space, &count, fingerprint);
    assert_int_equal(count, before);
    guest_fini(&peer);
    guest_fini(&member);
    story_fini(&s.story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rep11_sec30_a_peer_is_told_nothing_that_is_not_public),
        cmocka_unit_test(rep11_sec30_a_stranger_is_told_nothing_that_is_not_public),
        cmocka_unit_test(rep11_sec30_a_member_is_told_nothing_that_is_not_public),
        cmocka_unit_test(rep11_what_a_node_states_of_a_member_is_refused_unless_it_is_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
