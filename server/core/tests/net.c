/* Nodes moved by hand. What cannot happen in a sound test ends it with a message. */
#include "net.h"

#include "core/commit.h"
#include "core/lane.h"
#include "core/links.h"
#include "core/meta.h"
#include "core/write.h"
#include "fora/noise.h"
#include "store/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void identity_make(struct net *net, struct net_node *node, uint8_t seed)
{
    uint8_t master[32];
    struct fora_secret *next;
    struct fora_key next_key;
    struct fora_device_key key = {.label = fora_bytes_str("test")};
    struct fora_bytes address = fora_bytes_str(node->name);
    struct fora_node_info info = {
        .addresses = &address, .addresses_count = 1, .name = fora_bytes_str(node->name)};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_NODE, .keys = &key, .keys_count = 1, .node = &info};
    struct fora_salt salt = {{seed}};
    memset(master, seed, sizeof master);
    memset(node->custody, seed + 1, sizeof node->custody);
    CHECK(fora_secret_derive(&node->root, master, "test.root", fora_bytes_str("x")) == 0);
    CHECK(fora_secret_derive(&node->device, master, "test.device", fora_bytes_str("x")) == 0);
    CHECK(fora_secret_derive(&next, master, "test.next", fora_bytes_str("x")) == 0);
    fora_secret_seed(node->device, node->noise);
    node->noise[0] ^= 0x55;
    fora_noise_public(info.noise_key.b, node->noise);
    fora_secret_public(node->device, &key.sign);
    fora_secret_public(next, &next_key);
    fora_identity_commitment(&create.next_root_commitment, &next_key);
    CHECK(fora_identity_build_create(
              &node->identity, &create, &salt, net->now - 5000, node->root, &node->id) == 0);
    fora_secret_free(next);
}

static void node_start(struct net *net, struct net_node *node)
{
    struct fora_bytes identity = fora_buf_bytes(&node->identity);
    struct node_config config = {.name = node->name,
        .self = node->id,
        .secret = node->device,
        .noise_secret = node->noise,
        .custody = node->custody,
        .identity = &identity,
        .identity_count = 1,
        .peering = node->peering,
        .registration_open = true,
        .resolver = node->resolver,
        .credential = node->credential};
    node_limits_default(&config.limits);
    config.limits.connections_max = 64;
    if (!node->lanes) { /* every peer is known, and has no quota */
        config.limits.newcomer_objects_hour = 0;
        config.limits.peer_objects_hour = 0;
        config.limits.peer_bytes_day = 0;
    }
    config.allow = config.block = &node->listed;
    config.allow_count = node->allows;
    config.block_count = node->blocks;
    CHECK(node_new(&node->node, &config, node->kv, net->now) == 0);
}

static void store_fill(struct net *net, struct net_node *node)
{
    struct policies *policies;
    struct committer *committer;
    struct commit_item item = {.source = COMMIT_LOCAL};
    struct commit_batch batch = {.items = &item, .count = 1, .now = net->now};
    struct commit_result result;
    struct kv_txn *txn;
    CHECK(kv_begin_write(node->kv, &txn) == 0);
    meta_put(txn, "epoch", fora_bytes(node->custody, 8));
    CHECK(kv_commit(txn) == 0);
    CHECK(policies_new(&policies) == 0 && committer_new(&committer, node->kv, policies) == 0);
    CHECK(fora_object_decode(&item.object, fora_buf_bytes(&node->identity)) == 0);
    CHECK(commit_run(committer, &batch, &result) == 0);
    CHECK(item.code == 0);
    committer_free(committer);
    policies_free(policies);
}

void net_init(struct net *net)
{
    memset(net, 0, sizeof *net);
    net->now = 1700000000000;
    CHECK(fora_crypto_init() == 0);
}

struct net_node *net_add(struct net *net, const char *name)
{
    struct net_node *node = &net->nodes[net->nodes_count++];
    snprintf(node->name, sizeof node->name, "%s:1", name);
    identity_make(net, node, (uint8_t)(10 * net->nodes_count));
    CHECK(kv_mem_open(&node->kv, STORE_TABLE_COUNT) == 0);
    store_fill(net, node);
    node_start(net, node);
    return node;
}

void net_fini(struct net *net)
{
    for (size_t i = 0; i < net->nodes_count; i++) {
        struct net_node *node = &net->nodes[i];
        node_free(node->node);
        kv_close(node->kv);
        fora_secret_free(node->root);
        fora_secret_free(node->device);
        fora_buf_fini(&node->identity);
    }
}

/* ---- moving ---- */

static bool jobs_run(struct net *net, struct net_node *node)
{
    struct job *job = node_take_job(node->node, net->now);
    if (job == NULL) {
        return false;
    }
    job_run(job);
    node_job_done(node->node, job, net->now);
    return true;
}

static void wire_end(struct net *net, struct net_wire *wire)
{
    if (!wire->cut) {
        wire->cut = true;
        for (int end = 0; end < 2; end++) {
            node_closed(wire->node[end]->node, wire->conn[end], net->now);
        }
    }
}

