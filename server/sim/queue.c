/* A binary heap of events by (time, order of putting). */
#include "sim/sim.h"

static bool before(const struct event *a, const struct event *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct event *a, struct event *b)
{
    struct event held = *a;
    *a = *b;
    *b = held;
}

void queue_put(struct queue *queue, const struct event *event)
{
    if (queue->count == queue->room) {
        queue->room = queue->room == 0 ? 1024 : queue->room * 2;
        queue->heap = realloc(queue->heap, queue->room * sizeof *queue->heap);
        SIM_CHECK(queue->heap != NULL);
    }
    size_t at = queue->count++;
    queue->heap[at] = *event;
    queue->heap[at].order = queue->order++;
    while (at > 0 && before(&queue->heap[at], &queue->heap[(at - 1) / 2])) {
        swap(&queue->heap[at], &queue->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

bool queue_take(struct queue *queue, struct event *out)
{
    if (queue->count == 0) {
        return false;
    }
    *out = queue->heap[0];
    queue->heap[0] = queue->heap[--queue->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < queue->count; child++) {
            if (before(&queue->heap[child], &queue->heap[least])) {
                least = child;
            }
        }
        if (least == at) {
            return true;
        }
        swap(&queue->heap[at], &queue->heap[least]);
        at = least;
    }
}
