"""The messages: protoc's Python modules, generated once into a folder outside the tree."""

import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
_NAMES = ("object", "identity", "policy", "content", "standing", "session")


def _generate():
    folder = os.environ.get("FORA_PB2") or tempfile.mkdtemp(prefix="fora_pb2_")
    os.makedirs(folder, exist_ok=True)
    protos = sorted(str(p) for p in (ROOT / "proto/fora/v1").glob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={ROOT / 'proto'}", f"--python_out={folder}", *protos],
                   check=True)
    sys.path.insert(0, folder)
    return {name: importlib.import_module(f"fora.v1.{name}_pb2") for name in _NAMES}


_modules = _generate()
for _module in _modules.values():
    for _name in _module.DESCRIPTOR.message_types_by_name:
        globals()[_name] = getattr(_module, _name)
    for _enum in _module.DESCRIPTOR.enum_types_by_name.values():
        for _value in _enum.values:
            globals()[_value.name] = _value.number

CONTENT = {  # kind -> message (section 5)
    1: "IdentityEntry", 2: "PolicyStatement", 3: "Profile", 4: "Thread", 5: "Post", 6: "Revision",
    7: "Tally", 8: "Resolution", 9: "Status", 10: "Cite", 11: "Duplicate", 12: "Flag",
    13: "Moderation", 14: "Appeal", 15: "Retraction", 16: "Attestation", 17: "Revocation",
    18: "Membership", 19: "Case", 20: "Receipt", 21: "Checkpoint",
    22: "Carried"}


def message(name):
    return globals()[name]
