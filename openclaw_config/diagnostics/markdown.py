"""Pieces of Markdown as GitHub shows it, whatever text is in them."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.display import printable

_SIGNS = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*_<>|#[]~"} | {"&": "&amp;", "@": "@&#8203;"}
)
"""What Markdown would take for its own, with an address that GitHub would take for a person."""


def escaped(line: str) -> str:
    """A line of text in which nothing is a sign of Markdown's or of HTML's, or calls a person."""
    return printable(line).translate(_SIGNS)


def code(text: str) -> str:
    """A piece of code, whatever back ticks are in it, and no sign that a terminal obeys."""
    text = printable(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " * (len(fence) > 1)
    return f"{fence}{pad}{text}{pad}{fence}"
