/*
 * Both real dumps, imported, against their own XML: every question, answer and comment of the store
 * is compared with its row, and the counts with STATS.json.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import_rig.h"

#include "fora/fora.h"
#include "import/html_markdown.h"
#include "import/import_clean.h"
#include "import/sedump.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the oracle: rows by id ---- */

struct post {
    uint64_t id;
    uint64_t type;
    uint64_t accepted;
    int64_t score;
    int64_t created;
    bool closed;
    bool duplicate;
    char *title;
    char *tags;
    char *body;
    char *markdown; /* the last text of its history */
    int64_t markdown_at;
    uint64_t markdown_row;
};

struct comment {
    uint64_t id;
    int64_t score;
    char *text;
};

struct oracle {
    struct post *posts; /* by id */
    size_t posts_count;
    struct comment *comments;
    size_t comments_count;
    size_t threads, answers, comments_seen, accepted, closed, duplicates; /* that views showed */
    size_t from_history, from_html;
};

static char *copy(const struct sedump_row *row, const char *name)
{
    struct fora_bytes text = {NULL, 0};
    int rc = sedump_text(row, name, &text);
    char *out = malloc(text.size + 1);
    assert_non_null(out);
    if (rc == 0 && text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    out[text.size] = '\0';
    return out;
}

static uint64_t number(const struct sedump_row *row, const char *name)
{
    int64_t value = 0;
    return sedump_i64(row, name, &value) == 0 ? (uint64_t)value : 0;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static struct post *post_of(struct oracle *oracle, uint64_t id)
{
    return bsearch(&id, oracle->posts, oracle->posts_count, sizeof *oracle->posts, by_id);
}

static void take_post(struct oracle *oracle, const struct sedump_row *row)
{
    struct fora_bytes ignored;
    oracle->posts = realloc(oracle->posts, (oracle->posts_count + 1) * sizeof *oracle->posts);
    assert_non_null(oracle->posts);
    struct post *post = &oracle->posts[oracle->posts_count++];
    *post = (struct post){.id = number(row, "Id"),
        .type = number(row, "PostTypeId"),
        .accepted = number(row, "AcceptedAnswerId"),
        .score = (int64_t)number(row, "Score"),
        .closed = sedump_text(row, "ClosedDate", &ignored) == 0,
        .title = copy(row, "Title"),
        .tags = copy(row, "Tags"),
        .body = copy(row, "Body")};
    assert_int_equal(sedump_date(row, "CreationDate", &post->created), 0);
}

static void take_comment(struct oracle *oracle, const struct sedump_row *row)
{
    oracle->comments =
        realloc(oracle->comments, (oracle->comments_count + 1) * sizeof *oracle->comments);
    assert_non_null(oracle->comments);
    oracle->comments[oracle->comments_count++] = (struct comment){
        .id = number(row, "Id"), .score = (int64_t)number(row, "Score"), .text = copy(row, "Text")};
}

static void take_history(struct oracle *oracle, const struct sedump_row *row)
{
    uint64_t type = number(row, "PostHistoryTypeId"), id = number(row, "Id");
    struct post *post = post_of(oracle, number(row, "PostId"));
    int64_t at;
    assert_int_equal(sedump_date(row, "CreationDate", &at), 0);
    bool text = type == 2 || type == 5 || type == 8;
    if (post == NULL || !text || at < post->markdown_at ||
        (at == post->markdown_at && id < post->markdown_row)) {
        return;
    }
    free(post->markdown);
    post->markdown = copy(row, "Text");
    post->markdown_at = at;
    post->markdown_row = id;
}

static void take_link(struct oracle *oracle, const struct sedump_row *row)
{
    struct post *post = post_of(oracle, number(row, "PostId"));
    if (number(row, "LinkTypeId") == 3 && post != NULL &&
        post_of(oracle, number(row, "RelatedPostId")) != NULL) {
        post->duplicate = true;
    }
}

static void read_file(struct oracle *oracle, const char *dump, const char *name,
    void (*take)(struct oracle *, const struct sedump_row *))
{
    struct sedump *file;
    const struct sedump_row *row;
    assert_int_equal(sedump_open(&file, dump, name, NULL), 0);
    while (sedump_next(file, &row) == 0 && row != NULL) {
        take(oracle, row);
    }
    assert_string_equal(sedump_why(file), "");
    sedump_close(file);
}

static void oracle_init(struct oracle *oracle, const char *dump)
{
    memset(oracle, 0, sizeof *oracle);
    read_file(oracle, dump, "Posts", take_post);
    qsort(oracle->posts, oracle->posts_count, sizeof *oracle->posts, by_id);
    read_file(oracle, dump, "PostHistory", take_history);
    read_file(oracle, dump, "PostLinks", take_link);
    read_file(oracle, dump, "Comments", take_comment);
    qsort(oracle->comments, oracle->comments_count, sizeof *oracle->comments, by_id);
}

static void oracle_fini(struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->posts_count; i++) {
        free(oracle->posts[i].title);
        free(oracle->posts[i].tags);
        free(oracle->posts[i].body);
        free(oracle->posts[i].markdown);
    }
    for (size_t i = 0; i < oracle->comments_count; i++) {
        free(oracle->comments[i].text);
    }
    free(oracle->posts);
    free(oracle->comments);
}

/* ---- comparing ---- */

/* Without white space, which line ends and trimming change. */
static char *squeeze(struct fora_bytes text)
{
    char *out = malloc(text.size + 1);
    size_t size = 0;
    assert_non_null(out);
    for (size_t i = 0; i < text.size; i++) {
        if (strchr(" \t\r\n", text.data[i]) == NULL) {
            out[size++] = (char)text.data[i];
        }
    }
    out[size] = '\0';
    return out;
}

static bool same_text(struct fora_bytes a, struct fora_bytes b)
{
    char *x = squeeze(a), *y = squeeze(b);
    bool same = strcmp(x, y) == 0;
    free(x);
    free(y);
    return same;
}

static void check_text(struct oracle *oracle, const struct post *post, struct fora_bytes text)
{
    struct fora_buf html = {0};
    assert_true(text.size > 0);
    assert_int_equal(html_to_markdown(fora_bytes_str(post->body), &html, html_limits_default()), 0);
    bool written = post->markdown != NULL && same_text(text, fora_bytes_str(post->markdown));
    bool shown = same_text(text, fora_buf_bytes(&html));
    if (!written && !shown) {
        print_error("post %llu: its text is neither that of its history nor of its body:\n%.*s\n",
            (unsigned long long)post->id, (int)text.size, (const char *)text.data);
    }
    assert_true(written || shown);
    oracle->from_history += written;
    oracle->from_html += !written;
    fora_buf_fini(&html);
}

static void check_tags(const struct post *post, const struct fora_view_thread *view)
{
    char text[400] = "";
    for (size_t i = 0; i < view->tags_count; i++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "<%.*s>",
            (int)view->tags[i].size, (const char *)view->tags[i].data);
    }
    assert_string_equal(text, post->tags);
}

