"""What a node knows of others in a run is not in its log (SEC-63): the keys of members that it keeps, and
those of sessions, which who is at their other end knows too."""

import os
import pathlib
import signal
import sys
import unittest

from counted import checked, main, skip_if_missing

skip_if_missing()

from daemon import Forad, connect, put  # noqa: E402
from fora_py import pb, text  # noqa: E402
from fora_py.session import Ended, Failed, Session  # noqa: E402

sys.path.append(str(pathlib.Path(__file__).parents[1] / "server" / "tests"))
from secret_forms import forms  # noqa: E402

PASSWORD = "correct horse battery staple"


class Log(unittest.TestCase):
    def setUp(self):
        self.node = Forad(run=("--log-level", "debug"))
        self.addCleanup(self.node.stop)
        self.sessions = []

    def session(self, **options):
        s = Session(connect(self.node.address), **options).start()
        self.addCleanup(s.close)
        self.sessions.append(s)
        return s

    def work(self):
        """A member whose keys the node keeps, and who has it use each: its secrets, by name."""
        key = text.keypair(os.urandom(32))
        s = self.session()
        me = s.call(sign_up=pb.SignUp(handle="ann", password=PASSWORD, name="Ann",
                                      session_key=key[0]))
        self.assertTrue(me.custodial)
        content = pb.Thread(type=2, title="Why?").SerializeToString()
        compose = pb.Compose(kind=4, space=self.node.space, content=content)
        self.assertEqual(s.call(compose=compose).results[0].code, 0)
        again = self.session(remote=s.noise.rs)
        self.assertEqual(again.noise.pattern, "IK")
        with self.assertRaises(Failed):
            again.call(login=pb.Login(handle="ann", password=PASSWORD + "r"))
        again.call(login=pb.Login(handle="ann", password=PASSWORD))
        self.assertEqual(again.call(compose=compose).results[0].code, 0)
        third = self.session()
        third.call(auth=pb.Auth(principal=me.principal, key=key[0], signature=text.sign(
            key[1], "fora.v1.sign.auth", third.noise.h)))
        self.assertEqual(put(third, b"garbage") == [0], False)
        out = again.call(take_out=pb.TakeOut(password=PASSWORD))
        with self.assertRaises(Ended):  # with a frame of no length
            third.send_plain(bytes(4))
            while True:
                third.step()
        # They are those that speak for her: her log has what belongs to them.
        log = b"".join(again.call(get_principal=pb.GetPrincipal(
            principal=me.principal)).objects)
        for seed in (out.root, out.device):
            self.assertIn(text.keypair(seed)[0], log)
        return {"her root": out.root, "her next root": out.next_root, "her device": out.device}

    def test_SEC_63_no_key_of_members_and_sessions_in_the_log(self):
        secrets = self.work()
        for i, s in enumerate(self.sessions):
            n = s.noise
            secrets |= {f"session {i}, to the node": n.send.key,
                        f"session {i}, from the node": n.receive.key,
                        f"session {i}, handshake": n.cipher.key,
                        f"session {i}, chaining, first half": n.ck[:32],
                        f"session {i}, chaining, second half": n.ck[32:]}
            s.close()
        self.node.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.node.process.wait(120), 0)
        log = self.node.messages()
        self.assertRegex(log, r"conn=\d")  # a session was spoken of
        self.assertNotIn(PASSWORD, log)
        for name, secret in secrets.items():
            self.assertEqual(len(secret), 32, name)
            for form in forms(secret):
                self.assertNotIn(form, log, f"the log holds {name}")
            checked("secrets")


if __name__ == "__main__":
    main()
