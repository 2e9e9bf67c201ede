"""The armour of forad run: what it gives up, what still works, and what the log never says."""

import base64
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import unittest

from forad_case import FORAD, LOCAL, Case, main
from memory import places
from refuse import can_refuse, has_landlock, has_seccomp
from secret_forms import forms
from unit_calls import can_load

FORA = os.environ.get("FORA")
SANITIZED = re.search(rb"__[at]san_init", pathlib.Path(FORAD).read_bytes()) is not None


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"(?m)^(\w+):\s*(.*)$", text))


def limits_of(pid):
    return pathlib.Path(f"/proc/{pid}/limits").read_text()


class Armour(Case):
    def test_what_is_given_up(self):
        self.init()
        node = self.run_node()
        status = status_of(node.process.pid)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertRegex(limits_of(node.process.pid), r"Max core file size +0 +0 ")
        armour = re.search(r"armour: (.*?), seccomp ([\w ]+), Landlock ([\w ]+)\"", node.log_text())
        self.assertIsNotNone(armour, node.log_text())
        # Builds with sanitizers and old kernels do without, and say so: nobody else.
        self.assertEqual(armour[2], "on" if has_seccomp() and not SANITIZED else "not here")
        self.assertEqual(armour[3], "on" if has_landlock() else "not here")
        self.assertEqual(status["Seccomp"], "2" if armour[2] == "on" else "0")
        self.assertEqual(node.stop(), 0)

    def with_kernel(self, what, error):
        return sys.executable, str(pathlib.Path(__file__).with_name("refuse.py")), what, error

    @unittest.skipUnless(can_refuse() and not SANITIZED, "no kernel can be made up here")
    def test_what_the_kernel_refuses_ends_the_start(self):
        self.init()
        run = ("run", "--data", self.data)
        self.bad(LOCAL, *run, prefix=self.with_kernel("seccomp", "EPERM"),
                 says=("seccomp", "sandbox"))
        if has_landlock():
            self.bad(LOCAL, *run, prefix=self.with_kernel("landlock", "EPERM"),
                     says=("Landlock", "sandbox"))
        # Who asked for no sandbox is not asked for it.
        conf = self.data / "forad.conf"
        conf.write_text(conf.read_text().replace('# sandbox = "on";', 'sandbox = "off";'))
        node = self.run_node(prefix=self.with_kernel("seccomp", "EPERM"))
        self.assertIn("seccomp off, Landlock off", node.log_text())

    @unittest.skipUnless(can_refuse() and not SANITIZED, "no kernel can be made up here")
    def test_what_the_kernel_lacks_is_done_without(self):
        self.init()
        node = self.run_node(prefix=self.with_kernel("seccomp", "EINVAL"))
        self.assertIn("seccomp not here, Landlock", node.log_text())
        self.assertEqual(node.stop(), 0)
        node = self.run_node(prefix=self.with_kernel("landlock", "ENOSYS"))
        self.assertIn("seccomp on, Landlock not here", node.log_text())
        self.assertEqual(node.stop(), 0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can look into the node's memory")
    @unittest.skipIf(SANITIZED, "sanitizers take mlock away")
    def test_keys_are_locked(self):
        self.init()
        node = self.run_node()
        keys = {name: bytes.fromhex(value) for name, value in re.findall(
            r"(?m)^([\w-]+) ([0-9a-f]{64})$", (self.data / "keys").read_text())}
        self.assertEqual(set(keys), {"root", "next-root", "device", "noise", "custody"})
        self.each_copy_is_locked(node, keys)
        # Nor does work leave copies about: connections, a member whose keys the node keeps.
        self.good("status", "--data", self.data, "--node", node.address)
        password = self.root / "password"
        password.write_text("correct horse battery staple\n")
        for arguments in (
                ("--node", node.address, "register", "ann", "--name", "Ann",
                 "--password-file", password),
                ("ask", "Why?", "--text", "Because?")):
            subprocess.run([FORA, "--home", str(self.root / "ann"), *map(str, arguments)],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120, check=True)
        self.each_copy_is_locked(node, keys)

    def each_copy_is_locked(self, node, keys):
        try:
            found = places(node.process.pid, keys)
        except PermissionError:
            self.skipTest("this root cannot look into the memory of others")
        for name, locked in found.items():
            self.assertTrue(locked, f"{name} is not in the node's memory")
            self.assertTrue(all(locked), f"{locked.count(False)} of {len(locked)} copies of "
                            f"{name} are not locked")

    @unittest.skipUnless(can_load() and has_seccomp() and not SANITIZED, "no systemd-analyze here")
    def test_under_the_calls_of_its_unit(self):
        """What systemd leaves it suffices for its own armour, and for its work."""
        self.init()
        unit = pathlib.Path(__file__).parents[1] / "systemd" / "forad.service.in"
        node = self.run_node(prefix=(
            sys.executable, str(pathlib.Path(__file__).with_name("unit_calls.py")), str(unit)))
        self.assertIn("seccomp on, Landlock " + ("on" if has_landlock() else "not here"),
                      node.log_text())
        count = [int(status_of(pid)["Seccomp_filters"]) for pid in (node.process.pid, "self")]
        self.assertEqual(count[0], count[1] + 2)  # the unit's, and its own on top
        self.good("status", "--data", self.data, "--node", node.address)
        self.assertEqual(node.stop(), 0)

    def test_switched_off(self):
        self.init()
        conf = self.data / "forad.conf"
        text = conf.read_text()
        self.assertIn('# sandbox = "on";', text)
        conf.write_text(text.replace('# sandbox = "on";', 'sandbox = "off";'))
        node = self.run_node()
        self.assertIn("seccomp off, Landlock off", node.log_text())
        self.assertEqual(status_of(node.process.pid)["Seccomp"], "0")

    def test_its_own_user_does_not_read_its_memory(self):
        """What is in /proc about a process that is not to be dumped belongs to root."""
        self.init()
        user, prefix = os.geteuid(), ()
        if user == 0:
            nobody = self.give_to_nobody()
            user = nobody.pw_uid
            # Where the program lies nobody may not come.
            program = shutil.copy(FORAD, self.root / "forad")
            prefix = (sys.executable, "-c", "import os, sys; os.setgroups([]); "
                      f"os.setgid({nobody.pw_gid}); os.setuid({user}); "
                      "os.execv(sys.argv[1], sys.argv[2:])", program)
        node = self.run_node(prefix=prefix)
        folder = pathlib.Path(f"/proc/{node.process.pid}")
        self.assertEqual(folder.stat().st_uid, user)
        for name in ("mem", "maps", "environ"):
            self.assertNotEqual((folder / name).stat().st_uid, user, name)

    def give_to_nobody(self):
        """The node's folder; that of the test is open to her, so that she reaches it."""
        user = pwd.getpwnam("nobody")
        os.chmod(self.root, 0o777)
        for path in [self.data, *self.data.rglob("*")]:
            shutil.chown(path, user.pw_uid, user.pw_gid)
        return user

    def become_nobody(self):
        conf = self.data / "forad.conf"
        conf.write_text(conf.read_text().replace('# user = "";', 'user = "nobody";'))
        return self.give_to_nobody()

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_another_user(self):
        self.init()
        user = self.become_nobody()
        node = self.run_node()
        status = status_of(node.process.pid)
        self.assertEqual(set(status["Uid"].split()), {str(user.pw_uid)})
        self.assertEqual(set(status["Gid"].split()), {str(user.pw_gid)})
        self.assertEqual(status["Groups"].split(), [str(user.pw_gid)])
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertIn("armour: no root", node.log_text())
        self.good("status", "--data", self.data, "--node", node.address)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_root_reads_no_key(self):
        """Keys that root alone can read are read by nobody: it is root no more by then."""
        self.init()
        self.become_nobody()
        shutil.chown(self.data / "keys", 0, 0)
        self.assertEqual((self.data / "keys").stat().st_mode & 0o777, 0o600)
        self.bad(LOCAL, "run", "--data", self.data, says=(self.data / "keys", "Permission denied"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_user_who_is_none(self):
        self.init()
        conf = self.data / "forad.conf"
        conf.write_text(conf.read_text().replace('# user = "";', 'user = "nobody-here";'))
        code, _, err = self.forad("run", "--data", self.data)
        self.assertNotEqual(code, 0)
        self.assertIn("nobody-here", err)


class Work(Case):
    """All that a node is asked for works under the armour, and no key gets into the log."""

    def fora(self, *arguments, home):
        done = subprocess.run(
            [FORA, "--home", str(home), *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=120)
        self.assertEqual(done.returncode, 0, f"fora {arguments}: {done.stderr}")
        return done.stdout

    def secrets(self, data):
        """Every value of 32 bytes in the key files, by its name."""
        found = {}
        for path in [data / "keys", *(data / "admin").rglob("*")]:
            if path.is_file():
                for name, value in re.findall(
                        r"(?m)^([\w-]+)\s+([0-9a-f]{64})$", path.read_text(errors="replace")):
                    found[f"{path.name}: {name}"] = bytes.fromhex(value)
        return found

    def test_jobs_and_log(self):
        made = self.init()
        node = self.run_node(None, "--log-level", "debug")
        password = "correct horse battery staple"
        secret_file = self.root / "password"
        secret_file.write_text(password + "\n")
        ann = self.root / "ann"
        self.fora("--node", node.address, "register", "ann", "--name", "Ann",
                  "--password-file", secret_file, home=ann)
        self.fora("ask", "Why?", "--text", "Because?", home=ann)
        # Lists may be some moments behind what was stored.
        self.until(lambda: "Why?" in self.fora("threads", home=ann), "the list has no thread")
        at = ("--data", self.data, "--node", node.address)
        self.good("space", "create", "Wishes", "--kind", "ideas", "--slug", "wishes", *at)
        self.good("status", "--metrics", *at)
        self.good("peers", *at)
        self.good("backup", "--data", self.data, self.root / "backup")
        dump = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo-data"
        self.good("import", "stackexchange", dump, *at)
        # Another node fetches it, through a name that has to be resolved.
        other = self.root / "other"
        self.init(other)
        second = self.run_node(other, "--log-level", "debug")
        port = node.address.rsplit(":", 1)[1]
        self.good("subscribe", made["space"]["id"], f"{made['node']}@localhost:{port}",
                  "--data", other, "--node", second.address)
        self.until(lambda: self.json("status", "--data", other, "--node", second.address)[
            "objects"] > 8, "nothing comes from the other node")
        self.assertEqual(node.stop(), 0)
        self.assertEqual(second.stop(), 0)
        looked = 0
        log = node.log_text() + second.log_text()
        self.assertIn("listening on", log)
        self.assertNotIn(password, log)
        for data in (self.data, other):
            for name, secret in self.secrets(data).items():
                planted = f"key={secret.hex()} or {base64.b64encode(secret).decode()}"
                self.assertTrue(any(form in planted for form in forms(secret)))
                for form in forms(secret):
                    self.assertNotIn(form, log, f"the log holds {name}")
                    looked += 1
        self.assertGreater(looked, 60)
        self.good("restore", self.root / "backup", "--data", self.root / "again")
        self.good("fsck", "--data", self.root / "again")


if __name__ == "__main__":
    main()
