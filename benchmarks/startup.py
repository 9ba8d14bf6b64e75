"""What a hook pays: cold starts as ratios to an empty interpreter, and the warm pipeline.

    python benchmarks/startup.py [RUNS]

The runs are interleaved and the medians compared, so that a busy machine slows all alike; CPU time
stands beside the time that passed. Aims: ``check`` at most 5 times ``python -c pass``, ``compile``
at most 7 times, and a warm check of a 10 KB config in a 25th of the time of ``json5.loads``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median

SMALL = """\
{
  env: { vars: { OPENROUTER_API_KEY: "${OPENROUTER_API_KEY}" } },
  agents: {
    defaults: {
      model: { primary: "openrouter/auto" },
      mediaModels: { video: { primary: "openrouter/google/veo-3.1-fast" } },
    },
  },
}
"""
OLD = """\
{
  env: { OPENROUTER_API_KEY: "${OPENROUTER_API_KEY}" },
  agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } },
}
"""
"""One with a finding: it is read for two releases, and the warning is written."""
START = "from openclaw_config.cli.main import program; program()"


def large(size: int = 10_000) -> str:
    """A config of about ``size`` characters, with everything that the pipeline has to do."""
    entries: list[str] = []
    while sum(map(len, entries)) < size:
        entries.append(
            f"""
      "provider-{len(entries)}": {{
        // the gateway of team {len(entries)}
        baseUrl: "https://gateway-{len(entries)}.example.org/v1",
        apiKey: "${{TEAM_{len(entries)}_API_KEY}}",
        models: [
          {{ id: "small", name: "Small", reasoning: false, input: ["text"], maxTokens: 8192 }},
          {{ id: "large", name: "Large", reasoning: true, input: ["text", "image"] }},
        ],
      }},"""
        )
    providers = "".join(entries)
    return f"{SMALL[:-2]}  models: {{\n    providers: {{{providers}\n    }},\n  }},\n}}\n"


def seconds(command: list[str], cache: str) -> tuple[float, float]:
    """The time and the CPU time that a process takes, its modules compiled to ``cache``."""
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, environ, file_actions=quiet)
    _, status, used = os.wait4(process, 0)
    assert status == 0
    return time.perf_counter() - start, used.ru_utime + used.ru_stime


def cold(runs: int) -> None:
    """Print the cold starts."""
    with tempfile.TemporaryDirectory() as folder:
        configs = [os.path.join(folder, name, "openclaw.json") for name in ("new", "old")]
        for config, text in zip(configs, (SMALL, OLD), strict=True):
            os.mkdir(os.path.dirname(config))
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
        program = [sys.executable, "-c", START]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import click": [sys.executable, "-c", "import click"],
            "--version": [*program, "--version"],
            "check": [*program, "check", configs[0]],
            "compile": [*program, "compile", configs[0]],
            "check, old": [*program, "check", configs[1]],
            "compile, old": [*program, "compile", configs[1]],
        }
        for command in commands.values():
            seconds(command, folder)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command, folder))
    bare = [median(taken) for taken in zip(*times["python -c pass"], strict=True)]
    print(f"{'':<16} {'time':>10}           {'CPU':>10}")
    for name, both in times.items():
        middle = [median(taken) for taken in zip(*both, strict=True)]
        shown = (f"{a * 1000:7.1f} ms {a / b:5.1f} x" for a, b in zip(middle, bare, strict=True))
        print(f"{name:<16} {'  '.join(shown)}")


def best(function: Callable[[], object], runs: int) -> float:
    """The median time of a call, after a first one that fills the caches."""
    function()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return median(taken)


def warm(runs: int) -> None:
    """Print the warm pipeline against ``json5.loads``."""
    import json5

    from openclaw_config import api

    text = large()
    reference = best(lambda: json5.loads(text), max(runs // 3, 3))
    checked = best(lambda: api.check(text=text), runs)
    compiled = best(lambda: api.compile(text=text), runs)
    print(f"\n{len(text):,} characters, warm")
    print(f"json5.loads      {reference * 1000:7.1f} ms")
    print(f"check            {checked * 1000:7.1f} ms  {checked / reference:6.3f} of json5.loads")
    print(f"compile          {compiled * 1000:7.1f} ms  {compiled / reference:6.3f} of json5.loads")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    cold(count)
    warm(count)
