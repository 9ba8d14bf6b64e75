"""The text of a value, in the style of the file that it goes into."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from openclaw_config.syntax.nodes import ObjectNode
from openclaw_config.syntax.scanner import STRING
from openclaw_config.syntax.tree import Tree, containers, indentation, parts_of

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LONGEST_LINE = 80
"""Characters that an array of plain values may take, before it gets a line for each."""

_SHORT_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# What cannot be seen, turns the text around, ends a line in JavaScript, or is half a character.
_TO_ESCAPE = re.compile(
    r"[\\\x00-\x1f\x7f-\xa0\xad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


class Style(NamedTuple):
    """How a file writes JSON5. The default is plain JSON, two spaces a level."""

    indent: str = "  "
    quote: str = '"'
    bare_keys: bool = False
    trailing_commas: bool = False
    line_end: str = "\n"


PLAIN = Style()


def style_of(tree: Tree) -> Style:
    """The style that a file mostly keeps; where it shows none, the default's."""
    text = tree.source.text
    bare = quoted = single = double = with_comma = without_comma = 0
    for kind, start in zip(tree.tokens.kinds, tree.tokens.starts, strict=False):
        if kind == STRING:
            single += text[start] == "'"
            double += text[start] == '"'
    indents: list[str] = []
    for container in containers(tree.root):
        if isinstance(container, ObjectNode):
            count = sum(text[member.key_start] in "\"'" for member in container.members)
            quoted += count
            bare += len(container.members) - count
        parts = parts_of(container)
        if parts and "\n" in text[container.start : parts[0].start]:
            if tree.comma_after(parts[-1].end):
                with_comma += 1
            else:
                without_comma += 1
            outer = indentation(text, container.start)
            inner = indentation(text, parts[0].start)
            if inner.startswith(outer) and inner != outer:
                indents.append(inner[len(outer) :])
    return Style(
        indent=max(set(indents), key=indents.count) if indents else PLAIN.indent,
        quote="'" if single > double else '"',
        bare_keys=bare > quoted,
        trailing_commas=with_comma > without_comma,
        line_end="\r\n" if "\r\n" in text else "\n",
    )


def write(value: Any, style: Style = PLAIN, indent: str = "", one_line: bool = False) -> str:
    """The JSON5 text of a value made of dicts, lists, strings, numbers, booleans and None.

    ``indent`` is that of the line where the text begins, ``one_line`` keeps it on that line.
    Raises TypeError for a value that JSON5 cannot hold.
    """
    if isinstance(value, dict):
        texts = [
            f"{write_key(key, style)}: {write(value[key], style, indent + style.indent, one_line)}"
            for key in value
        ]
        return _enclose("{", texts, "}", style, indent, one_line)
    if isinstance(value, (list, tuple)):
        plain = not any(isinstance(item, (dict, list, tuple)) for item in value)
        texts = [write(item, style, indent + style.indent, one_line) for item in value]
        if plain and not one_line:
            line = "[" + ", ".join(texts) + "]"
            one_line = len(indent) + len(line) <= _LONGEST_LINE
        return _enclose("[", texts, "]", style, indent, one_line)
    if isinstance(value, str):
        return write_string(value, style.quote)
    return _write_scalar(value)


def _enclose(
    opener: str, texts: list[str], closer: str, style: Style, indent: str, one_line: bool
) -> str:
    if not texts:
        return opener + closer
    if one_line:
        space = " " if opener == "{" else ""
        return f"{opener}{space}{', '.join(texts)}{space}{closer}"
    inner = style.line_end + indent + style.indent
    end = "," if style.trailing_commas else ""
    return f"{opener}{inner}{f',{inner}'.join(texts)}{end}{style.line_end}{indent}{closer}"


def write_key(key: str, style: Style = PLAIN) -> str:
    """A key as the style writes it, in quotes where it needs them."""
    if style.bare_keys and _NAME.fullmatch(key):
        return key
    return write_string(key, style.quote)


def write_string(value: str, quote: str = '"') -> str:
    """A string in quotes, with nothing in it that one could not see."""
    escaped = _TO_ESCAPE.sub(_escape, value).replace(quote, "\\" + quote)
    return quote + escaped + quote


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"


def _write_scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        whole = value.is_integer() and abs(value) < 1e21
        return ("-0" if str(value) == "-0.0" else str(int(value))) if whole else repr(value)
    raise TypeError(f"JSON5 cannot hold a {type(value).__name__}")
