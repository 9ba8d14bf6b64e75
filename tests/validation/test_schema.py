"""The published schema: valid, portable, and the same for Python and for JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openclaw_config.descriptions import schema_of
from openclaw_config.diagnostics.masking import is_secret_name
from openclaw_config.facts import read_json, read_text
from openclaw_config.targets import releases
from openclaw_config.validation.schema import Shape, openclaw_shape, shape_of, tags_of, walk
from scripts import prepare_schema
from scripts.prepare_schema import KEYWORDS
from tests.support import OLDEST

SCHEMA: dict[str, Any] = schema_of(OLDEST, described=False)


def parts(node: Any = SCHEMA) -> Iterator[dict[str, Any]]:
    """Every object of the schema file."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from parts(value)


@pytest.mark.slow
def test_it_is_valid_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def shapes_below(shape: Shape, seen: set[int]) -> Iterator[Shape]:
    if id(shape) not in seen:
        seen.add(id(shape))
        yield shape
        inner = (*map(shape.of_key, shape.keys), shape.additional, shape.items)
        for one in filter(None, (*inner, *shape.any_of, *shape.all_of)):
            yield from shapes_below(one, seen)


@pytest.mark.parametrize("release", releases())
def test_the_branches_of_oneof_exclude_one_another(release: str) -> None:
    """So that one that fits is enough: each has other values at a key that all require."""
    for shape in shapes_below(openclaw_shape(release), set()):
        if "oneOf" in shape.schema:
            tags = [tags_of(branch) for branch in shape.any_of]
            common = set.intersection(*(set(found) for found in tags))
            assert all(common <= set(branch.required) for branch in shape.any_of)
            assert any(len({found[key] for found in tags}) == len(tags) for key in common)


def test_every_reference_leads_somewhere_and_none_in_a_circle() -> None:
    """So that judging a value goes no deeper than the schema itself."""
    definitions = SCHEMA["$defs"]
    leads = {
        name: {
            part["$ref"].removeprefix("#/$defs/") for part in parts(definition) if "$ref" in part
        }
        for name, definition in definitions.items()
    }
    assert set().union(*leads.values()) <= leads.keys()
    while free := [name for name, others in leads.items() if not others]:
        for name in free:
            del leads[name]
        for others in leads.values():
            others.difference_update(free)
    assert leads == {}


def test_a_reference_stands_alone() -> None:
    """Editors of older drafts ignore what stands beside one, and so does ``Shape``."""
    assert all(part.keys() == {"$ref"} for part in parts() if "$ref" in part)


def test_every_secret_place_has_a_telling_name() -> None:
    """Masking in output goes by names, so that it needs no schema."""
    silent = [
        name
        for part in parts()
        for name, inner in part.get("properties", {}).items()
        if isinstance(inner, dict) and inner.get("x-secret") and not is_secret_name(name)
    ]
    assert silent == []


# --- patterns -----------------------------------------------------------------------------------

JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space in JavaScript (some of the range from U+2000 to U+200A)."""

ALPHABET = (
    "aAzZ019-_+.:/\\~#?@hHtTpPsSmMdDkKgGbBoOuUnNcCfFiIeEvVlL *&|'\"$" + JS_SPACE + "\x00\x85é"
)


@cache
def as_javascript(pattern: str) -> re.Pattern[str]:
    """A JavaScript pattern with its meaning there: ``\\s``, ``\\S``, ``.`` and ``$``."""
    spaces = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
    out, inside, at = "", False, 0
    while at < len(pattern):
        one, two = pattern[at], pattern[at : at + 2]
        if pattern.startswith("[\\s\\S]", at):
            out, at = out + "[\\s\\S]", at + 6
        elif two == "\\s":
            out, at = out + (spaces if inside else f"[{spaces}]"), at + 2
        elif two == "\\S":
            out, at = out + f"[^{spaces}]", at + 2
        elif one == "\\":
            out, at = out + two, at + 2
        else:
            if one in "[]":
                inside = one == "["
            out, at = (
                out
                + ({"$": r"\Z", ".": r"[^\n\r\u2028\u2029]"}.get(one, one) if not inside else one),
                at + 1,
            )
    return re.compile(out)


USUAL = (
    *("30m", "1h30m", " 5 ", "10mb", "/a", "value", "https://a", "a/../b", "HOST", "host "),
    *("+15551234567", "#aabbcc\n", "http://a@b", "..", "/~2", "./x;y", "C:\\a", "A_B"),
)


@cache
def portable(raw: str) -> str:
    linear, _ = prepare_schema.PATTERNS[raw]
    return prepare_schema.portable(raw) if linear is None else linear


@pytest.mark.parametrize("raw", prepare_schema.PATTERNS)
@given(text=st.text(ALPHABET, max_size=10) | st.sampled_from(USUAL))
@example(text="a\n")
@example(text="\u0085")
def test_a_portable_pattern_means_what_the_raw_one_does(raw: str, text: str) -> None:
    assert bool(re.search(portable(raw), text)) == bool(as_javascript(raw).search(text))


def test_patterns_need_no_python_and_no_javascript() -> None:
    """Nothing that the two read differently: ``$``, ``.``, classes by letter, flags, names."""
    for part in parts():
        pattern = part.get("pattern")
        if isinstance(pattern, str):
            bare = re.sub(r"\[[^\]]*\]|\\.", "", pattern.replace(prepare_schema.END, ""))
            assert not re.search(r"[$.]|\(\?[^:=!]", bare), pattern
            assert not re.search(r"\\[sSwWdDbBZA]", pattern.replace("[\\s\\S]", "")), pattern


def test_every_pattern_says_what_it_asks_for() -> None:
    assert all(part["x-expects"] for part in parts() if isinstance(part.get("pattern"), str))


def test_preparing_again_changes_nothing_else() -> None:
    raw = {
        "type": "object",
        "title": "Gone",
        "properties": {"a": {"type": "string", "pattern": "^[a-z0-9-]+$"}, "b": {"format": "uri"}},
    }
    assert prepare_schema.Expanded({}).of(raw) == {
        "type": "object",
        "properties": {
            "a": {
                "type": "string",
                "pattern": "^[a-z0-9-]+(?![\\s\\S])",
                "x-expects": "lower-case letters, digits and hyphens",
                "patternErrorMessage": "needs lower-case letters, digits and hyphens",
            },
            "b": {"format": "uri", "x-expects": "a URL, such as https://example.com"},
        },
    }


def test_an_unknown_pattern_stops_the_script() -> None:
    with pytest.raises(SystemExit, match="no words are known"):
        prepare_schema.Expanded({}).of({"pattern": "^(a+)+$"})


# --- releases -----------------------------------------------------------------------------------

RELEASES: list[str] = read_json("openclaw/index.json")["releases"]


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_every_release_has_a_whole_schema(release: str) -> None:
    schema = schema_of(release, described=False)
    Draft202012Validator.check_schema(schema)
    references = {part["$ref"] for part in parts(schema) if "$ref" in part}
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


@pytest.mark.parametrize("release", RELEASES)
def test_the_evaluator_knows_every_keyword_of_every_release(release: str) -> None:
    used = {
        keyword for schema in schemas_in(schema_of(release, described=False)) for keyword in schema
    }
    assert used - {"$schema", "$id"} <= KEYWORDS


def schemas_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and every schema in it."""
    yield schema
    for _, inner in prepare_schema._parts(schema):
        yield from schemas_in(inner)
    for inner in schema.get("$defs", {}).values():
        yield from schemas_in(inner)


def test_a_format_is_a_url_or_stands_beside_a_pattern() -> None:
    for release in RELEASES:
        for part in parts(schema_of(release, described=False)):
            if isinstance(part.get("format"), str):
                assert part["format"] == "uri" or isinstance(part.get("pattern"), str)


def test_an_unknown_keyword_stops_the_script() -> None:
    with pytest.raises(SystemExit, match="contains"):
        prepare_schema.Expanded({}).of({"type": "array", "contains": {"const": 1}})


def test_no_form_of_a_section_stands_there_twice() -> None:
    for name, forms in read_json("openclaw/index.json")["sections"].items():
        texts = [read_text(f"openclaw/{name}/{form}.json") for form in forms]
        assert all(one != after for one, after in pairwise(texts)), name


# --- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ("gateway", "auth", "token"),
        ("agents", "list", 0, "model", "primary"),
        ("models", "providers", "openrouter", "models", 3, "id"),
        ("channels", "telegram", "accounts", "main", "botToken"),
        ("messages", "tts", "providers", "openrouter", "apiKey"),
    ],
)
def test_walking_reaches_what_exists(path: tuple[str | int, ...]) -> None:
    assert walk(openclaw_shape(OLDEST), path) is not None


def test_walking_past_what_exists_gives_none() -> None:
    assert walk(openclaw_shape(OLDEST), ("gateway", "prot")) is None
    assert walk(openclaw_shape(OLDEST), ("gateway", 0)) is None


def test_shapes_are_made_once() -> None:
    shape = shape_of(
        {"properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}}, "$defs": {"x": {}}}
    )
    assert shape.of_key("a") is shape.of_key("b")


def test_an_unknown_version_has_no_shape() -> None:
    with pytest.raises(FileNotFoundError):
        openclaw_shape("1999.1.1")
