/*
 * Time (SES-50 to SES-54). Only a tick knows what time it is: what happened between two ticks
 * happened, as far as timers go, at the later one. That makes a timeout late by at most the
 * distance of two ticks, and never early.
 */
#include "session.h"

/* How long buffers may stand empty. */
enum { SHRINK_MS = 1000 };

static uint64_t later(uint64_t at, uint64_t by)
{
    return by > UINT64_MAX - 1 - at ? UINT64_MAX - 1 : at + by;
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool spare(const struct fora_buf *buf)
{
    return buf->size == 0 && buf->room > 0;
}

static bool has_spare(const struct fora_session *session)
{
    return spare(&session->cipher) || spare(&session->plain) || spare(&session->queue) ||
           spare(&session->sealed) || (session->held == 0 && session->arena.head != NULL);
}

static void shrink(struct fora_session *session)
{
    struct fora_buf *bufs[] = {
        &session->cipher, &session->plain, &session->queue, &session->sealed};

    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++) {
        if (spare(bufs[i]))
            fora_buf_fini(bufs[i]);
    }
    if (session->held == 0)
        fora_arena_fini(&session->arena);
}

void fora_session_trim(struct fora_session *session)
{
    shrink(session);
}

/* Since when a frame is under way; false when there is none. Its Noise messages are no progress: it
 * could come in any number of them. */
static bool partial_since(struct fora_session *session, bool whole, uint64_t *since)
{
    struct session_timers *timers = &session->timers;
    bool partial = !whole && (session->cipher.size > 0 || session->plain.size > session->plain_at);

    if (!partial || !timers->partial || timers->partial_count != timers->frames) {
        timers->partial = partial;
        timers->partial_count = timers->frames;
        timers->partial_at = timers->now;
    }
    *since = timers->partial_at;
    return partial;
}

static uint64_t tick_open(struct fora_session *session)
{
    struct session_timers *timers = &session->timers;
    uint64_t ping_at, partial_at, next;
    size_t size;
    int code;
    /* While a frame waits for the owner, silence is the owner's doing. */
    bool whole = session->held > 0 || frame_front(session, &size, &code) != FRONT_PART;

    if (timers->heard || whole) {
        timers->heard_at = timers->now;
        timers->pinged = false;
    }
    timers->heard = false;
    ping_at = later(timers->heard_at, timers->idle);
    if (!timers->pinged && timers->now >= ping_at) {
        timers->pinged = true;
        session->ping_wanted = true;
    }
    next = timers->pinged ? later(ping_at, timers->idle) : ping_at;
    if (partial_since(session, whole, &partial_at))
        next = earliest(next, later(later(partial_at, timers->idle), timers->idle));
    if (timers->now >= next) {
        session_fail(session, FORA_E_TIMEOUT);
        return UINT64_MAX;
    }
    if (!timers->active)
        shrink(session);
    timers->active = false;
    return has_spare(session) ? earliest(next, later(timers->now, SHRINK_MS)) : next;
}

uint64_t fora_session_tick(struct fora_session *session, uint64_t now)
{
    struct session_timers *timers = &session->timers;

    if (now > timers->now)
        timers->now = now;
    if (session->state == FORA_SESSION_CLOSED)
        return UINT64_MAX;
    if (session->state == FORA_SESSION_OPEN)
        return tick_open(session);
    timers->heard = true; /* the idle time begins with OPEN */
    if (timers->now < timers->deadline)
        return timers->deadline;
    session_fail(session, FORA_E_TIMEOUT);
    return UINT64_MAX;
}
