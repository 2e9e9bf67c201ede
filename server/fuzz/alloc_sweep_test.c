/*
 * A node that runs out of memory for a moment: programs of fuzz_node.c's corpus, each run again and
 * again, with the n-th allocation failing within the node (and in another pass the n-th and the
 * thirty after it), for n = 0, 1, 2... What fuzz_node.c holds is held after each: stores are sound,
 * what was acknowledged is there, the follower comes to hold the same.
 *
 * FORA_ALLOC_STRIDE: every so manyth n, 7 when unset. FORA_ALLOC_TELL: says each n before it runs.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/program.h"

enum { SIZE_MAX_READ = 4096, LONG_WINDOW = 30, STRIDE = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The linker's wraps have no argument for it. One thread. */
static struct {
    bool armed;      /* the program runs; neither before it nor while it heals */
    unsigned inside; /* calls of the node that have not returned */
    unsigned long count, from, window;
    unsigned long failed;
} state;

static bool refuse(void)
{
    if (!state.armed || state.inside == 0) {
        return false;
    }
    unsigned long number = state.count++;
    bool fails = number >= state.from && number - state.from < state.window;
    state.failed += fails;
    return fails;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t items, size_t size)
{
    return refuse() ? NULL : __real_calloc(items, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refuse() ? NULL : __real_realloc(old, size);
}

/* ---- while the program runs ---- */

void __real_program_start(struct program *program, struct fora_bytes input);
void __wrap_program_start(struct program *program, struct fora_bytes input);
void __real_program_heal(struct program *program);
void __wrap_program_heal(struct program *program);

void __wrap_program_start(struct program *program, struct fora_bytes input)
{
    __real_program_start(program, input);
    state.armed = true;
}

void __wrap_program_heal(struct program *program)
{
    state.armed = false;
    __real_program_heal(program);
}

/* ---- within the node ---- */

void __real_node_receive(
    struct node *node, uint64_t conn, struct fora_bytes input, size_t *taken, uint64_t now);
void __wrap_node_receive(
    struct node *node, uint64_t conn, struct fora_bytes input, size_t *taken, uint64_t now);
struct fora_bytes __real_node_output(struct node *node, uint64_t conn);
struct fora_bytes __wrap_node_output(struct node *node, uint64_t conn);
struct job *__real_node_take_job(struct node *node, uint64_t now);
struct job *__wrap_node_take_job(struct node *node, uint64_t now);
void __real_job_run(struct job *job);
void __wrap_job_run(struct job *job);
void __real_node_job_done(struct node *node, struct job *job, uint64_t now);
void __wrap_node_job_done(struct node *node, struct job *job, uint64_t now);
void __real_node_closed(struct node *node, uint64_t conn, uint64_t now);
void __wrap_node_closed(struct node *node, uint64_t conn, uint64_t now);
uint64_t __real_node_tick(struct node *node, uint64_t now);
uint64_t __wrap_node_tick(struct node *node, uint64_t now);

void __wrap_node_receive(
    struct node *node, uint64_t conn, struct fora_bytes input, size_t *taken, uint64_t now)
{
    state.inside++;
    __real_node_receive(node, conn, input, taken, now);
    state.inside--;
}

struct fora_bytes __wrap_node_output(struct node *node, uint64_t conn)
{
    state.inside++;
    struct fora_bytes output = __real_node_output(node, conn);
    state.inside--;
    return output;
}

struct job *__wrap_node_take_job(struct node *node, uint64_t now)
{
    state.inside++;
    struct job *job = __real_node_take_job(node, now);
    state.inside--;
    return job;
}

void __wrap_job_run(struct job *job)
{
    state.inside++;
    __real_job_run(job);
    state.inside--;
}

void __wrap_node_job_done(struct node *node, struct job *job, uint64_t now)
{
    state.inside++;
    __real_node_job_done(node, job, now);
    state.inside--;
}

void __wrap_node_closed(struct node *node, uint64_t conn, uint64_t now)
{
    state.inside++;
    __real_node_closed(node, conn, now);
    state.inside--;
}

uint64_t __wrap_node_tick(struct node *node, uint64_t now)
{
    state.inside++;
    uint64_t next = __real_node_tick(node, now);
    state.inside--;
    return next;
}

/* ---- the sweep ---- */

static void run(const uint8_t *program, size_t size, unsigned long from, unsigned long window)
{
    state.count = 0;
    state.from = from;
    state.window = window;
    LLVMFuzzerTestOneInput(program, size);
}

/* How many runs there were. */
static unsigned long sweep(const char *name, const uint8_t *program, size_t size, unsigned stride)
{
    unsigned long runs = 0;
    run(program, size, 0, 0);
    unsigned long all = state.count;
    for (unsigned pass = 0; pass < 2; pass++) {
        /* Programs begin at different n, so that together they try more than each. */
        for (unsigned long n = (unsigned char)name[0] % stride; n < all; n += stride, runs++) {
            if (getenv("FORA_ALLOC_TELL") != NULL) {
                fprintf(stderr, "%s: pass %u, n %lu of %lu\n", name, pass, n, all);
            }
            run(program, size, n, pass == 0 ? 1 : LONG_WINDOW);
        }
    }
    printf("%s: %lu allocations within nodes, %lu runs\n", name, all, runs);
    return runs;
}

static size_t read_program(const char *folder, const char *name, uint8_t out[SIZE_MAX_READ])
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(out, 1, SIZE_MAX_READ, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return size;
}

int main(int argc, char **argv)
{
    const char *text = getenv("FORA_ALLOC_STRIDE");
    unsigned stride = text != NULL ? (unsigned)strtoul(text, NULL, 10) : STRIDE;
    unsigned long runs = 0;
    for (int i = 2; i < argc && stride > 0; i++) {
        uint8_t program[SIZE_MAX_READ];
        size_t size = read_program(argv[1], argv[i], program);
        if (size == 0) {
            fprintf(stderr, "no program %s in %s\n", argv[i], argv[1]);
            return 1;
        }
        runs += sweep(argv[i], program, size, stride);
    }
    printf("%lu runs, %lu allocations failed\n", runs, state.failed);
    return runs > 0 && state.failed >= runs ? 0 : 1;
}
