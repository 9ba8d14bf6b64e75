"""A user's own JSON Schema, checked over the merged config (``check --schema``)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openclaw_config.diagnostics.model import documented
from openclaw_config.facts import read_json
from openclaw_config.lint.user_schemas import broken, user_schema
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from tests.cli.program import run

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "user-schemas"
POLICY, CONFIG = "policy.json", "openclaw.json"


def found(tmp_path: Path, schema: Any, config: str = "{}", **env: str) -> list[str]:
    """What a schema (its text, or a value) says of a config."""
    path = tmp_path / "schema.json"
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema), "utf-8")
    environment = Environment.of(env) if env else Environment.assumed()
    root = load(text=config, name="openclaw.json", environment=environment).root
    assert root is not None
    said = [f"{one.location or ''} {one.message}".strip() for one in broken(root, [str(path)])]
    return [line.replace(str(path), "schema.json") for line in said]


def test_a_policy_is_checked_over_the_merged_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    done = run("check", "--schema", POLICY, "--format", "concise", CONFIG)
    lines = done.out.splitlines()
    assert (done.code, lines) == (
        1,
        [
            "openclaw.json:2:3: error: gateway: the key port is missing [user-schema]",
            "openclaw.json:3:12: error: tools.deny: it is not allowed [user-schema]",
            "openclaw.json:4:15: error: channels.discord: it is not allowed [user-schema]",
            "openclaw.json:5:21: error: logging.level: it must be one of info, warn [user-schema]",
            "gateway.json:2:9: error: gateway.bind: it must be loopback [user-schema]",
            "gateway.json:3:3: error: gateway.auth: the key mode is missing [user-schema]",
        ],
    )


def test_the_words_of_the_schema_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    done = run("check", "--schema", POLICY, CONFIG)
    assert "help: Our gateways answer on their own machine only." in done.out
    assert f"note: asked by {POLICY}" in done.out


def test_a_known_variable_is_checked_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    given = {"GATEWAY_TOKEN": "sesame"}
    for form in ("text", "json", "sarif", "github"):
        done = run(
            "check", "--env", "process", "--schema", POLICY, "--format", form, CONFIG, env=given
        )
        assert "gateway.auth.token: it does not have the form" in done.out
        assert "sesame" not in done.out + done.err


def test_the_settings_name_schemas_and_rules_as_usual(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text("{ gateway: { port: 1 } }")
    (tmp_path / "policy.json").write_text('{"properties": {"gateway": false}}')
    settings = tmp_path / ".openclaw-config.toml"
    settings.write_text('schemas = ["policy.json"]\n')
    config = str(tmp_path / "openclaw.json")
    assert "gateway: it is not allowed" in run("check", config).out
    shown = run("check", "--show-settings", "--format", "json", config)
    Draft202012Validator(read_json("answers.schema.json")).validate(json.loads(shown.out))
    assert "policy.json" in shown.out
    assert run("check", "--ignore", "user-schema", config).code == 0
    assert run("check", "--no-settings", config).code == 0
    settings.write_text('schemas = "policy.json"\n')
    assert "schemas must be a list of files" in run("check", config).out


@pytest.mark.parametrize(
    ("schema", "config", "said"),
    [
        (True, "{}", []),
        ({"type": "array"}, "{}", ["openclaw.json:1:1 it must be a list"]),
        (
            {"properties": {"gateway": {"properties": {"port": {"maximum": 10}}}}},
            "{gateway: {port: 11}}",
            ["openclaw.json:1:18 gateway.port: it must be at most 10"],
        ),
        (
            {"properties": {"tools": {"properties": {"deny": {"contains": {"const": "exec"}}}}}},
            "{tools: {deny: ['${SOME}', 'read']}}",
            [],  # what a variable holds may be it
        ),
        (
            {"properties": {"tools": {"properties": {"deny": {"items": {"type": "number"}}}}}},
            "{tools: {deny: ['${SOME}']}}",
            ["openclaw.json:1:17 tools.deny[0]: it must be a number"],
        ),
        (
            {"$schema": "http://json-schema.org/draft-04/schema#", "required": ["logging"]},
            "{}",
            ["openclaw.json:1:1 the key logging is missing"],
        ),
        (
            {"patternProperties": {"^x": {}}, "additionalProperties": False},
            "{xa: 1, yb: {secret: 'sesame'}}",
            ["openclaw.json:1:9 yb: it is not allowed"],
        ),
    ],
)
def test_what_is_not_kept(tmp_path: Path, schema: Any, config: str, said: list[str]) -> None:
    assert found(tmp_path, schema, config) == said


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"a": ', "schema.json:1:7 the schema schema.json cannot be used: "),
        ("", "schema.json:1:1 the schema schema.json cannot be used: "),
        ("5", "schema.json:1:1 the schema schema.json cannot be used: it cannot have this value"),
        (
            documented(user_schema).bad,
            "schema.json:1:61 the schema schema.json cannot be used:"
            " properties.gateway.properties.bind.enum cannot have this value",
        ),
        ('{"pattern": "("}', "schema.json:1:13 the schema schema.json cannot be used: pattern"),
        (
            '{"$ref": "https://example.com/x.json"}',
            "the schema schema.json cannot be used: it refers to https://example.com/x.json, which",
        ),
        (
            '{"$ref": "other.json"}',
            "the schema schema.json cannot be used: it refers to other.json",
        ),
        ('{"$ref": "#"}', "the schema schema.json cannot be used: it or the config is nested too"),
        ("[" * 5000, "the schema schema.json cannot be used: "),
    ],
)
def test_a_schema_that_cannot_be_used(tmp_path: Path, schema: str, said: str) -> None:
    (line,) = found(tmp_path, schema)
    assert said in line


def test_a_missing_schema_is_a_finding() -> None:
    done = run("check", "--schema", "absent.json", str(FOLDER / CONFIG))
    assert done.code == 1
    assert "the schema absent.json cannot be used: No such file or directory" in done.out


def test_the_good_example_of_the_rule(tmp_path: Path) -> None:
    assert found(tmp_path, documented(user_schema).good, "{gateway: {bind: 'loopback'}}") == []


KEYWORDS = ("type", "enum", "items", "not", "multipleOf", "pattern", "$ref", "required", "anyOf")
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-2, 2), st.sampled_from(["a", "(", "#", "string"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_any_schema_gives_findings_at_places(schema: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found(Path(folder), schema, "{a: [1e308, NaN, 'x', {}], b: null}")
