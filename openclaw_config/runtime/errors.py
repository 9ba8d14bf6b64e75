"""What can go wrong between a call and its result, as exceptions.

No message here holds a secret: whoever makes one shows names, places and what a server said after
``redacted`` has gone over it.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class CallError(ValueError):
    """A call that cannot succeed, refused before anything is sent.

    ``argument`` is the parameter's name, ``allowed`` what it may be, where that is a list.
    """

    def __init__(self, argument: str, message: str, allowed: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.argument = argument
        self.message = message
        self.allowed = allowed


class UnusableError(Exception):
    """The plan has nothing that could carry out the call: no candidate, or none that may be used.

    ``ref`` is the model that is meant, "" when it is the surface as a whole.
    """

    def __init__(self, message: str, ref: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.ref = ref


class SecretError(Exception):
    """A secret that a reference names cannot be had; the text says why, never what it is.

    ``ref`` is the reference as the plan writes it.
    """

    def __init__(self, ref: str, message: str) -> None:
        super().__init__(message)
        self.ref = ref
        self.message = message


class MissingExtraError(ImportError):
    """A package that only executing needs is not installed."""


# Kinds of failure. A program decides by them; the messages are for people.
ARGUMENT = "argument"
"""The call does not suit this candidate."""
UNUSABLE = "unusable"
"""The plan already says that this candidate cannot be used."""
CREDENTIAL = "credential"
"""No key could be had."""
URL = "url"
"""A URL that nothing can be sent to."""
BLOCKED = "blocked"
"""The address is private or reserved (HTTP-06)."""
NETWORK = "network"
"""No connection, or it broke."""
TIMEOUT = "timeout"
"""A time limit passed."""
HTTP = "http"
"""A status outside 200 to 299."""
RESPONSE = "response"
"""An answer that does not hold what it should."""
JOB = "job"
"""The provider says that the job failed."""
TOO_LARGE = "too-large"
"""An answer beyond the size limit."""
DISK = "disk"
"""The result cannot be written."""


class FailureError(Exception):
    """One candidate's failure. ``step`` is the request that failed, "" before the first one.

    ``again`` is what the server says about asking again: ``yes``, ``no`` or "". ``wait_ms`` is how
    long it wants to be left alone before, 0 when it does not say. ``final`` failures end the call:
    the result was made and paid for, and another candidate would only repeat them.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        step: str = "",
        status: int = 0,
        request_id: str = "",
        again: str = "",
        wait_ms: int = 0,
        final: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.step = step
        self.status = status
        self.request_id = request_id
        self.again = again
        self.wait_ms = wait_ms
        self.final = final


class FailedAttempt(NamedTuple):
    """A candidate that was tried in vain. ``status`` is the HTTP status, 0 without one."""

    ref: str
    provider: str
    model: str
    kind: str
    step: str
    message: str
    status: int = 0


class ExecutionError(Exception):
    """Nothing worked. ``attempts`` tells each try in order; ``stage`` is ``call`` or ``secrets``.

    ``secrets`` means that a reference which has to resolve before anything is sent did not
    (AUTH-22).
    """

    def __init__(
        self,
        message: str,
        attempts: tuple[FailedAttempt, ...] = (),
        stage: str = "call",
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.attempts = attempts
        self.stage = stage
        self._kind = kind

    @property
    def kind(self) -> str:
        """The kind of failure, that of the last attempt unless something else ended the call."""
        return self._kind or (self.attempts[-1].kind if self.attempts else "")

    @property
    def step(self) -> str:
        """The step at which the last attempt failed, "" before the first request."""
        return self.attempts[-1].step if self.attempts else ""
