"""What the built-in tables say: VID-01, VID-06, IMG-01, IMG-05, TTS-11, CHAT-50, CHAT-51."""

from __future__ import annotations

import pytest

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import REFUSED, SENT, UNKNOWN
from tests.support import modes_of

VEO = ("openrouter", "google/veo-3.1-fast")
RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")


@pytest.mark.parametrize("model", ["google/veo-3.1-fast", "bytedance/seedance-1.5-pro", "auto"])
def test_openrouter_video_is_the_same_for_every_id(model: str) -> None:
    # VID-01
    generate = lookup.mode("openrouter", "video", model, "generate")
    assert generate is not None
    assert generate.durations == (4, 6, 8)
    assert generate.resolutions == ("720P", "1080P")
    assert generate.aspect_ratios == ("16:9", "9:16")
    assert generate.sizes == ()  # any
    assert (generate.audio, generate.watermark, generate.outputs) == (True, False, 1)
    assert (generate.max_images, generate.max_videos, generate.max_audios) == (0, 0, 0)
    assert generate.provider_options == (("callback_url", "string"), ("seed", "number"))
    from_image = lookup.mode("openrouter", "video", model, "imageToVideo")
    assert from_image == generate._replace(max_images=4)
    assert lookup.mode("openrouter", "video", model, "videoToVideo") is None  # VID-06
    assert modes_of("openrouter", "video", model) == ("generate", "imageToVideo")


def test_openrouter_lists_one_video_model() -> None:
    # VID-01
    assert lookup.models("openrouter", "video") == ("google/veo-3.1-fast",)
    assert lookup.default_model("openrouter", "video") == "google/veo-3.1-fast"
    assert lookup.listed("openrouter", "video", "google/veo-3.1-fast")
    assert not lookup.listed("openrouter", "video", "google/veo-3.1")
    assert lookup.unlisted("openrouter", "video") == SENT


@pytest.mark.parametrize(
    ("model", "unsent"),
    [
        ("google/gemini-3-pro-image-preview", ()),
        ("google/gemini-of-next-year", ()),
        ("openai/gpt-5.4-image-2", ("aspectRatio", "resolution")),
        ("Google/gemini-3-pro-image-preview", ("aspectRatio", "resolution")),
        ("google/gemini", ("aspectRatio", "resolution")),
    ],
)
@pytest.mark.parametrize(("mode", "images"), [("generate", 0), ("edit", 5)])
def test_openrouter_images(model: str, unsent: tuple[str, ...], mode: str, images: int) -> None:
    # IMG-01; IMG-05: only ids that start with exactly google/gemini- get the geometry
    found = lookup.mode("openrouter", "image", model, mode)
    assert found is not None
    assert found.aspect_ratios == RATIOS
    assert found.resolutions == ("1K", "2K", "4K")
    assert found.sizes is None
    assert (found.outputs, found.max_images) == (4, images)
    assert found.unsent == unsent
    assert (found.formats, found.qualities, found.backgrounds) == ((), (), ())  # IMG-15


def test_a_prefix_row_is_no_model() -> None:
    assert "google/gemini-*" not in lookup.models("openrouter", "image")
    assert not lookup.listed("openrouter", "image", "google/gemini-*")


def test_openrouter_speech() -> None:
    # TTS-11, TTS-21, TTS-22, TTS-30
    speech = lookup.speech("openrouter")
    assert speech is not None
    assert (speech.default_model, speech.default_voice) == ("hexgrad/kokoro-82m", "af_alloy")
    assert (speech.formats, speech.default_format) == (("mp3", "pcm"), "mp3")
    assert speech.voice_note_formats == ("mp3",)
    assert (speech.order, speech.keyless, speech.telephony) == (35, False, False)
    assert lookup.unlisted("openrouter", "speech") == SENT


@pytest.mark.parametrize(
    ("surface", "alias", "owner"),
    [
        ("speech", "edge", "microsoft"),
        ("video", "openai-codex", "openai"),
        ("image", " OpenAI ", "openai"),
    ],
)
def test_a_surface_knows_its_own_aliases(surface: str, alias: str, owner: str) -> None:
    # MODEL-30, TTS-30
    assert lookup.section(alias, surface)
    assert lookup.default_model(alias, surface) == lookup.default_model(owner, surface)


