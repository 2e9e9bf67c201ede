/*
 * The import from beginning to end:
 *
 *   read all files into the scratch index      nothing is stored before this succeeds
 *   find or make the space
 *   people: identities and profiles            authors before what they wrote
 *   roles of editors                           before threads, so that lists are made once
 *   threads, each with all that is in it
 *   duplicates                                 they join threads
 *   finish: what the sink does at the end
 *
 * Any of these may fail or be killed: what the sink stored stays, and the next run makes the same
 * objects again.
 */
#include "import/import.h"

#include "import/import_duplicates.h"
#include "import/import_people.h"
#include "import/import_policy.h"
#include "import/import_thread.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define IMPORT_LABEL(name, json, text) {json, text},
const struct import_label import_made_labels[IMPORT_MADE_COUNT] = {IMPORT_MADE(IMPORT_LABEL)};
const struct import_label import_skip_labels[IMPORT_SKIP_COUNT] = {IMPORT_SKIPPED(IMPORT_LABEL)};
#undef IMPORT_LABEL

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the site ---- */

static bool site_end(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool import_site_valid(const char *site)
{
    size_t size = strlen(site);
    if (size == 0 || size > IMPORT_SITE_MAX || !site_end(site[0]) || !site_end(site[size - 1])) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!site_end(site[i]) && site[i] != '.' && site[i] != '-') {
            return false;
        }
    }
    return true;
}

static int choose_site(
    const struct import_options *options, char out[IMPORT_SITE_MAX + 1], struct fora_buf *why)
{
    const char *site = options->site;
    char *path = NULL;
    if (site == NULL) {
        path = realpath(options->folder, NULL);
        if (path == NULL) {
            int code = errno == ENOENT ? FORA_E_NOTFOUND : FORA_E_IO;
            fora_buf_printf(why,
                "The folder %.1000s: %s. Give the one that holds the dump's .xml files",
                options->folder, strerror(errno));
            return code;
        }
        struct stat found;
        if (stat(path, &found) == 0 && !S_ISDIR(found.st_mode)) {
            fora_buf_printf(why,
                "%.1000s is a file. Give the folder that holds the dump's .xml files",
                options->folder);
            free(path);
            return FORA_E_USAGE;
        }
        const char *slash = strrchr(path, '/');
        site = slash != NULL ? slash + 1 : options->folder;
    }
    bool valid = import_site_valid(site);
    if (valid) {
        (void)snprintf(out, IMPORT_SITE_MAX + 1, "%s", site);
    } else {
        fora_buf_printf(why,
            "\"%.80s\" cannot be the name of a site: that is a domain such as "
            "beer.stackexchange.com. Give it with --site",
            site);
    }
    free(path);
    return valid ? 0 : FORA_E_USAGE;
}

/* ---- phases ---- */

struct threads {
    const struct import_env *env;
    uint64_t after;
};

static int read_thread(void *context, struct import_unit *unit, bool *end)
{
    struct threads *threads = context;
    uint64_t next;
    int rc = thread_read(threads->env, threads->after, unit, &next);
    *end = rc == 0 && next == 0 && unit->rows_count == 0;
    threads->after = next;
    return rc;
}

static int threads_run(const struct import_env *env, struct outlet *outlet, uint64_t rows)
{
    struct threads threads = {.env = env};
    const struct import_pipe pipe = {.env = env,
        .outlet = outlet,
        .read = read_thread,
        .make = thread_make,
        .context = &threads,
        .doing = "Importing threads",
        .rows = rows};
    return pipe_run(&pipe);
}

struct finishing {
    const struct import_options *options;
    uint64_t most;
};

static void finish_step(void *context, uint64_t left)
{
    struct finishing *finishing = context;
    const struct import_options *options = finishing->options;
    finishing->most = left > finishing->most ? left : finishing->most;
    if (options->progress != NULL) {
        options->progress(options->progress_context, "Making lists of threads",
            finishing->most - left, finishing->most);
    }
}

static int finish(struct outlet *outlet)
{
    const struct import_options *options = outlet->options;
    struct finishing finishing = {.options = options};
    return options->sink->finish(options->sink->context, finish_step, &finishing, outlet->why);
}

static int make_all(struct import_env *env, struct outlet *outlet, const struct scan *scan)
{
    int rc = policy_space(env, outlet, scan);
    outlet->report->space = env->space;
    if (rc == 0) {
        rc = people_run(env, outlet, scan->people);
    }
    if (rc == 0) {
        rc = policy_editors(env, outlet, scan);
    }
    if (rc == 0) {
        rc = threads_run(env, outlet, scan->rows);
    }
    if (rc == 0) {
        rc = duplicates_run(env, outlet);
    }
    return rc == 0 ? finish(outlet) : rc;
}

static int run(const struct import_options *options, struct import_report *report,
    struct import_index *index, struct fora_buf *why)
{
    struct import_env env = {.options = options, .site = report->site, .index = index};
    struct outlet outlet = {.options = options, .report = report, .why = why};
    struct scan scan = {.options = options, .index = index, .counts = &report->counts};
    int rc = scan_dump(&scan, why);
    if (rc == 0 && scan.first == 0) {
        fora_buf_printf(why, "%s/Posts.xml holds neither questions nor answers", options->folder);
        rc = FORA_E_MALFORMED;
    }
    if (rc == 0) {
        env.authors = authors_new(report->site, options->custody, index);
        rc = env.authors == NULL ? FORA_E_NOMEM : make_all(&env, &outlet, &scan);
    }
    authors_free(env.authors);
    outlet_fini(&outlet);
    return rc;
}

int import_stackexchange(
    const struct import_options *options, struct import_report *report, struct fora_buf *why)
{
    struct import_index *index = calloc(1, sizeof *index);
    double begin = seconds_now();
    memset(report, 0, sizeof *report);
    int rc = index == NULL ? FORA_E_NOMEM : choose_site(options, report->site, why);
    if (rc == 0) {
        rc = index_open(index, options->scratch, why);
        if (rc == 0) {
            rc = run(options, report, index, why);
        }
        index_close(index);
    }
    free(index);
    report->seconds = seconds_now() - begin;
    if (rc != 0 && why->size == 0) {
        fora_buf_printf(why, "the import stopped: %s", fora_error_text(rc));
    }
    return rc;
}
