"""What people get wrong, and what they are told (LOAD-10). The cases are in fixtures/syntax."""

from __future__ import annotations

import pytest

from openclaw_config.diagnostics.model import Rule
from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.syntax.safe_fixes import apply_safe_fixes
from tests.syntax.slips import Case, cases, outcome

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file.stem}-{case.title}" for case in CASES])
def test_a_slip_is_reported_as_expected(case: Case) -> None:
    assert outcome(case.text) == case.expected


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if not case.title.startswith("several")],
    ids=lambda case: case.title,
)
def test_one_slip_is_one_error(case: Case) -> None:
    assert len(parse(Source(case.text)).errors) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_safe_fixes_are_right(case: Case) -> None:
    findings = parse(Source(case.text)).errors
    if all(finding.fix is not None and finding.fix.safe for finding in findings):
        assert parse(Source(apply_safe_fixes(Source(case.text)))).errors == ()


def test_every_rule_of_syntax_has_a_case() -> None:
    named = {rule.name for rule in vars(errors).values() if isinstance(rule, Rule)}
    shown = {finding.rule for case in CASES for finding in parse(Source(case.text)).errors}
    # Encodings are bytes, and have their own tests.
    assert named - shown == {"invalid-utf8", "wrong-encoding", "nesting-too-deep"}
