"""The page in a real browser: it opens quietly, and a field and its origin light each other up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import browser
from tests.cli.program import run
from tests.pages.cases import CONFIG, HOSTILE, NEWER, SECRET, page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.FOUND, reason="Chromium is not installed"),
]
PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
LIT = "Array.from(document.querySelectorAll('.lit'), (one) => one.textContent)"
KEY = "#p0-image-1 .chain .f"
LIMIT = "#p0-image-1 .times .f"


@pytest.fixture(scope="module")
def shown() -> Iterator[browser.Page]:
    with browser.browser() as found:
        yield found


def draw(shown: browser.Page, folder: Path, made: str, **options: bool) -> None:
    """Open a page; it has nothing to complain of."""
    file = folder / "page.html"
    file.write_text(made, encoding="utf-8")
    shown.complaints.clear()
    shown.open(file, **options)
    assert shown.run("document.querySelectorAll('.card').length") > 0
    assert shown.complaints == []


@pytest.mark.parametrize(
    "config", sorted(PLANS.glob("*/openclaw.json")), ids=lambda p: p.parent.name
)
def test_it_opens_quietly(shown: browser.Page, tmp_path: Path, config: Path) -> None:
    made = run("compile", str(config), "--all-agents", "--format", "html").out
    if made:  # two of them do not load
        draw(shown, tmp_path, made)
        for width in (1500, 420):
            shown.open(tmp_path / "page.html", width=width)
            wide = shown.run("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"it needs no scrolling to the side at {width}"


@pytest.mark.parametrize("dark", [False, True])
def test_hovering_lights_up_the_origin_and_back(
    shown: browser.Page, tmp_path: Path, dark: bool
) -> None:
    draw(shown, tmp_path, page(CONFIG), dark=dark)
    assert shown.run(LIT) == []
    shown.hover(LIMIT)
    assert shown.run(LIT)[0] == "5 s"
    assert "5000" in shown.run(LIT)
    assert any(text.startswith("6") and "imageGenerationModel" in text for text in shown.run(LIT))
    where = shown.run("document.getElementById('why').textContent")
    assert where == "from <stdin>:6:67 · agents.defaults.imageGenerationModel.timeoutMs"
    shown.hover("#s0-0-6 mark:last-of-type")
    assert "5 s" in shown.run(LIT) and "openrouter/x/y" not in shown.run(LIT)
    shown.hover("#s0-0-6 a")
    assert {"5 s", "openrouter/x/y"} <= set(shown.run(LIT))
    shown.hover("h1")
    assert shown.run(LIT) == []


def test_the_keyboard_does_the_same(shown: browser.Page, tmp_path: Path) -> None:
    draw(shown, tmp_path, page(CONFIG))
    shown.run(f"document.querySelector({LIMIT!r}).focus()")
    assert "5000" in shown.run(LIT)
    shown.run("document.querySelector('#s0-0-6 a').focus()")
    assert "openrouter/x/y" in shown.run(LIT)
    shown.run("document.activeElement.blur()")
    seen = set()
    for _ in range(12):
        shown.press("Tab", 9)
        seen.add(shown.run("document.activeElement.tagName"))
    assert {"A", "SUMMARY"} <= seen


def test_every_control_has_a_name(shown: browser.Page, tmp_path: Path) -> None:
    draw(shown, tmp_path, page(CONFIG))
    shown.send("Accessibility.enable")
    nodes = shown.send("Accessibility.getFullAXTree")["nodes"]
    controls = [
        node
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in ("link", "button", "region", "main", "navigation", "figure")
    ]
    assert len(controls) > 20
    assert [node for node in controls if not node.get("name", {}).get("value")] == []


def test_what_a_config_holds_does_nothing(shown: browser.Page, tmp_path: Path) -> None:
    text = CONFIG.replace("openrouter/x/y", f"openrouter/{HOSTILE}")
    draw(shown, tmp_path, page(text))
    assert shown.run("document.title") == "<stdin>"
    assert shown.run("document.querySelectorAll('img, main script').length") == 0
    assert HOSTILE in shown.run("document.querySelector('#p0-image-1 .ref').textContent")
    assert SECRET not in shown.run("document.documentElement.outerHTML")


def test_what_changes_is_marked(shown: browser.Page, tmp_path: Path) -> None:
    for name, text in (("old.json", CONFIG), ("new.json", NEWER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    both = [str(tmp_path / name) for name in ("old.json", "new.json")]
    draw(shown, tmp_path, run("diff", *both, "--format", "html").out)
    texts = "Array.from(document.querySelectorAll('{}'), (one) => one.textContent)"
    assert shown.run(texts.format("#p0-image-1 .times del")) == ["5 s"]
    assert shown.run(texts.format("#p0-image-1 .times ins")) == ["6 s"]
    assert shown.run(texts.format("#p0-video-1 summary ins")) == ["added"]
    assert shown.run(texts.format("#p0-video del")) == ["openrouter/a/b"]
    assert len(shown.run(texts.format(".changes li"))) == 3
    visible = texts.format(".text:not([hidden]) .row.changed")
    assert any("6000" in line for line in shown.run(visible))
    shown.run("document.querySelector('.sides button').click()")
    assert any("5000" in line for line in shown.run(visible))
