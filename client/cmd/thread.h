/*
 * A thread as this machine sees it: fetched with its context, every object verified, folded here.
 */
#ifndef FORA_CMD_THREAD_H
#define FORA_CMD_THREAD_H

#include "cmd/people.h"
#include "fora/view.h"

struct beside;

struct thread {
    struct fora_arena arena;     /* bytes of the objects, and the view */
    struct fora_object *objects; /* owned: verified, of the thread */
    size_t count;
    struct fora_object *context; /* owned: signatures verified */
    size_t context_count;
    struct people people;
    struct fora_policy *policy;   /* owned */
    struct fora_view_thread view; /* in the arena */
    struct fora_space_id space;
    struct fora_object_id moved_from; /* the thread that this one was; zeros: it was begun here */
    struct beside *beside;  /* borrowed: what stands beside names; NULL: nothing is known */
    uint64_t checkpoint_at; /* ms; 0: none known */
    size_t unverified;      /* objects that were left out */
    size_t fallen; /* signed by a stolen key, and nobody can say that they are older (RCP-5) */
};

/* Returns an exit code, having said what failed. The caller calls fini in any case. */
int thread_load(struct app *app, struct thread *out, const struct fora_object_id *root);
/* The same; but that the node does not hold it is no failure, and nothing is said: !*there. */
int thread_look(
    struct app *app, struct thread *out, const struct fora_object_id *root, bool *there);
void thread_fini(struct thread *thread);

#endif
