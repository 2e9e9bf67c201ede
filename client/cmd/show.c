/* fora show, for people. */
#include "cmd/beside.h"
#include "cmd/commands.h"
#include "cmd/show.h"

#include <inttypes.h>
#include <string.h>

enum { TEXT_WIDTH_MAX = 100, POST_INDENT = 2, COMMENT_INDENT = 6, MENTIONED_ASKED_MAX = 64 };

static void line_of(struct fora_buf *out, struct fora_bytes foreign)
{
    text_clean(out, foreign, false);
}

void show_applies_to(struct fora_buf *out, const struct fora_applies_to *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        line_of(out, list[i].product);
        if (list[i].from.size > 0 && fora_bytes_equal(list[i].from, list[i].to)) {
            fora_buf_u8(out, ' ');
            line_of(out, list[i].from);
        } else if (list[i].from.size > 0 && list[i].to.size > 0) {
            fora_buf_u8(out, ' ');
            line_of(out, list[i].from);
            fora_buf_append_str(out, " to ");
            line_of(out, list[i].to);
        } else if (list[i].from.size > 0) {
            fora_buf_append_str(out, " from ");
            line_of(out, list[i].from);
        } else if (list[i].to.size > 0) {
            fora_buf_append_str(out, " up to ");
            line_of(out, list[i].to);
        }
    }
}

/* "(staff, employee of Example Brewing, MVP)": all of it as of that time (ATT-9). */
static void in_brackets(struct fora_buf *out, const struct thread *t,
    const struct fora_principal_id *id, uint32_t badge, uint64_t at)
{
    struct beside_marks marks = {.count = 0};
    bool role = badge != 0 && badge != FORA_ROLE_MEMBER;
    if (t->beside != NULL && beside_at(t->beside, id, at, &marks) != CMD_EXIT_OK) {
        out->error = FORA_E_NOMEM;
    }
    if (!role && marks.count == 0) {
        return;
    }
    fora_buf_append_str(out, " (");
    fora_buf_append_str(out, role ? fora_role_name(badge) : "");
    for (size_t i = 0; i < marks.count; i++) {
        fora_buf_append_str(out, role || i > 0 ? ", " : "");
        beside_text(out, t->beside, &marks.items[i]);
    }
    fora_buf_append_str(out, ")");
}

static void author(struct fora_buf *out, const struct thread *t, const struct app *app,
    const struct fora_principal_id *id, uint32_t badge, uint64_t at)
{
    text_paint(out, &app->style, TEXT_BOLD);
    people_name(out, &t->people, id);
    text_paint(out, &app->style, TEXT_RESET);
    in_brackets(out, t, id, badge, at);
    if (app->verbose) {
        char text[FORA_ID_TEXT_MAX];
        fora_id_format(text, FORA_HRP_MEMBER, id->b);
        fora_buf_printf(out, " %s", text);
    }
}

static void wrapped(struct fora_buf *out, const struct app *app, struct fora_buf *line,
    const char *first, const char *rest)
{
    text_wrap(out, fora_buf_bytes(line), first, rest, app->style.width);
    out->error = line->error != 0 ? line->error : out->error;
    fora_buf_fini(line);
}

static void heading(struct fora_buf *out, const struct app *app, const struct thread *t)
{
    const struct fora_view_thread *v = &t->view;
    struct fora_buf title = {0};
    line_of(&title, v->title.size > 0 ? v->title : fora_bytes_str("(no title)"));
    text_paint(out, &app->style, TEXT_BOLD);
    text_wrap(out, fora_buf_bytes(&title), "", "", app->style.width);
    text_paint(out, &app->style, TEXT_RESET);
    fora_buf_fini(&title);
    struct fora_buf line = {0};
    fora_buf_append_str(&line, v->type == 0 ? "thread" : fora_thread_type_name(v->type));
    if (fora_policy_ready(t->policy)) {
        fora_buf_append_str(&line, " in ");
        line_of(&line, fora_policy_name(t->policy));
    }
    fora_buf_append_str(&line, ", ");
    text_count(&line, v->answers, "answer", "answers");
    fora_buf_append_str(&line, ", active ");
    text_ago(&line, v->active_at, app->now);
    for (size_t i = 0; i < v->tags_count; i++) {
        fora_buf_append_str(&line, i == 0 ? "; tags: " : ", ");
        line_of(&line, v->tags[i]);
    }
    wrapped(out, app, &line, "", "");
}

