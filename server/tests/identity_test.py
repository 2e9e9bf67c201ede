"""A member's identity as she meets it: made, copied, lost and recovered, taken out of a node, moved
from a home that lives, that is dead, and that refuses; and what a thief can and cannot do."""

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios

from forad_case import CREDENTIALS, DAMAGED, LOCAL, NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main


class Identity(Case):
    def setUp(self):
        super().setUp()
        self.nodes = {}
        self.secret = self.root / "passphrase"
        self.secret.write_text("a long enough passphrase\n")
        self.password = self.root / "password"
        self.password.write_text("correct horse\n")

    def node(self, name, *arguments):
        data = self.root / name
        made = self.init(data, "--space", name.capitalize(), *arguments)
        self.nodes[name] = self.run_node(data)
        return made["space"]["id"]

    def fora(self, home, node, *arguments, expected=OK, stdin=None):
        """A run of fora with a folder of its own: what it says in JSON, or on standard error."""
        at = ["--node", self.nodes[node].address] if node else []
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FORA_")}
        environment["FORA_PASSPHRASE_FILE"] = str(self.secret)
        done = subprocess.run(
            [os.environ["FORA"], "--home", str(self.root / home), *at, "--json",
             *map(str, arguments)],
            input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, env=environment,
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, expected,
                         f"fora {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        self.said = done.stderr
        return json.loads(done.stdout) if expected == OK and done.stdout else done.stderr

    def own(self, home, node, handle):
        """A member with keys of her own."""
        return self.fora(home, node, "register", handle, "--self-custody",
                         "--no-passphrase")["member"]

    def ask(self, home, node, space, title):
        return self.fora(home, node, "ask", title, "--space", space, "--text", f"{title} And why?")["id"]

    def posts(self, home, node, thread):
        return self.fora(home, node, "show", thread)["posts"]

    def share(self, space, source, *others):
        for name in others:
            self.json("subscribe", space, self.nodes[source].address,
                      "--data", self.root / name, "--node", self.nodes[name].address)

    def holds(self, node, thread):
        done = subprocess.run(
            [os.environ["FORA"], "--home", str(self.root / "reader"), "--node",
             self.nodes[node].address, "--json", "show", thread],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return json.loads(done.stdout) if done.returncode == OK else None


class Keys(Identity):
    def test_a_second_device_by_its_code(self):
        space = self.node("red")
        member = self.own("laptop", "red", "ann")
        code = self.fora("phone", "red", "identity", "join", "ann", "--label", "phone",
                         "--no-passphrase")["code"]
        self.assertTrue(code.startswith("forak1"))
        # Not before it was added; not with a slip in the code.
        self.fora("phone", "red", "login", "ann", "--self-custody", expected=CREDENTIALS)
        wrong = code[:-1] + ("q" if code[-1] != "q" else "p")
        self.assertIn("no device code",
                      self.fora("laptop", "red", "identity", "add-device", wrong, expected=USAGE))
        self.fora("laptop", "red", "identity", "add-device", code, "--label", "phone")
        self.assertIn("speaks for you already", self.fora(
            "laptop", "red", "identity", "add-device", code, expected=REFUSED))
        self.fora("phone", "red", "login", "ann", "--self-custody")
        thread = self.ask("phone", "red", space, "From the phone?")
        self.assertEqual(self.posts("laptop", "red", thread)[0]["author"], member)
        # A device without the root adds none and moves nobody, but may give itself up.
        self.assertIn("no root key", self.fora("phone", "red", "identity", "rotate",
                                               expected=CREDENTIALS))
        self.fora("phone", "red", "identity", "revoke", "phone")
        self.fora("phone", "red", "ask", "Again?", "--text", "x", "--space", space,
                  expected=CREDENTIALS)
        states = {d["label"]: d["state"] for d in self.fora("phone", None, "identity", "devices")}
        self.assertEqual(states["phone"], "revoked")
        self.assertIn("does not come back", self.fora(
            "laptop", "red", "identity", "add-device", code, expected=REFUSED))

    def on_terminal(self, home, node, *arguments, columns=100):
        """What a person sees who runs fora on a terminal of that width."""
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FORA_")}
        environment.update(TERM="xterm", LC_ALL="C.UTF-8")
        environment.pop("COLUMNS", None)
        with subprocess.Popen(
                [os.environ["FORA"], "--home", str(self.root / home), "--node",
                 self.nodes[node].address, "--no-pager", *arguments],
                stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.DEVNULL,
                env=environment) as process:
            os.close(its)
            seen = b""
            while True:
                try:
                    more = os.read(ours, 65536)
                except OSError:  # it has closed its side
                    break
                if not more:
                    break
                seen += more
            self.assertEqual(process.wait(PATIENCE), OK, seen)
        os.close(ours)
        return seen.decode().replace("\r\n", "\n")

    def modules(self, seen):
        """The rows of modules of the QR code that is drawn there; True is dark."""
        rows = []
        for line in re.findall("\x1b\\[0;30;47;107m([ ▀▄█]+)\x1b\\[0m\n", seen):
            rows += [[c in "▀█" for c in line], [c in "▄█" for c in line]]
        return rows

    def test_a_code_that_a_camera_reads(self):
        self.node("red")
        self.own("laptop", "red", "ann")
        join = ("identity", "join", "ann", "--no-passphrase")
        seen = self.on_terminal("phone", "red", *join)
        code = re.search(r"^  (forak1[0-9a-z]+)$", seen, re.M).group(1)
        rows = self.modules(seen)
        # Off when it is not wanted, does not fit, or nobody looks.
        self.assertEqual(self.modules(self.on_terminal("other", "red", *join, "--no-qr")), [])
        self.assertEqual(self.modules(self.on_terminal("narrow", "red", *join, columns=40)), [])
        self.assertEqual(self.fora("piped", "red", *join)["code"][:6], "forak1")
        if os.environ.get("FORA_QR") == "0":
            self.assertEqual(rows, [])
            self.skipTest("fora was built without libqrencode")
        wide = len(rows[0])
        self.assertTrue(all(len(row) == wide for row in rows))
        self.assertFalse(any(any(row) for row in rows[:4] + rows[wide - 4:]), "no quiet zone")
        self.assertFalse(any(any(row[:4] + row[-4:]) for row in rows), "no quiet zone")
        if shutil.which("zbarimg") is None:
            self.skipTest("no zbarimg to read it with")
        picture = self.root / "code.pgm"
        size = 4  # pixels of a module
        pixels = b"".join(bytes(0 if dark else 255 for dark in row for _ in range(size)) * size
                          for row in rows[:wide])
        picture.write_bytes(b"P5 %d %d 255\n" % (wide * size, wide * size) + pixels)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(read.stdout.strip(), code, read.stderr)
        # And it does what the code that is typed does.
        self.fora("laptop", "red", "identity", "add-device", read.stdout.strip(), "--label", "phone")
        self.fora("phone", "red", "login", "ann", "--self-custody")

    def test_copy_and_restore(self):
        self.node("red")
        member = self.own("laptop", "red", "ann")
        copy = self.root / "ann.fora"
        self.fora("laptop", None, "identity", "export", copy, "--export-passphrase-file",
                  self.secret)
        self.assertNotIn('"keys"', copy.read_text())
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        other = self.root / "other"
        other.write_text("another passphrase\n")
        self.fora("new", None, "identity", "import", copy, "--passphrase-file", other,
                  expected=CREDENTIALS)
        self.fora("new", None, "identity", "import", copy)
        self.assertEqual(self.fora("new", None, "identity", "show")["member"], member)
        self.fora("new", "red", "login", "ann", "--self-custody")
        # Neither over a file nor over an identity.
        self.fora("laptop", None, "identity", "export", copy, "--export-passphrase-file",
                  self.secret, expected=LOCAL)
        self.fora("new", None, "identity", "import", copy, expected=USAGE)

    def test_recovered_with_the_paper_kit(self):
        space = self.node("red")
        member = self.own("laptop", "red", "ann")
        before = self.ask("laptop", "red", space, "Before?")
        kit = self.fora("laptop", None, "identity", "kit")
        self.assertEqual(len(kit), 7)
        typed = "\n".join(line.lower().replace("-", " ") for line in reversed(kit)) + "\n"
        slip = kit[:]
        slip[2] = slip[2][:5] + ("2" if slip[2][5] != "2" else "3") + slip[2][6:]
        self.assertIn("not as it was written down",
                      self.fora("new", "red", "identity", "recover", "--kit-file", "-",
                                stdin="\n".join(slip) + "\n", expected=USAGE))
        self.assertIn("missing", self.fora("new", "red", "identity", "recover", "--kit-file", "-",
                                           stdin="\n".join(kit[:6]) + "\n", expected=USAGE))
        back = self.fora("new", "red", "identity", "recover", "--kit-file", "-", "--label", "new",
                         "--revoke-others", "--no-passphrase", stdin=typed)
        self.assertEqual(back["member"], member)
        self.fora("new", "red", "login", "ann", "--self-custody")
        after = self.ask("new", "red", space, "After?")
        for thread in (before, after):
            self.assertEqual(self.posts("new", "red", thread)[0]["author"], member)
        # The laptop is out, and its root with it; the kit is used up.
        self.fora("laptop", "red", "whoami", expected=CREDENTIALS)
        self.fora("third", "red", "identity", "recover", "--kit-file", "-", "--no-passphrase",
                  stdin="\n".join(kit) + "\n", expected=REFUSED)

    def test_a_rotation_beats_a_thief_and_the_fork_is_shown(self):
        self.node("red")
        member = self.own("laptop", "red", "ann")
        # The thief has the whole file; she rotates first, offline; both tell the node.
        copy = self.root / "ann.fora"
        self.fora("laptop", None, "identity", "export", copy, "--export-passphrase-file",
                  self.secret)
        self.fora("thief", None, "identity", "import", copy)
        spare = self.fora("spare", "red", "identity", "join", "ann", "--no-passphrase")["code"]
        self.fora("thief", "red", "identity", "add-device", spare, "--label", "mine now")
        self.fora("laptop", None, "identity", "rotate", "--offline")
        told = self.fora("laptop", "red", "identity", "publish")
        self.assertTrue(told["forked"])
        shown = self.fora("reader", "red", "identity", "show", "ann")
        self.assertEqual(shown["member"], member)
        self.assertTrue(shown["forked"])
        beside = [step for step in shown["history"] if not step["stands"]]
        self.assertEqual([step["operation"] for step in beside], ["add-key"])
        self.assertNotIn("mine now", [key["label"] for key in shown["keys"]])
        self.fora("spare", "red", "login", "ann", "--self-custody", expected=CREDENTIALS)


class Passwords(Identity):
    """The daemon counts by the address that it sees (SES-39)."""

    def limited(self, setting, most):
        data = self.root / "red"
        self.init(data)
        conf = data / "forad.conf"
        text, found = re.subn(rf"(?m)^( *)# ({setting} = ).*$", rf"\1\g<2>{most};", conf.read_text())
        self.assertEqual(found, 1)
        conf.write_text(text)
        self.nodes["red"] = self.run_node(data)

    def test_SES_39_wrong_passwords_of_one_address(self):
        self.limited("address_failures_hour", 2)  # and what is begun of a third
        wrong = self.root / "wrong"
        wrong.write_text("wrong horse 1\n")
        self.fora("ann", "red", "register", "ann", "--password-file", self.password)
        for handle in ("ann", "nobody", "ann"):
            self.fora("thief", "red", "login", handle, "--password-file", wrong,
                      expected=CREDENTIALS)
        said = self.fora("thief", "red", "login", "ann", "--password-file", self.password,
                         expected=REFUSED)
        self.assertIn("QUOTA", said)
        self.assertIn("Try again in", said)
        self.fora("ann", "red", "whoami")  # by her session's key

    def test_SES_39_new_accounts_of_one_address(self):
        self.limited("registrations_hour", 4)  # of one address one, and what is begun of another
        for handle in ("ann", "eve"):
            self.fora(handle, "red", "register", handle, "--password-file", self.password)
        self.assertIn("QUOTA", self.fora("bob", "red", "register", "bob", "--password-file",
                                         self.password, expected=REFUSED))
        # Of who was refused there is no root key to come.
        self.assertEqual([(self.root / who / "next_roots").exists() for who in ("eve", "bob")],
                         [True, False])


class TakeOut(Identity):
    def test_the_node_can_act_for_her_no_more(self):
        space = self.node("red")
        member = self.fora("ann", "red", "register", "ann", "--password-file",
                           self.password)["member"]
        before = self.ask("ann", "red", space, "Signed by the node?")
        wrong = self.root / "wrong"
        wrong.write_text("wrong horse 1\n")
        self.fora("ann", "red", "identity", "takeout", "--password-file", wrong,
                  expected=CREDENTIALS)
        kept = self.fora("ann", "red", "identity", "show")  # no keys here: as the node has it
        self.assertEqual((kept["member"], [k["custodial"] for k in kept["keys"]]), (member, [True]))
        # The root that comes next is in the folder where she registered, and nowhere else (ID-13).
        self.fora("web", "red", "login", "ann", "--password-file", self.password)
        said = self.fora("web", "red", "identity", "takeout", "--password-file", self.password,
                         "--no-passphrase", expected=NOTFOUND)
        self.assertIn("the file next_roots", said)
        self.assertTrue((self.root / "ann" / "next_roots").exists())
        self.fora("ann", "red", "identity", "takeout", "--password-file", self.password,
                  "--label", "laptop")
        self.assertFalse((self.root / "ann" / "next_roots").exists())
        shown = self.fora("ann", None, "identity", "show")
        self.assertEqual(shown["member"], member)
        self.assertEqual([step["operation"] for step in shown["history"]],
                         ["create", "add-key", "rotate"])
        # A session of the password's still has the node sign, until its key is revoked.
        self.fora("web", "red", "login", "ann", "--password-file", self.password)
        self.ask("web", "red", space, "By password?")
        self.fora("ann", "red", "identity", "revoke", "home")
        said = self.fora("web", "red", "ask", "Once more?", "--space", space, "--text", "x",
                         expected=REFUSED)
        self.assertIn("it cannot write in your name any more (KEY)", said)
        said = self.fora("web", "red", "identity", "takeout", "--password-file", self.password,
                         expected=REFUSED)
        self.assertIn("were taken out before", said)
        after = self.ask("ann", "red", space, "Signed by me?")
        for thread in (before, after):
            self.assertEqual(self.posts("reader", "red", thread)[0]["author"], member)


    def test_ID_13_without_the_next_root_the_node_goes_on_knowing_hers(self):
        self.node("red")
        self.fora("ann", "red", "register", "ann", "--password-file", self.password)
        (self.root / "ann" / "next_roots").unlink()
        takeout = ["identity", "takeout", "--password-file", self.password, "--no-passphrase"]
        self.fora("ann", "red", *takeout, expected=NOTFOUND)
        self.assertFalse((self.root / "ann" / "identity").exists())
        self.fora("ann", "red", *takeout, "--without-next", "--revoke")
        self.assertIn("node knows the root key too", self.said)
        self.assertNotIn("identity kit", self.said)
        self.assertEqual([step["operation"] for step in
                          self.fora("ann", None, "identity", "show")["history"]],
                         ["create", "add-key", "revoke-key"])
        for command in ("rotate", "kit"):
            self.fora("ann", "red", "identity", command, expected=CREDENTIALS)


class Move(Identity):
    """red is the old home, blue the new one, green somebody who holds the space."""

    def setUp(self):
        super().setUp()
        self.space = self.node("green")
        self.node("red")
        self.node("blue")
        self.share(self.space, "green", "red", "blue")
        self.member = self.own("ann", "red", "ann")
        self.before = self.ask("ann", "red", self.space, "Before the move?")
        for node in ("green", "blue"):
            self.until(lambda n=node: self.holds(n, self.before), f"{node} lacks the question")

    def afterwards(self, nodes):
        """Her posts are hers everywhere, new ones verify everywhere, and everybody knows where she
        is."""
        home = self.fora("ann", None, "identity", "show")["home"]
        after = self.ask("ann", "blue", self.space, "After the move?")
        for node in nodes:
            self.until(lambda n=node: self.holds(n, after), f"{node} lacks what she wrote after")
            for thread in (self.before, after):
                shown = self.holds(node, thread)
                self.assertEqual(shown["posts"][0]["author"], self.member)
                self.assertEqual(shown["unverified"], 0)
            self.until(lambda n=node: self.fora("reader", n, "identity", "show", self.member)["home"]
                       == home, f"{node} does not know where she went")

    def test_from_a_home_that_lives(self):
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.assertTrue(moved["old_home_told"])
        self.assertFalse(moved["forked"])
        self.afterwards(("red", "green", "blue"))
        # The old home shows where she went to who asks for her old handle there.
        self.assertEqual(self.fora("reader", "red", "identity", "show", "ann")["home"],
                         moved["home"])
        # Answers reach her: the thread that she began at the old home goes on at the new one.
        self.own("bob", "green", "bob")
        self.fora("bob", "green", "answer", self.before, "--text", "Because.")
        self.until(lambda: len(self.posts("ann", "blue", self.before)) == 2, "no answer at home")
        # Votes and reports are her home's to take, and the old one says why it does not.
        answer = self.posts("ann", "blue", self.before)[1]["id"]
        self.until(lambda: len(self.posts("ann", "red", self.before)) == 2, "no answer at red")
        for asked in (("vote", "up", answer), ("flag", answer, "--reason", "spam")):
            self.assertIn(f"You live at another node now, {moved['home']}",
                          self.fora("ann", "red", *asked, expected=REFUSED))
            self.fora("ann", "blue", *asked)
        # Whom a handle belongs to elsewhere, moves there under another one.
        self.own("other", "green", "ann")
        taken = self.fora("ann", None, "identity", "move", self.nodes["green"].address,
                          expected=REFUSED)
        self.assertIn("--handle", taken)
        self.assertIn("NAME_TAKEN", taken)
        # Nothing was signed for that: she lives where she lived.
        self.assertEqual(self.fora("ann", None, "identity", "show")["home"], moved["home"])
        moved = self.fora("ann", None, "identity", "move", self.nodes["green"].address, "--handle",
                          "ann2")
        self.assertEqual((moved["was_there"], moved["old_home_told"]), (False, True))
        # And back to where she was: she is a member there, and it is her home again.
        back = self.fora("ann", None, "identity", "move", self.nodes["red"].address)
        self.assertEqual((back["was_there"], back["old_home_told"]), (True, True))
        self.assertNotEqual(back["home"], moved["home"])
        for node in ("red", "green"):
            self.assertEqual(self.fora("reader", node, "identity", "show", self.member)["home"],
                             back["home"])

    def test_a_move_that_ended_in_the_middle_goes_on(self):
        """Again and again: each time what was left undone is done, and nothing twice."""
        move = lambda **options: self.fora(
            "ann", None, "identity", "move", self.nodes["blue"].address, **options)
        entries = lambda: len(self.fora("ann", None, "identity", "show")["history"])
        red = self.nodes["red"].address
        self.nodes["red"].stop()
        first, count = move(), entries()
        self.assertEqual((first["was_there"], first["old_home_told"]), (False, False))
        # The answer of the new home was lost: this machine knows of no account there.
        accounts = self.root / "ann" / "accounts"
        known = json.loads(accounts.read_text())
        kept = [a for a in known if a["node"] != first["home"]]
        self.assertEqual(len(kept), len(known) - 1)
        accounts.write_text(json.dumps(kept))
        again = move()
        self.assertEqual((again["was_there"], again["old_home_told"]), (True, False))
        # The old home is back, and is told at last.
        conf = self.root / "red" / "forad.conf"
        conf.write_text(re.sub(r"(?m)^#? ?listen = .*$", f'listen = ["{red}"];', conf.read_text()))
        self.nodes["red"] = self.run_node(self.root / "red")
        last = move()
        self.assertEqual((last["was_there"], last["old_home_told"]), (True, True))
        self.assertEqual((last["home"], entries()), (first["home"], count))
        self.assertEqual(self.fora("reader", "red", "identity", "show", "ann")["home"], first["home"])
        self.afterwards(("red", "green", "blue"))

    def test_from_a_dead_one(self):
        self.nodes["red"].kill()
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.assertFalse(moved["old_home_told"])
        self.afterwards(("green", "blue"))

    def test_from_a_hostile_one(self):
        """Its admin has a copy of her keys and writes to her log; it never hears of her rotation and
        her move, and goes on telling its own story."""
        copy = self.root / "ann.fora"
        self.fora("ann", None, "identity", "export", copy, "--export-passphrase-file", self.secret)
        self.fora("red-admin", None, "identity", "import", copy)
        code = self.fora("spare", "red", "identity", "join", "ann", "--no-passphrase")["code"]
        self.fora("red-admin", "red", "identity", "add-device", code, "--label", "bot")
        self.fora("spare", "red", "login", "ann", "--self-custody")
        self.ask("spare", "red", self.space, "Said by the thief?")
        # She rotates, which no thief of the present root can undo, and moves; red goes on as before.
        self.fora("ann", None, "identity", "rotate", "--offline")
        self.nodes["red"].kill()
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.nodes["red"] = self.run_node(self.root / "red")
        self.afterwards(("green", "blue"))
        for node in ("green", "blue"):
            self.until(lambda n=node: self.fora("reader", n, "identity", "show",
                                                self.member)["forked"], f"{node} shows no fork")
            shown = self.fora("reader", node, "identity", "show", self.member)
            self.assertEqual(shown["home"], moved["home"])
            self.assertNotIn("bot", [key["label"] for key in shown["keys"]])


class NodeKeys(Identity):
    """The node's own keys: other ones, the same node."""

    def test_rekeyed_it_is_who_it_was(self):
        space = self.node("red")
        self.node("blue")
        self.share(space, "red", "blue")
        member = self.own("ann", "red", "ann")
        before = self.ask("ann", "red", space, "Before?")
        self.until(lambda: self.holds("blue", before), "blue lacks the question")
        data = self.root / "red"
        self.bad(LOCAL, "rekey", "--data", data, says="stop it first")
        port = self.nodes["red"].address.rsplit(":", 1)[1]
        self.assertEqual(self.nodes["red"].stop(), OK)
        old = (data / "keys").read_text()
        made = self.json("rekey", "--data", data, "--stolen", "0")
        self.assertEqual(made["sequence"], 4)
        new = (data / "keys").read_text()
        kept = [line for line in new.splitlines() if line in old.splitlines()]
        self.assertEqual({line.split()[0] for line in kept if not line.startswith("#")} - {"forad"},
                         {"node", "custody"})
        # Cut short between store and file: run says what to do, and then it does.
        (data / "keys").write_text(old)
        (data / "keys.next").write_text(new)
        (data / "keys.next").chmod(0o600)
        self.bad(DAMAGED, "run", "--data", data, says="keys.next")
        (data / "keys.next").rename(data / "keys")
        conf = data / "forad.conf"
        conf.write_text(conf.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        self.nodes["red"] = self.run_node(data)
        # Members, peers and what was written before do not notice.
        after = self.ask("ann", "red", space, "After?")
        self.until(lambda: self.holds("blue", after), "blue does not follow any more")
        for thread in (before, after):
            self.assertEqual(self.posts("reader", "red", thread)[0]["author"], member)
            self.assertEqual(self.holds("blue", thread)["unverified"], 0)


if __name__ == "__main__":
    main()
