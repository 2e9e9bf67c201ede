/*
 * The daemon's armour: what it gives up before it listens, so that who takes it over has little.
 * Everything holds for the process and the threads that it starts afterwards, and cannot be taken
 * back. Called in this order, from one thread.
 *
 *   harden_secrets    nothing of its memory reaches a core file or another process of the same user
 *   harden_user       another user, no groups, no way to more rights
 *   harden_files      Landlock: no file but those that it needs
 *   harden_calls      seccomp: no system call but those that it needs
 */
#ifndef FORAD_HARDEN_HARDEN_H
#define FORAD_HARDEN_HARDEN_H

#include "fora/bytes.h"

/* No core files, not to be traced by its own user. Best effort. */
void harden_secrets(void);

/*
 * Becomes `user`, with her group and no others; started as root only. NULL or empty, or for who is
 * no root, only gives up what setuid programs could bring back (no_new_privs). FORA_E_CONFIG with a
 * sentence: there is no such user; FORA_E_FORBIDDEN: it did not work, the process must end.
 */
int harden_user(const char *user, struct fora_buf *why) FORA_MUST_USE;

enum { HARDEN_FOLDERS_MAX = 4 };
struct harden_files {
    const char *writable[HARDEN_FOLDERS_MAX]; /* folders, with all that is in them; NULL: none */
};
/* What is open stays open. 0; FORA_E_UNSUPPORTED: this kernel has no Landlock, or was started
 * without; FORA_E_IO with a sentence: it has, and this process is refused it. */
int harden_files(const struct harden_files *files, struct fora_buf *why) FORA_MUST_USE;

/*
 * What no part of a node ever calls (exec, ptrace, mount...) ends the process; whatever else is not
 * on the list fails with EPERM. 0; FORA_E_UNSUPPORTED: this kernel has no seccomp filters, or a
 * build with sanitizers, which need more calls than a node; FORA_E_IO with a sentence: the kernel
 * has them, and this process is refused one; FORA_E_NOMEM.
 */
int harden_calls(struct fora_buf *why) FORA_MUST_USE;

#endif