static void thread_marks(struct fora_buf *out, const struct app *app, const struct thread *t)
{
    const struct fora_view_thread *v = &t->view;
    struct fora_buf marks = {0};
    app_marks(&marks, v->marks);
    if (marks.size > 0) {
        text_paint(out, &app->style, TEXT_GREEN);
        text_wrap(out, fora_buf_bytes(&marks), "", "", app->style.width);
        text_paint(out, &app->style, TEXT_RESET);
    }
    fora_buf_fini(&marks);
    if (v->status.size > 0) {
        fora_buf_append_str(out, "status: ");
        line_of(out, v->status);
        fora_buf_append_str(out, v->status_version.size > 0 ? " in " : "");
        line_of(out, v->status_version);
        fora_buf_append_str(out, v->status_note.size > 0 ? " - " : "");
        line_of(out, v->status_note);
        fora_buf_u8(out, '\n');
    }
    if (!fora_id_is_zero(v->duplicate_of.b)) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, v->duplicate_of.b);
        fora_buf_printf(out, "duplicate of %s\n", id);
    }
    if (!fora_id_is_zero(v->moved_to_thread.b)) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, v->moved_to_thread.b);
        fora_buf_printf(out, "moved to %s\n", id);
    }
    if (!fora_id_is_zero(t->moved_from.b)) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, t->moved_from.b);
        fora_buf_printf(out, "moved here from %s\n", id);
    }
}

static void resolution_line(struct fora_buf *out, const struct app *app, const struct thread *t,
    const struct fora_view_resolution *r)
{
    static const char *const phrases[] = {"resolved", "accepted", "confirmed", "verified",
        "called a workaround", "superseded", "no longer right"};
    size_t known = sizeof phrases / sizeof phrases[0];
    text_paint(
        out, &app->style, r->type >= FORA_RESOLUTION_SUPERSEDED_BY ? TEXT_YELLOW : TEXT_GREEN);
    fora_buf_append_str(out, phrases[r->type < known ? r->type : 0]);
    text_paint(out, &app->style, TEXT_RESET);
    if (r->type == FORA_RESOLUTION_SUPERSEDED_BY) {
        fora_buf_append_str(out, " by ");
        app_short_id(out, FORA_HRP_OBJECT, r->superseded_by.b);
        fora_buf_append_str(out, ", says ");
    } else {
        fora_buf_append_str(out, " by ");
    }
    author(out, t, app, &r->author, fora_policy_badge_at(t->policy, &r->author, r->created_at),
        r->created_at);
    if (r->applies_to_count > 0) {
        fora_buf_append_str(out, " for ");
        show_applies_to(out, r->applies_to, r->applies_to_count);
    }
    fora_buf_append_str(out, ", ");
    text_ago(out, r->created_at, app->now);
    fora_buf_append_str(out, r->note.size > 0 ? ": " : "");
    line_of(out, r->note);
}

static void resolution(struct fora_buf *out, const struct app *app, const struct thread *t,
    const struct fora_view_resolution *r, const char *margin)
{
    struct fora_buf line = {0};
    resolution_line(&line, app, t, r);
    wrapped(out, app, &line, margin, margin);
}

static void source(
    struct fora_buf *out, const struct app *app, const struct fora_source *s, const char *margin)
{
    struct fora_buf line = {0};
    fora_buf_append_str(&line, "imported");
    if (s->author.size > 0) {
        fora_buf_append_str(&line, ", written by ");
        line_of(&line, s->author);
    }
    if (s->licence.size > 0) {
        fora_buf_append_str(&line, ", licence ");
        line_of(&line, s->licence);
    }
    if (s->url.size > 0) {
        fora_buf_append_str(&line, ", from ");
        line_of(&line, s->url);
    }
    text_paint(out, &app->style, TEXT_DIM);
    wrapped(out, app, &line, margin, margin);
    text_paint(out, &app->style, TEXT_RESET);
}

