"""Rules between parameters: which hold, and what is left of a mode."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.constraints import holding, narrowed
from openclaw_config.capabilities.lookup import Constraint, ImageMode, VideoMode


def video(ref: str, mode: str) -> VideoMode:
    provider, _, model = ref.partition("/")
    found = lookup.video(provider, model, mode)
    assert found is not None
    return found


XAI = "xai/grok-imagine-video"


@pytest.mark.parametrize(
    ("given_", "longest", "images"),
    [
        ({}, 15, 7),
        ({"imageRole": ["reference_image", "reference_image"]}, 10, 7),
        ({"imageRole": ["unset"]}, 15, 1),
        ({"imageRole": ["reference_image", "unset"]}, 10, 1),
        ({"imageRole": []}, 15, 7),
        ({"imageRole": None}, 15, 7),
    ],
)
def test_roles_of_xai_images(given_: dict[str, object], longest: int, images: int) -> None:
    left = narrowed(video(XAI, "imageToVideo"), given_)
    assert left is not None
    assert (left.max_duration, left.max_images) == (longest, images)


@pytest.mark.parametrize(("audio", "refused"), [(True, True), (False, False), (None, False)])
def test_google_refuses_audio(audio: bool | None, refused: bool) -> None:
    mode = video("google/veo-3.1-fast-generate-preview", "generate")
    assert (narrowed(mode, {"audio": audio}) is None) is refused


def test_one_is_not_true() -> None:
    mode = video("google/veo-3.1-fast-generate-preview", "generate")
    assert holding(mode, {"audio": 1}) == ()


def test_another_model_is_sent() -> None:
    mode = lookup.image("openai", "gpt-image-2", "generate")
    assert mode is not None
    assert [rule.model for rule in holding(mode, {"background": "transparent"})] == [
        "gpt-image-1.5"
    ]
    assert holding(mode, {"background": "opaque"}) == ()
    byteplus = video("byteplus/seedance-1-0-lite-t2v-250428", "imageToVideo")
    assert [rule.model for rule in holding(byteplus, {"inputImages": 1})] == [
        "seedance-1-0-lite-i2v-250428"
    ]
    assert holding(byteplus, {}) == ()


BASE = video("openrouter/google/veo-3.1-fast", "generate")


def with_rule(**effects: Any) -> VideoMode:
    rule = Constraint((("resolution", ("1080P",)),), "a test", **effects)
    return BASE._replace(constraints=(rule,))


GIVEN = {"resolution": "1080P"}


def test_conditions_join_with_and() -> None:
    rule = Constraint((("resolution", ("1080P",)), ("audio", (True,))), "a test", refused=True)
    mode = BASE._replace(constraints=(rule,))
    assert narrowed(mode, {"resolution": "1080P"}) == mode
    assert narrowed(mode, {"resolution": "1080P", "audio": True}) is None


@pytest.mark.parametrize(
    ("effects", "durations"),
    [
        ({"durations": (8,)}, (8,)),
        ({"durations": (8, 10)}, (8,)),
        ({"max_duration": 6}, (4, 6)),
        ({"min_duration": 5}, (6, 8)),
        ({"aspect_ratios": ("16:9",)}, (4, 6, 8)),
    ],
)
def test_durations_that_are_left(effects: dict[str, Any], durations: tuple[int, ...]) -> None:
    left = narrowed(with_rule(**effects), GIVEN)
    assert left is not None
    assert left.durations == durations


@pytest.mark.parametrize(
    "effects",
    [{"durations": (5,)}, {"min_duration": 9}, {"min_duration": 9, "max_duration": 3}],
)
def test_no_duration_left_is_a_refusal(effects: dict[str, Any]) -> None:
    # An empty tuple would say that there is no list, and so allow everything.
    assert narrowed(with_rule(**effects), GIVEN) is None


def test_choices_that_are_left() -> None:
    left = narrowed(with_rule(resolutions=("4K",), aspect_ratios=("16:9",), sizes=("1x1",)), GIVEN)
    assert left is not None
    assert left.resolutions is None  # nothing in common
    assert left.aspect_ratios == ("16:9",)
    assert left.sizes == ("1x1",)  # any, narrowed to a list


texts = st.sampled_from(["16:9", "9:16", "1:1"])
choices = st.one_of(st.none(), st.just(()), st.lists(texts, min_size=1, unique=True).map(tuple))
bounds = st.one_of(st.none(), st.integers(1, 12))
rules = st.builds(
    Constraint,
    st.just((("audio", (True,)),)),
    st.just("a law"),
    refused=st.booleans(),
    durations=st.one_of(st.none(), st.lists(st.integers(1, 12), min_size=1).map(tuple)),
    min_duration=bounds,
    max_duration=bounds,
    aspect_ratios=st.one_of(st.none(), st.lists(texts, min_size=1, unique=True).map(tuple)),
    max_images=st.one_of(st.none(), st.integers(0, 9)),
)
modes = st.builds(
    BASE._replace,
    durations=st.lists(st.integers(1, 12), unique=True).map(tuple),
    max_duration=bounds,
    aspect_ratios=choices,
    max_images=st.integers(0, 9),
    constraints=st.lists(rules, max_size=4).map(tuple),
)


def allows(mode: VideoMode, duration: int, ratio: str) -> tuple[bool, bool]:
    long_enough = mode.min_duration is None or duration >= mode.min_duration
    short_enough = mode.max_duration is None or duration <= mode.max_duration
    in_list = not mode.durations or duration in mode.durations
    ratios = mode.aspect_ratios
    return (
        long_enough and short_enough and in_list,
        ratios is not None and (not ratios or ratio in ratios),
    )


@given(modes, st.integers(1, 12), texts)
def test_narrowing_never_widens(mode: VideoMode, duration: int, ratio: str) -> None:
    left = narrowed(mode, {"audio": True})
    if left is None:
        return
    assert left.max_images <= mode.max_images
    for after, before in zip(
        allows(left, duration, ratio), allows(mode, duration, ratio), strict=True
    ):
        assert before or not after
    for rule in holding(mode, {"audio": True}):
        assert rule.durations is None or set(left.durations) <= set(rule.durations)


@given(modes)
def test_nothing_given_changes_nothing(mode: VideoMode) -> None:
    assert narrowed(mode, {}) == mode


def test_image_modes_narrow_too() -> None:
    mode = lookup.image("openrouter", "google/gemini-3-pro-image-preview", "edit")
    assert isinstance(mode, ImageMode)
    rule = Constraint((("inputImages", ("given",)),), "a test", max_images=3, resolutions=("1K",))
    left = narrowed(mode._replace(constraints=(rule,)), {"inputImages": 2})
    assert left is not None
    assert (left.max_images, left.resolutions) == (3, ("1K",))
