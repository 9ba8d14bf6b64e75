"""What the linter costs: ratios to things that everybody knows, all in one run.

    python -m benchmarks.lint [RUNS]

Aims, on two cores: a cold ``check`` of a small file in at most 5 times ``python -c pass``, and at
most a third of ``check-jsonschema`` with our published schema on the same file (installed for the
occasion into an environment of its own; passed over where that cannot be done); 1,000 files of
5 KB in one call in at most 12 times the time of one. Prints what fixing 1,000 files takes, too.
The runs are interleaved and the medians compared, so that a busy machine slows all alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from statistics import median

START = "from openclaw_config.cli.main import program; program()"
PROGRAM = [sys.executable, "-c", START]
FILES = 1000
SMALL = json.dumps(
    {
        "env": {"vars": {"OPENROUTER_API_KEY": "${OPENROUTER_API_KEY}"}},
        "agents": {
            "defaults": {
                "model": {"primary": "openrouter/auto"},
                "mediaModels": {"video": {"primary": "openrouter/google/veo-3.1-fast"}},
            }
        },
    },
    indent=2,
)


def provider(number: int) -> str:
    """The member of ``models.providers`` that is one team's gateway, of some 260 characters."""
    return f"""
      "team-{number}": {{
        // the gateway of team {number}
        baseUrl: "https://gateway-{number}.example.org/v1",
        apiKey: "${{TEAM_{number}_API_KEY}}",
        models: [
          {{ id: "small", name: "Small", reasoning: false, input: ["text"], maxTokens: 8192 }},
        ],
      }},"""


def config(size: int = 5000, port: str = "18789") -> str:
    """A config of about ``size`` characters that loads, when its ``port`` is a number."""
    providers: list[str] = []
    while sum(map(len, providers)) < size - 200:
        providers.append(provider(len(providers)))
    inner = "".join(providers)
    return f"{{\n  gateway: {{ port: {port} }},\n  models: {{ providers: {{{inner}\n  }} }},\n}}\n"


def seconds(command: list[str], environ: dict[str, str], code: int = 0) -> float:
    """The time that one process takes."""
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    done = subprocess.run(command, stdout=quiet, stderr=quiet, check=False, env=environ)
    taken = time.perf_counter() - start
    if done.returncode != code:
        raise RuntimeError(f"{command} ended with exit code {done.returncode}")
    return taken


def compiled(folder: str) -> dict[str, str]:
    """An environment in which modules are compiled once, as an install does."""
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": os.path.join(folder, "cache")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ


def check_jsonschema(folder: str) -> list[str]:
    """The command of a fresh check-jsonschema, or [] where it cannot be installed."""
    home = os.path.join(folder, "venv")
    venv.create(home, with_pip=True)
    python = os.path.join(home, "Scripts" if os.name == "nt" else "bin", "python")
    quiet = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*quiet, "check-jsonschema"], check=False, capture_output=True)
    return (
        [os.path.join(os.path.dirname(python), "check-jsonschema")] if not done.returncode else []
    )


def cold(folder: str, runs: int) -> None:
    """Print what a small file costs."""
    environ = compiled(folder)
    path = os.path.join(folder, "openclaw.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(SMALL)
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "check": [*PROGRAM, "check", path],
    }
    other = check_jsonschema(folder)
    if other:
        schema = os.path.join(folder, "schema.json")
        with open(schema, "wb") as out:
            subprocess.run([*PROGRAM, "schema", "openclaw"], stdout=out, check=True)
        commands["check-jsonschema"] = [*other, "--schemafile", schema, path]
    else:
        print("check-jsonschema cannot be installed here, and is passed over")
    for command in commands.values():
        seconds(command, environ)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command, environ))
    bare, check = median(times["python -c pass"]), median(times["check"])
    for name, taken in times.items():
        spent = median(taken)
        print(
            f"{name:<18}{spent * 1000:8.1f} ms {spent / bare:7.1f} x python -c pass"
            f" {check / spent:7.2f} of it is our check"
        )


def many(folder: str, runs: int) -> None:
    """Print what a thousand files cost, to check and to fix."""
    environ = compiled(folder)
    place = os.path.join(folder, "many")
    os.mkdir(place)
    paths = [os.path.join(place, f"{number}.openclaw.json5") for number in range(FILES)]

    def write(port: str) -> None:
        for path in paths:
            with open(path, "w", encoding="utf-8") as file:
                file.write(config(port=port))

    write("18789")
    one, all_of_them, fixing = [], [], []
    for _ in range(runs):
        one.append(seconds([*PROGRAM, "check", paths[0]], environ))
        all_of_them.append(seconds([*PROGRAM, "check", place], environ))
    for _ in range(max(runs // 3, 1)):
        write("18_789")
        fixing.append(seconds([*PROGRAM, "check", "--fix", place], environ))
    base = median(one)
    print(f"\n{len(config()):,} characters a file, {os.cpu_count()} cores")
    rows = {"1 file": base, f"{FILES:,} files": median(all_of_them), "--fix": median(fixing)}
    for name, spent in rows.items():
        print(f"{name:<18}{spent * 1000:8.1f} ms {spent / base:7.1f} x one file")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as temporary:
        cold(temporary, count)
        many(temporary, max(count // 3, 1))
