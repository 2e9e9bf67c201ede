"""Identity logs (section 3)."""

import os

from . import objects, pb
from .errors import Refused
from .text import hash_, keypair

LEEWAY = 600_000  # LIM-4
_OPERATIONS = ("create", "add_key", "revoke_key", "rotate", "home", "node", "recover")


def commitment(key):
    return hash_("fora.v1.root-commitment", key)


def operation(body):
    return next(name for name in _OPERATIONS if body.HasField(name))


class Path:
    """What the entries from the create entry down to one say."""

    def __init__(self, create=None):
        self.root = self.commitment = b""
        self.added, self.revoked = {}, set()


class Log:
    """A set of entries of one principal. `add` raises Refused."""

    def __init__(self):
        self.principal, self.entries, self.bodies, self.children = None, {}, {}, {}

    def add(self, obj):
        if obj.id in self.entries:
            return
        body = obj.body()
        if body is None:
            raise Refused("NO_CONTENT")
        op = operation(body)
        if not obj.h.author:
            self._create(obj, body, op)
        else:
            self._later(obj, body, op)
        if len(self.entries) >= 1024:
            raise Refused("LIMIT")
        self.entries[obj.id], self.bodies[obj.id] = obj, body
        self.children.setdefault(obj.h.parent, []).append(obj.id)

    def _create(self, obj, body, op):
        c = body.create
        signs = [k.sign for k in c.keys]
        if op != "create" or self.principal or c.type not in (1, 2) or len(set(signs)) < len(signs):
            raise Refused("IDENTITY", "ID-3")
        if (c.type == 1 and c.HasField("node")) or (c.type == 2 and c.home):
            raise Refused("IDENTITY", "ID-3")
        self.principal = obj.id

    def _later(self, obj, body, op):
        if self.principal and obj.h.author != self.principal:
            raise Refused("IDENTITY", "of somebody else")
        parent = self.entries.get(obj.h.parent)
        if parent is None:
            raise Refused("UNKNOWN_PARENT", about=obj.h.parent)
        p = self.path(parent.id)
        key, pbody = obj.h.key, self.bodies[parent.id]
        ok = (op != "create" and body.sequence == pbody.sequence + 1 and obj.h.created_at >= parent.h.created_at)
        if op in ("rotate", "recover"):
            new = getattr(body, op).next_root_commitment
            ok = ok and commitment(key) == p.commitment and bool(new)
        elif op == "revoke_key":
            sign = body.revoke_key.sign
            ok = ok and sign in p.added and (
                key == p.root or (key == sign and sign not in p.revoked))
        else:
            kind = self.create.type
            ok = ok and key == p.root
            ok = ok and not (op == "add_key" and body.add_key.sign in p.added)
            ok = ok and not (op == "home" and kind != 1) and not (op == "node" and kind != 2)
        if not ok:
            raise Refused("IDENTITY", f"{op} does not follow")

    @property
    def create(self):
        return self.bodies[self.principal].create

    def branch(self, id_):
        out = []
        while id_:
            out.append(id_)
            id_ = self.entries[id_].h.parent
        return out[::-1]

    def path(self, id_):
        p = Path()
        for e in self.branch(id_):
            obj, body = self.entries[e], self.bodies[e]
            op = operation(body)
            if op == "create":
                p.root, p.commitment = obj.h.key, body.create.next_root_commitment
                p.added = {k.sign: obj for k in body.create.keys}
            elif op in ("rotate", "recover"):
                p.root, p.commitment = obj.h.key, getattr(body, op).next_root_commitment
            elif op == "add_key":
                p.added[body.add_key.sign] = obj
            elif op == "revoke_key":
                p.revoked.add(body.revoke_key.sign)
        return p

    def _rank(self, id_):
        obj, body = self.entries[id_], self.bodies[id_]
        op = operation(body)
        own = op == "revoke_key" and obj.h.key != self.path(obj.h.parent).root
        return (0 if op in ("rotate", "recover") else 2 if own else 1), obj.order

    def _leading(self):
        """What is a rotation or has one below it."""
        leading = set()
        for id_, body in self.bodies.items():
            if operation(body) in ("rotate", "recover"):
                while id_ and id_ not in leading:
                    leading.add(id_)
                    id_ = self.entries[id_].h.parent
        return leading

    def state(self):
        s = State(self.principal, self.create.type)
        at, leading = self.principal, self._leading()
        while True:
            s.branch.append(at)
            children = self.children.get(at)
            if not children:
                break
            at = min(children, key=lambda c: (0 if c in leading else 1, *self._rank(c)))
        s.forked = any(len(c) > 1 for c in self.children.values())
        roots = {}
        for id_ in s.branch:
            obj, body = self.entries[id_], self.bodies[id_]
            op = operation(body)
            if op == "create":
                s.keys = {k.sign: [obj.h.created_at, 0, True] for k in body.create.keys}
                s.home, s.node = body.create.home, body.create.node
            elif op == "add_key":
                s.keys[body.add_key.sign] = [obj.h.created_at, 0, False]
            elif op == "home":
                s.home = body.home.home
            elif op == "node":
                s.node = body.node
            elif op == "revoke_key" and self._rank(id_)[0] == 1:
                when, told = obj.h.created_at, body.revoke_key.compromised_at
                roots[body.revoke_key.sign] = told if told and told < when else when
                (s.disputed.add if told else s.disputed.discard)(body.revoke_key.sign)
            s.sequence, s.head = body.sequence, id_
        last = self.path(s.head)
        s.root, s.commitment = last.root, last.commitment
        for id_, body in self.bodies.items():
            if operation(body) == "revoke_key" and self._rank(id_)[0] == 2:
                sign, when = body.revoke_key.sign, self.entries[id_].h.created_at
                if sign in s.keys and sign not in roots:
                    s.keys[sign][1] = min(s.keys[sign][1] or when, when)
        for sign, when in roots.items():
            s.keys[sign][1] = when
        return s

    def speaks(self, key, created_at):
        """ID-11: None when it speaks, else the name of the code."""
        found = self.state().keys.get(key)
        if found is None:
            return "UNKNOWN_AUTHOR"
        added, revoked, at_create = found
        if revoked and created_at >= revoked:
            return "KEY"
        return None if at_create or created_at >= added - LEEWAY else "KEY"


