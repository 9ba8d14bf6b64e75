"""What a change of a config's text looks like, line by line, without its secrets."""

from __future__ import annotations

from openclaw_config.diagnostics.display import PLAIN, Style, cells, printable
from openclaw_config.diagnostics.masking import hidden
from openclaw_config.diagnostics.secret_spans import secret_spans, secret_spans_after
from openclaw_config.syntax.text import KeyPath, Source, Span

_COLOURS = {"-": "31", "+": "32", "@": "36"}


def render(
    name: str,
    before: str,
    after: str,
    style: Style = PLAIN,
    place: KeyPath | None = (),
    release: str = "",
    old_release: str = "",
) -> str:
    """A unified diff of two texts of the file ``name``; "" when they are the same.

    It is for reading, not for ``patch``: secrets are masked, and what a terminal would obey or
    hide is escaped. ``place`` is as in ``Source``,
    ``release`` the one that the new text is for, ``old_release`` that of the old one.
    """
    from difflib import unified_diff

    if before == after:
        return ""
    old, new = Source(before, place=place), Source(after, place=place)
    old.release, new.release = old_release, release
    shown, secrets = printable(name), secret_spans(old)
    texts = _shown(before, secrets), _shown(after, secret_spans_after(new, old))
    lines = list(unified_diff(*texts, shown, shown, lineterm=""))
    if not lines:
        lines = [f"{shown}: only line ends differ, or what must not be shown"]
    return "".join(f"{_painted(line, style)}\n" for line in lines)


def _shown(text: str, secrets: tuple[Span, ...]) -> list[str]:
    lines = hidden(text, secrets).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1]:
        lines.append("\\ No line end at the end of the file")
    else:
        lines.pop()
    return ["".join(cell.text for cell in cells(line)) for line in lines]


def _painted(line: str, style: Style) -> str:
    if not style.unicode:
        line = line.replace("•", "*")
    colour = _COLOURS.get(line[:1]) if not line.startswith(("---", "+++")) else "1"
    return f"\x1b[{colour}m{line}\x1b[0m" if style.colour and colour else line
