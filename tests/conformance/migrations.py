"""Does a migration come out right? Our result beside the recorded one.

    python -m tests.conformance.migrations FILE… [--json]

Each line of a file is a case: a config of 2026.4.29 (``text``), other ``files``, and what
2026.9.6 made of it (``expect``). A case agrees when our result is ``expect.core``, empty objects
left out, or when a rule of ``departures`` speaks for every difference, or OpenClaw made nothing
that loads; and when the result loads in 2026.9.6 by our own check: at once, or with the first
answer to each question of the report. Prints a line for each kind, the departures by rule and,
last, ``agree N of M``; ``--json`` prints the disagreements first, one object a line.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.migration import Migration, migrate
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.conformance.departures import departures
from tests.conformance.loads import FOLDER_MARK, cases, write_files

NOTHING_THAT_LOADS = "MIG-4"
"""The rule by which ours counts where OpenClaw writes nothing, or nothing that loads."""

WORKSPACE = "~/.openclaw/workspace"
"""How we write the path that OpenClaw makes absolute (MIG-23)."""


class Result(NamedTuple):
    """A case, what we made of it, and the rule by which it may differ; "" where it must not.

    ``asks`` says that the result loads only with answers.
    """

    case: dict[str, Any]
    agrees: bool
    rule: str
    why: str
    value: Any = None
    loads: bool = False
    asks: bool = False


def judge(case: dict[str, Any], folder: str) -> Result:
    """Run one case; ``folder`` is where its files are written when it has some."""
    expect = case["expect"]
    where = os.path.join(folder, ".openclaw")
    text = case["text"].replace(FOLDER_MARK, where)
    path = None
    if case.get("files"):
        write_files(case, where)
        path = os.path.join(where, "openclaw.json")
    migration = migrate(path, text=text)
    value = _value(migration)
    core = json.loads(json.dumps(expect.get("core")).replace(f"{FOLDER_MARK}/workspace", WORKSPACE))
    theirs, ours = pruned(_without_stamps(core)), pruned(_without_stamps(value))
    same = theirs == ours
    for name, wanted in (expect.get("files") or {}).items():
        root = parse(Source(migration.texts.get(os.path.join(where, name), ""))).root
        same = same and root is not None and to_value(root) == wanted
    rule = why = ""
    if "core" not in expect:
        rule = NOTHING_THAT_LOADS
    elif not same:
        root = parse(Source(text)).root
        rules = departures(theirs, ours, None if root is None else to_value(root), migration)
        rule, why = next(iter(rules), ""), "" if rules and "" not in rules else "differs"
    loads = migration.after.loads
    settled = loads or _answered(path, text, migration)
    why = why or ("" if settled else "does not load")
    return Result(case, not why, rule if not why else "", why, value, loads, settled and not loads)


def _answered(path: str | None, text: str, migration: Migration) -> bool:
    """Whether the result loads with the first answer to each question."""
    answers: dict[str, str] = {}
    while new := {
        key_path_text(change.path): next(iter(change.choices))
        for change in migration.open
        if change.choices and key_path_text(change.path) not in answers
    }:
        answers |= new
        migration = migrate(path, text=text, answers=answers)
    return migration.after.loads


def _value(migration: Migration) -> Any:
    """The value of the config's own file, its includes left as they are."""
    root = parse(Source(migration.text)).root
    return None if root is None else to_value(root)


def _without_stamps(value: Any) -> Any:
    """Without what is no part of a migration (MIG-3): stamps of runs and of the last change, and
    switches of plugins and channels."""
    if not isinstance(value, dict):
        return value
    kept = dict(value)
    plugins = kept.get("plugins")
    if isinstance(plugins, dict):
        kept["plugins"] = _switched(plugins, "entries")
    kept = _switched(kept, "channels")
    for section, prefix in (("wizard", "lastRun"), ("meta", "lastTouched")):
        if isinstance(kept.get(section), dict):
            inner = {k: v for k, v in kept[section].items() if not k.startswith(prefix)}
            kept[section] = inner
    return kept


def _switched(owner: dict[str, Any], key: str) -> dict[str, Any]:
    """Without the switches that OpenClaw adds to whatever is configured (MIG-3)."""
    named = owner.get(key)
    if not isinstance(named, dict):
        return owner
    rest = {
        name: {k: v for k, v in item.items() if (k, v) != ("enabled", True)}
        if isinstance(item, dict)
        else item
        for name, item in named.items()
    }
    return {**owner, key: rest}


def pruned(value: Any) -> Any:
    """A value without empty objects, at every depth."""
    if isinstance(value, dict):
        inner = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item != {}}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return value


def main(arguments: list[str] | None = None) -> int:
    """Judge the files that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    agreed: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    asking = 0
    for name in given.files:
        for case in cases(name):
            with tempfile.TemporaryDirectory() as folder:
                result = judge(case, folder)
            kinds[case["kind"]] += 1
            agreed[case["kind"]] += result.agrees
            asking += result.asks
            if result.rule:
                by_rule[result.rule] += 1
            if not result.agrees and given.json:
                shown = {"id": case["id"], "kind": case["kind"], "why": result.why}
                print(json.dumps({**shown, "value": result.value}))
    for kind, count in kinds.items():
        print(f"{kind}: {agreed[kind]} of {count}")
    for rule, count in sorted(by_rule.items()):
        print(f"departs by {rule}: {count}")
    print(f"load only with answers: {asking}")
    print(f"agree {agreed.total()} of {kinds.total()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
