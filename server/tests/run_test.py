"""forad run, and the commands that talk to it."""

import json
import re
import socket

from forad_case import CONNECT, CREDENTIALS, DAMAGED, LOCAL, NOTFOUND, REFUSED, USAGE, Case, main


class Running(Case):
    def setUp(self):
        super().setUp()
        self.made = self.init()
        self.node = self.run_node()

    def at(self, *arguments):
        return (*arguments, "--data", self.data, "--node", self.node.address)

    def test_status(self):
        status = self.json(*self.at("status"))
        self.assertEqual(status["node"], self.made["node"])
        self.assertEqual(status["name"], "Example")
        self.assertEqual(status["spaces"], 1)
        self.assertEqual(status["members"], 1)
        self.assertIn("Example is running at " + self.node.address, self.good(*self.at("status")))
        self.assertNotIn("\x1b", self.good(*self.at("status")))
        self.assertIn("\x1b", self.good(*self.at("status", "--color", "always")))

    def test_metrics(self):
        text = self.good(*self.at("status", "--metrics"))
        self.assertGreater(len(re.findall(r"(?m)^forad_\w+ \d+$", text)), 20)

    def test_peers(self):
        self.assertEqual(self.json(*self.at("peers"))["peers"], [])

    def test_spaces(self):
        made = self.json(*self.at("space", "create", "Wishes", "--kind", "ideas", "--slug", "wishes"))
        self.assertEqual(made["slug"], "wishes")
        for role in ("staff", "admin"):
            for command in ("grant", "revoke"):
                done = self.json(*self.at("space", command, "wishes", "admin", role))
                self.assertEqual(done["state"], "stored")
        node = self.made["node"]
        self.assertEqual(
            self.json(*self.at("space", "host", made["id"], node, "--succession", "2"))["state"],
            "stored")
        self.assertEqual(self.json(*self.at("space", "approve", "wishes", node))["state"], "stored")
        self.assertEqual(self.json(*self.at("status"))["spaces"], 2)

    def test_spaces_are_told_apart(self):
        """As by fora: a space has a short name, and one of the same name is not made by accident."""
        make = lambda *words: self.json(*self.at("space", "create", *words))
        made = make("Brew: tips & tricks")
        self.assertEqual(made["slug"], "brew-tips-tricks")
        self.json(*self.at("space", "grant", "brew-tips-tricks", "admin", "staff"))
        self.bad(USAGE, *self.at("space", "create", "Brew: tips & tricks"), says=[made["id"], "--slug"])
        self.bad(USAGE, *self.at("space", "create", "Another", "--slug", "brew-tips-tricks"),
                 says="short name")
        self.assertEqual(make("Brew: tips & tricks", "--slug", "tips")["slug"], "tips")
        self.assertEqual(make("Brew tips tricks")["slug"], "brew-tips-tricks-2")
        self.assertIn("in short other", self.good(*self.at("space", "create", "Other")))

    def test_spaces_that_are_none(self):
        self.bad(NOTFOUND, *self.at("space", "grant", "nowhere", "admin", "staff"),
                 says=["nowhere", "fora spaces"])
        self.bad(NOTFOUND, *self.at("space", "grant", "example-support", "nobody", "staff"),
                 says=["nobody", "handle"])
        self.bad(USAGE, *self.at("space", "grant", "example-support", "admin", "king"), says="staff")
        self.bad(USAGE, *self.at("space", "host", "example-support", "foran1x"), says="foran1")
        self.bad(USAGE, *self.at("space", "create", "X", "--slug", "NOT A SLUG"), says="a-z")

    def test_subscriptions(self):
        space = self.made["space"]["id"]
        self.assertEqual(self.json(*self.at("subscribe", space, "127.0.0.1:1", "--no-wait")),
                         {"ok": True})
        subscribed = self.json(*self.at("status"))["subscriptions"]
        self.assertEqual([(s["space"], s["address"]) for s in subscribed], [(space, "127.0.0.1:1")])
        self.assertEqual(self.json(*self.at("unsubscribe", space)), {"ok": True})
        self.assertEqual(self.json(*self.at("status"))["subscriptions"], [])
        self.bad(NOTFOUND, *self.at("unsubscribe", space), says="ABSENT")
        self.bad(USAGE, *self.at("subscribe", "help", "h:1"), says="foras1")
        self.bad(USAGE, *self.at("subscribe", space, "h:99999"), says="65535")

    def test_claim(self):
        secret = self.root / "secret"
        secret.write_text("correct horse\n")
        self.bad(NOTFOUND, *self.at("claim", "stackexchange:x:user:1", "ann"), "--password-file",
                 secret, says="ABSENT")
        self.bad(USAGE, *self.at("claim", "x", "Ann!"), "--password-file", secret, says="handle")
        secret.write_text("short\n")
        self.bad(USAGE, *self.at("claim", "x", "ann"), "--password-file", secret, says="10 to 1024")
        self.bad(LOCAL, *self.at("claim", "x", "ann"), "--password-file", self.root / "none",
                 says="none")

    def test_port_that_is_busy(self):
        self.init(self.root / "other")
        self.bad(LOCAL, "run", "--data", self.root / "other", "--listen", self.node.address,
                 says=[self.node.address, "in use", "listen"])

    def test_store_of_a_running_node(self):
        self.bad(LOCAL, "run", "--data", self.data, says=[str(self.node.process.pid), "stop it"])
        self.json(*self.at("status"))

    def test_stops_in_good_order_and_starts_again(self):
        self.assertEqual(self.node.stop(), 0)
        self.bad(CONNECT, *self.at("status"), says=["not running here", "forad run"])
        self.node = self.run_node()
        self.assertEqual(self.json(*self.at("status"))["node"], self.made["node"])

    def test_starts_again_after_a_kill(self):
        self.json(*self.at("space", "create", "Kept", "--slug", "kept"))
        self.node.kill()
        self.node = self.run_node()
        self.assertEqual(self.json(*self.at("status"))["spaces"], 2)

    def test_a_new_name_and_addresses_are_signed(self):
        self.node.stop()
        conf = self.data / "forad.conf"
        text = conf.read_text().replace('name = "Example"', 'name = "Renamed"')
        conf.write_text(text.replace("# addresses = []", 'addresses = ["support.example:7150"]'))
        before = self.json_of_start()
        after = self.json_of_start()
        self.assertEqual(before["name"], "Renamed")
        self.assertEqual(before["objects"], after["objects"], "signed again without a change")

    def json_of_start(self):
        self.node = self.run_node()
        status = self.json(*self.at("status"))
        self.assertEqual(self.node.stop(), 0)
        return status

    def test_another_node_at_the_address(self):
        self.init(self.root / "other")
        other = self.run_node(self.root / "other")
        err = self.bad(CONNECT, "status", "--data", self.data, "--node", other.address)
        self.assertIn("another node", err)

    def test_admin_keys_missing(self):
        (self.data / "admin/identity").unlink()
        self.bad(CREDENTIALS, *self.at("status"), says=["admin", "backup"])

    def test_not_a_node_at_all(self):
        """A listener that says nothing, then hangs up."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = "127.0.0.1:%d" % server.getsockname()[1]
            import threading

            def hang_up():
                connection, _ = server.accept()
                connection.recv(1)
                connection.close()

            thread = threading.Thread(target=hang_up)
            thread.start()
            self.bad(CONNECT, "status", "--data", self.data, "--node", address,
                     says="not running here")
            thread.join()

    def test_another_protocol(self):
        """A web server, say."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = "127.0.0.1:%d" % server.getsockname()[1]
            import threading

            def answer():
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
                    while connection.recv(4096):
                        pass

            thread = threading.Thread(target=answer)
            thread.start()
            self.bad(CONNECT, "status", "--data", self.data, "--node", address,
                     says=["does not speak as a node", "host and port"])
            thread.join()

    def test_garbage_does_not_end_it(self):
        host, port = self.node.address.rsplit(":", 1)
        for garbage in (b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 70000, b"\0" * 4096, b""):
            with socket.create_connection((host, int(port))) as connection:
                try:
                    connection.sendall(garbage)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                except OSError:
                    pass
        self.assertEqual(self.json(*self.at("status"))["node"], self.made["node"])


