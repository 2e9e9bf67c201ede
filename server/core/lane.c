/*
 * Which lane a connected node is in (REP-15), and how it changes:
 *
 *   newcomer --objects, time (REP-16)--> known
 *   newcomer --Introduce (REP-18)--> introduced --objects, time--> known
 *   any --an admin's decision, a subscription--> approved, own, refused, blocked; and back
 *
 * A lane is never stored: it follows from the settings, the record, the subscriptions and the time.
 * What is kept on a connection is what it followed to at the last review.
 */
#include "core/lane.h"
#include "core/node_impl.h"

#include <stdio.h>
#include <string.h>

enum { REFUSED_SHARE = 20, BLOCKED_RETRY_S = 3600 };

const char *lane_name(enum peer_lane lane)
{
    static const char *const names[] = {
        "blocked", "refused", "waiting", "newcomer", "introduced", "known", "approved", "own"};
    return names[lane];
}

static bool listed(
    const struct fora_principal_id *list, size_t count, const struct fora_principal_id *node)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].b, node->b, sizeof node->b) == 0) {
            return true;
        }
    }
    return false;
}

static bool earned(const struct node *node, const struct peer_record *record)
{
    const struct node_limits *limits = &node->env.limits;
    uint64_t stay = (uint64_t)limits->newcomer_hours * FORA_HOUR_MS;
    return limits->newcomer_objects_hour == 0 ||
           (record->taken_since != 0 && record->accepted >= limits->newcomer_objects &&
               record->refused <= record->accepted / REFUSED_SHARE &&
               node->now >= record->taken_since && node->now - record->taken_since >= stay);
}

/* Without what others say of it: so introductions cannot lean on each other in a circle. */
static enum peer_lane standing_of(const struct node *node, const struct peer *peer)
{
    const struct peer_record *record = &peer->record;
    if (record->decision == FORA_PEERING_BLOCK ||
        listed(node->block, node->block_count, &record->node)) {
        return LANE_BLOCKED;
    }
    if (record->decision == FORA_PEERING_REFUSE) {
        return LANE_REFUSED;
    }
    if (peer->dialled || listed(node->allow, node->allow_count, &record->node) ||
        dial_linked(node, &record->node)) {
        return LANE_OWN;
    }
    if (node->env.peering == PEERING_CLOSED) {
        return LANE_REFUSED;
    }
    if (record->decision == FORA_PEERING_APPROVE) {
        return LANE_APPROVED;
    }
    if (node->env.peering == PEERING_APPROVED) {
        return LANE_WAITING;
    }
    return earned(node, record) ? LANE_KNOWN : LANE_NEWCOMER;
}

struct peer *lane_introducer(const struct node *node, const struct peer *peer)
{
    const struct peer_record *record = &peer->record;
    struct peer *introducer = NULL;
    if (record->introduced_until > node->now) {
        introducer = peers_find(&node->peers, &record->introducer);
    }
    return introducer != NULL && standing_of(node, introducer) >= LANE_KNOWN ? introducer : NULL;
}

enum peer_lane lane_of(const struct node *node, const struct peer *peer)
{
    enum peer_lane lane = standing_of(node, peer);
    bool introduced = lane == LANE_NEWCOMER && lane_introducer(node, peer) != NULL;
    return introduced ? LANE_INTRODUCED : lane;
}

bool lane_blocked(const struct node *node, const struct fora_principal_id *id)
{
    const struct peer *peer = peers_find(&node->peers, id);
    return listed(node->block, node->block_count, id) ||
           (peer != NULL && peer->record.decision == FORA_PEERING_BLOCK);
}

/* ---- connections ---- */

static void turn_away(struct node *node, struct conn *conn)
{
    struct dial_target *target = dial_of(node, conn);
    conn->peer->blocked++;
    if (target != NULL) { /* an address that was called without knowing who answers there */
        (void)snprintf(
            target->error, sizeof target->error, "the node that answers is blocked here");
        target->explained = true;
        target->met = conn->asker.node;
        conn->retry_after = BLOCKED_RETRY_S;
    }
    conn_fail_later(node, conn, FORA_E_REFUSED, BLOCKED_RETRY_S);
}

