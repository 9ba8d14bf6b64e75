"""How fast a config is read: milliseconds, MB/s, and the ratio to ``json5.loads``.

    python -m benchmarks.syntax

The texts are made here, so that the figures can be compared between machines by their ratios.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from time import process_time

import json5

from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

SIZES = (1, 10, 100, 1_000, 10_000)  # KB
SECONDS = 0.5
"""How long each measurement may take; the best run counts."""

AGENT = """\
    // An agent that answers in the evening.
    {{
      id: "agent-{0}",
      default: false,
      model: {{
        primary: "openrouter/anthropic/claude-sonnet-4.5",
        fallbacks: ['openrouter/auto', "openrouter/moonshotai/kimi-k2.6"],
      }},
      "identity": {{ "name": "Lobster {0}", "emoji": "\\uD83E\\uDD9E", 'theme': 'it\\'s red' }},
      heartbeat: {{ every: "30m", activeHours: {{ start: "08:00", end: "22:00" }} }},
      params: {{ temperature: 0.7, maxTokens: 8192, topP: .95, seed: -1 }}, /* as tried */
    }},
"""


def config(size: int) -> str:
    """A config of about so many KB."""
    count = max(1, size * 1000 // len(AGENT.format(0)))
    agents = "".join(AGENT.format(number) for number in range(count))
    return f"{{\n  agents: {{\n  list: [\n{agents}  ],\n  }},\n}}\n"


def best(run: Callable[[], object]) -> float:
    """The shortest of as many runs as fit into the time, in seconds of the processor."""
    times: list[float] = []
    until = process_time() + SECONDS
    while not times or process_time() < until:
        start = process_time()
        run()
        times.append(process_time() - start)
    return min(times)


def main() -> None:
    """Print the figures."""
    print(f"{'size':>10} {'parse':>12} {'MB/s':>7} {'ns/byte':>8} {'to_value':>10} {'memory':>8}")
    for size in SIZES:
        text = config(size)
        source = Source(text)
        seconds = best(partial(parse, source))
        tree = parse(source)
        assert not tree.errors and tree.root is not None
        plain = best(partial(to_value, tree.root))
        memory = "" if size > 1000 else f"{memory_of(source) / len(text):.1f} x"
        rate = f"{len(text) / seconds / 1e6:>7.1f} {seconds / len(text) * 1e9:>8.0f}"
        print(
            f"{len(text) / 1000:>7,.0f} KB {seconds * 1000:>9.2f} ms {rate}"
            f" {plain * 1000:>7.2f} ms {memory:>8}"
        )
    text = config(10)
    ours = best(lambda: parse(Source(text)))
    theirs = best(lambda: json5.loads(text))
    print(f"json5.loads of 10 KB: {theirs * 1000:.1f} ms, {theirs / ours:.0f} times as long")
    broken = text.replace(",\n", "\n")
    print(f"10 KB with an error on every line: {best(lambda: parse(Source(broken))) * 1000:.2f} ms")


def memory_of(source: Source) -> int:
    """The most memory that reading takes, in bytes."""
    tracemalloc.start()
    tree = parse(source)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del tree
    return most


if __name__ == "__main__":
    main()
