/*
 * Revisions. Each is signed by who made it; the policy gives editors of others' posts the role for
 * it (import_policy.c). Where the history does not lead to what the post says now, because rows are
 * missing or an edit left none, the node signs one more that does: a reader sees what the site
 * showed when it was dumped.
 */
#include "import/import_thread.h"

#include "import/import_clean.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_MAX = 300, TEXT_MAX = 65536, SUMMARY_MAX = 500, EDIT_SLACK_MS = 1000 };

/* A revision on its way. */
struct draft {
    struct made made;
    struct source_id id;
    struct source_url url;
    struct fora_source source;
    struct clean_tags tags;
    struct fora_tag_list list;
};

static void draft_init(struct maker *maker, struct draft *draft, const struct thread *thread,
    const struct thread_post *post, uint64_t at)
{
    memset(draft, 0, sizeof *draft);
    draft->made.content.kind = FORA_KIND_REVISION;
    draft->made.header = post_about(maker, thread, post);
    draft->made.header.created_at = at;
    draft->made.source = &draft->id;
}

static void draft_tags(struct maker *maker, struct draft *draft, struct fora_bytes text)
{
    clean_tags(&draft->tags, text);
    unit_skip(maker->unit, IMPORT_SKIP_TAGS_DROPPED, draft->tags.dropped);
    draft->list = (struct fora_tag_list){draft->tags.tags, draft->tags.count};
    draft->made.content.u.revision.tags = &draft->list;
}

static void draft_title(struct maker *maker, struct draft *draft, struct fora_bytes text)
{
    draft->made.content.u.revision.has_title = true;
    draft->made.content.u.revision.title =
        maker_line(maker, &maker->text[1], text, TITLE_MAX, "(no title)");
}

static void add_revision(struct maker *maker, const struct thread *thread,
    const struct thread_post *post, const struct history_revision *from, uint64_t at)
{
    struct draft draft;
    struct fora_revision *revision = &draft.made.content.u.revision;
    bool opens = post == thread->opening;
    if (!from->has[FIELD_TEXT] && !(opens && (from->has[FIELD_TITLE] || from->has[FIELD_TAGS]))) {
        return; /* an answer has neither title nor tags */
    }
    draft_init(maker, &draft, thread, post, at);
    const struct author *author = maker_author(maker, &from->author);
    if (author == NULL) {
        return;
    }
    source_of(&draft.id, maker->env->site, "history", (int64_t)from->id, NULL);
    (void)snprintf(draft.url.text, sizeof draft.url.text, "https://%s/posts/%llu/revisions",
        maker->env->site, (unsigned long long)post->id);
    source_fill(&draft.source, &draft.id, &draft.url, licence_of(from->licence, from->date),
        fora_bytes(author->name, author->name_size));
    draft.made.kind = IMPORT_MADE_REVISIONS;
    draft.made.author = &from->author;
    revision->source = &draft.source;
    if (from->has[FIELD_TEXT]) {
        revision->has_text = true;
        revision->text =
            maker_lines(maker, &maker->text[0], from->field[FIELD_TEXT], TEXT_MAX, "(no text)");
    }
    if (opens && from->has[FIELD_TITLE]) {
        draft_title(maker, &draft, from->field[FIELD_TITLE]);
    }
    if (opens && from->has[FIELD_TAGS]) {
        draft_tags(maker, &draft, from->field[FIELD_TAGS]);
    }
    revision->summary = maker_lines(maker, &maker->text[2], from->comment, SUMMARY_MAX, "");
    maker_add(maker, &draft.made, NULL);
}

/* ---- the last word ---- */

static bool title_differs(
    struct maker *maker, const struct thread_post *post, const struct history *history)
{
    struct fora_bytes last, now;
    if (!history->has_last[FIELD_TITLE]) {
        return false; /* the first version took the post's */
    }
    fora_buf_clear(&maker->text[0]);
    fora_buf_clear(&maker->text[1]);
    (void)clean_line(&maker->text[0], history->last[FIELD_TITLE], TITLE_MAX);
    (void)clean_line(&maker->text[1], post->row.title, TITLE_MAX);
    last = fora_buf_bytes(&maker->text[0]);
    now = fora_buf_bytes(&maker->text[1]);
    return !fora_bytes_equal(last, now);
}

static bool tags_differ(const struct thread_post *post, const struct history *history)
{
    struct clean_tags last, now;
    if (!history->has_last[FIELD_TAGS]) {
        return false;
    }
    clean_tags(&last, history->last[FIELD_TAGS]);
    clean_tags(&now, post->row.tags);
    return !clean_tags_equal(&last, &now);
}

/* The history's Markdown is what the author wrote: it is kept unless it cannot be the last. */
static bool text_differs(const struct thread_post *post, const struct history *history)
{
    if (!history->has_last[FIELD_TEXT]) {
        return false;
    }
    bool later = post->row.edited > history->last_at + EDIT_SLACK_MS;
    return later || !history_shows(history->last[FIELD_TEXT], post->row.body);
}

static void add_final(struct maker *maker, const struct thread *thread,
    const struct thread_post *post, const struct history *history, uint64_t at)
{
    struct draft draft;
    struct fora_revision *revision = &draft.made.content.u.revision;
    bool opens = post == thread->opening;
    bool title = opens && title_differs(maker, post, history);
    bool tags = opens && tags_differ(post, history);
    bool text = text_differs(post, history);
    if (!title && !tags && !text) {
        return;
    }
    draft_init(maker, &draft, thread, post, at);
    source_of(&draft.id, maker->env->site, "post", (int64_t)post->id, "final");
    source_url(&draft.url, maker->env->site, opens ? "q" : "a", (int64_t)post->id);
    source_fill(&draft.source, &draft.id, &draft.url,
        licence_of(post->row.licence, post->row.created), fora_bytes(NULL, 0));
    draft.made.kind = IMPORT_MADE_FINALS;
    revision->source = &draft.source;
    revision->summary = fora_bytes_str("as the site showed it; its history does not lead there");
    if (text) {
        revision->has_text = true;
        revision->text = maker_html(maker, &maker->text[0], post->row.body, TEXT_MAX, "(no text)");
    }
    if (title) {
        draft_title(maker, &draft, post->row.title);
    }
    if (tags) {
        draft_tags(maker, &draft, post->row.tags);
    }
    maker_add(maker, &draft.made, NULL);
}

void post_revise(struct maker *maker, const struct thread *thread, const struct thread_post *post,
    const struct history *history)
{
    uint64_t at = post->row.created;
    for (size_t i = 0; i < history->count && maker->unit->error == 0; i++) {
        const struct history_revision *revision = &history->revisions[i];
        /* Views order by date, then by id: two of one moment would stand in no order. */
        at = revision->date > at ? revision->date : at + 1;
        add_revision(maker, thread, post, revision, at);
    }
    uint64_t last = post->row.edited > at ? post->row.edited : at + 1;
    add_final(maker, thread, post, history, last);
}
