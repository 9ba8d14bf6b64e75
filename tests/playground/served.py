"""The playground, built and served on loopback, opened in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from tests import browser
from tests.browser import Page

AVAILABLE = bool(browser.FOUND and shutil.which("npm"))
PATIENCE = 120.0
"""Seconds after which what was waited for will not come any more."""


class _Handler(SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *given: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The address under which a folder is served, and the paths that are asked for."""
    asked: list[str] = []
    handler = partial(type("Handler", (_Handler,), {"asked": asked}), directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


def opened(page: Page, address: str) -> None:
    """Open the playground and wait for the findings of its first example."""
    page.send("Page.navigate", url=address)
    wait(page, "document.body?.dataset.ready === ''")


def wait(page: Page, script: str) -> Any:
    """The value of an expression in the page, as soon as it is true."""
    end = monotonic() + PATIENCE
    while not (value := page.run(script)):
        assert monotonic() < end, f"never: {script}; {page.complaints}; {shown(page)[:500]}"
        sleep(0.05)
    return value


def write(page: Page, text: str) -> None:
    """Type a config in place of what is there, and wait until it is checked."""
    page.run("document.getElementById('config').select()")
    page.run("document.body.removeAttribute('data-ready')")
    page.send("Input.insertText", text=text)
    settle(page, text)


def settle(page: Page, text: str = "") -> None:
    """Wait until the editor has a text, by default any other, and its check is shown."""
    if text:
        wait(page, f"document.getElementById('config').value === {json.dumps(text)}")
    wait(page, "'ready' in document.body.dataset")


def view(page: Page, name: str) -> None:
    """Choose a view, and wait until it is up to date."""
    page.run("document.body.removeAttribute('data-ready')")
    page.run(f"document.getElementById('tab-{name}').click()")
    settle(page)


def shown(page: Page) -> str:
    """What the chosen view and the status say, a page within it as it is written."""
    parts = "[...document.querySelectorAll('[role=tabpanel]:not([hidden]), #status, #here')]"
    whole = "one.textContent + (one.querySelector('iframe')?.srcdoc ?? '')"
    text: str = page.run(f"{parts}.map((one) => {whole}).join('\\n')")
    return text


def text(page: Page) -> str:
    """The text in the editor."""
    found: str = page.run("document.getElementById('config').value")
    return found


def click(page: Page, name: str) -> None:
    """Press the button in the view whose name begins so, and wait until all is shown."""
    page.run("document.body.removeAttribute('data-ready')")
    script = "[...document.querySelectorAll('[role=tabpanel]:not([hidden]) button')]"
    page.run(f"{script}.find((one) => one.textContent.startsWith({json.dumps(name)})).click()")
    settle(page)
