"""The cases of ``fixtures/syntax/slips``: a text with slips, what is reported, the mended text.

A case is three parts, parted by lines of dashes, under a line ``=== title``. The last part is left
out when no fix is safe. Only titles and texts are written by hand:

    python -m tests.syntax.slips

writes the rest, and a reviewer reads the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.syntax.safe_fixes import apply_safe_fixes

FOLDER = Path(__file__).parents[2] / "fixtures" / "syntax" / "slips"
TITLE = "=== "
RULE = "-----\n"


class Case(NamedTuple):
    """One case; ``expected`` is all that follows its text, as it stands in the file."""

    file: Path
    title: str
    text: str
    expected: str


def cases() -> Iterator[Case]:
    """All cases, file by file."""
    for file in sorted(FOLDER.glob("*.txt")):
        for part in file.read_text(encoding="utf-8").split(f"\n{TITLE}")[1:]:
            title, _, body = part.partition("\n")
            text, _, expected = body.partition(RULE)
            yield Case(file, title, text.removesuffix("\n"), expected.rstrip("\n") + "\n")


def outcome(text: str) -> str:
    """What the fixture should say of a text."""
    source = Source(text)
    parts = ["".join(describe(finding) for finding in parse(source).errors)]
    after = apply_safe_fixes(source)
    if after != text:
        parts.append(after)
    return f"\n{RULE}".join(part.rstrip("\n") for part in parts) + "\n"


def describe(finding: Diagnostic) -> str:
    """A finding in a few lines: place, rule and message; label, other places, helps, fix."""
    assert finding.location is not None
    line, column = finding.location.position
    start, end = finding.location.span
    text = f"{line}:{column}+{end - start} {finding.rule}: {finding.message}\n"
    if finding.label:
        text += f"    {finding.label}\n"
    for related in finding.related:
        line, column = related.location.position
        text += f"    {line}:{column} {related.message}\n"
    for help_ in finding.helps:
        text += f"    help: {help_}\n"
    if finding.fix:
        text += f"    {'fix' if finding.fix.safe else 'perhaps'}: {finding.fix.title}\n"
    return text


def main() -> None:
    """Write what is expected of every case anew."""
    for file in sorted(FOLDER.glob("*.txt")):
        lead = file.read_text(encoding="utf-8").partition(f"\n{TITLE}")[0]
        blocks = [
            f"{TITLE}{case.title}\n{case.text}\n{RULE}{outcome(case.text)}"
            for case in cases()
            if case.file == file
        ]
        file.write_text("\n".join([f"{lead.rstrip()}\n", *blocks]), encoding="utf-8")


if __name__ == "__main__":
    main()
