/* Rows of peers: connections first, then addresses without one, then nodes that are away. */
#include "core/peer_status.h"

#include "core/links.h"
#include "store/sets.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BEHIND_S = 5 /* shorter is how things travel, and not worth a word */ };

struct rows {
    struct node *node;
    struct kv_txn *txn;
    struct fora_arena *arena;
    struct fora_msg_node_status *status;
};

static struct fora_msg_peer_row *row_add(struct rows *rows)
{
    struct fora_msg_node_status *status = rows->status;
    return status->peers_count < STATUS_ROWS_MAX ? &status->peers[status->peers_count++] : NULL;
}

FORA_PRINTF(5, 6)
static void say(const struct rows *rows, struct fora_msg_peer_row *row, const char *health,
    bool once, const char *format, ...)
{
    char text[300];
    va_list args;
    if (once && row->why.size > 0) {
        return; /* the first reason is the one that matters */
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    row->health = fora_bytes_str(health);
    row->why = fora_arena_copy(rows->arena, fora_bytes_str(text));
}

/* "1,204" */
static const char *counted(char out[32], uint64_t number)
{
    char plain[24];
    int size = snprintf(plain, sizeof plain, "%llu", (unsigned long long)number);
    char *at = out;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            *at++ = ',';
        }
        *at++ = plain[i];
    }
    *at = '\0';
    return out;
}

static uint64_t seconds_since(const struct node *node, uint64_t steady)
{
    return node->steady > steady ? (node->steady - steady) / 1000 : 0;
}

static uint64_t seconds_until(const struct node *node, uint64_t steady)
{
    return steady > node->steady ? (steady - node->steady + 999) / 1000 : 0;
}

/* "40/s", or per minute when that would be none. */
static const char *rate_text(char out[48], uint64_t a_minute)
{
    char number[32];
    bool fast = a_minute >= 60;
    (void)snprintf(
        out, 48, "%s/%s", counted(number, fast ? a_minute / 60 : a_minute), fast ? "s" : "min");
    return out;
}

/* ---- what is known of the node ---- */

static void fill_record(const struct rows *rows, const struct peer *peer, enum peer_lane lane,
    struct fora_msg_peer_row *row)
{
    const struct peer_record *record = &peer->record;
    row->node = record->node;
    row->name = fora_arena_copy(rows->arena, fora_bytes_str(record->name));
    row->lane = fora_bytes_str(lane_name(lane));
    row->known_since = record->first_seen;
    row->accepted = record->accepted;
    if (record->introduced_until > rows->node->now) {
        row->introduced_by = record->introducer;
    }
    row->refusals = fora_arena_zalloc(rows->arena, PEER_CODES, sizeof *row->refusals);
    for (size_t i = 0; i < PEER_CODES && row->refusals != NULL && peer->refusals[i].count > 0;
         i++) {
        row->refusals[i].code = fora_error_to_wire(peer->refusals[i].code);
        row->refusals[i].count = peer->refusals[i].count;
        row->refusals_count++;
    }
}

static const char *blocked_by(const struct peer *peer)
{
    return peer->record.decision == FORA_PEERING_BLOCK ? "blocked by an admin" : "block list";
}

static void say_lane(const struct rows *rows, const struct peer *peer, enum peer_lane lane,
    struct fora_msg_peer_row *row)
{
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_NODE, peer->record.node.b);
    if (lane == LANE_BLOCKED) {
        say(rows, row, "blocked", true, "refused: %s", blocked_by(peer));
    } else if (lane == LANE_REFUSED && peer->record.decision == FORA_PEERING_REFUSE) {
        say(rows, row, "blocked", true, "nothing is taken from it: refused by an admin");
    } else if (lane == LANE_REFUSED) {
        say(rows, row, "blocked", true, "refused: this node takes no peers (peering)");
    } else if (lane == LANE_WAITING) {
        say(rows, row, "waiting", true, "waits: forad peers approve %s, or refuse", id);
    }
}

/* ---- a connection ---- */

static uint64_t serve_lag(const struct rows *rows, const struct serve *serve)
{
    struct set_info set;
    uint64_t head = serve->head;
    if (serve->set != 0 && sets_get(rows->txn, serve->set, &set)) {
        head = set.head; /* as it is, not as it was when it was last read for the peer */
    }
    return head > serve->confirmed ? head - serve->confirmed : 0;
}

