/* fora threads: a page of a space, or what is followed. */
#include "cmd/beside.h"
#include "cmd/commands.h"
#include "cmd/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 1000, ROWS_MAX = 4096, CURSOR_MAX = 64, SPACES_MAX = 64 };

/* Rows gathered for one output. Bytes of slices are in the arena. */
struct list {
    struct fora_arena arena;
    struct fora_msg_thread_row rows[ROWS_MAX];
    uint8_t space_of[ROWS_MAX]; /* index into besides, or SPACES_MAX */
    size_t count;
    struct beside *besides[SPACES_MAX]; /* owned: what stands beside names, by space */
    size_t besides_count;
    uint8_t next[CURSOR_MAX];
    size_t next_size;
};

static struct fora_bytes keep(struct fora_arena *arena, struct fora_bytes bytes)
{
    return fora_arena_copy(arena, bytes);
}

/* What is followed may be listed by its space as well, and a thread may move between two pages. */
static bool is_listed(const struct list *list, const struct fora_object_id *root)
{
    for (size_t i = 0; i < list->count; i++) {
        if (memcmp(list->rows[i].root.b, root->b, sizeof root->b) == 0) {
            return true;
        }
    }
    return false;
}

/* Where what stands beside names in that space is kept; SPACES_MAX: nowhere, there are too many. */
static size_t space_index(struct app *app, struct list *list, const struct fora_space_id *space)
{
    for (size_t i = 0; i < list->besides_count; i++) {
        if (memcmp(list->besides[i]->space.b, space->b, FORA_ID_SIZE) == 0) {
            return i;
        }
    }
    struct beside *fresh = list->besides_count < SPACES_MAX ? beside_new(app, space) : NULL;
    if (fresh == NULL) {
        return SPACES_MAX;
    }
    list->besides[list->besides_count] = fresh;
    return list->besides_count++;
}

static void add_row(struct app *app, struct list *list, const struct fora_msg_thread_row *row,
    const struct fora_space_id *space)
{
    if (list->count == ROWS_MAX || is_listed(list, &row->root)) {
        return;
    }
    size_t index = space_index(app, list, space);
    if (index < SPACES_MAX) {
        beside_want(list->besides[index], &row->author);
    }
    list->space_of[list->count] = (uint8_t)index;
    struct fora_msg_thread_row *own = &list->rows[list->count++];
    *own = *row;
    own->author_name = keep(&list->arena, row->author_name);
    own->title = keep(&list->arena, row->title);
    own->status = keep(&list->arena, row->status);
    own->tags = fora_arena_zalloc(&list->arena, row->tags_count + 1, sizeof *own->tags);
    own->tags_count = own->tags == NULL ? 0 : row->tags_count;
    for (size_t i = 0; i < own->tags_count; i++) {
        own->tags[i] = keep(&list->arena, row->tags[i]);
    }
}

static uint32_t order_of(const struct app *app)
{
    const char *order = cmd_text(&app->line, "order");
    if (cmd_text(&app->line, "tag") != NULL) {
        return FORA_ORDER_TAG;
    }
    if (order != NULL && strcmp(order, "new") == 0) {
        return FORA_ORDER_NEW;
    }
    return order != NULL && strcmp(order, "unanswered") == 0 ? FORA_ORDER_UNANSWERED
                                                             : FORA_ORDER_ACTIVE;
}

/* One page after list->next; rows are added when `wanted`. A code of app->why. */
static int ask_page(
    struct app *app, const struct fora_space_id *space, bool wanted, struct list *list)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_THREADS};
    const struct fora_message *answer;
    int64_t limit = app->config.limit > 0 ? app->config.limit : 25;
    const char *tag = cmd_text(&app->line, "tag");
    ask.u.list_threads = (struct fora_msg_list_threads){.space = *space,
        .order = order_of(app),
        .tag = tag == NULL ? fora_bytes(NULL, 0) : fora_bytes_str(tag),
        .cursor = fora_bytes(list->next, list->next_size),
        .limit = (uint32_t)cmd_number(&app->line, "limit", limit)};
    int error = fora_client_call(app->client, &ask, FORA_MSG_THREADS, &answer, &app->why);
    if (error != 0) {
        return error;
    }
    const struct fora_msg_threads *threads = &answer->u.threads;
    for (size_t i = 0; wanted && i < threads->rows_count; i++) {
        add_row(app, list, &threads->rows[i], space);
    }
    list->next_size = threads->next.size <= CURSOR_MAX ? threads->next.size : 0;
    if (list->next_size > 0) {
        memcpy(list->next, threads->next.data, list->next_size);
    }
    return 0;
}

static int fetch_page(
    struct app *app, const struct fora_space_id *space, bool wanted, struct list *list)
{
    return ask_page(app, space, wanted, list) == 0 ? CMD_EXIT_OK : app_fail_why(app);
}

