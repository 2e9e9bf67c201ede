/*
 * fora inbox: mentions of the member, and what moved in the threads and spaces that she follows.
 *
 *     mentions, follows -> what is new since the last look -> newest first -> remember
 */
#include "cmd/inbox.h"

#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MAX = 100 };

static int newest_first(const void *left, const void *right)
{
    const struct inbox_item *a = left, *b = right;
    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    return memcmp(a->id.b, b->id.b, FORA_ID_SIZE);
}

/* What stands beside the name of who mentions her (ATT-9). */
static int load_besides(struct app *app, struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->count; i++) {
        struct inbox_item *item = &inbox->items[i];
        size_t at = 0;
        while (at < inbox->besides_count &&
               memcmp(inbox->besides[at]->space.b, item->space.b, FORA_ID_SIZE) != 0) {
            at++;
        }
        bool held = item->is_mention && fora_id_is_zero(item->from.b);
        if (!held || at == INBOX_SPACES_MAX) {
            continue;
        }
        if (at == inbox->besides_count) {
            struct beside *fresh = beside_new(app, &item->space);
            if (fresh == NULL) {
                return app_fail_memory(app);
            }
            inbox->besides[inbox->besides_count++] = fresh;
        }
        item->beside = at;
        beside_want(inbox->besides[at], &item->author);
    }
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < inbox->besides_count && exit == CMD_EXIT_OK; i++) {
        exit = beside_load(inbox->besides[i]);
    }
    return exit;
}

static struct beside *marks_of(
    const struct inbox *inbox, const struct inbox_item *item, struct beside_marks *marks)
{
    struct beside *beside = item->beside < INBOX_SPACES_MAX ? inbox->besides[item->beside] : NULL;
    marks->count = 0;
    if (beside != NULL && beside_at(beside, &item->author, item->at, marks) != CMD_EXIT_OK) {
        marks->count = 0;
    }
    return beside;
}

/* "q7xk2m9a  Ann, employee of Example, mentions you in RAID 5 rebuild stops, 2 hours ago: Look" */
static void mention_line(struct fora_buf *out, const struct app *app, const struct inbox *inbox,
    const struct inbox_item *item)
{
    struct beside_marks marks;
    const struct beside *beside = marks_of(inbox, item, &marks);
    people_name(out, &inbox->people, &item->author);
    for (size_t i = 0; i < marks.count; i++) {
        fora_buf_append_str(out, ", ");
        beside_text(out, beside, &marks.items[i]);
    }
    fora_buf_append_str(out, marks.count > 0 ? ", mentions you" : " mentions you");
    if (item->title.size > 0) {
        fora_buf_append_str(out, " in \"");
        text_clean(out, item->title, false);
        fora_buf_append_str(out, "\"");
    }
    fora_buf_append_str(out, ", ");
    text_ago(out, item->at, app->now);
    if (item->text.size > 0) {
        size_t size = item->text.size < 400 ? item->text.size : 400;
        fora_buf_append_str(out, ": ");
        text_clean(out, fora_bytes(item->text.data, size), false);
    }
}

static void thread_line(struct fora_buf *out, const struct app *app, const struct inbox_item *item)
{
    fora_buf_append_str(out, "\"");
    text_clean(out, item->title.size > 0 ? item->title : fora_bytes_str("(no title)"), false);
    fora_buf_append_str(out, "\": ");
    text_count(out, item->answers, "answer", "answers");
    fora_buf_append_str(out, ", ");
    text_count(out, item->comments, "comment", "comments");
    fora_buf_append_str(out, ", active ");
    text_ago(out, item->at, app->now);
}

static void line_out(struct app *app, struct fora_buf *line)
{
    struct fora_bytes whole = fora_buf_bytes(line);
    size_t width = text_width(whole);
    text_fit(&app->out, whole, width < app->style.width ? width : app->style.width, TEXT_LEFT);
    fora_buf_u8(&app->out, '\n');
    app->out.error = line->error != 0 ? line->error : app->out.error;
    fora_buf_fini(line);
}

