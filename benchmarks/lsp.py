"""What the language server costs, over a real stdio session.

    python -m benchmarks.lsp [EDITS]

Aims, for a config of 10 KB: the findings of an edit within 30 ms and a completion within 20 ms, at
the median; memory flat over 10,000 edits. Prints both times for a config that loads, one with
errors and one that is half typed, with the time of the processor beside them (a busy machine makes
the others longer), and the memory after a tenth of the edits and after all of them (1,000 when
EDITS is not given).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

COMMAND = [sys.executable, "-m", "openclaw_config", "lsp"]
RUNS = 100
PUBLISHED = "textDocument/publishDiagnostics"


def config() -> str:
    """A config of 10 KB that loads: agents with models and tools, and providers."""
    agents = "".join(
        f"""
      {{
        id: "agent-{number}",
        workspace: "~/work/{number}", // where it writes
        model: {{ primary: "openrouter/anthropic/claude-sonnet-4.5", fallbacks: ["any"] }},
        tools: {{ allow: ["read", "write", "web_search"], deny: ["exec"] }},
      }},"""
        for number in range(22)
    )
    providers = "".join(
        f"""
      "team-{number}": {{
        baseUrl: "https://gateway-{number}.example.org/v1",
        apiKey: "${{TEAM_{number}_API_KEY}}",
        models: [{{ id: "small", name: "Small", reasoning: false, maxTokens: 8192 }}],
      }},"""
        for number in range(22)
    )
    return f"""{{
  gateway: {{ port: 18789 }},
  agents: {{
    defaults: {{
      model: "openrouter/auto",
      models: {{ "openrouter/auto": {{ alias: "any" }} }},
      timeoutSeconds: 600,
    }},
    list: [{agents}
    ],
  }},
  models: {{ providers: {{{providers}
  }} }},
}}
"""


class Client:
    """An editor that says no more than it must."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.version = 0  # that of the findings published last
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.say("initialized", {})

    def say(self, method: str, params: Any, number: int | None = None) -> None:
        """Send a notification, or a request of this number."""
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def hear(self) -> Any:
        """The next message."""
        stream = self.process.stdout
        assert stream is not None
        size = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name == b"Content-Length" else size
        message = json.loads(stream.read(size))
        if message.get("method") == PUBLISHED:
            self.version = message["params"].get("version", 0)
        return message

    def ask(self, method: str, params: Any) -> Any:
        """The answer to a request."""
        self.number += 1
        self.say(method, params, self.number)
        while (found := self.hear()).get("id") != self.number:
            pass
        assert "error" not in found, found["error"]
        return found["result"]

    def published(self, version: int) -> None:
        """Wait for the findings of a version."""
        while self.version != version:
            self.hear()

    def memory(self) -> float:
        """The server's resident memory in MiB."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def processor(self) -> float:
        """The processor's time that the server has taken, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the session."""
        self.ask("shutdown", None)
        self.say("exit", None)
        self.process.wait()


GATEWAY = {
    "loads": "port: 18789",
    "has errors": 'prot: 1, bind: "x"',
    "half typed": "port: ",
}
"""What its second line holds in each state of the config."""


class File:
    """An open file whose second line is edited."""

    def __init__(self, client: Client, path: str, text: str) -> None:
        self.client = client
        self.document = {"uri": f"file://{path}"}
        self.version = 1
        self.lines = text.splitlines(keepends=True)
        self.state = "loads"
        client.say(
            "textDocument/didOpen",
            {"textDocument": {**self.document, "languageId": "json5", "version": 1, "text": text}},
        )
        client.published(1)

    def edit(self) -> None:
        """Write the line anew, with another comment behind it."""
        self.version += 1
        self.lines[1] = f"  gateway: {{ {GATEWAY[self.state]} }}, // {self.version}\n"
        document = {**self.document, "version": self.version}
        changes = [{"text": "".join(self.lines)}]  # The server asks for whole texts.
        self.client.say(
            "textDocument/didChange", {"textDocument": document, "contentChanges": changes}
        )

    def answered(self) -> None:
        """Edit, and wait for the findings."""
        self.edit()
        self.client.published(self.version)

    def rest(self) -> None:
        """Wait for the findings, as somebody who types does without knowing."""
        self.client.published(self.version)

    def completed(self) -> None:
        """Edit, and complete a key at once."""
        self.edit()
        asked = {"textDocument": self.document, "position": {"line": 2, "character": 2}}
        assert self.client.ask("textDocument/completion", asked)["items"]


def measured(client: Client, file: File, run: Any) -> str:
    """The median time of a run and the processor's mean time, in ms, its findings included."""
    times = []
    before = client.processor()
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
        file.rest()
    processor = (client.processor() - before) / RUNS
    return f"median {median(times) * 1e3:5.1f} ms, of the processor {processor * 1e3:5.1f} ms"


def main() -> None:
    """Print the table."""
    edits = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    text = config()
    print(f"a config of {len(text):,} characters")
    client = Client()
    with tempfile.TemporaryDirectory() as folder:
        file = File(client, f"{folder}/openclaw.json", text)
        for file.state in GATEWAY:
            print(f"{file.state:<12} findings   {measured(client, file, file.answered)}")
            print(f"{file.state:<12} completion {measured(client, file, file.completed)}")
        memory = 0.0
        for number in range(edits):
            file.state = [*GATEWAY][number % len(GATEWAY)]
            file.answered()
            if number == edits // 10:
                memory = client.memory()
    print(f"memory       {memory:.1f} MiB after {edits // 10:,} edits", end=", ")
    print(f"{client.memory():.1f} MiB after {edits:,}")
    client.close()


if __name__ == "__main__":
    main()
