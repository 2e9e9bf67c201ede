#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "negentropy_sides.h"

#include <stdlib.h>
#include <string.h>

enum { ID_SIZE = 32 };

void neg_ids_add(struct neg_ids *ids, const uint8_t id[32])
{
    fora_buf_append(&ids->bytes, id, ID_SIZE);
    assert_int_equal(ids->bytes.error, 0);
}

size_t neg_ids_count(const struct neg_ids *ids)
{
    return ids->bytes.size / ID_SIZE;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, ID_SIZE);
}

void neg_ids_normalize(struct neg_ids *ids)
{
    uint8_t *data = ids->bytes.data;
    size_t count = neg_ids_count(ids);
    size_t kept = 0;

    if (count == 0)
        return;
    qsort(data, count, ID_SIZE, compare_ids);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || memcmp(data + i * ID_SIZE, data + (kept - 1) * ID_SIZE, ID_SIZE) != 0)
            memmove(data + kept++ * ID_SIZE, data + i * ID_SIZE, ID_SIZE);
    }
    ids->bytes.size = kept * ID_SIZE;
}

void neg_ids_fini(struct neg_ids *ids)
{
    fora_buf_fini(&ids->bytes);
}

void neg_ids_assert_equal(struct neg_ids *got, struct neg_ids *expected, const char *what)
{
    neg_ids_normalize(got);
    neg_ids_normalize(expected);
    if (!fora_bytes_equal(fora_buf_bytes(&got->bytes), fora_buf_bytes(&expected->bytes)))
        fail_msg("%s: %zu ids, expected %zu, or other ones", what, neg_ids_count(got),
            neg_ids_count(expected));
}

static int outcome_have(void *context, const uint8_t id[32])
{
    struct neg_outcome *outcome = context;

    neg_ids_add(&outcome->have, id);
    return 0;
}

static int outcome_need(void *context, const uint8_t id[32])
{
    struct neg_outcome *outcome = context;

    neg_ids_add(&outcome->need, id);
    return 0;
}

struct fora_neg_report neg_outcome_report(struct neg_outcome *outcome)
{
    return (struct fora_neg_report){.context = outcome, .have = outcome_have, .need = outcome_need};
}

void neg_outcome_fini(struct neg_outcome *outcome)
{
    neg_ids_fini(&outcome->have);
    neg_ids_fini(&outcome->need);
}

void neg_side_init(
    struct neg_side *side, const struct fora_neg_item *items, size_t count, size_t frame_max)
{
    *side = (struct neg_side){.limits = {.frame_max = frame_max}};
    assert_int_equal(fora_neg_vector_new(&side->vector, items, count), 0);
    side->source = fora_neg_vector_source(side->vector);
}

void neg_side_fini(struct neg_side *side)
{
    fora_neg_vector_free(side->vector);
    side->vector = NULL;
}

static void assert_fits(const struct fora_buf *message, const struct neg_side *maker)
{
    if (maker->limits.frame_max != 0 && message->size > maker->limits.frame_max)
        fail_msg("a message of %zu bytes, limit %zu", message->size, maker->limits.frame_max);
}

struct neg_trace neg_session(const struct neg_side *client, const struct neg_side *server,
    struct neg_outcome *outcome, unsigned rounds_max)
{
    struct fora_neg_report report = neg_outcome_report(outcome);
    struct fora_buf query = {0};
    struct fora_buf answer = {0};
    struct neg_trace trace = {0};

    assert_int_equal(fora_neg_start(&client->source, &client->limits, &query), 0);
    while (query.size != 0) {
        if (trace.rounds == rounds_max)
            fail_msg("no end after %u rounds", rounds_max);
        trace.rounds++;
        trace.client_bytes += query.size;
        assert_fits(&query, client);
        fora_buf_clear(&answer);
        assert_int_equal(
            fora_neg_reply(&server->source, &server->limits, fora_buf_bytes(&query), NULL, &answer),
            0);
        trace.server_bytes += answer.size;
        assert_fits(&answer, server);
        fora_buf_clear(&query);
        assert_int_equal(fora_neg_reply(&client->source, &client->limits, fora_buf_bytes(&answer),
                             &report, &query),
            0);
    }
    fora_buf_fini(&query);
    fora_buf_fini(&answer);
    return trace;
}

void neg_sample(const struct neg_side *client, const struct neg_side *server, uint64_t at,
    uint64_t count, struct neg_outcome *outcome)
{
    struct fora_neg_report report = neg_outcome_report(outcome);
    struct fora_buf query = {0};
    struct fora_buf answer = {0};

    assert_int_equal(fora_neg_sample(&client->source, &client->limits, at, count, &query), 0);
    assert_int_equal(
        fora_neg_reply(&server->source, &server->limits, fora_buf_bytes(&query), NULL, &answer), 0);
    fora_buf_clear(&query);
    assert_int_equal(
        fora_neg_reply(&client->source, &client->limits, fora_buf_bytes(&answer), &report, &query),
        0);
    assert_int_equal(query.size, 0);
    fora_buf_fini(&query);
    fora_buf_fini(&answer);
}

uint64_t neg_random_next(struct neg_random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t neg_random_below(struct neg_random *random, uint64_t limit)
{
    return neg_random_next(random) % limit;
}
