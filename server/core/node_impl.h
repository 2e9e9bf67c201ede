/* The node from within: what conn.c, peer.c, links.c, pending.c and status.c share. */
#ifndef FORAD_CORE_NODE_IMPL_H
#define FORAD_CORE_NODE_IMPL_H

#include "core/delivery.h"
#include "core/known.h"
#include "core/lane.h"
#include "core/node.h"
#include "core/pending.h"
#include "fora/session.h"

enum { SERVE_WINDOW = 64 /* batches of a follower that are not confirmed yet */ };

/* A follower of one of our sets on a connection. */
struct serve {
    struct serve *next;
    uint64_t request;
    struct fora_space_id space;
    uint32_t audience;
    uint8_t epoch[8];
    bool has_epoch;
    bool live;
    uint64_t held;     /* that the follower says it has */
    bool reading;      /* a QUERY is out */
    bool told;         /* that it has caught up */
    bool level;        /* it was caught up once on this connection, and said so */
    bool wanted;       /* something new may be there */
    uint64_t tell_at;  /* steady: when it is told of what was withheld; 0: nothing was */
    uint32_t set;      /* number; 0 before the first read */
    uint64_t position; /* read up to */
    uint64_t sent;     /* the last batch told of so much */
    uint64_t head;
    /* batches sent and not yet confirmed: a ring of their `next` positions */
    uint64_t unconfirmed[SERVE_WINDOW];
    uint16_t unconfirmed_objects[SERVE_WINDOW]; /* how many each has */
    size_t unconfirmed_first;
    size_t unconfirmed_count;
    uint64_t confirmed;    /* position up to which the follower has stored or refused */
    uint64_t behind_since; /* steady: when it was last level with the set; 0: it is */
};

/* A set that we follow on a connection. */
struct follow {
    struct follow *next;
    uint64_t request;  /* 0: refused or paused, asked again at retry_at */
    bool paused;       /* by this node itself: over the peer's quota, or nothing is taken from it */
    int refused;       /* why, or 0 */
    uint64_t retry_at; /* ms */
    struct fora_space_id space;
    uint32_t set;
    uint64_t position;
    uint64_t head;
    size_t outstanding; /* batches on their way to the store */
    bool caught_up;
    bool compare_due; /* at the next moment of being caught up */
    bool comparing;
    uint64_t compared_at;
    uint64_t lacking_at; /* steady: when the peer is asked for contents that are wanted */
    bool told;           /* the two below, since the last comparison */
    uint64_t last_count;
    uint8_t last_fingerprint[16];
    uint64_t reconcile; /* request that is out, or 0 */
    unsigned rounds;
    bool keyed; /* by short fingerprints, under a key of this reconciliation (REP-24) */
    uint8_t key[FORA_NEG_KEY_SIZE];
    struct fora_object_id *need; /* owned: to be fetched */
    size_t need_count;
    size_t need_at;
    uint64_t fetch;               /* request that is out, or 0 */
    struct fora_object_id *asked; /* owned: by it */
    size_t asked_count;
    unsigned barren;             /* Fetches in a row that brought nothing */
    struct fora_object_id *have; /* owned: to be put */
    size_t have_count;
    size_t have_at;
};

enum {
    PUTS_OPEN_MAX = 8,
    CANCELLED_MAX = 8,
    NOTICES_OPEN_MAX = 8,      /* Notices to one node that are not answered yet */
    ASKED_MAX = 32,            /* requests at once for what objects wait for */
    SERVE_BACKLOG = 256 * 1024 /* bytes that wait for credit: over it nothing is read for a peer */
};

/* How fast something goes: counted as it happens, looked at with each tick. */
struct meter {
    uint64_t count;
    uint64_t seen; /* of count, at the last look */
    uint64_t at;   /* steady */
    uint64_t rate; /* a minute, of the last half minute or so */
};

