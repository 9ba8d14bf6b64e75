"""``explain FILE KEY``: why a value is what it is, and what it decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openclaw_config.facts import read_json
from tests.cli.program import run
from tests.cli.secret_paths import config_with, secret_paths

CONFIG = """\
{
  env: { OPENROUTER_API_KEY: "sk-or-v1-Zq7canary4Zq", COLOUR: "#ff8800" },
  ui: { seamColor: "${COLOUR}" },
  gateway: { port: 1000, port: 2000, bind: "lan" },
  messages: { tts: { openai: { voice: "alloy" } } },
  agents: {
    defaults: {
      videoGenerationModel: { primary: "openrouter/google/veo-3.1-fast" },
    },
    list: [{ id: "main" }, { id: "writer", default: true }],
  },
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openclaw.json").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def answer(key: str, *options: str, file: str = "openclaw.json") -> Any:
    """What ``--format json`` prints, held against the published schema."""
    value = json.loads(run("explain", file, key, "--format", "json", *options).out)
    schema = read_json("answers.schema.json")
    Draft202012Validator({"$ref": "#/$defs/value", "$defs": schema["$defs"]}).validate(value)
    return value


def at(line: int, column: int, file: str = "openclaw.json") -> dict[str, Any]:
    return {"file": file, "line": line, "column": column}


def test_a_value_its_place_and_what_it_decides() -> None:
    value = answer("agents.defaults.videoGenerationModel.primary")
    assert value["value"] == '"openrouter/google/veo-3.1-fast"'
    assert value["place"] == at(8, 40)
    assert "video.candidates[0].model" in value["decides"]
    assert "video.candidates[0].steps[0].body.model" in value["decides"]
    assert value["key"]["expects"] == "a string"
    text = run("explain", "openclaw.json", "agents.defaults.videoGenerationModel.primary").out
    assert "  stands at  openclaw.json:8:40\n" in text
    assert "  decides    video.candidates[0].model\n" in text


def test_a_container_decides_what_its_values_decide() -> None:
    value = answer("agents.defaults.videoGenerationModel")
    assert value["value"] == "an object with 1 key"
    assert {"video", "video.candidates[0].model"} <= set(value["decides"])


def test_items_of_lists() -> None:
    assert answer("agents.list[1].id")["value"] == '"writer"'
    assert answer("agents.list[1].id")["key"]["path"] == "agents.list[1].id"
    assert answer("agents.list")["value"] == "a list of 2 items"
    assert answer("agents.list[2].id")["set"] is False


def test_a_variable_and_where_it_is_set() -> None:
    (variable,) = answer("ui.seamColor")["variables"]
    assert variable == {"name": "COLOUR", "kind": "block", "place": at(2, 63)}
    text = run("explain", "openclaw.json", "ui.seamColor").out
    assert "  variable   COLOUR, from the env block, openclaw.json:2:63\n" in text


def test_the_environment_counts_as_the_options_say(folder: Path) -> None:
    (folder / "x.json").write_text('{ ui: { seamColor: "${X}" } }', encoding="utf-8")
    (folder / "x.env").write_text("X=#ffffff\n", encoding="utf-8")
    (folder / "none.env").write_text("", encoding="utf-8")
    kinds = [
        answer("ui.seamColor", *options, file="x.json")["variables"][0]["kind"]
        for options in ([], ["--env-file", "x.env"], ["--env-file", "none.env"])
    ]
    assert kinds == ["assumed", "dotenv", "missing"]


def test_a_key_of_the_env_block_decides_where_it_is_a_credential() -> None:
    value = answer("env.OPENROUTER_API_KEY")
    assert value["value"] == "a string"
    assert any(field.startswith("video.candidates[0].credential") for field in value["decides"])


def test_a_repeated_key() -> None:
    # LOAD-11: the last one counts.
    value = answer("gateway.port")
    assert (value["value"], value["place"]) == ("2000", at(4, 32))
    assert value["overridden"] == [at(4, 20)]
    assert (
        "no effect  what openclaw.json:4:20 says"
        in run("explain", "openclaw.json", "gateway.port").out
    )


def test_an_old_key_from_both_sides() -> None:
    old = answer("messages.tts.openai.voice")
    assert (old["value"], old["movedTo"]) == ('"alloy"', "messages.tts.providers.openai.voice")
    new = answer("messages.tts.providers.openai.voice")
    assert (new["place"], new["writtenAs"]) == (old["place"], "messages.tts.openai.voice")
    key = json.loads(run("explain", "messages.tts.openai", "--format", "json").out)
    assert key["legacy"]
    assert "write messages.tts.providers.openai instead" in key["description"]


def test_an_included_value_and_what_it_loses_against(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "main.json").write_text(
        '{\n  $include: "./parts/base.json",\n  gateway: { bind: "lan" } }', encoding="utf-8"
    )
    (folder / "parts" / "base.json").write_text(
        '{ gateway: { $include: "gateway.json", bind: "auto" } }', encoding="utf-8"
    )
    (folder / "parts" / "gateway.json").write_text('{ port: 5, bind: "x" }', encoding="utf-8")
    port = answer("gateway.port", file="main.json")
    assert port["place"] == at(1, 9, "parts/gateway.json")
    assert port["includes"] == [at(2, 13, "main.json"), at(1, 24, "parts/base.json")]
    bind = answer("gateway.bind", file="main.json")
    assert (bind["place"], bind["includes"]) == (at(3, 20, "main.json"), [])
    assert [place["file"] for place in bind["overridden"]] == [
        "parts/base.json",
        "parts/gateway.json",
    ]
    text = run("explain", "main.json", "gateway.port").out
    first, second = (
        text.index("included at parts/base.json"),
        text.index("included at main.json:2:13"),
    )
    assert first < second


def test_a_key_that_is_not_set() -> None:
    value = answer("gateway.mode")
    assert (value["set"], value["value"], value["place"]) == (False, "", None)
    assert value["key"]["expects"] == '"local" or "remote"'
    assert "  value      not set\n" in run("explain", "openclaw.json", "gateway.mode").out


def test_an_unknown_key_that_is_there_is_explained_as_far_as_possible(folder: Path) -> None:
    (folder / "x.json").write_text("{ gatway: { port: 1 } }", encoding="utf-8")
    value = answer("gatway.port", file="x.json")
    assert (value["value"], value["key"], value["decides"]) == ("a number", None, [])
    result = run("explain", "x.json", "gatway")
    assert result.code == 0
    assert "error[unknown-key]" in result.err
    assert result.err.endswith("x.json does not load, so it decides nothing ('check' says why)\n")


def test_only_findings_about_the_value_are_told() -> None:
    assert run("explain", "openclaw.json", "gateway.bind").err == ""
    assert "duplicate-key" in run("explain", "openclaw.json", "gateway.port").err


WRONG_USE = [
    (["openclaw.json", "gateway.prot"], "did you mean 'gateway.port'?"),
    (["openclaw.json", "agents.list[].id"], "not a key path: behind"),
    (["openclaw.json", "a", "b"], "a file and a key"),
    (["absent.json", "gateway.port"], "there is no file 'absent.json'"),
    (["openclaw.json"], "to explain a value of that file, name its key too"),
    ([], "Missing argument"),
]


@pytest.mark.parametrize("arguments, message", WRONG_USE)
def test_wrong_use(arguments: list[str], message: str) -> None:
    result = run("explain", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


CANARY = "Zq7canary4Zq"


@pytest.mark.parametrize("path", secret_paths()[::7], ids=lambda path: ".".join(map(str, path)))
def test_no_secret_is_shown(path: tuple[str | int, ...]) -> None:
    text = json.dumps(config_with(path, CANARY))
    key = "".join(f"[{step}]" if isinstance(step, int) else f'["{step}"]' for step in path)
    for form in ("text", "json"):
        result = run("explain", "-", key, "--format", form, stdin=text.encode())
        assert result.code == 0, result.err
        assert CANARY not in result.out + result.err


def test_many_ways_through_includes_cost_no_more_than_the_files(tmp_path: Path) -> None:
    for level in range(10):
        below = ", ".join([f'"./{level + 1}.json"'] * 10)
        text = f"{{ $include: [{below}] }}" if level < 9 else "{ gateway: { port: 1 } }"
        (tmp_path / f"{level}.json").write_text(text, "utf-8")
    # There are more than our bound takes, and ten to the tenth ways to the last one.
    result = run("explain", str(tmp_path / "0.json"), "gateway.port")
    assert result.code == 0
    assert "9.json:1:20" in result.out
