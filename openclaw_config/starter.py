"""A first config, made of a commented template for each form of the keys (``schema/starter``).

In a template ``//+ NAME`` and ``//- NAME`` stand around a block that may be left out, and
``{{name}}`` for a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.diagnostics.masking import without_keys
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_text
from openclaw_config.targets import Target
from openclaw_config.view.refs import split

SURFACES = ("image", "video", "music", "speech")
PROVIDER = "openrouter"
"""Who answers where nobody says another: it has a model for each surface."""


class StarterError(OpenClawConfigError, ValueError):
    """What was asked for is nothing that a config could say."""


class Starter(NamedTuple):
    """What a first config is to have.

    ``model`` is the chat model, "" for the provider's usual one. ``surfaces`` are those of SURFACES
    that it has, each with a model ref, for speech a provider, or "" for the provider's usual one.
    ``key`` writes where the provider's key comes from, ``gateway_token`` the same for the gateway.
    ``variable`` is the one that holds the provider's key, "" for the usual one.
    """

    provider: str = PROVIDER
    model: str = ""
    surfaces: Mapping[str, str] = {}
    key: bool = False
    gateway_token: bool = False
    variable: str = ""


def config(target: Target, asked: Starter) -> str:
    """The text of a config, which the target loads. Raises StarterError."""
    release = target.release
    name = registry.canonical_provider(release, asked.provider)
    provider = registry.provider(release, name)
    if provider is None:
        from openclaw_config.validation.suggest import nearest

        near = nearest(name, registry.provider_ids(release))
        hint = f"; did you mean {near}?" if near else ""
        raise StarterError(f"OpenClaw {release} knows no provider {asked.provider}{hint}")
    model = asked.model or usual_model(release, provider)
    if not model:
        raise StarterError(f"name a model of {name}, such as {name}/…")
    values = {"target": release, "provider": name, "model": model}
    values |= {which: ref or _usual(release, which, name) for which, ref in asked.surfaces.items()}
    for ref in (values.get(which, model) for which in ("model", *SURFACES) if which != "speech"):
        if split(ref) is None or without_keys(ref) != ref:
            raise StarterError(f"{ref} is no provider/model")
    blocks = {*asked.surfaces, *(["media"] if asked.surfaces.keys() - {"speech"} else [])}
    if asked.gateway_token:
        blocks.add("gateway-token")
    if provider.keys:
        blocks.add("variable")
        usual = [name for name in provider.keys if name.endswith("_API_KEY")]
        values["variable"] = asked.variable or (usual or provider.keys)[0]
    if asked.key:
        if not (provider.keys and provider.base_urls):
            raise StarterError(f"where {name}'s key could stand is not known")
        blocks.add("key")
        values["baseUrl"] = provider.base_urls[0]
    form = "2026.4.29" if target.keys.agent[-1] == "[]" else "2026.8.1"
    return _rendered(read_text(f"starter/{form}.json5"), blocks, values)


def of_environment(release: str, names: Iterable[str]) -> tuple[Starter, dict[str, list[str]]]:
    """What the key variables among some names allow: the config, and the surfaces by variable.

    Raises StarterError when there is no key for a chat model.
    """
    given = set(names)
    found = [registry.provider(release, name) for name in registry.provider_ids(release)]
    keys = {one.id: key for one in found if one for key in one.keys[::-1] if key in given}
    chats = [one.id for one in found if one and one.id in keys and usual_model(release, one)]
    chosen = PROVIDER if PROVIDER in chats else next(iter(chats), "")
    if not chosen:
        raise StarterError("no variable is set that holds the key of a provider of chat models")
    uses = {keys[chosen]: ["chat"]}
    surfaces: dict[str, str] = {}
    for surface in SURFACES:
        refs = registry.automatic_candidates(release, surface)
        able = [ref for ref in refs if ref.partition("/")[0] in keys]
        own = [ref for ref in able if ref.partition("/")[0] == chosen]
        for ref in (own or able)[:1]:
            surfaces[surface] = ref
            uses.setdefault(keys[ref.partition("/")[0]], []).append(surface)
    return Starter(chosen, surfaces=surfaces, variable=keys[chosen]), uses


def usual_model(release: str, provider: registry.Provider) -> str:
    """The chat model that OpenClaw's onboarding chooses, "" where it chooses none of a provider.

    A runtime is no provider (MODEL-60), and a model may belong to a plugin that is gone.
    """
    owner = provider.onboarding.partition("/")[0]
    strange = registry.runtime_alias(release, owner) or not registry.provider(release, owner)
    return "" if strange else provider.onboarding


def _usual(release: str, surface: str, provider: str) -> str:
    """The ref that OpenClaw itself takes of a provider; for speech that is the provider."""
    refs = registry.automatic_candidates(release, surface)
    for ref in refs:
        if ref.partition("/")[0] == provider:
            return ref
    makers = ", ".join(ref.partition("/")[0] for ref in refs)
    raise StarterError(f"{provider} makes no {surface} in OpenClaw {release}; these do: {makers}")


def _rendered(template: str, blocks: set[str], values: Mapping[str, str]) -> str:
    """A template with some of its blocks and without the marks."""
    kept: list[str] = []
    inside: list[bool] = []
    for line in template.splitlines(keepends=True):
        mark, _, name = line.strip().partition(" ")
        if mark == "//+":
            inside.append(name in blocks)
        elif mark == "//-":
            inside.pop()
        elif all(inside):
            kept.append(re.sub(r"\{\{(\w+)\}\}", lambda hole: _inside(values[hole[1]]), line))
    return "".join(kept)


def _inside(text: str) -> str:
    """A text as it stands between quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
