"""What a provider's own list of models changes in a plan's modes (VID-61)."""

from __future__ import annotations

from typing import Any

import pytest

from openclaw_config.plan.model import Candidate, Mode, Normalize, Origin
from openclaw_config.runtime.lists import known_by

LIVE = {
    "step": "models", "keepMs": 1, "items": "/data", "id": "/id", "model": "a/b",
    "values": {
        "durationSeconds": {"at": "/durations", "as": "numbers"},
        "resolution": {"at": "/resolutions", "as": "upper"},
    },
    "flags": {"audio": "/audio"},
    "limits": {"frames": {"inputs": "images", "at": "/frames", "words": ["first", "last"]}},
}  # fmt: skip
RULES = (
    Normalize("durationSeconds", "nearest", (4, 8)),
    Normalize("resolution", "listed", ("1P",)),
)
LIMIT = Normalize("inputImages", "at-most", (4,))
PLAN = Candidate(
    "p/a/b", "p", "a/b", Origin("default"), live=LIVE,
    modes=(
        Mode("plain", normalize=RULES),
        Mode("frames", ("images",), limits=(("images", 4),), normalize=(LIMIT,)),
    ),
)  # fmt: skip


def known(**row: Any) -> tuple[Mode, Mode]:
    plain, frames = known_by(PLAN, {"data": [{"id": "a/B"}, {"id": " a/b ", **row}]}).modes
    return plain, frames


@pytest.mark.parametrize("response", [None, [], {"data": {}}, {"data": [{"id": "A/B"}, 1]}])
def test_a_list_without_the_model_changes_nothing(response: Any) -> None:
    assert known_by(PLAN, response) == PLAN


def test_lists_take_the_place_of_values_unless_they_are_empty() -> None:
    plain, _ = known(durations=[10, 2.5, 0, "x", 2.6], resolutions=[])
    assert [rule.values for rule in plain.normalize] == [(3, 10), ("1P",)]
    assert known(resolutions=["4k"])[0].normalize[1].values == ("4K",)


def test_a_flag_decides_whether_a_parameter_is_dropped() -> None:
    assert known(audio=False)[0].normalize == (*RULES, Normalize("audio", "drop"))
    assert known(audio=True)[0].normalize == known(audio=None)[0].normalize == RULES


@pytest.mark.parametrize(
    ("frames", "most"), [(["first", "last", "x"], 2), (["last"], 1), (["x"], 0), (None, 0)]
)
def test_the_words_that_are_named_are_the_most_of_the_inputs(frames: Any, most: int) -> None:
    _, mode = known(frames=frames)
    assert mode.enabled is bool(most)
    assert mode.limits == (("images", most),)
    assert mode.normalize == (LIMIT._replace(values=(most,)),)
