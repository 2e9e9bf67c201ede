"""How 32 bytes might stand in a text that must not hold them."""

import base64

BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_digits(data):
    """The digits in the middle of any bech32 text of these bytes: without prefix and checksum."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits = bits[: len(bits) // 5 * 5]
    return "".join(BECH32[int(bits[i : i + 5], 2)] for i in range(0, len(bits), 5))


def forms(secret):
    """How 32 bytes might stand in a text."""
    plain = base64.b64encode(secret).decode().rstrip("=")
    return {
        secret.hex(),
        secret.hex().upper(),
        ":".join(f"{byte:02x}" for byte in secret),
        # Wherever the bytes begin within groups of three, the middle stays the same.
        plain[:40],
        base64.b64encode(b"\0" + secret).decode()[4:40],
        base64.b64encode(b"\0\0" + secret).decode()[4:40],
        base64.urlsafe_b64encode(secret).decode()[:40],
        bech32_digits(secret)[:50],
    }
