"""All vectors of spec/vectors, by an implementation that was written from the specification."""

import itertools
import hashlib
import json
import os
import pathlib
import random
import unittest

from counted import checked, main, skip_if_missing

skip_if_missing()

from fora_py import (identity, negentropy, noise, objects, pb, policy, receipt, reputation,  # noqa: E402
                     session, text, view, wire)
from fora_py.errors import CODE, Refused  # noqa: E402

X = bytes.fromhex


def load(name):
    return json.loads((pb.SPEC / "vectors" / f"{name}.json").read_text())


def result(call, *args):
    """The name of the code that a call ends with."""
    try:
        call(*args)
        return "OK"
    except Refused as e:
        return e.name


class Ids(unittest.TestCase):
    def test_ENC_7_hashes(self):
        for v in load("ids")["hashes"]:
            self.assertEqual(text.hash_(v["domain"], X(v["message"])).hex(), v["hash"])
            checked("hashes")

    def test_OBJ_9_texts(self):
        for v in load("ids")["texts"]:
            self.assertEqual(text.encode_id(v["prefix"], X(v["id"])), v["text"])
            self.assertEqual(text.decode_id(v["prefix"], v["text"]), X(v["id"]))
            checked("texts of ids")

    def test_OBJ_9_refused_texts(self):
        for v in load("ids")["refused_texts"]:
            self.assertIsNone(text.decode_id(v["prefix"], v["text"]), v["why"])
            checked("refused texts")

    def test_OBJ_8_slots(self):
        for v in load("ids")["slots"]:
            space, parent = (X(v[k]) if k in v else None for k in ("space", "parent"))
            self.assertEqual(text.slot(X(v["author"]), v["kind"], space, parent).hex(), v["slot"])
            checked("slots")


class Signatures(unittest.TestCase):
    def test_ENC_9_verification(self):
        for v in load("signatures")["signatures"]:
            ok = text.verify(X(v["key"]), v["domain"], X(v["message"]), X(v["signature"]))
            self.assertEqual(ok, v["valid"], v["name"])
            checked("signatures")

    def test_ENC_8_signing(self):
        d = load("signatures")
        key, secret = text.keypair(X(d["seed"]))
        for v in d["signatures"]:
            if v["valid"] and X(v["key"]) == key:
                made = text.sign(secret, v["domain"], X(v["message"]))
                self.assertEqual(made.hex(), v["signature"], v["name"])
                checked("signatures made")


class Objects(unittest.TestCase):
    def test_OBJ_every_kind(self):
        for v in load("objects")["objects"]:
            with self.subTest(v["name"]):
                o = objects.open_(X(v["object"]))
                self.assertEqual(o.id.hex(), v["id"])
                self.assertEqual(o.header_bytes.hex(), v["header"])
                for name in ("author", "space", "root", "parent", "lane", "key", "content_hash"):
                    self.assertEqual(getattr(o.h, name).hex(), v.get(name, ""), name)
                for name in ("kind", "created_at", "audience", "content_size"):
                    self.assertEqual(getattr(o.h, name), v[name], name)
                if o.content is not None:
                    self.assertEqual(o.content.hex(), v["content"])
                    o.body()
                checked("objects")

    def test_OBJ_built_again(self):
        d = load("objects")
        _, secret = text.keypair(X(d["seed"]))
        for v in d["objects"]:
            if "content" not in v:
                continue
            given = {k: X(v[k]) for k in ("space", "root", "parent", "lane") if k in v}
            body = objects.decode_content(v["kind"], X(v["content"]))
            content = body.SerializeToString(deterministic=True)  # ENC-2, KIND-1
            raw = objects.build(v["kind"], content, secret, X(v.get("author", "")),
                                v["created_at"], audience=v["audience"], **given)
            self.assertEqual(raw.hex(), v["object"], v["name"])
            checked("objects built")

    def test_OBJ_refused(self):
        for v in load("objects")["refused"]:
            self.assertEqual(result(objects.open_, X(v["object"])), v["code"], v["name"])
            checked("refused objects")

    def test_KIND_MENTION_1_contents(self):
        for v in load("objects")["contents"]:
            got = result(objects.decode_content, v["kind"], X(v["content"]))
            self.assertEqual(got, v["code"], v["name"])
            checked("contents")

    def test_ENC_6_unknown_field_of_a_header_survives(self):
        v = next(v for v in load("objects")["objects"] if v["name"] == "thread")
        key, secret = text.keypair(bytes(31) + b"\1")
        header = X(v["header"]).replace(X(v["key"]), key) + b"\x98\x06\x07"  # field 99
        o = objects.open_(objects.seal(header, X(v["content"]), secret))
        self.assertEqual(o.header_bytes, header)

    def test_ENC_3_cut_anywhere(self):
        for v in load("objects")["objects"][:8]:
            raw = X(v["object"])
            erased = len(objects.encode_envelope(X(v["header"]), X(v["signature"]), None))
            for n in set(range(len(raw))) - {erased}:  # OBJ-10: without content it is whole
                self.assertNotEqual(result(objects.open_, raw[:n]), "OK")
                checked("cut objects")


