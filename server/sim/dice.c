/* splitmix64: small, even, and a stream can be split off by drawing its seed. */
#include "sim/dice.h"

#include <sodium.h>
#include <string.h>

void dice_seed(struct dice *dice, uint64_t seed)
{
    dice->state = seed * 0x2545f4914f6cdd1du + 0x632be59bd9b4e019u;
}

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct dice dice_split(struct dice *dice)
{
    struct dice split;
    dice_seed(&split, dice_next(dice));
    return split;
}

uint32_t dice_below(struct dice *dice, uint32_t below)
{
    return (uint32_t)(((dice_next(dice) >> 32) * below) >> 32);
}

uint64_t dice_between(struct dice *dice, uint64_t from, uint64_t to)
{
    return from + dice_next(dice) % (to - from + 1);
}

bool dice_in(struct dice *dice, uint32_t thousandths)
{
    return dice_below(dice, 1000) < thousandths;
}

void dice_bytes(struct dice *dice, void *out, size_t size)
{
    uint8_t *at = out;
    while (size > 0) {
        uint64_t value = dice_next(dice);
        size_t part = size < sizeof value ? size : sizeof value;
        memcpy(at, &value, part);
        at += part;
        size -= part;
    }
}

/* ---- behind libsodium: its interface has no context, hence these two ---- */

static struct dice own;
static struct dice *current = &own;

static const char *sodium_name(void)
{
    return "fora-sim";
}

static uint32_t sodium_random(void)
{
    return (uint32_t)dice_next(current);
}

static void sodium_buf(void *const out, const size_t size)
{
    dice_bytes(current, out, size);
}

static struct randombytes_implementation implementation = {
    .implementation_name = sodium_name,
    .random = sodium_random,
    .buf = sodium_buf,
};

void dice_install(void)
{
    dice_seed(&own, 0);
    (void)randombytes_set_implementation(&implementation);
}

void dice_use(struct dice *dice)
{
    current = dice;
}
