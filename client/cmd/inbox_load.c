/*
 * Gathering what is in the inbox. Of a mention the object itself comes, so nothing is taken from
 * the node: signature, key, and that it names her are looked at here.
 */
#include "cmd/inbox.h"

#include "cmd/commands.h"
#include "cmd/thread.h"

#include <string.h>

static struct fora_bytes keep(struct inbox *inbox, struct fora_bytes bytes)
{
    return fora_arena_copy(&inbox->arena, bytes);
}

/* ---- mentions ---- */

/* Does it mention her? Takes its text and, of a thread, the title. */
static bool read_content(
    struct app *app, struct inbox *inbox, const struct fora_object *object, struct inbox_item *item)
{
    struct fora_arena arena;
    struct fora_content content;
    bool mentions = false;
    uint32_t kind = object->header.kind;
    if (!object->has_content || (kind != FORA_KIND_THREAD && kind != FORA_KIND_POST)) {
        return false;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    if (fora_content_decode(&arena, kind, object->content_bytes, &content) == 0) {
        const struct fora_thread *thread = &content.u.thread;
        const struct fora_post *post = &content.u.post;
        bool opens = kind == FORA_KIND_THREAD;
        mentions = fora_content_mentions(&content, &app->account.member);
        item->text = keep(inbox, opens ? thread->text : post->text);
        item->title = opens && item->title.size == 0 ? keep(inbox, thread->title) : item->title;
    }
    fora_arena_fini(&arena);
    return mentions;
}

/* Of what the node does not hold the author's log comes along. */
static int take_log(struct inbox *inbox, const struct fora_msg_mention_row *row)
{
    struct fora_object entries[64];
    size_t count = 0;
    for (size_t i = 0; i < row->log_count && count < 64; i++) {
        if (fora_object_decode(&entries[count], row->log[i]) == 0 &&
            fora_object_verify(&entries[count]) == 0) {
            count++;
        }
    }
    return people_add(&inbox->people, entries, count);
}

static int check_author(struct app *app, struct inbox *inbox, const struct fora_object *object,
    const struct fora_msg_mention_row *row)
{
    if (row->log_count > 0 && take_log(inbox, row) != 0) {
        return app_fail_memory(app);
    }
    if (!fora_id_is_zero(row->from.b) && people_find(&inbox->people, &row->from) == NULL) {
        int exit = people_ask(app, app->client, &inbox->people, &row->from); /* for its name */
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
    }
    if (people_check(&inbox->people, object) != FORA_E_UNKNOWN_AUTHOR) {
        return CMD_EXIT_OK;
    }
    struct fora_principal_id author = object->header.author;
    return people_ask(app, app->client, &inbox->people, &author);
}

/* `row` is copied before: asking ends the frame that it came in. */
static int add_mention(struct app *app, struct inbox *inbox, const struct fora_msg_mention_row *row)
{
    struct fora_object object;
    struct inbox_item item = {.is_mention = true, .title = row->title, .beside = INBOX_SPACES_MAX};
    if (fora_object_decode(&object, row->object) != 0 || fora_object_verify(&object) != 0 ||
        !read_content(app, inbox, &object, &item)) {
        inbox->unverified++;
        return CMD_EXIT_OK;
    }
    int exit = check_author(app, inbox, &object, row);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (people_check(&inbox->people, &object) != 0) {
        inbox->unverified++;
        return CMD_EXIT_OK;
    }
    item.id = object.id;
    item.root = object.header.kind == FORA_KIND_THREAD ? object.id : object.header.root;
    item.space = object.header.space;
    item.author = object.header.author;
    item.from = row->from;
    item.at = item.created_at = object.header.created_at;
    if (inbox->count < INBOX_MAX) {
        inbox->items[inbox->count++] = item;
    }
    return CMD_EXIT_OK;
}

static int keep_log(struct inbox *inbox, struct fora_msg_mention_row *row)
{
    struct fora_bytes *log = fora_arena_zalloc(&inbox->arena, row->log_count + 1, sizeof *log);
    if (log == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < row->log_count; i++) {
        log[i] = keep(inbox, row->log[i]);
    }
    row->log = log;
    return 0;
}

static int add_page(struct app *app, struct inbox *inbox, const struct fora_msg_mentions *page)
{
    struct fora_msg_mention_row rows[100];
    size_t count = page->rows_count < 100 ? page->rows_count : 100;
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < count; i++) {
        rows[i] = page->rows[i];
        rows[i].object = keep(inbox, rows[i].object);
        rows[i].title = keep(inbox, rows[i].title);
        exit = keep_log(inbox, &rows[i]) == 0 ? exit : app_fail_memory(app);
    }
    for (size_t i = 0; i < count && exit == CMD_EXIT_OK; i++) {
        exit = add_mention(app, inbox, &rows[i]);
    }
    return exit;
}

