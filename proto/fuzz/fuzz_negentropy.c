/*
 * A message from anybody, to both roles. The first byte of the input chooses the role (bit 0), a
 * frame limit (bit 1), and how the set is spread (bits 2 and 3); the rest is the message.
 *
 * Held: an error leaves nothing behind, an answer fits its frame, is itself a lawful message, and
 * comes out the same the second time.
 */
#include "fora/negentropy.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS = 300, FLAG_INITIATOR = 1, FLAG_FRAME = 2, SHORT = 0x71 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int report_nothing(void *context, const uint8_t id[32])
{
    size_t *reported = context;

    *reported += id[0];
    return 0;
}

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Ids and times count up, so that a fuzzer can find bounds in between. */
static struct fora_neg_vector *make_set(unsigned spread)
{
    static const uint64_t steps[4] = {1, 0, 40, UINT64_MAX / ITEMS};
    struct fora_neg_item items[ITEMS] = {0};
    struct fora_neg_vector *vector;

    for (unsigned i = 0; i < ITEMS; i++) {
        items[i].time = steps[spread] * i;
        items[i].id[i % 3] = (uint8_t)(i >> 8);
        items[i].id[i % 3 + 1] = (uint8_t)i;
    }
    require(fora_neg_vector_new(&vector, items, ITEMS) == 0);
    return vector;
}

static void check_answer(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    const struct fora_buf *answer)
{
    const struct fora_neg_limits open = {.ranges_max = SIZE_MAX, .ids_max = SIZE_MAX};
    struct fora_buf next = {0};

    require(limits->frame_max == 0 || answer->size <= limits->frame_max);
    if (answer->size != 0)
        require(fora_neg_reply(source, &open, fora_buf_bytes(answer), NULL, &next) == 0);
    fora_buf_fini(&next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_neg_limits limits = {0};
    struct fora_buf answers[2] = {0};
    struct fora_neg_vector *vector;
    struct fora_neg_source source;
    size_t reported = 0;
    struct fora_neg_report report = {
        .context = &reported, .have = report_nothing, .need = report_nothing};
    int rc[2];

    if (size == 0)
        return 0;
    limits.frame_max = (data[0] & FLAG_FRAME) != 0 ? FORA_NEG_FRAME_MIN : 0;
    limits.key = size > 1 + FORA_NEG_KEY_SIZE && data[1] == SHORT ? data + 2 : NULL;
    vector = make_set(data[0] >> 2 & 3);
    source = fora_neg_vector_source(vector);
    for (int i = 0; i < 2; i++)
        rc[i] = fora_neg_reply(&source, &limits, fora_bytes(data + 1, size - 1),
            (data[0] & FLAG_INITIATOR) != 0 ? &report : NULL, &answers[i]);
    require(rc[0] == rc[1]);
    require(fora_bytes_equal(fora_buf_bytes(&answers[0]), fora_buf_bytes(&answers[1])));
    if (rc[0] == 0)
        check_answer(&source, &limits, &answers[0]);
    else
        require(answers[0].size == (rc[0] == FORA_E_VERSION && (data[0] & FLAG_INITIATOR) == 0));
    fora_buf_fini(&answers[0]);
    fora_buf_fini(&answers[1]);
    fora_neg_vector_free(vector);
    return 0;
}
