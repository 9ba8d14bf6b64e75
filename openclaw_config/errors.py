"""What every public error of this package is."""

from __future__ import annotations

from typing import Any


class OpenClawConfigError(Exception):
    """The base of every error that this package raises on purpose. It can be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by calling the class again: constructors make the message out of other arguments.
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