def test_chat_aliases_are_not_media_aliases() -> None:
    # MODEL-30: chat reads z.ai as zai; media read no alias of chat's
    assert not lookup.section("openai-codex", "speech")


# --- inheritance of rows ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "modes"),
    [
        ("runway/gen4.5", ("generate", "imageToVideo")),
        ("runway/gen4_aleph", ("videoToVideo",)),
        ("runway/gen5", ()),  # runway refuses ids that it does not list
        ("vydra/veo3", ("generate",)),
        ("vydra/kling", ("imageToVideo",)),
        ("vydra/other", ("generate",)),
        ("fal/fal-ai/minimax/video-01-live", ("generate", "imageToVideo")),
        (
            "fal/bytedance/seedance-2.0/reference-to-video",
            ("generate", "imageToVideo", "videoToVideo"),
        ),
        ("byteplus/seedance-1-0-pro-250528", ("generate", "imageToVideo")),
        ("google/veo-2.0-generate-001", ("generate", "imageToVideo", "videoToVideo")),
        ("elevenlabs/eleven_v3", ()),
    ],
)
def test_modes(ref: str, modes: tuple[str, ...]) -> None:
    provider, _, model = ref.partition("/")
    assert modes_of(provider, "video", model) == modes


@pytest.mark.parametrize(
    ("ref", "mode", "durations", "longest"),
    [
        ("minimax/MiniMax-Hailuo-2.3", "generate", (6, 10), 10),
        ("minimax/MiniMax-Hailuo-2.3-Fast", "generate", (), 10),
        ("fal/bytedance/seedance-2.0/text-to-video", "generate", tuple(range(4, 16)), None),
        ("fal/bytedance/seedance-3.0/text-to-video", "generate", (), None),
        ("openai/sora-2", "videoToVideo", (4, 8, 12), None),
        ("deepinfra/google/veo-3.0-fast", "generate", (5, 8), None),
        ("together/minimax/Hailuo-02", "imageToVideo", (), 12),
    ],
)
def test_durations(ref: str, mode: str, durations: tuple[int, ...], longest: int | None) -> None:
    provider, _, model = ref.partition("/")
    found = lookup.mode(provider, "video", model, mode)
    assert found is not None
    assert (found.durations, found.max_duration) == (durations, longest)


def test_the_nearest_row_wins() -> None:
    # surface row, then the longest prefix, then the exact id
    reference = lookup.mode(
        "fal", "video", "bytedance/seedance-2.0/reference-to-video", "imageToVideo"
    )
    assert reference is not None
    assert (reference.max_images, reference.max_audios, reference.max_inputs) == (9, 3, 12)
    assert reference.unsent == ()
    assert reference.aspect_ratios == ()
    plain = lookup.mode("fal", "video", "fal-ai/wan/v2.2-a14b/image-to-video", "imageToVideo")
    assert plain is not None
    assert (plain.max_images, plain.unsent) == (1, ("audio",))


def test_image_rows_of_one_model() -> None:
    small = lookup.mode("openai", "image", "gpt-image-1", "generate")
    large = lookup.mode("openai", "image", "gpt-image-1.5", "generate")
    assert small is not None
    assert large is not None
    assert small.sizes == ("1024x1024", "1536x1024", "1024x1536")
    assert large.sizes is not None
    assert set(small.sizes) < set(large.sizes)
    assert lookup.mode("vydra", "image", "grok-imagine", "edit") is None


def test_music() -> None:
    clip = lookup.mode("google", "music", "lyria-3-clip-preview", "edit")
    assert clip is not None
    assert (clip.lyrics, clip.instrumental, clip.duration) == (True, True, False)
    assert (clip.formats, clip.max_images) == (("mp3",), 10)
    assert lookup.mode("minimax", "music", "music-2.6", "edit") is None


def test_what_is_not_there() -> None:
    assert lookup.mode("nobody", "video", "x", "generate") is None
    assert lookup.mode("runway", "image", "gen4.5", "generate") is None
    assert lookup.mode("openrouter", "music", "x", "generate") is None
    assert lookup.speech("runway") is None
    assert lookup.default_model("nobody", "video") is None
    assert lookup.models("nobody", "video") == ()
    assert modes_of("nobody", "video", "x") == ()
    assert lookup.unlisted("nobody", "video") == UNKNOWN
    assert lookup.unlisted("google", "video") == UNKNOWN
    assert lookup.unlisted("runway", "video") == REFUSED


