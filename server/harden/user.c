/* Rights that are given up: core files, being traced, root. */
#include "harden/harden.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void harden_secrets(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int become(const struct passwd *user, struct fora_buf *why)
{
    gid_t group = user->pw_gid;
    if (setgroups(1, &group) != 0 || setresgid(group, group, group) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
        fora_buf_printf(why, "cannot become the user %s: %s", user->pw_name, strerror(errno));
        return FORA_E_FORBIDDEN;
    }
    /* What was given up must not come back. */
    if (user->pw_uid != 0 && (setuid(0) == 0 || seteuid(0) == 0)) {
        fora_buf_printf(why, "cannot become the user %s: root could be taken back", user->pw_name);
        return FORA_E_FORBIDDEN;
    }
    return 0;
}

int harden_user(const char *user, struct fora_buf *why)
{
    int rc = 0;
    if (geteuid() == 0 && user != NULL && user[0] != 0) {
        const struct passwd *found = getpwnam(user);
        if (found == NULL) {
            fora_buf_printf(why,
                "there is no user %s, whom 'user' in forad.conf names; make one, or name another",
                user);
            return FORA_E_CONFIG;
        }
        rc = become(found, why);
        harden_secrets(); /* a change of user makes a process dumpable again on some kernels */
    }
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return rc;
}
