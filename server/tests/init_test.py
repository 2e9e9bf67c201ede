"""forad init: a whole node or nothing."""

import os
import pty
import re
import stat

from forad_case import FORAD, LOCAL, OK, USAGE, Case, main

ID = "1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}$"


class Init(Case):
    def test_quiet_says_only_the_node(self):
        out = self.good("init", "--data", self.data, "--kind", "vendor", "--name", "Example",
                        "--listen", "127.0.0.1:0", "--yes", "--quiet")
        self.assertRegex(out, r"^foran1[a-z0-9]+\n$")

    def test_makes_a_node(self):
        made = self.init(None, "--product", "frobnicator=5.1", "--address", "support.example:7150")
        self.assertRegex(made["node"], "^foran" + ID)
        self.assertRegex(made["admin"], "^foram" + ID)
        self.assertRegex(made["space"]["id"], "^foras" + ID)
        self.assertEqual(made["space"]["slug"], "example-support")
        self.assertEqual(made["space"]["name"], "Example support")
        files = {p.name for p in self.data.iterdir()}
        self.assertEqual(files, {"forad.conf", "keys", "store", "admin"})
        self.assertEqual([p.name for p in self.root.iterdir()], ["node"])

    def test_nobody_else_can_read_it(self):
        self.init()
        looked_at = 0
        for path in self.data.rglob("*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
            looked_at += 1
        self.assertGreater(looked_at, 6)

    def test_two_nodes_are_two(self):
        first, second = self.init(self.root / "a"), self.init(self.root / "b")
        for key in ("node", "admin"):
            self.assertNotEqual(first[key], second[key])
        self.assertNotEqual(
            re.findall("(?m)^root .*", (self.root / "a/keys").read_text()),
            re.findall("(?m)^root .*", (self.root / "b/keys").read_text()),
        )

    def test_community_names_its_space_after_itself(self):
        made = self.json("init", "--data", self.data, "--kind", "community", "--name", "Tinkerers",
                         "--space-kind", "ideas", "--registration", "closed")
        self.assertEqual(made["space"]["name"], "Tinkerers")
        self.assertRegex((self.data / "forad.conf").read_text(), r'(?m)^registration = "closed";')

    def test_into_an_empty_folder_that_is_there(self):
        self.data.mkdir()
        self.init()
        self.assertTrue((self.data / "keys").is_file())
        self.assertEqual([p.name for p in self.root.iterdir()], ["node"])

    def test_makes_folders_above(self):
        self.init(self.root / "a/b/c")
        self.assertTrue((self.root / "a/b/c/keys").is_file())

    def test_data_folder_from_the_environment(self):
        self.good("init", "--kind", "vendor", "--name", "E", env={"FORAD_DATA": str(self.data)})
        self.assertTrue((self.data / "keys").is_file())


class Asks(Case):
    """On a terminal."""

    def answer(self, *arguments, typed):
        """What the terminal showed, and the exit code."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(FORAD, [FORAD, "init", "--data", str(self.data), *arguments])
        os.write(terminal, typed.encode())
        shown = b""
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
        except OSError:
            pass  # the other side is closed: its end
        os.close(terminal)
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_for_the_kind(self):
        shown, code = self.answer(typed="vendor\nTinkerers\n\n")
        self.assertEqual(code, OK, shown)
        self.assertIn("Tinkerers support", shown)

    def test_for_a_kind_that_there_is(self):
        shown, code = self.answer(typed="shop\n")
        self.assertEqual(code, USAGE, shown)
        self.assertFalse(self.data.exists())

    def test_for_the_names(self):
        shown, code = self.answer("--kind", "community", typed="Tinkerers\n\n")
        self.assertEqual(code, OK, shown)
        self.assertIn("Name of the node", shown)
        self.assertIn("[Tinkerers]", shown)
        self.assertIn('name = "Tinkerers";', (self.data / "forad.conf").read_text())

    def test_nothing_when_told_so(self):
        shown, code = self.answer("--kind", "community", "--name", "T", "--yes", typed="")
        self.assertEqual(code, OK, shown)
        self.assertNotIn("first space [", shown)

    def test_end_of_input_makes_nothing(self):
        shown, code = self.answer("--kind", "vendor", typed="\x04")
        self.assertEqual(code, USAGE, shown)
        self.assertFalse(self.data.exists())


class Refuses(Case):
    """Nothing is changed, and the sentence says what to do."""

    def refuse(self, code, *arguments, says=()):
        before = self.tree()
        self.bad(code, "init", "--data", self.data, *arguments, says=says)
        self.assertEqual(self.tree(), before)

    def test_a_folder_that_holds_something(self):
        self.data.mkdir()
        (self.data / "letter").write_text("dear")
        self.refuse(LOCAL, "--kind", "vendor", "--name", "E", says=["not empty", "letter", self.data])

    def test_a_node_that_is_there(self):
        self.init()
        self.refuse(LOCAL, "--kind", "vendor", "--name", "E", says="not empty")

    def test_a_file(self):
        self.data.write_text("dear")
        self.refuse(LOCAL, "--kind", "vendor", "--name", "E", says=["is a file", self.data])

    def test_without_name_or_kind(self):
        self.refuse(USAGE, "--kind", "vendor", says="--name NAME")
        self.refuse(USAGE, "--name", "E", says="--kind vendor")

    def test_words_that_are_none(self):
        self.refuse(USAGE, "--kind", "vendors", "--name", "E", says="vendor or community")
        self.refuse(USAGE, "--knid", "vendor", "--name", "E", says="Did you mean --kind?")

    def test_names_that_are_none(self):
        for name in ("", "x" * 101, "a\nb", "a\x1b[31mb", "\u202eevil"):
            self.refuse(USAGE, "--kind", "vendor", "--name", name, says="100 bytes")

    def test_addresses_that_are_none(self):
        for address in ("localhost", "localhost:", "localhost:x", "localhost:70000", "::1:7150",
                        "a b:1", "[::1]", "foran1xxx@h:1", ":7150", "h:-1"):
            self.refuse(USAGE, "--kind", "vendor", "--name", "E", "--listen", address,
                        says=["--listen", address])
        self.refuse(USAGE, "--kind", "vendor", "--name", "E", "--address", "h:0",
                    says=["--address", "1 to 65535"])

    def test_products_that_are_none(self):
        self.refuse(USAGE, "--kind", "vendor", "--name", "E", "--product", "=1", says="--product")

    def test_a_place_where_nothing_can_be_made(self):
        self.bad(LOCAL, "init", "--data", "/proc/forad/x", "--kind", "vendor", "--name", "E",
                 says="/proc/forad")

    def test_a_full_disk(self):
        """A limit on file sizes fails the store's writes as a full disk does, at every size."""
        failed = 0
        for kib in (0, 1, 2, 4, 8, 16, 24, 32, 48, 64):
            before = self.tree()
            code, out, err = self.cramped(
                kib, "init", "--data", self.data, "--kind", "vendor", "--name", "E")
            if code == 0:
                break
            failed += 1
            self.assertEqual(code, LOCAL, err)
            self.assertEqual(err.count("\n"), 1, err)
            self.assertEqual(self.tree(), before, f"left behind at {kib} KiB: {err}")
        self.assertGreater(failed, 2)
        self.init(self.root / "later")


if __name__ == "__main__":
    main()
