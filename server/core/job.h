/*
 * Jobs: the work that the loop's thread hands away (DESIGN section 4). A job is a value: it carries
 * its input, is run by any thread (job_run touches the store and the job, nothing else), and
 * carries its output back to the node. The simulator runs jobs in line, the daemon on a pool.
 *
 *   VERIFY   hash and signature of a batch                        any number at once
 *   COMMIT   admit and store verified batches, one transaction    one writing job at a time
 *   ROWS     bring thread rows up to date                         writing
 *   SWEEP    remove what is not admitted any more                 writing
 *   PEERS    keep what is known of other nodes                    writing
 *   STANDING count what members did, and state it                 writing
 *   WRITE    an operation: account, vote, space, subscription     writing
 *   QUERY    answer a request from a read transaction             any number at once
 *   PASSWORD Argon2id: 64 MiB each, so few at once                at most two at once
 *   ASK      other people's web servers (resolve.h)               at most two, elsewhere
 */
#ifndef FORAD_CORE_JOB_H
#define FORAD_CORE_JOB_H

#include "core/attempts.h"
#include "core/env.h"

enum job_type {
    JOB_VERIFY,
    JOB_COMMIT,
    JOB_ROWS,
    JOB_SWEEP,
    JOB_PEERS,
    JOB_STANDING,
    JOB_WRITE,
    JOB_QUERY,
    JOB_PASSWORD,
    JOB_ASK,
    JOB_TYPES
};

/* Who asks: copied from the connection when the job is made. */
struct asker {
    uint64_t conn;          /* connection number, 0: the node itself */
    uint64_t request;       /* request number */
    uint32_t reconcile_max; /* bytes of a Negentropy message that it takes */
    bool is_node;
    bool known;   /* a member of this node, or a node in a lane that it earned (REP-15); else a
                     stranger */
    bool limited; /* a node that nobody approved: it brings what is in spaces that it hosts */
    struct fora_principal_id node;
    bool is_member; /* logged in, */
    bool by_key;    /* by a proof of a key of her log, and as long as that speaks for her: */
    struct fora_key key;
    struct fora_principal_id member;
    bool has_account; /* here; anybody can make a principal, and is logged in with its key */
    bool is_admin;
    bool custodial;            /* the node signs for the member */
    uint8_t channel[64];       /* the session's handshake hash, for Auth */
    uint8_t remote_static[32]; /* the Noise key of the other side, for Hello */
};

/* A batch of objects on its way through verify and commit. Owned by the node, then by the job that
 * has it. */
struct batch {
    struct batch *next;
    struct batch *order_next; /* of the same connection, in order of arrival */
    bool verified;            /* else the commit does it first */
    struct asker asker;
    enum commit_source source;
    uint32_t origin;
    bool wants_result;         /* a PutResult answers it */
    size_t frame_size;         /* credit to give back when it is done */
    bool low;                  /* of a newcomer: counts in node->inflight_low too */
    struct fora_buf bytes;     /* owned: the encoded objects, one after the other */
    struct commit_item *items; /* owned: objects borrow from `bytes` */
    size_t count;
    size_t begin; /* items before it are committed, */
    size_t end;   /* those before this one by the next commit; turns.c */
    bool has_cursor;
    struct commit_cursor cursor;
    struct commit_batch part; /* borrows from the above, while it is committed */
    struct fora_buf then; /* owned: an encoded request to run as a QUERY afterwards; may be empty */
};

struct known;           /* known.h */
struct peers_save;      /* peers.h */
struct deliveries_save; /* delivery.h */
struct notice_plan;     /* notice.h */

