/* Runs each deliberate bug over seeds until a check fails, and the seed that found it again without
 * the bug: what was found is the bug and nothing else. */
#include "sim/bugs.h"

#include "core/bug.h"

#include <string.h>

static enum sim_bug active = SIM_BUG_COUNT; /* none */

bool sim_bug(enum sim_bug bug)
{
    return bug == active;
}

#define F(name) (1U << FAULT_##name)

/* Where each bug hurts, and within how many seeds it must be found. */
static const struct row {
    enum sim_bug bug;
    enum topology topology;
    unsigned nodes;
    unsigned faults;
    uint64_t steps;
    unsigned seeds;
} rows[] = {
    {SIM_BUG_VERIFY_SKIPPED, TOPOLOGY_CHAIN, 4, F(HOSTILE), 20000, 3},
    {SIM_BUG_ACK_EARLY, TOPOLOGY_CHAIN, 4, F(CRASH) | F(DISK), 40000, 8},
    {SIM_BUG_VIEW_ORDER, TOPOLOGY_MESH, 5, F(CUT), 20000, 3},
    {SIM_BUG_CURSOR_LOST, TOPOLOGY_CHAIN, 4, 0, 10000, 2},
    {SIM_BUG_CURSOR_AHEAD, TOPOLOGY_CHAIN, 4, F(DISK), 60000, 8},
    {SIM_BUG_ECHO_BROAD, TOPOLOGY_CHAIN, 4, 0, 10000, 2},
    {SIM_BUG_NEED_IGNORED, TOPOLOGY_CHAIN, 4, F(CLOCK) | F(CRASH), 60000, 8},
    {SIM_BUG_PENDING_DROPPED, TOPOLOGY_CHAIN, 4, F(HOSTILE), 60000, 8},
    {SIM_BUG_SUPERSEDED_STAYS, TOPOLOGY_CHAIN, 4, 0, 20000, 3},
    {SIM_BUG_AUTHOR_ALONE, TOPOLOGY_CHAIN, 4, 0, 10000, 2},
    {SIM_BUG_REFUSAL_WIDE, TOPOLOGY_CHAIN, 4, F(CLOCK) | F(CRASH), 60000, 8},
    {SIM_BUG_INFLIGHT_LEAK, TOPOLOGY_MESH, 5, F(CUT) | F(CRASH), 60000, 8},
    {SIM_BUG_SLOT_BY_ARRIVAL, TOPOLOGY_MESH, 5, F(CUT) | F(PARTITION), 60000, 8},
    {SIM_BUG_ERASED_RETURNS, TOPOLOGY_MESH, 5, F(CUT) | F(HOSTILE), 60000, 8},
    {SIM_BUG_TOUCH_LOST, TOPOLOGY_STAR, 6, 0, 60000, 6},
    {SIM_BUG_POLICY_STALE, TOPOLOGY_CHAIN, 4, 0, 20000, 4},
    {SIM_BUG_NEWS_ALONE, TOPOLOGY_CHAIN, 4, 0, 20000, 3},
};

static const char *const words[] = {
#define BUG_WORD(name, word, what) word,
    SIM_BUGS(BUG_WORD)
#undef BUG_WORD
};

static const char *const sentences[] = {
#define BUG_SENTENCE(name, word, what) what,
    SIM_BUGS(BUG_SENTENCE)
#undef BUG_SENTENCE
};

bool bugs_known(const char *name)
{
    bool known = strcmp(name, "all") == 0;
    for (size_t i = 0; i < SIM_BUG_COUNT; i++) {
        known = known || strcmp(name, words[i]) == 0;
    }
    return known;
}

/* True when the bug is found within its seeds and its finder is quiet without it. */
static bool find(const struct row *row, const struct sim_options *given)
{
    struct sim_options options = *given;
    struct sim_stats stats;
    uint64_t hash;
    char what[400] = "";
    unsigned seeds = 0;
    int rc = 0;
    options.topology = row->topology;
    options.nodes = row->nodes;
    options.faults = row->faults;
    options.steps = row->steps;
    options.bug = words[row->bug];
    active = row->bug;
    while (rc == 0 && seeds < row->seeds) {
        options.seed = given->seed + seeds++;
        rc = sim_run(&options, &stats, &hash, what, sizeof what);
    }
    active = SIM_BUG_COUNT;
    if (rc == 0) {
        printf("%-17s NOT FOUND in %u seeds: %s\n", words[row->bug], seeds, sentences[row->bug]);
        return false;
    }
    printf("%-17s found by seed %u of %u, step %6llu: %s\n", words[row->bug], seeds, row->seeds,
        (unsigned long long)stats.steps, what);
    fflush(stdout);
    if (sim_run(&options, &stats, &hash, what, sizeof what) != 0) {
        printf("%-17s but without the bug this seed says: %s\n", words[row->bug], what);
        return false;
    }
    return true;
}

int bugs_trace(const char *name, const struct sim_options *given)
{
    struct sim_options options = *given;
    struct sim_stats stats;
    uint64_t hash;
    options.bug = name;
    for (size_t i = 0; i < SIM_BUG_COUNT; i++) {
        active = strcmp(name, words[i]) == 0 ? (enum sim_bug)i : active;
    }
    return sim_run(&options, &stats, &hash, NULL, 0);
}

int bugs_find(const char *name, const struct sim_options *options)
{
    size_t looked = 0, found = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(name, "all") == 0 || strcmp(name, words[rows[i].bug]) == 0) {
            looked++;
            found += find(&rows[i], options);
        }
    }
    printf("%zu of %zu deliberate bugs found\n", found, looked);
    return looked > 0 && found == looked ? 0 : 1;
}
