"""Domains and handles (spec 3b): a node, and web servers on loopback with a CA of their own.

Names below .localhost are this machine's without anybody's help. That they lie on loopback is what
DOM-4 forbids unless domains.private allows it.
"""

import http.server
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import unittest
import urllib.parse

from forad_case import CREDENTIALS, NOTFOUND, OK, PATIENCE, REFUSED, USAGE, Case, main

DOMAIN = "vendor.localhost"


class Web:
    """One HTTPS server; `pages` maps a path with its query to (status, headers, body)."""

    def __init__(self, certificate, key):
        self.pages, self.seen = {}, []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.seen.append(self.path)
                status, headers, body = web.pages.get(self.path, (404, {}, b"nothing"))
                if callable(body):
                    return body(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # it has read enough

            def log_message(self, *arguments):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *about: None  # who asked hung up, as it should
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(shutil.which("openssl"), "openssl is absent")
class Domains(Case):
    def setUp(self):
        super().setUp()
        self.ca = self.authority("ca")
        self.certify("ca", "web", DOMAIN)
        self.web = self.serve("web")
        self.made = self.init()
        self.configure(self.data, domain=DOMAIN)

    # ---- certificates and servers ----

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=self.root, check=True,
                       capture_output=True, timeout=PATIENCE)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj",
                     f"/CN={name}")
        return self.root / f"{name}.pem"

    def certify(self, authority, name, domain):
        (self.root / f"{name}.ext").write_text(f"subjectAltName=DNS:{domain}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={domain}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                     f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
                     "-out", f"{name}.pem")

    def serve(self, name):
        web = Web(self.root / f"{name}.pem", self.root / f"{name}.key")
        self.addCleanup(web.close)
        return web

    # ---- the node ----

    def configure(self, data, domain="", private="on", ca=None, port=None, check="on"):
        conf = data / "forad.conf"
        text = re.sub(r"(?ms)^domain = .*?;\n|^domains = \{.*?^\};\n", "", conf.read_text())
        text = re.sub(r"(?m)^# domain = .*\n", "", text)
        text = re.sub(r"(?ms)^domains = \{.*?\};\n", "", text)
        text += f'domain = "{domain}";\n' if domain else ""
        text += (f'domains = {{ private = "{private}"; port = {port or self.web.port}; '
                 f'ca_file = "{ca or self.ca}"; check = "{check}"; }};\n')
        conf.write_text(text)

    def document(self, node=None, **more):
        text = json.dumps({"version": 1, "node": node or self.made["node"], **more})
        self.web.pages["/.well-known/fora"] = (200, {}, text.encode())

    def check(self, name=DOMAIN):
        return self.json("domain", "check", name, "--data", self.data)

    def no(self, *says, name=DOMAIN):
        self.bad(NOTFOUND, "domain", "check", name, "--data", self.data, says=[name, *says])

    def until_proven(self, data, node):
        self.until(lambda: any(row["node"] == node and row["proven"] for row in
                               self.json("domain", "list", "--data", data)["domains"]), "not proven")

    # ---- the tests ----

    def test_DOM_3_a_running_node_proves_its_domain(self):
        """With its armour on."""
        self.document()
        node = self.run_node()
        self.until_proven(self.data, self.made["node"])
        self.assertEqual(self.web.seen, ["/.well-known/fora"])
        at = ["--data", self.data, "--node", node.address]
        status = self.json("status", *at)
        self.assertEqual((status["domain"], status["domain_proven"]), (DOMAIN, True))
        self.assertIn(f"{DOMAIN}, proven", self.good("status", *at))
        self.assertTrue(self.check()["proven"])
        self.assertEqual(node.stop(), OK)
        # It is not asked again after a restart: the day is not over.
        asked = len(self.web.seen)
        node = self.run_node()
        self.json("status", "--data", self.data, "--node", node.address)
        self.assertEqual(node.stop(), OK)
        self.assertEqual(len(self.web.seen), asked)

    def test_DOM_3_one_side_is_a_claim(self):
        self.document()
        self.configure(self.data, domain="other.localhost", check="off")
        self.assertEqual(self.run_node().stop(), OK)
        found = self.check()
        self.assertEqual((found["found"], found["proven"]), (self.made["node"], False))
        rows = self.json("domain", "list", "--data", self.data)["domains"]
        self.assertEqual([(r["domain"], r["proven"]) for r in rows], [("other.localhost", False)])
        self.assertIn("claimed", self.good("domain", "list", "--data", self.data))

    def test_DOM_3_a_peer_is_shown_with_its_domain(self):
        self.document()
        other = self.root / "other"
        self.init(other)
        self.configure(other)
        node = self.run_node()
        watcher = self.run_node(other)
        self.json("subscribe", self.made["space"]["id"], f"{self.made['node']}@{node.address}",
                  "--data", other, "--node", watcher.address)
        self.json("domain", "check", DOMAIN, "--data", other)
        self.until_proven(other, self.made["node"])
        at = ["--data", other, "--node", watcher.address]
        row = next(r for r in self.json("peers", *at)["peers"] if r["node"] == self.made["node"])
        self.assertEqual((row["domain"], row["domain_proven"]), (DOMAIN, True))
        self.assertIn(f"{DOMAIN}, proven", self.good("peers", *at))

    def test_DOM_4_no_request_into_the_own_network(self):
        self.document()
        self.configure(self.data, domain=DOMAIN, private="off")
        self.no("inside a network")
        self.assertEqual(self.web.seen, [])
        self.configure(self.data, domain=DOMAIN)
        self.check()
        self.assertEqual(len(self.web.seen), 1)

    def test_DOM_4_the_certificate_must_hold(self):
        self.document()
        self.configure(self.data, domain=DOMAIN, ca=self.authority("stranger"))
        self.no("certificate")
        self.certify("ca", "wrong", "somebody.localhost")
        self.configure(self.data, domain=DOMAIN, port=self.serve("wrong").port)
        self.no("certificate")
        self.assertEqual(self.web.seen, [])

    def test_DOM_4_what_is_no_answer(self):
        path = "/.well-known/fora"
        self.no("404")
        self.web.pages[path] = (500, {}, b"")
        self.no("500")
        self.web.pages[path] = (200, {}, b"x" * 20000)
        self.no("16,384")
        self.web.pages[path] = (200, {"Content-Length": "99999999"}, b"x")
        self.no("16,384")
        self.web.pages[path] = (200, {}, b"<html>")
        self.no("not JSON")
        self.web.pages[path] = (200, {}, b'{"version": 1, "node": "foran1x"}')
        self.no("foran1")
        # A redirect is not followed, wherever it leads.
        self.document()
        self.web.pages["/moved"] = self.web.pages[path]
        self.web.pages[path] = (302, {"Location": f"https://{DOMAIN}:{self.web.port}/moved"}, b"")
        self.no("redirect")
        self.assertNotIn("/moved", self.web.seen)
        self.document()
        self.check()

    def test_DOM_4_who_answers_slowly_is_left(self):
        ended = threading.Event()
        self.addCleanup(ended.set)

        def trickle(handler):
            handler.send_response(200)
            handler.end_headers()
            try:
                while not ended.wait(0.2):
                    handler.wfile.write(b" ")
            except OSError:
                pass

        self.web.pages["/.well-known/fora"] = (200, {}, trickle)
        self.no("too long")

    def test_DOM_4_proxies_of_the_environment_are_not_asked(self):
        self.document()
        proxy = {"https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        out = self.good("domain", "check", DOMAIN, "--data", self.data, env=proxy)
        self.assertIn(self.made["node"], out)

    def test_DOM_5_what_was_found_outlives_a_failure_but_not_a_denial(self):
        self.document()
        first = self.check()
        self.web.pages["/.well-known/fora"] = (503, {}, b"")
        again = self.check()
        self.assertEqual((again["found"], again["found_at"]), (first["found"], first["found_at"]))
        self.assertIn("503", again["why"])
        del self.web.pages["/.well-known/fora"]
        self.no("404")
        # Another node, and the proof is gone at once.
        self.document()
        self.assertEqual(self.run_node().stop(), OK)
        self.assertTrue(self.check()["proven"])
        self.document(node=self.init(self.root / "other")["node"])
        self.assertFalse(self.check()["proven"])
        self.assertFalse(self.json("domain", "list", "--data", self.data)["domains"][0]["proven"])

    def test_DOM_5_a_running_node_asks_again_when_the_day_is_over(self):
        self.document()
        member, handle = self.made["admin"], f"@admin@{DOMAIN}"
        path = f"/.well-known/webfinger?resource=acct%3Aadmin%40{DOMAIN}"
        link = {"rel": "self", "type": "application/vnd.fora.principal", "href": f"fora:{member}"}
        answer = {"subject": f"acct:admin@{DOMAIN}", "links": [link]}
        self.web.pages[path] = (200, {}, json.dumps(answer).encode())
        self.check()
        self.check(handle)
        cache = self.data / "domains"
        known = json.loads(cache.read_text())
        for entry in known["domains"]:
            entry["checked_at"] -= 25 * 60 * 60 * 1000
        cache.write_text(json.dumps(known))
        self.web.seen.clear()
        node = self.run_node()
        self.until(lambda: len(self.web.seen) >= 2, "not asked again")
        self.assertEqual(sorted(self.web.seen), ["/.well-known/fora", path])
        self.assertEqual(node.stop(), OK)
        # What is damaged is had again.
        cache.write_text("{")
        self.assertEqual(self.check(handle)["found"], member)

    def test_DOM_6_and_7_a_handle_is_found_and_confirmed(self):
        self.assertEqual(self.run_node().stop(), OK)
        site = self.root / "site"
        self.assertEqual(self.json("domain", "export", site, "--data", self.data)["members"], 1)
        known = site / ".well-known"
        self.assertEqual(known.joinpath("fora").stat().st_mode & 0o777, 0o644)
        body = known.joinpath("webfinger", "admin.json").read_bytes()
        resource = urllib.parse.quote(f"acct:admin@{DOMAIN}", safe="")
        self.web.pages[f"/.well-known/webfinger?resource={resource}"] = (200, {}, body)
        handle = f"@admin@{DOMAIN}"
        found = self.check(handle)
        self.assertEqual(found["found"], self.made["admin"])
        self.assertFalse(found["confirmed"])  # the domain is not proven yet
        self.web.pages["/.well-known/fora"] = (200, {}, known.joinpath("fora").read_bytes())
        self.check()
        self.assertTrue(self.check(handle)["confirmed"])
        self.assertIn("confirmed", self.good("domain", "check", handle, "--data", self.data))
        self.no("404", name=f"@nobody@{DOMAIN}")
        # An answer about somebody else is none.
        other = urllib.parse.quote(f"acct:eve@{DOMAIN}", safe="")
        self.web.pages[f"/.well-known/webfinger?resource={other}"] = (200, {}, body)
        self.no("not the handle", name=f"@eve@{DOMAIN}")

    # ---- through the node ----

    def finger(self, name, member, subject=None):
        """What the domain says of a handle; the path at which it does."""
        path = f"/.well-known/webfinger?resource=acct%3A{name}%40{DOMAIN}"
        link = {"rel": "self", "type": "application/vnd.fora.principal", "href": f"fora:{member}"}
        answer = {"subject": subject or f"acct:{name}@{DOMAIN}", "links": [link]}
        self.web.pages[path] = (200, {}, json.dumps(answer).encode())
        return path

    def fora(self, home, node, *arguments, expected=OK):
        """A run of the client: what it says in JSON, and on standard error."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FORA_")}
        done = subprocess.run(
            [os.environ["FORA"], "--home", str(home), "--node", node.address, "--json",
             *map(str, arguments)],
            stdin=subprocess.DEVNULL, env=environment, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        if expected is not None:
            self.assertEqual(done.returncode, expected, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout else None, done.stderr

    def admin(self, node, *arguments, **options):
        return self.fora(self.data / "admin", node, *arguments, **options)

    def fingers(self):
        return [path for path in self.web.seen if "webfinger" in path]

    def test_DOM_8_a_member_finds_others_through_her_node(self):
        self.document()
        self.finger("boss", self.made["admin"])
        node = self.run_node()
        self.until_proven(self.data, self.made["node"])
        # Written as people write it, and asked once: then it is remembered.
        for name in (f"boss@{DOMAIN}", f"@boss@{DOMAIN}", f"boss@{DOMAIN.upper()}"):
            shown, said = self.admin(node, "identity", "show", name)
            self.assertEqual(shown["member"], self.made["admin"])
            self.assertIn(f"{name} is {self.made['admin']}: confirmed", said)
        rows, said = self.admin(node, "reputation", "show", f"boss@{DOMAIN}")
        self.assertEqual(rows, [])
        self.assertIn("confirmed", said)
        self.assertEqual(len(self.fingers()), 1)
        self.assertEqual(node.stop(), OK)

    def test_DOM_8_the_word_of_the_domain_alone_is_shown_as_that(self):
        self.document()
        other = self.init(self.root / "other")
        self.finger("eve", other["admin"])  # whose log is not here
        node = self.run_node()
        _, said = self.admin(node, "identity", "show", f"eve@{DOMAIN}", expected=NOTFOUND)
        self.assertIn(f"is {other['admin']}: the domain says so, and nothing confirms it", said)
        # The document names another node: the log of the home alone proves nothing.
        self.assertEqual(node.stop(), OK)
        (self.data / "domains").unlink()
        self.document(node=other["node"])
        self.finger("boss", self.made["admin"])
        node = self.run_node()
        shown, said = self.admin(node, "identity", "show", f"boss@{DOMAIN}")
        self.assertEqual(shown["member"], self.made["admin"])
        self.assertIn("nothing confirms it", said)

    def test_DOM_8_whatever_the_reason_the_answer_is_the_same(self):
        self.document()
        self.finger("liar", self.made["admin"], subject=f"acct:else@{DOMAIN}")
        slow = f"/.well-known/webfinger?resource=acct%3Aslow%40{DOMAIN}"
        self.web.pages[slow] = (503, {}, b"")
        node = self.run_node()
        tails = set()
        for name in (f"nobody@{DOMAIN}", f"liar@{DOMAIN}", f"slow@{DOMAIN}", "ann@127.0.0.2.localhost",
                     "ann@no-such-host.invalid"):
            _, said = self.admin(node, "identity", "show", name, expected=NOTFOUND)
            tails.add(said.split(": ", 2)[2].replace(name.split("@")[1], "DOMAIN"))
        self.assertEqual(tails, {"DOMAIN names no such member, or could not be asked.\n"})
        # What was not found is not asked for again before its time.
        asked = len(self.fingers())
        self.admin(node, "identity", "show", f"nobody@{DOMAIN}", expected=NOTFOUND)
        self.assertEqual(len(self.fingers()), asked)
        self.admin(node, "identity", "show", "ann@nowhere", expected=REFUSED)
        self.admin(node, "identity", "show", "ann@", expected=USAGE)

    def test_DOM_8_never_into_the_nodes_own_network(self):
        self.document()
        self.finger("boss", self.made["admin"])
        self.configure(self.data, domain=DOMAIN, private="off")
        node = self.run_node()
        _, said = self.admin(node, "identity", "show", f"boss@{DOMAIN}", expected=NOTFOUND)
        self.assertIn("could not be asked", said)
        self.assertEqual(self.web.seen, [])
        self.assertEqual(node.stop(), OK)
        self.configure(self.data, domain=DOMAIN, check="off")
        node = self.run_node()
        _, said = self.admin(node, "identity", "show", f"boss@{DOMAIN}", expected=NOTFOUND)
        self.assertIn("asks no domains", said)

    def test_DOM_8_for_its_own_members_only_and_not_too_often(self):
        self.document()
        self.finger("boss", self.made["admin"])
        node = self.run_node()
        name = f"boss@{DOMAIN}"
        _, said = self.fora(self.root / "nobody", node, "identity", "show", name, expected=CREDENTIALS)
        self.assertIn("for its own members only", said)
        # A member of another node proves who she is here, and is none of its members all the same.
        other = self.root / "other"
        self.init(other)
        self.configure(other)
        there = self.run_node(other)
        guest = self.root / "guest"
        self.fora(guest, there, "register", "guest", "--self-custody", "--no-passphrase")
        self.fora(guest, node, "login", "guest", "--self-custody", expected=None)
        _, said = self.fora(guest, node, "identity", "show", name, expected=CREDENTIALS)
        self.assertIn("for its own members only", said)
        self.assertEqual(self.fingers(), [])
        for asked in range(60):
            _, said = self.admin(node, "identity", "show", f"nobody{asked}@{DOMAIN}", expected=None)
            if "QUOTA" in said:
                break
            self.assertIn("Nobody was found", said)
        self.assertIn("QUOTA", said)
        self.assertGreaterEqual(asked, 10)  # the bucket fills meanwhile
        self.assertEqual(len(self.fingers()), asked)
        self.admin(node, "identity", "show", name, expected=REFUSED)

    def test_DOM_8_a_slow_server_holds_up_nobody(self):
        """Others are answered meanwhile, and the node ends when it is told to."""
        self.document()
        asked, ended = threading.Event(), threading.Event()
        self.addCleanup(ended.set)

        def trickle(handler):
            handler.send_response(200)
            handler.end_headers()
            asked.set()
            try:
                while not ended.wait(0.2):
                    handler.wfile.write(b" ")
            except OSError:
                pass

        self.web.pages[f"/.well-known/webfinger?resource=acct%3Aslow%40{DOMAIN}"] = (200, {}, trickle)
        node = self.run_node()
        waiting = threading.Thread(target=self.admin, args=(node, "identity", "show", f"slow@{DOMAIN}"),
                                   kwargs={"expected": None})
        waiting.start()
        self.addCleanup(waiting.join)
        self.assertTrue(asked.wait(PATIENCE))
        self.assertEqual(len(self.admin(node, "spaces")[0]), 1)
        self.assertEqual(node.stop(), OK)

    def test_DOM_1_names_that_are_none(self):
        for name in ("localhost", "127.0.0.1", "Vendor.example", "a b.example", "@ann", "x.y/z"):
            self.bad(USAGE, "domain", "check", name, "--data", self.data, says="neither a domain")
        self.configure(self.data, domain="127.0.0.1")
        self.bad(USAGE, "run", "--data", self.data, says=["domain", "lower case"])
        self.assertEqual(self.web.seen, [])


if __name__ == "__main__":
    main()