static void check_comment(struct oracle *oracle, const struct fora_view_post *shown)
{
    uint64_t id = rig_source_id(shown->source, ":comment:");
    struct comment *comment =
        bsearch(&id, oracle->comments, oracle->comments_count, sizeof *comment, by_id);
    assert_non_null(comment);
    assert_true(same_text(shown->text, fora_bytes_str(comment->text)));
    assert_int_equal(shown->score, comment->score);
    oracle->comments_seen++;
}

static void check_post(struct oracle *oracle, const struct post *post, const struct post *question,
    const struct fora_view_post *shown)
{
    bool accepted = (shown->marks & FORA_MARK_ACCEPTED) != 0;
    assert_non_null(post);
    assert_int_equal(shown->created_at, post->created);
    assert_int_equal(shown->score, post->score);
    assert_int_equal(accepted, question->accepted == post->id);
    assert_true((shown->marks & FORA_MARK_IMPORTED) != 0);
    assert_false((shown->marks & (FORA_MARK_HIDDEN | FORA_MARK_RETRACTED)) != 0);
    assert_true(shown->source->licence.size > 0);
    assert_true(shown->source->author.size > 0);
    check_text(oracle, post, shown->text);
    oracle->accepted += accepted;
}

static void check_view(void *context, const struct fora_view_thread *view)
{
    struct oracle *oracle = context;
    const struct post *question = post_of(oracle, rig_source_id(view->posts[0].source, ":post:"));
    struct fora_buf title = {0};
    assert_non_null(question);
    assert_int_equal(question->type, 1);
    (void)clean_line(&title, fora_bytes_str(question->title), 300);
    assert_true(fora_bytes_equal(view->title, fora_buf_bytes(&title)));
    fora_buf_fini(&title);
    check_tags(question, view);
    check_post(oracle, question, question, &view->posts[0]);
    assert_int_equal((view->marks & FORA_MARK_CLOSED) != 0, question->closed);
    assert_int_equal((view->marks & FORA_MARK_DUPLICATE) != 0, question->duplicate);
    oracle->threads++;
    oracle->closed += question->closed;
    oracle->duplicates += question->duplicate;
    for (size_t i = 1; i < view->posts_count; i++) {
        const struct fora_view_post *post = &view->posts[i];
        if (post->type == FORA_POST_COMMENT) {
            check_comment(oracle, post);
        } else {
            check_post(
                oracle, post_of(oracle, rig_source_id(post->source, ":post:")), question, post);
            oracle->answers++;
        }
    }
}

