/* Nodes as processes of their own, so that memory and cores are counted as in production; and a
 * peer that talks to them. */
#ifndef FORAD_BENCH_PROCESS_H
#define FORAD_BENCH_PROCESS_H

#include "core/node.h"
#include "world.h"

#include <sys/types.h>

struct bench_process {
    pid_t pid;
    char folder[256]; /* of its store */
    char address[80]; /* that it listens on */
};

/* A folder for stores, removed at the end by bench_folder_remove. */
void bench_folder(char out[256]);
void bench_folder_remove(const char *folder);

/* The store in a folder, made when it is not there; and more objects for one that is open. */
struct kv *bench_store_open(const char *folder);
void bench_store_add(struct kv *kv, const struct fora_bytes *objects, size_t count);
/* Makes a store in `folder` holding the node's identity, the set of `space`, and `objects`
 * (encoded, verified while they are stored). `space` may be NULL. */
void bench_store_fill(const char *folder, const struct bench_node *node,
    const struct fora_space_id *space, const struct fora_bytes *objects, size_t count);
/* As Subscribe does. */
void bench_store_link(const char *folder, const struct fora_space_id *space, const char *address);
/* The same, naming the node that is expected there: the store's node knows it from then on. */
void bench_store_know(const char *folder, const struct fora_space_id *space, const char *address,
    const struct fora_principal_id *node);

/* As an admin's `forad peers approve`: the node has no quota there. */
void bench_store_approve(const char *folder, const struct fora_principal_id *node);

/* Runs a node over the store in a child process until bench_stop; returns once it listens. */
void bench_start(struct bench_process *process, const char *folder, const struct bench_node *node);
void bench_stop(struct bench_process *process);
/* Bytes of anonymous memory (RssAnon), now and the greatest that was seen by calling it. */
uint64_t bench_rss_anon(pid_t pid);

/* A node's end of a connection, blocking. */
struct bench_peer;
void bench_peer_open(struct bench_peer **out, const char *address, const struct bench_node *self);
void bench_peer_close(struct bench_peer *peer);
/* Queues a Put of objects; waits for credit when there is none. */
void bench_peer_put(struct bench_peer *peer, const struct fora_bytes *objects, size_t count);
/* Waits until every Put was answered; returns how many objects were stored in all. */
uint64_t bench_peer_drain(struct bench_peer *peer);
uint64_t bench_peer_outstanding(const struct bench_peer *peer); /* Puts not answered */
/* One request, one answer frame of `type`; borrowed until the next call. */
const struct fora_message *bench_peer_call(
    struct bench_peer *peer, struct fora_message *ask, uint32_t type);
/* Follows a space live, from the beginning; the number of the request. */
uint64_t bench_peer_follow(struct bench_peer *peer, const struct fora_space_id *space);
/* The next FollowBatch of it; borrowed until the next call, which confirms it. */
const struct fora_msg_follow_batch *bench_peer_followed(struct bench_peer *peer, uint64_t request);
/* As a client without a name (for reading). */
void bench_client_open(struct bench_peer **out, const char *address);

#endif
