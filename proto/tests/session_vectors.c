/*
 * Writes spec/vectors/handshakes.json and frames.json: session_vectors FOLDER. Everything in them
 * is made from fixed keys, so that a second run writes the same bytes.
 */
#include "fora/message_rules.h"
#include "fora/session.h"
#include "vector_json.h"

#include <string.h>

/* ---- handshakes ---- */

struct side {
    uint8_t secret[32];
    uint8_t ephemeral[32];
    struct fora_session *session;
};

static void side_init(struct side *side, bool initiator, const uint8_t *remote)
{
    struct fora_session_config config = {.initiator = initiator,
        .noise_secret = side->secret,
        .ephemeral_seed = side->ephemeral,
        .remote_static = remote};

    config.hello.agent = fora_bytes_str(initiator ? "vector-initiator/1" : "vector-responder/1");
    memset(config.hello.node.b, initiator ? 0x11 : 0x22, FORA_ID_SIZE);
    config.hello.frame_max = initiator ? 65536 : FORA_FRAME_MAX;
    config.hello.requests_max = initiator ? 8 : 64;
    config.hello.credit = initiator ? 200000 : 2000000;
    config.hello.now = 1700000000000;
    EXPECT(fora_session_new(&side->session, &config, 0) == 0);
}

/* All that one side wants to say now goes to the other, as one step of the vector. */
static bool step(json_t *steps, struct side *from, struct side *to, const char *name)
{
    struct fora_bytes output = fora_session_output(from->session);
    struct fora_session_event event;
    size_t fed = 0;
    json_t *row;

    if (output.size == 0)
        return false;
    row = json_object();
    vec_set(row, "from", json_string(name));
    vec_set(row, "bytes", vec_hex(output.data, output.size));
    vec_push(steps, row);
    while (fed < output.size) {
        size_t taken;

        EXPECT(fora_session_feed(
                   to->session, fora_bytes(output.data + fed, output.size - fed), &taken) == 0);
        fed += taken;
        do
            EXPECT(fora_session_next(to->session, &event) == 0);
        while (event.type != FORA_SESSION_EVENT_NONE);
    }
    fora_session_output_done(from->session, output.size);
    return true;
}

static void put_side(json_t *row, const char *name, const struct side *side)
{
    json_t *keys = json_object();
    uint8_t public[32];

    vec_set(keys, "static_secret", vec_hex(side->secret, 32));
    fora_noise_public(public, side->secret);
    vec_set(keys, "static_public", vec_hex(public, 32));
    vec_set(keys, "ephemeral_secret", vec_hex(side->ephemeral, 32));
    vec_set(row, name, keys);
}

/* The Hello frames, so that a reader can check its own encoding before any cryptography. */
static void put_hello(json_t *row, const char *name, const struct side *other, struct fora_buf *buf)
{
    struct fora_message message = {
        .type = FORA_MSG_HELLO, .u.hello = *fora_session_peer_hello(other->session)};

    fora_buf_clear(buf);
    EXPECT(fora_message_encode(buf, &message) == 0);
    vec_set(row, name, vec_hex(buf->data, buf->size));
}

static json_t *handshake(const char *name, bool know)
{
    struct side a, b;
    uint8_t public[32];
    struct fora_buf buf = {0};
    json_t *row = json_object(), *steps = json_array();
    bool more;

    memset(a.secret, 0xa1, 32);
    memset(a.ephemeral, 0xa2, 32);
    memset(b.secret, 0xb1, 32);
    memset(b.ephemeral, 0xb2, 32);
    fora_noise_public(public, b.secret);
    side_init(&a, true, know ? public : NULL);
    side_init(&b, false, NULL);
    vec_set(row, "protocol", json_string(name));
    put_side(row, "initiator", &a);
    put_side(row, "responder", &b);
    do {
        more = step(steps, &a, &b, "initiator");
        more = step(steps, &b, &a, "responder") || more;
    } while (more);
    EXPECT(fora_session_state(a.session) == FORA_SESSION_OPEN);
    EXPECT(fora_session_state(b.session) == FORA_SESSION_OPEN);
    vec_set(row, "steps", steps);
    put_hello(row, "initiator_hello", &b, &buf);
    put_hello(row, "responder_hello", &a, &buf);
    vec_set(row, "handshake_hash", vec_hex(fora_session_hash(a.session), FORA_NOISE_HASH_SIZE));
    fora_session_free(a.session);
    fora_session_free(b.session);
    fora_buf_fini(&buf);
    return row;
}

