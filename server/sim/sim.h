/*
 * The simulator: many nodes in one process, in virtual time, with a network, disks, clocks and
 * people that fail as one seed says (docs/simulator.md).
 *
 *   queue.c     what happens when
 *   host.c      a node, its store, its jobs, its end and its return
 *   wire.c      connections: bytes on their way
 *   actor.c     ends of connections that are no node: members' clients, couriers, hostile peers
 *   people.c    members and what they say        acts.c   the objects of it
 *   carried.c   what members carry
 *   hostile.c   peers that lie
 *   faults.c    what goes wrong, and healing
 *   promise.c   what was acknowledged to whom, kept outside of the nodes
 *   check.c     after every step                 rest.c   when all is quiet
 *   story.c     the trace, its hash, and breaches
 *   run.c       the order of a run
 *
 * What cannot be (memory is out, the fixture fails) ends the process: there is nobody to hand the
 * error to. Breaches of what the nodes promise do not: they end the run and are reported.
 */
#ifndef FORAD_SIM_SIM_H
#define FORAD_SIM_SIM_H

#include "core/node_impl.h"
#include "fixture.h"
#include "sim/dice.h"

#include <stdio.h>
#include <stdlib.h>

#define SIM_CHECK(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: cannot be: %s\n", __FILE__, __LINE__, #condition);             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum {
    SIM_SPACES = 2,
    SIM_JOBS = 6,
    SIM_LOG_MAX = 6, /* entries of a member's identity log */
    SIM_WINDOW = 128 * 1024,
    SIM_LINES = 40 /* of the story, told at a breach */
};

#define SIM_EPOCH UINT64_C(1700000000000) /* ms: when every run begins */

enum topology { TOPOLOGY_STAR, TOPOLOGY_CHAIN, TOPOLOGY_MESH, TOPOLOGY_CLOUDS, TOPOLOGIES };

/* X(NAME, "word", on by default) */
#define SIM_FAULTS(X)                                                                              \
    X(CRASH, "crash", true)         /* a node dies between any two events, and comes back */       \
    X(AWAY, "away", true)           /* the same for minutes */                                     \
    X(CUT, "cut", true)             /* a connection breaks; one side may learn of it late */       \
    X(PARTITION, "partition", true) /* two groups of nodes do not reach each other */              \
    X(SLOW, "slow", true)           /* a connection of a few bytes a millisecond */                \
    X(DISK, "disk", true)           /* a write or commit fails: full, or broken */                 \
    X(LIE, "lie", false)            /* a disk says synced and is not: a crash loses commits */     \
    X(CLOCK, "clock", true)         /* clocks go wrong by up to half an hour */                    \
    X(HOSTILE, "hostile", true)     /* peers that lie */                                           \
    X(JOIN, "join", true)           /* a node that follows a space only later */                   \
    X(ERASE, "erase", false)        /* moderators erase while their roles change */                \
    X(GONE, "gone", false)          /* a node dies and its disk with it, for good */

enum sim_fault {
#define SIM_FAULT_ENUM(name, word, on) FAULT_##name,
    SIM_FAULTS(SIM_FAULT_ENUM)
#undef SIM_FAULT_ENUM
        FAULTS
};

struct sim_options {
    uint64_t seed;
    size_t nodes;
    uint64_t steps;
    enum topology topology;
    unsigned faults; /* bits of enum sim_fault */
    bool trace;
    const char *program; /* and what else to repeat in the command that replays */
    const char *bug;     /* NULL: none */
};

/* ---- what happens when (queue.c) ---- */

