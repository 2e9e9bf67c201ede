"""Views: the fold of a thread and its canonical encoding (section 6)."""

import struct

from . import pb
from .errors import Refused
from .policy import BANNED, CURATOR, EDITOR, EXPERT, MODERATOR, STAFF, TAGGER
from .text import hash_

# VIEW-9
MARKS = {name: 1 << bit for bit, name in enumerate((
    "ACCEPTED", "CONFIRMED", "LOCKED", "CLOSED", "HIDDEN", "DUPLICATE", "RETRACTED", "MOVED",
    "PINNED", "VERIFIED", "WORKAROUND", "IMPORTED", "STALE", "EDITED"))}
_MOST = 2**64 - 1


def tokens(version):
    """VIEW-10: a list that compares as versions do, but for zeros at the end."""
    b = version.encode()
    if len(b) > 1 and b[:1] in b"vV" and b[1:2].isdigit():
        b = b[1:]
    out, at = [], 0
    while at < len(b):
        if 48 <= b[at] <= 57:
            end = at
            while end < len(b) and 48 <= b[end] <= 57:
                end += 1
            number = int(b[at:end])
            out.append((2, 0) if number == 0 else (4, number))
            at = end
            continue
        if b[at] != 46:
            out.append({126: (0, 0), 45: (1, 0)}.get(b[at], (3, b[at])))
        at += 1
    return out


def compare_versions(a, b):
    a, b = tokens(a), tokens(b)
    size = max(len(a), len(b))
    a += [(2, 0)] * (size - len(a))
    b += [(2, 0)] * (size - len(b))
    return (a > b) - (a < b)


class Post:
    def __init__(self, obj, body, opening):
        self.obj, self.body, self.opening = obj, body, opening
        self.retracted = self.erased = self.hidden = False
        self.reason = self.text = self.title = ""
        self.tags, self.applies, self.resolutions, self.tallies = [], [], [], {}
        self.mentions = []
        self.edited_at, self.edited_by, self.revisions, self.marks = 0, b"", 0, 0
        self.up = self.down = self.score = 0

    @property
    def gone(self):
        return self.retracted or self.erased or self.hidden

    @property
    def unread(self):
        """Nothing of the content is used (VIEW-5)."""
        return self.retracted or self.erased or self.body is None


def _body(obj):
    try:
        return obj.body()
    except Refused:
        return None


