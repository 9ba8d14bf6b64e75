"""Which rules count, by layers."""

from __future__ import annotations

from typing import Any

import pytest

from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import (
    OFF,
    Layer,
    Options,
    Selection,
    Settings,
    Target,
    asks_for_more,
    off_by_default,
    unknown,
)

OPTIONAL = "proxy-attribution"


def asking(**of_rules: Any) -> Options:
    return Options(Settings(layers=(Layer(**of_rules),)))


LAYERS: list[tuple[str, list[Layer], dict[str, str]]] = [
    ("nothing is asked", [], {"unknown-key": "error", OPTIONAL: OFF}),
    ("ignore takes away", [Layer(ignore=("unknown-key",))], {"unknown-key": OFF}),
    ("a pattern", [Layer(ignore=("unknown-*",))], {"unknown-key": OFF, "wrong-type": "error"}),
    ("select alone", [Layer(select=("wrong-type",))], {"unknown-key": OFF, "wrong-type": "error"}),
    ("select default", [Layer(select=("default",))], {"unknown-key": "error", OPTIONAL: OFF}),
    (
        "default and one more",
        [Layer(select=("default", OPTIONAL))],
        {"unknown-key": "error", OPTIONAL: "error"},
    ),
    ("select all", [Layer(select=("all",))], {OPTIONAL: "error"}),
    ("select nothing", [Layer(select=())], {"unknown-key": OFF}),
    ("a level", [Layer(severity=(("unknown-key", "info"),))], {"unknown-key": "info"}),
    (
        "the later level wins",
        [Layer(severity=(("unknown-*", "info"), ("unknown-key", "warning")))],
        {"unknown-key": "warning", "unknown-value": "info"},
    ),
    ("off is a level", [Layer(severity=(("unknown-key", OFF),))], {"unknown-key": OFF}),
    (
        "a level does not turn on what is not selected",
        [Layer(severity=((OPTIONAL, "error"),))],
        {OPTIONAL: OFF},
    ),
    (
        "a higher layer's select starts afresh",
        [Layer(ignore=("unknown-key",)), Layer(select=("unknown-key",))],
        {"unknown-key": "error", "wrong-type": OFF},
    ),
    (
        "also after a level of off",
        [Layer(severity=(("unknown-key", OFF),)), Layer(select=("unknown-key",))],
        {"unknown-key": "error"},
    ),
    (
        "but keeps other levels",
        [Layer(severity=(("unknown-key", "info"),)), Layer(select=("unknown-key",))],
        {"unknown-key": "info"},
    ),
    (
        "a higher layer's ignore adds to the lower one's",
        [Layer(ignore=("unknown-key",)), Layer(ignore=("wrong-type",))],
        {"unknown-key": OFF, "wrong-type": OFF, "legacy-key": "error"},
    ),
]


@pytest.mark.parametrize("layers, levels", [row[1:] for row in LAYERS], ids=[r[0] for r in LAYERS])
def test_layers(layers: list[Layer], levels: dict[str, str]) -> None:
    selection = Selection(Settings(layers=tuple(layers)), "/openclaw.json")
    assert {rule: selection.level(rule, "error") for rule in levels} == levels


def test_what_is_off_by_default() -> None:
    assert OPTIONAL in off_by_default()
    assert "unknown-key" not in off_by_default()
    assert not asks_for_more([Layer(), Layer(select=("default",))])
    assert asks_for_more([Layer(select=("default", "proxy-*"))])


def test_unknown_names_and_what_was_meant() -> None:
    assert unknown(["all", "default", "legacy-*", "unknown-key"]) == {}
    assert unknown(["unknwon-key", "zzz", "zzz-*"]) == {
        "unknwon-key": "unknown-key",
        "zzz": None,
        "zzz-*": None,
    }


def test_a_selection_changes_what_is_told_and_not_what_is_true() -> None:
    text = b"{ lobster: 1, gateway: { port: 1, port: 1 } }"
    linter = Linter(asking(ignore=("unknown-key",), severity=(("duplicate-key", "error"),)))
    report = linter.check(Target(text=text)).report
    assert [(item.rule, item.severity, item.blocks) for item in report.diagnostics] == [
        ("duplicate-key", "error", False)
    ]
    assert report.loads is False


def test_a_rule_that_is_off_by_default_is_found_when_it_is_selected() -> None:
    text = b"{ agents: { defaults: { model: 'openrouter/auto' } } }"
    assert Linter(Options()).check(Target(text=text)).report.diagnostics == ()
    asked = Linter(asking(select=("default", "auto-*")))
    (found,) = asked.check(Target(text=text)).report.diagnostics
    assert (found.rule, found.severity) == ("auto-reasoning", "info")
