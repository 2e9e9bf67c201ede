/* Those who speak in fuzz_node.c's world. */
#include "fuzz/program.h"

#include <string.h>

enum { OBJECTS_MAX = 8, RAW_MAX = 300, PIECE_MAX = 4096 };

/* How a message of a comparison begins: with its form (REP-5), or with that of short fingerprints
 * and their key (REP-24). */
enum { PLAIN = 0x61, SHORT = 0x71, SHORT_HEAD = 1 + FORA_NEG_KEY_SIZE };

/* Objects as they are chosen: each whole, or with one byte changed. */
struct chosen {
    struct fora_arena arena;
    struct fora_bytes bytes[OBJECTS_MAX];
    struct fora_object_id ids[OBJECTS_MAX];
    size_t count;
};

static void choose(struct program *program, struct chosen *out)
{
    fora_arena_init(&out->arena, 0);
    out->count = 1 + program_number(program, OBJECTS_MAX);
    for (size_t i = 0; i < out->count; i++) {
        const struct fora_object *object =
            program->things[program_number(program, (unsigned)program->things_count)];
        unsigned change = program_number(program, 256);
        struct fora_bytes copy = fora_arena_copy(&out->arena, object->encoded);
        if (change >= 192 && copy.size > 0) {
            uint8_t *bytes = (uint8_t *)(uintptr_t)copy.data;
            size_t at = program_number(program, 256) * copy.size / 256;
            bytes[at] ^= (uint8_t)(1U << change % 8);
        }
        out->bytes[i] = copy;
        out->ids[i] = object->id;
    }
}

/* What may leave a set again when something newer comes (OBJ-8) is no promise. */
static bool is_promise(const struct program *program, const struct fora_object_id *id)
{
    for (size_t i = 0; i < program->things_count; i++) {
        const struct fora_object *object = program->things[i];
        if (memcmp(object->id.b, id->b, sizeof id->b) == 0) {
            return !fora_kind_replaceable(object->header.kind);
        }
    }
    return false; /* A made it itself */
}

static void hear(void *context, const struct fora_message *message)
{
    struct program *program = context;
    const struct fora_msg_put_result *put = &message->u.put_result;
    if (message->type == FORA_MSG_RECONCILE &&
        message->u.reconcile.message.size >= sizeof program->compared) {
        memcpy(program->compared, message->u.reconcile.message.data, sizeof program->compared);
    }
    for (size_t i = 0; message->type == FORA_MSG_PUT_RESULT && i < put->results_count; i++) {
        const struct fora_msg_result *result = &put->results[i];
        if (result->code == 0 && is_promise(program, &result->id) &&
            program->promises_count < PROMISES_MAX) {
            program->promises[program->promises_count++] = result->id;
        }
    }
}

void player_connect(struct program *program, struct player *player, unsigned who, uint64_t features)
{
    memset(player, 0, sizeof *player);
    guest_init_features(&player->guest, &program->net, program->a, who, features);
    player->guest.hears = hear;
    player->guest.listener = program;
    player->there = true;
}

void player_leave(struct program *program, struct player *player)
{
    (void)program;
    if (player->there) {
        guest_fini(&player->guest);
        player->there = false;
    }
}

static bool can_speak(const struct player *player)
{
    return player->there && fora_session_state(player->guest.session) == FORA_SESSION_OPEN;
}

/* A refusal by the sender's own session (a rule, no credit) is the end of it. */
static void say(struct player *player, struct fora_message *message)
{
    int rc = fora_session_send(player->guest.session, message);
    (void)rc;
}

void player_put(struct program *program, struct player *player)
{
    struct fora_message message = {.type = FORA_MSG_PUT};
    struct chosen chosen;
    if (!can_speak(player)) {
        return;
    }
    choose(program, &chosen);
    message.request = fora_session_request(player->guest.session);
    message.u.put.objects = chosen.bytes;
    message.u.put.objects_count = chosen.count;
    say(player, &message);
    fora_arena_fini(&chosen.arena);
}

/* As Ann, who has an account at A, or as somebody who has none. */
void player_auth(struct program *program, struct player *player)
{
    const struct fx_who *who =
        program_number(program, 4) != 0 ? program->members[0] : program->members[1];
    struct fora_message message = {.type = FORA_MSG_AUTH};
    struct fora_bytes entry = who->create->encoded;
    if (!can_speak(player)) {
        return;
    }
    message.request = fora_session_request(player->guest.session);
    message.u.auth.principal = who->id;
    message.u.auth.identity = &entry;
    message.u.auth.identity_count = 1;
    fora_secret_public(who->device, &message.u.auth.key);
    fora_sign(&message.u.auth.signature, who->device, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(player->guest.session), FORA_NOISE_HASH_SIZE));
    say(player, &message);
}

