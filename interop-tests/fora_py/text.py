"""Hashes, signatures, slots and texts of ids (ENC-7 to ENC-9, OBJ-8, OBJ-9)."""

import hashlib
import struct

from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M = 0x2BC830A3


def hash_(domain, *parts):
    h = hashlib.blake2b(digest_size=32)
    h.update(bytes([len(domain)]) + domain.encode())
    for part in parts:
        h.update(part)
    return h.digest()


def _signed(domain, message):
    return bytes([len(domain)]) + domain.encode() + message


def keypair(seed):
    """(public, secret) of an Ed25519 seed."""
    return sodium.crypto_sign_seed_keypair(seed)


def sign(secret, domain, message):
    return sodium.crypto_sign(_signed(domain, message), secret)[:64]


def verify(key, domain, message, signature):
    try:
        sodium.crypto_sign_open(signature + _signed(domain, message), key)
        return True
    except BadSignatureError:
        return False


def slot(author, kind, space=None, parent=None):
    return hash_("fora.v1.slot", author, struct.pack(">I", kind), parent or space or bytes(32))


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> i & 1:
                check ^= g
    return check


def _expand(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def encode_id(prefix, id_):
    number = int.from_bytes(id_, "big") << 4  # 256 bits and 4 of padding: 52 characters
    data = [number >> 5 * (51 - i) & 31 for i in range(52)]
    check = _polymod(_expand(prefix) + data + [0] * 6) ^ BECH32M
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(CHARSET[d] for d in data)


def decode_id(prefix, text):
    """32 bytes, or None."""
    if text.lower() != text and text.upper() != text:
        return None
    text = text.lower()
    if not text.startswith(prefix + "1") or len(text) != len(prefix) + 1 + 58:
        return None
    data = [CHARSET.find(c) for c in text[len(prefix) + 1:]]
    if -1 in data or _polymod(_expand(prefix) + data) != BECH32M:
        return None
    number = 0
    for value in data[:52]:
        number = number << 5 | value
    return None if number & 15 else (number >> 4).to_bytes(32, "big")
