"""A client, written from the specification, at a real forad."""

import os
import struct
import time
import unittest

from counted import checked, main, skip_if_missing

skip_if_missing()

from daemon import Forad, connect, fold, now, put, thread  # noqa: E402
from fora_py import identity, noise, objects, pb, receipt, text, wire  # noqa: E402
from fora_py.errors import CODE, NAME, Refused  # noqa: E402
from fora_py.session import Ended, Failed, Session  # noqa: E402
from fora_py.view import bits, digest_of_views  # noqa: E402
import json  # noqa: E402
import subprocess  # noqa: E402


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


class Transport(Live):
    def closed(self, data):
        """Asserts that what is said so is answered with the end of the stream and nothing else."""
        with connect(self.node.address) as s:
            s.sendall(data)
            try:
                self.assertEqual(s.recv(1), b"")
            except ConnectionResetError:
                pass
        checked("silent ends")

    def test_TRN_4_xx_and_ik(self):
        one = self.client()
        two = self.client(remote=one.noise.rs)
        self.assertEqual((one.peer.node, two.peer.node), (self.node.id,) * 2)
        self.assertEqual(two.noise.pattern, "IK")
        self.assertEqual(len(two.call(list_spaces=pb.ListSpaces()).rows), 1)

    def test_TRN_2_preambles(self):
        for p in (b"GORA\1\0\0\0", b"FORA\2\0\0\0", b"FORA\1\2\0\0", b"FORA\1\0\1\0", b"X"):
            self.closed(p)

    def test_TRN_7_other_lengths(self):
        self.closed(b"FORA\1\0\0\0" + b"\0\x21")
        self.closed(b"FORA\1\1\0\0" + b"\0\x20")

    def test_TRN_8_low_order_key_and_garbage(self):
        self.closed(b"FORA\1\0\0\0" + b"\0\x20" + bytes(32))
        self.closed(b"FORA\1\1\0\0" + b"\0\x60" + os.urandom(96))

    def test_TRN_3_another_prologue(self):
        s = Session(connect(self.node.address))
        h = noise.Handshake("XX", True, os.urandom(32), b"FORA\1\1\0\0")
        s.sock.sendall(b"FORA\1\0\0\0" + h.write())
        size, = struct.unpack(">H", s._exactly(2))
        with self.assertRaises(Refused) as e:
            h.read(s._exactly(size))
        self.assertEqual(e.exception.name, "HANDSHAKE")
        s.close()

    def test_TRN_11_a_message_that_does_not_verify(self):
        s = self.client()
        s.sock.sendall(b"\0\x20" + os.urandom(32))
        with self.assertRaises((Ended, ConnectionResetError)) as e:
            s.step()
        self.assertIsNone(getattr(e.exception, "name", None))

    def test_TRN_13_a_message_without_plaintext(self):
        s = self.client()
        sealed = s.noise.send.encrypt(b"", b"")
        s.sock.sendall(struct.pack(">H", len(sealed)) + sealed)
        self.ended("MALFORMED", s)

    def test_TRN_10_frames_cut_anywhere(self):
        s = self.client()
        data = pb.Frame(request=1, list_spaces=pb.ListSpaces()).SerializeToString()
        got = []
        s.open[1] = lambda frame, name: got.append(name)
        for byte in struct.pack(">I", len(data)) + data:
            s.send_plain(bytes([byte]))
        while not got:
            s.step()
        self.assertEqual(got, ["spaces"])


