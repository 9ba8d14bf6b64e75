"""How the command line behaves: arguments, streams and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from openclaw_config import __version__
from openclaw_config.cli.command import COMMANDS, style_of
from openclaw_config.cli.parameters import Command, commands
from openclaw_config.facts import read_json
from openclaw_config.lint import linter
from tests.cli.program import BAD, OK, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a good and a bad config, and no other config anywhere near."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ok.json").write_text(OK, encoding="utf-8")
    (tmp_path / "bad.json").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_a_good_file_prints_nothing(folder: Path) -> None:
    assert run("check", "ok.json") == (0, "", "")


def test_a_bad_file_is_told_on_stdout(folder: Path) -> None:
    result = run("check", "bad.json")
    assert result.code == 1
    assert result.err == "bad.json: for OpenClaw 2026.9.6, the newest\n"
    assert result.out.startswith("error[unknown-key]: ")
    assert "  ┌─ bad.json:1:34\n" in result.out
    fixable = "1 fixable with --fix --unsafe-fixes"
    assert result.out.endswith(f"\n\n1 error in bad.json\n{fixable}\n")


def test_check_may_be_left_out(folder: Path) -> None:
    assert run("bad.json") == run("check", "bad.json")
    assert run("--format", "json", "bad.json") == run("check", "--format", "json", "bad.json")


def test_many_files_in_one_run(folder: Path) -> None:
    result = run("check", "ok.json", "bad.json", "bad.json")
    assert result.code == 1
    assert "\n1 error in bad.json\n" in result.out  # each file counts once
    value = json.loads(run("check", "--format", "json", "ok.json", "bad.json").out)
    assert [file["loads"] for file in value["files"]] == [True, False]


def test_standard_input() -> None:
    result = run("check", "-", stdin=BAD.encode())
    assert result.code == 1
    assert "┌─ <stdin>:1:34" in result.out


def test_the_config_that_openclaw_would_load(folder: Path) -> None:
    (folder / ".openclaw").mkdir()
    (folder / ".openclaw" / "openclaw.json").write_text(OK, encoding="utf-8")
    result = run("check")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("openclaw.json: no problems found\n")
    (folder / ".openclaw" / "openclaw.json").write_text(BAD, encoding="utf-8")
    assert run("check").code == 1


def test_no_config_anywhere_is_told(folder: Path) -> None:
    result = run("check")
    assert result.code == 1
    assert "there is no config: looked for " in result.out
    assert result.out.endswith("1 error in openclaw.json\n")


def test_warnings_alone_are_no_failure_unless_asked(folder: Path) -> None:
    (folder / "twice.json").write_text("{ gateway: { port: 1, port: 2 } }", encoding="utf-8")
    assert run("check", "twice.json").code == 0
    assert "warning[duplicate-key]" in run("check", "twice.json").out
    assert run("check", "--fail-on", "warning", "twice.json").code == 1
    assert run("check", "--quiet", "twice.json") == (0, "", "")


WRONG_USE = [
    (["check", "absent.json"], "there is no file 'absent.json'"),
    (["chekc"], "did you mean the command 'check'?"),
    (["compile", "."], "'.' is a folder"),
    (["check", "*.yaml"], "there is no file '*.yaml'"),
    (["check", "--colour", "ok.json"], "No such option"),
    (["check", "--env", "production", "ok.json"], "production"),
    (["check", "--env-file", "absent.env", "ok.json"], "cannot read 'absent.env': No such file"),
    (["check", "\x1b[2J"], "\\x1B[2J"),
    (["compile", "ok.json", "--surface", "smell"], "smell"),
    (["compile", "ok.json", "--agent", "nobody"], "there is no agent 'nobody'"),
    (["explain", "unknwon-key"], "did you mean 'unknown-key'?"),
    (["explain", "agents.defualts"], "did you mean 'agents.defaults'?"),
    (["schema", "everything"], "everything"),
]


@pytest.mark.parametrize("arguments, message", WRONG_USE)
def test_wrong_use(folder: Path, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "--help'" in result.err.splitlines()[-1]
    assert "\x1b" not in result.err


def test_version() -> None:
    assert run("--version") == (0, f"openclaw-config {__version__}\n", "")


def test_without_arguments_it_explains_itself() -> None:
    result = run()
    assert (result.code, result.err) == (0, "")
    assert result == run("--help") == run("-h")
    assert all(f"  {name} " in result.out for name in COMMANDS)


def every_command() -> list[tuple[str, ...]]:
    """The commands by their words, those of groups included."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = commands.get_command(click.Context(commands), name)
        inner = command.commands if isinstance(command, click.Group) else {}
        found += [(name, word) for word in inner] or [(name,)]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_each_help_text_has_examples_that_hold(words: tuple[str, ...]) -> None:
    command = commands.get_command(click.Context(commands), words[0])
    if isinstance(command, click.Group):
        command = command.commands[words[1]]
    assert isinstance(command, Command)
    assert command.examples
    for line in command.examples:
        assert tuple(line.split()[: len(words)]) == words
    result = run(*words, "--help")
    assert result.code == 0
    assert "Examples:\n" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