/* What it brings is taken again: what is subscribed to there is followed, and where it dialled,
 * what it follows here. */
static void follow_anew(struct node *node, struct conn *conn)
{
    struct dial_target *target = dial_of(node, conn);
    if (target != NULL && target->wanted) {
        peer_follow_all(node, conn, target);
    }
    for (const struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
        if (serve->set != 0 && serve->live && conn->dial == 0) {
            peer_follow(node, conn, &serve->space);
        }
    }
}

static void lane_set(struct node *node, struct conn *conn, enum peer_lane lane)
{
    bool before = conn->asker.limited;
    conn->lane = lane;
    conn->asker.limited = lane == LANE_REFUSED || lane == LANE_WAITING;
    conn->asker.known = lane >= LANE_KNOWN;
    if (lane == LANE_BLOCKED) {
        turn_away(node, conn);
    } else if (lane == LANE_REFUSED || (conn->asker.limited && !before)) {
        peer_follow_none(node, conn);
    } else if (!conn->asker.limited && before) {
        follow_anew(node, conn);
    }
}

int lane_enter(struct node *node, struct conn *conn)
{
    struct peer *peer = peers_get(&node->peers, &conn->asker.node, node->now);
    if (peer == NULL) {
        return FORA_E_OVERLOAD;
    }
    conn->peer = peer;
    peer->conns++;
    peer->dialled = peer->dialled || conn->dial != 0;
    peer->record.last_seen = node->now;
    snprintf(peer->record.name, sizeof peer->record.name, "%.*s", (int)conn->name_size, conn->name);
    peer_changed(&node->peers, peer);
    conn->lane = lane_of(node, peer);
    conn->asker.limited = conn->lane == LANE_REFUSED || conn->lane == LANE_WAITING;
    conn->asker.known = conn->lane >= LANE_KNOWN;
    if (conn->lane == LANE_BLOCKED) {
        turn_away(node, conn);
        return FORA_E_REFUSED;
    }
    return 0;
}

static bool dials(const struct node *node, const struct conn *gone)
{
    for (const struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn != gone && conn->peer == gone->peer && conn->dial != 0) {
            return true;
        }
    }
    return false;
}

void lane_leave(struct node *node, struct conn *conn)
{
    struct peer *peer = conn->peer;
    if (peer == NULL) {
        return;
    }
    peer->conns--;
    peer->bytes_in += conn->bytes_in;
    peer->bytes_out += conn->bytes_out;
    peer->objects_in += conn->objects_in;
    peer->objects_out += conn->objects_out;
    peer->refused += conn->refused;
    peer->record.last_seen = node->now;
    /* At an address that is not called any more it is a node like others; one that is called again
     * in a moment is not. */
    peer->dialled =
        peer->dialled && (conn->dial == 0 || dials(node, conn) || dial_wanted(node, conn));
    peer_changed(&node->peers, peer);
    conn->peer = NULL;
}

void lane_review(struct node *node)
{
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->peer == NULL || conn->closing) {
            continue;
        }
        enum peer_lane lane = lane_of(node, conn->peer);
        if (lane != conn->lane) {
            node_say(node, 6, "peer", conn, 0, "lane: %s, was %s", lane_name(lane),
                lane_name(conn->lane));
            lane_set(node, conn, lane);
        }
    }
}

void lane_settled(struct node *node, struct conn *conn, const struct batch *batch)
{
    struct peer *peer = conn->peer;
    if (peer == NULL) {
        return;
    }
    conn->meter_in.count += batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        const struct commit_item *item = &batch->items[i];
        if (item->code == 0) {
            known_add(&conn->known, &item->object.id);
            peer->record.accepted += !item->duplicate;
        } else if (item->code != FORA_E_PENDING) {
            peer->record.refused += item->code != FORA_E_SUPERSEDED;
            peer_refusal(peer, item->code);
            conn->refused++;
        }
    }
    if (peer->record.taken_since == 0 && peer->record.accepted > 0) {
        peer->record.taken_since = node->now;
    }
    peer_changed(&node->peers, peer);
    if (lane_of(node, peer) != conn->lane && !conn->closing) {
        lane_review(node);
    }
}

