"""The JSON form of findings, which ``schema/report.schema.json`` publishes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openclaw_config.diagnostics.formats import as_json as render
from openclaw_config.diagnostics.model import (
    ERROR,
    SEVERITIES,
    WARNING,
    Diagnostic,
    Edit,
    Fix,
    Related,
    Report,
    Severity,
    in_order,
)
from openclaw_config.facts import read_json
from openclaw_config.syntax.text import Location, Source, Span

SCHEMA = read_json("report.schema.json")


def rendered(*reports: Report) -> Any:
    """The value that a program reads, held against the published schema."""
    text = render(reports)
    assert text.isascii()
    value = json.loads(text)
    Draft202012Validator(SCHEMA).validate(value)
    return value


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_no_findings() -> None:
    assert rendered(Report("openclaw.json", (), True)) == {
        "version": 1,
        "loads": True,
        "errors": 0,
        "warnings": 0,
        "files": [
            {"file": "openclaw.json", "loads": True, "errors": 0, "warnings": 0, "target": None}
        ],
        "diagnostics": [],
    }


def test_a_finding_in_full() -> None:
    source = Source("{\n  '😀': 180_000,\n  a: 1 }", "openclaw.json")
    place = Location(source, Span(9, 16))
    found = Diagnostic(
        "numeric-separator",
        ERROR,
        "JSON5 numbers have no separators",
        place,
        ("agents", "list", 0, "a.b"),
        label="write 180000",
        notes=("a note",),
        helps=("a help",),
        related=(Related(Location(source, Span(0, 1)), "in this object"),),
        fix=Fix("remove the separator", (Edit(Span(9, 16), "180000"),)),
        blocks=True,
    )
    value = rendered(Report("openclaw.json", (found,), False))
    start = {"line": 2, "column": 8, "offset": 9, "utf16Column": 9}
    end = {"line": 2, "column": 15, "offset": 16, "utf16Column": 16}
    assert value["diagnostics"] == [
        {
            "rule": "numeric-separator",
            "severity": "error",
            "message": "JSON5 numbers have no separators",
            "file": "openclaw.json",
            "range": {"start": start, "end": end},
            "keyPath": ["agents", "list", 0, "a.b"],
            "keyPathText": 'agents.list[0]["a.b"]',
            "label": "write 180000",
            "notes": ["a note"],
            "helps": ["a help"],
            "related": [
                {
                    "file": "openclaw.json",
                    "range": {
                        "start": {"line": 1, "column": 1, "offset": 0, "utf16Column": 1},
                        "end": {"line": 1, "column": 2, "offset": 1, "utf16Column": 2},
                    },
                    "message": "in this object",
                }
            ],
            "fix": {
                "title": "remove the separator",
                "safe": True,
                "edits": [{"range": {"start": start, "end": end}, "text": "180000"}],
            },
            "blocks": True,
        }
    ]
    assert not value["loads"]
    assert value["errors"] == 1


def test_a_finding_without_a_place() -> None:
    found = Diagnostic("missing-file", ERROR, "cannot read it")
    (value,) = rendered(Report("x", (found,), False))["diagnostics"]
    assert (value["file"], value["range"], value["fix"]) == (None, None, None)


def test_an_edit_that_would_tell_a_secret_is_left_out() -> None:
    source = Source("{ apiKey: sk-or-v1-canary }", "x")
    fix = Fix("put it in quotes", (Edit(Span(10, 25), '"sk-or-v1-canary"'),))
    found = Diagnostic("bare-word", ERROR, "no quotes", Location(source, Span(10, 25)), fix=fix)
    value = rendered(Report("x", (found,), False))
    assert value["diagnostics"][0]["fix"] == {
        "title": "put it in quotes",
        "safe": True,
        "edits": None,
    }
    assert "canary" not in json.dumps(value)


def test_several_files_make_one_report() -> None:
    value = rendered(
        Report("a", (Diagnostic("some-rule", WARNING, "wrong"),), True),
        Report("b", (Diagnostic("some-rule", ERROR, "wrong"),), False),
    )
    assert (value["loads"], value["errors"], value["warnings"]) == (False, 1, 1)
    assert [file["loads"] for file in value["files"]] == [True, False]


anything = st.text(st.characters(codec="utf-16", exclude_categories=()))


@given(anything, anything, st.sampled_from(SEVERITIES), st.integers(0, 99), st.integers(0, 99))
def test_any_text_gives_well_formed_json(
    text: str, words: str, severity: Severity, start: int, end: int
) -> None:
    source = Source(text, words)
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    place = Location(source, Span(start, end))
    fix = Fix(words, (Edit(Span(start, end), words),))
    found = Diagnostic("some-rule", severity, words, place, (words, 1), words, (words,), fix=fix)
    value = rendered(Report(words, (found,), True))
    json.dumps(value).encode("utf-8")
    assert value["diagnostics"][0]["severity"] == severity


def test_findings_are_in_the_order_of_places_and_none_is_twice() -> None:
    main, other = Source("abc", "z.json"), Source("abc", "a.json")
    late = Diagnostic("b-rule", WARNING, "2", Location(main, Span(1, 2)))
    early = Diagnostic("c-rule", WARNING, "1", Location(main, Span(0, 2)))
    grave = Diagnostic("z-rule", ERROR, "1", Location(main, Span(0, 2)))
    included = Diagnostic("a-rule", ERROR, "3", Location(other, Span(0, 1)))
    nowhere = Diagnostic("n-rule", ERROR, "0")
    assert in_order([late, included, early, grave, nowhere, late], "z.json") == (
        nowhere,
        grave,
        early,
        late,
        included,
    )


def test_a_report_shows_no_document() -> None:
    assert repr(Report("x", (), True)) == "<Report 'x': loads, 0 errors, 0 warnings>"