class Identity(unittest.TestCase):
    def test_ID_cases(self):
        for case in load("identity")["cases"]:
            with self.subTest(case["name"]):
                log = identity.Log()
                for e in case["entries"]:
                    self.assertEqual(result(log.add, objects.open_(X(e["object"]))), e["result"])
                    checked("identity entries")
                self.compare(log, case["state"])
                for c in case["checks"]:
                    said = log.speaks(X(c["key"]), c["created_at"]) or "OK"
                    said = "KEY" if said == "UNKNOWN_AUTHOR" else said
                    self.assertEqual(said, c["result"], c)
                    checked("identity checks")

    def compare(self, log, want):
        s = log.state()
        keys = [{"sign": k.hex(), "added_at": v[0], "revoked_at": v[1], "disputed": k in s.disputed}
                for k, v in s.keys.items()]
        self.assertEqual(keys, want["keys"])
        for name in ("principal", "head", "root"):
            self.assertEqual(getattr(s, name).hex(), want[name], name)
        self.assertEqual((s.home or bytes(32)).hex(), want["home"])
        self.assertEqual((s.type, s.sequence, s.forked),
                         (want["type"], want["sequence"], want["forked"]))

    def test_ID_1_any_order(self):
        for case in load("identity")["cases"]:
            entries = {o.id: o for o in (objects.open_(X(e["object"])) for e in case["entries"]
                                         if e["result"] == "OK")}
            for seed in range(20):
                left, log = list(entries.values()), identity.Log()
                random.Random(seed).shuffle(left)
                while left:
                    left = [o for o in left if result(log.add, o) == "UNKNOWN_PARENT"
                            or (o.h.author and not log.principal)]
                self.compare(log, case["state"])
                checked("orders of logs")


class Receipts(unittest.TestCase):
    def test_RCP_2_trees(self):
        for tree in load("receipts")["trees"]:
            ids, root = [X(i) for i in tree["ids"]], X(tree["root"])
            for id_, proof in zip(ids, tree["proofs"]):
                path = [X(p) for p in proof["path"]]
                self.assertTrue(receipt.comes_out(len(ids), root, id_, proof["index"], path))
                self.assertFalse(receipt.comes_out(len(ids), root, id_, proof["index"], path + [root]))
                self.assertFalse(receipt.comes_out(len(ids), root, bytes(32), proof["index"], path))
                checked("proofs of receipts")

    def test_RCP_3_what_stands(self):
        for case in load("receipts")["cases"]:
            with self.subTest(case["name"]):
                p, logs = policy.Policy(), {}
                for o in (objects.open_(X(raw)) for raw in case["identities"]):
                    logs.setdefault(o.author, identity.Log()).add(o)
                for raw in case["policy"]:
                    p.add(objects.open_(X(raw)))
                items = [objects.open_(X(raw)) for raw in case["objects"]]
                for seed in range(10):
                    random.Random(seed).shuffle(items)
                    fallen = {o.id.hex() for o in receipt.apply(p, logs, items) if o.content is None}
                    self.assertEqual(fallen, set(case["fallen"]))
                    checked("disputes")

    def test_RCP_9_which_statements_stand(self):
        for case in load("receipts")["policies"]:
            with self.subTest(case["name"]):
                logs, statements = {}, [objects.open_(X(raw)) for raw in case["policy"]]
                for o in (objects.open_(X(raw)) for raw in case["identities"]):
                    logs.setdefault(o.author, identity.Log()).add(o)
                items = [objects.open_(X(raw)) for raw in case["objects"]]
                for seed in range(10):
                    random.Random(seed).shuffle(items)
                    random.Random(seed).shuffle(statements)
                    p = policy.Policy()
                    for o in statements:
                        p.add(o)
                    self.assertEqual(receipt.judge(p, logs, items), case["fallen"])
                    staff = {who.hex() for who in logs if p.holds(who, policy.STAFF, case["at"])}
                    self.assertEqual(staff, set(case["staff"]))
                    checked("disputes of policies")


