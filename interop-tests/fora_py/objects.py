"""Objects: build, decode, verify (section 2), and the rules of contents (section 5)."""

import os
import re

from . import pb, wire
from .errors import Refused
from .text import hash_, sign, verify

DOMAIN = "fora.v1.sign.object"
REPLACEABLE = {pb.KIND_PROFILE, pb.KIND_TALLY, pb.KIND_CHECKPOINT, pb.KIND_CARRIED}
# OBJ-7: space, root, parent; 1 must, 0 must not, None may.
_REFERENCES = {3: (0, 0, 0), 4: (1, 0, 0), 21: (1, 0, 0), 22: (0, 0, 0)}
_REFERENCES.update({k: (1, 1, 1) for k in range(5, 16)})


class Obj:
    """An object as received. `content` is bytes or None; `body` its decoded message or None."""

    def __init__(self, raw, header_bytes, header, signature, content):
        self.raw, self.header_bytes, self.h = raw, header_bytes, header
        self.signature, self.content = signature, content
        self.id = hash_("fora.v1.object", header_bytes)

    @property
    def author(self):
        return self.h.author or self.id

    @property
    def order(self):
        return self.h.created_at, self.id

    def body(self):
        """The decoded content, or None when it is absent or of an unknown kind."""
        if self.content is None or self.h.kind not in pb.CONTENT:
            return None
        return decode_content(self.h.kind, self.content)


def encode_envelope(header, signature, content):
    out = pb.Object(header=header, signature=signature)
    if content:
        out.content = content
    return out.SerializeToString()


def salted(message):
    message.salt = os.urandom(16)
    return message.SerializeToString(deterministic=True)


def build(kind, content, secret, author=None, created_at=0, **references):
    """A signed object; `content` is bytes or a message, which gets its salt here."""
    if not isinstance(content, bytes):
        content = salted(content)
    header = pb.Header(version=1, kind=kind, key=secret[32:], created_at=created_at,
                       content_hash=hash_("fora.v1.content", content), content_size=len(content),
                       **references)
    if author:
        header.author = author
    return seal(header.SerializeToString(), content, secret)


def seal(header, content, secret):
    """An envelope around header bytes, signed whatever they say."""
    return encode_envelope(header, sign(secret, DOMAIN, hash_("fora.v1.object", header)), content)


def _references(h):
    given = bool(h.space), bool(h.root), bool(h.parent)
    if h.kind == pb.KIND_IDENTITY:
        want = (0, 0, 1) if h.author else (0, 0, 0)
    elif h.kind == pb.KIND_POLICY:
        want = (None, 0, 0)
    else:
        want = _REFERENCES.get(h.kind, (None, None, None))
    if any(w is not None and bool(w) != g for w, g in zip(want, given)):
        raise Refused("MALFORMED", "OBJ-7: references")
    if not h.author and h.kind != pb.KIND_IDENTITY:
        raise Refused("MALFORMED", "OBJ-2: author")
    if h.lane and h.audience in (0, 1):
        raise Refused("MALFORMED", "OBJ-7: lane")


def decode(raw):
    """Envelope and header (OBJ-1, OBJ-2, OBJ-7)."""
    if len(raw) > 102400:
        raise Refused("TOO_LARGE", "object")
    parts = list(wire.fields(raw))
    if [p[:2] for p in parts] not in ([(1, 2), (2, 2)], [(1, 2), (2, 2), (3, 2)]):
        raise Refused("MALFORMED", "envelope")
    header, signature = parts[0][2], parts[1][2]
    content = parts[2][2] if len(parts) == 3 else None
    if len(header) > 1024 or (content and len(content) > 98304):
        raise Refused("TOO_LARGE", "header or content")
    if not header or len(signature) != 64 or content == b"":
        raise Refused("MALFORMED", "an empty part")
    h = wire.decode("Header", header)
    if h.version > 1:
        raise Refused("VERSION")
    if h.content_size > 98304:
        raise Refused("TOO_LARGE", "content_size")
    _references(h)
    return Obj(raw, header, h, signature, content)


