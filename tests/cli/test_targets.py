"""The version of OpenClaw that a config is checked for, and how it is chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openclaw_config.targets import releases
from tests.cli.program import run

NEW = '{ agents: { entries: { main: {} }, defaults: { mediaModels: { video: "a/b" } } } }\n'
OLD = '{ agents: { defaults: { videoGenerationModel: "a/b" } } }\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.json").write_text(NEW, encoding="utf-8")
    (tmp_path / "old.json").write_text(OLD, encoding="utf-8")
    return tmp_path


def target_of(*arguments: str) -> tuple[str, str]:
    """The release that ``check`` took, and what chose it."""
    value = json.loads(run("check", "--format", "json", *arguments).out)
    found = value["files"][0]["target"]
    return found["release"], found["by"]


def test_the_option_comes_first_then_settings_config_and_keys(folder: Path) -> None:
    assert target_of("new.json") == ("2026.9.6", "keys")
    assert target_of("old.json") == ("2026.4.29", "keys")
    touched = NEW.replace("{ agents", '{ meta: { lastTouchedVersion: "2026.8.2" }, agents', 1)
    (folder / "touched.json").write_text(touched, encoding="utf-8")
    assert target_of("touched.json") == ("2026.8.2", "config")
    (folder / ".openclaw-config.toml").write_text('target = "2026.9.3"\n', encoding="utf-8")
    assert target_of("touched.json") == ("2026.9.3", "asked")
    assert target_of("--target", "2026.7.34", "touched.json") == ("2026.7.1-2", "asked")


def test_a_config_is_judged_by_the_release_that_was_asked_for() -> None:
    assert run("check", "new.json").code == 0
    result = run("check", "--target", "2026.4.29", "new.json")
    assert result.code == 1
    assert "unknown key `entries` in agents" in result.out
    assert run("check", "--target", "2026.9.6", "old.json").code == 1


def test_a_target_that_nobody_asked_for_is_named_beside_findings(folder: Path) -> None:
    (folder / "bad.json").write_text(NEW.replace("main: {}", "main: { nmae: 1 }"), encoding="utf-8")
    assert "bad.json: for OpenClaw 2026.9.6, as its keys show\n" in run("check", "bad.json").err
    assert run("check", "--target", "2026.9.6", "bad.json").err == ""


OF_THEIR_TIME: list[tuple[str, tuple[str, str], list[str]]] = [
    # The newest loads it: nothing is said.
    (NEW.replace("a/b", "xai/b"), ("2026.9.6", "keys"), []),
    ("{ gateway: { port: 1 } }", ("2026.9.6", "default"), []),
    # Only the oldest does, by its keys or by what is found: a warning says what the newest refuses.
    (OLD.replace("a/b", "xai/b"), ("2026.4.29", "keys"), ["older-release"]),
    ("{ memorySearch: { enabled: true } }", ("2026.4.29", "keys"), ["legacy-key", "older-release"]),
    # Neither does: as its keys show, else as the newest says it.
    (
        '{ env: { A: "b" }, gatewy: {} }',
        ("2026.4.29", "keys"),
        ["older-release", "unknown-key"],
    ),
    ("{ gatewy: {} }", ("2026.9.6", "default"), ["unknown-key"]),
    # What nobody can read says nothing of its time.
    ('{ env: { KEY: "x" }', ("2026.4.29", "keys"), ["unclosed-bracket"]),
]


@pytest.mark.parametrize("text, target, rules", OF_THEIR_TIME)
def test_a_config_that_names_no_version_is_of_the_release_that_loads_it(
    text: str, target: tuple[str, str], rules: list[str], folder: Path
) -> None:
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert target_of("config.json") == target
    value = json.loads(run("check", "--format", "json", "config.json").out)
    assert sorted(item["rule"] for item in value["diagnostics"]) == sorted(rules)


def test_the_warning_names_all_that_the_newest_refuses_and_can_be_silenced(folder: Path) -> None:
    text = '{\n  env: { KEY: "x" },\n  messages: { tts: { provider: "openrouter" } },\n}\n'
    (folder / "config.json").write_text(text, encoding="utf-8")
    (found,) = json.loads(run("check", "--format", "json", "config.json").out)["diagnostics"]
    assert found["message"].endswith("2026.9.6 refuses this, and 1 more")
    assert found["label"] == "unknown key `KEY` in env"
    assert [one["message"] for one in found["related"]] == ["unknown key `tts` in messages"]
    for known in (["--target", "2026.4.29"], ["--ignore", "older-release"]):
        assert run("check", *known, "config.json").out == ""
    silenced = text.replace("  env", "  // openclaw-config: ignore[older-release]\n  env", 1)
    (folder / "config.json").write_text(silenced, encoding="utf-8")
    assert run("check", "config.json").out == ""


@pytest.mark.parametrize(
    "key, facts",
    [
        ("agents.defaults.mediaModels.video", {"since": "2026.8.1", "until": "", "now": ""}),
        (
            "agents.defaults.videoGenerationModel",
            {
                "since": "",
                "until": "2026.8.1",
                "now": "moved in OpenClaw 2026.8.1: write agents.defaults.mediaModels.video",
            },
        ),
        ("gateway.port", {"since": "", "until": "", "now": ""}),
    ],
)
def test_a_key_is_explained_by_the_releases_that_have_it(key: str, facts: dict[str, str]) -> None:
    value = json.loads(run("explain", key, "--format", "json").out)
    assert {name: value[name] for name in facts} == facts


def test_all_targets_in_one_table() -> None:
    result = run("check", "--target", "all", "new.json", "old.json")
    assert result.code == 1
    assert result.out == (
        "new.json\n"
        "  2026.4.29 to 2026.7.35   refused: 2 unknown-key\n"
        "    unknown key `entries` in agents [unknown-key]                  new.json:1:13\n"
        "    unknown key `mediaModels` in agents.defaults [unknown-key]     new.json:1:48\n"
        "  2026.8.1 to 2026.9.6     loads\n"
        "\n"
        "old.json\n"
        "  2026.4.29 to 2026.7.35   loads\n"
        "  2026.8.1 to 2026.9.6     refused: 1 unknown-key\n"
        "    unknown key `videoGenerationModel` in agents.defaults [unknown-key]  old.json:1:25\n"
    )


def test_of_many_findings_the_table_names_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = (releases()[0], releases()[-1])
    monkeypatch.setattr("openclaw_config.cli.inspect.releases", lambda: ends)
    text = json.dumps({f"key{number}": 1 for number in range(200)})
    (folder / "many.json").write_text(text, encoding="utf-8")
    lines = run("check", "--target", "all", "many.json").out.splitlines()
    assert lines[1] == "  2026.4.29 to 2026.9.6    refused: 100 unknown-key and more"
    assert [line.split(" [")[0] for line in lines[2:12]] == [
        f"    unknown key `key{number}` at the top level" for number in range(10)
    ]
    assert lines[12:] == ["    and 90 more"]


def test_all_targets_for_a_program() -> None:
    value = json.loads(run("check", "--target", "all", "--format", "json", "new.json").out)
    verdicts = value["files"][0]["releases"]
    assert [one["release"] for one in verdicts] == list(releases())
    assert (verdicts[0]["loads"], verdicts[-1]["loads"]) == (False, True)
    assert verdicts[0]["reasons"][0]["rule"] == "unknown-key"


def test_the_list_of_targets() -> None:
    assert [line.split()[0] for line in run("targets").out.splitlines()] == list(releases())
    rows = json.loads(run("targets", "--format", "json").out)["targets"]
    assert [row["release"] for row in rows] == list(releases())


@pytest.mark.parametrize("target", ["2026.9.6", "2026.4.29"])
def test_the_schema_of_a_release(target: str) -> None:
    value = json.loads(run("schema", "openclaw", "--target", target).out)
    assert value["$id"] == f"openclaw-{target}"


WRONG = [
    (("check", "--target", "newest", "new.json"), "'newest' is no version of OpenClaw"),
    (("compile", "--target", "all", "new.json"), "--target all goes with 'check' alone"),
    (("check", "--target", "all", "--fix", "new.json"), "--target all writes nothing"),
    (("schema", "openclaw", "--target", "x"), "'x' is no version of OpenClaw"),
]


@pytest.mark.parametrize("arguments, message", WRONG)
def test_wrong_use(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_a_setting_that_is_no_version(folder: Path) -> None:
    (folder / ".openclaw-config.toml").write_text('target = "nine"\n', encoding="utf-8")
    result = run("check", "new.json")
    assert "must be a version of OpenClaw, such as 2026.9.6" in result.out


def test_a_model_is_what_a_release_makes_of_it() -> None:
    asked = ("capabilities", "openrouter/google/lyria-3-pro-preview")
    assert "music" not in run(*asked, "--target", "2026.4.29").out
    result = run(*asked, "--target", "2026.9")
    assert result.code == 0
    assert (
        "generate        lyrics, instrumental, duration, max duration 180 s, formats mp3|wav"
        in result.out
    )
    assert "comfy" not in run("capabilities", "--target", "2026.9.6").out