class Hello(Live):
    def start(self, node=None, static=None, **hello):
        s = Session(connect(self.node.address), static=static, node=node, hello=hello)
        self.sessions.append(s)
        s.handshake()
        s.hello()
        return s

    def test_SES_12_what_is_refused(self):
        for field, value, code in (
                ("version", 2, "VERSION"), ("version", 0, "MALFORMED"), ("agent", "a\nb", "UTF8"),
                ("agent", "a" * 65, "TOO_LARGE"), ("frame_max", 65535, "MALFORMED"),
                ("requests_max", 0, "MALFORMED"), ("credit", 1 << 62, "LIMIT")):
            with self.subTest(field, value=value):
                self.ended(code, self.start(**{field: value}))

    def test_SES_17_unknown_features_are_ignored(self):
        s = self.start(features=1 << 63)
        s.call(list_spaces=pb.ListSpaces())

    def test_SES_11_another_frame_first(self):
        s = Session(connect(self.node.address))
        self.sessions.append(s)
        s.handshake()
        s.send(ping=pb.Ping(token=1))
        s.read()
        self.ended("STATE", s)

    def test_SES_10_a_hello_too_large(self):
        s = Session(connect(self.node.address))
        self.sessions.append(s)
        s.handshake()
        s.send_plain(struct.pack(">I", 65537))
        s.read()
        self.ended("TOO_LARGE", s)

    def test_SES_13_a_node(self):
        static = os.urandom(32)
        me = identity.Principal(now() - 5000, noise_key=noise.public(static), name="py")
        s = self.start(node=me, static=static)
        self.assertEqual(len(s.call(list_spaces=pb.ListSpaces()).rows), 1)

    def test_SES_13_another_key(self):
        me = identity.Principal(now() - 5000, noise_key=noise.public(os.urandom(32)), name="py")
        self.ended("KEY", self.start(node=me))

    def test_SES_13_a_member_is_no_node(self):
        self.ended("IDENTITY", self.start(node=identity.Principal(now() - 5000)))

    def test_SES_13_no_log(self):
        me = identity.Principal(now() - 5000, noise_key=noise.public(os.urandom(32)), name="py")
        me.log = []
        self.ended("IDENTITY", self.start(node=me))

    def test_SES_frames_refused_by_the_vectors(self):
        for v in json.loads((pb.SPEC / "vectors/frames.json").read_text())["refused"]:
            with self.subTest(v["why"]):
                raw = bytes.fromhex(v["frame"])
                static = os.urandom(32)
                me = identity.Principal(now() - 5000, noise_key=noise.public(static), name="py")
                if "Hello cut" in v["why"]:
                    s = Session(connect(self.node.address), static=static, node=me)
                    self.sessions.append(s)
                    s.handshake()
                    s.read()
                else:
                    s = self.start(node=me, static=static)
                s.send_plain(raw)
                self.ended(v["code"], s, v["why"])