enum event_type {
    EV_TICK,     /* of host `who` in its life `a` */
    EV_JOB_RUN,  /* host `who`, job `b` of its life `a` */
    EV_JOB_DONE, /* the same */
    EV_DIAL,     /* host `who` in life `a` connects its dial `b` */
    EV_ARRIVE,   /* wire `who` of serial `a`: the first bytes of lane `b` */
    EV_CLOSE,    /* wire `who` of serial `a`: side `b` learns of the end */
    EV_START,    /* host `who` comes back */
    EV_ACT,      /* member `who` says something */
    EV_ACTOR,    /* time passes for actor `who` of serial `a` */
    EV_HOSTILE,  /* somebody lies */
    EV_FAULT,    /* something fails */
    EV_MEND,     /* partition `a` ends */
    EV_LIE,      /* a lying disk syncs */
    EV_POLL      /* the run looks whether all is quiet */
};

struct event {
    uint64_t at;
    uint64_t order; /* of two at the same time the one that was put first */
    enum event_type type;
    size_t who;
    uint64_t a, b;
};

struct queue {
    struct event *heap; /* owned */
    size_t count;
    size_t room;
    uint64_t order;
};

void queue_put(struct queue *queue, const struct event *event);
bool queue_take(struct queue *queue, struct event *out);

/* ---- connections (wire.c) ---- */

enum end_kind { END_HOST, END_ACTOR };

struct wire_end {
    enum end_kind kind;
    size_t index;
    uint64_t conn; /* of a host */
    bool open;
};

struct segment {
    struct segment *next;
    bool arrived;
    bool end; /* the sender closed: nothing comes after it */
    size_t size, taken;
    uint8_t bytes[];
};

struct lane { /* lane n goes from end n to the other */
    struct segment *first, *last;
    size_t bytes;
    uint64_t last_arrival;
};

struct wire {
    uint64_t serial; /* 0: free */
    struct wire_end end[2];
    struct lane lane[2];
    uint32_t latency;   /* ms */
    uint32_t bandwidth; /* bytes a ms, 0: any */
    bool dead;          /* it broke: what is sent goes nowhere */
};

/* ---- nodes ---- */

struct host_job {
    struct job *job; /* NULL: free */
    bool ran;
};

struct host {
    size_t index;
    char name[12];
    char address[16];
    struct kv *kv;
    struct node *node; /* NULL: it is down */
    struct fx_who who;
    uint8_t noise[32];
    uint8_t custody[32];
    struct dice dice;
    int64_t skew;  /* ms: what its clock is wrong by */
    unsigned life; /* counts its starts */
    struct host_job jobs[SIM_JOBS];
    bool dirty; /* something happened: to be pumped */
    bool lying; /* its disk is */
    bool ticking;
    bool pending_full; /* in this life: objects that wait may have been dropped */
    bool faulty_disk;  /* in this life: commits may have failed */
    bool gaps;         /* since the last quiet time: cursors may stand beyond objects (rest.c) */
    uint64_t left_out; /* objects refused or waiting in this life, as noted last */
    store_seq checked; /* objects up to here were verified by check.c */
    bool stored;       /* a job wrote: look at what is new */
    bool holds[SIM_SPACES];
    bool gone;    /* for good: it never starts again, and nobody looks at its store */
    bool mourned; /* who followed it follows another one now */
};

struct sim_link { /* `from` subscribes at `to` */
    size_t from, to;
};

/* ---- people ---- */

struct member {
    struct fx_who who;
    const struct fora_object *log[SIM_LOG_MAX];
    size_t log_count;
    size_t home;
    size_t at;    /* the host that she talks to */
    size_t actor; /* SIZE_MAX: none */
    bool authed;
    int64_t skew;
};

/* An object that somebody made. */
struct thing {
    const struct fora_object *object;
    size_t space;
    size_t author; /* member, SIZE_MAX: somebody else */
    size_t next;   /* with the same hash */
};

/* "Host so and so has it": said by a node with code 0. */
struct promise {
    size_t host;
    struct fora_object_id id;
    size_t thing; /* SIZE_MAX: made by the node itself */
    bool waits;   /* said PENDING: holds once `missing` is there, in the same life */
    struct fora_object_id missing;
    unsigned life;
    bool is_void;
};

struct actor;
struct sim;

typedef void actor_fn(struct sim *sim, struct actor *actor, const struct fora_message *message);

