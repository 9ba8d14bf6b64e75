"""``--format html``: a page that is whole in itself, harmless, and tells no secret."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from openclaw_config import page as pages
from openclaw_config.syntax.text import Source
from scripts.build_pictures import PICTURES, check_picture
from tests.cli.program import run
from tests.pages.cases import CONFIG, HOSTILE, NEWER, SECRET, data_of, page, parts_of


def test_it_is_whole_in_itself() -> None:
    made = page(CONFIG)
    for tag, given_ in parts_of(made).tags:
        assert "src" not in given_, tag
        assert (given_.get("href") or "#").startswith(("#", "data:,"))
    shell = made.replace(json.dumps(data_of(made)), "")
    assert "@import" not in shell and "url(" not in shell
    assert page(CONFIG) == made  # the same bytes every time


def test_nothing_runs_in_it_but_its_own() -> None:
    parts = parts_of(page(CONFIG))
    (policy,) = (
        given_["content"] or ""
        for tag, given_ in parts.tags
        if given_.get("http-equiv") == "Content-Security-Policy"
    )
    for tag, given_, text in parts.raw:
        if "type" not in given_:
            digest = b64encode(sha256(text.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_what_a_config_holds_is_no_markup() -> None:
    text = CONFIG.replace("openrouter/x/y", f"openrouter/{HOSTILE}")
    made = page(text)
    assert HOSTILE.split("/", 1)[1] not in made
    assert [tag for tag, _ in parts_of(made).tags].count("script") == 2
    data = data_of(made)
    assert data["sides"][0]["plans"][0]["image"]["candidates"][0]["model"] == HOSTILE
    assert any(HOSTILE in line for line in data["sides"][0]["sources"][0]["lines"])


@given(st.text(st.characters(codec="utf-16", exclude_categories=()), max_size=30))
def test_any_text_comes_through(text: str) -> None:
    data = data_of(page(json.dumps({"agents": {"defaults": {"model": f"a/b{text}c"}}})))
    assert data["sides"][0]["plans"][0]["chat"]["candidates"]


def test_it_tells_no_secret_and_shows_where_the_key_is() -> None:
    made = page(CONFIG)
    assert SECRET not in made and SECRET[9:20] not in made
    (source,) = data_of(made)["sides"][0]["sources"]
    assert source["lines"][2] == '  env: { OPENROUTER_API_KEY: "•••" },'
    assert ["3:30", 29, 34] in source["marks"]


def test_a_field_s_origin_is_marked_in_the_text() -> None:
    (side,) = data_of(page(CONFIG))["sides"]
    origin = side["plans"][0]["provenance"]["/image/candidates/0/steps/0/timeoutMs"]
    (source,) = side["sources"]
    (mark,) = (
        mark for mark in source["marks"] if mark[0] == f"{origin['line']}:{origin['column']}"
    )
    assert source["lines"][origin["line"] - 1][mark[1] : mark[2]] == "5000"


def test_a_mark_behind_a_secret_of_its_line_stands_where_it_is_shown() -> None:
    text = '{ env: { A_API_KEY: "0123456789" }, agents: { defaults: { model: "x/y" } } }'
    (source,) = data_of(page(text))["sides"][0]["sources"]
    shown = {source["lines"][0][start:end] for _, start, end in source["marks"]}
    assert '"x/y"' in shown


def test_findings_stand_beside_the_text() -> None:
    (side,) = data_of(page(CONFIG))["sides"]
    (finding,) = (one for one in side["findings"] if one["rule"] == "ineffective-timeout")
    assert finding["range"]["start"]["line"] == 8


def test_agents_and_includes_are_all_there(tmp_path: Path) -> None:
    main, other = tmp_path / "openclaw.json", tmp_path / "agents.json"
    main.write_text('{ $include: "./agents.json" }', encoding="utf-8")
    other.write_text('{ agents: { list: [{ id: "a", default: true }, { id: "b" }] } }', "utf-8")
    result = run("compile", str(main), "--all-agents", "--format", "html")
    (side,) = data_of(result.out)["sides"]
    assert [plan["agent"] for plan in side["plans"]] == ["a", "b"]
    assert [Path(one["name"]).name for one in side["sources"]] == ["openclaw.json", "agents.json"]


def test_what_changes_between_two(tmp_path: Path) -> None:
    for name, text in (("old.json", CONFIG), ("new.json", NEWER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    both = [str(tmp_path / name) for name in ("old.json", "new.json")]
    result = run("diff", *both, "--format", "html")
    assert result.code == 1
    data = data_of(result.out)
    assert [side["sources"][0]["changed"] for side in data["sides"]] == [[6, 7], [6, 7]]
    rows = json.loads(run("diff", *both, "--format", "json").out)["changes"]
    assert data["changes"] == rows and len(rows) == 3
    assert SECRET not in result.out
    assert run("diff", both[0], both[0], "--format", "html").code == 0


@given(st.text("ab\"' \t\r\n\\{}[]:,", max_size=40))
def test_every_mark_is_within_its_line(text: str) -> None:
    source = Source(text)
    places = sorted({source.position(at) for at in range(len(text))})
    shown = pages._source(source, places)
    for place, start, end in shown["marks"]:
        line = shown["lines"][int(place.split(":")[0]) - 1]
        assert 0 <= start <= len(line) + 2 and end <= len(line) + 2 and start <= end


def test_the_parts_have_no_holes() -> None:
    assert not re.search(r"\{\{[a-z-]+\}\}", page(CONFIG))


def test_the_readme_s_picture_of_the_terminal_is_true() -> None:
    """``python -m scripts.build_pictures`` makes it anew."""
    assert (PICTURES / "check.svg").read_text(encoding="utf-8") == check_picture()