class Reputation(unittest.TestCase):
    def test_ATT_4_verdicts(self):
        for case in load("reputation")["cases"]:
            with self.subTest(case["name"]):
                objs = [objects.open_(X(raw)) for raw in case["objects"]]
                for seed in range(3):
                    random.Random(seed).shuffle(objs)
                    claims = reputation.Claims(objs)
                    for row in case["checks"]:
                        self.assertEqual(claims.verdict(X(row["id"]), row["at"]), row["result"])
                        checked("verdicts")

    def test_ATT_16_carried(self):
        for case in load("reputation")["carried"]:
            with self.subTest(case["name"]):
                carried = objects.open_(X(case["carried"]))
                held = [objects.open_(X(raw)) for raw in case["held"]]
                found = reputation.open_bundle(carried.author, carried.body().objects, held)
                self.assertEqual(found.refused, [(r["index"], r["result"]) for r in case["refused"]])
                self.assertEqual(found.about(carried.author, case["at"]),
                                 [(X(r["id"]), r["result"]) for r in case["claims"]])
                checked("what is carried")

    def test_STD_6_pairs(self):
        for row in load("reputation")["pairs"]:
            self.assertEqual(reputation.pair(row["given"], row["returned"]), row["worth"])
            checked("pairs")

    def test_STD_8_STD_9_STD_11_scores(self):
        for row in load("reputation")["scores"]:
            earned = reputation.earned(row["from_rooted"], row["from_others"])
            got = reputation.standing(row["answers"], row["articles"], row["ideas"],
                                      row["confirmed"], max(row["rating"], 0), earned)
            self.assertEqual((earned, got, reputation.level(got)),
                             (row["earned"], row["standing"], row["level"]))
            checked("scores")

    def test_STD_5_evidence(self):
        for row in load("reputation")["evidence"]:
            self.assertEqual(reputation.evidence_root([X(i) for i in row["ids"]]).hex(), row["root"])
            checked("evidence roots")


class Policies(unittest.TestCase):
    def fold(self, case):
        p = policy.Policy()
        for s in case["statements"]:
            self.assertEqual(result(p.add, objects.open_(X(s["object"]))), s["result"])
            checked("policy statements")
        return p

    def compare(self, p, case):
        want = case["state"]
        self.assertEqual(
            {"space": p.space.hex(), "owner": p.owner().hex(), "kind": p.kind,
             "name": p.field("name"), "posting": p.posting(), "hosts": [h.hex() for h in p.hosts()]},
            {k: want[k] for k in ("space", "owner", "kind", "name", "posting", "hosts")})
        self.assertEqual(p.privileges(), [(r["standing"], r["role"])
                                          for r in case.get("privileges", ())])
        for r in case["roles"]:
            self.assertEqual(p.holds(X(r["principal"]), r["role"], r["at"]), r["held"], r)
            checked("roles")
        for r in case["may_post"]:
            ok = p.may_post(X(r["author"]), r["kind"], r["at"], r["thread_type"])
            self.assertEqual("OK" if ok else "FORBIDDEN", r["result"], r)
            checked("rights")

    def test_POL_cases(self):
        for case in load("policies")["cases"]:
            with self.subTest(case["name"]):
                self.compare(self.fold(case), case)

    def test_POL_1_any_order(self):
        for case in load("policies")["cases"]:
            held = [objects.open_(X(s["object"])) for s in case["statements"]
                    if s["result"] == "OK"]
            first = next(o for o in held if not o.h.space)
            for seed in range(20):
                random.Random(seed).shuffle(held)
                p = policy.Policy()
                for o in [first] + held:
                    p.add(o)
                self.compare(p, case)
                checked("orders of policies")


