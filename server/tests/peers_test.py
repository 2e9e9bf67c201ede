"""Other nodes as an operator sees them and decides about them: forad peers."""

import json
import os
import re
import signal
import subprocess

from forad_case import NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main


class Peers(Case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.root / "a", self.root / "b"
        made = self.init(self.a)
        self.space, self.id_a = made["space"]["id"], made["node"]
        self.id_b = self.init(self.b)["node"]
        self.nodes = {}

    def conf(self, data, text):
        path = data / "forad.conf"
        path.write_text(re.sub(r"(?m)^# (peering = ).*$", r"\1" + text, path.read_text()))

    def start(self, *folders):
        for data in folders:
            self.nodes[data] = self.run_node(data)

    def at(self, data, *arguments):
        return self.json(*arguments, "--data", data, "--node", self.nodes[data].address)

    def row(self, data, node):
        rows = [row for row in self.at(data, "peers")["peers"] if row["node"] == node]
        return rows[0] if rows else None

    def until_row(self, data, node, **wanted):
        """The row of the node, once it is as wanted."""
        def look():
            row = self.row(data, node)
            return row if row and all(row[key] == value for key, value in wanted.items()) else None
        return self.until(look, f"no such row: {wanted}")

    def fora(self, data, *arguments):
        done = subprocess.run(
            [os.environ["FORA"], "--home", data / "admin", "--node", self.nodes[data].address,
             "--json", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_REP_15_a_stranger_waits_until_it_is_approved(self):
        self.conf(self.a, '"approved";')
        self.start(self.a, self.b)
        self.at(self.b, "subscribe", self.space, self.nodes[self.a].address)
        code, out, err = self.fora(self.b, "ask", "From b?", "--space", self.space, "--text", "Waits.")
        self.assertEqual(code, OK, err)
        asked = json.loads(out)["id"]
        row = self.until_row(self.a, self.id_b, lane="waiting", state="connected")
        self.assertEqual((row["name"], row["direction"], row["health"]), ("Example", "in", "waiting"))
        self.assertIn(f"forad peers approve {self.id_b}", row["why"])
        self.assertNotEqual(self.fora(self.a, "show", asked)[0], OK)
        shown = self.good("peers", "--data", self.a, "--node", self.nodes[self.a].address)
        self.assertIn("waiting", shown)
        self.assertIn(self.id_b, re.sub(r"\s+", "", shown))
        # By the beginning of the id that the table shows.
        self.at(self.a, "peers", "approve", self.id_b[:14])
        self.until_row(self.a, self.id_b, lane="approved", health="good", why="in step")
        self.until(lambda: self.fora(self.a, "show", asked)[0] == OK, "the question did not come")
        # It holds over a restart.
        self.assertEqual(self.nodes[self.a].stop(), OK)
        self.start(self.a)
        self.assertEqual(self.until_row(self.a, self.id_b)["lane"], "approved")

    def test_REP_15_who_is_blocked_is_told_and_who_blocks_does_not_call(self):
        self.start(self.a, self.b)
        self.at(self.b, "subscribe", self.space, self.nodes[self.a].address)
        self.until_row(self.b, self.id_a, state="connected", lane="own", direction="out")
        self.at(self.a, "peers", "block", self.id_b)
        self.assertIn("refused: blocked by an admin", self.until_row(self.a, self.id_b, state="away")["why"])
        row = self.until_row(self.b, self.id_a, health="down")
        self.assertIn("cannot be reached", row["why"])
        self.assertIn("refuses", row["why"])
        self.assertGreater(row["next_try_seconds"], 3000)  # as it was told
        self.at(self.b, "peers", "block", self.nodes[self.a].address)
        self.assertIn("not called", self.until_row(self.b, self.id_a, health="blocked")["why"])
        self.at(self.b, "peers", "forget", self.id_a)
        self.at(self.a, "peers", "forget", self.id_b)
        self.at(self.b, "peers", "approve", self.id_a)  # decides, and calls at once
        self.until_row(self.b, self.id_a, state="connected", health="good")

    def table(self, data):
        """The table as a pipe gets it: the titles, and of each column what stands under them."""
        text = self.good("peers", "--data", data, "--node", self.nodes[data].address)
        self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
        lines = text.split("\n\n")[0].splitlines()
        self.assertEqual(len(lines), 2, text)
        titles = [(m.start(), m.end(), m[0]) for m in re.finditer(r"\S+( \S+)*", lines[0])]
        cells = [(m.start(), m.end(), m[0]) for m in re.finditer(r"\S+( \S+)*", lines[1])]
        self.assertEqual(len(titles), len(cells), text)
        for title, cell in zip(titles, cells):  # one above the other
            self.assertTrue(title[0] == cell[0] or title[1] == cell[1], text)
        return {title[2]: cell[2] for title, cell in zip(titles, cells)}, text

    def test_REP_15_the_figures_are_of_what_went_over(self):
        self.start(self.a, self.b)
        self.at(self.b, "subscribe", self.space, self.nodes[self.a].address)
        objects = lambda data: next(row["objects"] for row in self.json("digest", "--data", data)
                                    if row["space"] == self.space)
        held = objects(self.a)
        def ask(count):
            for n in range(count):
                code, _, err = self.fora(self.b, "ask", f"{n}?", "--space", self.space, "--text", "So.")
                self.assertEqual(code, OK, err)
        ask(5)
        def agreed():
            a, b = self.row(self.a, self.id_b), self.row(self.b, self.id_a)
            same = all(a[mine] == b[its] for mine, its in (
                ("bytes_in", "bytes_out"), ("bytes_out", "bytes_in"),
                ("objects_in", "objects_out"), ("objects_out", "objects_in")))
            return (a, b) if same and objects(self.a) == objects(self.b) > held + 5 else None
        a, b = self.until(agreed, "the two do not tell the same")
        # Five questions and what tells who asked; and before, all that was in the space.
        new = objects(self.a) - held
        self.assertEqual((a["objects_in"], a["accepted"], a["refused"], a["lag"]), (new, new, 0, 0))
        self.assertEqual((b["objects_in"], b["accepted"], b["refused"], b["lag"]), (held, held, 0, 0))
        self.assertGreater(a["bytes_in"], new * 100)
        self.assertGreater(a["bytes_out"], held * 100)
        # Who stands still takes nothing: that is seen where it is called from, in a pipe too.
        self.nodes[self.a].process.send_signal(signal.SIGSTOP)
        ask(3)
        row = self.until_row(self.b, self.id_a, lag=3)
        cells, text = self.table(self.b)
        self.assertRegex(cells["LAG"], r"^3(, \d+ s)?$", text)
        self.assertRegex(cells["BYTES IN/OUT"], r"^\d.* B/\d.* B$|^\d.* KiB/\d.* KiB$", text)
        self.assertEqual((cells["REFUSED"], "HEALTH" in cells), ("0", True), text)
        self.nodes[self.a].process.send_signal(signal.SIGCONT)
        self.until_row(self.b, self.id_a, lag=0, objects_out=row["objects_out"])
        self.until_row(self.a, self.id_b, objects_in=new + 3, accepted=new + 3)
        cells, text = self.table(self.a)
        self.assertEqual((cells["LAG"], cells["REFUSED"], cells["HEALTH"]), ("0", "0", "good"), text)

    def test_REP_18_introductions_are_said_and_taken_back(self):
        self.start(self.a)
        self.at(self.a, "peers", "introduce", self.id_b)
        self.assertEqual(self.until_row(self.a, self.id_b)["state"], "away")
        self.at(self.a, "peers", "withdraw", self.id_b)
        self.assertIsNone(self.row(self.a, self.id_b))

    def test_whom_a_word_names(self):
        self.start(self.a)
        node = ["--data", self.a, "--node", self.nodes[self.a].address]
        self.bad(NOTFOUND, "peers", "approve", "nobody", *node, says=["nobody", "foran1..."])
        self.bad(USAGE, "peers", "approve", self.id_a, *node, says="this node itself")
        self.bad(USAGE, "peers", "approve", *node, says="NODE")
        wrong = self.id_b[:-1] + ("q" if self.id_b[-1] != "q" else "p")
        self.bad(NOTFOUND, "peers", "block", wrong, *node, says="whole id")

    def test_SES_30_deciding_is_for_admins(self):
        self.start(self.a)
        self.init(self.root / "c")
        (self.root / "stranger").mkdir()
        # The folder of another node, and so another admin, who is none here.
        code, _, err = self.forad("peers", "block", self.id_b, "--data", self.root / "c", "--node",
                                  self.nodes[self.a].address)
        self.assertNotIn(code, (OK, REFUSED + 100), err)
        self.assertIsNone(self.row(self.a, self.id_b))


if __name__ == "__main__":
    main()
