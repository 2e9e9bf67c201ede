#include "import/sedump_guard.h"

#include <string.h>

#include "import/sedump.h"

/*
 *   TEXT -'<'-> OPEN -'!'-> BANG -'-'-> COMMENT -"-->"-> TEXT
 *                |            `-else-> TAG
 *                |-'?'-> PI -"?>"-> TEXT
 *                `-else-> TAG -'"'-> DOUBLE -'"'-> TAG;  TAG -'>'-> TEXT
 */
enum { TEXT, OPEN, BANG, TAG, DOUBLE, SINGLE, COMMENT, PI };

/* How many bytes from `at` can be passed over in this state before one that matters. */
static size_t plain_run(int state, const uint8_t *at, size_t left)
{
    const uint8_t *hit;
    int stop = state == TEXT ? '<' : state == DOUBLE ? '"' : '\'';

    if (state != TEXT && state != DOUBLE && state != SINGLE) {
        return 0;
    }
    hit = memchr(at, stop, left);
    return hit ? (size_t)(hit - at) : left;
}

static int in_tag(struct sedump_guard *guard, uint8_t c)
{
    if (c == '>') {
        return TEXT;
    }
    if (c == '"' || c == '\'') {
        guard->attrs++;
        return c == '"' ? DOUBLE : SINGLE;
    }
    return TAG;
}

static int step(struct sedump_guard *guard, uint8_t c)
{
    switch (guard->state) {
    case TEXT: /* plain_run stopped at '<' */
        guard->size = 0;
        guard->attrs = 0;
        guard->tail = 0;
        return OPEN;
    case OPEN:
        return c == '!' ? BANG : c == '?' ? PI : in_tag(guard, c);
    case BANG:
        return c == '-' ? COMMENT : in_tag(guard, c);
    case COMMENT:
    case PI:
        guard->tail = (guard->tail << 8 | c) & 0xffffff;
        if (guard->state == COMMENT) {
            return guard->tail == 0x2d2d3e ? TEXT : COMMENT;
        }
        return (guard->tail & 0xffff) == 0x3f3e ? TEXT : PI;
    case DOUBLE:
    case SINGLE:
        return TAG;
    default:
        return in_tag(guard, c);
    }
}

int sedump_guard_feed(struct sedump_guard *guard, struct fora_bytes piece)
{
    const uint8_t *at = piece.data;
    const uint8_t *end = piece.data + piece.size;

    while (at < end) {
        size_t run = plain_run(guard->state, at, (size_t)(end - at));
        at += run;
        guard->size += run;
        if (at < end) {
            guard->state = step(guard, *at++);
            guard->size++;
        }
        if (guard->attrs > SEDUMP_ATTRS_MAX) {
            return FORA_E_LIMIT;
        }
        if (guard->size > SEDUMP_ROW_MAX) {
            if (guard->state != TEXT) {
                return FORA_E_TOO_LARGE;
            }
            guard->size = 0; /* text between rows is not kept */
        }
    }
    return 0;
}
