/*
 * Loading a thread: receive, verify, learn who is who, fold.
 *
 * The node is not trusted with any of it. It can withhold objects, which a checkpoint shows, but it
 * can neither invent nor change one.
 */
#include "cmd/thread.h"

#include "fora/receipt.h"

#include <stdlib.h>
#include <string.h>

enum {
    BYTES_MAX = 256 * 1024 * 1024, /* of one thread with its context */
    OBJECTS_MAX = 100000,
    ASKED_MAX = 256 /* authors that are asked for one by one */
};

void thread_fini(struct thread *thread)
{
    people_fini(&thread->people);
    fora_policy_free(thread->policy);
    free(thread->objects);
    free(thread->context);
    fora_arena_fini(&thread->arena);
    *thread = (struct thread){0};
}

/* Copies, decodes and verifies signatures; what fails is counted in *bad. */
static int take(struct fora_arena *arena, const struct fora_bytes *encoded, size_t count,
    struct fora_object **objects, size_t *have, size_t *bad)
{
    if (count == 0) {
        return 0;
    }
    if (count > OBJECTS_MAX - *have) {
        return FORA_E_LIMIT;
    }
    struct fora_object *more = realloc(*objects, (*have + count) * sizeof *more);
    if (more == NULL) {
        return FORA_E_NOMEM;
    }
    *objects = more;
    for (size_t i = 0; i < count; i++) {
        struct fora_bytes own = fora_arena_copy(arena, encoded[i]);
        if (own.data == NULL) {
            return FORA_E_NOMEM;
        }
        if (fora_object_decode(&more[*have], own) != 0 || fora_object_verify(&more[*have]) != 0) {
            ++*bad;
        } else {
            ++*have;
        }
    }
    return 0;
}

/* A code of app->why. */
static int receive(struct app *app, struct thread *t, const struct fora_object_id *root)
{
    struct fora_message ask = {.type = FORA_MSG_GET_THREAD};
    const struct fora_message *answer;
    uint64_t request;
    size_t bad_context = 0;
    ask.u.get_thread = (struct fora_msg_get_thread){.root = *root, .context = true};
    int error = fora_client_start(app->client, &ask, &request, &app->why);
    bool more = true;
    while (error == 0 && more) {
        error = fora_client_receive(app->client, request, 0, &answer, &app->why);
        if (error != 0) {
            break;
        }
        if (answer->type != FORA_MSG_THREAD_OBJECTS) {
            error = fora_client_fail(&app->why, FORA_E_MALFORMED,
                "The node answered GetThread with %s.", fora_message_name(answer->type));
            break;
        }
        const struct fora_msg_thread_objects *got = &answer->u.thread_objects;
        int taken = take(
            &t->arena, got->objects, got->objects_count, &t->objects, &t->count, &t->unverified);
        if (taken == 0) {
            taken = take(&t->arena, got->context, got->context_count, &t->context,
                &t->context_count, &bad_context);
        }
        if (taken != 0) {
            error = fora_client_fail(
                &app->why, FORA_E_NOMEM, "The thread is larger than this client takes.");
        }
        t->space = fora_id_is_zero(got->space.b) ? t->space : got->space;
        t->checkpoint_at = got->checkpoint_at;
        more = got->more;
    }
    return error;
}

/* The node's own log is known from its Hello: no need to ask for it. */
static int add_node(struct app *app, struct thread *t)
{
    struct fora_object entries[64];
    size_t count = 0;
    size_t all;
    const struct fora_bytes *log = fora_client_node_log(app->client, &all);
    for (size_t i = 0; i < all && i < 64; i++) {
        if (fora_object_decode(&entries[count], log[i]) == 0) {
            count++; /* verified when we met */
        }
    }
    return people_add(&t->people, entries, count);
}

static int learn_people(struct app *app, struct thread *t)
{
    size_t asked = 0;
    if (people_add(&t->people, t->context, t->context_count) != 0 || add_node(app, t) != 0) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < t->count + t->context_count && asked < ASKED_MAX; i++) {
        const struct fora_object *object =
            i < t->count ? &t->objects[i] : &t->context[i - t->count];
        if (people_check(&t->people, object) != FORA_E_UNKNOWN_AUTHOR ||
            object->header.kind == FORA_KIND_IDENTITY) {
            continue;
        }
        struct fora_principal_id author = object->header.author;
        int exit = people_ask(app, app->client, &t->people, &author);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
        asked++;
    }
    return CMD_EXIT_OK;
}

