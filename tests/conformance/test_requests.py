"""Every recorded request of OpenClaw, and ours."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.conformance import requests

CASES = os.path.join(
    os.path.dirname(__file__), "..", "..", "fixtures", "conformance", "requests.ndjson"
)
ALL = list(requests.cases(CASES))


@pytest.mark.parametrize("case", ALL, ids=[case["id"] for case in ALL])
def test_what_is_sent_and_what_comes_of_it(case: dict[str, Any]) -> None:
    judged = requests.judge(case)
    assert judged.differences == []
    for wanted, sent in zip(case["expect"]["requests"], judged.sent, strict=True):
        if isinstance(sent.body, dict):
            assert list(sent.body) == list(wanted["body"])  # the order of the keys too


NEWER = list(requests.cases(CASES.replace("requests.", "requests-2026.9.6.")))


@pytest.mark.parametrize("case", NEWER, ids=[case["id"] for case in NEWER])
def test_what_2026_9_6_sends(case: dict[str, Any]) -> None:
    assert requests.judge(case, "2026.9.6").differences == []


OTHERS = list(requests.cases(CASES.replace("requests.", "requests-providers.")))


@pytest.mark.parametrize("case", OTHERS, ids=[case["id"] for case in OTHERS])
def test_what_is_sent_to_other_providers(case: dict[str, Any]) -> None:
    assert requests.judge(case).differences == []


def test_a_difference_is_seen() -> None:
    """A runner that agrees with everything would prove nothing."""
    case = next(case for case in ALL if case["id"] == "video-docs-default-runtime")
    changed = {**case, "expect": {**case["expect"], "requests": case["expect"]["requests"][:1]}}
    assert requests.judge(changed).differences == ["3 requests, expected 1"]


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, 2], [2, 1], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ("1", 1, False),
        (None, 0, False),
    ],
)
def test_what_counts_as_the_same(left: Any, right: Any, equal: bool) -> None:
    assert requests.same(left, right) is equal
