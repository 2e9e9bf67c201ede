"""Reputation (section 12): verdicts on attestations, the arithmetic of a standing, evidence."""

from math import isqrt

from . import identity, objects, pb, policy, receipt
from .errors import Refused
from .text import hash_

STANDING, BADGE, AFFILIATION, DELEGATION, TRUST = range(1, 6)
RULE = "fora-standing-1"
_MOST = 2**32 - 1


# The arithmetic (12.4)

def pair(given, returned):
    """STD-6."""
    p = min(given, _MOST)
    mutual = min(p, returned)
    q = p - mutual + mutual // 4
    return q if q <= 30 else min(60, 30 + (q - 30) // 4)


def bent(points, most):
    points = min(points, _MOST)
    return points if points <= 100 else min(most, 100 + isqrt(100 * (points - 100)))


def earned(from_rooted, from_others):
    """STD-8."""
    return min(_MOST, min(from_rooted, _MOST) + bent(from_others, 500))


def standing(answers, articles, ideas, confirmed, helpful, earned_):
    """STD-9."""
    cut = [min(n, _MOST) for n in (answers, articles, confirmed, ideas)]
    word = min(_MOST, cut[2] + cut[3])
    return min(_MOST, min(50, cut[0] + 3 * cut[1]) + min(earned_, _MOST) + 20 * word
               + bent(helpful, 300))


def level(points):
    """STD-11."""
    return sum(points >= least for least in (10, 100, 300, 1000, 3000))


def contradicts_itself(body):
    """STD-12."""
    f = {x.name: x.count for x in body.facts}
    got = [f.get(n, 0) for n in ("answers", "articles", "ideas", "confirmed", "helpful", "earned")]
    return body.rule == RULE and (
        f.get("standing", 0) != standing(*got) or f.get("rooted", 0) > f.get("givers", 0)
        or got[5] > 60 * f.get("rooted", 0) + 500)


def evidence_root(ids):
    """STD-5: the tree of KIND-TALLY-3 in the order given."""
    nodes = [hash_("fora.v1.merkle.leaf", i) for i in ids]
    while len(nodes) > 1:
        pairs = [nodes[i:i + 2] for i in range(0, len(nodes), 2)]
        nodes = [hash_("fora.v1.merkle.node", *p) if len(p) == 2 else p[0] for p in pairs]
    return nodes[0] if nodes else bytes(32)


# Verdicts (12.2)

class Attested:
    """An attestation with its content, as one compares it with others."""

    def __init__(self, obj):
        self.obj, self.body, self.h = obj, obj.body(), obj.h
        b = self.body
        self.award = b.subject, b.type, b.label
        self.line = obj.author, obj.h.space, b.rule, b.delegation, self.award

    def in_term(self, t):
        begin, end = self.period()
        return begin <= t and (end == 0 or t < end)

    def said(self):
        b = self.body
        return [(f.name, f.count) for f in b.facts], b.evidence_root

    def period(self):
        return getattr(self.body, "from"), self.body.until


class Claims:
    """What a verifier holds, of objects that were opened (row 1), in any order."""

    def __init__(self, objs):
        self.logs, self.policies, self.all, self.revoked = {}, {}, {}, {}
        entries = [o for o in objs if o.h.kind == pb.KIND_IDENTITY]
        for o in sorted(entries, key=lambda o: o.body().sequence):
            log = self.logs.get(o.author) if o.h.author else identity.Log()
            if log is None:
                continue
            try:
                log.add(o)
            except Refused:
                continue
            self.logs.setdefault(o.author, log)
        self._policies(objs)
        self.all = {o.id: Attested(o) for o in objs if o.h.kind == 16}
        for o in objs:
            if o.h.kind == 17 and self._key(o) is None:
                about = self.all.get(o.h.parent)
                if about and about.obj.author == o.author:
                    was = self.revoked.get(o.h.parent, o.h.created_at)
                    self.revoked[o.h.parent] = min(was, o.h.created_at)

    def _policies(self, objs):
        for o in objs:
            if o.h.kind != pb.KIND_POLICY or self._key(o) is not None:
                continue
            try:
                self.policies.setdefault(o.h.space or o.id, policy.Policy()).add(o)
            except Refused:
                pass
        self.policies = {s: p for s, p in self.policies.items() if p.first}
        for p in self.policies.values():
            receipt.judge(p, self.logs, [o for o in objs if self._key(o) is None])

    def _key(self, o):
        log = self.logs.get(o.author)
        if log is None:
            return "UNKNOWN_AUTHOR"
        return log.speaks(o.h.key, o.h.created_at) and "KEY"

    def _unknown(self, a):
        """Rows 2 and 3."""
        if a.h.space and a.h.space not in self.policies:
            return self._key(a.obj) or "UNKNOWN_SPACE"
        return self._key(a.obj)

    def _hosts(self, space, who):
        p = self.policies[space]
        return who == p.owner() or who in p.hosts()

    def own_authority(self, a):
        """ATT-5."""
        who, b, space = a.obj.author, a.body, a.h.space
        if b.subject == who and b.type in (STANDING, BADGE, DELEGATION):
            return False
        if b.type == TRUST:
            return not space and self.logs[who].create.type == 2
        if not space:
            return b.type in (BADGE, AFFILIATION, DELEGATION)
        if b.type not in (STANDING, BADGE, AFFILIATION, DELEGATION):
            return False
        if self._hosts(space, who):
            return True
        if b.type != STANDING and self.policies[space].holds(who, policy.ADMIN, a.h.created_at):
            return True
        home = self.logs.get(b.subject)
        return b.type == AFFILIATION and home is not None and home.state().home == who

    def _may(self, d, a):
        """ATT-6: whether D lets what rests on it."""
        g, u = d.body, a.body
        same = d.h.space == a.h.space
        owns = not d.h.space and a.h.space and self._hosts(a.h.space, d.obj.author)
        ok = g.subject == a.obj.author and (same or owns)
        ok = ok and u.type < 32 and g.may >> u.type & 1 and d.in_term(a.h.created_at)
        if g.products:
            ok = ok and u.products and set(u.products) <= set(g.products)
        if u.type == DELEGATION:
            ok = ok and g.depth > u.depth and not u.may & ~g.may
        return ok

    def chain(self, a):
        """(code or None, the delegations that it rests on): rows 2, 3 and 5."""
        if self._unknown(a):
            return self._unknown(a), []
        if a.body.subject == a.obj.author and a.body.type in (STANDING, BADGE, DELEGATION):
            return "SCOPE", []
        if not a.body.delegation:
            return None if self.own_authority(a) else "SCOPE", []
        d = self.all.get(a.body.delegation)
        if d is None:
            return "UNKNOWN_PARENT", []
        if d.body.type != DELEGATION:
            return "MISMATCH", []
        if not self._may(d, a):
            return "SCOPE", []
        if d.h.created_at > a.h.created_at:
            return "FUTURE", []
        code, above = self.chain(d)
        chain = [d] + above
        issuers = [a.obj.author] + [x.obj.author for x in chain]
        if code in (None, "CHAIN") and (len(chain) > 4 or len(set(issuers)) < len(issuers)):
            code = "CHAIN"
        return code, chain

    def taken_back(self, a):
        times = [self.revoked.get(x.obj.id) for x in [a] + self.chain(a)[1]]
        return min((t for t in times if t is not None), default=None)

    def over_limit(self, a, d):
        """ATT-6, limit."""
        counted = []
        for x in sorted(self.all.values(), key=lambda x: x.obj.order):
            if x.body.delegation == d.obj.id and self.chain(x)[0] is None and (
                    self.taken_back(x) is None and x.award not in counted):
                counted.append(x.award)
        return bool(d.body.limit) and a.award not in counted[:d.body.limit] and (
            len(counted) >= d.body.limit)

    def verdict(self, id_, t):
        """ATT-4: the name of the code, "OK" for 0."""
        a = self.all[id_]
        code, chain = self.chain(a)
        if self._unknown(a):
            return code
        if a.h.created_at > t or (a.body.type != STANDING and t < a.period()[0]):
            return "FUTURE"
        if code:
            return code
        back = self.taken_back(a)
        if back is not None and back <= t:
            return "REVOKED"
        if chain and self.over_limit(a, chain[0]):
            return "LIMIT"
        if a.body.type != STANDING and a.body.until and t >= a.body.until:
            return "EXPIRED"
        return self._in_line(a, t) or (
            "EVIDENCE" if a.body.type == STANDING and contradicts_itself(a.body) else "OK")

    def _in_line(self, a, t):
        """ATT-8."""
        others = [x for x in self.all.values() if x is not a and x.line == a.line
                  and x.h.created_at <= t and self.chain(x)[0] is None
                  and not (self.taken_back(x) is not None and self.taken_back(x) <= t)]
        if a.body.type == STANDING and any(
                x.period() == a.period() and x.said() != a.said() for x in others):
            return "CONFLICT"
        return "SUPERSEDED" if any(x.obj.order > a.obj.order for x in others) else None

    def about(self, subject, t):
        """Every attestation about a principal, by date, with its verdict."""
        found = [a for a in self.all.values() if a.body.subject == subject]
        return [(a.obj.id, self.verdict(a.obj.id, t)) for a in sorted(found, key=lambda a: a.obj.order)]


def open_bundle(subject, encoded, held=()):
    """ATT-11, ATT-16: the claims of what holds and of what is held; `refused` lists the others."""
    opened, refused = {}, []
    for index, raw in enumerate(encoded):
        try:
            o = objects.open_(raw)
            o.body()
            opened[index] = o
        except Refused as e:
            refused.append((index, e.name))
    claims = Claims(list({o.id: o for o in [*held, *opened.values()]}.values()))
    rested_on = {a.body.delegation for a in claims.all.values()}
    refused += [(i, "MISMATCH") for i, o in opened.items() if o.h.kind == 16
                and o.body().subject != subject and o.id not in rested_on]
    claims.refused = refused
    return claims
