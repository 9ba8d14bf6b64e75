"""What OpenClaw knows by name: providers, plugins, channels and variables, in each release.

The data are those of ``schema/registry``, a section read only when something is asked of it.
Nothing here validates a config; it answers questions such as "is this a channel?" and "which
variables hold this provider's key?".
"""

import re
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from openclaw_config.facts import record, section


class Provider(NamedTuple):
    """A provider that a bundled plugin brings.

    ``keys`` are its variables, in the order in which OpenClaw reads them (AUTH-10). ``surfaces``
    are among chat, image, video, music, speech, understanding, realtimeVoice and
    realtimeTranscription. ``base_urls`` has more than one
    entry where it depends on a region or a kind of key; the first is the usual one. ``label`` is
    how its messages name it. With ``no_cooldown`` its auth profiles are used in their order, cooled
    down or not (SL-30). ``former_base_urls`` are read as the usual one by chat (CHAT-01).
    ``onboarding`` is the ref of the chat model that OpenClaw's own onboarding chooses, or "".
    ``keyless`` says when it does without a configured key, "" for never.
    """

    id: str
    surfaces: tuple[str, ...]
    keys: tuple[str, ...] = ()
    base_urls: tuple[str, ...] = ()
    api: str = ""
    keyless: str = ""
    label: str = ""
    no_cooldown: bool = False
    former_base_urls: tuple[str, ...] = ()
    onboarding: str = ""


# --- the file ---------------------------------------------------------------------------------


def _part(release: str, name: str, *path: str) -> Any:
    value = section("registry", release, name)
    for step in path:
        value = value[step]
    return value


# --- providers --------------------------------------------------------------------------------


def provider_ids(release: str) -> tuple[str, ...]:
    """Every known provider id, in alphabetical order."""
    return tuple(_part(release, "providers"))


@lru_cache(maxsize=256)
def provider(release: str, name: str) -> Provider | None:
    """A provider by its exact id, or None. Use ``canonical_provider`` first on what users write."""
    row = _part(release, "providers").get(name)
    if row is None:
        return None
    when = row.get("keyless", {}).get("when", "")
    return record(Provider, {"label": name, **row}, id=name, keyless=when)


def canonical_provider(release: str, written: str) -> str:
    """The provider id as chat refs use it: trimmed, lower case, aliases replaced (MODEL-01)."""
    return surface_provider(release, "any", written)


def surface_provider(release: str, surface: str, written: str) -> str:
    """The provider id as one surface's registry finds it: lower case and that surface's aliases.

    ``surface`` is image, video, speech, understanding or realtimeTranscription. Media refs know
    none of chat's aliases (MODEL-30), but a surface may have its own: speech reads ``edge`` as
    ``microsoft`` (TTS-30).
    """
    name = written.strip().lower()
    return str(_part(release, "providerAliases").get(surface, {}).get(name, name))


def runtime_alias(release: str, name: str) -> tuple[str, str] | None:
    """For an id that stands for a runtime, (the provider, the runtime); else None."""
    row = _part(release, "providerAliases", "runtime").get(name)
    return None if row is None else (row["to"], row["runtime"])


def removed_provider(release: str, name: str) -> str | None:
    """The provider that took the place of one that OpenClaw removed, or None."""
    row = _part(release, "providerAliases", "removed").get(name)
    return None if row is None else str(row["to"])


def default_ref(release: str) -> tuple[str, str]:
    """The provider and the model of a config that names none (MODEL-07)."""
    defaults = _part(release, "defaults")
    return defaults["provider"], defaults["model"]


def default_aliases(release: str) -> dict[str, str]:
    """The model aliases that OpenClaw adds by itself, to refs. Do not change the dict."""
    aliases: dict[str, str] = _part(release, "defaults", "aliases")
    return aliases


def automatic_candidates(release: str, surface: str) -> tuple[str, ...]:
    """What OpenClaw may try by itself, in its order.

    image, video, music: refs of each provider's default model, ascending by provider (MODEL-31).
    speech: provider ids by auto-select order (TTS-31).
    """
    return tuple(_part(release, "automatic", surface))


def understanding(release: str, kind: str, *, by_itself: bool = False) -> tuple[str, ...]:
    """The providers that understand ``audio``, ``image`` or ``video``, in OpenClaw's order.

    ``by_itself`` leaves out those that it tries only where the config says so (STT-02, VIS-03).
    """
    rows = _part(release, "automatic", "understanding")[kind]
    return tuple(row["id"] for row in rows if row.get("auto", True) or not by_itself)