class Frames(Live):
    def raw(self, s, data):
        s.send_plain(struct.pack(">I", len(data)) + data)

    def answer(self, s, n, data):
        """What a request of raw bytes is answered with."""
        got = []
        s.open[n] = lambda frame, name: got.append((frame, name))
        self.raw(s, data)
        while not got:
            s.step()
        return got[0]

    def test_SES_26_ping(self):
        s = self.client()
        s.send(ping=pb.Ping(token=77))
        s.step()
        self.assertEqual(s.pong, 77)

    def test_SES_36_unknown_bodies(self):
        s = self.client()
        body = b"\xca\x3e\x00"  # field 1001, empty
        frame, name = self.answer(s, 1, b"\x08\x01" + body)
        self.assertEqual((name, frame.error.code), ("error", CODE["UNSUPPORTED"]))
        self.raw(s, body)  # without a number: ignored
        s.next_request = 5
        s.call(list_spaces=pb.ListSpaces())

    def test_SES_36_a_frame_without_a_body_is_as_an_unknown_one(self):
        frame, name = self.answer(self.client(), 1, b"\x08\x01")
        self.assertEqual((name, frame.error.code), ("error", CODE["UNSUPPORTED"]))

    def test_ENC_2_defaults_written_out_and_any_order(self):
        s = self.client()
        frame, name = self.answer(s, 1, b"\xe2\x03\x02\x08\x00\x08\x01")  # GetStatus, then request
        self.assertEqual(name, "node_status")

    def test_SES_30_what_a_client_may_not(self):
        for body in ({"auth_ok": pb.AuthOk()}, {"put_result": pb.PutResult()},
                     {"spaces": pb.Spaces()}):
            s = self.client()
            s.send(2, **body)
            self.ended("STATE", s)

    def test_SES_30_logins(self):
        s, id_ = self.client(), bytes(31) + b"\1"
        for body in ({"put": pb.Put(objects=[b"x"])}, {"compose": pb.Compose(kind=4)},
                     {"vote": pb.Vote(target=id_, value=1)},
                     {"report": pb.Report(target=id_, reason="spam")},
                     {"list_flags": pb.ListFlags(space=id_)},
                     {"subscribe": pb.Subscribe(space=id_, address="a:1")},
                     {"unsubscribe": pb.Unsubscribe(space=id_)},
                     {"create_space": pb.CreateSpace(policy=b"x")},
                     {"claim": pb.Claim(source="a", handle="b", password="c")}):
            self.refused("AUTH", s.call, **body)
        s, _ = self.member()
        self.refused("AUTH", s.call, subscribe=pb.Subscribe(space=id_, address="a:1"))
        self.refused("AUTH", s.call, create_space=pb.CreateSpace(policy=b"x"))

    def test_SES_21_beyond_the_credit(self):
        s = self.client()
        s.send_plain(struct.pack(">I", s.peer.frame_max))
        if s.peer.credit < s.peer.frame_max + 4:
            self.ended("CREDIT", s)

    def test_SES_22_credit_comes_back(self):
        s, total = self.client(), 0
        ids = [os.urandom(32) for _ in range(1024)]
        while total < 3 * s.peer.credit:
            self.assertEqual(len(s.call(fetch=pb.Fetch(ids=ids)).missing), 1024)
            total += 34 * 1024

    def test_LIM_11_2_limits_of_fields(self):
        for name, body in (("LIMIT", {"fetch": pb.Fetch(ids=[os.urandom(32)] * 1025)}),
                           ("MALFORMED", {"fetch": pb.Fetch()}),
                           ("MALFORMED", {"fetch": pb.Fetch(ids=[bytes(32)])}),
                           ("MALFORMED", {"fetch": pb.Fetch(ids=[b"short"])}),
                           ("TOO_LARGE", {"sign_up": pb.SignUp(handle="a" * 33)}),
                           ("UTF8", {"sign_up": pb.SignUp(handle="a\u202eb")})):
            s = self.client()
            s.send(1, **body)
            self.ended(name, s)

    def test_SES_31_a_number_that_is_open(self):
        s = self.client()
        f = pb.Follow(space=self.node.space, live=True)
        got = []
        s.open[1] = lambda frame, name: got.append(name)
        s.send(1, follow=f)
        s.send(1, follow=f)
        s.next_request = 3
        s.call(list_spaces=pb.ListSpaces())
        self.assertIn("error", got)

    def test_SES_35_cancel(self):
        s = self.client()
        s.send(7, cancel=pb.Cancel())  # not open: ignored
        batches = s.call_many(lambda b: b.caught_up,
                              follow=pb.Follow(space=self.node.space, live=True))
        s.send(1, cancel=pb.Cancel())
        self.assertTrue(batches[-1].fingerprint)
        s.call(list_spaces=pb.ListSpaces())

    def test_SES_40_an_orderly_end(self):
        s = self.client()
        s.send(error=pb.Error())
        self.ended(None, s)


