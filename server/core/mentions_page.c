/*
 * ListMentions: a walk down the index and down what other nodes told, and for each entry of the
 * index the question whether it is to be shown.
 *
 *     entry -> object -> does it name her? -> may it be sent? -> is it gone (VIEW-5)? -> row
 *
 * What is gone only the view of its thread can say. So a page is short when the threads are long:
 * it ends where so many objects were folded, and the next one goes on there.
 */
#include "core/mentions.h"

#include "core/effects.h"
#include "core/notice.h"
#include "core/query.h"
#include "core/rows_impl.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 512 * 1024, CURSOR_SIZE = 2 * SEQ_SIZE, LONG = 1 };

/* How far down the two lists a reader is: what is listed next comes before these. */
struct place {
    store_seq seq;
    uint64_t number; /* of what was told */
};

struct page {
    struct job *job;
    struct kv_txn *txn;
    struct fora_arena *arena;
    struct fora_msg_mentions *out;
    size_t limit;
    size_t looked;
    size_t folded;
    size_t bytes;
    /* the thread that was folded last: mentions that are near each other are often of one thread */
    store_seq root; /* 0: none */
    struct fora_arena own;
    struct fora_view_thread view; /* in it */
    store_seq long_root;          /* the one that was last found to be too long; 0: none */
};

static int count_child(void *context, store_seq child)
{
    size_t *count = context;
    (void)child;
    return ++*count > MENTIONS_FOLD_MAX ? LONG : 0;
}

