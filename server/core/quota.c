/*
 * Counting what peers and members bring (REP-17). A peer draws on its own buckets and on those that
 * it shares: a newcomer with all newcomers, an introduced node with all that the same node
 * introduced.
 */
#include "core/lane.h"
#include "core/node_impl.h"

#include <stdlib.h>
#include <string.h>

struct pool {
    struct bucket *objects, *bytes;
    struct bucket_rate objects_rate, bytes_rate;
};

enum { POOLS_MAX = 2 };

static void pool_set(struct pool *pool, struct bucket *objects, struct bucket *bytes,
    uint64_t objects_hour, uint64_t bytes_day)
{
    *pool = (struct pool){.objects = objects,
        .bytes = bytes,
        .objects_rate = {objects_hour, FORA_HOUR_MS},
        .bytes_rate = {bytes_day, FORA_DAY_MS}};
}

static bool pool_any(const struct pool *pool, uint64_t now)
{
    bool objects = bucket_any(pool->objects, &pool->objects_rate, now);
    return bucket_any(pool->bytes, &pool->bytes_rate, now) && objects;
}

/* In how many ms there is something in both again. */
static uint64_t pool_wait(const struct pool *pool, uint64_t now)
{
    uint64_t objects = bucket_wait(pool->objects, &pool->objects_rate, now);
    uint64_t bytes = bucket_wait(pool->bytes, &pool->bytes_rate, now);
    return objects > bytes ? objects : bytes;
}

static void pool_take(const struct pool *pool, size_t objects, size_t bytes, uint64_t now)
{
    bucket_take(pool->objects, &pool->objects_rate, objects, now);
    bucket_take(pool->bytes, &pool->bytes_rate, bytes, now);
}

/* What the connection draws on: none when it has no quota. */
static size_t pools_of(struct node *node, struct conn *conn, struct pool pools[POOLS_MAX])
{
    const struct node_limits *limits = &node->env.limits;
    uint64_t objects = limits->newcomer_objects_hour, bytes = limits->newcomer_bytes_day;
    struct peer *peer = conn->peer;
    struct peer *introducer;
    if (peer == NULL) {
        return 0;
    }
    switch (conn->lane) {
    case LANE_OWN:
    case LANE_APPROVED:
        return 0;
    case LANE_KNOWN:
        pool_set(&pools[0], &peer->objects, &peer->bytes, limits->peer_objects_hour,
            limits->peer_bytes_day);
        return 1;
    case LANE_INTRODUCED:
        introducer = lane_introducer(node, peer);
        if (introducer != NULL) {
            pool_set(&pools[0], &introducer->shared_objects, &introducer->shared_bytes,
                LANE_SHARED_TIMES * objects, LANE_SHARED_TIMES * bytes);
            return 1;
        }
        break;
    case LANE_BLOCKED:
    case LANE_REFUSED:
    case LANE_WAITING:
    case LANE_NEWCOMER:
        break;
    }
    pool_set(&pools[0], &peer->objects, &peer->bytes, objects, bytes);
    pool_set(&pools[1], &node->peers.newcomers_objects, &node->peers.newcomers_bytes,
        LANE_NEWCOMERS_TIMES * objects, LANE_NEWCOMERS_TIMES * bytes);
    return 2;
}

void quota_peer_take(struct node *node, struct conn *conn, size_t objects, size_t bytes)
{
    struct pool pools[POOLS_MAX];
    size_t count = pools_of(node, conn, pools);
    for (size_t i = 0; i < count; i++) {
        pool_take(&pools[i], objects, bytes, node->now);
    }
}

bool quota_peer_any(struct node *node, struct conn *conn)
{
    struct pool pools[POOLS_MAX];
    size_t count = pools_of(node, conn, pools);
    bool any = true;
    for (size_t i = 0; i < count; i++) {
        any = pool_any(&pools[i], node->now) && any;
    }
    return any;
}

