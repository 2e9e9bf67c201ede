"""A standing comes along to a node that never held the space where it was earned (ATT-15 to ATT-17, LOC-7)."""

import json
import os
import re
import subprocess

from forad_case import NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main


class Carried(Case):
    """red holds the space where Ann earns her standing and is her home; blue is where she goes."""

    def setUp(self):
        super().setUp()
        self.password = self.root / "password"
        self.password.write_text("correct horse battery\n")
        self.nodes, self.spaces = {}, {}
        for name in ("red", "blue"):
            made = self.init(self.root / name, "--space", name.capitalize())
            self.spaces[name] = made["space"]["id"]
        self.set("red", "interval = 600;", "interval = 1;")
        self.nodes = {name: self.run_node(self.root / name) for name in self.spaces}
        self.red = self.json("status", "--data", self.root / "red", "--node",
                             self.nodes["red"].address)["node"]

    def set(self, name, was, becomes):
        conf = self.root / name / "forad.conf"
        text, count = re.subn("# " + was, lambda _: becomes, conf.read_text())
        self.assertEqual(count, 1, was)
        conf.write_text(text)

    def fora(self, home, node, *arguments, expected=OK, plain=False):
        """Its JSON, or what it says."""
        at = ["--node", self.nodes[node].address] if node else []
        done = subprocess.run(
            [os.environ["FORA"], "--home", self.root / home, *at, *([] if plain else ["--json"]),
             *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
        if plain:
            return done.stdout
        return json.loads(done.stdout) if expected == OK and done.stdout else done.stderr

    def register(self, who, node, *more):
        return self.fora(who, node, "register", who, "--password-file", self.password, *more)["member"]

    def answer(self):
        """Bob asks, Ann answers, staff confirms."""
        asked = self.fora("bob", "red", "ask", "Why?", "--text", "Why so?")
        answer = self.fora("ann", "red", "answer", asked["id"], "--text", "So.")
        self.fora("red/admin", "red", "confirm", answer["id"])
        return answer["id"]

    def claims(self, node, who="eve", *more):
        return self.fora(who, node, "reputation", "show", self.ann, *more)

    def of(self, node, kind):
        return [c for c in self.claims(node) if c["type"] == kind]

    def earn(self, out=True):
        """A standing and an award at red."""
        self.ann = self.register("ann", "red", "--name", "Ann")
        self.register("bob", "red")
        self.answer()
        self.award = self.fora("red/admin", "red", "reputation", "award", self.ann, "MVP")["id"]
        self.until(lambda: self.of("red", "standing"))
        if out:
            self.fora("ann", "red", "identity", "takeout", "--revoke", "--no-passphrase",
                      "--password-file", self.password)

    def explain(self):
        return self.json("reputation", "explain", self.ann, "--data", self.root / "blue")

    def test_ATT_15_it_comes_along_from_a_home_that_is_dead(self):
        self.set("blue", "issuers = [^;]*;", f'issuers = ["{self.red}=500"];')
        self.earn()
        self.nodes["red"].kill()
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.assertEqual((moved["old_home_told"], moved["carried"]), (False, 2))
        self.shown_where_its_space_is_not_held()
        self.explained(21, carried=True)
        self.verified_offline()
        # Her name came along too; in a space that is not held she may nothing.
        here = self.fora("ann", "blue", "whoami")
        self.assertEqual((here["name"], here["privileges"]), ("Ann", []))
        self.assertEqual(self.fora("eve", "blue", "profile", self.ann)["name"], "Ann")
        self.held_after_all()

    def test_ATT_14_what_is_withheld_stays_behind(self):
        """The wish is in her profile, which comes along as well."""
        self.earn()
        self.fora("ann", "red", "reputation", "withhold", self.award)
        self.nodes["red"].kill()
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.assertEqual(moved["carried"], 1)
        self.assertEqual([r["type"] for r in self.claims("blue", "eve", "--all")], ["standing"])
        # The copy on her machine has it still, for the day on which she wants it shown.
        here = self.fora("ann", "blue", "reputation", "publish")
        self.assertEqual([c["type"] for c in here["claims"]], ["standing"])
        self.fora("ann", "blue", "reputation", "publish", self.award)
        self.assertEqual({r["type"] for r in self.claims("blue")}, {"standing", "badge"})

    def shown_where_its_space_is_not_held(self):
        rows = self.claims("blue")
        self.assertEqual({(r["type"], r["verdict"], r["proof"], r["carried"], r["space_held"])
                          for r in rows}, {("standing", "OK", "stated", True, False),
                                           ("badge", "OK", "proven", True, False)})
        text = self.fora("eve", "blue", "reputation", "show", self.ann, plain=True)
        self.assertIn("Standing 21 (level 1) in Red, by Example,", text)
        self.assertIn("carried by the member; its space is not held here", text)
        self.assertNotIn("fora reputation verify", text)
        # What a standing earns is of the space, and of no use here.
        self.assertFalse([r for r in rows if "roles" in r or "next" in r])
        self.assertNotIn("next:", text)
        # Signed and not counted anew: claimed (STD-13), and no failure.
        rows = self.fora("eve", "blue", "reputation", "verify", self.ann)
        self.assertEqual({(r["type"], r["proof"]) for r in rows},
                         {("standing", "claimed"), ("badge", "proven")})

    def explained(self, standing, carried):
        found = self.explain()
        self.assertEqual(found["local_standing"], standing * 500 // 1000)
        self.assertEqual([(c["standing"], c["verdict"], c["carried"], c["space_held"])
                          for c in found["claims"] if c["verdict"] == "OK"],
                         [(standing, "OK", carried, not carried)])
        text = self.good("reputation", "explain", self.ann, "--data", self.root / "blue")
        self.assertEqual("carried by the member" in text, carried)

    def verified_offline(self):
        bundle = self.root / "ann.bundle"
        self.fora("eve", "blue", "reputation", "bundle", self.ann, "--out", bundle)
        found = self.fora("eve", None, "reputation", "verify-bundle", bundle)
        self.assertEqual({r["verdict"] for r in found["claims"]}, {"OK"})

    def held_after_all(self):
        """red lives again, and blue takes the space: what is held there counts beside what she
        carries (ATT-16)."""
        self.nodes["red"] = self.run_node(self.root / "red")
        self.json("subscribe", self.spaces["red"], self.nodes["red"].address, "--data",
                  self.root / "blue", "--node", self.nodes["blue"].address)
        self.until(lambda: not any(r["carried"] for r in self.claims("blue")))
        rows = self.until(lambda: [r for r in self.fora(
            "eve", "blue", "reputation", "verify", self.ann) if r["proof"] == "proven"
            and r["type"] == "standing"])
        self.assertTrue(rows[0]["space_held"])
        self.explained(21, carried=False)
        self.fora("red/admin", "red", "reputation", "end", self.award)
        self.until(lambda: [r["verdict"] for r in self.of("blue", "badge")] == ["REVOKED"])
        # A later one takes the place of what she carries, and nothing is counted twice.
        self.fora("ann", "red", "login", "ann", "--self-custody")
        self.answer()
        self.until(lambda: [r["facts"]["confirmed"] for r in self.of("blue", "standing")] == [2])
        self.explained(42, carried=False)
        self.kept_by_the_store()

    def kept_by_the_store(self):
        """What was carried is checked and made anew as any object: it is the same afterwards."""
        self.nodes["blue"].stop()
        before = self.explain()
        for command in ("fsck", "reindex", "fsck"):
            self.good(command, "--data", self.root / "blue")
        self.assertEqual(self.explain(), before)

    def test_ATT_17_from_a_home_that_lives(self):
        """She never looked at her standing herself: the old home is asked before she goes."""
        self.ann = self.fora("ann", "red", "register", "ann", "--self-custody",
                             "--no-passphrase")["member"]
        self.register("bob", "red")
        self.answer()
        self.until(lambda: self.of("red", "standing"))
        moved = self.fora("ann", None, "identity", "move", self.nodes["blue"].address)
        self.assertEqual((moved["old_home_told"], moved["carried"]), (True, 1))
        self.assertEqual([r["carried"] for r in self.claims("blue")], [True])

    def test_ATT_17_published_by_hand(self):
        """Whose keys the node keeps has it published by the node, from a bundle that she brought."""
        self.earn(out=False)
        bundle = self.root / "ann.bundle"
        self.fora("ann", "red", "reputation", "bundle", "--out", bundle)
        here = self.fora("ann", "red", "reputation", "publish")
        self.assertEqual({c["id"] for c in here["claims"]}, {c["id"] for c in self.claims("red")})
        # At red it is held as well: it is nothing that came from her alone. Again it is as it was.
        self.assertFalse(any(c["carried"] for c in self.claims("red")))
        self.assertIsNone(self.fora("ann", "red", "reputation", "publish")["id"])
        # What she withholds leaves it, and comes back.
        self.fora("ann", "red", "reputation", "withhold", self.award)
        left = self.fora("ann", "red", "reputation", "publish")
        self.assertIsNone(left["id"])
        self.assertNotIn(self.award, [c["id"] for c in left["claims"]])
        self.fora("ann", "red", "reputation", "publish", self.award)
        again = self.fora("ann", "red", "reputation", "publish")
        self.assertEqual((again["id"], len(again["claims"])), (None, 2))
        # Another one's bundle is nobody's to carry.
        says = self.fora("bob", "red", "reputation", "publish", "--bundle", bundle, expected=REFUSED)
        self.assertIn("about somebody else", says)
        says = self.fora("bob", "red", "reputation", "publish", expected=NOTFOUND)
        self.assertIn("--bundle", says)
        self.fora("ann", "red", "reputation", "publish", self.award, "--bundle", bundle,
                  expected=USAGE)


if __name__ == "__main__":
    main()
