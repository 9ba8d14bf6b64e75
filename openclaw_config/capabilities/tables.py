"""The typed form of a capability table: what a YAML file of ``schema/capabilities/`` may say.

Imported only when tables are built or a user supplies one: pydantic alone costs several times a
bare interpreter's start. Look-ups read the prebuilt JSON instead (``capabilities.lookup``), which
holds the same keys.

A row inherits: what stands under a surface's ``modes`` holds for every model id; a key of
``models`` that ends in ``*`` refines it for ids with that prefix; an exact id refines both.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

VIDEO_MODES = ("generate", "imageToVideo", "videoToVideo")
IMAGE_MODES = ("generate", "edit")

# A key that may be left out, but not be empty: what is absent never reaches the prebuilt form.
ABSENT: Any = Field(default=None)

Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


def _unique(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "a value stands here twice")
    return values


def _any_or_texts(value: object, _: object) -> object:
    if value == "any":
        return value
    if not (isinstance(value, list) and value and all(isinstance(v, str) and v for v in value)):
        raise PydanticCustomError("choices", 'expected a list of texts, or "any"')
    return _unique(value)


def _any_or_ratios(value: object, handler: object) -> object:
    value = _any_or_texts(value, handler)
    return value if value == "any" else [_ratio(item) for item in value]  # type: ignore[attr-defined]


def _ratio(value: str) -> str:
    width, colon, height = value.partition(":")
    if not (colon and _is_positive(width) and _is_positive(height)):
        raise PydanticCustomError("ratio", 'expected ratios such as "16:9"')
    return value


def _is_positive(text: str) -> bool:
    whole, _, part = text.partition(".")
    return (whole + part).isdecimal() and (whole + part).strip("0") != "" and whole != ""


def _texts_or_switches(value: object, _: object) -> object:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str | bool) for item in values):
        raise PydanticCustomError("condition", "expected texts, true or false")
    return values


Texts = Annotated[list[Text], AfterValidator(_unique)]
# Each of these unions is checked by one function, so that a misfit gives one message and not one
# for every branch; the annotation is what the JSON Schema is made from.
Choices = Annotated[Literal["any"] | list[Text], WrapValidator(_any_or_texts)]
Ratios = Annotated[Literal["any"] | list[Text], WrapValidator(_any_or_ratios)]
Condition = Annotated[str | bool | list[str | bool], WrapValidator(_texts_or_switches)]
Ratio = Annotated[str, AfterValidator(_ratio)]
Durations = Annotated[list[Seconds], Field(min_length=1), AfterValidator(_unique)]

Parameter = Literal[
    "aspectRatio",
    "audio",
    "background",
    "durationSeconds",
    "imageRole",
    "inputAudios",
    "inputImages",
    "inputVideos",
    "outputFormat",
    "quality",
    "resolution",
    "size",
    "watermark",
]
OptionType = Literal["string", "number", "boolean"]


class Row(BaseModel):
    """What all parts of a table share: closed, strict, keys in camelCase."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, populate_by_name=False
    )


class Inputs(Row):
    """How many inputs a mode takes, and from where.

    ``from`` lists ``url`` and ``file`` when only one of them works; absent, both do.
    """

    images: Count = 0
    videos: Count = 0
    audios: Count = 0
    total: Annotated[Count, Field(description="The most inputs of all kinds together.")] = ABSENT
    sources: Annotated[
        list[Literal["url", "file"]], Field(alias="from", min_length=1, max_length=1)
    ] = ABSENT


