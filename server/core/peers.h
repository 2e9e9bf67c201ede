/*
 * The nodes that this one knows (REP-15 to REP-18): what an admin decided about each, how it
 * behaved, who introduced it, what it may still bring. One record for a node, however many
 * connections it has.
 *
 *   table PEERS: principal of the node -> struct peer_record
 *
 * The table is read at the start and held in memory whole. Decisions are written by the job that
 * takes them; what else changes is written now and then (peers_save), since losing some counts does
 * no harm. A node that never brought anything and that nobody decided about is not written at all:
 * names without number cost the disk nothing. In memory there are at most PEERS_MAX; of those that
 * are neither connected nor decided about one goes: first a name without number, then who was seen
 * longest ago. So many names do not take from a node that is away what it has earned (REP-16).
 */
#ifndef FORAD_CORE_PEERS_H
#define FORAD_CORE_PEERS_H

#include "core/bucket.h"
#include "fora/message.h"
#include "store/kv.h"
#include "store/schema.h"

enum {
    PEERS_MAX = 8192,
    PEERS_CHAINS = 1024,
    PEERS_SAVE = 256,
    PEER_CODES = 16,
    PEER_NAME_MAX = 100
};

/* What is kept over restarts. Times are ms. */
struct peer_record {
    struct fora_principal_id node;
    uint8_t decision; /* FORA_PEERING_NONE, _APPROVE, _REFUSE or _BLOCK */
    bool vouched;     /* introduced by us to our peers */
    uint64_t first_seen;
    uint64_t last_seen;
    uint64_t taken_since; /* when its first object was taken; 0: none was */
    uint64_t accepted;    /* objects that were new here */
    uint64_t refused;
    struct fora_principal_id introducer; /* zeros: nobody */
    uint64_t introduced_until;
    char name[PEER_NAME_MAX + 1]; /* as its identity says; not clean */
};

void peer_record_put(struct kv_txn *txn, const struct peer_record *record);
bool peer_record_get(
    struct kv_txn *txn, const struct fora_principal_id *node, struct peer_record *out);
void peer_record_delete(struct kv_txn *txn, const struct fora_principal_id *node);
/* `each` returns non-zero to stop, which is returned. */
int peer_records_each(struct kv_txn *txn,
    int (*each)(void *context, const struct peer_record *record), void *context) FORA_MUST_USE;

struct peer {
    struct peer *next; /* of the chain */
    struct peer_record record;
    bool dirty;
    bool dialled;   /* at an address that this node called */
    unsigned conns; /* that are open */
    struct bucket objects, bytes;
    struct bucket shared_objects, shared_bytes; /* of all that it introduced */
    uint64_t blocked;                           /* times that it was turned away */
    struct peer_refusals {
        int code;
        uint64_t count;
    } refusals[PEER_CODES]; /* since the start; the last stands for all others when it is full */
    /* Totals of connections that have ended. */
    uint64_t bytes_in, bytes_out, objects_in, objects_out, refused;
};

struct peers {
    struct peer *chains[PEERS_CHAINS];
    size_t count;
    struct bucket newcomers_objects, newcomers_bytes; /* of all of them together */
    struct fora_principal_id gone[PEERS_SAVE];        /* made room, and may have been written */
    size_t gone_count;
    bool dirty;
    uint64_t save_at;
};

int peers_load(struct peers *peers, struct kv *kv) FORA_MUST_USE;
void peers_fini(struct peers *peers);
struct peer *peers_find(const struct peers *peers, const struct fora_principal_id *node);
/* Finds or makes it; NULL without memory, or when all PEERS_MAX are connected or decided about. */
struct peer *peers_get(struct peers *peers, const struct fora_principal_id *node, uint64_t now);
/* All of them; NULL to begin with, NULL at the end. Costs what there are. */
struct peer *peers_next(const struct peers *peers, const struct peer *peer);
void peer_refusal(struct peer *peer, int code);
void peer_changed(struct peers *peers, struct peer *peer);
/* What a decision makes of a record. False: it is none. */
bool peer_decide(struct peer_record *record, uint32_t decision);

/* What is to be written: a copy of at most PEERS_SAVE records that have changed, which count as
 * unchanged then, and the names of those that made room. NULL: nothing, or no memory. free() frees
 * it. */
struct peers_save {
    struct peer_record records[PEERS_SAVE];
    size_t count;
    struct fora_principal_id gone[PEERS_SAVE];
    size_t gone_count;
};
struct peers_save *peers_take_changed(struct peers *peers);
void peers_write(struct kv_txn *txn, const struct peers_save *save);

#endif