struct conn {
    uint64_t number;
    struct conn *next; /* of node->conns */
    struct conn **at;  /* what points here */
    struct fora_session *session;
    uint64_t dial; /* link + 1, or 0 for one that came in */
    struct asker asker;
    bool checked;   /* the node behind it was verified (or it is a client) */
    char name[100]; /* of that node, by its identity; not terminated */
    size_t name_size;
    size_t window; /* as SERVE_WINDOW, or less when the other side said so */
    bool open;
    bool closing;
    bool doubted; /* the log that it rests on changed, and nothing is taken until that is clear */
    struct fora_buf proof; /* what it rests on, by a log; empty: a password, or nothing */
    bool closed;           /* the transport ended: waits for its jobs */
    bool changed;          /* in the list of changed ones */
    struct conn *changed_next;
    bool waits; /* in the list of those that wait for room (conn_room) */
    struct conn *waits_next;
    unsigned jobs; /* out or queued */
    struct batch
        *order_first; /* in verification or waiting for one that is: commits keep their order */
    struct batch *order_last;
    size_t inflight;         /* bytes of frames that wait for the store */
    struct fora_buf backlog; /* frames that wait for credit, from backlog_at */
    size_t backlog_at;
    struct job *held; /* flow.c: queries that wait for their turn; owned */
    struct job **held_last;
    size_t held_bytes;
    unsigned held_count;
    unsigned running; /* queries in the queue or out */
    size_t running_bytes;
    size_t transport;  /* bytes that the shell holds for it */
    size_t cost;       /* bytes, as of the last look */
    uint64_t moved;    /* when it last wrote, or a frame came: of node->moves */
    uint64_t moved_at; /* steady: the same, or when it came on (flow.c) */
    uint64_t closing_at;
    bool broken; /* to be closed at once */
    struct serve *serves;
    struct follow *follows;
    unsigned serve_count;
    uint64_t opened_at;
    uint64_t objects_in, objects_out, refused, bytes_in, bytes_out;
    uint64_t forged;     /* objects that did not verify: who relays verifies before (REP-19) */
    unsigned attempts;   /* at passwords */
    uint8_t address[16]; /* where it comes from */
    size_t address_size; /* 0: not known */
    uint64_t account;    /* hash of the name that was logged in with, 0: none (attempts.h) */
    uint64_t puts_open[PUTS_OPEN_MAX]; /* requests, or 0 */
    uint64_t cancelled[CANCELLED_MAX]; /* the last requests that the other side took back */
    unsigned cancelled_next;
    bool putting;              /* what a peer lacks is being read */
    uint64_t asked[ASKED_MAX]; /* requests for what objects wait for that are out, or 0 */
    struct peer *peer;         /* of a node that was verified; NULL before */
    enum peer_lane lane;       /* as of the last review (lane.c) */
    uint64_t put_at;           /* steady: not to be put to before */
    uint64_t notices_open[NOTICES_OPEN_MAX]; /* requests, or 0 */
    uint64_t notice_at;                      /* steady: not to be told of mentions before */
    struct known *known;    /* objects that it offered; shared with jobs; NULL: none yet */
    uint32_t retry_after;   /* seconds: its Error 0 said so */
    struct meter meter_in;  /* objects of it that were dealt with here */
    struct meter meter_out; /* objects that it confirmed */
};

/* An address that the node keeps a connection to, with the spaces that it follows there. */
struct dial_target {
    char address[256];
    struct fora_principal_id node;   /* who must answer there; zeros: anybody */
    struct fora_principal_id met;    /* who answered the last time; zeros: nobody yet */
    struct fora_principal_id before; /* the same, while subscriptions are read again */
    struct fora_space_id *spaces;    /* owned */
    size_t spaces_count;
    uint64_t conn; /* 0: none */
    bool dialling;
    bool wanted;        /* still subscribed */
    uint64_t next_dial; /* ms */
    unsigned failures;
    char error[320]; /* of the last attempt; empty while all is well */
    bool explained;  /* it says more than how the connection ended */
};

struct job_queue {
    struct job *first;
    struct job **last;
};

/* Whose work goes first: turns.c. */
enum turn_name { TURN_KNOWN, TURN_STRANGER, TURNS };

struct turn {
    struct job_queue query, verify, password;
    struct batch *commits; /* verified, waiting for the writer */
    struct batch **commits_last;
    size_t objects;     /* in commits */
    size_t straight;    /* of them, those that the writer is to verify */
    size_t verifying;   /* objects in VERIFY jobs */
    unsigned next;      /* whose of the three queues it is */
    uint64_t active_at; /* of steady: when a frame came last; 0: never */
};

