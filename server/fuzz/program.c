/* The world of fuzz_node.c: two nodes, a space, and what can be said in it. */
#include "fuzz/program.h"

#include "core/accounts.h"
#include "core/commit.h"
#include "sim/dice.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH UINT64_C(1700000000000) /* ms: net.c begins there too */

enum { HEAL_S = 60 };

static struct dice dice; /* libsodium's, through dice_install: there is one in a process */

bool program_over(const struct program *program)
{
    return program->left.size == 0;
}

unsigned program_number(struct program *program, unsigned below)
{
    unsigned byte = 0;
    if (program->left.size > 0) {
        byte = program->left.data[0];
        program->left.data++;
        program->left.size--;
    }
    return byte % below;
}

static void thing(struct program *program, const struct fora_object *object)
{
    if (program->things_count == THINGS) {
        abort();
    }
    program->things[program->things_count++] = object;
}

/* A thread with everything that can be said about it, and what is wrong: an answer to nothing, an
 * author whom nobody knows, a content that was taken away. */
static void discussion(struct program *program, const struct fx_who *ann, const struct fx_who *bob,
    const struct fora_object *space, uint64_t at)
{
    struct fx *fx = &program->fx;
    const struct fora_object *thread =
        fx_thread(fx, ann, space, FORA_THREAD_QUESTION, "Why does it stand still?", at);
    const struct fora_object *answer = fx_answer(fx, bob, thread, "It is cold.", at + 10);
    thing(program, thread);
    thing(program, answer);
    thing(program, fx_comment(fx, ann, answer, "How warm should it be?", at + 20));
    thing(program, fx_revise(fx, bob, answer, "It is too cold.", at + 30));
    thing(program, fx_resolve(fx, ann, answer, FORA_RESOLUTION_ASKER_ACCEPTED, at + 40));
    thing(program, fx_moderate(fx, ann, thread, FORA_MODERATION_LOCK, at + 50));
    thing(program, fx_moderate(fx, ann, answer, FORA_MODERATION_ERASE, at + 60));
    thing(program, fx_answer(fx, bob, thread, "After the lock.", at + 70));
    thing(program, fx_retract(fx, bob, answer, at + 80));
    thing(program, fx_strip(fx, answer));
    thing(program, fx_profile(fx, bob, "Bob", at + 90));
    thing(program, fx_profile(fx, bob, "Bob again", at + 100));
}

static void world_make(struct program *program)
{
    struct fx *fx = &program->fx;
    uint64_t at = EPOCH - 100000;
    fx_init(fx);
    struct fx_who *ann = fx_member(fx, 1, at), *bob = fx_member(fx, 2, at);
    struct fx_who *eve = fx_member(fx, 3, at), *node = fx_node(fx, 4, at);
    const struct fora_object *space = fx_space(fx, ann, FORA_SPACE_QUESTIONS, "beer", at);
    const struct fora_object *other = fx_space(fx, eve, FORA_SPACE_QUESTIONS, "wine", at);
    thing(program, ann->create);
    thing(program, space);
    program->first_count = program->things_count;
    program->members[0] = ann;
    program->members[1] = bob;
    program->space = fora_object_space(space);
    thing(program, bob->create);
    discussion(program, ann, bob, space, at + 1000);
    discussion(program, bob, ann, space, EPOCH + 5000); /* not to be said yet */
    thing(program, fx_grant(fx, ann, space, bob, FORA_ROLE_MODERATOR, 0, 0, at + 3000));
    thing(program, fx_revoke(fx, ann, space, bob, FORA_ROLE_MODERATOR, at + 4000));
    thing(program, fx_grant(fx, eve, space, eve, FORA_ROLE_MODERATOR, 0, 0, at + 5000));
    thing(program, fx_thread(fx, eve, space, FORA_THREAD_IDEA, "Nobody knows me", at + 6000));
    thing(program, eve->create);
    thing(program, other);
    thing(program, fx_tally(fx, node, program->things[program->first_count + 1], 3, 1, at + 7000));
    thing(program, node->create);
    program->latest = EPOCH + 20000;
    program->made = true;
}

static void account_make(struct program *program)
{
    struct kv_txn *txn;
    const struct account account = {
        .handle = "ann", .principal = program->members[0]->id, .created_at = program->net.now};
    if (kv_begin_write(program->a->kv, &txn) != 0) {
        abort();
    }
    accounts_put(txn, &account);
    if (kv_commit(txn) != 0) {
        abort();
    }
}

/* As its owner's node does it. */
static void space_found(struct program *program)
{
    struct policies *policies;
    struct committer *committer;
    struct commit_item items[2] = {{.source = COMMIT_LOCAL}, {.source = COMMIT_LOCAL}};
    struct commit_batch batch = {.items = items, .count = 2, .now = program->net.now};
    struct commit_result result;
    items[0].object = *program->things[0];
    items[1].object = *program->things[1];
    if (policies_new(&policies) != 0 || committer_new(&committer, program->a->kv, policies) != 0 ||
        commit_run(committer, &batch, &result) != 0 || items[1].code != 0) {
        abort();
    }
    committer_free(committer);
    policies_free(policies);
    account_make(program);
    net_restart(&program->net, program->a);
}

void program_start(struct program *program, struct fora_bytes input)
{
    if (!program->made) {
        dice_install();
        if (fora_crypto_init() != 0) {
            abort();
        }
        dice_seed(&dice, 1);
        dice_use(&dice);
        world_make(program);
    }
    dice_seed(&dice, 2);
    dice_use(&dice);
    program->left = input;
    program->promises_count = 0;
    memset(program->compared, 0, sizeof program->compared);
    memset(program->players, 0, sizeof program->players);
    net_init(&program->net);
    program->a = net_add(&program->net, "a");
    program->b = net_add(&program->net, "b");
    space_found(program);
    net_subscribe(&program->net, program->b, program->a, &program->space);
    net_settle(&program->net);
}

void program_restart(struct program *program)
{
    for (size_t i = 0; i < PLAYERS; i++) {
        player_leave(program, &program->players[i]);
    }
    net_restart(&program->net, program->a);
}

/* So late that nothing is said in the future. */
void program_heal(struct program *program)
{
    struct net *net = &program->net;
    kv_mem_fail_at(program->a->kv, 0, 0);
    program_restart(program);
    net->now = program->latest > net->now ? program->latest : net->now;
    net_pass(net, HEAL_S);
}

void program_end(struct program *program)
{
    for (size_t i = 0; i < PLAYERS; i++) {
        player_leave(program, &program->players[i]);
    }
    net_fini(&program->net);
}
