"""From a path or a text to a Document: what may go wrong, and that nothing raises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openclaw_config import api
from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading import load as module
from openclaw_config.loading.environment import (
    ASSUMED,
    BLOCK,
    DOTENV,
    FOUND,
    SHELL,
    Environment,
)
from openclaw_config.loading.load import Document, load
from openclaw_config.syntax.nodes import ObjectNode, child, text_of, to_value


def only(document: Document) -> Diagnostic:
    (found,) = document.diagnostics
    return found


def rules(document: Document) -> list[str]:
    return [found.rule for found in document.diagnostics]


# --- files --------------------------------------------------------------------------------------


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text("{ a: 1 }", encoding="utf-8")
    document = load(os.fspath(path), home="/h")
    assert document.readable
    assert document.root is not None
    assert to_value(document.root) == {"a": 1}
    assert document.source is not None
    assert document.source.path == os.fspath(path)
    assert document.config_dir == os.fspath(tmp_path)
    assert (document.home, document.state_dir) == ("/h", "/h/.openclaw")
    assert [tree.source for tree in document.trees] == [document.source]


def test_a_relative_path_counts_from_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    document = load("./c.json", cwd=os.fspath(tmp_path))
    assert document.source is not None
    assert document.source.name == "./c.json"
    assert document.source.path == os.fspath(tmp_path / "c.json")


def test_a_missing_file_does_not_block(tmp_path: Path) -> None:
    """LOAD-04: OpenClaw starts with an empty config; who names a file means another thing."""
    document = load(os.fspath(tmp_path / "none.json"))
    found = only(document)
    assert (found.rule, found.severity, found.blocks) == ("unreadable-config", "error", False)
    assert found.location is None
    assert (document.root, document.source, document.readable) == (None, None, False)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "folder"),
        (os.mkfifo, "regular file"),
        (lambda path: path.symlink_to(path.name), "symbolic links"),
        (lambda path: path.symlink_to("/dev/null"), "regular file"),
    ],
)
def test_what_is_no_file(tmp_path: Path, make: object, why: str) -> None:
    path = tmp_path / "c.json"
    assert callable(make)
    make(path)
    found = only(load(os.fspath(path)))
    assert found.rule == "unreadable-config"
    assert found.blocks
    assert why in found.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0)
    assert "Permission" in only(load(os.fspath(path))).message


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 300, "x/" * 3000, ""])
def test_strange_paths(path: str) -> None:
    document = load(path)
    assert rules(document) == ["unreadable-config"]


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"{}   ")
    monkeypatch.setattr(module, "MAX_BYTES", 5)
    assert load(os.fspath(path)).readable
    assert load(text="{}   ").readable
    path.write_bytes(b"{}    ")
    for document in (load(os.fspath(path)), load(text="{}    "), load(text=b"{}    ")):
        assert "larger than" in only(document).message
        assert not document.readable


# --- texts --------------------------------------------------------------------------------------


def test_a_text_stands_for_a_file(tmp_path: Path) -> None:
    """An editor's text is read in place of the file; its includes are found beside the file."""
    (tmp_path / "x.json5").write_text("{ a: 1 }", encoding="utf-8")
    path = os.fspath(tmp_path / "not-saved-yet.json")
    document = load(path, text='{ $include: "./x.json5" }', name="shown")
    assert document.root is not None
    assert to_value(document.root) == {"a": 1}
    assert document.source is not None
    assert (document.source.name, document.source.path) == ("shown", path)


def test_a_text_without_a_path(tmp_path: Path) -> None:
    """It counts as an openclaw.json in the working folder."""
    (tmp_path / "x.json5").write_text("{ a: 1 }", encoding="utf-8")
    document = load(text='{ $include: "./x.json5" }', cwd=os.fspath(tmp_path))
    assert document.readable
    assert document.config_dir == os.fspath(tmp_path)
    assert document.source is not None
    assert (document.source.name, document.source.path) == ("<text>", None)
    circle = load(text='{ $include: "./openclaw.json" }', cwd=os.fspath(tmp_path))
    assert rules(circle) == ["include-chain"]


def test_text_and_bytes_read_alike() -> None:
    text = '\ufeff{ a: "ä" }'
    one, two = load(text=text), load(text=text.encode())
    assert one.root is not None
    assert two.root is not None
    assert to_value(one.root) == to_value(two.root) == {"a": "ä"}


@pytest.mark.parametrize("text", ["", " \n", "// nothing\n"])
def test_nothing_in_it(text: str) -> None:
    document = load(text=text)
    assert document.root is None
    assert not document.readable
    assert all(found.severity == "error" for found in document.diagnostics)
    assert document.diagnostics
    assert document.source is not None


