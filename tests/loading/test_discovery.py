"""Where the config is looked for (LOAD-01 to LOAD-04)."""

from __future__ import annotations

import os

import pytest

from openclaw_config.loading.environment import Found, expand, find_config, find_state_dir, home_dir

CWD = "/here"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"OPENCLAW_HOME": "/srv/a", "HOME": "/root"}, "/srv/a"),
        ({"OPENCLAW_HOME": "", "HOME": "/root"}, "/root"),
        ({"OPENCLAW_HOME": "  ", "HOME": "/root"}, "/root"),
        ({"OPENCLAW_HOME": "undefined", "HOME": "/root"}, "/root"),
        ({"OPENCLAW_HOME": " null ", "HOME": "/root"}, "/root"),
        ({"OPENCLAW_HOME": " /srv/a ", "HOME": "/root"}, "/srv/a"),
        ({"OPENCLAW_HOME": "~", "HOME": "/root"}, "/root"),
        ({"OPENCLAW_HOME": "~/oc", "HOME": "/root"}, "/root/oc"),
        ({"OPENCLAW_HOME": "~other", "HOME": "/root"}, "/here/~other"),
        ({"OPENCLAW_HOME": "rel/../b", "HOME": "/root"}, "/here/b"),
        ({"HOME": "undefined", "USERPROFILE": "/users/x"}, "/users/x"),
        ({"HOME": "//root//x/"}, "/root/x"),
    ],
)
def test_home(environ: dict[str, str], expected: str) -> None:
    """LOAD-01."""
    assert home_dir(environ, CWD) == expected


def test_home_of_the_system_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOAD-01: without a usable variable the system's own idea counts, then the current folder."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: "/from/the/system")
    assert home_dir({}, CWD) == "/from/the/system"
    assert home_dir({"OPENCLAW_HOME": "~/x"}, CWD) == "/from/the/system/x"
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert home_dir({}, CWD) == CWD
    assert home_dir({"OPENCLAW_HOME": "~/x"}, CWD) == f"{CWD}/x"


@pytest.mark.parametrize(
    ("environ", "there", "expected"),
    [
        ({}, [], "/h/.openclaw"),
        ({}, ["/h/.clawdbot"], "/h/.clawdbot"),
        ({}, ["/h/.clawdbot", "/h/.openclaw"], "/h/.openclaw"),
        ({"OPENCLAW_STATE_DIR": " ~/s "}, [], "/h/s"),
        ({"OPENCLAW_STATE_DIR": "s"}, [], "/here/s"),
        ({"OPENCLAW_STATE_DIR": " "}, [], "/h/.openclaw"),
    ],
)
def test_state_folder(environ: dict[str, str], there: list[str], expected: str) -> None:
    """LOAD-02."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os.path, "exists", there.__contains__)
        assert find_state_dir(environ, "/h", CWD) == expected


def find(environ: dict[str, str], there: list[str], **more: str) -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os.path, "exists", there.__contains__)
        return find_config(environ, cwd=CWD, home="/h", **more)


@pytest.mark.parametrize(
    ("environ", "there", "expected"),
    [
        # 1: the variable wins, whether the file exists or not
        ({"OPENCLAW_CONFIG_PATH": "/c.json"}, ["/h/.openclaw/openclaw.json"], "/c.json"),
        ({"OPENCLAW_CONFIG_PATH": " ~/c.json "}, [], "/h/c.json"),
        ({"OPENCLAW_CONFIG_PATH": "c.json"}, [], "/here/c.json"),
        # 2: the state folder, the new name first
        ({}, ["/h/.openclaw/clawdbot.json"], "/h/.openclaw/clawdbot.json"),
        (
            {},
            ["/h/.openclaw/clawdbot.json", "/h/.openclaw/openclaw.json"],
            "/h/.openclaw/openclaw.json",
        ),
        ({"OPENCLAW_STATE_DIR": "/s"}, ["/s/clawdbot.json"], "/s/clawdbot.json"),
        # 3: a state folder that was named ends the search
        ({"OPENCLAW_STATE_DIR": "/s"}, ["/h/.openclaw/openclaw.json"], "/s/openclaw.json"),
        # 4: the folders in the home
        ({}, ["/h/.openclaw", "/h/.clawdbot/clawdbot.json"], "/h/.clawdbot/clawdbot.json"),
        (
            {},
            ["/h/.openclaw", "/h/.clawdbot/clawdbot.json", "/h/.clawdbot/openclaw.json"],
            "/h/.clawdbot/openclaw.json",
        ),
        # 5: where it would be
        ({}, [], "/h/.openclaw/openclaw.json"),
        ({}, ["/h/.clawdbot"], "/h/.clawdbot/openclaw.json"),
    ],
)
def test_config(environ: dict[str, str], there: list[str], expected: str) -> None:
    """LOAD-03."""
    found = find(environ, there)
    assert found.path == expected


def test_a_given_state_folder_counts_as_a_named_one() -> None:
    found = find({}, ["/h/.openclaw/openclaw.json"], state="/s")
    assert (found.path, found.state_dir) == ("/s/openclaw.json", "/s")


def test_says_how_it_was_found() -> None:
    assert "OPENCLAW_CONFIG_PATH" in find({"OPENCLAW_CONFIG_PATH": "/c"}, []).how
    assert "state folder" in find({}, ["/h/.openclaw/openclaw.json"]).how
    assert "home folder" in find({}, ["/h/.openclaw", "/h/.clawdbot/openclaw.json"]).how


def test_uses_the_real_environment_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    path = os.path.join(tmp_path, "x.json")
    monkeypatch.setenv("OPENCLAW_CONFIG_PATH", path)
    assert find_config().path == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("~", "/h"),
        ("~/x", "/h/x"),
        ("~x", "/here/~x"),
        ("x/./y/..", "/here/x"),
        ("//x", "/x"),
        ("/x/~", "/x/~"),
    ],
)
def test_expand(path: str, expected: str) -> None:
    assert expand(path, "/h", CWD) == expected