uint64_t quota_peer_wait(struct node *node, struct conn *conn)
{
    struct pool pools[POOLS_MAX];
    size_t count = pools_of(node, conn, pools);
    uint64_t wait = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t one = pool_wait(&pools[i], node->now);
        wait = one > wait ? one : wait;
    }
    return wait;
}

/* ---- members ---- */

struct quota_member {
    struct quota_member *next;
    struct fora_principal_id member;
    struct bucket objects, bytes;
    struct bucket questions; /* that others are asked for her */
    uint64_t seen;
};

static struct quota_member **place_of(struct quotas *quotas, const struct fora_principal_id *member)
{
    struct quota_member **at = &quotas->chains[key_be32(member->b) % QUOTA_CHAINS];
    while (*at != NULL && memcmp((*at)->member.b, member->b, sizeof member->b) != 0) {
        at = &(*at)->next;
    }
    return at;
}

/* The one that was seen longest ago: its buckets are the fullest. */
static void make_room(struct quotas *quotas)
{
    struct quota_member **oldest = NULL;
    for (size_t i = 0; i < QUOTA_CHAINS; i++) {
        for (struct quota_member **at = &quotas->chains[i]; *at != NULL; at = &(*at)->next) {
            oldest = oldest == NULL || (*at)->seen < (*oldest)->seen ? at : oldest;
        }
    }
    if (oldest != NULL) {
        struct quota_member *gone = *oldest;
        *oldest = gone->next;
        quotas->count--;
        free(gone);
    }
}

/* NULL: no memory. */
static struct quota_member *quota_of(struct node *node, const struct fora_principal_id *member)
{
    struct quotas *quotas = &node->quotas;
    struct quota_member **place = place_of(quotas, member);
    if (*place == NULL && quotas->count >= QUOTA_MEMBERS_MAX) {
        make_room(quotas);
        place = place_of(quotas, member);
    }
    if (*place == NULL) {
        *place = calloc(1, sizeof **place);
        if (*place == NULL) {
            return NULL;
        }
        (*place)->member = *member;
        quotas->count++;
    }
    (*place)->seen = node->now;
    return *place;
}

uint64_t quota_member_take(struct node *node, const struct fora_principal_id *member, bool account,
    size_t objects, size_t bytes)
{
    const struct node_limits *limits = &node->env.limits;
    struct quota_member *quota = quota_of(node, member);
    struct pool own, guests;
    if (quota == NULL) {
        return 1000;
    }
    pool_set(&own, &quota->objects, &quota->bytes, limits->member_objects_hour,
        limits->member_bytes_day);
    pool_set(&guests, &node->quotas.guests_objects, &node->quotas.guests_bytes,
        QUOTA_GUESTS_TIMES * limits->member_objects_hour,
        QUOTA_GUESTS_TIMES * limits->member_bytes_day);
    if (!pool_any(&own, node->now)) {
        return pool_wait(&own, node->now);
    }
    if (!account && !pool_any(&guests, node->now)) {
        return pool_wait(&guests, node->now);
    }
    pool_take(&own, objects, bytes, node->now);
    if (!account) {
        pool_take(&guests, objects, bytes, node->now);
    }
    return 0;
}

uint64_t quota_member_ask(
    struct node *node, const struct fora_principal_id *member, const struct bucket_rate *rate)
{
    struct quota_member *quota = quota_of(node, member);
    if (quota == NULL) {
        return 1000;
    }
    if (!bucket_any(&quota->questions, rate, node->now)) {
        return bucket_wait(&quota->questions, rate, node->now);
    }
    bucket_take(&quota->questions, rate, 1, node->now);
    return 0;
}

void quotas_fini(struct quotas *quotas)
{
    for (size_t i = 0; i < QUOTA_CHAINS; i++) {
        while (quotas->chains[i] != NULL) {
            struct quota_member *gone = quotas->chains[i];
            quotas->chains[i] = gone->next;
            free(gone);
        }
    }
    quotas->count = 0;
}
