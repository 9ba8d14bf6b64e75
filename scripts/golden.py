"""Record what the commands print for every config that the project carries, and compare.

    python -m scripts.golden record FILE
    python -m scripts.golden compare FILE [--show N]

Run ``record`` before a change that must keep every behaviour, and ``compare`` after it. The
configs are those of ``fixtures/`` (each in a copy of its folder) and of the recorded cases in
``fixtures/conformance``. For each, all commands that read a config run in this process: what they
print, their exit code, and the file after ``check --fix``. ``compare`` prints the differences of
the first N outputs as diffs, then ``same N of M``, and exits 1 when there is one.
"""

from __future__ import annotations

import argparse
import base64
import difflib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.program import run

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
SUFFIXES = (".json", ".json5")
NOT_CONFIGS = frozenset({"case.json", "plan.json", "expected.json", "nearest.json"})
LARGEST = 200_000
"""Bytes of one output that are kept whole; of a larger one its length is."""
_FRESH = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
"""Ids that each request has anew."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check", "--format", "json"),
    ("check",),
    ("check", "--diff", "--unsafe-fixes"),
    ("compile", "--format", "json"),
    ("compile",),
    ("keys", "--format", "json"),
    ("env", "--format", "json"),
    ("fmt", "--diff"),
    ("check", "--fix", "--format", "concise"),
)
"""The last one writes the file, which is then an output of its own."""

CALLS: tuple[tuple[str, ...], ...] = (
    ("run", "image", "-p", "a lobster", "--dry-run"),
    ("run", "video", "-p", "a lobster", "--dry-run"),
    ("run", "speech", "--text", "a lobster", "--dry-run"),
    ("run", "chat", "a lobster", "--dry-run"),
)
PLANS = ("fixtures/plans/", "fixtures/conformance/requests")
"""The configs that calls are bound for as well."""


class Case(NamedTuple):
    """A config: the files of its folder by path, and which of them is checked."""

    name: str
    main: str
    files: dict[str, bytes]


def cases() -> Iterator[Case]:
    """Every config that the project carries."""
    for path in sorted(FIXTURES.rglob("*")):
        relative = path.relative_to(ROOT).as_posix()
        if path.suffix not in SUFFIXES or path.name in NOT_CONFIGS or not path.is_file():
            continue
        beside = [one for one in path.parent.rglob("*") if one.is_file()]
        # Fixtures of one file each share a folder; what includes others has one for itself.
        if len(beside) > 20:
            beside = [path]
        files = {one.relative_to(path.parent).as_posix(): one.read_bytes() for one in beside}
        yield Case(relative, path.name, files)
    for path in sorted((FIXTURES / "conformance").glob("*.ndjson")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                yield _recorded(path, json.loads(line))


def _recorded(path: Path, case: dict[str, Any]) -> Case:
    if "bytes" in case:
        text = base64.b64decode(case["bytes"])
    else:
        text = case.get("text", case.get("config", "")).encode("utf-8", "surrogatepass")
    files = {"openclaw.json": text}
    for name, content in case.get("files", {}).items():
        inner = content if isinstance(content, str) else content.get("text", "")
        if not name.startswith(("/", "..")):
            files[name] = inner.encode("utf-8", "surrogatepass")
    name = f"{path.relative_to(ROOT).as_posix()}:{case['id']}"
    return Case(name, "openclaw.json", files)


def outputs(case: Case) -> dict[str, str]:
    """What each command says of a case, by the case and the command."""
    found: dict[str, str] = {}
    before = Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="golden-"))
    try:
        for name, content in case.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        os.chdir(folder)
        environment = {"HOME": str(folder), "NO_COLOR": "1", "COLUMNS": "100"}
        for command in COMMANDS:
            result = run(*command, case.main, env=environment)
            found[f"{case.name} {' '.join(command)}"] = _said(folder, *result)
            if "--fix" not in command and case.name.startswith(PLANS) and command == ("compile",):
                for call in CALLS:
                    result = run(*call, "--config", case.main, env=environment)
                    found[f"{case.name} {' '.join(call)}"] = _said(folder, *result)
        fixed = (folder / case.main).read_bytes().decode("utf-8", "backslashreplace")
        found[f"{case.name} after --fix"] = fixed
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _said(folder: Path, code: int, out: str, err: str) -> str:
    text = f"exit {code}\n{out}"
    if err:
        text += f"\n--- stderr\n{err}"
    text = _FRESH.sub("<fresh>", text.replace(str(folder), "<folder>"))
    return text if len(text) <= LARGEST else f"{len(text)} characters"


def collect() -> dict[str, str]:
    """All outputs of all cases."""
    everything: dict[str, str] = {}
    with Pool(2) as pool:
        for found in pool.imap_unordered(outputs, list(cases()), chunksize=16):
            everything |= found
    return everything


def record(path: str) -> int:
    """Write all outputs to a file, one JSON pair a line, in order."""
    with open(path, "w", encoding="utf-8") as file:
        for key, text in sorted(collect().items()):
            file.write(json.dumps([key, text]) + "\n")
    return 0


def compare(path: str, show: int) -> int:
    """Print how the outputs of now differ from the recorded ones."""
    with open(path, encoding="utf-8") as file:
        before = dict(json.loads(line) for line in file)
    after = collect()
    keys = sorted(before.keys() | after.keys())
    changed = [key for key in keys if before.get(key) != after.get(key)]
    for key in changed[:show]:
        lines = difflib.unified_diff(
            before.get(key, "").splitlines(), after.get(key, "").splitlines(), key, key, lineterm=""
        )
        print("\n".join(lines))
    print(f"same {len(keys) - len(changed)} of {len(keys)}")
    return 1 if changed else 0


def main() -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("action", choices=("record", "compare"))
    parser.add_argument("file")
    parser.add_argument("--show", type=int, default=20, metavar="N")
    options = parser.parse_args()
    if options.action == "record":
        return record(options.file)
    return compare(options.file, options.show)


if __name__ == "__main__":
    sys.exit(main())
