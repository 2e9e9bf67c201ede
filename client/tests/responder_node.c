/* Behind the listener: a memory of objects, and just enough of a node. Admits everything. */
#include "responder.h"

#include "fora/noise.h"
#include "fora/policy.h"
#include "fora/session.h"
#include "fora/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "responder: %s fails\n", #condition);                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct fora_object decoded(const struct responder *r, size_t i)
{
    struct fora_object object;
    MUST(fora_object_decode(&object, fora_buf_bytes(&r->objects[i])) == 0);
    return object;
}

static struct fora_buf *new_object(struct responder *r)
{
    MUST(r->objects_count < RESPONDER_OBJECTS_MAX);
    return &r->objects[r->objects_count++];
}

static struct fora_object_id sign(struct responder *r, struct fora_header *header,
    struct fora_bytes content, const struct fora_secret *secret)
{
    struct fora_object_id id;
    MUST(fora_object_build(new_object(r), header, content, secret, &id) == 0);
    return id;
}

static struct fora_object_id make(struct responder *r, struct fora_header *header,
    struct fora_content *content, const struct fora_secret *secret)
{
    struct fora_buf encoded = {0};
    header->kind = content->kind;
    header->created_at = responder_now();
    fora_salt_random(fora_content_salt(content));
    MUST(fora_content_encode(&encoded, content) == 0);
    struct fora_object_id id = sign(r, header, fora_buf_bytes(&encoded), secret);
    fora_buf_fini(&encoded);
    return id;
}

static void make_log(struct responder *r, struct fora_identity_create *create,
    const struct fora_secret *root, const struct fora_secret *device, struct fora_principal_id *id)
{
    struct fora_device_key key = {.label = fora_bytes_str("test")};
    struct fora_salt salt;
    fora_salt_random(&salt);
    fora_secret_public(device, &key.sign);
    memset(create->next_root_commitment.b, 1, sizeof create->next_root_commitment.b);
    create->keys = &key;
    create->keys_count = 1;
    MUST(fora_identity_build_create(new_object(r), create, &salt, responder_now(), root, id) == 0);
}

void responder_found(struct responder *r)
{
    struct fora_node_info info = {.name = fora_bytes_str("Test node")};
    struct fora_identity_create create = {.type = FORA_PRINCIPAL_NODE, .node = &info};
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_policy_statement *policy = &content.u.policy;
    fora_random(r->noise_secret, sizeof r->noise_secret);
    fora_noise_public(info.noise_key.b, r->noise_secret);
    if (r->mode == RESPONDER_FOREIGN_KEY) {
        info.noise_key.b[0] ^= 1;
    }
    MUST(fora_secret_new(&r->root) == 0);
    make_log(r, &create, r->root, r->root, &r->node);
    policy->kind = FORA_SPACE_QUESTIONS;
    policy->has_name = policy->has_slug = true;
    policy->name = fora_bytes_str("Help desk");
    policy->slug = fora_bytes_str("help");
    struct fora_header header = {.author = r->node};
    struct fora_object_id id = make(r, &header, &content, r->root);
    memcpy(r->space.b, id.b, sizeof id.b);
    if (r->mode == RESPONDER_BAD_LOG) {
        r->objects[0].data[r->objects[0].size - 1] ^= 1;
    }
}

static void reply(struct responder_peer *peer, const struct fora_message *ask,
    struct fora_message *answer, uint32_t type)
{
    answer->request = ask->request;
    answer->type = type;
    int error = fora_session_send(peer->session, answer);
    if (error != 0) {
        (void)fprintf(stderr, "responder: cannot send %s: %s\n", fora_message_name(type),
            fora_error_name(error));
    }
}

static void refuse(
    struct responder_peer *peer, const struct fora_message *ask, int code, const char *text)
{
    struct fora_message answer = {0};
    answer.u.error.code = fora_error_to_wire(code);
    answer.u.error.text = fora_bytes_str(text);
    answer.u.error.retry_after = code == FORA_E_QUOTA ? 7 : 0;
    reply(peer, ask, &answer, FORA_MSG_ERROR);
}

