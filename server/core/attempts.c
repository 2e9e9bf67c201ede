/* Two rows of buckets each for sources, accounts and registrations by source; pairs of source and
 * account that got in lately, in the few places that the account's hash names. Not the pair's: who
 * enters an account of her own from many addresses would push out everybody else's. */
#include "core/attempts.h"

#include "fora/error.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 2,
    PLACES = 4096, /* a power of two */
    KEY_SIZE = 16,
    ENTERED_SETS = PLACES / 4,
    ENTERED_EACH = 4, /* addresses of an account that are remembered, the last ones */
    OF_SOURCE = 4,    /* of registrations: what one source may have */
    OF_PAIR = 3       /* of the failures of a source: what who got in from there has for herself */
};

struct table {
    struct bucket rows[ROWS][PLACES];
};

struct attempts {
    uint8_t key[KEY_SIZE];
    struct table sources, accounts, pairs, registrations;
    struct bucket all;                            /* registrations */
    uint64_t entered[ENTERED_SETS][ENTERED_EACH]; /* the last first */
};

int attempts_new(struct attempts **out)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL) {
        return FORA_E_NOMEM;
    }
    fora_random(attempts->key, sizeof attempts->key);
    *out = attempts;
    return 0;
}

void attempts_free(struct attempts *attempts)
{
    free(attempts);
}

static uint64_t keyed(const struct attempts *attempts, const char *domain, struct fora_bytes name)
{
    uint8_t bytes[KEY_SIZE + 64] = {0};
    struct fora_hash hash;
    uint64_t out = 0;
    size_t size = name.size < sizeof bytes - KEY_SIZE ? name.size : sizeof bytes - KEY_SIZE;
    memcpy(bytes, attempts->key, KEY_SIZE);
    if (size > 0) {
        memcpy(bytes + KEY_SIZE, name.data, size);
    }
    fora_hash1(&hash, domain, fora_bytes(bytes, KEY_SIZE + size));
    memcpy(&out, hash.b, sizeof out);
    return out != 0 ? out : 1;
}

uint64_t attempts_source(const struct attempts *attempts, struct fora_bytes address)
{
    return keyed(attempts, "forad.attempt.source", address);
}

uint64_t attempts_account(const struct attempts *attempts, struct fora_bytes handle)
{
    return keyed(attempts, "forad.attempt.account", handle);
}

/* ---- tables ---- */

static struct bucket *place(struct table *table, unsigned row, uint64_t hash)
{
    return &table->rows[row][(hash >> (row == 0 ? 0 : 32)) % PLACES];
}

static bool table_any(
    struct table *table, uint64_t hash, const struct bucket_rate *rate, uint64_t now)
{
    return hash == 0 || bucket_any(place(table, 0, hash), rate, now) ||
           bucket_any(place(table, 1, hash), rate, now);
}

static void table_take(
    struct table *table, uint64_t hash, const struct bucket_rate *rate, uint64_t now)
{
    for (unsigned row = 0; row < ROWS && hash != 0; row++) {
        bucket_take(place(table, row, hash), rate, 1, now);
    }
}

static void table_give(
    struct table *table, uint64_t hash, const struct bucket_rate *rate, uint64_t now)
{
    for (unsigned row = 0; row < ROWS && hash != 0; row++) {
        bucket_give(place(table, row, hash), rate, 1, now);
    }
}

static uint64_t table_wait(
    struct table *table, uint64_t hash, const struct bucket_rate *rate, uint64_t now)
{
    uint64_t a = bucket_wait(place(table, 0, hash), rate, now);
    uint64_t b = bucket_wait(place(table, 1, hash), rate, now);
    return a < b ? a : b;
}

/* ---- who got in ---- */

static uint64_t pair_of(const struct attempt *attempt)
{
    return attempt->source * 3 + attempt->account; /* both are hashes that nobody chooses */
}

/* Where the pair is in its set; ENTERED_EACH: nowhere. */
static size_t entered_at(const struct attempts *attempts, const struct attempt *attempt)
{
    const uint64_t *set = attempts->entered[attempt->account % ENTERED_SETS];
    uint64_t pair = pair_of(attempt);
    size_t at = 0;
    while (at < ENTERED_EACH && set[at] != pair) {
        at++;
    }
    return at;
}

