"""A secret in the hand: a value that cannot be shown by accident."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex

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

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is not written out")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self
