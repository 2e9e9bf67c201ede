/* The table of SES-30: every message of fora/v1/session.proto. */
#include "fora/message_rules.h"

enum {
    C = FORA_SENDER_CLIENT,
    P = FORA_SENDER_PEER,
    N = FORA_SENDER_NODE,
};

#define CONTROL(name)                                                                              \
    {                                                                                              \
        FORA_MSG_##name, FORA_USE_CONTROL, C | P | N, FORA_AUTH_NONE, false, FORA_MSG_NONE         \
    }
#define REQUEST(name, senders, auth, answer)                                                       \
    {                                                                                              \
        FORA_MSG_##name, FORA_USE_REQUEST, senders, FORA_AUTH_##auth, false, FORA_MSG_##answer     \
    }
#define ANSWER(name, senders, many)                                                                \
    {                                                                                              \
        FORA_MSG_##name, FORA_USE_ANSWER, senders, FORA_AUTH_NONE, many, FORA_MSG_NONE             \
    }

static const struct fora_message_rule rules[] = {
    CONTROL(HELLO),
    CONTROL(ERROR),
    CONTROL(CREDIT),
    REQUEST(AUTH, C, NONE, AUTH_OK),
    ANSWER(AUTH_OK, N, false),
    CONTROL(PING),
    CONTROL(PONG),
    REQUEST(PUT, C | P, MEMBER, PUT_RESULT),
    ANSWER(PUT_RESULT, P | N, false),
    REQUEST(FETCH, C | P, NONE, OBJECTS),
    ANSWER(OBJECTS, P | N, false),
    REQUEST(FOLLOW, C | P, NONE, FOLLOW_BATCH),
    ANSWER(FOLLOW_BATCH, P | N, true),
    REQUEST(RECONCILE, C | P, NONE, RECONCILE_REPLY),
    ANSWER(RECONCILE_REPLY, P | N, false),
    REQUEST(CANCEL, C | P, NONE, NONE),
    REQUEST(FOLLOW_ACK, C | P, NONE, NONE),
    REQUEST(LIST_SPACES, C | P, NONE, SPACES),
    ANSWER(SPACES, P | N, false),
    REQUEST(LIST_THREADS, C, NONE, THREADS),
    ANSWER(THREADS, N, false),
    REQUEST(GET_THREAD, C | P, NONE, THREAD_OBJECTS),
    ANSWER(THREAD_OBJECTS, P | N, true),
    REQUEST(GET_PRINCIPAL, C | P, NONE, PRINCIPAL_OBJECTS),
    ANSWER(PRINCIPAL_OBJECTS, P | N, false),
    REQUEST(LIST_FLAGS, C, MEMBER, OBJECTS),
    REQUEST(GET_DELIVERY, C, NONE, DELIVERY),
    ANSWER(DELIVERY, N, false),
    REQUEST(INTRODUCE, P, NONE, OK),
    REQUEST(NOTICE, P, NONE, OK),
    REQUEST(SIGN_UP, C, NONE, AUTH_OK),
    REQUEST(LOGIN, C, NONE, AUTH_OK),
    REQUEST(COMPOSE, C, MEMBER, PUT_RESULT),
    REQUEST(VOTE, C, MEMBER, VOTE_RESULT),
    ANSWER(VOTE_RESULT, N, false),
    REQUEST(REPORT, C, MEMBER, PUT_RESULT),
    REQUEST(TAKE_OUT, C, MEMBER, TAKEN_OUT),
    ANSWER(TAKEN_OUT, N, false),
    REQUEST(GET_RECEIPTS, C | P, NONE, OBJECTS),
    REQUEST(RESOLVE, C, MEMBER, RESOLVED),
    ANSWER(RESOLVED, N, false),
    REQUEST(GET_CREDENTIAL, C, NONE, CREDENTIAL),
    ANSWER(CREDENTIAL, N, false),
    REQUEST(LIST_MENTIONS, C, MEMBER, MENTIONS),
    ANSWER(MENTIONS, N, false),
    REQUEST(GET_STATUS, C, NONE, NODE_STATUS),
    ANSWER(NODE_STATUS, N, false),
    REQUEST(SUBSCRIBE, C, ADMIN, OK),
    REQUEST(UNSUBSCRIBE, C, ADMIN, OK),
    REQUEST(CREATE_SPACE, C, ADMIN, SPACE_CREATED),
    ANSWER(SPACE_CREATED, N, false),
    ANSWER(OK, P | N, false),
    REQUEST(CLAIM, C, ADMIN, OK),
    REQUEST(PEERING, C, ADMIN, OK),
};

const struct fora_message_rule *fora_message_rule(uint32_t type)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].type == type)
            return &rules[i];
    }
    return NULL;
}

uint8_t fora_message_sender(bool sender_is_node, bool receiver_is_node)
{
    if (!sender_is_node)
        return receiver_is_node ? FORA_SENDER_CLIENT : 0;
    return receiver_is_node ? FORA_SENDER_PEER : FORA_SENDER_NODE;
}
