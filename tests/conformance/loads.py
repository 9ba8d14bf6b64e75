"""Does a config load? Our verdict beside the recorded one.

    python -m tests.conformance.loads FILE… [--target VERSION] [--json]

Each line of a file is a case: a config (``text`` or base64 ``bytes``), other ``files``, symbolic
``links``, the process environment ``env``, and what OpenClaw decided (``expect``). A case agrees
when the verdict is the same and, for a config that does not load, when ``issue_paths`` are
the recorded key paths. Cases about syntax alone (ids ``json5-…``) are compared by verdict and
value. Prints a line for each file and, last, ``agree N of M``, counted by verdict; ``--json``
prints the disagreements first, one object a line. A config is read for the version that
``--target`` names, which the records are of. Where OpenClaw refused a config for the file of a
secret provider's command alone, which that machine lacked, it counts as one that loads.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, key_order
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from openclaw_config.validation.validate import validate
from tests.conformance.issue_paths import issue_paths
from tests.support import OLDEST

FOLDER_MARK = "__CONFIG_DIR__"
COMMAND_FILE = re.compile(r"secrets\.providers\..+\.command")
OLD_KEYS = ("legacy-key", "refused-legacy-key")


class Outcome(NamedTuple):
    """What we say of a case. ``paths`` are as the recorded ones: steps joined by dots, sorted.

    ``rules`` are those that refuse the config, ``old_keys`` whether it has an old key.
    """

    valid: bool
    paths: tuple[str, ...] = ()
    value: Any = None
    rules: tuple[str, ...] = ()
    old_keys: bool = False


class Result(NamedTuple):
    """A case with both verdicts. ``paths_agree`` is None where paths are not compared."""

    case: dict[str, Any]
    outcome: Outcome
    agrees: bool
    paths_agree: bool | None


def cases(path: str) -> Iterator[dict[str, Any]]:
    """The cases of a file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line, parse_int=number)


def number(digits: str) -> int | float:
    """A number of a case as JavaScript has it: beyond 2**53 the digits are those of a float."""
    value = int(digits)
    return value if abs(value) <= 2**53 else float(digits)


def judge(case: dict[str, Any], folder: str, target: str = OLDEST) -> Result:
    """Run one case in an empty folder."""
    expect = case["expect"]
    if "value" in expect or "error" in expect:
        outcome = read(case["text"])
        agrees = outcome.valid == expect["valid"] and (
            not outcome.valid or outcome.value == expect["value"]
        )
        return Result(case, outcome, agrees, None)
    if expect.get("phase") == "plugin":
        paths = [path for path in expect["paths"] if not COMMAND_FILE.fullmatch(path)]
        expect = {**expect, "valid": not paths, "paths": paths}
        case = {**case, "expect": expect}
    outcome = decide(case, folder, target)
    agrees = outcome.valid == expect["valid"]
    compared = agrees and not outcome.valid
    return Result(
        case, outcome, agrees, list(outcome.paths) == expect["paths"] if compared else None
    )


# --- syntax -----------------------------------------------------------------------------------


def read(text: str) -> Outcome:
    """The verdict on a text as JSON5, and its value in the form of the recorded ones."""
    tree = parse(Source(text))
    if tree.root is None or any(error.severity == ERROR for error in tree.errors):
        return Outcome(False)
    return Outcome(True, value=recorded(tree.root))


def recorded(node: Node) -> Any:
    """A value as the cases write it: objects as ordered pairs, odd numbers by name."""
    if isinstance(node, ObjectNode):
        keys = key_order(list(node.values))
        return {"$obj": [[key, recorded(node.values[key])] for key in keys]}
    if isinstance(node, ArrayNode):
        return [recorded(item) for item in node.items]
    value = getattr(node, "value", None)
    if isinstance(value, float):
        if math.isnan(value):
            return {"$num": "NaN"}
        if math.isinf(value):
            return {"$num": "Infinity" if value > 0 else "-Infinity"}
        if value == 0 and math.copysign(1, value) < 0:
            return {"$num": "-0"}
    return value


# --- loading ----------------------------------------------------------------------------------


