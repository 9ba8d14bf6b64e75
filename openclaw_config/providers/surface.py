"""What describes a surface of a provider: what it gets to work with, and what it gives back.

A provider is a package with a module for each surface that it has (``chat``, ``image``, ``video``,
``music``, ``speech``, ``transcription``), each of which meets ``Surface``.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Candidate, Origin
from openclaw_config.view.settings import Agent


class Context(NamedTuple):
    """The document that is compiled, and the agent it is compiled for."""

    document: Document
    agent: Agent


class Built(NamedTuple):
    """A candidate, and for its fields that the config decided, why they have their value.

    The pointers of ``why`` start at the candidate.
    """

    candidate: Candidate
    why: tuple[tuple[str, Origin], ...] = ()


def unusable(candidate: Candidate, problem: str) -> Built:
    """A candidate that can only fail, with the reason."""
    return Built(candidate._replace(problem=problem), (("/model", candidate.origin),))


class Surface(Protocol):
    """A module that describes one surface of a provider."""

    def candidate(self, context: Context, choice: Any) -> Built:
        """The plan of one candidate.

        ``choice`` is what resolution made of it: a ``MediaCandidate``, a ``ChatCandidate`` or a
        ``SpeechProvider``.
        """
        ...
