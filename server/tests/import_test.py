"""forad import stackexchange: a small dump, into the store and through the running node."""

import pathlib

from forad_case import CONNECT, DAMAGED, LOCAL, NOTFOUND, OK, USAGE, Case, main

POSTS = """\ufeff<?xml version="1.0" encoding="utf-8"?>\r
<posts>\r
  <row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2015-01-02T03:04:05.678" Score="3"
   Body="&lt;p&gt;How is it &lt;em&gt;frobbed&lt;/em&gt;?&lt;/p&gt;" OwnerUserId="7" Title="Frobbing"
   Tags="&lt;frob&gt;" AnswerCount="1" CommentCount="1" ContentLicense="CC BY-SA 3.0" />\r
  <row Id="2" PostTypeId="2" ParentId="1" CreationDate="2015-01-03T03:04:05.678" Score="1"
   Body="&lt;p&gt;Gently.&lt;/p&gt;" OwnerUserId="8" CommentCount="0" ContentLicense="CC BY-SA 3.0" />\r
</posts>\r
"""
USERS = """<?xml version="1.0" encoding="utf-8"?>
<users>
  <row Id="7" CreationDate="2014-01-01T00:00:00.000" DisplayName="Ann" />
  <row Id="8" CreationDate="2014-01-01T00:00:00.000" DisplayName="Bob" />
</users>
"""
COMMENTS = """<?xml version="1.0" encoding="utf-8"?>
<comments>
  <row Id="1" PostId="1" Score="0" Text="Me too." CreationDate="2015-01-02T04:00:00.000" UserId="8" />
</comments>
"""
VOTES = """<?xml version="1.0" encoding="utf-8"?>
<votes>
  <row Id="1" PostId="1" VoteTypeId="2" CreationDate="2015-01-02T00:00:00.000" />
  <row Id="2" PostId="99" VoteTypeId="2" CreationDate="2015-01-02T00:00:00.000" />
</votes>
"""


class Import(Case):
    def setUp(self):
        super().setUp()
        self.made = self.init()
        self.dump = self.root / "frob.example"
        self.dump.mkdir()
        for name, text in (("Posts", POSTS), ("Users", USERS), ("Comments", COMMENTS), ("Votes", VOTES)):
            (self.dump / f"{name}.xml").write_text(text, newline="")

    def bring(self, *arguments):
        return self.json("import", "stackexchange", self.dump, "--data", self.data, "--space",
                         "example-support", *arguments)

    def digest(self):
        return self.json("digest", "example-support", "--data", self.data)

    def check(self, report):
        made = report["made"]
        self.assertEqual((made["people"], made["threads"], made["answers"], made["comments"]),
                         (2, 1, 1, 1))
        self.assertEqual(made["accepted"], 1)
        self.assertEqual(report["space"], self.made["space"]["id"])
        self.assertEqual((report["refused"], report["refusals"]), (0, []))
        self.assertEqual(report["skipped"]["votes_without_post"], 1)

    def test_into_the_store(self):
        report = self.bring()
        self.check(report)
        self.assertEqual(report["stored"], report["objects"])
        before = self.digest()
        self.assertEqual(before[0]["threads"], 1)
        again = self.bring()
        self.assertEqual((again["stored"], again["already"]), (0, report["objects"]))
        self.assertEqual(self.digest(), before)
        self.json("fsck", "--data", self.data)
        self.assertEqual({p.name for p in self.data.iterdir()},
                         {"forad.conf", "keys", "store", "admin"})

    def test_through_the_running_node(self):
        node = self.run_node(None)
        self.check(self.bring("--node", node.address))
        through = self.digest()
        self.assertEqual(node.stop(), OK)
        again = self.bring()
        self.assertEqual(again["stored"], 0, "the store's way makes other objects than the node's")
        self.assertEqual(self.digest(), through)

    def test_finds_out_that_the_node_runs(self):
        node = self.run_node()
        # The ready file is the test's: the program is told where the node is.
        (self.data / "address").write_text(node.address + "\n")
        self.check(self.bring())

    def test_in_words(self):
        out = self.good("import", "stackexchange", self.dump, "--data", self.data)
        for words in ("Imported frob.example", "answers", "votes on posts that the dump lacks"):
            self.assertIn(words, out)

    def test_without_a_terminal_a_line_for_each_part(self):
        code, out, err = self.forad("import", "stackexchange", self.dump, "--data", self.data)
        self.assertEqual(code, OK, err)
        lines = err.splitlines()
        for line in ("import: Reading Posts.xml", "import: Importing threads"):
            self.assertEqual(lines.count(line), 1, err)
        code, out, err = self.forad("import", "stackexchange", self.dump, "--data", self.data, "-q")
        self.assertEqual((code, out), (OK, ""))
        skipped = sum(self.bring()["skipped"].values())
        self.assertGreater(skipped, 0)
        line, = err.splitlines()
        self.assertTrue(line.startswith(f"import: {skipped} of the dump's rows were left out"), line)

    def test_claim(self):
        self.bring()
        node = self.run_node()
        secret = self.root / "secret"
        secret.write_text("correct horse\n")
        self.assertEqual(
            self.json("claim", "stackexchange:frob.example:user:7", "ann", "--password-file", secret,
                      "--data", self.data, "--node", node.address), {"ok": True})


class Refuses(Import):
    def refuse(self, code, *arguments, says=()):
        before = self.tree(self.data)
        self.bad(code, "import", "stackexchange", *arguments, "--data", self.data, says=says)
        self.assertEqual(self.tree(self.data), before)

    def test_no_dump(self):
        self.refuse(NOTFOUND, self.root / "none", "--site", "none.example", says="none")
        self.refuse(NOTFOUND, self.root / "none_such", says="none_such: No such")
        self.refuse(USAGE, self.dump / "Posts.xml", says=["is a file", "the folder"])
        (self.dump / "Posts.xml").unlink()
        self.refuse(NOTFOUND, self.dump, says="Posts.xml")

    def test_a_dump_that_is_cut(self):
        for at in (100, 400, len(POSTS) - 20):
            (self.dump / "Posts.xml").write_text(POSTS[:at], newline="")
            code, out, err = self.forad("import", "stackexchange", self.dump, "--data", self.data)
            self.assertEqual(code, DAMAGED, out)
            self.assertIn("Posts.xml", err)
        self.assertEqual(self.digest()[0]["threads"], 0)

    def test_another_thing_than_a_dump(self):
        self.bad(USAGE, "import", "usenet", self.dump, "--data", self.data, says="stackexchange")
        (self.dump / "Posts.xml").write_text("dear diary")
        code, _, err = self.forad("import", "stackexchange", self.dump, "--data", self.data)
        self.assertNotEqual(code, OK)
        self.assertIn("Posts.xml", err)

    def test_a_node_that_is_not_there(self):
        self.refuse(CONNECT, self.dump, "--node", "127.0.0.1:1", says="not running here")


if __name__ == "__main__":
    main()
