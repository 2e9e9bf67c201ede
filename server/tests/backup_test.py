"""forad backup of a running node, and forad restore."""

import shutil

from forad_case import DAMAGED, LOCAL, NOTFOUND, Case, main


class Backup(Case):
    def setUp(self):
        super().setUp()
        self.made = self.init()
        self.copy = self.root / "copy"

    def status(self, data, node):
        return self.json("status", "--data", data, "--node", node.address)

    def test_of_a_running_node(self):
        node = self.run_node()
        self.json("space", "create", "One", "--slug", "one", "--data", self.data, "--node", node.address)
        before = self.status(self.data, node)
        self.assertEqual(self.json("backup", self.copy, "--data", self.data),
                         {"folder": str(self.copy)})
        self.json("space", "create", "Two", "--slug", "two", "--data", self.data, "--node", node.address)
        self.assertEqual(self.status(self.data, node)["spaces"], 3)
        self.assertEqual(node.stop(), 0)

        self.good("restore", self.copy, "--data", self.root / "restored")
        restored = self.run_node(self.root / "restored")
        after = self.status(self.root / "restored", restored)
        for key in ("node", "name", "objects", "spaces", "members"):
            self.assertEqual(after[key], before[key], key)
        self.json("space", "create", "Three", "--data", self.root / "restored", "--node",
                  restored.address)

    def test_only_its_owner_can_read_it(self):
        self.good("backup", self.copy, "--data", self.data)
        looked_at = 0
        for path in [self.copy, *self.copy.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
            looked_at += 1
        self.assertGreaterEqual(looked_at, 8)

    def test_epoch_is_new(self):
        """The peers of a restored node must not believe that they know what comes next."""
        self.good("backup", self.copy, "--data", self.data)
        self.good("restore", self.copy, "--data", self.root / "a")
        self.good("restore", self.copy, "--data", self.root / "b")
        stores = [(p / "store/data.mdb").read_bytes()
                  for p in (self.copy, self.root / "a", self.root / "b")]
        self.assertEqual(len(set(stores)), 3)

    def test_into_a_folder_that_holds_something(self):
        self.copy.mkdir()
        (self.copy / "letter").write_text("dear")
        before = self.tree(self.copy)
        self.bad(LOCAL, "backup", self.copy, "--data", self.data, says=["not empty", "letter"])
        self.assertEqual(self.tree(self.copy), before)

    def test_onto_a_node(self):
        self.good("backup", self.copy, "--data", self.data)
        before = self.tree(self.data)
        self.bad(LOCAL, "restore", self.copy, "--data", self.data, says="not empty")
        self.assertEqual(self.tree(self.data), before)

    def test_of_what_is_no_backup(self):
        self.bad(NOTFOUND, "restore", self.root / "none", "--data", self.root / "new",
                 says=["none", "no backup", "forad backup"])
        self.good("backup", self.copy, "--data", self.data)
        (self.copy / "store/data.mdb").write_bytes(b"x" * 9000)
        self.bad(DAMAGED, "restore", self.copy, "--data", self.root / "new", says="data.mdb")
        # Cut: the sentence names it, and not the folder in which the node was being built.
        store = self.copy / "store/data.mdb"
        store.unlink()
        shutil.rmtree(self.copy)
        self.good("backup", self.copy, "--data", self.data)
        whole = store.read_bytes()
        store.write_bytes(whole[:len(whole) // 2])
        code, _, err = self.forad("restore", self.copy, "--data", self.root / "new")
        self.assertEqual(code, DAMAGED)
        self.assertIn(f"{store} was cut off", err)
        self.assertNotIn("new.new", err)
        store.unlink()
        self.bad(NOTFOUND, "restore", self.copy, "--data", self.root / "new",
                 says=["no backup", "data.mdb"])
        self.assertEqual(sorted(p.name for p in self.root.iterdir()), ["copy", "node"])

    def test_full_disk(self):
        before = self.tree(self.data)
        failed = 0
        for kib in (0, 1, 4, 16, 40):
            code, _, err = self.cramped(kib, "backup", self.copy, "--data", self.data)
            if code != 0:
                failed += 1
                self.assertEqual(code, LOCAL, err)
                self.assertEqual(err.count("\n"), 1, err)
                self.assertFalse(self.copy.exists())
        self.assertGreater(failed, 2)
        self.assertEqual(self.tree(self.data), before)


if __name__ == "__main__":
    main()
