/* Threads, answers, comments, revisions, retractions. */
#include "cmd/commands.h"
#include "cmd/delivery.h"
#include "cmd/mention.h"
#include "cmd/thread.h"

#include <string.h>

static const char *const thread_template = "The first line is the title (one line, up to 300 "
                                           "bytes); the text follows after an empty line,\n"
                                           "in Markdown. Everything from the line with the "
                                           "scissors on is cut off. Leave the file empty to\n"
                                           "post nothing.\n";
static const char *const text_template =
    "Write in Markdown above. Everything from the line with the scissors on is cut off. Leave the\n"
    "file empty to post nothing.\n";

/* The text, with who will hold it among the editor's help. */
static int written_text(
    struct app *app, const char *template, const struct fora_space_id *space, struct fora_buf *out)
{
    struct fora_buf help = {0};
    struct fora_buf whole = {0};
    delivery_foretell(app, space, &help);
    fora_buf_printf(&whole, "%s", template);
    fora_buf_append_bytes(&whole, fora_buf_bytes(&help));
    const char *text = fora_buf_cstr(&whole);
    int exit = app_text(app, text == NULL ? template : text, fora_bytes(NULL, 0), out);
    fora_buf_fini(&whole);
    fora_buf_fini(&help);
    return exit;
}

static uint32_t type_of(const char *command)
{
    static const struct {
        const char *command;
        uint32_t type;
    } types[] = {
        {"ask", FORA_THREAD_QUESTION},
        {"discuss", FORA_THREAD_DISCUSSION},
        {"idea", FORA_THREAD_IDEA},
        {"article", FORA_THREAD_ARTICLE},
        {"media", FORA_THREAD_MEDIA},
        {"announce", FORA_THREAD_ANNOUNCEMENT},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].command, command) == 0) {
            return types[i].type;
        }
    }
    return FORA_THREAD_DISCUSSION;
}

static struct fora_bytes trimmed(struct fora_bytes line)
{
    while (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '#')) {
        line = fora_bytes(line.data + 1, line.size - 1); /* "# Title" is a title too */
    }
    while (line.size > 0 && line.data[line.size - 1] == ' ') {
        line.size--;
    }
    return line;
}

/* With a TITLE argument all of `text` is the body; else its first line is the title. */
static int split_title(struct app *app, struct fora_bytes text, struct fora_thread *out)
{
    const char *title = cmd_argument(&app->line, 0);
    if (title != NULL) {
        out->title = trimmed(fora_bytes_str(title));
        out->text = text;
    } else {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end == NULL ? text.size : (size_t)(end - text.data);
        out->title = trimmed(fora_bytes(text.data, size));
        while (size < text.size && text.data[size] == '\n') {
            size++;
        }
        out->text = fora_bytes(text.data + size, text.size - size);
    }
    return app_line_of_text(app, "title", out->title, 300);
}

int run_thread(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    struct fora_thread *thread = &content.u.thread;
    struct fora_bytes tags[APP_TAGS_MAX];
    struct fora_applies_to applies_to[APP_APPLIES_MAX];
    struct mentions mentions;
    struct fora_space_id space;
    struct fora_object_id id;
    struct fora_buf text = {0};
    bool titled = cmd_argument(&app->line, 0) != NULL;
    thread->type = type_of(app->line.command->name);
    thread->tags = tags;
    thread->applies_to = applies_to;
    int exit = app_tags(app, tags, &thread->tags_count);
    if (exit == CMD_EXIT_OK) {
        exit = app_applies_to(app, applies_to, &thread->applies_to_count);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    /* The space first: a typo there must not cost a written text. */
    if (exit == CMD_EXIT_OK) {
        exit = app_space_id(app, NULL, &space);
    }
    if (exit == CMD_EXIT_OK) {
        exit = written_text(app, titled ? text_template : thread_template, &space, &text);
    }
    if (exit == CMD_EXIT_OK) {
        exit = split_title(app, fora_buf_bytes(&text), thread);
    }
    if (exit == CMD_EXIT_OK) {
        exit = mention_all(app, NULL, thread->text, &mentions);
        thread->mentions = mentions.ids;
        thread->mentions_count = mentions.count;
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_post(app, &space, NULL, NULL, &content, &id);
    }
    fora_buf_fini(&text);
    return exit == CMD_EXIT_OK ? app_stored(app, content.kind, &id, "Posted:") : exit;
}

int run_post(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_POST};
    struct fora_post *post = &content.u.post;
    struct fora_applies_to applies_to[APP_APPLIES_MAX];
    struct mentions mentions;
    struct app_object target;
    struct fora_buf text = {0};
    bool answer = strcmp(app->line.command->name, "answer") == 0;
    post->type = answer ? FORA_POST_ANSWER : FORA_POST_COMMENT;
    post->applies_to = applies_to;
    int exit = app_applies_to(app, applies_to, &post->applies_to_count);
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit == CMD_EXIT_OK && target.header.kind != FORA_KIND_THREAD &&
        (answer || target.header.kind != FORA_KIND_POST)) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            answer ? "Only a thread can be answered; this is a %s. Comment on it with: fora comment"
                   : "Only threads, answers and comments can be commented on; this is a %s.",
            fora_kind_name(target.header.kind));
    }
    if (exit == CMD_EXIT_OK) {
        exit = written_text(app, text_template, &target.space, &text);
    }
    if (exit == CMD_EXIT_OK) {
        post->text = fora_buf_bytes(&text);
        exit = mention_all(app, &target.root, post->text, &mentions);
        post->mentions = mentions.ids;
        post->mentions_count = mentions.count;
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_post_about(app, &target, &content, answer ? "Answered:" : "Commented:");
    }
    fora_buf_fini(&text);
    return exit;
}