class Members(Live):
    def test_SES_33_self_custody(self):
        s, m = self.member()
        raw, root = self.ask(m)
        self.assertEqual(put(s, raw), [0])
        again = s.call(put=pb.Put(objects=[raw])).results[0]
        self.assertEqual((again.code, again.duplicate, again.id), (0, True, root))
        other = self.client()
        ok = other.auth(m)
        self.assertEqual((ok.principal, ok.admin, ok.custodial), (m.id, False, False))
        items, context, space = thread(other, root)
        self.assertEqual([o.raw for o in items], [raw])
        self.assertEqual(space, self.node.space)
        self.assertIn(m.log[0], [o.raw for o in context])
        got = other.call(fetch=pb.Fetch(ids=[root, bytes(31) + b"\1"]))
        self.assertEqual((list(got.objects), list(got.missing)), ([raw], [bytes(31) + b"\1"]))

    def test_SES_33_self_custody_needs_auth_and_this_home(self):
        m = identity.Principal(now() - 1000, home=self.node.id)
        self.refused("AUTH", self.client().call,
                     sign_up=pb.SignUp(handle="nobody", name="N", identity=m.log))
        m = identity.Principal(now() - 1000)
        s = self.client()
        s.auth(m, with_log=True)
        self.refused("IDENTITY", s.call, sign_up=pb.SignUp(handle="nobody", identity=m.log))

    def test_SES_33_auth_of_another_connection(self):
        s, m = self.member()
        proof = text.sign(m.device[1], "fora.v1.sign.auth", s.noise.h)
        self.refused("AUTH", self.client().call, auth=pb.Auth(
            principal=m.id, key=m.device[0], signature=proof))
        stranger = identity.Principal(now())
        self.refused("AUTH", self.client().auth, stranger)

    def test_SES_33_custodial(self):
        s = self.client()
        key = text.keypair(os.urandom(32))
        me = s.call(sign_up=pb.SignUp(handle="bob", password="correct horse", name="Bob",
                                      session_key=key[0]))
        self.assertTrue(me.custodial)
        content = pb.Thread(type=2, title="Composed").SerializeToString()
        made = s.call(compose=pb.Compose(kind=4, space=self.node.space, content=content)).results[0]
        self.assertEqual(made.code, 0)
        o = thread(self.client(), made.id)[0][0]
        self.assertEqual(o.content[:len(content)], content)  # KIND-1: the salt is appended
        self.assertEqual(len(o.content), len(content) + 18)
        self.assertEqual(o.author, me.principal)
        salted = content + b"\x7a\x10" + os.urandom(16)
        self.refused("MALFORMED", s.call,
                     compose=pb.Compose(kind=4, space=self.node.space, content=salted))
        other = self.client()
        proof = text.sign(key[1], "fora.v1.sign.auth", other.noise.h)
        ok = other.call(auth=pb.Auth(principal=me.principal, key=key[0], signature=proof))
        self.assertTrue(ok.custodial)

    def test_SES_33_names_and_passwords(self):
        s = self.client()
        s.call(sign_up=pb.SignUp(handle="carol", password="correct horse", name="C"))
        self.refused("NAME_TAKEN", self.client().call, sign_up=pb.SignUp(
            handle="carol", password="correct horse", name="C"))
        self.refused("AUTH", self.client().call, login=pb.Login(
            handle="carol", password="wrong horses"))
        self.refused("AUTH", self.client().call, login=pb.Login(
            handle="nosuch", password="wrong horses"))
        ok = self.client().call(login=pb.Login(handle="carol", password="correct horse"))
        got = s.call(get_principal=pb.GetPrincipal(handle="carol"))
        self.assertEqual(got.principal, ok.principal)
        log = identity.Log()
        for o in map(objects.open_, got.objects):
            if o.h.kind == 1:
                log.add(o)
        self.assertEqual(log.state().home, self.node.id)

    def test_ERR_ABSENT(self):
        s = self.client()
        self.refused("ABSENT", s.call, get_thread=pb.GetThread(root=os.urandom(32)))
        self.refused("ABSENT", s.call, get_principal=pb.GetPrincipal(principal=os.urandom(32)))
        self.refused("ABSENT", s.call, get_principal=pb.GetPrincipal(handle="nosuch"))

    def test_SES_33_votes_and_reports(self):
        s, m = self.member()
        raw, root = self.ask(m)
        put(s, raw)
        self.refused("FORBIDDEN", s.call, vote=pb.Vote(target=root, value=1))
        voter, _ = self.member()
        self.refused("MALFORMED", voter.call, vote=pb.Vote(target=root, value=2))
        got = voter.call(vote=pb.Vote(target=root, value=-1))
        self.assertEqual((got.up, got.down), (0, 1))
        v = fold(self.client(), root)
        self.assertEqual(v.posts[root].score, -1)
        voter.call(vote=pb.Vote(target=root, value=0))
        self.assertEqual(fold(self.client(), root).posts[root].score, 0)
        r = voter.call(report=pb.Report(target=root, reason="spam")).results[0]
        self.assertEqual(r.code, 0)
        self.refused("FORBIDDEN", voter.call, list_flags=pb.ListFlags(space=self.node.space))
        self.node.grant(m, "moderator")
        flags = s.call(list_flags=pb.ListFlags(space=self.node.space))
        self.assertIn(r.id, [objects.open_(x).id for x in flags.objects])