static void write_handshakes(const char *folder)
{
    json_t *root = json_object(), *rows = json_array();

    vec_set(root, "about",
        json_string(
            "TRN-2 to TRN-15, SES-10: each step is all the bytes that a side writes at once, up to "
            "both "
            "Hellos; what follows a handshake message is a transport message that holds the "
            "Hello"));
    vec_push(rows, handshake("Noise_XX_25519_ChaChaPoly_BLAKE2b", false));
    vec_push(rows, handshake("Noise_IK_25519_ChaChaPoly_BLAKE2b", true));
    vec_set(root, "handshakes", rows);
    vec_write(folder, "handshakes.json", root);
}

/* ---- frames ---- */

static void accepted(json_t *rows, const struct fora_message *message)
{
    struct fora_buf buf = {0};
    json_t *row = json_object();

    EXPECT(fora_message_encode(&buf, message) == 0);
    vec_set(row, "message", json_string(fora_message_name(message->type)));
    vec_set(row, "request", json_integer((json_int_t)message->request));
    vec_set(row, "frame", vec_hex(buf.data, buf.size));
    vec_push(rows, row);
    fora_buf_fini(&buf);
}

/* One frame of each message, with the least that its fields must have. */
static struct fora_message example(uint32_t type)
{
    static const uint8_t object[] = "an encoded object";
    static struct fora_bytes objects[1];
    static struct fora_object_id ids[2] = {{{1, 1}}, {{2, 2}}};
    static struct fora_msg_result result = {.id = {{1, 1}}, .code = 80};
    static struct fora_msg_mention_row mention = {
        .object = {(const uint8_t *)"o", 1}, .title = {(const uint8_t *)"Why?", 4}, .from = {{9}}};
    static struct fora_bytes one_object = {(const uint8_t *)"l", 1};
    const struct fora_message_rule *rule = fora_message_rule(type);
    struct fora_message message = {.type = type, .request = rule->use == FORA_USE_CONTROL ? 0 : 1};

