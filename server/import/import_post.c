/* The opening of a thread, or an answer: its first version, and all that hangs on it. */
#include "import/import_thread.h"

#include "import/import_clean.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_MAX = 300, TEXT_MAX = 65536 };

struct fora_header post_about(
    const struct maker *maker, const struct thread *thread, const struct thread_post *post)
{
    return (struct fora_header){
        .space = maker->env->space, .root = thread->root, .parent = post->object};
}

/* The author's name, with a note where the post belongs to everybody. */
static struct fora_bytes shown_author(
    struct maker *maker, const struct thread_post *post, char out[AUTHOR_NAME_MAX + 40])
{
    static const char note[] = " (community wiki)";
    const struct author *author = maker_author(maker, &post->row.author);
    if (author == NULL) {
        return fora_bytes(NULL, 0);
    }
    size_t size = author->name_size;
    memcpy(out, author->name, size);
    if (post->row.community != 0 && size + sizeof note - 1 <= AUTHOR_NAME_MAX) {
        memcpy(out + size, note, sizeof note - 1);
        size += sizeof note - 1;
    }
    return fora_bytes(out, size);
}

/* The first version; where no history says it, what the post says now. */
static struct fora_bytes first_text(
    struct maker *maker, const struct thread_post *post, const struct history *history)
{
    static const char empty[] = "(no text)";
    struct fora_buf *buf = &maker->text[0];
    return history->has_first[FIELD_TEXT]
               ? maker_lines(maker, buf, history->first[FIELD_TEXT], TEXT_MAX, empty)
               : maker_html(maker, buf, post->row.body, TEXT_MAX, empty);
}

static void fill_thread(struct maker *maker, struct fora_thread *out,
    const struct thread_post *post, const struct history *history, struct clean_tags *tags)
{
    struct fora_bytes title =
        history->has_first[FIELD_TITLE] ? history->first[FIELD_TITLE] : post->row.title;
    clean_tags(tags, history->has_first[FIELD_TAGS] ? history->first[FIELD_TAGS] : post->row.tags);
    unit_skip(maker->unit, IMPORT_SKIP_TAGS_DROPPED, tags->dropped);
    out->type = FORA_THREAD_QUESTION;
    out->title = maker_line(maker, &maker->text[1], title, TITLE_MAX, "(no title)");
    out->text = first_text(maker, post, history);
    out->tags = tags->tags;
    out->tags_count = tags->count;
}

void post_make_object(struct maker *maker, struct thread *thread, struct thread_post *post,
    const struct history *history)
{
    struct source_id id;
    struct source_url url;
    struct fora_source source;
    struct clean_tags tags;
    char name[AUTHOR_NAME_MAX + 40];
    bool opens = post == thread->opening;
    struct made made = {.kind = opens ? IMPORT_MADE_THREADS : IMPORT_MADE_ANSWERS,
        .source = &id,
        .author = &post->row.author};
    struct fora_bytes said = history->licence.size > 0 ? history->licence : post->row.licence;
    source_of(&id, maker->env->site, "post", (int64_t)post->id, NULL);
    source_url(&url, maker->env->site, opens ? "q" : "a", (int64_t)post->id);
    source_fill(
        &source, &id, &url, licence_of(said, post->row.created), shown_author(maker, post, name));
    if (opens) {
        made.content.kind = FORA_KIND_THREAD;
        made.content.u.thread.source = &source;
        fill_thread(maker, &made.content.u.thread, post, history, &tags);
    } else {
        made.content.kind = FORA_KIND_POST;
        made.content.u.post.type = FORA_POST_ANSWER;
        made.content.u.post.source = &source;
        made.content.u.post.text = first_text(maker, post, history);
        made.header.root = thread->root;
        made.header.parent = thread->root;
    }
    made.header.space = maker->env->space;
    made.header.created_at = post->row.created;
    maker_add(maker, &made, &post->object);
    if (opens) {
        thread->root = post->object;
    }
}

void post_make(struct maker *maker, struct thread *thread, struct thread_post *post)
{
    struct history history;
    int rc = history_fold(&history, post->rows, post->rows_count);
    if (rc == 0) {
        post_make_object(maker, thread, post, &history);
        post_revise(maker, thread, post, &history);
        post_votes(maker, thread, post);
        post_acts(maker, thread, post);
        post_comments(maker, thread, post);
    }
    history_fini(&history);
    maker->unit->error = maker->unit->error != 0 ? maker->unit->error : rc;
}
