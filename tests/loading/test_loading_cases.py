"""Whole configs and what loading makes of them.

A case is a folder in ``fixtures/loading/cases``: an ``openclaw.json``, the files it includes, and
``expected.json``. The latter's ``about`` says what the case shows and ``environment`` gives the
variables (absent: all are assumed); the rest is what loading must give. To add a case, write the
folder with an ``expected.json`` of ``about`` and ``environment``, run

    python tests/loading/test_loading_cases.py

which fills in the rest for every case, and read the difference.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.syntax.nodes import to_value

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "loading", "cases")


def read_expected(case: str) -> dict[str, Any]:
    with open(os.path.join(FOLDER, case, "expected.json"), encoding="utf-8") as file:
        expected: dict[str, Any] = json.load(file)
    return expected


def loaded(case: str, given: dict[str, Any]) -> dict[str, Any]:
    variables = given.get("environment")
    folder = os.path.abspath(os.path.join(FOLDER, case))
    document = load(
        os.path.join(folder, "openclaw.json"),
        name="openclaw.json",
        environment=None if variables is None else Environment.of(variables),
        home="/home/nobody",
        state_dir=folder,
    )
    result = {"about": given["about"]}
    if variables is not None:
        result["environment"] = variables
    result["readable"] = document.readable
    result["value"] = None if document.root is None else to_value(document.root)
    result["files"] = [source.name for source in document.sources]
    result["uses"] = [
        f"{use.location} {use.name} {use.state} at {key_path_text(use.key_path)}"
        for use in document.uses
    ]
    result["findings"] = [
        f"{found.location} {found.severity}[{found.rule}] {found.message}"
        + "".join(f"\n  note: {note}" for note in found.notes)
        + "".join(f"\n  help: {text}" for text in found.helps)
        + "".join(f"\n  {related.location}: {related.message}" for related in found.related)
        for found in document.diagnostics
    ]
    return result


CASES = sorted(os.listdir(FOLDER))


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    expected = read_expected(case)
    assert loaded(case, expected) == expected


def test_there_are_cases() -> None:
    assert len(CASES) > 20


def regenerate() -> None:
    for case in CASES:
        result = loaded(case, read_expected(case))
        with open(os.path.join(FOLDER, case, "expected.json"), "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    regenerate()