class Views(unittest.TestCase):
    def folded(self, case, seed):
        p = policy.Policy()
        statements = [objects.open_(X(x)) for x in case["policy"]]
        for o in sorted(statements, key=lambda o: bool(o.h.space)):
            p.add(o)
        items = [objects.open_(X(x)) for x in case["objects"]]
        random.Random(seed).shuffle(items)
        roots = {o.h.root for o in items if o.h.root} | {o.id for o in items if o.h.kind == 4}
        self.assertEqual(len(roots), 1)
        return view.View(p, items, roots.pop())

    def test_VIEW_11_encodings_in_any_order(self):
        for case in load("views")["cases"]:
            for seed in range(10):
                with self.subTest(case["name"], seed=seed):
                    if case["result"] != "OK":
                        self.assertRaises(LookupError, self.folded, case, seed)
                        continue
                    v = self.folded(case, seed)
                    self.assertEqual(v.encode().hex(), case["encoding"])
                    self.assertEqual(v.digest().hex(), case["digest"])
                    self.assertEqual((view.bits(v.marks()), v.answers, v.comments),
                                     (case["marks"], case["answers"], case["comments"]))
                    checked("views")

    def test_VIEW_10_versions(self):
        for v in load("views")["versions"]:
            self.assertEqual(view.compare_versions(v["a"], v["b"]), v["order"], v)
            self.assertEqual(view.compare_versions(v["b"], v["a"]), -v["order"], v)
            checked("versions")


class Handshakes(unittest.TestCase):
    def test_TRN_all_bytes(self):
        for v in load("handshakes")["handshakes"]:
            pattern = "XX" if "_XX_" in v["protocol"] else "IK"
            preamble = b"FORA\x01" + bytes([pattern == "IK", 0, 0])
            i, r = v["initiator"], v["responder"]
            one = noise.Handshake(pattern, True, X(i["static_secret"]), preamble,
                                  X(r["static_public"]) if pattern == "IK" else None,
                                  X(i["ephemeral_secret"]))
            two = noise.Handshake(pattern, False, X(r["static_secret"]), preamble, None,
                                  X(r["ephemeral_secret"]))
            wrote = self.run_both(one, two, preamble, v)
            self.assertEqual(wrote, [(s["from"], s["bytes"]) for s in v["steps"]])
            self.assertEqual((one.h.hex(), two.h.hex()), (v["handshake_hash"],) * 2)
            self.assertEqual((one.rs, two.rs), (X(r["static_public"]), X(i["static_public"])))
            checked("handshakes")

    @staticmethod
    def run_both(one, two, preamble, v):
        """Who wrote what at once. Who ends the handshake sends its Hello with the last message."""
        def sealed(side, name):
            data = side.send.encrypt(b"", X(v[f"{name}_hello"]))
            return len(data).to_bytes(2, "big") + data
        out, prefix, said = [], preamble, set()
        for side, other in itertools.cycle([(one, two), (two, one)]):
            name = "initiator" if side is one else "responder"
            data = prefix
            if not side.done:
                message = side.write()
                other.read(message[2:])
                data += message
            if side.done:
                data += sealed(side, name)
                said.add(name)
            out.append((name, data.hex()))
            prefix = b""
            if len(said) == 2:
                return out


class Frames(unittest.TestCase):
    def test_SES_accepted(self):
        for v in load("frames")["accepted"]:
            raw = X(v["frame"])
            self.assertEqual(len(raw) - 4, int.from_bytes(raw[:4], "big"))
            frame = wire.decode("Frame", raw[4:])
            name = frame.WhichOneof("body")
            self.assertEqual(name.replace("_", ""), v["message"].lower())
            self.assertEqual(frame.request, v["request"])
            self.assertEqual(frame.SerializeToString().hex(), raw[4:].hex())
            checked("frames")

    def test_SES_30_has_every_message(self):
        names = {f.name for f in pb.Frame.DESCRIPTOR.fields} - {"request"}
        held = {wire.decode("Frame", X(v["frame"])[4:]).WhichOneof("body")
                for v in load("frames")["accepted"]}
        self.assertEqual(names, held)

    def test_ENC_refused(self):
        for v in load("frames")["refused"]:
            self.assertEqual(CODE[v["code"]], v["number"])
            if v["why"].startswith(("SES-3:",)):
                self.assertEqual(result(wire.decode, "Frame", X(v["frame"])[4:]), v["code"],
                                 v["why"])
                checked("refused frames")


