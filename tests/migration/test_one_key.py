"""Migrating one key, and nothing beside it."""

from __future__ import annotations

import pytest

from openclaw_config.migration import migrate

TEXT = """{
  messages: { tts: { openai: { voice: "alloy" } }, ackReaction: "x" }, // behind
  gateway: { prot: 1, bind: "0.0.0.0" },
  agents: { list: [{ id: "a" }], defaults: { memorySearch: { enabled: true } } },
}
"""


@pytest.mark.parametrize(
    "path, old, new",
    [
        (
            ("messages", "tts"),
            '  messages: { tts: { openai: { voice: "alloy" } }, ackReaction: "x" }, // behind\n',
            '  messages: { ackReaction: "x" }, // behind\n'
            '  tts: { providers: { openai: { speakerVoice: "alloy" } } },\n',
        ),
        (("gateway", "bind"), '"0.0.0.0"', '"lan"'),
        (
            ("agents", "defaults", "memorySearch"),
            "{ memorySearch: { enabled: true } } },\n",
            "{} },\n  memory: { search: { enabled: true } },\n",
        ),
        (("gateway", "prot"), "", ""),
        (("gateway", "prot", "deeper"), "", ""),
        (("nothing", "here"), "", ""),
    ],
)
def test_one_key(path: tuple[str, ...], old: str, new: str) -> None:
    assert migrate(text=TEXT, only=path).text == TEXT.replace(old, new)
