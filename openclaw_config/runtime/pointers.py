"""JSON pointers into a response, with ``*`` for every item of a list."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def every(value: Any, pointer: str) -> Iterator[Any]:
    """All values at a pointer, in order; none when the way breaks off. "" is the value itself."""
    if not pointer:
        yield value
        return
    head, _, rest = pointer[1:].partition("/")
    rest = f"/{rest}" if rest or pointer.endswith("/") else ""
    if head == "*":
        for item in value if isinstance(value, list) else ():
            yield from every(item, rest)
        return
    key = head.replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        if key in value:
            yield from every(value[key], rest)
    elif isinstance(value, list) and (index := index_of(key)) < len(value):
        yield from every(value[index], rest)


def index_of(key: str) -> int:
    """The index that a key of a pointer is in a list; beyond every list when it is none."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else sys.maxsize


def first(value: Any, pointer: str) -> Any:
    """The first value at a pointer, None without one."""
    return next(every(value, pointer), None)


def text(value: Any, pointer: str) -> str:
    """The first text at a pointer that is not blank, trimmed; "" without one."""
    for found in every(value, pointer):
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""
