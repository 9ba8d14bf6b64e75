"""What a hook pays: cold starts as ratios to an empty interpreter, and the warm pipeline.

    python benchmarks/startup.py [RUNS]

The runs are interleaved and the medians compared, so that a busy machine slows all alike. Aims:
``check`` at most 8 times ``python -c pass``, ``compile`` at most 12 times, and a warm
load-validate-compile of a 10 KB config in a tenth of the time of ``json5.loads`` of its text.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median

SMALL = """\
{
  env: { OPENROUTER_API_KEY: "${OPENROUTER_API_KEY}" },
  agents: {
    defaults: {
      model: { primary: "openrouter/auto" },
      videoGenerationModel: { primary: "openrouter/google/veo-3.1-fast" },
    },
  },
}
"""
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


def seconds(command: list[str], cache: str) -> float:
    """The time that one process takes, its modules compiled to ``cache`` as an install does."""
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    subprocess.run(command, stdout=quiet, stderr=quiet, check=True, env=environ)
    return time.perf_counter() - start


def cold(runs: int) -> None:
    """Print the cold starts."""
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "openclaw.json")
        with open(config, "w", encoding="utf-8") as file:
            file.write(SMALL)
        program = [sys.executable, "-c", START]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import click": [sys.executable, "-c", "import click"],
            "--version": [*program, "--version"],
            "check": [*program, "check", config],
            "compile": [*program, "compile", config],
        }
        for command in commands.values():
            seconds(command, folder)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command, folder))
    bare = median(times["python -c pass"])
    for name, taken in times.items():
        print(f"{name:<16} {median(taken) * 1000:7.1f} ms  {median(taken) / bare:5.1f} x")


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
