"""The cases of ``fixtures/validation``: a config, and beside it what is said about it.

``<area>/<name>.json5`` is the config. ``<name>.txt`` has a block for each finding: its place, rule
and message, then label, related places, notes and helps, and what its fix would change. Old keys
are read in memory; where that changes the config, ``reads as`` shows the sections it changes.

The areas are kinds of rules; ``optional`` has those that are off by default. All variables are
assumed to be set. A first line ``// environment: {"NAME": "value"}`` gives exactly those there are,
and ``// target: VERSION`` the release that the config is for.
To add a case, write the config, run ``python -m tests.validation.cases`` and read the difference.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path

from openclaw_config.diagnostics.model import (
    Diagnostic,
    Rule,
    declared,
    documented,
    key_path_text,
    rules_of,
)
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.nodes import to_value
from openclaw_config.validation.validate import Validation, validate
from tests.support import OLDEST

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "validation"
_ENVIRONMENT = "// environment: "
_TARGET = "// target: "


def names() -> list[str]:
    """Every case, as ``area/name``."""
    return sorted(path.relative_to(FOLDER).as_posix()[:-6] for path in FOLDER.glob("*/*.json5"))


def read(name: str) -> str:
    """A case's config."""
    return (FOLDER / f"{name}.json5").read_text(encoding="utf-8")


def expected(name: str) -> str:
    """What is to be said about a case."""
    path = FOLDER / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def loaded(text: str, target: str = "") -> Document:
    """The document of a case's text, with the environment or target that its first line gives."""
    environment = Environment.assumed()
    first = text.partition("\n")[0]
    if first.startswith(_ENVIRONMENT):
        environment = Environment.of(json.loads(first.removeprefix(_ENVIRONMENT)))
    if first.startswith(_TARGET):
        target = first.removeprefix(_TARGET)
    return load(text=text, name="openclaw.json", environment=environment, target=target or OLDEST)


def findings(text: str, optional: bool = False) -> list[Diagnostic]:
    """Everything that loading and validation say about a config."""
    document = loaded(text)
    return [*document.diagnostics, *validate(document, optional=optional).diagnostics]


def produce(name: str) -> str:
    """What is said about a case, in the form of the expected files."""
    text = read(name)
    document = loaded(text)
    validation = validate(document, optional=name.startswith("optional/"))
    everything = (*document.diagnostics, *validation.diagnostics)
    blocks = [block(text, found) for found in sorted(everything, key=_place)]
    blocks += reads_as(document, validation)
    return "\n".join(blocks) if blocks else "nothing to say\n"


def _place(found: Diagnostic) -> tuple[int, int]:
    return found.location.position if found.location is not None else (0, 0)


def block(text: str, found: Diagnostic) -> str:
    """One finding."""
    assert found.location is not None
    line, column = found.location.position
    refused = ", does not load" if found.blocks else ""
    lines = [
        f"{line}:{column} {found.severity}[{found.rule}]{refused}",
        f"  {found.message}",
    ]
    if found.label:
        lines.append(f"  ^ {found.label}")
    for related in found.related:
        line, column = related.location.position
        lines.append(f"  {line}:{column} {related.message}")
    lines += [f"  note: {note}" for note in found.notes]
    lines += [f"  help: {advice}" for advice in found.helps]
    if found.fix is not None:
        lines.append(f"  {'fix' if found.fix.safe else 'fix to confirm'}: {found.fix.title}")
        fixed = apply(text, found.fix.edits)
        changes = difflib.unified_diff(text.split("\n"), fixed.split("\n"), n=0, lineterm="")
        lines += [f"    {change}".rstrip() for change in changes if change[:3] not in _HEADS]
    return "\n".join(lines) + "\n"


_HEADS = ("---", "+++", "@@ ")


def reads_as(document: Document, validation: Validation) -> Iterator[str]:
    """The sections that differ after old keys were read."""
    if document.root is None or validation.document.root is None:
        return
    before, after = to_value(document.root), to_value(validation.document.root)
    if before == after or not isinstance(before, dict) or not isinstance(after, dict):
        return
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    gone = [key_path_text((key,)) for key in before if key not in after]
    text = json.dumps(changed, indent=2, ensure_ascii=False)
    yield f"reads as\n{text}\n" + (f"without {', '.join(gone)}\n" if gone else "")


def rules() -> list[Rule]:
    """The rules of validation, by name."""
    found = {
        rule.name: documented(rule)
        for module in sorted({*declared().values()})
        if module.startswith("openclaw_config.validation.")
        for rule in rules_of(module)
    }
    return [found[name] for name in sorted(found)]


def regenerate() -> None:
    """Write every expected file anew."""
    for name in names():
        (FOLDER / f"{name}.txt").write_text(produce(name), encoding="utf-8")
    for path in FOLDER.glob("*/*.txt"):
        if not path.with_suffix(".json5").exists():
            path.unlink()


if __name__ == "__main__":
    regenerate()
