"""The examples in the documentation of the rules: the bad one is found, the good one is clean."""

from __future__ import annotations

import pytest

from openclaw_config.diagnostics.model import (
    ERROR,
    WARNING,
    Diagnostic,
    Rule,
    declared,
    documented,
    rule,
    rules_of,
)
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.validation import rules as index
from openclaw_config.validation.context import RuleContext, rules_for
from openclaw_config.validation.validate import validate
from scripts import build_rule_docs
from tests.support import OLDEST
from tests.validation import cases

RULES = cases.rules()


def found(text: str, environment: Environment, target: str) -> dict[str, bool]:
    """The rules that fire, and whether one of their findings keeps the config from loading."""
    document = load(text=text, name="openclaw.json", environment=environment, target=target)
    result: dict[str, bool] = {}
    for diagnostic in (*document.diagnostics, *validate(document, optional=True).diagnostics):
        result[diagnostic.rule] = result.get(diagnostic.rule, False) or diagnostic.blocks
    return result


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_examples(rule: Rule) -> None:
    # Some rules need to know which variables and files there are.
    assumed, none = Environment.assumed(), Environment.of({})
    target = rule.since or OLDEST
    bad = {**found(rule.bad, assumed, target), **found(rule.bad, none, target)}
    assert bad.get(rule.name) is rule.blocks
    assert rule.name not in found(rule.good, assumed, target)
    assert rule.severity == ERROR or not rule.blocks


def test_rules_that_are_off_by_default_run_only_when_asked_for() -> None:
    off = [rule for rule in RULES if not rule.default]
    assert off
    for one in off:
        assert one.name not in {item.rule for item in cases.findings(one.bad)}
        assert one.name in {item.rule for item in cases.findings(one.bad, optional=True)}


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_the_documentation_is_complete(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.source


# --- how rules are declared and found -----------------------------------------------------------


def test_the_index_of_the_rules_is_up_to_date() -> None:
    """When it fails: python -m scripts.build_rule_docs."""
    assert build_rule_docs.sections() == {"MODULES": index.MODULES, "OPTIONAL": index.OPTIONAL}


def test_a_rule_runs_for_each_of_its_sections() -> None:
    rules = {
        rule.name: rule
        for module in sorted({*declared().values()})
        for rule in rules_of(module)
        if rule.run is not None
    }
    assert len(rules) > 40
    for one in rules.values():
        for section in one.sections:
            names = [
                other.name for other in rules_for([section], one.since or OLDEST, optional=True)
            ]
            assert one.name in names


def test_a_rule_that_would_never_run_cannot_be_declared() -> None:
    def runs(context: RuleContext) -> list[Diagnostic]:
        return []

    def says_only() -> None:
        """A rule that another stage reports."""

    with pytest.raises(TypeError, match="must take a context and name sections"):
        rule()(runs)
    with pytest.raises(TypeError, match="must take a context and name sections"):
        rule("gateway")(says_only)


def test_a_docstring_is_the_documentation() -> None:
    @rule(severity=WARNING)
    def two_lines() -> None:
        """A summary.

        A reason that
        goes on.

        bad: { gateway: {
          port: 1 } }
        good:
          {
            gateway: {},
          }
        source: LOAD-40
        """

    found = documented(two_lines)
    assert found.name == "two-lines"
    assert (found.summary, found.why) == ("A summary.", "A reason that goes on.")
    assert found.bad == "{ gateway: { port: 1 } }"
    assert found.good == "{\n  gateway: {},\n}\n"
    assert (found.source, found.blocks) == ("LOAD-40", False)


@pytest.mark.parametrize(
    ("name", "severities"),
    [
        ("loop-thresholds", {"2026.4.29": "error", "2026.7.35": "error", "2026.8.1": None}),
        ("unknown-denied-plugin", {"2026.5.7": "error", "2026.5.12": "warning"}),
        ("broken-plugin", {"2026.9.3": "error", "2026.9.6": "warning"}),
        ("acp-binding-peer", {"2026.4.29": "error", "2026.9.6": "error"}),
    ],
)
def test_what_a_rule_is_in_a_release(name: str, severities: dict[str, str | None]) -> None:
    (found,) = [one for one in RULES if one.name == name]
    for release, severity in severities.items():
        known = found.of_release(release)
        assert (None if known is None else known.severity) == severity
        assert known is None or known.blocks is (severity == ERROR)


def test_a_denied_plugin_that_is_unknown_is_a_warning_in_later_releases() -> None:
    for target, blocks in (("2026.4.29", True), ("2026.9.6", False)):
        document = load(text="{ plugins: { deny: ['breve'] } }", target=target)
        (finding,) = validate(document).diagnostics
        assert finding.blocks is blocks
