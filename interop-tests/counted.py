"""What a test program shares: running, skipping, and telling how much it checked."""

import collections
import importlib.util
import shutil
import sys
import unittest

SKIP = 77  # ctest's SKIP_RETURN_CODE
_checked = collections.Counter()


def missing():
    return [m for m in ("nacl", "google.protobuf") if not _found(m)] + (
        [] if shutil.which("protoc") else ["protoc"])


def _found(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def checked(what, n=1):
    _checked[what] += n


def skip_if_missing():
    """To be called before fora_py is imported."""
    if missing():
        print("skipped: no", ", ".join(missing()))
        sys.exit(SKIP)


def main():
    program = unittest.main(module="__main__", exit=False, verbosity=1)
    print("checked:", ", ".join(f"{n} {what}" for what, n in sorted(_checked.items())) or "nothing")
    sys.exit(not program.result.wasSuccessful())
