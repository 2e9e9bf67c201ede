"""What a person is told: of what is gone, of what does not arrive, of a subscription that does not
work."""

import json
import os
import subprocess

from forad_case import CONNECT, NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main
from import_test import COMMENTS, POSTS, USERS, VOTES


class People(Case):
    def setUp(self):
        super().setUp()
        self.vendor = self.root / "vendor"
        self.community = self.root / "community"
        made = self.init(self.vendor)
        self.space, self.vendor_id = made["space"]["id"], made["node"]
        self.community_id = self.init(self.community)["node"]
        self.nodes = {}

    def start(self, *folders):
        for data in folders:
            self.nodes[data] = self.run_node(data)

    def address(self, data):
        return self.nodes[data].address

    def at(self, data, *arguments):
        return self.json(*arguments, "--data", data, "--node", self.address(data))

    def fora(self, data, *arguments, home=None, expect=OK, says=()):
        """What the client prints, as the node's admin: of a failure the sentence."""
        done = subprocess.run(
            [os.environ["FORA"], "--home", home or data / "admin", "--node", self.address(data), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}{done.stderr}")
        for words in (says,) if isinstance(says, str) else says:
            self.assertIn(words, done.stdout + done.stderr, arguments)
        return done.stdout

    def ask(self, data, title="Why?"):
        return json.loads(self.fora(data, "ask", title, "--text", "Tell me.", "--json",
                                    "--space", self.space))["id"]


class Spaces(People):
    def test_spaces_are_told_apart(self):
        """A space has a short name, and one of the same name is not made by accident."""
        self.start(self.vendor)
        make = lambda *words, **more: self.fora(self.vendor, "space", "create", *words, **more)
        made = json.loads(make("Brew: tips & tricks", "--json"))
        self.assertEqual(made["slug"], "brew-tips-tricks")
        self.fora(self.vendor, "threads", "--space", "brew-tips-tricks")
        make("Brew: tips & tricks", expect=USAGE, says=[made["id"], "--slug"])
        make("Another", "--slug", "brew-tips-tricks", expect=USAGE, says="short name")
        make("Brew: tips & tricks", "--slug", "tips", says=["in short tips", made["id"]])
        # Other names that are the same in short are told apart by a number.
        self.assertEqual(json.loads(make("Brew tips tricks", "--json"))["slug"], "brew-tips-tricks-2")
        slugs = {row["slug"] for row in json.loads(self.fora(self.vendor, "spaces", "--json"))}
        self.assertTrue({"brew-tips-tricks", "tips", "brew-tips-tricks-2"} <= slugs)

    def test_kind_thread_1_a_moved_thread_says_where_it_was(self):
        self.start(self.vendor)
        other = json.loads(self.fora(self.vendor, "space", "create", "Other", "--json"))["id"]
        old = self.ask(self.vendor)
        new = json.loads(self.fora(self.vendor, "move", old, other, "--reason", "fits better",
                                   "--json"))["to_thread"]
        shown = [json.loads(self.fora(self.vendor, "show", id_, "--json")) for id_ in (old, new)]
        self.assertEqual([row["moved_from"] for row in shown], [None, old])
        self.assertEqual([row["moved_to_thread"] for row in shown], [new, None])
        self.fora(self.vendor, "show", new, says=f"moved here from {old}\n")
        # Of an opening that is gone nothing is used.
        self.fora(self.vendor, "retract", new)
        gone = json.loads(self.fora(self.vendor, "show", new, "--json"))
        self.assertEqual(gone["moved_from"], None)

    def test_kind_thread_1_a_moved_thread_keeps_whom_it_mentions_and_where_it_came_from(self):
        dump = self.root / "frob.example"
        dump.mkdir()
        for name, text in (("Posts", POSTS), ("Users", USERS), ("Comments", COMMENTS),
                           ("Votes", VOTES)):
            (dump / f"{name}.xml").write_text(text, newline="")
        self.json("import", "stackexchange", dump, "--data", self.vendor, "--space", self.space)
        self.start(self.vendor)
        other = json.loads(self.fora(self.vendor, "space", "create", "Other", "--json"))["id"]
        imported, = json.loads(self.fora(self.vendor, "threads", "--space", self.space, "--json"))["threads"]
        secret = self.root / "secret"
        secret.write_text("correct horse\n")
        self.at(self.vendor, "claim", "stackexchange:frob.example:user:7", "ann", "--password-file",
                secret)
        asked = json.loads(self.fora(self.vendor, "ask", "Who?", "--text", "You.", "--space", self.space,
                                     "--mention", "ann", "--json"))["id"]
        for old, field in ((imported["id"], "source"), (asked, "mentions")):
            new = json.loads(self.fora(self.vendor, "move", old, other, "--reason", "fits better",
                                       "--json"))["to_thread"]
            said = [json.loads(self.fora(self.vendor, "show", id_, "--json"))["posts"][0][field]
                    for id_ in (old, new)]
            self.assertTrue(said[0])
            self.assertEqual(said[0], said[1])


class Gone(People):
    """Nothing is stored of what would have had no effect."""

    def setUp(self):
        super().setUp()
        self.start(self.vendor)
        self.thread = self.ask(self.vendor)

    def objects(self):
        return [row["objects"] for row in self.json("digest", "--data", self.vendor)]

    def refused(self, *arguments, says):
        before = self.objects()
        self.fora(self.vendor, *arguments, expect=REFUSED, says=says)
        self.assertEqual(self.objects(), before, arguments)

    def test_who_may_not_move_a_thread_leaves_no_copy(self):
        self.fora(self.vendor, "space", "create", "Other")
        bob = self.root / "bob"
        self.fora(self.vendor, "register", "bob", "--self-custody", "--no-passphrase", home=bob)
        before = self.objects()
        self.fora(self.vendor, "move", self.thread, "other", "--reason", "mine", home=bob,
                  expect=REFUSED, says="curators")
        self.assertEqual(self.objects(), before)

    def moderate(self, action, what, says=None):
        arguments = (action, what, "--reason", "as agreed")
        if says is None:
            self.fora(self.vendor, *arguments)
        else:
            self.refused(*arguments, says=says)

    def answer(self):
        return json.loads(self.fora(self.vendor, "answer", self.thread, "--text", "So.", "--json"))["id"]

    def test_retracted(self):
        answer = self.answer()
        self.fora(self.vendor, "retract", answer)
        self.refused("edit", answer, "--text", "Better.", says="retracted")
        self.refused("retract", answer, says="already")
        self.refused("accept", answer, says="retracted")
        for action in ("hide", "unhide"):
            self.moderate(action, answer, says="retracted")
        self.moderate("erase", answer)

    def test_erased(self):
        answer = self.answer()
        self.moderate("erase", answer)
        self.refused("edit", answer, "--text", "Better.", says="erased")
        self.refused("confirm", answer, says="erased")
        for action in ("hide", "unhide", "erase"):
            self.moderate(action, answer, says="erased")

    def test_hidden(self):
        answer = self.answer()
        self.moderate("unhide", answer, says="not hidden")
        self.moderate("hide", answer)
        self.moderate("hide", answer, says="already")
        self.refused("accept", answer, says="hidden")
        self.moderate("unhide", answer)
        self.fora(self.vendor, "accept", answer)
        self.refused("accept", answer, says="accepted already")

    def test_a_thread_as_it_is_already(self):
        for action, back, word in (("lock", "unlock", "locked"), ("close", "reopen", "closed"),
                                   ("pin", "unpin", "pinned")):
            self.moderate(back, self.thread, says=f"not {word}")
            self.moderate(action, self.thread)
            self.moderate(action, self.thread, says="already")
            self.moderate(back, self.thread)

    def test_a_thread_that_is_gone(self):
        other = self.ask(self.vendor, "The same?")
        self.fora(self.vendor, "retract", self.thread)
        self.refused("duplicate", self.thread, other, says="retracted")
        self.refused("status", self.thread, "fixed", says="retracted")
        self.refused("edit", self.thread, "--title", "New", says="retracted")

    def test_what_is_no_text(self):
        accepted = json.loads(self.fora(self.vendor, "accept", self.answer(), "--json"))["id"]
        self.fora(self.vendor, "edit", accepted, "--text", "x", expect=USAGE, says="resolution")


class Delivery(People):
    def status(self, data, what):
        rows = json.loads(self.fora(data, "status", what, "--json"))["delivery"]
        return {row["node"]: (row["name"], row["state"], row["code"]) for row in rows}

    def test_stored_and_absent(self):
        self.start(self.vendor, self.community)
        self.good("subscribe", self.space, self.address(self.vendor), "--data", self.community,
                  "--node", self.address(self.community))
        thread = self.ask(self.community)
        self.until(lambda: self.status(self.community, thread).get(self.vendor_id)
                   == ("Example", "stored", None))
        self.fora(self.community, "status", thread, says=("stored at Example, foran1",))
        self.fora(self.community, "status", self.space, says="held by Example, foran1")
        # The one that hosts the space is named also when it is away.
        self.assertEqual(self.nodes[self.vendor].stop(), OK)
        self.until(lambda: self.status(self.community, thread)[self.vendor_id][1] == "absent")
        self.fora(self.community, "status", thread, says="not seen at Example, foran1")
        self.fora(self.community, "status", "foras1" + "q" * 58, expect=NOTFOUND)

    def test_refused(self):
        """A vendor that takes nothing from strangers: the code is seen after, and before."""
        conf = self.vendor / "forad.conf"
        conf.write_text(conf.read_text() + '\npeering = "approved";\n')
        self.start(self.vendor, self.community)
        self.good("subscribe", self.space, self.address(self.vendor), "--data", self.community,
                  "--node", self.address(self.community))
        thread = self.ask(self.community)
        # What cannot be pushed is offered by reconciling, as on each connect.
        self.nodes[self.community].stop()
        self.start(self.community)
        self.until(lambda: self.status(self.community, thread).get(self.vendor_id)
                   == ("Example", "refused", "FORBIDDEN"))
        self.fora(self.community, "status", thread, says=("refused by Example", "(FORBIDDEN)"))
        self.fora(self.community, "status", self.space, says=("refused by Example", "(FORBIDDEN)"))
        self.fora(self.community, "ask", "Again?", "--text", "Hm.", "--space", self.space,
                  says="The node Example refuses what comes from yours")


class Subscribing(People):
    def subscribe(self, address, expect, says, space=None):
        code, out, err = self.forad("subscribe", space or self.space, address, "--data",
                                    self.community, "--node", self.address(self.community))
        self.assertEqual(code, expect, out + err)
        self.assertIn(says, out + err)

    def test_another_node_than_expected(self):
        self.start(self.vendor, self.community)
        address = self.address(self.vendor)
        wrong = f"{self.community_id}@{address}"
        self.subscribe(wrong, CONNECT, "Not subscribed: another node than expected")
        self.assertEqual(self.at(self.community, "status")["subscriptions"], [])
        # Where nobody looked it stays, and is told for as long as it does.
        self.good("subscribe", self.space, wrong, "--no-wait", "--data", self.community, "--node",
                  self.address(self.community))
        self.until(lambda: self.at(self.community, "status")["subscriptions"][0]["error"] != "")
        for command in ("status", "peers"):
            text = self.good(command, "--data", self.community, "--node",
                             self.address(self.community), env={"COLUMNS": "400"})
            self.assertIn("another node than expected", text, command)
        row = self.at(self.community, "status")["subscriptions"][0]
        self.assertIn(self.vendor_id, row["error"])
        # The right one, and it goes on at once.
        self.subscribe(f"{self.vendor_id}@{address}", OK, "caught up")
        self.assertEqual(self.at(self.community, "status")["subscriptions"][0]["error"], "")
        names = [row["name"] for row in self.at(self.community, "peers")["peers"]]
        self.assertEqual(names, ["Example"])

    def test_nobody_there(self):
        self.start(self.vendor, self.community)
        address = self.address(self.vendor)
        self.nodes[self.vendor].stop()
        self.subscribe(address, CONNECT, "nothing comes from there")

    def test_a_space_that_is_not_held_there(self):
        self.start(self.vendor, self.community)
        self.subscribe(self.address(self.vendor), CONNECT, "not held",
                       space="foras1" + other_space())


def other_space():
    """The rest of a well-formed id that no node knows."""
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    values = [ord(c) >> 5 for c in "foras"] + [0] + [ord(c) & 31 for c in "foras"]
    data = [7] * 51 + [16]
    check = 1
    for value in values + data + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    check ^= 0x2BC830A3
    return "".join(charset[v] for v in data + [check >> 5 * (5 - i) & 31 for i in range(6)])


if __name__ == "__main__":
    main()
