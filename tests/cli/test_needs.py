"""``keys`` and ``env``: whose keys, which variables, and what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openclaw_config.diagnostics.model import documented
from openclaw_config.facts import read_json
from openclaw_config.lint.linter import no_key
from tests.cli.program import run

AGENTS = """{
  agents: {
    defaults: { model: "openrouter/auto" },
    list: [{ id: "main" }, { id: "writer", model: "anthropic/claude-opus-4-7" }],
  },
  gateway: { auth: { token: "${GATEWAY_TOKEN}" } },
}
"""
KEY = "sk-or-canary"
CLAUDE = "ANTHROPIC_OAUTH_TOKEN or ANTHROPIC_API_KEY"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("OPENCLAW_CONFIG_PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openclaw.json").write_text(AGENTS, "utf-8")
    (tmp_path / "none.env").write_text(documented(no_key).bad, "utf-8")
    (tmp_path / "router.env").write_text(documented(no_key).good + "GATEWAY_TOKEN=x\n", "utf-8")
    return tmp_path


def answer(command: str, *arguments: str) -> Any:
    value = json.loads(run(command, *arguments, "--format", "json").out)
    schema = read_json("answers.schema.json")
    Draft202012Validator({"$ref": f"#/$defs/{command}", "$defs": schema["$defs"]}).validate(value)
    return value


def names(*arguments: str) -> list[str]:
    return [" or ".join(need["anyOf"]) for need in answer("env", *arguments)["needs"]]


def test_whose_needs() -> None:
    assert names() == ["GATEWAY_TOKEN", "OPENROUTER_API_KEY"]
    assert names("--agent", "writer") == [CLAUDE, "GATEWAY_TOKEN"]
    assert names("--all-agents") == [CLAUDE, "GATEWAY_TOKEN", "OPENROUTER_API_KEY"]


def test_whose_keys() -> None:
    def agents(*arguments: str) -> set[tuple[str, str]]:
        rows = answer("keys", *arguments)["keys"]
        return {(row["agent"], row["candidate"]) for row in rows if row["surface"] == "chat"}

    main, writer = ("main", "openrouter/auto"), ("writer", "anthropic/claude-opus-4-7")
    assert agents() == {main}
    assert agents("--agent", "writer") == {writer}
    assert agents("--all-agents") == {main, writer}
    shown = run("keys", "--all-agents").out
    assert [line for line in shown.splitlines() if line.startswith("agent ")] == [
        "agent main",
        "agent writer",
    ]


@pytest.mark.parametrize("command", ["keys", "env"])
def test_wrong_use(command: str) -> None:
    result = run(command, "--agent", "nope")
    assert result.code == 2
    assert "there is no agent 'nope'; there is main, writer" in result.err
    assert run(command, "--agent", "main", "--all-agents").code == 2


def test_several_variables_of_which_one_suffices_are_one_need() -> None:
    shown = run("env", "--agent", "writer", "--env-file", "none.env").out
    assert f"{CLAUDE} missing  key of anthropic\n" in shown
    Path("none.env").write_text("ANTHROPIC_API_KEY=x\n", "utf-8")
    assert names("--agent", "writer", "--env-file", "none.env")[0] == "ANTHROPIC_API_KEY"


def test_require() -> None:
    shown = run("env", "--require", "--env-file", "none.env")
    assert shown.code == 1
    assert shown.err.endswith("missing: GATEWAY_TOKEN, OPENROUTER_API_KEY\n")
    assert run("env", "--require", "--env-file", "router.env").code == 0
    # Without a word about them, the variables are those of the process.
    assert run("env", "--require").code == 1
    both = {"OPENROUTER_API_KEY": "x", "GATEWAY_TOKEN": "y"}
    assert run("env", "--require", env=both).code == 0
    assert run("env", "--require", "--env", "assume").code == 0


def test_a_key_of_another_place_needs_no_variable() -> None:
    Path("openclaw.json").write_text(
        '{ agents: { defaults: { model: "openrouter/auto" } },\n'
        '  models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1",'
        ' models: [], apiKey: { source: "exec", provider: "vault", id: "x" } } } },\n'
        '  secrets: { providers: { vault: { source: "exec", command: "/bin/vault" } } } }\n',
        "utf-8",
    )
    assert run("env", "--require", "--env-file", "none.env").code == 0


def test_where_a_variable_comes_from() -> None:
    assert (
        "OPENROUTER_API_KEY, from a .env file: used" in run("keys", "--env-file", "router.env").out
    )


# --- a surface without any key --------------------------------------------------------------------


def rules(*arguments: str, text: str = AGENTS) -> list[str]:
    Path("openclaw.json").write_text(text, "utf-8")
    value = json.loads(run("check", "openclaw.json", "--format", "json", *arguments).out)
    return [item["rule"] for item in value["diagnostics"] if item["rule"] == "no-key"]


def test_a_surface_without_any_key() -> None:
    assert rules("--env-file", "none.env") == ["no-key"]
    assert rules("--env", "process") == ["no-key"]
    assert rules("--env-file", "router.env") == []
    assert rules() == []
    assert rules("--env-file", "none.env", "--ignore", "no-key") == []


@pytest.mark.parametrize(
    "text",
    [
        '{ agents: { defaults: { model: "ollama/llama3" } } }',
        '{ agents: { defaults: { model: "anthropic/x" } } }',
        '{ auth: { profiles: { "openrouter:a": { provider: "openrouter", mode: "api_key" } } },'
        ' agents: { defaults: { model: "openrouter/auto" } } }',
        '{ agents: { defaults: { model: "openrouter/auto" } }, env: { OPENROUTER_API_KEY: "x" } }',
    ],
)
def test_what_may_do_without_or_has_one_elsewhere(text: str) -> None:
    assert rules("--env-file", "none.env", text=text) == []


def test_the_store_of_auth_profiles_may_have_one(folder: Path) -> None:
    store = folder / ".openclaw" / "agents" / "main" / "agent" / "auth-profiles.json"
    store.parent.mkdir(parents=True)
    store.write_text("{}", "utf-8")
    assert rules("--env", "process") == []


PROFILES = {"profiles": {"openrouter:a": {"type": "api_key", "provider": "openrouter", "key": KEY}}}


def test_profiles_are_given_in_a_file(folder: Path) -> None:
    Path("openclaw.json").write_text(
        '{ tts: {}, agents: { defaults: { model: "openrouter/auto" } } }'
    )
    Path("p.json").write_text(json.dumps(PROFILES))
    assert "the auth-profile store: used" in run("keys", "--profiles", "p.json").out
    assert "not read here; --profiles gives them" in run("keys").out  # AUTH-30'
    assert KEY not in run("compile", "--profiles", "p.json", "--format", "json").out


@pytest.mark.parametrize(
    "text", ["[1", "[]", f'"{KEY}"', f'{{"profiles": "{KEY}"}}', "[" * 100_000]
)
def test_a_file_without_profiles_is_an_error_of_the_user(folder: Path, text: str) -> None:
    Path("p.json").write_text(text)
    told = run("keys", "--profiles", "p.json")
    assert told.code == 2
    assert told.err.startswith("openclaw-config: cannot read 'p.json': ")
    assert KEY not in told.err


# --- what else is said ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["keys", "env", "compile"])
def test_warnings_are_counted_and_not_repeated(command: str) -> None:
    Path("openclaw.json").write_text("{ gateway: { port: 1, port: 2 } }", "utf-8")
    told = "openclaw.json: 1 warning ('openclaw-config check' shows more)\n"
    assert run(command).err == told
    assert run(command, "--quiet").err == ""
