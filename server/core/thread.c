/*
 * GetThread, a part at a time: so much of a thread as is worth a frame, the policy with the first
 * part, and the log of each author with the first of hers. So a thread of any length costs no more
 * memory than one part, and is read no faster than it is taken.
 */
#include "core/query.h"

#include <stdlib.h>
#include <string.h>

enum {
    PART_MAX = 512 * 1024,  /* bytes of objects */
    FRAME_MAX = 512 * 1024, /* bytes of objects in one frame; there may be more frames to a part */
    FRAME_OBJECTS_MAX = 4096,
    AUTHORS_MAX = 4096, /* remembered: beyond, a log may be sent again */
    PART_FULL = 1
};

struct part {
    struct job *job;
    struct objects_near near;
    struct gather thread;
    struct gather context;
    bool with_context;
};

/* True: her log was sent, or is noted now as being sent. */
static int author_known(struct job *job, store_seq author, bool *known)
{
    *known = true;
    for (size_t i = 0; i < job->authors_count; i++) {
        if (job->authors[i] == author) {
            return 0;
        }
    }
    *known = false;
    if (job->authors_count == AUTHORS_MAX) {
        return 0;
    }
    if (job->authors == NULL) {
        job->authors = malloc(AUTHORS_MAX * sizeof *job->authors);
        if (job->authors == NULL) {
            return FORA_E_NOMEM;
        }
    }
    job->authors[job->authors_count++] = author;
    return 0;
}

static int take_author(struct part *part, const struct fora_principal_id *principal)
{
    bool known = true;
    store_seq author = objects_find(part->context.txn, principal->b);
    int rc = author != 0 ? author_known(part->job, author, &known) : 0;
    return rc == 0 && !known ? gather_kinds_of(&part->context, author, GATHER_LOG) : rc;
}

static int take_child(void *context, store_seq child)
{
    struct part *part = context;
    struct stored stored;
    if (part->thread.bytes + part->context.bytes >= job_answer_room(part->job, PART_MAX) ||
        part->thread.count == FRAME_OBJECTS_MAX) {
        part->job->more = true;
        return PART_FULL;
    }
    int rc = objects_read_near(part->thread.txn, &part->near, child, &stored);
    part->job->position = child;
    if (rc != 0 || !query_may_send(part->job, part->thread.txn, &stored.object)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    rc = gather_add(&part->thread, stored.object.encoded);
    return rc == 0 && part->with_context ? take_author(part, &stored.object.header.author) : rc;
}

/* One frame with as many objects as fit, from both lists in turn. */
static int answer_frame(struct job *job, const struct fora_msg_thread_objects *all,
    size_t *thread_at, size_t *context_at)
{
    struct fora_message answer = {.type = FORA_MSG_THREAD_OBJECTS};
    struct fora_msg_thread_objects *frame = &answer.u.thread_objects;
    size_t bytes = 0, most = job_answer_room(job, FRAME_MAX);
    *frame = *all;
    /* An empty list may be NULL, to which not even 0 may be added. */
    frame->objects = all->objects_count > 0 ? all->objects + *thread_at : NULL;
    frame->objects_count = 0;
    frame->context = all->context_count > 0 ? all->context + *context_at : NULL;
    frame->context_count = 0;
    while (*context_at < all->context_count && frame->context_count < FRAME_OBJECTS_MAX &&
           (bytes == 0 || bytes + all->context[*context_at].size <= most)) {
        bytes += all->context[(*context_at)++].size;
        frame->context_count++;
    }
    while (*thread_at < all->objects_count && frame->objects_count < FRAME_OBJECTS_MAX &&
           (bytes == 0 || bytes + all->objects[*thread_at].size <= most)) {
        bytes += all->objects[(*thread_at)++].size;
        frame->objects_count++;
    }
    frame->more = job->more || *thread_at < all->objects_count || *context_at < all->context_count;
    return job_answer(job, &answer);
}

static int answer(struct part *part, const struct fora_space_id *space)
{
    size_t thread_at = 0, context_at = 0;
    struct fora_msg_thread_objects all = {.space = *space};
    int rc;
    all.objects = part->thread.objects;
    all.objects_count = part->thread.count;
    all.context = part->context.objects;
    all.context_count = part->context.count;
    do {
        rc = answer_frame(part->job, &all, &thread_at, &context_at);
    } while (rc == 0 && (thread_at < all.objects_count || context_at < all.context_count));
    return rc;
}

/* The thread and its set. */
static int find(struct job *job, struct kv_txn *txn, const struct fora_object_id *id,
    store_seq *root, struct set_info *set)
{
    struct stored stored;
    *root = objects_find(txn, id->b);
    int rc = *root != 0 ? objects_read(txn, *root, &stored) : FORA_E_NOTFOUND;
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? FORA_E_ABSENT : rc;
    }
    const struct fora_header *header = &stored.object.header;
    if (header->kind != FORA_KIND_THREAD || !query_may_send(job, txn, &stored.object)) {
        return FORA_E_ABSENT;
    }
    return sets_find(txn, &header->space, header->audience, set) ? 0 : FORA_E_UNKNOWN_SPACE;
}

int thread_run(struct job *job, struct kv_txn *txn, const struct fora_msg_get_thread *request)
{
    struct part part = {.job = job, .with_context = request->context};
    struct set_info set;
    store_seq root;
    int rc = find(job, txn, &request->root, &root, &set);
    if (rc != 0) {
        return rc;
    }
    gather_init(&part.thread, txn, NULL);
    gather_init(&part.context, txn, NULL);
    if (request->context && job->position == 0) {
        rc = gather_kinds_of(&part.context, set.space_seq, GATHER_POLICY | GATHER_RECEIPTS);
    }
    rc = rc == 0 ? children_each_after(txn, root, job->position, take_child, &part) : rc;
    rc = rc == PART_FULL ? 0 : rc;
    rc = rc == 0 ? answer(&part, &set.space) : rc;
    gather_fini(&part.thread);
    gather_fini(&part.context);
    return rc;
}
