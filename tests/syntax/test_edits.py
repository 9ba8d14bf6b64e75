"""Edits of texts: what they change, and that they change nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Edit
from openclaw_config.syntax.edits import (
    append_item,
    apply,
    insert_member,
    remove_item,
    remove_member,
    rename_key,
    replace_value,
    safe_edits,
)
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.spans import Source, Span
from openclaw_config.syntax.tree import Tree, containers
from openclaw_config.syntax.values import to_value
from tests.syntax.json5_texts import Spelt, documents


def read(text: str) -> tuple[Tree, Any]:
    tree = parse(Source(text))
    assert [error for error in tree.errors if error.blocks] == []
    return tree, tree.root


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


class TestApply:
    def test_edits_are_made_in_the_text_s_order(self) -> None:
        assert apply("abcd", [edit(3, 4, "D"), edit(0, 1, "A"), edit(2, 2, "-")]) == "Ab-cD"

    def test_insertions_at_one_place_keep_their_order(self) -> None:
        assert apply("ab", [edit(1, 1, "x"), edit(1, 1, "y"), edit(1, 2, "B")]) == "axyB"

    @pytest.mark.parametrize(
        "edits",
        [
            [edit(0, 2, ""), edit(1, 3, "")],
            [edit(0, 3, ""), edit(1, 1, "x")],
            [edit(0, 1, ""), edit(0, 1, "")],
            [edit(3, 5, "")],
            [edit(2, 1, "")],
        ],
    )
    def test_edits_that_overlap_or_lie_outside_are_refused(self, edits: list[Edit]) -> None:
        with pytest.raises(ValueError, match="overlaps"):
            apply("abcd", edits)

    @given(st.text(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.text())))
    def test_what_no_edit_covers_stays(
        self, text: str, changes: list[tuple[int, int, str]]
    ) -> None:
        edits = [edit(min(a, b), max(a, b), new) for a, b, new in changes]
        try:
            after = apply(text, edits)
        except ValueError:
            return
        removed = sum(span.end - span.start for span, _ in edits)
        assert len(after) == len(text) - removed + sum(len(new) for _, new in edits)

    def test_a_closing_quote_comes_before_a_comma_at_the_same_place(self) -> None:
        text = "{ a: red\n b-c: blue }"
        after = apply(text, safe_edits(parse(Source(text)).errors))
        assert after == '{ a: "red",\n "b-c": "blue" }'


INSERTIONS = {
    "into nothing": ("{}", "{ k: 1 }"),
    "into blanks": ("{   }", "{ k: 1 }"),
    "on one line": ("{ a: 1 }", "{ a: 1, k: 1 }"),
    "on one line, with a last comma": ("{ a: 1, }", "{ a: 1, k: 1, }"),
    "on lines": ("{\n  a: 1\n}", "{\n  a: 1,\n  k: 1\n}"),
    "on lines, with a last comma": ("{\n  a: 1,\n}", "{\n  a: 1,\n  k: 1,\n}"),
    "behind a comment": ("{\n  a: 1 // b\n}", "{\n  a: 1, // b\n  k: 1\n}"),
    "behind a comma and a comment": (
        "{\n  a: 1, // b\n  // c\n}",
        "{\n  a: 1, // b\n  k: 1,\n  // c\n}",
    ),
    "before a comma on the next line": ("{\n  a: 1\n  ,\n}", "{\n  a: 1\n  ,\n  k: 1,\n}"),
    "behind comments only": ("{\n  // a\n}", "{\n  // a\n  k: 1\n}"),
    "behind a comment on the line": ("{ /* a */ }", "{ /* a */\n  k: 1\n}"),
    "behind an object": ("{\n\ta: {\n\t},\n}", "{\n\ta: {\n\t},\n\tk: 1,\n}"),
    "with the line ends of the file": ("{\r\n  a: 1\r\n}", "{\r\n  a: 1,\r\n  k: 1\r\n}"),
}


class TestInsertMember:
    @pytest.mark.parametrize(("text", "after"), INSERTIONS.values(), ids=INSERTIONS)
    def test_text(self, text: str, after: str) -> None:
        tree, root = read(text)
        bare = apply(text, insert_member(tree, root, "k", 1)).replace('"k"', "k")
        assert bare == after

    def test_keys_and_strings_are_quoted_as_in_the_file(self) -> None:
        for text, after in (
            ('{ "a": "b" }', '{ "a": "b", "k": "x" }'),
            ("{ a: 'b' }", "{ a: 'b', k: 'x' }"),
            ("{ a: 'b', c: 1 }", "{ a: 'b', c: 1, k: 'x' }"),
        ):
            tree, root = read(text)
            assert apply(text, insert_member(tree, root, "k", "x")) == after

    def test_a_container_is_written_in_the_layout_around_it(self) -> None:
        text = "{\n    a: 1,\n}\n"
        tree, root = read(text)
        after = apply(text, insert_member(tree, root, "k", {"x": [1], "y": {}}))
        assert after == "{\n    a: 1,\n    k: {\n        x: [1],\n        y: {},\n    },\n}\n"

    def test_into_an_empty_object_of_a_long_file(self) -> None:
        text = "{\n  a: {},\n}\n"
        tree, root = read(text)
        after = apply(text, insert_member(tree, root.get("a"), "k", 1))
        assert after == "{\n  a: {\n    k: 1,\n  },\n}\n"


REMOVALS = {
    "the only one": ("{ a: 1 }", 0, "{}"),
    "the only one on lines": ("{\n  a: 1,\n}", 0, "{}"),
    "the first on one line": ("{ a: 1, b: 2 }", 0, "{ b: 2 }"),
    "the last on one line": ("{ a: 1, b: 2 }", 1, "{ a: 1 }"),
    "the last with a comma": ("{ a: 1, b: 2, }", 1, "{ a: 1, }"),
    "one in the middle": ("{ a: 1, b: 2, c: 3 }", 1, "{ a: 1, c: 3 }"),
    "the first on lines": ("{\n  a: 1,\n  b: 2\n}", 0, "{\n  b: 2\n}"),
    "the last on lines": ("{\n  a: 1,\n  b: 2\n}", 1, "{\n  a: 1\n}"),
    "with its comment": ("{\n  a: 1,\n  b: 2, // two\n}", 1, "{\n  a: 1,\n}"),
    "not its neighbour's comment": (
        "{\n  // one\n  a: 1, // 1\n  // two\n  b: 2\n}",
        1,
        "{\n  // one\n  a: 1 // 1\n  // two\n}",
    ),
    "not the comments of the empty rest": ("{\n  // one\n  a: 1\n}", 0, "{\n  // one\n}"),
    "over several lines": ("{\n  a: {\n    x: 1,\n  },\n  b: 2,\n}", 0, "{\n  b: 2,\n}"),
    "the last of a shared line": ("{\n  a: 1, b: 2,\n}", 1, "{\n  a: 1,\n}"),
    "before a comment and its comma": ("{ a: 1 /* x */, b: 2 }", 0, "{  /* x */ b: 2 }"),
    "behind a comment and its comma": ("{ a: 1, /* x */ b: 2 }", 1, "{ a: 1 /* x */  }"),
    "one of two with the same key": ("{ a: 1, a: 2 }", 0, "{ a: 2 }"),
    "with line ends of two characters": ("{\r\n  a: 1,\r\n  b: 2,\r\n}", 0, "{\r\n  b: 2,\r\n}"),
}


class TestRemoveMember:
    @pytest.mark.parametrize(("text", "index", "after"), REMOVALS.values(), ids=REMOVALS)
    def test_text(self, text: str, index: int, after: str) -> None:
        tree, root = read(text)
        assert apply(text, remove_member(tree, root, root.members[index])) == after


class TestOthers:
    def test_a_value_is_replaced_in_place(self) -> None:
        text = "{\n  a: 1, // one\n  b: { c: 2 },\n}"
        tree, root = read(text)
        after = apply(text, replace_value(tree, root.get("a"), "x"))
        assert after == '{\n  a: "x", // one\n  b: { c: 2 },\n}'
        after = apply(text, replace_value(tree, root.get("b"), {"d": [3]}))
        assert after == "{\n  a: 1, // one\n  b: { d: [3] },\n}"
        after = apply(text, replace_value(tree, root.get("a"), {"d": 3}))
        assert after == "{\n  a: {\n    d: 3,\n  }, // one\n  b: { c: 2 },\n}"

    def test_a_key_is_renamed_with_its_own_quotes(self) -> None:
        text = "{ a: 1, 'b': 2, \"c\": 3, d: 4 }"
        tree, root = read(text)
        edits = [
            change
            for member, name in zip(root.members, ["x", "y", "it's", "a-b"], strict=True)
            for change in rename_key(tree, member, name)
        ]
        assert apply(text, edits) == '{ x: 1, \'y\': 2, "it\'s": 3, "a-b": 4 }'

    def test_items_come_and_go(self) -> None:
        text = '["a", "b"]'
        tree, root = read(text)
        assert apply(text, append_item(tree, root, {"c": 1})) == '["a", "b", { "c": 1 }]'
        assert apply(text, remove_item(tree, root, 0)) == '["b"]'
        assert apply(text, remove_item(tree, root, -1)) == '["a"]'
        with pytest.raises(IndexError):
            remove_item(tree, root, 2)


@st.composite
def texts_and_containers(draw: st.DrawFn) -> tuple[Tree, ObjectNode | ArrayNode]:
    spelt: Spelt = draw(documents)
    tree, root = read(spelt[0])
    found = list(containers(root))
    assume(found)
    return tree, draw(st.sampled_from(found))


def kept(tree: Tree, outside: Span) -> list[str]:
    """The texts of all comments but those in a span."""
    text = tree.source.text
    return [
        text[start:end] for start, end in tree.comments if not outside.start <= start < outside.end
    ]


@given(texts_and_containers(), st.sampled_from([1, "x", [1], {"y": None}]))
def test_inserting_adds_one_thing_and_keeps_the_rest(
    place: tuple[Tree, ObjectNode | ArrayNode], value: Any
) -> None:
    tree, container = place
    before = to_value(container)
    nodes = list(containers(tree.root))
    expected: Any
    if isinstance(container, ObjectNode):
        assume("new key" not in before)
        edits = insert_member(tree, container, "new key", value)
        expected = {**before, "new key": value}
    else:
        edits = append_item(tree, container, value)
        expected = [*before, value]
    after, root = read(apply(tree.source.text, edits))
    found = list(containers(root))[nodes.index(container)]
    assert repr(to_value(found)) == repr(expected)
    assert kept(after, Span(0, 0)) == kept(tree, Span(0, 0))


@given(texts_and_containers(), st.data())
def test_removing_takes_one_thing_and_keeps_the_rest(
    place: tuple[Tree, ObjectNode | ArrayNode], data: st.DataObject
) -> None:
    tree, container = place
    parts = container.members if isinstance(container, ObjectNode) else container.items
    assume(parts)
    index = data.draw(st.integers(0, len(parts) - 1))
    nodes = list(containers(tree.root))
    if isinstance(container, ObjectNode):
        member = container.members[index]
        gone = Span(member.key_start, member.value.end)
        edits = remove_member(tree, container, member)
        names = [other.key for other in container.members if other is not member]
    else:
        gone = container.items[index].span
        edits = remove_item(tree, container, index)
        names = []
    after, root = read(apply(tree.source.text, edits))
    found = list(containers(root))[nodes.index(container)]
    if isinstance(found, ObjectNode):
        assert [member.key for member in found.members] == names
    else:
        assert len(found.items) == len(parts) - 1
    before = kept(tree, gone)
    left = kept(after, Span(0, 0))
    # Only comments behind the part on its own line may go with it.
    assert [comment for comment in before if comment not in left] == [] or _own_line(tree, gone)


def _own_line(tree: Tree, part: Span) -> bool:
    text = tree.source.text
    start = max(text.rfind("\n", 0, part.start), text.rfind("\r", 0, part.start)) + 1
    return not text[start : part.start].strip()


@given(texts_and_containers(), st.sampled_from([0, "'\"", [], {"k": [1]}]))
def test_replacing_changes_one_value(
    place: tuple[Tree, ObjectNode | ArrayNode], value: Any
) -> None:
    tree, container = place
    after, root = read(apply(tree.source.text, replace_value(tree, container, value)))
    assert kept(after, Span(0, 0)) == kept(tree, container.span)
    if container is tree.root:
        assert to_value(root) == value
    else:
        assert _path_to(tree.root, container) is not None
        assert to_value(_follow(root, _path_to(tree.root, container) or [])) == value


def _path_to(node: Node | None, target: Node) -> list[int] | None:
    """The way down to a node, by places among members or items, repeated keys counted."""
    if node is target:
        return []
    for place, inner in enumerate(_inner(node)):
        path = _path_to(inner, target)
        if path is not None:
            return [place, *path]
    return None


def _follow(node: Node, path: list[int]) -> Node:
    for place in path:
        node = _inner(node)[place]
    return node


def _inner(node: Node | None) -> list[Node]:
    if isinstance(node, ObjectNode):
        return [member.value for member in node.members]
    return node.items if isinstance(node, ArrayNode) else []
