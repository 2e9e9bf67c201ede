"""Two nodes, one space: a question asked on one is answered on the other, and both show the same."""

import json
import os
import subprocess

from forad_case import CONNECT, OK, PATIENCE, Case, main


class Federation(Case):
    def setUp(self):
        super().setUp()
        self.vendor = self.root / "vendor"
        self.community = self.root / "community"
        self.space = self.init(self.vendor)["space"]["id"]
        self.init(self.community)
        self.nodes = {self.vendor: self.run_node(self.vendor), self.community: self.run_node(self.community)}

    def at(self, data, *arguments):
        return self.json(*arguments, "--data", data, "--node", self.nodes[data].address)

    def fora(self, data, *arguments):
        done = subprocess.run(
            [os.environ["FORA"], "--home", data / "admin", "--node", self.nodes[data].address,
             "--json", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def digests(self):
        """Of the shared space, on both nodes: what must become equal."""
        found = []
        for data in self.nodes:
            rows = self.json("digest", "--data", data)
            found += [row for row in rows if row["space"] == self.space]
        return found

    def until_equal(self, objects):
        def look():
            found = self.digests()
            equal = len(found) == 2 and found[0] == found[1] and found[0]["objects"] >= objects
            return found[0] if equal else None
        return self.until(look, "not equal")

    def subscribe(self):
        self.at(self.community, "subscribe", self.space, self.nodes[self.vendor].address)

    def test_there_and_back(self):
        asked = self.fora(self.vendor, "ask", "Before?", "--text", "Asked before the subscription.")
        self.subscribe()
        first = self.until_equal(4)
        self.assertEqual(first["threads"], 1)
        self.fora(self.community, "answer", asked["id"], "--text", "From the other node.")
        second = self.until_equal(first["objects"] + 1)
        self.assertNotEqual(first["views"], second["views"])
        thread = self.fora(self.vendor, "show", asked["id"])
        self.assertIn("From the other node.", json.dumps(thread))
        status = self.at(self.community, "status")
        self.assertEqual(len(status["subscriptions"]), 1)
        self.assertGreater(len(self.at(self.community, "peers")["peers"]), 0)

    def test_after_a_kill_it_catches_up(self):
        self.subscribe()
        before = self.until_equal(4)
        self.nodes[self.community].kill()
        self.bad(CONNECT, "status", "--data", self.community, "--node",
                 self.nodes[self.community].address, says="not running here")
        self.fora(self.vendor, "ask", "Meanwhile?", "--text", "Asked while it was away.")
        self.nodes[self.community] = self.run_node(self.community)
        self.until_equal(before["objects"] + 1)

    def test_a_vendor_restored_from_a_backup_goes_on(self):
        self.subscribe()
        before = self.until_equal(4)
        self.good("backup", self.root / "copy", "--data", self.vendor)
        self.fora(self.vendor, "ask", "Lost?", "--text", "Asked after the backup.")
        after = self.until_equal(before["objects"] + 1)
        address = self.nodes[self.vendor].address
        self.nodes[self.vendor].stop()
        self.good("restore", self.root / "copy", "--data", self.root / "restored")
        del self.nodes[self.vendor]
        self.vendor = self.root / "restored"
        self.nodes[self.vendor] = self.run_node(self.vendor, "--listen", address)
        # What the backup did not have comes back from the peer.
        self.assertEqual(self.until_equal(after["objects"])["set"], after["set"])


if __name__ == "__main__":
    main()