static bool is_gone(const struct fora_view_thread *view, const struct fora_object_id *id)
{
    if ((view->marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0) {
        return true;
    }
    for (size_t i = 0; i < view->posts_count; i++) {
        if (memcmp(view->posts[i].id.b, id->b, sizeof id->b) == 0) {
            return (view->posts[i].marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0;
        }
    }
    return true;
}

static int fold(struct page *page, const struct fora_object *object, store_seq root)
{
    struct set_info set;
    struct policy_handle *policy = NULL;
    if (!sets_find(page->txn, &object->header.space, object->header.audience, &set)) {
        return FORA_E_NOTFOUND;
    }
    fora_arena_reset(&page->own);
    page->root = 0;
    int rc = policies_get(page->job->env->policies, page->txn, &set, &policy);
    rc = rc == 0 ? rows_fold(page->txn, &page->own, policy_of(policy), root, &page->view) : rc;
    policies_release(page->job->env->policies, policy);
    page->root = rc == 0 ? root : 0;
    return rc;
}

/* FORA_E_BUSY: so many were folded that this one is for the next page. */
static int look(struct page *page, const struct fora_object *object, store_seq root, bool *gone)
{
    size_t count = 0;
    *gone = root == 0 || effects_erased(page->txn, &object->id);
    if (*gone) {
        return 0;
    }
    int rc = page->root == root        ? 0
             : page->long_root == root ? LONG
                                       : children_each(page->txn, root, count_child, &count);
    if ((rc == 0 || rc == LONG) && page->folded > 0 && page->folded + count > MENTIONS_FOLD_ALL) {
        return FORA_E_BUSY;
    }
    page->folded += count; /* to find that a thread is too long costs as much as its folding */
    if (rc == LONG) {
        page->long_root = root;
        return 0;
    }
    rc = rc == 0 && page->root != root ? fold(page, object, root) : rc;
    *gone = rc != 0 || is_gone(&page->view, &object->id);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static bool names(const struct page *page, const struct fora_object *object)
{
    struct fora_arena arena;
    struct fora_content content;
    uint32_t kind = object->header.kind;
    if (!object->has_content || (kind != FORA_KIND_THREAD && kind != FORA_KIND_POST)) {
        return false;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    bool found = fora_content_decode(&arena, kind, object->content_bytes, &content) == 0 &&
                 fora_content_mentions(&content, &page->job->asker.member);
    fora_arena_fini(&arena);
    return found;
}

/* As it was folded just now, or as lists show it. */
static struct fora_bytes title_of(struct page *page, store_seq root)
{
    struct fora_msg_thread_row thread;
    if (page->root == root) {
        return fora_arena_copy(page->arena, page->view.title);
    }
    return row_read(page->txn, page->arena, root, &thread) == 0 ? thread.title
                                                                : fora_bytes(NULL, 0);
}

static void add_row(struct page *page, const struct fora_object *object, store_seq root)
{
    struct fora_msg_mention_row *row = &page->out->rows[page->out->rows_count++];
    row->object = object->encoded;
    row->title = title_of(page, root);
    page->bytes += object->encoded.size + row->title.size;
}

/* One entry. FORA_E_BUSY: the page is full before it. */
static int entry(struct page *page, store_seq seq)
{
    struct stored stored;
    bool gone = true;
    int rc = objects_read(page->txn, seq, &stored);
    if (rc != 0 || !names(page, &stored.object) ||
        !query_may_send(page->job, page->txn, &stored.object)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    const struct fora_object *object = &stored.object;
    if (page->bytes > 0 && page->bytes + object->encoded.size > PAGE_BYTES) {
        return FORA_E_BUSY;
    }
    store_seq root = object->header.kind == FORA_KIND_THREAD
                         ? seq
                         : objects_find(page->txn, object->header.root.b);
    rc = look(page, object, root, &gone);
    if (rc == 0 && !gone) {
        add_row(page, object, root);
    }
    return rc;
}

/* What another node told of: as it was told. */
static int told_entry(struct page *page, const struct notice_kept *kept)
{
    struct fora_message message;
    size_t size = kept->frame.size;
    if (page->bytes > 0 && page->bytes + size > PAGE_BYTES) {
        return FORA_E_BUSY;
    }
    if (objects_find(page->txn, kept->id.b) != 0) {
        return 0; /* it has come since */
    }
    int rc = fora_message_decode(page->arena, kept->frame, &message);
    if (rc != 0 || message.type != FORA_MSG_NOTICE) {
        return rc == FORA_E_NOMEM ? rc : FORA_E_CORRUPT;
    }
    const struct fora_msg_notice *notice = &message.u.notice;
    page->out->rows[page->out->rows_count++] =
        (struct fora_msg_mention_row){.object = notice->object,
            .title = notice->title,
            .from = kept->from,
            .log = notice->log,
            .log_count = notice->log_count};
    page->bytes += size;
    return 0;
}

static int put_next(struct page *page, const struct place *place)
{
    uint8_t *next = fora_arena_alloc(page->arena, CURSOR_SIZE);
    if (next == NULL) {
        return FORA_E_NOMEM;
    }
    seq_put(next, place->seq);
    seq_put(next + SEQ_SIZE, place->number);
    page->out->next = fora_bytes(next, CURSOR_SIZE);
    return 0;
}

/* The object before the place: 0 when there is none. */
static store_seq seq_before(const struct page *page, struct kv_cursor *cursor, store_seq before)
{
    uint8_t of[ID_PREFIX_SIZE];
    struct store_key key;
    struct fora_bytes found;
    store_seq seq = 0;
    const struct fora_principal_id *member = &page->job->asker.member;
    key_mention(&key, member, before);
    bool there = kv_seek_before(cursor, store_key_bytes(&key), &found, NULL) &&
                 key_mention_parse(found, of, &seq) && memcmp(of, member->b, sizeof of) == 0;
    return there ? seq : 0;
}

/* Both lists from their ends; what was told when that object was the last comes before it. */
static int walk(struct page *page, struct place place)
{
    struct notice_kept kept;
    int rc = 0;
    struct kv_cursor *cursor = kv_cursor_open(page->txn, T_MENTIONS);
    store_seq seq = seq_before(page, cursor, place.seq);
    bool told = notices_before(page->txn, &page->job->asker.member, place.number, &kept);
    while (rc == 0 && (seq != 0 || told)) {
        bool first = told && kept.seq >= seq;
        bool full = page->out->rows_count == page->limit || page->looked == MENTIONS_LOOKED;
        rc = full ? FORA_E_BUSY : first ? told_entry(page, &kept) : entry(page, seq);
        if (rc != 0) {
            break;
        }
        page->looked++;
        if (first) {
            place.number = kept.number;
            told = notices_before(page->txn, &page->job->asker.member, place.number, &kept);
        } else {
            place.seq = seq;
            seq = seq_before(page, cursor, place.seq);
        }
    }
    kv_cursor_close(cursor);
    return rc == FORA_E_BUSY ? put_next(page, &place) : rc;
}

int mentions_run(struct job *job, struct kv_txn *txn, const struct fora_msg_list_mentions *request,
    struct fora_arena *arena)
{
    struct fora_message answer = {.type = FORA_MSG_MENTIONS};
    struct page page = {.job = job, .txn = txn, .arena = arena, .out = &answer.u.mentions};
    const uint64_t most = ((uint64_t)1 << (8 * SEQ_SIZE)) - 1;
    struct place place = {most, most};
    page.limit = request->limit == 0 ? 50 : request->limit > 100 ? 100 : request->limit;
    if (request->cursor.size != 0 && request->cursor.size != CURSOR_SIZE) {
        return FORA_E_MALFORMED;
    }
    if (request->cursor.size == CURSOR_SIZE) {
        place.seq = seq_get(request->cursor.data);
        place.number = seq_get(request->cursor.data + SEQ_SIZE);
    }
    page.out->rows = fora_arena_zalloc(arena, page.limit, sizeof *page.out->rows);
    if (page.out->rows == NULL) {
        return FORA_E_NOMEM;
    }
    fora_arena_init(&page.own, FOLD_ARENA);
    int rc = walk(&page, place);
    fora_arena_fini(&page.own);
    return rc == 0 ? job_answer(job, &answer) : rc;
}