static int find_log(
    void *context, const struct fora_principal_id *id, const struct fora_identity **out)
{
    const struct person *person = people_find(context, id);
    *out = person == NULL ? NULL : person->identity;
    return 0;
}

static int fold_policy(struct thread *t)
{
    int error = fora_policy_new(&t->policy);
    for (size_t i = 0; error == 0 && i < t->context_count; i++) {
        const struct fora_object *object = &t->context[i];
        if (object->header.kind != FORA_KIND_POLICY || people_check(&t->people, object) != 0) {
            continue;
        }
        int added = fora_policy_add(t->policy, object);
        error = added == FORA_E_NOMEM ? added : 0;
    }
    return error;
}

/* RCP-9: of what speaks for somebody. Before anything is read off the policy. */
static int judge_policy(struct thread *t)
{
    const struct fora_receipt_source logs = {&t->people, find_log, find_log};
    struct fora_object *receipts = calloc(t->context_count + 1, sizeof *receipts);
    size_t count = 0, fallen;
    if (receipts == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < t->context_count; i++) {
        if (t->context[i].header.kind == FORA_KIND_RECEIPT &&
            people_check(&t->people, &t->context[i]) == 0) {
            receipts[count++] = t->context[i];
        }
    }
    int error = fora_receipts_apply_policy(&logs, t->policy, receipts, count, &fallen);
    free(receipts);
    return error;
}

/* Leaves out what no key speaks for, what belongs elsewhere, and doubles. */
static void drop_unverified(struct thread *t, const struct fora_object_id *root)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct fora_object *object = &t->objects[i];
        bool belongs = memcmp(object->id.b, root->b, FORA_ID_SIZE) == 0 ||
                       memcmp(object->header.root.b, root->b, FORA_ID_SIZE) == 0;
        if (belongs && people_check(&t->people, object) == 0) {
            t->objects[kept++] = *object;
        } else {
            t->unverified++;
        }
    }
    t->count = kept;
}

/* KIND-THREAD-1: what the opening says of where it was. Of one that is gone nothing is used. */
static void learn_origin(struct thread *t)
{
    struct fora_content content;
    for (size_t i = 0; i < t->count && t->view.type != 0; i++) {
        const struct fora_object *object = &t->objects[i];
        if (memcmp(object->id.b, t->view.root.b, FORA_ID_SIZE) == 0 && object->has_content &&
            fora_content_decode(&t->arena, FORA_KIND_THREAD, object->content_bytes, &content) ==
                0) {
            t->moved_from = content.u.thread.moved_from;
        }
    }
}

static int fold(struct app *app, struct thread *out, const struct fora_object_id *root)
{
    int exit = learn_people(app, out);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (fold_policy(out) != 0 || judge_policy(out) != 0) {
        return app_fail_memory(app);
    }
    drop_unverified(out, root);
    const struct fora_receipt_source logs = {&out->people, find_log, find_log};
    int error = fora_receipts_apply(&logs, out->policy, out->objects, out->count, &out->fallen);
    if (error != 0) {
        return app_fail_memory(app);
    }
    error = fora_view_thread_fold(&out->arena, out->policy, out->objects, out->count, &out->view);
    if (error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            out->unverified > 0 ? "The node sent that thread, but its opening does not verify. Do "
                                  "not trust this node."
                                : "The node holds no such thread.");
    }
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The thread cannot be shown: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    learn_origin(out);
    return CMD_EXIT_OK;
}

int thread_look(struct app *app, struct thread *out, const struct fora_object_id *root, bool *there)
{
    *out = (struct thread){0};
    fora_arena_init(&out->arena, BYTES_MAX);
    int error = receive(app, out, root);
    *there = error != FORA_E_ABSENT;
    return error == 0 ? fold(app, out, root) : *there ? app_fail_why(app) : CMD_EXIT_OK;
}

int thread_load(struct app *app, struct thread *out, const struct fora_object_id *root)
{
    bool there;
    int exit = thread_look(app, out, root, &there);
    return there ? exit : app_fail_why(app);
}
