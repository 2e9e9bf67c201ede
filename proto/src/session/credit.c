/*
 * Credit, both ways (SES-20 to SES-25). Counters only grow; what is left is a difference, so that
 * nothing can be granted or used twice by order of events.
 */
#include "session.h"

/* Far from where sums of two would overflow. */
static const uint64_t credit_max = UINT64_MAX / 4;

uint64_t credit_left(const struct session_credit *credit)
{
    return credit->granted - credit->used;
}

int credit_use(struct session_credit *credit, uint64_t size)
{
    if (size > credit_left(credit))
        return FORA_E_CREDIT;
    credit->used += size;
    return 0;
}

int credit_add(struct session_credit *credit, uint64_t bytes)
{
    if (bytes > credit_max || credit->granted > credit_max - bytes)
        return FORA_E_LIMIT;
    credit->granted += bytes;
    return 0;
}

/*
 * Granting again after a quarter of the window keeps Credit frames rare. But when all was consumed
 * the other side must be able to send the largest frame, so no more than the window has beyond one
 * is ever kept back.
 */
void grant_start(struct session_grant *grant, uint64_t window, uint32_t frame_max)
{
    uint64_t largest = (uint64_t)frame_max + FRAME_LENGTH_SIZE;

    grant->credit.granted = window;
    grant->threshold = window / 4;
    if (window <= largest)
        grant->threshold = 1;
    else if (grant->threshold > window - largest)
        grant->threshold = window - largest;
}

uint64_t grant_due(struct session_grant *grant)
{
    uint64_t bytes = grant->consumed - grant->returned;

    if (bytes < grant->threshold || bytes == 0 || credit_add(&grant->credit, bytes) != 0)
        return 0;
    grant->returned += bytes;
    return bytes;
}

void fora_session_consumed(struct fora_session *session, size_t frame_size)
{
    struct session_grant *grant = &session->grant;
    uint64_t held = grant->credit.used - grant->consumed;

    /* Never more than was received, whatever the owner says. */
    grant->consumed += frame_size < held ? frame_size : held;
}
