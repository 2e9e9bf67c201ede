#!/usr/bin/python3
"""Checks spec/vectors without libfora: hashlib's BLAKE2b, libsodium through PyNaCl, protobuf's own
parser, and a bech32m of its own.

    vectors_check.py SPEC_DIR PROTO_DIR

Exit status 77 when a module or protoc is absent.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

try:
    import nacl.bindings
    import nacl.exceptions
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

CONTENTS = [None, "IdentityEntry", "PolicyStatement", "Profile", "Thread", "Post", "Revision",
            "Tally", "Resolution", "Status", "Cite", "Duplicate", "Flag", "Moderation", "Appeal",
            "Retraction", "Attestation", "Revocation", "Membership", "Case", "Receipt",
            "Checkpoint"]
HEADER_BYTES = ["author", "key", "space", "root", "parent", "content_hash", "lane"]
checked = 0


def check(good, what):
    global checked
    checked += 1
    if not good:
        sys.exit(f"wrong: {what}")


def fora_hash(domain, *parts):
    domain = domain.encode()
    return hashlib.blake2b(bytes([len(domain)]) + domain + b"".join(parts), digest_size=32).digest()


def verifies(key, domain, message, signature):
    signed = bytes([len(domain)]) + domain.encode() + message
    try:
        nacl.bindings.crypto_sign_open(signature + signed, key)
        return True
    except nacl.exceptions.BadSignatureError:
        return False


def bech32m(prefix, data):
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    value = int.from_bytes(data, "big")
    pad = -len(data) * 8 % 5
    count = (len(data) * 8 + pad) // 5
    five = [(value << pad) >> 5 * (count - 1 - i) & 31 for i in range(count)]

    def polymod(values):
        check_sum = 1
        for item in values:
            top = check_sum >> 25
            check_sum = (check_sum & 0x1FFFFFF) << 5 ^ item
            for i, generator in enumerate(
                    [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                check_sum ^= generator if top >> i & 1 else 0
        return check_sum

    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    remainder = polymod(expanded + five + [0] * 6) ^ 0x2BC830A3
    five += [remainder >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(letters[i] for i in five)


def load_messages(proto):
    """Message classes by name, from protoc's description of the .proto files."""
    files = [f"fora/v1/{name}.proto"
             for name in ("object", "identity", "policy", "content", "standing")]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "set")
        try:
            subprocess.run(["protoc", f"--proto_path={proto}", f"--descriptor_set_out={out}",
                            *files], check=True)
        except FileNotFoundError:
            print("skipped: no protoc")
            sys.exit(77)
        with open(out, "rb") as described:
            described = descriptor_pb2.FileDescriptorSet.FromString(described.read())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    make = getattr(message_factory, "GetMessageClass", None)
    if make is None:
        make = message_factory.MessageFactory(pool).GetPrototype
    return lambda name: make(pool.FindMessageTypeByName(f"fora.v1.{name}"))


def check_ids(vectors):
    for one in vectors["hashes"]:
        check(fora_hash(one["domain"], bytes.fromhex(one["message"])).hex() == one["hash"],
              one["domain"])
    texts = set()  # of (prefix, text)
    for one in vectors["texts"]:
        texts.add((one["prefix"], one["text"]))
        check(bech32m(one["prefix"], bytes.fromhex(one["id"])) == one["text"], one["text"])
    for one in vectors["refused_texts"]:
        check((one["prefix"], one["text"]) not in texts, one["why"])
    for one in vectors["slots"]:
        target = one.get("parent") or one.get("space") or "00" * 32
        slot = fora_hash("fora.v1.slot", bytes.fromhex(one["author"]),
                         one["kind"].to_bytes(4, "big"), bytes.fromhex(target))
        check(slot.hex() == one["slot"], f"slot of kind {one['kind']}")


def verify(envelope, header):
    """The code of verification, with the rules of OBJ-3, OBJ-5 and OBJ-6."""
    if envelope.content:
        if (len(envelope.content) != header.content_size
                or fora_hash("fora.v1.content", envelope.content) != header.content_hash):
            return "CONTENT_HASH"
    identifier = fora_hash("fora.v1.object", envelope.header)
    good = verifies(header.key, "fora.v1.sign.object", identifier, envelope.signature)
    return "OK" if good else "SIGNATURE"


def check_objects(vectors, messages):
    public, _ = nacl.bindings.crypto_sign_seed_keypair(bytes.fromhex(vectors["seed"]))
    for one in vectors["objects"]:
        name = one["name"]
        raw = bytes.fromhex(one["object"])
        envelope = messages("Object").FromString(raw)
        check(envelope.SerializeToString(deterministic=True) == raw, f"{name}: envelope")
        header = messages("Header").FromString(envelope.header)
        check(envelope.header.hex() == one["header"], f"{name}: header")
        check(header.key == public and header.version == 1, f"{name}: key")
        for field in HEADER_BYTES:
            check(getattr(header, field).hex() == one.get(field, ""), f"{name}: {field}")
        for field in ("kind", "created_at", "audience", "content_size"):
            check(getattr(header, field) == one[field], f"{name}: {field}")
        check(fora_hash("fora.v1.object", envelope.header).hex() == one["id"], f"{name}: id")
        check(verify(envelope, header) == "OK", f"{name}: signature")
        if "content" in one:
            content = messages(CONTENTS[header.kind]).FromString(envelope.content)
            check(content.SerializeToString(deterministic=True) == envelope.content,
                  f"{name}: content")
            check(len(content.salt) == 16, f"{name}: salt")
    for one in vectors["refused"]:
        if one["code"] not in ("CONTENT_HASH", "SIGNATURE"):
            continue  # protobuf's parser takes what ENC-3 refuses
        envelope = messages("Object").FromString(bytes.fromhex(one["object"]))
        header = messages("Header").FromString(envelope.header)
        check(verify(envelope, header) == one["code"], one["name"])


def check_signatures(vectors):
    for one in vectors["signatures"]:
        good = verifies(bytes.fromhex(one["key"]), one["domain"], bytes.fromhex(one["message"]),
                        bytes.fromhex(one["signature"]))
        check(good == one["valid"], one["name"])


def main():
    spec, proto = sys.argv[1:]

    def load(name):
        with open(os.path.join(spec, "vectors", name), encoding="utf-8") as file:
            return json.load(file)

    check_ids(load("ids.json"))
    check_objects(load("objects.json"), load_messages(proto))
    check_signatures(load("signatures.json"))
    print(checked, "checks")
    if checked < 300:
        sys.exit("too few")


if __name__ == "__main__":
    main()