def check(obj):
    """Content hash, then signature (2.1)."""
    if obj.content is not None and (len(obj.content) != obj.h.content_size or hash_(
            "fora.v1.content", obj.content) != obj.h.content_hash):
        raise Refused("CONTENT_HASH")
    if not verify(obj.h.key, DOMAIN, obj.id, obj.signature):
        raise Refused("SIGNATURE")
    return obj


def open_(raw):
    return check(decode(raw))


def _need(condition, clause):
    if not condition:
        raise Refused("MALFORMED", clause)


_VERSION = re.compile(r"[!-~]*\Z")
_WORD = re.compile(r"[a-z0-9-]+\Z")
_SPACES = {0xA0, 0x1680, 0x3000, 0xFEFF, *range(0x2000, 0x2070)}


def _tag(tag):
    return all(ord(c) not in _SPACES if ord(c) > 127 else c in
               "abcdefghijklmnopqrstuvwxyz0123456789.+#_-" for c in tag)


def _product(name):
    return not name.startswith(" ") and not name.endswith(" ")


def _link(url, *schemes):
    return any(url.startswith(s) and len(url) > len(s) for s in schemes) and _VERSION.match(url)


def _rules_of_all(m):
    for a in getattr(m, "applies_to", ()):
        _need(_product(a.product) and _VERSION.match(a.__getattribute__("from"))
              and _VERSION.match(a.to), "KIND-2")
    tags = getattr(m, "tags", ())
    for tag in getattr(tags, "tags", tags):
        _need(_tag(tag), "KIND-3")
    mentions = getattr(m, "mentions", ())
    _need(len(set(mentions)) == len(mentions), "KIND-MENTION-1")
    if "source" in m.DESCRIPTOR.fields_by_name and m.source.url:
        _need(_link(m.source.url, "https://", "http://"), "KIND-4")


def decode_content(kind, data):
    m = wire.decode(pb.CONTENT[kind], data)
    _rules_of_all(m)
    if kind == 1:
        ops = [f.name for f, _ in m.ListFields() if f.name not in ("salt", "sequence")]
        ops = [name for name in ops]
        _need(len(ops) == 1 and (m.sequence == 0) == (ops == ["create"]), "KIND-IDENTITY-1")
    elif kind == 2:
        _need(not m.HasField("name") or m.name, "KIND-POLICY-1")
        _need(not m.HasField("slug") or (_WORD.match(m.slug)), "KIND-POLICY-2")
        for p in m.products:
            _need(_product(p.name) and _VERSION.match(p.latest), "KIND-2")
    elif kind == 3:
        for url in m.links:
            _need(_link(url, "https://"), "KIND-4")
    elif kind == 6:
        _need(m.HasField("title") or m.HasField("text") or m.HasField("tags"), "KIND-REVISION-1")
        _need(not m.HasField("title") or m.title, "KIND-REVISION-2")
    elif kind == 7:
        _need(not (m.imported and m.voters_root), "KIND-TALLY-4")
    elif kind == 8:
        _need(m.type != 5 or m.superseded_by, "KIND-RESOLUTION-2")
        _need(m.type != 6 or m.applies_to, "KIND-RESOLUTION-3")
    elif kind == 9:
        _need(_WORD.match(m.status) and _VERSION.match(m.version), "KIND-STATUS-1")
    elif kind == 12:
        _need(_WORD.match(m.reason), "KIND-FLAG-1")
    elif kind == 13:
        _need(m.action != 7 or m.to_space or m.to_thread, "KIND-MODERATION-2")
    elif kind == 16:
        _need(m.until == 0 or m.until >= getattr(m, "from"), "KIND-ATTESTATION-1")
    elif kind == 21:
        _need(len(m.fingerprint) == 16, "KIND-CHECKPOINT-1")
    elif kind == 22:
        if sum(map(len, m.objects)) > 65536:
            raise Refused("TOO_LARGE", "KIND-CARRIED-1")
    return m