    objects[0] = fora_bytes(object, sizeof(object) - 1);
    result.text = fora_bytes_str("try again later");
    switch (type) {
    case FORA_MSG_HELLO:
        message.u.hello = (struct fora_msg_hello){.version = 1,
            .agent = fora_bytes_str("forad/0.1.0"),
            .frame_max = 65536,
            .requests_max = 1,
            .credit = 65540};
        break;
    case FORA_MSG_ERROR:
        message.u.error = (struct fora_msg_error){
            .code = 81, .text = fora_bytes_str("overloaded"), .retry_after = 30};
        break;
    case FORA_MSG_CREDIT:
        message.u.credit.bytes = 300000;
        break;
    case FORA_MSG_PING:
        message.u.ping.token = 7;
        break;
    case FORA_MSG_PONG:
        message.u.pong.token = UINT64_MAX;
        break;
    case FORA_MSG_AUTH:
        message.u.auth.principal.b[0] = 1;
        message.u.auth.key.b[0] = 2;
        message.u.auth.signature.b[0] = 3;
        break;
    case FORA_MSG_PUT:
        message.u.put = (struct fora_msg_put){.objects = objects, .objects_count = 1};
        break;
    case FORA_MSG_PUT_RESULT:
        message.u.put_result = (struct fora_msg_put_result){.results = &result, .results_count = 1};
        break;
    case FORA_MSG_FETCH:
        message.u.fetch = (struct fora_msg_fetch){.ids = ids, .ids_count = 2};
        break;
    case FORA_MSG_OBJECTS:
        message.u.objects = (struct fora_msg_objects){
            .objects = objects, .objects_count = 1, .missing = ids, .missing_count = 1};
        break;
    case FORA_MSG_FOLLOW:
        message.u.follow = (struct fora_msg_follow){.space = {{5}}, .position = 1000, .live = true};
        break;
    case FORA_MSG_RECONCILE:
        message.u.reconcile =
            (struct fora_msg_reconcile){.space = {{5}}, .message = fora_bytes_str("a")};
        break;
    case FORA_MSG_RECONCILE_REPLY:
        message.u.reconcile_reply.message = fora_bytes_str("a");
        break;
    case FORA_MSG_LIST_THREADS:
        message.u.list_threads = (struct fora_msg_list_threads){.space = {{5}}, .limit = 20};
        break;
    case FORA_MSG_GET_THREAD:
        message.u.get_thread = (struct fora_msg_get_thread){.root = ids[0], .context = true};
        break;
    case FORA_MSG_LIST_FLAGS:
        message.u.list_flags.space.b[0] = 5;
        break;
    case FORA_MSG_GET_DELIVERY:
        message.u.get_delivery.id = ids[0];
        break;
    case FORA_MSG_SIGN_UP:
        message.u.sign_up = (struct fora_msg_sign_up){.handle = fora_bytes_str("ada"),
            .password = fora_bytes_str("correct horse"),
            .name = fora_bytes_str("Ada")};
        break;
    case FORA_MSG_LOGIN:
        message.u.login = (struct fora_msg_login){
            .handle = fora_bytes_str("ada"), .password = fora_bytes_str("correct horse")};
        break;
    case FORA_MSG_COMPOSE:
        message.u.compose = (struct fora_msg_compose){
            .kind = FORA_KIND_POST, .space = {{5}}, .content = fora_bytes_str("c")};
        break;
    case FORA_MSG_VOTE:
        message.u.vote = (struct fora_msg_vote){.target = ids[0], .value = -1};
        break;
    case FORA_MSG_REPORT:
        message.u.report =
            (struct fora_msg_report){.target = ids[0], .reason = fora_bytes_str("spam")};
        break;
    case FORA_MSG_TAKE_OUT:
        message.u.take_out.password = fora_bytes_str("correct horse");
        break;
    case FORA_MSG_TAKEN_OUT:
        message.u.taken_out =
            (struct fora_msg_taken_out){.root = {{1}}, .next_root = {{2}}, .device = {{3}}};
        break;
    case FORA_MSG_GET_RECEIPTS:
        message.u.get_receipts = (struct fora_msg_get_receipts){.ids = ids, .ids_count = 2};
        break;
    case FORA_MSG_RESOLVE:
        message.u.resolve = (struct fora_msg_resolve){
            .name = fora_bytes_str("ann"), .domain = fora_bytes_str("forum.example")};
        break;
    case FORA_MSG_RESOLVED:
        message.u.resolved = (struct fora_msg_resolved){
            .principal = {{6}}, .found_at = 1700000000000, .node = {{7}}, .confirmed = true};
        break;
    case FORA_MSG_GET_CREDENTIAL:
        message.u.get_credential = (struct fora_msg_get_credential){.id = {{8}}};
        break;
    case FORA_MSG_CREDENTIAL:
        message.u.credential.json = fora_bytes_str("{\"type\":[\"VerifiableCredential\"]}");
        break;
    case FORA_MSG_NOTICE:
        message.u.notice = (struct fora_msg_notice){.object = fora_bytes_str("o"),
            .log = &one_object,
            .log_count = 1,
            .title = fora_bytes_str("Why?"),
            .forwarded = true};
        break;
    case FORA_MSG_LIST_MENTIONS:
        message.u.list_mentions =
            (struct fora_msg_list_mentions){.cursor = fora_bytes_str("c"), .limit = 20};
        break;
    case FORA_MSG_MENTIONS:
        message.u.mentions = (struct fora_msg_mentions){
            .rows = &mention, .rows_count = 1, .next = fora_bytes_str("n")};
        break;
    case FORA_MSG_SUBSCRIBE:
        message.u.subscribe = (struct fora_msg_subscribe){
            .space = {{5}}, .address = fora_bytes_str("forum.example:7150")};
        break;
    case FORA_MSG_UNSUBSCRIBE:
        message.u.unsubscribe.space.b[0] = 5;
        break;
    case FORA_MSG_CREATE_SPACE:
        message.u.create_space.policy = fora_bytes_str("p");
        break;
    case FORA_MSG_CLAIM:
        message.u.claim =
            (struct fora_msg_claim){.source = fora_bytes_str("stackexchange:site:user:17"),
                .handle = fora_bytes_str("ada"),
                .password = fora_bytes_str("correct horse")};
        break;
    case FORA_MSG_INTRODUCE:
        message.u.introduce = (struct fora_msg_introduce){.node = {{6}}, .until = 1700000000000};
        break;
    case FORA_MSG_PEERING:
        message.u.peering =
            (struct fora_msg_peering){.node = {{6}}, .decision = FORA_PEERING_APPROVE};
        break;
    default: /* no field that must be there */
        break;
    }
    return message;
}