struct node {
    struct node_env env;
    struct fora_secret *secret_copy; /* owned */
    uint8_t noise_secret[32];
    struct fora_buf identity_bytes; /* owned */
    struct fora_bytes *identity;    /* owned list over identity_bytes */
    size_t identity_count;
    uint64_t now;        /* of the wall clock, as the last call said: it may jump */
    uint64_t steady;     /* the same at the start, and never goes back (node_time): of timers */
    uint64_t started_at; /* of steady */

    struct conn **slots; /* by number % limit */
    size_t slots_count;
    struct conn *conns; /* all that are in slots, by number: few as a rule, of many slots */
    struct conn **conns_last;
    size_t conns_count;
    uint64_t next_number;
    struct conn *changed;
    struct conn **changed_last;
    struct conn *waiting; /* for room in inflight: who waits longest is first */
    struct conn **waiting_last;

    struct job_queue write, lists;
    struct job_queue asks; /* resolve.c */
    unsigned asks_waiting, asks_out;
    struct turn turns[TURNS];
    size_t slice;           /* objects of a commit of strangers, while others wait */
    unsigned known_commits; /* since the last of strangers */
    unsigned known_reads;
    unsigned strangers_out; /* reading jobs */
    bool writing;
    unsigned passwords_out;
    size_t jobs_out;
    size_t inflight;
    size_t inflight_low; /* of it, what newcomers brought */
    uint64_t full_at;    /* steady: until then inflight was at its bound, and nothing was taken */
    size_t cost;         /* flow.c */
    uint64_t moves;
    bool rows_due;
    bool rows_out; /* they are being made: a list waits for that */
    bool sweep_due;
    uint64_t rows_at;      /* not before (ms) */
    uint64_t rows_rest_at; /* nor before this one, unless somebody asks for a list, */
    uint64_t rows_late_at; /* and with the tick after this one at the latest */
    uint64_t sweep_at;
    uint64_t standing_at; /* standings are counted and issued then (ms) */
    unsigned write_turn;  /* who is next */
    struct log_changes log_changes;
    size_t notices_wait; /* bytes of objects that others are perhaps to be told of */
    size_t rows_skipped; /* objects committed since the rows were last brought up to date */

    struct pending pending;
    struct peers peers;
    struct quotas quotas;
    struct attempts *attempts;       /* NULL: none yet */
    struct fora_principal_id *allow; /* owned: the lists of the settings */
    size_t allow_count;
    struct fora_principal_id *block;
    size_t block_count;
    uint64_t review_at; /* steady */
    struct deliveries deliveries;
    struct dial_target *targets; /* owned; numbers of targets are stable */
    size_t targets_count;

    struct node_event events[256];
    size_t events_first;
    size_t events_count;
    struct node_counters counters;
};

/* node.c */
void node_say(struct node *node, int level, const char *room, const struct conn *conn,
    uint64_t request, const char *format, ...) FORA_PRINTF(6, 7);
struct conn *node_conn(const struct node *node, uint64_t number);
void node_changed(struct node *node, struct conn *conn);
void node_time(struct node *node, uint64_t now); /* what every call begins with */

/* jobs.c */
void node_enqueue(struct node *node, struct job *job);
void node_query(struct node *node, struct job *job); /* to QUERY, its turn has come */

/* settle.c */
void node_submit(struct node *node, struct batch *batch);      /* to VERIFY */
void node_order_abandon(struct node *node, struct conn *conn); /* the connection goes */
/* A batch is on its way to the store. */
void node_inflight(struct node *node, struct conn *conn, struct batch *batch, size_t frame_size);

/* upkeep.c */
/* Rows that rested for long enough are made now. */
void node_rows_late(struct node *node);

