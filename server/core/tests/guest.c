/* A guest of a node. What cannot happen in a sound test ends it with a message. */
#include "guest.h"

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

enum { GUEST_CREDIT = 64 * 1024 * 1024 };

static void identity_make(struct guest *guest, unsigned seed, const uint8_t noise[32])
{
    struct fora_secret *root = fx_secret(seed, "guest.root");
    struct fora_secret *next = fx_secret(seed, "guest.next");
    struct fora_key next_key;
    struct fora_device_key key = {.label = fora_bytes_str("guest")};
    struct fora_node_info info = {.name = fora_bytes_str("guest")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_NODE, .keys = &key, .keys_count = 1, .node = &info};
    struct fora_salt salt = {{(uint8_t)seed}};
    guest->device = fx_secret(seed, "guest.device");
    fora_noise_public(info.noise_key.b, noise);
    fora_secret_public(guest->device, &key.sign);
    fora_secret_public(next, &next_key);
    fora_identity_commitment(&create.next_root_commitment, &next_key);
    CHECK(fora_identity_build_create(
              &guest->identity, &create, &salt, guest->net->now - 5000, root, &guest->id) == 0);
    fora_secret_free(root);
    fora_secret_free(next);
}

/* Who it is, and its end of a session. */
static void begin(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    bool initiator, struct fora_msg_hello hello)
{
    uint8_t noise[32];
    struct fora_bytes entry;
    memset(guest, 0, sizeof *guest);
    memset(noise, 7 + (int)seed, sizeof noise);
    guest->net = net;
    guest->node = node;
    struct fora_session_config config = {
        .initiator = initiator, .noise_secret = noise, .hello = hello};
    config.hello.agent = fora_bytes_str("guest");
    config.hello.credit = GUEST_CREDIT;
    config.hello.requests_max = 10000;
    if (seed != 0) {
        identity_make(guest, seed, noise);
        entry = fora_buf_bytes(&guest->identity);
        config.hello.node = guest->id;
        config.hello.identity = &entry;
        config.hello.identity_count = 1;
    }
    CHECK(fora_session_new(&guest->session, &config, net->now) == 0);
}

static void start(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    struct fora_msg_hello hello)
{
    begin(guest, net, node, seed, true, hello);
    CHECK(node_open(node->node, 0, net->now, &guest->conn) == 0);
}

void guest_init(struct guest *guest, struct net *net, struct net_node *node, unsigned seed)
{
    start(guest, net, node, seed, (struct fora_msg_hello){.features = 0});
}

void guest_init_windows(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    uint32_t follow_window, uint32_t reconcile_max)
{
    start(guest, net, node, seed,
        (struct fora_msg_hello){.follow_window = follow_window, .reconcile_max = reconcile_max});
}

void guest_init_features(
    struct guest *guest, struct net *net, struct net_node *node, unsigned seed, uint64_t features)
{
    start(guest, net, node, seed, (struct fora_msg_hello){.features = features});
}

void guest_init_dialled(struct guest *guest, struct net *net, struct net_node *node, unsigned seed,
    const struct fora_space_id *space)
{
    struct net_node self = {.kv = NULL};
    uint64_t dial;
    const char *address;
    (void)snprintf(self.name, sizeof self.name, "guest%u:1", seed);
    begin(guest, net, node, seed, false, (struct fora_msg_hello){.features = 0});
    self.id = guest->id;
    net_subscribe(net, node, &self, space);
    do {
        address = node_next_dial(node->node, net->now, &dial);
        CHECK(address != NULL);
    } while (strcmp(address, self.name) != 0);
    CHECK(node_open(node->node, dial, net->now, &guest->conn) == 0);
}

void guest_fini(struct guest *guest)
{
    if (!guest->cut) {
        node_closed(guest->node->node, guest->conn, guest->net->now);
    }
    fora_session_free(guest->session);
    fora_buf_fini(&guest->last);
    fora_buf_fini(&guest->identity);
    fora_secret_free(guest->device);
}