/* ---- decisions and introductions ---- */

static void introduce_one(struct node *node, struct conn *conn, const struct peer *peer)
{
    struct fora_message message = {.type = FORA_MSG_INTRODUCE};
    if (peer == conn->peer || conn->closing) {
        return;
    }
    message.request = fora_session_request(conn->session);
    message.u.introduce.node = peer->record.node;
    message.u.introduce.until = peer->record.vouched ? node->now + LANE_INTRODUCED_MS : 0;
    conn_send(node, conn, &message);
}

void lane_introduce(struct node *node, struct conn *conn)
{
    size_t count = 0;
    for (const struct peer *peer = peers_next(&node->peers, NULL);
         peer != NULL && count < LANE_INTRODUCED_MAX; peer = peers_next(&node->peers, peer)) {
        if (peer->record.vouched) {
            introduce_one(node, conn, peer);
            count++;
        }
    }
}

void lane_decided(struct node *node, const struct fora_msg_peering *peering)
{
    struct peer *peer = peers_get(&node->peers, &peering->node, node->now);
    if (peer == NULL || !peer_decide(&peer->record, peering->decision)) {
        return; /* it is durable, and holds from the next start on */
    }
    peer_changed(&node->peers, peer); /* the record that was written may have had older counts */
    lane_review(node);
    dial_now(node);
    if (peering->decision != FORA_PEERING_INTRODUCE && peering->decision != FORA_PEERING_WITHDRAW) {
        return;
    }
    for (struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->peer != NULL) {
            introduce_one(node, conn, peer);
        }
    }
}

static size_t introduced_by(const struct node *node, const struct fora_principal_id *introducer)
{
    size_t count = 0;
    for (const struct peer *peer = peers_next(&node->peers, NULL); peer != NULL;
         peer = peers_next(&node->peers, peer)) {
        count += peer->record.introduced_until > node->now &&
                 memcmp(peer->record.introducer.b, introducer->b, sizeof introducer->b) == 0;
    }
    return count;
}

int lane_introduced(
    struct node *node, struct conn *conn, const struct fora_msg_introduce *introduce)
{
    const struct fora_principal_id *from = &conn->asker.node;
    if (memcmp(introduce->node.b, from->b, sizeof from->b) == 0 ||
        memcmp(introduce->node.b, node->env.self.b, sizeof from->b) == 0) {
        return FORA_E_MALFORMED;
    }
    if (conn->lane < LANE_KNOWN) {
        return FORA_E_FORBIDDEN;
    }
    struct peer *peer = peers_find(&node->peers, &introduce->node);
    bool own = peer != NULL && memcmp(peer->record.introducer.b, from->b, sizeof from->b) == 0;
    if (introduce->until <= node->now) {
        if (own) {
            peer->record.introduced_until = 0;
            peer_changed(&node->peers, peer);
            lane_review(node);
        }
        return 0;
    }
    if (peer != NULL && !own && lane_introducer(node, peer) != NULL) {
        return 0; /* the first one stands */
    }
    if (!(own && peer->record.introduced_until > node->now) &&
        introduced_by(node, from) >= LANE_INTRODUCED_MAX) {
        return FORA_E_LIMIT;
    }
    peer = peers_get(&node->peers, &introduce->node, node->now);
    if (peer == NULL) {
        return FORA_E_OVERLOAD;
    }
    uint64_t most = node->now + LANE_INTRODUCED_MS;
    peer->record.introducer = *from;
    peer->record.introduced_until = introduce->until < most ? introduce->until : most;
    peer_changed(&node->peers, peer);
    lane_review(node);
    return 0;
}
