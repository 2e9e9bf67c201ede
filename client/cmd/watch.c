/*
 * fora watch: a live Follow of one space.
 *
 *   1. Follow from position 0 without live: its first batch says where the log's head is. Cancel.
 *   2. Follow from there, live: each batch holds what is new; confirm it, print it, wait.
 *
 * Names, what stands beside them (ATT-9), and titles are looked up over a second connection, so
 * that the stream is not disturbed. The command ends with the connection, or when it is
 * interrupted.
 */
#include "cmd/beside.h"
#include "cmd/commands.h"
#include "cmd/thread.h"

#include <stdlib.h>
#include <string.h>

enum { EPOCH_SIZE = 8, TITLES_MAX = 256 };

struct title {
    struct fora_object_id root;
    char text[120]; /* clean */
};

struct watch {
    struct app *app;
    struct fora_client *lookups; /* owned */
    struct fora_space_id space;
    struct people people;
    struct beside *beside; /* of the authors of one batch, asked anew for each; owned */
    struct title *titles;  /* owned: a ring of what was looked up last */
    size_t titles_count;
    uint8_t epoch[EPOCH_SIZE];
    size_t epoch_size;
    uint64_t position;
};

static int find_head(struct watch *w)
{
    struct fora_message ask = {.type = FORA_MSG_FOLLOW};
    struct app *app = w->app;
    const struct fora_message *answer;
    uint64_t request;
    ask.u.follow.space = w->space;
    int error = fora_client_start(app->client, &ask, &request, &app->why);
    if (error == 0) {
        error = fora_client_receive(app->client, request, 0, &answer, &app->why);
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    if (answer->type != FORA_MSG_FOLLOW_BATCH) {
        return app_fail(app, CMD_EXIT_REFUSED, "The node answered Follow with %s.",
            fora_message_name(answer->type));
    }
    const struct fora_msg_follow_batch *batch = &answer->u.follow_batch;
    w->position = batch->head;
    w->epoch_size = batch->epoch.size <= EPOCH_SIZE ? batch->epoch.size : 0;
    if (w->epoch_size > 0) {
        memcpy(w->epoch, batch->epoch.data, w->epoch_size);
    }
    if (batch->caught_up) {
        return CMD_EXIT_OK; /* the request is over */
    }
    return fora_client_cancel(app->client, request, &app->why) == 0 ? CMD_EXIT_OK
                                                                    : app_fail_why(app);
}

static void keep_title(struct watch *w, const struct fora_object_id *root, struct fora_bytes title)
{
    struct title *slot = &w->titles[w->titles_count++ % TITLES_MAX];
    struct fora_buf clean = {0};
    text_clean(&clean, title, false);
    size_t size = clean.size < sizeof slot->text - 1 ? clean.size : sizeof slot->text - 1;
    slot->root = *root;
    if (size > 0) {
        memcpy(slot->text, clean.data, size);
    }
    slot->text[size] = '\0';
    fora_buf_fini(&clean);
}

static const char *known_title(const struct watch *w, const struct fora_object_id *root)
{
    for (size_t i = 0; i < w->titles_count && i < TITLES_MAX; i++) {
        if (memcmp(w->titles[i].root.b, root->b, FORA_ID_SIZE) == 0) {
            return w->titles[i].text;
        }
    }
    return NULL;
}

/* What the thread is called now, by folding it: its opening says only what it was called at first.
 * Looked up over the other connection, so that the stream is not disturbed. */
static const char *title_of(struct watch *w, const struct fora_object_id *root)
{
    struct thread t;
    struct fora_client *stream = w->app->client;
    const char *known = known_title(w, root);
    if (known != NULL || fora_id_is_zero(root->b)) {
        return known;
    }
    w->app->client = w->lookups;
    if (thread_load(w->app, &t, root) == CMD_EXIT_OK) {
        keep_title(w, root, t.view.title);
    }
    w->app->client = stream;
    thread_fini(&t);
    return known_title(w, root);
}

/* It may be called something else from now on. */
static void forget_title(struct watch *w, const struct fora_object_id *root)
{
    for (size_t i = 0; i < w->titles_count && i < TITLES_MAX; i++) {
        if (memcmp(w->titles[i].root.b, root->b, FORA_ID_SIZE) == 0) {
            w->titles[i] = (struct title){.text = ""};
        }
    }
}

static const char *word_of(const struct fora_content *content)
{
    if (content->kind == FORA_KIND_THREAD) {
        return fora_thread_type_name(content->u.thread.type);
    }
    if (content->kind == FORA_KIND_POST) {
        return fora_post_type_name(content->u.post.type);
    }
    if (content->kind == FORA_KIND_RESOLUTION) {
        return fora_resolution_type_name(content->u.resolution.type);
    }
    if (content->kind == FORA_KIND_MODERATION) {
        return fora_moderation_action_name(content->u.moderation.action);
    }
    return fora_kind_name(content->kind);
}

static struct fora_bytes text_of(const struct fora_content *content)
{
    return content->kind == FORA_KIND_THREAD ? content->u.thread.text
           : content->kind == FORA_KIND_POST ? content->u.post.text
                                             : fora_bytes(NULL, 0);
}

static bool mentions_you(const struct watch *w, const struct fora_content *content)
{
    return w->app->logged_in && fora_content_mentions(content, &w->app->account.member);
}

/* What stood beside that name when it was posted (ATT-9). */
static void marks_of(
    const struct watch *w, const struct fora_header *header, struct beside_marks *marks)
{
    marks->count = 0;
    if (w->beside != NULL &&
        beside_at(w->beside, &header->author, header->created_at, marks) != CMD_EXIT_OK) {
        marks->count = 0;
    }
}

static int print_json(struct watch *w, const struct fora_object *object,
    const struct fora_content *content, const char *title)
{
    const struct fora_header *header = &object->header;
    const struct person *person = people_find(&w->people, &header->author);
    struct beside_marks marks;
    struct js_writer js;
    bool by_node = header->kind == FORA_KIND_TALLY || header->kind == FORA_KIND_FLAG ||
                   header->kind == FORA_KIND_CHECKPOINT;
    js_init_object(&js);
    js_id(&js, "id", FORA_HRP_OBJECT, object->id.b);
    js_string(&js, "kind", fora_kind_name(header->kind));
    js_string(&js, "type", word_of(content));
    js_id(&js, "space", FORA_HRP_SPACE, header->space.b);
    js_id(&js, "root", FORA_HRP_OBJECT, header->root.b);
    js_id(&js, "parent", FORA_HRP_OBJECT, header->parent.b);
    js_id(&js, "author", by_node ? FORA_HRP_NODE : FORA_HRP_MEMBER, header->author.b);
    if (person != NULL && person->name[0] != '\0') {
        js_string(&js, "author_name", person->name);
    } else {
        js_null(&js, "author_name");
    }
    marks_of(w, header, &marks);
    beside_json(&js, w->beside, &marks);
    js_time(&js, "created_at", header->created_at);
    if (title != NULL) {
        js_string(&js, "title", title);
    } else {
        js_null(&js, "title");
    }
    js_bool(&js, "mentions_you", mentions_you(w, content));
    js_text(&js, "text", text_of(content));
    return app_json(w->app, &js, JS_LINE);
}

/* "q7xk2m9a  answer by Ann, employee of Example (RAID 5 rebuild stops): Update the firmware first."
 */
static void print_line(struct watch *w, const struct fora_object *object,
    const struct fora_content *content, const char *title)
{
    struct app *app = w->app;
    struct fora_buf line = {0};
    struct fora_bytes text = text_of(content);
    struct beside_marks marks;
    app_short_id(&line, FORA_HRP_OBJECT, object->id.b);
    fora_buf_printf(&line, "  %s by ", word_of(content));
    people_name(&line, &w->people, &object->header.author);
    marks_of(w, &object->header, &marks);
    for (size_t i = 0; i < marks.count; i++) {
        fora_buf_append_str(&line, ", ");
        beside_text(&line, w->beside, &marks.items[i]);
    }
    if (mentions_you(w, content)) {
        fora_buf_append_str(&line, ", mentions you");
    }
    if (title != NULL && title[0] != '\0') {
        fora_buf_printf(&line, " (%s)", title);
    }
    if (text.size > 0) {
        fora_buf_append_str(&line, ": ");
        text_clean(&line, fora_bytes(text.data, text.size < 400 ? text.size : 400), false);
    }
    struct fora_bytes whole = fora_buf_bytes(&line);
    size_t width = text_width(whole) < app->style.width ? text_width(whole) : app->style.width;
    text_fit(&app->out, whole, width, TEXT_LEFT);
    fora_buf_u8(&app->out, '\n');
    fora_buf_fini(&line);
}

static bool is_shown(const struct app *app, uint32_t kind)
{
    return cmd_flag(&app->line, "all") || kind == FORA_KIND_THREAD || kind == FORA_KIND_POST ||
           kind == FORA_KIND_RESOLUTION;
}

/* After it a thread may be called something else, or nothing. */
static bool renames(uint32_t kind)
{
    return kind == FORA_KIND_REVISION || kind == FORA_KIND_MODERATION ||
           kind == FORA_KIND_RETRACTION;
}

static int print_object(struct watch *w, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_arena arena;
    struct fora_content content = {0};
    if (fora_object_decode(&object, encoded) != 0 ||
        (!is_shown(w->app, object.header.kind) && !renames(object.header.kind)) ||
        fora_object_verify(&object) != 0) {
        return CMD_EXIT_OK;
    }
    int exit = CMD_EXIT_OK;
    if (people_check(&w->people, &object) == FORA_E_UNKNOWN_AUTHOR) {
        exit = people_ask(w->app, w->lookups, &w->people, &object.header.author);
    }
    if (exit != CMD_EXIT_OK || people_check(&w->people, &object) != 0) {
        return exit; /* nobody's key speaks for it: not shown */
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    content.kind = object.header.kind;
    if (object.has_content &&
        fora_content_decode(&arena, object.header.kind, object.content_bytes, &content) != 0) {
        content = (struct fora_content){.kind = FORA_KIND_UNSPECIFIED};
    }
    if (renames(object.header.kind)) {
        forget_title(w, &object.header.root);
    }
    if (!is_shown(w->app, object.header.kind)) {
        fora_arena_fini(&arena);
        return CMD_EXIT_OK;
    }
    if (content.kind == FORA_KIND_THREAD && object.has_content) {
        keep_title(w, &object.id, content.u.thread.title);
    }
    const char *title =
        title_of(w, object.header.kind == FORA_KIND_THREAD ? &object.id : &object.header.root);
    if (w->app->json) {
        exit = print_json(w, &object, &content, title);
    } else {
        print_line(w, &object, &content, title);
    }
    fora_arena_fini(&arena);
    return exit;
}

/* Who is hired or leaves while one watches is shown as it is by then: each batch asks anew, of
 * those whose names it shows. */
static int load_beside(struct watch *w, const struct fora_msg_follow_batch *batch)
{
    struct app *app = w->app;
    struct fora_client *stream = app->client;
    size_t shown = 0;
    app->client = w->lookups;
    beside_free(w->beside);
    w->beside = beside_new(app, &w->space);
    for (size_t i = 0; w->beside != NULL && i < batch->objects_count; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, batch->objects[i]) == 0 &&
            is_shown(app, object.header.kind) && !fora_id_is_zero(object.header.author.b)) {
            beside_want(w->beside, &object.header.author);
            shown++;
        }
    }
    int exit = w->beside == NULL ? app_fail_memory(app)
               : shown > 0       ? beside_load(w->beside)
                                 : CMD_EXIT_OK;
    app->client = stream;
    return exit;
}

