"""Noise XX and IK with 25519, ChaChaPoly and BLAKE2b (section 7)."""

import hashlib
import hmac
import os
import struct

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from .errors import Refused

PATTERNS = {
    "XX": ((), (("e",), ("e", "ee", "s", "es"), ("s", "se"))),
    "IK": (("s",), (("e", "es", "s", "ss"), ("e", "ee", "se"))),
}
LENGTHS = {"XX": (32, 96, 64), "IK": (96, 48)}


def _hash(data):
    return hashlib.blake2b(data).digest()


def _hkdf(key, data):
    def mac(k, d):
        return hmac.new(k, d, hashlib.blake2b).digest()
    temp = mac(key, data)
    one = mac(temp, b"\x01")
    return one, mac(temp, one + b"\x02")


class Cipher:
    def __init__(self, key=None):
        self.key, self.n = key, 0

    def _nonce(self):
        nonce = bytes(4) + struct.pack("<Q", self.n)
        self.n += 1
        return nonce

    def encrypt(self, ad, plain):
        if self.key is None:
            return plain
        return sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, ad, self._nonce(), self.key)

    def decrypt(self, ad, data):
        if self.key is None:
            return data
        try:
            return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
                data, ad, self._nonce(), self.key)
        except CryptoError as e:
            raise Refused("HANDSHAKE", "does not verify") from e


def public(secret):
    return sodium.crypto_scalarmult_base(secret)


class Handshake:
    """One side. write() and read() in turn; after the last, send, receive, hash and remote."""

    def __init__(self, pattern, initiator, static, prologue, remote=None, ephemeral=None):
        self.pattern, self.initiator, self.s, self.rs = pattern, initiator, static, remote
        self.e, self.re, self.turn = ephemeral or os.urandom(32), None, 0
        name = f"Noise_{pattern}_25519_ChaChaPoly_BLAKE2b".encode()
        self.h = name.ljust(64, b"\0") if len(name) <= 64 else _hash(name)
        self.ck, self.cipher = self.h, Cipher()
        self._mix_hash(prologue)
        if PATTERNS[pattern][0]:
            self._mix_hash(remote if initiator else public(static))

    def _mix_hash(self, data):
        self.h = _hash(self.h + data)

    def _mix_key(self, data):
        self.ck, key = _hkdf(self.ck, data)
        self.cipher = Cipher(key[:32])

    def _dh(self, token):
        mine, theirs = token if self.initiator else token[::-1]
        try:
            shared = sodium.crypto_scalarmult(
                self.e if mine == "e" else self.s, self.re if theirs == "e" else self.rs)
        except RuntimeError as e:
            raise Refused("HANDSHAKE", "a result of zeros") from e
        if not any(shared):
            raise Refused("HANDSHAKE", "a result of zeros")
        self._mix_key(shared)

    def _seal(self, plain):
        out = self.cipher.encrypt(self.h, plain)
        self._mix_hash(out)
        return out

    def _open(self, data):
        out = self.cipher.decrypt(self.h, data)
        self._mix_hash(data)
        return out

    def write(self):
        out = b""
        for token in PATTERNS[self.pattern][1][self.turn]:
            if token == "e":
                e = public(self.e)
                out += e
                self._mix_hash(e)
            elif token == "s":
                out += self._seal(public(self.s))
            else:
                self._dh(token)
        self.turn += 1
        out += self._seal(b"")
        self._split()
        return struct.pack(">H", len(out)) + out

    def read(self, data):
        for token in PATTERNS[self.pattern][1][self.turn]:
            if token == "e":
                self.re, data = data[:32], data[32:]
                self._mix_hash(self.re)
            elif token == "s":
                size = 48 if self.cipher.key else 32
                self.rs, data = self._open(data[:size]), data[size:]
            else:
                self._dh(token)
        self.turn += 1
        if self._open(data) != b"":
            raise Refused("HANDSHAKE", "a payload")
        self._split()

    @property
    def done(self):
        return self.turn == len(PATTERNS[self.pattern][1])

    @property
    def expects(self):
        return LENGTHS[self.pattern][self.turn]

    def _split(self):
        if self.done:
            one, two = (Cipher(k[:32]) for k in _hkdf(self.ck, b""))
            self.send, self.receive = (one, two) if self.initiator else (two, one)