/* turns.c */
void node_commit_later(struct node *node, struct batch *batch); /* verified: to COMMIT */
void job_queue_init(struct job_queue *queue);
void job_queue_push(struct job_queue *queue, struct job *job);
struct job *job_queue_pop(struct job_queue *queue); /* NULL: empty */
void job_queue_fini(struct job_queue *queue);
void turns_init(struct node *node);
void turns_fini(struct node *node);
void turns_saw(struct node *node, const struct conn *conn); /* a frame came */
/* Known peers or members and strangers were both active just now. */
bool turns_contended(const struct node *node);
void turns_push(struct node *node, struct job *job);
struct job *turns_take_reading(struct node *node); /* NULL: nothing may run */
void turns_reading_done(struct node *node, const struct job *job);
bool turns_commits(const struct node *node); /* something waits for the writer */
/* May a batch of at most `small` objects skip the queue of verification? */
bool turns_straight(const struct node *node, const struct batch *batch, size_t small);
/* The batch goes into a VERIFY job, and has come back from it. */
void turns_verify(struct node *node, const struct batch *batch);
void turns_verified(struct node *node, const struct batch *batch);
struct job *turns_take_commit(struct node *node);               /* NULL: nothing is ready */
void turns_commit_rest(struct node *node, struct batch *batch); /* of which a part is committed */
void turns_committed(struct node *node, const struct job *job);

/* entry.c */
/* Counts the request when it is an attempt: 0, or in how many ms there may be one. */
uint64_t entry_take(struct node *node, struct conn *conn, const struct fora_message *message,
    struct attempt *attempt);
void entry_return(struct node *node, struct attempt *attempt); /* it was not tried */
void entry_done(struct node *node, struct job *job);           /* a PASSWORD is back */

/* flow.c */
bool flow_takes_requests(const struct node *node, const struct conn *conn);
bool flow_session_room(const struct conn *conn);
void flow_account(struct node *node, struct conn *conn); /* after anything that changes its cost */
void flow_moved(struct node *node, struct conn *conn);
/* Bytes came, or the node did what was waited for: a known side's time begins anew. */
void flow_came_on(struct node *node, struct conn *conn);
void flow_query(struct node *node, struct conn *conn, struct job *job);
void flow_release(struct node *node, struct conn *conn); /* after answers have gone */
void flow_count(struct conn *conn, struct job *job);     /* among what it costs, until it is done */
void flow_job_done(struct node *node, struct conn *conn, const struct job *job);
void flow_drop(struct node *node, struct conn *conn); /* frees what waits for the connection */
void flow_tick(struct node *node, struct conn *conn);

/* conn.c */
void conn_pump(struct node *node, struct conn *conn);
/* There may be room in inflight again: who waits for it has it in turn. */
void conn_room(struct node *node);
void conn_send(struct node *node, struct conn *conn, const struct fora_message *message);
void conn_answer(struct node *node, struct conn *conn, struct fora_bytes frames);
void conn_error(struct node *node, struct conn *conn, uint64_t request, int code, const char *text);
void conn_fail(struct node *node, struct conn *conn, int code);
/* And it is not to come back for so many seconds. */
void conn_fail_later(struct node *node, struct conn *conn, int code, uint32_t retry_after);
/* An Error for a request, with when to ask again (ms). */
void conn_error_later(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait);
void conn_flush(struct node *node, struct conn *conn);
void conn_free(struct node *node, struct conn *conn);
size_t conn_backlog(const struct conn *conn);

/* dispatch.c: one request of the other side */
void conn_dispatch(
    struct node *node, struct conn *conn, const struct fora_message *message, size_t frame_size);
void conn_job_done(struct node *node, struct conn *conn, struct job *job);
void conn_batch_done(struct node *node, struct conn *conn, struct batch *batch);

/* peer.c */
void peer_checked(struct node *node, struct conn *conn);
void peer_serve(
    struct node *node, struct conn *conn, uint64_t request, const struct fora_msg_follow *follow);
void peer_serve_step(struct node *node, struct conn *conn);
/* With the tick: what was withheld is told when nothing else came. */
void peer_serve_tell(struct node *node, struct conn *conn);
void peer_serve_read(struct node *node, struct conn *conn, struct job *job);
void peer_serve_confirmed(
    struct node *node, struct conn *conn, uint64_t request, const struct fora_msg_follow_ack *ack);
