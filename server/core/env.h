/*
 * What the jobs of one node share: the store, the policies, the writer, the node's own keys and its
 * configuration. Read-only after the node is made, except what says otherwise.
 */
#ifndef FORAD_CORE_ENV_H
#define FORAD_CORE_ENV_H

#include "core/caches.h"
#include "core/commit.h"
#include "fora/message.h"

/* What other nodes may bring that connect to this one. Those that a subscription names may bring
 * anything; so may all others to an OPEN node, what is in spaces that they host by the policy held
 * here to an APPROVED one, nothing to a CLOSED one (which does not serve them either). */
enum peering_mode { PEERING_OPEN, PEERING_APPROVED, PEERING_CLOSED };

struct node_limits {
    uint32_t connections_max;       /* 12000 */
    uint32_t address_connections;   /* of one address; 0: no bound: 4000 */
    uint32_t requests_max;          /* of one connection at once: 64 */
    uint64_t client_credit;         /* bytes: 1 MiB */
    uint64_t peer_credit;           /* bytes: 4 MiB */
    uint64_t inflight_max;          /* bytes of objects on their way to the store, in all: 16 MiB */
    uint64_t buffers_max;           /* of buffers of who does not read, in all: 16 MiB */
    uint64_t pending_max;           /* bytes of objects that wait for others, in all: 8 MiB */
    uint32_t member_objects_hour;   /* of one member: 600 */
    uint64_t member_bytes_day;      /* of one member: 64 MiB; 0 here and below: no bound */
    uint32_t peer_objects_hour;     /* of a known peer: 36,000 */
    uint64_t peer_bytes_day;        /* of a known peer: 1 GiB */
    uint32_t newcomer_objects_hour; /* of a newcomer: 600 */
    uint64_t newcomer_bytes_day;    /* of a newcomer: 16 MiB */
    uint32_t newcomer_hours;        /* a newcomer stays one for: 24 */
    uint32_t newcomer_objects;      /* and until so many of its objects were taken: 200 */
    uint32_t address_failures_hour; /* wrong passwords from one address: 30; 0: no bound */
    uint32_t account_failures_hour; /* at one account, from where nobody entered it: 60 */
    uint32_t registrations_hour;    /* new accounts, from one address a quarter: 300 */
    uint32_t reconcile_interval_s;  /* 600 */
    uint32_t standing_interval_s;   /* standings are issued that often; 0: never */
    uint32_t
        standing_editor_at; /* the standing from which on a member is made an EDITOR; 0: never */
    uint32_t standing_expert_at;
    uint32_t hello_timeout_ms; /* handshake and Hello are done by then: 10,000 */
    uint32_t idle_ms;          /* without input: a Ping, after twice that the end: 60,000 */
};
void node_limits_default(struct node_limits *limits);

/* Who asks other people's web servers for the node (DOM-8). Called by several threads at once,
 * which may wait. */
struct resolver {
    void *context;
    /* FORA_E_MALFORMED, ABSENT, QUOTA, NOMEM; CLOSED when it was stopped. */
    int (*resolve)(void *context, const struct fora_msg_resolve *ask, uint64_t now,
        struct fora_msg_resolved *out);
    /* Ends what is under way, and all that comes, soon. From any thread. */
    void (*stop)(void *context);
};

struct credential;

struct node_env {
    const struct resolver *resolver; /* borrowed; NULL: this node resolves no handles */
    /* Appends a credential as a line of JSON, signed (reputation/credential.h); NULL: this node
     * makes none. Called by several threads at once. */
    int (*credential)(struct fora_buf *out, const struct credential *credential,
        const struct fora_secret *secret);
    struct kv *kv;
    struct policies *policies;
    struct committer *committer;   /* used by the writing job only */
    struct fora_principal_id self; /* the node's principal */
    struct fora_secret *secret;    /* its device key */
    uint8_t custody[32]; /* master secret: custodial keys are derived from it (accounts.h) */
    char name[101];
    bool registration_open;
    enum peering_mode peering;
    struct node_limits limits;
};

#endif
