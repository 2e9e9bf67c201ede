/* Nodes by id: chains, and who makes room. */
#include "core/peers.h"

#include <stdlib.h>
#include <string.h>

static size_t chain_of(const struct fora_principal_id *node)
{
    return key_be32(node->b) % PEERS_CHAINS;
}

struct peer *peers_find(const struct peers *peers, const struct fora_principal_id *node)
{
    struct peer *peer = peers->chains[chain_of(node)];
    while (peer != NULL && memcmp(peer->record.node.b, node->b, sizeof node->b) != 0) {
        peer = peer->next;
    }
    return peer;
}

static struct peer *chain_next(const struct peers *peers, size_t chain)
{
    while (chain < PEERS_CHAINS && peers->chains[chain] == NULL) {
        chain++;
    }
    return chain < PEERS_CHAINS ? peers->chains[chain] : NULL;
}

struct peer *peers_next(const struct peers *peers, const struct peer *peer)
{
    if (peer != NULL && peer->next != NULL) {
        return peer->next;
    }
    return chain_next(peers, peer == NULL ? 0 : chain_of(&peer->record.node) + 1);
}

static void peer_remove(struct peers *peers, struct peer *peer)
{
    struct peer **at = &peers->chains[chain_of(&peer->record.node)];
    while (*at != peer) {
        at = &(*at)->next;
    }
    *at = peer->next;
    peers->count--;
    free(peer);
}

/* Worth a place on the disk? One object is not: names cost nothing. */
static bool is_worth(const struct peer_record *record)
{
    enum { ACCEPTED_LEAST = 8 };
    return record->decision != FORA_PEERING_NONE || record->vouched ||
           record->accepted >= ACCEPTED_LEAST || record->introduced_until != 0;
}

/* Who goes first: a name without number, then who was seen longest ago. Names cost nothing, and
 * what a node earned in days must not go because many of them came while it was away. */
static bool goes_before(const struct peer *a, const struct peer *b)
{
    bool worth = is_worth(&a->record);
    if (worth != is_worth(&b->record)) {
        return !worth;
    }
    return a->record.last_seen < b->record.last_seen;
}

/* Of those that nobody decided about and that are not connected one goes. */
static bool make_room(struct peers *peers)
{
    struct peer *gone = NULL;
    for (struct peer *peer = peers_next(peers, NULL); peer != NULL;
         peer = peers_next(peers, peer)) {
        if (peer->conns == 0 && peer->record.decision == FORA_PEERING_NONE &&
            !peer->record.vouched && (gone == NULL || goes_before(peer, gone))) {
            gone = peer;
        }
    }
    if (gone == NULL) {
        return false;
    }
    if (is_worth(&gone->record) && peers->gone_count < PEERS_SAVE) {
        peers->gone[peers->gone_count++] = gone->record.node;
        peers->dirty = true;
    }
    peer_remove(peers, gone);
    return true;
}

static struct peer *peer_add(struct peers *peers, const struct peer_record *record)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer != NULL) {
        struct peer **chain = &peers->chains[chain_of(&record->node)];
        peer->record = *record;
        peer->next = *chain;
        *chain = peer;
        peers->count++;
    }
    return peer;
}

struct peer *peers_get(struct peers *peers, const struct fora_principal_id *node, uint64_t now)
{
    struct peer *peer = peers_find(peers, node);
    struct peer_record record = {.node = *node, .first_seen = now, .last_seen = now};
    if (peer != NULL) {
        return peer;
    }
    if (peers->count >= PEERS_MAX && !make_room(peers)) {
        return NULL;
    }
    return peer_add(peers, &record);
}

static int load_one(void *context, const struct peer_record *record)
{
    struct peers *peers = context;
    if (peers->count >= PEERS_MAX && (record->decision == FORA_PEERING_NONE || !make_room(peers))) {
        return 0;
    }
    return peer_add(peers, record) != NULL ? 0 : FORA_E_NOMEM;
}

int peers_load(struct peers *peers, struct kv *kv)
{
    struct kv_txn *txn;
    int rc = kv_begin_read(kv, &txn);
    if (rc == 0) {
        rc = peer_records_each(txn, load_one, peers);
        kv_abort(txn);
    }
    return rc;
}

void peers_fini(struct peers *peers)
{
    struct peer *peer;
    while ((peer = peers_next(peers, NULL)) != NULL) {
        peer_remove(peers, peer);
    }
}

void peer_refusal(struct peer *peer, int code)
{
    size_t i = 0;
    while (i < PEER_CODES - 1 && peer->refusals[i].count > 0 && peer->refusals[i].code != code) {
        i++;
    }
    if (peer->refusals[i].count == 0) {
        peer->refusals[i].code = code;
    }
    peer->refusals[i].count++;
}

void peer_changed(struct peers *peers, struct peer *peer)
{
    peer->dirty = true;
    peers->dirty = true;
}

bool peer_decide(struct peer_record *record, uint32_t decision)
{
    switch (decision) {
    case FORA_PEERING_APPROVE:
    case FORA_PEERING_REFUSE:
    case FORA_PEERING_BLOCK:
        record->decision = (uint8_t)decision;
        return true;
    case FORA_PEERING_FORGET:
        record->decision = FORA_PEERING_NONE;
        return true;
    case FORA_PEERING_INTRODUCE:
        record->vouched = true;
        return true;
    case FORA_PEERING_WITHDRAW:
        record->vouched = false;
        return true;
    default:
        return false;
    }
}

struct peers_save *peers_take_changed(struct peers *peers)
{
    struct peers_save *save = calloc(1, sizeof *save);
    for (struct peer *peer = save != NULL ? peers_next(peers, NULL) : NULL;
         peer != NULL && save->count < PEERS_SAVE; peer = peers_next(peers, peer)) {
        if (peer->dirty) {
            peer->dirty = false;
            if (is_worth(&peer->record)) {
                save->records[save->count++] = peer->record;
            }
        }
    }
    if (save == NULL) {
        return NULL;
    }
    memcpy(save->gone, peers->gone, peers->gone_count * sizeof *save->gone);
    save->gone_count = peers->gone_count;
    peers->gone_count = 0;
    peers->dirty = save->count == PEERS_SAVE; /* there may be more */
    if (save->count + save->gone_count == 0) {
        free(save);
        return NULL;
    }
    return save;
}

void peers_write(struct kv_txn *txn, const struct peers_save *save)
{
    for (size_t i = 0; i < save->gone_count; i++) {
        peer_record_delete(txn, &save->gone[i]);
    }
    for (size_t i = 0; i < save->count; i++) {
        peer_record_put(txn, &save->records[i]);
    }
}
