"""What a provider's model can do, from the prebuilt tables (``schema/capabilities.json``).

Every function takes the tables last and uses the built-in ones when it is not given any. A
provider is found as OpenClaw's media registries find it: lower case, by id or by the surface's
own aliases (MODEL-30). Nothing here reads a config.
"""

# Annotations are not postponed here: NamedTuple would compile each of them again at import.

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.facts import read_json
from openclaw_config.registry import automatic_candidates

Tables: TypeAlias = Mapping[str, Any]
"""Tables by provider, in the plain form that ``capabilities.tables`` describes. Do not change."""

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


class VideoMode(NamedTuple):
    """What one mode of a video model takes.

    Durations are in seconds: a list when there is one (else ()), and bounds when they are known.
    ``max_inputs`` bounds all inputs together. ``sources`` is ("url",) or ("file",) where only one
    way of giving an input works, else (). ``unsent`` names parameters that OpenClaw accepts and
    then leaves out in silence.
    """

    mode: str
    outputs: int
    durations: tuple[int, ...]
    min_duration: int | None
    max_duration: int | None
    default_duration: int | None
    aspect_ratios: Choice
    resolutions: Choice
    sizes: Choice
    audio: bool
    watermark: bool
    max_images: int
    max_videos: int
    max_audios: int
    max_inputs: int | None
    sources: tuple[str, ...]
    provider_options: tuple[tuple[str, str], ...]
    unsent: tuple[str, ...]
    constraints: tuple[Constraint, ...]


class ImageMode(NamedTuple):
    """What one mode of an image model takes; the fields are as in VideoMode."""

    mode: str
    outputs: int
    aspect_ratios: Choice
    resolutions: Choice
    sizes: Choice
    formats: tuple[str, ...]
    qualities: tuple[str, ...]
    backgrounds: tuple[str, ...]
    max_images: int
    sources: tuple[str, ...]
    provider_options: tuple[tuple[str, str], ...]
    unsent: tuple[str, ...]
    constraints: tuple[Constraint, ...]


class MusicMode(NamedTuple):
    """What one mode of a music model takes."""

    mode: str
    outputs: int
    lyrics: bool
    instrumental: bool
    duration: bool
    formats: tuple[str, ...]
    max_images: int


class Speech(NamedTuple):
    """The speech of a provider.

    ``order`` is its place when OpenClaw picks one by itself (TTS-30), None when it never does.
    ``ranges`` are (setting, lowest, highest). ``model_key`` and ``voice_key`` are the config's
    names for the two.
    """

    order: int | None
    keyless: bool
    default_model: str | None
    model_key: str
    models: tuple[str, ...]
    default_voice: str | None
    voice_key: str
    voices: tuple[str, ...]
    formats: tuple[str, ...]
    default_format: str | None
    voice_note_formats: tuple[str, ...]
    telephony: bool
    ranges: tuple[tuple[str, float, float], ...]


