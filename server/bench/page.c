/* GetPrincipal with what is attested, one question after the other on one connection. */
#include "page.h"

#include <stdlib.h>

enum { ROUNDS = 9, PAGES = 1000, READERS_MAX = 64 };

struct server {
    struct bench_process process;
    struct bench_peer *client;
};

struct readers {
    struct fora_principal_id ids[READERS_MAX];
    size_t count;
};

static void server_start(struct server *server, const struct page_store *store)
{
    bench_start(&server->process, store->folder, store->node);
    bench_client_open(&server->client, server->process.address);
}

static void server_stop(struct server *server)
{
    bench_peer_close(server->client);
    bench_stop(&server->process);
}

static size_t read_page(
    struct server *server, const struct fora_principal_id *member, bool attested)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    ask.u.get_principal.principal = *member;
    ask.u.get_principal.attested = attested;
    return bench_peer_call(server->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS)
        ->u.principal_objects.objects_count;
}

/* Who has more to her name than her log. */
static void find_readers(
    struct server *server, const struct page_store *store, struct readers *readers)
{
    for (size_t i = 0; i < store->members_count && readers->count < READERS_MAX; i++) {
        if (read_page(server, &store->members[i], true) >
            read_page(server, &store->members[i], false)) {
            readers->ids[readers->count++] = store->members[i];
        }
    }
    bench_need(readers->count == 0 ? FORA_E_INTERNAL : 0, "nobody has a page");
}

static double read_pages(struct server *server, const struct readers *readers, size_t pages)
{
    double begin = bench_seconds();
    for (size_t i = 0; i < pages; i++) {
        /* Her log, what is stated, and the log of who states it. */
        size_t count = read_page(server, &readers->ids[i % readers->count], true);
        bench_need(count < 3 ? FORA_E_INTERNAL : 0, "an empty page");
    }
    return (double)pages / (bench_seconds() - begin);
}

void bench_pages(struct bench *bench, const struct page_store *few, const struct page_store *many)
{
    double few_rates[ROUNDS], many_rates[ROUNDS], ratios[ROUNDS];
    size_t pages = bench->scale > 1 ? PAGES / 4 : PAGES;
    struct server servers[2];
    struct readers readers = {.count = 0};
    server_start(&servers[0], few);
    server_start(&servers[1], many);
    find_readers(&servers[0], few, &readers);
    for (int i = 0; i < ROUNDS; i++) { /* in turns: the machine's speed drifts */
        few_rates[i] = read_pages(&servers[0], &readers, pages);
        many_rates[i] = read_pages(&servers[1], &readers, pages);
        ratios[i] = few_rates[i] / many_rates[i];
    }
    results_add(bench->results, "standing_read", bench_median(many_rates, ROUNDS), "pages/s",
        bench_median(few_rates, ROUNDS), "the same at a thousand objects",
        bench_median(ratios, ROUNDS), false, 1.5);
    server_stop(&servers[0]);
    server_stop(&servers[1]);
}
