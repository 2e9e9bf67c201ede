"""Negentropy Protocol V1, both sides (REP-5, REP-6), also with short fingerprints (REP-24)."""

import bisect
import hashlib

from .errors import Refused

INFINITY = 2**64 - 1
VERSION, SHORT = 0x61, 0x71
KEY_SIZE = 16
SKIP, FINGERPRINT, IDS = 0, 1, 2
BUCKETS = 16


def put_varint(n):
    out = [n & 127]
    while n := n >> 7:
        out.append(n & 127 | 128)
    return bytes(reversed(out))


class Reader:
    def __init__(self, data):
        self.data, self.at, self.last = data, 0, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Refused("MALFORMED", "negentropy: cut")
        self.at += n
        return self.data[self.at - n:self.at]

    def varint(self):
        value = 0
        for _ in range(10):
            byte = self.take(1)[0]
            value = value << 7 | byte & 127
            if byte < 128:
                if value > INFINITY:
                    break
                return value
        raise Refused("MALFORMED", "negentropy: varint")

    def bound(self):
        t = self.varint()
        t = INFINITY if t == 0 else min(self.last + t - 1, INFINITY)
        self.last = t
        n = self.varint()
        if n > 32:
            raise Refused("MALFORMED", "negentropy: bound")
        return t, self.take(n).ljust(32, b"\0")


def fingerprint(ids, key=b""):
    ids = list(ids)
    total = sum(int.from_bytes(i, "little") for i in ids) % 2**256
    whole = hashlib.sha256(key + total.to_bytes(32, "little") + put_varint(len(ids))).digest()
    return whole[:8 if key else 16]


class Negentropy:
    """One side. An initiator gathers what it alone has, and what it needs; with a key it asks
    with short fingerprints."""

    def __init__(self, items, limit=0, key=b""):
        self.items, self.key = sorted(items), key
        self.limit, self.have, self.need = limit, [], []
        self._last = 0

    def _bound(self, bound, length=None):
        t, id_ = bound
        if t == INFINITY:
            self._last, t = INFINITY, 0
        else:
            self._last, t = t, t - self._last + 1
        if length is None:
            id_ = id_.rstrip(b"\0")
        else:
            id_ = id_[:length]
        return put_varint(t) + put_varint(len(id_)) + id_

    def _between(self, at):
        """The least bound between the items before and at this place."""
        (t0, a), (t1, b) = self.items[at - 1], self.items[at]
        if t0 != t1:
            return t1, bytes(32)
        n = next(i for i in range(32) if a[i] != b[i])
        return t1, b[:n + 1].ljust(32, b"\0")

    def _ids(self, low, high):
        return [i for _, i in self.items[low:high]]

    def _print(self, low, high):
        return fingerprint(self._ids(low, high), self.key)

    def _head(self):
        return bytes([SHORT]) + self.key if self.key else bytes([VERSION])

    def _split(self, low, high, upper):
        count = high - low
        if count < 2 * BUCKETS:
            return (self._bound(upper) + put_varint(IDS) + put_varint(count)
                    + b"".join(self._ids(low, high)))
        out, at = b"", low
        for i in range(BUCKETS):
            end = at + count // BUCKETS + (i < count % BUCKETS)
            bound = upper if end == high else self._between(end)
            out += self._bound(bound) + put_varint(FINGERPRINT) + self._print(at, end)
            at = end
        return out

    def initiate(self):
        self._last = 0
        return self._head() + self._split(0, len(self.items), (INFINITY, b""))

    def answer(self, message):
        """What a responder says."""
        return self._round(message, False)

    def next(self, message):
        """What an initiator says to an answer, or None when it is done."""
        out = self._round(message, True)
        return None if out == self._head() else out

    def _round(self, message, initiator):
        r = Reader(message)
        version = r.take(1)[0]
        if version not in (VERSION, SHORT):
            raise Refused("VERSION" if version & 0xf0 == 0x60 else "MALFORMED")
        key = r.take(KEY_SIZE) if version == SHORT else b""
        if initiator and key != self.key:
            raise Refused("MALFORMED", "negentropy: another form than asked")
        self.key = key
        self._last, out = 0, self._head()
        low, previous, skipped = 0, (0, bytes(32)), False
        while r.at < len(message):
            upper = r.bound()
            if upper < previous:
                raise Refused("MALFORMED", "negentropy: bounds descend")
            mode = r.varint()
            high = bisect.bisect_left(self.items, upper, lo=low)
            kept, part = self._last, b""

            def skip():
                return self._bound(previous) + put_varint(SKIP) if skipped else b""
            quiet = True
            if mode == FINGERPRINT:
                if r.take(8 if self.key else 16) != self._print(low, high):
                    part, quiet = skip() + self._split(low, high, upper), False
            elif mode == IDS:
                theirs = [r.take(32) for _ in range(self._count(r))]
                if initiator:
                    self._compare(self._ids(low, high), theirs)
                else:
                    quiet = False
                    part, end, upper = self._list(skip, low, high, upper, len(out))
                    if end < high:  # cut: the rest as one fingerprint
                        return out + part + self._rest(end)
            elif mode != SKIP:
                raise Refused("MALFORMED", "negentropy: mode")
            if self.limit and len(out) + len(part) > self.limit - 200:
                self._last = kept
                return out + skip() + self._rest(low)
            out, skipped = out + part, quiet
            low, previous = high, upper
        return out

    def _rest(self, low):
        return (self._bound((INFINITY, b"")) + put_varint(FINGERPRINT)
                + self._print(low, len(self.items)))

    @staticmethod
    def _count(r):
        n = r.varint()
        if n > 65536:
            raise Refused("LIMIT", "negentropy: ids")
        return n

    def _compare(self, mine, theirs):
        theirs = set(theirs)
        self.have += [i for i in mine if i not in theirs]
        self.need += sorted(theirs - set(mine))

    def _list(self, skip, low, high, upper, used):
        """The answer to a list, cut where the message would grow too long."""
        end = high
        if self.limit:
            room = (self.limit - 200 - used - 60) // 32
            if end - low > max(room, 0):
                end = low + max(room, 0)
                upper = self.items[end]
        part = skip() + self._bound(upper) + put_varint(IDS) + put_varint(end - low)
        return part + b"".join(self._ids(low, end)), end, upper
