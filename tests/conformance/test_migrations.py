"""The runner that compares a migration with a recorded one, and what it finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import migrations

RECORDED = Path(__file__).parents[3] / "shared" / "conformance" / "migrate-latest.ndjson"


def agreement(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file = tmp_path / "cases.ndjson"
    file.write_text(json.dumps({"id": "x", "kind": "row", **case}), encoding="utf-8")
    migrations.main([str(file)])
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "expect", "agrees"),
    [
        ('{ env: { A: "1" } }', {"core": {"env": {"vars": {"A": "1"}}, "ui": {}}}, 1),
        ('{ env: { A: "1" } }', {"core": {"env": {"vars": {"A": "2"}}}}, 0),
        ("{ unknown: 1 }", {}, 1),
    ],
    ids=["empty objects do not count", "another value", "what does not load is asked about"],
)
def test_a_case_agrees(
    text: str,
    expect: dict[str, Any],
    agrees: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = agreement({"text": text, "expect": expect}, tmp_path, capsys)
    assert found == f"agree {agrees} of 1"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded migrations are not here")
def test_recorded_migrations(capsys: pytest.CaptureFixture[str]) -> None:
    migrations.main([str(RECORDED)])
    agreed, of = map(int, capsys.readouterr().out.splitlines()[-1].split()[1::2])
    assert agreed == of
