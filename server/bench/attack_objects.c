/* Attacks by a guest who keeps the rules of sessions: with objects, with reconciliation, with
 * requests. */
#include "attack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 256, GUESTS = 4, WAIT_US = 20000 };

/* The guests that an attacker has at once, each opened again when it is thrown out. */
struct crowd {
    const struct attack *attack;
    const struct bench_node *self;
    struct attack_guest *guests[GUESTS];
    size_t turn;
};

static void crowd_send(struct crowd *crowd, struct fora_message *message)
{
    struct attack_guest **guest = &crowd->guests[crowd->turn++ % GUESTS];
    if (*guest == NULL) {
        *guest = attack_guest_open(crowd->attack->address, crowd->self);
    }
    if (*guest == NULL) {
        usleep(WAIT_US);
    } else if (!attack_guest_send(*guest, message)) {
        attack_guest_close(*guest);
        *guest = NULL;
    }
}

static _Noreturn void put_for_ever(const struct attack *attack, const struct world_load *load)
{
    struct crowd crowd = {.attack = attack, .self = &attack->stranger};
    for (size_t at = 0;; at = at + BATCH < load->count ? at + BATCH : 0) {
        struct fora_message message = {.type = FORA_MSG_PUT};
        message.u.put.objects = load->objects + at;
        message.u.put.objects_count = load->count - at < BATCH ? load->count - at : BATCH;
        crowd_send(&crowd, &message);
    }
}

static _Noreturn void run_signatures(const struct attack *attack)
{
    put_for_ever(attack, &attack->forged);
}

static _Noreturn void run_objects(const struct attack *attack)
{
    put_for_ever(attack, &attack->valid);
}

static _Noreturn void run_backdating(const struct attack *attack)
{
    put_for_ever(attack, &attack->backdated);
}

static _Noreturn void run_equivocation(const struct attack *attack)
{
    put_for_ever(attack, &attack->forks);
}

static _Noreturn void run_claims(const struct attack *attack)
{
    put_for_ever(attack, &attack->orphans);
}

static _Noreturn void run_replay(const struct attack *attack)
{
    struct world_load held = {
        .objects = (struct fora_bytes *)(uintptr_t)attack->held, .count = attack->held_count};
    put_for_ever(attack, &held);
}

/* ---- reconciliation ---- */

/* As Negentropy writes numbers: the most significant seven bits first. */
static void varint(struct fora_buf *out, uint64_t value)
{
    for (unsigned shift = 63; shift > 0; shift -= 7) {
        if (value >> shift != 0) {
            fora_buf_u8(out, (uint8_t)(value >> shift & 0x7f) | 0x80);
        }
    }
    fora_buf_u8(out, (uint8_t)(value & 0x7f));
}

static _Noreturn void reconcile_for_ever(const struct attack *attack, const struct fora_buf *text)
{
    struct crowd crowd = {.attack = attack, .self = &attack->stranger};
    for (;;) {
        struct fora_message message = {.type = FORA_MSG_RECONCILE};
        message.u.reconcile.space = attack->world->space;
        message.u.reconcile.audience = FORA_AUDIENCE_PUBLIC;
        message.u.reconcile.message = fora_buf_bytes(text);
        crowd_send(&crowd, &message);
    }
}

/* As many ranges as a message holds (REP-24), each with a fingerprint that is not theirs. */
static _Noreturn void run_ranges(const struct attack *attack)
{
    static const uint8_t key[16], fingerprint[8] = {1};
    struct fora_buf text = {0};
    fora_buf_u8(&text, 0x71);
    fora_buf_append(&text, key, sizeof key);
    for (uint64_t i = 0; i < 8900; i++) {
        varint(&text, i == 0 ? 1600000000 : 2); /* a little later than the last */
        varint(&text, 0);
        varint(&text, 1); /* Fingerprint */
        fora_buf_append(&text, fingerprint, sizeof fingerprint);
    }
    reconcile_for_ever(attack, &text);
}

/* Bounds of one second whose prefixes go down: refused as a whole, before the set is asked. */
static _Noreturn void run_bounds(const struct attack *attack)
{
    struct fora_buf text = {0};
    fora_buf_u8(&text, 0x61);
    for (uint64_t i = 0; i < 3000; i++) {
        varint(&text, i == 0 ? 1600000000 : 1); /* the same second */
        varint(&text, 2);
        fora_buf_be16(&text, (uint16_t)(i > 2900 ? 3000 - i : i));
        varint(&text, 0); /* Skip */
    }
    reconcile_for_ever(attack, &text);
}

/* ---- asking ---- */

static _Noreturn void run_everything(const struct attack *attack)
{
    struct crowd crowd = {.attack = attack, .self = NULL};
    struct fora_object_id ids[1024];
    struct fora_object object;
    for (size_t i = 0; i < 1024; i++) {
        if (fora_object_decode(&object, attack->held[i % attack->held_count]) == 0) {
            ids[i] = object.id;
        }
    }
    for (size_t i = 0;; i++) {
        struct fora_message all[] = {
            {.type = FORA_MSG_FETCH, .u.fetch = {ids, 1024}},
            {.type = FORA_MSG_GET_THREAD, .u.get_thread = {ids[600 + i % 20], true}},
            {.type = FORA_MSG_LIST_THREADS,
                .u.list_threads = {.space = attack->world->space, .limit = 100}},
            {.type = FORA_MSG_FOLLOW,
                .u.follow = {.space = attack->world->space, .audience = FORA_AUDIENCE_PUBLIC}},
            {.type = FORA_MSG_LIST_SPACES},
            {.type = FORA_MSG_GET_STATUS, .u.get_status = {.metrics = true}},
        };
        crowd_send(&crowd, &all[i % (sizeof all / sizeof all[0])]);
    }
}

const struct attack_kind *attack_object_kinds(size_t *count)
{
    static const struct attack_kind kinds[] = {
        {"signatures", run_signatures, "objects whose signatures are wrong", 36, 140},
        {"objects", run_objects, "valid objects", 43, 140},
        {"backdating", run_backdating, "valid objects that say they are years old", 43, 140},
        {"replay", run_replay, "objects that the node holds, again and again", 43, 140},
        {"equivocation", run_equivocation, "a member's log that forks at every entry", 63, 140},
        {"claims", run_claims, "objects whose parents never come", 53, 140},
        {"ranges", run_ranges, "reconciliation of 8,900 wrong ranges", 32, 140},
        {"bounds", run_bounds, "reconciliation whose bounds do not ascend", 32, 140},
        {"everything", run_everything, "asks for all there is, and reads it", 32, 140},
    };
    *count = sizeof kinds / sizeof kinds[0];
    return kinds;
}
