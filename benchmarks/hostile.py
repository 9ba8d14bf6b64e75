"""What hostile input costs: time and memory against size, for shapes that once were slow.

    python -m benchmarks.hostile [NAME ...]

Each shape is written at several sizes and given to a command in a process of its own. Aim: 1 MB of
anything ends within 5 s and 500 MB. ``!`` marks what misses the aim.
Names, or parts of them, select shapes. To add a shape, add a row to SHAPES.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

START = (
    "import resource, sys; from openclaw_config.cli.main import main; code = main();"
    "sys.stderr.write(f'\\npeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}');"
    "sys.exit(code)"
)
SIZES = (60_000, 250_000, 1_000_000)  # bytes
MOST_SECONDS, MOST_MEGABYTES = 5, 500
GIVE_UP = 60  # seconds

CHECK = ("check",)
FMT = ("fmt", "--diff")
FIX = ("check", "--fix", "--diff")
UNSAFE = ("check", "--fix", "--unsafe-fixes", "--diff")
COMPILE = ("compile",)


def repeated(unit: str, before: str = "{", after: str = "}") -> Callable[[int], str]:
    """A text of about a size: ``unit`` again and again; ``%d`` in it is a running number."""

    def text(size: int) -> str:
        count = max(1, size // len(unit))
        if "%d" in unit:
            return before + "".join(unit % number for number in range(count)) + after
        return before + unit * count + after

    return text


class Shape(NamedTuple):
    """A kind of text, and the commands that it is given to."""

    name: str
    text: Callable[[int], str]
    commands: tuple[tuple[str, ...], ...] = (CHECK, FMT, FIX, COMPILE)


SHAPES = (
    Shape("word in line comment", repeated("a", "{}//")),
    Shape("word in block comment", repeated("a", "{}/*", "*/")),
    Shape("dashes in line comment", repeated("-", "{}//")),
    Shape("dashes in block comment", repeated("-", "{/*", "*/}")),
    Shape("words with dashes in string", repeated("a-", '{x:"', '"}')),
    Shape("dashes in string", repeated("-", '{x:"', '"}')),
    Shape("dashes in key", repeated("-", '{"', '":1}')),
    Shape("dashes bare", repeated("-", "{x:", "}")),
    Shape("ignore comments, one a line", repeated("// openclaw-config: ignore[x]\n", "{\n")),
    Shape("ignore comments in a block", repeated("/*openclaw-config:ignore[x]*/", "{")),
    Shape("ignore comments with findings", repeated("k%d:1,//openclaw-config:ignore[x]\n")),
    Shape("ignore names", repeated("rule-%d,", "{//openclaw-config: ignore[", "]\n}")),
    Shape("ignored hints", repeated("//openclaw-config: ignor[x]\n", "{\n")),
    Shape("hash comments", repeated("# a\n", "{\n"), (CHECK, FIX, UNSAFE)),
    Shape("hash comments apart", repeated("# a\nk%d:1,\n", "{\n"), (CHECK, FIX, UNSAFE)),
    Shape("unknown keys", repeated("k%d:1,"), (CHECK, FIX, UNSAFE, COMPILE)),
    Shape("misspelt keys", repeated('{id:"x%d",modle:1},', "{agents:{list:[", "]}}"),
          (CHECK, FIX, UNSAFE)),
    Shape("duplicate pairs", repeated("{a:1,a:1},", "{x:[", "]}"), (CHECK, FIX, UNSAFE)),
    Shape("mixed brackets", repeated("[}", "{x:"), (CHECK, FIX, UNSAFE)),
    Shape("missing commas", repeated("a:1 "), (CHECK, FIX, UNSAFE)),
    Shape("wrong types", repeated('{id:1,model:[]},', "{agents:{list:[", "]}}"),
          (CHECK, FIX, UNSAFE, COMPILE)),
    Shape("include list", repeated('"./a%d.json",', "{$include:[", "]}"), (CHECK, FIX, COMPILE)),
    Shape("open arrays", repeated("[", "{x:", ""), (CHECK, FIX, UNSAFE)),
    Shape("unclosed strings", repeated('a:"x\n', "{\n"), (CHECK, FIX, UNSAFE)),
    Shape("backslashes", repeated("\\", '{x:"', ""), (CHECK, FIX, UNSAFE)),
)  # fmt: skip


class Cost(NamedTuple):
    """Seconds and megabytes; no seconds where the command was given up."""

    seconds: float | None
    megabytes: float


def cost(command: tuple[str, ...], text: str) -> Cost:
    """What a command takes for a config, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "openclaw.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        started = time.perf_counter()
        try:
            done = subprocess.run(
                [sys.executable, "-c", START, *command, path],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=GIVE_UP,
                check=False,
                preexec_fn=_limit,
            )
        except subprocess.TimeoutExpired:
            return Cost(None, 0)
        seconds = time.perf_counter() - started
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr[-2000:].decode()}")
    return Cost(seconds, int(done.stderr.rpartition(b"peak ")[2]) / 1024)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def rows(names: list[str]) -> Iterator[str]:
    """A line for each shape and command."""
    for shape in SHAPES:
        if names and not any(name in shape.name for name in names):
            continue
        for command in shape.commands:
            costs: list[Cost] = []
            for size in SIZES:
                costs.append(cost(command, shape.text(size)))
                if costs[-1].seconds is None:
                    break
            yield f"{shape.name:32} {' '.join(command)[:34]:34} {_shown(costs)}"


def _shown(costs: list[Cost]) -> str:
    parts = []
    for seconds, megabytes in costs:
        missed = seconds is None or seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES
        time_ = f">{GIVE_UP}" if seconds is None else f"{seconds:.2f}"
        parts.append(f"{time_:>7} s {megabytes:4.0f} MB{'!' if missed else ' '}")
    return " ".join(parts)


def main() -> None:
    """Print the table."""
    sizes = " ".join(f"{size // 1000:>13} KB" for size in SIZES)
    print(f"{'':67} {sizes}")
    for row in rows(sys.argv[1:]):
        print(row, flush=True)


if __name__ == "__main__":
    main()