int inbox_mentions(struct app *app, struct inbox *inbox, size_t limit)
{
    enum { PAGES_MAX = 64 };
    uint8_t next[64];
    size_t next_size = 0, asked = 0;
    int exit = CMD_EXIT_OK;
    for (int i = 0; i < PAGES_MAX && asked < limit && (i == 0 || next_size > 0); i++) {
        struct fora_message ask = {.type = FORA_MSG_LIST_MENTIONS};
        const struct fora_message *answer;
        ask.u.list_mentions = (struct fora_msg_list_mentions){
            .cursor = fora_bytes(next, next_size), .limit = (uint32_t)(limit - asked)};
        exit = app_call(app, &ask, FORA_MSG_MENTIONS, &answer);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
        const struct fora_msg_mentions *page = &answer->u.mentions;
        next_size = page->next.size <= sizeof next ? page->next.size : 0;
        if (next_size > 0) {
            memcpy(next, page->next.data, next_size);
        }
        asked += page->rows_count;
        exit = add_page(app, inbox, page);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
    }
    return exit;
}

/* ---- what is followed ---- */

static bool is_there(const struct inbox *inbox, const struct fora_object_id *root)
{
    for (size_t i = 0; i < inbox->count; i++) {
        if (!inbox->items[i].is_mention &&
            memcmp(inbox->items[i].root.b, root->b, FORA_ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void add_row(
    struct inbox *inbox, const struct fora_msg_thread_row *row, const struct fora_space_id *space)
{
    if (inbox->count == INBOX_MAX || is_there(inbox, &row->root)) {
        return;
    }
    inbox->items[inbox->count++] = (struct inbox_item){.id = row->root,
        .root = row->root,
        .space = *space,
        .author = row->author,
        .at = row->active_at,
        .created_at = row->created_at,
        .title = keep(inbox, row->title),
        .answers = row->answers,
        .comments = row->comments,
        .beside = INBOX_SPACES_MAX};
}

/* What the node does not hold any more is passed over: others are to be seen all the same. */
static int add_space(
    struct app *app, struct inbox *inbox, const struct fora_space_id *space, size_t limit)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
    const struct fora_message *answer;
    ask.u.list_threads = (struct fora_msg_list_threads){
        .space = *space, .order = FORA_ORDER_ACTIVE, .limit = (uint32_t)limit};
    int error = fora_client_call(app->client, &ask, FORA_MSG_THREADS, &answer, &app->why);
    if (error != 0) {
        return error == FORA_E_UNKNOWN_SPACE ? CMD_EXIT_OK : app_fail_why(app);
    }
    const struct fora_msg_threads *threads = &answer->u.threads;
    for (size_t i = 0; i < threads->rows_count; i++) {
        add_row(inbox, &threads->rows[i], space);
    }
    return CMD_EXIT_OK;
}

static int add_thread(struct app *app, struct inbox *inbox, const struct fora_object_id *root)
{
    struct thread t;
    struct fora_msg_thread_row row;
    bool there;
    int exit = thread_look(app, &t, root, &there);
    if (exit == CMD_EXIT_OK && there) {
        fora_view_thread_row(&row, &t.view);
        add_row(inbox, &row, &t.space);
    }
    thread_fini(&t);
    return exit == CMD_EXIT_NOTFOUND || exit == CMD_EXIT_REFUSED ? CMD_EXIT_OK : exit;
}

int inbox_followed(struct app *app, struct inbox *inbox, size_t limit)
{
    struct state_follows follows;
    int exit = CMD_EXIT_OK;
    if (state_follows_load(&app->state, &follows, &app->why) != 0) {
        return app_fail_why(app);
    }
    for (size_t i = 0; i < follows.count && exit == CMD_EXIT_OK; i++) {
        struct fora_space_id space;
        struct fora_object_id root;
        memcpy(space.b, follows.items[i].id, FORA_ID_SIZE);
        memcpy(root.b, follows.items[i].id, FORA_ID_SIZE);
        exit = follows.items[i].is_space ? add_space(app, inbox, &space, limit)
                                         : add_thread(app, inbox, &root);
    }
    state_follows_fini(&follows);
    return exit;
}
