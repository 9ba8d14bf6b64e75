"""Model references: how a text such as ``openrouter/google/veo-3.1-fast`` is taken apart.

OpenClaw has two parsers. Chat refs know provider aliases, a prefix rule and auth-profile suffixes;
media refs (image and video generation) are split at the first slash and know none of that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.loading.load import Document
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.view.settings import items, mapping, members, text

_DATE = r"\d{8}"
_QUANTISATION = r"(?i)(?:i?q\d+(?:_[a-z0-9]+)*|\d+bit)"


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


def split(ref: str) -> ModelRef | None:
    """Both halves of a ref around its first slash, trimmed, or None when one is empty.

    This is all that media refs know; OpenClaw drops one that is None in silence (MODEL-30).
    """
    provider, slash, model = ref.strip().partition("/")
    provider, model = provider.strip(), model.strip()
    return ModelRef(provider, model) if slash and provider and model else None


def prefixed(provider: str, model: str) -> ModelRef:
    """A chat ref with OpenRouter's prefix rule: a bare id gets ``openrouter/`` (MODEL-02)."""
    if provider == "openrouter" and "/" not in model:
        model = f"openrouter/{model}"
    return ModelRef(provider, model)


def parse_chat(release: str, ref: str) -> ModelRef | None:
    """A chat ref: provider in lower case, its aliases replaced, the prefix rule applied.

    Rules MODEL-01 and MODEL-02.
    """
    halves = split(ref)
    if halves is None:
        return None
    return prefixed(registry.canonical_provider(release, halves.provider), halves.model)


def sent_id(model: str) -> str:
    """A chat model's id as OpenRouter gets it since 2026.8.1 (CHAT-02')."""
    model = model.lower()
    bare = model.removeprefix("openrouter/")
    if bare in {"deepseek-v4-flash", "deepseek-v4-pro"}:
        return f"deepseek/{bare}"
    return bare if "/" in bare else model


def without_profile(ref: str) -> tuple[str, str]:
    """A ref without its trailing ``@profile``, and the profile or "" (MODEL-05).

    A date and a quantisation tag after the ``@`` belong to the model id.
    """
    at = ref.rfind("@")
    if at <= ref.rfind("/") or at == len(ref) - 1 or at <= 0:
        return ref, ""
    suffix = ref[at + 1 :]
    if re.fullmatch(_DATE, suffix) or re.fullmatch(_QUANTISATION, suffix):
        return ref, ""
    return ref[:at], suffix


def written(node: Node | None, path: KeyPath) -> list[tuple[StringNode, KeyPath]]:
    """The texts that a model's key holds, the primary and then the fallbacks, with their places."""
    found = [(node, path), (child(node, "primary"), (*path, "primary"))]
    for index, item in enumerate(items(child(node, "fallbacks"))):
        found.append((item, (*path, "fallbacks", index)))
    return [(item, where) for item, where in found if isinstance(item, StringNode)]


# --- the names of chat models -------------------------------------------------------------------

_MODELS = ("agents", "defaults", "models")
_AUTO = "openrouter:auto"
_FREE = "openrouter:free"


class Names(NamedTuple):
    """What a chat model may be called in one config.

    ``release`` is what the config is read for. ``aliases`` leads from a name in lower case to a
    ref (MODEL-06), ``owners`` from an id in lower case to the providers that configure it
    (MODEL-07). ``free`` is what ``openrouter:free`` means (MODEL-04), None when it means nothing.
    """

    release: str
    aliases: dict[str, str]
    owners: dict[str, set[str]]
    free: ModelRef | None


def names_of(document: Document) -> Names:
    """The names of chat models in a config.

    Of two entries with the same alias the later one wins. An entry that says nothing of an alias
    gets the one that OpenClaw gives to its ref, if any (LOAD-43).
    """
    root, release = document.root, document.release
    usual = {ref: alias for alias, ref in registry.default_aliases(release).items()}
    aliases: dict[str, str] = {}
    found: list[ModelRef | None] = []
    for key, entry in members(child(root, *_MODELS)):
        alias = text(child(entry, "alias"))
        if mapping(entry) is not None and child(entry, "alias") is None:
            alias = usual.get(key, "")
        if alias:
            aliases[alias.lower()] = key
        found.append(parse_chat(release, key))
    for written_as, block in members(child(root, "models", "providers")):
        provider = registry.canonical_provider(release, written_as)
        found += (
            ModelRef(provider, text(child(one, "id"))) for one in items(child(block, "models"))
        )
    owners: dict[str, set[str]] = defaultdict(set)
    free: ModelRef | None = None
    for ref in filter(None, found):
        owners[ref.model.lower()].add(ref.provider)
        is_free = ref.provider == "openrouter" and "/" in ref.model and ref.model.endswith(":free")
        free = free or (ref if is_free else None)
    return Names(release, aliases, owners, free)


def resolve(
    names: Names, name: str, bare_provider: str = "", *, free: bool = True
) -> tuple[ModelRef, str, str] | None:
    """A chat ref through aliases, special words and inference (MODEL-04 to MODEL-07, SL-10).

    Gives the ref, the auth profile that it names or "", and a remark or "". ``bare_provider`` is
    taken for a bare name, as fallbacks do; without ``free`` the word ``openrouter:free`` is a name
    like any other. None when the text is no ref.
    """
    raw, profile = _without_alias(names, trim(name))
    if not raw:
        return None
    special = _special(names, raw, free=free)
    if special is not None:
        return special, profile, ""
    if "/" in raw:
        ref = parse_chat(names.release, raw)
        return None if ref is None else (ref, profile, "")
    if bare_provider:
        return prefixed(bare_provider, raw), profile, ""
    owners = names.owners.get(raw.lower(), set())
    if len(owners) == 1:
        (owner,) = owners
        return prefixed(owner, raw), profile, f"found in the configured models of {owner}"
    provider = registry.default_ref(names.release)[0]
    return ModelRef(provider, raw), profile, f"named without a provider, so {provider} is taken"


def is_name(names: Names, name: str, *, free: bool = True) -> bool:
    """Whether a text is an alias or a special word, so that it needs no provider."""
    raw, _ = _without_alias(names, trim(name))
    return raw != without_profile(trim(name))[0] or _special(names, raw, free=free) is not None


def _without_alias(names: Names, raw: str) -> tuple[str, str]:
    if raw.lower() in names.aliases:
        return names.aliases[raw.lower()], ""
    base, profile = without_profile(raw)
    return names.aliases.get(base.lower(), base), profile


def _special(names: Names, raw: str, *, free: bool) -> ModelRef | None:
    if raw.lower() == _AUTO:
        return ModelRef("openrouter", "openrouter/auto")
    return names.free if free and raw.lower() == _FREE else None


def model_entry(root: Node | None, ref: ModelRef) -> tuple[ObjectNode | None, KeyPath]:
    """What a provider's ``models`` say of a model, by its id or by that behind the provider's.

    And where they do: None and () where they do not.
    """
    path: KeyPath = ("models", "providers", ref.provider, "models")
    for index, item in enumerate(items(child(root, *path))):
        entry = mapping(item)
        if entry is None:
            continue
        provider, _, rest = text(entry.get("id")).partition("/")
        if text(entry.get("id")) == ref.model or (
            rest == ref.model and provider.lower() == ref.provider
        ):
            return entry, (*path, index)
    return None, ()
