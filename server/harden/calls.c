/*
 * The list of system calls. The only file that includes libseccomp.
 *
 * It names what libuv, LMDB, the C library's threads, memory and resolver call, and nothing else;
 * of socket, ioctl, prctl and clone only the uses that occur. A call that newer C libraries try
 * first and do without (clone3, io_uring) fails as on an older kernel.
 */
#include "harden/harden.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A sanitizer's own calls are not among those that are let through. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define CALL(name) SCMP_SYS(name)

/* Files, memory, threads, time, events, sockets. */
static const int allowed[] = {CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(write),
    CALL(writev), CALL(pwrite64), CALL(pwritev), CALL(lseek), CALL(open), CALL(openat), CALL(close),
    CALL(stat), CALL(fstat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(statfs),
    CALL(fstatfs), CALL(access), CALL(faccessat), CALL(faccessat2), CALL(fcntl), CALL(flock),
    CALL(ftruncate), CALL(fallocate), CALL(fsync), CALL(fdatasync), CALL(msync), CALL(fadvise64),
    CALL(getdents64), CALL(unlink), CALL(unlinkat), CALL(rename), CALL(renameat), CALL(renameat2),
    CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(umask), CALL(fchmod), CALL(readlink),
    CALL(readlinkat), CALL(getcwd), CALL(dup), CALL(dup2), CALL(dup3), CALL(mmap), CALL(munmap),
    CALL(mremap), CALL(mprotect), CALL(madvise), CALL(mincore), CALL(mlock), CALL(munlock),
    CALL(brk), CALL(membarrier), CALL(set_robust_list), CALL(rseq), CALL(get_robust_list),
    CALL(set_tid_address), CALL(futex), CALL(sched_yield), CALL(sched_getaffinity), CALL(exit),
    CALL(exit_group), CALL(gettid), CALL(getpid), CALL(getppid), CALL(rt_sigaction),
    CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigpending), CALL(rt_sigtimedwait),
    CALL(sigaltstack), CALL(restart_syscall), CALL(clock_gettime), CALL(clock_getres),
    CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time), CALL(epoll_create),
    CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2),
    CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(eventfd2), CALL(pipe2),
    CALL(socketpair), CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4),
    CALL(getsockname), CALL(getpeername), CALL(getsockopt), CALL(setsockopt), CALL(shutdown),
    CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg), CALL(sendmmsg), CALL(recvmmsg),
    CALL(getrandom), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getrlimit),
    CALL(getrusage), CALL(sysinfo), CALL(uname), CALL(times)};

/* Nothing that a node does ends in one of these. */
static const int deadly[] = {CALL(execve), CALL(execveat), CALL(fork), CALL(vfork), CALL(ptrace),
    CALL(process_vm_readv), CALL(process_vm_writev), CALL(kexec_load), CALL(init_module),
    CALL(finit_module), CALL(delete_module), CALL(mount), CALL(umount2), CALL(pivot_root),
    CALL(chroot), CALL(setns), CALL(unshare), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd),
    CALL(keyctl), CALL(add_key), CALL(request_key), CALL(reboot), CALL(swapon), CALL(swapoff),
    CALL(open_by_handle_at), CALL(setuid), CALL(setgid), CALL(setresuid), CALL(setresgid),
    CALL(capset)};

static const int absent[] = {CALL(clone3), CALL(io_uring_setup)};

static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};

static const unsigned long ioctls[] = {FIONBIO, FIOCLEX, FIONCLEX, FIONREAD, TCGETS, TIOCGWINSZ};

/* The system call does not exist on every processor: then there is nothing to allow. */
static int rule(scmp_filter_ctx filter, uint32_t action, int call, unsigned count,
    const struct scmp_arg_cmp *arguments)
{
    int rc = seccomp_rule_add_array(filter, action, call, count, arguments);
    return rc == -EDOM || rc == -EEXIST || rc == -EACCES ? 0 : rc;
}

static int uses(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp argument;
    int rc = 0;
    for (size_t i = 0; i < sizeof families / sizeof families[0] && rc == 0; i++) {
        argument = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(socket), 1, &argument);
    }
    for (size_t i = 0; i < sizeof ioctls / sizeof ioctls[0] && rc == 0; i++) {
        argument = SCMP_A1(SCMP_CMP_EQ, ioctls[i], 0);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(ioctl), 1, &argument);
    }
    if (rc == 0) { /* threads, no processes */
        argument = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(clone), 1, &argument);
    }
    if (rc == 0) {
        argument = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(prctl), 1, &argument);
    }
    if (rc == 0) { /* reading limits; 0: its own */
        argument = SCMP_A0(SCMP_CMP_EQ, 0, 0);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 1, &argument);
    }
    if (rc == 0) { /* a thread that takes a lower one; raising it takes a right that is dropped */
        struct scmp_arg_cmp own[] = {
            SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS, 0), SCMP_A1(SCMP_CMP_EQ, 0, 0)};
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(setpriority), 2, own);
    }
    if (rc == 0) { /* abort(3), raise(3): itself only */
        argument = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
        rc = rule(filter, SCMP_ACT_ALLOW, CALL(tgkill), 1, &argument);
    }
    return rc;
}

static int all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = rule(filter, action, calls[i], 0, NULL);
    }
    return rc;
}

/* seccomp(2): a kernel without filters does not get as far as to look at the filter. */
static bool absent_here(void)
{
    return SANITIZED || (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 &&
                            (errno == EINVAL || errno == ENOSYS));
}

int harden_calls(struct fora_buf *why)
{
    if (absent_here()) {
        return FORA_E_UNSUPPORTED;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) {
        return FORA_E_NOMEM;
    }
    int rc = all(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof allowed[0]);
    rc = rc == 0 ? uses(filter) : rc;
    rc =
        rc == 0 ? all(filter, SCMP_ACT_KILL_PROCESS, deadly, sizeof deadly / sizeof deadly[0]) : rc;
    rc = rc == 0 ? all(filter, SCMP_ACT_ERRNO(ENOSYS), absent, sizeof absent / sizeof absent[0])
                 : rc;
    rc = rc == 0 ? seccomp_load(filter) : rc;
    seccomp_release(filter);
    if (rc == 0 || rc == -ENOMEM) {
        return rc == 0 ? 0 : FORA_E_NOMEM;
    }
    fora_buf_append_str(why,
        "the kernel has seccomp and refuses this process its filter; 'sandbox = \"off\";' in "
        "forad.conf does without");
    return FORA_E_IO;
}
