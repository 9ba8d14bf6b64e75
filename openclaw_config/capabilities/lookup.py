"""What a provider's model can do, from the prebuilt tables (``schema/capabilities.json``).

Every function takes the tables last and uses the built-in ones when it is not given any. A
provider is found as OpenClaw's media registries find it: lower case, by id or by the surface's
own aliases (MODEL-30). Nothing here reads a config.
"""

# Annotations are not postponed here: NamedTuple would compile each of them again at import.

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.facts import read_json, record

Tables: TypeAlias = Mapping[str, Any]
"""Tables by provider, as ``schema/capabilities.schema.json`` describes them. Do not change."""

SURFACES = ("chat", "image", "video", "music", "speech")
MODES = {
    "video": ("generate", "imageToVideo", "videoToVideo"),
    "image": ("generate", "edit"),
    "music": ("generate", "edit"),
}

SENT = "sent"
REFUSED = "refused"
UNKNOWN = "unknown"

Choice: TypeAlias = tuple[str, ...] | None
"""None: the parameter is not supported. (): any value. Else: the supported values."""


class Constraint(NamedTuple):
    """A rule between parameters: when all of ``when`` holds, the rest does (``why`` says why).

    ``when`` pairs a parameter with the values for which the condition holds; ("given",) is any
    value. Fields that are None say nothing. ``model`` is the id that is sent instead.
    """

    when: tuple[tuple[str, tuple[str | bool, ...]], ...]
    why: str
    refused: bool = False
    durations: tuple[int, ...] | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    aspect_ratios: tuple[str, ...] | None = None
    resolutions: tuple[str, ...] | None = None
    sizes: tuple[str, ...] | None = None
    max_images: int | None = None
    model: str | None = None


class Mode(NamedTuple):
    """What a model takes in one mode of image, video or music.

    Durations are in seconds: a list when there is one (else ()), and bounds when they are known.
    ``max_inputs`` bounds all inputs together. ``sources`` is ("url",) or ("file",) where only one
    way of giving an input works, else (). ``unsent`` names parameters that OpenClaw accepts and
    then leaves out in silence.
    """

    outputs: int = 1
    lyrics: bool = False
    instrumental: bool = False
    duration: bool = False
    durations: tuple[int, ...] = ()
    min_duration: int | None = None
    max_duration: int | None = None
    default_duration: int | None = None
    aspect_ratios: Choice = None
    resolutions: Choice = None
    sizes: Choice = None
    formats: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    audio: bool = False
    watermark: bool = False
    max_images: int = 0
    max_videos: int = 0
    max_audios: int = 0
    max_inputs: int | None = None
    sources: tuple[str, ...] = ()
    provider_options: tuple[tuple[str, str], ...] = ()
    unsent: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()


class Speech(NamedTuple):
    """The speech of a provider.

    ``order`` is its place when OpenClaw picks one by itself (TTS-30), None when it never does.
    ``ranges`` pair a setting with its lowest and highest value. ``model_key`` and ``voice_key``
    are the config's names for the two.
    """

    order: int | None = None
    keyless: bool = False
    default_model: str | None = None
    model_key: str = "model"
    models: tuple[str, ...] = ()
    default_voice: str | None = None
    voice_key: str = "voice"
    voices: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    default_format: str | None = None
    voice_note_formats: tuple[str, ...] = ()
    telephony: bool = False
    ranges: tuple[tuple[str, tuple[float, float]], ...] = ()


class ChatModel(NamedTuple):
    """A chat model: sizes in tokens.

    ``cost`` is in US dollars per million tokens, None where it is not known beforehand.
    """

    id: str
    name: str
    context_window: int
    max_tokens: int
    reasoning: bool = False
    input: tuple[str, ...] = ("text",)
    cost: Mapping[str, float] | None = None
    compat: tuple[str, ...] = ()


# --- tables -----------------------------------------------------------------------------------


def built_in(release: str = "2026.4.29") -> Tables:
    """The tables that come with this package, of a release as ``Target.requests`` names it."""
    later = "" if release == "2026.4.29" else f"-{release}"
    tables: Tables = read_json(f"capabilities{later}.json")
    return tables


def overlay(base: Tables, over: Tables) -> Tables:
    """Both tables in one: ``over`` adds providers and models, and wins where both speak."""
    merged = dict(base)
    for provider, table in over.items():
        known = base.get(provider, {})
        merged[provider] = both = {**known, **table}
        for surface in known.keys() & table.keys() & {*SURFACES}:
            old, new = _section(known, surface), table[surface]
            both[surface] = {**old, **new}
            for key in ("models", "modes"):
                if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                    both[surface][key] = {**old[key], **new[key]}
    return merged


def _section(table: Mapping[str, Any], surface: str) -> Mapping[str, Any]:
    section: Any = table[surface]
    if isinstance(section, str):
        # Chat models are many: the prebuilt file only names the file that holds them.
        section = read_json(section)["chat"]
    return section  # type: ignore[no-any-return]