struct job {
    struct job *next;
    enum job_type type;
    const struct node_env *env;
    struct asker asker;
    uint64_t now;
    int code; /* 0, or why it failed */
    /* VERIFY: one; COMMIT: a list */
    struct batch *batches;
    struct commit_result result; /* COMMIT, WRITE, SWEEP, STANDING */
    struct changed_logs changed; /* COMMIT, WRITE: logs that were added to; owned */
    uint64_t logs_changed;       /* of the node, when the job was taken */
    bool again;                  /* Auth, Hello: of a session that goes on; nothing is answered */
    struct fora_buf proof;       /* Auth, Hello: to be asked again (proof.h); owned */
    uint64_t behind;             /* ROWS */
    size_t step;                 /* ROWS, SWEEP: objects looked at, about */
    bool stranger;               /* counted among those of strangers (turns.c) */
    bool gives_way;              /* theirs, read while others are active */
    bool lists; /* ListThreads, ListSpaces: rows that are about to come come first */
    bool more;  /* SWEEP, STANDING, GetThread: another step */
    /* WRITE, QUERY, PASSWORD: the request, encoded with its length, and the answers, encoded with
     * theirs */
    struct fora_buf request;
    struct fora_buf answer;
    size_t max_bytes;  /* of the answer, for Follow */
    size_t counted;    /* bytes, among those of its connection or the node's; 0: among none */
    struct job_login { /* what a request changed about the connection */
        bool set;
        struct asker asker;
    } login;
    struct batch *made; /* objects that a request made (Compose): to be verified and committed */
    struct attempt attempt;        /* PASSWORD */
    struct job_write_state *state; /* PASSWORD hands its result to WRITE; owned */
    store_seq *authors;            /* GetThread: whose logs were sent; owned */
    size_t authors_count;
    bool linked; /* subscriptions changed */
    bool peered; /* Peering was done: what was decided */
    struct fora_msg_peering peering;
    struct peers_save *peers; /* PEERS: owned; this or the next may be NULL */
    struct deliveries_save *deliveries;
    struct known *known;        /* Follow: what the asker has; shared */
    struct notice_plan *notice; /* Notice: owned */
    bool puts;                  /* the answer is put to the peer and not sent */
    bool keyed;                 /* Reconcile: by short fingerprints (REP-24) */
    uint8_t key[FORA_NEG_KEY_SIZE];
    bool lacking; /* nothing is compared: which contents are wanted of the peer (OBJ-11)? */
    /* replication (peer.c): what a reconciliation step found */
    struct fora_object_id *have;
    size_t have_count;
    struct fora_object_id *need;
    size_t need_count;
    struct reconcile_check { /* of the set, for a caught-up follower */
        uint64_t count;
        uint8_t fingerprint[16];
    } set;
    uint64_t position; /* Follow, GetThread: after what was read */
    uint64_t head;     /* Follow: of the set */
    uint32_t set_number;
    bool hosts;  /* Follow: the asker is a host of the space */
    bool founds; /* GetDelivery: the object is the first statement of its space */
};

/* Does it take a write transaction? One of those is out at a time. */
bool job_writes(enum job_type type);
void job_run(struct job *job);
struct job *job_new(
    enum job_type type, const struct node_env *env, const struct asker *asker, uint64_t now);
void job_free(struct job *job);
/* A job that goes on where one left off that said `more`; takes its request over. NULL: no memory.
 */
struct job *job_continue(struct job *job);

/* Objects are copied; each is decoded when it is verified. NULL: no memory. */
struct batch *batch_new(const struct asker *asker, enum commit_source source,
    const struct fora_bytes *objects, size_t count);
void batch_free(struct batch *batch);
/* Fills code of each item: 0 or why it is refused. Of a batch with more than FORGED_MAX forged
 * objects the rest is not looked at (FORA_E_OVERLOAD): its connection ends (REP-19). */
void batch_verify(struct batch *batch);
enum { FORGED_MAX = 64 };
bool batch_forged(const struct commit_item *item);

/* The bodies of the jobs that answer requests. Each appends answers to job->answer; what they
 * return becomes an Error frame when it is not 0. */
int query_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;
int write_run(
    struct job *job, const struct fora_message *request, struct fora_arena *arena) FORA_MUST_USE;
int password_run(struct job *job, const struct fora_message *request) FORA_MUST_USE;

/* Appends an answer to the job's request. */
int job_answer(struct job *job, struct fora_message *answer) FORA_MUST_USE;
/* How many bytes of objects an answer may have that could have `most`: fewer where the asker gives
 * way, so that whoever waits for this piece of work waits for a small one. */
enum { ANSWER_GIVES_WAY = 64 * 1024 };
size_t job_answer_room(const struct job *job, size_t most);

#endif
