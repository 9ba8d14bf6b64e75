"""The commands ``get``, ``set`` and ``unset``: what they print, what they write, and their code."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from openclaw_config import changes, files
from openclaw_config.facts import read_json
from tests.cli.program import run

CASES: list[dict[str, Any]] = YAML(typ="safe").load(
    Path(__file__).parents[2] / "fixtures" / "changes" / "commands.yaml"
)


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_commands(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in case["files"].items():
        (tmp_path / name).write_bytes(text.encode())
    result = run(*case["run"], stdin=case.get("stdin", "").encode())
    assert result.code == case.get("code", 0), result
    for name, text in (case["files"] | case.get("after", {})).items():
        assert (tmp_path / name).read_bytes().decode() == text
    for text in case.get("out", ()):
        assert text in result.out
    for text in case.get("err", ()):
        assert text in result.err
    for text in case.get("not", ()):
        assert text not in result.out + result.err
    if "json" in case["run"]:
        Draft202012Validator(read_json("answers.schema.json")).validate(json.loads(result.out))


def test_the_config_that_openclaw_would_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "state"
    state.mkdir()
    config = state / "openclaw.json"
    config.write_text("{ gateway: { port: 1 } }", encoding="utf-8")
    assert run("set", "gateway.port", "2", env={"OPENCLAW_STATE_DIR": str(state)}).code == 0
    assert config.read_text(encoding="utf-8") == "{ gateway: { port: 2 } }"


def test_a_file_that_somebody_else_writes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two files that change, the second is another one by then: none is written."""
    monkeypatch.chdir(tmp_path)
    texts = {
        "openclaw.json": '{ $include: "./a.json5", logging: {} }',
        "a.json5": "{ gateway: {} }",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    write = files.write_atomically

    def meanwhile(path: str, data: bytes, *, expected: bytes | None = None) -> None:
        (tmp_path / "a.json5").write_text("{ gateway: { port: 3 } }", encoding="utf-8")
        write(path, data, expected=expected)

    monkeypatch.setattr("openclaw_config.lint.fixes.write_atomically", meanwhile)
    patch = b'{ "gateway": { "port": 2 }, "logging": { "level": "debug" } }'
    result = run("set", "--patch", "-", stdin=patch)
    assert result.code == 1
    assert "was changed meanwhile" in result.err
    assert (tmp_path / "openclaw.json").read_text(encoding="utf-8") == texts["openclaw.json"]
    assert "port: 3" in (tmp_path / "a.json5").read_text(encoding="utf-8")


def test_an_agent_reads_and_writes_with_one_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "openclaw.json"
    config.write_text("{ gateway: { port: 1 } }", encoding="utf-8")
    read = json.loads(run("get", "gateway.port", "--format", "json").out)
    guard = ("--format", "json", "--if-unchanged")
    first = run("set", "gateway.port", "2", *guard, read["hash"])
    late = run("set", "gateway.port", "3", *guard, read["hash"])
    assert (first.code, late.code) == (0, 1)
    assert json.loads(late.out)["hash"] == json.loads(first.out)["hash"]
    assert run("set", "gateway.port", "3", *guard, json.loads(first.out)["hash"]).code == 0


def test_a_link_stays_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real.json").write_text("{}", encoding="utf-8")
    os.symlink("real.json", tmp_path / "openclaw.json")
    assert run("set", "gateway.port", "2").code == 0
    assert (tmp_path / "openclaw.json").is_symlink()
    assert "port" in (tmp_path / "real.json").read_text(encoding="utf-8")


def test_the_library_shows_no_value() -> None:
    found = changes.change(text="{ gateway: { auth: { token: 'abcdefghijkl' } } }").get("gateway")
    assert found is not None
    assert "abcdefgh" not in repr(found) + str(found.shown)
    assert found.value["auth"]["token"] == "abcdefghijkl"
