"""A client, written from the specification, at a real forad: transport, session, members."""

import json
import os
import struct

from counted import checked, main, skip_if_missing

skip_if_missing()

from daemon import connect, fold, now, put, thread  # noqa: E402
from fora_py import identity, noise, objects, pb, text  # noqa: E402
from fora_py.errors import CODE, Refused  # noqa: E402
from fora_py.session import Ended, Session  # noqa: E402
from live import Live  # noqa: E402


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
        """The length of a second frame arrives with the first, which has used some of it."""
        s = self.client()
        first = pb.Frame(request=1, fetch=pb.Fetch(ids=[os.urandom(32)])).SerializeToString()
        second = min(s.peer.frame_max, s.peer.credit - 4)
        self.assertGreater(len(first) + 4 + second + 4, s.peer.credit)
        s.send_plain(struct.pack(">I", len(first)) + first + struct.pack(">I", second))
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

    def test_SES_38_a_revoked_key_ends_its_sessions(self):
        s, m = self.member()
        phone = text.keypair(os.urandom(32))
        self.assertEqual(put(s, m.entry(m.root[1], now(), add_key=pb.DeviceKey(
            sign=phone[0], label="phone"))), [0])

        def by_phone(session):
            proof = text.sign(phone[1], "fora.v1.sign.auth", session.noise.h)
            return session.call(auth=pb.Auth(principal=m.id, key=phone[0], signature=proof))

        thief = self.client()
        self.assertEqual(by_phone(thief).principal, m.id)
        self.assertEqual(put(s, m.entry(m.root[1], now(), revoke_key=pb.KeyRevocation(
            sign=phone[0]))), [0])
        self.ended("AUTH", thief)
        self.refused("AUTH", by_phone, self.client())
        self.assertEqual(put(s, self.ask(m)[0]), [0])

    def test_SES_38_an_entry_that_only_the_session_showed(self):
        """It goes on when the entry is stored, and ends with the rotation that beats it."""
        def shown(key, *entries):
            session = self.client()
            proof = text.sign(key[1], "fora.v1.sign.auth", session.noise.h)
            session.call(auth=pb.Auth(principal=m.id, key=key[0], signature=proof,
                                      identity=entries))
            return session

        s, m = self.member()
        laptop, stolen = text.keypair(os.urandom(32)), text.keypair(os.urandom(32))
        added = m.entry(m.root[1], now(), add_key=pb.DeviceKey(sign=laptop[0], label="laptop"))
        honest = shown(laptop, added)
        self.assertEqual(put(s, added), [0])
        honest.call(get_status=pb.GetStatus())
        head, sequence = m.head, m.sequence
        thief = shown(stolen, m.entry(m.root[1], now(), add_key=pb.DeviceKey(
            sign=stolen[0], label="mine now")))
        m.head, m.sequence = head, sequence
        self.assertEqual(put(s, m.entry(m.next_root[1], now(), rotate=pb.RootRotation(
            next_root_commitment=os.urandom(32)))), [0])
        self.ended("AUTH", thief)
        honest.call(get_status=pb.GetStatus())

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

    def test_KIND_MENTION_3_who_is_mentioned_finds_it(self):
        """The newest first, in pages; a principal without an account as well; what is gone not."""
        (b, bob), (a, ann) = self.member(), self.member()
        s = self.client()
        self.refused("AUTH", s.call, list_mentions=pb.ListMentions())
        raw, root = self.ask(bob, mentions=[ann.id])
        posts = [self.of(bob, 5, pb.Post(type=2, text=str(i), mentions=[ann.id]), root)
                 for i in range(3)]
        for one in (raw, *posts, self.of(bob, 5, pb.Post(type=2, text="no"), root)):
            self.put_is("OK", b, one)
        got = a.call(list_mentions=pb.ListMentions(limit=3))
        self.assertEqual([r.object for r in got.rows], posts[::-1])
        self.assertTrue(got.next)
        got = a.call(list_mentions=pb.ListMentions(cursor=got.next))
        self.assertEqual([r.object for r in got.rows], [raw])
        self.assertFalse(got.next)
        self.refused("MALFORMED", a.call, list_mentions=pb.ListMentions(cursor=b"x"))
        gone = objects.decode(posts[1]).id
        self.put_is("OK", b, self.of(bob, 15, pb.Retraction(), root, gone))
        got = a.call(list_mentions=pb.ListMentions())
        self.assertEqual([r.object for r in got.rows], [posts[2], posts[0], raw])

    def test_DOM_8_resolve(self):
        """Of its own members only, in one shape only, and nothing is told of why nobody was found."""
        ask = lambda session, name="ann", domain="vendor.localhost": session.call(
            resolve=pb.Resolve(name=name, domain=domain))
        self.refused("AUTH", ask, self.client())
        s = self.client()
        s.call(sign_up=pb.SignUp(handle="dora", password="correct horse", name="D"))
        self.refused("MALFORMED", ask, s, domain="127.0.0.1")
        self.refused("MALFORMED", ask, s, domain="Vendor.example")
        self.refused("MALFORMED", ask, s, "a b")
        # On loopback: DOM-4 forbids to ask there.
        self.refused("ABSENT", ask, s)
        guest = identity.Principal(now() - 1000)
        other = self.client()
        other.auth(guest, with_log=True)
        self.refused("FORBIDDEN", ask, other)

    def test_VC_3_credentials(self):
        """Of what the node stated itself and of nothing else: members' words, posts, ids of nothing."""
        s = self.client()
        ask = lambda id: s.call(get_credential=pb.GetCredential(id=id))
        m = self.node.member(s)
        raw, id_ = self.ask(m)
        word = m.post(16, pb.Attestation(type=2, subject=self.node.id, label="Good node",
                                         **{"from": 1}), now(), space=self.node.space)
        self.assertEqual(put(s, raw, word), [0, 0])
        self.refused("ABSENT", ask, bytes(31) + b"\7")
        self.refused("ABSENT", ask, id_)
        self.refused("MISMATCH", ask, objects.decode(word).id)

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


if __name__ == "__main__":
    main()