static bool wire_move(struct net *net, struct net_wire *wire, int from)
{
    struct node *sender = wire->node[from]->node;
    struct node *receiver = wire->node[1 - from]->node;
    struct fora_bytes output = node_output(sender, wire->conn[from]);
    size_t taken = 0;
    if (output.size > 0 && node_wants_input(receiver, wire->conn[1 - from])) {
        node_receive(receiver, wire->conn[1 - from], output, &taken, net->now);
        node_output_done(sender, wire->conn[from], taken);
        net->moved += taken;
    }
    if (taken == 0 && output.size == 0 && node_closing(sender, wire->conn[from])) {
        wire_end(net, wire);
        return true;
    }
    return taken > 0;
}

/* One that was cut, or a new one. */
static struct net_wire *wire_free(struct net *net)
{
    for (size_t i = 0; i < net->wires_count; i++) {
        if (net->wires[i].cut) {
            return &net->wires[i];
        }
    }
    CHECK(net->wires_count < NET_WIRES_MAX);
    return &net->wires[net->wires_count++];
}

static bool dials_run(struct net *net, struct net_node *node)
{
    uint64_t dial;
    bool any = false;
    const char *address;
    while ((address = node_next_dial(node->node, net->now, &dial)) != NULL) {
        struct net_node *other = NULL;
        any = true;
        for (size_t i = 0; i < net->nodes_count; i++) {
            if (strcmp(net->nodes[i].name, address) == 0) {
                other = &net->nodes[i];
            }
        }
        if (other == NULL || other->away) {
            node_dial_failed(node->node, dial, "nobody there", net->now);
            continue;
        }
        struct net_wire *wire = wire_free(net);
        wire->cut = false;
        wire->node[0] = node;
        wire->node[1] = other;
        CHECK(node_open(node->node, dial, net->now, &wire->conn[0]) == 0);
        CHECK(node_open(other->node, 0, net->now, &wire->conn[1]) == 0);
    }
    return any;
}

bool net_turn(struct net *net)
{
    bool any = false;
    for (size_t i = 0; i < net->nodes_count; i++) {
        struct node_event event;
        any = dials_run(net, &net->nodes[i]) || any;
        any = jobs_run(net, &net->nodes[i]) || any;
        while (node_next_changed(net->nodes[i].node) != 0) {
        }
        while (node_next_event(net->nodes[i].node, &event)) {
            if (getenv("FORA_TRACE") != NULL) {
                fprintf(stderr, "%s %s conn=%llu %s\n", net->nodes[i].name, event.room,
                    (unsigned long long)event.conn, event.text);
            }
        }
    }
    for (size_t i = 0; i < net->wires_count; i++) {
        for (int end = 0; end < 2 && !net->wires[i].cut; end++) {
            any = wire_move(net, &net->wires[i], end) || any;
        }
    }
    return any;
}

void net_settle(struct net *net)
{
    unsigned turns = 0;
    while (net_turn(net)) {
        CHECK(++turns < 1000000);
    }
}

void net_pass(struct net *net, unsigned seconds)
{
    net_settle(net);
    for (unsigned second = 0; second < seconds; second++) {
        net->now += 1000;
        for (size_t i = 0; i < net->nodes_count; i++) {
            node_tick(net->nodes[i].node, net->now);
        }
        net_settle(net);
    }
}

void net_cut(struct net *net, const struct net_node *node)
{
    for (size_t i = 0; i < net->wires_count; i++) {
        if (net->wires[i].node[0] == node || net->wires[i].node[1] == node) {
            wire_end(net, &net->wires[i]);
        }
    }
}

void net_restart(struct net *net, struct net_node *node)
{
    net_cut(net, node);
    node_free(node->node);
    node_start(net, node);
}

/* ---- stories ---- */

static void write_run_beside(struct net *net, struct net_node *node,
    const struct fora_message *message, struct fora_message *answer, struct fora_arena *arena)
{
    struct policies *policies;
    struct node_env env = {.kv = node->kv, .self = node->id, .secret = node->device};
    struct asker asker = {.conn = 0};
    CHECK(policies_new(&policies) == 0);
    env.policies = policies;
    CHECK(committer_new(&env.committer, node->kv, policies) == 0);
    node_limits_default(&env.limits);
    struct job *job = job_new(JOB_WRITE, &env, &asker, net->now);
    CHECK(job != NULL && fora_message_encode(&job->request, message) == 0);
    job_run(job);
    if (job->code != 0) {
        fprintf(stderr, "write: %s\n", fora_error_name(job->code));
    }
    CHECK(job->code == 0 && job->answer.size > 4);
    struct fora_bytes copy = fora_arena_copy(arena, fora_buf_bytes(&job->answer));
    CHECK(fora_message_decode(arena, fora_bytes(copy.data + 4, copy.size - 4), answer) == 0);
    job_free(job);
    committer_free(env.committer);
    policies_free(policies);
}

