/*
 * The other end of a connection to a node: blocking, with deadlines, and prepared for the node to
 * die at any moment. FORA_E_CLOSED is an answer like others here.
 */
#ifndef FORAD_TESTKIT_PEER_H
#define FORAD_TESTKIT_PEER_H

#include "bench/world.h"
#include "fora/session.h"

enum {
    KIT_UNANSWERED = 1 /* code of an object whose PutResult has not come */
};

struct kit_peer;

/* `self`: a node's keys, or NULL for a client without a name. `credit`: bytes that the node may
 * send unread; 0: 8 MiB. FORA_E_CLOSED, FORA_E_TIMEOUT after ten seconds, or the code with which
 * the node ended the session. */
int kit_peer_open(struct kit_peer **out, const char *address, const struct bench_node *self,
    uint64_t credit) FORA_MUST_USE;
void kit_peer_close(struct kit_peer *peer); /* NULL is fine */
int kit_peer_fd(const struct kit_peer *peer);
struct fora_session *kit_peer_session(struct kit_peer *peer);

/* Sends a Put as soon as there is credit. `codes` has an entry for each object: KIT_UNANSWERED now,
 * later 0 or the code; it must live until the peer is closed. */
int kit_peer_put(struct kit_peer *peer, const struct fora_bytes *objects, int *codes,
    size_t count) FORA_MUST_USE;
/* Moves bytes both ways, waiting at most `wait_ms` for the first. 0 or why the connection ended. */
int kit_peer_turn(struct kit_peer *peer, int wait_ms) FORA_MUST_USE;
size_t kit_peer_outstanding(const struct kit_peer *peer); /* Puts without their result */
/* Until nothing is outstanding; FORA_E_TIMEOUT. */
int kit_peer_drain(struct kit_peer *peer, unsigned seconds) FORA_MUST_USE;

/* Queues a request and writes what the socket takes, without reading. FORA_E_CREDIT. */
int kit_peer_send(struct kit_peer *peer, struct fora_message *request) FORA_MUST_USE;
/* One request, one answer: borrowed until the next call. An Error frame gives its code. */
int kit_peer_call(struct kit_peer *peer, struct fora_message *request, uint32_t type,
    unsigned seconds, const struct fora_message **answer) FORA_MUST_USE;

#endif
