"""The examples in the documentation of the rules: the bad one is found, the good one is clean."""

from __future__ import annotations

import pytest

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.validation.validate import validate
from tests.validation import cases

RULES = cases.rules()


def found(text: str, environment: Environment) -> dict[str, bool]:
    """The rules that fire, and whether one of their findings keeps the config from loading."""
    document = load(text=text, name="openclaw.json", environment=environment)
    result: dict[str, bool] = {}
    for diagnostic in (*document.diagnostics, *validate(document, optional=True).diagnostics):
        result[diagnostic.rule] = result.get(diagnostic.rule, False) or diagnostic.blocks
    return result


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_examples(rule: Rule) -> None:
    # Some rules need to know which variables and files there are.
    bad = {**found(rule.bad, Environment.assumed()), **found(rule.bad, Environment.of({}))}
    assert bad.get(rule.name) is rule.blocks
    assert rule.name not in found(rule.good, Environment.assumed())
    assert rule.severity == ERROR or not rule.blocks


def test_rules_that_are_off_by_default_run_only_when_asked_for() -> None:
    off = [rule for rule in RULES if not rule.default]
    assert off
    for rule in off:
        assert rule.name not in {item.rule for item in cases.findings(rule.bad)}
        assert rule.name in {item.rule for item in cases.findings(rule.bad, optional=True)}


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_the_documentation_is_complete(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.source
