/*
 * Whole sessions with a node. The input is a program: connect, say this, answer that, wait, fail a
 * write, restart. Node A, over a store in memory, has the guests; node B follows A through an
 * honest connection. What guests say is well-formed and makes sense, or one byte of it does not.
 *
 * Held in the end, whatever was said: both stores are sound (fsck, with every signature), what A
 * acknowledged is there, and once all is well again B comes to hold what A holds.
 *
 * Beside it: session_open_fuzz and fuzz_message take bytes that make no sense at all.
 */
#include "fuzz/program.h"

#include "maintain/fsck.h"
#include "store/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPS_MAX = 200, FAILS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what is done ---- */

static struct player *any_player(struct program *program)
{
    return &program->players[program_number(program, PLAYERS)];
}

static void op_connect(struct program *program)
{
    struct player *player = any_player(program);
    if (!player->there) {
        unsigned number = program_number(program, 256);
        player_connect(
            program, player, number % 4, number / 4 % 2 == 1 ? FORA_FEATURE_SHORT_FINGERPRINTS : 0);
    }
}

static void op_leave(struct program *program)
{
    player_leave(program, any_player(program));
}

static void op_settle(struct program *program)
{
    struct player *player = any_player(program);
    if (player->there) {
        guest_settle(&player->guest);
    }
}

static void op_move(struct program *program)
{
    struct player *player = any_player(program);
    if (player->there) {
        guest_move(&player->guest);
    }
}

static void op_ask(struct program *program)
{
    player_ask(program, any_player(program));
}

static void op_auth(struct program *program)
{
    player_auth(program, any_player(program));
}

static void op_put(struct program *program)
{
    player_put(program, any_player(program));
}

static void op_answer(struct program *program)
{
    player_answer(program, any_player(program));
}

static void op_raw(struct program *program)
{
    player_raw(program, any_player(program));
}

static void op_wait(struct program *program)
{
    program->net.now += program_number(program, 200) * UINT64_C(1000);
    net_pass(&program->net, 1);
}

static void op_clock_back(struct program *program)
{
    program->net.now -= program_number(program, 200) * UINT64_C(1000);
}

static void op_fail(struct program *program)
{
    int code = program_number(program, 2) == 0 ? FORA_E_FULL : FORA_E_IO;
    kv_mem_fail_at(program->a->kv, 1 + program_number(program, FAILS_MAX), code);
}

static void op_restart(struct program *program)
{
    program_restart(program);
}

static void op_cut(struct program *program)
{
    net_cut(&program->net, program->a);
}

static void op_deaf(struct program *program)
{
    struct player *player = any_player(program);
    player->guest.deaf = player->there && !player->guest.deaf;
}

static void (*const ops[])(struct program *program) = {op_connect, op_settle, op_ask, op_put,
    op_answer, op_raw, op_move, op_wait, op_put, op_answer, op_leave, op_clock_back, op_fail,
    op_restart, op_cut, op_deaf, op_auth};

/* ---- what is held ---- */

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    fprintf(stderr, "fsck: %s: %s\n", table, text);
}

static void check_store(struct kv *kv)
{
    const struct fsck fsck = {.verify = true, .threads = 1, .found = found};
    struct fsck_result result;
    if (fsck_run(kv, &fsck, &result) != 0 || result.findings != 0 || result.objects == 0) {
        abort();
    }
}

static void check_promises(const struct program *program)
{
    struct kv_txn *txn;
    if (kv_begin_read(program->a->kv, &txn) != 0) {
        abort();
    }
    for (size_t i = 0; i < program->promises_count; i++) {
        if (objects_find(txn, program->promises[i].b) == 0) {
            fprintf(stderr, "acknowledged, and not there\n");
            abort();
        }
    }
    kv_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct program program; /* the world in it is made once */
    program_start(&program, fora_bytes(data, size));
    for (unsigned op = 0; op < OPS_MAX && !program_over(&program); op++) {
        ops[program_number(&program, sizeof ops / sizeof ops[0])](&program);
    }
    program_heal(&program);
    check_store(program.a->kv);
    check_store(program.b->kv);
    check_promises(&program);
    net_same(program.a, program.b, &program.space);
    program_end(&program);
    return 0;
}
