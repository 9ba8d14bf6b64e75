"""The playground in Chromium, with the server stopped as soon as the page is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.build_playground import build
from tests.browser import Page, browser
from tests.playground.served import (
    AVAILABLE,
    click,
    opened,
    serving,
    settle,
    shown,
    text,
    view,
    wait,
    write,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not AVAILABLE, reason="needs Chromium and npm"),
]

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
BROKEN = (FIXTURES / "plans/image-numeric-separator-2026.9.6/openclaw.json").read_text()
OLD = (FIXTURES / "plans/everything/openclaw.json").read_text()
VIDEO = (FIXTURES / "plans/video-2026.9.6/openclaw.json").read_text()
VIEWS = ("findings", "fixed", "plan", "migration")


class Loaded(NamedTuple):
    """The page, and what it asked of the server while there was one."""

    page: Page
    asked: list[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("playground")
    build(folder)
    with browser() as page:
        with serving(folder) as (address, asked):
            opened(page, address)
        yield Loaded(page, asked)


@pytest.fixture
def page(loaded: Loaded) -> Iterator[Page]:
    """The page as it was loaded, at the findings; without a network, and without a complaint."""
    page = loaded.page
    view(page, "findings")
    yield page
    assert page.complaints == []


def test_it_loads_what_it_needs_from_its_own_folder(loaded: Loaded) -> None:
    assert loaded.page.complaints == []
    assert "/openclaw_config.zip" in loaded.asked
    assert "/pyodide/pyodide.asm.wasm" in loaded.asked
    assert len(loaded.asked) == len(set(loaded.asked))


def test_a_finding_is_shown_at_its_place_and_said(page: Page) -> None:
    write(page, BROKEN)
    assert "the digits of a number are not separated by underscores" in shown(page)
    assert page.run("document.querySelector('.ink mark').textContent") == "_000"
    assert page.run("document.querySelector('.gutter b.error').textContent") == "9"
    status = page.run("document.querySelector('[aria-live=polite]').textContent")
    assert status.startswith("1 error. OpenClaw refuses it. 1 can be fixed.")
    assert "as meta.lastTouchedVersion says" in status


def test_a_finding_says_why(page: Page) -> None:
    write(page, BROKEN)
    page.run("document.querySelector('.found summary').click()")
    assert wait(page, "document.querySelector('.found details pre')?.textContent")


def test_a_fix_is_made_by_its_button_and_can_be_undone(page: Page) -> None:
    write(page, BROKEN)
    click(page, "Fix: ")
    settle(page, BROKEN.replace("180_000", "180000"))
    assert "No problems found" in shown(page)
    page.run("document.execCommand('undo')")
    settle(page, BROKEN)


def test_a_fix_is_made_with_the_keyboard_alone(page: Page) -> None:
    write(page, BROKEN)
    page.send("Input.dispatchKeyEvent", type="rawKeyDown", key="F8", windowsVirtualKeyCode=119)
    wait(page, "document.querySelector('.found .current') !== null")
    page.send("Input.dispatchKeyEvent", type="rawKeyDown", key=".", modifiers=2)
    settle(page, BROKEN.replace("180_000", "180000"))


def test_what_is_typed_is_checked_for_the_chosen_release(page: Page) -> None:
    def choose(release: str) -> str:
        page.run("document.body.removeAttribute('data-ready')")
        at = "document.getElementById('target')"
        page.run(f"{at}.value = {release!r}; {at}.dispatchEvent(new Event('change'))")
        settle(page)
        return shown(page)

    write(page, "{ tts: { auto: 'always' } }")
    assert "unknown-key" in choose("2026.4.29")
    assert "No problems found" in choose("2026.9.6")
    choose("")


def test_all_fixes_are_shown_and_made_at_once(page: Page) -> None:
    broken = (FIXTURES / "fixes/several.json5").read_text()
    write(page, broken)
    view(page, "fixed")
    assert "+  // from the documentation's example" in shown(page)
    click(page, "Use the fixed text")
    settle(page, (FIXTURES / "fixes/several.fixed.json5").read_text())


def test_the_plan_is_a_page_to_look_at(page: Page) -> None:
    write(page, VIDEO)
    view(page, "plan")
    frame = "document.querySelector('#plan iframe').contentDocument.body"
    wait(page, f"{frame}?.innerText.includes('https://openrouter.ai/api/v1/videos')")


def as_text(page: Page) -> None:
    """Choose between the text of a plan and its page."""
    page.run("document.body.removeAttribute('data-ready')")
    page.run("document.querySelector('#plan input').click()")
    settle(page)


def test_the_plan_as_text_leads_back_to_the_config(page: Page) -> None:
    write(page, VIDEO)
    view(page, "plan")
    as_text(page)
    assert "submit    POST https://openrouter.ai/api/v1/videos" in shown(page)
    place = page.run("document.querySelector('#plan a.place').textContent")
    page.run("document.querySelector('#plan a.place').click()")
    assert page.run("document.activeElement.id") == "config"
    before = text(page)[: page.run("document.activeElement.selectionStart")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert place == f"openclaw.json:{line}:{column}"
    as_text(page)
    write(page, BROKEN)
    assert "no plan of a config that OpenClaw refuses" in shown(page)


def test_an_old_config_is_migrated(page: Page) -> None:
    write(page, OLD)
    view(page, "migration")
    found = shown(page)
    assert "The result loads in OpenClaw 2026.9.6, and the requests are the same." in found
    assert "messages.tts: moved to tts; refused since 2026.8.1" in found
    click(page, "Use the migrated text")
    wait(page, "document.getElementById('config').value.includes('mediaModels: {')")
    settle(page)
    view(page, "findings")
    assert text(page).startswith("// All four surfaces at once")


def test_what_a_person_must_decide_is_answered_by_a_button(page: Page) -> None:
    write(page, '{ bindings: [{ agentId: "ghost", match: { channel: "slack" } }] }')
    view(page, "migration")
    assert "To decide" in shown(page)
    click(page, "remove: it is removed")
    assert "To decide" not in shown(page)
    click(page, "Use the migrated text")
    wait(page, "!document.getElementById('config').value.includes('ghost')")


def test_no_view_shows_a_secret(page: Page) -> None:
    secret = "sk-or-v1-0123456789abcdef0123456789abcdef"
    keys = f'{{ env: {{ OPENROUTER_API_KEY: "{secret}" }}, gateway: {{ prt: "{secret}" }},'
    write(page, keys + ' agents: { defaults: { model: "openrouter/auto" } } }')
    for name in VIEWS:
        view(page, name)
        assert secret not in shown(page)


@pytest.mark.parametrize(
    "strange", ["", "{", "\u2028", "🦞" * 40, "{ a: '<img src=x>' }", "[" * 3000]
)
def test_any_text_has_an_answer(page: Page, strange: str) -> None:
    write(page, strange or " ")
    for name in VIEWS:
        view(page, name)
        assert "The playground has failed" not in shown(page)
        assert page.run("document.querySelector('[role=tabpanel] img')") is None


def test_every_control_has_a_name(page: Page) -> None:
    write(page, BROKEN)
    for name in VIEWS:
        view(page, name)
        nodes = page.send("Accessibility.getFullAXTree")["nodes"]
        roles = ("button", "link", "combobox", "textbox", "tab", "checkbox", "tabpanel")
        named = [
            (one["role"]["value"], one.get("name", {}).get("value", ""))
            for one in nodes
            if not one["ignored"] and one["role"]["value"] in roles
        ]
        assert {"textbox", "tab", "combobox"} <= {role for role, _ in named}
        assert [role for role, said in named if not said.strip()] == []


def test_the_tabs_are_walked_with_the_arrows(page: Page) -> None:
    page.run("document.getElementById('tab-findings').focus()")
    for name in (*VIEWS[1:], VIEWS[0]):
        page.press("ArrowRight", 39)
        assert page.run("document.activeElement.id") == f"tab-{name}"
        assert page.run(f"document.getElementById('{name}').hidden") is False


def test_the_browser_lets_nothing_out(loaded: Loaded, tmp_path: Path) -> None:
    page = loaded.page
    with serving(tmp_path) as (address, asked):
        send = f"fetch({json.dumps(address)}, {{ mode: 'no-cors' }})"
        worker = (
            f"new Promise((done) => {{ const script = {json.dumps(send)} +"
            " '.then(() => postMessage(1), () => postMessage(0))';"
            " const one = new Worker(URL.createObjectURL(new Blob([script])));"
            " one.onmessage = ({ data }) => done(data); })"
        )
        for script in (f"{send}.then(() => 1, () => 0)", worker):
            done = page.send(
                "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
            )
            assert done["result"]["value"] == 0
    assert asked == []
    page.complaints.clear()  # the console names what was refused