class State:
    def __init__(self, principal, kind):
        self.principal, self.type, self.branch, self.keys = principal, kind, [], {}
        self.home = self.head = self.root = self.commitment = b""
        self.node, self.sequence, self.forked, self.disputed = None, 0, False, set()


class Principal:
    """A member or node whose keys are here."""

    def __init__(self, now, home=None, noise_key=None, name=""):
        self.root, self.next_root, self.device = (keypair(os.urandom(32)) for _ in range(3))
        create = pb.IdentityCreate(type=2 if noise_key else 1,
                                   next_root_commitment=commitment(self.next_root[0]),
                                   keys=[pb.DeviceKey(sign=self.device[0], label="interop")])
        if home:
            create.home = home
        if noise_key:
            create.node.CopyFrom(pb.NodeInfo(noise_key=noise_key, name=name))
        self.log = [objects.build(1, pb.IdentityEntry(create=create), self.root[1], created_at=now)]
        self.head = self.id = objects.decode(self.log[0]).id
        self.sequence = 0

    def entry(self, secret, created_at, **op):
        self.sequence += 1
        raw = objects.build(1, pb.IdentityEntry(sequence=self.sequence, **op), secret, self.id,
                            created_at, parent=self.head)
        self.log.append(raw)
        self.head = objects.decode(raw).id
        return raw

    def post(self, kind, content, created_at, **references):
        return objects.build(kind, content, self.device[1], self.id, created_at, **references)
