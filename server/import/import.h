/*
 * Import of a Stack Exchange data dump into a space.
 *
 *   dump files -> scratch index, grouped by thread -> objects, on all cores -> sink
 *
 * The import is a pure function of the dump, the site's name, the space and the node's keys: every
 * author is a custodial identity derived from the node's custody secret and the author's source id
 * (core/custody.h), every salt is derived likewise, every date is the dump's, and Ed25519 is
 * deterministic. So importing again makes the same objects, which the store knows already: nothing
 * is added, and what a kill cut short is completed by running it again. No state is kept.
 *
 * All files are read to their end before the first object is made: a dump that is cut or malformed
 * leaves nothing behind. Objects are signed, then verified like anybody's before they are stored.
 *
 * Memory does not grow with the dump: at most about 150 MiB (with eight thousand authors; half of
 * that with a few hundred), and for the largest thread about four times its rows. Of a thread
 * IMPORT_THREAD_MAX bytes and IMPORT_THREAD_ROWS rows are taken; what is beyond is left out and
 * reported. The scratch index takes about twice the size of the unpacked dump on disk and is
 * removed at the end.
 */
#ifndef FORAD_IMPORT_IMPORT_H
#define FORAD_IMPORT_IMPORT_H

#include "fora/object.h"

enum {
    IMPORT_SITE_MAX = 64,         /* bytes of a site's name: [a-z0-9.-] */
    IMPORT_THREAD_MAX = 64 << 20, /* bytes of rows of one thread */
    IMPORT_THREAD_ROWS = 200000,  /* rows of one thread */
    IMPORT_REFUSALS_MAX = 20,     /* that a report names; all are counted */
    IMPORT_SOURCE_MAX = 200       /* bytes of a source id: "stackexchange:SITE:post:17" */
};

/* What came of the dump, by kind. X(NAME, "name in JSON", "heading") */
#define IMPORT_MADE(X)                                                                             \
    X(PEOPLE, "people", "people")                                                                  \
    X(THREADS, "threads", "questions")                                                             \
    X(ANSWERS, "answers", "answers")                                                               \
    X(COMMENTS, "comments", "comments")                                                            \
    X(REVISIONS, "revisions", "revisions")                                                         \
    X(FINALS, "final_revisions", "final texts that no history gives")                              \
    X(ACCEPTED, "accepted", "accepted answers")                                                    \
    X(TALLIES, "tallies", "tallies of votes")                                                      \
    X(MODERATIONS, "moderations", "closings, locks and the like")                                  \
    X(DUPLICATES, "duplicates", "duplicates")                                                      \
    X(STATEMENTS, "statements", "policy statements")

/* What was left out or changed, and why. X(NAME, "name in JSON", "reason") */
#define IMPORT_SKIPPED(X)                                                                          \
    X(ROW_WITHOUT_ID, "rows_without_id", "rows without a usable id")                               \
    X(ROW_AGAIN, "rows_again", "rows with an id that a row before them has")                       \
    X(ROW_WITHOUT_DATE, "rows_without_date",                                                       \
        "rows that nothing dates, neither they nor a row before them: votes count all the same")   \
    X(DATE_UNREADABLE, "unreadable_dates",                                                         \
        "dates that cannot be read; where one is needed, the row before or the post gives it")     \
    X(POST_OTHER, "posts_of_other_types",                                                          \
        "posts that are neither question nor answer (tag wikis)")                                  \
    X(ANSWER_ORPHAN, "answers_without_question", "answers to questions that the dump lacks")       \
    X(COMMENT_ORPHAN, "comments_without_post", "comments on posts that the dump lacks")            \
    X(COMMENT_OTHER, "comments_on_other_posts", "comments on posts that are not imported")         \
    X(VOTE_ORPHAN, "votes_without_post", "votes on posts that the dump lacks (deleted ones)")      \
    X(VOTE_OTHER, "votes_of_other_types",                                                          \
        "votes that are no votes: favourites, bounties, reviews")                                  \
    X(VOTE_OTHER_POST, "votes_on_other_posts", "votes on posts that are not imported")             \
    X(HISTORY_ORPHAN, "history_without_post", "history of posts that the dump lacks")              \
    X(HISTORY_OTHER, "history_of_other_types",                                                     \
        "history without a counterpart here (tweets, bumps)")                                      \
    X(HISTORY_OTHER_POST, "history_of_other_posts", "history of posts that are not imported")      \
    X(LINK_ORPHAN, "links_without_post", "links from or to posts that the dump lacks")             \
    X(LINK_OTHER, "links_of_other_types", "links that say \"related\", not \"duplicate\"")         \
    X(LINK_SELF, "links_to_itself", "duplicates of themselves")                                    \
    X(ACCEPTED_MISSING, "accepted_missing", "accepted answers that are not in the thread")         \
    X(ACT_ON_ANSWER, "acts_on_answers", "closings and locks of answers (here of threads only)")    \
    X(BADGES, "badges", "badges (standing is not imported yet)")                                   \
    X(THREAD_TOO_LARGE, "rows_of_too_large_threads", "rows of threads that are too large")         \
    X(EDITORS, "editors_without_role", "editors for whom the policy has no room")                  \
    X(TRUNCATED, "truncated", "texts and names that were cut to the protocol's limits")            \
    X(HTML, "unreadable_html", "texts whose HTML is too strange to convert")                       \
    X(TAGS_DROPPED, "tags_dropped", "tags beyond 16 of a question")                                \
    X(LINKS_DROPPED, "websites_dropped", "websites in profiles that are not https")

