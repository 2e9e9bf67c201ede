"""What a client, written from the specification, writes at a real forad: what is refused and with
which code, and the views that follow."""

import json
import os
import subprocess
import time

from counted import checked, main, skip_if_missing

skip_if_missing()

from daemon import fold, now, put, thread  # noqa: E402
from fora_py import identity, objects, pb, receipt, text  # noqa: E402
from fora_py.view import bits, digest_of_views  # noqa: E402
from live import Live  # noqa: E402


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
            ("LIMIT", 4, pb.Thread(type=1, title="a",
                                   mentions=[bytes([i + 1] * 32) for i in range(17)])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", mentions=[b"a" * 32, b"a" * 32])),
            ("MALFORMED", 5, pb.Post(type=2, text="a", mentions=[b"a" * 32, b"a" * 32])),
            ("MALFORMED", 4, pb.Thread(type=1, title="a", mentions=[b"a" * 31])),
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
