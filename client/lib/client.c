/*
 * The client: a session, a socket, and waiting.
 *
 * One turn: what the session wants to send is written, then its events are taken, then, when there
 * are none, the socket is waited for and read. A frame handed out stays in the session until the
 * next call; its credit is given back only then, so that a slow caller slows the node down.
 */
#include "lib.h"

#include "fora/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_SIZE = 65536, CONNECT_TIMEOUT = 10000, CALL_TIMEOUT = 30000, HELLO_LOG_MAX = 64 };

/* What we grant: a thread comes in frames of at most 1 MiB, a few of them may be under way. */
enum { CREDIT = 4 * 1024 * 1024, REQUESTS_MAX = 16 };

struct fora_client {
    int socket;
    struct fora_session *session;   /* owned */
    struct fora_identity *identity; /* owned; NULL until the node was met */
    struct fora_principal_id node;  /* as proven */
    struct fora_arena arena;        /* of the log */
    struct fora_bytes log[HELLO_LOG_MAX];
    size_t log_count;
    size_t held;           /* frame_size of the frame that the caller holds, or 0 */
    uint64_t call_timeout; /* ms */
    bool ended;            /* the node closed its side */
    size_t input_at;       /* input[input_at .. input_size) was not fed yet */
    size_t input_size;
    uint8_t input[INPUT_SIZE];
};

static int session_failed(struct fora_client *client, int error, struct fora_client_why *why)
{
    if (error == 0) {
        error = fora_session_error(client->session);
    }
    if (error == 0 || error == FORA_E_CLOSED) {
        return fora_client_fail(why, FORA_E_CLOSED, "The node closed the connection. Try again.");
    }
    if (error == FORA_E_HANDSHAKE) {
        return fora_client_fail(why, error,
            "What answers at this address does not speak as a node of Fora: %s (%s). Look at host "
            "and port.",
            fora_error_text(error), fora_error_name(error));
    }
    return fora_client_fail(why, error, "The connection to the node broke: %s (%s).",
        fora_error_text(error), fora_error_name(error));
}

static int socket_failed(const char *doing, struct fora_client_why *why)
{
    return fora_client_fail(why, errno == ECONNRESET || errno == EPIPE ? FORA_E_CLOSED : FORA_E_IO,
        "The connection to the node broke while %s: %s. Try again.", doing, strerror(errno));
}

/* Writes what the socket takes now. */
static int flush(struct fora_client *client, struct fora_client_why *why)
{
    for (;;) {
        struct fora_bytes output = fora_session_output(client->session);
        if (output.size == 0) {
            return 0;
        }
        ssize_t sent = send(client->socket, output.data, output.size, MSG_NOSIGNAL);
        if (sent > 0) {
            fora_session_output_done(client->session, (size_t)sent);
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return 0;
        } else if (sent < 0 && errno != EINTR) {
            return socket_failed("sending", why);
        }
    }
}

/* Waits for the socket until `deadline` (UINT64_MAX: none) and reads what is there. */
static int fill(struct fora_client *client, uint64_t deadline, struct fora_client_why *why)
{
    uint64_t now = lib_monotonic();
    uint64_t tick = fora_session_tick(client->session, now);
    if (fora_session_state(client->session) == FORA_SESSION_CLOSED) {
        return session_failed(client, 0, why);
    }
    int flushed = flush(client, why);
    if (flushed != 0) {
        return flushed;
    }
    if (now >= deadline) {
        return fora_client_fail(why, FORA_E_TIMEOUT,
            "The node did not answer in time. It may be overloaded; try again.");
    }
    uint64_t until = tick > now && tick < deadline ? tick : deadline;
    uint64_t wait = until - now > 1000 ? 1000 : until - now;
    bool full = fora_session_output(client->session).size > 0;
    struct pollfd ready = {.fd = client->socket, .events = (short)(POLLIN | (full ? POLLOUT : 0))};
    if (poll(&ready, 1, (int)wait) < 0 && errno != EINTR) {
        return socket_failed("waiting", why);
    }
    if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
        return 0;
    }
    ssize_t got = recv(client->socket, client->input, INPUT_SIZE, 0);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        return socket_failed("receiving", why);
    }
    client->ended = got == 0;
    client->input_at = 0;
    client->input_size = got > 0 ? (size_t)got : 0;
    return 0;
}

