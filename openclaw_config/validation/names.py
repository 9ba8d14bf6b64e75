"""Keys of the author's own within sentences."""

from __future__ import annotations

import json


def name_text(key: str) -> str:
    """A key as a message shows it: in back ticks, or with its odd signs escaped."""
    return f"`{key}`" if key.strip() and key.isprintable() else json.dumps(key)
