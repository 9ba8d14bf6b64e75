"""``check``: fixes, control and discovery on the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from openclaw_config.facts import read_json
from tests.cli.program import OK, Result, run

WRONG = "{ gateway: { port: 1_8, lobster: true } } // mine\n"
FIXED = "{ gateway: { port: 18, lobster: true } } // mine\n"
TWICE = "{ gateway: { port: 1, port: 2 } }\n"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_WORKSPACE", "GITHUB_ACTIONS", "CI_PROJECT_DIR", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write("openclaw.json", WRONG)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def rules(result: Result) -> list[str]:
    """The rules of what was found."""
    value = json.loads(result.out)
    Draft202012Validator(read_json("report.schema.json")).validate(value)
    return [item["rule"] for item in value["diagnostics"]]


def found(*arguments: str) -> list[str]:
    return rules(run("check", "--format", "json", *(arguments or ("openclaw.json",))))


# --- fixes ----------------------------------------------------------------------------------------


def test_fix_mends_what_it_can_and_tells_what_is_left() -> None:
    result = run("check", "--fix", "openclaw.json")
    assert result.code == 1
    assert result.err == "openclaw.json: fixed 1 numeric-separator\n"
    assert result.out.startswith("error[unknown-key]: ")
    assert Path("openclaw.json").read_text("utf-8") == FIXED
    again = run("check", "--fix", "openclaw.json")
    assert (again.code, again.out, again.err) == (1, result.out, "")


def test_fix_ends_well_when_nothing_is_left() -> None:
    write("openclaw.json", "{ gateway: { port: 1_8 } }")
    assert run("check", "--fix", "openclaw.json").code == 0
    assert run("check", "--fix", "openclaw.json") == (0, "", "")


def test_the_config_that_openclaw_would_load_is_mended_too() -> None:
    write(".openclaw/openclaw.json", "{ gateway: { port: 1_8 } }")
    Path("openclaw.json").unlink()
    result = run("check", "--fix")
    assert (result.code, result.out) == (0, "")
    place = os.path.join(".openclaw", "openclaw.json")
    assert f"{place}: fixed 1 numeric-separator\n" in result.err
    assert Path(place).read_text("utf-8") == "{ gateway: { port: 18 } }"
    Path(place).unlink()
    assert run("check", "--fix").err == run("check").err


def test_diff_shows_what_fix_would_do_and_writes_nothing() -> None:
    result = run("check", "--diff", "openclaw.json")
    assert result.code == 1
    assert f"-{WRONG}+{FIXED}" in result.out
    assert result.err.startswith("openclaw.json: would fix 1 numeric-separator\n")
    assert result.err.endswith("1 error in openclaw.json\n")
    assert Path("openclaw.json").read_text("utf-8") == WRONG
    write("openclaw.json", FIXED.replace(", lobster: true", ""))
    assert run("check", "--diff", "openclaw.json") == (0, "", "")


def test_unsafe_fixes_are_asked_for() -> None:
    write("openclaw.json", TWICE)
    assert run("check", "--fix", "openclaw.json").err == ""
    result = run("check", "--fix", "--unsafe-fixes", "openclaw.json")
    assert (result.code, result.out) == (0, "")
    assert Path("openclaw.json").read_text("utf-8") == "{ gateway: { port: 2 } }\n"


def test_standard_input_is_written_to_standard_output() -> None:
    result = run("check", "--fix", "-", stdin=WRONG.encode())
    assert (result.code, result.out) == (1, FIXED)
    assert result.err.startswith("<stdin>: fixed 1 numeric-separator\nerror[unknown-key]")
    fine = run("check", "--fix", "-", stdin=OK.encode())
    assert fine == (0, OK, "")


def test_the_bytes_of_standard_input_come_back_as_they_are(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf{ gateway: { port: 1_8 } }\r\n// \xff"
    result = run("check", "--diff", "-", stdin=text)
    assert result.out == ""


def test_fix_in_a_format_for_programs() -> None:
    result = run("check", "--fix", "--format", "json", "openclaw.json")
    assert rules(result) == ["unknown-key"]
    assert result.err == "openclaw.json: fixed 1 numeric-separator\n"


def test_a_diff_shows_no_secret() -> None:
    write(
        "openclaw.json",
        "{ models: { providers: { a: { apiKey: 'canary', timeoutSeconds: 1_0 } } } }",
    )
    result = run("check", "--diff", "openclaw.json")
    assert "+" in result.out
    assert "canary" not in result.out + result.err


def test_what_cannot_be_written_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from openclaw_config import files

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("openclaw_config.lint.fixes.write_atomically", refuse)
    assert files  # the module that the real one comes from
    write("openclaw.json", "{ gateway: { port: 1_8 } }")
    result = run("check", "--fix", "openclaw.json")
    assert result.code == 1
    assert "error[numeric-separator]" in result.out
    assert "cannot be written (Permission denied), and is left as it is" in result.err


# --- control --------------------------------------------------------------------------------------


def test_select_ignore_and_severity() -> None:
    write("openclaw.json", '{ gateway: { port: "1", lobster: 1 } }')
    assert sorted(found()) == ["unknown-key", "wrong-type"]
    assert found("--select", "wrong-type", "openclaw.json") == ["wrong-type"]
    assert found("--select", "wrong-*, legacy-key", "openclaw.json") == ["wrong-type"]
    assert found("--ignore", "wrong-type", "openclaw.json") == ["unknown-key"]
    ignored = run("check", "--ignore", "all", "--format", "json", "openclaw.json")
    assert (ignored.code, rules(ignored)) == (0, [])
    assert json.loads(ignored.out)["loads"] is False
    milder = ("--severity", "unknown-key=warning", "--severity", "wrong-type=info")
    assert run("check", *milder, "openclaw.json").code == 0
    assert run("check", *milder, "--fail-on", "warning", "openclaw.json").code == 1


def test_options_beat_the_settings_file() -> None:
    write(".openclaw-config.toml", 'ignore = ["unknown-key"]\n')
    write("openclaw.json", '{ gateway: { port: "1", lobster: 1 } }')
    assert found() == ["wrong-type"]
    assert found("--select", "unknown-key", "openclaw.json") == ["unknown-key"]
    assert sorted(found("--no-settings", "openclaw.json")) == ["unknown-key", "wrong-type"]
    write("other.toml", 'ignore = ["wrong-type"]\n')
    assert found("--settings", "other.toml", "openclaw.json") == ["unknown-key"]


def test_settings_of_paths_and_folders() -> None:
    write("pyproject.toml", '[tool.openclaw-config.per-path."a/"]\nignore = ["unknown-key"]\n')
    write("b/.openclaw-config.toml", 'ignore = ["numeric-separator"]\n')
    for name in ("a/openclaw.json", "b/openclaw.json"):
        write(name, "{ lobster: 1 }")
    value = json.loads(run("check", "--format", "json", "a", "b", "openclaw.json").out)
    assert [(item["file"], item["rule"]) for item in value["diagnostics"]] == [
        ("b/openclaw.json", "unknown-key"),
        ("openclaw.json", "numeric-separator"),
        ("openclaw.json", "unknown-key"),
    ]


def test_what_is_wrong_with_a_settings_file_is_told_once() -> None:
    write(".openclaw-config.toml", "ignroe = []\n")
    write("second.json", OK)
    write("openclaw.json", OK)
    result = run("check", "openclaw.json", "second.json")
    assert result.code == 1
    assert "┌─ .openclaw-config.toml:1:1" in result.out
    assert "did you mean `ignore`?" in result.out
    assert result.out.count("error[") == 1


def test_the_env_file_of_the_settings() -> None:
    write("openclaw.json", '{ gateway: { auth: { token: "${GATEWAY}" } } }')
    write("ci/some.env", "OTHER=1\n")
    write(".openclaw-config.toml", 'env-file = "ci/some.env"\n')
    assert "missing-variable" in found()
    assert "missing-variable" not in found("--env", "assume", "openclaw.json")
    write("mine.env", "GATEWAY=abc\n")
    assert "missing-variable" not in found("--env-file", "mine.env", "openclaw.json")
    Path("ci/some.env").unlink()
    assert "invalid-setting" in found()


def test_a_baseline() -> None:
    result = run("check", "--write-baseline", "known.json", "openclaw.json")
    assert result == (0, "", "known.json: knows 2 findings in 1 file\n")
    assert run("check", "--baseline", "known.json", "openclaw.json") == (0, "", "")
    write("openclaw.json", OK)
    result = run("check", "--baseline", "known.json", "openclaw.json")
    assert (result.code, result.out) == (0, "")
    gone = "known.json: 2 findings of it are gone; --write-baseline makes it anew\n"
    assert result.err == gone
    result = run("check", "--write-baseline", "known.json", "openclaw.json")
    assert result.err == "known.json: knows 0 findings in 0 files\n"


def test_list_rules() -> None:
    result = run("check", "--list-rules", "--ignore", "unknown-key")
    assert (result.code, result.err) == (0, "")
    rows = {line.split()[0]: line.split()[1] for line in result.out.splitlines() if line[0] != " "}
    assert (rows["unknown-key"], rows["wrong-type"], rows["duplicate-key"]) == (
        "off",
        "error",
        "warning",
    )
    assert rows["proxy-attribution"] == "off"
    assert max(map(len, result.out.splitlines())) <= 100
    value = json.loads(run("check", "--list-rules", "--format", "json").out)
    Draft202012Validator(read_json("answers.schema.json")).validate(value)
    assert {rule["name"]: rule["level"] for rule in value["rules"]}["unknown-key"] == "error"


def test_show_settings() -> None:
    write("ci/x.env", "A=1\n")
    write(
        ".openclaw-config.toml",
        'ignore = ["legacy-key"]\nenv-file = "ci/x.env"\n[per-path."*.json"]\nselect = ["all"]\n',
    )
    result = run("check", "--show-settings", "--severity", "unknown-key=info", "openclaw.json")
    assert (result.code, result.err) == (0, "")
    assert [" ".join(line.split()) for line in result.out.splitlines()] == [
        "for openclaw.json",
        "settings .openclaw-config.toml",
        "ignore legacy-key .openclaw-config.toml:1:1",
        "select all .openclaw-config.toml:4:1",
        "severity unknown-key = info command line",
        "baseline none by default",
        "env-file ci/x.env .openclaw-config.toml:2:1",
    ]
    value = json.loads(run("check", "--show-settings", "--format", "json", "--no-settings").out)
    Draft202012Validator(read_json("answers.schema.json")).validate(value)
    assert value["settings"][0] == {
        "setting": "settings",
        "value": "none",
        "origin": "command line",
    }


WRONG_USE = [
    (["--select", "unknwon-key", "openclaw.json"], "did you mean 'unknown-key'?"),
    (["--severity", "unknown-key", "openclaw.json"], "is not RULE=LEVEL"),
    (["--severity", "unknown-key=loud", "openclaw.json"], "error, warning, info, off"),
    (["--unsafe-fixes", "openclaw.json"], "--unsafe-fixes goes with --fix"),
    (["--settings", "absent.toml", "openclaw.json"], "there is no settings file 'absent.toml'"),
    (["--settings", "a", "--no-settings", "openclaw.json"], "exclude each other"),
    (["--baseline", "absent.json", "openclaw.json"], "cannot read 'absent.json': No such file"),
    (["--baseline", "openclaw.json", "openclaw.json"], "cannot read 'openclaw.json': it is no"),
    (["--write-baseline", "absent/known.json", "openclaw.json"], "cannot write 'absent/known"),
    (["--stdin-filename", "a.json", "openclaw.json"], "--stdin-filename goes with '-'"),
]


@pytest.mark.parametrize("arguments, message", WRONG_USE)
def test_wrong_use(arguments: list[str], message: str) -> None:
    result = run("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


# --- discovery ------------------------------------------------------------------------------------


def test_folders_and_patterns() -> None:
    write("deploy/team.openclaw.json5", "{ lobster: 1 }")
    write("deploy/other.json", "{ crab: 1 }")
    assert "\n3 errors in 2 files\n" in run("check", ".").out
    assert found("deploy/*.json") == ["unknown-key"]


def test_standard_input_may_have_a_name() -> None:
    write("conf/part.json5", "{ crab: 1 }")
    write("conf/.openclaw-config.toml", 'ignore = ["duplicate-key"]\n')
    text = b'{ $include: "part.json5", ui: {}, ui: {} }'
    result = run("check", "--stdin-filename", "conf/openclaw.json", "-", stdin=text)
    assert result.code == 1
    assert "┌─ conf/part.json5:1:3" in result.out
    assert result.out.endswith("1 error in conf/openclaw.json\n")


def test_the_same_file_counts_once() -> None:
    assert found("openclaw.json", "openclaw.json") == ["numeric-separator", "unknown-key"]


def test_many_files_keep_their_order(tmp_path: Path) -> None:
    names = [f"{number:03}.openclaw.json" for number in range(130)]
    for name in names:
        write(os.path.join("many", name), "{ lobster: 1 }")
    value = json.loads(run("check", "--format", "json", "many").out)
    assert [file["file"] for file in value["files"]] == [f"many/{name}" for name in names]
    assert [item["file"] for item in value["diagnostics"]] == [f"many/{name}" for name in names]


def test_the_text_of_an_included_file_is_checked_as_a_part_of_its_config() -> None:
    write("openclaw.json", '{ gateway: { $include: "./part.json5" } }')
    write("part.json5", "{ port: 18789 }")
    fine = run("check", "--stdin-filename", "part.json5", "-", stdin=b"{ port: 18790 }")
    assert (fine.code, fine.out) == (0, "")
    wrong = run("check", "--stdin-filename", "part.json5", "-", stdin=b"{\n  prot: 18790 }")
    assert wrong.code == 1
    assert "error[unknown-key]" in wrong.out
    assert "part.json5:2:3" in wrong.out
