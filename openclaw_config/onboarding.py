"""What OpenClaw's own commands write for a model or a key, as changes of a config (ONB rules).

Not what these do besides: no stamps in ``meta``, no gateway, no key in a store. The key itself
stays in a variable.
"""

from __future__ import annotations

from openclaw_config import registry
from openclaw_config.changes import Append, ChangeError, Merge, Operation, Ref, Set, Unset
from openclaw_config.diagnostics.masking import masked, without_keys
from openclaw_config.loading.load import Document
from openclaw_config.syntax.nodes import StringNode, child, text_of, to_value
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.schema import openclaw_shape, walk
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
    path, key = _place(document, agent, surface), _key(document, ref, surface)
    found: list[Operation] = [Merge(path, {"primary": key})]
    # Until 2026.7 the first entry forbids all models that have none (MODEL-22).
    open_list = walk(openclaw_shape(document.release), (*_DEFAULTS, "modelPolicy")) is not None
    if surface in ("chat", "vision") and (open_list or child(document.root, *_ENTRIES)):
        found += _entry(document, _ref(document, ref))
    return found


def add_model(
    document: Document, ref: str, agent: str = "", surface: str = "chat", alias: str = ""
) -> list[Operation]:
    """One more fallback of a surface, or with ``alias`` a name for a chat model.

    Raises ChangeError as ``set_model`` does, and where there is no first model yet.
    """
    key = _key(document, ref, surface)
    if alias:
        return [*_entry(document, _ref(document, ref)), Set((*_ENTRIES, key, "alias"), alias)]
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


def _key(document: Document, ref: str, surface: str) -> str:
    """A ref as OpenClaw writes it: of chat its canonical key, of media the text itself."""
    if without_keys(ref) != ref:
        raise _no_model(ref)
    if surface in ("chat", "vision"):
        return _ref(document, ref).key
    if split(ref) is None:
        raise _no_model(ref)
    return ref.strip()


def _ref(document: Document, ref: str) -> ModelRef:
    resolved = resolve(names_of(document), ref)
    if resolved is None:
        raise _no_model(ref)
    return resolved[0]


def _no_model(ref: str) -> ChangeError:
    return ChangeError(f"{masked(ref)} is no model, such as openrouter/auto")


def _entry(document: Document, ref: ModelRef) -> list[Operation]:
    """The model's entry, in its canonical place (MODEL-03)."""
    entries = child(document.root, *_ENTRIES)
    there, before = child(entries, ref.key), child(entries, ref.legacy_key)
    if before is None or ref.legacy_key == ref.key:
        return [] if there is not None else [Set((*_ENTRIES, ref.key), {})]
    value = {**to_value(before), **(to_value(there) if there is not None else {})}
    return [Set((*_ENTRIES, ref.key), value), Unset((*_ENTRIES, ref.legacy_key))]
