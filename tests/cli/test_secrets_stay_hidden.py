"""A canary in every secret place of the schema, and in every variable, shows up nowhere.

Not in any command's output in any format, not in an exception, not in a ``repr``, not in a log.
"""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest

from openclaw_config import api
from openclaw_config.loading.environment import Environment
from openclaw_config.registry import shell_import_names
from openclaw_config.syntax.nodes import ObjectNode
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from tests.cli.program import run
from tests.cli.secret_paths import ANY_KEY, config_with, secret_paths
from tests.support import sampled

CANARY = "Zq7canary4Zq"
"""Looks like nothing in particular: only its place says that it is secret."""

COMMANDS = (
    ("check",),
    ("check", "--format", "json"),
    ("compile",),
    ("compile", "--format", "json"),
    ("compile", "--format", "yaml"),
    ("compile", "--format", "html"),
    ("compile", "--format", "mermaid"),
    ("check", "--format", "markdown"),
    ("keys",),
    ("keys", "--format", "json"),
    ("env",),
    ("env", "--format", "json"),
)
PATHS = secret_paths()


def title(path: KeyPath) -> str:
    """A test's name."""
    return ".".join(map(str, path))


SAMPLED = sampled(PATHS, 12)


def outputs(text: str, env: dict[str, str] | None = None) -> str:
    """All that all commands print about a config."""
    options = ["--env", "process"] if env else []
    shown = ""
    for command in COMMANDS:
        result = run(*command, *options, "-", stdin=text.encode(), env=env)
        assert result.code in {0, 1}, result.err
        shown += result.out + result.err
    changed = ("set", "logging.level", "debug", "--dry-run", "--format", "json")
    root = parse(Source(text)).root
    keys = root.values if isinstance(root, ObjectNode) else ()
    for change in (changed, *(("get", key) for key in keys)):
        result = run(*change, *options, "--config", "-", stdin=text.encode(), env=env)
        assert result.code in {0, 1}, result.err
        shown += result.out + result.err
    return shown


def from_python(text: str, environment: Environment | None = None) -> str:
    """All that the library's objects and exceptions show of a config."""
    report = api.check(text=text, environment=environment)
    shown = [repr(report), str(report), repr(report.document), repr(report.diagnostics)]
    try:
        config = api.load(text=text, environment=environment or Environment.assumed())
        shown += [repr(config), repr(config.plan), repr(config.environment), repr(config.document)]
        pickle.dumps(config.plan)
    except api.ConfigError as error:
        shown += [repr(error), str(error), "".join(traceback.format_exception(error))]
    return "\n".join(shown)


def test_the_schema_has_secrets() -> None:
    assert len(PATHS) > 100
    assert ("models", "providers", ANY_KEY, "apiKey") in PATHS


