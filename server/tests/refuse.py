"""refuse.py WHAT ERROR PROGRAM...: runs a program where the kernel answers WHAT, landlock or seccomp, with
ERROR (the name of an errno), as one does that lacks it (ENOSYS, EINVAL) or a container that forbids it
(EPERM)."""

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
# prctl, seccomp; those of Landlock are the same everywhere.
NUMBERS = {"x86_64": (157, 317), "aarch64": (167, 277)}
LANDLOCK_CREATE_RULESET, VERSION = 444, 1

libc = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def has_seccomp():
    """A kernel that has filters looks for the one that is not there."""
    return libc.prctl(PR_SET_SECCOMP, FILTER, None, 0, 0) == -1 and (
        ctypes.get_errno() == errno.EFAULT)


def has_landlock():
    return libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, VERSION) >= 1


def can_refuse():
    return has_seccomp() and platform.machine() in NUMBERS and sys.byteorder == "little"


def steps(what, error):
    """BPF: (code, jump when equal, jump when not, operand)."""
    load_number, load_first = (0x20, 0, 0, 0), (0x20, 0, 0, 16)
    refuse, allow = (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7FFF0000)
    if what == "landlock":
        return [load_number, (0x15, 0, 1, LANDLOCK_CREATE_RULESET), refuse, allow]
    prctl, seccomp = NUMBERS[platform.machine()]
    return [load_number, (0x15, 3, 0, seccomp), (0x15, 0, 3, prctl), load_first,
            (0x15, 0, 1, PR_SET_SECCOMP), refuse, allow]


def main():
    what, error, *command = sys.argv[1:]
    code = b"".join(struct.pack("HBBI", *step) for step in steps(what, getattr(errno, error)))
    program = Program(len(code) // 8, code)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(
            PR_SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0) != 0:
        sys.exit(f"no filter here: {os.strerror(ctypes.get_errno())}")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
