"""A config with thousands of findings: the first are shown, the others counted."""

from __future__ import annotations

import pytest

from openclaw_config.loading.load import load
from openclaw_config.validation.validate import LIMIT, Validation, validate
from tests.support import OLDEST


def of(text: str) -> Validation:
    return validate(load(text=text, target=OLDEST))


@pytest.mark.parametrize(
    "text",
    [
        "{ agents: { list: [" + "0," * 5000 + "] } }",
        "{ " + ", ".join(f"k{number}: 1" for number in range(5000)) + " }",
        "{ channels: { " + ", ".join(f"k{number}: {{}}" for number in range(5000)) + " } }",
        "{ agents: { list: [" + "{}," * 5000 + "] } }",
    ],
)
def test_many_findings_are_counted(text: str) -> None:
    *shown, last = of(text).diagnostics
    assert len(shown) == LIMIT
    assert last.rule == "more-findings"
    assert last.blocks


def test_the_verdict_counts_what_is_not_shown() -> None:
    """An error behind a thousand warnings still keeps the config from loading."""
    warnings = ", ".join(f's{n}: {{ type: "http", url: "https://a.test" }}' for n in range(1200))
    assert any(one.blocks for one in of(f"{{ mcp: {{ servers: {{ {warnings} }} }}, zz: 1 }}")[1])
    assert not any(one.blocks for one in of(f"{{ mcp: {{ servers: {{ {warnings} }} }} }}")[1])


def test_a_config_with_few_findings_shows_them_all() -> None:
    assert [one.rule for one in of("{ zz: 1 }").diagnostics] == ["unknown-key"]