static void write_request(struct net *net, struct net_node *node,
    const struct fora_message *message, struct fora_message *answer, struct fora_arena *arena)
{
    write_run_beside(net, node, message, answer, arena);
    net_restart(net, node);
}

void net_decide(struct net *net, struct net_node *node, const struct fora_principal_id *about,
    enum fora_peering_decision decision)
{
    struct fora_arena arena;
    struct fora_message answer;
    struct fora_message message = {.type = FORA_MSG_PEERING};
    fora_arena_init(&arena, 0);
    message.u.peering.node = *about;
    message.u.peering.decision = decision;
    write_run_beside(net, node, &message, &answer, &arena);
    CHECK(answer.type == FORA_MSG_OK);
    fora_arena_fini(&arena);
    lane_decided(node->node, &message.u.peering);
    net_settle(net);
}

struct fora_space_id net_space(struct net *net, struct net_node *owner, const char *name)
{
    struct fora_arena arena;
    struct fora_buf content = {0};
    struct fora_content policy = {.kind = FORA_KIND_POLICY};
    struct fora_message answer;
    struct fora_message message = {.type = FORA_MSG_CREATE_SPACE};
    struct fora_space_id space;
    fora_arena_init(&arena, 0);
    policy.u.policy.kind = FORA_SPACE_QUESTIONS;
    policy.u.policy.has_name = true;
    policy.u.policy.name = fora_bytes_str(name);
    memset(policy.u.policy.salt.b, 1, sizeof policy.u.policy.salt.b);
    CHECK(fora_content_encode(&content, &policy) == 0);
    /* CreateSpace takes the content without its salt: cut the last field (key, length, 16 bytes).
     */
    message.u.create_space.policy = fora_bytes(content.data, content.size - 18);
    write_request(net, owner, &message, &answer, &arena);
    CHECK(answer.type == FORA_MSG_SPACE_CREATED);
    space = answer.u.space_created.space;
    fora_buf_fini(&content);
    fora_arena_fini(&arena);
    return space;
}

void net_subscribe(struct net *net, struct net_node *who, const struct net_node *from,
    const struct fora_space_id *space)
{
    struct fora_arena arena;
    struct fora_message answer;
    struct fora_message message = {.type = FORA_MSG_SUBSCRIBE};
    fora_arena_init(&arena, 0);
    message.u.subscribe.space = *space;
    message.u.subscribe.address = fora_bytes_str(from->name);
    message.u.subscribe.node = from->id;
    write_request(net, who, &message, &answer, &arena);
    fora_arena_fini(&arena);
}

void net_put(
    struct net *net, struct net_node *node, const struct fora_object *const *objects, size_t count)
{
    net_put_from(net, node, NULL, objects, count);
}

void net_put_from(struct net *net, struct net_node *node, const struct net_node *from,
    const struct fora_object *const *objects, size_t count)
{
    struct policies *policies;
    struct committer *committer;
    struct commit_result result;
    struct commit_item *items = calloc(count, sizeof *items);
    struct commit_batch batch = {.items = items, .count = count, .now = net->now};
    CHECK(items != NULL && policies_new(&policies) == 0);
    CHECK(committer_new(&committer, node->kv, policies) == 0);
    for (size_t i = 0; i < count; i++) {
        items[i].object = *objects[i];
        items[i].source = COMMIT_PEER;
        items[i].origin = from != NULL ? link_tag(&from->id) : 0;
    }
    CHECK(commit_run(committer, &batch, &result) == 0);
    for (size_t i = 0; i < count; i++) {
        if (items[i].code != 0) {
            fprintf(stderr, "object %zu of kind %u: %s\n", i, items[i].object.header.kind,
                fora_error_name(items[i].code));
        }
        CHECK(items[i].code == 0);
    }
    committer_free(committer);
    policies_free(policies);
    free(items);
    net_restart(net, node);
}

void net_state(struct net_node *node, const struct fora_space_id *space, uint64_t *count,
    uint8_t fingerprint[16])
{
    struct kv_txn *txn;
    struct set_info set;
    struct fora_neg_sum sum;
    CHECK(kv_begin_read(node->kv, &txn) == 0);
    CHECK(sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &set));
    sums_total(txn, set.number, &sum);
    CHECK(sum.count == set.count);
    fora_neg_fingerprint(fingerprint, &sum);
    *count = sum.count;
    kv_abort(txn);
}

uint64_t net_same(struct net_node *a, struct net_node *b, const struct fora_space_id *space)
{
    uint64_t counts[2];
    uint8_t prints[2][16];
    net_state(a, space, &counts[0], prints[0]);
    net_state(b, space, &counts[1], prints[1]);
    if (counts[0] != counts[1] || memcmp(prints[0], prints[1], 16) != 0) {
        fprintf(stderr, "%s holds %llu objects, %s %llu\n", a->name, (unsigned long long)counts[0],
            b->name, (unsigned long long)counts[1]);
        abort();
    }
    return counts[0];
}
