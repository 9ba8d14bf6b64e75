"""The one gate for what comes from outside: our secrets are hidden in it before anything is cut.

What a server says (texts, headers, statuses, addresses, ids) passes it where failures, events and
results are made. What a call asked for (a model's words, the bytes of media) is given as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from openclaw_config.runtime.secret import HIDDEN, Secret

_SHORTEST = 4
"""Shorter secrets are no secrets, and hiding them would leave no text readable."""


class Mask:
    """Hides secrets, however a server writes them: as they are, escaped as JSON or as in URLs."""

    __slots__ = ("_forms", "_pattern")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        self._forms = sorted((one for one in forms if len(one) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._forms)) or r"(?!)")

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text without secrets; where it was ``cut``, without the beginning of one at its end.

        Every secret is looked for in the whole text, so hide first and shorten afterwards.
        """
        hidden = self._pattern.sub(HIDDEN, text)
        return hidden[: len(hidden) - self._begun(hidden)] if cut else hidden

    def line(self, text: str, most: int = 0, *, cut: bool = False) -> str:
        """The text without secrets, on one line, of at most ``most`` characters unless that is 0.

        Control characters go: a server's text must not steer a terminal.
        """
        hidden = self.text(text, cut=cut)
        line = " ".join("".join(c if c.isprintable() else " " for c in hidden).split())
        return f"{line[: most - 1]}…" if 0 < most < len(line) else line

    def json(self, value: Any) -> Any:
        """A JSON value with every text in it, names too, without secrets."""
        return _changed(value, self.text)

    def _begun(self, text: str) -> int:
        """How many characters at the end of a text are the beginning of a secret."""
        return max(
            (
                length
                for form in self._forms
                for length in range(1, min(len(form), len(text) + 1))
                if text.endswith(form[:length])
            ),
            default=0,
        )


def _forms(secret: str) -> Iterator[str]:
    for value in (secret, *_user_info(secret)):
        for text in (value, value.strip()):
            yield text
            yield quote(text, safe="", errors="replace")
            for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
                yield escaped
                yield escaped.replace("/", "\\/")


def _user_info(url: str) -> Iterator[str]:
    """User and password of a URL (a proxy's), each by itself."""
    _, scheme, rest = url.partition("://")
    found, at, _ = rest.partition("/")[0].rpartition("@")
    if scheme and at:
        for part in (found, *found.split(":", 1)):
            yield part
            yield unquote(part)


def json_of(text: str, *, whole: bool = True) -> Any:
    """The value of a JSON text; None when it is none, and then nothing keeps the text.

    A text that is ``whole`` comes out well-formed; pieces of one wait until they are joined.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
        return well_formed(value) if whole and _ESCAPED_HALF.search(text) else value
    except (ValueError, RecursionError):
        return None


_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def _no_constant(name: str) -> None:
    raise ValueError(name)


_HALVES = re.compile("[\ud800-\udfff]")


def well_formed(value: Any) -> Any:
    """A JSON value with halves of a pair joined, and U+FFFD for each that stands alone.

    A JSON text can hold half of a surrogate pair, which nothing can send or write.
    """
    return _changed(value, _joined)


def _joined(text: str) -> str:
    if _HALVES.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_DEEPEST = 200
"""Levels of nesting: no server needs more, and what is deeper is left out."""


def _changed(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    if isinstance(value, str):
        return change(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {change(name): _changed(item, change, depth + 1) for name, item in value.items()}
    return [_changed(i, change, depth + 1) for i in value] if isinstance(value, list) else value
