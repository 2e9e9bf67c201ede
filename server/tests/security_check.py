"""security_check.py SPEC BUILD: every test that spec/security.md names exists, and every promise names one.

SPEC is the page; BUILD the build folder, where the tests are listed. A case must stand in a source
of the test that is named before it, a row of the benchmarks in theirs; what an attack may take is the
same on the page and there.
"""

import json
import pathlib
import re
import sys

INVARIANTS = range(1, 9)


def tests_of(build):
    """What CMake wrote for ctest: test -> command. Asked itself, ctest would begin its log anew, in
    the middle of the run that this is a part of, and scripts/test counts by that log."""
    text = (build / "CTestTestfile.cmake").read_text()
    tests = dict(re.findall(r"^add_test\((?:\[=\[)?([\w.-]+)(?:\]=\])? (.*)\)", text, re.M))
    for folder in re.findall(r'^subdirs\("(.*)"\)', text, re.M):
        tests |= tests_of(build / folder)
    return tests


def sources_of(build):
    """The sources of each program, as they are compiled."""
    found = {}
    for unit in json.loads((build / "compile_commands.json").read_text()):
        program = re.search(r"CMakeFiles/([\w.-]+)\.dir/", unit.get("output") or unit["command"])
        if program:
            found.setdefault(program[1], []).append(pathlib.Path(unit["file"]))
    return found


def cases_of(command, sources):
    """The text of the programs and scripts that a test runs."""
    words = [pathlib.Path(word) for word in re.findall(r'"([^"]+)"', command)]
    paths = [path for word in words for path in sources.get(word.name, [])]
    paths += [word for word in words if word.suffix in (".py", ".sh") and word.exists()]
    return "\n".join(path.read_text(errors="replace") for path in paths)


def benches_of(root):
    """Attack -> what it may take: MiB, percent of a core."""
    text = "\n".join(path.read_text() for path in (root / "server/bench").glob("attack_*.c"))
    rows = re.findall(r'\{"(\w+)", run_\w+,\s*"[^"]*",\s*(\d+),\s*(\d+)\}', text)
    return {"attack_" + name: (memory, processor) for name, memory, processor in rows}


def main():
    page, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    root = page.resolve().parents[1]
    tests, sources, benches = tests_of(build), sources_of(build), benches_of(root)
    wrong, seen, named, stated = [], [], 0, set()
    for line in page.read_text().splitlines():
        clause = re.match(r"\| (SEC-\d+)\b", line)
        if clause is None:
            continue
        seen.append(clause[1])
        tokens = re.findall(r"`([^`]+)`", line.rstrip("| ").rsplit("|", 1)[1])
        if not tokens:
            wrong.append(f"{clause[1]} names no test")
        for token in tokens:
            named += 1
            if token.startswith("bench "):
                if token[6:] not in benches:
                    wrong.append(f"{clause[1]}: scripts/bench has no row {token[6:]}")
                elif "| %s MiB, %s %% |" % benches[token[6:]] in line:
                    stated.add(token[6:])
                continue
            test, _, case = token.partition("/")
            if test not in tests:
                wrong.append(f"{clause[1]}: there is no test {test}")
            elif case and not re.search(rf"\b{case}\b", cases_of(tests[test], sources)):
                wrong.append(f"{clause[1]}: {test} has no case {case}")
    for name in set(seen):
        if seen.count(name) > 1:
            wrong.append(f"{name} stands there twice")
    wrong += [f"invariant {i} is not promised" for i in INVARIANTS if f"SEC-{i}" not in seen]
    wrong += [f"{name} stands by no promise that says \"%s MiB, %s %%\"" % benches[name]
              for name in sorted(set(benches) - stated)]
    print("\n".join(wrong) or f"{len(seen)} promises name {named} tests and rows; all exist")
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