/* --page: a number walks the pages before; a cursor goes there at once. */
static int fetch(struct app *app, const struct fora_space_id *space, struct list *list)
{
    const char *page = cmd_text(&app->line, "page");
    char *end;
    long number = 1;
    if (page != NULL) {
        errno = 0;
        number = strtol(page, &end, 10);
        size_t size = strlen(page);
        if (*end == '\0' && size > 0 && size < 5) {
            if (number < 1 || number > PAGE_MAX) {
                return app_fail(
                    app, CMD_EXIT_USAGE, "--page takes a number from 1 to %d.", PAGE_MAX);
            }
        } else if (size == 0 || size % 2 != 0 || size / 2 > CURSOR_MAX ||
                   fora_unhex(list->next, size / 2, page) != 0) {
            return app_fail(app, CMD_EXIT_USAGE,
                "--page takes a number, or the cursor that --json gave as \"next\".");
        } else {
            list->next_size = size / 2;
            number = 1;
        }
    }
    int exit = CMD_EXIT_OK;
    for (long i = 1; i <= number && exit == CMD_EXIT_OK; i++) {
        if (i > 1 && list->next_size == 0) {
            return CMD_EXIT_OK; /* there are fewer pages: an empty list */
        }
        exit = fetch_page(app, space, i == number, list);
    }
    return exit;
}

/* One word: what a reader of a list wants to know first; else what it is, when no question. */
static void state_of(struct fora_buf *out, const struct fora_msg_thread_row *row)
{
    static const struct {
        uint32_t mark;
        const char *word;
    } words[] = {
        {FORA_MARK_RETRACTED, "retracted"},
        {FORA_MARK_HIDDEN, "hidden"},
        {FORA_MARK_MOVED, "moved"},
        {FORA_MARK_DUPLICATE, "duplicate"},
        {FORA_MARK_STALE, "stale"},
        {FORA_MARK_CONFIRMED, "confirmed"},
        {FORA_MARK_VERIFIED, "verified"},
        {FORA_MARK_ACCEPTED, "accepted"},
        {FORA_MARK_WORKAROUND, "workaround"},
        {FORA_MARK_LOCKED, "locked"},
        {FORA_MARK_CLOSED, "closed"},
        {FORA_MARK_PINNED, "pinned"},
    };
    size_t i = 0;
    while (i < sizeof words / sizeof words[0] && (row->marks & words[i].mark) == 0) {
        i++;
    }
    /* What hides or moves the thread comes before what staff says of it. */
    if (row->status.size > 0 && i > 3) {
        fora_buf_append_bytes(out, row->status);
    } else if (i < sizeof words / sizeof words[0]) {
        fora_buf_append_str(out, words[i].word);
    } else if (row->type != FORA_THREAD_QUESTION) {
        fora_buf_append_str(out, fora_thread_type_name(row->type));
    }
}

/* As of when the thread was begun (ATT-9). */
static struct beside *marks_of(struct list *list, size_t index, struct beside_marks *marks)
{
    const struct fora_msg_thread_row *row = &list->rows[index];
    struct beside *beside =
        list->space_of[index] < SPACES_MAX ? list->besides[list->space_of[index]] : NULL;
    marks->count = 0;
    if (beside != NULL && beside_at(beside, &row->author, row->created_at, marks) != CMD_EXIT_OK) {
        marks->count = 0;
    }
    return beside;
}

/* "Erin (employee)": the word alone; whose employee she is says fora show. */
static void author_cell(struct list *list, size_t index, struct fora_buf *out)
{
    const struct fora_msg_thread_row *row = &list->rows[index];
    struct beside_marks marks;
    const char *before = " (";
    if (row->author_name.size > 0) {
        fora_buf_append_bytes(out, row->author_name);
    } else {
        app_short_id(out, FORA_HRP_MEMBER, row->author.b);
    }
    (void)marks_of(list, index, &marks);
    for (size_t i = 0; i < marks.count; i++) {
        if (!marks.items[i].award) {
            fora_buf_append_str(out, before);
            fora_buf_append_bytes(out, marks.items[i].label);
            before = ", ";
        }
    }
    fora_buf_append_str(out, before[0] == ',' ? ")" : "");
}

enum {
    COLUMN_ID,
    COLUMN_SCORE,
    COLUMN_ANSWERS,
    COLUMN_TITLE,
    COLUMN_STATE,
    COLUMN_BY,
    COLUMN_ACTIVE
};

