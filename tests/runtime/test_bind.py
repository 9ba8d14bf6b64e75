"""Binding a call: its arguments, what they are fitted to, and what becomes of it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.plan.json_form import loads
from openclaw_config.runtime.arguments import Change, Normalization
from openclaw_config.runtime.bind import TOOL, bind
from openclaw_config.runtime.errors import CallError, UnusableError
from openclaw_config.runtime.inputs import Input
from tests.runtime.calls import (
    CONFIG,
    DIRECT,
    GPT_IMAGE,
    PLANS,
    VEO,
    body,
    image,
    music,
    music_plan,
    surface,
    video,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + (1600).to_bytes(4, "big") + (900).to_bytes(4, "big")


# --- names and types --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "field", "value"),
    [
        ({"durationSeconds": 4}, "duration", 4),
        ({"duration_seconds": 4}, "duration", 4),
        ({"duration_seconds": 8, "durationSeconds": 4}, "duration", 4),  # its own name wins
        ({"durationSeconds": "8"}, "duration", 8),  # VID-13
        ({"durationSeconds": "0x6"}, "duration", 6),  # SL-51
        ({"durationSeconds": "0b100"}, "duration", 4),
        ({"durationSeconds": 5.9}, "duration", 6),  # cut to 5, nearest 6: VID-13, VID-30
        ({"aspect_ratio": " 9:16 "}, "aspect_ratio", "9:16"),
        ({"resolution": "1080p"}, "resolution", "1080p"),  # VID-12, VID-04
        ({"audio": "TRUE"}, "generate_audio", True),  # VID-15
        ({"audio": False}, "generate_audio", False),
        ({"size": " 1280x720 "}, "size", "1280x720"),
        ({"providerOptions": {"seed": 42.9}}, "seed", 42),  # VID-04
        ({"prompt": "  spaced  "}, "prompt", "spaced"),  # VID-10
    ],
)
def test_arguments_reach_the_body(call: dict[str, Any], field: str, value: Any) -> None:
    assert body(video(**call))[field] == value


@pytest.mark.parametrize(
    ("call", "argument", "message"),
    [
        ({"prompt": " "}, "prompt", "prompt required"),
        ({"prompt": None}, "prompt", "prompt required"),
        ({"prompt": 7}, "prompt", "must be a text"),
        ({"aspectRatio": "16x9"}, "aspectRatio", "must be one of 1:1, "),  # VID-11
        ({"resolution": "1K"}, "resolution", "480P, 720P, 768P, or 1080P"),  # VID-12
        ({"timeoutMs": 0}, "timeoutMs", "positive integer"),  # VID-14
        ({"timeoutMs": -5.5}, "timeoutMs", "positive integer"),
        ({"providerOptions": ["seed"]}, "providerOptions", "JSON object"),  # VID-1A
        ({"providerOptions": {"seed": "x"}}, "providerOptions", "to be a number"),  # VID-21
        ({"providerOptions": {"seed": math.inf}}, "providerOptions", "to be a number"),
        ({"providerOptions": {"draft": True}}, "providerOptions", "does not take"),
        ({"images": [f"https://a/{n}" for n in range(10)]}, "images", "10 provided"),  # VID-16
        ({"images": [f"https://a/{n}" for n in range(5)]}, "images", "at most 4"),  # VID-19
        ({"image": "https://a/1", "imageRoles": ["a", "b"]}, "imageRoles", "2 roles for 1"),
        ({"imageRoles": "first_frame"}, "imageRoles", "list"),  # VID-17
        ({"images": ["ftp://a/1"]}, "images", "must be a file of this machine"),  # VID-18
        ({"images": ["data:text/plain;base64,AAAA"]}, "images", "only images"),
        ({"images": ["data:image/png,raw"]}, "images", "only in base64"),
        ({"images": ["data:image/png;base64,###"]}, "images", "not base64"),
        ({"images": ["/no/such/file.png"]}, "images", "cannot be read"),
        ({"images": [{"href": "https://a"}]}, "images", "'href' is unknown"),
        ({"images": [7]}, "images", "must be URLs"),
        ({"videos": ["data:video/mp4;base64,AAAA"]}, "videos", "only images"),
        ({"videos": ["https://a/v.mp4"]}, "videos", "does not take videos"),  # VID-06
        ({"audioRef": "https://a/a.mp3"}, "audios", "does not take audios"),  # VID-20
        ({"images": [{}]}, "images", "URL or bytes"),  # VID-05
        ({"durationSecs": 5}, "durationSecs", "there is no argument durationSecs"),
        ({"model": "openrouter/not/compiled"}, "model", "not compiled for"),
        ({"action": "make"}, "action", "generate"),  # VID-10
    ],
)
def test_a_call_that_cannot_succeed_is_refused(
    call: dict[str, Any], argument: str, message: str
) -> None:
    with pytest.raises(CallError) as caught:
        video(**call)
    assert caught.value.argument == argument
    assert message in caught.value.message


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(CallError) as caught:
        video(resolution="8K")
    assert caught.value.allowed == ("480P", "720P", "768P", "1080P")
    with pytest.raises(CallError) as caught:
        video(providerOptions={"draft": 1})
    assert caught.value.allowed == ("callback_url", "seed")


@pytest.mark.parametrize("value", ["maybe", 1, "yes"])
def test_what_openclaw_ignores_is_ignored_and_told(value: Any) -> None:
    bound = video(audio=value)
    assert "generate_audio" not in body(bound)
    assert bound.normalization.dropped == (
        Change("audio", value, None, "neither true nor false", silent=True),
    )


@pytest.mark.parametrize("text", ["0x" + "f" * 900, "0x" + "f" * 2000, "1e999", "six"])
def test_a_text_that_is_no_finite_number_counts_as_not_given(text: str) -> None:
    bound = video(durationSeconds=text)
    assert "duration" not in body(bound)
    assert [one.why for one in bound.normalization.dropped] == ["not a number"]


def test_a_text_of_another_type_counts_as_not_given() -> None:
    bound = video(resolution=720)
    assert "resolution" not in body(bound)
    assert bound.normalization.dropped == (Change("resolution", 720, None, "no text", silent=True),)
    with pytest.raises(CallError):
        video(DIRECT, resolution=720)


@pytest.mark.parametrize(
    ("word", "effort"),
    [("off", "none"), ("MIN", "minimal"), (" on ", "low"), ("harder", "medium"), ("ultra", "high")],
)
def test_words_for_thinking(word: str, effort: str) -> None:
    call = {"messages": [{"role": "user", "content": "Hi"}], "thinking": word}
    assert body(bind(PLANS["chat"], call))["reasoning"] == {"effort": effort}  # MODEL-50
    with pytest.raises(CallError):
        bind(PLANS["chat"], {**call, "thinking": "adaptive"})


def test_the_direct_entry_skips_the_checks() -> None:
    bound = video(DIRECT, aspectRatio="2:1", resolution="weird", prompt=" as it is ")
    assert body(bound)["aspect_ratio"] == "16:9"
    assert body(bound)["prompt"] == " as it is "
    assert "resolution" not in body(bound)


def test_a_text_may_not_be_too_long_by_either_entry() -> None:
    """TTS-24 counts UTF-16 code units: a lobster is two."""
    for entry in ("tool", "direct"):
        bind(PLANS["speech"], {"text": "🦞" * 2048}, entry=entry)
        with pytest.raises(CallError) as caught:
            bind(PLANS["speech"], {"text": "🦞" * 2048 + "x"}, entry=entry)
        assert caught.value.message == "Text too long (4097 chars, max 4096)"


# --- fitting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "applied"),
    [(1, 4), (4, 4), (5, 6), (6, 6), (7, 8), (8, 8), (9, 8), (100, 8), (4.5, 6), (0.2, 4), (-3, 4)],
)
def test_durations_go_to_the_nearest_ties_upward(seconds: float, applied: int) -> None:
    bound = video(DIRECT, durationSeconds=seconds)
    assert body(bound)["duration"] == applied  # VID-30
    told = [change.applied for change in bound.normalization.changes]
    assert told == ([applied] if applied != seconds else [])


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6))
def test_every_duration_becomes_one_that_the_model_makes(seconds: float) -> None:
    sent = body(video(DIRECT, durationSeconds=seconds))["duration"]
    assert sent in {4, 6, 8}
    rounded = max(1, math.floor(seconds + 0.5))
    assert all(abs(sent - rounded) <= abs(other - rounded) for other in (4, 6, 8))


@pytest.mark.parametrize("value", [math.nan, math.inf, "soon", [5]])
def test_what_is_no_duration_is_dropped_and_told(value: Any) -> None:
    bound = video(DIRECT, durationSeconds=value)
    assert "duration" not in body(bound)
    assert [drop.parameter for drop in bound.normalization.dropped] == ["durationSeconds"]


@pytest.mark.parametrize(
    ("ratio", "applied"),
    [
        ("16:9", "16:9"), ("21:9", "16:9"), ("3:2", "16:9"), ("4:3", "16:9"), ("5:4", "16:9"),
        ("9:16", "9:16"), ("2:3", "9:16"), ("3:4", "9:16"), ("4:5", "9:16"),
        ("1:1", "16:9"),  # an exact tie on both distances, decided by the text: VID-31
    ],
)  # fmt: skip
def test_aspect_ratios_of_video(ratio: str, applied: str) -> None:
    assert body(video(aspectRatio=ratio))["aspect_ratio"] == applied


def test_a_word_for_a_ratio_takes_that_of_the_size_or_goes() -> None:
    assert body(video(aspectRatio="adaptive", size="720x1280"))["aspect_ratio"] == "9:16"
    bound = video(aspectRatio="adaptive")
    assert "aspect_ratio" not in body(bound)
    assert bound.normalization.dropped[0].silent is False  # VID-31


@given(
    st.floats(0.01, 100).map(lambda x: round(x, 3)), st.floats(0.01, 100).map(lambda x: round(x, 3))
)
def test_ratios_of_images_are_the_closest_and_scale_free(width: float, height: float) -> None:
    once = body(image(DIRECT, aspectRatio=f"{width}:{height}"))["image_config"]["aspect_ratio"]
    wider = f"{round(width * 2, 6)}:{round(height * 2, 6)}"
    assert body(image(DIRECT, aspectRatio=wider))["image_config"]["aspect_ratio"] == once


@pytest.mark.parametrize(
    ("size", "ratio"),
    [
        ("1024x1024", "1:1"), ("1920x1080", "16:9"), ("1000x600", "16:9"), ("800x600", "4:3"),
        ("1536X1024", "3:2"),
    ],
)  # fmt: skip
def test_a_size_becomes_a_ratio_where_sizes_are_not_taken(size: str, ratio: str) -> None:
    bound = image(size=size)
    assert body(bound)["image_config"] == {"aspect_ratio": ratio}  # IMG-12
    assert bound.normalization.changes[0].derived_from == "size"


def test_a_ratio_that_is_asked_for_beats_the_size() -> None:
    assert body(image(size="1024x1536", aspectRatio="16:9"))["image_config"] == {
        "aspect_ratio": "16:9"
    }
    bad = image(DIRECT, size="2048x1000", aspectRatio="bad")
    assert body(bad)["image_config"] == {"aspect_ratio": "21:9"}


def test_what_openclaw_drops_in_silence_is_in_the_report() -> None:
    bound = video(resolution="480P")  # VID-33
    assert "resolution" not in body(bound)
    assert bound.normalization.dropped == (
        Change(
            "resolution", "480P", None, "it takes 720P or 1080P", ("720P", "1080P"), silent=True
        ),
    )
    plan = surface(
        "image", CONFIG.replace("openrouter/google/gemini-3-pro-image-preview", GPT_IMAGE)
    )
    other = bind(plan, {"prompt": "p", "aspectRatio": "16:9", "resolution": "2K"})  # IMG-05
    assert "image_config" not in body(other)
    assert {drop.parameter: drop.silent for drop in other.normalization.dropped} == {
        "aspectRatio": True,
        "resolution": True,
    }


def test_what_openclaw_tells_is_not_silent() -> None:
    bound = image(quality="high", outputFormat="PNG", background="auto")  # IMG-15
    dropped = bound.normalization.dropped
    assert [(drop.parameter, drop.requested, drop.silent) for drop in dropped] == [
        ("quality", "high", False), ("outputFormat", "png", False), ("background", "auto", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "sent"), [(1, 1), (4, 4), (9.7, 4), (0, 1), (-2, 1), (math.nan, 1), ("3", 1)]
)
def test_counts_of_images(count: Any, sent: int) -> None:
    assert body(image(DIRECT, count=count))["n"] == sent  # IMG-06


@pytest.mark.parametrize(
    ("count", "sent"),
    [("3", 3), ("3 images", 3), (" 2.9", 2), ("2e0 x", 2), ("0x3", None), ("x", 1)],
)
def test_a_tools_count_is_the_number_that_a_text_begins_with(count: str, sent: int | None) -> None:
    if sent is None:
        with pytest.raises(CallError, match="between 1 and 4"):
            image(count=count)
    else:
        assert body(image(count=count))["n"] == sent  # SL-51


@pytest.mark.parametrize("options", [
    {"background": "OPAQUE", "moderation": " auto ", "outputCompression": 55, "user": "u"},
    {"output_compression": "100 %"},
    {"background": None},
    {"something": "else"},
])  # fmt: skip
def test_options_for_openai_that_are_good_are_passed_over(options: dict[str, Any]) -> None:
    assert "openai" not in body(image(openai=options))  # IMG-16


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"background": "blue"}, "openai.background"),
        ({"moderation": "high"}, "openai.moderation"),
        ({"outputCompression": 101}, "openai.outputCompression"),
    ],
)
def test_options_for_openai_are_checked_by_the_tool(options: Any, argument: str) -> None:
    with pytest.raises(CallError, match="must be") as refused:
        image(openai=options)  # SL-51
    assert refused.value.argument == argument
    assert body(image(DIRECT, openai=options))


def test_more_inputs_than_a_model_takes_matter_to_the_tools_own_choice_only() -> None:
    many = [f"https://a/{number}" for number in range(6)]
    with pytest.raises(CallError, match="at most 4"):
        video(images=many)  # VID-19
    sent = body(video(DIRECT, images=many))  # SL-50
    assert len(sent["frame_images"]) + len(sent["input_references"]) == 6


def test_a_ratio_that_is_not_listed_stands_for_the_size_beside_it() -> None:
    found = image(DIRECT, size="1024x1536", aspectRatio="2:1").normalization.changes
    assert [(one.requested, one.applied, one.derived_from) for one in found] == [
        (None, "16:9", "size")
    ]  # SL-56


def test_a_data_url_with_a_parameter_is_no_input() -> None:
    with pytest.raises(CallError, match="base64"):
        video(image="data:image/png;charset=utf-8;base64,AAAA")  # SL-51


def test_the_report_reads_like_sentences() -> None:
    bound = video(durationSeconds=5, watermark=True)
    assert bound.normalization.lines() == [
        "durationSeconds: 5 -> 6 (it takes 4, 6, or 8)",
        "watermark: true is not sent (this model does not take it)",
    ]
    assert bound.normalization.changes == (
        Change("durationSeconds", 5, 6, "it takes 4, 6, or 8", (4, 6, 8)),
    )


def test_inputs_that_no_request_holds_are_reported() -> None:
    unsent = Change("videos", None, None, "no request to this model holds it", silent=True)
    inferred = Change("resolution", None, "4K", "taken from the input images")
    assert Normalization("a/b", "", (inferred,), (unsent,)).lines() == [
        "resolution: 4K (taken from the input images)",
        "videos: the value is not sent (no request to this model holds it;"
        " OpenClaw does not say so)",
    ]


def test_an_empty_file_is_a_file() -> None:
    content = body(image(image=b""))["messages"][0]["content"]
    assert content[1]["image_url"]["url"] == "data:image/png;base64,"


@pytest.mark.parametrize("seconds", [True, False, float("inf"), float("nan")])
def test_what_is_no_number_of_seconds_is_refused(seconds: Any) -> None:
    with pytest.raises(CallError, match="durationSeconds"):
        music(durationSeconds=seconds)


def test_a_model_of_which_nothing_is_known_is_not_asked() -> None:
    model = "deepinfra/black-forest-labs/FLUX-1-schnell"  # It has no row of 2026.9.6.
    config = f"{{ agents: {{ defaults: {{ mediaModels: {{ image: '{model}' }} }} }} }}"
    plan = surface("image", config, "2026.9.6")
    alone = plan._replace(candidates=plan.candidates[:1])
    with pytest.raises(UnusableError, match="nothing is known"):
        bind(alone, {"prompt": "p"}).requests  # noqa: B018


def test_nothing_is_reported_when_nothing_changes() -> None:
    assert video(durationSeconds=6, resolution="720P", timeoutMs=5000).normalization.lines() == []


# --- inputs -----------------------------------------------------------------------------------


def places(bound: Any) -> list[str]:
    sent = body(bound)
    frames = [f"{one['image_url']['url'][-1]}:{one['frame_type']}"
              for one in sent.get("frame_images", [])]  # fmt: skip
    return frames + [f"{one['image_url']['url'][-1]}:-" for one in sent.get("input_references", [])]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], ["1:first_frame", "2:last_frame", "3:-"]),
        (["last_frame"], ["1:last_frame", "2:first_frame", "3:-"]),
        (["first_frame", "first_frame"], ["1:first_frame", "3:last_frame", "2:-"]),
        (["reference_image", " last_frame "], ["2:last_frame", "3:first_frame", "1:-"]),
        (["style", "", None], ["1:first_frame", "2:last_frame", "3:-"]),
    ],
)
def test_images_are_shared_out_by_their_roles(roles: list[Any], expected: list[str]) -> None:
    urls = [f"https://a/{n}" for n in (1, 2, 3)]
    assert places(video(images=urls, imageRoles=roles)) == expected  # VID-05


@given(st.lists(st.sampled_from(["first_frame", "last_frame", "reference_image", ""]), max_size=4))
def test_no_image_is_lost_and_no_place_is_taken_twice(roles: list[str]) -> None:
    urls = [f"https://a/{n}" for n in range(len(roles))]
    bound = video(images=urls, imageRoles=roles)
    frames = body(bound).get("frame_images", [])
    kinds = [frame["frame_type"] for frame in frames]
    assert len(set(kinds)) == len(kinds)
    assert len(frames) + len(body(bound).get("input_references", [])) == len(roles)


def test_the_single_image_comes_first_and_repetitions_go() -> None:
    bound = video(images=["https://a/2", "@https://a/1", "https://a/3"], image="https://a/1")
    assert places(bound) == ["1:first_frame", "2:last_frame", "3:-"]  # VID-16


def test_images_may_be_bytes_data_urls_mappings_and_files(tmp_path: Any) -> None:
    file = tmp_path / "a.dat"
    file.write_bytes(PNG)
    start = "data:image/png;base64,iVBORw0KGgo"
    for given_as in (PNG, str(file), file.as_uri(), {"data": PNG}, Input(data=PNG, mime="")):
        url = body(video(image=given_as))["frame_images"][0]["image_url"]["url"]
        assert url.startswith(start)
    assert body(video(image="data:image/webp;base64,AAAA"))["frame_images"][0]["image_url"] == {
        "url": "data:image/webp;base64,AAAA"
    }


def test_files_are_read_by_the_reader_that_the_caller_gives() -> None:
    asked: list[str] = []

    def reader(path: str) -> bytes:
        asked.append(path)
        raise PermissionError(13, "Permission denied")

    with pytest.raises(CallError, match="Permission denied"):
        bind(PLANS["video"], {"prompt": "p", "image": "/etc/shadow"}, reader=reader)
    assert asked == ["/etc/shadow"]


@pytest.mark.parametrize(("call", "sent"), [({}, "2K"), ({"resolution": "4K"}, "4K")])
def test_the_resolution_follows_the_largest_input_image(call: dict[str, Any], sent: str) -> None:
    bound = image(image=PNG, **call)
    assert body(bound)["image_config"]["image_size"] == sent  # IMG-11
    assert "image_config" not in body(image(DIRECT, image=PNG))


def test_images_need_their_bytes_where_a_plan_fetches_none() -> None:
    plan = PLANS["image"]
    parameters = tuple(one._replace(checks=()) for one in plan.parameters)
    with pytest.raises(CallError, match="not URLs"):
        bind(plan._replace(parameters=parameters), {"prompt": "p", "image": "https://a/1.png"})


def test_an_input_shows_neither_its_url_nor_its_bytes() -> None:
    assert "secret" not in repr(Input(url="https://a/?signature=secret", data=b"secret"))


# --- candidates -------------------------------------------------------------------------------

TWO = CONFIG.replace(
    f'videoGenerationModel: "{VEO}"',
    f'videoGenerationModel: {{ primary: "nosuch/veo-3", fallbacks: ["{VEO}", "bad/x"] }}',
)


def test_a_candidate_that_cannot_be_used_is_passed_over() -> None:
    bound = bind(surface("video", TWO), {"prompt": "p"})
    assert bound.first.candidate.ref == VEO
    assert [candidate.ref for candidate in bound.candidates] == ["nosuch/veo-3", VEO, "bad/x"]


def test_without_fallback_only_the_first_counts() -> None:
    with pytest.raises(UnusableError) as caught:
        bind(surface("video", TWO), {"prompt": "p"}, fallback=False)
    assert caught.value.ref == "nosuch/veo-3"


def test_a_call_may_choose_among_the_candidates() -> None:
    bound = bind(surface("video", TWO), {"prompt": "p", "model": VEO})
    assert [candidate.ref for candidate in bound.candidates] == [VEO]
    # What is no ref at all is passed over: MODEL-31.
    assert len(bind(surface("video", TWO), {"prompt": "p", "model": "veo"}).candidates) == 3


def test_a_speech_provider_goes_first_and_the_others_follow() -> None:
    bound = bind(PLANS["speech"], {"text": "Hi", "provider": "openrouter"})
    assert bound.candidates[0].provider == "openrouter"
    assert len(bound.candidates) == len(PLANS["speech"].candidates)
    with pytest.raises(CallError) as caught:
        bind(PLANS["speech"], {"text": "Hi", "provider": "nobody"})
    assert "openrouter" in caught.value.allowed


def test_speech_provider_names_have_no_case() -> None:
    bound = bind(PLANS["speech"], {"text": "Hi", "provider": "OpenRouter"})
    assert bound.candidates[0].provider == "openrouter"  # TTS-30


def test_a_call_sets_the_speed_of_speech() -> None:
    assert "speed" not in body(bind(PLANS["speech"], {"text": "Hi"}))
    assert body(bind(PLANS["speech"], {"text": "Hi", "speed": 1.5}))["speed"] == 1.5  # TTS-43


def test_when_no_candidate_can_do_it_each_reason_is_told() -> None:
    with pytest.raises(CallError) as caught:
        bind(surface("video", TWO), {"prompt": "p", "providerOptions": {"seed": "x"}})
    assert caught.value.argument == "providerOptions"
    assert "nosuch/veo-3: " in caught.value.message


def test_a_surface_without_candidates_says_what_to_set() -> None:
    plan = surface("video", "{ agents: { defaults: { model: 'x/y' } } }")
    empty = plan._replace(candidates=(), problem="set a model")
    with pytest.raises(UnusableError, match="set a model"):
        bind(empty, {"prompt": "p"})


# --- laws -------------------------------------------------------------------------------------


def test_binding_changes_no_plan_and_is_repeatable() -> None:
    before = json.dumps(PLANS["video"].candidates[0].steps[0].body)
    first = video(durationSeconds=5, image="https://a/1").requests
    assert video(durationSeconds=5, image="https://a/1").requests == first
    assert json.dumps(PLANS["video"].candidates[0].steps[0].body) == before


def test_a_plan_that_was_written_down_binds_the_same() -> None:
    from openclaw_config.compiler.compile import compile_plan
    from openclaw_config.plan.json_form import dumps
    from tests.support import document

    plan = compile_plan(document(CONFIG, {}))
    again = loads(dumps(plan))
    for name, call in (
        ("video", {"prompt": "p", "durationSeconds": 5}),
        ("image", {"prompt": "p", "size": "1024x1024"}),
        ("speech", {"text": "Hi"}),
        ("chat", {"messages": [{"role": "user", "content": "Hi"}]}),
    ):
        left, right = (bind(getattr(one, name), call) for one in (plan, again))
        assert left.requests == right.requests
        assert left.normalization == right.normalization


def test_secrets_are_references_in_what_is_bound() -> None:
    bound = video()
    header = bound.requests[0].headers[0]
    assert (header.value, header.ref) == ("Bearer ", "env:OPENROUTER_API_KEY")
    assert "canary" not in repr(bound.requests)


def test_the_calls_own_time_limit_is_in_the_request() -> None:
    assert image(timeoutMs=5000).requests[0].timeout_ms == 5000  # IMG-20
    assert image().requests[0].timeout_ms == 90_000
    for none in (0, -5):
        assert image(DIRECT, timeoutMs=none).requests[0].timeout_ms == 60_000  # SL-52
    assert image(DIRECT, timeoutMs=0.5).requests[0].timeout_ms == 1


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", sorted(PLANS))
@given(data=st.data())
def test_arguments_of_any_type_are_sent_or_refused(name: str, data: st.DataObject) -> None:
    known = [argument for one in PLANS[name].parameters for argument in (one.name, *one.aliases)]
    call = data.draw(st.dictionaries(st.sampled_from(known), _JUNK, max_size=4))
    entry = data.draw(st.sampled_from([TOOL, DIRECT]))
    usual: dict[str, Any] = {
        "chat": {"messages": [{"role": "user", "content": "Hi"}]},
        "speech": {"text": "Hi"},
    }
    try:
        bound = bind(PLANS[name], {**usual.get(name, {"prompt": "p"}), **call}, entry=entry)
    except CallError:
        return
    for request in bound.requests:
        json.dumps(request.body, allow_nan=False)


# --- music (MUS-02, MUS-04, MUS-20) -----------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "call", "limit"),
    [(TOOL, {}, 300_000), (TOOL, {"timeoutMs": 5}, 300_000), (DIRECT, {}, 180_000),
     (DIRECT, {"timeoutMs": 5}, 5)],
)  # fmt: skip
def test_only_a_direct_call_has_a_time_limit_of_its_own(entry: str, call: Any, limit: int) -> None:
    bound = music(entry, **call)
    assert bound.requests[0].timeout_ms == limit
    dropped = [one.parameter for one in bound.normalization.dropped]
    assert dropped == (["timeoutMs"] if entry == TOOL and call else [])


@pytest.mark.parametrize(
    ("configured", "tool", "direct"), [(119_999, 120_000, 119_999), (600_000, 600_000, 600_000)]
)
def test_a_configured_time_limit_is_raised_for_agents(
    configured: int, tool: int, direct: int
) -> None:
    plan = music_plan(f'{{primary: "openrouter/google/lyria", timeoutMs: {configured}}}')
    limits = [bind(plan, {"prompt": "p"}, entry=entry).requests[0] for entry in (TOOL, DIRECT)]
    assert [one.timeout_ms for one in limits] == [tool, direct]


@pytest.mark.parametrize(
    ("asked", "text"),
    [(12.5, "about 13 s"), (0.2, "about 1 s"), (500, "about 180 s"), (30, "about 30 s")],
)
def test_a_direct_call_has_its_duration_rounded(asked: float, text: str) -> None:
    assert text in body(music(DIRECT, durationSeconds=asked))["messages"][0]["content"]


def test_an_image_that_a_direct_call_names_stays_a_url() -> None:
    for entry, shown in (
        (DIRECT, "https://a/1.png"),
        (TOOL, "data:image/png;base64,<the bytes of https://a/1.png>"),
    ):
        content = body(music(entry, image="https://a/1.png"))["messages"][0]["content"]
        assert content[1]["image_url"]["url"] == shown
