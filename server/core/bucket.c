/* Counting what is missing, in tokens times period, so that no fraction is ever lost. With the
 * bounds of bucket.h the whole of a bucket stays below 2^63: 2^36 tokens times 86,400,000 ms. */
#include "core/bucket.h"

static uint64_t amount_of(const struct bucket_rate *rate)
{
    return rate->amount < BUCKET_MOST ? rate->amount : BUCKET_MOST;
}

static int64_t whole(const struct bucket_rate *rate)
{
    return (int64_t)(amount_of(rate) * rate->period);
}

static void fill(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now)
{
    uint64_t passed = now > bucket->at ? now - bucket->at : 0;
    bucket->at = now;
    if (passed >= 2 * rate->period) {
        bucket->missing = 0; /* at most two periods' worth are ever missing */
        return;
    }
    uint64_t filled = passed * amount_of(rate);
    bucket->missing = filled < (uint64_t)bucket->missing ? bucket->missing - (int64_t)filled : 0;
}

bool bucket_any(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now)
{
    if (rate->amount == 0) {
        return true;
    }
    fill(bucket, rate, now);
    return bucket->missing < whole(rate);
}

void bucket_take(
    struct bucket *bucket, const struct bucket_rate *rate, uint64_t tokens, uint64_t now)
{
    if (rate->amount == 0) {
        return;
    }
    fill(bucket, rate, now);
    /* The debt is bounded: an emptied bucket has something in it after a period at the latest. */
    uint64_t amount = amount_of(rate);
    int64_t taken = (int64_t)((tokens < amount ? tokens : amount) * rate->period);
    int64_t most = whole(rate) > INT64_MAX / 2 ? INT64_MAX : 2 * whole(rate);
    bucket->missing = bucket->missing < most - taken ? bucket->missing + taken : most;
}

void bucket_give(
    struct bucket *bucket, const struct bucket_rate *rate, uint64_t tokens, uint64_t now)
{
    if (rate->amount == 0) {
        return;
    }
    fill(bucket, rate, now);
    uint64_t amount = amount_of(rate);
    int64_t given = (int64_t)((tokens < amount ? tokens : amount) * rate->period);
    bucket->missing = given < bucket->missing ? bucket->missing - given : 0;
}

uint64_t bucket_wait(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now)
{
    if (rate->amount == 0) {
        return 0;
    }
    fill(bucket, rate, now);
    int64_t enough = whole(rate) - whole(rate) / 16;
    if (bucket->missing <= enough) {
        return 0;
    }
    return (uint64_t)(bucket->missing - enough) / amount_of(rate) + 1;
}
