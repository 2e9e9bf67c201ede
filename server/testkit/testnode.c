/* fora-testnode FOLDER ADDRESS SEED CONNECTIONS HELLO_MS IDLE_MS RECONCILE_S: a node over a store
 * that a test has made, with the keys of a seed and limits that a test can wait for (0: as in
 * production). */
#include "shell/daemon.h"
#include "shell/guard.h"
#include "store/schema.h"
#include "testkit/process.h"

#include <stdio.h>
#include <stdlib.h>

static void limits_set(struct node_limits *limits, char **numbers)
{
    unsigned values[4];
    for (int i = 0; i < 4; i++) {
        values[i] = (unsigned)strtoul(numbers[i], NULL, 10);
    }
    node_limits_default(limits);
    if (getenv("FORA_TEST_NEWCOMERS") == NULL) { /* else as in production */
        limits->newcomer_objects_hour = 0;       /* every peer is known, and has no quota */
        limits->peer_objects_hour = 0;
        limits->peer_bytes_day = 0;
    }
    limits->connections_max = values[0] != 0 ? values[0] : limits->connections_max;
    limits->hello_timeout_ms = values[1] != 0 ? values[1] : limits->hello_timeout_ms;
    limits->idle_ms = values[2] != 0 ? values[2] : limits->idle_ms;
    limits->reconcile_interval_s = values[3] != 0 ? values[3] : limits->reconcile_interval_s;
}

static int run(struct daemon_config *config, const char *folder, struct fora_buf *why)
{
    struct kv_lmdb_options options = {.path = folder};
    guard_install(folder);
    int rc = kv_lmdb_open(&config->kv, &options, store_table_names, STORE_TABLE_COUNT, why);
    if (rc == 0) {
        rc = daemon_run(config, why);
        kv_close(config->kv);
    }
    return rc;
}

int main(int argc, char **argv)
{
    char ready[300];
    struct fora_buf why = {0};
    struct bench_node keys;
    struct daemon_config config = {.listen_count = 1, .ready_file = ready};
    if (argc != 8 || fora_crypto_init() != 0) {
        return 2;
    }
    kit_keys(&keys, (unsigned)strtoul(argv[3], NULL, 10));
    struct fora_bytes identity = fora_buf_bytes(&keys.identity);
    snprintf(ready, sizeof ready, "%s/ready", argv[1]);
    config.listen[0] = argv[2];
    config.log_level = getenv("FORA_TEST_LOG") != NULL ? DAEMON_LOG_DEBUG : DAEMON_LOG_ERROR;
    config.node = (struct node_config){.name = "test",
        .self = keys.id,
        .secret = keys.device,
        .noise_secret = keys.noise,
        .custody = keys.custody,
        .identity = &identity,
        .identity_count = 1};
    limits_set(&config.node.limits, argv + 4);
    int rc = run(&config, argv[1], &why);
    if (rc != 0) {
        fprintf(stderr, "fora-testnode: %s\n", fora_buf_cstr(&why));
    }
    fora_buf_fini(&why);
    bench_node_fini(&keys);
    return rc == 0 ? 0 : 1;
}