/* To a responder, after the Hello of a peer. */
static const struct {
    const char *hex;
    int code;
    const char *why;
} refused[] = {
    {"00000000", FORA_E_MALFORMED, "SES-2: an empty frame"},
    {"00100001", FORA_E_TOO_LARGE, "SES-2: larger than announced, by the length alone"},
    {"0000000208ff", FORA_E_MALFORMED, "SES-3: a varint that is cut"},
    {"00000006"
     "08013a004200",
        FORA_E_MALFORMED, "SES-3: two bodies"},
    {"00000007"
     "08010801a20100",
        FORA_E_MALFORMED, "SES-3: request given twice"},
    {"00000005"
     "0802a20100",
        FORA_E_MALFORMED, "SES-32: ListSpaces with the responder's parity"},
    {"00000003"
     "a20100",
        FORA_E_MALFORMED, "SES-32: ListSpaces without a number"},
    {"00000005"
     "0801aa0100",
        FORA_E_MALFORMED, "SES-32: Spaces with the asker's own parity"},
    {"00000004"
     "08013a00",
        FORA_E_MALFORMED, "SES-32: Ping with a number"},
    {"00000004"
     "08011a00",
        FORA_E_MALFORMED, "SES-32: Error with the sender's own parity"},
    {"00000005"
     "0801e20300",
        FORA_E_STATE, "SES-30: GetStatus from a peer"},
    {"00000004"
     "08023200",
        FORA_E_STATE, "SES-30: AuthOk from a peer"},
    {"0000000c"
     "120a080130808004380140ff",
        FORA_E_MALFORMED, "SES-3: Hello cut"},
    {"0000000a"
     "12080801308080043801",
        FORA_E_STATE, "SES-11: a second Hello"},
    {"0000000c"
     "220a08ffffffffffffffff7f",
        FORA_E_LIMIT, "SES-23: Credit beyond what is counted"},
};

static void write_frames(const char *folder)
{
    json_t *root = json_object(), *good = json_array(), *bad = json_array();

    vec_set(root, "about",
        json_string(
            "SES-1 to SES-36: frames with their length. Refused ones are what an initiator, a "
            "node, "
            "says after its Hello; the responder answers Error 0 with the code and closes"));
    for (uint32_t type = 0; type < 300; type++) {
        struct fora_message message;

        if (fora_message_rule(type) == NULL)
            continue;
        message = example(type);
        accepted(good, &message);
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        json_t *row = json_object();

        vec_set(row, "frame", json_string(refused[i].hex));
        vec_set(row, "code", json_string(fora_error_name(refused[i].code)));
        vec_set(row, "number", json_integer(-refused[i].code));
        vec_set(row, "why", json_string(refused[i].why));
        vec_push(bad, row);
    }
    vec_set(root, "accepted", good);
    vec_set(root, "refused", bad);
    vec_write(folder, "frames.json", root);
}

int main(int argc, char **argv)
{
    EXPECT(argc == 2);
    EXPECT(fora_crypto_init() == 0);
    write_handshakes(argv[1]);
    write_frames(argv[1]);
    return 0;
}
