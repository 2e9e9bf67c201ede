/* Starting, signalling and waiting for processes. */
#include "testkit/process.h"

#include "testkit/faults.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT_FIRST = 20000,
    PORT_LAST = 32000, /* below the ports that the kernel gives to outgoing connections */
    START_SECONDS = 60,
    STOP_SECONDS = 30,
    POLL_US = 2000
};

_Noreturn void kit_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list args;
    fflush(stdout);
    fprintf(stderr, "%s:%d: %s: ", file, line, condition);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

uint64_t kit_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint32_t kit_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

void kit_keys(struct bench_node *out, unsigned seed)
{
    /* What nobody dials: a test links nodes by the addresses that they got. */
    bench_node_make(out, (uint8_t)seed, "test", "127.0.0.1:1");
}

static bool port_free(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    KIT_CHECK(fd >= 0, "no socket: %s", strerror(errno));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool is_free = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0;
    close(fd);
    return is_free;
}

void kit_address(char out[64])
{
    uint32_t chance;
    for (int i = 0; i < 1000; i++) {
        fora_random(&chance, sizeof chance);
        unsigned port = PORT_FIRST + chance % (PORT_LAST - PORT_FIRST);
        if (port_free(port)) {
            snprintf(out, 64, "127.0.0.1:%u", port);
            return;
        }
    }
    KIT_CHECK(false, "no free port");
}

void kit_process_init(struct kit_process *process, const char *folder, unsigned seed)
{
    memset(process, 0, sizeof *process);
    snprintf(process->folder, sizeof process->folder, "%s", folder);
    process->seed = seed;
    kit_address(process->address);
}

void kit_process_execute(const struct kit_process *process)
{
    char numbers[5][16];
    const unsigned values[5] = {process->seed, process->limits.connections_max,
        process->limits.hello_timeout_ms, process->limits.idle_ms, process->limits.reconcile_s};
    for (int i = 0; i < 5; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%u", values[i]);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (process->faults[0] != 0) {
        /* Sanitizers want to be first, and need not be for what faults.h takes. */
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        setenv(KIT_FAULTS_VARIABLE, process->faults, 1);
        setenv("LD_PRELOAD", FORA_FAULTS_LIBRARY, 1);
    }
    if (process->log[0] != 0) {
        int fd = open(process->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, STDERR_FILENO);
    }
    execl(FORA_TESTNODE, FORA_TESTNODE, process->folder, process->address, numbers[0], numbers[1],
        numbers[2], numbers[3], numbers[4], (char *)NULL);
    fprintf(stderr, "cannot execute %s: %s\n", FORA_TESTNODE, strerror(errno));
    _exit(127);
}

void kit_process_start(struct kit_process *process)
{
    char ready[300];
    KIT_CHECK(process->pid == 0, "the node runs already");
    snprintf(ready, sizeof ready, "%s/ready", process->folder);
    unlink(ready);
    fflush(NULL);
    process->pid = fork();
    KIT_CHECK(process->pid >= 0, "cannot fork: %s", strerror(errno));
    if (process->pid == 0) {
        kit_process_execute(process);
    }
    for (uint64_t end = kit_now() + START_SECONDS * 1000; access(ready, R_OK) != 0;) {
        KIT_CHECK(kit_process_alive(process), "the node ended while it started");
        KIT_CHECK(kit_now() < end, "the node does not listen after %d s", START_SECONDS);
        usleep(POLL_US);
    }
}

void kit_process_signal(const struct kit_process *process, int number)
{
    KIT_CHECK(process->pid > 0 && kill(process->pid, number) == 0, "cannot signal the node");
}

bool kit_process_alive(const struct kit_process *process)
{
    siginfo_t info = {0};
    return process->pid > 0 &&
           waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

int kit_process_wait(struct kit_process *process, unsigned seconds)
{
    int status = 0;
    for (uint64_t end = kit_now() + seconds * 1000u; kit_process_alive(process);) {
        KIT_CHECK(kit_now() < end, "the node lives after %u s", seconds);
        usleep(POLL_US);
    }
    KIT_CHECK(waitpid(process->pid, &status, 0) == process->pid, "no child");
    process->pid = 0;
    return status;
}

void kit_process_stop(struct kit_process *process)
{
    kit_process_signal(process, SIGTERM);
    int status = kit_process_wait(process, STOP_SECONDS);
    KIT_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the node ended with status %#x",
        (unsigned)status);
}

static void wait_killed(struct kit_process *process)
{
    int status = kit_process_wait(process, STOP_SECONDS);
    KIT_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
        "the node ended by itself, with status %#x", (unsigned)status);
}

void kit_process_kill(struct kit_process *process)
{
    kit_process_signal(process, SIGKILL);
    wait_killed(process);
}

pid_t kit_process_kill_later(const struct kit_process *process, uint64_t us)
{
    struct timespec wait = {
        .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    KIT_CHECK(process->pid > 0, "the node does not run");
    fflush(NULL);
    pid_t killer = fork();
    KIT_CHECK(killer >= 0, "cannot fork: %s", strerror(errno));
    if (killer == 0) {
        nanosleep(&wait, NULL);
        _exit(kill(process->pid, SIGKILL) == 0 ? 0 : 1);
    }
    return killer;
}

void kit_process_wait_killed(struct kit_process *process, pid_t killer)
{
    wait_killed(process);
    KIT_CHECK(waitpid(killer, NULL, 0) == killer, "no child");
}

uint64_t kit_process_memory(const struct kit_process *process)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)process->pid);
    FILE *file = fopen(path, "r");
    KIT_CHECK(file != NULL, "the node is gone");
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "RssAnon: %llu kB", &kib) == 1) {
            break;
        }
    }
    fclose(file);
    return kib * 1024;
}
