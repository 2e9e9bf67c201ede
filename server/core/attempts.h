/*
 * Attempts at passwords, and new accounts (SES-39): counted by where they come from and by account,
 * over all connections. What fails counts and is forgotten evenly; what succeeds is given back.
 *
 * Of a fixed size: buckets are found by keyed hashes, in two rows, and who finds anything in either
 * row may go on. Sharing both with others by chance needs others who fail all over the table; that
 * nobody can do on purpose, since the hashes' key is secret.
 *
 * An account whose bucket is empty can still be entered from where it was entered before, so that
 * who tries her password from elsewhere does not keep its owner out. An address whose bucket is
 * empty lets in to accounts that were entered from there before, each by a small bucket of the two:
 * many people share an address, and one of them must not keep all others out. (Who has used up her
 * address's so learns which accounts were entered from there.) The last four addresses of an
 * account are remembered, in places that it shares with one account of a thousand.
 */
#ifndef FORAD_CORE_ATTEMPTS_H
#define FORAD_CORE_ATTEMPTS_H

#include "core/bucket.h"
#include "fora/crypto.h"

struct attempts; /* about 400 KiB, made at the first attempt */

/* Hashes; 0: not known, and not counted. */
struct attempt {
    uint64_t source;
    uint64_t account; /* 0: a registration */
    bool taken;       /* counted, and not given back, */
    bool of_pair;     /* for the two together */
};

struct attempt_rates {
    struct bucket_rate source;   /* failures */
    struct bucket_rate account;  /* failures */
    struct bucket_rate accounts; /* new accounts of the whole node; of one source a quarter */
};

int attempts_new(struct attempts **out) FORA_MUST_USE;
void attempts_free(struct attempts *attempts);
uint64_t attempts_source(const struct attempts *attempts, struct fora_bytes address);
uint64_t attempts_account(const struct attempts *attempts, struct fora_bytes handle);

/* Counts the attempt: 0, or in how many ms there may be one. */
uint64_t attempts_take(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now);
/* It was none: never tried, or (a registration) refused. */
void attempts_return(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now);
/* The password was right. */
void attempts_passed(struct attempts *attempts, const struct attempt_rates *rates,
    struct attempt *attempt, uint64_t now);

#endif