@pytest.mark.parametrize("path", SAMPLED, ids=title)
def test_a_key_in_its_place(path: KeyPath, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = json.dumps(config_with(path, CANARY))
    assert CANARY not in outputs(text)
    assert CANARY not in from_python(text)
    assert CANARY not in caplog.text


WRONG = {
    "a list": [CANARY],
    "an object": {CANARY[:4]: CANARY, "source": CANARY, "provider": CANARY, "id": CANARY},
    "a reference that is none": {"source": "env", "id": CANARY},
}


@pytest.mark.parametrize("path", SAMPLED, ids=title)
def test_a_key_in_the_wrong_form(path: KeyPath) -> None:
    for value in WRONG.values():
        assert CANARY not in outputs_of_check(json.dumps(config_with(path, value)))


def outputs_of_check(text: str) -> str:
    """What ``check`` prints, in both formats."""
    shown = ""
    for form in ("text", "json"):
        result = run("check", "--format", form, "-", stdin=text.encode())
        assert result.code in {0, 1}, result.err
        shown += result.out + result.err
    return shown


BROKEN = {
    "an unclosed string": '{{ {name}: "{value}, next: 1\n}}',
    "no quotes": "{{ {name}: {value}, next: 1 }}",
    "no colon": '{{ {name} "{value}" next: 1 }}',
    "an equals sign": '{{ {name} = "{value}", next: 1 }}',
    "smart quotes": "{{ {name}: “{value}”, next: 1 }}",
    "a missing comma": '{{ {name}: "{value}" next: 1 }}',
    "two commas": '{{ {name}: "{value}",, next: 1 }}',
    "an unclosed object": '{{ {name}: "{value}"',
    "a separator in a number": '{{ {name}: "{value}", next: 1_0 }}',
    "a comment that is none": '{{ {name}: "{value}", # and {name}={value}\n next: 1 }}',
    "a wrong bracket": '{{ {name}: "{value}" ] }}',
    "a quote too many": '{{ {name}: "{value}"", next: 1 }}',
    "a line of a .env file": "{name}={value}",
    "YAML": "{name}: {value}\nnext: 1",
}


@pytest.mark.parametrize("part", sampled(range(4), 4))
@pytest.mark.parametrize("form", BROKEN.values(), ids=BROKEN.keys())
def test_a_key_in_a_text_that_does_not_parse(form: str, part: int) -> None:
    for name in sorted({str(path[-1]) for path in PATHS} - {ANY_KEY, "0"})[part::4]:
        assert CANARY not in outputs_of_check(form.format(name=name, value=CANARY))


@pytest.mark.parametrize("form", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("block", ["env", "headers"])
def test_a_value_of_a_block_in_a_text_that_does_not_parse(form: str, block: str) -> None:
    text = form.format(name="PLAIN", value=CANARY)
    assert CANARY not in outputs_of_check(f"{{ {block}: {text} }}")


VARIABLES = sorted({*shell_import_names("2026.4.29"), "ANYTHING_AT_ALL"})


@pytest.mark.parametrize("path", sampled(PATHS[:: len(PATHS) // 20], 3), ids=title)
def test_a_variable_that_a_secret_place_names(path: KeyPath) -> None:
    text = json.dumps(config_with(path, "${ANYTHING_AT_ALL}"))
    assert CANARY not in outputs(text, {"ANYTHING_AT_ALL": CANARY})


PLACES_OF_ANOTHER_KIND = [
    ("gateway", "port"),
    ("gateway", "mode"),
    ("agents", "defaults", "thinkingDefault"),
    ("agents", "defaults", "videoGenerationModel"),
    ("messages", "tts", "auto"),
    ("nonsense",),
]


@pytest.mark.parametrize("path", PLACES_OF_ANOTHER_KIND, ids=title)
def test_a_variable_in_the_wrong_place_is_not_told_by_check(path: KeyPath) -> None:
    text = json.dumps(config_with(path, "${ANYTHING_AT_ALL}"))
    for form in ("text", "json"):
        options = ("--env", "process", "--format", form, "-")
        result = run("check", *options, stdin=text.encode(), env={"ANYTHING_AT_ALL": CANARY})
        assert result.code in {0, 1}
        assert CANARY not in result.out + result.err


ALL_SURFACES = """\
{
  agents: { defaults: {
    model: { primary: "openrouter/auto" },
    imageGenerationModel: { primary: "openrouter/google/gemini-3.1-flash-image-preview" },
    videoGenerationModel: { primary: "openrouter/google/veo-3.1-fast" },
  } },
  messages: { tts: { auto: "always", provider: "openrouter", providers: { openrouter: {} } } },
}
"""


def test_every_known_key_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = dict.fromkeys(VARIABLES, CANARY)
    assert CANARY not in outputs(ALL_SURFACES, env)
    assert CANARY not in from_python(ALL_SURFACES, Environment.of(env))
    # The same from the working folder's .env file, where OpenClaw looks too.
    lines = "".join(f"{name}={CANARY}\n" for name in VARIABLES)
    (tmp_path / ".env").write_text(lines, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert CANARY not in outputs(ALL_SURFACES, {"UNRELATED": "1"})


def test_a_file_of_variables(tmp_path: Path) -> None:
    path = tmp_path / "keys.env"
    path.write_text("".join(f"{name}={CANARY}\n" for name in VARIABLES), encoding="utf-8")
    for command in COMMANDS:
        result = run(*command, "--env-file", str(path), "-", stdin=ALL_SURFACES.encode())
        assert result.code == 0, result.err
        assert CANARY not in result.out + result.err


INCLUDED = {
    "that holds": '{ openrouter: { baseUrl: "https://a.test/v1", models: [], apiKey: "CANARY" } }',
    "with an unknown key": '{ openrouter: { apiKey: "CANARY", nonsense: 1 } }',
    "that does not parse": '{ openrouter: { apiKey: "CANARY" nonsense } }',
}


@pytest.mark.parametrize("text", INCLUDED.values(), ids=INCLUDED.keys())
def test_an_included_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "providers.json5").write_text(text.replace("CANARY", CANARY), encoding="utf-8")
    main = tmp_path / "openclaw.json"
    main.write_text(
        '{ models: { providers: { $include: "./providers.json5" } } }', encoding="utf-8"
    )
    for command in COMMANDS:
        result = run(*command, str(main))
        assert result.code in {0, 1}, result.err
        assert CANARY not in result.out + result.err


def test_a_file_that_is_no_config_tells_nothing(tmp_path: Path) -> None:
    # An include must not be a way to read a file that is not the author's.
    outside = tmp_path / "outside.txt"
    outside.write_text(f"{CANARY}\n{CANARY}: {CANARY}\n", encoding="utf-8")
    folder = tmp_path / "config"
    folder.mkdir()
    main = folder / "openclaw.json"
    for target in (str(outside), "../outside.txt"):
        main.write_text(json.dumps({"$include": target}), encoding="utf-8")
        result = run("check", str(main))
        assert result.code == 1
        assert CANARY not in result.out + result.err


PASTED = "sk-or-v1-0123456789abcdef0123456789abcdef"
NAMES = (
    ("agents.defaults.model", PASTED),
    ("agents.defaults.model", f"openrouter/{PASTED}"),
    ("agents.defaults.model", f"{PASTED}/x"),
    ("agents.defaults.model", {"primary": "openrouter/auto", "fallbacks": [PASTED]}),
    ("agents.defaults.imageModel", f"openrouter/{PASTED}"),
    ("agents.defaults.models", {"openrouter/auto": {"alias": PASTED}}),
    ("agents.entries", {PASTED: {"model": "openrouter/auto"}}),
    ("models.providers", {PASTED: {"baseUrl": "https://a.example", "models": []}}),
    ("models.providers", {"openrouter": {"baseUrl": f"https://a.example/{PASTED}", "models": []}}),
    ("tts", {"provider": PASTED, "providers": {PASTED: {"model": "x"}}}),
    ("tts.providers.openai", {"model": PASTED, "voice": PASTED}),
    ("tts.providers.openrouter", {"model": PASTED, "voice": PASTED}),
    ("tools.media.models", [{"provider": "openai", "model": PASTED, "capabilities": ["image"]}]),
)


@pytest.mark.parametrize(("path", "value"), NAMES, ids=[str(n) for n in range(len(NAMES))])
def test_a_key_in_place_of_a_name(path: str, value: object, tmp_path: Path) -> None:
    for step in reversed(path.split(".")):
        value = {step: value}
    text = json.dumps(value)
    file, other = tmp_path / "a.json", tmp_path / "b.json"
    file.write_text(text)
    other.write_text("{}")
    shown = outputs(text) + from_python(text)
    for form in ("mermaid", "markdown", "html"):
        shown += run("compile", "--format", form, str(file)).out
    for form in ("text", "markdown", "json"):
        result = run("diff", "--format", form, str(other), str(file))
        shown += result.out + result.err
    assert PASTED[:20] not in shown


@pytest.mark.parametrize(
    "arguments",
    [("capabilities", PASTED), ("capabilities", f"openrouter/{PASTED}"), ("explain", PASTED)]
    + [("explain", f"{block}.{PASTED}") for block in ("env", "models.providers", "gateway")],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_key_in_place_of_an_argument(arguments: tuple[str, ...], form: str) -> None:
    result = run(*arguments, "--format", form)
    shown = (result.out + result.err).replace("\\u2022", "•")
    assert "•••" in shown
    assert PASTED[:20] not in shown


def test_a_declared_key_that_looks_like_a_secret_is_explained() -> None:
    result = run("explain", "tools.web.fetch.ssrfPolicy.allowRfc2544BenchmarkRange")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("tools.web.fetch.ssrfPolicy.allowRfc2544BenchmarkRange\n")


def test_a_model_that_is_a_key_is_not_asked() -> None:
    text = json.dumps({"agents": {"defaults": {"model": f"openrouter/{PASTED}"}}})
    chat = api.load(text=text).plan.chat
    assert chat is not None
    assert chat.candidates[0].problem == "a key stands where a name belongs"
    assert chat.candidates[0].steps == ()


@pytest.mark.parametrize(
    "name",
    [
        "meta-llama/Meta-Llama-3-70B-Instruct-Turbo",
        "openrouter/auto",
        "x-ai/grok-4.1-fast",
        "z/sk-1",
    ],
)
def test_a_model_whose_name_only_looks_odd_is_asked(name: str) -> None:
    text = json.dumps({"agents": {"defaults": {"model": f"openrouter/{name}"}}})
    chat = api.load(text=text).plan.chat
    assert chat is not None
    assert not chat.candidates[0].problem
    assert name in chat.candidates[0].ref


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "--model", f"openrouter/{PASTED}"),
        ("init", "--provider", PASTED),
        ("explain", PASTED),
        ("check", "--target", PASTED, "-"),
        ("compile", "--agent", PASTED, "-"),
    ],
    ids=" ".join,
)
def test_a_key_on_the_command_line(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, stdin=b"{}")
    assert result.code == 2, result
    assert PASTED not in result.out + result.err
