"""Whatever the config, what each command prints is well-formed, harmless and of the right form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from openclaw_config.cli.check import FORMATS
from tests.cli.program import TARGET_REMARK, run
from tests.cli.test_any_input import mutated

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "output"
SARIF = Draft7Validator(json.loads((FIXTURES / "sarif-schema-2.1.0.json").read_text("utf-8")))

NOT_SHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COMMAND = re.compile(r"::(error|warning|notice) [^:]*::")

configs = st.one_of(
    mutated(),
    st.binary(max_size=100),
    st.text(st.sampled_from("{}[]:,'\"\\/* \n\r\x1b#ab01%@\u202e\u2028"), max_size=60).map(
        str.encode
    ),
)
patient = settings(suppress_health_check=[HealthCheck.too_slow])


def read(form: str, text: str) -> None:
    """Read a report as its reader would."""
    if form in {"json", "gitlab"}:
        json.loads(text)
    elif form == "sarif":
        assert [error.message for error in SARIF.iter_errors(json.loads(text))] == []
    elif form == "junit":
        ElementTree.fromstring(text)
    elif form == "github":
        for line in text.splitlines():
            assert COMMAND.match(line) or not line.lstrip().startswith("::")


@pytest.mark.parametrize("form", FORMATS)
@patient
@given(configs)
@example(b"")
@example(b'{"\\n::add-mask::x": 1, "##[add-mask]x": 2}')
@example(b"{'\\ud800\\ufffe]]>': '\\x1b[2J', __proto__: 1}")
@example(b"{$include: ['a\\n::error::b', '\\x1b]0;x\\x07']}")
def test_check(form: str, config: bytes) -> None:
    result = run("check", "--format", form, "-", stdin=config, env={"GITHUB_ACTIONS": "true"})
    assert result.code in {0, 1}, result.err
    assert TARGET_REMARK.fullmatch(result.err)
    assert not NOT_SHOWN.search(result.out)
    if form in {"text", "concise"}:
        assert not re.search(r"##\w*\[|^\s*::", result.out, re.MULTILINE)
    read(form, result.out)


@patient
@given(configs)
def test_fmt(config: bytes) -> None:
    shown = run("fmt", "--diff", "-", stdin=config)
    assert shown.code in {0, 1}, shown.err
    assert not NOT_SHOWN.search(shown.out + shown.err)
    result = run("fmt", "-", stdin=config)
    assert result.code in {0, 1}, result.err
    assert not NOT_SHOWN.search(result.err)
    if result.code == 0:
        again = run("fmt", "--check", "-", stdin=result.out.encode())
        assert (again.code, again.out) == (0, "")


@patient
@given(configs)
def test_diff(config: bytes) -> None:
    for form in ("text", "json"):
        result = run(
            "diff", "fixtures/plans/chat/openclaw.json", "-", "--format", form, stdin=config
        )
        assert result.code in {0, 1}, result.err
        assert not NOT_SHOWN.search(result.out + result.err)
        if form == "json" and result.out:
            json.loads(result.out)


KEYS = ["gateway.port", "agents.defaults.model", "env.X", "messages.tts", "a.b[0]"]


@patient
@given(configs, st.sampled_from(KEYS))
def test_explain(config: bytes, key: str) -> None:
    for form in ("text", "json"):
        result = run("explain", "-", key, "--format", form, stdin=config)
        assert result.code in {0, 2}, result.err
        assert not NOT_SHOWN.search(result.out + result.err)
        if form == "json" and result.out:
            json.loads(result.out)


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    monkeypatch.delenv("FORCE_COLOR", raising=False)
