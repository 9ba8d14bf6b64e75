"""``fmt``: lay a config out evenly."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

import click

from openclaw_config.cli.options import STDIN, Command, Input, empty_option, read_input
from openclaw_config.cli.output import (
    FINDINGS,
    FINE,
    USAGE,
    remark,
    say,
    style_of,
    tell,
    write,
    write_exact,
)
from openclaw_config.diagnostics.model import Diagnostic


class _Result(NamedTuple):
    """What formatting came to: the texts before and after, or the findings that prevent it."""

    name: str
    before: bytes
    after: bytes
    found: tuple[Diagnostic, ...] = ()


@click.command(
    "fmt",
    cls=Command,
    short_help="Lay a config out evenly, keeping every comment.",
    examples={
        "fmt openclaw.json": "format a file",
        "fmt --check openclaw.json": "for a hook or a CI job: would anything change?",
        "fmt --diff openclaw.json": "show what would change",
        "fmt - < openclaw.json": "from standard input to standard output",
    },
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Like --check, and show what would change.")
@empty_option
def fmt_command(files: tuple[str, ...], check: bool, diff: bool, allow_empty: bool) -> int:
    """Lay a config out evenly, keeping every comment and the meaning.

    Each FILE is written in place; '-' reads standard input and writes standard output. A folder
    stands for all configs in it and below and for what these include, a pattern such as
    'deploy/**/*.json5' for the files that it matches. Without a FILE, formats the openclaw.json of
    this folder, or else the config that OpenClaw would load here.

    Indent, line ends, quotes and the order of keys stay as they are; so does one blank line
    between keys. A list or an object that stands on one line stays there if it fits in 100
    columns; any other gets a line for each part, and a trailing comma unless the file is plain
    JSON. A file that does not parse is not touched, and the exit code is 1.
    """
    inputs = _inputs(files, allow_empty) if files else [_own()]
    return max([_format(item, check, diff) for item in inputs], default=FINE)


def _inputs(files: tuple[str, ...], allow_empty: bool) -> list[Input]:
    """What the arguments stand for, each file once."""
    inputs: dict[str, Input] = {}
    for file in files:
        paths: tuple[str, ...] = (file,)
        if file != STDIN and (os.path.isdir(file) or not os.path.lexists(file)):
            from openclaw_config.cli.options import found_in

            paths = found_in(file, allow_empty)
            if os.path.isdir(file):
                paths = _with_includes(paths)
        for path in paths:
            inputs.setdefault(path, read_input(path))
    return list(inputs.values())


def _with_includes(paths: tuple[str, ...]) -> tuple[str, ...]:
    from openclaw_config.lint.discover import included_by
    from openclaw_config.lint.effective import shown

    return tuple(name for path in paths for name in (path, *map(shown, included_by(path))))


def _own() -> Input:
    from openclaw_config.loading.discovery import find_config

    here = read_input(None)
    if here.path is not None:
        return here
    found = find_config()
    if not found.exists:
        raise click.UsageError(f"there is no config: looked for {found.path}, {found.how}")
    return read_input(found.path)


def _format(item: Input, check: bool, diff: bool) -> int:
    try:
        data = _read(item)
    except (OSError, ValueError) as error:
        say(f"openclaw-config: cannot read '{item.path}': {_reason(error)}")
        return USAGE
    result = _formatted(item, data)
    if result.found:
        _tell(result)
        return FINDINGS
    changed = result.before != result.after
    if check or diff:
        if diff:
            from openclaw_config.diagnostics import edit_diff

            before, after = result.before.decode(), result.after.decode()
            write(edit_diff.render(result.name, before, after, style_of(sys.stdout)))
        elif changed:
            from openclaw_config.diagnostics.display import printable

            write(f"{printable(result.name)}: would be formatted\n")
        return FINDINGS if changed else FINE
    if item.path is None:
        write_exact(result.after.decode())
        return FINE
    return _replace(item.path, result) if changed else FINE


def _read(item: Input) -> bytes:
    from openclaw_config.files import read_regular
    from openclaw_config.loading.load import MAX_BYTES

    return item.text or b"" if item.path is None else read_regular(item.path, MAX_BYTES)


def _formatted(item: Input, data: bytes) -> _Result:
    from openclaw_config.diagnostics.model import ERROR
    from openclaw_config.syntax.decode import decode
    from openclaw_config.syntax.formatter import format_tree
    from openclaw_config.syntax.parser import parse

    path = item.path
    name = item.name or path or "<stdin>"
    source, found = decode(data, name, None if path is None else os.path.abspath(path))
    tree = parse(source)
    wrong = tuple(error for error in tree.errors if error.severity == ERROR)
    if found or wrong:
        # Bytes that were not read rightly would be written back wrongly.
        return _Result(name, data, data, (*found, *wrong))
    return _Result(name, data, format_tree(tree).encode())


def _replace(path: str, result: _Result) -> int:
    from openclaw_config.files import ChangedMeanwhileError, write_atomically

    try:
        write_atomically(path, result.after, expected=result.before)
    except ChangedMeanwhileError:
        say(f"{result.name}: was changed meanwhile, and is left as it is")
        return FINDINGS
    except OSError as error:
        say(f"openclaw-config: cannot write '{result.name}': {_reason(error)}")
        return USAGE
    remark(f"{result.name}: formatted")
    return FINE


def _tell(result: _Result) -> None:
    from openclaw_config.diagnostics import text
    from openclaw_config.report import Report

    for block in text.render(result.found, style_of(sys.stderr)):
        tell(block + "\n\n")
    say(f"{text.summary([Report(result.name, result.found, False)])}; it is left as it is")


def _reason(error: Exception) -> str:
    from openclaw_config.files import NOT_REGULAR, TOO_LARGE, RefusedError

    if isinstance(error, RefusedError):
        words = {NOT_REGULAR: "it is not a regular file", TOO_LARGE: "it is too large"}
        return words.get(error.reason, error.reason)
    return getattr(error, "strerror", None) or str(error)
