"""Fixes: what they make of a config, and the laws that hold for all of them."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from openclaw_config import api
from openclaw_config.diagnostics.model import ERROR, Report, all_rules
from openclaw_config.lint.linter import Effective, Linter
from openclaw_config.lint.options import Layer, Options, Outcome, Settings, Target
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.lint import fix_cases
from tests.lint.fix_cases import after, before, fixed, is_unsafe
from tests.support import OLDEST

NAMES = fix_cases.names()
ABOUT_COMMENTS = {
    "unused-suppression",
    "invalid-suppression",
    "wrong-comment",
    "unclosed-comment",
    "several",
}
CONFORMANCE = Path(__file__).resolve().parents[2] / "fixtures" / "conformance"


def comments(text: str) -> list[str]:
    """The comments of a text, in order."""
    return [text[start:end] for start, end in parse(Source(text)).comments]


def errors(outcome: Outcome) -> int:
    return sum(item.severity == ERROR for item in outcome.report.diagnostics)


# --- the cases ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    outcome = fixed(before(name), unsafe=is_unsafe(name))
    assert outcome.text == after(name)
    (change,) = outcome.changes
    rule = name.removesuffix(".unsafe")
    assert rule in change.rules or rule == "several"
    left = {item.rule for item in outcome.report.diagnostics}
    assert rule not in left
    if rule not in ABOUT_COMMENTS:
        assert outcome.report.loads


@pytest.mark.parametrize("name", NAMES)
def test_fixing_again_changes_nothing(name: str) -> None:
    assert fixed(after(name), unsafe=is_unsafe(name)).changes == ()


@pytest.mark.parametrize("name", [name for name in NAMES if is_unsafe(name)])
def test_an_unsafe_fix_is_not_made_by_itself(name: str) -> None:
    assert fixed(before(name)).changes == ()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.removesuffix(".unsafe") not in ABOUT_COMMENTS]
)
def test_the_comments_of_a_case_stay(name: str) -> None:
    # A comment may move along with what it stands in.
    kept = Counter(comments(after(name).decode()))
    assert Counter(comments(before(name).decode())) <= kept


@pytest.mark.parametrize("name", NAMES)
def test_line_ends_and_the_byte_order_mark_stay(name: str) -> None:
    old, new = before(name), after(name)
    assert old.startswith("\ufeff".encode()) == new.startswith("\ufeff".encode())
    if b"\r\n" in old:
        assert new.count(b"\r\n") == new.count(b"\n")
    else:
        assert b"\r" not in new


def test_every_rule_that_offers_a_fix_for_its_example_has_a_case() -> None:
    offering = {
        (item.rule, item.fix.safe)
        for rule in all_rules().values()
        if rule.subject == "config" and rule.bad
        for item in Linter(Options(Settings(layers=(Layer(select=("all",)),))))
        .check(Target(text=rule.bad.encode("utf-8", "surrogatepass")))
        .report.diagnostics
        if item.fix is not None
    }
    assert {name for name, safe in offering if safe} <= {n for n in NAMES if not is_unsafe(n)}
    assert {f"{name}.unsafe" for name, safe in offering if not safe} <= set(NAMES)


# --- what is fixed and what is not ----------------------------------------------------------------


def test_a_fix_that_makes_a_new_error_is_dropped() -> None:
    text = b'{ Gateway: { port: "high" } }'
    outcome = fixed(text)
    assert outcome.changes == ()
    (found,) = outcome.report.diagnostics
    assert (found.rule, found.fix) == ("unknown-key", None)
    assert found.notes[-1].startswith("this fix was not made: it would bring up another finding")


def test_no_fix_is_offered_that_cannot_load() -> None:
    (found,) = fixed(b'{ messages: { queue: { cap: "0" } } }').report.diagnostics
    assert (found.rule, found.fix, found.label) == ("wrong-type", None, "")


def test_what_a_fix_brings_to_light_is_fixed_with_it() -> None:
    outcome = fixed(b'{ Gateway: { port: "18789" } }')
    assert outcome.text == b"{ gateway: { port: 18789 } }"
    assert outcome.changes[0].rules == ("unknown-key", "wrong-type")


def test_fixes_that_get_in_each_other_s_way_are_made_one_after_the_other() -> None:
    # Each would begin the same new object; together they would write its key twice.
    outcome = fixed(
        b'{ messages: { tts: { openai: { voice: "a" }, elevenlabs: { voiceId: "b" } } } }'
    )
    assert outcome.report.diagnostics == ()
    assert json.loads(json.dumps(outcome.changes[0].rules)) == ["legacy-key", "legacy-key"]
    assert b'openai: { voice: "a" }' in (outcome.text or b"")
    assert b'elevenlabs: { voiceId: "b" }' in (outcome.text or b"")


def test_more_mistakes_than_are_reported_at_once() -> None:
    lines = "".join(f"  a{number}: '{number}',,\n" for number in range(120))
    text = f"{{ env: {{ vars: {{\n{lines}}} }} }}".encode()
    # Where so much is wrong, nobody knows what was meant.
    assert fixed(text).changes == ()
    assert fixed(text, unsafe=True).text == text.replace(b",,", b",")


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.0, 9.0])
def test_no_check_is_begun_that_would_end_too_late(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    # Each of the keys uncovers a wrong value, and no fix of that is good: chains of attempts.
    text = "{ " + ", ".join(f'Gateway{at}: {{ port: "x" }}' for at in range(9)) + " }"
    clock = [0.0]
    checks: list[float] = []

    def checked(target: Target, effective: Effective) -> Report:
        clock[0] += seconds
        checks.append(clock[0])
        return api.check(text=text, environment=effective.given["environment"])

    monkeypatch.setattr("openclaw_config.lint.linter._examined", checked)
    monkeypatch.setattr("openclaw_config.lint.fixes.monotonic", lambda: clock[0])
    fixed(text.encode(), unsafe=True)
    assert len(checks) == 1 or checks[-1] <= 2.5


@pytest.mark.parametrize(
    "text",
    [
        "{x: [" + "{a: 1, a: 1}, " * 1500 + "]}",
        "{" + "".join(f"k{at}: 1, k{at}: 1, " for at in range(1500)) + "}",
        "{\n// openclaw-config: ignore[" + ", ".join(f"r-{at}" for at in range(1500)) + "]\n}",
        "{" + "// openclaw-config: ignore[no-key]\n" * 1500 + "}",
    ],
)
def test_findings_past_a_thousand_are_counted_only(text: str) -> None:
    report = Linter(Options()).check(Target(text=text.encode())).report
    assert len(report.diagnostics) < 2100
    assert "more-findings" in {item.rule for item in report.diagnostics}


def test_only_what_is_shown_is_fixed() -> None:
    text = b'{ gateway: { port: "1" }, browser: { enabled: "true" } }'
    linter = Linter(Options(Settings(layers=(Layer(ignore=("wrong-type",)),)), fix=True))
    assert linter.check(Target(text=text)).changes == ()
    assert fixed(b"{\n// openclaw-config: ignore[wrong-type]" + text[1:]).changes == ()


@pytest.mark.parametrize("text", [b"{ a = '\xff' }", "{ a = 1 }".encode("utf-16")])
def test_a_text_that_is_not_utf_8_is_left_alone(text: bytes) -> None:
    outcome = fixed(text, unsafe=True)
    assert outcome.changes == ()
    assert outcome.text == text


def test_a_fix_that_takes_a_comment_away_is_not_safe() -> None:
    text = b'{ hooks: { token: { /* the vault */ source: "env", provider: "default", id: "T" } } }'
    assert fixed(text).changes == ()
    assert fixed(text, unsafe=True).text == b'{ hooks: { token: "${T}" } }'


def test_a_config_that_is_not_there() -> None:
    outcome = Linter(Options(fix=True)).check(Target("/nowhere/openclaw.json"))
    assert [item.rule for item in outcome.report.diagnostics] == ["unreadable-config"]
    assert outcome.changes == ()


def test_included_files_are_fixed_too(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text('{ $include: "parts/a.json5", ui: {},, }', "utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.json5").write_text('{ gateway: { Port: "1" } }', "utf-8")
    outcome = Linter(Options(fix=True)).check(Target(str(tmp_path / "openclaw.json"), name="c"))
    assert outcome.report.diagnostics == ()
    assert [(change.name, change.after, change.rules) for change in outcome.changes] == [
        ("parts/a.json5", b"{ gateway: { port: 1 } }", ("unknown-key", "wrong-type")),
        ("c", b'{ $include: "parts/a.json5", ui: {}, }', ("extra-comma",)),
    ]
    assert (tmp_path / "parts" / "a.json5").read_text("utf-8") == '{ gateway: { Port: "1" } }'


def test_an_included_file_counts_as_an_editor_has_it(tmp_path: Path) -> None:
    main, part = tmp_path / "openclaw.json", tmp_path / "a.json5"
    main.write_text('{ $include: "a.json5" }', "utf-8")
    part.write_text("{ gateway: {} }", "utf-8")
    target = Target(str(main), included={str(part): b"{ gateway: {},, }"})
    (change,) = Linter(Options(fix=True)).check(target).changes
    assert (change.before, change.after) == (b"{ gateway: {},, }", b"{ gateway: {}, }")


def test_no_repr_shows_what_a_config_holds(tmp_path: Path) -> None:
    text = b"{ gateway: { port: 1_0, auth: { token: 'canary' } } }"
    path = tmp_path / "openclaw.json"
    path.write_bytes(text)
    for target in (Target(text=text), Target(str(path)), Target(str(path), text)):
        outcome = Linter(Options(fix=True)).check(target)
        assert outcome.changes
        assert "canary" not in f"{target!r}{outcome!r}{outcome.changes!r}{Linter(Options())!r}"


# --- laws -----------------------------------------------------------------------------------------


def mutants() -> list[bytes]:
    """Recorded configs with one change each: every seventh."""
    lines = (CONFORMANCE / "mutants.ndjson").read_text("utf-8").splitlines()[::7]
    cases = [json.loads(line) for line in lines]
    return [case["text"].encode() for case in cases if "text" in case]


@pytest.mark.parametrize("unsafe", [False, True])
def test_no_recorded_config_becomes_worse(unsafe: bool) -> None:
    changed = 0
    for text in mutants():
        was = api.check(text=text, target=OLDEST)
        outcome = fixed(text, unsafe=unsafe)
        assert outcome.report.loads or not was.loads
        if was.document is not None and was.document.readable:
            assert errors(outcome) <= was.error_count
        if outcome.changes:
            changed += 1
            assert outcome.text is not None
            assert fixed(outcome.text, unsafe=unsafe).changes == ()
    assert changed > 20


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A case of the fixtures, damaged in a few more places; it names no release."""
    text = before(draw(st.sampled_from(NAMES))).decode()
    text = text.partition("\n")[2] if text.startswith(fix_cases.TARGET) else text
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        piece = draw(
            st.sampled_from(
                ["", "{", "}", "[", "]", ",", ":", '"', "'", "5_0", "#", "//", "\n", "=="]
            )
        )
        text = text[:at] + piece + text[at + draw(st.integers(0, 6)) :]
    return text.encode("utf-8", "surrogatepass")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(damaged(), st.booleans())