class NotRunning(Case):
    def test_every_command_that_needs_it_says_so(self):
        made = self.init()
        commands = (
            ("status",), ("peers",), ("subscribe", made["space"]["id"], "h:1"),
            ("unsubscribe", made["space"]["id"]), ("space", "create", "X"),
            ("space", "grant", "x", "y", "staff"), ("space", "revoke", "x", "y", "staff"),
            ("space", "host", "x", made["node"]), ("space", "approve", "x", made["node"]),
            ("claim", "x", "y", "--password-file", "/dev/null"))
        for command in commands:
            self.bad(CONNECT, *command, "--data", self.data, says=["not running here", "forad run"])
        self.assertEqual(len(commands), 10)

    def test_store_that_is_not_there(self):
        self.init()
        (self.data / "store/data.mdb").unlink()
        self.bad(NOTFOUND, "run", "--data", self.data, says="store")

    def test_store_that_is_garbage(self):
        self.init()
        (self.data / "store/data.mdb").write_bytes(b"dear diary" * 1000)
        self.bad(DAMAGED, "run", "--data", self.data, says=["data.mdb", "backup"])

    def test_store_that_was_cut_off(self):
        self.init()
        path = self.data / "store/data.mdb"
        path.write_bytes(path.read_bytes()[:20000])
        self.bad(DAMAGED, "run", "--data", self.data, says="store")

    def test_keys_or_settings_that_are_lost(self):
        """A node was here: to make a new one is no advice."""
        self.init()
        for name in ("keys", "forad.conf"):
            (self.data / name).rename(self.root / name)
            err = self.bad(NOTFOUND, "run", "--data", self.data, says=[name, "missing", "backup"])
            self.assertNotIn("forad init", err)
            (self.root / name).rename(self.data / name)

    def test_address_of_another_machine(self):
        self.init()
        self.bad(LOCAL, "run", "--data", self.data, "--listen", "192.0.2.1:7150",
                 says=["192.0.2.1:7150", "this machine does not have", "forad.conf"])

    def test_address_of_no_machine(self):
        self.init()
        self.bad(USAGE, "run", "--data", self.data, "--listen", "host.invalid:1", says="host.invalid")


