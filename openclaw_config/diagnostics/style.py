"""How text is to look; apart from the renderer, which a check without findings never loads."""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """How the reader's terminal wants its text; ``width`` is in columns."""

    width: int = 100
    colour: bool = False
    unicode: bool = True