enum import_made_kind {
#define IMPORT_ENUM(name, json, text) IMPORT_MADE_##name,
    IMPORT_MADE(IMPORT_ENUM)
#undef IMPORT_ENUM
        IMPORT_MADE_COUNT
};

enum import_skipped {
#define IMPORT_ENUM(name, json, text) IMPORT_SKIP_##name,
    IMPORT_SKIPPED(IMPORT_ENUM)
#undef IMPORT_ENUM
        IMPORT_SKIP_COUNT
};

struct import_label {
    const char *json;
    const char *text;
};
extern const struct import_label import_made_labels[IMPORT_MADE_COUNT];
extern const struct import_label import_skip_labels[IMPORT_SKIP_COUNT];

struct import_counts {
    uint64_t made[IMPORT_MADE_COUNT];
    uint64_t skipped[IMPORT_SKIP_COUNT];
};

struct import_refusal {
    int code;
    char source[IMPORT_SOURCE_MAX + 1];
};

struct import_report {
    struct fora_space_id space;
    char site[IMPORT_SITE_MAX + 1];
    struct import_counts counts; /* of what the dump holds, whether or not it was there before */
    uint64_t objects;            /* made */
    uint64_t stored;             /* of them: new here */
    uint64_t already;            /* there before, or a later one stands in the same place */
    uint64_t refused;
    struct import_refusal refusals[IMPORT_REFUSALS_MAX]; /* the first ones */
    double seconds;
};

/* ---- where objects go ---- */

struct import_item {
    struct fora_object object; /* verified; borrowed during the call */
    struct fora_bytes source;  /* its source id, for people */
    int code;                  /* filled by put: 0, or why it was refused */
    bool duplicate;            /* filled by put: it was there before */
};

/* A space of the node, as a sink finds it. */
struct import_space {
    struct fora_space_id id;
    struct fora_principal_id owner;
};

/*
 * Each function returns 0, or a code that ends the import, with a sentence in `why`.
 *
 * find    a space by its id as text, its short name or its name. FORA_E_NOTFOUND without a sentence
 *         when the node has none. FORA_E_USAGE with one when several have that name.
 * create  makes a space of the node's own, when the sink does not take first statements like any
 *         object (a running node does not); else NULL.
 * put     stores a batch whose parts may refer to each other in their order; what it returns 0 for
 *         is durable. Refusals of single objects are in the items.
 * finish  after the last put; `step` is called now and then with what is left to do.
 */
struct import_sink {
    void *context;
    int (*find)(void *context, const char *name, struct import_space *out, struct fora_buf *why);
    int (*create)(void *context, const struct fora_policy_statement *policy,
        struct fora_space_id *out, struct fora_buf *why);
    int (*put)(void *context, struct import_item *items, size_t count, struct fora_buf *why);
    int (*finish)(void *context, void (*step)(void *context, uint64_t left), void *step_context,
        struct fora_buf *why);
};

struct kv;
struct fora_client;

/* Into a store that this process holds alone (import_store.c). The thread's rows are made as well.
 * The caller closes it with import_store_free. */
int import_store_new(struct import_sink *out, struct kv *kv) FORA_MUST_USE;
void import_store_free(struct import_sink *sink);

/* Through a running node, over a connection that is logged in as its admin (import_online.c). */
int import_online_new(struct import_sink *out, struct fora_client *client) FORA_MUST_USE;
void import_online_free(struct import_sink *sink);

/* ---- the import ---- */

struct import_options {
    const char *folder;  /* of the dump */
    const char *site;    /* "beer.stackexchange.com"; NULL: the name of the folder */
    const char *space;   /* a space of the node, or the name of one to make; NULL: the site */
    const char *scratch; /* an existing folder, where "import.tmp" is made and removed */
    struct fora_principal_id node;
    const struct fora_secret *device; /* the node's */
    const uint8_t *custody;           /* 32 bytes */
    struct fora_principal_id admin;   /* gets ADMIN in a space that is made; zeros: nobody */
    struct import_sink *sink;
    unsigned threads; /* 0: one for each core */
    /* What is being done, and how far it is; may be NULL. Called on the caller's thread. */
    void (*progress)(void *context, const char *doing, uint64_t done, uint64_t of);
    void *progress_context;
};

/*
 * 0, also when single objects were refused (see the report); else a code with a sentence in `why`:
 * FORA_E_USAGE (site, space), FORA_E_NOTFOUND (no dump), FORA_E_MALFORMED and its like (the dump),
 * FORA_E_FORBIDDEN (the space is not the node's own), FORA_E_BUSY (another import uses the scratch
 * folder), FORA_E_IO, FORA_E_FULL, FORA_E_NOMEM, and what the sink returned. html_markdown_init()
 * and fora_crypto_init() must have been called.
 */
int import_stackexchange(const struct import_options *options, struct import_report *report,
    struct fora_buf *why) FORA_MUST_USE;

/* [a-z0-9.-], the first and last a letter or digit, at most IMPORT_SITE_MAX. */
bool import_site_valid(const char *site);

#endif
