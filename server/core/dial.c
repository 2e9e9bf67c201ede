/*
 * Whom the node dials: the addresses of its subscriptions (table LINKS), one connection each. After
 * a failure it waits twice as long as before, at most five minutes, plus up to a quarter by chance
 * so that many do not come at once.
 */
#include "core/links.h"
#include "core/node_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_FIRST_MS = 1000, WAIT_MAX_MS = 300 * 1000 };

struct dial_target *dial_of(struct node *node, const struct conn *conn)
{
    return conn->dial != 0 && conn->dial <= node->targets_count ? &node->targets[conn->dial - 1]
                                                                : NULL;
}

bool dial_linked(const struct node *node, const struct fora_principal_id *id)
{
    for (size_t i = 0; i < node->targets_count; i++) {
        const struct dial_target *target = &node->targets[i];
        if (target->wanted && memcmp(target->node.b, id->b, sizeof id->b) == 0) {
            return true;
        }
    }
    return false;
}

const struct fora_principal_id *dial_expects(const struct dial_target *target)
{
    return fora_id_is_zero(target->node.b) ? &target->met : &target->node;
}

void dial_now(struct node *node)
{
    for (size_t i = 0; i < node->targets_count; i++) {
        struct dial_target *target = &node->targets[i];
        if (!target->dialling) {
            target->next_dial = 0;
            target->failures = 0;
        }
    }
}

bool dial_wanted(const struct node *node, const struct conn *conn)
{
    return conn->dial != 0 && conn->dial <= node->targets_count &&
           node->targets[conn->dial - 1].wanted;
}

static struct dial_target *target_for(struct node *node, const char *address)
{
    for (size_t i = 0; i < node->targets_count; i++) {
        if (strcmp(node->targets[i].address, address) == 0) {
            return &node->targets[i];
        }
    }
    struct dial_target *grown =
        realloc(node->targets, (node->targets_count + 1) * sizeof *node->targets);
    if (grown == NULL) {
        return NULL;
    }
    node->targets = grown;
    struct dial_target *target = &node->targets[node->targets_count++];
    memset(target, 0, sizeof *target);
    snprintf(target->address, sizeof target->address, "%s", address);
    return target;
}

/* What was said of the last attempt does not hold for the next. */
static void at_once(struct dial_target *target)
{
    target->failures = 0;
    target->next_dial = 0;
    target->error[0] = 0;
}

static int load_subscription(void *context, const struct subscription *subscription)
{
    struct node *node = context;
    struct dial_target *target = target_for(node, subscription->address);
    struct fora_space_id *grown =
        target != NULL ? realloc(target->spaces, (target->spaces_count + 1) * sizeof *grown) : NULL;
    if (grown == NULL) {
        return FORA_E_NOMEM;
    }
    target->spaces = grown;
    target->spaces[target->spaces_count++] = subscription->space;
    target->wanted = true;
    if (!fora_id_is_zero(subscription->node.b)) {
        target->node = subscription->node;
    }
    return 0;
}

int dial_load(struct node *node)
{
    struct kv_txn *txn;
    int rc = kv_begin_read(node->env.kv, &txn);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < node->targets_count; i++) {
        node->targets[i].spaces_count = 0;
        node->targets[i].wanted = false;
        node->targets[i].before = node->targets[i].node;
        memset(&node->targets[i].node, 0, sizeof node->targets[i].node);
    }
    rc = links_each(txn, load_subscription, node);
    kv_abort(txn);
    for (size_t i = 0; i < node->targets_count && rc == 0; i++) {
        struct dial_target *target = &node->targets[i];
        struct conn *conn = node_conn(node, target->conn);
        if (!target->wanted ||
            memcmp(target->node.b, target->before.b, sizeof target->node.b) != 0) {
            at_once(target);
        }
        if (conn == NULL || !conn->checked) {
            continue;
        }
        if (target->wanted) {
            peer_follow_all(node, conn, target);
        } else {
            conn_fail(node, conn, 0);
        }
    }
    return rc;
}

const char *node_next_dial(struct node *node, uint64_t now, uint64_t *dial)
{
    node_time(node, now);
    for (size_t i = 0; i < node->targets_count; i++) {
        struct dial_target *target = &node->targets[i];
        if (target->wanted && !target->dialling && target->next_dial <= node->steady &&
            !lane_blocked(node, dial_expects(target))) {
            target->dialling = true;
            *dial = i + 1;
            return target->address;
        }
    }
    return NULL;
}

/* What the other side asked for comes first (SES-41), up to a day. */
static void wait_longer(struct node *node, struct dial_target *target, uint32_t retry_after)
{
    enum { RETRY_MAX_S = 24 * 60 * 60 };
    uint16_t chance;
    uint64_t wait = WAIT_FIRST_MS;
    for (unsigned i = 0; i < target->failures && wait < WAIT_MAX_MS; i++) {
        wait *= 2;
    }
    wait = wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS;
    fora_random(&chance, sizeof chance);
    wait += wait * chance / (4 * 65536);
    uint64_t asked = (uint64_t)(retry_after < RETRY_MAX_S ? retry_after : RETRY_MAX_S) * 1000;
    target->next_dial = node->steady + (asked > wait ? asked : wait);
    target->failures++;
    target->dialling = false;
    target->conn = 0;
}

void node_dial_failed(struct node *node, uint64_t dial, const char *why, uint64_t now)
{
    node_time(node, now);
    if (dial == 0 || dial > node->targets_count) {
        return;
    }
    struct dial_target *target = &node->targets[dial - 1];
    snprintf(target->error, sizeof target->error, "%s", why);
    wait_longer(node, target, 0);
    node_say(node, target->failures == 1 ? 4 : 7, "peer", NULL, 0, "cannot connect to %s: %s",
        target->address, why);
}

void dial_closed(struct node *node, struct conn *conn, int code)
{
    struct dial_target *target = dial_of(node, conn);
    if (target != NULL) {
        if (!target->explained) {
            snprintf(target->error, sizeof target->error, "%s",
                code != 0 ? fora_error_text(code) : "the connection ended");
        }
        target->explained = false;
        wait_longer(node, target, conn->retry_after);
    }
}

void dial_fini(struct node *node)
{
    for (size_t i = 0; i < node->targets_count; i++) {
        free(node->targets[i].spaces);
    }
    free(node->targets);
}
