/* Dumps that are odd, and dumps that are broken. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import_rig.h"

#include "import/import_index.h"
#include "store/tests/store_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define USERS(rows)                                                                                \
    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<users>\r\n" rows "</users>"
#define POSTS(rows) "<posts>" rows "</posts>"
#define HISTORY(rows) "<posthistory>" rows "</posthistory>"
#define COMMENTS(rows) "<comments>" rows "</comments>"
#define VOTES(rows) "<votes>" rows "</votes>"
#define LINKS(rows) "<postlinks>" rows "</postlinks>"

#define ANN "<row Id=\"1\" DisplayName=\"Ann\" CreationDate=\"2015-01-01\" />"
#define BOB                                                                                        \
    "<row Id=\"2\" DisplayName=\"Bob\" CreationDate=\"2015-01-02T03:04:05\" "                      \
    "WebsiteUrl=\"https://bob.example\" />"
#define QUESTION(id, more)                                                                         \
    "<row Id=\"" id "\" PostTypeId=\"1\" CreationDate=\"2016-01-0" id "T00:00:00.000\" "           \
    "OwnerUserId=\"1\" Title=\"Question " id "\" Tags=\"&lt;a&gt;\" Body=\"&lt;p&gt;text " id      \
    "&lt;/p&gt;\" " more " />"
#define ANSWER(id, of, more)                                                                       \
    "<row Id=\"" id "\" PostTypeId=\"2\" ParentId=\"" of "\" CreationDate=\"2016-02-0" id          \
    "T00:00:00.000\" OwnerUserId=\"2\" Body=\"&lt;p&gt;answer " id "&lt;/p&gt;\" " more " />"

static void put_plain(const char *folder)
{
    rig_folder_put(folder, "Users", USERS(ANN BOB));
    rig_folder_put(folder, "Posts", POSTS(QUESTION("1", "Score=\"3\"") ANSWER("2", "1", "")));
}

/* ---- looking at one thread ---- */

struct wanted {
    uint64_t id;
    void (*check)(const struct fora_view_thread *view);
    unsigned seen;
};

static void look(void *context, const struct fora_view_thread *view)
{
    struct wanted *wanted = context;
    if (rig_source_id(view->posts[0].source, ":post:") == wanted->id) {
        wanted->check(view);
        wanted->seen++;
    }
}

static void check_thread(struct rig *rig, const struct import_report *report, uint64_t id,
    void (*check)(const struct fora_view_thread *view))
{
    struct wanted wanted = {.id = id, .check = check};
    (void)rig_views(rig, &report->space, look, &wanted);
    assert_int_equal(wanted.seen, 1);
}

static void assert_text(struct fora_bytes text, const char *expected)
{
    char copy[8192];
    (void)snprintf(copy, sizeof copy, "%.*s", (int)text.size, (const char *)text.data);
    assert_string_equal(copy, expected);
}

static struct import_report import_once(struct rig *rig, const char *folder)
{
    struct import_report report;
    rig_import(rig, folder, &report);
    return report;
}

/* ---- odd ---- */

static void plain_thread(const struct fora_view_thread *view)
{
    assert_text(view->title, "Question 1");
    assert_int_equal(view->posts[0].score, 3);
    assert_text(view->posts[0].text, "text 1");
    assert_text(view->posts[0].source->author, "Ann");
    assert_text(view->posts[0].source->licence, "CC BY-SA 3.0");
    assert_text(view->posts[0].source->url, "https://test.example.com/q/1");
    assert_text(view->posts[1].text, "answer 2");
    assert_text(view->posts[1].source->author, "Bob");
}

static void a_dump_of_two_files_is_enough(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    rig_init(&rig, 3);
    rig_folder(folder);
    put_plain(folder);
    struct import_report report = import_once(&rig, folder);
    assert_int_equal(report.counts.made[IMPORT_MADE_THREADS], 1);
    assert_int_equal(report.counts.made[IMPORT_MADE_PEOPLE], 2);
    check_thread(&rig, &report, 1, plain_thread);
    rig_folder_free(folder);
    rig_fini(&rig);
}

static void edited_thread(const struct fora_view_thread *view)
{
    assert_text(view->title, "New title");
    assert_int_equal(view->tags_count, 2);
    assert_text(view->tags[0], "new-tag");
    assert_text(
        view->posts[0].text, "text 1"); /* from the body: the history misses the last edit */
    assert_int_equal(view->posts[0].revisions, 2);
    assert_text(view->posts[1].text, "*answer* 2");
    assert_int_equal(view->posts[1].revisions, 1); /* by Ann, who is not its author */
}

