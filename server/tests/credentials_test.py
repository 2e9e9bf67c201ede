"""What the tests check credentials with, checked against published vectors: where these lie beside the
checkout (FORA_DATA), all of them; those of RFC 8032 and RFC 8785 that stand here, always."""

import json
import os
import pathlib
import unittest

import credentials
import ed25519

# RFC 8032, 7.1: key, message, signature.
RFC_8032 = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
)
# RFC 8785, 3.2.2 and appendix B.
RFC_8785 = (
    ('{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,'
     'true,false],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"}',
     '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$'
     '\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'),
    ("[-0.0,9007199254740992,1e21,999999999999999900000,1e-6,1e-7,-1.7976931348623157e308,5e-324]",
     "[0,9007199254740992,1e+21,999999999999999900000,0.000001,1e-7,-1.7976931348623157e+308,5e-324]"),
)


class Vectors(unittest.TestCase):
    def data(self, name):
        folder = pathlib.Path(os.environ.get("FORA_DATA", "")) / name
        if not os.environ.get("FORA_DATA") or not folder.is_dir():
            self.skipTest(f"no {name} beside the checkout")
        return folder

    def test_ed25519_of_rfc_8032(self):
        for key, message, signature in RFC_8032:
            key, message, signature = map(bytes.fromhex, (key, message, signature))
            self.assertTrue(ed25519.verify(key, message, signature))
            self.assertFalse(ed25519.verify(key, message + b"\0", signature))
            for at in (0, 31, 32, 63):
                wrong = bytearray(signature)
                wrong[at] ^= 1
                self.assertFalse(ed25519.verify(key, message, bytes(wrong)))

    def test_ed25519_of_wycheproof(self):
        folder, looked = self.data("crypto"), 0
        vectors = json.loads((folder / "wycheproof-ed25519_test.json").read_text())
        for group in vectors["testGroups"]:
            key = bytes.fromhex(group["publicKey"]["pk"])
            for case in group["tests"]:
                got = ed25519.verify(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
                self.assertEqual(got, case["result"] == "valid", case)
                looked += 1
        self.assertGreater(looked, 100)

    def test_jcs_of_rfc_8785(self):
        for given, expected in RFC_8785:
            self.assertEqual(credentials.canonical(json.loads(given)), expected)

    def test_jcs_of_the_vectors(self):
        folder = self.data("jcs")
        given = sorted((folder / "input").iterdir())
        for path in given:
            expected = bytes.fromhex((folder / "outhex" / path.with_suffix(".txt").name).read_text())
            got = credentials.canonical(json.loads(path.read_text(encoding="utf-8")))
            self.assertEqual(got.encode(), expected, path.name)
        self.assertGreater(len(given), 0)

    def test_VC_1_credential_of_the_vectors(self):
        folder = self.data("vc-di-eddsa") / "eddsa-jcs-2022"
        signed = json.loads((folder / "signedJCS.json").read_text(encoding="utf-8"))
        self.assertTrue(credentials.verify(signed))
        for change in ({"name": "Other"}, {"validFrom": "2023-01-01T00:00:01Z"}):
            self.assertFalse(credentials.verify(signed | change))
        for change in ({"created": "2023-02-24T23:36:39Z"}, {"proofPurpose": "authentication"}):
            self.assertFalse(credentials.verify(signed | {"proof": signed["proof"] | change}))


if __name__ == "__main__":
    unittest.main(verbosity=2)
