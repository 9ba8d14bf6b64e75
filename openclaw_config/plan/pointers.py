"""JSON pointers (RFC 6901): the one place that writes and reads them."""

from __future__ import annotations

from openclaw_config.syntax.spans import KeyPath


def pointer(path: KeyPath) -> str:
    """A key path as a JSON pointer."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(key: str) -> str:
    """A key as a part of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def unescaped(part: str) -> str:
    """The key that a part of a pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def keys(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer, indexes of lists as their digits; none for ""."""
    return tuple(map(unescaped, pointer.split("/")[1:]))
