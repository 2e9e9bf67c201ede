/*
 * Lanes (REP-15): what a node may bring that is connected, and how much. lane.c decides who is in
 * which, and moves them when something changes; quota.c counts.
 */
#ifndef FORAD_CORE_LANE_H
#define FORAD_CORE_LANE_H

#include "core/peers.h"
#include "fora/time.h"

struct node;
struct conn;
struct batch;

/* From what may least to what may most. */
enum peer_lane {
    LANE_BLOCKED,
    LANE_REFUSED,
    LANE_WAITING,
    LANE_NEWCOMER,
    LANE_INTRODUCED,
    LANE_KNOWN,
    LANE_APPROVED,
    LANE_OWN
};

enum {
    LANE_SHARED_TIMES = 4,     /* of a newcomer's budget: what one node's introduced ones share */
    LANE_NEWCOMERS_TIMES = 10, /* all newcomers together */
    LANE_INTRODUCED_MAX = 16   /* that one node vouches for */
};
#define LANE_INTRODUCED_MS (30 * FORA_DAY_MS)

const char *lane_name(enum peer_lane lane);
enum peer_lane lane_of(const struct node *node, const struct peer *peer);
/* On the block list, or blocked by an admin? */
bool lane_blocked(const struct node *node, const struct fora_principal_id *id);
/* The connection's node was verified: it gets its record and its lane, or FORA_E_REFUSED when it is
 * blocked, FORA_E_OVERLOAD when no further node can be known. */
int lane_enter(struct node *node, struct conn *conn) FORA_MUST_USE;
void lane_leave(struct node *node, struct conn *conn);
/* Something was decided, or changed by itself: every connection gets the lane that it has now. */
void lane_review(struct node *node);
/* A batch that a peer brought was stored or refused. */
void lane_settled(struct node *node, struct conn *conn, const struct batch *batch);
/* An admin decided: to be called when the decision is durable. */
void lane_decided(struct node *node, const struct fora_msg_peering *peering);
/* A peer vouches. 0, or why not. */
int lane_introduced(
    struct node *node, struct conn *conn, const struct fora_msg_introduce *introduce);
/* Tells the peer whom this node vouches for. */
void lane_introduce(struct node *node, struct conn *conn);
/* At the introducer's word, and while it lasts. */
struct peer *lane_introducer(const struct node *node, const struct peer *peer);

/* ---- quotas of peers (REP-17), by the peer's lane ---- */

void quota_peer_take(struct node *node, struct conn *conn, size_t objects, size_t bytes);
/* 0, or for how many ms nothing is taken from it. */
uint64_t quota_peer_wait(struct node *node, struct conn *conn);
bool quota_peer_any(struct node *node, struct conn *conn);

/* ---- quotas of members ---- */

enum { QUOTA_CHAINS = 256, QUOTA_MEMBERS_MAX = 4096 };

struct quota_member;
struct quotas {
    struct quota_member *chains[QUOTA_CHAINS];
    size_t count;
    struct bucket guests_objects, guests_bytes; /* of all members who have no account here */
};
enum { QUOTA_GUESTS_TIMES = 10 /* of one member's quota: anybody can be many such members */ };

/* Takes from the member's buckets, and when she has no account here from those of all who have
 * none: 0, or in how many ms there will be something again. */
uint64_t quota_member_take(struct node *node, const struct fora_principal_id *member, bool account,
    size_t objects, size_t bytes);
/* The same of the questions that the node puts to others for the member. */
uint64_t quota_member_ask(
    struct node *node, const struct fora_principal_id *member, const struct bucket_rate *rate);
void quotas_fini(struct quotas *quotas);

#endif