static bool entered(const struct attempts *attempts, const struct attempt *attempt)
{
    return attempt->source != 0 && entered_at(attempts, attempt) < ENTERED_EACH;
}

static void note_entered(struct attempts *attempts, const struct attempt *attempt)
{
    uint64_t *set = attempts->entered[attempt->account % ENTERED_SETS];
    size_t at = entered_at(attempts, attempt);
    size_t moved = at < ENTERED_EACH ? at : ENTERED_EACH - 1;
    memmove(set + 1, set, moved * sizeof *set);
    set[0] = pair_of(attempt);
}

/* ---- attempts ---- */

static struct bucket_rate part_of(const struct bucket_rate *rate)
{
    return (struct bucket_rate){(rate->amount + OF_SOURCE - 1) / OF_SOURCE, rate->period};
}

static uint64_t at_least_a_second(uint64_t wait)
{
    return wait > 1000 ? wait : 1000;
}

static uint64_t register_take(struct attempts *attempts, const struct attempt_rates *rates,
    const struct attempt *attempt, uint64_t now)
{
    const struct bucket_rate part = part_of(&rates->accounts);
    if (!table_any(&attempts->registrations, attempt->source, &part, now)) {
        return at_least_a_second(table_wait(&attempts->registrations, attempt->source, &part, now));
    }
    if (!bucket_any(&attempts->all, &rates->accounts, now)) {
        return at_least_a_second(bucket_wait(&attempts->all, &rates->accounts, now));
    }
    table_take(&attempts->registrations, attempt->source, &part, now);
    bucket_take(&attempts->all, &rates->accounts, 1, now);
    return 0;
}

static struct bucket_rate rate_of_pair(const struct attempt_rates *rates)
{
    return (struct bucket_rate){
        (rates->source.amount + OF_PAIR - 1) / OF_PAIR, rates->source.period};
}

/* Others at the same address have used up what it has. Who got in from there goes on, by a measure
 * of her own: else one colleague would shut out an office. */
static uint64_t pair_take(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now)
{
    const struct bucket_rate rate = rate_of_pair(rates);
    uint64_t pair = pair_of(attempt);
    uint64_t wait = table_wait(&attempts->sources, attempt->source, &rates->source, now);
    if (!entered(attempts, attempt)) {
        return at_least_a_second(wait);
    }
    if (!table_any(&attempts->pairs, pair, &rate, now)) {
        uint64_t own = table_wait(&attempts->pairs, pair, &rate, now);
        return at_least_a_second(own < wait ? own : wait);
    }
    table_take(&attempts->pairs, pair, &rate, now);
    attempt->of_pair = true;
    return 0;
}

static uint64_t password_take(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now)
{
    if (!table_any(&attempts->sources, attempt->source, &rates->source, now)) {
        return pair_take(attempts, rates, attempt, now);
    }
    if (!table_any(&attempts->accounts, attempt->account, &rates->account, now) &&
        !entered(attempts, attempt)) {
        return at_least_a_second(
            table_wait(&attempts->accounts, attempt->account, &rates->account, now));
    }
    table_take(&attempts->sources, attempt->source, &rates->source, now);
    table_take(&attempts->accounts, attempt->account, &rates->account, now);
    return 0;
}

uint64_t attempts_take(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now)
{
    uint64_t wait = attempt->account == 0 ? register_take(attempts, rates, attempt, now)
                                          : password_take(attempts, rates, attempt, now);
    attempt->taken = wait == 0;
    return wait;
}

void attempts_return(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now)
{
    const struct bucket_rate part = part_of(&rates->accounts);
    if (!attempt->taken) {
        return;
    }
    attempt->taken = false;
    if (attempt->account == 0) {
        table_give(&attempts->registrations, attempt->source, &part, now);
        bucket_give(&attempts->all, &rates->accounts, 1, now);
        return;
    }
    if (attempt->of_pair) {
        const struct bucket_rate rate = rate_of_pair(rates);
        table_give(&attempts->pairs, pair_of(attempt), &rate, now);
        return;
    }
    table_give(&attempts->sources, attempt->source, &rates->source, now);
    table_give(&attempts->accounts, attempt->account, &rates->account, now);
}

void attempts_passed(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now)
{
    if (attempt->account == 0) {
        return; /* a new account stays counted */
    }
    attempts_return(attempts, rates, attempt, now);
    if (attempt->source != 0) {
        note_entered(attempts, attempt);
    }
}
