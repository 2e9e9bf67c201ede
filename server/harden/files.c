/* Landlock, by system call: the C library has no functions for it. */
#include "harden/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All that the first version of Landlock knows: later kernels know it too. */
#define ALL                                                                                        \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
        LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |                              \
        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                            \
        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
        LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                             \
        LANDLOCK_ACCESS_FS_MAKE_SYM)
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                                      \
    (READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                       \
        LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)

/* What the C library reads to resolve names and to start threads, and libcurl to know whom to
 * believe. Of /etc and /run what anybody may read. */
static const char *const readable[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
    "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/localtime",
    "/etc/ld.so.cache", "/etc/ssl", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/run/systemd/resolve", "/usr/lib", "/usr/local/lib",
    "/lib", "/lib64", "/usr/share/zoneinfo", "/sys/devices/system/cpu", "/proc/sys/vm",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/dev/urandom"};

/* One that is not there is no loss. */
static int allow(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) {
        return 0;
    }
    long done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    if (done != 0 && errno == EINVAL) {
        /* A file has nothing beneath it. */
        rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
        done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    int error = errno;
    close(rule.parent_fd);
    errno = error;
    return done == 0 ? 0 : FORA_E_IO;
}

/* What is not here is done without; what is, and is refused, must not look like that. */
static int refused(struct fora_buf *why)
{
    fora_buf_printf(why,
        "the kernel has Landlock and refuses it to this process: %s; 'sandbox = \"off\";' in "
        "forad.conf does without",
        strerror(errno));
    return FORA_E_IO;
}

int harden_files(const struct harden_files *files, struct fora_buf *why)
{
    const struct landlock_ruleset_attr handled = {.handled_access_fs = ALL};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    int rc = 0;
    if (rules < 0) { /* EOPNOTSUPP: built in, and switched off as the machine started */
        return errno == ENOSYS || errno == EOPNOTSUPP ? FORA_E_UNSUPPORTED : refused(why);
    }
    for (size_t i = 0; i < sizeof readable / sizeof readable[0] && rc == 0; i++) {
        rc = allow(rules, readable[i], READ);
    }
    for (size_t i = 0; i < HARDEN_FOLDERS_MAX && rc == 0; i++) {
        rc = files->writable[i] != NULL ? allow(rules, files->writable[i], WRITE) : 0;
    }
#ifdef HARDEN_COVERAGE_FOLDER
    /* A build that is instrumented for coverage writes its counts as it ends. */
    rc = rc == 0 ? allow(rules, HARDEN_COVERAGE_FOLDER, WRITE) : rc;
#endif
    if (rc == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                       syscall(SYS_landlock_restrict_self, rules, 0) != 0)) {
        rc = FORA_E_IO;
    }
    rc = rc == 0 ? 0 : refused(why);
    close(rules);
    return rc;
}
