/* What is about a post: votes, acts of moderators, comments, and which answer was accepted. */
#include "import/import_thread.h"

#include "import/import_clean.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 65536 };

/* ---- votes ---- */

/*
 * A tally of the node, marked as imported: who voted is not in a dump, so nobody can recompute it
 * (KIND-TALLY-4). Votes.xml lacks votes that the score counts and holds some that it does not (of
 * deleted accounts, and of fraud that was undone): the score is what people saw, so what they
 * differ by is added to the side that makes up minus down the score.
 */
static void add_tally(struct maker *maker, const struct fora_header *about,
    const struct source_id *source, const struct votes_row *votes, int64_t score)
{
    struct made made = {.kind = IMPORT_MADE_TALLIES, .header = *about, .source = source};
    struct fora_tally *tally = &made.content.u.tally;
    struct fora_source from = {.id = fora_bytes_str(source->text)};
    const int64_t most = INT64_C(1) << 53; /* of a dump that is a joke */
    score = score > most ? most : score < -most ? -most : score;
    int64_t lacks = score - ((int64_t)votes->up - (int64_t)votes->down);
    made.content.kind = FORA_KIND_TALLY;
    tally->up = votes->up + (lacks > 0 ? (uint64_t)lacks : 0);
    tally->down = votes->down + (lacks < 0 ? (uint64_t)-lacks : 0);
    tally->imported = true;
    tally->source = &from;
    if (tally->up == 0 && tally->down == 0) {
        return;
    }
    /* Grows with every vote, so that the tally of a later dump takes this one's place (OBJ-8). */
    uint64_t at = votes->last_at > about->created_at ? votes->last_at : about->created_at;
    made.header.created_at = at + (votes->up + votes->down) % (24 * 60 * 60 * 1000);
    maker_add(maker, &made, NULL);
}

void post_votes(struct maker *maker, const struct thread *thread, const struct thread_post *post)
{
    struct source_id source;
    struct fora_header about = post_about(maker, thread, post);
    about.created_at = post->row.created;
    source_of(&source, maker->env->site, "post", (int64_t)post->id, "votes");
    add_tally(maker, &about, &source, &post->votes, post->row.score);
}

/* ---- acts of moderators ---- */

/* When the node spoke last, and what its last words were. */
struct acts {
    uint64_t at;
    bool closed;
    bool hidden;
};

static void add_act(struct maker *maker, const struct thread *thread,
    const struct thread_post *post, uint32_t action, const char *reason,
    const struct source_id *source, uint64_t at)
{
    char text[200];
    struct made made = {.kind = IMPORT_MADE_MODERATIONS,
        .header = post_about(maker, thread, post),
        .source = source};
    struct fora_source from = {.id = fora_bytes_str(source->text)};
    (void)snprintf(text, sizeof text, "On %s: %s", maker->env->site, reason);
    made.content.kind = FORA_KIND_MODERATION;
    made.content.u.moderation.action = action;
    made.content.u.moderation.reason = fora_bytes_str(text);
    made.content.u.moderation.source = &from;
    made.header.created_at = at;
    maker_add(maker, &made, NULL);
}

struct act {
    uint32_t action; /* 0: none */
    bool of_thread;
    const char *reason;
};

/* By type of history, and updates the switches. */
static struct act act_of(const struct history_row *row, struct acts *acts)
{
    switch (row->type) {
    case 10:
        acts->closed = true;
        return (struct act){FORA_MODERATION_CLOSE, true, close_reason(row->comment)};
    case 11:
        acts->closed = false;
        return (struct act){FORA_MODERATION_REOPEN, true, "reopened"};
    case 12:
        acts->hidden = true;
        return (struct act){FORA_MODERATION_HIDE, false, "deleted"};
    case 13:
        acts->hidden = false;
        return (struct act){FORA_MODERATION_UNHIDE, false, "undeleted"};
    case 14:
        return (struct act){FORA_MODERATION_LOCK, true, "locked"};
    case 15:
        return (struct act){FORA_MODERATION_UNLOCK, true, "unlocked"};
    default:
        return (struct act){0, false, NULL};
    }
}