# --- chat -------------------------------------------------------------------------------------


def test_the_built_in_list_decides() -> None:
    # CHAT-50
    auto = lookup.chat_model("openrouter", "openrouter/auto")
    assert auto is not None
    assert (auto.context_window, auto.max_tokens, auto.reasoning) == (2_000_000, 4096, True)
    assert auto.cost is None  # negative upstream: not known beforehand
    bare = lookup.chat_model("openrouter", "auto")
    assert bare is not None
    assert (bare.max_tokens, bare.cost) == (
        30_000,
        {"input": 0, "output": 0},
    )
    kimi = lookup.chat_model("openrouter", "moonshotai/kimi-k2.6")
    assert kimi is not None
    assert (kimi.context_window, kimi.max_tokens) == (256_000, 65_536)
    assert kimi.cost == {"input": 0.7448, "output": 4.655, "cacheRead": 0.1463}
    assert kimi.input == ("text", "image")


def test_an_unlisted_chat_model() -> None:
    # CHAT-51
    assert lookup.chat_model("openrouter", "foo/bar") is None
    assumed = lookup.unlisted_chat_model("openrouter", "foo/bar")
    assert assumed is not None
    assert (assumed.id, assumed.name) == ("foo/bar", "foo/bar")
    assert (assumed.context_window, assumed.max_tokens) == (200_000, 8192)
    assert (assumed.reasoning, assumed.input) == (False, ("text",))
    assert assumed.cost == {"input": 0, "output": 0}
    assert lookup.unlisted_chat_model("openai", "foo") is None


@pytest.mark.parametrize(
    ("model", "off"),
    [
        ("openrouter/hunter-alpha", True),
        ("OpenRouter/Hunter-Alpha:free", True),
        ("openrouter/hunter-alpha-2", False),
        ("openrouter/auto", False),
        ("x-ai/grok-4", False),
    ],
)
def test_reasoning_that_is_forced_off(model: str, off: bool) -> None:
    # CHAT-21
    assert lookup.reasoning_forced_off("openrouter", model) is off


def test_every_chat_model_is_sound() -> None:
    for model in lookup.models("openrouter", "chat"):
        found = lookup.chat_model("openrouter", model)
        assert found is not None
        assert found.context_window > 0
        assert found.max_tokens > 0
        assert found.cost is None or min(found.cost.values()) >= 0
        assert found.input[0] == "text"


# --- a user's tables over the built-in ones -----------------------------------------------------

MINE = {
    "openrouter": {
        "target": "2026.4.29",
        "video": {
            "default": "acme/clip",
            "modes": {},
            "models": {"acme/clip": {"modes": {"generate": {"durations": [5]}}}},
        },
        "chat": {"models": {"acme/talk": {"contextWindow": 10, "maxTokens": 5}}},
    },
    "acme": {
        "target": "2026.4.29",
        "video": {"default": "a", "modes": {"generate": {}}, "models": {"a": {}}},
    },
}


def test_an_overlay_adds_and_wins() -> None:
    both = lookup.overlay(lookup.built_in(), MINE)
    clip = lookup.mode("openrouter", "video", "acme/clip", "generate", both)
    assert clip is not None
    assert clip.durations == (5,)
    assert clip.resolutions == ("720P", "1080P")  # inherited from the built-in surface
    assert lookup.default_model("openrouter", "video", both) == "acme/clip"
    provider, model = VEO
    veo = lookup.mode(provider, "video", model, "generate")
    assert lookup.mode(provider, "video", model, "generate", both) == veo
    assert lookup.chat_model("openrouter", "acme/talk", both) is not None
    assert lookup.chat_model("openrouter", "openrouter/auto", both) is not None
    assert lookup.unlisted_chat_model("openrouter", "x/y", both) is not None
    assert lookup.mode("openrouter", "image", "x", "generate", both) is not None
    assert lookup.listed("acme", "video", "a", both)


def test_an_overlay_leaves_the_built_in_tables_alone() -> None:
    lookup.overlay(lookup.built_in(), MINE)
    assert not lookup.section("acme", "video")
    assert not lookup.listed("openrouter", "video", "acme/clip")
