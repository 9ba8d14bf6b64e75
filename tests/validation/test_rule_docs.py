"""The pages of ``docs/rules`` are what the rules say."""

from __future__ import annotations

from openclaw_config.diagnostics.model import all_rules
from scripts import build_rule_docs


def test_the_pages_are_up_to_date() -> None:
    """Run ``python -m scripts.build_rule_docs`` when this fails."""
    made = build_rule_docs.pages()
    written = {
        path.name: path.read_text(encoding="utf-8") for path in build_rule_docs.FOLDER.glob("*.md")
    }
    assert written.keys() == made.keys()
    assert [name for name in made if made[name] != written[name]] == []


def test_every_rule_has_a_page_and_a_place_in_the_list() -> None:
    made = build_rule_docs.pages()
    for rule in all_rules().values():
        assert rule.why in made[f"{rule.name}.md"]
        assert f"[{rule.name}]({rule.name}.md)" in made[build_rule_docs.INDEX]


def test_a_page_shows_what_is_said_and_what_the_fix_makes() -> None:
    page = build_rule_docs.page(all_rules()["numeric-separator"])
    assert "error[numeric-separator]" in page
    assert "The fix is safe." in page