static void history_acts(struct maker *maker, const struct thread *thread,
    const struct thread_post *post, struct acts *acts)
{
    for (size_t i = 0; i < post->rows_count; i++) {
        struct history_row row;
        struct source_id source;
        const struct row_key *key = &post->rows[i].key;
        if (key->class != ROW_HISTORY || !history_row_parse(post->rows[i].value, &row)) {
            continue;
        }
        struct act act = act_of(&row, acts);
        if (act.action == 0) {
            continue;
        }
        if (act.of_thread && post != thread->opening) {
            unit_skip(maker->unit, IMPORT_SKIP_ACT_ON_ANSWER, 1);
            continue;
        }
        acts->at = key->date > acts->at ? key->date : acts->at + 1;
        source_of(&source, maker->env->site, "history", (int64_t)key->id, NULL);
        add_act(maker, thread, post, act.action, act.reason, &source, acts->at);
    }
}

/* What a dump holds is not deleted, and closed or not as the post itself says. */
void post_acts(struct maker *maker, const struct thread *thread, const struct thread_post *post)
{
    struct source_id source;
    struct acts acts = {.at = post->row.created};
    bool closed = post->row.closed != 0;
    history_acts(maker, thread, post, &acts);
    if (acts.hidden) {
        source_of(&source, maker->env->site, "post", (int64_t)post->id, "undeleted");
        add_act(maker, thread, post, FORA_MODERATION_UNHIDE, "undeleted", &source, ++acts.at);
    }
    if (post == thread->opening && acts.closed != closed) {
        acts.at = post->row.closed > acts.at ? post->row.closed : acts.at + 1;
        source_of(&source, maker->env->site, "post", (int64_t)post->id, "closed");
        add_act(maker, thread, post, closed ? FORA_MODERATION_CLOSE : FORA_MODERATION_REOPEN,
            closed ? "closed" : "reopened", &source, acts.at);
    }
}

/* ---- comments ---- */

static void add_comment(struct maker *maker, const struct thread *thread,
    const struct thread_post *post, const struct row_key *key, const struct comment_row *row)
{
    struct source_id id;
    struct source_url url;
    struct fora_source source;
    struct fora_object_id object;
    struct made made = {.kind = IMPORT_MADE_COMMENTS,
        .header = post_about(maker, thread, post),
        .source = &id,
        .author = &row->author};
    const struct author *author = maker_author(maker, &row->author);
    if (author == NULL) {
        return;
    }
    source_of(&id, maker->env->site, "comment", (int64_t)key->id, NULL);
    source_url(&url, maker->env->site, "posts/comments", (int64_t)key->id);
    source_fill(&source, &id, &url, licence_of(row->licence, key->date),
        fora_bytes(author->name, author->name_size));
    made.content.kind = FORA_KIND_POST;
    made.content.u.post.type = FORA_POST_COMMENT;
    made.content.u.post.source = &source;
    made.content.u.post.text =
        maker_lines(maker, &maker->text[0], row->text, TEXT_MAX, "(no text)");
    made.header.created_at = key->date;
    maker_add(maker, &made, &object);
    if (row->score > 0) {
        struct source_id votes;
        struct fora_header about = made.header;
        about.parent = object;
        source_of(&votes, maker->env->site, "comment", (int64_t)key->id, "votes");
        add_tally(maker, &about, &votes,
            &(struct votes_row){.up = (uint64_t)row->score, .last_at = key->date}, row->score);
    }
}

void post_comments(struct maker *maker, const struct thread *thread, const struct thread_post *post)
{
    for (size_t i = 0; i < post->rows_count && maker->unit->error == 0; i++) {
        struct comment_row row;
        if (post->rows[i].key.class == ROW_COMMENT &&
            comment_row_parse(post->rows[i].value, &row)) {
            add_comment(maker, thread, post, &post->rows[i].key, &row);
        }
    }
}

/* ---- the accepted answer ---- */

/* Said by who asked; on the day of the vote where the dump has it (it has days only). */
void thread_accept(
    struct maker *maker, const struct thread *thread, const struct thread_post *answer)
{
    struct source_id source;
    struct made made = {.kind = IMPORT_MADE_ACCEPTED,
        .header = post_about(maker, thread, answer),
        .source = &source,
        .author = &thread->opening->row.author};
    struct fora_source from = {0};
    uint64_t voted = answer->votes.accepted_at;
    uint64_t at = voted != 0 ? voted : answer->row.active;
    source_of(&source, maker->env->site, "post", (int64_t)answer->id, "accepted");
    from.id = fora_bytes_str(source.text);
    made.content.kind = FORA_KIND_RESOLUTION;
    made.content.u.resolution.type = FORA_RESOLUTION_ASKER_ACCEPTED;
    made.content.u.resolution.source = &from;
    made.header.created_at = at > answer->row.created ? at : answer->row.created;
    maker_add(maker, &made, NULL);
}
