"""Whatever the input, a check ends with findings or without, and its output is well-formed."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from openclaw_config.facts import read_json
from tests.cli.program import TARGET_REMARK, run
from tests.support import sampled

REPORT = Draft202012Validator(read_json("report.schema.json"))
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CONFIGS = sorted(FIXTURES.glob("*/*/openclaw.json*"))

NOT_SHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def well_formed(text: bytes) -> None:
    """Run every command that reads a config over a text."""
    codes = set()
    for form in ("text", "json"):
        result = run("check", "--format", form, "-", stdin=text)
        codes.add(result.code)
        assert result.code in {0, 1}, result.err
        assert TARGET_REMARK.fullmatch(result.err)
        assert not NOT_SHOWN.search(result.out)
    REPORT.validate(json.loads(result.out))
    assert len(codes) == 1
    compiled = run("compile", "--format", "json", "-", stdin=text)
    assert compiled.code in {0, 1}, compiled.err
    assert not NOT_SHOWN.search(compiled.err)
    if compiled.out:
        json.loads(compiled.out)
        for command, form in product(("compile", "keys", "env"), ("text", "json")):
            result = run(command, "--format", form, "-", stdin=text)
            assert result.code in {0, 1}, result.err
            assert not NOT_SHOWN.search(result.out)
        written = run("compile", "--format", "yaml", "-", stdin=text)
        assert YAML(typ="safe").load(written.out) == json.loads(compiled.out)
        assert not NOT_SHOWN.search(written.out)
    elif json.loads(run("check", "--format", "json", "-", stdin=text).out)["loads"]:
        pytest.fail("a config that loads has a plan")


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xef\xbb\xbf{}")
@example(b"\x00")
@example(b"[" * 2000)
@example(b'{"a":' * 2000)
@example(b'{"a": "\\ud800"}')
@example(b"{agents: {defaults: {model: '\\u202eevil\\x1b[31m'}}}")
@example(b"{env: {'A\\nB': 'x'}, agents: {defaults: {model: '${A'}}}")
@example(b"{__proto__: 1, constructor: 2}")
@example(b"{$include: '/etc/passwd'}")
@example(b"{$include: ['a', 5]}")
@example(b"5")
@example(b"null")
def test_any_bytes(text: bytes) -> None:
    well_formed(text)


@given(
    st.text(
        st.sampled_from("{}[]:,'\"\\/*\n\r\t #abn0123456789.-+eE_$@“”\u2028\ufeff"), max_size=80
    )
)
def test_any_text_of_the_syntax_s_own_signs(text: str) -> None:
    well_formed(text.encode())


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real config, damaged in a few places."""
    text = draw(st.sampled_from(CONFIGS)).read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = at + draw(st.integers(0, 12))
        piece = draw(
            st.one_of(
                st.sampled_from(
                    ["", "{", "}", "[", "]", ",", ":", '"', "null", "5", "-1e999", "${X}", "//",
                     "/*", "'", "\u202e", "\x1b", "true", "[[]]", "{}", "$include:", "\\"]
                ),
                st.text(max_size=4),
            )
        )  # fmt: skip
        text = text[:at] + piece + text[end:]
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_damaged_configs(text: bytes) -> None:
    well_formed(text)


@pytest.mark.parametrize("path", sampled(CONFIGS, 3), ids=lambda path: f"{path.parent.name}")
def test_configs_of_the_fixtures(path: Path) -> None:
    well_formed(path.read_bytes())
