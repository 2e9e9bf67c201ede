/* A thread of the dump as objects. Private to the importer. */
#ifndef FORAD_IMPORT_THREAD_H
#define FORAD_IMPORT_THREAD_H

#include "import/import_history.h"
#include "import/import_make.h"

struct thread_post {
    uint64_t id;
    struct post_row row;
    struct votes_row votes;
    const struct unit_row *rows; /* all of the post, by class, date and id */
    size_t rows_count;
    struct fora_object_id object;
};

struct thread {
    struct thread_post *opening;
    struct fora_object_id root; /* of the thread */
};

/*
 * Reads the rows of the first thread above `after` into unit->rows; *next gets its id, 0: there is
 * none. Rows beyond IMPORT_THREAD_MAX are counted and left out. In a read transaction of its own.
 */
int thread_read(const struct import_env *env, uint64_t after, struct import_unit *unit,
    uint64_t *next) FORA_MUST_USE;
/* The rows of one thread, likewise. */
int thread_read_one(
    const struct import_env *env, uint64_t thread, struct import_unit *unit) FORA_MUST_USE;

/* Makes all objects of the unit's threads. Errors are the unit's. */
void thread_make(struct maker *maker);
/* Makes the opening alone, for its id. FORA_E_NOTFOUND when there is none. */
int thread_make_opening(struct maker *maker, struct fora_object_id *id) FORA_MUST_USE;

/* import_post.c: the opening or an answer, with what belongs to it. `thread` has its opening. */
void post_make(struct maker *maker, struct thread *thread, struct thread_post *post);
/* The object alone. */
void post_make_object(struct maker *maker, struct thread *thread, struct thread_post *post,
    const struct history *history);

/* import_revise.c: revisions, and a last one where they do not lead to what the post says. */
void post_revise(struct maker *maker, const struct thread *thread, const struct thread_post *post,
    const struct history *history);

/* import_acts.c: votes and acts of moderators on a post; comments; the accepted answer. */
void post_votes(struct maker *maker, const struct thread *thread, const struct thread_post *post);
void post_acts(struct maker *maker, const struct thread *thread, const struct thread_post *post);
void post_comments(
    struct maker *maker, const struct thread *thread, const struct thread_post *post);
void thread_accept(
    struct maker *maker, const struct thread *thread, const struct thread_post *answer);

/* The header of what is about the post. */
struct fora_header post_about(
    const struct maker *maker, const struct thread *thread, const struct thread_post *post);

#endif