/* Ann edits Bob's answer; an edit of the question left no text in the history. */
static void revisions_end_at_what_the_post_says(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    rig_init(&rig, 3);
    rig_folder(folder);
    rig_folder_put(folder, "Users", USERS(ANN BOB));
    rig_folder_put(folder, "Posts",
        POSTS("<row Id=\"1\" PostTypeId=\"1\" CreationDate=\"2016-01-01\" OwnerUserId=\"1\" "
              "Title=\"New title\" Tags=\"|new-tag|b|\" Body=\"&lt;p&gt;text 1&lt;/p&gt;\" "
              "LastEditDate=\"2016-03-03T00:00:00\" />" ANSWER("2", "1", "")));
    rig_folder_put(folder, "PostHistory",
        HISTORY("<row Id=\"1\" PostHistoryTypeId=\"1\" PostId=\"1\" RevisionGUID=\"a\" "
                "CreationDate=\"2016-01-01\" UserId=\"1\" Text=\"Old title\" />"
                "<row Id=\"2\" PostHistoryTypeId=\"2\" PostId=\"1\" RevisionGUID=\"a\" "
                "CreationDate=\"2016-01-01\" UserId=\"1\" Text=\"old text that says text 1\" />"
                "<row Id=\"3\" PostHistoryTypeId=\"4\" PostId=\"1\" RevisionGUID=\"b\" "
                "CreationDate=\"2016-01-02\" UserId=\"1\" Text=\"New title\" />"
                "<row Id=\"4\" PostHistoryTypeId=\"6\" PostId=\"1\" RevisionGUID=\"b\" "
                "CreationDate=\"2016-01-02\" UserId=\"1\" Text=\"&lt;New Tag&gt;&lt;b&gt;\" />"
                "<row Id=\"5\" PostHistoryTypeId=\"2\" PostId=\"2\" RevisionGUID=\"c\" "
                "CreationDate=\"2016-02-02\" UserId=\"2\" Text=\"answer\" />"
                "<row Id=\"6\" PostHistoryTypeId=\"5\" PostId=\"2\" RevisionGUID=\"d\" "
                "CreationDate=\"2016-02-03\" UserId=\"1\" Comment=\"number\" Text=\"*answer* 2\" />"
                "<row Id=\"7\" PostHistoryTypeId=\"25\" PostId=\"2\" CreationDate=\"2016-02-03\" />"
                "<row Id=\"8\" PostHistoryTypeId=\"5\" PostId=\"77\" CreationDate=\"2016-02-03\" "
                "Text=\"x\" />"));
    struct import_report report = import_once(&rig, folder);
    assert_int_equal(report.counts.made[IMPORT_MADE_REVISIONS], 2);
    assert_int_equal(report.counts.made[IMPORT_MADE_FINALS], 1);
    assert_int_equal(report.counts.skipped[IMPORT_SKIP_HISTORY_OTHER], 1);
    assert_int_equal(report.counts.skipped[IMPORT_SKIP_HISTORY_ORPHAN], 1);
    check_thread(&rig, &report, 1, edited_thread);
    rig_folder_free(folder);
    rig_fini(&rig);
}

static void odd_thread(const struct fora_view_thread *view)
{
    assert_text(view->title, "(no title)");
    assert_text(view->posts[0].text, "(no text)");
    assert_text(view->posts[0].source->author, "Gone Girl");
    assert_int_equal(view->tags_count, 16);
    assert_text(view->tags[0], "upper-case");
    assert_int_equal(view->posts_count, 4);
    assert_true((view->marks & FORA_MARK_CLOSED) != 0);
    assert_false((view->marks & (FORA_MARK_HIDDEN | FORA_MARK_ACCEPTED)) != 0);
    assert_int_equal(view->posts[0].score, -2);
    assert_int_equal(view->posts[0].down, 3);
    assert_text(view->posts[1].text, "a comment, cleaned");
    assert_text(view->posts[1].source->author, "anonymous");
    assert_int_equal(view->posts[1].score, 4);
    assert_text(view->posts[2].text, "earlier id");
    assert_text(view->posts[2].source->author, "user99 (community wiki)");
    assert_true(view->posts[3].text.size == 65536);
    assert_memory_equal(view->posts[3].text.data + 65536 - 17, "\n\n[cut on import]", 17);
}

