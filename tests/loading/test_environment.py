"""The variables as OpenClaw would see them (LOAD-05), and that none of their values shows."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.loading.environment import (
    ASSUMED,
    BLOCK,
    DOTENV,
    EMPTY,
    FOUND,
    MISSING,
    PROCESS,
    SHELL,
    Environment,
    Variable,
)
from tests.support import OLDEST

SECRET = "s3cr3t-canary"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def process(tmp_path: Path) -> Callable[[dict[str, str]], Environment]:
    """The environment of a process in ``tmp_path/work`` whose home is ``tmp_path/home``."""

    def make(environ: dict[str, str]) -> Environment:
        home = os.fspath(tmp_path / "home")
        return Environment.process({"HOME": home, **environ}, cwd=os.fspath(tmp_path / "work"))

    return make


# --- the three ways to make one -----------------------------------------------------------------


def test_assumed_takes_every_variable_to_be_there() -> None:
    environment = Environment.assumed()
    assert environment.assume
    assert environment.state("ANY") == ASSUMED
    assert environment.get("ANY") is None
    variable = environment.variable("ANY")
    assert variable is not None
    assert (variable.kind, variable.value, variable.location) == (ASSUMED, None, None)


def test_of_has_exactly_what_it_is_given() -> None:
    environment = Environment.of({"A": "1", "E": "", "B": "  "})
    assert not environment.assume
    assert [environment.state(name) for name in "AEBX"] == [FOUND, EMPTY, FOUND, MISSING]
    assert environment.get("A") == "1"
    assert environment.get("X") is None
    assert environment.variable("X") is None
    assert environment.names() == ("A", "B", "E")
    assert [environment.blank(name) for name in "AEBX"] == [False, True, True, True]


def test_of_file_knows_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "ci.env"
    write(path, "# for CI\nA=1\n")
    environment = Environment.of_file(os.fspath(path))
    variable = environment.variable("A")
    assert variable is not None
    assert (variable.kind, variable.value) == (DOTENV, "1")
    assert variable.location is not None
    assert variable.location.position == (2, 1)
    with pytest.raises(OSError, match="No such file"):
        Environment.of_file(os.fspath(tmp_path / "none.env"))


# --- .env files ---------------------------------------------------------------------------------

Process = Callable[[dict[str, str]], Environment]


def test_a_file_fills_only_what_is_not_defined(tmp_path: Path, process: Process) -> None:
    """LOAD-05: an existing empty string blocks it."""
    write(tmp_path / "work/.env", "SET=file\nEMPTY=file\nNEW=file\n")
    environment = process({"SET": "process", "EMPTY": ""})
    assert [environment.get(name) for name in ("SET", "EMPTY", "NEW")] == ["process", "", "file"]
    new = environment.variable("NEW")
    assert new is not None
    assert new.kind == DOTENV
    found = environment.variable("SET")
    assert found is not None
    assert found.kind == PROCESS


def test_the_order_of_the_files(tmp_path: Path, process: Process) -> None:
    """LOAD-05: the working folder, the state folder, the gateway's."""
    write(tmp_path / "work/.env", "A=work\n")
    write(tmp_path / "home/.openclaw/.env", "A=state\nB=state\n")
    write(tmp_path / "home/.config/openclaw/gateway.env", "A=gateway\nB=gateway\nC=gateway\n")
    environment = process({})
    assert [environment.get(name) for name in "ABC"] == ["work", "state", "gateway"]


def test_the_gateways_file_belongs_to_the_default_state_folder(
    tmp_path: Path, process: Process
) -> None:
    """LOAD-05."""
    write(tmp_path / "home/.config/openclaw/gateway.env", "C=gateway\n")
    write(tmp_path / "s/.env", "B=state\n")
    environment = process({"OPENCLAW_STATE_DIR": os.fspath(tmp_path / "s")})
    assert (environment.get("B"), environment.get("C")) == ("state", None)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("OPENROUTER_API_KEY", True),
        ("TELEGRAM_BOT_TOKEN", True),
        ("LOG_LEVEL", True),
        ("OPENAI_API_KEY", False),
        ("ANTHROPIC_API_KEY", False),
        ("OPENAI_API_KEY_2", False),
        ("ANTHROPIC_API_KEY_OLD", False),
        ("OPENCLAW_ANYTHING", False),
        ("openclaw_anything", False),
        ("CLAWHUB_TOKEN", False),
        ("ANY_BASE_URL", False),
        ("ANY_API_HOST", False),
        ("MATRIX_OPS_HOMESERVER", False),
        ("HTTPS_PROXY", False),
        ("NODE_OPTIONS", False),
        ("LD_PRELOAD", False),
    ],
)
def test_the_working_folders_file_is_filtered(
    tmp_path: Path, process: Process, name: str, taken: bool
) -> None:
    """LOAD-05, LOAD-33. The state folder's file is the user's own and is not."""
    write(tmp_path / "work/.env", f"FIRST=1\n{name}=work\n")
    environment = process({}).of_release(OLDEST)
    assert environment.get(name) == ("work" if taken else None)
    ignored = environment.ignored.get(name)
    assert (ignored is None) == taken
    if ignored is not None:
        assert ignored.position == (2, 1)
    write(tmp_path / "home/.openclaw/.env", f"{name}=state\n")
    assert process({}).of_release(OLDEST).get(name) == ("work" if taken else "state")


