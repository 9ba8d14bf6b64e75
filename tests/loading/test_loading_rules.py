"""The documentation of loading's rules: each example does what it is there to show."""

from __future__ import annotations

import pytest

from openclaw_config.diagnostics.model import Rule, documented, rules_of
from openclaw_config.loading import rules
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load

RULES = [documented(rule) for rule in rules_of(rules.__name__)]
SHOWN_ELSEWHERE = {"unreadable-config"}
# A text cannot show that a file is missing, and 16 MiB of text would show nothing to anybody.


def reported(text: str) -> set[str]:
    document = load(text=text, environment=Environment.of({}), cwd="/nonexistent")
    return {found.rule for found in document.diagnostics}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_examples(rule: Rule) -> None:
    if rule.name in SHOWN_ELSEWHERE:
        assert rule.bad == ""
    else:
        assert rule.name in reported(rule.bad)
    assert reported(rule.good) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_texts(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert "  " not in rule.why
    assert rule.source.startswith("LOAD-")