class View:
    def __init__(self, policy, objects, root):
        self.policy, self.root = policy, root
        items = {o.id: o for o in objects if o.id == root or o.h.root == root}
        opening = items.get(root)
        if opening is None or opening.h.kind != pb.KIND_THREAD:
            raise LookupError("the thread is not held")
        self.items = [(o, _body(o)) for o in sorted(items.values(), key=lambda o: o.order)]
        self.by_id = items
        self.retracted, self.erased, self.hidden, self.reasons = set(), set(), {}, {}
        self.switch, self.moved = {}, None
        self._moderate()
        self.posts = {o.id: Post(o, b, o.id == root) for o, b in self.items
                      if o.id == root or o.h.kind == pb.KIND_POST}
        self.opening = self.posts[root]
        self._gone()
        self.status = self.duplicate = None
        self.cites = set()
        self._apply()
        self._finish()

    def _banned(self, o):
        return self.policy.holds(o.author, BANNED, o.h.created_at)

    def _holds(self, o, *roles):
        return any(self.policy.holds(o.author, r, o.h.created_at) for r in roles)

    def _moderate(self):
        """VIEW-5: what is retracted, erased and hidden, and the switches of the thread."""
        for o, body in self.items:
            target = self.by_id.get(o.h.parent)
            if body is None or target is None:
                continue
            final = target.h.kind in (pb.KIND_MODERATION, pb.KIND_RETRACTION)
            if o.h.kind == pb.KIND_RETRACTION and target.author == o.author and not final:
                self.retracted.add(target.id)
            if o.h.kind != pb.KIND_MODERATION or self._banned(o):
                continue
            if not self._holds(o, CURATOR if body.action in (5, 6, 7) else MODERATOR):
                continue
            if body.action in (1, 2, 8) and not final:
                if body.action == 8:
                    self.erased.add(target.id)
                else:
                    self.hidden[target.id] = body.action == 1
                if body.action != 2:
                    self.reasons[target.id, body.action] = body.reason
            elif target.id == self.root:
                if body.action in (3, 4, 5, 6, 10, 11):
                    pair = {3: "lock", 4: "lock", 5: "close", 6: "close", 10: "pin", 11: "pin"}
                    self.switch[pair[body.action]] = body.action in (3, 5, 10)
                elif body.action == 7:
                    self.moved = body

    def _is_gone(self, o):
        return o.id in self.retracted or o.id in self.erased or self.hidden.get(o.id, False)

    def _gone(self):
        for id_, p in self.posts.items():
            p.retracted, p.erased = id_ in self.retracted, id_ in self.erased
            kind = p.body.type if p.opening and not p.unread else 0
            right = self.policy.may_post(p.obj.author, p.obj.h.kind, p.obj.h.created_at, kind)
            p.hidden = self.hidden.get(id_, False) or not right
            if p.gone:
                p.reason = self.reasons.get((id_, 8), self.reasons.get((id_, 1), ""))
            if not p.unread and not p.gone:
                p.text, p.applies = p.body.text, list(p.body.applies_to)
                p.mentions = list(p.body.mentions)
                if p.opening:
                    p.title, p.tags = p.body.title, list(p.body.tags)

    def _apply(self):
        hosts = set(self.policy.hosts()) | {self.policy.owner()}
        for o, body in self.items:
            if body is None or self._is_gone(o) or self._banned(o):
                continue
            target, kind = self.posts.get(o.h.parent), o.h.kind
            if kind == pb.KIND_REVISION and target:
                self._revise(o, body, target)
            elif kind == pb.KIND_RESOLUTION and target:
                if not target.gone and self._resolves(o, body.type, target):
                    target.resolutions.append((o, body))
            elif kind == pb.KIND_TALLY and target and o.author in hosts:
                target.tallies[o.author] = body
            elif o.h.parent == self.root:
                asker = o.author == self.opening.obj.author
                if kind == pb.KIND_STATUS and self._holds(o, STAFF):
                    self.status = body
                elif kind == pb.KIND_DUPLICATE and (asker or self._holds(o, STAFF, CURATOR)):
                    self.duplicate = body
                elif kind == pb.KIND_CITE and (asker or self._holds(o, EDITOR)):
                    self.cites.update(body.objects)

    def _revise(self, o, body, p):
        if p.retracted or p.erased:
            return
        only_tags = p.opening and not body.HasField("text") and not body.HasField("title")
        if o.author != p.obj.author and not self._holds(o, TAGGER if only_tags else EDITOR):
            return
        p.revisions += 1
        p.edited_at, p.edited_by = o.h.created_at, o.author
        if p.gone:
            return
        if body.HasField("text"):
            p.text = body.text
        if p.opening and body.HasField("title"):
            p.title = body.title
        if p.opening and body.HasField("tags"):
            p.tags = list(body.tags.tags)

    def _resolves(self, o, kind, target):
        asker = o.author == self.opening.obj.author
        return {1: lambda: asker, 2: lambda: self._holds(o, STAFF),
                6: lambda: self._holds(o, STAFF), 3: lambda: self._holds(o, EXPERT, MODERATOR),
                4: lambda: asker or self._holds(o, STAFF, EXPERT),
                5: lambda: o.author == target.obj.author or self._holds(o, STAFF, MODERATOR),
                }.get(kind, lambda: False)()

    def _stale(self, p):
        latest = self.policy.products()

        def past(a):
            new = latest.get(a.product)
            return bool(new) and a.to != "" and compare_versions(a.to, new) < 0

        def holds(a):
            new = latest.get(a.product)
            low = getattr(a, "from")
            return bool(new) and (not low or compare_versions(low, new) <= 0) and (
                not a.to or compare_versions(new, a.to) <= 0)
        good = [list(b.applies_to) or p.applies for _, b in p.resolutions if 1 <= b.type <= 4]
        if good and all(ranges and all(past(a) for a in ranges) for ranges in good):
            return True
        return any(b.type == 6 and any(holds(a) for a in b.applies_to) for _, b in p.resolutions)

    def is_answer(self, p):
        if p.opening:
            return False
        return p.obj.h.parent == self.root and (p.unread or p.body.type == 1)

    def _under(self, p):
        """The answer that a comment belongs to, or the opening (VIEW-6)."""
        at, seen = self.posts.get(p.obj.h.parent), set()
        while at and not at.opening and at.obj.id not in seen:
            if self.is_answer(at):
                return at.obj.id
            seen.add(at.obj.id)
            at = self.posts.get(at.obj.h.parent)
        return self.root

    def _finish(self):
        for p in self.posts.values():
            p.up = min(sum(t.up for t in p.tallies.values()), _MOST)
            p.down = min(sum(t.down for t in p.tallies.values()), _MOST)
            p.score = max(-(2**63 - 1), min(2**63 - 1, p.up - p.down))
            p.types = {b.type for _, b in p.resolutions}
            p.stale = self._stale(p)
        answers = [p for p in self.posts.values() if self.is_answer(p)]
        comments = [p for p in self.posts.values() if not p.opening and not self.is_answer(p)]
        answers.sort(key=lambda p: (p.gone, 1 not in p.types, 2 not in p.types, -p.score,
                                    p.obj.order))
        comments.sort(key=lambda p: p.obj.order)
        under = {}
        for c in comments:
            under.setdefault(self._under(c), []).append(c)
        self.ordered = [self.opening] + under.get(self.root, [])
        for a in answers:
            self.ordered += [a] + under.get(a.obj.id, [])
        self.answers = sum(not p.gone for p in answers)
        self.comments = sum(not p.gone for p in comments)
        self.active_at = max([self.opening.obj.h.created_at] + [
            max(p.obj.h.created_at, p.edited_at) for p in self.posts.values() if not p.gone])

    def post_marks(self, p):
        names = {n for t, n in ((1, "ACCEPTED"), (2, "CONFIRMED"), (3, "VERIFIED"),
                                (4, "WORKAROUND")) if t in p.types}
        if p.stale:
            names.add("STALE")
        if p.erased or p.hidden:
            names.add("HIDDEN")
        if p.retracted:
            names.add("RETRACTED")
        if p.body is not None and p.body.HasField("source") and not p.gone:
            names.add("IMPORTED")
        if p.revisions:
            names.add("EDITED")
        return names

    def marks(self):
        good = {"ACCEPTED", "CONFIRMED", "VERIFIED", "WORKAROUND"}
        names, resolved = set(), []
        for p in self.posts.values():
            mine = self.post_marks(p)
            if mine & good:
                resolved.append(mine)
                names |= mine & good
        if resolved and all("STALE" in m for m in resolved):
            names.add("STALE")
        names |= self.post_marks(self.opening) & {"HIDDEN", "RETRACTED", "IMPORTED", "EDITED"}
        names |= {n for k, n in (("lock", "LOCKED"), ("close", "CLOSED"), ("pin", "PINNED"))
                  if self.switch.get(k)}
        if self.moved:
            names.add("MOVED")
        if self.duplicate:
            names.add("DUPLICATE")
        return names

    def encode(self):
        """VIEW-11."""
        m, d, s = self.moved, self.duplicate, self.status
        first = self.opening
        kind = 0 if first.unread else first.body.type
        out = [b"fora view 1\n", _id(self.root), _id(self.policy.space), _u32(kind),
               _text(first.title), _list(first.tags, _text), _u32(bits(self.marks()))]
        out += [_text(getattr(s, n) if s else "") for n in ("status", "note", "version")]
        out += [_id(d.original if d else b""), _id(m.to_space if m else b""),
                _id(m.to_thread if m else b""), _u64(self.active_at), _u32(self.answers),
                _u32(self.comments), _list(sorted(self.cites), _id),
                _list(self.ordered, self._encode_post)]
        return b"".join(out)

    def _encode_post(self, p):
        o = p.obj
        kind = 0 if p.opening else 1 if self.is_answer(p) else 2
        source = b"\0"
        if p.body is not None and p.body.HasField("source") and not p.gone:
            src = p.body.source
            source = b"\1" + b"".join(map(_text, (src.url, src.licence, src.author, src.id)))
        return b"".join([
            _id(o.id), _id(o.h.parent), _id(o.author),
            _u32(self.policy.badge(o.author, o.h.created_at)), _u32(kind), _u64(o.h.created_at),
            _u64(p.edited_at), _id(p.edited_by), _u32(p.revisions), _text(p.text),
            _list(p.applies, _range), _list(p.mentions, _id),
            struct.pack(">q", p.score), _u64(p.up), _u64(p.down),
            _u32(bits(self.post_marks(p))), _text(p.reason), source,
            _list(p.resolutions, _resolution)])

    def digest(self):
        return hash_("fora.v1.view", self.encode())


