"""Every id of a fact that the project cites has an entry in ``docs/spec``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from openclaw_config.diagnostics.model import all_rules
from scripts import build_rule_docs, build_spec_titles

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "docs" / "spec"
FOLDERS = ("openclaw_config", "tests", "docs", "schema", "fixtures", "benchmarks", "scripts")
SUFFIXES = frozenset({".py", ".md", ".yaml", ".json", ".json5", ".txt"})
RECORDED = ROOT / "fixtures" / "conformance"
"""Recorded cases: their texts are not ours."""

ENTRY = re.compile(r"^### ([A-Z]+-[0-9A-Za-z]+'?)(?= )", re.MULTILINE)
"""A prime marks what replaces an entry in a later release."""


def entries() -> list[str]:
    """The ids that have an entry."""
    pages = sorted(SPEC.rglob("*.md"))
    return [found[1] for page in pages for found in ENTRY.finditer(page.read_text("utf-8"))]


def cited(kinds: set[str]) -> Iterator[tuple[str, str]]:
    """Each citation: the file, and the id."""
    citation = re.compile(rf"\b((?:{'|'.join(sorted(kinds))})-[0-9]+[A-Zb]?\b'?)")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SUFFIXES and not {RECORDED, SPEC} & set(path.parents):
                for found in citation.finditer(path.read_text("utf-8", errors="replace")):
                    yield str(path.relative_to(ROOT)), found[1]


def test_every_citation_leads_to_an_entry() -> None:
    known = set(entries())
    kinds = {name.split("-")[0] for name in known}
    lost = sorted(
        {
            f"{path}: {name}"
            for path, name in cited(kinds)
            if {name, name.rstrip("'")}.isdisjoint(known)
        }
    )
    assert not lost


def test_an_id_has_one_entry() -> None:
    names = entries()
    assert sorted(names) == sorted(set(names))


def test_a_fact_with_a_word_for_an_id_is_on_the_page_of_its_rule() -> None:
    """And whatever else a rule stands on is an id with an entry, or a data file."""
    for rule in all_rules().values():
        page = (build_rule_docs.FOLDER / f"{rule.name}.md").read_text("utf-8")
        for name in build_rule_docs.citations(rule):
            if name in build_rule_docs.facts(rule):
                assert f"`{name}`" in page
            else:
                assert name in entries() or (ROOT / name).exists(), f"{rule.name}: {name}"


def test_the_phrases_for_ids_are_those_of_the_spec() -> None:
    assert build_spec_titles.FILE.read_text("utf-8") == build_spec_titles.text()
