"""What can go wrong between a call and its result, as exceptions. All of them can be pickled.

No message here holds a secret: what a server said has passed ``secrets.Mask`` before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.plan.model import Step

if TYPE_CHECKING:
    from openclaw_config.runtime.events import Failed


class ProblemError(OpenClawConfigError):
    """An error with fields, whose text is its ``message``; ``kind`` says what goes wrong."""

    kind: Any
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False, repr=False)
class CallError(ProblemError, ValueError):
    """A call that cannot succeed, refused before anything is sent.

    ``argument`` is the parameter's name, ``allowed`` what it may be, where that is a list.
    """

    kind = "argument"
    argument: str
    message: str
    allowed: tuple[Any, ...] = ()


@dataclass(eq=False, repr=False)
class UnusableError(ProblemError):
    """The plan has nothing that could carry out the call: no candidate, or none that may be used.

    ``ref`` is the model that is meant, "" when it is the surface as a whole.
    """

    kind = "unusable"
    message: str
    ref: str = ""


@dataclass(eq=False, repr=False)
class SecretError(ProblemError):
    """A secret that a reference names cannot be had; the text says why, never what it is.

    ``ref`` is the reference as the plan writes it.
    """

    kind = "credential"
    ref: str
    message: str

    def __str__(self) -> str:
        return f"{self.ref}: {self.message}"


class MissingExtraError(OpenClawConfigError, ImportError):
    """A package that only executing needs is not installed."""


UnsentKind: TypeAlias = Literal["argument", "unusable", "credential", "url", "blocked"]
"""What fails before anything is sent.

The call does not suit the candidate; the plan already says that it cannot be used; there is no key;
nothing can be sent to the URL; the address is private or reserved (HTTP-06).
"""
AnswerKind: TypeAlias = Literal["network", "timeout", "http", "response", "too-large", "job"]
"""What fails of an answer.

There is no connection, or it broke; a time limit passed; the status is outside of 200 to 299; it
lacks what it should hold; it is beyond its limit; it says that the job failed.
"""
FailureKind: TypeAlias = Literal[UnsentKind, AnswerKind, "disk", "closed"]
"""Kinds of failure. A program decides by them; the messages are for people.

Beside those above: the result cannot be written; the executor was closed before there was one.
"""


@dataclass(eq=False, repr=False)
class FailureError(ProblemError):
    """One candidate's failure. ``step`` is the request that failed, "" before the first one.

    ``client_text`` is the failure as OpenClaw's client tells it, which decides what follows
    (SL-20). ``empty`` is what an answer without a word has: ``nothing`` or ``reasoning`` (SL-24).
    ``again`` is what the server says about asking again: ``yes``, ``no`` or "". ``wait_ms`` is how
    long it wants to be left alone before, None when it does not say. ``final`` failures end the
    call: the result was made and paid for, and another candidate would only repeat them.
    """

    kind: FailureKind
    message: str
    step: str = ""
    status: int = 0
    request_id: str = ""
    client_text: str = ""
    empty: str = ""
    again: str = ""
    wait_ms: int | None = None
    final: bool = False


class TransportError(FailureError):
    """A request that got no answer, as a transport says so: its ``kind`` and a ``message``."""


PRIVATE = "Blocked hostname or private/internal/special-use IP address"
"""What OpenClaw says of an address that is ``blocked``."""


def failed(step: Step, kind: FailureKind, message: str, **fields: Any) -> FailureError:
    """The failure of a step's request, which begins with its label; ``fields`` are the others'."""
    return FailureError(kind, f"{step.label or step.name}: {message}", step.name, **fields)


@dataclass(eq=False, repr=False)
class ExecutionError(ProblemError):
    """Nothing worked. ``attempts`` are the failed tries; ``stage`` is ``call`` or ``secrets``.

    ``secrets`` means that a reference which has to resolve before anything is sent did not
    (AUTH-22). ``kind`` and ``step`` are those of what ended the call (a time limit, a closed
    executor), else of the failure that matters: the last one that a request led to, and without
    any request the last one. ``step`` is "" before the first request.
    """

    message: str
    attempts: tuple[Failed, ...] = ()
    stage: str = "call"
    kind: str = ""
    step: str = ""

    def __post_init__(self) -> None:
        sent = tuple(attempt for attempt in self.attempts if attempt.step)
        for decisive in (sent or self.attempts)[-1:] if not self.kind else ():
            self.kind, self.step = decisive.kind, decisive.step