/* "Ann (staff), 2 hours ago, edited yesterday by Bob, score 3, 9dk3wzab" */
static void byline(struct fora_buf *out, const struct app *app, const struct thread *t,
    const struct fora_view_post *p)
{
    author(out, t, app, &p->author, p->badge, p->created_at);
    fora_buf_append_str(out, ", ");
    text_ago(out, p->created_at, app->now);
    if (p->edited_at != 0) {
        fora_buf_append_str(out, ", edited ");
        text_ago(out, p->edited_at, app->now);
        if (memcmp(p->edited_by.b, p->author.b, FORA_ID_SIZE) != 0) {
            fora_buf_append_str(out, " by ");
            people_name(out, &t->people, &p->edited_by);
        }
    }
    if (p->score != 0 || p->up != 0 || p->down != 0) {
        fora_buf_printf(out, ", score %" PRId64, p->score);
    }
    if (p->applies_to_count > 0) {
        fora_buf_append_str(out, ", for ");
        show_applies_to(out, p->applies_to, p->applies_to_count);
    }
    fora_buf_append_str(out, ", ");
    text_paint(out, &app->style, TEXT_CYAN);
    if (app->verbose) {
        char text[FORA_ID_TEXT_MAX];
        fora_id_format(text, FORA_HRP_OBJECT, p->id.b);
        fora_buf_append_str(out, text);
    } else {
        app_short_id(out, FORA_HRP_OBJECT, p->id.b);
    }
    text_paint(out, &app->style, TEXT_RESET);
}

static void body(struct fora_buf *out, const struct app *app, const struct fora_view_post *p,
    size_t indent, const char *margin)
{
    struct text_style style = app->style;
    style.width = style.width > TEXT_WIDTH_MAX ? TEXT_WIDTH_MAX : style.width;
    if ((p->marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0 || p->text.size == 0) {
        const char *what = (p->marks & FORA_MARK_HIDDEN) != 0      ? "hidden"
                           : (p->marks & FORA_MARK_RETRACTED) != 0 ? "retracted by its author"
                                                                   : "without text";
        text_paint(out, &style, TEXT_DIM);
        fora_buf_printf(out, "%s[%s", margin, what);
        fora_buf_append_str(out, p->reason.size > 0 ? ": " : "");
        line_of(out, p->reason);
        fora_buf_append_str(out, "]");
        text_paint(out, &style, TEXT_RESET);
        fora_buf_u8(out, '\n');
        return;
    }
    if (cmd_flag(&app->line, "raw")) {
        text_clean(out, p->text, true);
        fora_buf_u8(out, '\n');
        return;
    }
    text_markdown(out, &style, p->text, indent);
}

/* Who is mentioned, by the names that they have now. */
static void mentioned(struct fora_buf *out, const struct app *app, const struct thread *t,
    const struct fora_view_post *p, const char *margin)
{
    struct fora_buf line = {0};
    if (p->mentions_count == 0) {
        return;
    }
    for (size_t i = 0; i < p->mentions_count; i++) {
        fora_buf_append_str(&line, i == 0 ? "mentions " : ", ");
        people_name(&line, &t->people, &p->mentions[i]);
    }
    text_paint(out, &app->style, TEXT_DIM);
    wrapped(out, app, &line, margin, margin);
    text_paint(out, &app->style, TEXT_RESET);
}

static void post(struct fora_buf *out, const struct app *app, const struct thread *t,
    const struct fora_view_post *p)
{
    bool comment = p->type == FORA_POST_COMMENT;
    const char *margin = comment ? "      " : "  ";
    const char *edge = comment ? "    " : "";
    struct fora_buf line = {0};
    fora_buf_u8(out, '\n');
    if (p->type == FORA_POST_ANSWER) {
        text_painted(&line, &app->style, TEXT_DIM, "answer: ");
    } else if (comment) {
        text_painted(&line, &app->style, TEXT_DIM, "comment: ");
    }
    byline(&line, app, t, p);
    wrapped(out, app, &line, edge, edge);
    for (size_t i = 0; i < p->resolutions_count; i++) {
        resolution(out, app, t, &p->resolutions[i], margin);
    }
    body(out, app, p, comment ? COMMENT_INDENT : POST_INDENT, margin);
    mentioned(out, app, t, p, margin);
    if (p->source != NULL) {
        source(out, app, p->source, margin);
    }
}

static void footing(struct fora_buf *out, const struct app *app, const struct thread *t)
{
    if (t->view.cites_count == 0 && t->checkpoint_at == 0 && t->unverified == 0 && t->fallen == 0) {
        return;
    }
    fora_buf_u8(out, '\n');
    text_paint(out, &app->style, TEXT_DIM);
    for (size_t i = 0; i < t->view.cites_count; i++) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, t->view.cites[i].b);
        fora_buf_printf(out, "draws on %s\n", id);
    }
    if (t->checkpoint_at != 0) {
        fora_buf_append_str(out, "Complete as of ");
        text_time(out, t->checkpoint_at);
        fora_buf_append_str(out, ".\n");
    }
    if (t->unverified > 0) {
        text_count(out, t->unverified, "object", "objects");
        fora_buf_append_str(out, " that did not verify left out.\n");
    }
    if (t->fallen > 0) {
        text_count(out, t->fallen, "object", "objects");
        fora_buf_append_str(
            out, " signed by a stolen key, without a receipt from before the theft, not shown.\n");
    }
    text_paint(out, &app->style, TEXT_RESET);
}