static void auth_ok(struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    answer.u.auth_ok.principal = peer->member->id;
    answer.u.auth_ok.name = fora_bytes_str(peer->member->name);
    answer.u.auth_ok.custodial = !peer->member->own_keys;
    reply(peer, ask, &answer, FORA_MSG_AUTH_OK);
}

static void copy_text(char *out, size_t room, struct fora_bytes text)
{
    (void)snprintf(out, room, "%.*s", (int)text.size, text.size > 0 ? (const char *)text.data : "");
}

static struct responder_member *member_of(struct responder *r, struct fora_bytes handle)
{
    for (size_t i = 0; i < r->members_count; i++) {
        if (fora_bytes_equal(fora_bytes_str(r->members[i].handle), handle)) {
            return &r->members[i];
        }
    }
    return NULL;
}

static void sign_up(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    const struct fora_msg_sign_up *request = &ask->u.sign_up;
    if (member_of(r, request->handle) != NULL) {
        refuse(peer, ask, FORA_E_NAME_TAKEN, "somebody has that name");
        return;
    }
    MUST(r->members_count < RESPONDER_MEMBERS_MAX);
    struct responder_member *member = &r->members[r->members_count++];
    copy_text(member->handle, sizeof member->handle, request->handle);
    copy_text(member->password, sizeof member->password, request->password);
    copy_text(member->name, sizeof member->name,
        request->name.size > 0 ? request->name : request->handle);
    member->session_key = request->session_key;
    member->own_keys = request->identity_count > 0;
    if (member->own_keys) {
        struct fora_object entry;
        MUST(fora_object_decode(&entry, request->identity[0]) == 0);
        member->id = fora_object_principal(&entry);
        for (size_t i = 0; i < request->identity_count; i++) {
            fora_buf_append_bytes(new_object(r), request->identity[i]);
        }
    } else {
        struct fora_identity_create create = {.type = FORA_PRINCIPAL_MEMBER, .home = r->node};
        struct fora_content profile = {.kind = FORA_KIND_PROFILE};
        MUST(fora_secret_new(&member->device) == 0);
        make_log(r, &create, member->device, member->device, &member->id);
        profile.u.profile.name = fora_bytes_str(member->name);
        struct fora_header header = {.author = member->id};
        (void)make(r, &header, &profile, member->device);
    }
    peer->member = member;
    auth_ok(peer, ask);
}

static void login(struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct responder_member *member = member_of(r, ask->u.login.handle);
    if (member == NULL ||
        !fora_bytes_equal(fora_bytes_str(member->password), ask->u.login.password)) {
        refuse(peer, ask, FORA_E_AUTH, "handle or password is wrong");
        return;
    }
    member->session_key = ask->u.login.session_key;
    peer->member = member;
    auth_ok(peer, ask);
}

static void auth(struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    static const struct responder_member stranger = {.name = ""};
    const struct fora_msg_auth *request = &ask->u.auth;
    struct fora_bytes hash = fora_bytes(fora_session_hash(peer->session), FORA_NOISE_HASH_SIZE);
    if (fora_verify(&request->signature, &request->key, FORA_DOMAIN_SIGN_AUTH, hash) != 0) {
        refuse(peer, ask, FORA_E_AUTH, "the signature is wrong");
        return;
    }
    for (size_t i = 0; i < r->members_count; i++) {
        struct responder_member *member = &r->members[i];
        bool same = memcmp(member->id.b, request->principal.b, FORA_ID_SIZE) == 0;
        if (same && (member->own_keys ||
                        memcmp(member->session_key.b, request->key.b, FORA_KEY_SIZE) == 0)) {
            peer->member = member;
            auth_ok(peer, ask);
            return;
        }
    }
    if (request->identity_count == 0) {
        refuse(peer, ask, FORA_E_AUTH, "that key is not known");
        return;
    }
    peer->member = &stranger;
    auth_ok(peer, ask);
}

static bool in_thread(const struct fora_object *object, const struct fora_object_id *root)
{
    return memcmp(object->id.b, root->b, FORA_ID_SIZE) == 0 ||
           memcmp(object->header.root.b, root->b, FORA_ID_SIZE) == 0;
}