static uint64_t stat_of(json_t *stats, const char *name, const char *of)
{
    json_t *value = json_object_get(stats, name);
    value = of == NULL ? value : json_object_get(value, of);
    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

static void check_stats(
    const char *dump, const struct oracle *oracle, const struct import_report *report)
{
    char path[4200];
    json_error_t error;
    (void)snprintf(path, sizeof path, "%s/STATS.json", dump);
    json_t *file = json_load_file(path, 0, &error);
    json_t *stats = json_object_get(file, "stats");
    const struct import_counts *counts = &report->counts;
    assert_non_null(stats);
    assert_int_equal(oracle->threads, stat_of(stats, "threads", NULL));
    assert_int_equal(oracle->answers, stat_of(stats, "answers", NULL));
    assert_int_equal(oracle->accepted, stat_of(stats, "accepted", NULL));
    assert_int_equal(oracle->closed, stat_of(stats, "closed", NULL));
    assert_int_equal(counts->made[IMPORT_MADE_THREADS], oracle->threads);
    assert_int_equal(counts->made[IMPORT_MADE_ANSWERS], oracle->answers);
    assert_int_equal(counts->made[IMPORT_MADE_ACCEPTED], oracle->accepted);
    assert_int_equal(
        counts->skipped[IMPORT_SKIP_COMMENT_ORPHAN], stat_of(stats, "comments_orphan", NULL));
    assert_int_equal(
        counts->skipped[IMPORT_SKIP_VOTE_ORPHAN], stat_of(stats, "votes_orphan", NULL));
    assert_int_equal(
        counts->skipped[IMPORT_SKIP_LINK_ORPHAN], stat_of(stats, "links_orphan", NULL));
    assert_int_equal(counts->skipped[IMPORT_SKIP_BADGES], stat_of(stats, "rows", "Badges"));
    assert_int_equal(counts->made[IMPORT_MADE_COMMENTS], oracle->comments_seen);
    assert_int_equal(oracle->comments_seen + counts->skipped[IMPORT_SKIP_COMMENT_OTHER] +
                         counts->skipped[IMPORT_SKIP_COMMENT_ORPHAN],
        stat_of(stats, "rows", "Comments"));
    assert_true(counts->made[IMPORT_MADE_PEOPLE] + 1 >= stat_of(stats, "users_who_posted", NULL));
    json_decref(file);
}

static void print_counts(
    const char *name, const struct oracle *oracle, const struct import_report *report)
{
    printf("%s: %llu objects in %.2f s; texts: %zu as their authors wrote them, %zu from HTML\n",
        name, (unsigned long long)report->objects, report->seconds, oracle->from_history,
        oracle->from_html);
    for (size_t i = 0; i < IMPORT_MADE_COUNT; i++) {
        printf(
            "  %8llu %s\n", (unsigned long long)report->counts.made[i], import_made_labels[i].text);
    }
    for (size_t i = 0; i < IMPORT_SKIP_COUNT; i++) {
        if (report->counts.skipped[i] != 0) {
            printf("  - %6llu %s\n", (unsigned long long)report->counts.skipped[i],
                import_skip_labels[i].text);
        }
    }
}

static void import_whole(const char *name)
{
    const char *dump = rig_dump(name);
    struct rig rig;
    struct oracle oracle;
    struct import_report report, again;
    struct rig_set set, after;
    rig_init(&rig, 1);
    oracle_init(&oracle, dump);
    rig_import(&rig, dump, &report);
    assert_int_equal(report.stored, report.objects);
    (void)rig_views(&rig, &report.space, check_view, &oracle);
    check_stats(dump, &oracle, &report);
    print_counts(name, &oracle, &report);
    rig_set(&rig, &report.space, &set);
    /* Again: the same objects, which are there. */
    rig_import(&rig, dump, &again);
    rig_set(&rig, &report.space, &after);
    assert_int_equal(again.stored, 0);
    assert_int_equal(again.already, again.objects);
    assert_int_equal(again.objects, report.objects - 1); /* the space is not founded again */
    assert_memory_equal(&again.space, &report.space, sizeof again.space);
    rig_assert_same_set(&set, &after);
    oracle_fini(&oracle);
    rig_fini(&rig);
}

static void beer_has_every_thread_as_its_rows_say(void **state)
{
    (void)state;
    import_whole("stackexchange-beer");
}

static void conlang_has_every_thread_as_its_rows_say(void **state)
{
    (void)state;
    import_whole("stackexchange-small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conlang_has_every_thread_as_its_rows_say),
        cmocka_unit_test(beer_has_every_thread_as_its_rows_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
