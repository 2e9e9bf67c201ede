/* The armour, each piece in a process of its own that tries what it must not be able to do. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harden/harden.h"

enum { DONE = 0, NOT_HERE = 77, REFUSED = 78 };

/* There in builds with the sanitizer only: they do without seccomp. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

/* Asked of the kernel, not of the armour: one that says "not here" must be right. */
static bool has_calls(void)
{
    return __asan_init == NULL && __tsan_init == NULL &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}

static bool has_files(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static void skip_without(bool (*has)(void))
{
    if (!has()) {
        skip();
    }
}

/* Runs it in a child; how that ended, as waitpid says. */
static int in_child(int (*attempt)(const char *folder), const char *folder)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(attempt(folder));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void expect_done(int (*attempt)(const char *folder), const char *folder)
{
    int status = in_child(attempt, folder);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), DONE);
}

static void expect_killed(int (*attempt)(const char *folder))
{
    skip_without(has_calls);
    int status = in_child(attempt, NULL);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

#define ARM_CALLS()                                                                                \
    do {                                                                                           \
        struct fora_buf armed = {0};                                                               \
        if (harden_calls(&armed) != 0) {                                                           \
            return NOT_HERE;                                                                       \
        }                                                                                          \
    } while (0)

/* ---- system calls ---- */

static int execute(const char *folder)
{
    char *const arguments[] = {(char[]){"true"}, NULL};
    (void)folder;
    ARM_CALLS();
    execv("/bin/true", arguments);
    return 1;
}

static int make_process(const char *folder)
{
    (void)folder;
    ARM_CALLS();
    return fork() == 0 ? 1 : errno == EPERM ? DONE : 2;
}

static int trace(const char *folder)
{
    (void)folder;
    ARM_CALLS();
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return 1;
}

static int mount_something(const char *folder)
{
    (void)folder;
    ARM_CALLS();
    mount("none", "/", "tmpfs", 0, NULL);
    return 1;
}

static int open_packets(const char *folder)
{
    (void)folder;
    ARM_CALLS();
    return socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM ? DONE : 1;
}

static int signal_others(const char *folder)
{
    (void)folder;
    ARM_CALLS();
    return kill(getppid(), 0) != 0 && errno == EPERM ? DONE : 1;
}

static void *one_thread(void *context)
{
    return context;
}

/* What it does need goes on: threads, sockets, files, memory. */
static int live(const char *folder)
{
    char path[300];
    int value = 1;
    void *back = NULL;
    pthread_t thread;
    ARM_CALLS();
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *file = fopen(path, "w");
    bool stored = file != NULL && fputs("text", file) >= 0 && fclose(file) == 0;
    bool threads = pthread_create(&thread, NULL, one_thread, &value) == 0 &&
                   pthread_join(thread, &back) == 0 && back == &value;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    void *memory = malloc(64 * 1024 * 1024);
    bool all = stored && threads && fd >= 0 && memory != NULL && unlink(path) == 0;
    free(memory);
    return all ? DONE : 1;
}

static void test_exec_ends_the_process(void **state)
{
    (void)state;
    expect_killed(execute);
}

static void test_ptrace_ends_the_process(void **state)
{
    (void)state;
    expect_killed(trace);
}

static void test_mount_ends_the_process(void **state)
{
    (void)state;
    expect_killed(mount_something);
}

static void test_no_processes_are_made(void **state)
{
    (void)state;
    skip_without(has_calls);
    expect_done(make_process, NULL);
}

static void test_other_sockets_are_refused(void **state)
{
    (void)state;
    skip_without(has_calls);
    expect_done(open_packets, NULL);
}

static void test_others_are_not_signalled(void **state)
{
    (void)state;
    skip_without(has_calls);
    expect_done(signal_others, NULL);
}

static void test_what_a_node_needs_goes_on(void **state)
{
    skip_without(has_calls);
    expect_done(live, *state);
}

/* ---- files ---- */

static bool can_write(const char *folder, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    return fd >= 0;
}

static int confine(const char *folder)
{
    char inside[300];
    snprintf(inside, sizeof inside, "%s/inside", folder);
    const struct harden_files files = {.writable = {inside}};
    if (mkdir(inside, 0700) != 0 || !can_write(folder, "before")) {
        return 1;
    }
    struct fora_buf why = {0};
    int rc = harden_files(&files, &why);
    if (rc != 0) {
        return rc == FORA_E_UNSUPPORTED ? NOT_HERE : 2;
    }
    if (!can_write(inside, "file") || can_write(folder, "file")) {
        return 3;
    }
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES) {
        return 4;
    }
    return access("/etc/hosts", F_OK) != 0 || open("/etc/hosts", O_RDONLY) >= 0 ? DONE : 5;
}

static void test_no_other_files(void **state)
{
    char inside[300];
    skip_without(has_files);
    expect_done(confine, *state);
    snprintf(inside, sizeof inside, "%s/inside", (const char *)*state);
    rmdir(inside);
}

/* ---- a kernel that has it not, and one that refuses ---- */

