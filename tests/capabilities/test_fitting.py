"""Every field of a capability row has its effect on a call, and so have rules between them."""

from __future__ import annotations

from typing import Any

import pytest

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Constraint
from openclaw_config.capabilities.lookup import Mode as Row
from openclaw_config.plan.model import Mode, Normalize
from openclaw_config.providers.media import SENT_MODEL, fitting, model_sent
from openclaw_config.runtime.arguments import Arguments, fit
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input

URL = "https://a/1"


def video_row(**fields: Any) -> Row:
    """A row of a video model that is like Veo's but for these fields."""
    found = lookup.mode("openrouter", "video", "google/veo-3.1-fast", "generate")
    assert found is not None
    return found._replace(**fields)


def image_row(**fields: Any) -> Row:
    """A row of an image model that is like Gemini's but for these fields."""
    found = lookup.mode("openrouter", "image", "google/gemini-3.1-flash-image-preview", "generate")
    assert found is not None
    return found._replace(**fields)


def fitted(row: Row, *roles: str, **values: Any) -> Arguments:
    """What becomes of a call's values; ``roles`` are those of its input images."""
    images = tuple(Input(url=URL, role=role) for role in roles)
    surface = "image" if row.outputs > 1 else "video"
    return fit(Mode("m", normalize=fitting(surface, row)), Arguments(values, {"images": images}))


@pytest.mark.parametrize(
    ("row", "given", "sent"),
    [
        (video_row(audio=False), {"audio": True}, {}),
        (video_row(audio=True), {"audio": True}, {"audio": True}),
        (video_row(watermark=True), {"watermark": False}, {"watermark": False}),
        (video_row(watermark=False), {"watermark": False}, {}),
        (video_row(sizes=None, aspect_ratios=None), {"size": "1x1"}, {}),
        (video_row(sizes=None), {"size": "1x1"}, {"aspectRatio": "16:9"}),
        (video_row(sizes=("1x1",)), {"size": "2x2"}, {}),
        (video_row(sizes=("1x1",)), {"size": "1x1"}, {"size": "1x1"}),
        (video_row(sizes=()), {"size": "2x2"}, {"size": "2x2"}),
        (video_row(aspect_ratios=None), {"aspectRatio": "16:9"}, {}),
        (video_row(aspect_ratios=()), {"aspectRatio": "x"}, {"aspectRatio": "x"}),
        (video_row(resolutions=()), {"resolution": "8K"}, {"resolution": "8K"}),
        (video_row(durations=()), {"durationSeconds": 5.5}, {"durationSeconds": 5.5}),
        (
            video_row(durations=(), min_duration=2, max_duration=10),
            {"durationSeconds": 40},
            {"durationSeconds": 10},
        ),
        (image_row(outputs=2), {"count": 4}, {"count": 2}),
        (image_row(qualities=("low",)), {"quality": "low"}, {"quality": "low"}),
        (image_row(qualities=()), {"quality": "low"}, {}),
        (image_row(formats=("png",)), {"outputFormat": "webp"}, {}),
        (image_row(sizes=("1x1",)), {"size": "1x1"}, {"size": "1x1"}),
        (image_row(aspect_ratios=None), {"size": "1x1"}, {}),
        (image_row(unsent=("aspectRatio",)), {"aspectRatio": "1:1"}, {}),
        (image_row(unsent=("aspectRatio",)), {"size": "1x1"}, {}),
    ],
)
def test_a_field_of_a_row_has_its_effect(
    row: Row, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert fitted(row, **given).values == sent


FULL_HD = (("resolution", ("1080P",)),)


def ruled(when: Any = FULL_HD, **effects: Any) -> Row:
    """A row with one rule between parameters."""
    return video_row(constraints=(Constraint(when, "because", **effects),))


@pytest.mark.parametrize(
    ("row", "given", "sent"),
    [
        (ruled(durations=(6,)), {"durationSeconds": 10}, {"durationSeconds": 6}),
        (ruled(max_duration=6), {"durationSeconds": 10}, {"durationSeconds": 6}),
        (ruled(min_duration=6), {"durationSeconds": 1}, {"durationSeconds": 6}),
        (ruled(aspect_ratios=("9:16",)), {"aspectRatio": "16:9"}, {"aspectRatio": "9:16"}),
        (ruled(sizes=("1x1",)), {"size": "2x2"}, {}),
    ],
)
def test_a_rule_between_parameters_holds_where_its_condition_does(
    row: Row, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert fitted(row, resolution="1080P", **given).values == {"resolution": "1080P", **sent}
    plain = fitted(video_row(), resolution="720P", **given).values
    assert fitted(row, resolution="720P", **given).values == plain


def test_a_refused_combination_fails_and_says_why() -> None:
    row = ruled(refused=True)
    with pytest.raises(CallError, match="because"):
        fitted(row, resolution="1080P")
    assert fitted(row, resolution="720P").values == {"resolution": "720P"}


def test_conditions_on_inputs_and_their_roles() -> None:
    with_role = ruled((("imageRole", ("reference_image",)),), max_duration=4)
    assert (
        fitted(with_role, "", "reference_image", durationSeconds=8).values["durationSeconds"] == 4
    )
    assert fitted(with_role, "", durationSeconds=8).values["durationSeconds"] == 8
    some = ruled((("inputImages", ("given",)),), max_duration=4)
    assert fitted(some, "", durationSeconds=8).values["durationSeconds"] == 4
    assert fitted(some, durationSeconds=8).values["durationSeconds"] == 8


def test_a_rule_may_lower_the_number_of_images() -> None:
    row = ruled((("imageRole", ("unset",)),), max_images=1)._replace(max_images=4)
    assert fitted(row, "").values == {}
    with pytest.raises(CallError, match="because"):
        fitted(row, "", "")


def test_true_is_not_one() -> None:
    row = ruled((("audio", (True,)),), refused=True)
    assert fitted(row, audio=1).values == {"audio": 1}
    with pytest.raises(CallError):
        fitted(row, audio=True)


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        (Normalize("aspectRatio", "ratio"), {"aspectRatio": "16:9"}),
        (Normalize("size", "ratio-of-size", instead="aspectRatio"), {"aspectRatio": "16:9"}),
    ],
)
def test_a_rule_without_values_invents_none(rule: Normalize, sent: dict[str, Any]) -> None:
    values = {"aspectRatio": "16:9", rule.parameter: "16:9"}
    assert fit(Mode("m", normalize=(rule,)), Arguments(values)).values == sent