class Cost(NamedTuple):
    """US dollars per million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float


class ChatModel(NamedTuple):
    """A chat model: sizes in tokens; ``cost`` is None where it is not known beforehand."""

    id: str
    name: str
    context_window: int
    max_tokens: int
    reasoning: bool
    input: tuple[str, ...]
    cost: Cost | None
    compat: tuple[str, ...]


# --- tables -----------------------------------------------------------------------------------


def built_in() -> Tables:
    """The tables that come with this package."""
    tables: Tables = read_json("capabilities.json")
    return tables


def overlay(base: Tables, over: Tables) -> Tables:
    """Both tables in one: ``over`` adds providers and models, and wins where both speak."""
    merged = dict(base)
    for provider, table in over.items():
        known = merged.get(provider)
        if known is None:
            merged[provider] = table
            continue
        both = {**known, **table}
        for surface in SURFACES:
            if surface in known and surface in table:
                both[surface] = _merged_surface(_section(known, surface), table[surface])
        merged[provider] = both
    return merged


def _merged_surface(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **over}
    for key in ("models", "modes"):
        if isinstance(base.get(key), dict) and isinstance(over.get(key), dict):
            merged[key] = {**base[key], **over[key]}
    return merged


def _section(table: Mapping[str, Any], surface: str) -> Mapping[str, Any]:
    section: Any = table[surface]
    if isinstance(section, str):
        # Chat models are many: the prebuilt file only names the file that holds them.
        section = read_json(section)["chat"]
    return section  # type: ignore[no-any-return]


def _find(provider: str, surface: str, tables: Tables | None) -> Mapping[str, Any] | None:
    tables = built_in() if tables is None else tables
    name = provider.strip().lower()
    table = tables.get(name)
    if table is not None and surface in table:
        return _section(table, surface)
    if surface != "chat":
        for table in tables.values():
            section = table.get(surface)
            if section is not None and name in section.get("aliases", ()):
                return section  # type: ignore[no-any-return]
    return None


# --- providers and models ---------------------------------------------------------------------


def providers(tables: Tables | None = None) -> tuple[str, ...]:
    """Every provider that has a table."""
    return tuple(built_in() if tables is None else tables)


def providers_with(surface: str, tables: Tables | None = None) -> tuple[str, ...]:
    """The providers that have a surface, in alphabetical order."""
    tables = built_in() if tables is None else tables
    return tuple(sorted(name for name, table in tables.items() if surface in table))


def has_surface(provider: str, surface: str, tables: Tables | None = None) -> bool:
    """Whether a provider, or one that it is an alias of, has a surface."""
    return _find(provider, surface, tables) is not None


def automatic_order(surface: str) -> tuple[str, ...]:
    """What OpenClaw may try by itself, in its order (MODEL-31; speech: TTS-31)."""
    return automatic_candidates(surface)


def default_model(provider: str, surface: str, tables: Tables | None = None) -> str | None:
    """The model that a provider uses for a surface when none is named, or None."""
    section = _find(provider, surface, tables)
    return None if section is None else section.get("default")


def models(provider: str, surface: str, tables: Tables | None = None) -> tuple[str, ...]:
    """The model ids that a provider lists for a surface."""
    section = _find(provider, surface, tables)
    if section is None:
        return ()
    return tuple(model for model in section.get("models", ()) if not model.endswith("*"))


def listed(provider: str, surface: str, model: str, tables: Tables | None = None) -> bool:
    """Whether a provider lists a model id, exactly as written."""
    section = _find(provider, surface, tables)
    return section is not None and not model.endswith("*") and model in section.get("models", ())


def unlisted(provider: str, surface: str, tables: Tables | None = None) -> str:
    """What becomes of an id that is not listed: SENT as it stands, REFUSED, or UNKNOWN."""
    section = _find(provider, surface, tables)
    if section is None:
        return UNKNOWN
    if surface == "chat" and "unlisted" in section:
        return SENT
    return str(section.get("unlisted", UNKNOWN))


def modes(provider: str, surface: str, model: str, tables: Tables | None = None) -> tuple[str, ...]:
    """The modes of a surface that a model id has, in their usual order."""
    section = _find(provider, surface, tables)
    if section is None:
        return ()
    return tuple(mode for mode in MODES[surface] if _row(section, model, mode) is not None)


def _row(section: Mapping[str, Any], model: str, mode: str) -> dict[str, Any] | None:
    """The row of a mode with all that it inherits: surface, then prefix, then exact id."""
    known = section["models"]
    exact = known.get(model)
    if exact is None and section.get("unlisted") == REFUSED:
        return None
    prefixes = [key for key in known if key.endswith("*") and model.startswith(key[:-1])]
    refinements = [known[key] for key in sorted(prefixes, key=len)]
    if exact is not None:
        refinements.append(exact)
    row: dict[str, Any] = {}
    found = False
    only: list[str] | None = None
    for layer in ({"modes": section["modes"]}, *refinements):
        only = layer.get("only", only)
        part = layer.get("modes", {}).get(mode)
        if part is not None:
            found = True
            inputs = {**row.get("inputs", {}), **part.get("inputs", {})}
            row.update(part)
            row["inputs"] = inputs
    return row if found and (only is None or mode in only) else None


# --- image, video, music, speech --------------------------------------------------------------


def video(provider: str, model: str, mode: str, tables: Tables | None = None) -> VideoMode | None:
    """What a mode of a video model takes, or None when the model does not have the mode (VID-01).

    ``mode`` is generate, imageToVideo or videoToVideo.
    """
    section = _find(provider, "video", tables)
    row = None if section is None else _row(section, model, mode)
    if section is None or row is None:
        return None
    inputs = row["inputs"]
    return VideoMode(
        mode,
        row.get("outputs", 1),
        tuple(row.get("durations", ())),
        row.get("minDuration"),
        row.get("maxDuration"),
        row.get("defaultDuration"),
        _choice(row, "aspectRatios"),
        _choice(row, "resolutions"),
        _choice(row, "sizes"),
        row.get("audio", False),
        row.get("watermark", False),
        inputs.get("images", 0),
        inputs.get("videos", 0),
        inputs.get("audios", 0),
        inputs.get("total"),
        tuple(inputs.get("from", ())),
        tuple(section.get("providerOptions", {}).items()),
        tuple(row.get("unsent", ())),
        _constraints(row),
    )


def image(provider: str, model: str, mode: str, tables: Tables | None = None) -> ImageMode | None:
    """What a mode of an image model takes, or None when the model does not have it (IMG-01).

    ``mode`` is generate or edit.
    """
    section = _find(provider, "image", tables)
    row = None if section is None else _row(section, model, mode)
    if section is None or row is None:
        return None
    inputs = row["inputs"]
    return ImageMode(
        mode,
        row.get("outputs", 1),
        _choice(row, "aspectRatios"),
        _choice(row, "resolutions"),
        _choice(row, "sizes"),
        tuple(row.get("formats", ())),
        tuple(row.get("qualities", ())),
        tuple(row.get("backgrounds", ())),
        inputs.get("images", 0),
        tuple(inputs.get("from", ())),
        tuple(section.get("providerOptions", {}).items()),
        tuple(row.get("unsent", ())),
        _constraints(row),
    )


def music(provider: str, model: str, mode: str, tables: Tables | None = None) -> MusicMode | None:
    """What a mode of a music model takes, or None; ``mode`` is generate or edit."""
    section = _find(provider, "music", tables)
    row = None if section is None else _row(section, model, mode)
    if row is None:
        return None
    return MusicMode(
        mode,
        row.get("outputs", 1),
        row.get("lyrics", False),
        row.get("instrumental", False),
        row.get("duration", False),
        tuple(row.get("formats", ())),
        row["inputs"].get("images", 0),
    )


def speech(provider: str, tables: Tables | None = None) -> Speech | None:
    """The speech of a provider, by id or alias, or None when it has none (TTS-11, TTS-30)."""
    section = _find(provider, "speech", tables)
    if section is None:
        return None
    return Speech(
        section.get("order"),
        section.get("keyless", False),
        section.get("default"),
        section.get("modelKey", "model"),
        tuple(section.get("models", ())),
        section.get("defaultVoice"),
        section.get("voiceKey", "voice"),
        tuple(section.get("voices", ())),
        tuple(section.get("formats", ())),
        section.get("defaultFormat"),
        tuple(section.get("voiceNoteFormats", ())),
        section.get("telephony", False),
        tuple((name, low, high) for name, (low, high) in section.get("ranges", {}).items()),
    )


def _choice(row: Mapping[str, Any], key: str) -> Choice:
    value = row.get(key)
    if value is None:
        return None
    return () if value == "any" else tuple(value)


def _constraints(row: Mapping[str, Any]) -> tuple[Constraint, ...]:
    return tuple(_constraint(item) for item in row.get("constraints", ()))


def _constraint(item: Mapping[str, Any]) -> Constraint:
    def texts(key: str) -> tuple[str, ...] | None:
        return tuple(item[key]) if key in item else None

    return Constraint(
        tuple((name, tuple(values)) for name, values in item["when"].items()),
        item["why"],
        item.get("refused", False),
        tuple(item["durations"]) if "durations" in item else None,
        item.get("minDuration"),
        item.get("maxDuration"),
        texts("aspectRatios"),
        texts("resolutions"),
        texts("sizes"),
        item.get("maxImages"),
        item.get("model"),
    )


# --- chat -------------------------------------------------------------------------------------


def chat_model(provider: str, model: str, tables: Tables | None = None) -> ChatModel | None:
    """A chat model of the built-in list, by the id that goes upstream (MODEL-02), or None."""
    return _chat_entry(provider, model, "models", tables)


def plugin_chat_model(provider: str, model: str, tables: Tables | None = None) -> ChatModel | None:
    """The plugin's own entry for a chat model, which counts only in a generated list (CHAT-50)."""
    return _chat_entry(provider, model, "pluginModels", tables)


