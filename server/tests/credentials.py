"""Verifiable credentials with a proof of eddsa-jcs-2022, checked with Python's standard library alone: by
nothing of what made them. JCS is RFC 8785; the vectors of both are looked at in credentials_test.py."""

import hashlib
import json
import math

import ed25519

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number(value):
    """As ECMAScript writes a Number: Python has the same shortest digits and other exponents."""
    if not math.isfinite(value):
        raise ValueError("no number of JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value):
    """RFC 8785, as text."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return _number(float(value))
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{canonical(n)}:{canonical(value[n])}" for n in names) + "}"


def key_of(method):
    """The Ed25519 key of a did:key, or of its verification method."""
    did, _, fragment = method.partition("#")
    multikey = did.removeprefix("did:key:")
    if fragment not in ("", multikey) or not multikey.startswith("z"):
        raise ValueError(f"{method} is no verification method of a did:key")
    key = unbase58(multikey[1:])
    if len(key) != 34 or key[:2] != b"\xed\x01":
        raise ValueError(f"{method} is no key of Ed25519")
    return key[2:]


def verify(credential):
    """Does its proof hold? ValueError, KeyError: it has none of this kind."""
    document = dict(credential)
    config = dict(document.pop("proof"))
    signature = unbase58(config.pop("proofValue").removeprefix("z"))
    if (config["type"], config["cryptosuite"]) != ("DataIntegrityProof", "eddsa-jcs-2022"):
        raise ValueError("a proof of another kind")
    if config.get("@context", document.get("@context")) != document.get("@context"):
        return False
    hashes = [hashlib.sha256(canonical(part).encode()).digest() for part in (config, document)]
    return ed25519.verify(key_of(config["verificationMethod"]), b"".join(hashes), signature)
