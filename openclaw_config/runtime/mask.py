"""Secrets that cannot be shown by accident, and the one gate for what comes from outside.

What a server says (texts, headers, statuses, addresses, ids) passes ``Mask`` where failures, events
and results are made: our secrets are hidden in it before anything is cut. What a call asked for (a
model's words, the bytes of media) is given as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, SupportsIndex
from urllib.parse import quote, unquote

from openclaw_config.plan.values import changed

HIDDEN = "<secret>"
"""What stands in a secret's place."""


class Secret:
    """A text that neither ``repr``, ``str``, ``format`` nor pickling gives away; only ``reveal``.

    ``source`` tells where it was found: ``env:NAME``, ``profile:acme:default``.
    """

    __slots__ = ("_text", "source")

    def __init__(self, text: str, source: str = "") -> None:
        self._text = text
        self.source = source

    def reveal(self) -> str:
        """The secret itself. Call it where the value leaves the program, nowhere else."""
        return self._text

    def cleaned(self) -> Secret:
        """The key as OpenClaw sends it (AUTH-01).

        Line ends and characters above U+00FF go, then it is trimmed.
        """
        kept = (c for c in self._text if c not in "\r\n\u2028\u2029" and c <= "\u00ff")
        return Secret("".join(kept).strip(), self.source)

    def trimmed(self) -> Secret:
        """The key without white space at its ends (AUTH-60)."""
        return Secret(self._text.strip(), self.source)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is not written out")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


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
        return changed(value, self.text)

    def _begun(self, text: str) -> int:
        """How many characters at the end of a text are the beginning of a secret."""
        begun = (form[:length] for form in self._forms for length in range(1, len(form)))
        return max((len(one) for one in begun if text.endswith(one)), default=0)


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