struct actor {
    uint64_t serial;              /* 0: free */
    struct fora_session *session; /* NULL: speaks no session, sends `raw` */
    struct fora_buf raw;
    size_t wire;
    unsigned side;
    bool open;       /* the session is */
    bool deaf;       /* reads nothing */
    bool stop;       /* to be closed */
    actor_fn *hears; /* NULL message: the session opened */
    size_t owner;    /* member, or hostile peer */
    uint64_t until;  /* ms: then it goes; 0: stays */
    unsigned part;   /* what it plays (hostile.c) */
    unsigned stage;
    size_t things[2];
};

struct hostile {
    struct fx_who who;
    uint8_t noise[32];
    char address[16];
};

struct sim_stats {
    uint64_t steps, acts, acks, pendings, refusals, crashes, partitions, lies, disk_faults, leaves,
        verified;
    uint64_t checks, views, people, cursors, fscks, heals, heal_ms, reconnect_duplicates;
};

struct sim {
    struct sim_options options;
    uint64_t now;
    uint64_t step;
    struct queue queue;
    struct dice dice; /* of the network and of what happens */
    struct fx fx;
    struct host *hosts; /* owned */
    size_t hosts_count;
    struct sim_link *links; /* owned */
    size_t links_count;
    bool *blocked; /* owned: hosts x hosts */
    unsigned partitions;
    struct wire *wires; /* owned */
    size_t wires_count;
    uint64_t serial;
    struct member *members; /* owned */
    size_t members_count;
    struct actor **actors; /* owned, and each */
    size_t actors_count;
    struct hostile hostiles[3];
    const struct fora_object *spaces[SIM_SPACES];
    struct fora_space_id space_ids[SIM_SPACES];
    struct thing *things; /* owned */
    size_t things_count, things_room;
    size_t heads[4096];       /* of chains of things, +1 */
    struct promise *promises; /* owned */
    size_t promises_count, promises_room;
    struct fora_hash *seen; /* owned: encodings that verified, open addressing */
    size_t seen_count, seen_room;
    bool acting, failing, lying; /* members act; things fail; peers lie */
    uint32_t reconcile_s;
    struct sim_stats stats;
    /* story.c */
    uint64_t hash;
    char lines[SIM_LINES][200];
    size_t lines_count;
    bool breached;
    char breach[400];
};

/* story.c */
void story(struct sim *sim, const char *format, ...) FORA_PRINTF(2, 3);
void story_mix(struct sim *sim, const void *data, size_t size);          /* into the hash alone */
void breach(struct sim *sim, const char *format, ...) FORA_PRINTF(2, 3); /* the first counts */
void story_breach(const struct sim *sim, FILE *out);

/* run.c */
void sim_later(
    struct sim *sim, uint64_t delay, enum event_type type, size_t who, uint64_t a, uint64_t b);

void sim_link_add(struct sim *sim, size_t from, size_t to); /* unless there is one */
void sim_subscribe(struct sim *sim, struct host *host, size_t space, const char *address,
    const struct fora_principal_id *node);

/* leave.c */
void leave(struct sim *sim);                              /* a node goes for good */
void leaves_mourn(struct sim *sim);                       /* all that are left are up */
struct host *first_holder(struct sim *sim, size_t space); /* of those that are left */

/* host.c */
void host_make(struct sim *sim, struct host *host);
void host_start(struct sim *sim, struct host *host);
void host_kill(struct sim *sim, struct host *host); /* at once; connections break */
void host_free(struct sim *sim, struct host *host);
void host_note_gaps(struct host *host);
void host_pump(struct sim *sim, struct host *host);
void host_job_run(struct sim *sim, struct host *host, size_t slot);
void host_job_done(struct sim *sim, struct host *host, size_t slot);
void host_operate(struct sim *sim, struct host *host, const struct fora_message *message);
uint64_t host_now(const struct sim *sim, const struct host *host);
bool host_holds(struct host *host, const struct fora_object_id *id);
/* False when the host does not hold the space. */
bool host_set(
    struct host *host, const struct fora_space_id *space, uint64_t *count, uint8_t fingerprint[16]);
