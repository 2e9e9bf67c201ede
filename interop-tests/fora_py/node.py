"""A tiny node: one space, in memory; follows, is followed, reconciles (02a, section 9)."""

import os
import threading
import time

from . import identity, negentropy, noise, objects, pb, policy
from .errors import CODE, Refused
from .session import SHORT_FINGERPRINTS, Session
from .text import slot

WAIT = {"UNKNOWN_AUTHOR", "UNKNOWN_PARENT", "UNKNOWN_SPACE"}
MAY_LACK_CONTENT = {3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 19, 22}
OF_THREAD_ONLY = {3, 4, 5, 6, 7, 10, 11}


def now():
    return int(time.time() * 1000)


class Store:
    """What a node holds of one space; `space` may be set before its first statement is here."""

    def __init__(self, space=None, clock=now):
        self.space, self.clock, self.epoch = space, clock, os.urandom(8)
        self.policy, self.logs, self.held, self.members = policy.Policy(), {}, {}, set()
        self.own, self.log, self.slots, self.waiting = {}, [], {}, {}
        self.brought = {}

    # Admission

    def put(self, raw, peer=None):
        """The name of the code, "OK" for stored."""
        code = self.put_one(raw, peer)
        if code == "OK" and self.waiting:
            self.retry(peer)
        return code

    def put_one(self, raw, peer):
        try:
            o = objects.decode(raw)
            if o.id in self.held:
                return "OK"
            objects.check(o)
            self.brought[o.id] = peer
            self.admit(o)
        except Refused as e:
            if e.name in WAIT and peer:
                self.waiting[o.id] = (raw, e.about)
                return "PENDING"
            return e.name
        return "OK"

    def retry(self, peer):
        """What waited for something that came."""
        came = True
        while came:
            came = [i for i, (_, about) in self.waiting.items()
                    if about in self.held or about == self.space]
            came = [i for i in came if self.put_one(self.waiting.pop(i)[0], peer) == "OK"]

    def admit(self, o):
        if o.h.created_at > self.clock() + 600_000:
            raise Refused("FUTURE")
        if o.h.audience > 2 or (o.h.kind in (1, 2, 3, 22) and o.h.audience):
            raise Refused("AUDIENCE")
        if o.content is None:
            if o.h.kind in pb.CONTENT and o.h.kind not in MAY_LACK_CONTENT:
                raise Refused("NO_CONTENT")
        else:
            o.body()
        if o.h.kind == pb.KIND_IDENTITY:
            self.admit_entry(o)
            return
        log = self.logs.get(o.author)
        if log is None:
            raise Refused("UNKNOWN_AUTHOR", about=o.author)
        code = log.speaks(o.h.key, o.h.created_at)
        if code:
            raise Refused(code, about=o.author)
        if o.h.kind in (7, 21) and log.create.type != 2:
            raise Refused("MISMATCH", "ADM-9")
        if o.h.kind == pb.KIND_POLICY:
            self.admit_statement(o)
        elif o.h.space:
            if o.h.space != self.space or not self.policy.first:
                raise Refused("UNKNOWN_SPACE", about=o.h.space)
            self.references(o)
        self.hold(o)

    def admit_entry(self, o):
        principal = o.author
        log = self.logs.get(principal) or identity.Log()
        if o.h.author and not log.principal:
            raise Refused("UNKNOWN_AUTHOR", about=principal)
        log.add(o)
        self.logs[principal] = log
        self.hold(o)

    def admit_statement(self, o):
        if self.space is None and not o.h.space:
            self.space = o.id
        if (o.h.space or o.id) != self.space:
            raise Refused("UNKNOWN_SPACE", about=o.h.space)
        if o.h.space:
            if not self.policy.first:
                raise Refused("UNKNOWN_SPACE", about=o.h.space)
            if not self.policy.admits(o.author):
                raise Refused("FORBIDDEN")
        self.policy.add(o)

    def references(self, o):
        """ADM-8."""
        h = o.h
        if h.root:
            root = self.held.get(h.root)
            if root is None:
                raise Refused("UNKNOWN_PARENT", about=h.root)
            if root.h.kind != pb.KIND_THREAD or root.h.space != h.space:
                raise Refused("MISMATCH")
            if root.h.audience != h.audience:
                raise Refused("AUDIENCE")
        if h.kind not in range(5, 16) and h.kind != 17:
            return
        parent = self.held.get(h.parent)
        if parent is None:
            raise Refused("UNKNOWN_PARENT", about=h.parent)
        if not self.parent_fits(o, parent):
            raise Refused("MISMATCH")

    def parent_fits(self, o, parent):
        h, p, body = o.h, parent.h, o.body()
        whole = parent.id == h.root
        inside = whole or p.root == h.root
        post = whole or (inside and p.kind == 5)
        if h.kind == 5:
            return post and not (body and body.type == 1 and not whole)
        if h.kind in (6, 7, 8, 12):
            return post
        if h.kind in (9, 10):
            return whole
        if h.kind == 11:
            return whole and not (body and body.original == h.root)
        if h.kind in (13, 15):
            fits = inside and p.kind not in (7, 13, 15)
            if h.kind == 13 and body.action in OF_THREAD_ONLY:
                return whole
            return fits and (h.kind == 13 or parent.author == o.author)
        if h.kind == 14:
            return inside and p.kind == 13
        return p.kind == 16 and parent.author == o.author

    def hold(self, o):
        if o.h.kind in objects.REPLACEABLE:
            name = slot(o.author, o.h.kind, o.h.space, o.h.parent)
            old = self.slots.get(name)
            if old and old.order > o.order:
                raise Refused("SUPERSEDED")
            if old:
                del self.held[old.id]
                self.log = [i for i in self.log if i != old.id]  # positions: see join()
            self.slots[name] = o
        self.held[o.id] = o
        self.join(o)

    # The set

    def personal(self, o):
        return o.h.kind in (1, 3, 22) or (o.h.kind in (16, 17) and not o.h.space)

    def join(self, o):
        """REP-2, REP-3: authors come along, before what they wrote."""
        if self.personal(o):
            self.own.setdefault(o.author, []).append(o)
            if o.author in self.members:
                self.log.append(o.id)
            return
        if o.author not in self.members:
            self.members.add(o.author)
            mine = self.own.get(o.author, [])
            self.log += [x.id for x in mine if x.id in self.held]
        self.log.append(o.id)

    def items(self):
        return [(self.held[i].h.created_at // 1000, i) for i in self.log]

    def fingerprint(self):
        return negentropy.fingerprint(self.log)

    def public(self, id_):
        o = self.held.get(id_)
        return o if o is not None and o.h.audience == 0 else None


class Peer:
    """A session of a node with another: both may ask."""

    def __init__(self, node, session):
        self.node, self.s, self.lock = node, session, node.lock
        session.on_request = self.on_request
        self.id = session.peer.node
        self.serving, self.follow_back = {}, None
        self.refused_by_peer, self.caught_up, self.batches = [], None, 0

    @property
    def store(self):
        return self.node.store

    # Asked by the other side

    def on_request(self, s, frame, name):
        n, body = frame.request, getattr(frame, name)
        self.node.seen.append(name)
        try:
            with self.lock:
                getattr(self, "do_" + name, self.unsupported)(n, body)
        except Refused as e:
            s.send(n, error=pb.Error(code=e.code, text=e.text))

    def unsupported(self, n, body):
        raise Refused("UNSUPPORTED")

    def do_follow(self, n, m):
        self.check_set(m)
        position = m.position if m.epoch in (b"", self.store.epoch) else 0
        self.serving[n] = [position if position <= len(self.store.log) else 0, m.live]
        self.serve(n, first=True)
        if m.live and self.node.follows_back and not self.s.initiator and not self.follow_back:
            self.follow_back = self.follow(live=True)

    def check_set(self, m):
        if m.audience:
            raise Refused("AUDIENCE")
        if m.space != self.store.space:
            raise Refused("UNKNOWN_SPACE")

    def serve(self, n, first=False):
        position, live = self.serving[n]
        log = self.store.log
        while first or position < len(log):
            first, batch, size = False, [], 0
            while position < len(log) and len(batch) < 512 and size < 200_000:
                id_ = log[position]
                position += 1
                o = self.store.public(id_)
                if o and self.store.brought.get(id_) != self.id:
                    batch.append(o.raw)
                    size += len(o.raw)
            done = position == len(log)
            out = pb.FollowBatch(epoch=self.store.epoch, objects=batch, next=position,
                                 head=len(log), caught_up=done)
            if done:
                told = self.node.tells()
                out.count, out.fingerprint = len(told), negentropy.fingerprint(told)
            self.s.send(n, follow_batch=out)
        self.serving[n][0] = position
        if not live:
            del self.serving[n]

    def do_follow_ack(self, n, m):
        self.refused_by_peer += [(r.id, r.code) for r in m.refused]

    def do_cancel(self, n, m):
        self.serving.pop(n, None)

    def do_put(self, n, m):
        out = pb.PutResult()
        for raw in m.objects:
            code = self.store.put(raw, self.id)
            out.results.add(id=objects.decode(raw).id, code=CODE.get(code, 0))
        self.s.send(n, put_result=out)

    def do_fetch(self, n, m):
        out = pb.Objects()
        for id_ in m.ids:
            o = self.store.public(id_)
            if o:
                out.objects.append(o.raw)
            else:
                out.missing.append(id_)
        self.s.send(n, objects=out)

    def do_reconcile(self, n, m):
        self.check_set(m)
        self.node.rounds.append(n)
        self.node.asked.append(m.message)
        short = m.message[0] == negentropy.SHORT
        self.node.forms.add(m.message[:1 + negentropy.KEY_SIZE if short else 1])
        answer = negentropy.Negentropy(self.store.items(), 60_000).answer(m.message)
        self.s.send(n, reconcile_reply=pb.ReconcileReply(message=answer))

    def do_get_principal(self, n, m):
        mine = [o.raw for o in self.store.own.get(m.principal, []) if o.id in self.store.held]
        if not mine:
            raise Refused("ABSENT")
        self.s.send(n, principal_objects=pb.PrincipalObjects(principal=m.principal, objects=mine))

    def do_list_spaces(self, n, m):
        st = self.store
        row = pb.SpaceRow(space=st.space, objects=len(st.log), fingerprint=st.fingerprint(),
                          policy=[o.raw for o, _ in st.policy.statements.values()])
        self.s.send(n, spaces=pb.Spaces(rows=[row]))

    # Asked by this side

    def follow(self, live=False, position=0, epoch=b"", held=0):
        def on_answer(frame, name):
            if name == "error":
                raise Refused("REFUSED", f"Follow: {frame.error.code} {frame.error.text}")
            batch = frame.follow_batch
            self.batches += 1
            refused = []
            with self.lock:
                for raw in batch.objects:
                    code = self.store.put(raw, self.id)
                    if code != "OK":
                        refused.append(pb.Result(id=objects.decode(raw).id, code=CODE[code]))
            self.s.send(number[0], follow_ack=pb.FollowAck(refused=refused))
            self.position, self.epoch = batch.next, batch.epoch
            if batch.caught_up:
                self.caught_up = batch
        number = [self.s.next_request]
        self.caught_up = None
        self.s.ask(on_answer, follow=pb.Follow(space=self.store.space, live=live, epoch=epoch,
                                               position=position, held=held))
        return number[0]

    def follow_until_caught_up(self, **options):
        n = self.follow(**options)
        while self.caught_up is None:
            self.s.step()
        if not options.get("live"):
            del self.s.open[n]
        return self.caught_up

    def reconcile(self):
        """(have, need, rounds); what is missing is fetched and put."""
        both = self.node.hello["features"] & self.s.peer.features & SHORT_FINGERPRINTS
        key = os.urandom(negentropy.KEY_SIZE) if both else b""
        ng = negentropy.Negentropy(self.store.items(), 60_000, key)
        message, rounds = ng.initiate(), 0
        while message is not None and rounds < 64:
            reply = self.s.call(reconcile=pb.Reconcile(space=self.store.space, message=message))
            message, rounds = ng.next(reply.message), rounds + 1
        if ng.need:
            got = self.s.call(fetch=pb.Fetch(ids=ng.need))
            for raw in got.objects:
                self.store.put(raw, self.id)
        if ng.have:
            have = [i for i in self.store.log if i in set(ng.have)]  # authors first
            result = self.s.call(put=pb.Put(objects=[self.store.held[i].raw for i in have]))
            self.put_codes = [r.code for r in result.results]
        return ng.have, ng.need, rounds

    def run(self, until, timeout=120):
        """Reads and serves until the condition holds."""
        end = time.time() + timeout
        while not until():
            if time.time() > end:
                return False
            if self.s.ready(0.05):
                self.s.step()
            with self.lock:
                for n in list(self.serving):
                    self.serve(n)
        return True


class Node:
    def __init__(self, name="py", store=None, follows_back=True, features=0):
        self.static = os.urandom(32)
        self.id = identity.Principal(now() - 5000, noise_key=noise.public(self.static), name=name)
        self.store = store or Store()
        self.lock = threading.RLock()
        self.follows_back, self.seen, self.peers = follows_back, [], []
        self.rounds = []  # the request of each round of reconciliation,
        self.asked, self.forms = [], set()  # their messages, and how these begin
        self.hello = {"features": features}
        self.tells = lambda: self.store.log  # what count and fingerprint are told of
        for raw in self.id.log:
            self.store.put(raw)

    def connect(self, sock, remote=None):
        return Peer(self, Session(sock, True, self.static, remote, self.id, self.hello).start())

    def accept(self, sock):
        return Peer(self, Session(sock, False, self.static, None, self.id, self.hello).start())
