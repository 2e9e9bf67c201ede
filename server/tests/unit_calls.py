"""unit_calls.py UNIT PROGRAM...: runs a program with the system calls that a unit of systemd leaves it (its
lines SystemCallFilter; others fail with EPERM), without new privileges. Of systemd itself only the meaning
of its sets is asked: nothing else of the unit holds."""

import ctypes
import errno
import os
import pathlib
import re
import shutil
import subprocess
import sys

ALLOW, FAIL, NO_NEW_PRIVS = 0x7FFF0000, 0x00050000, 38


def calls_of(name, seen):
    """What a set has, or the call itself; of sets that this systemd does not know nothing."""
    if not name.startswith("@") or name in seen:
        return {name} - seen
    seen.add(name)
    told = subprocess.run(["systemd-analyze", "syscall-filter", name], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False).stdout
    words = [w for line in told.splitlines()[1:] for w in line.split("#")[0].split()]
    return set().union(*(calls_of(word, seen) for word in words))


def allowed(unit):
    words = " ".join(re.findall(r"(?m)^SystemCallFilter=(.*)$", pathlib.Path(unit).read_text()))
    seen = set()
    return set().union(*(calls_of(word, seen) for word in [*words.split(), "@default"]))


def load(names):
    lib = ctypes.CDLL("libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_rule_add.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    context = lib.seccomp_init(ctypes.c_uint32(FAIL | errno.EPERM))
    for name in names:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0 and lib.seccomp_rule_add(context, ALLOW, number, 0) != 0:
            sys.exit(f"no rule for {name}")
    if lib.seccomp_load(context) != 0:
        sys.exit("no filter here")


def can_load():
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return False
    return shutil.which("systemd-analyze") is not None


def main():
    unit, *command = sys.argv[1:]
    names = allowed(unit)
    os.umask(0o077)
    ctypes.CDLL(None).prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    load(names)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
