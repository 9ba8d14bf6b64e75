"""What can go wrong between a call and its result, as exceptions. All of them can be pickled.

No message here holds a secret: what a server said has passed ``mask.Mask`` before.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, TypeAlias

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.runtime.mask import Mask


class CallError(OpenClawConfigError, ValueError):
    """A call that cannot succeed, refused before anything is sent.

    ``argument`` is the parameter's name, ``allowed`` what it may be, where that is a list.
    """

    def __init__(self, argument: str, message: str, allowed: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.argument = argument
        self.message = message
        self.allowed = allowed


class UnusableError(OpenClawConfigError):
    """The plan has nothing that could carry out the call: no candidate, or none that may be used.

    ``ref`` is the model that is meant, "" when it is the surface as a whole.
    """

    def __init__(self, message: str, ref: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.ref = ref


class SecretError(OpenClawConfigError):
    """A secret that a reference names cannot be had; the text says why, never what it is.

    ``ref`` is the reference as the plan writes it.
    """

    def __init__(self, ref: str, message: str) -> None:
        super().__init__(message)
        self.ref = ref
        self.message = message


class MissingExtraError(OpenClawConfigError, ImportError):
    """A package that only executing needs is not installed."""


FailureKind: TypeAlias = Literal[
    "argument",
    "unusable",
    "credential",
    "url",
    "blocked",
    "network",
    "timeout",
    "http",
    "response",
    "job",
    "too-large",
    "disk",
    "closed",
]
"""Kinds of failure. A program decides by them; the messages are for people."""
ARGUMENT: Final = "argument"
"""The call does not suit this candidate."""
UNUSABLE: Final = "unusable"
"""The plan already says that this candidate cannot be used."""
CREDENTIAL: Final = "credential"
"""No key could be had."""
URL: Final = "url"
"""A URL that nothing can be sent to."""
BLOCKED: Final = "blocked"
"""The address is private or reserved (HTTP-06)."""
NETWORK: Final = "network"
"""No connection, or it broke."""
TIMEOUT: Final = "timeout"
"""A time limit passed."""
HTTP: Final = "http"
"""A status outside 200 to 299."""
RESPONSE: Final = "response"
"""An answer that does not hold what it should."""
JOB: Final = "job"
"""The provider says that the job failed."""
TOO_LARGE: Final = "too-large"
"""An answer beyond the size limit."""
DISK: Final = "disk"
"""The result cannot be written."""
CLOSED: Final = "closed"
"""The executor was closed before there was a result."""


class FailureError(OpenClawConfigError):
    """One candidate's failure. ``step`` is the request that failed, "" before the first one.

    ``client_text`` is the failure as OpenClaw's client tells it, which decides what follows
    (SL-20). ``empty`` is what an answer without a word has: ``nothing`` or ``reasoning`` (SL-24).
    ``again`` is what the server says about asking again: ``yes``, ``no`` or "". ``wait_ms`` is how
    long it wants to be left alone before, None when it does not say. ``final`` failures end the
    call: the result was made and paid for, and another candidate would only repeat them.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        step: str = "",
        status: int = 0,
        request_id: str = "",
        client_text: str = "",
        empty: str = "",
        again: str = "",
        wait_ms: int | None = None,
        final: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.step = step
        self.status = status
        self.request_id = request_id
        self.client_text = client_text
        self.empty = empty
        self.again = again
        self.wait_ms = wait_ms
        self.final = final

    def masked(self, mask: Mask) -> FailureError:
        """The same without secrets, and without the exceptions and frames that may show some."""
        self.message = mask.text(self.message)
        self.request_id = mask.text(self.request_id)
        self.client_text = mask.text(self.client_text)
        self.args = (self.message,)
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class FailedAttempt(NamedTuple):
    """A candidate that was tried and failed. ``status`` is the HTTP status, 0 without one.

    ``request_id`` is what the server calls the request, "" when it does not say.
    """

    ref: str
    provider: str
    model: str
    kind: FailureKind
    step: str
    message: str
    status: int = 0
    request_id: str = ""


class ExecutionError(OpenClawConfigError):
    """Nothing worked. ``attempts`` are the failed tries; ``stage`` is ``call`` or ``secrets``.

    ``secrets`` means that a reference which has to resolve before anything is sent did not
    (AUTH-22). ``kind`` and ``step`` are those of what ended the call (a time limit, a closed
    executor), else of the failure that matters: the last one that a request led to, and without
    any request the last one. ``step`` is "" before the first request.
    """

    def __init__(
        self,
        message: str,
        attempts: tuple[FailedAttempt, ...] = (),
        stage: str = "call",
        kind: str = "",
        step: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.attempts = attempts
        self.stage = stage
        sent = tuple(attempt for attempt in attempts if attempt.step)
        for decisive in (sent or attempts)[-1:] if not kind else ():
            kind, step = decisive.kind, decisive.step
        self.kind = kind
        self.step = step