class Negentropy(unittest.TestCase):
    def setUp(self):
        path = pathlib.Path(os.environ.get("FORA_DATA", "")) / "negentropy/negentropy-v1-vectors.json"
        if not os.environ.get("FORA_DATA") or not path.exists():
            self.skipTest("no FORA_DATA")
        self.data = json.loads(path.read_text())

    def side(self, v):
        return negentropy.Negentropy([(t, X(i)) for t, i in v["items"]], v["frameSizeLimit"])

    def test_REP_5_sessions(self):
        for v in self.data["sessions"]:
            one, two = self.side(v["client"]), self.side(v["server"])
            trace, message = [], one.initiate()
            while message is not None:
                answer = two.answer(message)
                trace.append((message.hex(), answer.hex()))
                message = one.next(answer)
                self.assertLess(len(trace), 100)
            self.assertEqual({i.hex() for i in one.have}, set(v["final"]["have"]), v["name"])
            self.assertEqual({i.hex() for i in one.need}, set(v["final"]["need"]), v["name"])
            if not v["client"]["frameSizeLimit"] and not v["server"]["frameSizeLimit"]:
                self.assertEqual(trace, [(r["client"], r["server"]) for r in v["rounds"]])
            checked("reconciliations")

    def test_REP_6_fingerprints(self):
        for v in self.data["fingerprints"]:
            if "ids" in v:
                got = negentropy.fingerprint(X(i) for i in v["ids"])
                self.assertEqual(got.hex(), v["fingerprint"], v["name"])
                checked("fingerprints")


class Reconciling(unittest.TestCase):
    """Of the specification's own vectors, in both forms."""

    def test_REP_24_fingerprints(self):
        for v in load("reconcile")["fingerprints"]:
            ids = [X(i) for i in v["ids"]]
            self.assertEqual(negentropy.fingerprint(ids).hex(), v["fingerprint"])
            self.assertEqual(negentropy.fingerprint(ids, X(v["key"])).hex(), v["short"])
            checked("short fingerprints")

    @staticmethod
    def items(v, lacks):
        return [(1700000000 + 40 * (n // 3), hashlib.sha256(b"r%d" % n).digest())
                for n in range(v["items"]) if n not in v[lacks]]

    def test_REP_5_and_24_sessions(self):
        for v in load("reconcile")["sessions"]:
            one = negentropy.Negentropy(self.items(v, "client_lacks"), 0, X(v.get("key", "")))
            two = negentropy.Negentropy(self.items(v, "server_lacks"))
            trace, message = [], one.initiate()
            while message is not None:
                answer = two.answer(message)
                trace.append((message.hex(), answer.hex()))
                message = one.next(answer)
            self.assertEqual(trace, [(r["client"], r["server"]) for r in v["rounds"]], v["name"])
            self.assertEqual({i.hex() for i in one.have}, set(v["final"]["have"]), v["name"])
            self.assertEqual({i.hex() for i in one.need}, set(v["final"]["need"]), v["name"])
            checked("reconciliations of the specification")


class Random(unittest.TestCase):
    def test_REP_5_and_24_random_sets(self):
        for seed in range(40):
            rng = random.Random(seed)
            pool = [(rng.randrange(1, 50 if seed % 2 else 2**31), rng.randbytes(32))
                    for _ in range(rng.randrange(600))]
            one, two = ({i for i in pool if rng.random() < 0.9} for _ in "ab")
            limit = 4096 if seed % 3 == 0 else 0
            key = rng.randbytes(negentropy.KEY_SIZE) if seed % 5 < 2 else b""
            a, b = negentropy.Negentropy(one, limit, key), negentropy.Negentropy(two, limit)
            message = a.initiate()
            while message is not None:
                message = a.next(b.answer(message))
            self.assertEqual(set(a.have), {i for _, i in one - two})
            self.assertEqual(set(a.need), {i for _, i in two - one})
            checked("random reconciliations")

    def test_TRN_10_stream_between_two_sessions(self):
        import socket
        import threading
        left, right = socket.socketpair()
        static = bytes(31) + b"\7"
        key = identity.Principal(1000, noise_key=noise.public(static), name="a")
        other = session.Session(right, False, static, node=key)
        thread = threading.Thread(target=other.start)
        thread.start()
        one = session.Session(left, remote=noise.public(static)).start()
        thread.join(10)
        self.assertEqual(one.peer.node, key.id)
        self.assertEqual(one.noise.h, other.noise.h)
        left.close()
        right.close()


if __name__ == "__main__":
    main()