def endpoints(release: str) -> list[dict[str, Any]]:
    """The classes of base URLs that OpenClaw tells apart, in its order (HTTP-02); do not change.

    Each has its ``plugin``, and ``hosts`` or ``hostSuffixes``.
    """
    rows: list[dict[str, Any]] = _part(release, "endpoints")
    return rows


def owners(release: str, host: str) -> list[str]:
    """The providers whose own a host is, or in whose domain it stands (HTTP-02).

    A suffix that starts with a letter matches that very host and its sub-domains, never the middle
    of a name.
    """
    return [
        row["plugin"]
        for row in endpoints(release)
        if host in row.get("hosts", ())
        or any(
            host.endswith(suffix) if suffix[0] in ".-" else f".{host}".endswith(f".{suffix}")
            for suffix in row.get("hostSuffixes", ())
        )
    ]


def web_search(release: str) -> dict[str, str]:
    """The providers of web search, each with its plugin, in the order in which OpenClaw picks."""
    return {row["id"]: row["plugin"] for row in _part(release, "webSearch")}


# --- plugins and channels ---------------------------------------------------------------------


def plugin_ids(release: str) -> tuple[str, ...]:
    """Every bundled plugin id, in alphabetical order."""
    return tuple(_part(release, "plugins", "ids"))


def canonical_plugin(release: str, name: str) -> str:
    """The plugin id that a former or alternative id stands for; itself when it stands for none."""
    return str(_part(release, "plugins", "aliases").get(name, name))


def removed_plugin_ids(release: str) -> tuple[str, ...]:
    """Plugin ids that existed once and are quietly passed over."""
    return tuple(_part(release, "plugins", "removed"))


def plugin_of_command(release: str, command: str) -> str | None:
    """The plugin that offers a command alias: people write ``voice`` for ``talk-voice``."""
    for name, row in _part(release, "plugins", "ids").items():
        if command in row.get("commands", ()):
            return str(name)
    return None


def slot(release: str, name: str) -> dict[str, Any]:
    """A slot of ``plugins.slots``, ``memory`` or ``contextEngine``; do not change it.

    ``default`` is what it holds where the config does not say. Of memory, ``ids`` are the bundled
    plugins that fit, ``externalWarnOnly`` those whose lack is no error, ``off`` is the word that
    empties it.
    """
    row: dict[str, Any] = _part(release, "slots", name)
    return row


def channel_ids(release: str) -> tuple[str, ...]:
    """The bundled channels, in OpenClaw's own order."""
    return tuple(_part(release, "channels", "ids"))


@lru_cache(maxsize=32)
def channel_aliases(release: str) -> dict[str, str]:
    """Other names of channels, to their ids. Do not change the dict."""
    return {
        alias: name
        for name, row in _part(release, "channels", "ids").items()
        for alias in row.get("aliases", ())
    }


def reserved_channel_keys(release: str) -> tuple[str, ...]:
    """Keys of ``channels`` that are no channels: ``defaults`` and ``modelByChannel``."""
    return tuple(_part(release, "channels", "reserved"))


def heartbeat_targets(release: str) -> tuple[str, ...]:
    """Heartbeat targets that are no channels: ``last`` and ``none``."""
    return tuple(_part(release, "channels", "heartbeatTargets"))


REDACTED = "__OPENCLAW_REDACTED__"
"""What OpenClaw shows in place of a secret; saved into a config it is a lost key."""


# --- tools ------------------------------------------------------------------------------------


def tool_groups(release: str) -> tuple[str, ...]:
    """The groups that lists of tools may name (NAME-01)."""
    return tuple(_part(release, "tools", "groups"))


def tool_names(release: str) -> tuple[str, ...]:
    """What else they may name: tools of any release, and bundled plugins, also by their tools."""
    plugins = _part(release, "plugins", "ids")
    offered = (name for row in plugins.values() for name in row.get("offers", {}).get("tools", ()))
    return (*_part(release, "tools", "names"), *offered, *plugins, *channel_ids(release))


# --- the environment --------------------------------------------------------------------------


def _blocked(release: str, part: str, name: str) -> bool:
    """Whether a part of the release's lists has a variable: by name, its ends or a pattern."""
    row, upper = _part(release, "environment", part), name.upper()
    return (
        upper in row["names"]
        or upper.startswith(tuple(row.get("prefixes", ())))
        or upper.endswith(tuple(row.get("suffixes", ())))
        or any(re.search(pattern, upper) for pattern in row.get("patterns", ()))
    )


