/* Stores and processes. */
#include "process.h"

#include "core/links.h"
#include "core/meta.h"
#include "core/peers.h"
#include "core/rows.h"
#include "measure.h"
#include "shell/daemon.h"

#include <errno.h>
#include <signal.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void bench_folder(char out[256])
{
    const char *base = getenv("FORA_BENCH_DIR");
    snprintf(out, 256, "%s/fora-bench-XXXXXX", base != NULL ? base : "/var/tmp");
    if (mkdtemp(out) == NULL) {
        bench_need(FORA_E_IO, "a temporary folder");
    }
}

void bench_folder_remove(const char *folder)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock", "ready", "data.mdb.new"};
    char path[400];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

struct kv *bench_store_open(const char *folder)
{
    struct kv *kv;
    struct fora_buf why = {0};
    struct kv_lmdb_options options = {.path = folder, .create = true};
    if (kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, &why) != 0) {
        fprintf(stderr, "bench: %s\n", fora_buf_cstr(&why));
        exit(1);
    }
    fora_buf_fini(&why);
    return kv;
}

void bench_store_add(struct kv *kv, const struct fora_bytes *objects, size_t count)
{
    enum { STEP = 4096 };
    struct policies *policies = NULL;
    struct committer *committer = NULL;
    struct commit_result result;
    struct commit_item *items = calloc(STEP, sizeof *items);
    bench_need(items == NULL ? FORA_E_NOMEM : policies_new(&policies), "a store");
    bench_need(committer_new(&committer, kv, policies), "a store");
    for (size_t at = 0; at < count; at += STEP) {
        struct commit_batch batch = {.items = items, .now = 1700000000000};
        memset(items, 0, STEP * sizeof *items);
        for (size_t i = at; i < count && i < at + STEP; i++) {
            struct commit_item *item = &items[batch.count++];
            bench_need(fora_object_decode(&item->object, objects[i]), "an object of the bench");
            item->source = COMMIT_PEER;
        }
        bench_need(commit_run(committer, &batch, &result), "a commit");
        if (result.stored + result.duplicates != batch.count) {
            for (size_t i = 0; i < batch.count; i++) {
                bench_need(items[i].code, "an object of the bench is refused");
            }
        }
    }
    uint64_t behind = 1;
    while (behind > 0) {
        bench_need(rows_step(kv, policies, ROWS_STEP_MAX, &behind), "rows");
    }
    committer_free(committer);
    policies_free(policies);
    free(items);
}

void bench_store_fill(const char *folder, const struct bench_node *node,
    const struct fora_space_id *space, const struct fora_bytes *objects, size_t count)
{
    struct kv *kv = bench_store_open(folder);
    struct kv_txn *txn;
    struct ledger ledger;
    struct fora_bytes identity = fora_buf_bytes(&node->identity);
    bench_need(kv_begin_write(kv, &txn), "a store");
    meta_put(txn, "epoch", fora_bytes(node->custody, 8));
    bench_need(kv_commit(txn), "a store");
    if (space != NULL) {
        bench_need(ledger_begin(&ledger, kv), "a store");
        ledger_set_create(&ledger, space, FORA_AUDIENCE_PUBLIC);
        bench_need(ledger_commit(&ledger), "a store");
    }
    bench_store_add(kv, &identity, 1);
    bench_store_add(kv, objects, count);
    kv_close(kv);
}

void bench_store_link(const char *folder, const struct fora_space_id *space, const char *address)
{
    static const struct fora_principal_id anybody;
    bench_store_know(folder, space, address, &anybody);
}

void bench_store_know(const char *folder, const struct fora_space_id *space, const char *address,
    const struct fora_principal_id *node)
{
    struct kv *kv = bench_store_open(folder);
    struct kv_txn *txn;
    struct subscription link = {.space = *space, .node = *node};
    snprintf(link.address, sizeof link.address, "%s", address);
    bench_need(kv_begin_write(kv, &txn), "a store");
    links_put(txn, &link);
    bench_need(kv_commit(txn), "a store");
    kv_close(kv);
}

void bench_store_approve(const char *folder, const struct fora_principal_id *node)
{
    struct kv *kv = bench_store_open(folder);
    struct kv_txn *txn;
    struct peer_record record = {.node = *node, .decision = FORA_PEERING_APPROVE};
    bench_need(kv_begin_write(kv, &txn), "a store");
    peer_record_put(txn, &record);
    bench_need(kv_commit(txn), "a store");
    kv_close(kv);
}

static int run_child(const char *folder, const char *ready, const struct bench_node *node)
{
    struct fora_buf why = {0};
    struct fora_bytes identity = fora_buf_bytes(&node->identity);
    struct daemon_config config = {
        .listen = {"127.0.0.1:0"}, .listen_count = 1, .ready_file = ready};
    config.log_level = getenv("FORA_BENCH_LOG") != NULL ? DAEMON_LOG_DEBUG : DAEMON_LOG_ERROR;
    config.kv = bench_store_open(folder);
    config.node = (struct node_config){.name = "bench",
        .self = node->id,
        .secret = node->device,
        .noise_secret = node->noise,
        .custody = node->custody,
        .identity = &identity,
        .identity_count = 1};
    node_limits_default(&config.node.limits);
    config.node.limits.address_connections = 0; /* all of a bench comes from one */
    int rc = daemon_run(&config, &why);
    if (rc != 0) {
        fprintf(stderr, "bench: %s\n", fora_buf_cstr(&why));
    }
    kv_close(config.kv);
    fora_buf_fini(&why);
    return rc == 0 ? 0 : 1;
}

void bench_start(struct bench_process *process, const char *folder, const struct bench_node *node)
{
    char ready[400];
    memset(process, 0, sizeof *process);
    snprintf(process->folder, sizeof process->folder, "%s", folder);
    snprintf(ready, sizeof ready, "%s/ready", folder);
    unlink(ready);
    fflush(NULL);
    process->pid = fork();
    if (process->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a bench that fails leaves no node behind */
        malloc_trim(0); /* what the bench freed is not there for the node to use uncounted */
        _exit(run_child(folder, ready, node));
    }
    FILE *file = NULL;
    for (int i = 0; i < 3000 && file == NULL && waitpid(process->pid, NULL, WNOHANG) == 0; i++) {
        usleep(10000);
        file = fopen(ready, "r");
    }
    if (file == NULL || fgets(process->address, sizeof process->address, file) == NULL) {
        bench_need(FORA_E_IO, "a node that does not start");
        return;
    }
    process->address[strcspn(process->address, "\n")] = 0;
    fclose(file);
}

void bench_stop(struct bench_process *process)
{
    int status = 0;
    kill(process->pid, SIGTERM);
    waitpid(process->pid, &status, 0);
    if (status != 0) {
        bench_need(FORA_E_INTERNAL, "a node that did not end well");
    }
}

uint64_t bench_rss_anon(pid_t pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "RssAnon: %llu kB", &kib) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib * 1024;
}
