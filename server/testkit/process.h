/*
 * Nodes as processes of their own, for tests that kill them. A node is started by executing
 * fora-testnode, so that its memory is its own, and dies with the test.
 *
 * What goes wrong in here ends the test with a sentence: a test whose ground does not hold has
 * nothing to say.
 */
#ifndef FORAD_TESTKIT_PROCESS_H
#define FORAD_TESTKIT_PROCESS_H

#include "bench/world.h"
#include "core/node.h"

#include <sys/types.h>

#define KIT_CHECK(condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            kit_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                 \
        }                                                                                          \
    } while (0)

/* Prints place, condition and sentence, and ends the process with 1. */
_Noreturn void kit_fail(const char *file, int line, const char *condition, const char *format, ...)
    FORA_PRINTF(4, 5);

uint64_t kit_now(void); /* ms, monotonic */
/* The next number of a generator that a seed starts; the same on every machine. */
uint32_t kit_random(uint64_t *state);

/* A bound of memory; sanitizers keep books of their own beside every byte. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KIT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KIT_SANITIZED 1
#endif
#endif
#ifdef KIT_SANITIZED
#define KIT_MEMORY(bytes) (16 * (uint64_t)(bytes))
#else
#define KIT_MEMORY(bytes) ((uint64_t)(bytes))
#endif

/* Limits of a node that tests change; 0: as in production. */
struct kit_limits {
    unsigned connections_max;
    unsigned hello_timeout_ms;
    unsigned idle_ms;
    unsigned reconcile_s;
};

struct kit_process {
    pid_t pid;        /* 0: not running */
    char folder[256]; /* of its store */
    char address[64]; /* that it listens on, the same after every start */
    unsigned seed;    /* of its keys */
    struct kit_limits limits;
    char faults[300]; /* file of faults.h; empty: it runs without */
    char log[300];    /* file that its standard error is added to; empty: the test's own */
};

/* The keys and identity of the node of a seed. */
void kit_keys(struct bench_node *out, unsigned seed);
/* A loopback address with a port that is free now and that no outgoing connection takes. */
void kit_address(char out[64]);
/* Sets the fields; does not start it. The folder is made by bench_folder. */
void kit_process_init(struct kit_process *process, const char *folder, unsigned seed);
/* Becomes the node: for who has forked. */
_Noreturn void kit_process_execute(const struct kit_process *process);
/* Returns once it listens. */
void kit_process_start(struct kit_process *process);
void kit_process_signal(const struct kit_process *process, int number);
bool kit_process_alive(const struct kit_process *process);
/* Waits for its end: the status as waitpid gives it. Ends the test when it lives longer. */
int kit_process_wait(struct kit_process *process, unsigned seconds);
/* SIGTERM, and it must end with exit code 0 within half a minute. */
void kit_process_stop(struct kit_process *process);
void kit_process_kill(struct kit_process *process); /* SIGKILL */
/* In so many microseconds it is killed with SIGKILL by a process of its own, whatever this one is
 * doing then; kit_process_wait_killed waits for that, and fails when the node ended by itself. */
pid_t kit_process_kill_later(const struct kit_process *process, uint64_t us);
void kit_process_wait_killed(struct kit_process *process, pid_t killer);
/* Bytes of anonymous memory. */
uint64_t kit_process_memory(const struct kit_process *process);

#endif
