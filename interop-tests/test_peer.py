"""A node, written from the specification, and a real forad: each follows the other."""

import os
import socket
import threading
import unittest

from counted import checked, main, skip_if_missing

skip_if_missing()

from daemon import FORAD, Forad, connect, fold, now, put  # noqa: E402
from fora_py import identity, negentropy, objects, pb, text  # noqa: E402
from fora_py.errors import NAME  # noqa: E402
from fora_py.node import Node, Store  # noqa: E402
from fora_py.session import SHORT_FINGERPRINTS, Failed  # noqa: E402
from fora_py.view import View, digest_of_set, digest_of_views  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402


def wait(condition, timeout=120):
    end = time.time() + timeout
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.05)
    return True


class Following(unittest.TestCase):
    """The node here connects to forad."""

    @classmethod
    def setUpClass(cls):
        cls.forad = Forad()

    @classmethod
    def tearDownClass(cls):
        code = cls.forad.stop()
        assert code == 0, f"forad ended with {code}"

    def setUp(self):
        self.client = self.forad.client()
        self.member = self.forad.member(self.client)
        self.node = Node(store=Store(self.forad.space), follows_back=False)
        self.peer = self.node.connect(connect(self.forad.address), self.client.noise.rs)
        self.store = self.node.store

    def tearDown(self):
        self.client.close()
        self.peer.s.close()

    def question(self, title="Why?"):
        raw = self.member.post(4, pb.Thread(type=1, title=title), now(), space=self.forad.space)
        self.assertEqual(put(self.client, raw), [0])
        return objects.decode(raw)

    def refused(self, name, **body):
        with self.assertRaises(Failed) as e:
            self.peer.s.call(**body)
        self.assertEqual(e.exception.name, name)
        checked("refused requests")

    def test_REP_21_a_notice(self):
        """Of a space that forad does not hold: kept for who is at home there, and told once."""
        author = identity.Principal(now() - 1000)
        log = [*author.log]
        told = lambda whom, title="Why?", space=os.urandom(32): author.post(
            4, pb.Thread(type=1, title=title, mentions=[whom]), now(), space=space)
        raw = told(self.member.id)
        self.refused("UNKNOWN_AUTHOR", notice=pb.Notice(object=raw))
        self.refused("MISMATCH", notice=pb.Notice(object=log[0], log=log))
        self.refused("MALFORMED", notice=pb.Notice(object=b"x", log=log))
        self.refused("TOO_LARGE", notice=pb.Notice(object=raw, log=[bytes(70_000)] * 2))
        for one in (raw, raw, told(os.urandom(32)), told(self.member.id, space=self.forad.space)):
            self.peer.s.call(notice=pb.Notice(object=one, log=log, title="Elsewhere"))
        rows = self.client.call(list_mentions=pb.ListMentions()).rows
        self.assertEqual([(r.object, list(r.log), r.title) for r in rows], [(raw, log, "Elsewhere")])
        self.assertEqual(getattr(rows[0], "from"), self.node.id.id)
        checked("mentions told")

    def test_REP_4_a_whole_set(self):
        for i in range(5):
            q = self.question(f"q{i}")
        last = self.peer.follow_until_caught_up()
        self.assertEqual(self.store.waiting, {})
        self.assertEqual((last.count, last.fingerprint),
                         (len(self.store.log), self.store.fingerprint()))
        digest = self.forad.digest()
        self.assertEqual((digest["objects"], digest["fingerprint"]),
                         (last.count, last.fingerprint.hex()))
        self.assertIn(q.id, self.store.held)
        self.assertEqual(digest["set"], digest_of_set(self.store.items()).hex())
        views = [View(self.store.policy, self.store.held.values(), o.id)
                 for o in self.store.held.values() if o.h.kind == pb.KIND_THREAD]
        self.assertEqual(digest["views"], digest_of_views(views).hex())
        self.assertEqual(self.peer.reconcile()[:2], ([], []))
        checked("objects followed", last.count)

    def test_REP_4_from_a_position(self):
        self.question("a")
        self.peer.follow_until_caught_up()
        position, epoch = self.peer.position, self.peer.epoch
        self.assertEqual(len(epoch), 8)
        held = len(self.store.log)
        q = self.question("b")
        again = self.peer.follow_until_caught_up(position=position, epoch=epoch)
        self.assertEqual([objects.decode(r).id for r in again.objects], [q.id])
        self.assertEqual(len(self.store.log), held + 1)
        whole = self.peer.follow_until_caught_up(position=position, epoch=os.urandom(8))
        self.assertGreater(len(whole.objects), 1)
        whole = self.peer.follow_until_caught_up(position=1 << 40, epoch=epoch)
        self.assertGreater(len(whole.objects), 1)

    def test_REP_4_who_has_the_set_by_another_path_is_not_sent_it(self):
        for i in range(6):
            self.question(f"held {i}")
        count = self.peer.follow_until_caught_up().count
        for held, whole in ((count, False), (-(-count * 7 // 8), False), (count * 7 // 8 - 1, True)):
            last = self.peer.follow_until_caught_up(held=held)
            self.assertEqual((len(last.objects) > 0, last.next, last.count),
                             (whole, last.head, count), held)
            checked("follows with held")

    def test_REP_4_live(self):
        self.peer.follow_until_caught_up(live=True)
        q = self.question("live")
        self.assertTrue(self.peer.run(lambda: q.id in self.store.held))

    def test_REP_4_refusals(self):
        s = self.forad.space
        self.refused("AUDIENCE", follow=pb.Follow(space=s, audience=1))
        self.refused("AUDIENCE", follow=pb.Follow(space=s, audience=9))
        self.refused("UNKNOWN_SPACE", follow=pb.Follow(space=os.urandom(32)))

    def test_REP_5_refusals(self):
        s = self.forad.space
        for name, message in (("VERSION", b"\x62\0\0\0"), ("MALFORMED", b"\x61\0\0"),
                              ("VERSION", b"\x6f"), ("MALFORMED", b"\x70"), ("MALFORMED", b"\0"),
                              ("MALFORMED", b"\x71" + bytes(15)),
                              ("MALFORMED", b"\x61\0\0\3"), ("MALFORMED", b"\x61\0\x21"),
                              ("MALFORMED", b"\x61\0\0\2\1" + bytes(31))):
            self.refused(name, reconcile=pb.Reconcile(space=s, message=message))
        self.refused("LIMIT", reconcile=pb.Reconcile(
            space=s, message=b"\x61" + b"\2\0\0" * 10241))
        whole = negentropy.Negentropy([]).initiate()
        self.refused("AUDIENCE", reconcile=pb.Reconcile(space=s, audience=2, message=whole))
        self.refused("UNKNOWN_SPACE", reconcile=pb.Reconcile(space=os.urandom(32), message=whole))

    def test_REP_7_differences_both_ways(self):
        self.differences_both_ways()

    def test_REP_24_differences_both_ways_with_short_fingerprints(self):
        """Both have the feature, so what is asked and answered begins with 0x71 and a key."""
        self.peer.s.close()
        self.node.hello["features"] = SHORT_FINGERPRINTS | 1 << 40
        self.peer = self.node.connect(connect(self.forad.address), self.client.noise.rs)
        self.differences_both_ways()

    def differences_both_ways(self):
        self.peer.follow_until_caught_up()
        other = identity.Principal(now() - 60_000)
        mine = [other.log[0]]
        for i in range(40):
            mine.append(other.post(4, pb.Thread(type=2, title=f"mine {i}"), now() - 1000 * i,
                                   space=self.forad.space))
        for raw in mine:
            self.assertEqual(self.store.put(raw), "OK")
        theirs = [self.question(f"theirs {i}").id for i in range(40)]
        have, need, rounds = self.peer.reconcile()
        self.assertEqual(set(have), {objects.decode(r).id for r in mine})
        self.assertEqual(set(need), {*theirs, self.member.id})  # REP-3: authors come along
        self.assertEqual(set(self.peer.put_codes), {0})
        self.assertEqual(self.forad.digest()["fingerprint"], self.store.fingerprint().hex())
        self.assertEqual(self.peer.reconcile()[:2], ([], []))
        root = objects.decode(mine[1]).id
        self.assertEqual(fold(self.client, root).opening.title, "mine 0")
        checked("reconciled objects", len(have) + len(need))

    def test_REP_9_pending(self):
        """A post before its thread and its author waits; forad fetches what is missing from us."""
        self.peer.follow_until_caught_up()
        other = identity.Principal(now() - 60_000)
        raw = other.post(4, pb.Thread(type=2, title="first"), now(), space=self.forad.space)
        root = objects.decode(raw).id
        post = other.post(5, pb.Post(type=2, text="x"), now(), space=self.forad.space, root=root,
                          parent=root)
        for r in (other.log[0], raw, post):
            self.assertEqual(self.store.put(r), "OK")
        got = self.peer.s.call(put=pb.Put(objects=[post])).results[0]
        self.assertEqual(NAME[got.code], "PENDING")
        self.assertTrue(self.peer.run(lambda: self.client.call(fetch=pb.Fetch(
            ids=[objects.decode(post).id])).objects), (self.node.seen, self.forad.messages()))
        self.assertIn("get_principal", self.node.seen)
        self.assertIn("fetch", self.node.seen)

    def test_REP_11_and_13_what_a_peer_may_not_bring(self):
        m = self.member
        cases = [
            ("REFUSED", m.post(4, pb.Thread(type=1, title="x"), now(), space=self.forad.space,
                               audience=1)),
            ("REFUSED", m.post(16, pb.Attestation(type=2, subject=m.id, label="x",
                                                  **{"from": 1}), now(), audience=1)),
            ("UNKNOWN_SPACE", m.post(4, pb.Thread(type=1, title="x"), now(),
                                     space=os.urandom(32))),
            ("UNKNOWN_SPACE", m.post(2, pb.PolicyStatement(kind=1, name="planted"), now())),
            ("FORBIDDEN", m.post(2, pb.PolicyStatement(name="taken"), now(),
                                 space=self.forad.space)),
            ("FUTURE", m.post(4, pb.Thread(type=1, title="x"), now() + 700_000,
                              space=self.forad.space)),
        ]
        for name, raw in cases:
            with self.subTest(name):
                got = self.peer.s.call(put=pb.Put(objects=[raw])).results[0]
                self.assertEqual(NAME.get(got.code, got.code), name)
                checked("refused objects")

    def test_REP_15_what_was_refused_of_a_peer_is_shown(self):
        """By forad peers: with its codes, and in a pipe of 80 columns too."""
        raws = [self.member.post(4, pb.Thread(type=1, title=str(n)), now() + later,
                                 space=space) for n, (later, space) in enumerate((
                    (700_000, self.forad.space), (700_000, self.forad.space),
                    (0, os.urandom(32)), (0, self.forad.space)))]
        got = self.peer.s.call(put=pb.Put(objects=raws)).results
        self.assertEqual([NAME.get(r.code, "OK") for r in got],
                         ["FUTURE", "FUTURE", "UNKNOWN_SPACE", "OK"])
        me = text.encode_id("foran", self.node.id.id)
        rows = self.forad.command("peers", "--node", self.forad.address)["peers"]
        row = next(row for row in rows if row["node"] == me)
        self.assertEqual((row["objects_in"], row["accepted"], row["refused"], row["refusals"]),
                         (4, 1, 3, {"FUTURE": 2, "UNKNOWN_SPACE": 1}))
        shown = subprocess.run([FORAD, "peers", "--data", self.forad.data, "--node",
                                self.forad.address], capture_output=True, text=True, timeout=120,
                               env={k: v for k, v in os.environ.items() if k != "COLUMNS"}).stdout
        self.assertLessEqual(max(map(len, shown.splitlines())), 80, shown)
        self.assertIn(f"{me[:14]} py: refused of it since the start: 2 FUTURE, 1 UNKNOWN_SPACE",
                      " ".join(shown.split()))
        self.assertRegex(shown, rf"(?m)^{me[:14]} .* \S+ (B|KiB)/\S+ (B|KiB) +3  good$")
        checked("refused objects", 3)

    def test_ADM_3_rights_are_not_asked_of_a_peer(self):
        q = self.question()
        raw = self.member.post(9, pb.Status(status="fixed"), now(), space=self.forad.space,
                               root=q.id, parent=q.id)
        self.assertEqual([r.code for r in self.peer.s.call(put=pb.Put(objects=[raw])).results], [0])
        self.assertIsNone(fold(self.client, q.id).status)

    def test_SES_30_a_peer_and_clients_messages(self):
        self.peer.s.send(self.peer.s.next_request, get_status=pb.GetStatus())
        with self.assertRaisesRegex(Exception, "STATE"):
            while True:
                self.peer.s.step()

    def test_SES_33_reads(self):
        q = self.question()
        frames = self.peer.s.call_many(lambda a: not a.more, get_thread=pb.GetThread(root=q.id))
        self.assertEqual(list(frames[0].objects), [q.raw])
        got = self.peer.s.call(get_principal=pb.GetPrincipal(principal=self.member.id))
        self.assertIn(self.member.log[0], got.objects)
        row = self.peer.s.call(list_spaces=pb.ListSpaces()).rows[0]
        self.assertEqual((row.space, row.fingerprint.hex()),
                         (self.forad.space, self.forad.digest()["fingerprint"]))


class Followed(unittest.TestCase):
    """forad subscribes to a space of the node here."""

    def setUp(self):
        self.forad = Forad()
        self.node = Node()
        me = self.node.id
        policy = me.post(2, pb.PolicyStatement(kind=1, name="Ours", posting=0), now() - 4000)
        self.space = objects.decode(policy).id
        self.assertEqual(self.node.store.put(policy), "OK")
        self.author = identity.Principal(now() - 4000)
        self.assertEqual(self.node.store.put(self.author.log[0]), "OK")
        self.first = self.write("the first")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.stopping, self.errors = False, []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def tearDown(self):
        self.stopping = True
        self.listener.close()
        self.thread.join(30)
        self.assertEqual(self.forad.stop(), 0)

    def write(self, title):
        raw = self.author.post(4, pb.Thread(type=2, title=title), now(), space=self.space)
        with self.node.lock:
            self.assertEqual(self.node.store.put(raw), "OK")
        return objects.decode(raw).id

    def serve(self):
        self.listener.settimeout(0.1)
        while not self.stopping:
            try:
                sock, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            try:
                peer = self.node.accept(sock)
                self.node.peers.append(peer)
                peer.run(lambda: self.stopping, 600)
            except Exception as e:  # noqa: BLE001, what went wrong is shown by the test
                self.errors.append(e)
            finally:
                sock.close()

    def subscribe(self):
        host, port = self.listener.getsockname()
        self.forad.command("subscribe", text.encode_id("foras", self.space),
                           f"{text.encode_id('foran', self.node.id.id)}@{host}:{port}",
                           "--node", self.forad.address)

    def same(self):
        rows = self.forad.command("digest")
        with self.node.lock:
            want = self.node.store.fingerprint().hex()
        return any(r["fingerprint"] == want for r in rows)

    def test_REP_8_forad_follows_us_and_we_follow_back(self):
        self.subscribe()
        self.assertTrue(wait(self.same), self.forad.messages() + repr(self.errors))
        self.assertIn("follow", self.node.seen)
        self.assertIn("follow_ack", self.node.seen)
        second = self.write("live")
        self.assertTrue(wait(self.same), "what is written here arrives there")
        client = self.forad.client()
        self.assertEqual(fold(client, second).opening.title, "live")
        member = self.forad.member(client)
        raw = member.post(5, pb.Post(type=1, text="from there"), now(), space=self.space,
                          root=second, parent=second)
        self.assertEqual(put(client, raw), [0])
        id_ = objects.decode(raw).id
        self.assertTrue(wait(lambda: id_ in self.node.store.held), "what is written there comes back")
        self.assertTrue(wait(self.same))
        self.assertEqual(self.errors, [])
        client.close()
        checked("live objects", 2)

    def test_REP_15_how_far_catching_up_is_is_shown(self):
        """We say that there is more, and send no more."""
        accept = self.node.accept

        def holding_back(sock):
            peer = accept(sock)
            send = peer.s.send

            def less(n, **body):
                batch = body.get("follow_batch")
                if batch is not None:
                    batch.head, batch.caught_up = batch.next + 1234, False
                send(n, **body)
            peer.s.send = less
            return peer
        self.node.accept = holding_back
        self.subscribe()
        at = ("--node", self.forad.address)
        row = lambda: self.forad.command("peers", *at)["peers"][0]
        self.assertTrue(wait(lambda: row()["to_fetch"] == 1234), (row(), self.forad.messages()))
        got = row()
        self.assertEqual((got["health"], got["objects_in"], got["direction"]),
                         ("behind", len(self.node.store.log), "out"))
        self.assertRegex(got["why"], r"^1,234 objects to fetch( at \d+/(s|min): about \d+ s left)?$")
        for command, says in (("peers", ": 1,234 objects to fetch"), ("status", ": at 4 of 1238 ")):
            shown = subprocess.run([FORAD, command, "--data", self.forad.data, *at],
                                   capture_output=True, text=True, timeout=120).stdout
            self.assertIn(says, " ".join(shown.split()))
        checked("live objects", 3)

    def test_REP_7_forad_reconciles_what_following_did_not_bring(self):
        """A position beyond an object that never was sent: only reconciling finds it."""
        self.forad_reconciles()
        self.assertEqual(self.node.forms, {b"\x61"})

    def test_REP_24_forad_asks_with_short_fingerprints_who_has_the_feature(self):
        self.node.hello["features"] = SHORT_FINGERPRINTS
        self.forad_reconciles()
        form, = self.node.forms
        self.assertEqual(form[0], 0x71)
        self.reconnect()
        self.assertTrue(wait(lambda: len(self.node.forms) > 1), self.forad.messages())
        self.assertEqual({f[0] for f in self.node.forms}, {0x71}, "each has a key of its own")

    def test_REP_25_a_sample_finds_what_fingerprints_hide(self):
        """The node here tells count and fingerprint of what forad holds: as when sums are made up.
        All that is held is within one sample."""
        self.write("another, so that its author is of the set all the same")
        store, withheld, real = self.node.store, self.first, self.node.store.public
        store.public = lambda id_: None if id_ == withheld and not self.node.forms else real(id_)
        self.node.tells = lambda: [i for i in store.log if i != withheld or self.node.forms]
        self.subscribe()
        self.assertTrue(wait(self.same), self.forad.messages() + repr(self.errors))
        asked, = self.node.asked
        self.assertTrue(asked.endswith(b"\2\0"), "an empty list, of everything between two bounds")
        self.assertEqual(self.errors, [])

    def reconnect(self):
        for peer in self.node.peers:
            peer.s.sock.shutdown(socket.SHUT_RDWR)
        self.errors.clear()

    def forad_reconciles(self):
        store = self.node.store
        withheld = self.first
        store.public = lambda id_, real=store.public: (
            None if id_ == withheld and "reconcile" not in self.node.seen else real(id_))
        self.subscribe()
        self.assertTrue(wait(self.same), self.forad.messages() + repr(self.errors))
        self.assertIn("reconcile", self.node.seen)
        self.assertIn("fetch", self.node.seen)
        self.assertEqual(self.errors, [])

    def test_SES_33_each_round_of_reconciling_has_a_number_of_its_own(self):
        """So much is held on both sides that the first round compares fingerprints only."""
        withheld = set([self.write(f"thread {i}") for i in range(1000)][::20])
        store = self.node.store
        store.public = lambda id_, real=store.public: (
            None if id_ in withheld and "reconcile" not in self.node.seen else real(id_))
        self.subscribe()
        self.assertTrue(wait(self.same), self.forad.messages() + repr(self.errors))
        rounds = self.node.rounds
        self.assertGreater(len(rounds), 1)
        self.assertEqual(len(rounds), len(set(rounds)))
        self.assertEqual(self.errors, [])
        checked("rounds of reconciliation", len(rounds))


if __name__ == "__main__":
    main()