def test_files_that_cannot_be_read_are_passed_over(tmp_path: Path, process: Process) -> None:
    (tmp_path / "work").mkdir()
    os.mkfifo(tmp_path / "work/.env")
    (tmp_path / "home/.openclaw/.env").mkdir(parents=True)
    assert process({"A": "1"}).names() == ("A", "HOME")


def test_a_real_process_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENCLAW_HOME", os.fspath(tmp_path))
    monkeypatch.setenv("LOADING_TEST", "x")
    environment = Environment.process()
    assert environment.get("LOADING_TEST") == "x"
    assert environment.real
    assert not Environment.of({}).real


# --- later stages -------------------------------------------------------------------------------


def test_with_block_makes_a_new_one() -> None:
    first = Environment.of({"A": "1"})
    second = first.with_block([Variable("A", "2", BLOCK), Variable("B", None, BLOCK)])
    assert (first.get("A"), first.get("B")) == ("1", None)
    assert second.get("A") == "2"
    assert second.state("B") == ASSUMED
    assert not second.blank("B")


def test_the_login_shell_is_only_a_possibility() -> None:
    """LOAD-34: known key variables that are absent; an empty one counts as present."""
    environment = Environment.of({"OPENAI_API_KEY": ""}).with_block(()).with_login_shell()
    variable = environment.variable("OPENROUTER_API_KEY")
    assert variable is not None
    assert (variable.kind, variable.value) == (SHELL, None)
    assert environment.get("OPENROUTER_API_KEY") is None
    assert environment.state("OPENROUTER_API_KEY") == MISSING
    found = environment.variable("OPENAI_API_KEY")
    assert found is not None
    assert found.kind == PROCESS
    assert environment.variable("SOME_OTHER_VARIABLE") is None


# --- nothing shows ------------------------------------------------------------------------------


def test_no_value_shows() -> None:
    environment = Environment.of({"KEY": SECRET})
    variable = environment.variable("KEY")
    for thing in (environment, variable, [environment], {"x": variable}, (variable,)):
        assert SECRET not in f"{thing} {thing!r} {thing!s} {thing!a}"
    assert "KEY" in repr(variable)


PROFILES = {"profiles": {"openrouter:a": {"type": "api_key", "key": SECRET}}}


def test_profiles_stay_with_the_variables_and_do_not_show(tmp_path: Path) -> None:
    for made in (
        Environment.of({"A": "1"}),
        Environment.process({"A": "1", "HOME": str(tmp_path)}),
    ):
        given = made.with_profiles(PROFILES)
        assert made.profiles is None
        for one in (given, given.of_release("2026.9.6"), given.with_block([])):
            assert one.profiles is PROFILES
            assert one.get("A") == "1"
            assert SECRET not in repr(one)


@pytest.mark.parametrize("form", [[], "x", {}, {"profiles": []}, PROFILES["profiles"]])
def test_profiles_of_another_form_are_refused(form: Any) -> None:
    with pytest.raises(ValueError, match="no auth profiles by id") as caught:
        Environment.assumed().with_profiles(form)
    assert SECRET not in str(caught.value)


def test_nothing_is_written_out() -> None:
    environment = Environment.of({"KEY": SECRET}).with_profiles(PROFILES)
    for thing in (environment, environment.variable("KEY")):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="secret") as caught:
                pickle.dumps(thing, protocol)
            assert SECRET not in str(caught.value)
        assert copy.copy(thing) is thing
        assert copy.deepcopy(thing) is thing
