"""Writes the pictures of the playground in docs/pictures: ``python -m tests.playground.pictures``.

The folder of a playground that is built already may be given, which saves building it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from scripts.build_playground import build
from tests.browser import Page, browser
from tests.playground.served import opened, serving, view, wait, write

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
PLANNED = ROOT / "fixtures/plans/everything-2026.9.6/openclaw.json"
TEXT = """\
// Pictures and videos, with a few mistakes.
{
  meta: { lastTouchedVersion: "2026.9.6" },
  agents: {
    defaults: {
      mediaModels: {
        image: {
          primary: "openrouter/google/gemini-3.1-flash-image-preview",
          timeoutMs: "180000",
        },
        video: { primary: "openrouter/google/veo-3.1-fast" },
      },
    },
  },
  env: { vars: { OPENROUTER_API_KEY: "sk-or-..." } },
  gateway: { port: 18789, bind: "loopbak", prot: 1 },
}
"""


def draw(page: Page, address: str) -> None:
    """Both pictures: findings in a light page, a plan in a dark one."""
    opened(page, address)
    write(page, TEXT)
    page.send("Input.dispatchKeyEvent", type="rawKeyDown", key="F8", windowsVirtualKeyCode=119)
    taken(page, "playground")
    write(page, PLANNED.read_text(encoding="utf-8"))
    view(page, "plan")
    page.run("document.getElementById('config').scrollTo(0, 0)")
    frame = "document.querySelector('#plan iframe').contentDocument"
    wait(page, f"{frame}.querySelector('h2') !== null")
    taken(page, "playground-dark", "dark")


def taken(page: Page, name: str, scheme: str = "light") -> None:
    """Take a picture of the page in a colour scheme."""
    page.send(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
    )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(page.picture())


def main() -> None:
    """Build the playground unless it is given, and take the pictures."""
    with tempfile.TemporaryDirectory() as made, browser() as page:
        folder = Path(sys.argv[1]) if sys.argv[1:] else Path(made)
        if not sys.argv[1:]:
            build(folder)
        page.send(
            "Emulation.setDeviceMetricsOverride",
            width=1280, height=760, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        with serving(folder) as (address, _):
            draw(page, address)


if __name__ == "__main__":
    main()