static void put_odd(const char *folder)
{
    static char posts[200000];
    static char body[70001];
    memset(body, 'x', sizeof body - 1);
    (void)snprintf(posts, sizeof posts, "<posts>%s%s%s%s%s</posts>",
        "<row Id=\"3\" PostTypeId=\"2\" ParentId=\"5\" OwnerUserId=\"99\" Body=\"earlier id\" "
        "CreationDate=\"2016-01-05\" CommunityOwnedDate=\"2016-01-06\" />",
        "<row Id=\"5\" PostTypeId=\"1\" OwnerDisplayName=\"Gone&#x9;Girl\" Title=\"&#x202E; \" "
        "Tags=\"&lt;Upper Case&gt;&lt;2&gt;&lt;3&gt;&lt;4&gt;&lt;5&gt;&lt;6&gt;&lt;7&gt;&lt;8&gt;"
        "&lt;9&gt;&lt;10&gt;&lt;11&gt;&lt;12&gt;&lt;13&gt;&lt;14&gt;&lt;15&gt;&lt;16&gt;&lt;17&gt;"
        "\" "
        "Body=\"\" Score=\"-2\" AcceptedAnswerId=\"777\" ClosedDate=\"2016-05-05\" "
        "CreationDate=\"2016-01-04\" />",
        "<row Id=\"6\" PostTypeId=\"2\" ParentId=\"5\" CreationDate=\"2016-01-07\" Body=\"", body,
        "\" /><row Id=\"7\" PostTypeId=\"2\" ParentId=\"4444\" Body=\"lost\" />"
        "<row Id=\"8\" PostTypeId=\"5\" Body=\"a tag wiki\" /><row PostTypeId=\"1\" /><row "
        "Id=\"-4\" />");
    rig_folder_put(folder, "Users", USERS(ANN));
    rig_folder_put(folder, "Posts", posts);
    rig_folder_put(folder, "Comments",
        COMMENTS(
            "<row Id=\"1\" PostId=\"5\" Score=\"4\" Text=\"a comment,&#x202E; cleaned&#xD;&#xA;\" "
            "CreationDate=\"2016-01-09\" />"
            "<row Id=\"2\" PostId=\"999\" Text=\"x\" /><row Id=\"3\" PostId=\"8\" Text=\"x\" />"
            "<row Id=\"4\" PostId=\"7\" Text=\"x\" />"));
    rig_folder_put(folder, "Votes",
        VOTES("<row Id=\"1\" PostId=\"5\" VoteTypeId=\"2\" CreationDate=\"2016-01-09\" />"
              "<row Id=\"2\" PostId=\"5\" VoteTypeId=\"99\" /><row Id=\"3\" PostId=\"5\" />"
              "<row Id=\"4\" PostId=\"12345678901234567\" VoteTypeId=\"2\" />"));
    rig_folder_put(folder, "PostHistory",
        HISTORY(
            "<row Id=\"1\" PostHistoryTypeId=\"12\" PostId=\"5\" CreationDate=\"2016-01-08\" />"
            "<row Id=\"2\" PostHistoryTypeId=\"14\" PostId=\"6\" CreationDate=\"2016-01-08\" />"
            "<row Id=\"3\" PostHistoryTypeId=\"10\" PostId=\"5\" CreationDate=\"2016-01-08\" "
            "Comment=\"102\" />"
            "<row Id=\"4\" PostHistoryTypeId=\"11\" PostId=\"5\" CreationDate=\"2016-01-08\" />"));
    rig_folder_put(folder, "PostLinks",
        LINKS("<row Id=\"1\" PostId=\"5\" RelatedPostId=\"5\" LinkTypeId=\"3\" />"
              "<row Id=\"2\" PostId=\"5\" RelatedPostId=\"3\" LinkTypeId=\"3\" />"
              "<row Id=\"3\" PostId=\"5\" RelatedPostId=\"404\" LinkTypeId=\"3\" />"
              "<row Id=\"4\" PostId=\"5\" RelatedPostId=\"7\" LinkTypeId=\"3\" />"));
}

/* ---- dates that cannot be read, ids that come again ---- */

