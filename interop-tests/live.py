"""A real forad for a class of tests, members on it, and how refusals are asserted."""

import unittest

from counted import checked, skip_if_missing

skip_if_missing()

from daemon import Forad, now, put  # noqa: E402
from fora_py import objects, pb  # noqa: E402
from fora_py.errors import NAME  # noqa: E402
from fora_py.session import Ended, Failed  # noqa: E402


class Live(unittest.TestCase):
    """One forad for the class."""

    @classmethod
    def setUpClass(cls):
        cls.node = Forad()

    @classmethod
    def tearDownClass(cls):
        code = cls.node.stop()
        assert code == 0, f"forad ended with {code}"

    def setUp(self):
        self.sessions = []

    def tearDown(self):
        for s in self.sessions:
            s.close()

    def client(self, **options):
        s = self.node.client(**options)
        self.sessions.append(s)
        return s

    def member(self):
        s = self.client()
        return s, self.node.member(s)

    def ask(self, member, t=None, space=None, **fields):
        content = pb.Thread(type=1, title="Why?", text="Because.", tags=["a"], **fields)
        raw = member.post(4, content, t or now(), space=space or self.node.space)
        return raw, objects.decode(raw).id

    def of(self, member, kind, content, root, parent=None, t=None, **more):
        return member.post(kind, content, t or now(), space=self.node.space, root=root,
                           parent=parent or root, **more)

    def refused(self, name, call, *args, **kw):
        """Asserts that a request is answered with the code."""
        with self.assertRaises(Failed) as e:
            call(*args, **kw)
        self.assertEqual(e.exception.name, name, e.exception.text)
        checked("refused requests")

    def put_is(self, name, session, raw):
        got = put(session, raw)[0]
        self.assertEqual(NAME.get(got, "OK" if got == 0 else got), name)
        checked("results of Put")

    def ended(self, name, s, text_=""):
        """Asserts that the session ends with the code."""
        with self.assertRaises(Ended) as e:
            while True:
                s.step()
        self.assertEqual(e.exception.name, name, text_)
        checked("ended sessions")