static void show(struct app *app, const struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->count; i++) {
        const struct inbox_item *item = &inbox->items[i];
        struct fora_buf line = {0}, told = {0};
        fora_buf_append_str(&line, item->is_new ? "* " : "  ");
        app_short_id(&line, FORA_HRP_OBJECT, item->id.b);
        fora_buf_append_str(&line, "  ");
        if (item->is_mention) {
            mention_line(&line, app, inbox, item);
        } else {
            thread_line(&line, app, item);
        }
        line_out(app, &line);
        if (!fora_id_is_zero(item->from.b)) {
            fora_buf_append_str(&told, "            not held here, told by ");
            people_name(&told, &inbox->people, &item->from);
            line_out(app, &told);
        }
    }
    if (inbox->unverified > 0) {
        app_note(app, "Mentions that do not verify, left out: %zu.", inbox->unverified);
    }
    if (inbox->count == 0) {
        app_note(app, "%s",
            cmd_flag(&app->line, "unread")
                ? "There is nothing new."
                : "Nobody has mentioned you here, and there is nothing that you follow. See: fora "
                  "follow --help");
    }
}

static void item_json(struct js_writer *w, const struct inbox *inbox, const struct inbox_item *item)
{
    struct beside_marks marks;
    const struct person *person = people_find(&inbox->people, &item->author);
    const struct beside *beside = marks_of(inbox, item, &marks);
    js_object(w, NULL);
    js_string(w, "kind", item->is_mention ? "mention" : "thread");
    js_bool(w, "new", item->is_new);
    js_id(w, "id", FORA_HRP_OBJECT, item->id.b);
    js_id(w, "root", FORA_HRP_OBJECT, item->root.b);
    js_id(w, "space", FORA_HRP_SPACE, item->space.b);
    js_text(w, "title", item->title);
    js_id(w, "author", FORA_HRP_MEMBER, item->author.b);
    if (person != NULL && person->name[0] != '\0') {
        js_string(w, "author_name", person->name);
    } else {
        js_null(w, "author_name");
    }
    beside_json(w, beside, &marks);
    js_id(w, "from", FORA_HRP_NODE, item->from.b);
    js_time(w, "created_at", item->created_at);
    js_time(w, "active_at", item->at);
    if (item->is_mention) {
        js_text(w, "text", item->text);
    } else {
        js_count(w, "answers", item->answers);
        js_count(w, "comments", item->comments);
    }
    js_end(w);
}

static int show_json(struct app *app, const struct inbox *inbox)
{
    struct js_writer w;
    js_init_object(&w);
    js_array(&w, "items");
    for (size_t i = 0; i < inbox->count; i++) {
        item_json(&w, inbox, &inbox->items[i]);
    }
    js_end(&w);
    js_count(&w, "unverified", inbox->unverified);
    return app_json(app, &w, JS_PRETTY);
}

/* The next command may name what is shown by the beginning of its id. */
static int remember(struct app *app, const struct inbox *inbox)
{
    struct fora_object_id ids[2 * INBOX_MAX];
    size_t count = 0;
    for (size_t i = 0; i < inbox->count; i++) {
        ids[count++] = inbox->items[i].id;
        if (memcmp(inbox->items[i].root.b, inbox->items[i].id.b, FORA_ID_SIZE) != 0) {
            ids[count++] = inbox->items[i].root;
        }
    }
    return count == 0 || state_recent_save(&app->state, ids, count, &app->why) == 0
               ? CMD_EXIT_OK
               : app_fail_why(app);
}

static int gather(struct app *app, struct inbox *inbox)
{
    size_t limit = (size_t)cmd_number(&app->line, "limit", 25);
    size_t look = cmd_flag(&app->line, "unread") ? LOOK_MAX : limit;
    int exit = app_connect(app, APP_MEMBER);
    exit = exit == CMD_EXIT_OK ? inbox_mentions(app, inbox, look) : exit;
    exit = exit == CMD_EXIT_OK ? inbox_followed(app, inbox, look) : exit;
    if (exit == CMD_EXIT_OK) {
        qsort(inbox->items, inbox->count, sizeof *inbox->items, newest_first);
        exit = inbox_compare(app, inbox, limit, cmd_flag(&app->line, "unread"));
    }
    exit = exit == CMD_EXIT_OK ? load_besides(app, inbox) : exit;
    return exit == CMD_EXIT_OK ? remember(app, inbox) : exit;
}

int run_inbox(struct app *app)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);
    if (inbox == NULL) {
        return app_fail_memory(app);
    }
    fora_arena_init(&inbox->arena, 0);
    int exit = gather(app, inbox);
    if (exit == CMD_EXIT_OK && app->json) {
        exit = show_json(app, inbox);
    } else if (exit == CMD_EXIT_OK) {
        show(app, inbox);
    }
    for (size_t i = 0; i < inbox->besides_count; i++) {
        beside_free(inbox->besides[i]);
    }
    people_fini(&inbox->people);
    fora_arena_fini(&inbox->arena);
    free(inbox);
    return exit;
}