static void dated_thread(const struct fora_view_thread *view)
{
    const uint64_t january = UINT64_C(1451606400000); /* 2016-01-01 */
    const uint64_t day = 24 * 60 * 60 * 1000;
    uint64_t dates[8];
    assert_int_equal(view->posts_count, 5);
    for (size_t i = 0; i < view->posts_count; i++) {
        dates[i] = view->posts[i].created_at;
    }
    assert_text(view->posts[0].text, "text 1");
    assert_int_equal(dates[0], january);
    /* Its comment: there is none before it in its file, and it is younger than what it is on. */
    assert_text(view->posts[1].text, "no date");
    assert_int_equal(dates[1], january + 1);
    assert_text(view->posts[2].text, "dated");
    assert_int_equal(dates[2], january + 9 * day);
    assert_text(view->posts[3].text, "bad date");
    assert_int_equal(dates[3], january + 9 * day + 1);
    /* The answer of no date: that of the post before it in the file. */
    assert_text(view->posts[4].text, "answer 3");
    assert_int_equal(dates[4], january + 4 * day + 1);
    assert_int_equal(view->posts[4].up, 1);
}

static void unreadable_dates_and_rows_that_come_again_are_counted(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    rig_init(&rig, 3);
    rig_folder(folder);
    rig_folder_put(folder, "Users", USERS(ANN BOB ANN));
    rig_folder_put(folder, "Posts",
        POSTS("<row Id=\"9\" PostTypeId=\"1\" CreationDate=\"yesterday\" Title=\"Lost\" "
              "Body=\"x\" />" QUESTION("1", "ClosedDate=\"2016-02-30\"") QUESTION("5",
                  "") "<row Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" CreationDate=\"2016-13-01\" "
                      "OwnerUserId=\"2\" Body=\"&lt;p&gt;answer 3&lt;/p&gt;\" />"
                      "<row Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" CreationDate=\"2016-01-07\" "
                      "OwnerUserId=\"2\" Body=\"again\" />"));
    rig_folder_put(folder, "Comments",
        COMMENTS("<row Id=\"1\" PostId=\"1\" Text=\"no date\" UserId=\"2\" />"
                 "<row Id=\"2\" PostId=\"1\" Text=\"dated\" CreationDate=\"2016-01-10\" />"
                 "<row Id=\"3\" PostId=\"1\" Text=\"bad date\" CreationDate=\"\" />"
                 "<row Id=\"2\" PostId=\"1\" Text=\"again\" CreationDate=\"2016-01-11\" />"));
    rig_folder_put(folder, "Votes",
        VOTES("<row Id=\"1\" PostId=\"3\" VoteTypeId=\"2\" CreationDate=\"2016-02-01\" />"
              "<row Id=\"1\" PostId=\"3\" VoteTypeId=\"2\" CreationDate=\"2016-02-01\" />"));
    struct import_report report = import_once(&rig, folder);
    const uint64_t *skipped = report.counts.skipped;
    check_thread(&rig, &report, 1, dated_thread);
    assert_int_equal(skipped[IMPORT_SKIP_ROW_WITHOUT_DATE], 1);
    assert_int_equal(skipped[IMPORT_SKIP_DATE_UNREADABLE], 4);
    assert_int_equal(skipped[IMPORT_SKIP_ROW_AGAIN], 4);
    assert_int_equal(report.counts.made[IMPORT_MADE_THREADS], 2);
    struct import_report again = import_once(&rig, folder);
    assert_int_equal(again.stored, 0);
    rig_folder_free(folder);
    rig_fini(&rig);
}

static void odd_rows_are_kept_or_counted(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    rig_init(&rig, 3);
    rig_folder(folder);
    put_odd(folder);
    struct import_report report = import_once(&rig, folder);
    const uint64_t *skipped = report.counts.skipped;
    check_thread(&rig, &report, 5, odd_thread);
    assert_int_equal(skipped[IMPORT_SKIP_ROW_WITHOUT_ID], 2);
    assert_int_equal(skipped[IMPORT_SKIP_POST_OTHER], 1);
    assert_int_equal(skipped[IMPORT_SKIP_ANSWER_ORPHAN], 1);
    assert_int_equal(skipped[IMPORT_SKIP_COMMENT_ORPHAN], 2);
    assert_int_equal(skipped[IMPORT_SKIP_COMMENT_OTHER], 1);
    assert_int_equal(skipped[IMPORT_SKIP_VOTE_ORPHAN], 1);
    assert_int_equal(skipped[IMPORT_SKIP_VOTE_OTHER], 2);
    assert_int_equal(skipped[IMPORT_SKIP_ACCEPTED_MISSING], 1);
    assert_int_equal(skipped[IMPORT_SKIP_ACT_ON_ANSWER], 1);
    assert_int_equal(skipped[IMPORT_SKIP_LINK_SELF], 2);
    assert_int_equal(skipped[IMPORT_SKIP_LINK_ORPHAN], 2);
    assert_int_equal(skipped[IMPORT_SKIP_TRUNCATED], 1);
    assert_int_equal(skipped[IMPORT_SKIP_TAGS_DROPPED], 1);
    assert_int_equal(report.counts.made[IMPORT_MADE_MODERATIONS], 5);
    struct import_report again = import_once(&rig, folder);
    assert_int_equal(again.stored, 0);
    rig_folder_free(folder);
    rig_fini(&rig);
}