class Puts(Live):
    """Each refusal of an object that the specification gives a code for."""

    def setUp(self):
        super().setUp()
        self.s, self.m = self.member()
        raw, self.root = self.ask(self.m)
        self.assertEqual(put(self.s, raw), [0])
        self.raw = raw

    def test_OBJ_shapes(self):
        o = objects.decode(self.raw)
        secret = self.m.device[1]
        post = pb.Post(type=2, text="x", salt=os.urandom(16)).SerializeToString()

        def header(**change):
            fields = dict(version=1, kind=5, author=self.m.id, key=self.m.device[0],
                          created_at=now(), space=self.node.space, root=self.root,
                          parent=self.root, content_hash=text.hash_("fora.v1.content", post),
                          content_size=len(post))
            fields.update(change)
            return pb.Header(**fields).SerializeToString()
        cases = [
            ("MALFORMED", b"\x0a"),
            ("MALFORMED", self.raw + b"\x22\x01a"),
            ("MALFORMED", objects.seal(header(parent=b""), post, secret)),
            ("MALFORMED", objects.seal(header(lane=b"x"), post, secret)),
            ("MALFORMED", objects.seal(header(content_size=0), post, secret)),
            ("MALFORMED", objects.seal(header() + b"\x10\x05", post, secret)),
            ("MALFORMED", objects.seal(header(parent=bytes(32)), post, secret)),
            ("VERSION", objects.seal(header(version=2), post, secret)),
            ("TOO_LARGE", objects.seal(header(content_size=98305), post, secret)),
            ("TOO_LARGE", objects.seal(header() + b"\x9a\x06\xe8\x07" + bytes(1000), post, secret)),
            ("CONTENT_HASH", objects.seal(header(), post[:-1] + b"\0", secret)),
            ("SIGNATURE", objects.encode_envelope(o.header_bytes, bytes(64), o.content)),
            ("FUTURE", objects.seal(header(created_at=now() + 660_000), post, secret)),
            ("REFUSED", objects.seal(header(audience=3), post, secret)),  # REP-11
        ]
        for name, raw in cases:
            with self.subTest(name):
                if name == "SIGNATURE":
                    self.ask(self.m)
                    fresh = objects.decode(self.ask(self.m)[0])
                    raw = objects.encode_envelope(fresh.header_bytes, o.signature, fresh.content)
                self.put_is(name, self.s, raw)

    def test_ENC_2_or_4_a_fixed_field_of_no_bytes(self):
        """ENC-4: a fixed field that is there has its size."""
        content = pb.Thread(type=1, title="t", salt=os.urandom(16)).SerializeToString()
        header = pb.Header(version=1, kind=4, author=self.m.id, key=self.m.device[0],
                           created_at=now(), space=self.node.space,
                           content_hash=text.hash_("fora.v1.content", content),
                           content_size=len(content)).SerializeToString() + b"\x3a\x00"
        self.put_is("MALFORMED", self.s, objects.seal(header, content, self.m.device[1]))

    def test_KIND_contents(self):
        bad = [
            ("MALFORMED", 4, pb.Thread(type=1)), ("MALFORMED", 4, pb.Thread(title="x")),
            ("UTF8", 4, pb.Thread(type=1, title="a\nb")),
            ("UTF8", 4, pb.Thread(type=1, title="a\u202e")),
            ("TOO_LARGE", 4, pb.Thread(type=1, title="a" * 301)),
            ("LIMIT", 4, pb.Thread(type=1, title="a", tags=list("abcdefghijklmnopq"))),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", tags=["A"])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", tags=["\u2003"])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", applies_to=[pb.AppliesTo()])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a",
                                       applies_to=[pb.AppliesTo(product=" a")])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", source=pb.Source(url="ftp://x"))),
            ("MALFORMED", 6, pb.Revision()), ("MALFORMED", 6, pb.Revision(title="")),
            ("MALFORMED", 8, pb.Resolution(type=5)), ("MALFORMED", 8, pb.Resolution(type=6)),
            ("MALFORMED", 9, pb.Status(status="No")), ("MALFORMED", 10, pb.Cite()),
            ("MALFORMED", 12, pb.Flag(reason="a b")), ("MALFORMED", 13, pb.Moderation(action=1)),
            ("MALFORMED", 13, pb.Moderation(action=7, reason="x")),
            ("MALFORMED", 3, pb.Profile(name="a", links=["http://x"])),
        ]
        for name, kind, content in bad:
            with self.subTest(name, kind=kind, content=str(content)):
                given = {} if kind == 3 else dict(space=self.node.space) if kind == 4 else dict(
                    space=self.node.space, root=self.root, parent=self.root)
                self.put_is(name, self.s, self.m.post(kind, content, now(), **given))

    def test_KIND_1_a_content_without_salt(self):
        content = pb.Thread(type=1, title="t").SerializeToString()
        self.put_is("MALFORMED", self.s, self.m.post(4, content, now(), space=self.node.space))

    def test_ADM_7_keys(self):
        stranger = identity.Principal(now() - 1000)
        self.put_is("UNKNOWN_AUTHOR", self.s, self.ask(stranger)[0])
        other = text.keypair(os.urandom(32))
        raw = objects.build(4, pb.Thread(type=1, title="t"), other[1], self.m.id, now(),
                            space=self.node.space)
        self.put_is("UNKNOWN_AUTHOR", self.s, raw)
        phone = text.keypair(os.urandom(32))
        self.put_is("OK", self.s, self.m.entry(self.m.root[1], now(),
                                               add_key=pb.DeviceKey(sign=phone[0], label="phone")))
        at = now()
        self.put_is("OK", self.s, self.m.entry(phone[1], at,
                                               revoke_key=pb.KeyRevocation(sign=phone[0])))
        for t, name in ((at - 1, "OK"), (at, "KEY"), (at - 700_000, "KEY")):
            raw = objects.build(4, pb.Thread(type=1, title="t"), phone[1], self.m.id, t,
                                space=self.node.space)
            self.put_is(name, self.s, raw)

    def test_ID_entries(self):
        m = self.m

        def entry(secret, sequence, parent, at=None, **op):
            return objects.build(1, pb.IdentityEntry(sequence=sequence, **op), secret, m.id,
                                 at or now(), parent=parent)
        home = pb.HomeChange(home=self.node.id)
        self.put_is("IDENTITY", self.s, entry(m.device[1], 1, m.id, home=home))
        self.put_is("IDENTITY", self.s, entry(m.root[1], 2, m.id, home=home))
        self.put_is("IDENTITY", self.s, entry(m.root[1], 1, m.id, at=1000, home=home))
        self.put_is("UNKNOWN_PARENT", self.s, entry(m.root[1], 1, os.urandom(32), home=home))
        rotate = pb.RootRotation(next_root_commitment=os.urandom(32))
        self.put_is("IDENTITY", self.s, entry(m.root[1], 1, m.id, rotate=rotate))
        self.put_is("OK", self.s, entry(m.next_root[1], 1, m.id, rotate=rotate))

    def test_ADM_8_references(self):
        post = pb.Post(type=2, text="x")
        s, m = self.s, self.m
        self.put_is("UNKNOWN_PARENT", s, self.of(m, 5, post, os.urandom(32)))
        self.put_is("UNKNOWN_PARENT", s, self.of(m, 5, post, self.root, os.urandom(32)))
        self.put_is("UNKNOWN_SPACE", s, self.ask(m, space=os.urandom(32))[0])
        raw = self.of(m, 5, post, self.root)
        comment = objects.decode(raw).id
        self.put_is("OK", s, raw)
        second, other = self.ask(m)
        self.put_is("OK", s, second)
        self.put_is("MISMATCH", s, self.of(m, 5, post, comment, comment))
        self.put_is("MISMATCH", s, self.of(m, 5, post, other, comment))
        self.put_is("MISMATCH", s, self.of(m, 5, pb.Post(type=1, text="x"), self.root, comment))
        self.put_is("MISMATCH", s, self.of(m, 11, pb.Duplicate(original=self.root), self.root))
        self.put_is("MISMATCH", s, self.of(m, 14, pb.Appeal(text="x"), self.root))
        self.put_is("MISMATCH", s, self.of(m, 10, pb.Cite(objects=[other]), self.root, comment))
        self.put_is("MISMATCH", s, self.of(m, 7, pb.Tally(up=1), self.root))  # ADM-9
        s2, m2 = self.member()
        self.put_is("MISMATCH", s2, self.of(m2, 15, pb.Retraction(), self.root))
        self.put_is("REFUSED", s, self.of(m, 5, post, self.root, audience=1))  # REP-11
        self.put_is("MISMATCH", s, self.of(m, 13, pb.Moderation(action=3, reason="x"), self.root,
                                           comment))

    def test_ADM_6_content_that_may_not_lack(self):
        raw = self.of(self.m, 15, pb.Retraction(), self.root)
        o = objects.decode(raw)
        bare = objects.encode_envelope(o.header_bytes, o.signature, None)
        self.put_is("NO_CONTENT", self.s, bare)
        self.put_is("OK", self.s, raw)

    def test_OBJ_8_superseded(self):
        at = now()
        new = self.m.post(3, pb.Profile(name="new"), at)
        old = self.m.post(3, pb.Profile(name="old"), at - 1)
        self.put_is("OK", self.s, new)
        self.put_is("SUPERSEDED", self.s, old)

    def test_POL_9_rights_of_own_members(self):
        m = self.m
        for kind, content in ((9, pb.Status(status="known")),
                              (13, pb.Moderation(action=1, reason="x")),):
            self.put_is("FORBIDDEN", self.s, self.of(m, kind, content, self.root))
        self.put_is("FORBIDDEN", self.s, m.post(
            4, pb.Thread(type=6, title="x"), now(), space=self.node.space))
        self.put_is("FORBIDDEN", self.s, m.post(
            2, pb.PolicyStatement(name="mine"), now(), space=self.node.space))

    def test_ADM_3_locked(self):
        s, m = self.member()
        self.node.grant(m, "moderator")
        self.put_is("OK", s, self.of(m, 13, pb.Moderation(action=3, reason="x"), self.root))
        self.put_is("LOCKED", self.s, self.of(self.m, 5, pb.Post(type=2, text="x"), self.root))


