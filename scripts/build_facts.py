"""Rebuild the data files that are made from others.

    python -m scripts.build_facts         write them
    python -m scripts.build_facts --check  exit 1 when one of them is out of date

The capability tables in YAML become ``schema/capabilities.json``, which the tool reads at start-up,
and with what a later release has otherwise ``schema/capabilities-<release>.json``. The descriptions
of keys become ``schema/descriptions.json``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ruamel.yaml import YAML

from openclaw_config.capabilities.lookup import SURFACES
from openclaw_config.facts import folder, section
from openclaw_config.plan.checking import problems
from scripts.describe_schema import built

NEWEST = "2026.9.6"


def tables_from_yaml(where: str) -> dict[str, dict[str, Any]]:
    """Every table of a folder of YAML files, checked, by provider in alphabetical order.

    Raises ValueError for a table of a wrong form, and for a file not named after its provider.
    """
    yaml = YAML(typ="safe", pure=True)
    tables = {}
    for name in sorted(os.listdir(where)):
        with open(os.path.join(where, name), encoding="utf-8") as file:
            table = yaml.load(file)
        wrong = [str(one) for one in problems(table, "capabilities.schema.json")]
        provider = table.pop("provider", "")
        if wrong or name != f"{provider}.yaml":
            raise ValueError(f"{name}: {wrong or f'it holds the table of {provider}'}")
        tables[provider] = table
    return tables


def built_tables(schema: str) -> dict[str, dict[str, Any]]:
    """The content of ``capabilities.json``: all tables, chat models named by their file."""
    tables = tables_from_yaml(os.path.join(schema, "capabilities"))
    for name in sorted(os.listdir(os.path.join(schema, "models"))):
        provider = name.removesuffix(".json")
        tables.setdefault(provider, {})["chat"] = f"models/{name}"
    return tables


def later_tables(schema: str, release: str, earlier: dict[str, Any]) -> dict[str, Any]:
    """The tables of a later release: the surfaces of its own files in the place of earlier ones.

    What the release does not have, or does not bring itself any more, is left out.
    """
    own = tables_from_yaml(os.path.join(schema, f"capabilities-{release}"))
    providers = section("registry", release, "providers")
    tables = {}
    for name, table in earlier.items():
        known = providers.get(name, {"external": True})
        if not known.get("external"):
            both = {**table, **own.get(name, {})}
            kept = {
                key: one
                for key, one in both.items()
                if key not in SURFACES or key in known["surfaces"]
            }
            tables[name] = {**kept, "target": release}
    return tables


def outputs(schema: str) -> dict[str, str]:
    """The text of each file that is made, by its name in ``schema/``."""
    tables = built_tables(schema)
    return {
        name: json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
        for name, content in (
            ("capabilities.json", tables),
            (f"capabilities-{NEWEST}.json", later_tables(schema, NEWEST, tables)),
            ("descriptions.json", built(os.path.join(schema, "descriptions"))),
        )
    }


def main(arguments: list[str]) -> int:
    """Write the files, or only compare them."""
    schema = folder()
    stale = []
    for name, text in outputs(schema).items():
        path = os.path.join(schema, name)
        current = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                current = file.read()
        if current == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
    for name in stale:
        sys.stdout.write(
            f"schema/{name}: {'out of date' if '--check' in arguments else 'written'}\n"
        )
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