/* ---- broken ---- */

static store_seq stored(struct rig *rig)
{
    struct kv_txn *txn = store_rig_read(rig->kv);
    store_seq last = objects_last(txn);
    kv_abort(txn);
    return last;
}

/* Refused with a sentence that holds `part`; nothing is stored, nothing is left in the scratch. */
static void expect_refusal(struct rig *rig, const char *folder, int code, const char *part)
{
    struct import_report report;
    struct fora_buf why = {0};
    char scratch[128];
    store_seq before = stored(rig);
    assert_int_equal(rig_try(rig, folder, &report, &why), code);
    assert_non_null(strstr(fora_buf_cstr(&why), part));
    assert_int_equal(stored(rig), before);
    (void)snprintf(scratch, sizeof scratch, "%s/import.tmp", rig->scratch);
    assert_int_not_equal(access(scratch, F_OK), 0);
    fora_buf_fini(&why);
}

static void a_broken_dump_leaves_nothing(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    char path[128];
    rig_init(&rig, 3);
    rig_folder(folder);
    expect_refusal(&rig, "no-such-folder", FORA_E_NOTFOUND, "no-such-folder");
    expect_refusal(&rig, folder, FORA_E_NOTFOUND, "Users");
    rig_folder_put(folder, "Users", USERS(ANN));
    expect_refusal(&rig, folder, FORA_E_NOTFOUND, "Posts");
    rig_folder_put(folder, "Posts", POSTS(""));
    expect_refusal(&rig, folder, FORA_E_MALFORMED, "neither questions nor answers");
    rig_folder_put(folder, "Posts", "<posts>" QUESTION("1", ""));
    expect_refusal(&rig, folder, FORA_E_MALFORMED, "Posts.xml");
    rig_folder_put(folder, "Posts", "<posts>" QUESTION("1", "") "<row Id=\"2\" Body=\"");
    expect_refusal(&rig, folder, FORA_E_MALFORMED, "Posts.xml");
    put_plain(folder);
    rig_folder_put(folder, "Comments", "<comments><row Id=1 /></comments>");
    expect_refusal(&rig, folder, FORA_E_MALFORMED, "Comments.xml");
    rig_folder_put(folder, "Comments",
        "<!DOCTYPE x [<!ENTITY e \"e\">]><comments><row Text=\"&e;\"/></comments>");
    expect_refusal(&rig, folder, FORA_E_MALFORMED, "Comments.xml");
    (void)snprintf(path, sizeof path, "%s/Comments.xml", folder);
    assert_int_equal(unlink(path), 0);
    struct import_report report = import_once(&rig, folder);
    check_thread(&rig, &report, 1, plain_thread);
    rig_folder_free(folder);
    rig_fini(&rig);
}

/* Every prefix of a file, in steps: refused, or (the end is only white space) imported whole. */
static void a_dump_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char whole[] = POSTS(QUESTION("1", "Score=\"3\"") ANSWER("2", "1", ""));
    struct rig rig;
    char folder[64];
    char cut[sizeof whole];
    rig_init(&rig, 3);
    rig_folder(folder);
    rig_folder_put(folder, "Users", USERS(ANN BOB));
    for (size_t size = 0; size < sizeof whole - 1; size += 7) {
        struct import_report report;
        struct fora_buf why = {0};
        memcpy(cut, whole, size);
        cut[size] = '\0';
        rig_folder_put(folder, "Posts", cut);
        assert_int_not_equal(rig_try(&rig, folder, &report, &why), 0);
        assert_true(why.size > 0);
        assert_int_equal(stored(&rig), 1); /* the node itself */
        fora_buf_fini(&why);
    }
    rig_folder_free(folder);
    rig_fini(&rig);
}

/* ---- the space and the site ---- */

