"""The runner that compares a verdict release by release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import loads, releases

LIST = "{ agents: { list: [{ id: 'a' }] }, cron: { runLog: {} } }"


def verdict(*paths: str) -> dict[str, Any]:
    return {"valid": not paths, "paths": list(paths), "phase": "schema"}


def test_each_release_is_counted_by_itself(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = {"2026.4.29": verdict(), "2026.7.1-2": verdict("cron")}
    file = tmp_path / "cases.ndjson"
    file.write_text(json.dumps({"id": "x", "text": LIST, "expect": expect}), encoding="utf-8")
    releases.main([str(file), "--json"])
    *_, last = capsys.readouterr().out.splitlines()
    assert last.endswith("of 2")
    releases.main([str(file), "--release", "2026.4.29"])
    assert capsys.readouterr().out.splitlines()[-1] == "agree 1 of 1"


@pytest.mark.parametrize(("phase", "agrees"), [("plugin", True), ("schema", False)])
def test_a_command_file_that_one_machine_lacked_refuses_nothing(phase: str, agrees: bool) -> None:
    case = {
        "text": "{ gateway: { port: 1 } }",
        "expect": {"valid": False, "phase": phase, "paths": ["secrets.providers.x.command"]},
    }
    assert loads.afresh(case).agrees is agrees


def test_the_same_configs_load_in_the_newest_release() -> None:
    path = Path(__file__).parents[2] / "fixtures" / "conformance" / "latest.ndjson"
    results = loads.run(str(path), "2026.9.6")
    wrong = [one for one in results if not one.agrees or one.paths_agree is False]
    assert len(results) > 150
    assert [loads.disagreement(one) for one in wrong] == []


def test_each_release_decides_as_it_was_recorded() -> None:
    path = Path(__file__).parents[2] / "fixtures" / "conformance" / "releases.ndjson"
    results = [(release, one) for release, found in releases.run(str(path)) for one in found]
    wrong = [one for one in results if not one[1].agrees or one[1].paths_agree is False]
    assert len(results) > 1000
    assert [(release, loads.disagreement(one)) for release, one in wrong] == []