/* ---- questions ---- */

/* Appends bytes of the input to what is there of a message. */
static struct fora_bytes go_on(
    struct program *program, uint8_t piece[PIECE_MAX], size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++) {
        piece[i] = (uint8_t)program_number(program, 256);
    }
    return fora_bytes(piece, from + count);
}

static size_t head_short(uint8_t piece[PIECE_MAX], unsigned number)
{
    piece[0] = SHORT;
    memset(piece + 1, (int)number, FORA_NEG_KEY_SIZE);
    return SHORT_HEAD;
}

static void fill(struct program *program, struct fora_message *message, struct chosen *chosen,
    uint8_t piece[PIECE_MAX])
{
    const struct fora_object *object =
        program->things[program_number(program, (unsigned)program->things_count)];
    unsigned number = program_number(program, 256);
    switch (message->type) {
    case FORA_MSG_FOLLOW:
        message->u.follow.space = program->space;
        message->u.follow.audience = FORA_AUDIENCE_PUBLIC + number / 128;
        message->u.follow.position = number % 64;
        message->u.follow.live = number % 2 == 0;
        memset(piece, (int)number, 8);
        message->u.follow.epoch = fora_bytes(number % 4 == 0 ? program->a->custody : piece, 8);
        break;
    case FORA_MSG_FETCH:
        choose(program, chosen);
        message->u.fetch.ids = chosen->ids;
        message->u.fetch.ids_count = chosen->count;
        break;
    case FORA_MSG_GET_THREAD:
        message->u.get_thread.root = object->id;
        message->u.get_thread.context = number % 2 == 0;
        break;
    case FORA_MSG_GET_PRINCIPAL:
        message->u.get_principal.principal = object->header.author;
        break;
    case FORA_MSG_LIST_THREADS:
        message->u.list_threads.space = program->space;
        message->u.list_threads.order = number % 5;
        message->u.list_threads.limit = number;
        memset(piece, (int)number, 32);
        message->u.list_threads.cursor = fora_bytes(piece, number % 3 * 10);
        break;
    case FORA_MSG_GET_DELIVERY:
        message->u.get_delivery.id = object->id;
        break;
    case FORA_MSG_NOTICE:
        message->u.notice.object = object->encoded;
        message->u.notice.forwarded = number % 2 == 0;
        break;
    case FORA_MSG_LIST_MENTIONS:
        message->u.list_mentions.limit = number;
        memset(piece, (int)number, 32);
        message->u.list_mentions.cursor = fora_bytes(piece, number % 3 * 6);
        break;
    case FORA_MSG_LIST_FLAGS:
        message->u.list_flags.space = program->space;
        break;
    case FORA_MSG_VOTE:
        message->u.vote.target = object->id;
        message->u.vote.value = (int32_t)(number % 4) - 1;
        break;
    case FORA_MSG_REPORT:
        message->u.report.target = object->id;
        message->u.report.reason = fora_bytes_str("spam");
        break;
    case FORA_MSG_COMPOSE:
        message->u.compose.kind = object->header.kind;
        message->u.compose.space = program->space;
        message->u.compose.root = object->header.root;
        message->u.compose.parent = object->header.parent;
        message->u.compose.content = object->content_bytes;
        break;
    case FORA_MSG_RECONCILE:
        message->u.reconcile.space = program->space;
        message->u.reconcile.audience = FORA_AUDIENCE_PUBLIC;
        piece[0] = PLAIN;
        message->u.reconcile.message =
            go_on(program, piece, number % 4 == 3 ? head_short(piece, number) : 1, number / 4);
        break;
    default:
        break; /* no fields that matter */
    }
}

void player_ask(struct program *program, struct player *player)
{
    static const uint32_t types[] = {FORA_MSG_FOLLOW, FORA_MSG_FETCH, FORA_MSG_GET_THREAD,
        FORA_MSG_GET_PRINCIPAL, FORA_MSG_LIST_THREADS, FORA_MSG_GET_DELIVERY, FORA_MSG_LIST_FLAGS,
        FORA_MSG_VOTE, FORA_MSG_REPORT, FORA_MSG_COMPOSE, FORA_MSG_RECONCILE, FORA_MSG_LIST_SPACES,
        FORA_MSG_GET_STATUS, FORA_MSG_PING, FORA_MSG_CANCEL, FORA_MSG_LIST_MENTIONS,
        FORA_MSG_NOTICE};
    struct fora_message message = {
        .type = types[program_number(program, sizeof types / sizeof types[0])]};
    struct chosen chosen = {.count = 0};
    uint8_t piece[PIECE_MAX];
    fora_arena_init(&chosen.arena, 0);
    fill(program, &message, &chosen, piece);
    if (can_speak(player)) {
        message.request = fora_session_request(player->guest.session);
        say(player, &message);
    }
    fora_arena_fini(&chosen.arena);
}