/* One turn: an event that is there, or what was read is fed, or the socket is waited for. Then
 * event->type may be NONE. The frame before must have been given back. */
static int turn(struct fora_client *client, uint64_t deadline, struct fora_session_event *event,
    struct fora_client_why *why)
{
    int error = fora_session_next(client->session, event);
    if (error == 0 && event->type == FORA_SESSION_EVENT_NONE &&
        client->input_at < client->input_size) {
        size_t taken = 0;
        error = fora_session_feed(client->session,
            fora_bytes(client->input + client->input_at, client->input_size - client->input_at),
            &taken);
        client->input_at += taken;
        if (error == 0) {
            return 0;
        }
    }
    if (error != 0) {
        struct fora_client_why ignored;
        (void)flush(client, &ignored); /* the Error frame that says why we leave */
        return session_failed(client, error, why);
    }
    if (event->type != FORA_SESSION_EVENT_NONE) {
        return 0;
    }
    if (client->ended || fora_session_state(client->session) == FORA_SESSION_CLOSED) {
        return session_failed(client, 0, why);
    }
    return fill(client, deadline, why);
}

static int next_event(struct fora_client *client, uint64_t deadline,
    struct fora_session_event *event, struct fora_client_why *why)
{
    int error;
    do {
        error = turn(client, deadline, event, why);
    } while (error == 0 && event->type == FORA_SESSION_EVENT_NONE);
    return error;
}

static void give_back(struct fora_client *client)
{
    if (client->held > 0) {
        fora_session_consumed(client->session, client->held);
        client->held = 0;
    }
}

static uint64_t deadline_after(uint64_t ms)
{
    uint64_t now = lib_monotonic();
    return ms > UINT64_MAX - now ? UINT64_MAX : now + ms;
}

static int from_error_frame(const struct fora_msg_error *error, struct fora_client_why *why)
{
    int code = fora_error_from_wire(error->code);
    if (code == 0) {
        code = FORA_E_REFUSED; /* an Error that says "no error" */
    }
    if (error->text.size > 0) {
        (void)fora_client_fail(why, code, "%.*s", (int)error->text.size, error->text.data);
    } else {
        (void)fora_client_fail(why, code, "%s", fora_error_text(code));
    }
    why->from_node = true;
    why->retry_after = error->retry_after;
    return code;
}

int fora_client_receive(struct fora_client *client, uint64_t request, uint64_t timeout_ms,
    const struct fora_message **answer, struct fora_client_why *why)
{
    uint64_t deadline = deadline_after(timeout_ms == 0 ? client->call_timeout : timeout_ms);
    give_back(client);
    for (;;) {
        struct fora_session_event event;
        int error = next_event(client, deadline, &event, why);
        if (error != 0) {
            return error;
        }
        if (event.type != FORA_SESSION_EVENT_FRAME) {
            continue;
        }
        client->held = event.frame_size;
        const struct fora_message *message = event.message;
        bool ours = request == 0 || message->request == request;
        if (message->type == FORA_MSG_ERROR && (ours || message->request == 0)) {
            return from_error_frame(&message->u.error, why);
        }
        if (ours && message->request != 0) {
            *answer = message;
            return 0;
        }
        give_back(client); /* of a request that was cancelled */
    }
}

int fora_client_start(struct fora_client *client, struct fora_message *ask, uint64_t *request,
    struct fora_client_why *why)
{
    uint64_t deadline = deadline_after(client->call_timeout);
    give_back(client);
    ask->request = fora_session_request(client->session);
    *request = ask->request;
    for (;;) {
        int error = fora_session_send(client->session, ask);
        if (error == 0) {
            return flush(client, why);
        }
        if (error == FORA_E_TOO_LARGE) {
            return fora_client_fail(why, error, "The request is larger than the node takes.");
        }
        if (error != FORA_E_CREDIT) {
            return session_failed(client, error, why);
        }
        /* The node grants credit as it deals with what it has; frames of earlier requests are
         * dropped meanwhile. */
        struct fora_session_event event;
        error = turn(client, deadline, &event, why);
        if (error != 0) {
            return error;
        }
        if (event.type == FORA_SESSION_EVENT_FRAME) {
            fora_session_consumed(client->session, event.frame_size);
        }
    }
}