class Constraint(Row):
    """A rule between parameters: when all of ``when`` holds, the rest does.

    A condition is a parameter and the values for which it holds, or ``given`` for any value. Of
    several images one with such a role is enough; an image without a role has the role ``unset``.
    """

    when: Annotated[
        dict[Parameter, Condition],
        Field(min_length=1),
    ]
    refused: bool = False
    durations: Durations = ABSENT
    min_duration: Seconds = ABSENT
    max_duration: Seconds = ABSENT
    aspect_ratios: list[Ratio] = ABSENT
    resolutions: Texts = ABSENT
    sizes: Texts = ABSENT
    max_images: Count = ABSENT
    model: Annotated[Text, Field(description="The id that is sent instead.")] = ABSENT
    why: Text

    @model_validator(mode="after")
    def _says_something(self) -> Constraint:
        said = self.model_fields_set - {"when", "why"}
        if not said:
            raise PydanticCustomError("effect", "the constraint says when, but not what then holds")
        return self


class Mode(Row):
    """What every mode of image, video and music has."""

    outputs: Annotated[int, Field(ge=1, description="The most results of one request.")] = ABSENT
    inputs: Inputs = ABSENT
    unsent: Annotated[
        list[Parameter],
        Field(description="Parameters that OpenClaw accepts and then leaves out in silence."),
    ] = ABSENT
    constraints: list[Constraint] = ABSENT


def _ordered(low: int | None, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        raise PydanticCustomError("bounds", "the shortest duration is above the longest")


class VideoMode(Mode):
    """One mode of video. A key that is absent means: the parameter is not supported."""

    durations: Annotated[Durations, Field(description="Seconds.")] = ABSENT
    min_duration: Seconds = ABSENT
    max_duration: Seconds = ABSENT
    default_duration: Seconds = ABSENT
    aspect_ratios: Ratios = ABSENT
    resolutions: Choices = ABSENT
    sizes: Choices = ABSENT
    audio: Annotated[bool, Field(description="Audio can be switched on and off.")] = False
    watermark: Annotated[bool, Field(description="A watermark can be switched on and off.")] = False

    @model_validator(mode="after")
    def _bounds_in_order(self) -> VideoMode:
        _ordered(self.min_duration, self.max_duration)
        return self


class ImageMode(Mode):
    """One mode of image generation. A key that is absent means: not supported."""

    aspect_ratios: Ratios = ABSENT
    resolutions: Choices = ABSENT
    sizes: Choices = ABSENT
    formats: Texts = ABSENT
    qualities: Texts = ABSENT
    backgrounds: Texts = ABSENT


class MusicMode(Mode):
    """One mode of music generation."""

    lyrics: bool = False
    instrumental: bool = False
    duration: bool = False
    formats: Texts = ABSENT


class VideoModes(Row):
    """The modes of video."""

    generate: VideoMode = ABSENT
    image_to_video: VideoMode = ABSENT
    video_to_video: VideoMode = ABSENT


class ImageModes(Row):
    """The modes of image generation."""

    generate: ImageMode = ABSENT
    edit: ImageMode = ABSENT


class MusicModes(Row):
    """The modes of music generation."""

    generate: MusicMode = ABSENT
    edit: MusicMode = ABSENT


class VideoModel(Row):
    """A video model: what differs from the surface's own modes."""

    only: Annotated[
        list[Literal["generate", "imageToVideo", "videoToVideo"]], Field(min_length=1)
    ] = ABSENT
    modes: VideoModes = ABSENT


class ImageModel(Row):
    """An image model: what differs from the surface's own modes."""

    only: Annotated[list[Literal["generate", "edit"]], Field(min_length=1)] = ABSENT
    modes: ImageModes = ABSENT


class MusicModel(Row):
    """A music model: what differs from the surface's own modes."""

    only: Annotated[list[Literal["generate", "edit"]], Field(min_length=1)] = ABSENT
    modes: MusicModes = ABSENT


class Surface(Row):
    """What image, video and music share.

    ``unlisted`` says what becomes of an id that ``models`` does not name: ``sent`` as it stands,
    ``refused``, or not known (absent).
    """

    aliases: Texts = ABSENT
    default: Text
    unlisted: Literal["sent", "refused"] = ABSENT
    provider_options: dict[Text, OptionType] = ABSENT


class VideoSurface(Surface):
    """Video of one provider."""

    modes: VideoModes
    models: dict[Text, VideoModel]


class ImageSurface(Surface):
    """Image generation of one provider."""

    modes: ImageModes
    models: dict[Text, ImageModel]


class MusicSurface(Surface):
    """Music generation of one provider."""

    modes: MusicModes
    models: dict[Text, MusicModel]


def _low_then_high(value: list[float]) -> list[float]:
    if value[0] > value[1]:
        raise PydanticCustomError("bounds", "the lowest value is above the highest")
    return value


Range = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_low_then_high)]


