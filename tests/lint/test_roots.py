"""A file that configs include is checked as a part of these."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from openclaw_config.lint import discover
from tests.cli.program import BAD, OK, run

FILES = {
    ".git/HEAD": "",
    "openclaw.json": '{ $include: "parts/team.openclaw.json" }',
    "parts/team.openclaw.json": '{ agents: { $include: "agents.json5" } }',
    "parts/agents.json5": '{ defaults: { model: { primry: "openrouter/auto" } } }',
    "parts/package.json": '{ "name": "x" }',
    "parts/gateway.conf": '{ $include: "./alone.json5" }',
    "parts/alone.json5": "{ lobster: 1 }",
}
PART = "parts/agents.json5"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*arguments: str) -> list[str]:
    lines = run("check", "--format", "concise", *arguments).out.splitlines()
    return [line.partition(": ")[0] for line in lines]


@pytest.mark.parametrize(
    "arguments",
    [[PART], ["parts/team.openclaw.json"], [PART, "openclaw.json"], ["."], ["parts/*.json"]],
    ids=" ".join,
)
def test_a_part_is_checked_through_its_root(arguments: list[str]) -> None:
    shown = found(*arguments)
    assert f"{PART}:1:24" in shown
    assert all(PART in place or "package" in place for place in shown)
    assert len([place for place in shown if PART in place]) == 1


def test_an_absolute_path(project: Path) -> None:
    assert found(str(project / PART)) == [f"{PART}:1:24"]


def test_from_another_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "parts")
    assert found("agents.json5") == [f"{project}/{PART}:1:24"]


def test_what_nothing_includes_is_a_config_of_its_own() -> None:
    assert found("parts/alone.json5") == ["parts/alone.json5:1:3"]


def test_hooks_pass_over_what_is_no_config() -> None:
    assert run("check", "--only-configs", "parts/package.json", "parts/alone.json5") == (0, "", "")
    assert found("--only-configs", "parts/package.json", PART) == [f"{PART}:1:24"]


def test_roots_of_the_settings(project: Path) -> None:
    (project / ".openclaw-config.toml").write_text('roots = ["parts/*.conf"]', "utf-8")
    assert found("--only-configs", "parts/gateway.conf") == ["parts/alone.json5:1:3"]
    assert found("--only-configs", "parts/alone.json5") == ["parts/alone.json5:1:3"]
    # They and no others.
    assert found("--only-configs", PART) == []
    assert "parts/*.conf" in run("check", "--show-settings", PART).out
    (project / ".openclaw-config.toml").write_text('roots = ["nosuch.json"]', "utf-8")
    result = run("check", PART)
    assert result.code == 2
    assert "nosuch.json' is no file; the setting 'roots' names it" in result.err


def test_fixes_reach_parts_too(project: Path) -> None:
    assert run("check", "--fix", "--unsafe-fixes", PART).code == 0
    assert "primary" in (project / PART).read_text("utf-8")


def test_settings_for_a_path_hold_for_parts_too(project: Path) -> None:
    settings = project / ".openclaw-config.toml"
    settings.write_text(f'[per-path."{PART}"]\nignore = ["unknown-key"]', "utf-8")
    assert found("openclaw.json") == []
    settings.write_text('[per-path."openclaw.json"]\nignore = ["unknown-key"]', "utf-8")
    assert found("openclaw.json") == [f"{PART}:1:24"]


def test_parts_that_include_each_other_end() -> None:
    Path(PART).write_text('{ $include: "./team.openclaw.json" }', "utf-8")
    assert "includes run in a circle" in run("check", PART).out


def test_fmt_of_a_folder_formats_what_its_configs_include(project: Path) -> None:
    for name, text in FILES.items():
        (project / name).write_text(text.replace("{ ", "{"), "utf-8")
    assert run("fmt", ".").code == 0
    formatted = {name for name in FILES if (project / name).read_text("utf-8").startswith("{ ")}
    assert formatted == {"openclaw.json", "parts/team.openclaw.json", PART}


# --- no config, or the one that is here -----------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_a_folder_without_a_config_is_wrong_use(project: Path, command: str) -> None:
    (project / "empty").mkdir()
    result = run(command, "openclaw.json", "empty")
    assert (result.code, result.out) == (2, "")
    assert "no config is in the folder 'empty'" in result.err
    assert run(command, "--allow-empty", "empty") == (0, "", "")


def test_json_about_no_config_says_that_none_loads(project: Path) -> None:
    (project / "empty").mkdir()
    shown = run("check", "--allow-empty", "empty", "--format", "json")
    assert shown.code == 0
    assert json.loads(shown.out)["loads"] is False


@pytest.mark.parametrize("command", ["check", "keys", "env", "compile"])
def test_without_a_file_it_is_the_one_that_is_here(
    project: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project / "home"))
    monkeypatch.delenv("OPENCLAW_CONFIG_PATH", raising=False)
    assert PART in run(command).err + run(command).out
    other = project / "other.json"
    other.write_text(OK, "utf-8")
    monkeypatch.setenv("OPENCLAW_CONFIG_PATH", str(other))
    assert PART not in run(command).err + run(command).out
    monkeypatch.delenv("OPENCLAW_CONFIG_PATH")
    os.unlink("openclaw.json")
    assert "there is no config" in run(command).err + run(command).out
    Path("openclaw.json").write_text(BAD, "utf-8")
    assert "openclaw.json:1" in run(command).err + run(command).out


def test_what_can_include_nothing_is_not_read_as_a_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "load", None)
    assert list(discover.included_by(PART)) == []


def test_a_link_that_leads_nowhere_hides_no_config_beside_it(project: Path) -> None:
    for folder in (project, project / "parts"):
        (folder / "aa.openclaw.json").symlink_to("aa.openclaw.json")
    assert found(PART) == [f"{PART}:1:24"]
