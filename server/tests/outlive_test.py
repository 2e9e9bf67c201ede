"""A space outlives its first host (POL-10, SEC-4): the node that founded it is killed and its folder
deleted, and on the second host all goes on. A third node, which never saw the first, gets all of it."""

import json
import os
import shutil
import subprocess

from forad_case import OK, PATIENCE, REFUSED, Case, main


class Outlive(Case):
    """first founds the space and owns it; second follows, and is its successor; third comes later."""

    def setUp(self):
        super().setUp()
        self.password = self.root / "password"
        self.password.write_text("correct horse battery\n")
        self.nodes, self.ids = {}, {}
        made = self.make("first", "--space", "Support")
        self.space = made["space"]["id"]
        self.make("second")
        # What an operator does in good time: a successor, and admins who do not live at the first.
        self.at("first", "space", "host", self.space, self.ids["second"], "--succession", "1")
        self.at("second", "subscribe", self.space, self.nodes["first"].address)
        beth = self.register("beth", "second")
        admin = self.fora("second/admin", "second", "whoami")["member"]
        for member, role in ((admin, "admin"), (beth, "moderator")):
            self.at("first", "space", "grant", self.space, member, role)

    def make(self, name, *more):
        made = self.init(self.root / name, *more)
        self.ids[name] = made["node"]
        self.nodes[name] = self.run_node(self.root / name)
        return made

    def at(self, name, *arguments):
        return self.json(*arguments, "--data", self.root / name, "--node", self.nodes[name].address)

    def fora(self, home, node, *arguments, expected=OK):
        """Its JSON, or what it says."""
        done = subprocess.run(
            [os.environ["FORA"], "--home", self.root / home, "--node", self.nodes[node].address,
             "--json", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if expected == OK else done.stderr

    def register(self, who, node, *keys):
        keys = keys or ("--password-file", self.password)
        return self.fora(who, node, "register", who, "--name", who.capitalize(), *keys)["member"]

    def ask(self, who, node, title):
        return self.fora(who, node, "ask", title, "--text", f"{title} says {who}.", "--space",
                         self.space)["id"]

    def digest(self, name):
        rows = self.json("digest", "--data", self.root / name)
        found = [row for row in rows if row["space"] == self.space]
        return found[0] if found else None

    def until_equal(self, *names):
        """Of the space: the objects that are held, and all that is shown."""
        def look():
            found = [self.digest(name) for name in names]
            return found[0] if found[0] and all(row == found[0] for row in found) else None
        return self.until(look, "not equal")

    def shown(self, name):
        """Every thread as a stranger's client shows it, which verifies each object itself."""
        rows = self.fora("reader", name, "threads", "--space", self.space)["threads"]
        threads = [self.fora("reader", name, "show", row["id"]) for row in rows]
        self.assertEqual([thread["unverified"] for thread in threads], [0] * len(threads))
        return threads

    def thread(self, name, which):
        return next(thread for thread in self.shown(name) if thread["id"] == which)

    def texts(self, name, which):
        return {post["text"] for post in self.thread(name, which)["posts"]}

    def policy(self, name):
        return self.fora("reader", name, "space", "show", self.space)

    def while_it_lived(self):
        """Members of both wrote, voted and confirmed."""
        self.register("ann", "first")
        self.register("ada", "first", "--self-custody", "--no-passphrase")
        self.register("bob", "second")
        self.asked = self.ask("ann", "first", "Before?")
        self.until(lambda: self.digest("second") == self.digest("first"))
        answer = self.fora("bob", "second", "answer", self.asked, "--text", "Of the second.")["id"]
        self.until_equal("first", "second")
        self.fora("ann", "first", "vote", "up", answer)
        self.fora("first/admin", "first", "confirm", answer)
        self.late = self.ask("ada", "first", "Last?")
        return self.until_equal("first", "second")

    def gone_for_good(self):
        self.nodes.pop("first").kill()
        shutil.rmtree(self.root / "first")

    def test_POL_10_a_space_outlives_its_first_host(self):
        before = self.while_it_lived()
        threads = self.shown("first")
        self.assertEqual(len(threads), 2)
        self.gone_for_good()
        self.all_is_there(before, threads)
        self.members_write_and_are_answered()
        self.it_is_moderated_and_governed()
        self.who_never_saw_the_first_gets_all()

    def all_is_there(self, before, threads):
        """Also after a start at which there is nobody to ask."""
        for _ in range(2):
            self.assertEqual(self.digest("second"), before)
            self.assertEqual(self.shown("second"), threads)
            self.nodes["second"].kill()
            self.nodes["second"] = self.run_node(self.root / "second")
        # What is no longer followed stays.
        self.at("second", "unsubscribe", self.space)
        self.assertEqual(self.digest("second"), before)

    def members_write_and_are_answered(self):
        self.asked_since = self.ask("bob", "second", "After?")
        answer = self.fora("beth", "second", "answer", self.asked_since, "--text", "As before.")["id"]
        self.fora("bob", "second", "accept", answer)
        # An answer to one who is gone, and a vote that the successor counts beside the first's.
        self.fora("beth", "second", "answer", self.asked, "--text", "Nor is she forgotten.")
        old = self.thread("second", self.asked)["posts"][1]
        self.assertEqual((old["text"], old["up"]), ("Of the second.", 1))
        self.fora("beth", "second", "vote", "up", old["id"])
        self.until(lambda: self.thread("second", self.asked)["posts"][1]["up"] == 2)
        # A member of the first whose keys are her own goes on as herself.
        moved = self.fora("ada", "second", "identity", "move", self.nodes["second"].address)
        self.assertFalse(moved["old_home_told"])
        self.fora("ada", "second", "comment", self.late, "--text", "Still me.")
        self.assertEqual({post["author_name"] for post in self.thread("second", self.late)["posts"]},
                         {"Ada"})

    def it_is_moderated_and_governed(self):
        spam = self.ask("bob", "second", "Spam?")
        self.fora("bob", "second", "hide", spam, "--reason", "mine to hide", expected=REFUSED)
        self.fora("beth", "second", "hide", spam, "--reason", "spam")
        self.fora("beth", "second", "lock", self.asked_since, "--reason", "settled")
        self.assertIn("locked", self.thread("second", self.asked_since)["marks"])
        # What the policy says is said on by who is an admin: the owner's key is gone with its node.
        bob = self.fora("bob", "second", "whoami")["member"]
        self.fora("bob", "second", "close", self.asked, "--reason", "old", expected=REFUSED)
        self.fora("second/admin", "second", "space", "grant", self.space, bob, "moderator")
        self.fora("bob", "second", "close", self.asked, "--reason", "old")
        self.fora("second/admin", "second", "space", "set", self.space, "--description", "As ever.",
                  "--product", "frobnicator=9")

    def who_never_saw_the_first_gets_all(self):
        self.make("third")
        self.at("third", "subscribe", self.space, self.nodes["second"].address)
        self.until_equal("third", "second")
        self.assertEqual(self.shown("third"), self.shown("second"))
        self.assertEqual(self.texts("third", self.asked),
                         {"Before? says ann.", "Of the second.", "Nor is she forgotten."})
        policies = [self.policy(name) for name in ("third", "second")]
        # The policy names who hosts it, and that is not yet everybody who holds it.
        self.assertEqual([policy.pop("hosted_here") for policy in policies], [False, True])
        self.assertEqual(policies[0], policies[1])
        self.assertEqual((policies[0]["owner"], policies[0]["description"]), (self.ids["first"], "As ever."))
        self.assertEqual(policies[0]["products"], [{"name": "frobnicator", "latest": "9"}])
        self.assertEqual([host["node"] for host in policies[0]["hosts"]], [self.ids["second"]])
        self.assertEqual([row["node"] for row in self.at("third", "peers")["peers"]],
                         [self.ids["second"]])
        # It takes part: named as a host, and its members' words come to the second.
        self.fora("second/admin", "second", "space", "host", self.space, self.ids["third"],
                  "--succession", "2")
        self.register("cleo", "third")
        self.until(lambda: self.policy("third")["hosted_here"])
        self.fora("cleo", "third", "answer", self.late, "--text", "From the third.")
        self.until(lambda: "From the third." in self.texts("second", self.late))
        self.until_equal("third", "second")
        self.assertEqual(self.shown("third"), self.shown("second"))


if __name__ == "__main__":
    main()
