"""A standing is issued where the work was done, federated, and counted anew elsewhere by the client."""

import json
import os
import re
import subprocess

import credentials
from forad_case import LOCAL, NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main


class Reputation(Case):
    def setUp(self):
        super().setUp()
        self.vendor = self.root / "vendor"
        self.community = self.root / "community"
        self.space = self.init(self.vendor, "--product", "frobnicator=5.1")["space"]["id"]
        self.init(self.community)
        self.set_interval(self.vendor, 1)
        self.nodes = {data: self.run_node(data) for data in (self.vendor, self.community)}
        self.password = self.root / "password"
        self.password.write_text("correct horse battery\n")

    def set_interval(self, data, seconds):
        conf = data / "forad.conf"
        text, count = re.subn(r"# interval = 600;", f"interval = {seconds};", conf.read_text())
        self.assertEqual(count, 1)
        conf.write_text(text)

    def fora_at(self, home, address, *arguments, expected=OK):
        done = subprocess.run(
            [os.environ["FORA"], "--home", home, *(["--node", address] if address else []), "--json",
             *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if expected is not None:
            self.assertEqual(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout else None

    def fora(self, who, *arguments, **options):
        """As a member of the vendor's node; "admin" is its staff."""
        home = self.vendor / "admin" if who == "admin" else self.root / who
        return self.fora_at(home, self.nodes[self.vendor].address, *arguments, **options)

    def work(self):
        """Bob asks, Ann answers, Bob accepts, staff confirms."""
        ann = self.fora("ann", "register", "ann", "--name", "Ann", "--password-file", self.password)
        self.fora("bob", "register", "bob", "--name", "Bob", "--password-file", self.password)
        asked = self.fora("bob", "ask", "Why?", "--text", "Why so?")
        answer = self.fora("ann", "answer", asked["id"], "--text", "So.")
        self.answer = answer["id"]
        self.fora("bob", "accept", answer["id"])
        self.fora("admin", "confirm", answer["id"])
        return ann["member"]

    def standing(self, who, address, member, confirmed=1):
        def look():
            rows = self.fora_at(self.root / who, address, "reputation", "show", member)
            return [r for r in rows if r["facts"].get("confirmed", 0) >= confirmed]

        return self.until(look)[0]

    def test_issued_here_and_proven_there(self):
        member = self.work()
        here = self.standing("bob", self.nodes[self.vendor].address, member)
        # The accounts are new and of one node, so that Bob's acceptance counts for nothing (STD-3).
        self.assertEqual(here["facts"], {"answers": 1, "confirmed": 1, "standing": 21})
        self.assertEqual((here["verdict"], here["proof"]), ("OK", "stated"))
        self.good("subscribe", self.space, self.nodes[self.vendor].address, "--data", self.community,
                  "--node", self.nodes[self.community].address)
        elsewhere = self.nodes[self.community].address
        self.until(lambda: self.json("digest", "--data", self.community)[-1:] and any(
            row["space"] == self.space for row in self.json("digest", "--data", self.community)))
        self.until(lambda: self.fora_at(self.root / "eve", elsewhere, "spaces"))
        there = self.until(lambda: self.known(elsewhere, member))
        self.assertEqual(there["facts"], here["facts"])
        self.explained(member, here["facts"]["standing"])
        self.exported(member)
        self.taken_along(member, here)
        # Votes go on after a standing was stated: it holds, whichever tally stands.
        for who in ("bob", "admin"):
            self.fora(who, "vote", "up", self.answer)
            self.until(lambda: all(r["proof"] == "proven" for r in self.fora(
                "bob", "reputation", "verify", member)))
        # The home dies: what she did is counted anew from what the other node holds.
        self.nodes[self.vendor].kill()
        missed = self.fora_at(self.root / "eve", elsewhere, "reputation", "export", member,
                              expected=NOTFOUND)
        self.assertEqual([row["ask_for"] for row in missed],
                         ["forad reputation export %s --format openbadges" % member])
        proven = self.fora_at(self.root / "eve", elsewhere, "reputation", "verify", member)
        self.assertEqual([(r["verdict"], r["proof"]) for r in proven], [("OK", "proven")])
        bundle = self.root / "ann.bundle"
        self.fora_at(self.root / "eve", elsewhere, "reputation", "bundle", member, "--out", bundle)
        self.nodes[self.community].kill()
        offline = self.fora_at(self.root / "mallory", None, "reputation", "verify-bundle", bundle)
        self.assertEqual([r["verdict"] for r in offline["claims"]], ["OK"])
        self.assertEqual((offline["member"], offline["left_out"]), (member, 0))
        # The issuer is called by the name of its log: her profile is in no bundle.
        text = self.plainly_at("mallory", None, "reputation", "verify-bundle", bundle)
        self.assertIn(", by Example, ", text)
        # JSON says of the bundle itself what the text does.
        self.assertIn(f"{member}\nas of {offline['made_at'][:10]}", text)
        # One byte of what was signed is another, wherever it stands: something is refused.
        data = bytearray(bundle.read_bytes())
        at = data.index(b"fora-standing-1")
        data[at] ^= 1
        bundle.write_bytes(data)
        spoilt = self.fora_at(self.root / "mallory", None, "reputation", "verify-bundle", bundle,
                              expected=REFUSED)
        self.assertEqual((spoilt["claims"], spoilt["left_out"]), ([], 1))

    def exported(self, member):
        """What the operator takes out."""
        lines = self.good("reputation", "export", member, "--data", self.vendor).splitlines()
        self.assertEqual(len(lines), 1)
        self.check_credential(json.loads(lines[0]), member)

    def taken_along(self, member, stated):
        """What she takes out herself, and anybody who reads her page, at any node (VC-3)."""
        folder = self.root / "badges"
        rows = self.fora("ann", "reputation", "export", "--format", "openbadges", "--out", folder)
        self.assertEqual([(row["issuer"], row["id"]) for row in rows],
                         [(stated["issuer"], stated["id"])])
        written, = folder.iterdir()
        self.assertEqual(str(written), rows[0]["file"])
        self.assertEqual(written.read_text(), rows[0]["credential"] + "\n")
        hers = json.loads(rows[0]["credential"])
        self.check_credential(hers, member)
        self.assertEqual(hers["id"], "urn:fora:" + stated["id"])
        # Connected elsewhere, her client asks the issuer where she has an account,
        elsewhere = self.nodes[self.community].address
        printed = self.printed("ann", elsewhere, member)
        self.assertEqual(printed.returncode, OK, printed.stderr)
        self.assertIn("eddsa-jcs-2022", printed.stderr)
        line, = printed.stdout.splitlines()
        self.check_credential(json.loads(line), member)
        # and a stranger's at the address of its log, once there is one.
        printed = self.printed("eve", elsewhere, member)
        self.assertEqual(printed.returncode, NOTFOUND)
        self.assertIn("its log names no address", printed.stderr)
        self.announce(self.vendor)
        printed = self.until(lambda: (lambda p: p if p.returncode == OK else None)(
            self.printed("eve", elsewhere, member)))
        self.check_credential(json.loads(printed.stdout), member)
        # What she withholds is for her alone, and only when she asks for it.
        self.fora("ann", "reputation", "withhold", stated["id"])
        self.assertEqual(self.fora("ann", "reputation", "export"), [])
        refused = self.fora("bob", "reputation", "export", member, "--all", expected=NOTFOUND)
        self.assertEqual([row["refused"] for row in refused], ["FORBIDDEN"])
        rows = self.fora("ann", "reputation", "export", "--all")
        self.check_credential(json.loads(rows[0]["credential"]), member)
        self.fora("ann", "reputation", "publish", stated["id"])

    def printed(self, who, address, member):
        return subprocess.run(
            [os.environ["FORA"], "--home", self.root / who, "--node", address, "reputation",
             "export", member], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)

    def announce(self, data):
        """The node comes back at the same port, which its log names now."""
        address = self.nodes[data].address
        self.nodes[data].stop()
        conf = data / "forad.conf"
        text = conf.read_text().replace("# addresses = []", f'addresses = ["{address}"]')
        conf.write_text(re.sub(r"(?m)^#? ?listen = .*$", f'listen = ["{address}"];', text))
        self.nodes[data] = self.run_node(data)
        self.assertEqual(self.nodes[data].address, address)

    def check_credential(self, credential, member):
        """An Open Badges credential whose proof an independent implementation takes (VC-1)."""
        self.assertIn("OpenBadgeCredential", credential["type"])
        self.assertEqual(credential["credentialSubject"]["id"], "urn:fora:" + member)
        self.assertEqual(credential["proof"]["@context"], credential["@context"])
        self.assertTrue(credentials.verify(credential))
        did = credential["issuer"]["id"]
        self.assertEqual(credential["proof"]["verificationMethod"], did + "#" + did[len("did:key:"):])
        # Of what it says nothing can be changed.
        for name in ("name", "validFrom"):
            self.assertFalse(credentials.verify(credential | {name: credential[name] + "x"}))

    def explained(self, member, standing):
        """A foreign node weighs it by its own settings, and says how (LOC-2, LOC-5)."""
        vendor = self.json("status", "--data", self.vendor, "--node",
                           self.nodes[self.vendor].address)["node"]
        conf = self.community / "forad.conf"
        plain = conf.read_text()
        for setting, expected, ground in (('issuers = ["%s=500"];' % vendor, standing // 2, "named"),
                                          ("others = 100;", standing // 10, "other"),
                                          ("cap = 7;", 0, "other"),
                                          ("issuers_min = 2;", 0, "other"),
                                          ('products = ["oven"];\nothers = 1000;', 0, None),
                                          ('products = ["oven", "frobnicator"];\nothers = 1000;',
                                           standing, "other")):
            name = setting.split(" ")[0]
            text, count = re.subn(rf"# {name} = [^;]*;", lambda _: setting, plain)
            self.assertEqual(count, 1, setting)
            conf.write_text(text)
            found = self.json("reputation", "explain", member, "--data", self.community)
            self.assertEqual(found["local_standing"], expected, setting)
            self.assertEqual([(c["standing"], c["verdict"]) for c in found["claims"]],
                             [(standing, "OK")])
            self.assertEqual([(r["issuer"], r["ground"]) for r in found["lines"]],
                             [(vendor, ground)] if ground else [])
            self.assertEqual(found["claims"][0]["product_counts"], ground is not None)
            if ground is None:
                self.assertIn("other products", self.good("reputation", "explain", member,
                                                          "--data", self.community))
        self.trusted(member, standing, vendor, plain)
        conf.write_text(plain)
        self.assertIn("local standing 0",
                      self.good("reputation", "explain", member, "--data", self.community))

    def trusted(self, member, standing, vendor, plain):
        """The community names itself, and states how far it trusts the vendor (LOC-3)."""
        at = ("--data", self.community, "--node", self.nodes[self.community].address)
        own = self.json("status", *at)["node"]
        conf = self.community / "forad.conf"
        conf.write_text(plain.replace("# issuers = [];", 'issuers = ["%s=1000"];' % own))
        self.bad(USAGE, "reputation", "trust", own, *at, says="this node itself")
        for weight, expected, ground in ((600, standing * 300 // 1000, "trusted"), (0, 0, "other")):
            self.good("reputation", "trust", vendor, "--weight", weight, *at)
            found = self.json("reputation", "explain", member, "--data", self.community)
            self.assertEqual([(r["ground"], r["given"]) for r in found["lines"]],
                             [(ground, expected)])

    def known(self, address, member):
        done = subprocess.run(
            [os.environ["FORA"], "--home", self.root / "eve", "--node", address, "--json",
             "reputation", "show", member],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        rows = json.loads(done.stdout) if done.returncode == OK else []
        rows = [r for r in rows if r["facts"].get("confirmed")]
        return rows[0] if rows else None


    def claims(self, who, member, *arguments):
        rows = self.fora(who, "reputation", "show", member, *arguments)
        return {r["label"]: (r["verdict"], r["proof"]) for r in rows if r["label"]}

    def test_a_programme_from_nomination_to_end(self):
        member = self.work()
        carl = self.fora("carl", "register", "carl", "--password-file", self.password)["member"]
        self.fora("bob", "reputation", "nominate", member, "MVP")
        self.fora("bob", "reputation", "award", member, "Forged", expected=REFUSED)
        self.fora("admin", "reputation", "affiliate", carl, "employee")
        programme = self.fora("admin", "reputation", "delegate", carl, "--may", "badge", "--limit", "1",
                              "--product", "brewkit", "--days", "365")["id"]
        self.fora("carl", "reputation", "award", member, "MVP", "--product", "brewkit",
                  "--under", programme)
        self.fora("carl", "reputation", "award", member, "Other", "--product", "kettle",
                  "--under", programme, expected=REFUSED)
        self.assertEqual(self.claims("bob", member), {
            "nominee: MVP": ("SCOPE", "nominated"), "Forged": ("SCOPE", "refused"),
            "MVP": ("OK", "proven"), "Other": ("SCOPE", "refused")})
        self.assertEqual({r["issuer"] for r in self.fora("bob", "reputation", "show", member)
                          if r["label"] in ("MVP", "Other")}, {carl})
        self.assertEqual(self.claims("bob", carl), {"employee": ("OK", "proven")})
        over = self.fora("bob", "whoami")["member"]
        self.fora("carl", "reputation", "award", over, "MVP", "--product", "brewkit",
                  "--under", programme, expected=REFUSED)
        self.assertEqual(self.claims("ann", over), {"MVP": ("LIMIT", "refused")})
        self.fora("admin", "reputation", "end", programme, "--reason", "The programme was abused.")
        self.assertEqual(self.claims("bob", member)["MVP"], ("REVOKED", "refused"))


    def test_att_7_a_node_takes_back_what_it_stated(self):
        member = self.work()
        at = ("--data", self.vendor, "--node", self.nodes[self.vendor].address)
        shown = lambda: [r for r in self.fora("bob", "reputation", "show", member)
                         if r["type"] == "standing"]
        stated = lambda: {r["id"]: r["verdict"] for r in shown()}
        self.until(lambda: "OK" in stated().values())
        self.assertEqual({r["issuer"] for r in shown()}, {self.json("status", *at)["node"]})
        standing = [id for id, verdict in stated().items() if verdict == "OK"][0]
        award = self.fora("admin", "reputation", "award", member, "MVP")["id"]
        self.bad(USAGE, "reputation", "revoke", "nonsense", *at, says="not the id of an object")
        self.bad(USAGE, "reputation", "revoke", award, *at, says="did not state that")
        done = self.json("reputation", "revoke", standing, "--reason", "Counted from stolen accounts.", *at)
        self.assertEqual(done["state"], "stored")
        self.until(lambda: stated().get(standing) == "REVOKED")

    def beside(self, thread):
        """Of each post of the thread: the role, affiliations and awards beside its author's name."""
        posts = self.fora("bob", "show", thread)["posts"]
        return [(p["badge"], [(a["label"], a["of_name"]) for a in p["affiliations"]],
                 [a["label"] for a in p["awards"]]) for p in posts]

    def withheld(self, ann, award, thread):
        """ATT-14: she withholds the award and publishes it again; an affiliation she cannot."""
        labels = lambda *more: {row["label"]: row["withheld"] for row in self.fora(
            "bob", "reputation", "show", ann, *more)}
        shown = labels()
        self.assertIn("MVP", shown)
        self.assertNotIn(True, shown.values())
        self.fora("ann", "reputation", "withhold", award)
        # What was changed since does not bring it back; what else she says of herself stays.
        self.fora("ann", "profile", "--about", "I brew.")
        self.assertNotIn("MVP", labels())
        self.assertIn("employee", labels())
        self.assertEqual(labels("--all"), {**shown, "MVP": True})
        self.assertIn("1 not shown, as the member wishes", self.plainly("reputation", "show", ann))
        self.assertIn("(withheld by the member)", self.plainly("reputation", "show", ann, "--all"))
        self.assertEqual(self.beside(thread)[3], ("staff", [("employee", self.owner)], []))
        sizes = []
        for more in ((), ("--all",)):
            out = self.root / ("bundle" + "".join(more))
            sizes.append(self.fora("ann", "reputation", "bundle", "--out", out, *more)["objects"])
            found = [r["label"] for r in self.fora_at(
                self.root / "eve", None, "reputation", "verify-bundle", out,
                expected=None)["claims"]]
            for label in ("MVP", "bot"):
                self.assertEqual(label in found, bool(more), found)
            self.assertIn("employee", found)
        self.assertEqual(sizes[0] + 2, sizes[1])
        hired = [r["id"] for r in self.fora("bob", "reputation", "show", ann)
                 if r["label"] == "employee"]
        self.fora("ann", "reputation", "withhold", hired[0], expected=REFUSED)
        # Nobody withholds what is said of somebody else.
        self.fora("bob", "reputation", "withhold", award, expected=NOTFOUND)
        self.assertNotIn("MVP", labels())
        self.fora("ann", "reputation", "publish", award[:14])
        self.assertEqual(labels(), shown)
        self.assertEqual(self.fora("ann", "profile")["about"], "I brew.")
        row = [post for post in self.fora("bob", "show", thread)["posts"]][3]
        self.assertEqual([a["label"] for a in row["awards"]], ["MVP"])
        return [(a["label"], a["of_name"]) for a in row["affiliations"]]

    def plainly(self, *arguments):
        """What Bob reads in a terminal."""
        return self.plainly_at("bob", self.nodes[self.vendor].address, *arguments)

    def plainly_at(self, who, address, *arguments):
        node = [] if address is None else ["--node", address]
        done = subprocess.run(
            [os.environ["FORA"], "--home", self.root / who, *node, "--no-pager", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={**os.environ, "COLUMNS": "200"})
        self.assertEqual(done.returncode, OK, done.stderr)
        return done.stdout

    def test_att_9_att_13_att_14_what_stands_beside_a_name_and_what_she_withholds(self):
        ann = self.fora("ann", "register", "ann", "--name", "Ann", "--password-file",
                        self.password)["member"]
        self.fora("bob", "register", "bob", "--name", "Bob", "--password-file", self.password)
        owner = self.json("status", "--data", self.vendor, "--node",
                          self.nodes[self.vendor].address)["name"]
        self.owner = owner
        thread = self.fora("bob", "ask", "Who are you?", "--text", "Really.")["id"]
        say = lambda: self.fora("ann", "comment", thread, "--text", "I am Ann.")
        say()
        # Of no weight: Bob has no authority, and a nomination is no award.
        self.fora("bob", "reputation", "affiliate", ann, "bot", expected=REFUSED)
        self.fora("bob", "reputation", "nominate", ann, "MVP")
        say()
        hired = self.fora("admin", "reputation", "affiliate", ann, "employee")["id"]
        award = self.fora("admin", "reputation", "award", ann, "MVP")["id"]
        self.good("space", "grant", self.space, ann, "staff", "--data", self.vendor, "--node",
                  self.nodes[self.vendor].address)
        say()
        began = self.fora("ann", "ask", "When is the next release?", "--text", "Does one know?")["id"]
        for ended in (hired, award):
            self.fora("admin", "reputation", "end", ended, "--reason", "moved on")
        say()
        employee = [("employee", owner)]
        self.assertEqual(self.beside(thread), [
            (None, [], []), (None, [], []), (None, [], []), ("staff", employee, ["MVP"]),
            ("staff", [], [])])
        text = self.plainly("show", thread)
        self.assertEqual(text.count("Ann (staff, employee of %s, MVP)," % owner), 1, text)
        self.assertEqual(text.count("Ann (staff),"), 1, text)
        self.assertEqual(text.count("Ann, "), 2, text)
        def listed():  # lists may be some moments behind
            found = {row["id"]: row for row in self.fora("bob", "threads")["threads"]}
            return began in found and thread in found and found

        rows = self.until(listed)
        self.assertEqual([(a["label"], a["of_name"]) for a in rows[began]["affiliations"]], employee)
        self.assertEqual([a["label"] for a in rows[began]["awards"]], ["MVP"])
        self.assertEqual((rows[thread]["affiliations"], rows[thread]["awards"]), ([], []))
        self.assertEqual(self.withheld(ann, award, thread), employee)
        self.assertRegex(self.plainly("threads"), r"next release\?.*Ann \(employee\)")

    def watch(self, *arguments):
        """`fora watch` as Bob: a function that gives the next line."""
        process = subprocess.Popen(
            [os.environ["FORA"], "--home", self.root / "bob", "--node",
             self.nodes[self.vendor].address, *arguments, "watch"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "COLUMNS": "200"})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        # From this line on it misses nothing.
        self.assertIn("Watching", process.stderr.readline())
        return process.stdout.readline

    def test_att_10_att_13_watch_shows_affiliations_as_of_each_post(self):
        ann = self.fora("ann", "register", "ann", "--name", "Ann", "--password-file",
                        self.password)["member"]
        self.fora("bob", "register", "bob", "--name", "Bob", "--password-file", self.password)
        owner = self.json("status", "--data", self.vendor, "--node",
                          self.nodes[self.vendor].address)["name"]
        plain, rows = self.watch(), self.watch("--json")
        self.fora("ann", "ask", "Before", "--text", "Not yet.")
        self.assertIn("question by Ann (Before): Not yet.", plain())
        row = json.loads(rows())
        self.assertEqual((row["affiliations"], row["awards"]), ([], []))
        # What Bob says of her has no weight here.
        self.fora("bob", "reputation", "affiliate", ann, "bot", expected=REFUSED)
        hired = self.fora("admin", "reputation", "affiliate", ann, "employee")["id"]
        self.fora("ann", "ask", "During", "--text", "By now.")
        self.assertIn("question by Ann, employee of %s (During): By now." % owner, plain())
        row = json.loads(rows())
        self.assertEqual([(a["id"], a["label"], a["of_name"]) for a in row["affiliations"]],
                         [(hired, "employee", owner)])
        self.fora("admin", "reputation", "end", hired, "--reason", "moved on")
        self.fora("ann", "ask", "After", "--text", "No more.")
        self.assertIn("question by Ann (After): No more.", plain())
        self.assertEqual(json.loads(rows())["affiliations"], [])


    def privileges(self):
        rows = self.json("reputation", "privileges", "--data", self.vendor)
        self.assertEqual([(r["space"], r["granted_here"]) for r in rows], [(self.space, True)])
        return {p["role"]: (p["standing"], p["members"]) for p in rows[0]["privileges"]}

    def whoami_says(self, ann, claim):
        """Her privileges of every space, without asking for her reputation."""
        own, = self.fora("ann", "whoami")["privileges"]
        self.assertEqual({**own}, {
            "space": self.space, "name": own["name"], "standing": claim["facts"]["standing"],
            "roles": claim["roles"], "next": claim["next"]})
        text = self.plainly_at("ann", self.nodes[self.vendor].address, "whoami")
        self.assertIn("You are ann", text)
        self.assertIn("  roles: tagger, flagger, curator\n", text)
        self.assertIn("  next: editor from 1000 on, who may revise", text)
        self.assertEqual(self.plainly_at("ann", self.nodes[self.vendor].address, "--quiet", "whoami"),
                         ann + "\n")
        # Bob has neither; whose role nobody earned has it all the same.
        self.assertEqual(self.fora("bob", "whoami")["privileges"], [])
        roles = self.fora("admin", "whoami")["privileges"][0]["roles"]
        self.assertIn("staff", roles)

    def test_pol_11_std_14_privileges_that_a_standing_earns(self):
        self.assertEqual(self.privileges(), {})
        self.fora("admin", "space", "set", self.space, "--privilege", "staff=1", expected=USAGE)
        self.fora("admin", "space", "set", self.space, "--privilege", "tagger=10", "--privilege",
                  "flagger=20", "--privilege", "curator=21", "--privilege", "editor=1000")
        ann = self.work()
        asked = self.fora("bob", "threads")["threads"][0]["id"]
        claim = self.until(lambda: [r for r in self.fora("bob", "reputation", "show", ann)
                                    if "curator" in r.get("roles", ())])[0]
        self.assertEqual(claim["roles"], ["tagger", "flagger", "curator"])
        self.assertEqual((claim["next"]["role"], claim["next"]["standing"]), ("editor", 1000))
        self.assertIn("next: editor from 1000 on", self.plainly("reputation", "show", ann))
        self.whoami_says(ann, claim)
        self.assertEqual(self.privileges(), {"tagger": (10, 1), "flagger": (20, 1),
                                             "curator": (21, 1), "editor": (1000, 0)})
        # What she earned, and nothing else; Bob earned nothing.
        reason = ("--reason", "not a question")
        self.fora("bob", "close", asked, *reason, expected=REFUSED)
        other = self.fora("admin", "ask", "Why not?", "--text", "So why not?")["id"]
        self.fora("bob", "edit", other, "--tag", "mash", expected=REFUSED)
        self.fora("ann", "edit", other, "--tag", "mash", "--title", "Mine", expected=REFUSED)
        self.fora("ann", "edit", other, "--tag", "mash")
        self.fora("ann", "lock", other, *reason, expected=REFUSED)
        self.fora("ann", "hide", other, *reason, expected=REFUSED)
        self.fora("ann", "duplicate", other, asked)
        self.fora("ann", "close", other, *reason)
        shown = self.fora("bob", "show", other)
        self.assertEqual((shown["title"], shown["tags"]), ("Why not?", ["mash"]))
        self.assertTrue({"closed", "duplicate"} <= set(shown["marks"]), shown["marks"])
        # One flag of a flagger weighs more than two of others.
        self.fora("carl", "register", "carl", "--name", "Carl", "--password-file", self.password)
        for who, what in (("bob", asked), ("carl", asked), ("ann", other)):
            self.fora(who, "flag", what, "--reason", "wrong")
        queue = [(f["target"], f["weight"], f["weight_of_all"]) for f in self.fora("admin", "flags")]
        self.assertEqual(queue, [(other, 3, 3), (asked, 1, 2), (asked, 1, 2)])
        # Elsewhere the same holds, for it stands in the policy.
        self.good("subscribe", self.space, self.nodes[self.vendor].address, "--data", self.community,
                  "--node", self.nodes[self.community].address)
        elsewhere = self.nodes[self.community].address

        def same():
            there = self.fora_at(self.root / "eve", elsewhere, "show", other, expected=None)
            return there and [there["tags"], there["marks"]] == [shown["tags"], shown["marks"]]

        self.until(same)
        # What is taken away by hand is not earned again.
        self.fora("admin", "space", "revoke", self.space, ann, "curator")
        self.fora("ann", "reopen", other, *reason, expected=REFUSED)
        self.fora("ann", "answer", other, "--text", "Because.", expected=REFUSED)
        self.fora("admin", "reopen", other, *reason)
        self.fora("ann", "answer", other, "--text", "Because.")
        grown = self.until(lambda: [r for r in self.fora("bob", "reputation", "show", ann)
                                    if r["facts"].get("answers", 0) == 2])[0]
        self.assertEqual(grown["roles"], ["tagger", "flagger"])
        self.assertIn("taken away by an admin: curator", self.plainly("reputation", "show", ann))


class Stopped(Case):
    def test_issue_by_hand(self):
        self.init()
        self.assertEqual(self.json("reputation", "issue", "--data", self.data), {"issued": 0})
        self.run_node()
        self.bad(LOCAL, "reputation", "issue", "--data", self.data, says="The node runs")


if __name__ == "__main__":
    main()