int fora_client_call(struct fora_client *client, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer, struct fora_client_why *why)
{
    uint64_t request;
    int error = fora_client_start(client, ask, &request, why);
    if (error == 0) {
        error = fora_client_receive(client, request, 0, answer, why);
    }
    if (error == 0 && expected != 0 && (*answer)->type != expected) {
        return fora_client_fail(why, FORA_E_MALFORMED,
            "The node answered %s with %s, not with %s. It may speak another version of Fora.",
            fora_message_name(ask->type), fora_message_name((*answer)->type),
            fora_message_name(expected));
    }
    return error;
}

/* A message about a request that is under way; no answer follows. */
static int send_about(
    struct fora_client *client, const struct fora_message *message, struct fora_client_why *why)
{
    give_back(client);
    int error = fora_session_send(client->session, message);
    return error == 0 ? flush(client, why) : session_failed(client, error, why);
}

int fora_client_cancel(struct fora_client *client, uint64_t request, struct fora_client_why *why)
{
    const struct fora_message cancel = {.request = request, .type = FORA_MSG_CANCEL};
    return send_about(client, &cancel, why);
}

int fora_client_follow_ack(
    struct fora_client *client, uint64_t request, struct fora_client_why *why)
{
    const struct fora_message ack = {.request = request, .type = FORA_MSG_FOLLOW_ACK};
    return send_about(client, &ack, why);
}

int fora_client_auth(struct fora_client *client, const struct fora_principal_id *principal,
    const struct fora_secret *key, const struct fora_bytes *identity, size_t identity_count,
    const struct fora_msg_auth_ok **answer, struct fora_client_why *why)
{
    struct fora_message ask = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &ask.u.auth;
    struct fora_bytes log[64];
    const struct fora_message *message;
    if (identity_count > sizeof log / sizeof log[0]) {
        return fora_client_fail(why, FORA_E_LIMIT,
            "The identity log has more than 64 entries, which a node does not take at once.");
    }
    for (size_t i = 0; i < identity_count; i++) {
        log[i] = identity[i];
    }
    auth->principal = *principal;
    fora_secret_public(key, &auth->key);
    fora_sign(&auth->signature, key, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(client->session), FORA_NOISE_HASH_SIZE));
    auth->identity = identity_count > 0 ? log : NULL;
    auth->identity_count = identity_count;
    int error = fora_client_call(client, &ask, FORA_MSG_AUTH_OK, &message, why);
    if (error == 0) {
        *answer = &message->u.auth_ok;
    }
    return error;
}

static int start_session(struct fora_client *client, const struct fora_client_options *options,
    uint64_t timeout, struct fora_client_why *why)
{
    uint8_t secret[32]; /* fresh for each connection: a client is known by Auth, not by this */
    struct fora_session_config config = {.initiator = true,
        .noise_secret = secret,
        .hello_timeout_ms = timeout,
        .hello = {.version = 1,
            .agent = fora_bytes_str(options->agent != NULL ? options->agent : "libfora-client"),
            .frame_max = FORA_FRAME_MAX,
            .requests_max = REQUESTS_MAX,
            .credit = CREDIT,
            .now = lib_wall()}};
    int error = fora_crypto_init();
    if (error == 0) {
        fora_random(secret, sizeof secret);
        error = fora_session_new(&client->session, &config, lib_monotonic());
        fora_wipe(secret, sizeof secret);
    }
    if (error != 0) {
        return fora_client_fail(
            why, error, "The session cannot be started: %s.", fora_error_text(error));
    }
    return 0;
}

/* The session lends the Hello's log only until the next event. */
static int keep_log(struct fora_client *client, const struct fora_msg_hello *hello)
{
    for (size_t i = 0; i < hello->identity_count && i < HELLO_LOG_MAX; i++) {
        client->log[i] = fora_arena_copy(&client->arena, hello->identity[i]);
        if (client->log[i].data == NULL) {
            return FORA_E_NOMEM;
        }
        client->log_count = i + 1;
    }
    return 0;
}