static void try_with(struct rig *rig, const char *folder, const char *site, const char *space,
    int code, const char *part)
{
    struct import_sink sink;
    struct import_options options = rig_options(rig, folder, &sink);
    struct import_report report;
    struct fora_buf why = {0};
    options.site = site;
    options.space = space;
    assert_int_equal(import_store_new(&sink, rig->kv), 0);
    assert_int_equal(import_stackexchange(&options, &report, &why), code);
    assert_non_null(strstr(fora_buf_cstr(&why), part));
    import_store_free(&sink);
    fora_buf_fini(&why);
}

static void site_and_space_are_checked(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    char longest[120];
    char id[FORA_ID_TEXT_MAX];
    const uint8_t unknown[FORA_ID_SIZE] = {1};
    memset(longest, 'a', 101);
    longest[101] = '\0';
    fora_id_format(id, FORA_HRP_SPACE, unknown);
    rig_init(&rig, 3);
    rig_folder(folder);
    put_plain(folder);
    try_with(&rig, folder, "Not A Site", "x", FORA_E_USAGE, "--site");
    try_with(&rig, folder, "", "x", FORA_E_USAGE, "--site");
    try_with(&rig, folder, "a.example", longest, FORA_E_USAGE, "1 to 100 bytes");
    try_with(&rig, folder, "a.example", "", FORA_E_USAGE, "1 to 100 bytes");
    try_with(&rig, folder, "a.example", "two\nlines", FORA_E_USAGE, "1 to 100 bytes");
    try_with(&rig, folder, "a.example", id, FORA_E_NOTFOUND, "holds no space");
    struct import_report report = import_once(&rig, folder);
    /* By its id, its short name and its name it is found again. */
    fora_id_format(id, FORA_HRP_SPACE, report.space.b);
    const char *const names[] = {id, "Test", "test"};
    for (size_t i = 0; i < 3; i++) {
        struct import_sink sink;
        struct import_options options = rig_options(&rig, folder, &sink);
        struct import_report again;
        struct fora_buf why = {0};
        options.space = names[i];
        assert_int_equal(import_store_new(&sink, rig.kv), 0);
        assert_int_equal(import_stackexchange(&options, &again, &why), 0);
        assert_int_equal(again.stored, 0);
        import_store_free(&sink);
    }
    rig_folder_free(folder);
    rig_fini(&rig);
}

static void a_space_of_another_node_is_left_alone(void **state)
{
    (void)state;
    struct rig rig, other;
    char folder[64];
    rig_init(&rig, 3);
    rig_init(&other, 4);
    rig_folder(folder);
    put_plain(folder);
    (void)import_once(&rig, folder);
    /* The other node's keys over the same store: as if it had subscribed. */
    struct import_sink sink;
    struct import_options options = rig_options(&other, folder, &sink);
    struct import_report report;
    struct fora_buf why = {0};
    assert_int_equal(import_store_new(&sink, rig.kv), 0);
    assert_int_equal(import_stackexchange(&options, &report, &why), FORA_E_FORBIDDEN);
    assert_non_null(strstr(fora_buf_cstr(&why), "not owned by this node"));
    import_store_free(&sink);
    fora_buf_fini(&why);
    rig_folder_free(folder);
    rig_fini(&rig);
    rig_fini(&other);
}

static void one_import_at_a_time(void **state)
{
    (void)state;
    struct rig rig;
    char folder[64];
    int ready[2];
    char byte = 0;
    rig_init(&rig, 3);
    rig_folder(folder);
    put_plain(folder);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct import_index index;
        struct fora_buf why = {0};
        byte = index_open(&index, rig.scratch, &why) == 0;
        if (write(ready[1], &byte, 1) == 1) {
            (void)pause();
        }
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    struct import_report report;
    struct fora_buf why = {0};
    assert_int_equal(rig_try(&rig, folder, &report, &why), FORA_E_BUSY);
    assert_non_null(strstr(fora_buf_cstr(&why), "another import is running"));
    fora_buf_fini(&why);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)import_once(&rig, folder); /* what the dead one left is no hindrance */
    (void)close(ready[0]);
    (void)close(ready[1]);
    rig_folder_free(folder);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_of_two_files_is_enough),
        cmocka_unit_test(revisions_end_at_what_the_post_says),
        cmocka_unit_test(odd_rows_are_kept_or_counted),
        cmocka_unit_test(unreadable_dates_and_rows_that_come_again_are_counted),
        cmocka_unit_test(a_broken_dump_leaves_nothing),
        cmocka_unit_test(a_dump_cut_anywhere_is_refused),
        cmocka_unit_test(site_and_space_are_checked),
        cmocka_unit_test(a_space_of_another_node_is_left_alone),
        cmocka_unit_test(one_import_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
