"""forad digest, fsck, reindex, export: looking after a store that holds a thread."""

import json
import os
import subprocess

from forad_case import DAMAGED, LOCAL, NOTFOUND, OK, PATIENCE, Case, main

TITLE = "How is it frobbed in a way that can be found again?"


class Store(Case):
    """A node with one thread, stopped."""

    def setUp(self):
        super().setUp()
        self.made = self.init()
        self.node = self.run_node()
        asked = self.fora("ask", TITLE, "--text", "Really, how?")
        self.fora("answer", asked["id"], "--text", "Gently.")
        self.thread = asked["id"]

    def fora(self, *arguments):
        """The client, as the node's admin."""
        done = subprocess.run(
            [os.environ["FORA"], "--home", self.data / "admin", "--node", self.node.address, "--json",
             *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def stop(self):
        self.assertEqual(self.node.stop(), OK)

    def digest(self):
        rows = self.json("digest", "--data", self.data)
        self.assertEqual(len(rows), 1)
        return rows[0]

    def damage(self, before, after):
        """Changes bytes of the store in place, wherever they stand."""
        path = self.data / "store/data.mdb"
        content = path.read_bytes()
        self.assertIn(before, content)
        self.assertEqual(len(before), len(after))
        path.write_bytes(content.replace(before, after))


class Digest(Store):
    def test_beside_the_running_node_and_after_it(self):
        running = self.digest()
        self.assertEqual(running["space"], self.made["space"]["id"])
        self.assertEqual(running["name"], "Example support")
        self.assertEqual((running["objects"], running["threads"]), (8, 1))
        self.stop()
        self.assertEqual(self.digest(), running)
        self.assertIn(running["views"], self.good("digest", "--data", self.data))

    def test_tells_one_set_from_another(self):
        before = self.digest()
        self.fora("comment", self.thread, "--text", "Me too.")
        after = self.digest()
        for key in ("set", "views", "fingerprint"):
            self.assertNotEqual(before[key], after[key], key)

    def test_of_one_space(self):
        self.json("space", "create", "Other", "--slug", "other", "--data", self.data, "--node",
                  self.node.address)
        both = self.json("digest", "--data", self.data)
        self.assertEqual(len(both), 2)
        for name in ("example-support", self.made["space"]["id"]):
            one = self.json("digest", name, "--data", self.data)
            self.assertEqual(one, [row for row in both if row["name"] == "Example support"])
        self.bad(NOTFOUND, "digest", "nowhere", "--data", self.data, says="nowhere")

    def test_no_node(self):
        self.bad(NOTFOUND, "digest", "--data", self.root / "none", says="none")


class Fsck(Store):
    def test_whole(self):
        for arguments in ((), ("--fast",)):
            found = self.json("fsck", "--data", self.data, *arguments)
            self.assertEqual(found["findings"], [])
            self.assertEqual(found["looked_at"]["objects"], 8)
        self.stop()
        self.assertIn("as it should be", self.good("fsck", "--data", self.data))

    def test_an_object_that_was_changed(self):
        self.stop()
        self.damage(TITLE.encode(), TITLE.replace("frobbed", "crabbed").encode())
        self.bad(DAMAGED, "fsck", "--data", self.data, "--quiet", says=["damaged", "reindex"])
        code, out, err = self.forad("fsck", "--data", self.data, "--json")
        self.assertEqual(code, DAMAGED)
        self.assertGreater(json.loads(out)["count"], 0)

    def test_a_store_that_is_none(self):
        self.stop()
        (self.data / "store/data.mdb").write_bytes(b"x" * 8192)
        self.bad(DAMAGED, "fsck", "--data", self.data, says="data.mdb")


class Reindex(Store):
    def test_gives_the_same(self):
        before = self.digest()
        self.stop()
        done = self.json("reindex", "--data", self.data, "--verify")
        self.assertEqual((done["lost"], done["misplaced"], done["threads"]), (0, 0, 1))
        self.assertEqual(self.digest(), before)
        self.json("fsck", "--data", self.data)
        self.node = self.run_node()
        self.assertEqual([row["title"] for row in self.fora("threads")["threads"]], [TITLE])

    def test_not_beside_a_running_node(self):
        self.bad(LOCAL, "reindex", "--data", self.data, says=[str(self.node.process.pid), "stop it"])

    def test_drops_what_was_changed(self):
        self.stop()
        self.damage(TITLE.encode(), TITLE.replace("frobbed", "crabbed").encode())
        self.assertGreater(self.json("reindex", "--data", self.data, "--verify")["lost"], 0)
        self.assertEqual(self.digest()["threads"], 0)
        self.run_node()

    def test_cut_short_it_is_to_be_run_again(self):
        before = self.digest()
        self.stop()
        # A signal that was there before the work began is seen at the first step.
        code = subprocess.run(
            ["/usr/bin/env", "--block-signal=TERM", "bash", "-c", 'kill -TERM $$; exec "$0" "$@"',
             os.environ["FORAD"], "reindex", "--data", self.data],
            capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(code.returncode, LOCAL, code.stderr)
        self.assertIn("stopped by a signal", code.stderr)
        self.bad(DAMAGED, "run", "--data", self.data, says="forad reindex")
        self.bad(DAMAGED, "digest", "--data", self.data, says="forad reindex")
        self.good("reindex", "--data", self.data)
        self.assertEqual(self.digest(), before)


class Export(Store):
    def lines(self, *arguments):
        return [json.loads(line) for line in
                self.good("export", "--data", self.data, *arguments).splitlines()]

    def test_everything(self):
        lines = self.lines()
        kinds = [line["kind"] for line in lines]
        self.assertEqual(kinds.count("thread"), 1)
        self.assertEqual(kinds.count("post"), 1)
        self.assertIn(self.thread, [line["id"] for line in lines])
        for name in ("example-support", self.made["space"]["id"]):
            self.assertEqual(len(self.lines("--space", name)), 8)

    def test_into_a_file(self):
        out = self.root / "all.jsonl"
        self.good("export", "--data", self.data, "--out", out)
        self.assertEqual(out.read_text(), self.good("export", "--data", self.data))
        self.assertEqual(out.stat().st_mode & 0o077, 0)

    def test_into_a_file_that_cannot_be(self):
        self.bad(LOCAL, "export", "--data", self.data, "--out", self.root / "no/all", says="no/all")
        code, _, err = self.cramped(
            1, "export", "--data", self.data, "--out", self.root / "all")
        self.assertEqual(code, LOCAL, err)
        self.assertEqual([p.name for p in self.root.glob("all*")], [])

    def test_unknown_space(self):
        self.bad(NOTFOUND, "export", "--data", self.data, "--space", "nowhere",
                 says=["nowhere", "forad digest"])

    def test_reader_that_went_away(self):
        with subprocess.Popen([os.environ["FORAD"], "export", "--data", self.data],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            run.stdout.close()
            err = run.stderr.read()
            self.assertEqual(run.wait(PATIENCE), OK, err)


class Progress(Store):
    def test_only_on_a_terminal(self):
        code, _, err = self.forad("fsck", "--data", self.data)
        self.assertEqual((code, err), (OK, ""))
        done = subprocess.run(
            ["script", "-qec", f"{os.environ['FORAD']} digest --data {self.data} >/dev/null",
             "/dev/null"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        self.assertIn("Digesting", done.stdout)


if __name__ == "__main__":
    main()