@pytest.mark.parametrize(
    ("row", "bytes_given", "urls_given", "why"),
    [
        (video_row(max_images=4, max_inputs=2), 1, 1, ""),
        (video_row(max_images=4, max_inputs=2), 1, 2, "2 inputs in all"),
        (video_row(max_images=4, sources=("url",)), 0, 3, ""),
        (video_row(max_images=4, sources=("url",)), 1, 0, "as URLs only"),
        (video_row(max_images=4, sources=("file",)), 3, 0, ""),
        (video_row(max_images=4, sources=("file",)), 0, 1, "as files only"),
    ],
)
def test_how_many_inputs_in_all_and_in_which_form(
    row: Row, bytes_given: int, urls_given: int, why: str
) -> None:
    images = (Input(data=b"x"),) * bytes_given + (Input(url=URL),) * urls_given
    mode = Mode("m", normalize=fitting("video", row))
    if not why:
        assert fit(mode, Arguments({}, {"images": images})).values == {}
        return
    with pytest.raises(CallError, match=why):
        fit(mode, Arguments({}, {"images": images}))


def test_a_rule_may_send_another_model_instead() -> None:
    row = ruled(model="acme/large")
    assert fitted(row, resolution="1080P").values[SENT_MODEL] == "acme/large"
    assert SENT_MODEL not in fitted(row, resolution="720P").values
    mode = Mode("m", normalize=fitting("video", row))
    assert model_sent("acme/small", (mode,)) == {
        "$slot": {"parameter": SENT_MODEL, "default": "acme/small"}
    }
    assert model_sent("acme/small", (Mode("m"),)) == "acme/small"