@example(b"", False)
@example(b"[1 2]", True)
def test_fixing_ends_with_fewer_errors_and_fixing_again_changes_nothing(
    text: bytes, unsafe: bool
) -> None:
    was = api.check(text=text, target=OLDEST)
    outcome = fixed(text, unsafe=unsafe)
    if was.document is not None and was.document.readable:
        assert errors(outcome) <= was.error_count
    assert outcome.text is not None
    assert fixed(outcome.text, unsafe=unsafe).changes == ()
    assert api.check(text=outcome.text, target=OLDEST).loads == outcome.report.loads


@st.composite
def commented(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A case for safe fixes with more comments between its tokens, and these comments."""
    names = [name for name in NAMES if not is_unsafe(name) and name not in ABOUT_COMMENTS]
    text = before(draw(st.sampled_from(names))).decode()
    tree = parse(Source(text))
    starts = [start for start, end in pairwise(tree.tokens.starts)]
    places = draw(st.lists(st.sampled_from(starts), min_size=1, max_size=6, unique=True))
    made = []
    for number, at in enumerate(sorted(places, reverse=True)):
        comment = f"/* c{number} */"
        made.append(comment)
        text = text[:at] + comment + text[at:]
    return text.encode(), made


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(commented())
@example((b"{ my/* c0 */-proxy: 1 }", ["/* c0 */"]))
def test_comments_survive_safe_fixes(case: tuple[bytes, list[str]]) -> None:
    text, made = case
    assume(set(made) <= set(comments(text.decode())))
    outcome = fixed(text)
    assert outcome.text is not None
    assert set(made) <= set(comments(outcome.text.decode()))
