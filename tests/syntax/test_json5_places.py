"""Where npm's json5 puts its error, we put our first one, so that both can be read together.

The verdicts and values of the same cases are compared by ``tests.conformance.loads``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

FILE = Path(__file__).parents[2] / "fixtures" / "conformance" / "json5.ndjson"
CASES = {
    case["id"]: case for case in map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
}
REFUSED = {name: case for name, case in CASES.items() if not case["expect"]["valid"]}
PLACE = re.compile(r" at (\d+):(\d+)$")

BETTER = {
    "json5-comment-009": "the comment that is not closed, not the end of the file",
    "json5-comment-010": "the comment that is not closed, not the end of the file",
    "json5-comment-012": "the slash, not the blank behind it",
    "json5-comment-024": "the slash, not the end of the file",
    "json5-comment-034": "the dashes of the comment, not the second of them",
    "json5-string-046": "the quote of the other kind, not the end of the file",
    "json5-structure-044": "the whole word, not its missing letter",
    "json5-structure-045": "the whole word, not its missing letter",
    "json5-structure-046": "the whole word, not its last letter",
}
"""Cases for which another place helps a person more, and which."""


def offset_of(text: str, error: str) -> int:
    """The offset that json5 names: it counts from 1, columns in UTF-16, and LF as column 0."""
    found = PLACE.search(error)
    assert found is not None
    line, column = int(found[1]), int(found[2])
    at = sum(len(before) + 1 for before in text.split("\n")[: line - 1])
    units = text[at:].encode("utf-16-le", "surrogatepass")[: 2 * (column - 1)]
    return at + len(units.decode("utf-16-le", "surrogatepass")) if column else at - 1


@pytest.mark.parametrize("name", REFUSED)
def test_the_first_error_stands_where_json5_stops(name: str) -> None:
    case = REFUSED[name]
    first = parse(Source(case["text"])).errors[0]
    assert first.location is not None
    same = first.location.span.start == offset_of(case["text"], case["expect"]["error"])
    assert same == (name not in BETTER)


@pytest.mark.parametrize("name", REFUSED)
def test_no_case_has_more_errors_than_slips(name: str) -> None:
    case = REFUSED[name]
    assert len(parse(Source(case["text"])).errors) <= 2
