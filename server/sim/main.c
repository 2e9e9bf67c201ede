/* fora-sim: the command line. */
#include "sim/bugs.h"
#include "sim/sim.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static const char usage[] =
    "fora-sim: many nodes in virtual time; everything follows from the seed\n"
    "\n"
    "  --seed N        1\n"
    "  --runs N        so many runs, with the seeds after it: 1\n"
    "  --nodes N       2 to 200: 12\n"
    "  --steps N       events; the time until all is equal is not counted: 20000\n"
    "  --topology T    star, chain, mesh, clouds; without it the seed says which\n"
    "  --faults LIST   crash,away,cut,partition,slow,disk,lie,clock,hostile,join,erase,\n"
    "                  gone; none; all; without it all but lie, erase and gone\n"
    "  --trace         the story of the run\n"
    "  --twice         each run twice: fails unless both tell the same\n"
    "  --bug NAME      fora-sim-bugs only: a deliberate bug, or all of them, has to be found\n"
    "  --help          this\n"
    "\n"
    "Exit status: 0, 1 when a node broke a promise, 2 for wrong usage.\n";

static const char *const topologies[TOPOLOGIES] = {"star", "chain", "mesh", "clouds"};

static const struct {
    const char *word;
    bool on;
} fault_words[FAULTS] = {
#define SIM_FAULT_ROW(name, word, on) {word, on},
    SIM_FAULTS(SIM_FAULT_ROW)
#undef SIM_FAULT_ROW
};

struct command {
    struct sim_options options;
    uint64_t runs;
    bool twice;
    bool any_topology;
    bool help;
    const char *bug; /* of the build with deliberate bugs: one, or "all" */
};

static bool number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *out = value;
    return errno == 0 && end != text && *end == 0 && text[0] != '-' && value <= most;
}

static bool faults_parse(const char *text, unsigned *out)
{
    *out = 0;
    if (strcmp(text, "none") == 0) {
        return true;
    }
    if (strcmp(text, "all") == 0) {
        *out = (1U << FAULTS) - 1;
        return true;
    }
    while (*text != 0) {
        size_t size = strcspn(text, ",");
        unsigned i = 0;
        while (i < FAULTS && (strlen(fault_words[i].word) != size ||
                                 strncmp(fault_words[i].word, text, size) != 0)) {
            i++;
        }
        if (i == FAULTS) {
            return false;
        }
        *out |= 1U << i;
        text += size + (text[size] == ',');
    }
    return true;
}

static bool topology_parse(const char *text, enum topology *out)
{
    for (unsigned i = 0; i < TOPOLOGIES; i++) {
        if (strcmp(topologies[i], text) == 0) {
            *out = (enum topology)i;
            return true;
        }
    }
    return false;
}

static bool option_take(struct command *command, int option, const char *value)
{
    uint64_t nodes;
    switch (option) {
    case 's':
        return number(value, UINT64_MAX, &command->options.seed);
    case 'r':
        return number(value, 1000000, &command->runs);
    case 'n':
        if (!number(value, 200, &nodes) || nodes < 2) {
            return false;
        }
        command->options.nodes = (size_t)nodes;
        return true;
    case 'k':
        return number(value, UINT64_MAX / 2, &command->options.steps);
    case 't':
        command->any_topology = false;
        return topology_parse(value, &command->options.topology);
    case 'f':
        return faults_parse(value, &command->options.faults);
    case 'v':
        command->options.trace = true;
        return true;
    case '2':
        command->twice = true;
        return true;
    case 'b':
        command->bug = value;
        return bugs_known(value);
    case 'h':
        command->help = true;
        return true;
    default:
        return false;
    }
}

static bool command_parse(struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{"seed", 1, NULL, 's'}, {"runs", 1, NULL, 'r'},
        {"nodes", 1, NULL, 'n'}, {"steps", 1, NULL, 'k'}, {"topology", 1, NULL, 't'},
        {"faults", 1, NULL, 'f'}, {"trace", 0, NULL, 'v'}, {"twice", 0, NULL, '2'},
        {"bug", 1, NULL, 'b'}, {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int option;
    for (unsigned i = 0; i < FAULTS; i++) {
        command->options.faults |= fault_words[i].on ? 1U << i : 0;
    }
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (!option_take(command, option, optarg)) {
            return false;
        }
    }
    return optind == argc;
}

static void tell(const struct sim_options *options, const struct sim_stats *s, uint64_t hash)
{
    printf("seed %llu %s: %llu acts, %llu acks, %llu waited, %llu refused; %llu crashes, "
           "%llu partitions, %llu disk faults, %llu lies, %llu left; %llu heals of %llu s; "
           "checked %llu steps, %llu signatures, %llu views, %llu people, %llu cursor entries, "
           "%llu stores; "
           "hash %016llx\n",
        (unsigned long long)options->seed, topologies[options->topology],
        (unsigned long long)s->acts, (unsigned long long)s->acks, (unsigned long long)s->pendings,
        (unsigned long long)s->refusals, (unsigned long long)s->crashes,
        (unsigned long long)s->partitions, (unsigned long long)s->disk_faults,
        (unsigned long long)s->lies, (unsigned long long)s->leaves, (unsigned long long)s->heals,
        (unsigned long long)(s->heals > 0 ? s->heal_ms / 1000 / s->heals : 0),
        (unsigned long long)s->checks, (unsigned long long)s->verified,
        (unsigned long long)s->views, (unsigned long long)s->people, (unsigned long long)s->cursors,
        (unsigned long long)s->fscks, (unsigned long long)hash);
    fflush(stdout);
}

static int one_run(const struct command *command, struct sim_options options)
{
    struct sim_stats stats, again;
    uint64_t hash, other;
    if (command->any_topology) {
        options.topology = (enum topology)(options.seed % TOPOLOGIES);
    }
    int rc = sim_run(&options, &stats, &hash, NULL, 0);
    tell(&options, &stats, hash);
    if (rc == 0 && command->twice) {
        rc = sim_run(&options, &again, &other, NULL, 0);
        if (hash != other) {
            fprintf(stderr, "seed %llu does not replay: %016llx and %016llx\n",
                (unsigned long long)options.seed, (unsigned long long)hash,
                (unsigned long long)other);
            rc = 1;
        }
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct command command = {
        .options = {.seed = 1, .nodes = 12, .steps = 20000, .program = argv[0]},
        .runs = 1,
        .any_topology = true};
    if (!command_parse(&command, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    if (command.help) {
        return fputs(usage, stdout) < 0;
    }
    if (command.bug != NULL) {
        return command.options.trace ? bugs_trace(command.bug, &command.options)
                                     : bugs_find(command.bug, &command.options);
    }
    for (uint64_t run = 0; run < command.runs; run++) {
        struct sim_options options = command.options;
        options.seed += run;
        if (one_run(&command, options) != 0) {
            return 1;
        }
    }
    return 0;
}
