/*
 * The queue of a space's moderators: what was flagged, by the weight of its flags (KIND-FLAG-2).
 *
 *     ask -> verify each -> weigh by who signed it -> what weighs most first, its flags together
 */
#include "cmd/commands.h"

#include <stdlib.h>
#include <string.h>

enum { REPORTS_MAX = 1024 };

struct report {
    struct fora_object object;
    struct fora_flag flag; /* in the queue's arena */
    uint32_t weight;
    uint64_t sum; /* of all reports of its target */
};

struct queue {
    struct fora_arena arena;
    struct report *list; /* in the arena */
    size_t count;
};

/* A greater weight than 1 is the word of a host, who knows the policy and the reporter. */
static uint32_t weight_of(const struct fora_policy *policy, const struct fora_object *object,
    const struct fora_flag *flag)
{
    if (flag->weight < 2 || !fora_policy_hosted_by(policy, &object->header.author)) {
        return 1;
    }
    return flag->weight < FORA_FLAG_WEIGHT_MAX ? flag->weight : FORA_FLAG_WEIGHT_MAX;
}

static int by_target(const void *left, const void *right)
{
    const struct report *a = left, *b = right;
    return memcmp(a->object.header.parent.b, b->object.header.parent.b, FORA_ID_SIZE);
}

static int by_sum(const void *left, const void *right)
{
    const struct report *a = left, *b = right;
    if (a->sum != b->sum) {
        return a->sum > b->sum ? -1 : 1;
    }
    int order = by_target(left, right);
    return order != 0 ? order
                      : fora_object_order(a->object.header.created_at, &a->object.id,
                            b->object.header.created_at, &b->object.id);
}

static void sort(struct queue *queue)
{
    if (queue->count == 0) {
        return;
    }
    qsort(queue->list, queue->count, sizeof *queue->list, by_target);
    for (size_t i = 0, end; i < queue->count; i = end) {
        uint64_t sum = 0;
        for (end = i; end < queue->count && by_target(&queue->list[i], &queue->list[end]) == 0;
             end++) {
            sum += queue->list[end].weight;
        }
        for (size_t j = i; j < end; j++) {
            queue->list[j].sum = sum;
        }
    }
    qsort(queue->list, queue->count, sizeof *queue->list, by_sum);
}

/* What does not verify is passed over. */
static int take(
    struct queue *queue, const struct fora_policy *policy, const struct fora_msg_objects *objects)
{
    queue->list = fora_arena_zalloc(&queue->arena, REPORTS_MAX, sizeof *queue->list);
    if (queue->list == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < objects->objects_count && queue->count < REPORTS_MAX; i++) {
        struct report *report = &queue->list[queue->count];
        struct fora_content content;
        if (fora_object_decode(&report->object, objects->objects[i]) != 0 ||
            report->object.header.kind != FORA_KIND_FLAG ||
            fora_object_verify(&report->object) != 0 ||
            fora_content_decode(
                &queue->arena, FORA_KIND_FLAG, report->object.content_bytes, &content) != 0) {
            continue;
        }
        report->flag = content.u.flag;
        report->weight = weight_of(policy, &report->object, &report->flag);
        queue->count++;
    }
    sort(queue);
    return 0;
}

/* ---- showing ---- */

static void report_json(struct js_writer *w, const struct report *report)
{
    const struct fora_header *header = &report->object.header;
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, report->object.id.b);
    js_id(w, "target", FORA_HRP_OBJECT, header->parent.b);
    js_id(w, "root", FORA_HRP_OBJECT, header->root.b);
    js_text(w, "reason", report->flag.reason);
    js_text(w, "note", report->flag.note);
    js_id(w, "reporter", FORA_HRP_NODE, header->author.b);
    js_time(w, "created_at", header->created_at);
    js_count(w, "weight", report->weight);
    js_count(w, "weight_of_all", report->sum);
    js_end(w);
}

static void report_text(struct app *app, const struct report *report)
{
    struct fora_buf *out = &app->out;
    const struct fora_header *header = &report->object.header;
    text_paint(out, &app->style, TEXT_CYAN);
    app_short_id(out, FORA_HRP_OBJECT, header->parent.b);
    text_paint(out, &app->style, TEXT_RESET);
    fora_buf_append_str(out, " in thread ");
    app_short_id(out, FORA_HRP_OBJECT, header->root.b);
    fora_buf_append_str(out, ": ");
    text_clean(out, report->flag.reason, false);
    fora_buf_append_str(out, ", ");
    text_ago(out, header->created_at, app->now);
    if (report->sum > 1) {
        fora_buf_printf(out, ", weighs %u of %u", (unsigned)report->weight, (unsigned)report->sum);
    }
    fora_buf_append_str(out, report->flag.note.size > 0 ? ": " : "");
    text_clean(out, report->flag.note, false);
    fora_buf_u8(out, '\n');
}

static int remember(struct app *app, const struct queue *queue)
{
    struct fora_object_id ids[2 * REPORTS_MAX];
    for (size_t i = 0; i < queue->count; i++) {
        ids[2 * i] = queue->list[i].object.header.parent;
        ids[2 * i + 1] = queue->list[i].object.header.root;
    }
    return state_recent_save(&app->state, ids, 2 * queue->count, &app->why) == 0
               ? CMD_EXIT_OK
               : app_fail_why(app);
}

static int show(struct app *app, const struct queue *queue)
{
    int exit = remember(app, queue);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_array(&w);
        for (size_t i = 0; i < queue->count; i++) {
            report_json(&w, &queue->list[i]);
        }
        return app_json(app, &w, JS_PRETTY);
    }
    for (size_t i = 0; i < queue->count; i++) {
        report_text(app, &queue->list[i]);
    }
    if (queue->count == 0) {
        app_note(app, "There are no open reports.");
    } else if (!app->quiet) {
        fora_buf_append_str(&app->out, "Look at one with \"fora show\", then hide it, or close its "
                                       "reports with \"fora dismiss\".\n");
    }
    return CMD_EXIT_OK;
}

int run_flags(struct app *app)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_FLAGS};
    const struct fora_message *answer;
    const struct app_space *space = NULL;
    struct app_spaces spaces = {.count = 0};
    struct queue queue = {.count = 0};
    fora_arena_init(&queue.arena, 0);
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_spaces(app, &spaces);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_space_among(app, &spaces, NULL, &space);
    }
    if (exit == CMD_EXIT_OK) {
        ask.u.list_flags.space = space->id;
        exit = app_call(app, &ask, FORA_MSG_OBJECTS, &answer);
    }
    if (exit == CMD_EXIT_OK) {
        exit = take(&queue, space->policy, &answer->u.objects) == 0 ? show(app, &queue)
                                                                    : app_fail_memory(app);
    }
    app_spaces_fini(&spaces);
    fora_arena_fini(&queue.arena);
    return exit;
}
