"""The policy of a space: a set of statements, merged (section 4)."""

from .errors import Refused

ADMIN, MODERATOR, STAFF, EDITOR, EXPERT, MEMBER, BANNED, TAGGER, FLAGGER, CURATOR = range(1, 11)
_BADGES = (ADMIN, MODERATOR, STAFF, EXPERT, EDITOR, MEMBER)
_INCLUDED = {MODERATOR: (ADMIN,), STAFF: (ADMIN,), EDITOR: (ADMIN, MODERATOR),
             CURATOR: (ADMIN, MODERATOR), FLAGGER: (ADMIN, MODERATOR),
             TAGGER: (ADMIN, MODERATOR, EDITOR)}
_EARNED = (MEMBER, EDITOR, EXPERT, TAGGER, FLAGGER, CURATOR)  # POL-11
QUESTIONS, IDEAS, ARTICLES = 1, 2, 3


class Policy:
    def __init__(self):
        self.space, self.first, self.statements = None, None, {}
        self._ranks, self._fallen = None, set()

    def fall(self, ids):
        """RCP-9: these have no effect, all others have."""
        self._ranks, self._fallen = None, set(ids)

    def add(self, obj):
        if obj.id in self.statements:
            return
        body = obj.body()
        if body is None:
            raise Refused("NO_CONTENT")
        if not obj.h.space:
            if self.space not in (None, obj.id):
                raise Refused("MISMATCH", "another space")
            if not body.kind or not body.HasField("name"):
                raise Refused("MALFORMED", "POL-2")
            self.space, self.first = obj.id, obj
        elif self.space not in (None, obj.h.space):
            raise Refused("MISMATCH", "another space")
        else:
            self.space = obj.h.space  # the vectors add statements before the first one
        if len(self.statements) >= 4096:
            raise Refused("LIMIT")
        self.statements[obj.id] = (obj, body)
        self._ranks = None

    def admits(self, author):
        """ADM-11."""
        if author == self.first.author:
            return True
        return any(b.owner == author or any(g.principal == author and g.role == ADMIN
                   and not g.revoke for g in b.grants) for _, b in self.statements.values())

    def _fold(self):
        if self._ranks is not None:
            return
        ordered = sorted(self.statements.values(), key=lambda s: s[0].order)
        self._owners, self._ranks, self._grants = [(0, self.first.author)], {}, {}
        owner = self.first.author
        for obj, body in ordered:
            if obj.id in self._fallen:
                self._ranks[obj.id] = 0
            elif obj.author == owner:
                self._ranks[obj.id] = 2
                if body.owner:
                    owner = body.owner
                    self._owners.append((obj.h.created_at, owner))
        self._collect(ordered, lambda o, g: self._ranks.get(o.id) == 2 and g.role == ADMIN)
        admins = dict(self._grants)
        for obj, _ in ordered:
            if obj.id not in self._ranks:
                self._ranks[obj.id] = int(self.granted(obj.author, ADMIN, obj.h.created_at))
        self._grants = {}
        self._collect(ordered, lambda o, g: self._ranks[o.id] and g.role != ADMIN)
        self._grants.update(admins)

    def _collect(self, ordered, wanted):
        for obj, body in ordered:
            for place, g in enumerate(body.grants):
                if wanted(obj, g):
                    since = g.since or obj.h.created_at
                    rank = 1 if g.earned else self._ranks[obj.id]
                    self._grants.setdefault((g.principal, g.role), []).append(
                        ((rank, since, *obj.order, place), since, g))

    def granted(self, who, role, t):
        claims = [c for c in self._grants.get((who, role), ()) if c[1] <= t]
        if not claims:
            return False
        g = max(claims, key=lambda c: c[0])[2]
        return not g.revoke and (g.until == 0 or t < g.until)

    def owner(self, t=None):
        self._fold()
        return [o for at, o in self._owners if t is None or at <= t or at == 0][-1]

    def holds(self, who, role, t):
        self._fold()
        if role == BANNED:
            return not self.holds(who, ADMIN, t) and self.granted(who, BANNED, t)
        if self.owner(t) == who:
            return 1 <= role <= CURATOR
        return self.granted(who, role, t) or any(
            self.granted(who, r, t) for r in _INCLUDED.get(role, ()))

    def badge(self, who, t):
        return next((r for r in _BADGES if self.holds(who, r, t)), 0)

    def _slots(self, claims):
        """Winners: key -> value of the greatest (rank, created_at, id, place)."""
        self._fold()
        best = {}
        for obj, body in self.statements.values():
            rank = self._ranks[obj.id]
            for place, (key, value) in enumerate(claims(body)):
                order = (rank, *obj.order, place)
                if rank and (key not in best or order > best[key][0]):
                    best[key] = (order, value)
        return {k: v[1] for k, v in best.items()}

    def field(self, name):
        return self._slots(lambda b: [(0, getattr(b, name))] if b.HasField(name) else []).get(0, "")

    @property
    def kind(self):
        return self.statements[self.space][1].kind

    def hosts(self):
        """POL-10 without the owner: ids by succession."""
        won = self._slots(lambda b: [(h.node, h) for h in b.hosts])
        left = [h for h in won.values() if not h.remove]
        return [h.node for h in sorted(left, key=lambda h: (h.succession or 2**32, h.node))]

    def products(self):
        won = self._slots(lambda b: [(p.name, p) for p in b.products])
        return {n: p.latest for n, p in won.items() if not p.remove}

    def privileges(self):
        """POL-11: (standing, role) of what is earned, ascending."""
        won = self._slots(lambda b: [(p.role, p.standing) for p in b.privileges])
        return sorted((s, r) for r, s in won.items() if s and r in _EARNED)

    def posting(self, t=None):
        self._fold()
        claims = [((self._ranks[o.id], *o.order), b.posting) for o, b in self.statements.values()
                  if b.HasField("posting") and self._ranks[o.id]
                  and (t is None or o.h.created_at <= t)]
        return max(claims)[1] if claims else 0

    def may_post(self, who, kind, t, thread_type=0):
        """POL-9."""
        if kind in (1, 3, 14, 15, 22):
            return True
        if self.holds(who, BANNED, t):
            return False
        posting = self.posting(t)
        if kind == 4:
            if not (posting == 0 or (posting == 1 and self.badge(who, t))
                    or (posting == 2 and self.holds(who, STAFF, t))):
                return False
            if thread_type == 6:
                return self.holds(who, STAFF, t)
            if thread_type == 4 and self.kind == ARTICLES:
                return self.holds(who, STAFF, t) or self.holds(who, EXPERT, t)
            return True
        if kind == 5:
            return posting != 1 or bool(self.badge(who, t))
        if kind == 9:
            return self.holds(who, STAFF, t)
        if kind == 13:
            return self.holds(who, MODERATOR, t) or self.holds(who, CURATOR, t)
        if kind == 2:
            return self.holds(who, ADMIN, t)
        if kind in (7, 21):
            return who in self.hosts() or who == self.owner()
        return True
