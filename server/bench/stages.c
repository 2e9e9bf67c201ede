/*
 * One object from the wire to the disk, stage by stage, in one thread of one process: what the
 * machine does for it, without the changes of thread between the stages. docs/profile.md says what
 * follows from it.
 */
#include "scene.h"

#include "core/commit.h"
#include "core/rows.h"
#include "fora/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 400, BATCH_MAX = 256 };

enum stage { ENCODE, DECRYPT, DECODE, VERIFY, ADMIT, COMMIT, ROWS, STAGES };

static const struct {
    const char *name, *what;
} stages[STAGES] = {
    [ENCODE] = {"sender", "the sender: frame, encrypt"},
    [DECRYPT] = {"frame", "decrypt, take the frame apart"},
    [DECODE] = {"shape", "object: shape and limits"},
    [VERIFY] = {"verify", "hash and signature"},
    [ADMIT] = {"admit", "admit, put into tables"},
    [COMMIT] = {"commit", "commit and fsync"},
    [ROWS] = {"rows", "rows of lists, after the answer"},
};

struct pipe {
    struct fora_session *sender, *receiver;
};

static void carry(struct fora_session *from, struct fora_session *to)
{
    struct fora_bytes output;
    while ((output = fora_session_output(from)).size > 0) {
        size_t taken = 0;
        bench_need(fora_session_feed(to, output, &taken), "a session");
        fora_session_output_done(from, taken);
        if (taken == 0) {
            return;
        }
    }
}

static void drain(struct fora_session *session)
{
    struct fora_session_event event;
    while (fora_session_next(session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE) {
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            fora_session_consumed(session, event.frame_size);
        }
    }
}

static struct fora_session *end_new(const struct bench_node *self, bool initiator)
{
    struct fora_bytes identity = fora_buf_bytes(&self->identity);
    struct fora_session *session;
    struct fora_session_config config = {.initiator = initiator, .noise_secret = self->noise};
    config.hello.version = 1;
    config.hello.agent = fora_bytes_str("fora-bench");
    config.hello.frame_max = FORA_FRAME_MAX;
    config.hello.requests_max = 1024;
    config.hello.credit = 64 * 1024 * 1024;
    config.hello.now = WORLD_BEGIN_MS;
    config.hello.node = self->id;
    config.hello.identity = &identity;
    config.hello.identity_count = 1;
    bench_need(fora_session_new(&session, &config, WORLD_BEGIN_MS), "a session");
    return session;
}

static void pipe_open(struct pipe *pipe, const struct scene *scene)
{
    pipe->sender = end_new(&scene->peer, true);
    pipe->receiver = end_new(&scene->node, false);
    for (int i = 0; i < 8; i++) {
        carry(pipe->sender, pipe->receiver);
        drain(pipe->receiver);
        carry(pipe->receiver, pipe->sender);
        drain(pipe->sender);
    }
    if (fora_session_state(pipe->receiver) != FORA_SESSION_OPEN) {
        bench_need(FORA_E_INTERNAL, "a session that does not open");
    }
}

struct line {
    struct pipe pipe;
    struct kv *kv;
    struct policies *policies;
    struct committer *committer;
    struct commit_item items[BATCH_MAX];
    struct fora_buf wire;         /* owned: what the sender's socket would take */
    double times[STAGES][ROUNDS]; /* seconds an object */
    size_t rounds;
    double mark;
};

static void line_mark(struct line *line, enum stage stage, size_t count)
{
    double now = bench_seconds();
    line->times[stage][line->rounds] = (now - line->mark) / (double)count;
    line->mark = bench_seconds();
}

static void send_batch(struct line *line, const struct fora_bytes *objects, size_t count)
{
    struct fora_bytes list[BATCH_MAX];
    struct fora_message message = {.type = FORA_MSG_PUT};
    memcpy(list, objects, count * sizeof *list);
    message.request = fora_session_request(line->pipe.sender);
    message.u.put.objects = list;
    message.u.put.objects_count = count;
    bench_need(fora_session_send(line->pipe.sender, &message), "a Put");
    struct fora_bytes output;
    fora_buf_clear(&line->wire);
    while ((output = fora_session_output(line->pipe.sender)).size > 0) {
        fora_buf_append_bytes(&line->wire, output);
        fora_session_output_done(line->pipe.sender, output.size);
    }
    bench_need(line->wire.error, "a Put");
}

