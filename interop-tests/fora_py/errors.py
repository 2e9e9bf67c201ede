"""Codes of section 10, read from its table, and the exception that carries one."""

import re

from .pb import SPEC

CODE = {m[2]: int(m[1]) for m in re.finditer(
    r"^\| (\d+) \| ([A-Z_0-9]+) \|", (SPEC / "10-errors.md").read_text(), re.M)}
NAME = {number: name for name, number in CODE.items()}


class Refused(Exception):
    """An object, frame or session was refused. `about` is the id that is missing, if one is."""

    def __init__(self, name, text="", about=None):
        super().__init__(f"{name}: {text}")
        self.name, self.text, self.about = name, text, about
        self.code = CODE[name]