/* The text as it stands now, for the editor. */
static int current_text(struct app *app, const struct app_object *target, struct fora_buf *out)
{
    struct thread t;
    int exit = thread_load(app, &t, &target->root);
    for (size_t i = 0; exit == CMD_EXIT_OK && i < t.view.posts_count; i++) {
        if (memcmp(t.view.posts[i].id.b, target->id.b, FORA_ID_SIZE) == 0) {
            fora_buf_append_bytes(out, t.view.posts[i].text);
        }
    }
    thread_fini(&t);
    return exit;
}

static int edited_text(struct app *app, const struct app_object *target, struct fora_buf *out)
{
    struct fora_buf before = {0};
    bool given = cmd_text(&app->line, "text") != NULL || cmd_text(&app->line, "file") != NULL;
    int exit = given ? CMD_EXIT_OK : current_text(app, target, &before);
    if (exit == CMD_EXIT_OK) {
        exit = app_text(app, text_template, fora_buf_bytes(&before), out);
    }
    if (exit == CMD_EXIT_OK && !given &&
        fora_bytes_equal(fora_buf_bytes(&before), fora_buf_bytes(out))) {
        app_drop_draft(app);
        exit = app_fail(app, CMD_EXIT_USAGE, "Nothing was changed, so nothing was posted.");
    }
    fora_buf_fini(&before);
    return exit;
}

int run_edit(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_REVISION};
    struct fora_revision *revision = &content.u.revision;
    struct fora_bytes tags[APP_TAGS_MAX];
    struct fora_tag_list list = {.tags = tags};
    struct app_object target;
    struct fora_buf text = {0};
    const char *title = cmd_text(&app->line, "title");
    const char *summary = cmd_text(&app->line, "summary");
    int exit = app_tags(app, tags, &list.tags_count);
    bool only_head = (title != NULL || list.tags_count > 0) &&
                     cmd_text(&app->line, "text") == NULL && cmd_text(&app->line, "file") == NULL;
    if (exit == CMD_EXIT_OK && title != NULL) {
        exit = app_line_of_text(app, "title", fora_bytes_str(title), 300);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_connect(app, APP_MEMBER);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit == CMD_EXIT_OK && (title != NULL || list.tags_count > 0) &&
        target.header.kind != FORA_KIND_THREAD) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Only a thread has a title and tags; this is a %s.",
            fora_kind_name(target.header.kind));
    }
    if (exit == CMD_EXIT_OK && target.header.kind != FORA_KIND_THREAD &&
        target.header.kind != FORA_KIND_POST) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "Only threads, answers and comments can be edited; this is a %s.",
            fora_kind_name(target.header.kind));
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_would_count(app, &target, content.kind, 0);
    }
    if (exit == CMD_EXIT_OK && !only_head) {
        exit = edited_text(app, &target, &text);
    }
    if (exit == CMD_EXIT_OK) {
        revision->has_title = title != NULL;
        revision->title = fora_bytes_str(title == NULL ? "" : title);
        revision->has_text = !only_head;
        revision->text = fora_buf_bytes(&text);
        revision->tags = list.tags_count > 0 ? &list : NULL;
        revision->summary = fora_bytes_str(summary == NULL ? "" : summary);
        exit = app_post_about(app, &target, &content, "Edited:");
    }
    fora_buf_fini(&text);
    return exit;
}

int run_retract(struct app *app)
{
    struct fora_content content = {.kind = FORA_KIND_RETRACTION};
    struct app_object target;
    const char *reason = cmd_text(&app->line, "reason");
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &target);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (memcmp(target.header.author.b, app->account.member.b, FORA_ID_SIZE) != 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "Somebody else wrote that; only your own can be retracted. Report it with: fora flag");
    }
    content.u.retraction.reason = fora_bytes_str(reason == NULL ? "" : reason);
    exit = app_would_count(app, &target, content.kind, 0);
    return exit == CMD_EXIT_OK ? app_post_about(app, &target, &content, "Retracted:") : exit;
}
