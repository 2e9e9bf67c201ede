/*
 * Every choice of a run, from one seed. Streams are split, so that what one node draws does not
 * change what another one gets: a run stays alike when one thing in it changes.
 *
 * The core draws ephemeral keys, salts and the jitter of its dialling from libsodium; dice_install
 * puts the stream that dice_use names last behind libsodium in this process, and that is how a run
 * replays exactly. Nothing of it is in the product.
 */
#ifndef FORAD_SIM_DICE_H
#define FORAD_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

void dice_seed(struct dice *dice, uint64_t seed);
/* A stream of its own. */
struct dice dice_split(struct dice *dice);
uint64_t dice_next(struct dice *dice);
uint32_t dice_below(struct dice *dice, uint32_t below); /* 0 <= n < below */
/* from <= n <= to */
uint64_t dice_between(struct dice *dice, uint64_t from, uint64_t to);
bool dice_in(struct dice *dice, uint32_t thousandths);
void dice_bytes(struct dice *dice, void *out, size_t size);

void dice_install(void); /* before fora_crypto_init */
void dice_use(struct dice *dice);

#endif
