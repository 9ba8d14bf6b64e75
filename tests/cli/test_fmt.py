"""``fmt``: what it writes, what it refuses to touch, and what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openclaw_config import files
from openclaw_config.diagnostics.display import Style
from openclaw_config.diagnostics.text import render_change as render
from openclaw_config.lint import fixes
from openclaw_config.syntax.text import Source
from tests.cli.program import run

UGLY = "{ // why\n agents:{list:[]},\n}"
NEAT = "{ // why\n agents: { list: [] },\n}\n"
BROKEN = "{ agents: \n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("ugly.json", UGLY), ("neat.json", NEAT), ("broken.json", BROKEN)):
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def text_of(name: str) -> str:
    return Path(name).read_bytes().decode()


def test_a_file_is_written_in_place() -> None:
    assert run("fmt", "ugly.json") == (0, "", "ugly.json: formatted\n")
    assert text_of("ugly.json") == NEAT
    assert run("fmt", "ugly.json") == (0, "", "")


def test_a_file_that_is_laid_out_is_not_written(folder: Path) -> None:
    before = (folder / "neat.json").stat()
    assert run("fmt", "neat.json") == (0, "", "")
    assert (folder / "neat.json").stat() == before


def test_standard_input_goes_to_standard_output() -> None:
    assert run("fmt", "-", stdin=UGLY.encode()) == (0, NEAT, "")
    crlf = run("fmt", "-", stdin=UGLY.replace("\n", "\r\n").encode())
    assert crlf.out == NEAT.replace("\n", "\r\n")


def test_check_writes_nothing() -> None:
    assert run("fmt", "--check", "ugly.json", "neat.json") == (
        1,
        "ugly.json: would be formatted\n",
        "",
    )
    assert run("fmt", "--check", "neat.json") == (0, "", "")
    assert text_of("ugly.json") == UGLY


def test_diff_shows_what_would_change_and_writes_nothing() -> None:
    result = run("fmt", "--diff", "ugly.json", "neat.json")
    assert result == (
        1,
        "--- ugly.json\n+++ ugly.json\n@@ -1,4 +1,3 @@\n { // why\n- agents:{list:[]},\n"
        "+ agents: { list: [] },\n }\n-\\ No line end at the end of the file\n",
        "",
    )
    assert text_of("ugly.json") == UGLY
    assert run("fmt", "--diff", "neat.json") == (0, "", "")


@pytest.mark.parametrize("options", [[], ["--check"], ["--diff"]])
def test_a_file_that_does_not_parse_is_not_touched(options: list[str]) -> None:
    result = run("fmt", *options, "broken.json", "neat.json")
    assert (result.code, result.out) == (1, "")
    assert "error[unclosed-bracket]" in result.err
    assert result.err.endswith(" in broken.json\nbroken.json: is left as it is\n")
    assert text_of("broken.json") == BROKEN


@pytest.mark.parametrize("data", [b"{ a: '\xff' }", "{}".encode("utf-16"), b"", b"//\n"])
def test_neither_is_one_that_is_no_text_in_utf8_or_no_value(folder: Path, data: bytes) -> None:
    (folder / "odd.json").write_bytes(data)
    assert run("fmt", "odd.json").code == 1
    assert (folder / "odd.json").read_bytes() == data


def test_one_bad_file_does_not_keep_the_others_from_being_formatted() -> None:
    assert run("fmt", "broken.json", "ugly.json").code == 1
    assert text_of("ugly.json") == NEAT


def test_a_change_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    original = files.write_atomically

    def late(path: str, data: bytes, *, expected: bytes | None = None) -> None:
        Path(path).write_bytes(b"{}")
        original(path, data, expected=expected)

    monkeypatch.setattr(fixes, "write_atomically", late)
    result = run("fmt", "ugly.json")
    assert result == (1, "", "ugly.json: was changed meanwhile, and is left as it is\n")
    assert text_of("ugly.json") == "{}"


def test_what_cannot_be_read_or_written_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "pipe")
    unread = "openclaw-config: cannot read 'pipe': not a regular file\n"
    assert run("fmt", "--check", "pipe", "ugly.json") == (
        2,
        "ugly.json: would be formatted\n",
        unread,
    )

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fixes, "write_atomically", refuses)
    assert run("fmt", "ugly.json") == (
        1,
        "",
        "ugly.json: cannot be written (Permission denied), and is left as it is\n",
    )


def test_folders_and_patterns(folder: Path) -> None:
    (folder / "deploy").mkdir()
    for name in ("openclaw.json", "two.openclaw.json5"):
        (folder / "deploy" / name).write_text(UGLY, encoding="utf-8")
    result = run("fmt", "--check", ".", "deploy/openclaw.json", "ugly.json")
    assert result.code == 1
    assert result.out.splitlines() == [
        "deploy/openclaw.json: would be formatted",
        "deploy/two.openclaw.json5: would be formatted",
        "ugly.json: would be formatted",
    ]
    assert run("fmt", "deploy/*.json5").err == "deploy/two.openclaw.json5: formatted\n"
    for nothing in ("absent.json", "absent/*.json"):
        assert run("fmt", nothing).code == 2


def test_without_a_file_it_is_openclaw_s_own(folder: Path) -> None:
    env = {"OPENCLAW_CONFIG_PATH": str(folder / "ugly.json")}
    assert run("fmt", env=env) == (0, "", "ugly.json: formatted\n")
    nowhere = run("fmt", env={"OPENCLAW_CONFIG_PATH": str(folder / "none.json")})
    assert nowhere.code == 2
    assert "there is no config: looked for " in nowhere.err


# --- the diff -------------------------------------------------------------------------------------

CANARY = "Zq7canary4Zq"


def test_a_diff_masks_secrets() -> None:
    text = f"{{ models:{{apiKey:'{CANARY}'}}, // token: {CANARY}\n env:{{ X : '{CANARY}' }} }}"
    result = run("fmt", "--diff", "-", stdin=text.encode())
    assert result.code == 1
    assert "+  models: { apiKey: '•••' }" in result.out
    assert CANARY not in result.out + result.err


def test_a_diff_hides_no_sign_that_stood_where_a_secret_may() -> None:
    shown = render(Source('{ apiKey: : "x", b: true }'), '{ apiKey: "x", b: true }')
    assert '+{ apiKey: "•••", b: true }\n' in shown


def test_a_diff_escapes_what_a_terminal_would_obey() -> None:
    result = run("fmt", "--diff", "-", stdin="{$include:'\x1b[2J\u202e\x85'}".encode())
    assert "-{$include:'\\x1B[2J\\u202E\\x85'}\n" in result.out
    assert "\x1b" not in render(Source("a", "\x1b[2J"), "b")


def test_a_diff_says_so_when_there_is_nothing_to_see() -> None:
    expected = "x: only line ends differ, or what must not be shown\n"
    assert render(Source("{\n}\n", "x"), "{\r\n}\r\n") == expected
    assert render(Source("{ apiKey: 'abcdef' }", "x"), "{ apiKey: 'abcdeg' }") == expected
    assert render(Source("{}"), "{}") == ""


def test_a_diff_in_colour() -> None:
    shown = render(Source("a\n", place=None), "b\n", Style(colour=True))
    assert "\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n" in shown
    old = Source("{ apiKey: 'abc',a:1}")
    assert render(old, "{ apiKey: 'abc', a: 1 }", Style(unicode=False)).isascii()
