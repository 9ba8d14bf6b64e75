"""``.env`` files as npm's dotenv reads them (LOAD-05)."""

from __future__ import annotations

import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.files import RefusedError
from openclaw_config.loading.environment import (
    MAX_DOTENV_BYTES,
    Variable,
    parse_dotenv,
    read_dotenv,
)


def variables(text: str) -> dict[str, str]:
    return {entry.name: entry.value or "" for entry in parse_dotenv(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the usual
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("export A=1", {"A": "1"}),
        ("  A = spaced out  ", {"A": "spaced out"}),
        ("A: 1\nB:2", {"A": "1"}),
        ("A.b-c_D9=1", {"A.b-c_D9": "1"}),
        ("A=1\rB=2\r\nC=3", {"A": "1", "B": "2", "C": "3"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A=1\nA=2", {"A": "2"}),
        # nothing there
        ("", {}),
        ("A=", {"A": ""}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("A", {}),
        ("just words\nA=1", {"A": "1"}),
        ("export", {}),
        ("export=1", {"export": "1"}),
        # comments
        ("# A=1\nB=2 # two\nC=#\nD=3#4", {"B": "2", "C": "", "D": "3"}),
        ("A='1' # comment 'quoted'", {"A": "1"}),
        ("A='# no comment'", {"A": "# no comment"}),
        # quotes
        ("A='1'\nB=\"2\"\nC=`3`", {"A": "1", "B": "2", "C": "3"}),
        ("A='  kept  '", {"A": "  kept  "}),
        ('A="it\'s"\nB=\'"x"\'\nC=`\'"`', {"A": "it's", "B": '"x"', "C": "'\""}),
        ('A="1\n2"\nB=3', {"A": "1\n2", "B": "3"}),
        ("A='1\n#2\n'\nB=3", {"A": "1\n#2\n", "B": "3"}),
        (r'A="1\n2\r"', {"A": "1\n2\r"}),
        (r"A='1\n2'", {"A": r"1\n2"}),
        (r"A=1\n2", {"A": r"1\n2"}),
        (r'A="\t\"x\""', {"A": r"\t\"x\""}),
        (r"A='it\'s'", {"A": r"it\'s"}),
        # quotes that do not fit
        ("A='open\nB=2", {"A": "'open", "B": "2"}),
        ("A='x' y", {"A": "'x' y"}),
        ("A='x' y 'z'", {"A": "x' y 'z"}),
        (r"A='x\' # y", {"A": "x\\"}),
        (r'A="x\n" y', {"A": '"x\n" y'}),
        ("A=it's", {"A": "it's"}),
        ("A='", {"A": "'"}),
        # no expansion
        ("A=1\nB=${A}$A", {"A": "1", "B": "${A}$A"}),
        # a value may be on the next line only when it is quoted, or after a colon
        ("A=\n'x'", {"A": "x"}),
        ("A:\nB=1", {"A": "B=1"}),
        ("A\n=1", {"A": "1"}),
    ],
)
def test_reads_as_dotenv_does(text: str, expected: dict[str, str]) -> None:
    assert variables(text) == expected


def test_locations_are_the_names() -> None:
    first, second = parse_dotenv("# c\n  export A = '1\n2'\nB=3", ".env", "/x/.env")
    assert [str(entry.location) for entry in (first, second)] == [".env:2:10", ".env:4:1"]
    assert first.location is not None
    assert first.location.source.path == "/x/.env"


@given(st.text(alphabet="AB=:'\"`\\n#\n\r \texport.-"))
def test_any_text_is_read(text: str) -> None:
    for entry in parse_dotenv(text):
        assert entry.location is not None
        source, span = entry.location
        assert source.text[span.start : span.end] == entry.name


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True), st.text())
def test_a_quoted_value_comes_back(name: str, value: str) -> None:
    quote = next((quote for quote in "'`" if quote not in value), None)
    if quote is None or "\r" in value or value.endswith("\\"):
        return
    assert variables(f"{name}={quote}{value}{quote}\nLAST=1") == {name: value, "LAST": "1"}


@given(st.text())
def test_a_source_shows_names_only(text: str) -> None:
    # Whatever is printed of a .env file's Source, no value can be in it.
    secret = "s3cr3tvalue"
    entries = parse_dotenv(f"A='{secret}'\n{text}\n# OLD={secret}\nB={secret}")
    assert entries[0].location is not None
    assert secret not in entries[0].location.source.text


def test_entries_hide_their_values() -> None:
    (entry,) = parse_dotenv("A=s3cr3t")
    assert "s3cr3t" not in f"{entry} {entry!r} {[entry]}"
    with pytest.raises(TypeError):
        pickle.dumps(entry)
    assert isinstance(entry, Variable)


def test_reads_a_file(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, ".env")
    with open(path, "wb") as file:
        file.write(b"A=1\nB=\xff\n")
    assert [(entry.name, entry.value) for entry in read_dotenv(path)] == [("A", "1"), ("B", "�")]


def test_refuses_what_is_no_file(tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(OSError, match="No such file"):
        read_dotenv(os.path.join(tmp_path, "none"))
    with pytest.raises((OSError, RefusedError)):
        read_dotenv(os.fspath(tmp_path))
    pipe = os.path.join(tmp_path, "pipe")
    os.mkfifo(pipe)
    with pytest.raises(RefusedError):
        read_dotenv(pipe)
    large = os.path.join(tmp_path, "large")
    with open(large, "wb") as file:
        file.truncate(MAX_DOTENV_BYTES + 1)
    with pytest.raises(RefusedError):
        read_dotenv(large)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 1_000_000,
        "A" * 200_000,
        "A='\\'" * 20_000,
        "A='\n" * 40_000,
        "A=' " * 60_000,
        "A\n\n" * 60_000,
    ],
    ids=["blank lines", "one name", "escaped quotes", "open quotes", "one line", "bare names"],
)
def test_long_files_take_linear_time(text: str) -> None:
    # A quadratic reader would not come back from these in a lifetime of the test run.
    assert len(parse_dotenv(text)) <= len(text)
