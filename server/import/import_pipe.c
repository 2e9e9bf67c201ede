/* Workers, the queue, and batches. */
#include "import/import_pipe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    QUEUE_BYTES = 8 << 20,
    BATCH_OBJECTS = 2048,
    BATCH_BYTES = 4 << 20,
    WORKERS_MAX = 64,
};

/* ---- batches ---- */

static void note_item(struct import_report *report, const struct import_item *item)
{
    report->objects++;
    if (item->code == 0) {
        report->stored += !item->duplicate;
        report->already += item->duplicate;
        return;
    }
    if (item->code == FORA_E_SUPERSEDED) {
        report->already++; /* a newer profile or tally stands there */
        return;
    }
    if (report->refused < IMPORT_REFUSALS_MAX) {
        struct import_refusal *refusal = &report->refusals[report->refused];
        size_t size = item->source.size < IMPORT_SOURCE_MAX ? item->source.size : IMPORT_SOURCE_MAX;
        refusal->code = item->code;
        memcpy(refusal->source, item->source.data, size);
        refusal->source[size] = '\0';
    }
    report->refused++;
}

static void drop_units(struct outlet *outlet)
{
    while (outlet->first != NULL) {
        struct import_unit *unit = outlet->first;
        outlet->first = unit->next;
        unit_free(unit);
    }
    outlet->last = NULL;
    outlet->count = 0;
    outlet->bytes = 0;
}

void outlet_fini(struct outlet *outlet)
{
    drop_units(outlet);
}

static void add_counts(struct import_counts *to, const struct import_counts *more)
{
    for (size_t i = 0; i < IMPORT_MADE_COUNT; i++) {
        to->made[i] += more->made[i];
    }
    for (size_t i = 0; i < IMPORT_SKIP_COUNT; i++) {
        to->skipped[i] += more->skipped[i];
    }
}

int outlet_flush(struct outlet *outlet)
{
    struct import_sink *sink = outlet->options->sink;
    struct import_item *items = calloc(outlet->count + 1, sizeof *items);
    size_t count = 0;
    if (items == NULL) {
        return FORA_E_NOMEM;
    }
    for (const struct import_unit *unit = outlet->first; unit != NULL; unit = unit->next) {
        if (unit->count > 0) {
            memcpy(items + count, unit->items, unit->count * sizeof *items);
            count += unit->count;
        }
        add_counts(&outlet->report->counts, &unit->counts);
    }
    int rc = count > 0 ? sink->put(sink->context, items, count, outlet->why) : 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        note_item(outlet->report, &items[i]);
    }
    free(items);
    drop_units(outlet);
    return rc;
}

int outlet_take(struct outlet *outlet, struct import_unit *unit)
{
    if (unit->error != 0) {
        int error = unit->error;
        unit_free(unit);
        return error;
    }
    unit->next = NULL;
    if (outlet->last != NULL) {
        outlet->last->next = unit;
    } else {
        outlet->first = unit;
    }
    outlet->last = unit;
    outlet->count += unit->count;
    outlet->bytes += unit->bytes.size;
    return outlet->count >= BATCH_OBJECTS || outlet->bytes >= BATCH_BYTES ? outlet_flush(outlet)
                                                                          : 0;
}

/* ---- workers ---- */

struct run {
    const struct import_pipe *pipe;
    pthread_mutex_t reading; /* before `lock`, never inside it */
    bool ended;              /* under `reading` */
    pthread_mutex_t lock;
    pthread_cond_t ready; /* a unit came, or a worker went */
    pthread_cond_t room;
    struct import_unit *first; /* owned */
    struct import_unit *last;
    size_t bytes;
    unsigned working;
    bool stop;
    int error;
};

static void run_fail(struct run *run, int error)
{
    (void)pthread_mutex_lock(&run->lock);
    run->error = run->error != 0 ? run->error : error;
    run->stop = true;
    (void)pthread_cond_broadcast(&run->room);
    (void)pthread_cond_broadcast(&run->ready);
    (void)pthread_mutex_unlock(&run->lock);
}

/* NULL at the end, or after an error. */
static struct import_unit *next_unit(struct run *run)
{
    struct import_unit *unit = unit_new();
    int rc = unit == NULL ? FORA_E_NOMEM : 0;
    bool end = false;
    (void)pthread_mutex_lock(&run->reading);
    end = run->ended;
    if (rc == 0 && !end) {
        rc = run->pipe->read(run->pipe->context, unit, &end);
    }
    run->ended = end || rc != 0;
    (void)pthread_mutex_unlock(&run->reading);
    if (rc != 0) {
        run_fail(run, rc);
    }
    if (rc != 0 || end) {
        unit_free(unit);
        return NULL;
    }
    return unit;
}