void show_thread(struct fora_buf *out, const struct app *app, const struct thread *t)
{
    heading(out, app, t);
    thread_marks(out, app, t);
    for (size_t i = 0; i < t->view.posts_count; i++) {
        post(out, app, t, &t->view.posts[i]);
    }
    footing(out, app, t);
}

/* The thread and its posts may now be named by the beginning of their ids. */
static int remember(struct app *app, const struct thread *t)
{
    struct fora_object_id ids[4096];
    size_t count = 0;
    for (size_t i = 0; i < t->view.posts_count && count < 4096; i++) {
        ids[count++] = t->view.posts[i].id;
    }
    return state_recent_save(&app->state, ids, count, &app->why) == 0 ? CMD_EXIT_OK
                                                                      : app_fail_why(app);
}

/* What stood beside each name that is shown. */
static int load_beside(struct app *app, struct thread *t)
{
    t->beside = beside_new(app, &t->space);
    if (t->beside == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < t->view.posts_count; i++) {
        const struct fora_view_post *p = &t->view.posts[i];
        beside_want(t->beside, &p->author);
        for (size_t j = 0; j < p->resolutions_count; j++) {
            beside_want(t->beside, &p->resolutions[j].author);
        }
    }
    return beside_load(t->beside);
}

/* Who is mentioned need not have written here: names are asked for. */
static int load_mentioned(struct app *app, struct thread *t)
{
    int exit = CMD_EXIT_OK;
    size_t asked = 0;
    for (size_t i = 0; i < t->view.posts_count; i++) {
        const struct fora_view_post *p = &t->view.posts[i];
        for (size_t j = 0; j < p->mentions_count && asked < MENTIONED_ASKED_MAX; j++) {
            if (exit == CMD_EXIT_OK && people_find(&t->people, &p->mentions[j]) == NULL) {
                exit = people_ask(app, app->client, &t->people, &p->mentions[j]);
                asked++;
            }
        }
    }
    return exit;
}

int run_show(struct app *app)
{
    struct thread t = {0};
    struct app_object object;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = app_object(app, cmd_argument(&app->line, 0), &object);
    }
    if (exit == CMD_EXIT_OK && fora_id_is_zero(object.root.b)) {
        exit = app_fail(app, CMD_EXIT_NOTFOUND, "That is a %s, which belongs to no thread.",
            fora_kind_name(object.header.kind));
    }
    if (exit == CMD_EXIT_OK) {
        exit = thread_load(app, &t, &object.root);
    }
    if (exit == CMD_EXIT_OK) {
        exit = remember(app, &t);
    }
    exit = exit == CMD_EXIT_OK ? load_mentioned(app, &t) : exit;
    exit = exit == CMD_EXIT_OK ? load_beside(app, &t) : exit;
    if (exit == CMD_EXIT_OK && app->json) {
        exit = show_thread_json(app, &t);
    } else if (exit == CMD_EXIT_OK) {
        show_thread(&app->out, app, &t);
    }
    beside_free(t.beside);
    thread_fini(&t);
    return exit;
}
