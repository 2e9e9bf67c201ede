"""ENC-3 to ENC-6: what a protobuf library lets pass and Fora does not."""

import re

from google.protobuf.descriptor import FieldDescriptor as F

from . import pb
from .errors import Refused


def _limits():
    """The rows of 11.2: (message, field) -> (type, required, size, elements)."""
    rows = {}
    text = (pb.SPEC / "11-limits.md").read_text().split("## 11.2")[1]
    for line in text.splitlines():
        m = re.match(r"\| (\w+)\.(\w+) \| (\w+) \| (required)? ?\| (\d*) ?\| (\d*) ?\|", line)
        if m:
            rows[m[1], m[2]] = (m[3], bool(m[4]), int(m[5] or 0), int(m[6] or 0))
    return rows


LIMITS = _limits()
assert len(LIMITS) > 150


def varint(data, at, end):
    value = shift = 0
    start = at
    while True:
        if at >= end or at - start == 10:
            raise Refused("MALFORMED", "varint cut or too long")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if value >= 1 << 64 or (byte == 0 and at - start > 1):
        raise Refused("MALFORMED", "varint too large or not shortest")
    return value, at


def fields(data):
    """Each (number, wire type, value); value is an int or bytes."""
    at, end = 0, len(data)
    while at < end:
        key, at = varint(data, at, end)
        number, kind = key >> 3, key & 7
        if key >= 1 << 32 or number == 0 or kind in (3, 4, 6, 7):
            raise Refused("MALFORMED", "key")
        if kind == 0:
            value, at = varint(data, at, end)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if size is None:
                size, at = varint(data, at, end)
            if size > end - at:
                raise Refused("MALFORMED", "length")
            value = bytes(data[at:at + size])
            at += size
        yield number, kind, value


_MAX = {F.TYPE_UINT32: 2**32 - 1, F.TYPE_SINT32: 2**32 - 1, F.TYPE_ENUM: 2**31 - 1,
        F.TYPE_BOOL: 1, F.TYPE_UINT64: 2**64 - 1, F.TYPE_SINT64: 2**64 - 1}


def check_text(value, lines):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Refused("UTF8", str(e)) from e
    for c in text:
        o = ord(c)
        if (o < 0x20 or 0x7F <= o <= 0x9F) and not (lines and c in "\t\n"):
            raise Refused("UTF8", f"U+{o:04X}")
        if 0x202A <= o <= 0x202E or 0x2066 <= o <= 0x2069:
            raise Refused("UTF8", f"U+{o:04X}")


def _check_bytes(where, field, limit, value):
    shape, required, size, _ = limit
    if shape == "fixed":
        if len(value) != size or not any(value):
            raise Refused("MALFORMED", f"{where}: fixed")
        return
    if size and len(value) > size:
        raise Refused("TOO_LARGE", where)
    if not value and (required or field.label == F.LABEL_REPEATED):
        raise Refused("MALFORMED", f"{where}: empty")
    if field.type == F.TYPE_STRING:
        check_text(value, shape == "lines")


def check(descriptor, data, single_body=False):
    seen = {}
    for number, kind, value in fields(data):
        field = descriptor.fields_by_number.get(number)
        if field is None:
            continue
        where = f"{descriptor.name}.{field.name}"
        limit = LIMITS.get((descriptor.name, field.name), ("", False, 0, 0))
        seen[field.name] = seen.get(field.name, 0) + 1
        repeated = field.label == F.LABEL_REPEATED
        if seen[field.name] > 1 and not repeated:
            raise Refused("MALFORMED", f"{where}: twice")
        if repeated and limit[3] and seen[field.name] > limit[3]:
            raise Refused("LIMIT", where)
        if (kind == 0) != (field.type in _MAX) or kind in (1, 5):
            raise Refused("MALFORMED", f"{where}: wire type")
        if field.type in _MAX:
            if value > _MAX[field.type] or (limit[1] and value == 0):
                raise Refused("MALFORMED", where)
        elif field.type == F.TYPE_MESSAGE:
            check(field.message_type, value)
        else:
            _check_bytes(where, field, limit, value)
    if single_body and len([n for n in seen if n != "request"]) > 1:
        raise Refused("MALFORMED", "two bodies")
    for (message, name), limit in LIMITS.items():
        if message == descriptor.name and limit[1] and name not in seen:
            raise Refused("MALFORMED", f"{message}.{name} is required")


def decode(name, data):
    cls = pb.message(name)
    check(cls.DESCRIPTOR, data, single_body=name == "Frame")
    return cls.FromString(data)