def decide(case: dict[str, Any], home: str, target: str = OLDEST) -> Outcome:
    """Load and validate a case with its own environment, in ``<home>/.openclaw``."""
    folder = os.path.join(home, ".openclaw")
    on_disk = "files" in case or "links" in case
    if on_disk:
        write_files(case, folder)
    environ = {"HOME": home, "PATH": os.environ.get("PATH", "/usr/bin")}
    environ.update(
        {name: text.replace(FOLDER_MARK, folder) for name, text in case.get("env", {}).items()}
    )
    environment = Environment.process(environ, cwd=home)
    content: str | bytes = case.get("text", "").replace(FOLDER_MARK, folder)
    if "bytes" in case:
        content = base64.b64decode(case["bytes"])
    document = load(
        os.path.join(folder, "openclaw.json"),
        text=None if on_disk else content,
        environment=environment,
        home=home,
        cwd=home,
        state_dir=folder,
        target=target,
    )
    validation = validate(document)
    found = (*document.diagnostics, *validation.diagnostics)
    valid = document.readable and not any(item.blocks for item in found)
    paths = sorted({".".join(map(str, path)) for path in issue_paths(document)})
    rules = tuple(sorted({item.rule for item in found if item.blocks}))
    old_keys = any(item.rule in OLD_KEYS for item in found)
    return Outcome(valid, tuple(paths), rules=rules, old_keys=old_keys)


def write_files(case: dict[str, Any], folder: str) -> None:
    """Put a case's files and links where the config finds them."""
    for name, text in {**case.get("files", {}), "openclaw.json": case.get("text", "")}.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            if name == "openclaw.json" and "bytes" in case:
                file.write(base64.b64decode(case["bytes"]))
            else:
                file.write(text.replace(FOLDER_MARK, folder).encode("utf-8", "surrogatepass"))
    for name, target in case.get("links", {}).items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target.replace(FOLDER_MARK, folder), path)


# --- report -----------------------------------------------------------------------------------


def run(path: str, target: str = OLDEST) -> list[Result]:
    """Judge every case of a file."""
    return judged(cases(path), target)


def judged(cases: Iterable[dict[str, Any]], target: str) -> list[Result]:
    """Judge cases, each in a folder of its own."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases):
            home = os.path.join(folder, str(number))
            os.mkdir(home)
            results.append(judge(case, home, target))
    return results


def afresh(case: dict[str, Any], target: str = OLDEST) -> Result:
    """Judge a case in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return judge(case, folder, target)


def main(arguments: list[str] | None = None) -> int:
    """Run the files named on the command line; 0 when every case agrees, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.loads")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print the disagreements")
    parser.add_argument("--target", default=OLDEST, metavar="VERSION", help="whose records")
    options = parser.parse_args(arguments)
    everything: list[Result] = []
    for path in options.files:
        results = run(path, options.target)
        everything += results
        if options.json:
            for result in results:
                if not result.agrees or result.paths_agree is False:
                    print(json.dumps(disagreement(result), ensure_ascii=False))
        print(summary(os.path.basename(path), results))
    agreed = sum(result.agrees for result in everything)
    print(f"agree {agreed} of {len(everything)}")
    return 0 if agreed == len(everything) else 1


def summary(name: str, results: list[Result]) -> str:
    """One line about a file."""
    agreed = sum(result.agrees for result in results)
    compared = [result.paths_agree for result in results if result.paths_agree is not None]
    alarms = sum(
        1 for result in results if result.case["expect"]["valid"] and not result.outcome.valid
    )
    return (
        f"{name}: verdict {agreed} of {len(results)}, false alarms {alarms},"
        f" issue paths {sum(compared)} of {len(compared)}"
    )


def disagreement(result: Result) -> dict[str, Any]:
    """What a reader needs of a case that does not agree."""
    case, outcome = result.case, result.outcome
    expect = case["expect"]
    return {
        "id": case["id"],
        "kind": case.get("kind"),
        "mutated": case.get("mutated"),
        "expect": {key: expect.get(key) for key in ("valid", "phase", "sub", "paths", "error")},
        "ours": {"valid": outcome.valid, "paths": outcome.paths, "rules": outcome.rules},
    }


if __name__ == "__main__":
    sys.exit(main())