/* False when all is to stop. */
static bool enqueue(struct run *run, struct import_unit *unit)
{
    size_t bytes = unit->bytes.size + unit->count * sizeof *unit->items;
    (void)pthread_mutex_lock(&run->lock);
    while (!run->stop && run->bytes > 0 && run->bytes + bytes > QUEUE_BYTES) {
        (void)pthread_cond_wait(&run->room, &run->lock);
    }
    bool go_on = !run->stop;
    unit->next = NULL;
    if (run->last != NULL) {
        run->last->next = unit;
    } else {
        run->first = unit;
    }
    run->last = unit;
    run->bytes += bytes;
    (void)pthread_cond_signal(&run->ready);
    (void)pthread_mutex_unlock(&run->lock);
    return go_on;
}

static void *work(void *context)
{
    struct run *run = context;
    struct import_unit *unit;
    struct maker *maker = maker_new(run->pipe->env);
    bool go_on = maker != NULL;
    if (!go_on) {
        run_fail(run, FORA_E_NOMEM);
    }
    while (go_on && (unit = next_unit(run)) != NULL) {
        maker->unit = unit;
        run->pipe->make(maker);
        unit->error = unit_finish(unit);
        fora_buf_fini(&unit->rows);
        go_on = enqueue(run, unit);
    }
    maker_free(maker);
    (void)pthread_mutex_lock(&run->lock);
    run->working--;
    (void)pthread_cond_broadcast(&run->ready);
    (void)pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* All that is queued, as a list; NULL when the workers are done. */
static struct import_unit *dequeue(struct run *run)
{
    (void)pthread_mutex_lock(&run->lock);
    while (run->first == NULL && run->working > 0) {
        (void)pthread_cond_wait(&run->ready, &run->lock);
    }
    struct import_unit *list = run->first;
    run->first = NULL;
    run->last = NULL;
    run->bytes = 0;
    (void)pthread_cond_broadcast(&run->room);
    (void)pthread_mutex_unlock(&run->lock);
    return list;
}

static void free_list(struct import_unit *list)
{
    while (list != NULL) {
        struct import_unit *next = list->next;
        unit_free(list);
        list = next;
    }
}

static int take_list(const struct import_pipe *pipe, struct import_unit *list, uint64_t *done)
{
    const struct import_options *options = pipe->env->options;
    int rc = 0;
    while (list != NULL && rc == 0) {
        struct import_unit *unit = list;
        list = unit->next;
        *done += unit->rows_count;
        if (unit->error == 0 && pipe->take != NULL) {
            unit->error = pipe->take(pipe->context, unit);
        }
        rc = outlet_take(pipe->outlet, unit);
        if (options->progress != NULL) {
            options->progress(options->progress_context, pipe->doing, *done, pipe->rows);
        }
    }
    free_list(list);
    return rc;
}

static int drain(struct run *run)
{
    struct import_unit *list;
    uint64_t done = 0;
    int rc = 0;
    while ((list = dequeue(run)) != NULL) {
        if (rc != 0) {
            free_list(list);
            continue;
        }
        rc = take_list(run->pipe, list, &done);
        if (rc != 0) {
            run_fail(run, rc);
        }
    }
    return rc != 0 ? rc : run->error;
}

static unsigned workers_of(const struct import_options *options)
{
    long cores = options->threads != 0 ? (long)options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > WORKERS_MAX ? WORKERS_MAX : (unsigned)cores;
}

int pipe_run(const struct import_pipe *pipe)
{
    pthread_t threads[WORKERS_MAX];
    struct run run = {.pipe = pipe,
        .reading = PTHREAD_MUTEX_INITIALIZER,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .ready = PTHREAD_COND_INITIALIZER,
        .room = PTHREAD_COND_INITIALIZER};
    unsigned wanted = workers_of(pipe->env->options), started = 0;
    (void)pthread_mutex_lock(&run.lock);
    while (started < wanted && pthread_create(&threads[started], NULL, work, &run) == 0) {
        started++;
        run.working++;
    }
    (void)pthread_mutex_unlock(&run.lock);
    int rc = started == 0 ? FORA_E_NOMEM : drain(&run);
    for (unsigned i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    free_list(run.first);
    (void)pthread_mutex_destroy(&run.reading);
    (void)pthread_mutex_destroy(&run.lock);
    (void)pthread_cond_destroy(&run.ready);
    (void)pthread_cond_destroy(&run.room);
    return rc == 0 ? outlet_flush(pipe->outlet) : rc;
}
