"""Write docs/rules from the rules themselves: a page for each, and a list; and their index.

    python -m scripts.build_rule_docs

A test fails when the pages or the index are not what this would write.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from openclaw_config.diagnostics.model import (
    ERROR,
    WARNING,
    Diagnostic,
    Rule,
    all_rules,
    declared,
    rules_of,
)
from openclaw_config.diagnostics.text import render
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.syntax.edits import apply
from openclaw_config.targets import releases
from openclaw_config.validation import rules as rule_index
from openclaw_config.validation.validate import validate

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "rules"
INDEX = "README.md"

INTRODUCTION = """\
# The rules

Made from the rules by `python -m scripts.build_rule_docs`; do not edit.

`openclaw-config explain RULE` prints a page in the terminal. An error that *refuses* keeps OpenClaw
2026.4.29 from loading the config; everything else it accepts, and mostly does something that you
did not mean. A *safe* fix cannot change what the config means otherwise.
"""


_LANGUAGES = {"config": "json5", "table": "yaml", "schema": "json", "variables file": "sh"}


def pages() -> dict[str, str]:
    """Every page by its file name."""
    rules = list(all_rules().values())
    made = {f"{rule.name}.md": page(rule) for rule in rules}
    return {INDEX: index(rules), **made}


def sections() -> dict[str, dict[str, str]]:
    """What the index of the rules says: by table, the sections of each module."""
    tables: dict[str, dict[str, str]] = {"MODULES": {}, "OPTIONAL": {}}
    for module in sorted({*declared().values()}):
        package, _, name = module.rpartition(".")
        if package != rule_index.PACKAGE:
            continue
        for table, default in (("MODULES", True), ("OPTIONAL", False)):
            rules = list(rules_of(module))
            found = {
                section for rule in rules for section in rule.sections if rule.default >= default
            }
            if any(rule.default is default for rule in rules):
                tables[table][name] = "*" if "*" in found else " ".join(sorted(found))
    return tables


def index_text() -> str:
    """The source of the index of the rules, with the tables as they should be."""
    text = Path(str(rule_index.__file__)).read_text(encoding="utf-8")
    for table, rows in sections().items():
        lines = []
        for name, found in rows.items():
            line = f'    "{name}": "{found}",\n'
            if len(line) > 101:
                half = found.index(" ", len(found) // 2) + 1
                line = f'    "{name}": "{found[:half]}"\n    "{found[half:]}",\n'
            lines.append(line)
        start = text.index("{", text.index(f"{table}:"))
        text = f"{text[:start]}{{\n{''.join(lines)}{text[text.index('}', start) :]}"
    return text


def index(rules: list[Rule]) -> str:
    """The list of all rules, the most severe first."""
    groups = (
        ("Errors", [rule for rule in rules if rule.severity == ERROR]),
        ("Warnings", [rule for rule in rules if rule.severity == WARNING]),
        ("Information", [rule for rule in rules if rule.severity not in (ERROR, WARNING)]),
    )
    parts = [INTRODUCTION]
    for title, members in groups:
        rows = [f"| [{rule.name}]({rule.name}.md) | {_cell(rule)} |" for rule in members]
        parts.append("\n".join((f"## {title}\n", "| rule | |", "|---|---|", *rows)) + "\n")
    rows = [
        f"| `{name}` | {', '.join(f'[{one.name}]({one.name}.md)' for one in members)} |"
        for name, members in sorted(facts_by_name(rules).items())
    ]
    parts.append("\n".join((FACTS, "| fact | rules |", "|---|---|", *rows)) + "\n")
    return "\n".join(parts)


FACTS = """\
## Facts by name

What OpenClaw checks beyond its schema has a word for an id; the page of a rule states the fact.
Ids such as LOAD-40 are in [../spec](../spec/README.md).
"""


def facts_by_name(rules: list[Rule]) -> dict[str, list[Rule]]:
    """The rules that state each fact with a word for an id."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in facts(rule):
            found.setdefault(name, []).append(rule)
    return found


def _cell(rule: Rule) -> str:
    return rule.summary.replace("|", "\\|") + ("" if rule.default else " *Off by default.*")


def page(rule: Rule) -> str:
    """A rule's page."""
    status = [f"**{rule.severity}**"]
    if rule.blocks:
        status.append("OpenClaw refuses the config")
    if not rule.default:
        status.append("off by default")
    parts = [f"# {rule.name}", rule.summary, ", ".join(status) + ".", rule.why]
    shown = findings(rule) if rule.subject == "config" else []
    if rule.bad.strip():
        parts += ["## Bad", _block(rule.bad, rule.subject)]
    if shown:
        parts += ["```text\n" + "\n".join(render(shown[:1])) + "\n```"]
        parts += _fixed(rule, shown[0])
    if rule.good.strip():
        parts += ["## Good", _block(rule.good, rule.subject)]
    own = [f"`{name}`" for name in facts(rule)]
    others = [_cited(name) for name in citations(rule) if name not in facts(rule)]
    if others:
        parts.append(f"Stands on {', '.join(others)}.")
    if own:
        parts.append(f"This page is the entry of {' and '.join(own)}.")
    return "\n\n".join(parts) + "\n"


SPEC = FOLDER.parent / "spec"
_ENTRY = re.compile(r"^### ([A-Z]+-[0-9A-Z]+)(?= )", re.MULTILINE)


def citations(rule: Rule) -> list[str]:
    """What a rule stands on: ids of docs/spec, words that name a fact, data files."""
    return [part.strip() for part in rule.source.split(",") if part.strip()]


def facts(rule: Rule) -> list[str]:
    """The facts that are named by a word, such as agent-dir-unique: the rule's page states them."""
    return [name for name in citations(rule) if re.fullmatch(r"[a-z]+(?:-[A-Za-z]+)+", name)]


@lru_cache(maxsize=1)
def entries() -> dict[str, str]:
    """The page of ``docs/spec`` that has each id."""
    return {
        found[1]: page.name
        for page in sorted(SPEC.glob("*.md"))
        for found in _ENTRY.finditer(page.read_text(encoding="utf-8"))
    }


def _cited(name: str) -> str:
    if name in entries():
        return f"[{name}](../spec/{entries()[name]})"
    return f"[{name}](../../{name})" if name.startswith("schema/") else f"`{name}`"


def _block(text: str, subject: str) -> str:
    return f"```{_LANGUAGES.get(subject, 'toml')}\n{text.strip(chr(10))}\n```"


def findings(rule: Rule) -> list[Diagnostic]:
    """What the rule finds in its bad example; some rules need to know which variables there are."""
    for environment in (Environment.assumed(), Environment.of({})):
        document = load(
            text=rule.bad,
            name="openclaw.json",
            environment=environment,
            target=rule.since or releases()[0],
        )
        everything = (*document.diagnostics, *validate(document, optional=True).diagnostics)
        found = [item for item in everything if item.rule == rule.name]
        if found:
            return found
    return []


def _fixed(rule: Rule, found: Diagnostic) -> list[str]:
    if found.fix is None or found.location is None or found.location.source.text != rule.bad:
        return []
    kind = "safe" if found.fix.safe else "to be confirmed"
    text = apply(rule.bad, found.fix.edits)
    return [f"The fix is {kind}. It makes of the example:", _block(text, rule.subject)]


def main() -> None:
    """Write the index and every page, and remove the pages of rules that are gone."""
    Path(str(rule_index.__file__)).write_text(index_text(), encoding="utf-8")
    for table, rows in sections().items():
        getattr(rule_index, table).update(rows)
    made = pages()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
