/* What the machine can do at best: signatures on all cores, one bare commit. */
#include "bench.h"

#include "store/kv.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLE = 4000, COMMITS = 400 };

struct share {
    struct world_load *load;
    unsigned first;
    unsigned step;
    bool sign;
    const struct fora_secret *secret;
};

static void *work(void *context)
{
    struct share *share = context;
    for (size_t i = share->first; i < share->load->count; i += share->step) {
        struct fora_object object;
        bench_need(fora_object_decode(&object, share->load->objects[i]), "an object");
        if (share->sign) {
            struct fora_signature signature;
            fora_sign(&signature, share->secret, FORA_DOMAIN_SIGN_OBJECT,
                fora_bytes(object.id.b, sizeof object.id.b));
        }
        bench_need(fora_object_verify(&object), "an object");
    }
    return NULL;
}

static double rate(struct world_load *load, bool sign, const struct fora_secret *secret)
{
    pthread_t threads[64];
    struct share shares[64];
    unsigned cores = bench_cores() < 64 ? bench_cores() : 64;
    double rates[3];
    for (int run = 0; run < 3; run++) {
        double begin = bench_seconds();
        for (unsigned i = 0; i < cores; i++) {
            shares[i] = (struct share){load, i, cores, sign, secret};
            bench_need(pthread_create(&threads[i], NULL, work, &shares[i]) == 0 ? 0 : FORA_E_NOMEM,
                "a thread");
        }
        for (unsigned i = 0; i < cores; i++) {
            pthread_join(threads[i], NULL);
        }
        rates[run] = (double)load->count / (bench_seconds() - begin);
    }
    return bench_median(rates, 3);
}

/* One put of an object's bytes in a store of its own, durable, median of many. */
static double bare_commit(struct fora_bytes value)
{
    static const char *const tables[] = {"bare"};
    char folder[256];
    struct kv *kv;
    double times[COMMITS];
    struct fora_buf why = {0};
    bench_folder(folder);
    struct kv_lmdb_options options = {.path = folder, .create = true};
    bench_need(kv_lmdb_open(&kv, &options, tables, 1, &why), "a bare store");
    for (uint64_t i = 0; i < COMMITS; i++) {
        struct kv_txn *txn;
        uint8_t key[8];
        for (int byte = 0; byte < 8; byte++) {
            key[byte] = (uint8_t)(i >> (56 - 8 * byte));
        }
        usleep(BENCH_PAUSE_US); /* as ack_latency: the cores are as idle, and wake up as slowly */
        double begin = bench_seconds();
        bench_need(kv_begin_write(kv, &txn), "a bare commit");
        kv_put(txn, 0, fora_bytes(key, sizeof key), value);
        bench_need(kv_commit(txn), "a bare commit");
        times[i] = bench_seconds() - begin;
    }
    kv_close(kv);
    bench_folder_remove(folder);
    fora_buf_fini(&why);
    return bench_median(times, COMMITS);
}

void bench_limits(struct bench *bench)
{
    struct bench_node node;
    struct world *world = malloc(sizeof *world);
    struct world_load load;
    struct fora_buf first = {0};
    size_t sizes[WORLD_MEMBERS + 1];
    if (world == NULL) {
        bench_need(FORA_E_NOMEM, "the limits");
        return;
    }
    bench_node_make(&node, 1, "limits", "127.0.0.1:1");
    world_init(world, &node, &first, sizes);
    world_make(world, SAMPLE, &load);
    bench->verify_rate = rate(&load, false, NULL);
    bench->sign_verify_rate = rate(&load, true, world->members[0]);
    bench->commit_seconds = bare_commit(load.objects[1]);
    fprintf(stderr,
        "limits: hash and verify %.0f/s, sign and verify %.0f/s on %u cores; one bare commit %.3f "
        "ms; "
        "%.0f bytes an object\n",
        bench->verify_rate, bench->sign_verify_rate, bench_cores(), bench->commit_seconds * 1000,
        (double)load.bytes.size / (double)load.count);
    world_load_fini(&load);
    world_fini(world);
    bench_node_fini(&node);
    fora_buf_fini(&first);
    free(world);
}
