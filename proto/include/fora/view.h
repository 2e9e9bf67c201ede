/*
 * Views: what a person reads of a thread, a pure function of the set (spec/06-views.md). Equal sets
 * give byte-equal encodings, for every order in which the objects were added (invariant 1).
 */
#ifndef FORA_VIEW_H
#define FORA_VIEW_H

#include "fora/message.h"
#include "fora/policy.h"

struct fora_view_resolution {
    struct fora_object_id id;
    struct fora_principal_id author;
    uint32_t type; /* enum fora_resolution_type */
    uint64_t created_at;
    struct fora_applies_to *applies_to;
    size_t applies_to_count;
    struct fora_object_id superseded_by;
    struct fora_bytes note;
};

/* A thread's opening, an answer, or a comment. Slices are borrowed from the view's arena. */
struct fora_view_post {
    struct fora_object_id id;
    struct fora_object_id parent;
    struct fora_principal_id author;
    uint32_t badge; /* enum fora_role of the author at created_at, or 0 */
    uint32_t type;  /* enum fora_post_type; 0 for the opening. Of what is retracted or erased by its
                       place: an answer when the parent is the thread (VIEW-5) */
    uint64_t created_at;
    uint64_t edited_at; /* 0: never */
    struct fora_principal_id edited_by;
    uint32_t revisions;     /* that were applied */
    struct fora_bytes text; /* of the last revision; empty when hidden, retracted or erased, as are
                               applies_to and source then */
    struct fora_applies_to *applies_to;
    size_t applies_to_count;
    const struct fora_principal_id *mentions; /* none of what is gone, as with applies_to */
    size_t mentions_count;
    int64_t score;
    uint64_t up;
    uint64_t down;
    uint32_t marks;           /* enum fora_mark bits */
    struct fora_bytes reason; /* of the moderation that hides it; empty when the policy does */
    const struct fora_source *source;         /* NULL: not imported */
    struct fora_view_resolution *resolutions; /* valid ones, by (created_at, id) */
    size_t resolutions_count;
};

/* What an article draws on, and who said so: its author, or an editor. */
struct fora_view_citation {
    struct fora_object_id object;
    struct fora_principal_id author; /* of the cite */
};

struct fora_view_thread {
    struct fora_object_id root;
    struct fora_space_id space;
    uint32_t type;           /* enum fora_thread_type; 0 when retracted or erased */
    struct fora_bytes title; /* empty when hidden, retracted or erased, as are the tags then */
    struct fora_bytes *tags;
    size_t tags_count;
    uint32_t marks;           /* of the thread as a whole, for lists */
    struct fora_bytes status; /* the latest valid status, or empty */
    struct fora_bytes status_note;
    struct fora_bytes status_version;
    struct fora_object_id duplicate_of;
    struct fora_space_id moved_to_space;
    struct fora_object_id moved_to_thread;
    uint64_t active_at; /* greatest created_at of opening, visible posts and valid revisions */
    uint32_t answers;   /* visible */
    uint32_t comments;  /* visible */
    struct fora_object_id *cites; /* objects that an article draws on, ascending */
    size_t cites_count;
    /* By (object, author), each pair once; not part of the encoding (VIEW-11): for STD-2. */
    struct fora_view_citation *citations;
    size_t citations_count;
    /* The opening first, then answers in order of VIEW-6 (accepted, confirmed, score, age), each
     * followed by its comments by (created_at, id). */
    struct fora_view_post *posts;
    size_t posts_count;
};

/*
 * Folds a thread. `objects` are the root and every object whose header.root it is, in any order,
 * all admitted; objects that do not decode or have no right to their effect are without effect
 * (VIEW-3). Doubles do no harm; of two copies the one with content is used. Takes memory from the
 * arena (about 1 KB for each object and its decoded content); text slices are borrowed from
 * `objects` and `policy`. O(n log n), neither clock nor state. FORA_E_NOTFOUND when the root is not
 * among them, FORA_E_NOMEM, FORA_E_LIMIT (over a million objects).
 */
int fora_view_thread_fold(struct fora_arena *arena, const struct fora_policy *policy,
    const struct fora_object *objects, size_t count, struct fora_view_thread *out) FORA_MUST_USE;

/* The canonical encoding (VIEW-11), and its hash: what `forad digest` compares. On an error `out`
 * is as before, but for the error. */
int fora_view_thread_encode(
    struct fora_buf *out, const struct fora_view_thread *view) FORA_MUST_USE;
void fora_view_digest(struct fora_hash *out, struct fora_bytes encoding);

/* The row of a list (author_name is left empty). Slices borrowed from the view. */
void fora_view_thread_row(struct fora_msg_thread_row *out, const struct fora_view_thread *view);

/* What a member may do now with the thread, for the node of a member who posts: what
 * fora_policy_may_post() says, and FORA_E_LOCKED for answers and comments in a locked or moved
 * thread by others than moderators. Never asked by admission (ADM-3). */
int fora_view_may_add(const struct fora_view_thread *view, const struct fora_policy *policy,
    const struct fora_principal_id *author, uint32_t kind, uint64_t now) FORA_MUST_USE;

/* < 0, 0, > 0: order of versions by their numbers, "5.9" < "5.10-rc1" < "5.10" = "5.10.0"
 * (VIEW-10).
 */
int fora_version_compare(struct fora_bytes a, struct fora_bytes b);

#endif