static size_t collect(
    struct responder *r, const struct fora_object_id *root, bool context, struct fora_bytes *out)
{
    size_t count = 0;
    for (size_t i = 0; i < r->objects_count; i++) {
        struct fora_object object = decoded(r, i);
        bool thread = in_thread(&object, root);
        bool about = object.header.kind == FORA_KIND_IDENTITY ||
                     object.header.kind == FORA_KIND_PROFILE ||
                     object.header.kind == FORA_KIND_POLICY;
        if (context ? about : thread) {
            out[count++] = fora_buf_bytes(&r->objects[i]);
        }
    }
    return count;
}

static void get_thread(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_bytes objects[RESPONDER_OBJECTS_MAX], context[RESPONDER_OBJECTS_MAX];
    struct fora_msg_thread_objects *out = &answer.u.thread_objects;
    struct fora_buf forged = {0};
    size_t count = collect(r, &ask->u.get_thread.root, false, objects);
    if (count == 0) {
        refuse(peer, ask, FORA_E_ABSENT, "no such thread");
        return;
    }
    if (r->mode == RESPONDER_FORGES && count > 1) {
        fora_buf_append_bytes(&forged, objects[1]);
        forged.data[forged.size - 1] ^= 1;
        objects[1] = fora_buf_bytes(&forged);
    }
    /* In two frames, as a long thread comes. */
    out->space = r->space;
    out->objects = objects;
    out->objects_count = 1;
    out->more = true;
    reply(peer, ask, &answer, FORA_MSG_THREAD_OBJECTS);
    out->objects = objects + 1;
    out->objects_count = count - 1;
    out->context = context;
    out->context_count = collect(r, &ask->u.get_thread.root, true, context);
    out->more = false;
    out->checkpoint_at = 1714564800000;
    reply(peer, ask, &answer, FORA_MSG_THREAD_OBJECTS);
    fora_buf_fini(&forged);
}

static void list_threads(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_msg_thread_row rows[32];
    struct fora_view_thread views[32];
    struct fora_arena arena;
    struct fora_policy *policy;
    struct fora_object statement = decoded(r, 1);
    struct fora_msg_threads *threads = &answer.u.threads;
    fora_arena_init(&arena, 0);
    MUST(fora_policy_new(&policy) == 0 && fora_policy_add(policy, &statement) == 0);
    for (size_t i = 0; i < r->objects_count && threads->rows_count < 32; i++) {
        struct fora_object all[RESPONDER_OBJECTS_MAX];
        struct fora_object thread = decoded(r, i);
        size_t count = 0;
        if (thread.header.kind != FORA_KIND_THREAD) {
            continue;
        }
        for (size_t o = 0; o < r->objects_count; o++) {
            all[count] = decoded(r, o);
            count += in_thread(&all[count], &thread.id);
        }
        struct fora_view_thread *view = &views[threads->rows_count];
        MUST(fora_view_thread_fold(&arena, policy, all, count, view) == 0);
        fora_view_thread_row(&rows[threads->rows_count++], view);
    }
    threads->rows = rows;
    if (ask->u.list_threads.limit == 1 && ask->u.list_threads.cursor.size == 0) {
        threads->rows_count = threads->rows_count > 1 ? 1 : threads->rows_count;
        threads->next = fora_bytes("\x01\x02", 2);
    } else if (ask->u.list_threads.cursor.size > 0 && threads->rows_count > 0) {
        threads->rows++;
        threads->rows_count--;
    }
    reply(peer, ask, &answer, FORA_MSG_THREADS);
    fora_policy_free(policy);
    fora_arena_fini(&arena);
}

