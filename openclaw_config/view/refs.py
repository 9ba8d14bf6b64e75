"""Model references: how a text such as ``openrouter/google/veo-3.1-fast`` is taken apart.

OpenClaw has two parsers. Chat refs know provider aliases, a prefix rule and auth-profile suffixes;
media refs (image and video generation) are split at the first slash and know none of that.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config import registry

_DATE = re.compile(r"\d{8}")
_QUANTISATION = re.compile(r"(?:i?q\d+(?:_[a-z0-9]+)*|\d+bit)", re.IGNORECASE)


class ModelRef(NamedTuple):
    """A provider and the model id that is sent to it."""

    provider: str
    model: str

    @property
    def key(self) -> str:
        """The canonical key: the id alone when it starts with its provider (MODEL-03)."""
        if self.model.lower().startswith(f"{self.provider.lower()}/"):
            return self.model
        return f"{self.provider}/{self.model}"

    @property
    def legacy_key(self) -> str:
        """The key that older configs use for the same model (MODEL-03)."""
        return f"{self.provider}/{self.model}"


def split(text: str) -> ModelRef | None:
    """Both halves of a ref around its first slash, trimmed, or None when one is empty."""
    provider, slash, model = text.strip().partition("/")
    provider, model = provider.strip(), model.strip()
    return ModelRef(provider, model) if slash and provider and model else None


def prefixed(provider: str, model: str) -> ModelRef:
    """A chat ref with OpenRouter's prefix rule: a bare id gets ``openrouter/`` (MODEL-02)."""
    if provider == "openrouter" and "/" not in model:
        model = f"openrouter/{model}"
    return ModelRef(provider, model)


def parse_chat(text: str) -> ModelRef | None:
    """A chat ref: provider in lower case, its aliases replaced, the prefix rule applied.

    Rules MODEL-01 and MODEL-02.
    """
    halves = split(text)
    if halves is None:
        return None
    return prefixed(registry.canonical_provider(halves.provider), halves.model)


def parse_media(text: str) -> ModelRef | None:
    """A media ref, or None, in which case OpenClaw drops the entry in silence (MODEL-30)."""
    return split(text)


def without_profile(text: str) -> tuple[str, str]:
    """A ref without its trailing ``@profile``, and the profile or "" (MODEL-05).

    A date and a quantisation tag after the ``@`` belong to the model id.
    """
    at = text.rfind("@")
    if at <= text.rfind("/") or at == len(text) - 1 or at <= 0:
        return text, ""
    suffix = text[at + 1 :]
    if _DATE.fullmatch(suffix) or _QUANTISATION.fullmatch(suffix):
        return text, ""
    return text[:at], suffix
