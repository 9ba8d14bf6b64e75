"""``init``: a first config from options, questions or the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import openclaw_config as oc
from tests.cli.program import run

SECRET = "sk-or-v1-0123456789abcdef0123456789abcdef"


def test_it_goes_to_standard_output() -> None:
    done = run("init", "--video", "--speech", "--target", "2026.4.29")
    assert (done.code, done.err) == (0, "")
    assert oc.check(text=done.out).diagnostics == ()
    assert 'videoGenerationModel: { primary: "openrouter/google/veo-3.1-fast" }' in done.out


def test_no_file_is_replaced_without_force(tmp_path: Path) -> None:
    file = tmp_path / "openclaw.json"
    assert run("init", "--output", str(file)).code == 0
    first = file.read_bytes()
    done = run("init", "--image", "--output", str(file))
    assert (done.code, done.out, file.read_bytes()) == (1, "", first)
    assert "is there already; '--force' replaces it" in done.err
    done = run("init", "--image", "--output", str(file), "--force")
    assert (done.code, done.out) == (0, "")
    assert b"image: {" in file.read_bytes()
    assert "openclaw-config env" in done.err


def test_of_the_environment_only_names_are_shown() -> None:
    done = run("init", "--from-env", env={"OPENROUTER_API_KEY": SECRET})
    assert done.code == 0
    assert done.err == "OPENROUTER_API_KEY is set: chat, image, video, music, speech\n"
    assert SECRET not in done.out
    assert oc.check(text=done.out).diagnostics == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from-env", "--video"), "'--from-env' goes without options that choose"),
        (("--provider", "openruter"), "did you mean openrouter?"),
        (("--target", "new"), "'new' is no version of OpenClaw"),
        (("--output", "/no/such/folder/x.json"), "cannot write '/no/such/folder/x.json'"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], message: str) -> None:
    done = run("init", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="the system has no terminals")
def test_on_a_terminal_it_asks() -> None:
    outer, inner = os.openpty()
    os.write(outer, b"\n\nn\ny\nn\ny\n")
    done = subprocess.run(
        [sys.executable, "-m", "openclaw_config", "init"],
        stdin=inner,
        stdout=subprocess.PIPE,
        stderr=inner,
        text=True,
        check=True,
    )
    os.close(inner)
    asked = os.read(outer, 4096).decode()
    os.close(outer)
    assert "Also videos?" in asked
    assert oc.check(text=done.stdout).diagnostics == ()
    assert [name in done.stdout for name in ("image:", "video:", "music:", "tts:")] == [
        False,
        True,
        False,
        True,
    ]
