"""What a migration costs.

    python -m benchmarks.migration

Prints the seconds of ``migrate --check`` for 1 and for 1,000 files of 5 KB in one call, of the
library for 250, 500 and 1,000 agents (aim: linear), and the ratios.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openclaw_config as oc
from benchmarks.lint import provider

FILES = 1000
PROGRAM = [sys.executable, "-m", "openclaw_config"]


def old_config(providers: int = 16) -> str:
    """A config of 2026.4.29 with comments, of about 5 KB."""
    blocks = "".join(map(provider, range(providers)))
    return f'{{\n  env: {{ A: "1" }},\n  models: {{ providers: {{{blocks}\n  }} }},\n}}\n'


def roster(agents: int) -> str:
    """A config of 2026.4.29 with many agents and bindings."""
    listed = [
        {"id": f"a{n}", "memorySearch": {"provider": "auto"}, "tools": {"exec": {"ask": "off"}}}
        for n in range(agents)
    ]
    bindings = [
        {"agentId": f"a{n}", "match": {"channel": "telegram", "accountId": str(n)}}
        for n in range(agents)
    ]
    return json.dumps({"agents": {"list": listed}, "bindings": bindings}, indent=2)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            place = Path(folder, f"{number:04}")
            place.mkdir()
            (place / "openclaw.json").write_text(old_config(), encoding="utf-8")
        times = []
        for what in (os.path.join(folder, "0000"), folder):
            start = time.perf_counter()
            command = [*PROGRAM, "migrate", "--check", what]
            subprocess.run(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            )
            times.append(time.perf_counter() - start)
    ratio = times[1] / times[0]
    print(f"1 file {times[0]:.2f} s, {FILES:,} files {times[1]:.1f} s, {ratio:.0f} times")
    for agents in (250, 500, 1000):
        text = roster(agents)
        start = time.perf_counter()
        assert oc.migrate(text=text).edits
        spent = time.perf_counter() - start
        print(f"{agents} agents {spent:.2f} s, {spent / agents * 1000:.2f} ms an agent")


if __name__ == "__main__":
    main()
