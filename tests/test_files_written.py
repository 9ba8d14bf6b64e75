"""A file is written whole or not at all, and stays the file that it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from openclaw_config.files import (
    ChangedMeanwhileError,
    NotAFileError,
    write_atomically,
    write_out,
)

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "openclaw.json"
    path.write_bytes(b"old")
    return path


def alone(file: Path) -> bool:
    """Whether nothing was left beside the file."""
    return os.listdir(file.parent) == [file.name]


def test_it_is_written(file: Path) -> None:
    write_atomically(str(file), b"new", expected=b"old")
    assert file.read_bytes() == b"new"
    assert alone(file)


def test_a_new_file_is_made_with_the_usual_mode(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    write_atomically(str(path), b"new")
    (tmp_path / "other.json").write_bytes(b"")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode == (tmp_path / "other.json").stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755, 0o666])
def test_the_mode_stays(file: Path, mode: int) -> None:
    file.chmod(mode)
    write_atomically(str(file), b"new")
    assert stat.S_IMODE(file.stat().st_mode) == mode


@posix
def test_the_owner_stays(file: Path) -> None:
    owner = (12345, 12346) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    os.chown(file, *owner)
    write_atomically(str(file), b"new")
    assert (file.stat().st_uid, file.stat().st_gid) == owner


@posix
def test_a_private_file_is_private_while_it_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def fsync(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))

    file.chmod(0o600)
    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(str(file), b"new")
    assert modes == [0o600]


@posix
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "openclaw.json"
    real.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to("real/openclaw.json")
    write_atomically(str(link), b"new", expected=b"old")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert not real.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link.json", "real"]


@pytest.mark.parametrize("now", [b"changed", None])
def test_a_change_of_somebody_else_is_not_lost(file: Path, now: bytes | None) -> None:
    file.write_bytes(now) if now is not None else file.unlink()
    with pytest.raises(ChangedMeanwhileError):
        write_atomically(str(file), b"new", expected=b"old")
    assert (file.read_bytes() if file.exists() else None) == now
    assert os.listdir(file.parent) == ([file.name] if now is not None else [])


def test_a_failure_leaves_all_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space"):
        write_atomically(str(file), b"new")
    assert file.read_bytes() == b"old"
    assert alone(file)


def test_only_files_are_replaced(tmp_path: Path) -> None:
    with pytest.raises(NotAFileError):
        write_atomically(str(tmp_path), b"new")


def test_a_link_to_itself_is_left_as_it_is(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    for write in (write_atomically, write_out):
        with pytest.raises(OSError, match="link"):
            write(str(link), b"x")
    assert link.is_symlink()
    assert list(tmp_path.iterdir()) == [link]


@posix
def test_a_pipe_is_not_replaced_but_may_take_a_result(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotAFileError):
        write_atomically(str(pipe), b"new")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_out(str(pipe), b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_a_read_only_file_is_respected(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def access(path: str, mode: int) -> bool:
        return False

    monkeypatch.setattr(os, "access", access)  # root may write everything
    with pytest.raises(PermissionError):
        write_atomically(str(file), b"new")
    assert file.read_bytes() == b"old"


def test_a_long_name_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 127)
    path.write_bytes(b"old")
    write_atomically(str(path), b"new")
    assert path.read_bytes() == b"new"
