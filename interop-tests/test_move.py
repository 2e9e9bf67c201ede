"""A home that actively refuses (ID-12, ID-13): the member lives at a node that keeps her keys, takes
them out, revokes the node's and moves. From then on, at the address of the old home and with all of
its secrets, there answers a program that refuses or lies, writes in her name, and vouches for it."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from counted import SKIP, checked, main, skip_if_missing

skip_if_missing()

from daemon import Forad, put, thread  # noqa: E402
from fora_py import identity, objects, pb, policy, receipt, text  # noqa: E402
from fora_py.errors import CODE, NAME, Refused  # noqa: E402
from fora_py.node import now  # noqa: E402
from fora_py.session import Ended, Session, connect  # noqa: E402

FORA = os.environ.get("FORA", "")
if not FORA or not os.access(FORA, os.X_OK):
    print("skipped: FORA names no program")
    sys.exit(SKIP)

PASSWORD = "correct horse"


def wait(condition, timeout=120):
    end = time.time() + timeout
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.05)
    return True


class Keys:
    """A principal of whom somebody else's keys are used: what fora_py's sessions ask of one."""

    def __init__(self, id_, log, device):
        self.id, self.log, self.device = id_, list(log), text.keypair(device)

    def post(self, kind, content, created_at, **references):
        return objects.build(kind, content, self.device[1], self.id, created_at, **references)


class Impostor:
    """Answers at the old home's address with its keys. `lies`: says that it took what it is given,
    and shows the log as it was; else it refuses everything."""

    def __init__(self, address, node, noise, old_log, lies):
        self.node, self.noise, self.old_log, self.lies = node, noise, old_log, lies
        self.asked, self.errors, self.stopping, self.sessions = [], [], False, []
        host, port = address.rsplit(":", 1)
        self.listener = socket.create_server((host, int(port)))
        self.listener.settimeout(0.1)
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while not self.stopping:
            try:
                sock, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.serve, args=(sock,)))
            self.threads[-1].start()

    def serve(self, sock):
        try:
            session = Session(sock, False, self.noise, None, self.node).start()
            session.on_request = self.on_request
            while not self.stopping:
                if session.ready(0.1):
                    session.step()
        except (Ended, Refused, OSError):
            pass  # whoever asked went
        except Exception as e:  # noqa: BLE001, what went wrong is shown by the test
            self.errors.append(e)
        finally:
            sock.close()

    def on_request(self, session, frame, name):
        self.asked.append(name)
        n, body = frame.request, getattr(frame, name)
        if self.lies and name == "auth":
            session.send(n, auth_ok=pb.AuthOk(principal=body.principal, name="Ann"))
        elif self.lies and name == "get_principal":
            session.send(n, principal_objects=pb.PrincipalObjects(
                principal=body.principal, objects=self.old_log))
        elif self.lies and name == "put":
            results = [pb.Result(id=objects.decode(raw).id) for raw in body.objects]
            session.send(n, put_result=pb.PutResult(results=results))
        else:
            session.send(n, error=pb.Error(code=CODE["REFUSED"], text="She is mine."))

    def push(self, forad, *raws):
        """Brings objects to a node, as the peer that the old home was; the names of the codes."""
        session = Session(connect(forad.address), True, self.noise, None, self.node).start()
        codes = [NAME[code] if code else "OK" for code in put(session, *raws)]
        session.close()
        return codes

    def stop(self):
        self.stopping = True
        self.listener.close()
        for thread_ in self.threads:
            thread_.join(60)


class Hostile(unittest.TestCase):
    """green holds the space, red is the old home, blue the new one."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fora_move_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "password").write_text(PASSWORD + "\n")
        self.green, self.red, self.blue = Forad(), Forad(), Forad()
        for forad in (self.green, self.blue):
            self.addCleanup(forad.stop)
        self.addCleanup(shutil.rmtree, self.red.folder, ignore_errors=True)
        self.addCleanup(self.red.process.wait)
        self.addCleanup(self.red.process.kill)
        self.space = self.green.space_text
        for forad in (self.red, self.blue):
            forad.command("subscribe", self.space, self.green.address, "--node", forad.address)
            # "space" of daemon.py is the forad's own; all of this happens in green's.
            self.assertTrue(wait(lambda f=forad: self.space in [
                row["id"] for row in self.fora("reader", f, "spaces")]))
        self.member = self.fora("ann", self.red, "register", "ann", "--password-file",
                                self.folder / "password")["member"]
        self.id = text.decode_id("foram", self.member)
        self.before = self.ask(self.red, "Before the move?")
        for forad in (self.green, self.blue):
            self.assertTrue(wait(lambda f=forad: self.shown(f, self.before)))

    def fora(self, home, forad, *arguments, expected=0):
        at = ["--node", forad.address] if forad else []
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FORA_")}
        done = subprocess.run(
            [FORA, "--home", self.folder / home, *at, "--json", *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
            env=environment)
        if expected is not None:
            self.assertEqual(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def ask(self, forad, title):
        return self.fora("ann", forad, "ask", title, "--space", self.space, "--text", title)["id"]

    def shown(self, forad, root):
        return self.fora("reader", forad, "show", root, expected=None)

    def identity_at(self, forad):
        return self.fora("reader", forad, "identity", "show", self.member)

    # ---- the member leaves ----

    def take_over(self, lies):
        """What the operator of the old home has, the moment before it is one of the other kind."""
        session = self.red.client()
        session.call(login=pb.Login(handle="ann", password=PASSWORD))
        self.seeds = session.call(take_out=pb.TakeOut(password=PASSWORD))
        log = list(session.call(get_principal=pb.GetPrincipal(principal=self.id)).objects)
        node_log = list(session.peer.identity)
        session.close()
        keys = dict(line.split(" ", 1) for line in (self.red.data / "keys").read_text().splitlines()
                    if " " in line)
        self.fora("ann", self.red, "identity", "takeout", "--password-file",
                  self.folder / "password", "--no-passphrase", "--label", "laptop")
        # Green, which takes her side later, can date what she wrote until here to the second.
        began = time.time()
        self.assertTrue(wait(lambda: time.time() > began + 3))
        self.stolen = int(time.time()) - 1
        self.red.process.kill()
        self.red.process.wait()
        node = Keys(self.red.id, node_log, bytes.fromhex(keys["device"]))
        self.impostor = Impostor(self.red.address, node, bytes.fromhex(keys["noise"]), log, lies)
        self.addCleanup(self.impostor.stop)
        self.thief = Keys(self.id, log, self.seeds.device)

    def leave(self):
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.stolen))
        home = next(d["key"] for d in self.fora("ann", None, "identity", "devices")
                    if d["custodial"])
        self.fora("ann", None, "identity", "revoke", home, "--stolen", since, "--offline")
        return self.fora("ann", None, "identity", "move", self.blue.address)

    # ---- what the old home does ----

    def write_in_her_name(self):
        space, root = self.green.space, text.decode_id("fora", self.before)
        said = lambda at, what: self.thief.post(5, pb.Post(type=1, text=what), at, space=space,
                                                root=root, parent=root)
        late = said(now(), "Said after the revocation.")
        self.forged = said(self.stolen * 1000 - 1500, "Said into the past.")
        forged = objects.decode(self.forged)
        # It vouches for what it forged: it was there in time, it says.
        vouched = self.impostor.node.post(20, pb.Receipt(
            accepted_at=self.stolen * 1000 - 1000, leaves=1,
            objects_root=text.hash_("fora.v1.merkle.leaf", forged.id),
            proofs=[pb.ReceiptProof(object=forged.id)]), self.stolen * 1000 - 1000, space=space,
            root=root)
        old_root, create = text.keypair(self.seeds.root), objects.decode(self.thief.log[0])
        spare = text.keypair(os.urandom(32))
        fork = objects.build(1, pb.IdentityEntry(sequence=1, add_key=pb.DeviceKey(
            sign=spare[0], label="mine now")), old_root[1], self.id, create.h.created_at + 1,
            parent=create.id)
        other = objects.build(5, pb.Post(type=1, text="With a key of my own."), spare[1], self.id,
                              now(), space=space, root=root, parent=root)
        # It never had the key that her first entry commits to: no rotation of its own fits (ID-13).
        self.assertEqual(self.seeds.next_root, b"")
        rotation = objects.build(1, pb.IdentityEntry(sequence=1, rotate=pb.RootRotation(
            next_root_commitment=os.urandom(32))), old_root[1], self.id, create.h.created_at,
            parent=create.id)
        for forad in (self.green, self.blue):
            codes = self.impostor.push(
                forad, *self.impostor.node.log, late, self.forged, vouched, fork)
            self.assertEqual(codes[-4:], ["KEY", "OK", "OK", "OK"])
            self.assertEqual(self.impostor.push(forad, rotation), ["IDENTITY"])
            # The fork is kept as evidence, and gives nobody a key.
            self.assertIn(self.impostor.push(forad, other), (["KEY"], ["PENDING"]))
            checked("forgeries", 4)

    # ---- and what holds all the same ----

    def standing(self, forad, root):
        """Ids of what stands in the thread, read off what the node shows by fora_py alone."""
        session = forad.client()
        items, context, _ = thread(session, text.decode_id("fora", root))
        session.close()
        rules, logs = policy.Policy(), {}
        entries = [o for o in context if o.h.kind == pb.KIND_IDENTITY]
        for o in sorted(entries, key=lambda o: o.body().sequence):
            logs.setdefault(o.author, identity.Log()).add(o)
        for o in context:
            if o.h.kind == pb.KIND_POLICY:
                rules.add(o)
        return {o.id for o in receipt.apply(rules, logs, items) if o.content is not None}

    def holds(self, moved):
        after = self.ask(self.blue, "After the move?")
        before, forged = text.decode_id("fora", self.before), objects.decode(self.forged).id
        for forad in (self.green, self.blue):
            self.assertTrue(wait(lambda f=forad: self.shown(f, after)))
            for root in (self.before, after):
                seen = self.shown(forad, root)
                self.assertEqual((seen["posts"][0]["author"], seen["unverified"]), (self.member, 0))
                self.assertTrue(seen["posts"][0]["text"])
            # The node shows what an implementation of its own makes of the same set.
            self.assertTrue(wait(lambda f=forad: before in self.standing(f, self.before)))
            self.assertNotIn(forged, self.standing(forad, self.before))
            texts = [post["text"] for post in self.shown(forad, self.before)["posts"]]
            self.assertFalse([t for t in texts if t and "Said" in t], texts)
            shown = self.identity_at(forad)
            self.assertEqual(shown["home"], moved["home"])
            self.assertTrue(shown["forked"])
            self.assertNotIn("mine now", [key["label"] for key in shown["keys"]])
            checked("nodes that hold to her")

    def reach_her(self):
        """Whoever answers her where she was not, and names her, reaches her where she is."""
        self.fora("ann", self.blue, "follow", self.before)
        watch = subprocess.Popen(
            [FORA, "--home", self.folder / "ann", "--node", self.blue.address, "--json", "watch",
             "--space", self.space], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(watch.communicate)
        self.addCleanup(watch.kill)
        self.assertIn("Watching", watch.stderr.readline())
        self.fora("bob", self.green, "register", "bob", "--password-file", self.folder / "password")
        self.fora("bob", self.green, "answer", self.before, "--text", f"@{self.member} Because.")
        row = json.loads(watch.stdout.readline())
        while row["author_name"] != "bob":
            row = json.loads(watch.stdout.readline())
        self.assertEqual((row["root"], row["text"]), (self.before, f"@{self.member} Because."))
        self.assertTrue(wait(lambda: [
            r for r in self.fora("ann", self.blue, "threads", "--followed")["threads"]
            if r["id"] == self.before and r["answers"] > 0]))

    def test_ID_12_a_home_that_refuses_everything(self):
        self.take_over(lies=False)
        moved = self.leave()
        self.assertFalse(moved["old_home_told"])
        self.assertTrue(self.impostor.asked)
        self.write_in_her_name()
        self.holds(moved)
        self.reach_her()
        self.assertEqual(self.impostor.errors, [])

    def test_ID_12_a_home_that_lies(self):
        """It says that it took her new log, and goes on showing the old one."""
        self.take_over(lies=True)
        moved = self.leave()
        self.assertIn("put", self.impostor.asked)
        self.write_in_her_name()
        self.holds(moved)
        self.reach_her()
        # Who asks there is told the old story; who asks anywhere else is not.
        there = self.identity_at(self.red)
        self.assertNotEqual(there["home"], moved["home"])
        self.assertEqual(self.impostor.errors, [])


if __name__ == "__main__":
    main()
