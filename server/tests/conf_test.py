"""forad.conf and keys as a person may have left them: a sentence with file and line, no run."""

import re

from forad_case import DAMAGED, LOCAL, NOTFOUND, USAGE, Case, main


class Conf(Case):
    def setUp(self):
        super().setUp()
        self.init()
        self.conf = self.data / "forad.conf"

    def refuse(self, text, *says):
        self.conf.write_text(text)
        before = self.tree(self.data)
        self.bad(USAGE, "run", "--data", self.data, says=["forad.conf", *says])
        self.assertEqual(self.tree(self.data), before)

    def test_not_the_language(self):
        self.refuse('name = "E";\nlisten = [;\n', "line 2", "name = value;")
        self.refuse("\x7fELF\x01", "line 1")
        self.refuse('name = "E"; name = "F";', "line 1", "duplicate")

    def test_a_setting_that_there_is_not(self):
        for line, near in (("lisen = 1;", '"listen"'), ("registratoin = 1;", '"registration"'),
                           ("limits = { conections = 5; };", '"limits.connections"'),
                           ("conections = 5;", '"limits.connections"'),
                           ("log = { levle = 1; };", '"log.level"')):
            self.refuse('name = "E";\n\n' + line, "line 3", "is not a setting", near)

    def test_values_that_do_not_fit(self):
        for line, says in (
            ("name = 5;", "in quotes"),
            ('name = "";', "1 to 100"),
            ('listen = ["nowhere"];', "HOST:PORT"),
            ("listen = [];", "empty"),
            ("listen = 7150;", "list"),
            ('listen = ["a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1"];', "more than 8"),
            ('addresses = ["h:0"];', "1 to 65535"),
            ('registration = "maybe";', '"open", "closed"'),
            ("peering = true;", '"open", "approved", "closed"'),
            ("workers = -1;", "negative"),
            ("workers = 257;", "0 to 256"),
            ('workers = "two";', "number"),
            ("limits = { connections = 0; };", "1 to 1000000"),
            ('limits = { inflight = "16X"; };', '"64M"'),
            ('limits = { inflight = "1K"; };', "must be"),
            ("limits = 5;", "braces"),
            ('store = { map_limit = "99999T"; };', "must be"),
        ):
            self.refuse('name = "E";\n' + line if not line.startswith("name") else "\n" + line,
                        "line 2", says)

    def test_a_number_that_libconfig_would_turn_into_another(self):
        self.refuse('name = "E";\nworkers = 4294967297;', "line 2", "4294967297", "too large")

    def test_another_file_is_never_read(self):
        self.refuse('name = "E";\n@include "/etc/passwd"\n', "line 2", "@include")

    def test_no_name(self):
        self.refuse('listen = ["127.0.0.1:0"];', "name")

    def test_no_file(self):
        self.conf.unlink()
        self.bad(NOTFOUND, "run", "--data", self.data, says=["forad.conf is missing", "backup"])

    def test_no_folder(self):
        self.bad(NOTFOUND, "run", "--data", self.root / "none", says=["none", "forad init"])
        self.assertFalse((self.root / "none").exists())

    def test_every_setting_said_aloud_is_taken(self):
        """The template with its comments taken off is what is meant by default."""
        text = re.sub(r"(?m)^( *)# (\w+ = .*;)$", r"\1\2", self.conf.read_text())
        self.assertEqual(len(re.findall(r"(?m)^ *\w+ = .*;$", text)), 48)
        self.conf.write_text(text)
        self.assertEqual(self.run_node().stop(), 0)


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.init()
        self.keys = self.data / "keys"

    def refuse(self, code, *says):
        before = self.tree(self.data)
        self.bad(code, "run", "--data", self.data, says=["keys", *says])
        self.assertEqual(self.tree(self.data), before)

    def change(self, pattern, by):
        text = self.keys.read_text()
        changed = re.sub(pattern, by, text)
        self.assertNotEqual(text, changed)
        self.keys.write_text(changed)

    def test_readable_by_others(self):
        for mode in (0o640, 0o604, 0o644):
            self.keys.chmod(mode)
            self.refuse(LOCAL, f"{mode:03o}", "chmod 600")
        self.keys.chmod(0o600)
        self.assertEqual(self.run_node().stop(), 0)

    def test_missing(self):
        self.keys.unlink()
        self.bad(NOTFOUND, "run", "--data", self.data, says=["keys is missing", "backup"])

    def test_damaged(self):
        whole = self.keys.read_text()
        for pattern, by, says in (
            ("forad keys 1", "forad keys 2", "line 1"),
            ("(?m)^root .*", "root xyz", "line 5"),
            ("(?m)^noise (.*).$", r"noise \1", "32 bytes"),
            ("(?m)^node foran1.", "node foran1b", "foran1"),  # no id has a b
            ("(?m)^device .*\n", "", '"device" is missing'),
            ("(?m)^(custody .*)$", r"\1\n\1", "twice"),
            ("$", "\nsecond-root 00", "not a key"),
            ("(?s).*", "", "empty"),
            ("root", "ro\0ot", "not a text"),
        ):
            self.change(pattern, by)
            self.refuse(DAMAGED, says, "backup")
            self.keys.write_text(whole)

    def test_too_large(self):
        self.keys.write_text("#" * 20000)
        self.bad(1, "run", "--data", self.data, says="larger")

    def test_of_another_node(self):
        self.init(self.root / "other")
        self.keys.write_text((self.root / "other/keys").read_text())
        self.refuse(DAMAGED, "do not belong together")

    def test_one_key_of_another_node(self):
        self.change("(?m)^noise .*", "noise " + "11" * 32)
        self.refuse(DAMAGED, "do not belong together")
        self.change("(?m)^device .*", "device " + "22" * 32)
        self.refuse(DAMAGED, "do not belong together")


if __name__ == "__main__":
    main()