static void fill_serves(
    const struct rows *rows, const struct conn *conn, struct fora_msg_peer_row *row)
{
    for (const struct serve *serve = conn->serves; serve != NULL; serve = serve->next) {
        uint64_t since = serve->behind_since;
        uint64_t seconds = since != 0 ? seconds_since(rows->node, since) : 0;
        row->lag += serve_lag(rows, serve);
        row->lag_seconds = seconds > row->lag_seconds ? seconds : row->lag_seconds;
        row->spaces++;
    }
    row->lag_seconds = row->lag > 0 ? row->lag_seconds : 0;
}

static bool is_served(const struct conn *conn, const struct fora_space_id *space)
{
    const struct serve *serve = conn->serves;
    while (serve != NULL && memcmp(serve->space.b, space->b, sizeof space->b) != 0) {
        serve = serve->next;
    }
    return serve != NULL;
}

static void fill_follows(
    const struct rows *rows, const struct conn *conn, struct fora_msg_peer_row *row)
{
    const struct node *node = rows->node;
    for (const struct follow *follow = conn->follows; follow != NULL; follow = follow->next) {
        row->spaces += !is_served(conn, &follow->space);
        row->behind += follow->head > follow->position ? follow->head - follow->position : 0;
        row->behind += follow->need_count - follow->need_at;
        if (follow->request == 0 && follow->refused != 0) {
            row->next_try = seconds_until(node, follow->retry_at);
            say(rows, row, "limited", true, "it does not let itself be followed: %s",
                fora_error_text(follow->refused));
        } else if (follow->paused && follow->retry_at != UINT64_MAX) {
            row->next_try = seconds_until(node, follow->retry_at);
            say(rows, row, "limited", true, "over its quota as %s: fetched from again in %llu s",
                lane_name(conn->lane), (unsigned long long)row->next_try);
        }
    }
}

/* Only when no reason was found that explains it. */
static void say_progress(
    const struct rows *rows, const struct conn *conn, struct fora_msg_peer_row *row)
{
    char number[32], rate[48];
    bool lags = row->lag > 0 && row->lag_seconds >= BEHIND_S;
    if (conn->put_at > rows->node->steady) {
        row->next_try = seconds_until(rows->node, conn->put_at);
        say(rows, row, "limited", true, "it takes nothing now: offered again in %llu s",
            (unsigned long long)row->next_try);
    }
    if (lags && conn->meter_out.rate == 0) {
        say(rows, row, "behind", true, "behind %s objects, and has taken none for %llu s",
            counted(number, row->lag), (unsigned long long)row->lag_seconds);
    } else if (lags) {
        row->rate = conn->meter_out.rate;
        say(rows, row, "behind", true, "behind %s objects: it takes %s", counted(number, row->lag),
            rate_text(rate, row->rate));
    }
    if (row->behind > 0 && conn->meter_in.rate > 0) {
        row->rate = conn->meter_in.rate;
        uint64_t left = row->behind * 60 / row->rate + 1;
        say(rows, row, "behind", true, "%s objects to fetch at %s: about %llu s left",
            counted(number, row->behind), rate_text(rate, row->rate), (unsigned long long)left);
    } else if (row->behind > 0) {
        say(rows, row, "behind", true, "%s objects to fetch", counted(number, row->behind));
    }
    say(rows, row, "good", true, row->spaces > 0 ? "in step" : "no space in common");
}

static void row_of_conn(struct rows *rows, const struct conn *conn)
{
    const struct dial_target *target = dial_of(rows->node, conn);
    struct fora_msg_peer_row *row = row_add(rows);
    if (row == NULL) {
        return;
    }
    if (conn->peer != NULL) {
        fill_record(rows, conn->peer, conn->lane, row);
    } else {
        row->node = conn->asker.node;
    }
    if (target != NULL) {
        row->address = fora_bytes_str(target->address);
        row->error = fora_bytes_str(target->error);
    }
    row->direction = fora_bytes_str(conn->dial != 0 ? "out" : "in");
    row->state = fora_bytes_str(conn->checked ? "connected" : "connecting");
    row->bytes_in = conn->bytes_in;
    row->bytes_out = conn->bytes_out;
    row->objects_in = conn->objects_in;
    row->objects_out = conn->objects_out;
    row->refused = conn->refused;
    if (!conn->checked) {
        say(rows, row, "waiting", true, "the handshake is under way");
        return;
    }
    if (conn->peer != NULL) {
        say_lane(rows, conn->peer, conn->lane, row);
    }
    fill_serves(rows, conn, row);
    fill_follows(rows, conn, row);
    say_progress(rows, conn, row);
}

