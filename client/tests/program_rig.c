/* Running the program in a test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "program_rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 24 };

void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int setup_mode(void **state, enum responder_mode mode)
{
    struct rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL) {
        return -1;
    }
    scratch_init(&rig->scratch);
    responder_start(&rig->responder, mode);
    responder_address(&rig->responder, rig->address);
    (void)snprintf(rig->home, sizeof rig->home, "%s/home", rig->scratch.path);
    (void)snprintf(rig->password, sizeof rig->password, "%s/password", rig->scratch.path);
    write_file(rig->password, "correct horse\n", 0600);
    *state = rig;
    return 0;
}

int rig_setup(void **state)
{
    return setup_mode(state, RESPONDER_HONEST);
}

int rig_setup_forger(void **state)
{
    return setup_mode(state, RESPONDER_FORGES);
}

int rig_teardown(void **state)
{
    struct rig *rig = *state;
    responder_stop(&rig->responder);
    scratch_fini(&rig->scratch);
    fora_buf_fini(&rig->out);
    fora_buf_fini(&rig->err);
    free(rig);
    return 0;
}

void read_file(const char *path, struct fora_buf *out)
{
    char chunk[4096];
    size_t got;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fora_buf_clear(out);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        fora_buf_append(out, chunk, got);
    }
    (void)fclose(file);
    assert_non_null(fora_buf_cstr(out));
}

static void exec_fora(const struct rig *rig, char **argv, const char *out, const char *err)
{
    int in = open("/dev/null", O_RDONLY);
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    (void)dup2(open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    (void)setsid(); /* no terminal to ask on */
    (void)setenv("FORA_HOME", rig->home, 1);
    (void)setenv("FORA_NODE", rig->address, 1);
    (void)setenv("COLUMNS", "100", 1);
    (void)unsetenv("VISUAL");
    (void)execv(FORA_PROGRAM, argv);
    _exit(126);
}

static pid_t spawn(const struct rig *rig, const char *out, const char *err, va_list words)
{
    char *argv[ARGS_MAX + 2];
    char program[] = "fora";
    size_t count = 0;
    argv[count++] = program;
    for (const char *word; count < ARGS_MAX && (word = va_arg(words, const char *)) != NULL;) {
        argv[count] = strdup(word);
        assert_non_null(argv[count]);
        count++;
    }
    argv[count] = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        exec_fora(rig, argv, out, err);
    }
    for (size_t i = 1; i < count; i++) {
        free(argv[i]);
    }
    return child;
}

int run(struct rig *rig, ...)
{
    char out[160], err[160];
    int status;
    va_list words;
    (void)snprintf(out, sizeof out, "%s/out", rig->scratch.path);
    (void)snprintf(err, sizeof err, "%s/err", rig->scratch.path);
    va_start(words, rig);
    pid_t child = spawn(rig, out, err, words);
    va_end(words);
    assert_int_equal(waitpid(child, &status, 0), child);
    read_file(out, &rig->out);
    read_file(err, &rig->err);
    rig->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return rig->exit;
}

const char *out(struct rig *rig)
{
    return fora_buf_cstr(&rig->out);
}

const char *err(struct rig *rig)
{
    return fora_buf_cstr(&rig->err);
}

void says(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", text, wanted);
    }
}

void says_not(const char *text, const char *unwanted)
{
    if (strstr(text, unwanted) != NULL) {
        fail_msg("\"%s\" says \"%s\"", text, unwanted);
    }
}

pid_t start(struct rig *rig, const char *output, const char *messages, ...)
{
    va_list words;
    va_start(words, messages);
    pid_t child = spawn(rig, output, messages, words);
    va_end(words);
    return child;
}

bool wait_for(struct rig *rig, const char *path, const char *text)
{
    for (int i = 0; i < 500; i++) {
        if (access(path, R_OK) == 0) {
            read_file(path, &rig->out);
            if (strstr(out(rig), text) != NULL) {
                return true;
            }
        }
        (void)usleep(20000);
    }
    return false;
}