/* From now on the system call fails with `error` in this process; other arguments than `first` in
 * its first one make it go on (0: all are refused). */
static bool forbid(long call, uint32_t first, uint32_t error)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    if (first != 0) {
        steps[3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 0, 1);
    }
    const struct sock_fprog program = {.len = sizeof steps / sizeof steps[0], .filter = steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/* What the armour says, so that one may ask: a refusal has its sentence, which names a way out. */
static int said(int rc, struct fora_buf *why)
{
    bool sentence = why->size > 0 && strstr(fora_buf_cstr(why), "sandbox") != NULL;
    fora_buf_fini(why);
    switch (rc) {
    case 0:
        return DONE;
    case FORA_E_UNSUPPORTED:
        return sentence ? 1 : NOT_HERE;
    case FORA_E_IO:
        return sentence ? REFUSED : 2;
    default:
        return 3;
    }
}

static int files_after(uint32_t error)
{
    struct fora_buf why = {0};
    const struct harden_files files = {.writable = {NULL}};
    if (!forbid(SYS_landlock_create_ruleset, 0, error)) {
        return 4;
    }
    return said(harden_files(&files, &why), &why);
}

static int files_unknown(const char *folder)
{
    (void)folder;
    return files_after(ENOSYS);
}

static int files_switched_off(const char *folder)
{
    (void)folder;
    return files_after(EOPNOTSUPP);
}

static int files_refused(const char *folder)
{
    (void)folder;
    return files_after(EPERM);
}

static int files_refused_late(const char *folder)
{
    struct fora_buf why = {0};
    const struct harden_files files = {.writable = {folder}};
    if (!forbid(SYS_landlock_restrict_self, 0, EPERM)) {
        return 4;
    }
    return said(harden_files(&files, &why), &why);
}

static int calls_after(uint32_t error)
{
    struct fora_buf why = {0};
    if (!forbid(SYS_seccomp, 0, error) || !forbid(SYS_prctl, PR_SET_SECCOMP, error)) {
        return 4;
    }
    return said(harden_calls(&why), &why);
}

static int calls_unknown(const char *folder)
{
    (void)folder;
    return calls_after(EINVAL);
}

static int calls_refused(const char *folder)
{
    (void)folder;
    return calls_after(EPERM);
}

static void expect(int (*attempt)(const char *folder), const char *folder, int code)
{
    int status = in_child(attempt, folder);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), code);
}

static void test_what_the_kernel_lacks_is_done_without(void **state)
{
    (void)state;
    skip_without(has_calls);
    expect(files_unknown, NULL, NOT_HERE);
    expect(files_switched_off, NULL, NOT_HERE);
    expect(calls_unknown, NULL, NOT_HERE);
}

static void test_what_the_kernel_refuses_is_an_error(void **state)
{
    skip_without(has_calls);
    expect(files_refused, NULL, REFUSED);
    expect(calls_refused, NULL, REFUSED);
    skip_without(has_files);
    expect(files_refused_late, *state, REFUSED);
}

/* ---- rights ---- */

static int keep_quiet(const char *folder)
{
    struct rlimit limit;
    (void)folder;
    /* Limits are not asked where cores go to a program: there it is the process that says no. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) {
        return 1;
    }
    harden_secrets();
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return 2;
    }
    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 ? DONE
                                                                                             : 3;
}

static int drop(const char *folder)
{
    struct fora_buf why = {0};
    (void)folder;
    if (harden_user("nobody-of-that-name", &why) != FORA_E_CONFIG || why.size == 0) {
        return 1;
    }
    fora_buf_fini(&why);
    if (harden_user("nobody", &why) != 0) {
        return 2;
    }
    return getuid() != 0 && geteuid() != 0 && getgid() != 0 && getgroups(0, NULL) == 1 &&
                   setuid(0) != 0
               ? DONE
               : 3;
}

static void test_no_core_files(void **state)
{
    (void)state;
    expect_done(keep_quiet, NULL);
}

static void test_root_is_given_up_for_good(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    expect_done(drop, NULL);
}

static int setup(void **state)
{
    static char folder[] = "/var/tmp/fora-harden-XXXXXX";
    *state = mkdtemp(folder);
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    return rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec_ends_the_process),
        cmocka_unit_test(test_ptrace_ends_the_process),
        cmocka_unit_test(test_mount_ends_the_process),
        cmocka_unit_test(test_no_processes_are_made),
        cmocka_unit_test(test_other_sockets_are_refused),
        cmocka_unit_test(test_others_are_not_signalled),
        cmocka_unit_test(test_what_a_node_needs_goes_on),
        cmocka_unit_test(test_no_other_files),
        cmocka_unit_test(test_what_the_kernel_lacks_is_done_without),
        cmocka_unit_test(test_what_the_kernel_refuses_is_an_error),
        cmocka_unit_test(test_no_core_files),
        cmocka_unit_test(test_root_is_given_up_for_good),
    };
    return cmocka_run_group_tests_name("the daemon's armour", tests, setup, teardown);
}
