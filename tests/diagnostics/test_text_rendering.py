"""How a finding is shown: the form is fixed here, line by line.

In these texts « and » bound the place that a finding points at, ‹ and › a related place.
"""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openclaw_config.diagnostics.display import Style, cells, printable, width, wrapped
from openclaw_config.diagnostics.model import (
    ERROR,
    INFO,
    WARNING,
    Diagnostic,
    Fix,
    Related,
    Report,
    Severity,
)
from openclaw_config.diagnostics.text import render, summary
from openclaw_config.syntax.text import Location, Source, Span


def place(source: Source, marked: str, opening: str, closing: str) -> Location:
    """The place that the marks bound, in the text without any marks."""
    other = {"«": "‹›", "‹": "«»"}[opening]
    text = marked.translate({ord(sign): None for sign in other})
    start = text.index(opening)
    return Location(source, Span(start, text.index(closing) - 1))


def finding(marked: str, label: str = "", name: str = "openclaw.json", **details: object) -> str:
    """The rendering of one error in a marked text."""
    source = Source(marked.translate({ord(sign): None for sign in "«»‹›"}), name, place=None)
    related: tuple[Related, ...] = ()
    if "‹" in marked:
        related = (Related(place(source, marked, "‹", "›"), "here it began"),)
    style = details.pop("style", Style(width=60))
    diagnostic = Diagnostic(
        "some-rule", ERROR, "it is wrong", place(source, marked, "«", "»"), label=label,
        related=related, **details,  # type: ignore[arg-type]
    )  # fmt: skip
    (text,) = render([diagnostic], style)  # type: ignore[arg-type]
    return text


def test_the_whole_form() -> None:
    shown = finding(
        "{\n  videos: {\n    durationSeconds: «5»,\n  },\n}\n",
        "nearest supported: 6",
        notes=("model: openrouter/google/veo-3.1-fast", "it was set by hand"),
        helps=("write 6, or remove the key",),
        fix=Fix("replace 5 by 6", ()),
    )
    assert shown == (
        "error[some-rule]: it is wrong\n"
        "  ┌─ openclaw.json:3:22\n"
        "  │\n"
        "3 │     durationSeconds: 5,\n"
        "  │                      ^ nearest supported: 6\n"
        "  │\n"
        "  = model: openrouter/google/veo-3.1-fast\n"
        "  = note: it was set by hand\n"
        "  = help: write 6, or remove the key\n"
        "  = help: replace 5 by 6"
    )


def test_a_fix_that_says_no_more_than_the_label_is_not_repeated() -> None:
    shown = finding("{ a: «1_0» }", "write 10", fix=Fix("write 10", ()))
    assert shown.count("write 10") == 1


def test_a_finding_without_a_place_has_no_snippet() -> None:
    missing = Diagnostic("no-file", ERROR, "cannot read it", helps=("create the file",))
    assert list(render([missing])) == [
        "error[no-file]: cannot read it\n  = help: create the file",
    ]