def section(provider: str, surface: str, tables: Tables | None = None) -> Mapping[str, Any]:
    """What a table says of a provider's surface, {} when it has none."""
    tables = built_in() if tables is None else tables
    name = provider.strip().lower()
    table = tables.get(name)
    if table is not None and surface in table:
        return _section(table, surface)
    aliased = (one[surface] for one in tables.values() if surface != "chat" and surface in one)
    return next((one for one in aliased if name in one.get("aliases", ())), {})


# --- providers and models ---------------------------------------------------------------------


def providers_with(surface: str, tables: Tables | None = None) -> tuple[str, ...]:
    """The providers that have a surface, in alphabetical order."""
    tables = built_in() if tables is None else tables
    return tuple(sorted(name for name, table in tables.items() if surface in table))


def default_model(provider: str, surface: str, tables: Tables | None = None) -> str | None:
    """The model that a provider uses for a surface when none is named, or None."""
    return section(provider, surface, tables).get("default")


def models(provider: str, surface: str, tables: Tables | None = None) -> tuple[str, ...]:
    """The model ids that a provider lists for a surface."""
    listed = section(provider, surface, tables).get("models", ())
    return tuple(model for model in listed if not model.endswith("*"))


def listed(provider: str, surface: str, model: str, tables: Tables | None = None) -> bool:
    """Whether a provider lists a model id, exactly as written."""
    return model in section(provider, surface, tables).get("models", ()) and model[-1:] != "*"


def unlisted(provider: str, surface: str, tables: Tables | None = None) -> str:
    """What becomes of an id that is not listed: SENT as it stands, REFUSED, or UNKNOWN."""
    found = section(provider, surface, tables).get("unlisted", UNKNOWN)
    return found if isinstance(found, str) else SENT


def _row(section: Mapping[str, Any], model: str, mode: str) -> dict[str, Any] | None:
    """The row of a mode with all that it inherits: surface, then prefix, then exact id."""
    known = section.get("models", {})
    exact = known.get(model)
    if exact is None and section.get("unlisted") == REFUSED:
        return None
    prefixes = [key for key in known if key.endswith("*") and model.startswith(key[:-1])]
    layers = [section, *(known[key] for key in sorted(prefixes, key=len)), exact or {}]
    parts = [layer["modes"][mode] for layer in layers if mode in layer.get("modes", ())]
    only = [layer["only"] for layer in layers if "only" in layer]
    if not parts or (only and mode not in only[-1]):
        return None
    row: dict[str, Any] = {}
    for part in parts:
        row |= {**part, "inputs": {**row.get("inputs", {}), **part.get("inputs", {})}}
    return row


# --- records ----------------------------------------------------------------------------------


def mode(
    provider: str, surface: str, model: str, name: str, tables: Tables | None = None
) -> Mode | None:
    """What a model takes in a mode of MODES, or None when it does not have it (VID-01, IMG-01)."""
    found = section(provider, surface, tables)
    row = _row(found, model, name)
    if row is None:
        return None
    inputs = {_INPUTS[key]: value for key, value in row["inputs"].items()}
    anything = {
        key: () for key in ("aspectRatios", "resolutions", "sizes") if row.get(key) == "any"
    }
    return record(
        Mode,
        {**row, **inputs, **anything, "providerOptions": found.get("providerOptions", {})},
        constraints=tuple(map(_constraint, row.get("constraints", ()))),
    )


def _constraint(row: Mapping[str, Any]) -> Constraint:
    # One value may stand without brackets.
    when = {key: one if isinstance(one, list) else [one] for key, one in row["when"].items()}
    return record(Constraint, {**row, "when": when})


_INPUTS = {
    "images": "maxImages",
    "videos": "maxVideos",
    "audios": "maxAudios",
    "total": "maxInputs",
    "from": "sources",
}


def speech(provider: str, tables: Tables | None = None) -> Speech | None:
    """The speech of a provider, by id or alias, or None when it has none (TTS-11, TTS-30)."""
    found = section(provider, "speech", tables)
    return record(Speech, found, default_model=found.get("default")) if found else None


# --- chat -------------------------------------------------------------------------------------


def chat_model(provider: str, model: str, tables: Tables | None = None) -> ChatModel | None:
    """A chat model of the built-in list, by the id that goes upstream (MODEL-02), or None."""
    return _chat(model, section(provider, "chat", tables).get("models", {}).get(model))


def unlisted_chat_model(
    provider: str, model: str, tables: Tables | None = None
) -> ChatModel | None:
    """What OpenClaw assumes of a chat model that it does not know (CHAT-51).

    None when that is not recorded for the provider.
    """
    return _chat(model, section(provider, "chat", tables).get("unlisted"))


def _chat(model: str, row: Mapping[str, Any] | None) -> ChatModel | None:
    if row is None:
        return None
    return record(ChatModel, {"name": model, **row}, id=model, cost=row.get("cost"))


def reasoning_forced_off(provider: str, model: str, tables: Tables | None = None) -> bool:
    """Whether OpenClaw switches a model's reasoning off, whatever its entry says (CHAT-21)."""
    rule = section(provider, "chat", tables).get("reasoningOff", {})
    name = model.strip().lower()
    return name in rule.get("ids", ()) or name.startswith(tuple(rule.get("prefixes", ())))