static int print_batch(struct watch *w, const struct fora_msg_follow_batch *batch)
{
    int exit = batch->objects_count > 0 ? load_beside(w, batch) : CMD_EXIT_OK;
    for (size_t i = 0; i < batch->objects_count && exit == CMD_EXIT_OK; i++) {
        exit = print_object(w, batch->objects[i]);
    }
    int flushed = app_flush(w->app);
    return exit == CMD_EXIT_OK ? flushed : exit;
}

static int stream(struct watch *w)
{
    struct fora_message ask = {.type = FORA_MSG_FOLLOW};
    struct app *app = w->app;
    const struct fora_message *answer;
    uint64_t request;
    ask.u.follow = (struct fora_msg_follow){.space = w->space,
        .epoch = fora_bytes(w->epoch, w->epoch_size),
        .position = w->position,
        .live = true};
    int error = fora_client_start(app->client, &ask, &request, &app->why);
    while (error == 0) {
        error = fora_client_receive(app->client, request, UINT64_MAX, &answer, &app->why);
        if (error == 0 && answer->type == FORA_MSG_FOLLOW_BATCH) {
            int exit = print_batch(w, &answer->u.follow_batch);
            if (exit != CMD_EXIT_OK) {
                return exit;
            }
            error = fora_client_follow_ack(app->client, request, &app->why);
        }
    }
    return app_fail_why(app);
}

int run_watch(struct app *app)
{
    struct watch w = {.app = app};
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = app_space_id(app, NULL, &w.space);
    }
    if (exit == CMD_EXIT_OK) {
        exit = find_head(&w);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_connect_second(app, &w.lookups);
    }
    w.titles = calloc(TITLES_MAX, sizeof *w.titles);
    if (exit == CMD_EXIT_OK && w.titles == NULL) {
        exit = app_fail_memory(app);
    }
    if (exit == CMD_EXIT_OK) {
        app_note(app, "Watching. Interrupt with Ctrl-C.");
        exit = stream(&w);
    }
    fora_client_close(w.lookups);
    beside_free(w.beside);
    people_fini(&w.people);
    free(w.titles);
    return exit;
}
