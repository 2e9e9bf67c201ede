/*
 * Looks for a domain or handle that is due, asks, waits:
 *
 *   one was due    -> 6 seconds, which makes ten in a minute
 *   none was due   -> a minute, and then the store is looked through anew
 *   something here failed (a full disk) -> an hour: what cannot be remembered must not be asked for
 *                     again and again
 *
 * Stopping interrupts both the waiting and the asking.
 */
#include "domain/keeper.h"

#include "domain/nodes.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PACE_S = 6, IDLE_S = 60, FAILED_S = 3600 };

struct domain_keeper {
    struct domain_keeper_config config;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool ending; /* with the mutex held */
    atomic_bool stop;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* What has waited longest of all that is due. */
struct choice {
    const char *name; /* NULL: nothing is due */
    uint64_t due;
};

static void consider(
    struct choice *choice, const char *name, const struct domain_entry *entry, uint64_t now)
{
    uint64_t due = entry == NULL ? 0 : domain_entry_due(entry);
    /* A clock that was set back must not silence it for ever. */
    bool future = entry != NULL && entry->checked_at > now + DOMAIN_AGAIN_MS;
    if ((due <= now || future) && (choice->name == NULL || due < choice->due)) {
        *choice = (struct choice){name, due};
    }
}

/* The domains that nodes name, and the handles that somebody asked for and that were found. */
static const char *choose(
    const struct domain_nodes *nodes, const struct domain_cache *cache, uint64_t now)
{
    struct choice choice = {.name = NULL};
    for (size_t i = 0; i < nodes->count; i++) {
        const char *domain = nodes->items[i].domain;
        consider(&choice, domain, domain_cache_find(cache, domain), now);
    }
    for (size_t i = 0; i < cache->count; i++) {
        const struct domain_entry *entry = &cache->entries[i];
        if (entry->name[0] == '@' && domain_entry_holds(entry, now)) {
            consider(&choice, entry->name, entry, now);
        }
    }
    return choice.name;
}

/* How many seconds to rest. */
static time_t step(struct domain_keeper *keeper)
{
    struct domain_nodes nodes;
    struct domain_cache cache;
    struct domain_entry entry;
    struct fora_client_why why;
    const struct domain_keeper_config *config = &keeper->config;
    if (domain_nodes_load(&nodes, config->kv, &config->self) != 0) {
        return IDLE_S;
    }
    time_t seconds = FAILED_S;
    pthread_mutex_lock(config->file);
    int loaded = domain_load(config->data, &cache, &why);
    pthread_mutex_unlock(config->file);
    if (loaded == 0) {
        uint64_t now = now_ms();
        const char *domain = choose(&nodes, &cache, now);
        seconds = IDLE_S;
        if (domain != NULL) {
            char name[DOMAIN_NAME_MAX + 1]; /* outlives the cache */
            (void)snprintf(name, sizeof name, "%s", domain);
            seconds = domain_check_shared(
                          config->file, config->data, &config->rules, name, now, &entry, &why) == 0
                          ? PACE_S
                          : FAILED_S;
        }
        domain_cache_fini(&cache);
    }
    domain_nodes_fini(&nodes);
    return seconds;
}

/* True: it is to end. */
static bool rest(struct domain_keeper *keeper, time_t seconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&keeper->mutex);
    while (!keeper->ending && pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until) == 0) {
    }
    bool ending = keeper->ending;
    pthread_mutex_unlock(&keeper->mutex);
    return ending;
}

static void *work(void *context)
{
    struct domain_keeper *keeper = context;
    bool ending;
    do {
        ending = rest(keeper, step(keeper));
    } while (!ending);
    return NULL;
}

int domain_keeper_start(struct domain_keeper **out, const struct domain_keeper_config *config)
{
    sigset_t all, before;
    struct domain_keeper *keeper = calloc(1, sizeof *keeper);
    if (keeper == NULL) {
        return FORA_E_NOMEM;
    }
    keeper->config = *config;
    keeper->config.rules.stop = &keeper->stop;
    atomic_init(&keeper->stop, false);
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_cond_init(&keeper->wake, NULL);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int failed = pthread_create(&keeper->thread, NULL, work, keeper);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        pthread_cond_destroy(&keeper->wake);
        pthread_mutex_destroy(&keeper->mutex);
        free(keeper);
        return FORA_E_NOMEM;
    }
    *out = keeper;
    return 0;
}

void domain_keeper_stop(struct domain_keeper *keeper)
{
    if (keeper == NULL) {
        return;
    }
    atomic_store(&keeper->stop, true);
    pthread_mutex_lock(&keeper->mutex);
    keeper->ending = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper);
}
