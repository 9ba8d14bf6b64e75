"""What is said about whole configs, finding by finding: see ``cases``."""

from __future__ import annotations

import re

import pytest

from tests.validation import cases

NAMES = cases.names()


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    assert cases.produce(name) == cases.expected(name)


def test_every_rule_of_validation_has_a_case() -> None:
    shown = set(re.findall(r"\[([a-z-]+)\]", "".join(map(cases.expected, NAMES))))
    assert {rule.name for rule in cases.rules()} - {"more-findings"} <= shown
