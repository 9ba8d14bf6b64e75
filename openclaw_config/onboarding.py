"""What OpenClaw's own commands write: a model or a key, as changes (ONB rules), or a first config.

Not what these do besides: no stamps in ``meta``, no gateway, no key in a store. The key itself
stays in a variable. A first config is made of a commented template for each form of the keys
(``schema/starter``), in which ``//+ NAME`` and ``//- NAME`` stand around a block that may be left
out, and ``{{name}}`` for a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.changes import Append, ChangeError, Merge, Operation, Ref, Set, Unset
from openclaw_config.diagnostics.masking import masked, without_keys
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_text
from openclaw_config.loading.load import Document
from openclaw_config.syntax.nodes import StringNode, child, text_of, to_value
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import Target
from openclaw_config.validation.schema import openclaw_shape, walk
from openclaw_config.validation.suggest import nearest
from openclaw_config.view.refs import ModelRef, names_of, resolve, split
from openclaw_config.view.settings import agent_entries, agent_id, items

_DEFAULTS = ("agents", "defaults")
_ENTRIES = (*_DEFAULTS, "models")


def set_model(
    document: Document, ref: str, agent: str = "", surface: str = "chat"
) -> list[Operation]:
    """A surface's first model, as ``models set`` writes it: fallbacks stay (ONB-03, ONB-04).

    Raises ChangeError for what is no ref, and for an agent that the config does not have.
    """
    path, (key, model) = _place(document, agent, surface), _model(document, ref, surface)
    found: list[Operation] = [Merge(path, {"primary": key})]
    # Until 2026.7 the first entry forbids all models that have none (MODEL-22).
    open_list = walk(openclaw_shape(document.release), (*_DEFAULTS, "modelPolicy")) is not None
    if surface in ("chat", "vision") and (open_list or child(document.root, *_ENTRIES)):
        found += _entry(document, model)
    return found


def add_model(
    document: Document, ref: str, agent: str = "", surface: str = "chat", alias: str = ""
) -> list[Operation]:
    """One more fallback of a surface, or with ``alias`` a name for a chat model.

    Raises ChangeError as ``set_model`` does, and where there is no first model yet.
    """
    key, model = _model(document, ref, surface)
    if alias:
        return [*_entry(document, model), Set((*_ENTRIES, key, "alias"), alias)]
    path = _place(document, agent, surface)
    there = child(document.root, *path)
    if isinstance(there, StringNode):
        return [Set(path, {"primary": to_value(there), "fallbacks": [key]})]
    if there is None:
        raise ChangeError(f"{surface} has no model yet, so there is none to fall back from")
    if key in map(text_of, items(child(there, "fallbacks"))):
        return []
    return [Append((*path, "fallbacks"), key)]


def set_key(document: Document, provider: str, variable: str) -> list[Operation]:
    """A provider's key out of a variable, with the profile that onboarding names (ONB-01).

    A key that the provider's own block has is replaced. Else a variable of another name than
    OpenClaw reads by itself is passed on in the env block. Raises ChangeError for a provider that
    neither OpenClaw nor the config knows.
    """
    name = registry.canonical_provider(document.release, provider)
    known = registry.provider(document.release, name)
    block = ("models", "providers", name)
    ref = Ref("env", variable)
    own = child(document.root, *block)
    profile = f"{name}:default"
    found: list[Operation] = [
        Set(("auth", "profiles", profile), {"provider": name, "mode": "api_key"})
    ]
    order: KeyPath = ("auth", "order", name)
    first = child(document.root, *order)
    if first is not None:
        others = [id_ for id_ in map(text_of, items(first)) if id_ != profile]
        found.append(Set(order, [profile, *others]))
    keys = known.keys if known is not None else ()
    if own is not None and (child(own, "apiKey") is not None or not keys):
        found.append(Set((*block, "apiKey"), ref))
    elif not keys:
        raise ChangeError(f"no provider of keys is called {masked(provider)}")
    elif variable not in keys:
        found.append(Set((*document.target.keys.env[0], keys[0]), ref))
    return found


def _place(document: Document, agent: str, surface: str) -> KeyPath:
    """Where a surface's model stands, of an agent or of all."""
    if surface != "chat":
        if agent:
            raise ChangeError(f"an agent has no model of its own for {surface}")
        return document.target.keys.media_models.get(surface, (*_DEFAULTS, "imageModel"))
    if not agent:
        return (*_DEFAULTS, "model")
    for path, written, _ in agent_entries(document):
        if agent_id(written or "") == agent_id(agent):
            return (*path, "model")
    raise ChangeError(f"there is no agent {masked(agent)}")


def _model(document: Document, ref: str, surface: str) -> tuple[str, ModelRef]:
    """A ref as OpenClaw writes it, and read: of chat its canonical key, of media the text itself.

    Raises ChangeError for what is none.
    """
    is_chat = surface in ("chat", "vision")
    resolved = resolve(names_of(document), ref) if is_chat else None
    found = resolved[0] if resolved is not None else None if is_chat else split(ref)
    if found is None or without_keys(ref) != ref:
        raise ChangeError(f"{masked(ref)} is no model, such as openrouter/auto")
    return found.key if is_chat else ref.strip(), found


def _entry(document: Document, ref: ModelRef) -> list[Operation]:
    """The model's entry, in its canonical place (MODEL-03)."""
    entries = child(document.root, *_ENTRIES)
    there, before = child(entries, ref.key), child(entries, ref.legacy_key)
    if before is None or ref.legacy_key == ref.key:
        return [] if there is not None else [Set((*_ENTRIES, ref.key), {})]
    value = {**to_value(before), **(to_value(there) if there is not None else {})}
    return [Set((*_ENTRIES, ref.key), value), Unset((*_ENTRIES, ref.legacy_key))]


# --- a first config -------------------------------------------------------------------------------

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


def first_config(target: Target, asked: Starter) -> str:
    """The text of a config, which the target loads. Raises StarterError."""
    release = target.release
    name = registry.canonical_provider(release, asked.provider)
    provider = registry.provider(release, name)
    if provider is None:
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
    # A block may stand in another one: those around it go first.
    while (text := _BLOCK.sub(lambda it: it[2] if it[1] in blocks else "", template)) != template:
        template = text
    # A text as it stands between quotes.
    return _HOLE.sub(lambda it: json.dumps(values[it[1]], ensure_ascii=False)[1:-1], template)


_BLOCK = re.compile(r"^ *//\+ (\S+)\n(.*?)^ *//- \1\n", re.MULTILINE | re.DOTALL)
_HOLE = re.compile(r"\{\{(\w+)\}\}")