def test_syntax_errors_stop_it() -> None:
    document = load(text="{ a: 180_000, b: '${X}' }")
    assert not document.readable
    assert any(found.blocks for found in document.diagnostics)


def test_other_findings_wait_for_the_syntax() -> None:
    """What the recovery makes of a broken text is no ground for advice."""
    text = "{ a: 1, a: 2, b: '${X}', c: '$XX', env: { HOME: 'x' }, d: 180_000 }"
    broken = load(text=text, environment=Environment.of({}))
    assert all(found.severity == "error" for found in broken.diagnostics)
    mended = load(text=text.replace("_", ""), environment=Environment.of({}))
    assert len(mended.diagnostics) == 4


@pytest.mark.parametrize(
    ("text", "word"), [("[]", "list"), ("'x'", "string"), ("5", "number"), ("null", "null")]
)
def test_the_root_must_be_an_object(text: str, word: str) -> None:
    """LOAD-12; as a lone value after includes is refused by the recorded validation."""
    document = load(text=text)
    found = only(document)
    assert (found.rule, found.blocks, found.key_path) == ("root-not-object", True, ())
    assert word in found.message
    assert not document.readable


# --- discovery ----------------------------------------------------------------------------------


def test_the_config_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LOAD-03."""
    monkeypatch.setenv("OPENCLAW_HOME", os.fspath(tmp_path))
    for name in ("OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)
    document = load()
    found = only(document)
    assert found.rule == "unreadable-config"
    assert os.fspath(tmp_path / ".openclaw/openclaw.json") in found.message
    (tmp_path / ".openclaw").mkdir()
    (tmp_path / ".openclaw/openclaw.json").write_text("{ a: 1 }", encoding="utf-8")
    document = load()
    assert document.readable
    assert document.state_dir == os.fspath(tmp_path / ".openclaw")


def test_a_process_environment_says_where(tmp_path: Path) -> None:
    """A .env file may name the config, since OpenClaw reads it first (LOAD-05, LOAD-35)."""
    (tmp_path / ".openclaw").mkdir()
    named = tmp_path / "named.json"
    named.write_text("{ a: 1 }", encoding="utf-8")
    (tmp_path / ".openclaw/.env").write_text(f"OPENCLAW_CONFIG_PATH={named}\n", encoding="utf-8")
    environment = Environment.process({"HOME": os.fspath(tmp_path)}, cwd=os.fspath(tmp_path))
    document = load(environment=environment, cwd=os.fspath(tmp_path))
    assert document.source is not None
    assert document.source.path == os.fspath(named)


# --- the environment ----------------------------------------------------------------------------


def test_the_environment_has_the_block_in_it() -> None:
    """LOAD-32."""
    document = load(
        text="{ env: { A: 'a', B: '${OUT}', vars: { C: '${NONE}' }, HOME: '/x' } }",
        environment=Environment.of({"OUT": "o"}),
    )
    kinds = {}
    for name in ("A", "B", "C", "OUT", "HOME"):
        variable = document.environment.variable(name)
        kinds[name] = None if variable is None else (variable.kind, variable.value)
    assert kinds == {
        "A": (BLOCK, "a"),
        "B": (BLOCK, "o"),
        "C": None,
        "OUT": ("process", "o"),
        "HOME": None,
    }
    variable = document.environment.variable("A")
    assert variable is not None
    assert variable.location is not None
    assert variable.location.position == (1, 13)


def test_assumed_values_of_the_block_are_not_known() -> None:
    document = load(text="{ env: { B: '${OUT}' } }")
    variable = document.environment.variable("B")
    assert variable is not None
    assert (variable.kind, variable.value) == (BLOCK, None)
    assert document.environment.state("B") == ASSUMED


def test_a_dotenv_file_serves_the_config(tmp_path: Path) -> None:
    """LOAD-05: process, then .env, then the block."""
    (tmp_path / ".env").write_text("A=dotenv\nB=dotenv\n", encoding="utf-8")
    environ = {"HOME": "/h", "OPENCLAW_STATE_DIR": os.fspath(tmp_path), "A": "process"}
    environment = Environment.process(environ, cwd="/")
    document = load(
        text="{ env: { A: 'block', B: 'block', C: 'block' }, v: ['${A}', '${B}', '${C}'] }",
        environment=environment,
    )
    assert document.root is not None
    assert to_value(document.root)["v"] == ["process", "dotenv", "block"]
    variable = document.environment.variable("B")
    assert variable is not None
    assert variable.kind == DOTENV
    assert [use.state for use in document.uses] == [FOUND] * 3


@pytest.mark.parametrize(
    ("block", "environ", "asked"),
    [
        ("{ shellEnv: { enabled: true } }", {}, True),
        ("{ shellEnv: { enabled: false } }", {}, False),
        ("{ shellEnv: { enabled: 'true' } }", {}, False),
        ("{}", {}, False),
        ("{}", {"OPENCLAW_LOAD_SHELL_ENV": " Yes "}, True),
        ("{}", {"OPENCLAW_LOAD_SHELL_ENV": "0"}, False),
        ("{ shellEnv: { enabled: true } }", {"OPENCLAW_DEFER_SHELL_ENV_FALLBACK": "1"}, False),
        ("{ OPENCLAW_LOAD_SHELL_ENV: '1' }", {}, True),
    ],
)
def test_the_login_shell(block: str, environ: dict[str, str], asked: bool) -> None:
    """LOAD-34. It runs last, so a reference in the file cannot see what it brings."""
    document = load(
        text=f"{{ env: {block}, v: '${{OPENROUTER_API_KEY}}' }}",
        environment=Environment.of(environ),
    )
    variable = document.environment.variable("OPENROUTER_API_KEY")
    assert (variable is not None and variable.kind == SHELL) == asked
    assert rules(document) == ["missing-variable"]


def test_a_variable_ignored_in_the_working_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=x\n", encoding="utf-8")
    environment = Environment.process({"HOME": "/h"}, cwd=os.fspath(tmp_path))
    found = only(load(text="{ a: '${OPENAI_API_KEY}' }", environment=environment))
    assert found.rule == "missing-variable"
    assert f"{tmp_path}/.env:1:1" in found.notes[0]


def test_a_misspelt_variable_is_guessed() -> None:
    environment = Environment.of({"OPENROUTER_API_KEY": "x"})
    found = only(load(text="{ a: '${OPENROUTER_APIKEY}' }", environment=environment))
    assert found.helps[0] == "did you mean OPENROUTER_API_KEY?"


def test_a_flood_is_only_assumed() -> None:
    text = f"{{ env: {{ A: '{'x' * 100_000}' }}, v: '{'${A}' * 1000}' }}"
    document = load(text=text)
    assert document.readable
    assert [use.state for use in document.uses].count(ASSUMED) == 1000 - (16 * 2**20 // 100_000)


# --- the rest -----------------------------------------------------------------------------------


def test_findings_and_uses_are_in_the_order_of_the_text() -> None:
    document = load(
        text="{ z: { y: { x: '$AB' } }, b: '${B}', c: { c: '${C}' }, a: '${A}', a: '${A}' }",
        environment=Environment.of({}),
    )
    places = [found.location.span.start for found in document.diagnostics if found.location]
    assert places == sorted(places)
    assert len(places) == 5
    assert [use.name for use in document.uses] == ["B", "C", "A"]


def test_what_is_not_touched_is_the_parsers_own() -> None:
    """No copies: a value that nothing was done to is the very node of the tree."""
    document = load(text="{ a: { b: 1 }, c: ['${X}', { d: 2 }] }", environment=Environment.of({}))
    tree = document.trees[0]
    assert document.root is tree.root
    document = load(
        text="{ a: { b: 1 }, c: ['${X}', { d: 2 }] }", environment=Environment.of({"X": "x"})
    )
    tree = document.trees[0]
    assert isinstance(tree.root, ObjectNode)
    assert child(document.root, "a") is tree.root.get("a")
    assert child(document.root, "c", 1) is child(tree.root, "c", 1)
    assert text_of(child(document.root, "c", 0)) == "x"


FRAGMENTS = [
    *"{}[],:'\"\\\n /*${}A1_-.",
    "$include",
    "'./x.json5'",
    "__proto__",
    "env",
    "vars",
    "${A}",
    "$${A}",
    "{ a: ",
    "true",
    "//",
    "\ufeff",
    "\ud800",
]


@settings(max_examples=3 * settings().max_examples)
@given(st.text() | st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_any_text_gives_a_document(text: str) -> None:
    for environment in (None, Environment.of({"A": "x"})):
        document = load(text=text, environment=environment, cwd="/nonexistent")
        assert document.readable or document.diagnostics
        assert document.readable == (isinstance(document.root, ObjectNode) and document.readable)
        for found in document.diagnostics:
            assert found.location is None or str(found.location)


@given(st.binary())
def test_any_bytes_give_a_document(data: bytes) -> None:
    document = load(text=data, cwd="/nonexistent")
    assert document.readable or document.diagnostics


def test_a_file_that_is_not_there_is_why_it_does_not_load() -> None:
    with pytest.raises(api.ConfigError, match=r"nosuch\.json: there is no such file"):
        api.load("nosuch.json")
