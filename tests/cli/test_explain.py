"""``explain``: rules and keys, and key paths as people write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config import explain
from openclaw_config.diagnostics.model import all_rules, key_path_text
from openclaw_config.syntax.text import KeyPath
from scripts import build_cli_docs
from tests.cli.program import run

PATHS: list[tuple[str, KeyPath]] = [
    ("agents", ("agents",)),
    ("agents.defaults.model", ("agents", "defaults", "model")),
    ("agents.list[3].id", ("agents", "list", 0, "id")),
    ("agents.list[].id", ("agents", "list", 0, "id")),
    ("agents.list[*].id", ("agents", "list", 0, "id")),
    ('models.providers["my.proxy"].apiKey', ("models", "providers", "my.proxy", "apiKey")),
    ("models.providers.my-proxy", ("models", "providers", "my-proxy")),
    ("models.providers['my.proxy']", ("models", "providers", "my.proxy")),
    ('models.providers."my.proxy".apiKey', ("models", "providers", "my.proxy", "apiKey")),
    (r"models.providers.my\.proxy.apiKey", ("models", "providers", "my.proxy", "apiKey")),
    ("agents.entries[main]", ("agents", "entries", "main")),
    ("agents.list.2.id", ("agents", "list", 0, "id")),
]


@pytest.mark.parametrize("text, path", PATHS)
def test_key_path(text: str, path: KeyPath) -> None:
    assert explain.read_key_path(text) == path


@pytest.mark.parametrize("text", ["", ".", "a..b", "a[", 'a["x]', 'a["b', "a]", "a.[0]."])
def test_no_key_path(text: str) -> None:
    with pytest.raises(ValueError, match="not a key path"):
        explain.read_key_path(text)


@pytest.mark.parametrize("text, at", [("a..b", 1), ("a[0", 1), ("a[*].b", 2), ("a.b c.[", 5)])
def test_where_a_key_path_ends(text: str, at: int) -> None:
    with pytest.raises(explain.KeyPathError) as refused:
        explain.read_key_path(text, any_item=False)
    assert refused.value.at == at


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_every_key_path_can_be_written_and_read(steps: list[str]) -> None:
    assert explain.read_key_path(key_path_text(tuple(steps))) == tuple(steps)


def test_a_key_s_facts() -> None:
    key = explain.key(("models", "providers", "openrouter"), "2026.4.29")
    assert key is not None
    assert {"baseUrl", "models"} <= set(key.required) <= set(key.keys)
    secret = explain.key(("models", "providers", "openrouter", "apiKey"))
    assert secret is not None
    assert secret.secret
    level = explain.key(("agents", "defaults", "thinkingDefault"))
    assert level is not None
    assert "adaptive" in level.values


def test_an_unknown_key_has_a_likely_one() -> None:
    assert explain.key(("agents", "defualts")) is None
    assert explain.nearest_key(("agents", "defualts", "model")) == "agents.defaults"
    assert explain.nearest_key(("qqqqqq",)) is None


@pytest.mark.parametrize("name", all_rules())
def test_every_rule_is_explained(name: str) -> None:
    rule = all_rules()[name]
    text = explain.rule_as_text(rule, 100)
    assert text.startswith(f"{name} ({rule.severity}; ")
    assert ("\nBad:\n" in text) == bool(rule.bad)
    assert "\nGood:\n" in text
    assert json.loads(json.dumps(explain.rule_as_json(rule)))["name"] == name


def test_the_page_about_the_command_line_is_up_to_date() -> None:
    # python -m scripts.build_cli_docs writes it anew.
    assert build_cli_docs.TARGET.read_text(encoding="utf-8") == build_cli_docs.page()


def test_an_index_between_dots_is_one() -> None:
    assert run("explain", "agents.list.0.model") == run("explain", "agents.list[].model")
    # A channel's account may be called 0.
    assert 'accounts["0"]' in run("explain", "channels.telegram.accounts.0.botToken").out