/* Handshake, Hello, and who it is. */
static int meet(struct fora_client *client, const struct fora_principal_id *expected,
    uint64_t deadline, struct fora_client_why *why)
{
    struct fora_session_event event;
    int error = next_event(client, deadline, &event, why);
    if (error != 0) {
        return error;
    }
    if (event.type != FORA_SESSION_EVENT_OPEN) {
        fora_session_consumed(client->session, event.frame_size);
        return session_failed(client, FORA_E_STATE, why);
    }
    const struct fora_msg_hello *hello = fora_session_peer_hello(client->session);
    error =
        lib_verify_node(&client->identity, hello, fora_session_remote_static(client->session), why);
    if (error != 0) {
        return error;
    }
    client->node = *fora_identity_principal(client->identity);
    if (keep_log(client, hello) != 0) {
        return fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
    }
    if (expected != NULL && memcmp(expected->b, client->node.b, FORA_ID_SIZE) != 0) {
        char wanted[FORA_ID_TEXT_MAX];
        char met[FORA_ID_TEXT_MAX];
        fora_id_format(wanted, FORA_HRP_NODE, expected->b);
        fora_id_format(met, FORA_HRP_NODE, client->node.b);
        return fora_client_fail(why, FORA_E_IDENTITY,
            "Another node answers at this address: expected %s, met %s. Look at host and "
            "port, and ask who runs the node which identity is right.",
            wanted, met);
    }
    return 0;
}

static int open_until(struct fora_client **out, int socket,
    const struct fora_client_options *options, const struct fora_principal_id *expected,
    uint64_t deadline, struct fora_client_why *why)
{
    struct fora_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        (void)close(socket);
        return fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
    }
    client->socket = socket;
    client->call_timeout = options->call_timeout_ms == 0 ? CALL_TIMEOUT : options->call_timeout_ms;
    uint64_t now = lib_monotonic();
    int error = start_session(client, options, deadline > now ? deadline - now : 1, why);
    if (error == 0) {
        error = meet(client, expected, deadline, why);
    }
    if (error != 0) {
        fora_client_close(client);
        return error;
    }
    *out = client;
    return 0;
}

static uint64_t connect_deadline(const struct fora_client_options *options)
{
    return deadline_after(
        options->connect_timeout_ms == 0 ? CONNECT_TIMEOUT : options->connect_timeout_ms);
}

int fora_client_open_socket(struct fora_client **out, int socket,
    const struct fora_client_options *options, struct fora_client_why *why)
{
    int error = lib_socket_prepare(socket, why);
    if (error != 0) {
        (void)close(socket);
        return error;
    }
    return open_until(out, socket, options, options->expected, connect_deadline(options), why);
}

int fora_client_open(struct fora_client **out, const struct fora_client_options *options,
    struct fora_client_why *why)
{
    struct fora_client_address address;
    uint64_t deadline = connect_deadline(options);
    int socket;
    int error = fora_client_address_parse(&address, options->address, why);
    if (error == 0) {
        error = lib_connect(&socket, &address, deadline, why);
    }
    if (error != 0) {
        return error;
    }
    const struct fora_principal_id *expected = options->expected;
    if (expected == NULL && address.pinned) {
        expected = &address.node;
    }
    return open_until(out, socket, options, expected, deadline, why);
}

void fora_client_close(struct fora_client *client)
{
    struct fora_client_why ignored;
    if (client == NULL) {
        return;
    }
    if (client->session != NULL) {
        give_back(client);
        if (fora_session_state(client->session) != FORA_SESSION_CLOSED) {
            (void)flush(client, &ignored);
        }
        fora_session_free(client->session);
    }
    fora_identity_free(client->identity);
    fora_arena_fini(&client->arena);
    (void)close(client->socket);
    free(client);
}

const struct fora_principal_id *fora_client_node(const struct fora_client *client)
{
    return &client->node;
}

const struct fora_identity *fora_client_node_identity(const struct fora_client *client)
{
    return client->identity;
}

const struct fora_bytes *fora_client_node_log(const struct fora_client *client, size_t *count)
{
    *count = client->log_count;
    return client->log;
}

const struct fora_msg_hello *fora_client_hello(const struct fora_client *client)
{
    return fora_session_peer_hello(client->session);
}
