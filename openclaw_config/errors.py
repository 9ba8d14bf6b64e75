"""What every public error of this package is."""

from __future__ import annotations

import copyreg
from typing import Any


class OpenClawConfigError(Exception):
    """The base of every error that this package raises on purpose. It can be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by calling the class again: constructors make the message out of other arguments.
        made = copyreg.__newobj__  # type: ignore[attr-defined]
        return made, (type(self), *self.args), self.__dict__
