/*
 * Who may send which message (spec/08-session.md, the table of SES-30), as data.
 *
 * The session refuses what its other side may not send; whether a request needs a login is for the
 * node to check, by the same table.
 */
#ifndef FORA_MESSAGE_RULES_H
#define FORA_MESSAGE_RULES_H

#include "fora/message.h"

enum fora_message_use {
    FORA_USE_CONTROL, /* of the session itself; no credit */
    FORA_USE_REQUEST, /* carries a number of its sender's */
    FORA_USE_ANSWER   /* carries the number of the request */
};

/* Bits: what the sender is. A side is a node when its Hello names one. */
enum fora_message_sender {
    FORA_SENDER_CLIENT = 1, /* a client, to a node */
    FORA_SENDER_PEER = 2,   /* a node, to a node */
    FORA_SENDER_NODE = 4    /* a node, to a client */
};

enum fora_message_auth {
    FORA_AUTH_NONE,
    FORA_AUTH_MEMBER, /* a client must have had an AuthOk; peers are known by their Hello */
    FORA_AUTH_ADMIN   /* a client whose AuthOk says admin */
};

struct fora_message_rule {
    uint32_t type; /* enum fora_message_type */
    uint8_t use;
    uint8_t senders;
    uint8_t auth;    /* requests */
    bool many;       /* answers: several frames may answer one request */
    uint32_t answer; /* requests: the type that answers it, besides Error; 0: none */
};

/* NULL for a type without a rule (FORA_MSG_NONE, unknown numbers). Static storage. */
const struct fora_message_rule *fora_message_rule(uint32_t type);

/* What a sender is: one of enum fora_message_sender, or 0 between two clients. */
uint8_t fora_message_sender(bool sender_is_node, bool receiver_is_node);

#endif