static void keep(struct guest *guest, const struct fora_message *message)
{
    CHECK(message->type < GUEST_TYPES);
    guest->heard[message->type]++;
    guest->requests[message->type] = message->request;
    if (guest->hears != NULL) {
        guest->hears(guest->listener, message);
    }
    if (message->type == FORA_MSG_ERROR) {
        guest->error = fora_error_from_wire(message->u.error.code);
        guest->retry_after = message->u.error.retry_after;
        return;
    }
    if (message->type == FORA_MSG_THREAD_OBJECTS) {
        guest->objects += message->u.thread_objects.objects_count;
        guest->context += message->u.thread_objects.context_count;
    }
    if (message->type == FORA_MSG_PUT_RESULT) {
        unsigned code =
            message->u.put_result.results_count > 0 ? message->u.put_result.results[0].code : 0;
        guest->put_code = code != 0 ? fora_error_from_wire(code) : 0;
    }
    fora_buf_clear(&guest->last);
    CHECK(fora_message_encode(&guest->last, message) == 0);
}

static void events(struct guest *guest)
{
    struct fora_session_event event;
    while (
        fora_session_next(guest->session, &event) == 0 && event.type != FORA_SESSION_EVENT_NONE) {
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            keep(guest, event.message);
            fora_session_consumed(guest->session, event.frame_size);
        }
    }
}

static bool to_node(struct guest *guest)
{
    struct node *node = guest->node->node;
    struct fora_bytes output = fora_session_output(guest->session);
    size_t taken = 0;
    if (output.size > 0 && node_wants_input(node, guest->conn)) {
        node_receive(node, guest->conn, output, &taken, guest->net->now);
        fora_session_output_done(guest->session, taken);
    }
    return taken > 0;
}

static bool from_node(struct guest *guest)
{
    struct node *node = guest->node->node;
    struct fora_bytes output = node_output(node, guest->conn);
    size_t taken = 0;
    if (output.size > 0 && !guest->deaf) {
        if (fora_session_feed(guest->session, output, &taken) != 0) {
            taken = output.size;
        }
        node_output_done(node, guest->conn, taken);
        events(guest);
    }
    return taken > 0;
}

bool guest_move(struct guest *guest)
{
    if (guest->cut) {
        return false;
    }
    bool moved = to_node(guest);
    moved = from_node(guest) || moved;
    if (!moved && !guest->deaf && node_closing(guest->node->node, guest->conn)) {
        node_closed(guest->node->node, guest->conn, guest->net->now);
        guest->cut = true;
    }
    return moved;
}

void guest_settle(struct guest *guest)
{
    do {
        while (guest_move(guest)) {
        }
        net_settle(guest->net);
    } while (guest_move(guest));
}

void guest_open(struct guest *guest)
{
    guest_settle(guest);
    CHECK(fora_session_state(guest->session) == FORA_SESSION_OPEN);
}

void guest_say(struct guest *guest, struct fora_message *message)
{
    CHECK(fora_session_send(guest->session, message) == 0);
}

uint64_t guest_ask(struct guest *guest, struct fora_message *message)
{
    message->request = fora_session_request(guest->session);
    int rc = fora_session_send(guest->session, message);
    CHECK(rc == 0 || rc == FORA_E_CREDIT);
    return rc == 0 ? message->request : 0;
}

uint64_t guest_put(struct guest *guest, const struct fora_object *const *objects, size_t count)
{
    struct fora_message message = {.type = FORA_MSG_PUT};
    struct fora_bytes *encoded = calloc(count, sizeof *encoded);
    CHECK(encoded != NULL);
    for (size_t i = 0; i < count; i++) {
        encoded[i] = objects[i]->encoded;
    }
    message.u.put.objects = encoded;
    message.u.put.objects_count = count;
    uint64_t request = guest_ask(guest, &message);
    free(encoded);
    return request;
}

uint64_t guest_auth(struct guest *guest, const struct fora_principal_id *who,
    const struct fora_secret *secret, struct fora_bytes *entries, size_t count)
{
    struct fora_message ask = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &ask.u.auth;
    auth->principal = *who;
    auth->identity = entries;
    auth->identity_count = count;
    fora_secret_public(secret, &auth->key);
    fora_sign(&auth->signature, secret, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(guest->session), 64));
    return guest_ask(guest, &ask);
}

void guest_last(const struct guest *guest, struct fora_arena *arena, struct fora_message *out)
{
    struct fora_bytes copy = fora_arena_copy(arena, fora_buf_bytes(&guest->last));
    CHECK(copy.size > 4);
    CHECK(fora_message_decode(arena, fora_bytes(copy.data + 4, copy.size - 4), out) == 0);
}