class UnknownKinds(Live):
    def test_ADM_10_stored_and_no_part_of_the_policy(self):
        s, m = self.member()
        raws = [m.post(4711, b"anything" + os.urandom(8), now(), space=self.node.space),
                m.post(18, pb.Membership(member=m.id), now(), space=self.node.space)]
        self.assertEqual(put(s, *raws), [0, 0])
        ids = [objects.decode(raw).id for raw in raws]
        self.assertEqual(list(self.client().call(fetch=pb.Fetch(ids=ids)).objects), raws)
        rows = self.client().call(list_spaces=pb.ListSpaces()).rows
        self.assertEqual({objects.open_(p).h.kind for p in rows[0].policy}, {pb.KIND_POLICY})
        raw, root = self.ask(m)
        self.assertEqual(put(s, raw), [0])
        context = thread(self.client(), root)[1]
        self.assertLessEqual({o.h.kind for o in context}, {1, 2, 3})


class Views(Live):
    def test_VIEW_all_marks_and_the_clients_view(self):
        s, m = self.member()
        s2, other = self.member()
        for role in ("moderator", "staff", "expert"):
            self.node.grant(m, role)
        applies = [pb.AppliesTo(product="brewkit", to="4")]
        raw, root = self.ask(other, applies_to=applies)
        raw2, root2 = self.ask(other)
        self.assertEqual(put(s2, raw, raw2), [0, 0])
        answers = [self.of(other, 5, pb.Post(type=1, text=f"answer {i}"), root) for i in range(3)]
        ids = [objects.decode(a).id for a in answers]
        self.assertEqual(put(s2, *answers), [0] * 3)
        comment = self.of(other, 5, pb.Post(type=2, text="c"), root, ids[1])
        self.assertEqual(put(s2, comment), [0])
        steps = [
            self.of(m, 8, pb.Resolution(type=3, applies_to=applies), root, ids[1]),
            self.of(m, 8, pb.Resolution(type=4, applies_to=applies), root, ids[1]),
            self.of(m, 8, pb.Resolution(type=2), root, ids[2]),
            self.of(m, 8, pb.Resolution(
                type=6, applies_to=[pb.AppliesTo(product="brewkit", to="")]), root, ids[2]),
            self.of(m, 9, pb.Status(status="fixed", version="5.2", note="n"), root),
            self.of(m, 10, pb.Cite(objects=[ids[0]]), root),
            self.of(m, 11, pb.Duplicate(original=root2), root),
            self.of(m, 13, pb.Moderation(action=10, reason="pin"), root),
            self.of(m, 13, pb.Moderation(action=7, reason="move", to_thread=root2), root),
            self.of(m, 13, pb.Moderation(action=1, reason="hide"), root, ids[0]),
            self.of(other, 6, pb.Revision(title="New", text="New text"), root),
            self.of(m, 13, pb.Moderation(action=5, reason="close"), root),
            self.of(m, 13, pb.Moderation(action=3, reason="lock"), root),
            self.of(m, 13, pb.Moderation(action=8, reason="erase"), root, objects.decode(comment).id),
        ]
        for target, value in ((ids[0], 1), (ids[1], -1), (root, 1)):
            s.call(vote=pb.Vote(target=target, value=value))
        for raw in steps:
            self.put_is("OK", s if objects.decode(raw).author == m.id else s2, raw)
            self.compare(root)
            views = [fold(self.client(), r) for r in (root, root2)]
            self.assertEqual(self.node.digest()["views"], digest_of_views(views).hex())
            checked("digests of views")

    def compare(self, root):
        """The view here, the rows of the node and the view of fora must say the same."""
        v = fold(self.client(), root)
        want = (bits(v.marks()), v.answers, v.comments, v.opening.score, v.active_at,
                v.opening.title)
        end = time.monotonic() + 120
        while True:  # rows are made some moments after the result
            row = next((r for r in self.client().call(list_threads=pb.ListThreads(
                space=self.node.space)).rows if r.root == root), None)
            got = row and (row.marks, row.answers, row.comments, row.score, row.active_at,
                           row.title)
            if got == want or time.monotonic() > end:
                break
            time.sleep(0.02)
        self.assertEqual(got, want)
        shown = self.show(root)
        self.assertEqual(shown["unverified"], 0)
        self.assertEqual([p["id"] for p in shown["posts"]],
                         [text.encode_id("fora", p.obj.id) for p in v.ordered])
        for p, q in zip(shown["posts"], v.ordered):
            self.assertEqual((p["text"], p["reason"] or "", p["revisions"], p["score"]),
                             (q.text, q.reason, q.revisions, q.score))
            self.assertEqual({x.upper() for x in p["marks"]}, v.post_marks(q))
        self.assertEqual({x.upper() for x in shown["marks"]}, v.marks())
        checked("views")

    def show(self, root):
        out = subprocess.run(
            [os.environ["FORA"], "--node", self.node.address, "--home", self.node.folder / "home",
             "show", text.encode_id("fora", root), "--json"], check=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=120)
        return json.loads(out.stdout)