void peer_set_touched(struct node *node, const struct commit_result *result);
void peer_follow(struct node *node, struct conn *conn, const struct fora_space_id *space);
/* Everything that is subscribed to there; ends with another node than the one expected. */
void peer_follow_all(struct node *node, struct conn *conn, struct dial_target *target);
/* Nothing is followed there any more, until peer_follow says so again. */
void peer_follow_none(struct node *node, struct conn *conn);
struct follow *peer_follow_find(struct conn *conn, uint64_t request);
void peer_follow_batch(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_follow_batch *batch, size_t frame_size);
void peer_follow_stored(struct node *node, struct conn *conn, struct batch *batch);
/* Contents are wanted that were not before (lacking.h): who is followed is asked for them. */
void peer_contents_lack(struct node *node);
void peer_follow_step(struct node *node, struct conn *conn, struct follow *follow);
void peer_reconcile_done(struct node *node, struct conn *conn, struct job *job);
void peer_objects(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_objects *objects, size_t frame_size);
/* `wait`: ms, before which it is not to be asked again; 0: not said. */
void peer_request_failed(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait);
void peer_cancel(struct conn *conn, uint64_t request);
void peer_fini(struct conn *conn);
/* Asks a peer for what its objects wait for; nothing of it when too much was asked already. */
void peer_ask_objects(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count);
void peer_ask_principals(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count);
/* Puts logs to a peer: it sent what a key signed that does not speak by the log that is here. */
void peer_tell_logs(
    struct node *node, struct conn *conn, const struct fora_object_id *ids, size_t count);
void peer_principal(struct node *node, struct conn *conn, uint64_t request,
    const struct fora_msg_principal_objects *principal, size_t frame_size);

void peer_reconcile_reply(struct node *node, struct conn *conn, const struct fora_message *message);
/* A follow that was refused: asks again when it is time. */
void peer_follow_again(struct node *node, struct conn *conn, struct follow *follow);

/* reconcile.c */
/* Of what objects wait for that was asked for; false: it was not (SES-36), or was answered. */
bool peer_asked_done(struct conn *conn, uint64_t request);
void peer_put_step(struct node *node, struct conn *conn);
/* The Put was answered; false: it was none of ours. */
bool peer_put_done(struct node *node, struct conn *conn, uint64_t request);
/* The Put was refused whole. False: it was none of ours. */
bool peer_put_failed(
    struct node *node, struct conn *conn, uint64_t request, int code, uint64_t wait);
void peer_put_own(struct node *node, struct conn *conn, struct job *job);

/* dial.c */
int dial_load(struct node *node) FORA_MUST_USE; /* reads the subscriptions again */
struct dial_target *dial_of(struct node *node, const struct conn *conn);
/* Does a subscription name that node? */
bool dial_linked(const struct node *node, const struct fora_principal_id *id);
/* Who will answer there: the node that the subscription names, else who did the last time; zeros
 * when nobody knows. */
const struct fora_principal_id *dial_expects(const struct dial_target *target);
/* No address waits any longer: something was decided. */
void dial_now(struct node *node);
/* Will the address of the connection be called again? */
bool dial_wanted(const struct node *node, const struct conn *conn);
void dial_closed(struct node *node, struct conn *conn, int code);
void dial_fini(struct node *node);

/* notice_send.c */
/* May the peer bring it now? 0, or a code; *wait: ms until it may (REP-21). */
int notice_wanted(struct node *node, struct conn *conn, const struct fora_msg_notice *notice,
    size_t frame_size, uint64_t *wait);
/* An object was stored: of a member here, who mentions somebody, it is told (REP-20). */
void notice_stored(struct node *node, const struct batch *batch, const struct commit_item *item);
/* A QUERY is back: if it was of such an object, it waits no more. */
void notice_looked(struct node *node, const struct job *job);
/* A Notice that was sent, or some other request, was answered; `wait` (ms): no more before. */
void notice_answered(struct node *node, struct conn *conn, uint64_t request, uint64_t wait);
/* Does what a QUERY of a Notice planned; may take the job's request over. */
void notice_go(struct node *node, struct job *job);

/* status.c */
void status_answer(struct node *node, struct conn *conn, uint64_t request, bool metrics);
void status_delivery(struct node *node, struct conn *conn, const struct job *job);

#endif