/* All that was written, whoever it mentions: who asks has to look. */
static void list_mentions(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_msg_mention_row rows[RESPONDER_OBJECTS_MAX] = {0};
    struct fora_msg_mentions *out = &answer.u.mentions;
    struct fora_buf forged = {0};
    out->rows = rows;
    for (size_t i = 0; i < r->objects_count; i++) {
        uint32_t kind = decoded(r, i).header.kind;
        if (kind == FORA_KIND_THREAD || kind == FORA_KIND_POST) {
            rows[out->rows_count++].object = fora_buf_bytes(&r->objects[i]);
        }
    }
    if (r->mode == RESPONDER_FORGES && out->rows_count > 1) {
        fora_buf_append_bytes(&forged, rows[1].object);
        forged.data[forged.size - 1] ^= 1;
        rows[1].object = fora_buf_bytes(&forged);
    }
    reply(peer, ask, &answer, FORA_MSG_MENTIONS);
    fora_buf_fini(&forged);
}

static void list_spaces(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_bytes policy = fora_buf_bytes(&r->objects[1]);
    struct fora_msg_space_row row = {.space = r->space,
        .policy = &policy,
        .policy_count = 1,
        .objects = r->objects_count,
        .threads = 1,
        .hosted_here = true};
    answer.u.spaces.rows = &row;
    answer.u.spaces.rows_count = 1;
    reply(peer, ask, &answer, FORA_MSG_SPACES);
}

static void fetch(struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_bytes found[8];
    struct fora_msg_objects *out = &answer.u.objects;
    out->objects = found;
    for (size_t i = 0; i < r->objects_count && out->objects_count < 8; i++) {
        struct fora_object object = decoded(r, i);
        if (memcmp(object.id.b, ask->u.fetch.ids[0].b, FORA_ID_SIZE) == 0) {
            found[out->objects_count++] = fora_buf_bytes(&r->objects[i]);
        }
    }
    if (out->objects_count == 0) {
        out->missing = ask->u.fetch.ids;
        out->missing_count = 1;
    }
    reply(peer, ask, &answer, FORA_MSG_OBJECTS);
}

static void get_principal(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_bytes found[RESPONDER_OBJECTS_MAX];
    struct fora_msg_principal_objects *out = &answer.u.principal_objects;
    out->principal = ask->u.get_principal.principal;
    if (ask->u.get_principal.handle.size > 0) {
        const struct responder_member *member = member_of(r, ask->u.get_principal.handle);
        if (member == NULL) {
            refuse(peer, ask, FORA_E_ABSENT, "nobody of that handle");
            return;
        }
        out->principal = member->id;
    }
    out->objects = found;
    for (size_t i = 0; i < r->objects_count; i++) {
        struct fora_object object = decoded(r, i);
        struct fora_principal_id id = fora_object_principal(&object);
        if (fora_header_principal_scoped(&object.header) &&
            memcmp(id.b, out->principal.b, FORA_ID_SIZE) == 0) {
            found[out->objects_count++] = fora_buf_bytes(&r->objects[i]);
        }
    }
    reply(peer, ask, &answer, FORA_MSG_PRINCIPAL_OBJECTS);
}

static void put_result(struct responder_peer *peer, const struct fora_message *ask,
    const struct fora_object_id *id, int code)
{
    struct fora_message answer = {0};
    struct fora_msg_result result = {.id = *id, .code = fora_error_to_wire(code)};
    answer.u.put_result.results = &result;
    answer.u.put_result.results_count = 1;
    reply(peer, ask, &answer, FORA_MSG_PUT_RESULT);
}

static void compose(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    const struct fora_msg_compose *request = &ask->u.compose;
    struct fora_buf content = {0};
    struct fora_salt salt;
    struct fora_object_id id = {{0}};
    if (peer->member == NULL || peer->member->device == NULL) {
        refuse(peer, ask, FORA_E_AUTH, "log in first");
        return;
    }
    struct fora_header header = {.kind = request->kind,
        .author = peer->member->id,
        .created_at = responder_now(),
        .space = request->space,
        .root = request->root,
        .parent = request->parent};
    if (request->kind == FORA_KIND_MODERATION) {
        put_result(peer, ask, &id, FORA_E_FORBIDDEN);
        return;
    }
    fora_salt_random(&salt);
    MUST(fora_content_add_salt(&content, request->content, &salt) == 0);
    id = sign(r, &header, fora_buf_bytes(&content), peer->member->device);
    fora_buf_fini(&content);
    put_result(peer, ask, &id, 0);
}