/* The Put as the receiver's session gives it. */
static void receive_batch(struct line *line, struct fora_session_event *event)
{
    size_t taken = 0;
    bench_need(
        fora_session_feed(line->pipe.receiver, fora_buf_bytes(&line->wire), &taken), "a Put");
    int rc = fora_session_next(line->pipe.receiver, event);
    if (rc != 0 || event->type != FORA_SESSION_EVENT_FRAME ||
        event->message->type != FORA_MSG_PUT) {
        bench_need(FORA_E_INTERNAL, "a Put that does not come");
    }
}

static void store_batch(struct line *line, size_t count)
{
    struct commit_txn txn;
    struct commit_result result;
    uint64_t behind = 1;
    bench_need(commit_begin(line->committer, &txn, UINT64_C(1700000000000), &result), "a commit");
    for (size_t i = 0; i < count; i++) {
        commit_add(&txn, &line->items[i]);
        bench_need(line->items[i].code, "an object of the bench is refused");
    }
    line_mark(line, ADMIT, count);
    bench_need(commit_end(&txn), "a commit");
    line_mark(line, COMMIT, count);
    while (behind > 0) {
        bench_need(rows_step(line->kv, line->policies, ROWS_STEP_MAX, &behind), "rows");
    }
    line_mark(line, ROWS, count);
}

static void run_batch(struct line *line, const struct fora_bytes *objects, size_t count)
{
    struct fora_session_event event;
    line->mark = bench_seconds();
    send_batch(line, objects, count);
    line_mark(line, ENCODE, count);
    receive_batch(line, &event);
    line_mark(line, DECRYPT, count);
    memset(line->items, 0, count * sizeof *line->items);
    for (size_t i = 0; i < count; i++) {
        struct commit_item *item = &line->items[i];
        item->source = COMMIT_PEER;
        bench_need(fora_object_decode(&item->object, event.message->u.put.objects[i]), "object");
    }
    line_mark(line, DECODE, count);
    for (size_t i = 0; i < count; i++) {
        bench_need(fora_object_verify(&line->items[i].object), "a signature");
    }
    line_mark(line, VERIFY, count);
    store_batch(line, count);
    fora_session_consumed(line->pipe.receiver, event.frame_size);
    line->rounds++;
}

static void report(struct bench *bench, struct line *line, const char *name, size_t count)
{
    double medians[STAGES], whole = 0;
    char row[40], limit[64];
    for (size_t i = 0; i < STAGES; i++) {
        medians[i] = bench_median(line->times[i], line->rounds);
        whole += i == ENCODE || i == ROWS ? 0 : medians[i];
    }
    for (size_t i = 0; i < STAGES; i++) {
        snprintf(row, sizeof row, "stage_%s_%s", name, stages[i].name);
        snprintf(limit, sizeof limit, "%s; of us, %zu at once", stages[i].what, count);
        results_add(bench->results, row, medians[i] * 1e6, "us", whole * 1e6, limit,
            medians[i] / whole, false, 1);
    }
}

static void measure(struct bench *bench, const char *name, size_t count)
{
    struct scene *scene = scene_new();
    struct line *line = calloc(1, sizeof *line);
    struct world_load load;
    size_t rounds = count == 1 ? ROUNDS : ROUNDS / 4;
    bench_need(line == NULL ? FORA_E_NOMEM : 0, "a line");
    world_make(&scene->world, rounds * count, &load);
    scene_fill(scene);
    pipe_open(&line->pipe, scene);
    line->kv = bench_store_open(scene->folder);
    bench_need(policies_new(&line->policies), "a store");
    bench_need(committer_new(&line->committer, line->kv, line->policies), "a store");
    for (size_t i = 0; i < rounds; i++) {
        run_batch(line, load.objects + i * count, count);
    }
    report(bench, line, name, count);
    committer_free(line->committer);
    policies_free(line->policies);
    kv_close(line->kv);
    fora_buf_fini(&line->wire);
    fora_session_free(line->pipe.sender);
    fora_session_free(line->pipe.receiver);
    world_load_fini(&load);
    scene_free(scene);
    free(line);
}

void bench_stages(struct bench *bench)
{
    measure(bench, "one", 1);
    measure(bench, "many", BATCH_MAX);
}
