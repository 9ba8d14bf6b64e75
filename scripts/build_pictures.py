"""Make the pictures of the README: of the page, of what changes in it, and of the terminal.

    python -m scripts.build_pictures

Writes ``docs/pictures``. It needs Chromium.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from html import escape
from pathlib import Path

from tests import browser
from tests.cli.program import run

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
CONFIG = """\
{
  // A lobster that answers, draws and films.
  env: { vars: { OPENROUTER_API_KEY: "sk-or-v1-0123456789abcdef0123456789" } },
  agents: {
    defaults: {
      model: {
        primary: "openrouter/anthropic/claude-sonnet-4.6",
        fallbacks: ["openrouter/openai/gpt-5.2"],
      },
      mediaModels: {
        image: {
          primary: "openrouter/google/gemini-3.1-flash-image-preview",
          timeoutMs: 90000,
        },
        video: {
          primary: "openrouter/google/veo-3.1-fast",
          fallbacks: ["openrouter/x-ai/grok-imagine-video"],
        },
      },
    },
  },
  gateway: { port: 18789, bind: "lan" },
  meta: { lastTouchedVersion: "2026.9.6" },
}
"""
SHOWN = ("compile", "openclaw.json", "--surface", "image", "--surface", "video", "--format", "html")
COMPARED = ("diff", "before.json", "openclaw.json", "--format", "html")
COLOUR = {"FORCE_COLOR": "1", "NO_COLOR": ""}
CHANGED = CONFIG.replace("90000", "180000").replace("gpt-5.2", "gpt-5.5")
WRONG = CONFIG.replace("90000", "90_000").replace('"lan"', '"lann"')

COLOURS = {"31": "#ff8f86", "32": "#7bd69f", "33": "#f2c46d", "34": "#86abff", "36": "#7fd3e0"}
CELL, LINE, EDGE = 8.43, 20, 22
"""Pixels of a column and of a line, and around the text."""


def terminal(command: str, text: str) -> str:
    """What a terminal shows of a command, as SVG."""
    lines = [f"\x1b[32m$\x1b[0m {command}", *text.rstrip().splitlines()]
    plain = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    width = round(max(map(len, plain)) * CELL + 2 * EDGE)
    height = len(lines) * LINE + 2 * EDGE
    shown = []
    for number, line in enumerate(lines):
        spans, column, style = [], 0, ""
        for part in re.split(r"(\x1b\[[\d;]*m)", line):
            if part.startswith("\x1b"):
                codes = part[2:-1].split(";")
                colour = next((COLOURS[code] for code in codes if code in COLOURS), "")
                style = f' fill="{colour}"' * bool(colour) + ' font-weight="bold"' * ("1" in codes)
            elif part:
                at = round(EDGE + column * CELL, 2)
                spans.append(f'<tspan x="{at}"{style}>{escape(part)}</tspan>')
                column += len(part)
        y = EDGE + number * LINE + 14
        shown.append(f'<text y="{y}" xml:space="preserve">{"".join(spans)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" aria-label="{escape(command)}">\n'
        f'<rect width="{width}" height="{height}" rx="10" fill="#161b24"/>\n'
        '<g fill="#e4e9f1" font-size="14" font-family="ui-monospace, SFMono-Regular, Menlo,'
        ' Consolas, DejaVu Sans Mono, monospace">\n' + "\n".join(shown) + "\n</g>\n</svg>\n"
    )


def check_picture() -> str:
    """``check``, in colour."""
    found = run("check", "--stdin-filename", "openclaw.json", "-", stdin=WRONG.encode(), env=COLOUR)
    return terminal("openclaw-config check openclaw.json", found.out)


def main() -> int:
    """Make all pictures."""
    if not browser.FOUND:
        print("Chromium is not installed")
        return 1
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "check.svg").write_text(check_picture(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as name, browser.browser() as page:
        os.chdir(name)  # the files have short names
        drawn = Path("page.html")
        Path("openclaw.json").write_text(CHANGED, encoding="utf-8")
        Path("before.json").write_text(CONFIG, encoding="utf-8")
        for picture, command, dark, place in (
            ("plan.png", SHOWN, False, "#p0-image-1 .times a.f"),
            ("changes.png", COMPARED, True, "#s1-0-8 mark"),
        ):
            drawn.write_text(run(*command).out, encoding="utf-8")
            page.open(drawn, width=1500, height=1060, dark=dark)
            page.hover(place)
            (PICTURES / picture).write_bytes(page.picture())
        os.chdir(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
