/* A pool with an inbox for each kind of threads, and one outbox. */
#include "shell/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { WORKERS_MAX = 64, ASKERS_MAX = 2, BACKLOG_PER_WORKER = 2, NICE_GIVING_WAY = 10 };

struct inbox {
    struct job *first;
    struct job **last;
    pthread_cond_t arrived;
};

struct pool {
    pthread_mutex_t mutex;
    struct inbox writing;
    struct inbox asking;
    struct inbox giving_way;
    struct inbox other;
    struct job *done;
    struct job **done_last;
    bool ending;
    void (*tell)(void *context);
    void *context;
    atomic_uint waiting; /* jobs given and not finished, without those that ask */
    unsigned workers;
    pthread_t threads[WORKERS_MAX + ASKERS_MAX + 2];
    unsigned threads_count;
};

static void inbox_init(struct inbox *inbox)
{
    inbox->first = NULL;
    inbox->last = &inbox->first;
    pthread_cond_init(&inbox->arrived, NULL);
}

/* With the mutex held. NULL when the pool ends and nothing is left. */
static struct job *inbox_wait(struct pool *pool, struct inbox *inbox)
{
    while (inbox->first == NULL && !pool->ending) {
        pthread_cond_wait(&inbox->arrived, &pool->mutex);
    }
    struct job *job = inbox->first;
    if (job != NULL) {
        inbox->first = job->next;
        if (inbox->first == NULL) {
            inbox->last = &inbox->first;
        }
        job->next = NULL;
    }
    return job;
}

static void work(struct pool *pool, struct inbox *inbox)
{
    struct job *job;
    pthread_mutex_lock(&pool->mutex);
    while ((job = inbox_wait(pool, inbox)) != NULL) {
        pthread_mutex_unlock(&pool->mutex);
        job_run(job);
        pthread_mutex_lock(&pool->mutex);
        bool first = pool->done == NULL;
        *pool->done_last = job;
        pool->done_last = &job->next;
        if (job->type != JOB_ASK) {
            atomic_fetch_sub(&pool->waiting, 1);
        }
        if (first) { /* whoever is told wants the mutex at once */
            pthread_mutex_unlock(&pool->mutex);
            pool->tell(pool->context);
            pthread_mutex_lock(&pool->mutex);
        }
    }
    pthread_mutex_unlock(&pool->mutex);
}

static void *work_writing(void *context)
{
    struct pool *pool = context;
    work(pool, &pool->writing);
    return NULL;
}

static void *work_asking(void *context)
{
    struct pool *pool = context;
    work(pool, &pool->asking);
    return NULL;
}

/* The loop and the writer do not wait for a core that a stranger's question has. */
static void *work_giving_way(void *context)
{
    struct pool *pool = context;
    (void)setpriority(PRIO_PROCESS, 0, NICE_GIVING_WAY); /* of this thread */
    work(pool, &pool->giving_way);
    return NULL;
}

static void *work_other(void *context)
{
    struct pool *pool = context;
    work(pool, &pool->other);
    return NULL;
}

int pool_new(struct pool **out, unsigned workers, unsigned askers, void (*done)(void *context),
    void *context)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return FORA_E_NOMEM;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    inbox_init(&pool->writing);
    inbox_init(&pool->asking);
    inbox_init(&pool->giving_way);
    inbox_init(&pool->other);
    pool->done_last = &pool->done;
    pool->tell = done;
    pool->context = context;
    pool->workers = workers == 0 ? 1 : workers > WORKERS_MAX ? WORKERS_MAX : workers;
    askers = askers > ASKERS_MAX ? ASKERS_MAX : askers;
    for (unsigned i = 0; i < 2 + askers + pool->workers; i++) {
        void *(*run)(void *context) = i == 0            ? work_writing
                                      : i == 1          ? work_giving_way
                                      : i <= 1 + askers ? work_asking
                                                        : work_other;
        if (pthread_create(&pool->threads[i], NULL, run, pool) != 0) {
            pool_free(pool);
            return FORA_E_NOMEM;
        }
        pool->threads_count++;
    }
    *out = pool;
    return 0;
}

void pool_give(struct pool *pool, struct job *job)
{
    bool asks = job->type == JOB_ASK;
    struct inbox *inbox = asks                    ? &pool->asking
                          : job_writes(job->type) ? &pool->writing
                          : job->gives_way        ? &pool->giving_way
                                                  : &pool->other;
    job->next = NULL;
    atomic_fetch_add(&pool->waiting, asks ? 0 : 1);
    pthread_mutex_lock(&pool->mutex);
    *inbox->last = job;
    inbox->last = &job->next;
    pthread_mutex_unlock(&pool->mutex);
    pthread_cond_signal(&inbox->arrived);
}

struct job *pool_take_done(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct job *job = pool->done;
    if (job != NULL) {
        pool->done = job->next;
        if (pool->done == NULL) {
            pool->done_last = &pool->done;
        }
        job->next = NULL;
    }
    pthread_mutex_unlock(&pool->mutex);
    return job;
}

unsigned pool_room(const struct pool *pool)
{
    unsigned most = pool->workers * BACKLOG_PER_WORKER + 2;
    unsigned waiting = atomic_load(&pool->waiting);
    return waiting < most ? most - waiting : 0;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    pthread_cond_broadcast(&pool->writing.arrived);
    pthread_cond_broadcast(&pool->asking.arrived);
    pthread_cond_broadcast(&pool->giving_way.arrived);
    pthread_cond_broadcast(&pool->other.arrived);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->threads_count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    while (pool->done != NULL) {
        struct job *job = pool->done;
        pool->done = job->next;
        job_free(job);
    }
    pthread_cond_destroy(&pool->writing.arrived);
    pthread_cond_destroy(&pool->asking.arrived);
    pthread_cond_destroy(&pool->giving_way.arrived);
    pthread_cond_destroy(&pool->other.arrived);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
