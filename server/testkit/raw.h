/* Bytes at a node's port without the manners of a session: for those who mean harm. */
#ifndef FORAD_TESTKIT_RAW_H
#define FORAD_TESTKIT_RAW_H

#include "bench/world.h"
#include "fora/message.h"
#include "fora/noise.h"

struct kit_raw {
    int fd;
    struct fora_noise *noise; /* after the handshake; owned */
};

/* Connects; with `narrow` the socket's buffers are as small as can be. */
void kit_raw_open(struct kit_raw *raw, const char *address, bool narrow);
void kit_raw_close(struct kit_raw *raw);
/* False when the node has closed, or takes nothing for `wait_ms`. */
bool kit_raw_write(struct kit_raw *raw, struct fora_bytes bytes, int wait_ms);
/* Reads and throws away until the node closes; false when it does not within `wait_ms`. */
bool kit_raw_closed(struct kit_raw *raw, int wait_ms);

/* The Noise handshake as an initiator should do it. */
void kit_raw_shake(struct kit_raw *raw, const uint8_t secret[32]);
/* Encrypts and sends plaintext, in messages of the greatest size. As kit_raw_write. */
bool kit_raw_say(struct kit_raw *raw, struct fora_bytes plain, int wait_ms);
/* An acceptable Hello: of a node, or of a client when `self` is NULL. */
bool kit_raw_hello(struct kit_raw *raw, const struct bench_node *self);

#endif