/* ---- without a connection ---- */

/* Of all connections that ended, since the node started. */
static void fill_sums(const struct peer *peer, struct fora_msg_peer_row *row)
{
    row->bytes_in = peer->bytes_in;
    row->bytes_out = peer->bytes_out;
    row->objects_in = peer->objects_in;
    row->objects_out = peer->objects_out;
    row->refused = peer->refused;
}

static void row_of_target(struct rows *rows, const struct dial_target *target)
{
    struct fora_msg_peer_row *row = row_add(rows);
    const struct fora_principal_id *id = dial_expects(target);
    const struct peer *peer = peers_find(&rows->node->peers, id);
    if (row == NULL) {
        return;
    }
    if (peer != NULL) {
        fill_record(rows, peer, lane_of(rows->node, peer), row);
        fill_sums(peer, row);
    }
    row->node = *id;
    row->address = fora_bytes_str(target->address);
    row->spaces = (uint32_t)target->spaces_count;
    row->state = fora_bytes_str(target->dialling ? "connecting" : "waiting");
    row->error = fora_bytes_str(target->error);
    if (lane_blocked(rows->node, id)) {
        row->lane = fora_bytes_str(lane_name(LANE_BLOCKED));
        say(rows, row, "blocked", true, "not called: %s",
            peer != NULL ? blocked_by(peer) : "block list");
        return;
    }
    row->next_try = target->dialling ? 0 : seconds_until(rows->node, target->next_dial);
    if (target->error[0] == '\0') {
        say(rows, row, "waiting", true, "is being called");
    } else {
        say(rows, row, "down", true, "cannot be reached: %.200s; next try in %llu s", target->error,
            (unsigned long long)row->next_try);
    }
}

static bool is_called(const struct node *node, const struct fora_principal_id *id)
{
    for (size_t i = 0; i < node->targets_count; i++) {
        const struct dial_target *target = &node->targets[i];
        if (target->wanted && node_conn(node, target->conn) == NULL &&
            memcmp(dial_expects(target)->b, id->b, sizeof id->b) == 0) {
            return true;
        }
    }
    return false;
}

static void row_of_away(struct rows *rows, const struct peer *peer)
{
    enum peer_lane lane = lane_of(rows->node, peer);
    struct fora_msg_peer_row *row;
    bool matters =
        peer->record.decision != FORA_PEERING_NONE || peer->record.vouched || lane <= LANE_WAITING;
    if (!matters || is_called(rows->node, &peer->record.node) || (row = row_add(rows)) == NULL) {
        return;
    }
    fill_record(rows, peer, lane, row);
    row->state = fora_bytes_str("away");
    fill_sums(peer, row);
    if (lane == LANE_BLOCKED && peer->blocked > 0) {
        say(rows, row, "blocked", true, "refused: %s; turned away %llu times", blocked_by(peer),
            (unsigned long long)peer->blocked);
    }
    say_lane(rows, peer, lane, row);
    say(rows, row, "good", true, "not connected");
}

void peer_status(struct node *node, struct kv_txn *txn, struct fora_arena *arena,
    struct fora_msg_node_status *status)
{
    struct rows rows = {node, txn, arena, status};
    status->peers = fora_arena_zalloc(arena, STATUS_ROWS_MAX, sizeof *status->peers);
    if (status->peers == NULL) {
        return;
    }
    for (const struct conn *conn = node->conns; conn != NULL; conn = conn->next) {
        if (conn->asker.is_node || conn->dial != 0) {
            row_of_conn(&rows, conn);
        }
    }
    for (size_t i = 0; i < node->targets_count; i++) {
        const struct dial_target *target = &node->targets[i];
        if (target->wanted && node_conn(node, target->conn) == NULL) {
            row_of_target(&rows, target);
        }
    }
    for (const struct peer *peer = peers_next(&node->peers, NULL); peer != NULL;
         peer = peers_next(&node->peers, peer)) {
        if (peer->conns == 0) {
            row_of_away(&rows, peer);
        }
    }
}
