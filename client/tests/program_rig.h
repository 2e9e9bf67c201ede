/* The program run as a person runs it: words in; exit code, output and messages out. */
#ifndef FORA_CLIENT_TESTS_PROGRAM_RIG_H
#define FORA_CLIENT_TESTS_PROGRAM_RIG_H

#include "responder.h"
#include "scratch.h"

#include <sys/stat.h>
#include <sys/types.h>

struct rig {
    struct responder responder;
    struct scratch scratch;
    char address[32];
    char home[128];
    char password[128]; /* path of a file */
    int exit;
    struct fora_buf out;
    struct fora_buf err;
};

/* Set-up and tear-down of cmocka: a node, a folder, a password file. */
int rig_setup(void **state);
int rig_setup_forger(void **state);
int rig_teardown(void **state);

void write_file(const char *path, const char *text, mode_t mode);
void read_file(const char *path, struct fora_buf *out);

/* Runs it to its end, without a terminal. Words end with NULL. Returns the exit code. */
int run(struct rig *rig, ...);
/* The same, but fails the test unless it exits with `expected`. */
#define RUN(expected, ...)                                                                         \
    do {                                                                                           \
        if (run(rig, __VA_ARGS__, NULL) != (expected)) {                                           \
            fail_msg("exit %d, not %d: %s%s", rig->exit, expected, out(rig), err(rig));            \
        }                                                                                          \
    } while (0)
/* Starts it, writing to two files. */
pid_t start(struct rig *rig, const char *output, const char *messages, ...);
/* Waits, bounded, until the file says it; its text is then in rig->out. */
bool wait_for(struct rig *rig, const char *path, const char *text);

const char *out(struct rig *rig);
const char *err(struct rig *rig);
void says(const char *text, const char *wanted);
void says_not(const char *text, const char *unwanted);

#endif
