"""``check``'s formats, ``--output`` and ``--exit-zero``."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from openclaw_config.cli.check import FORMATS
from tests.cli.program import BAD, OK, run

EMPTY = {"text": "", "concise": "", "github": "", "gitlab": "[]\n"}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_WORKSPACE", "GITHUB_ACTIONS", "CI_PROJECT_DIR", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "bad.json").write_text(BAD, encoding="utf-8")
    (tmp_path / "deploy" / "ok.json").write_text(OK, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "deploy")


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_tells_the_finding_and_has_the_same_exit_code(form: str) -> None:
    result = run("check", "--format", form, "bad.json")
    said = "bad.json: for OpenClaw 2026.9.6, the newest\n" if form == "text" else ""
    assert (result.code, result.err) == (1, said)
    assert "unknown-key" in result.out
    good = run("check", "--format", form, "ok.json")
    assert (good.code, good.err) == (0, "")
    assert good.out == EMPTY.get(form, good.out)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_gets_what_stdout_would_get(form: str, tmp_path: Path) -> None:
    expected = run("check", "--format", form, "bad.json").out
    result = run("check", "--format", form, "--output", "found", "bad.json")
    assert (result.code, result.out) == (1, "")
    assert result.err == "1 error in bad.json; see found\n"
    assert (tmp_path / "deploy" / "found").read_text("utf-8") == expected
    # A result of an earlier run does not stay.
    assert run("check", "--format", form, "-o", "found", "ok.json") == (0, "", "")
    fine = run("check", "--format", form, "ok.json").out
    assert (tmp_path / "deploy" / "found").read_text("utf-8") == fine
    assert sorted(os.listdir()) == ["bad.json", "found", "ok.json"]


def test_stdout_may_be_named() -> None:
    assert run("check", "--output", "-", "bad.json") == run("check", "bad.json")


def test_colour_is_not_written_to_a_file() -> None:
    run("check", "--output", "found", "bad.json", env={"FORCE_COLOR": "1"})
    assert "\x1b" not in Path("found").read_text("utf-8")


@pytest.mark.parametrize("place", ["nowhere/found", "."])
def test_a_file_that_cannot_be_written_is_wrong_use(place: str) -> None:
    result = run("check", "--output", place, "bad.json")
    assert (result.code, result.out) == (2, "")
    assert f"cannot write '{place}': " in result.err


def test_exit_zero() -> None:
    result = run("check", "--exit-zero", "bad.json")
    assert result == run("check", "bad.json")._replace(code=0)


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_ci_services_name_files_from_the_repository_s_root(variable: str, tmp_path: Path) -> None:
    env = {variable: str(tmp_path)}
    github = run("check", "--format", "github", "bad.json", env=env).out
    assert github.startswith("::error file=deploy/bad.json,line=1,col=34,")
    (row,) = json.loads(run("check", "--format", "gitlab", "bad.json", env=env).out)
    assert row["location"]["path"] == "deploy/bad.json"
    log = json.loads(run("check", "--format", "sarif", "bad.json", env=env).out)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "deploy/bad.json"
    suite = ElementTree.fromstring(run("check", "--format", "junit", "bad.json", env=env).out)[0]
    assert suite.attrib["name"] == "deploy/bad.json"


def test_an_absolute_path_is_named_from_the_root_too(tmp_path: Path) -> None:
    path = str(tmp_path / "deploy" / "bad.json")
    result = run("check", "--format", "github", path, env={"GITHUB_WORKSPACE": str(tmp_path)})
    assert "file=deploy/bad.json," in result.out


def test_junit_fails_what_makes_the_run_fail() -> None:
    Path("twice.json").write_text("{ gateway: { port: 1, port: 2 } }", encoding="utf-8")
    for level, failures in (("error", "0"), ("warning", "1")):
        result = run("check", "--format", "junit", "--fail-on", level, "twice.json")
        assert ElementTree.fromstring(result.out).attrib["failures"] == failures
        assert result.code == int(failures)


COMMANDS = "{\n##[add-mask]x: 1,\n\n::error::y: 1 }\n"


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD"])
def test_in_a_ci_job_the_log_shows_the_config_s_lines_and_obeys_none(variable: str) -> None:
    result = run("check", "-", stdin=COMMANDS.encode(), env={variable: "true"})
    assert result.code == 1
    assert "##[" not in result.out
    assert "# #[add-mask]" in result.out
    assert not any(line.lstrip().startswith("::") for line in result.out.splitlines())


CANARY = "Zq7canary4Zq"
SECRETS = (
    "{{ models: {{ providers: {{ openrouter: {{ apiKey: '{0}', bas: 1 }} }} }} }}",
    "{{ models: {{ providers: {{ openrouter: {{ apiKey: ['{0}'], bas: 1 }} }} }} }}",
    "{{ models: {{ providers: {{ openrouter: {{ apiKey: {0} }} }} }} }}",
    "{{ apiKey: '{0}', apiKey: '{0}' }}",
    "{{ env: {{ PLAIN: '{0} }} }}",
    "apiKey={0}",
)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", SECRETS)
def test_no_format_tells_a_secret(form: str, text: str) -> None:
    result = run("check", "--format", form, "-", stdin=text.format(CANARY).encode())
    assert result.code == 1
    assert CANARY not in result.out + result.err


JOB = {"GITHUB_ACTIONS": "true"}
HOSTILE = '{ gateway: { port: 1, port: 2 }, "##[add-mask]x": { "::error::y": "##vso[a]b" } }'
PRINTING = (
    ["check", "--format", "text", "-"],
    ["check", "--format", "concise", "-"],
    ["check", "--format", "github", "-"],
    ["check", "--format", "json", "-"],
    ["check", "--format", "sarif", "-"],
    ["check", "--format", "gitlab", "-"],
    ["check", "--format", "junit", "-"],
    ["fmt", "--diff", "-"],
    ["compile", "-"],
    ["explain", "-", '["##[add-mask]x"]'],
    ["explain", "-", '["##[add-mask]x"]', "--format", "json"],
    ["check", "##[add-mask]x"],
)


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_no_command_line_lets_a_config_command_a_ci_job(arguments: list[str]) -> None:
    result = run(*arguments, stdin=HOSTILE.encode(), env=JOB)
    shown = result.out + result.err
    assert shown
    assert not re.search(r"##\w*\[", shown)
    assert not re.search(r"^\s*::(?!(error|warning|notice) file=)", shown, re.MULTILINE)


def test_json_says_the_same_in_a_ci_job() -> None:
    arguments = ("check", "--format", "json", "-")
    here, there = (run(*arguments, stdin=HOSTILE.encode(), env=env) for env in ({}, JOB))
    assert here.out != there.out
    assert json.loads(here.out) == json.loads(there.out)
