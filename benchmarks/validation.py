"""What reading and validating a config costs, by its size.

    python -m benchmarks.validation [KILOBYTES…]

Prints the processor time per kilobyte of loading and of validation, and how much memory a process
takes at its peak as a multiple of the file. Aims: the time per kilobyte from 10 KB on within 1.5
times of one another, and at most 15 times a valid file in memory. Each size is measured in
processes of its own: one for the times, where nothing else is kept, and one for the memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.validation.validate import validate

SIZES = (1, 10, 100, 1000, 10_000)
"""Kilobytes, of 1,000 bytes."""

KINDS = ("valid", "old", "faulty")
"""A config without findings, one of old keys that are rewritten, and one with errors all over."""


def config(kilobytes: int, kind: str) -> str:
    """A config of about this size: agents, providers, channel accounts and bindings in turn."""
    agents, providers, accounts, bindings = [], [], [], []
    size = 0
    number = 0
    while size < kilobytes * 1000 - 300:
        agent = f"""
      {{
        id: "agent-{number}", // team {number}
        model: {{ primary: "openrouter/auto", fallbacks: ["openrouter/moonshotai/kimi-k2.6"] }},
        workspace: "~/work/{number}",
        {_odd(kind, "sandbox: { perSession: true }", "sandbox: { scope: 5, mod: 1 }")}
        tools: {{ profile: "coding", deny: ["browser"] }},
        heartbeat: {{ every: "30m", target: "telegram" }},
      }},"""
        provider = f"""
      "team-{number}": {{
        baseUrl: "https://gateway-{number}.example.org/v1",
        apiKey: "${{TEAM_{number}_KEY}}",
        {_odd(kind, 'api: "openai"', 'timeoutSeconds: "60", header: {}')}
        models: [{{ id: "small", name: "Small", reasoning: false, input: ["text"] }}],
      }},"""
        account = f"""
        "bot-{number}": {{
          botToken: "${{BOT_{number}_TOKEN}}",
          dmPolicy: "allowlist",
          allowFrom: ["{number}"],
          {_odd(kind, 'streamMode: "block"', 'groups: { "*": { requireMentions: true } }')}
        }},"""
        binding = f"""
    {{ agentId: "agent-{number}", match: {{ channel: "telegram", accountId: "bot-{number}" }} }},"""
        agents.append(agent)
        providers.append(provider)
        accounts.append(account)
        bindings.append(binding)
        size += len(agent) + len(provider) + len(account) + len(binding)
        number += 1
    return (
        f"{{\n  agents: {{\n    list: [{''.join(agents)}\n    ],\n  }},"
        f"\n  models: {{\n    providers: {{{''.join(providers)}\n    }},\n  }},"
        f"\n  channels: {{\n    telegram: {{\n      accounts: {{{''.join(accounts)}\n      }},"
        f"\n    }},\n  }},\n  bindings: [{''.join(bindings)}\n  ],\n}}\n"
    )


def _odd(kind: str, old: str, faulty: str) -> str:
    return {"valid": "", "old": f"{old},", "faulty": f"{faulty},"}[kind]


def times(text: str) -> tuple[float, float, int]:
    """Processor seconds of loading and of validation, and the number of findings."""
    runs = max(3, min(50, 2_000_000 // len(text)))
    loading, validation, found = [], [], 0
    for _ in range(runs):
        start = time.process_time()
        document = load(text=text, environment=Environment.assumed())
        middle = time.process_time()
        found = len(validate(document).diagnostics)
        validation.append(time.process_time() - middle)
        loading.append(middle - start)
    # The best of several: what else the machine does only ever adds.
    return min(loading), min(validation), found


def memory(kilobytes: int, kind: str) -> float:
    """How much memory reading and validating adds at the peak, as a multiple of the file."""
    text = config(kilobytes, kind)
    validate(load(text=config(1, kind), environment=Environment.assumed()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    document = load(text=text, environment=Environment.assumed())
    findings = validate(document)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    del findings
    return (after - before) * 1024 / len(text)


def measure(kilobytes: int, kind: str) -> str:
    """One row of the table."""
    text = config(kilobytes, kind)
    validate(load(text=config(10, kind), environment=Environment.assumed()))
    loading, validation, found = times(text)
    size = len(text) / 1000
    row = f"{kind:<7} {size:9.1f} KB {loading / size * 1e6:8.0f} {validation / size * 1e6:8.0f}"
    return f"{row} {(loading + validation) / size * 1e6:8.0f} µs/KB {found:8} findings"


def _of_its_own(what: str, kilobytes: int, kind: str) -> str:
    command = [sys.executable, "-m", "benchmarks.validation", what, str(kilobytes), kind]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.rstrip()


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--times"]:
        print(measure(int(sys.argv[2]), sys.argv[3]))
        return
    if sys.argv[1:2] == ["--memory"]:
        print(f"{memory(int(sys.argv[2]), sys.argv[3]):.0f}")
        return
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    print(f"{'config':<7} {'size':>9}    {'load':>8} {'validate':>8} {'both':>8}")
    for kind in KINDS:
        for kilobytes in sizes:
            row = _of_its_own("--times", kilobytes, kind)
            memory_text = ""
            if kilobytes >= 1000:
                memory_text = f"{_of_its_own('--memory', kilobytes, kind):>5} x the file in memory"
            print(row, memory_text)


if __name__ == "__main__":
    main()