void who_make(struct sim *sim, struct fx_who *who, uint32_t type,
    const struct fora_principal_id *home, const struct fora_node_info *node);

/* wire.c */
struct wire *wire_open(struct sim *sim, const struct wire_end *a, const struct wire_end *b);
void wire_serve(struct sim *sim, size_t wire, unsigned side); /* what a side has for it */
void wire_arrive(struct sim *sim, const struct event *event);
void wire_close(struct sim *sim, const struct event *event);
void wire_cut(struct sim *sim, size_t wire, uint64_t late); /* one side learns after `late` ms */
size_t wire_of(const struct sim *sim, const struct host *host, uint64_t conn);
void wires_break(struct sim *sim, const struct host *host); /* the host died */
void wires_free(struct sim *sim);
bool sim_blocked(const struct sim *sim, size_t a, size_t b);

/* actor.c */
struct actor_start {
    const uint8_t *noise;       /* secret */
    const struct hostile *node; /* a node's Hello; NULL: a client's */
    uint64_t features;          /* of its Hello */
    bool initiator;
    bool raw; /* no session */
    actor_fn *hears;
    size_t owner;
};
size_t actor_new(struct sim *sim, const struct actor_start *start);
void actor_connect(struct sim *sim, size_t actor, struct host *host); /* it is up */
int actor_send(struct sim *sim, struct actor *actor, struct fora_message *message);
void actor_stop(struct sim *sim, struct actor *actor); /* closes in an orderly way */
void actor_tick(struct sim *sim, const struct event *event);
struct fora_bytes actor_output(struct actor *actor);
void actor_output_done(struct actor *actor, size_t written);
void actor_receive(struct sim *sim, struct actor *actor, struct fora_bytes input);
bool actor_closing(const struct actor *actor);
void actor_closed(struct sim *sim, size_t actor);
void actors_free(struct sim *sim);

/* people.c */
void people_make(struct sim *sim);
void people_act(struct sim *sim, struct member *member);
void people_free(struct sim *sim);

/* acts.c */
size_t thing_add(struct sim *sim, const struct fora_object *object, size_t space, size_t author);
size_t thing_find(const struct sim *sim, const struct fora_object_id *id); /* SIZE_MAX: none */
/* Something that the host holds, of kinds in `mask` (bits); NULL: none was found. */
const struct thing *thing_at(struct sim *sim, struct host *host, uint32_t mask);
/* What the member says next at her host; NULL: nothing. */
const struct fora_object *act_make(struct sim *sim, struct member *member);

/* carried.c */
const struct fora_object *carried_make(struct sim *sim, const struct member *member, uint64_t at);

/* hostile.c */
void hostile_make(struct sim *sim);
void hostile_act(struct sim *sim);
size_t hostile_answers(struct sim *sim, const char *address); /* an actor, or SIZE_MAX */
void hostile_free(struct sim *sim);

/* faults.c */
void fault_strike(struct sim *sim);
void fault_mend(struct sim *sim, uint64_t partition);
void faults_heal(struct sim *sim);

/* promise.c */
void promise_results(struct sim *sim, size_t host, const struct fora_msg_put_result *result);
void promise_check(struct sim *sim, struct host *host); /* what a host said before holds now */
void promise_void(struct sim *sim, size_t host);        /* its disk lied */

/* check.c */
void check_step(struct sim *sim, struct host *host);

/* rest.c */
bool rest_equal(struct sim *sim, char *why, size_t size); /* and idle */
void rest_check(struct sim *sim, bool verify);
void rest_cursors(struct sim *sim, struct host *host);

/* run.c: 0, or 1 when there was a breach. */
int sim_run(const struct sim_options *options, struct sim_stats *stats, uint64_t *hash, char *what,
    size_t what_size);

#endif