class CommandLine(Case):
    def test_help(self):
        overview = self.good("help")
        groups = [line for line in overview.splitlines()
                  if line.endswith(":") and not line.startswith(" ")]
        self.assertEqual(len(groups), len(set(groups)), groups)
        commands = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  ", overview)
        self.assertGreater(len(commands), 14)
        for command in commands:
            text = self.good(*command.split(), "--help")
            self.assertTrue(text.startswith("Usage: forad " + command), text)
            self.assertEqual(text, self.good("help", *command.split()))

    def test_unknown_command(self):
        self.bad(USAGE, "statsu", says="Did you mean status?")
        self.bad(USAGE, "space", "gran", says='"space grant"')
        self.bad(USAGE, "run", "now", says='"now"')
        self.bad(USAGE, "status", "--metric", says="--metrics")

    def test_version(self):
        self.assertRegex(self.good("--version"), r"^forad \d+\.\d+\.\d+\n$")

    def test_generate(self):
        self.good("generate", "man", self.root / "man")
        pages = sorted(p.name for p in (self.root / "man").iterdir())
        self.assertIn("forad.8", pages)
        self.assertIn("forad-space-grant.8", pages)
        conf = (self.root / "man/forad.conf.5").read_text()
        self.assertGreater(conf.count("Default: "), 15)
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("forad", self.good("generate", "completion", shell))
        code, _, err = self.forad("generate", "completion", "csh")
        self.assertEqual(code, USAGE, err)

    def test_status_as_json_parses(self):
        self.init()
        node = self.run_node()
        text = self.good("status", "--data", self.data, "--node", node.address, "--json")
        self.assertIn("uptime_ms", json.loads(text))


if __name__ == "__main__":
    main()