LINES = {
    "a tab takes the columns up to the next stop": (
        "\ta:\t«1»",
        "1 │     a:  1",
        "  │         ^",
    ),
    "a wide character takes two columns": (
        '{ "日本": «1» }',
        '1 │ { "日本": 1 }',
        "  │           ^",
    ),
    "a wide character is underlined in full": (
        '{ «"日本"»: 1 }',
        '1 │ { "日本": 1 }',
        "  │   ^^^^^^",
    ),
    "a combining mark takes none": (
        "{ e\u0301: «1» }",
        "1 │ { e\u0301: 1 }",
        "  │      ^",
    ),
    "an escape sequence is shown, not obeyed": (
        "\x1b[31m «a»",
        "1 │ \\x1B[31m a",
        "  │          ^",
    ),
    "a mark that turns the reading direction is shown": (
        "\u202ea «b»",
        "1 │ \\u202Ea b",
        "  │         ^",
    ),
    "a tower of combining marks is cut down": (
        "a" + 5 * "\u0301" + "«b»",
        "1 │ a" + 4 * "\u0301" + "\\u0301b",
        "  │        ^",
    ),
    "a place at the end of the text has a caret behind it": (
        "{ a: 1«»",
        "1 │ { a: 1",
        "  │       ^",
    ),
    "an empty place has one caret": (
        "{ a «»1 }",
        "1 │ { a 1 }",
        "  │     ^",
    ),
    "of a place on several lines the first is shown": (
        "{ a: «{\n b: 1 }» }",
        "1 │ { a: {",
        "  │      ^",
    ),
    "a line ends at CR LF": (
        "{ «a»\r\n}",
        "1 │ { a",
        "  │   ^",
    ),
    "a secret is masked, and what follows is where it is shown": (
        '{ apiKey: "sk-or-v1-0123456789", «b»: 1 }',
        '1 │ { apiKey: "•••", b: 1 }',
        "  │                  ^",
    ),
    "a secret is underlined as it is shown": (
        '{ apiKey: «"sk-or-v1-0123456789"» }',
        '1 │ { apiKey: "•••" }',
        "  │           ^^^^^",
    ),
    "a place within a secret points at the mask": (
        '{ apiKey: "sk-or-«v1»-0123456789" }',
        '1 │ { apiKey: "•••" }',
        "  │            ^",
    ),
}


@pytest.mark.parametrize("marked, line, carets", LINES.values(), ids=LINES.keys())
def test_the_caret_stands_under_its_character(marked: str, line: str, carets: str) -> None:
    assert finding(marked).split("\n")[3:5] == [line, carets]


def test_a_long_line_is_cut_around_the_place() -> None:
    assert finding("x" * 100 + "«here»" + "y" * 100, style=Style(width=40)).split("\n")[3:] == [
        "1 │ …xxxxxxxxxxxxhereyyyyyyyyyyyyyyyyyy…",
        "  │              ^^^^",
    ]


def test_a_line_of_megabytes_is_shown_at_once() -> None:
    shown = finding("x" * 2_000_000 + "«here»" + "y" * 2_000_000, style=Style(width=40))
    assert "xhereyy" in shown
    assert max(len(line) for line in shown.split("\n")) <= 40


def test_related_places_of_one_file_share_the_snippet() -> None:
    assert finding("{\n  ‹a›: 1,\n  b: 2,\n  «a»: 3,\n}", "this one counts").split("\n")[1:] == [
        "  ┌─ openclaw.json:4:3",
        "  │",
        "2 │   a: 1,",
        "  │   - here it began",
        "  ·",
        "4 │   a: 3,",
        "  │   ^ this one counts",
    ]


def test_two_places_on_one_line() -> None:
    assert finding("{ ‹a›: 1, «a»: 3 }", "this one counts").split("\n")[3:] == [
        "1 │ { a: 1, a: 3 }",
        "  │         ^ this one counts",
        "  │   - here it began",
    ]


def test_a_related_place_in_another_file_has_its_own_snippet() -> None:
    main = Source("{ $include: './more.json5' }", "openclaw.json")
    other = Source("\n" * 11 + "{ a: , }", "more.json5")
    found = Diagnostic(
        "some-rule", ERROR, "it is wrong", Location(other, Span(16, 17)), label="no value",
        related=(Related(Location(main, Span(12, 26)), "included here"),),
    )  # fmt: skip
    assert "\n".join(render([found])).split("\n")[1:] == [
        "   ┌─ more.json5:12:6",
        "   │",
        "12 │ { a: , }",
        "   │      ^ no value",
        "   │",
        "   ┌─ openclaw.json:1:13",
        "   │",
        " 1 │ { $include: './more.json5' }",
        "   │             -------------- included here",
    ]


