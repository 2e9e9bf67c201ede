"""A real forad in a folder of its own, and what a test does with it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from counted import SKIP

FORAD = os.environ.get("FORAD", "")
if not FORAD or not os.access(FORAD, os.X_OK):
    print("skipped: FORAD names no program")
    sys.exit(SKIP)

from fora_py import identity, objects, pb, policy, receipt, text, view  # noqa: E402
from fora_py.node import now  # noqa: E402
from fora_py.session import Session, connect  # noqa: E402


class Forad:
    def __init__(self, *options, run=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fora_interop_"))
        self.data, self.ready = self.folder / "data", self.folder / "ready"
        made = self.command("init", "--kind", "vendor", "--name", "X", "--listen", "127.0.0.1:0",
                            "--space", "S", "--product", "brewkit=5.1", "--yes", *options)
        self.id = text.decode_id("foran", made["node"])
        self.space_text = made["space"]["id"]
        self.space = text.decode_id("foras", self.space_text)
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [FORAD, "run", "--data", self.data, "--ready-file", self.ready, *run],
            stderr=self.log, stdin=subprocess.DEVNULL)
        end = time.time() + 120
        while not self.ready.exists() or not self.ready.read_text().strip():
            if time.time() > end or self.process.poll() is not None:
                raise RuntimeError("forad did not start: " + self.messages())
            time.sleep(0.02)
        self.address = self.ready.read_text().split()[0]
        self.handles = 0

    def messages(self):
        return (self.folder / "log").read_text()

    def command(self, *words):
        out = subprocess.run([FORAD, *words, "--data", self.data, "--json"],
                             capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        if out.returncode:
            raise RuntimeError(f"forad {words}: {out.stderr.decode()}")
        return json.loads(out.stdout)

    def digest(self, space=None):
        rows = self.command("digest", space or self.space_text)
        return next(r for r in rows if r["audience"] == 0)

    def grant(self, member, role):
        who = text.encode_id("foram", member.id)
        self.command("space", "grant", self.space_text, who, role, "--node", self.address)

    def stop(self):
        """Ends the node, in order; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(120)
        self.log.close()
        shutil.rmtree(self.folder)
        return code

    def client(self, **options):
        return Session(connect(self.address), **options).start()

    def member(self, session, created_at=None):
        """A member with keys of her own: Auth with the log, then SignUp with the log."""
        m = identity.Principal(created_at or now() - 1000, home=self.id)
        session.auth(m, with_log=True)
        self.handles += 1
        session.call(sign_up=pb.SignUp(handle=f"member{self.handles}", name="Ann", identity=m.log))
        return m


def put(session, *raws):
    """The codes of the results."""
    return [r.code for r in session.call(put=pb.Put(objects=raws)).results]


def thread(session, root):
    """(objects, context, space) of GetThread, all verified."""
    frames = session.call_many(lambda a: not a.more,
                               get_thread=pb.GetThread(root=root, context=True))
    return ([objects.open_(raw) for f in frames for raw in f.objects],
            [objects.open_(raw) for f in frames for raw in f.context], frames[0].space)


def fold(session, root):
    """The view of a thread, from what the node says, all of it verified."""
    items, context, _ = thread(session, root)
    p, logs = policy.Policy(), {}
    for o in sorted(context, key=lambda o: o.order):
        if o.h.kind == pb.KIND_POLICY:
            p.add(o)
    for o in context:
        if o.h.kind == pb.KIND_IDENTITY:
            logs.setdefault(o.author, identity.Log()).add(o)
    for o in items:
        code = logs[o.author].speaks(o.h.key, o.h.created_at)
        if code:
            raise AssertionError(f"{code} of {o.id.hex()}")
    return view.View(p, receipt.apply(p, logs, items), root)
