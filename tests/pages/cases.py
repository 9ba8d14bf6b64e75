"""Configs to look at, and what is read back out of a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from tests.cli.program import run

SECRET = "sk-or-v1-0123456789abcdef0123456789"
CONFIG = f"""{{
  meta: {{ lastTouchedVersion: "2026.4.29" }},
  env: {{ OPENROUTER_API_KEY: "{SECRET}" }},
  agents: {{ defaults: {{
    mediaGenerationAutoProviderFallback: false,
    imageGenerationModel: {{ primary: "openrouter/x/y", timeoutMs: 5000 }},
    videoGenerationModel: {{ primary: "openrouter/a/b", fallbacks: ["openrouter/c/d"],
      timeoutMs: 1 }},
  }} }},
}}
"""
NEWER = CONFIG.replace("5000", "6000").replace('"openrouter/a/b"', '"openrouter/e/f"')
HOSTILE = "a/</script><script>document.title='pwned'</script><!--<img src=x onerror=alert(1)>"


class Parts(HTMLParser):
    """The scripts and styles of a page, with their attributes, and all of its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in {"script", "style"} and data.strip():
            self.raw.append((*self.tags[-1], data))


def page(text: str, *options: str) -> str:
    """What ``compile --format html`` writes of a config."""
    result = run("compile", "-", "--format", "html", *options, stdin=text.encode())
    assert result.code == 0, result.err
    return result.out


def parts_of(page: str) -> Parts:
    """A page, parsed."""
    parts = Parts()
    parts.feed(page)
    return parts


def data_of(page: str) -> Any:
    """The data that a page draws."""
    (found,) = (text for _, given, text in parts_of(page).raw if given.get("id") == "data")
    return json.loads(found)
