"""Reports to render: one by hand, and any at all."""

from __future__ import annotations

from hypothesis import strategies as st

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
)
from openclaw_config.syntax.text import Location, Source, Span

TEXT = """\
{
  agents: {
    defaults: {
      videoGenerationModel: { primery: "openrouter/google/veo-3.1-fast" },
      maxConcurrent: 180_000,
    },
  },
}
"""


def place(source: Source, word: str) -> Location:
    """Where a word stands in a source."""
    start = source.text.index(word)
    return Location(source, Span(start, start + len(word)))


def example(text: str = TEXT, name: str = "conf/openclaw.json", path: str | None = None) -> Report:
    """An error with everything that a finding can have, a warning, and an error without a place."""
    source = Source(text, name, path)
    return Report(
        name,
        (
            Diagnostic("missing-file", ERROR, "there is no file", blocks=True),
            Diagnostic(
                "unknown-key",
                ERROR,
                "OpenClaw knows no key `primery` here",
                place(source, "primery"),
                ("agents", "defaults", "videoGenerationModel", "primery"),
                label="did you mean `primary`?",
                notes=("allowed: fallbacks, primary",),
                helps=("write primary",),
                related=(Related(place(source, "defaults"), "in this object"),),
                fix=Fix("rename it", (Edit(place(source, "primery").span, "primary"),)),
                blocks=True,
            ),
            Diagnostic(
                "numeric-separator",
                WARNING,
                "numbers have no separators: 100%",
                place(source, "180_000"),
                ("agents", "defaults", "maxConcurrent"),
            ),
        ),
        False,
    )


def many(count: int, severity: Severity = ERROR, rule: str = "unknown-key") -> Report:
    """A report of many findings, one a line."""
    source = Source("x\n" * count, "openclaw.json")
    found = (
        Diagnostic(rule, severity, f"number {line}", Location(source, Span(2 * line, 2 * line + 1)))
        for line in range(count)
    )
    return Report("openclaw.json", tuple(found), severity != ERROR)


SIGNS = st.text(st.characters(codec="utf-16", exclude_categories=()), max_size=30)
"""Any text at all: controls, halves of surrogate pairs, marks that turn the direction around."""

HOSTILE = st.sampled_from(
    [
        "\n::add-mask::x",
        "::error::x",
        "\r\n##[add-mask]x",
        "##vso[task.setvariable variable=a]b",
        "a,line=1::b",
        "%0A::warning::",
        "%25",
        "\x1b[2J\x1b]0;title\x07",
        "\u202egnp.exe",
        "]]><x>",
        "</failure></testcase>",
        "&lt;&#0;",
        "[click](https://evil.test)",
        '"}],"x":[{"',
        "\ufffe\uffff\x00",
        "\u2028::error::x",
        "\x85::error::x",
    ]
)
"""What would do harm, were it to reach a reader as it is."""

texts = st.one_of(SIGNS, HOSTILE, st.tuples(SIGNS, HOSTILE).map("".join))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report in which every text may be anything."""
    source = Source(draw(texts) + "\n" + draw(texts), draw(texts) or "x")
    size = len(source.text)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted((draw(st.integers(0, size)), draw(st.integers(0, size))))
        location = draw(st.sampled_from([None, Location(source, Span(start, end))]))
        related = (Related(Location(source, Span(0, 0)), draw(texts)),)
        found.append(
            Diagnostic(
                draw(st.sampled_from(["unknown-key", "no-such-rule"])),
                draw(st.sampled_from(SEVERITIES)),
                draw(texts),
                location,
                (draw(texts), 3),
                draw(texts),
                (draw(texts),),
                (draw(texts),),
                draw(st.sampled_from([(), related])),
                draw(st.sampled_from([None, Fix(draw(texts), ())])),
                draw(st.booleans()),
            )
        )
    return Report(draw(st.sampled_from([source.name, draw(texts)])), tuple(found), False)
