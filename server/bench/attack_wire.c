/* Attacks with bytes and connections. */
#include "attack.h"
#include "measure.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { CROWD = 200 };

/* Refused faster than one can blink: an attacker who is refused tries again at once, one whom the
 * kernel keeps waiting waits. */
static void next(struct attack_raw *raw)
{
    attack_close(raw);
}

static _Noreturn void run_connections(const struct attack *attack)
{
    struct attack_raw raw;
    for (;;) {
        if (attack_open(&raw, attack->address)) {
            next(&raw);
        }
    }
}

/* The cheapest bytes that make the other side do its share of a handshake: a random point, and gone
 * when the answer is there. */
static _Noreturn void run_handshakes(const struct attack *attack)
{
    uint8_t begin[8 + 2 + 32] = {'F', 'O', 'R', 'A', 1, 0, 0, 0, 0, 32};
    struct attack_raw raw;
    for (;;) {
        fora_random(begin + 10, 32);
        begin[41] &= 0x7f;
        if (attack_open(&raw, attack->address)) {
            struct pollfd poll_fd = {.fd = raw.fd, .events = POLLIN};
            if (attack_write(&raw, fora_bytes(begin, sizeof begin))) {
                (void)poll(&poll_fd, 1, 100);
            }
            next(&raw);
        }
    }
}

/* Says the same frame after each Hello, until the node has had enough; then comes again. */
static _Noreturn void say_again(
    const struct attack *attack, struct fora_bytes plain, const struct bench_node *self)
{
    struct attack_raw raw;
    for (;;) {
        if (attack_hello(&raw, attack->address, self)) {
            while (attack_say(&raw, plain) && attack_drain(&raw)) {
            }
            next(&raw);
        }
    }
}

/* In turns a length that nobody may send, and a frame as large as credit allows of which the last
 * byte does not come. */
static _Noreturn void run_frames(const struct attack *attack)
{
    static const uint8_t large[] = {0x7f, 0xff, 0xff, 0xff};
    static const uint8_t endless[0xf0000] = {0, 0x0f, 0, 0};
    struct attack_raw raw;
    for (unsigned i = 0;; i++) {
        if (attack_hello(&raw, attack->address, NULL)) {
            struct fora_bytes frame = i % 2 == 0 ? fora_bytes(large, sizeof large)
                                                 : fora_bytes(endless, sizeof endless - 5);
            (void)(attack_say(&raw, frame) && attack_drain(&raw));
            next(&raw);
        }
    }
}

/* A frame of a Fetch with field in field in field, as deep as it goes. */
static _Noreturn void run_nesting(const struct attack *attack)
{
    static uint8_t frame[60000];
    size_t at = sizeof frame;
    while (at > 16) {
        size_t size = sizeof frame - at;
        size_t length = size < 128 ? 1 : size < 16384 ? 2 : 3;
        at -= length + 1;
        frame[at] = 12 << 3 | 2;
        for (size_t i = 0; i < length; i++) {
            frame[at + 1 + i] = (uint8_t)((size >> 7 * i) & 0x7f) | (i + 1 < length ? 0x80 : 0);
        }
    }
    size_t size = sizeof frame - at;
    frame[at - 4] = frame[at - 3] = 0;
    frame[at - 2] = (uint8_t)(size >> 8);
    frame[at - 1] = (uint8_t)size;
    say_again(attack, fora_bytes(frame + at - 4, size + 4), NULL);
}

/* The smallest frames, each in a message of its own: the most work a byte. */
static _Noreturn void run_pings(const struct attack *attack)
{
    static const uint8_t ping[] = {0, 0, 0, 4, 0x3a, 2, 8, 1};
    say_again(attack, fora_bytes(ping, sizeof ping), NULL);
}

/* Many connections that write a byte now and then: one of them at each moment. */
static _Noreturn void run_slow_writers(const struct attack *attack)
{
    static struct attack_raw raws[CROWD];
    static const uint8_t zero[1] = {0};
    for (size_t i = 0; i < CROWD; i++) {
        raws[i].fd = -1;
    }
    for (size_t i = 0;; i = (i + 1) % CROWD) {
        if (raws[i].fd < 0) {
            (void)attack_hello(&raws[i], attack->address, NULL);
        } else if (!attack_say(&raws[i], fora_bytes(zero, 1)) || !attack_drain(&raws[i])) {
            next(&raws[i]);
        }
    }
}

static void ask_much(const struct attack *attack, struct fora_buf *out)
{
    struct fora_object_id ids[256];
    struct fora_object object;
    for (uint64_t request = 1; request < 200; request += 2) {
        struct fora_message message = {.request = request, .type = FORA_MSG_FETCH};
        for (size_t i = 0; i < 256; i++) {
            size_t at = (request * 131 + i) % attack->held_count;
            if (fora_object_decode(&object, attack->held[at]) == 0) {
                ids[i] = object.id;
            }
        }
        message.u.fetch.ids = ids;
        message.u.fetch.ids_count = 256;
        bench_need(fora_message_encode(out, &message), "a request");
    }
}

/* Many that ask for as much as they may, and read nothing. */
static _Noreturn void run_slow_readers(const struct attack *attack)
{
    static struct attack_raw raws[CROWD];
    struct fora_buf asks = {0};
    ask_much(attack, &asks);
    for (size_t i = 0; i < CROWD; i++) {
        raws[i].fd = -1;
    }
    for (size_t i = 0;; i = (i + 1) % CROWD) {
        if (raws[i].fd >= 0) {
            next(&raws[i]);
        }
        if (attack_hello(&raws[i], attack->address, i % 2 == 0 ? &attack->stranger : NULL)) {
            (void)attack_say(&raws[i], fora_buf_bytes(&asks));
        }
    }
}

const struct attack_kind *attack_wire_kinds(size_t *count)
{
    static const struct attack_kind kinds[] = {
        {"connections", run_connections, "connects and goes, as fast as it can", 80, 40},
        {"handshakes", run_handshakes, "makes the node do its half of handshakes", 80, 40},
        {"frames", run_frames, "oversized and never-ending frames", 20, 40},
        {"nesting", run_nesting, "frames nested as deep as they are long", 20, 40},
        {"pings", run_pings, "the smallest frames, as many as it can", 20, 40},
        {"slow_writers", run_slow_writers, "200 connections, a byte at a time", 24, 40},
        {"slow_readers", run_slow_readers, "200 that ask for everything and read nothing", 36, 140},
    };
    *count = sizeof kinds / sizeof kinds[0];
    return kinds;
}