/* ---- answers to what the node asked ---- */

static void answer_batch(struct program *program, struct fora_message *message,
    const struct chosen *chosen, uint8_t piece[PIECE_MAX])
{
    unsigned number = program_number(program, 256);
    message->u.follow_batch.objects = (struct fora_bytes *)(uintptr_t)chosen->bytes;
    message->u.follow_batch.objects_count = number % 8 == 0 ? 0 : chosen->count;
    message->u.follow_batch.next = number;
    message->u.follow_batch.head = number + number % 3;
    message->u.follow_batch.count = number;
    message->u.follow_batch.caught_up = number % 2 == 0;
    memset(piece, (int)(number % 3), 16);
    message->u.follow_batch.epoch = fora_bytes(piece, 8);
    if (number % 2 == 0) { /* which the node compares with what it holds */
        message->u.follow_batch.fingerprint = fora_bytes(piece, 16);
    }
}

/* In the form in which it was asked, or in the other one. */
static void answer_reply(
    struct program *program, struct fora_message *message, uint8_t piece[PIECE_MAX])
{
    unsigned number = program_number(program, 256);
    bool asked_short = program->compared[0] == SHORT;
    bool other = number >= 200;
    size_t head = 1;
    piece[0] = PLAIN;
    if (asked_short && !other) {
        memcpy(piece, program->compared, SHORT_HEAD);
        head = SHORT_HEAD;
    } else if (!asked_short && other) {
        head = head_short(piece, number);
    }
    message->u.reconcile_reply.message = go_on(program, piece, head, number % 200);
}

/* The right type for what was asked last, mostly with the right number. */
void player_answer(struct program *program, struct player *player)
{
    static const struct {
        uint32_t asked, answer;
    } pairs[] = {{FORA_MSG_FOLLOW, FORA_MSG_FOLLOW_BATCH},
        {FORA_MSG_RECONCILE, FORA_MSG_RECONCILE_REPLY}, {FORA_MSG_FETCH, FORA_MSG_OBJECTS},
        {FORA_MSG_GET_PRINCIPAL, FORA_MSG_PRINCIPAL_OBJECTS}, {FORA_MSG_PUT, FORA_MSG_PUT_RESULT},
        {FORA_MSG_FOLLOW_BATCH, FORA_MSG_FOLLOW_ACK}, {FORA_MSG_FOLLOW, FORA_MSG_ERROR}};
    unsigned pair = program_number(program, sizeof pairs / sizeof pairs[0]);
    unsigned shift = program_number(program, 256);
    uint8_t piece[PIECE_MAX];
    struct chosen chosen;
    if (!can_speak(player) || player->guest.heard[pairs[pair].asked] == 0) {
        return;
    }
    struct fora_message message = {.type = pairs[pair].answer,
        .request = player->guest.requests[pairs[pair].asked] + (shift < 240 ? 0 : shift % 8)};
    choose(program, &chosen);
    if (message.type == FORA_MSG_FOLLOW_BATCH) {
        answer_batch(program, &message, &chosen, piece);
    } else if (message.type == FORA_MSG_RECONCILE_REPLY) {
        answer_reply(program, &message, piece);
    } else if (message.type == FORA_MSG_OBJECTS) {
        message.u.objects.objects = chosen.bytes;
        message.u.objects.objects_count = chosen.count / 2;
        message.u.objects.missing = chosen.ids + chosen.count / 2;
        message.u.objects.missing_count = chosen.count - chosen.count / 2;
    } else if (message.type == FORA_MSG_PRINCIPAL_OBJECTS) {
        message.u.principal_objects.objects = chosen.bytes;
        message.u.principal_objects.objects_count = chosen.count;
    } else if (message.type == FORA_MSG_ERROR) {
        message.u.error.code = 60 + shift % 30;
    }
    say(player, &message);
    fora_arena_fini(&chosen.arena);
}

/* A message that the input has as a whole: libFuzzer takes the corpus of fuzz_message apart for it.
 */
void player_raw(struct program *program, struct player *player)
{
    size_t size = program_number(program, 256);
    struct fora_message message;
    struct fora_arena arena;
    size = size < program->left.size ? size : program->left.size;
    struct fora_bytes bytes = fora_bytes(program->left.data, size);
    program->left.data += size;
    program->left.size -= size;
    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    if (can_speak(player) && fora_message_decode(&arena, bytes, &message) == 0 &&
        message.type != FORA_MSG_SIGN_UP && message.type != FORA_MSG_LOGIN &&
        message.type != FORA_MSG_CLAIM) { /* those cost 80 ms each, on purpose */
        say(player, &message);
    }
    fora_arena_fini(&arena);
}