def blocked_in_env_block(release: str, name: str) -> bool:
    """Whether the ``env`` block may not set a variable (LOAD-33); any case."""
    return _blocked(release, "blocked", name)


def blocked_in_workspace_file(release: str, name: str) -> bool:
    """Whether a workspace's ``.env`` may not set a variable (LOAD-05, LOAD-33); any case."""
    return any(_blocked(release, part, name) for part in ("blockedInWorkspaceFile", "blocked"))


@lru_cache(maxsize=32)
def shell_import_names(release: str) -> frozenset[str]:
    """The variables that the login-shell import may fetch (LOAD-34)."""
    groups = _part(release, "environment", "credentials")
    return frozenset(name for group in groups.values() for name in group)


@lru_cache(maxsize=32)
def key_variable_names(release: str) -> frozenset[str]:
    """Names that, written where a key belongs, mean "read that variable" (AUTH-20)."""
    environment = _part(release, "environment")
    names = environment["credentials"]["providers"], environment["markers"]["variables"]
    return frozenset(chain(*names))


def is_key_marker(release: str, value: str) -> bool:
    """Whether a text in a key's place is one of OpenClaw's markers and no secret (AUTH-20)."""
    markers = _part(release, "environment", "markers")
    return value in markers["values"] or value.startswith(tuple(markers["prefixes"]))


class Retirement(NamedTuple):
    """What became of a model.

    ``ref`` is the ref to write instead, or None when there is none. ``kind`` is renamed (OpenClaw
    rewrites the id by itself), suppressed (it refuses the model), retired (the provider took the
    model away), provider-removed, runtime (the "provider" names a runtime, not a provider) or
    legacy-family (OpenClaw's audit calls the family outdated).
    ``surface`` is "" when it holds for every surface. ``hosts``, when there are any, are the only
    base URL hosts for which it holds.
    """

    ref: str | None
    kind: str
    surface: str = ""
    hosts: tuple[str, ...] = ()


FATES = {
    "renamed": "has another id now, and OpenClaw rewrites it",
    "suppressed": "is refused by OpenClaw",
    "retired": "was taken away by its provider",
    "provider-removed": "belongs to a provider that OpenClaw has removed",
    "runtime": "names a runtime in its provider's place",
    "legacy-family": "is of a family that OpenClaw's audit calls outdated",
}
"""What is said of a model by the kind of its retirement."""


def retired(release: str, ref: str) -> Retirement | None:
    """What became of ``provider/model``; None when nothing is known against it.

    Aliases of providers are followed (MODEL-01); the id is compared in any case.
    """
    provider, slash, model = ref.strip().partition("/")
    provider, model = provider.strip().lower(), model.strip()
    if not (slash and provider and model):
        return None
    successor = removed_provider(release, provider)
    if successor is not None:
        return Retirement(f"{successor}/{model}", "provider-removed")
    alias = runtime_alias(release, provider)
    if alias is not None:
        return Retirement(f"{alias[0]}/{model}", "runtime")
    provider, name = canonical_provider(release, provider), model.lower()
    rows = section("registry", release, "retired")
    found = _suppressed(release, provider, name)
    if found is not None:
        return found
    for row in rows["renamed"]:
        written = model if row.get("exact") else name
        if row["provider"] == provider and row["from"] == written:
            return Retirement(f"{provider}/{row['to']}", "renamed", row.get("surface", "chat"))
    # An id of one segment gets the provider's name before it goes upstream (MODEL-02).
    sent = name if "/" in name else f"{provider}/{name}"
    for row in rows["retired"]:
        variant = row.get("variants", False) and sent.startswith(row["from"] + ":")
        if row["provider"] == provider and (sent == row["from"] or variant):
            return Retirement(None, "retired", "chat")
    if any(re.search(row["pattern"], model, re.IGNORECASE) for row in rows["families"]):
        return Retirement(None, "legacy-family", "chat")
    return None


def suppressed(release: str, ref: str) -> Retirement | None:
    """What became of a model that no config may name; its provider is literal (MODEL-23)."""
    provider, _, model = ref.strip().lower().partition("/")
    found = _suppressed(release, provider, model)
    return None if found is None or found.hosts else found


def _suppressed(release: str, provider: str, name: str) -> Retirement | None:
    for row in section("registry", release, "retired")["suppressed"]:
        if row["provider"] == provider and row["from"] == name:
            return Retirement(row["to"], "suppressed", "chat", tuple(row.get("hosts", ())))
    return None