class Receipts(Live):
    compare, show = Views.compare, Views.show

    def test_RCP_7_a_stolen_key_does_not_write_into_the_past(self):
        asker, a = self.member()
        raw, root = self.ask(a)
        put(asker, raw)
        s, m = self.member()
        at = now()
        honest = self.of(m, pb.KIND_POST, pb.Post(type=1, text="Mine."), root, t=at)
        self.put_is("OK", s, honest)
        time.sleep(1.2)  # the node tells seconds apart
        stolen = now()
        forged = self.of(m, pb.KIND_POST, pb.Post(type=1, text="Hers."), root, t=at + 1)
        self.put_is("OK", s, forged)
        honest, forged = (objects.decode(o).id for o in (honest, forged))
        texts = lambda: [fold(self.client(), root).posts[i].text for i in (honest, forged)]
        self.assertEqual(texts(), ["Mine.", "Hers."])
        # Receipts of both, before anybody disputes anything (RCP-8).
        got = asker.call(get_receipts=pb.GetReceipts(ids=[honest, forged, bytes(31) + b"\1"]))
        self.assertEqual(list(got.missing), [bytes(31) + b"\1"])
        said = [objects.open_(o) for o in got.objects]
        for id_, before in ((honest, True), (forged, False)):
            dated = [r.body().accepted_at for r in said if receipt.proves(r.body(), id_)]
            self.assertEqual(len(dated), 1)
            self.assertEqual(dated[0] < stolen, before)
        self.put_is("OK", s, m.entry(m.root[1], now(), revoke_key=pb.KeyRevocation(
            sign=m.device[0], compromised_at=stolen)))
        deadline = time.monotonic() + 60
        while texts() != ["Mine.", ""]:
            self.assertLess(time.monotonic(), deadline, texts())
        self.compare(root)


if __name__ == "__main__":
    main()