static void add_cell(
    const struct app *app, struct list *list, size_t index, int column, struct fora_buf *out)
{
    const struct fora_msg_thread_row *row = &list->rows[index];
    switch (column) {
    case COLUMN_ID:
        app_short_id(out, FORA_HRP_OBJECT, row->root.b);
        break;
    case COLUMN_SCORE:
        fora_buf_printf(out, "%" PRId64, row->score);
        break;
    case COLUMN_ANSWERS:
        fora_buf_printf(out, "%u", (unsigned)row->answers);
        break;
    case COLUMN_TITLE:
        fora_buf_append_bytes(out, row->title);
        break;
    case COLUMN_STATE:
        state_of(out, row);
        break;
    case COLUMN_BY:
        author_cell(list, index, out);
        break;
    default:
        text_age(out, row->active_at, app->now);
        break;
    }
}

static void show_rows(struct app *app, struct list *list)
{
    enum { NARROW = 90 }; /* where the title needs the author's room */
    static const struct text_column all[] = {
        {.title = "ID"},
        {.title = "SCORE", .align = TEXT_RIGHT, .drop = 4},
        {.title = "ANS", .align = TEXT_RIGHT, .drop = 2},
        {.title = "TITLE", .elastic = true},
        {.title = "STATE", .most = 14, .drop = 1},
        {.title = "BY", .most = 24, .drop = 5},
        {.title = "ACTIVE", .align = TEXT_RIGHT, .drop = 3},
    };
    enum { ALL = sizeof all / sizeof all[0] };
    struct text_column columns[ALL];
    int which[ALL];
    size_t count = 0;
    for (int c = 0; c < ALL; c++) {
        if (c != COLUMN_BY || app->table_style.width >= NARROW) {
            which[count] = c;
            columns[count++] = all[c];
        }
    }
    struct text_table table;
    text_table_init(&table, columns, count, list->count);
    for (size_t i = 0; i < list->count; i++) {
        struct fora_buf cells[ALL] = {{0}};
        const char *texts[ALL];
        for (size_t c = 0; c < count; c++) {
            add_cell(app, list, i, which[c], &cells[c]);
            texts[c] = fora_buf_cstr(&cells[c]);
            texts[c] = texts[c] == NULL ? "" : texts[c];
        }
        text_table_row(&table, texts);
        for (size_t c = 0; c < count; c++) {
            fora_buf_fini(&cells[c]);
        }
    }
    int error = text_table_write(&app->out, &table, &app->table_style);
    if (error != 0) {
        app->out.error = error;
    }
    text_table_fini(&table);
}

static void row_json(struct js_writer *w, struct list *list, size_t index)
{
    const struct fora_msg_thread_row *row = &list->rows[index];
    struct beside_marks marks;
    const struct beside *beside = marks_of(list, index, &marks);
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, row->root.b);
    js_string(w, "type", fora_thread_type_name(row->type));
    js_text(w, "title", row->title);
    js_id(w, "author", FORA_HRP_MEMBER, row->author.b);
    if (row->author_name.size > 0) {
        js_text(w, "author_name", row->author_name);
    } else {
        js_null(w, "author_name");
    }
    beside_json(w, beside, &marks);
    js_time(w, "created_at", row->created_at);
    js_time(w, "active_at", row->active_at);
    js_count(w, "answers", row->answers);
    js_count(w, "comments", row->comments);
    js_number(w, "score", row->score);
    app_marks_json(w, row->marks);
    if (row->status.size > 0) {
        js_text(w, "status", row->status);
    } else {
        js_null(w, "status");
    }
    js_array(w, "tags");
    for (size_t i = 0; i < row->tags_count; i++) {
        js_text(w, NULL, row->tags[i]);
    }
    js_end(w);
    js_end(w);
}

static int show_json(struct app *app, struct list *list, const struct fora_space_id *space)
{
    struct js_writer w;
    js_init_object(&w);
    if (space != NULL) {
        js_id(&w, "space", FORA_HRP_SPACE, space->b);
    } else {
        js_null(&w, "space");
    }
    js_array(&w, "threads");
    for (size_t i = 0; i < list->count; i++) {
        row_json(&w, list, i);
    }
    js_end(&w);
    if (list->next_size > 0) {
        js_hex(&w, "next", fora_bytes(list->next, list->next_size));
    } else {
        js_null(&w, "next");
    }
    return app_json(app, &w, JS_PRETTY);
}

static int remember(struct app *app, const struct list *list)
{
    struct fora_object_id ids[ROWS_MAX];
    for (size_t i = 0; i < list->count; i++) {
        ids[i] = list->rows[i].root;
    }
    return state_recent_save(&app->state, ids, list->count, &app->why) == 0 ? CMD_EXIT_OK
                                                                            : app_fail_why(app);
}

/* The list of what is followed shows titles without asking a node: they are kept up to date here.
 */
static void rename_followed(
    struct app *app, const struct state_follow *follow, struct fora_bytes title)
{
    struct state_follow renamed = *follow;
    follow_name(&renamed, title);
    if (strcmp(renamed.name, follow->name) != 0 &&
        state_follow(&app->state, &renamed, &app->why) != 0) {
        app_note(app, "%s", app->why.text); /* what was asked for is done all the same */
    }
}

