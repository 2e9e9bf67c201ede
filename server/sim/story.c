/* The story of a run: lines for people, and one hash over all of it, so that two runs can be
 * compared without keeping either. */
#include "sim/sim.h"

#include <stdarg.h>
#include <string.h>

void story_mix(struct sim *sim, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t hash = sim->hash;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    sim->hash = hash;
}

void story(struct sim *sim, const char *format, ...)
{
    char *line = sim->lines[sim->lines_count++ % SIM_LINES];
    uint64_t ms = sim->now - SIM_EPOCH;
    va_list args;
    int at = snprintf(line, sizeof sim->lines[0], "%5llu.%03u step %-7llu ",
        (unsigned long long)(ms / 1000), (unsigned)(ms % 1000), (unsigned long long)sim->step);
    va_start(args, format);
    vsnprintf(line + at, sizeof sim->lines[0] - (size_t)at, format, args);
    va_end(args);
    story_mix(sim, line, strlen(line));
    if (sim->options.trace) {
        printf("%s\n", line);
    }
}

void breach(struct sim *sim, const char *format, ...)
{
    va_list args;
    if (sim->breached) {
        return;
    }
    sim->breached = true;
    va_start(args, format);
    vsnprintf(sim->breach, sizeof sim->breach, format, args);
    va_end(args);
    story(sim, "BREACH %s", sim->breach);
}

static const char *const topologies[] = {"star", "chain", "mesh", "clouds"};

static void tell_faults(const struct sim_options *options, FILE *out)
{
    static const char *const words[] = {
#define SIM_FAULT_WORD(name, word, on) word,
        SIM_FAULTS(SIM_FAULT_WORD)
#undef SIM_FAULT_WORD
    };
    const char *comma = "";
    for (unsigned i = 0; i < FAULTS; i++) {
        if ((options->faults & 1U << i) != 0) {
            fprintf(out, "%s%s", comma, words[i]);
            comma = ",";
        }
    }
    fprintf(out, "%s", *comma == 0 ? "none" : "");
}

void story_breach(const struct sim *sim, FILE *out)
{
    const struct sim_options *options = &sim->options;
    size_t count = sim->lines_count < SIM_LINES ? sim->lines_count : SIM_LINES;
    fprintf(out, "breach: seed %llu, step %llu: %s\n", (unsigned long long)options->seed,
        (unsigned long long)sim->step, sim->breach);
    fprintf(out, "the last of the story:\n");
    for (size_t i = sim->lines_count - count; i < sim->lines_count; i++) {
        fprintf(out, "  %s\n", sim->lines[i % SIM_LINES]);
    }
    fprintf(out, "replay: %s --seed %llu --nodes %zu --steps %llu --topology %s --faults ",
        options->program, (unsigned long long)options->seed, options->nodes,
        (unsigned long long)options->steps, topologies[options->topology]);
    tell_faults(options, out);
    if (options->bug != NULL) {
        fprintf(out, " --bug %s", options->bug);
    }
    fprintf(out, " --trace\n");
}
