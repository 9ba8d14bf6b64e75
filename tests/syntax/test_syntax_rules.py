"""Each rule's own examples: the bad one has that one error, the good one has none."""

from __future__ import annotations

import pytest

from openclaw_config.diagnostics.model import Rule, documented
from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.syntax.safe_fixes import apply_safe_fixes

RULES = [documented(value) for value in vars(errors).values() if isinstance(value, Rule)]
IN_TEXT = [rule for rule in RULES if rule.bad]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_explains_itself(rule: Rule) -> None:
    assert rule.name == rule.name.lower() and " " not in rule.name
    assert rule.summary[-1] == "." and "\n" not in rule.summary
    assert rule.why[-1] == "."
    assert rule.blocks == (rule.severity == "error")
    assert rule.source == "LOAD-10"


@pytest.mark.parametrize("rule", IN_TEXT, ids=lambda rule: rule.name)
def test_the_bad_example_has_this_one_slip(rule: Rule) -> None:
    (finding,) = parse(Source(rule.bad)).errors
    assert (finding.rule, finding.severity, finding.blocks) == (
        rule.name,
        rule.severity,
        rule.blocks,
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_good_example_has_none(rule: Rule) -> None:
    assert parse(Source(rule.good)).errors == ()


@pytest.mark.parametrize("rule", IN_TEXT, ids=lambda rule: rule.name)
def test_a_safe_fix_turns_the_bad_example_into_a_good_one(rule: Rule) -> None:
    (finding,) = parse(Source(rule.bad)).errors
    if finding.fix is not None and finding.fix.safe:
        assert parse(Source(apply_safe_fixes(Source(rule.bad)))).errors == ()