def test_compile_says_what_is_wrong_on_stderr_and_the_plan_on_stdout(folder: Path) -> None:
    good = run("compile", "ok.json", "--surface", "chat")
    assert (good.code, good.err) == (0, "")
    assert "POST https://openrouter.ai/api/v1/chat/completions" in good.out
    bad = run("compile", "bad.json")
    assert (bad.code, bad.out) == (1, "")
    assert "error[unknown-key]" in bad.err


def test_the_yaml_and_the_json_of_a_plan_say_the_same(folder: Path) -> None:
    from ruamel.yaml import YAML

    as_json = json.loads(run("compile", "ok.json", "--format", "json").out)
    assert YAML(typ="safe").load(run("compile", "ok.json", "--format", "yaml").out) == as_json


def answer(*arguments: str) -> Any:
    """The JSON that a command prints, held against its published schema."""
    result = run(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    value = json.loads(result.out)
    Draft202012Validator(read_json("answers.schema.json")).validate(value)
    return value


def test_keys_and_env_name_the_variable(folder: Path) -> None:
    for command in ("keys", "env"):
        result = run(command, "ok.json")
        assert (result.code, result.err) == (0, "")
        assert "OPENROUTER_API_KEY" in result.out
        assert answer(command, "ok.json")["version"] == 1


def states(*arguments: str, **env: str) -> set[str]:
    """The states of the OpenRouter key, by ``env``."""
    result = run("env", "ok.json", "--format", "json", *arguments, env=env)
    return {
        variable["state"]
        for variable in json.loads(result.out)["variables"]
        if variable["name"] == "OPENROUTER_API_KEY"
    }


def test_which_environment_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    (folder / "keys.env").write_text("OPENROUTER_API_KEY=abc\n", encoding="utf-8")
    (folder / "none.env").write_text("OTHER=abc\n", encoding="utf-8")
    assert states() == {"unknown"}
    assert states("--env", "process", OPENROUTER_API_KEY="abc") == {"set"}
    assert states("--env-file", "keys.env") == {"set"}
    assert states("--env-file", "none.env") == {"missing"}


def test_capabilities() -> None:
    result = run("capabilities", "openrouter/google/veo-3.1-fast")
    assert (result.code, result.err) == (0, "")
    assert "4|6|8 s" in result.out
    assert json.loads(run("capabilities", "openrouter", "--format", "json").out)["providers"]
    assert run("capabilities", "nobody/nothing").code == 1


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    table = tmp_path / "mine.yaml"
    table.write_text("not: a table\n", encoding="utf-8")
    result = run("capabilities", "--capabilities", str(table))
    assert (result.code, result.out) == (1, "")
    assert "mine.yaml:1:1" in result.err


@pytest.mark.parametrize(
    "name",
    ["plan", "report", "answers", "capabilities", pytest.param("openclaw", marks=pytest.mark.slow)],
)
def test_schema(name: str) -> None:
    result = run("schema", name)
    assert (result.code, result.err) == (0, "")
    Draft202012Validator.check_schema(json.loads(result.out))


def test_explain() -> None:
    rule = run("explain", "unknown-key")
    assert rule.code == 0
    assert "Bad:\n" in rule.out
    assert answer("explain", "unknown-key")["kind"] == "rule"
    key = answer("explain", "agents.list[2].model")
    assert (key["kind"], key["path"]) == ("key", "agents.list[].model")
    assert "secret     yes" in run("explain", "models.providers.openrouter.apiKey").out


# --- faults of ours -------------------------------------------------------------------------------


class SomethingBrokeError(Exception):
    """Stands for any fault; its text may hold what must not be shown."""


def broken(*_: object, **__: object) -> None:
    secret = "canary in a local variable"
    raise SomethingBrokeError(secret)


def test_a_fault_of_ours_is_code_3_and_tells_no_values(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linter, "check", broken)
    result = run("check", "ok.json")
    assert (result.code, result.out) == (3, "")
    assert f"openclaw-config {__version__}: a fault of this program" in result.err
    assert "SomethingBrokeError in the command 'check', at\n" in result.err
    assert "openclaw_config/lint/linter.py:" in result.err
    assert " in broken\n" in result.err
    assert "canary" not in result.err


def test_a_file_that_we_miss_is_a_fault_in_the_root_folder_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.chdir("/")
    monkeypatch.setattr(linter, "check", missing)
    result = run("check", str(folder / "ok.json"))
    assert result.code == 3
    assert "FileNotFoundError in the command" in result.err


def test_an_interruption_is_quiet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(linter, "check", interrupted)
    assert run("check", "ok.json") == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="pipes close otherwise there")
