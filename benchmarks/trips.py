"""How far a value travels: the files and functions of ours that three trips touch.

    python -m benchmarks.trips

Each trip runs in a process of its own, and ``sys.setprofile`` counts the functions that are
called and the files that they are in (modules and classes that are only defined do not count):

- check: the command line to one rendered diagnostic
- video: a config's text to a sent video request and its result, against a server on loopback
- fix: a finding to the file that ``check --fix`` has written

The aims are half of the files that the trips touched at commit c11544d.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import openclaw_config

ROOT = Path(openclaw_config.__file__).parent
BEFORE = {"check": (63, 350), "video": (91, 609), "fix": (78, 383)}
"""Files and functions at commit c11544d."""
IS_FUNCTION = 1
"""The flag of a code object (CO_OPTIMIZED) that bodies of modules and classes lack."""


def touched(trip: Callable[[], object]) -> set[CodeType]:
    """The functions of ours that a trip calls, in all threads."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        above, name = frame.f_back, frame.f_code.co_name
        if name.startswith("<") and above is not None and above.f_code.co_name == "<module>":
            return  # a comprehension that runs when its module is imported
        seen.add(frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        trip()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return {
        code
        for code in seen
        if code.co_flags & IS_FUNCTION and code.co_filename.startswith(f"{ROOT}/")
    }


def check(folder: Path) -> Callable[[], object]:
    """A misspelt key, to its finding as text."""
    from openclaw_config.cli.main import main

    file = folder / "openclaw.json"
    file.write_text('{ agents: { defaults: { modle: "openrouter/auto" } } }\n', encoding="utf-8")
    return lambda: main(["check", str(file)])


def fix(folder: Path) -> Callable[[], object]:
    """A misspelt key, to the file with its fix."""
    from openclaw_config.cli.main import main

    file = folder / "openclaw.json"
    file.write_text("{ gateway: { port: 18789, }, gatway: {}, \n", encoding="utf-8")
    return lambda: main(["check", "--fix", "--unsafe-fixes", str(file)])


CONFIG = """{
    agents: { defaults: {
        model: { primary: "openrouter/openai/gpt-4o-mini" },
        mediaModels: {
            video: { primary: "openrouter/google/veo-3.1-fast" },
            image: { primary: "openrouter/google/gemini-3-pro-image-preview" },
        },
    } },
    tts: { provider: "openrouter" },
}"""
"""A config of the newest release, so that it is checked once, as at c11544d, when there was one."""


def video(folder: Path) -> Callable[[], object]:
    """A config's text, to the video that a server on loopback answers with."""
    from openclaw_config import api
    from openclaw_config.runtime.execute import Executor
    from tests.server.plans import led_to, secrets
    from tests.server.provider import Provider

    async def run() -> None:
        config = api.load(text=CONFIG)
        plan = config.compile(surfaces=("video",))
        async with Provider().running() as provider:
            counting = sys.getprofile()
            sys.setprofile(None)
            plan = led_to(provider, plan)
            sys.setprofile(counting)
            assert plan.video is not None
            bound = plan.video.bind(prompt="a lobster surfing", durationSeconds=5)
            async with Executor(secrets()) as executor:
                await executor.run(bound, to=str(folder / "out.mp4"))

    return lambda: asyncio.run(run())


TRIPS = {"check": check, "video": video, "fix": fix}


def measure(name: str) -> None:
    """Print the files and functions of one trip."""
    with tempfile.TemporaryDirectory() as folder:
        trip = TRIPS[name](Path(folder))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            codes = touched(trip)
    files = sorted({str(Path(code.co_filename).relative_to(ROOT)) for code in codes})
    print(f"{len(files)} {len(codes)} {' '.join(files)}")


def main() -> None:
    """Print a line for each trip, and with ``-v`` its files."""
    for name, (files_before, functions_before) in BEFORE.items():
        command = [sys.executable, "-m", "benchmarks.trips", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        files, functions, *names = done.stdout.split()
        aim = files_before // 2
        print(
            f"{name:6} {files:>3} files (aim {aim}, were {files_before}),"
            f" {functions:>3} functions (were {functions_before})"
        )
        if "-v" in sys.argv:
            print("".join(f"         {one}\n" for one in names), end="")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in TRIPS:
        measure(sys.argv[1])
    else:
        main()