def unlisted_chat_model(
    provider: str, model: str, tables: Tables | None = None
) -> ChatModel | None:
    """What OpenClaw assumes of a chat model that it does not know (CHAT-51).

    None when that is not recorded for the provider.
    """
    section = _find(provider, "chat", tables)
    if section is None or "unlisted" not in section:
        return None
    return _chat(model, section["unlisted"])


def reasoning_forced_off(provider: str, model: str, tables: Tables | None = None) -> bool:
    """Whether OpenClaw switches a model's reasoning off, whatever its entry says (CHAT-21)."""
    section = _find(provider, "chat", tables)
    rule = None if section is None else section.get("reasoningOff")
    if rule is None:
        return False
    name = model.strip().lower()
    return name in rule.get("ids", ()) or name.startswith(tuple(rule.get("prefixes", ())))


def cache_ttl_eligible(provider: str, model: str, tables: Tables | None = None) -> bool:
    """Whether ``contextPruning.mode: "cache-ttl"`` works for a model (CHAT-42)."""
    section = _find(provider, "chat", tables)
    prefixes = () if section is None else section.get("cacheTtlPrefixes", ())
    return model.startswith(tuple(prefixes))


def _chat_entry(provider: str, model: str, group: str, tables: Tables | None) -> ChatModel | None:
    section = _find(provider, "chat", tables)
    row = None if section is None else section.get(group, {}).get(model)
    return None if row is None else _chat(model, row)


def _chat(model: str, row: Mapping[str, Any]) -> ChatModel:
    cost = row.get("cost")
    return ChatModel(
        model,
        row.get("name", model),
        row["contextWindow"],
        row["maxTokens"],
        row.get("reasoning", False),
        tuple(row.get("input", ("text",))),
        None
        if cost is None
        else Cost(
            cost["input"], cost["output"], cost.get("cacheRead", 0), cost.get("cacheWrite", 0)
        ),
        tuple(row.get("compat", ())),
    )