def test_a_reader_that_goes_away_is_no_fault(folder: Path) -> None:
    program = [sys.executable, "-m", "openclaw_config", "schema", "openclaw"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


# --- terminals ------------------------------------------------------------------------------------


class Stream:
    """A stream that is a terminal, or is not."""

    def __init__(self, terminal: bool, encoding: str = "utf-8") -> None:
        self.terminal = terminal
        self.encoding = encoding

    def isatty(self) -> bool:
        return self.terminal

    def fileno(self) -> int:
        raise OSError


COLOUR = [
    (True, {}, True),
    (False, {}, False),
    (True, {"NO_COLOR": "1"}, False),
    (True, {"NO_COLOR": ""}, True),
    (True, {"TERM": "dumb"}, False),
    (False, {"FORCE_COLOR": "1"}, True),
    (False, {"FORCE_COLOR": ""}, False),
    (True, {"FORCE_COLOR": "0"}, False),
    (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize("terminal, environ, expected", COLOUR)
def test_colour(terminal: bool, environ: dict[str, str], expected: bool) -> None:
    assert style_of(Stream(terminal), environ).colour == expected  # type: ignore[arg-type]


WIDTHS = [
    (True, {"COLUMNS": "72"}, 72),
    (True, {"COLUMNS": "1000"}, 120),
    (True, {"COLUMNS": "wide"}, 100),
    (True, {}, 100),
    (False, {"COLUMNS": "72"}, 100),
]


@pytest.mark.parametrize("terminal, environ, expected", WIDTHS)
def test_width(terminal: bool, environ: dict[str, str], expected: int) -> None:
    assert style_of(Stream(terminal), environ).width == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "encoding, expected", [("utf-8", True), ("UTF8", True), ("ascii", False), ("cp1252", False)]
)
def test_unicode(encoding: str, expected: bool) -> None:
    assert style_of(Stream(True, encoding), {}).unicode == expected  # type: ignore[arg-type]


def test_an_encoding_that_lacks_a_character_ends_nothing(folder: Path) -> None:
    (folder / "bad.json").write_text("{ 'schlüssel日本': 1 }", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "openclaw_config", "check", "bad.json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"1 | { 'schl\\xfcssel" in done.stdout
    assert done.stderr == b"bad.json: for OpenClaw 2026.9.6, the newest\n"


def test_a_message_is_one_line(folder: Path) -> None:
    assert "Choose from: openclaw, plan," in run("schema").err
