/* What the machine can do at best: signatures on all cores, one bare commit. */
#include "bench.h"

#include "store/kv.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 4000 };

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

/* The sample that limits are measured on; kept, so that a limit can be measured again beside each
 * figure. */
struct bench_sample {
    struct bench_node node;
    struct world world;
    struct world_load load;
    struct fora_buf first;
};

double bench_verify_rate(struct bench *bench)
{
    return rate(&bench->sample->load, false, NULL);
}

double bench_sign_verify_rate(struct bench *bench)
{
    return rate(&bench->sample->load, true, bench->sample->world.members[0]);
}

struct bare *bench_bare_new(void)
{
    static const char *const tables[] = {"bare"};
    struct fora_buf why = {0};
    struct bare *bare = calloc(1, sizeof *bare);
    if (bare == NULL) {
        bench_need(FORA_E_NOMEM, "a bare store");
        return NULL;
    }
    bench_folder(bare->folder);
    struct kv_lmdb_options options = {.path = bare->folder, .create = true};
    bench_need(kv_lmdb_open(&bare->kv, &options, tables, 1, &why), "a bare store");
    fora_buf_fini(&why);
    return bare;
}

void bench_bare_free(struct bare *bare)
{
    kv_close(bare->kv);
    bench_folder_remove(bare->folder);
    free(bare);
}

double bench_bare_commit(struct bare *bare, struct fora_bytes value)
{
    struct kv_txn *txn;
    uint8_t key[8];
    uint64_t number = bare->number++;
    for (int byte = 0; byte < 8; byte++) {
        key[byte] = (uint8_t)(number >> (56 - 8 * byte));
    }
    double begin = bench_seconds();
    bench_need(kv_begin_write(bare->kv, &txn), "a bare commit");
    kv_put(txn, 0, fora_bytes(key, sizeof key), value);
    bench_need(kv_commit(txn), "a bare commit");
    return bench_seconds() - begin;
}

void bench_limits(struct bench *bench)
{
    size_t sizes[WORLD_MEMBERS + 1];
    struct bench_sample *sample = calloc(1, sizeof *sample);
    if (sample == NULL) {
        bench_need(FORA_E_NOMEM, "the limits");
        return;
    }
    bench_node_make(&sample->node, 1, "limits", "127.0.0.1:1");
    world_init(&sample->world, &sample->node, &sample->first, sizes);
    world_make(&sample->world, SAMPLE, &sample->load);
    bench->sample = sample;
    fprintf(stderr,
        "limits: hash and verify %.0f/s, sign and verify %.0f/s on %u cores; %.0f bytes an "
        "object\n",
        bench_verify_rate(bench), bench_sign_verify_rate(bench), bench_cores(),
        (double)sample->load.bytes.size / (double)sample->load.count);
}

void bench_limits_fini(struct bench *bench)
{
    world_load_fini(&bench->sample->load);
    world_fini(&bench->sample->world);
    bench_node_fini(&bench->sample->node);
    fora_buf_fini(&bench->sample->first);
    free(bench->sample);
}
