"""Suppressions: which findings a comment silences, and what is said about the comment.

A case is a file ``fixtures/suppressions/<name>.json5`` beside ``<name>.txt``: the findings that
are silenced, and those that are shown. To add a case, write the config, run
``python -m tests.lint.test_suppressions`` and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config import api
from openclaw_config.diagnostics.model import Diagnostic, Rule, documented
from openclaw_config.lint import suppressions as rules
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Layer, Options, Outcome, Settings, Target
from tests.support import OLDEST

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "suppressions"
CASES = sorted(path.stem for path in FOLDER.glob("*.json5"))


PLAIN = Options(Settings(target=OLDEST))


def check(text: str, options: Options = PLAIN) -> Outcome:
    return Linter(options).check(Target(text=text.encode(), name="openclaw.json"))


def line(found: Diagnostic) -> str:
    assert found.location is not None
    number, column = found.location.position
    fix = f" fix: {found.fix.title}" if found.fix else ""
    return f"{number}:{column} {found.rule}: {found.message} {found.label}".rstrip() + fix


def reported(text: str) -> str:
    shown = [line(item) for item in check(text).report.diagnostics]
    everything = [line(item) for item in api.check(text=text, target=OLDEST).diagnostics]
    silenced = [item for item in everything if item not in shown]
    return "\n".join(["silenced", *silenced, "", "shown", *shown]) + "\n"


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.json5").read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    assert reported(text_of(name)) == (FOLDER / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "rule", [rules.unused_suppression, rules.invalid_suppression], ids=lambda rule: rule.name
)
def test_the_examples_of_the_rules(rule: Rule) -> None:
    rule = documented(rule)
    assert rule.name in {item.rule for item in check(rule.bad).report.diagnostics}
    assert check(rule.good).report.diagnostics == ()


def test_a_silenced_error_still_keeps_the_config_from_loading() -> None:
    report = check("// openclaw-config: ignore-file[unknown-key]\n{ lobster: 1 }").report
    assert report.diagnostics == ()
    assert report.loads is False


IDLE = "{\n  // openclaw-config: ignore[unknown-key]\n  ui: {},\n}"


def test_an_idle_suppression_is_reported_only_when_its_rule_was_looked_for() -> None:
    assert [item.rule for item in check(IDLE).report.diagnostics] == ["unused-suppression"]
    without = Layer(ignore=("unknown-key",))
    assert check(IDLE, Options(Settings(layers=(without,), target=OLDEST))).report.diagnostics == ()
    other = Layer(select=("legacy-key", "unused-suppression"))
    assert check(IDLE, Options(Settings(layers=(other,), target=OLDEST))).report.diagnostics == ()
    off_by_default = IDLE.replace("unknown-key", "proxy-attribution")
    assert check(off_by_default).report.diagnostics == ()


def test_an_idle_suppression_is_not_reported_where_variables_decide() -> None:
    # With other variables the rule may find something there.
    assert check(IDLE, Options(env="process")).report.diagnostics == ()


def test_suppressions_of_included_files_are_about_these(tmp_path: Path) -> None:
    (tmp_path / "a.json5").write_text(
        "{\n // openclaw-config: ignore[unknown-key]\n gateway: { crab: 1 } }", "utf-8"
    )
    (tmp_path / "openclaw.json").write_text('{ $include: "a.json5", lobster: 1 }', "utf-8")
    report = Linter(Options()).check(Target(str(tmp_path / "openclaw.json"), name="c")).report
    assert [(item.rule, str(item.location)) for item in report.diagnostics] == [
        ("unknown-key", "c:1:24")
    ]


@given(
    st.text(st.sampled_from("{}[],:'\"/*\\\n a1"), max_size=30),
    st.text(st.sampled_from("ignore-file[],unused \n"), max_size=30),
)
def test_any_comment_in_any_text(text: str, comment: str) -> None:
    for item in check(f"{text} // openclaw-config: {comment}\n{text}").report.diagnostics:
        assert item.location is None or item.location.position.line >= 1


if __name__ == "__main__":
    for case in CASES:
        (FOLDER / f"{case}.txt").write_text(reported(text_of(case)), "utf-8")