def bits(names):
    return sum(MARKS[n] for n in names)


def _u32(n):
    return struct.pack(">I", n)


def _u64(n):
    return struct.pack(">Q", n)


def _id(b):
    return b or bytes(32)


def _text(s):
    b = s.encode() if isinstance(s, str) else s
    return _u32(len(b)) + b


def _list(items, encode):
    return _u32(len(items)) + b"".join(encode(i) for i in items)


def _range(a):
    return _text(a.product) + _text(getattr(a, "from")) + _text(a.to)


def _resolution(r):
    o, b = r
    return b"".join([_id(o.id), _id(o.author), _u32(b.type), _u64(o.h.created_at),
                     _list(b.applies_to, _range), _id(b.superseded_by), _text(b.note)])


def chain(domain, entries):
    """VIEW-12: over entries of bytes, in blocks."""
    out = bytes(32)
    for at in range(0, len(entries), 1024):
        out = hash_(domain, out, b"".join(entries[at:at + 1024]))
    return out


def digest_of_views(views):
    ordered = sorted(views, key=lambda v: v.root)
    return chain("fora.v1.views", [v.root + v.digest() for v in ordered])


def digest_of_set(items):
    """Of (timestamp, id) as reconciled (REP-5)."""
    return chain("fora.v1.set", [_u64(t) + i for t, i in sorted(items)])