static void put(struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_object object;
    int error = fora_object_decode(&object, ask->u.put.objects[0]);
    if (error == 0) {
        error = fora_object_verify(&object);
    }
    if (error == 0) {
        fora_buf_append_bytes(new_object(r), ask->u.put.objects[0]);
    }
    put_result(peer, ask, &object.id, error);
}

static void follow(struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_msg_follow_batch *batch = &answer.u.follow_batch;
    batch->epoch = fora_bytes("epochone", 8);
    batch->head = r->objects_count;
    batch->next = r->objects_count;
    batch->caught_up = true;
    if (ask->u.follow.live) {
        peer->live = ask->request;
        peer->position = ask->u.follow.position;
    }
    reply(peer, ask, &answer, FORA_MSG_FOLLOW_BATCH);
}

void responder_push(struct responder *r, struct responder_peer *peer)
{
    struct fora_message ask = {.request = peer->live};
    struct fora_message answer = {0};
    struct fora_bytes objects[RESPONDER_OBJECTS_MAX];
    struct fora_msg_follow_batch *batch = &answer.u.follow_batch;
    if (peer->live == 0 || peer->position >= r->objects_count) {
        return;
    }
    batch->epoch = fora_bytes("epochone", 8);
    batch->objects = objects;
    while (peer->position < r->objects_count) {
        objects[batch->objects_count++] = fora_buf_bytes(&r->objects[peer->position++]);
    }
    batch->next = batch->head = peer->position;
    batch->caught_up = true;
    reply(peer, &ask, &answer, FORA_MSG_FOLLOW_BATCH);
}

static void small_answers(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    struct fora_message answer = {0};
    struct fora_msg_delivery_row row = {
        .node = r->node, .name = fora_bytes_str("Test node"), .state = fora_bytes_str("stored")};
    struct fora_object_id id = {{1}};
    if (ask->type == FORA_MSG_GET_DELIVERY) {
        answer.u.delivery.rows = &row;
        answer.u.delivery.rows_count = 1;
        reply(peer, ask, &answer, FORA_MSG_DELIVERY);
    } else if (ask->type == FORA_MSG_VOTE) {
        answer.u.vote_result.up = ask->u.vote.value > 0;
        answer.u.vote_result.down = ask->u.vote.value < 0;
        reply(peer, ask, &answer, FORA_MSG_VOTE_RESULT);
    } else if (ask->type == FORA_MSG_REPORT) {
        put_result(peer, ask, &id, 0);
    } else if (ask->type != FORA_MSG_CANCEL && ask->type != FORA_MSG_FOLLOW_ACK) {
        refuse(peer, ask, FORA_E_UNSUPPORTED, "not by this one");
    }
}

void responder_answer(
    struct responder *r, struct responder_peer *peer, const struct fora_message *ask)
{
    static const struct {
        uint32_t type;
        void (*answer)(struct responder *, struct responder_peer *, const struct fora_message *);
    } rows[] = {
        {FORA_MSG_AUTH, auth},
        {FORA_MSG_SIGN_UP, sign_up},
        {FORA_MSG_LOGIN, login},
        {FORA_MSG_LIST_SPACES, list_spaces},
        {FORA_MSG_LIST_THREADS, list_threads},
        {FORA_MSG_LIST_MENTIONS, list_mentions},
        {FORA_MSG_GET_THREAD, get_thread},
        {FORA_MSG_GET_PRINCIPAL, get_principal},
        {FORA_MSG_FETCH, fetch},
        {FORA_MSG_COMPOSE, compose},
        {FORA_MSG_PUT, put},
        {FORA_MSG_FOLLOW, follow},
    };
    if (r->mode == RESPONDER_REFUSES) {
        refuse(peer, ask, FORA_E_QUOTA, "too many");
        return;
    }
    if (r->mode == RESPONDER_WRONG_ANSWER) {
        struct fora_message answer = {0};
        reply(peer, ask, &answer, FORA_MSG_THREADS);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == ask->type) {
            rows[i].answer(r, peer, ask);
            return;
        }
    }
    small_answers(r, peer, ask);
}