/* She may follow what another node holds: the rest is shown all the same. */
static int not_here(struct app *app, const struct state_follow *follow)
{
    app_note(app, "%s does not hold \"%s\", which you follow.", app->address, follow->name);
    return CMD_EXIT_OK;
}

static int add_followed_space(struct app *app, const struct state_follow *follow, struct list *list)
{
    struct fora_space_id space;
    memcpy(space.b, follow->id, FORA_ID_SIZE);
    list->next_size = 0;
    int error = ask_page(app, &space, true, list);
    return error == FORA_E_UNKNOWN_SPACE ? not_here(app, follow)
           : error != 0                  ? app_fail_why(app)
                                         : CMD_EXIT_OK;
}

/* A followed thread becomes a row by folding it here. */
static int add_followed_thread(
    struct app *app, const struct state_follow *follow, struct list *list)
{
    struct thread t;
    struct fora_object_id root;
    struct fora_msg_thread_row row;
    memcpy(root.b, follow->id, FORA_ID_SIZE);
    bool there;
    int exit = thread_look(app, &t, &root, &there);
    if (exit == CMD_EXIT_OK && !there) {
        exit = not_here(app, follow);
    } else if (exit == CMD_EXIT_OK) {
        const struct person *person;
        fora_view_thread_row(&row, &t.view);
        person = people_find(&t.people, &row.author);
        row.author_name = person == NULL ? fora_bytes(NULL, 0) : fora_bytes_str(person->name);
        add_row(app, list, &row, &t.space);
        rename_followed(app, follow, row.title);
    }
    thread_fini(&t);
    return exit == CMD_EXIT_NOTFOUND || exit == CMD_EXIT_REFUSED ? CMD_EXIT_OK : exit;
}

static int fetch_followed(struct app *app, struct list *list)
{
    struct state_follows follows;
    if (state_follows_load(&app->state, &follows, &app->why) != 0) {
        return app_fail_why(app);
    }
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < follows.count && exit == CMD_EXIT_OK; i++) {
        exit = follows.items[i].is_space ? add_followed_space(app, &follows.items[i], list)
                                         : add_followed_thread(app, &follows.items[i], list);
    }
    list->next_size = 0;
    state_follows_fini(&follows);
    return exit;
}

/* Numbers lead to numbers, cursors to cursors. */
static void show_more(struct app *app, const struct list *list)
{
    const char *page = cmd_text(&app->line, "page");
    char *end = NULL;
    long number = page == NULL ? 1 : strtol(page, &end, 10);
    fora_buf_append_str(&app->out, "More: --page ");
    if (end == NULL || *end == '\0') {
        fora_buf_printf(&app->out, "%ld", number + 1);
    } else {
        for (size_t i = 0; i < list->next_size; i++) {
            fora_buf_printf(&app->out, "%02x", list->next[i]);
        }
    }
    fora_buf_u8(&app->out, '\n');
}

static int run_list(struct app *app, struct list *list)
{
    bool followed = cmd_flag(&app->line, "followed");
    struct fora_space_id space;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK && followed) {
        exit = fetch_followed(app, list);
    } else if (exit == CMD_EXIT_OK) {
        exit = app_space_id(app, NULL, &space);
        if (exit == CMD_EXIT_OK) {
            exit = fetch(app, &space, list);
        }
    }
    for (size_t i = 0; i < list->besides_count && exit == CMD_EXIT_OK; i++) {
        exit = beside_load(list->besides[i]);
    }
    if (exit == CMD_EXIT_OK) {
        exit = remember(app, list);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (app->json) {
        return show_json(app, list, followed ? NULL : &space);
    }
    if (list->count == 0) {
        app_note(app, "%s",
            followed ? "You follow nothing here. See: fora follow --help"
            : cmd_text(&app->line, "page") != NULL ? "There are fewer pages than that."
            : cmd_text(&app->line, "tag") != NULL  ? "There is no thread with this tag."
            : cmd_text(&app->line, "order") != NULL
                ? "There is no such thread. Start one with: fora ask"
                : "There is no thread yet. Start one with: fora ask");
        return CMD_EXIT_OK;
    }
    show_rows(app, list);
    if (list->next_size > 0 && !app->quiet) {
        show_more(app, list);
    }
    return CMD_EXIT_OK;
}

int run_threads(struct app *app)
{
    struct list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return app_fail_memory(app);
    }
    fora_arena_init(&list->arena, 0);
    int exit = run_list(app, list);
    for (size_t i = 0; i < list->besides_count; i++) {
        beside_free(list->besides[i]);
    }
    fora_arena_fini(&list->arena);
    free(list);
    return exit;
}
