"""Reading files that somebody else may have put there (LOAD-22, LOAD-23)."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from openclaw_config import files
from openclaw_config.files import RefusedError, is_inside, read_below, read_regular

LIMIT = 100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "config"
    (root / "sub").mkdir(parents=True)
    (root / "a").write_bytes(b"inside")
    (tmp_path / "outside").write_bytes(b"outside")
    return root


def reason(root: Path, path: str | Path) -> str:
    with pytest.raises(RefusedError) as caught:
        read_below(os.fspath(root), os.fspath(path), LIMIT)
    return caught.value.reason


def test_reads_below_the_root(root: Path) -> None:
    (root / "sub/b").write_bytes(b"x" * LIMIT)
    assert read_below(os.fspath(root), os.fspath(root / "a"), LIMIT) == b"inside"
    assert read_below(os.fspath(root), os.fspath(root / "sub/b"), LIMIT) == b"x" * LIMIT


def test_a_link_may_stay_inside(root: Path) -> None:
    (root / "link").symlink_to("a")
    (root / "sub/up").symlink_to("..")
    (root / "absolute").symlink_to(root / "sub")
    for path in ("link", "sub/up/a", "absolute/up/link"):
        assert read_below(os.fspath(root), os.fspath(root / path), LIMIT) == b"inside"


def test_a_link_may_not_lead_out(root: Path) -> None:
    (root / "file").symlink_to("../outside")
    (root / "folder").symlink_to("..")
    (root / "nowhere").symlink_to("../there-is-none")
    (root / "twice").symlink_to("file")
    for path in ("file", "folder/outside", "twice"):
        assert reason(root, root / path) == files.OUTSIDE
    # The same answer whether the file exists: nothing is learnt about what is outside.
    assert reason(root, root / "nowhere") == files.OUTSIDE
    assert reason(root, root / "folder/there-is-none") == files.OUTSIDE


def test_a_neighbour_with_the_same_start_is_outside(root: Path, tmp_path: Path) -> None:
    (tmp_path / "config-other").write_bytes(b"outside")
    assert reason(root, tmp_path / "config-other") == files.OUTSIDE


def test_links_that_lead_nowhere(root: Path) -> None:
    (root / "dangling").symlink_to("none")
    (root / "loop").symlink_to("loop")
    assert reason(root, root / "dangling") == files.NOT_FOUND
    assert reason(root, root / "loop") in {files.NOT_FOUND, files.NOT_REGULAR, files.UNREADABLE}


def test_what_is_not_there(root: Path) -> None:
    assert reason(root, root / "none") == files.NOT_FOUND
    assert reason(root, root / "a/b") == files.NOT_FOUND
    assert reason(root, f"{root}/a\0") == files.NOT_FOUND
    assert reason(root, f"{root}/\ud800") == files.NOT_FOUND
    assert reason(root, root / ("x" * 5000)) in {files.NOT_FOUND, files.UNREADABLE}


def test_only_regular_files(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(".", os.O_RDONLY)
        os.chdir(root)  # a socket's path has to be short
        try:
            server.bind("socket")
        finally:
            os.fchdir(here)
            os.close(here)
        for path in ("", "sub", "pipe", "socket"):
            assert reason(root, root / path) == files.NOT_REGULAR
    (root / "device").symlink_to("/dev/zero")
    assert reason(root, root / "device") == files.OUTSIDE
    with pytest.raises(RefusedError) as caught:
        read_below("/", "/dev/zero", LIMIT)
    assert caught.value.reason == files.NOT_REGULAR


def test_no_hard_links(root: Path, tmp_path: Path) -> None:
    """A hard link could bring in a file from elsewhere without its path showing it."""
    (root / "hard").hardlink_to(tmp_path / "outside")
    assert reason(root, root / "hard") == files.HARD_LINK


def test_the_size_is_bounded(root: Path) -> None:
    (root / "a").write_bytes(b"x" * (LIMIT + 1))
    assert reason(root, root / "a") == files.TOO_LARGE
    with pytest.raises(RefusedError):
        read_regular(os.fspath(root / "a"), LIMIT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions(root: Path) -> None:
    (root / "a").chmod(0)
    assert reason(root, root / "a") == files.UNREADABLE


def test_a_link_that_is_swapped_meanwhile_leads_nowhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is checked, then its folder becomes a link: the open must not follow it."""
    (root / "sub/secret").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    real_lstat = os.lstat

    def swap(path: str) -> os.stat_result:
        if os.fspath(path).endswith("secret"):
            os.replace(root / "sub", root / "moved")
            (root / "sub").symlink_to(tmp_path)
        return real_lstat(path)

    monkeypatch.setattr(os, "lstat", swap)
    assert reason(root, root / "sub/secret") == files.UNREADABLE


def test_the_folder_of_the_filesystem_may_be_the_root() -> None:
    assert is_inside("/", "/etc/x")
    assert is_inside("/a", "/a")
    assert is_inside("/a", "/a/b")
    assert not is_inside("/a", "/ab")
    assert not is_inside("/a/b", "/a")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RefusedError):
        read_regular(os.fspath(tmp_path / "pipe"), LIMIT)


def test_a_stream_of_the_shell_is_read() -> None:
    """``check <(generate)`` hands over a pipe as /dev/fd/N, which is meant."""
    reader, writer = os.pipe()

    def write() -> None:
        os.write(writer, b"{}")
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert read_regular(f"/dev/fd/{reader}", LIMIT) == b"{}"
    finally:
        thread.join()
        os.close(reader)


def test_an_endless_stream_is_cut(tmp_path: Path) -> None:
    with open("/dev/zero", "rb") as zero, pytest.raises(RefusedError) as caught:
        read_regular(f"/dev/fd/{zero.fileno()}", LIMIT)
    assert caught.value.reason == files.TOO_LARGE
