"""Names, docstrings, comments, messages and pages use the field's terms, not words of our own.

What stands on the left of ``TERMS`` has a usual name in compilers and linters, on the right.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "openclaw_config"

TERMS = {
    "mend": "fix",
    "mends": "fixes",
    "mended": "fixed",
    "mending": "fixing",
    "mendable": "fixable",
    "slip": "error, unexpected token",
    "slips": "errors",
    "slipped": "was misspelt",
    "told": "reported",
    "held": "effective, kept",
    "judge": "validate, check",
    "judges": "validates",
    "judged": "validated, filtered",
    "judging": "validation",
    "whence": "from where, origin",
    "in vain": "failed, unused",
    "gravest": "most severe",
    "graver": "more severe",
    "gravity": "severity",
}
ALLOWED = {
    ("docs/rules/invisible-character.md", "slip"): "characters slip in, as plain English has it",
    ("docs/rules/wrong-encoding.md", "told"): "programs save in UTF-16 unless told otherwise",
}
"""Where a word is plain English and right: the file, the word, and why."""

_WORD = re.compile(rf"(?<![A-Za-z])({'|'.join(TERMS)})(?![A-Za-z])", re.IGNORECASE)


def used(text: str) -> set[str]:
    """The words of a text that have a usual name; a name's parts count as words."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return {match[0].lower() for match in _WORD.finditer(re.sub(r"\s+#?\s*", " ", plain))}


def texts(folder: Path) -> list[Path]:
    """The files of a folder that people read."""
    kinds = {".py", ".md", ".json", ".json5", ".yaml"}
    return [path for path in sorted(folder.rglob("*")) if path.suffix in kinds]


def wrong(paths: list[Path]) -> list[str]:
    """What is to be said otherwise, and how."""
    return [
        f"{name}: '{word}' is: {TERMS[word]}"
        for path in paths
        for name in [path.relative_to(ROOT).as_posix()]
        for word in sorted(used(path.read_text(encoding="utf-8")))
        if (name, word) not in ALLOWED
    ]


PARTS = sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")})


@pytest.mark.parametrize("part", PARTS)
def test_code_uses_the_terms_of_the_field(part: str) -> None:
    path = PACKAGE / part
    assert wrong(texts(path) if path.is_dir() else [path]) == []


def test_pages_use_the_terms_of_the_field() -> None:
    pages = [ROOT / "README.md", ROOT / "action.yml", ROOT / ".pre-commit-hooks.yaml"]
    assert wrong([*pages, *texts(ROOT / "docs")]) == []


@pytest.mark.parametrize("folder", ["benchmarks", "scripts", "schema/starter"])
def test_scripts_and_first_configs_use_the_terms_of_the_field(folder: str) -> None:
    assert texts(ROOT / folder)
    assert wrong(texts(ROOT / folder)) == []


def test_published_schemas_use_the_terms_of_the_field() -> None:
    # What OpenClaw says in its own schema is its own.
    assert wrong(sorted((ROOT / "schema").glob("*.schema.json"))) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def mended(): ...", {"mended"}),
        ("class JudgedReport: ...", {"judged"}),
        ("_told_twice = 1", {"told"}),
        ("# tried in\n# vain", {"in vain"}),
        ("recommended, threshold, withheld, slippery", set()),
    ],
)
def test_words_are_found_in_names_and_sentences(text: str, words: set[str]) -> None:
    assert used(text) == words
