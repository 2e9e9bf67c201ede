/* Which requests are attempts (attempts.h), and what becomes of them. Times are of the steady
 * clock: who sets the clock forward does not get more of them. */
#include "core/accounts.h"
#include "core/node_impl.h"

#include <string.h>

static struct attempt_rates rates_of(const struct node *node)
{
    const struct node_limits *limits = &node->env.limits;
    return (struct attempt_rates){.source = {limits->address_failures_hour, FORA_HOUR_MS},
        .account = {limits->account_failures_hour, FORA_HOUR_MS},
        .accounts = {limits->registrations_hour, FORA_HOUR_MS}};
}

void node_source(struct node *node, uint64_t number, struct fora_bytes address)
{
    struct conn *conn = node_conn(node, number);
    if (conn != NULL && address.size <= sizeof conn->address) {
        conn->address_size = address.size;
        memcpy(conn->address, address.data, address.size);
    }
}

static uint64_t account_of(
    const struct node *node, const struct conn *conn, const struct fora_message *message)
{
    if (message->type == FORA_MSG_LOGIN) {
        return attempts_account(node->attempts, message->u.login.handle);
    }
    /* TakeOut: by the name that she logged in with on this connection, if she did. */
    return conn->account != 0 ? conn->account
                              : attempts_account(node->attempts,
                                    fora_bytes(conn->asker.member.b, sizeof conn->asker.member.b));
}

/* What would be refused without looking at the password is none. */
static bool is_attempt(const struct node *node, const struct fora_message *message)
{
    switch (message->type) {
    case FORA_MSG_SIGN_UP:
        return node->env.registration_open;
    case FORA_MSG_LOGIN:
        return password_valid(message->u.login.password);
    case FORA_MSG_TAKE_OUT:
        return password_valid(message->u.take_out.password);
    default:
        return false;
    }
}

uint64_t entry_take(struct node *node, struct conn *conn, const struct fora_message *message,
    struct attempt *attempt)
{
    const struct attempt_rates rates = rates_of(node);
    memset(attempt, 0, sizeof *attempt);
    if (!is_attempt(node, message)) {
        return 0;
    }
    if (node->attempts == NULL && attempts_new(&node->attempts) != 0) {
        return 1000;
    }
    if (conn->address_size > 0) {
        attempt->source =
            attempts_source(node->attempts, fora_bytes(conn->address, conn->address_size));
    }
    if (message->type != FORA_MSG_SIGN_UP) {
        attempt->account = account_of(node, conn, message);
    }
    return attempts_take(node->attempts, &rates, attempt, node->steady);
}

void entry_return(struct node *node, struct attempt *attempt)
{
    const struct attempt_rates rates = rates_of(node);
    if (attempt->taken) {
        attempts_return(node->attempts, &rates, attempt, node->steady);
    }
}

void entry_done(struct node *node, struct job *job)
{
    const struct attempt_rates rates = rates_of(node);
    struct attempt *attempt = &job->attempt;
    if (!attempt->taken) {
        return;
    }
    if (job->code == 0) {
        attempts_passed(node->attempts, &rates, attempt, node->steady);
    } else if (attempt->account == 0 || job->code != FORA_E_AUTH) {
        attempts_return(node->attempts, &rates, attempt, node->steady);
    }
}