def test_a_label_without_room_beside_the_caret_goes_below() -> None:
    label = "this says rather a lot about so small a place"
    assert finding("x" * 30 + "«y»", label).split("\n")[3:] == [
        "1 │ " + "x" * 30 + "y",
        "  │ " + " " * 30 + "^",
        "  │            " + label,
    ]


def test_long_notes_wrap_with_an_indent() -> None:
    note = "a remark that is a good deal longer than the line has columns for"
    assert finding("«a»", notes=(note,)).split("\n")[6:] == [
        "  = note: a remark that is a good deal longer than the line",
        "          has columns for",
    ]


def test_colour() -> None:
    shown = finding("{ «a»: 1 }", "why", style=Style(60, colour=True))
    assert "\x1b[1;31merror[some-rule]\x1b[0m" in shown
    assert "\x1b[1;31m^ why\x1b[0m" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == finding("{ «a»: 1 }", "why")


def test_without_unicode_the_frame_is_ascii() -> None:
    shown = finding('{ apiKey: "sk-or-123456", «a»: 1 }', style=Style(60, unicode=False))
    assert shown.isascii()
    assert '1 | { apiKey: "***", a: 1 }' in shown


def test_names_and_messages_are_escaped() -> None:
    source = Source("a", "evil\x1b]0;title\x07.json")
    found = Diagnostic("some-rule", WARNING, "key '\u202e'", Location(source, Span(0, 1)))
    shown = "\n".join(render([found]))
    assert "┌─ evil\\x1B]0;title\\x07.json:1:1" in shown
    assert "key '\\u202E'" in shown


SUMMARIES = [
    ([], ["a.json"], ""),
    ([ERROR], ["a.json"], "1 error in a.json"),
    ([ERROR, ERROR, WARNING], ["a.json"], "2 errors, 1 warning in a.json"),
    ([WARNING] * 1200, ["a.json", "b.json", "a.json"], "1,200 warnings in 2 files"),
    ([INFO], ["a\x1b.json"], "1 note in a\\x1B.json"),
]


@pytest.mark.parametrize("severities, names, expected", SUMMARIES)
def test_summary(severities: list[Severity], names: list[str], expected: str) -> None:
    found = [Diagnostic("some-rule", severity, "it is wrong") for severity in severities]
    reports = [Report(name, tuple(found[at :: len(names)]), True) for at, name in enumerate(names)]
    assert summary(reports) == expected


anything = st.text(st.characters(codec="utf-16", exclude_categories=()))


@given(anything)
def test_nothing_that_a_terminal_obeys_gets_through(text: str) -> None:
    for shown in (printable(text), "".join(cell.text for cell in cells(text))):
        assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in shown)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", shown)


@given(anything)
def test_a_cell_for_each_code_point(text: str) -> None:
    assert len(cells(text)) == len(text)
    assert all(cell.columns == width(cell.text) for cell in cells(text) if cell.text.isascii())


@given(anything, st.integers(1, 50))
def test_wrapping_keeps_the_text_and_the_room(text: str, room: int) -> None:
    lines = wrapped(printable(text), max(room, 12))
    assert all(width(line) <= max(room, 12) for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(printable(text).split())


@given(
    st.text("{}[]:,\"'\n\r\t abk日\u0301\x1b", max_size=300),
    st.integers(0, 300),
    st.integers(0, 30),
    st.integers(40, 90),
)
@example(text="::::::::::::::::\x1b\x1b\x1b\x1b\t", start=21, length=0, columns=40)
def test_any_place_of_any_text_fits_the_width(
    text: str, start: int, length: int, columns: int
) -> None:
    source = Source(text, "x.json")
    start = min(start, len(text))
    span = Span(start, min(start + length, len(text)))
    found = Diagnostic("some-rule", ERROR, "wrong", Location(source, span), label="see")
    (shown,) = render([found], Style(columns))
    lines = shown.split("\n")
    assert all(width(line) <= columns for line in lines)
    assert any(line.strip("│ ").startswith("^") for line in lines)
