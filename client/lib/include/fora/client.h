/*
 * libfora-client: one synchronous connection to a node.
 *
 * For programs that ask and wait: connect, prove a member, call. The protocol itself is libfora's
 * sans-I/O session; this library owns the socket, the clock and the waiting. A value is used by one
 * thread at a time; two values are independent.
 *
 *     struct fora_client *client;
 *     struct fora_client_why why;
 *     const struct fora_message *answer;
 *     struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
 *     if (fora_client_open(&client, &(struct fora_client_options){.address = "host:7150"}, &why))
 *         fprintf(stderr, "%s\n", why.text);
 *     else if (fora_client_call(client, &ask, FORA_MSG_SPACES, &answer, &why) == 0)
 *         ... answer->u.spaces ...
 *     fora_client_close(client);
 *
 * A node is who its identity log says: opening checks every signature of the log in its Hello, and
 * that the log names the very Noise key of this connection (spec/07-transport.md). Who must be met
 * is said by the caller, in `expected` or in the address itself.
 */
#ifndef FORA_CLIENT_H
#define FORA_CLIENT_H

#include "fora/identity.h"
#include "fora/message.h"

enum {
    FORA_CLIENT_PORT = 7150,
    FORA_CLIENT_HOST_MAX = 254,
    FORA_CLIENT_ADDRESS_MAX = FORA_CLIENT_HOST_MAX + 10 /* "[host]:65535" and NUL */
};

/* Why a call failed: a code of error.h, and sentences for people. The text may quote the node:
 * treat it as foreign. */
struct fora_client_why {
    int code;
    bool from_node;       /* the node refused it with an Error frame */
    uint32_t retry_after; /* seconds; 0: not said */
    char text[700];
};

/* An address taken apart: "host", "host:port", "[v6]:port", "v6", each with "foran1...@" before it
 * to say who must be met there. */
struct fora_client_address {
    char host[FORA_CLIENT_HOST_MAX];
    uint16_t port;
    bool pinned;
    struct fora_principal_id node; /* when pinned */
};

/* FORA_E_USAGE with a sentence that says what is wrong. */
int fora_client_address_parse(
    struct fora_client_address *out, const char *text, struct fora_client_why *why) FORA_MUST_USE;
/* "host:port" or "[v6]:port", without the pin. */
void fora_client_address_format(
    char out[FORA_CLIENT_ADDRESS_MAX], const struct fora_client_address *address);

struct fora_client_options {
    const char *address;
    const struct fora_principal_id *expected; /* who must be met; NULL: whoever proves itself */
    const char *agent;                        /* "name/version"; NULL: "libfora-client" */
    uint64_t connect_timeout_ms;              /* name, TCP, handshake, Hello; 0: 10 s */
    uint64_t call_timeout_ms;                 /* for each frame of an answer; 0: 30 s */
};

struct fora_client; /* opaque */

/*
 * Connects and meets the node. FORA_E_USAGE (address), FORA_E_IO (name or TCP), FORA_E_TIMEOUT,
 * FORA_E_HANDSHAKE, FORA_E_IDENTITY (not who was expected, or it cannot prove who it is),
 * FORA_E_NOMEM. Strings of `options` are borrowed during the call only.
 */
int fora_client_open(struct fora_client **out, const struct fora_client_options *options,
    struct fora_client_why *why) FORA_MUST_USE;
/* The same over a socket that is connected already, which the client then owns (also on error). */
int fora_client_open_socket(struct fora_client **out, int socket,
    const struct fora_client_options *options, struct fora_client_why *why) FORA_MUST_USE;
void fora_client_close(struct fora_client *client); /* NULL is fine */

/* What the node proved: its id and its folded log (node_info holds name and addresses). Borrowed
 * until close. */
const struct fora_principal_id *fora_client_node(const struct fora_client *client);
const struct fora_identity *fora_client_node_identity(const struct fora_client *client);
/* The log's entries, encoded, as its Hello had them. Borrowed until close. */
const struct fora_bytes *fora_client_node_log(const struct fora_client *client, size_t *count);
/* Its Hello, without the log. Borrowed until close. */
const struct fora_msg_hello *fora_client_hello(const struct fora_client *client);

/*
 * Proves a member to the node by signing the handshake's hash with `key`: a device key, or a
 * session key that a login named. `identity` is the member's log as encoded objects, or none when
 * the node knows her. *answer is borrowed until the next call. FORA_E_AUTH and what call gives.
 */
int fora_client_auth(struct fora_client *client, const struct fora_principal_id *principal,
    const struct fora_secret *key, const struct fora_bytes *identity, size_t identity_count,
    const struct fora_msg_auth_ok **answer, struct fora_client_why *why) FORA_MUST_USE;

/*
 * Asks and waits for one frame. The request number is filled in. *answer is borrowed until the next
 * call on the client. An Error frame is a failure: its code, with why->from_node. An answer of a
 * type that `expected` does not name is FORA_E_MALFORMED (0: take any). FORA_E_TIMEOUT,
 * FORA_E_CLOSED.
 */
int fora_client_call(struct fora_client *client, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer, struct fora_client_why *why) FORA_MUST_USE;

/* The two halves of it, for answers of several frames: start says the request's number, then each
 * receive gives the next frame of that request (0: of any), and takes back the one before. */
int fora_client_start(struct fora_client *client, struct fora_message *ask, uint64_t *request,
    struct fora_client_why *why) FORA_MUST_USE;
/* Waits `timeout_ms` (0: the client's own, UINT64_MAX: for ever). */
int fora_client_receive(struct fora_client *client, uint64_t request, uint64_t timeout_ms,
    const struct fora_message **answer, struct fora_client_why *why) FORA_MUST_USE;
/* Tells the node that no more is wanted; frames of it that still come are dropped. */
int fora_client_cancel(
    struct fora_client *client, uint64_t request, struct fora_client_why *why) FORA_MUST_USE;

/* Tells the node that the last FollowBatch of the request was dealt with, so that it sends more. */
int fora_client_follow_ack(
    struct fora_client *client, uint64_t request, struct fora_client_why *why) FORA_MUST_USE;

/* Fills `why` and returns its code: for code built on top of this library. */
int fora_client_fail(struct fora_client_why *why, int code, const char *format, ...)
    FORA_PRINTF(3, 4);

#endif
