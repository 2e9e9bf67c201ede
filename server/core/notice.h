/*
 * Notices (REP-20 to REP-23): how a mention reaches the home of who is mentioned when that node
 * does not hold the space.
 *
 *   a member's object is stored ── QUERY: whose homes are elsewhere? ── Notice to the first of each
 *                                                                       that is connected
 *   an object comes by replication ── QUERY: whose home was this node? ── Notice to where she is
 *   a Notice comes ── quota ── QUERY: shape, keys, whom ─┬─ WRITE: kept for who is at home here ──
 * Ok └─ Notice, forwarded, to where she went
 *
 * Nothing waits: who is not connected is not told (best effort).
 *
 * Kept in table NOTICES, which is no index but a source:
 *
 *   'm' member number -> format, object id, sequence, sender, the Notice     (of the member 16
 * bytes) 'o' number        -> member, size: the order in which they came, of all 's' -> bytes of
 * all
 *
 * The sequence is that of the last object when it came, so that what waits for somebody is in one
 * order. The oldest goes: of a member, and of all.
 */
#ifndef FORAD_CORE_NOTICE_H
#define FORAD_CORE_NOTICE_H

#include "core/job.h"
#include "core/write.h"
#include "fora/content.h"

enum {
    NOTICE_BYTES_MAX = 128 * 1024, /* object and log together */
    NOTICE_LOG_MAX = 64,           /* entries, with the profile */
    NOTICE_HOMES_MAX = 4,          /* of one member: her home, and the last ones before */
    NOTICE_TARGETS_MAX = FORA_MENTIONS_MAX * NOTICE_HOMES_MAX,
    NOTICE_AGE_MAX_MS = 86400000, /* of what comes by replication: catching up tells nothing old */
    NOTICES_MEMBER_MAX = 64,
    NOTICES_BYTES_MAX = 32 * 1024 * 1024
};

/* What a QUERY found out, for the loop to do. */
struct notice_plan {
    bool keep;      /* who is mentioned has her home here: the Notice is to be kept */
    bool forwarded; /* it was told by somebody already: whoever gets it sends it no further */
    struct fora_space_id space;
    struct notice_target {
        struct fora_principal_id node;
        uint8_t whom; /* which mention: the first of hers that is connected gets it */
    } targets[NOTICE_TARGETS_MAX];
    size_t count;
};

/* The QUERY of a Notice: of a peer's, or with connection 0 of an object that was stored here, of
 * which the Notice is then made into job->answer: by a member here, or `forwarded`, by replication.
 * Fills job->notice. */
int notice_run(struct job *job, struct kv_txn *txn, const struct fora_msg_notice *request,
    struct fora_arena *arena) FORA_MUST_USE;

/* The WRITE: keeps it, for each who is mentioned and at home here. */
write_fn write_notice;

/* The last kept for a member below `below` (UINT64_MAX: the last). False: none. Slices are borrowed
 * from the transaction. */
struct notice_kept {
    uint64_t number;
    store_seq seq;
    struct fora_object_id id;
    struct fora_principal_id from;
    struct fora_bytes frame;
};
bool notices_before(struct kv_txn *txn, const struct fora_principal_id *member, uint64_t below,
    struct notice_kept *out);
/* Calls each principal at home here whom the content mentions; non-zero ends it and is returned. */
int notice_at_home(struct kv_txn *txn, const struct fora_principal_id *self,
    const struct fora_object *object,
    int (*each)(void *context, const struct fora_principal_id *member), void *context);

#endif