class SpeechSurface(Row):
    """Speech of one provider. ``order`` is its place when OpenClaw picks one by itself."""

    aliases: Texts = ABSENT
    order: int = ABSENT
    keyless: bool = False
    default: Text = ABSENT
    model_key: Annotated[Text, Field(description="The config key, when not model.")] = ABSENT
    unlisted: Literal["sent", "refused"] = ABSENT
    default_voice: Text = ABSENT
    voice_key: Annotated[Text, Field(description="The config key, when not voice.")] = ABSENT
    formats: Texts = ABSENT
    default_format: Text = ABSENT
    voice_note_formats: Texts = ABSENT
    telephony: bool = False
    ranges: Annotated[
        dict[Text, Range], Field(description="Settings: lowest and highest value.")
    ] = ABSENT
    models: Texts = ABSENT
    voices: Texts = ABSENT


class Cost(Row):
    """US dollars per million tokens."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    cache_read: Annotated[float, Field(ge=0)] = 0
    cache_write: Annotated[float, Field(ge=0)] = 0


class ChatModel(Row):
    """A chat model. ``cost`` is absent where it is not known beforehand."""

    name: Text = ABSENT
    context_window: Annotated[int, Field(ge=1)]
    max_tokens: Annotated[int, Field(ge=1)]
    reasoning: bool = False
    input: list[Literal["text", "image", "video", "audio"]] = ["text"]
    cost: Cost = ABSENT
    compat: list[Text] = ABSENT


class ReasoningOff(Row):
    """Ids whose reasoning OpenClaw forces off, whatever the catalogue says; any case."""

    ids: list[Text] = []
    prefixes: list[Text] = []


class ChatSurface(Row):
    """Chat models of one provider.

    ``unlisted`` is what OpenClaw assumes of an id that is not here. ``plugin_models`` are the
    entries of the provider's own plugin, which count only where a generated model list holds them.
    """

    models: dict[Text, ChatModel]
    unlisted: ChatModel = ABSENT
    plugin_models: dict[Text, ChatModel] = ABSENT
    reasoning_off: ReasoningOff = ABSENT
    cache_ttl_prefixes: list[Text] = ABSENT


class ProviderTable(Row):
    """One file: everything that a provider can do, as of one version of OpenClaw."""

    target: Text
    provider: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    label: Text = ABSENT
    video: VideoSurface = ABSENT
    image: ImageSurface = ABSENT
    music: MusicSurface = ABSENT
    speech: SpeechSurface = ABSENT
    chat: ChatSurface = ABSENT


def compact(table: ProviderTable) -> dict[str, Any]:
    """The table as plain data with its own keys, and none that says nothing."""
    data: dict[str, Any] = table.model_dump(by_alias=True, exclude_unset=True)
    del data["provider"]
    return data


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one table file."""
    schema = ProviderTable.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Capability table",
        **_without_titles(schema),
    }


def _without_titles(value: Any, named: bool = False) -> Any:
    """Drop the titles that pydantic makes of every name, and the defaults of absent keys.

    ``named`` says that the keys of the value are names of properties, not keywords.
    """
    if isinstance(value, dict):
        return {
            key: _without_titles(item, named=key in ("properties", "$defs") and not named)
            for key, item in value.items()
            if named or not (key == "title" or (key == "default" and item is None))
        }
    if isinstance(value, list):
        return [_without_titles(item) for item in value]
    return value
