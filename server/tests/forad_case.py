"""What the tests of the program share: a folder of its own per test, runs of forad, running nodes.

FORAD names the program. Nothing here waits for a fixed time: a node is ready when it has written its
ready file, and has ended when its process has.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

FORAD = os.environ["FORAD"]
PATIENCE = 120  # seconds until a test gives up; sanitizers are slow

OK, REFUSED, USAGE, CONNECT, CREDENTIALS, NOTFOUND, LOCAL, DAMAGED = range(8)


class Node:
    """A forad that runs. It is killed when the test ends."""

    def __init__(self, data, arguments, log, prefix=()):
        self.ready = pathlib.Path(str(data) + ".ready")
        self.ready.unlink(missing_ok=True)
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [*prefix, FORAD, "run", "--data", str(data), "--ready-file", str(self.ready),
                 *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.ready.exists():
            if self.process.poll() is not None:
                raise AssertionError(f"forad run ended: {self.log_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"forad run is not ready: {self.log_text()}")
            time.sleep(0.01)
        self.address = self.ready.read_text().splitlines()[0]

    def log_text(self):
        return pathlib.Path(self.log).read_text(errors="replace")

    def stop(self):
        """As an operator stops it; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


class Case(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="forad-test-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.data = self.root / "node"

    def forad(self, *arguments, stdin=None, env=None, prefix=()):
        """Runs the program to its end: (exit code, standard output, standard error)."""
        environment = {k: v for k, v in os.environ.items() if k not in ("FORAD_DATA", "FORA_HOME")}
        environment.update(env or {})
        done = subprocess.run(
            [*prefix, FORAD, *map(str, arguments)],
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=PATIENCE,
            text=True,
            errors="replace",
        )
        return done.returncode, done.stdout, done.stderr

    def cramped(self, kib, *arguments):
        """A run on a disk that is full: no file grows beyond so many KiB."""
        # The counts of a build for coverage would be cut short too, and it would say so.
        with tempfile.TemporaryDirectory(prefix="forad-counts-") as lost:
            counts = {"GCOV_PREFIX": lost, "GCOV_ERROR_FILE": "/dev/null"}
            return self.forad(*arguments, env=counts,
                              prefix=("bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash"))

    def good(self, *arguments, **options):
        """A run that must succeed: its standard output."""
        code, out, err = self.forad(*arguments, **options)
        self.assertEqual(code, OK, f"forad {' '.join(map(str, arguments))}: {err}")
        return out

    def json(self, *arguments):
        return json.loads(self.good(*arguments, "--json"))

    def bad(self, expected, *arguments, says=(), **options):
        """A run that must fail with that code, and one sentence that names what `says` lists."""
        code, out, err = self.forad(*arguments, **options)
        self.assertEqual(code, expected, f"forad {' '.join(map(str, arguments))}: {out}{err}")
        # A machine that allows few open files is told of, before anything else.
        err = re.sub(r"^forad: Only \d+ files may be open.*\n", "", err)
        # So are the parts of an import.
        err = re.sub(r"^import: [A-Z][\w. ]*\n", "", err, flags=re.M)
        self.assertTrue(err.startswith("forad: "), err)
        self.assertEqual(err.count("\n"), 1, f"not one sentence: {err}")
        for word in (says,) if isinstance(says, str) else says:
            self.assertIn(str(word), err)
        return err

    def init(self, data=None, *arguments):
        """A node that listens on any free port; what init says of it."""
        return self.json(
            "init", "--data", data or self.data, "--kind", "vendor", "--name", "Example",
            "--listen", "127.0.0.1:0", "--yes", *arguments,
        )

    def run_node(self, data=None, *arguments, prefix=()):
        data = data or self.data
        node = Node(data, arguments, str(data) + ".log", prefix)
        self.addCleanup(node.kill)
        return node

    def until(self, look, what=""):
        """What `look` finds, as soon as it finds something; else the logs of the nodes are told."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                logs = sorted(self.root.glob("*.log"))
                self.fail("\n".join([what, *(log.read_text(errors="replace") for log in logs)]))
            time.sleep(0.02)

    def tree(self, folder=None):
        """Every path below a folder, with its mode and content: to see that nothing changed. The
        store's locks may be taken and left."""
        found = {}
        for path in sorted((folder or self.root).rglob("*")):
            if path.parent.name == "store" and path.name in ("lock", "lock.mdb"):
                continue
            content = path.read_bytes() if path.is_file() else None
            found[str(path)] = (path.lstat().st_mode, content)
        return found


def main():
    unittest.main(verbosity=2)
