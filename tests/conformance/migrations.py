"""Does a migration come out right? Our result beside the recorded one.

    python -m tests.conformance.migrations FILE… [--json]

Each line of a file is a case: a config of 2026.4.29 (``text``), other ``files``, and what
2026.9.6 made of it (``expect``). A case agrees when our result is ``expect.core``, empty objects
left out, and loads in 2026.9.6 by our own check. Where a rule of ours departs from what OpenClaw
makes of it, or where it makes nothing that loads, a case agrees when ours loads, or when the
report says what a person must decide; ``DEPARTURES`` has these rules. Prints a line for each kind,
the departures by rule and, last, ``agree N of M``; ``--json`` prints the disagreements first, one
object a line.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from typing import Any, NamedTuple

from openclaw_config.migration import Migration, migrate
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.conformance.loads import FOLDER_MARK, cases, write_files

NOTHING_THAT_LOADS = "MIG-4"
"""The rule by which ours counts where OpenClaw writes nothing, or nothing that loads."""


DEPARTURES = os.path.join("fixtures", "migrations", "departures.json")
WORKSPACE = "~/.openclaw/workspace"
"""How we write the path that OpenClaw makes absolute (MIG-23)."""


class Result(NamedTuple):
    """A case, what we made of it, and the rule by which it may differ; "" where it must not."""

    case: dict[str, Any]
    agrees: bool
    rule: str
    why: str
    value: Any = None
    loads: bool = False


def judge(case: dict[str, Any], folder: str, departures: dict[str, str]) -> Result:
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
    loads = migration.after.loads
    wanted = json.loads(
        json.dumps(expect.get("core")).replace(f"{FOLDER_MARK}/workspace", WORKSPACE)
    )
    same = loads and pruned(_without_stamps(value)) == pruned(_without_stamps(wanted))
    for name, wanted in (expect.get("files") or {}).items():
        ours = migration.texts.get(os.path.join(where, name), "")
        root = parse(Source(ours)).root
        same = same and root is not None and to_value(root) == wanted
    if same and "core" in expect:
        return Result(case, True, "", "", value, loads)
    rule = departures.get(case["id"], "")
    if "core" not in expect:
        rule = rule or NOTHING_THAT_LOADS
    if not rule:
        why = "differs" if loads else "does not load"
        return Result(case, False, "", why, value, loads)
    settled = loads or bool(migration.open)
    return Result(case, settled, rule, "" if settled else "neither loads nor asks", value, loads)


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
    parser.add_argument("--departures", default=DEPARTURES)
    given = parser.parse_args(arguments)
    departures: dict[str, str] = {}
    if os.path.exists(given.departures):
        with open(given.departures, encoding="utf-8") as file:
            departures = {
                case: rule for rule, ids in json.load(file)["departures"].items() for case in ids
            }
    agreed: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    for name in given.files:
        for case in cases(name):
            with tempfile.TemporaryDirectory() as folder:
                result = judge(case, folder, departures)
            kinds[case["kind"]] += 1
            agreed[case["kind"]] += result.agrees
            if result.rule:
                by_rule[result.rule] += 1
            if not result.agrees and given.json:
                shown = {"id": case["id"], "kind": case["kind"], "why": result.why}
                print(json.dumps({**shown, "value": result.value}))
    for kind, count in kinds.items():
        print(f"{kind}: {agreed[kind]} of {count}")
    for rule, count in sorted(by_rule.items()):
        print(f"departs by {rule}: {count}")
    print(f"agree {agreed.total()} of {kinds.total()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
