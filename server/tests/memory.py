"""Where secrets lie in the memory of a process, and whether they are locked there."""

import pathlib
import re


def mappings(pid):
    """Of a process's own memory that can be read: begin, end, locked. Files that it shares, as the
    store, are not its own."""
    for text in re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", pathlib.Path(
            f"/proc/{pid}/smaps").read_text())[1:]:
        begin, end = (int(x, 16) for x in re.match(r"(\w+)-(\w+)", text).groups())
        flags = re.search(r"(?m)^VmFlags: (.*)$", text)[1].split()
        if "rd" in flags and not {"sh", "io", "pf"} & set(flags):
            yield begin, end, "lo" in flags


def places(pid, secrets):
    """Of {name: bytes}: {name: [locked, once for each copy]}, as bytes or written in hex."""
    found = {name: [] for name in secrets}
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, locked in mappings(pid):
            memory.seek(begin)
            data = b""
            while len(data) < end - begin:
                more = memory.read(end - begin - len(data))
                if not more:
                    raise AssertionError(f"cannot read {begin:x}-{end:x} of {pid}")
                data += more
            for name, secret in secrets.items():
                for form in (secret, secret.hex().encode()):
                    found[name] += [locked] * data.count(form)
    return found
