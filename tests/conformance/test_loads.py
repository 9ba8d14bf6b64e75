"""Every recorded verdict of OpenClaw 2026.4.29, and ours."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tests.conformance import loads

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "conformance")
FILES = ("json5", "generated", "mutants", "corners")


def path_of(name: str) -> str:
    return os.path.join(FOLDER, f"{name}.ndjson")


@pytest.fixture(scope="module", params=FILES)
def results(request: pytest.FixtureRequest) -> list[loads.Result]:
    return loads.run(path_of(request.param))


def test_the_same_configs_load_and_the_same_places_are_wrong(results: list[loads.Result]) -> None:
    wrong = [
        loads.disagreement(result)
        for result in results
        if not result.agrees or result.paths_agree is False
    ]
    assert wrong == []


def test_an_old_key_is_named_wherever_openclaw_names_one(results: list[loads.Result]) -> None:
    silent = [
        result.case["id"]
        for result in results
        # A file that cannot be read is not searched for old keys.
        if result.case["expect"].get("legacy")
        and result.case["expect"]["phase"] not in ("parse", "include")
        and not result.outcome.old_keys
    ]
    assert silent == []


def test_there_are_cases(results: list[loads.Result]) -> None:
    assert len(results) > 150


def test_a_disagreement_is_seen(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A runner that agrees with everything would prove nothing."""
    right = {"valid": False, "paths": ["gateway"]}
    refused = {"text": "{ gateway: { prot: 1 } }"}
    cases = [
        {"id": "verdict", **refused, "expect": {"valid": True, "paths": []}},
        {"id": "path", **refused, "expect": {**right, "paths": ["gateway.prot"]}},
        {"id": "same", **refused, "expect": right},
        {"id": "value", "text": "[1]", "expect": {"valid": True, "value": [2]}},
    ]
    file = tmp_path / "cases.ndjson"
    file.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    assert loads.main([str(file), "--json"]) == 1
    *listed, summary, last = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in listed] == ["verdict", "path", "value"]
    assert summary == "cases.ndjson: verdict 2 of 4, false alarms 1, issue paths 1 of 2"
    assert last == "agree 2 of 4"


@pytest.mark.parametrize(
    ("text", "env", "files", "valid"),
    [
        ("{ gateway: { port: 1 } }", {}, {}, True),
        ("{ gateway: { port: '${PORT}' } }", {"PORT": "1"}, {}, False),  # it stays a text
        ("{ gateway: { mode: '${MODE}' } }", {"MODE": "local"}, {}, True),
        ("{ gateway: { mode: '${MODE}' } }", {"MODE": "Local"}, {}, False),
        ("{ gateway: { $include: './g.json5' } }", {}, {"g.json5": "{ port: 1 }"}, True),
        ("{ gateway: { $include: './g.json5' } }", {}, {"g.json5": "{ prot: 1 }"}, False),
    ],
)
def test_a_case_has_its_own_files_and_variables(
    tmp_path: Any, text: str, env: dict[str, str], files: dict[str, str], valid: bool
) -> None:
    case = {"id": "x", "text": text, "env": env, "expect": {"valid": valid, "paths": []}}
    if files:
        case["files"] = files
    assert loads.judge(case, str(tmp_path)).agrees
